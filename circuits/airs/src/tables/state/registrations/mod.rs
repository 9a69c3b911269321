//! Registrations table: one row per license registered, ids ascending, and behind it one per parent; then
//! one row per license updated, ids ascending.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | own, parent, update | what the row is, none for padding | boolean, at most one |
//! | paused, retired | the status that an update sets, neither for active | boolean, at most one; zero but for updates |
//! | license | the id of the license registered or updated, the same for its parents | link bus |
//! | other | the parent's id; that of the license updated; 0 on an own row | link bus; registration bus |
//! | gap | license − other − 1 of a parent; license − the one above − 1, also behind an update; < 2³² | range |
//! | derivative shares, lineage | of the license or the parent; an update has lineage 0 | link bus; lineage by what is left |
//! | licensee | that an update sets, < 2³¹; else 0 | range, registration bus |
//! | account | in the record: the licensor registered, the licensee of an update | itself |
//! | licensor, nonce, price, provenance (5) | of the intent | registration bus, link bus; free for a parent |
//! | identity (3) | the licensor's | link bus; free for a parent |
//! | chain (4) | of the holders; the origin of a license updated | link bus, registration bus; free for a parent |
//! | capacity (4), origin (4) | of the sponge over identity, chain and provenance; its digest | hash bus, link bus; free for a parent |
//! | price in pieces | < 2⁴⁰ | range |
//! | holders | lines of the share table; an update's status | link bus |
//! | slack | of the shares left to the parent, of 10⁶ on rows with a record, without the derivative shares | both 20 bits by range; link bus |
//! | left | lineage − 1 − Σ lineage of the parents down to this row, < 2⁶; 0 behind the last | range |
//! | word | provenance's first limb on rows with a record; the licensor of a parent; < 2³² | range; link bus |
//! | position | of the record in public data | counts up from where the section starts |
//!
//! A license is registered if and only if a registration was signed for it: the registration bus
//! brings what the signer wrote, the link bus price, origin and standing of the new leaf. Its share table
//! is the one signed because its split hashes the lines with their holders to the signed chain, and the
//! split says which parents it has.
//!
//! A license is updated if and only if its licensor signed an update: the link bus takes price and standing
//! to the license's row, which knows the licensor and the origin.
//!
//! A parent's row takes values apart that have one reading: of a standing, which its updates and its
//! registration wrote, the derivative shares are below 2²⁰ by range and no licensee is named; of the terms, the licensor is
//! below 2³² by range, and the lineage within ±2⁶, as the difference of two numbers that are left.

mod air;
mod trace;

use farthing_protocol::{BYTES32_LIMBS, DIGEST_ELEMENTS, SHORT_DIGEST_ELEMENTS};

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::RegistrationColumns;
pub(crate) use trace::{Parent, Registration, Update, record_limbs, trace};

/// Bits of a lineage less one.
pub(crate) const LINEAGE_BITS: usize = 6;
/// Bits of a provenance's first limb, and of a licensor.
pub(crate) const WORD_BITS: usize = 32;
/// Bits of a licensee.
pub(crate) const LICENSEE_BITS: usize = farthing_protocol::LICENSEE_BITS as usize;
/// Elements of the input of an origin.
pub(crate) const ORIGIN_ELEMENTS: usize = SHORT_DIGEST_ELEMENTS + DIGEST_ELEMENTS + BYTES32_LIMBS;
/// Limbs of a record without its lines.
pub(crate) const RECORD_LIMBS: u64 = farthing_protocol::layout::new_license::LAYOUT.limbs as u64;

const _: () = assert!(farthing_protocol::LINEAGE_MAX == 1 << LINEAGE_BITS);
const _: () = assert!(
    farthing_protocol::layout::updated_license::LAYOUT.limbs
        == farthing_protocol::layout::new_license::LAYOUT.limbs,
    "both records have one row's limbs"
);

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
