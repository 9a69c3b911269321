//! Royalty split table: one row per holder of a touched license, the lines of a license's share
//! table from the last to the first.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | active, end | a line; the first line, the last row of its license | boolean; the last row of the table is padding |
//! | cut | line 8 of a table of more than eight: the sponge's second block is complete | boolean |
//! | late | the block behind a cut | constraint |
//! | new | the license is registered in the batch | link bus |
//! | license | its id | link bus |
//! | kind, id, shares | the line: account or parent, < 2³², 1 to 2²⁰ | boolean, range |
//! | recipient (3) | of the holder: identity or origin | link bus; free on padding |
//! | gap | by how much the line before is below this one, 33 bits | range |
//! | filled | lines in the window, 1 to 8 | range |
//! | count | lines of the license down to this row | constraint |
//! | window (7) | the lines above of the same block, nearest first | constraint |
//! | low, high | halves of V | link bus; zero on padding |
//! | quotient low, high | halves of q, 31 bits each | range |
//! | carry | between the halves, in ±2²⁰ | range |
//! | remainder, its slack | r and 999,999 − r, 20 bits each | range |
//! | total, spent | Σ shares, Σ q of the license down to this row | constraint; 10⁶ at the end |
//! | capacity (4) | that the sponge's digest block starts from | hash bus, tag and length |
//! | digest (4) | of the share table | hash bus, link bus |
//! | chain (4) | of the holders down to this line, if the license is new, else free | hash bus |
//! | position | of the line in public data, for new licenses | link bus |
//!
//! **Floor.** V·shares = q·10⁶ + r with 0 ≤ r < 10⁶, in halves of 31 bits:
//! `low·shares = q₀·10⁶ + r + 2³¹·carry` and `high·shares + carry = q₁·10⁶`. Products are below 2⁵¹
//! and 2³¹·carry within ±2⁵¹, so both hold over the integers and q is the floor.
//!
//! **Sponge.** Lines go downwards so that at a block's last row the window stands in line order and
//! is filled up with zeros. Up to eight lines are one block, whose capacity is tag and length. Of
//! more, the upper block ends at the cut and the lower one, of exactly eight, at the end; the lower
//! one absorbs first.

mod air;
mod columns;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use columns::SplitColumns;
pub(crate) use trace::{SplitGroup, divide, kind_and_id, trace};

/// Bits of the difference of two lines' keys: kind and id.
pub(crate) const KEY_BITS: usize = 33;
/// Bits of a shifted carry.
pub(crate) const CARRY_BITS: usize = 21;
/// Offset that keeps a carry from being negative.
pub(crate) const CARRY_SHIFT: u64 = 1 << (CARRY_BITS - 1);
/// log₂ of the lines of a block.
pub(crate) const LOG_BLOCK: usize = farthing_protocol::RATE.ilog2() as usize;

const _: () = assert!(CARRY_SHIFT > farthing_protocol::SHARES_TOTAL as u64);

/// Share tables of touched licenses, and the split of their money.
#[derive(Clone, Debug)]
pub(crate) struct SplitTable(SplitColumns);

impl LeafTable for SplitTable {
    const NAME: &'static str = "royalty_split";
    const PART: Part = Part::State;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(SplitColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_royalty_split]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
