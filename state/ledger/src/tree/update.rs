//! Moves a tree once, over a set of touched leaves.

use farthing_protocol::{Digest, NodeChange, TREE_DEPTH, compress_all};
use rayon::prelude::*;

use super::{NodeAt, NodeSource, empty_subtree};

/// Nodes hashed by one task: enough to fill SIMD lanes many times.
const NODES_PER_TASK: usize = 256;

/// A touched leaf, before and after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafChange {
    pub(crate) index: u32,
    pub(crate) old: Digest,
    pub(crate) new: Digest,
}

/// The outcome of moving a tree.
#[derive(Debug)]
pub(crate) struct TreeUpdate {
    pub(crate) old_root: Digest,
    pub(crate) new_root: Digest,
    /// Every inner node on a path of a touched leaf: level by level from below, ascending.
    pub(crate) nodes: Vec<NodeChange>,
    /// Every node to store: leaves and inner nodes that differ from what was stored.
    pub(crate) writes: Vec<(NodeAt, Digest)>,
}

/// Applies `leaves`, which must be ascending by index without repetition. Both roots are computed
/// from the leaves, so the old root confirms the values read. Without leaves the root is read.
pub(crate) fn update<S: NodeSource>(
    source: &S,
    leaves: &[LeafChange],
) -> Result<TreeUpdate, S::Error> {
    debug_assert!(leaves.is_sorted_by(|a, b| a.index < b.index));
    let mut nodes = Vec::with_capacity(4 * leaves.len() + TREE_DEPTH);
    let mut writes = Vec::with_capacity(4 * leaves.len() + TREE_DEPTH);
    let mut level = leaves.to_vec();
    for height in 1..=TREE_DEPTH as u8 {
        record_writes(&level, height - 1, &mut writes);
        let parents = parents(source, &level, height)?;
        level = parents.par_chunks(NODES_PER_TASK).flat_map_iter(move_up).collect();
        nodes.extend(parents);
    }
    record_writes(&level, TREE_DEPTH as u8, &mut writes);
    let (old_root, new_root) = match level.first() {
        Some(root) => (root.old, root.new),
        None => {
            let at = NodeAt { level: TREE_DEPTH as u8, index: 0 };
            let root = source.nodes(&[at])?.pop().flatten();
            let root = root.unwrap_or(empty_subtree(TREE_DEPTH as u8));
            (root, root)
        }
    };
    Ok(TreeUpdate { old_root, new_root, nodes, writes })
}

/// The nodes themselves, as children of the level above.
fn move_up(nodes: &[NodeChange]) -> impl Iterator<Item = LeafChange> {
    let old = compress_all(&nodes.iter().map(|node| node.old).collect::<Vec<_>>());
    let new = compress_all(&nodes.iter().map(|node| node.new).collect::<Vec<_>>());
    let indices = nodes.iter().map(|node| node.index);
    indices.zip(old.into_iter().zip(new)).map(|(index, (old, new))| LeafChange { index, old, new })
}

fn record_writes(level: &[LeafChange], height: u8, writes: &mut Vec<(NodeAt, Digest)>) {
    let changed = level.iter().filter(|node| node.old != node.new);
    writes.extend(changed.map(|node| (NodeAt { level: height, index: node.index }, node.new)));
}

/// The nodes at `height` above the touched nodes `children`, siblings read from the store.
fn parents<S: NodeSource>(
    source: &S,
    children: &[LeafChange],
    height: u8,
) -> Result<Vec<NodeChange>, S::Error> {
    let groups: Vec<&[LeafChange]> =
        children.chunk_by(|a, b| a.index >> 1 == b.index >> 1).collect();
    let missing: Vec<NodeAt> = groups
        .iter()
        .filter(|group| group.len() == 1)
        .map(|group| NodeAt { level: height - 1, index: group[0].index ^ 1 })
        .collect();
    let mut siblings = source.nodes(&missing)?.into_iter();
    let mut nodes = Vec::with_capacity(groups.len());
    for group in groups {
        let (old, new) = match group {
            [left, right] => ([left.old, right.old], [left.new, right.new]),
            [child, ..] => {
                let stored = siblings.next().flatten();
                let sibling = stored.unwrap_or(empty_subtree(height - 1));
                if child.index & 1 == 0 {
                    ([child.old, sibling], [child.new, sibling])
                } else {
                    ([sibling, child.old], [sibling, child.new])
                }
            }
            [] => continue,
        };
        nodes.push(NodeChange { level: height, index: group[0].index >> 1, old, new });
    }
    Ok(nodes)
}
