//! Merkle trees as plonky2's, layer by layer.

use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;
use rayon::prelude::*;

use farthing_protocol::Felt;

use super::hasher::LaneHash;
use crate::field::F;

/// The digests of a tree, leaves first, the cap last.
pub(super) struct Tree<H: LaneHash> {
    layers: Vec<Vec<H::Hash>>,
    cap: MerkleCap<F, H>,
}

impl<H: LaneHash> Tree<H> {
    /// The tree over 2^`log_leaves` rows.
    pub(super) fn new<'a>(
        log_leaves: usize,
        cap_height: usize,
        row: impl Fn(usize) -> &'a [Felt] + Sync,
    ) -> Self {
        let mut leaves = vec![H::Hash::default(); 1 << log_leaves];
        leaves.par_chunks_mut(H::LANES).enumerate().for_each(|(chunk, digests)| {
            let first = chunk * H::LANES;
            let rows: Vec<&[Felt]> = (first..first + digests.len()).map(&row).collect();
            H::hash_rows(&rows, digests);
        });
        let mut layers = vec![leaves];
        for log in (cap_height..log_leaves).rev() {
            let mut parents = vec![H::Hash::default(); 1 << log];
            let children = layers.last().expect("the leaves are there");
            let children = children.par_chunks(2 * H::LANES);
            parents
                .par_chunks_mut(H::LANES)
                .zip(children)
                .for_each(|(parents, children)| H::compress_pairs(children, parents));
            layers.push(parents);
        }
        let cap = MerkleCap(layers.pop().expect("the cap is a layer"));
        Self { layers, cap }
    }

    pub(super) fn cap(&self) -> &MerkleCap<F, H> {
        &self.cap
    }

    pub(super) fn into_cap(self) -> MerkleCap<F, H> {
        self.cap
    }

    /// The path from a leaf to the cap.
    pub(super) fn path(&self, leaf: usize) -> MerkleProof<F, H> {
        let sibling = |(depth, layer): (usize, &Vec<H::Hash>)| layer[(leaf >> depth) ^ 1];
        MerkleProof { siblings: self.layers.iter().enumerate().map(sibling).collect() }
    }
}
