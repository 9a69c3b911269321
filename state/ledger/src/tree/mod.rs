//! Sparse binary Merkle trees of depth 32. A node that is not stored is the root of an empty
//! subtree.

mod leaves;
mod path;
mod update;

use std::sync::LazyLock;

use farthing_protocol::{Digest, TREE_DEPTH, compress};
use serde::{Deserialize, Serialize};

pub(crate) use leaves::{account_leaves, identity_digests};
pub use path::MerklePath;
pub(crate) use path::path;
pub(crate) use update::{LeafChange, TreeUpdate, update};

/// One of the two state trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TreeId {
    /// The accounts tree.
    Accounts,
    /// The licenses tree.
    Licenses,
}

/// The place of a node: `level` 0 is a leaf, `level` 32 the root; `index` counts from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct NodeAt {
    pub(crate) level: u8,
    pub(crate) index: u32,
}

/// Reads stored nodes.
pub(crate) trait NodeSource {
    type Error;
    /// The nodes at these positions, in order; `None` for one that is not stored.
    fn nodes(&self, positions: &[NodeAt]) -> Result<Vec<Option<Digest>>, Self::Error>;
}

static EMPTY: LazyLock<[Digest; TREE_DEPTH + 1]> = LazyLock::new(|| {
    let mut empty = [Digest::ZERO; TREE_DEPTH + 1];
    for level in 1..=TREE_DEPTH {
        empty[level] = compress(&empty[level - 1], &empty[level - 1]);
    }
    empty
});

/// The root of an empty subtree whose root is `level` levels above the leaves, 0 to 32.
pub fn empty_subtree(level: u8) -> Digest {
    EMPTY[usize::from(level)]
}

/// The state root: the parent of both trees' roots.
pub fn state_root(accounts: &Digest, licenses: &Digest) -> Digest {
    compress(accounts, licenses)
}

#[cfg(test)]
mod tests;
