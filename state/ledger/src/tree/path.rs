//! Merkle paths.

use farthing_protocol::{Digest, TREE_DEPTH, compress};
use serde::{Deserialize, Serialize};

use super::{NodeAt, NodeSource, empty_subtree};

/// The siblings of a leaf's ancestors, from the leaf's own sibling up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MerklePath {
    /// The leaf's index.
    pub index: u32,
    /// One sibling per level.
    pub siblings: Vec<Digest>,
}

impl MerklePath {
    /// The root that `leaf` has under this path.
    pub fn root(&self, leaf: &Digest) -> Digest {
        self.siblings.iter().enumerate().fold(*leaf, |node, (level, sibling)| {
            if self.index >> level & 1 == 0 {
                compress(&node, sibling)
            } else {
                compress(sibling, &node)
            }
        })
    }
}

/// The path of the leaf at `index`.
pub(crate) fn path<S: NodeSource>(source: &S, index: u32) -> Result<MerklePath, S::Error> {
    let positions: Vec<NodeAt> =
        (0..TREE_DEPTH as u8).map(|level| NodeAt { level, index: (index >> level) ^ 1 }).collect();
    let stored = source.nodes(&positions)?;
    let siblings = (0u8..).zip(stored).map(|(l, node)| node.unwrap_or(empty_subtree(l))).collect();
    Ok(MerklePath { index, siblings })
}
