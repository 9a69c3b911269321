//! Licenses table: one row per touched license, ids strictly ascending. Each is distributed.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | existed, new | registered before the batch or in it, neither for padding | boolean, at most one |
//! | id | its number | merkle table: < 2³² |
//! | gap | id − the one above − 1 < 2³² | range |
//! | terms, share table, origin (4 each) | terms = hash(share table, origin) | hash bus, leaf |
//! | price | nano per use, < 2⁴⁰ | leaf; registrations |
//! | standing | status, derivative shares and lineage | leaf; registrations |
//! | vault, old received | before; zero if new | leaf |
//! | uses | paid for in the batch | flow bus |
//! | derived | nano from derivatives | flow bus |
//! | low, high | halves of V = vault + price·uses + derived, 31 bits each | range |
//! | kept | what the split leaves: < 16 | range, link bus |
//! | received | all ever received, mod 2⁶², cut at bit 54 | range |
//! | wraps | the sum passed 2⁶² | boolean |
//! | old leaf, new leaf (4 each) | zero before if new | hash bus, node bus |
//! | position | of its record in public data | counts up from where the section starts |
//! | standing lookups, holder lookups | how often others look it up | link bus |
//!
//! **Nothing wraps.** price·uses = Σ amounts of its payments < 2⁶². Parents have smaller ids, so by
//! descending ids: the money that the batch's payments and the vaults of touched licenses bring in,
//! less than 2⁶² + 2¹⁸ in all (2¹⁴ licenses with less than 16 each), is at every time with licenses not yet split, accounts and
//! remainders; no sum of it comes near the modulus, and V < 2⁶² is the integer.
//!
//! The status in a standing is 1, the only one there is.

mod air;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::LicenseColumns;
pub(crate) use trace::{LicenseRow, trace};

/// Bits of each half of V.
pub(crate) const HALF_BITS: usize = 31;
/// Bits of what a split leaves: less than the number of holders.
pub(crate) const KEPT_BITS: usize = 4;
/// Limbs of a record.
pub(crate) const RECORD_LIMBS: u64 = farthing_protocol::layout::license::LAYOUT.limbs as u64;

const _: () = assert!(2 * HALF_BITS == farthing_protocol::BALANCE_BITS as usize);
const _: () = assert!(1 << KEPT_BITS == farthing_protocol::HOLDERS_MAX);

/// Touched licenses.
#[derive(Clone, Debug)]
pub(crate) struct LicenseTable(LicenseColumns);

impl LeafTable for LicenseTable {
    const NAME: &'static str = "licenses";
    const PART: Part = Part::State;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(LicenseColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_licenses]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
