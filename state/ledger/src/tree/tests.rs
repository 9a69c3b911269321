use std::collections::HashMap;
use std::convert::Infallible;

use farthing_protocol::{Digest, Felt, TREE_DEPTH, compress};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{LeafChange, NodeAt, NodeSource, empty_subtree, path, update};

#[derive(Default)]
struct Memory(HashMap<NodeAt, Digest>);

impl NodeSource for Memory {
    type Error = Infallible;
    fn nodes(&self, positions: &[NodeAt]) -> Result<Vec<Option<Digest>>, Infallible> {
        Ok(positions.iter().map(|at| self.0.get(at).copied()).collect())
    }
}

impl Memory {
    fn set(&mut self, leaves: &[(u32, Digest)]) -> (Digest, Digest) {
        let changes: Vec<LeafChange> = leaves
            .iter()
            .map(|(index, new)| {
                let old = self.0.get(&NodeAt { level: 0, index: *index });
                LeafChange { index: *index, old: old.copied().unwrap_or_default(), new: *new }
            })
            .collect();
        let Ok(update) = update(self, &changes);
        self.0.extend(update.writes);
        (update.old_root, update.new_root)
    }
}

/// The root by definition: recursion over the leaves present.
fn naive(leaves: &[(u32, Digest)], level: u8) -> Digest {
    match (leaves, level) {
        ([], _) => empty_subtree(level),
        (leaves, 0) => leaves[0].1,
        (leaves, _) => {
            let split = leaves.partition_point(|(index, _)| index >> (level - 1) & 1 == 0);
            compress(&naive(&leaves[..split], level - 1), &naive(&leaves[split..], level - 1))
        }
    }
}

fn digest(rng: &mut ChaCha8Rng) -> Digest {
    Digest::new(core::array::from_fn(|_| Felt::new(rng.random())))
}

#[test]
fn updates_agree_with_the_definition() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut tree = Memory::default();
    let mut all: HashMap<u32, Digest> = HashMap::new();
    let mut root = empty_subtree(TREE_DEPTH as u8);
    for round in 0..20 {
        let spread = if round % 2 == 0 { 64 } else { u32::MAX };
        let mut leaves: Vec<(u32, Digest)> =
            (0..30).map(|_| (rng.random_range(0..=spread), digest(&mut rng))).collect();
        leaves.push((u32::MAX, digest(&mut rng)));
        leaves.sort_by_key(|leaf| leaf.0);
        leaves.dedup_by_key(|leaf| leaf.0);
        let (old, new) = tree.set(&leaves);
        assert_eq!(old, root);
        root = new;
        all.extend(leaves);
        let mut sorted: Vec<(u32, Digest)> = all.iter().map(|(i, d)| (*i, *d)).collect();
        sorted.sort_by_key(|leaf| leaf.0);
        assert_eq!(root, naive(&sorted, TREE_DEPTH as u8));
    }
    for (index, leaf) in all {
        let Ok(path) = path(&tree, index);
        assert_eq!(path.root(&leaf), root);
        assert_ne!(path.root(&Digest::ZERO), root);
    }
}

#[test]
fn nothing_touched_changes_nothing() {
    let mut tree = Memory::default();
    let (_, root) = tree.set(&[(7, Digest::new([Felt::new(1); 4]))]);
    assert_eq!(tree.set(&[]), (root, root));
}

#[test]
fn touched_nodes_cover_the_path_once() {
    let leaf = |index| LeafChange { index, old: Digest::ZERO, new: Digest::new([Felt::new(5); 4]) };
    let Ok(one) = update(&Memory::default(), &[leaf(0)]);
    assert_eq!(one.nodes.len(), TREE_DEPTH);
    let Ok(two) = update(&Memory::default(), &[leaf(0), leaf(u32::MAX)]);
    assert_eq!(two.nodes.len(), 2 * TREE_DEPTH - 1);
    let Ok(siblings) = update(&Memory::default(), &[leaf(4), leaf(5)]);
    assert_eq!(siblings.nodes.len(), TREE_DEPTH);
}
