//! The receipts tree: leaf i is the signature challenge of intent i of the batch, intents ordered
//! by account and nonce. Depth 16; leaves beyond the last intent are zero.

use farthing_protocol::{BATCH_ENTRIES_MAX, Digest, RECEIPTS_DEPTH, compress_all};

use crate::tree::{MerklePath, empty_subtree};

/// The inner nodes of a receipts tree, for paths.
#[derive(Clone, Debug)]
pub struct ReceiptsTree {
    /// From the leaves up; each level without its empty tail.
    levels: Vec<Vec<Digest>>,
}

impl ReceiptsTree {
    /// The tree over these challenges; `None` if there are more than 2¹⁶.
    pub fn new(challenges: Vec<Digest>) -> Option<Self> {
        if challenges.len() as u64 > BATCH_ENTRIES_MAX {
            return None;
        }
        let mut levels = vec![challenges];
        for level in 0..RECEIPTS_DEPTH as u8 {
            let below = &levels[usize::from(level)];
            let empty = empty_subtree(level);
            let pairs: Vec<[Digest; 2]> =
                below.chunks(2).map(|p| [p[0], p.get(1).copied().unwrap_or(empty)]).collect();
            levels.push(compress_all(&pairs));
        }
        Some(Self { levels })
    }

    /// The root; that of an empty subtree if there is no intent.
    pub fn root(&self) -> Digest {
        let top = self.levels.last().and_then(|level| level.first());
        top.copied().unwrap_or(empty_subtree(RECEIPTS_DEPTH as u8))
    }

    /// The path of leaf `index`; `None` if there is no such intent.
    pub fn path(&self, index: u32) -> Option<MerklePath> {
        let leaves = self.levels.first()?;
        leaves.get(index as usize)?;
        let siblings = (0..RECEIPTS_DEPTH as u8)
            .map(|level| {
                let sibling = (index >> level ^ 1) as usize;
                let stored = self.levels[usize::from(level)].get(sibling);
                stored.copied().unwrap_or(empty_subtree(level))
            })
            .collect();
        Some(MerklePath { index, siblings })
    }
}

/// The root of the receipts tree over `challenges`; `None` if there are more than 2¹⁶.
pub fn receipt_root(challenges: Vec<Digest>) -> Option<Digest> {
    ReceiptsTree::new(challenges).map(|tree| tree.root())
}

#[cfg(test)]
mod tests {
    use farthing_protocol::Felt;

    use super::*;

    #[test]
    fn every_leaf_has_a_path_to_the_root() -> Result<(), &'static str> {
        for count in [0u64, 1, 2, 3, 7, 64] {
            let leaves: Vec<Digest> = (1..=count).map(|i| Digest::new([Felt::new(i); 4])).collect();
            let tree = ReceiptsTree::new(leaves.clone()).ok_or("tree")?;
            for (i, leaf) in leaves.iter().enumerate() {
                assert_eq!(tree.path(i as u32).ok_or("path")?.root(leaf), tree.root());
            }
            assert!(tree.path(count as u32).is_none());
        }
        let empty = ReceiptsTree::new(Vec::new()).ok_or("tree")?;
        assert_eq!(empty.root(), empty_subtree(16));
        assert!(ReceiptsTree::new(vec![Digest::ZERO; (1 << 16) + 1]).is_none());
        Ok(())
    }
}
