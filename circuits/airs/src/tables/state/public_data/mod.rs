//! Public data table: one row per eight limbs, the block that the sponge absorbs.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | index | row number | counts up from 0 |
//! | first | the first row | one there, zero below |
//! | limbs (8) | limbs 8·index … 8·index + 7, zero behind the last | limb bus: each sent by the table that owns its record |
//! | present (8) | which limbs there are: all, in the last block the first few | boolean, falling |
//! | end | the last block | boolean; the statement's number of limbs |
//! | capacity (4), next capacity (4) | of the sponge, before and after the block | hash bus; the first from tag and number |
//! | sum (2) | Σ limbᵢ·r^(8·index + 7 − i) over this row and those above | Horner's rule |
//!
//! Positions are received once each, 0 to n − 1, so the records of all tables tile the public data:
//! no limb can be dropped, repeated or added.
//!
//! **Limbs are below 2⁵⁶.** A limb of several fields is sent by a table that bounds each field. A
//! limb that is one field of seven bytes (parts of addresses, keys, provenances, a deposit's
//! amount) needs no bound here: the contract evaluates bytes at r, and r depends on both
//! commitments, so but for n/2¹²⁷ the limbs committed to here are those bytes.

mod air;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::PublicDataColumns;
pub(crate) use trace::trace;

/// Limbs of a row: the rate of the sponge.
pub(crate) const LIMBS_PER_ROW: usize = farthing_protocol::RATE;

/// The sponge and the polynomial of the public data.
#[derive(Clone, Debug)]
pub(crate) struct PublicDataTable(PublicDataColumns);

impl LeafTable for PublicDataTable {
    const NAME: &'static str = "public_data";
    const PART: Part = Part::State;
    const READS_STATEMENT: bool = true;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(PublicDataColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_public_data]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
