//! Licenses table: one row per touched license, ids strictly ascending. Each is distributed.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | existed, new | registered before the batch or in it, neither for padding | boolean, at most one |
//! | id | its number | merkle table: < 2³² |
//! | gap | id − the one above − 1 < 2³² | range |
//! | updated | its licensor sets another version in the batch | boolean; existed; link bus |
//! | terms, share table (4 each) | terms = hash(share table, recipient, licensor + lineage·2³²) | hash bus, leaf |
//! | recipient (3), licensor, lineage | of its origin; who registered it; < 2⁷ | terms; range |
//! | price | nano per use, < 2⁴⁰, in this batch | leaf; registrations |
//! | standing | status, licensee and derivative shares in this batch | leaf; registrations |
//! | new price, new standing | from the next batch on | link bus, leaf; the same if not updated |
//! | not retired | the inverse of standing − 3 if updated | itself |
//! | licensee, shares | of the standing if paid; shares < 2²⁰ | flow bus; range |
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
//! **A standing has one reading** where it is read. Every standing was written by a registration, as active
//! with less than 2²⁰ shares, or by an update, whose row bounds the licensee by 2³¹, the shares by 2²⁰ and
//! the status by 3. Of a paid license this row splits it again: the shares are in range, and the licensee
//! is 0 or the account of an intent that the flow bus brings, which is below 2³² by the tree. A licensor
//! that updates is an account, too, so that the lineage beside it is what the terms say.

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
/// Bits of a lineage, which is at most 64.
pub(crate) const LINEAGE_BITS: usize = 7;
/// Limbs of a record.
pub(crate) const RECORD_LIMBS: u64 = farthing_protocol::layout::license::LAYOUT.limbs as u64;

const _: () = assert!(2 * HALF_BITS == farthing_protocol::BALANCE_BITS as usize);
const _: () = assert!(1 << KEPT_BITS == farthing_protocol::HOLDERS_MAX);
const _: () = assert!(1 << LINEAGE_BITS > farthing_protocol::LINEAGE_MAX);

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
