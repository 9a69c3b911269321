//! A commitment to the columns of a matrix.

use p3_dft::{Radix2DitParallel, TwoAdicSubgroupDft};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use plonky2::field::types::Field;
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;

use farthing_protocol::Felt;

use super::hasher::LaneHash;
use super::order::Orders;
use super::tree::Tree;
use crate::field::{F, from_felt, to_felt};

/// Columns, their codewords, and the tree over these.
pub(super) struct Committed<H: LaneHash> {
    /// The values on the rows, in p3's order.
    pub(super) rows: RowMajorMatrix<Felt>,
    /// The codewords, in p3's order with bits reversed.
    codewords: RowMajorMatrix<Felt>,
    tree: Tree<H>,
    orders: Orders,
}

impl<H: LaneHash> Committed<H> {
    pub(super) fn new(rows: RowMajorMatrix<Felt>, orders: &Orders) -> Self {
        let shift = to_felt(F::coset_shift());
        let codewords =
            Radix2DitParallel::default().coset_lde_batch(rows.clone(), orders.rate_bits(), shift);
        let codewords = codewords.inner;
        let tree = Tree::new(orders.codewords.log, orders.cap_height, |leaf| {
            row_of(&codewords, orders.storage_of_leaf(leaf))
        });
        Self { rows, codewords, tree, orders: *orders }
    }

    pub(super) fn width(&self) -> usize {
        self.rows.width()
    }

    pub(super) fn cap(&self) -> &MerkleCap<F, H> {
        self.tree.cap()
    }

    pub(super) fn into_cap(self) -> MerkleCap<F, H> {
        self.tree.into_cap()
    }

    /// The row of plonky2's `index`-th element.
    pub(super) fn row(&self, index: usize) -> &[Felt] {
        row_of(&self.rows, self.orders.rows.p3(index))
    }

    /// The codewords at p3's `index`-th point.
    pub(super) fn codewords_at(&self, index: usize) -> &[Felt] {
        row_of(&self.codewords, self.orders.codewords.reversed(index))
    }

    /// A leaf and its path.
    pub(super) fn query(&self, leaf: usize) -> (Vec<F>, MerkleProof<F, H>) {
        let row = row_of(&self.codewords, self.orders.storage_of_leaf(leaf));
        (row.iter().copied().map(from_felt).collect(), self.tree.path(leaf))
    }
}

/// A row by its index.
pub(super) fn row_of(matrix: &RowMajorMatrix<Felt>, index: usize) -> &[Felt] {
    &matrix.values[index * matrix.width..][..matrix.width]
}
