//! Registrations table: one row per license registered, ids ascending, and behind it one per parent.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | own, parent | what the row is, neither for padding | boolean, at most one |
//! | license | the id of the license registered, the same for its parents | link bus |
//! | other | the parent's id | link bus |
//! | gap | license − other − 1 of a parent; license − the one above − 1; < 2³² | range |
//! | derivative shares, lineage | of the license or the parent: of its standing | link bus; lineage by what is left |
//! | licensor, nonce, price, provenance (5) | of the intent | registration bus, link bus; free for a parent |
//! | identity (3) | the licensor's | link bus; free for a parent |
//! | chain (4) | of the holders | link bus, registration bus; free for a parent |
//! | capacity (4), origin (4) | of the sponge over identity, chain and provenance; its digest | hash bus, link bus; free for a parent |
//! | price in pieces | < 2⁴⁰ | range |
//! | holders | lines of the share table | link bus |
//! | slack | of the shares left to the parent, of 10⁶ on an own row, without the derivative shares | both 20 bits by range; link bus |
//! | left | lineage − 1 − Σ lineage of the parents so far, < 2⁶; 0 behind the last | range |
//! | provenance's first limb | < 2³² on an own row | range |
//! | position | of the record in public data | counts up from where the section starts |
//!
//! A license is registered if and only if a registration was signed for it: the registration bus
//! brings what the signer wrote, the link bus price, origin and standing of the new leaf. Its share table
//! is the one signed because its split hashes the lines with their holders to the signed chain, and the
//! split says which parents it has.
//!
//! A standing has one reading: derivative shares are below 2²⁰ by range, and a lineage within ±2⁶, as the
//! difference of two numbers that are left.

mod air;
mod trace;

use farthing_protocol::{BYTES32_LIMBS, DIGEST_ELEMENTS, SHORT_DIGEST_ELEMENTS};

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::RegistrationColumns;
pub(crate) use trace::{Registration, record_limbs, trace};

/// Bits of a lineage less one.
pub(crate) const LINEAGE_BITS: usize = 6;
/// Bits of a provenance's first limb.
pub(crate) const PROVENANCE_HIGH_BITS: usize = 32;
/// Elements of the input of an origin.
pub(crate) const ORIGIN_ELEMENTS: usize = SHORT_DIGEST_ELEMENTS + DIGEST_ELEMENTS + BYTES32_LIMBS;
/// Limbs of a record without its lines.
pub(crate) const RECORD_LIMBS: u64 = farthing_protocol::layout::new_license::LAYOUT.limbs as u64;

const _: () = assert!(farthing_protocol::LINEAGE_MAX == 1 << LINEAGE_BITS);

/// Registered licenses and their parents.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationTable(RegistrationColumns);

impl LeafTable for RegistrationTable {
    const NAME: &'static str = "registrations";
    const PART: Part = Part::State;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(RegistrationColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_registrations]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
