//! Withdrawals table: one row per `Withdraw` and per account that a forced exit empties.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | intent, exit | what the row is, neither for padding | boolean, at most one |
//! | account, nonce | of the intent, the nonce free for an exit | withdrawal bus; link bus |
//! | amount | nano withdrawn | withdrawal bus; sweep and units |
//! | exiting | whether the account exits in this batch | link bus |
//! | owner (3) | who may claim it | link bus |
//! | kept | what an exit leaves, < 2¹⁰, and 999 − kept < 2¹⁰ | range |
//! | units | amount / 1000 of an exit, < 2⁵³ | range |
//! | held | amount + kept of an exit, < 2⁶² | range |
//! | position | of its record in public data | counts up from where the section starts |
//!
//! The base units of a record are amount · 1000⁻¹ in the field: an intent's amount is
//! 1000 · (multiplier + 1) with a multiplier below 2³⁷, an exit's 1000 · units. Withdrawals may
//! stand in any order; each is received once.

mod air;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::WithdrawalColumns;
pub(crate) use trace::{WithdrawalRow, trace};

/// Bits of what an exit keeps: less than one base unit.
pub(crate) const KEPT_BITS: usize = 10;
/// Bits of an exit's base units.
pub(crate) const UNITS_BITS: usize = 53;
/// Limbs of a record.
pub(crate) const RECORD_LIMBS: u64 = farthing_protocol::layout::withdrawal::LAYOUT.limbs as u64;
/// Kind of the record.
pub(crate) const RECORD: u64 = farthing_protocol::layout::withdrawal::KIND as u64;

/// Withdrawals by intents and by forced exits.
#[derive(Clone, Debug)]
pub(crate) struct WithdrawalTable(WithdrawalColumns);

impl LeafTable for WithdrawalTable {
    const NAME: &'static str = "withdrawals";
    const PART: Part = Part::State;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(WithdrawalColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_withdrawals]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
