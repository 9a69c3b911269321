//! Receipts table: the Merkle tree of depth 16 over the intents' challenges, two levels per row.
//!
//! Leaf i is the challenge of intent row i; an empty leaf is the zero digest. Row layout is
//! preprocessed: for each of the eight steps the nodes that a full batch of the class has.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | step, position, is_root, empty (4) | preprocessed; `empty` is the digest of an empty subtree below | the verification key |
//! | children (4×4) | digests two levels down | receipt bus or `empty` |
//! | middle (2×4), parent (4) | compressions | hash bus |
//! | present (4) | the child is received, not empty | boolean, receipt bus |
//! | active | the row hashes and sends its parent | boolean |
//!
//! Every present node is received by its parent, so a chain of rows leads from each leaf to the
//! one row of the last step, whose parent is the statement's root.

mod air;
mod trace;

use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

use air::PreprocessedColumns;
pub(crate) use air::ReceiptColumns;
pub(crate) use trace::{preprocessed_trace, trace};

/// Children of a row.
const ARITY: usize = 4;
/// Steps of two levels from leaf to root.
const STEPS: usize = farthing_protocol::RECEIPTS_DEPTH / 2;

/// The receipts tree.
#[derive(Clone, Debug)]
pub(crate) struct ReceiptTable {
    columns: ReceiptColumns,
    preprocessed: PreprocessedColumns,
    /// Intents of the class.
    capacity: usize,
}

impl LeafTable for ReceiptTable {
    const NAME: &'static str = "receipts";
    const PART: Part = Part::Signature;
    const READS_STATEMENT: bool = true;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self {
            columns: ReceiptColumns::new(),
            preprocessed: PreprocessedColumns::new(),
            capacity: class.intents(),
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.log_receipts]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        Some(&self.preprocessed)
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(self.capacity, log_height))
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.columns, &self.preprocessed, builder);
    }
}
