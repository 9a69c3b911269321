//! Queue table: one row per consumed queue entry, in queue order, then one per account opened,
//! ids ascending.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | credited, too rich, too large | a deposit and its outcome | boolean, at most one of six |
//! | exits, denied | a forced exit and its outcome | |
//! | opened | the row is an opened account | |
//! | sweeps | the first of the effective exits of its account | boolean; withdrawals: exactly one |
//! | number | of the entry in the L1 queue | counts from the statement's first to its last |
//! | account | credited, asked to exit, opened; 0 if too large | link bus; the contract for an exit |
//! | owner (3) | of the deposit, the requester, of the opened account | first < 2⁴⁸ by range; link bus |
//! | high (5) | top bytes of the key's words | range |
//! | middle, low (5 each) | bits 32–55 and 0–31 of the key's words | range |
//! | word inverses (5) | show that an opened account's words are canonical | witness |
//! | amount | of a deposit, < 2⁵⁶, cut at bit 46 | range |
//! | old balance | of the account credited or too rich | link bus |
//! | slack | what proves the outcome of a deposit, or that opened ids ascend; < 2⁶¹ | range |
//! | true owner (3), absent, exiting | of the account asked to exit | link bus |
//! | inverses (3) | show that requester and owner differ, or that an amount has upper bits | witness |
//! | head | first limb of the record | constraint |
//! | position | of the record in public data | counts up from 0 |
//!
//! Words of a deposit's key are as L1 has them and need not be canonical; they are an identity
//! modulo p. The contract compares the records of entries with its queue, field by field.

mod air;
mod columns;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use columns::QueueColumns;
pub(crate) use trace::{QueueRow, trace};

/// Bits of a deposit's amount.
pub(crate) const DEPOSIT_BITS: usize = 56;
/// Bits of the slack.
pub(crate) const SLACK_BITS: usize = 61;
/// Bits of an address's first limb.
pub(crate) const OWNER_HIGH_BITS: usize = 48;
/// Bits of a key word's lower half, where its upper half starts.
pub(crate) const HALF_BITS: usize = 32;
/// Bits of a key word without its top byte.
pub(crate) const WORD_LOW_BITS: usize = 56;
/// Limbs of a deposit's record.
pub(crate) const DEPOSIT_LIMBS: u64 = farthing_protocol::layout::deposit::LAYOUT.limbs as u64;
/// Limbs of a forced exit's record.
pub(crate) const EXIT_LIMBS: u64 = farthing_protocol::layout::forced_exit::LAYOUT.limbs as u64;
/// Limbs of an opened account's record.
pub(crate) const OPENED_LIMBS: u64 = farthing_protocol::layout::opened_account::LAYOUT.limbs as u64;

const _: () = assert!(farthing_protocol::DEPOSIT_BALANCE_LIMIT == 1 << SLACK_BITS);

/// Queue entries and opened accounts.
#[derive(Clone, Debug)]
pub(crate) struct QueueTable(QueueColumns);

impl LeafTable for QueueTable {
    const NAME: &'static str = "queue";
    const PART: Part = Part::State;
    const READS_STATEMENT: bool = true;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(QueueColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_queue]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn numbers(&self) -> Vec<&Decomposition> {
        self.0.lookups()
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
