//! History of the licenses tree: its nodes, leaves and the root beside it before each batch that this node
//! sealed. With it, a license is opened in the state of any of these batches by a look-up for each level
//! of the tree, and no witness is read.

use farthing_ledger::LicenseProof;
use farthing_protocol::{BatchNumber, BatchWitness, Digest, LicenseId, LicenseState, TREE_DEPTH};

use super::keys::{self, Family};
use super::{Changes, NodeStore, NodeStoreError, decode};

impl NodeStore {
    /// Takes a license's proof back to the state before batch `end`, from that before a later batch. Every
    /// batch in between must have been sealed here and indexed. `None` if the license was not registered.
    pub(crate) fn rewind_license(
        &self,
        id: LicenseId,
        mut proof: LicenseProof,
        end: BatchNumber,
    ) -> Result<Option<LicenseProof>, NodeStoreError> {
        match self.license_before(id, end)? {
            None => {}
            Some(None) => return Ok(None),
            Some(Some(state)) => proof.license.state = state,
        }
        for (level, sibling) in (1..=TREE_DEPTH as u8).zip(&mut proof.path.siblings) {
            let parent = (u64::from(id.get()) >> level) as u32;
            if let Some([left, right]) = self.children_before((level, parent), end)? {
                *sibling = if id.get() >> (level - 1) & 1 == 0 { right } else { left };
            }
        }
        let root = self.get(Family::AccountsRoots, &keys::batch(end))?;
        proof.accounts_root = root.ok_or(NodeStoreError::NotIndexed(end))?;
        Ok(Some(proof))
    }

    /// The state of a license before the first batch from `end` on that touched it, if there is one;
    /// within it, `None` if that batch registered the license.
    fn license_before(
        &self,
        id: LicenseId,
        end: BatchNumber,
    ) -> Result<Option<Option<LicenseState>>, NodeStoreError> {
        let (prefix, from) = (id.get().to_be_bytes(), keys::license_line(id, end));
        let read = |_: &[u8], value: &[u8]| decode(Family::LicenseStates, value);
        Ok(self.scan(Family::LicenseStates, &prefix, &from, 1, read)?.pop())
    }

    /// The children of a node before the first batch from `end` on that changed it, if there is one.
    fn children_before(
        &self,
        node: (u8, u32),
        end: BatchNumber,
    ) -> Result<Option<[Digest; 2]>, NodeStoreError> {
        let (prefix, from) = (keys::node(node), keys::node_before(node, end));
        let read = |_: &[u8], value: &[u8]| decode(Family::LicenseNodes, value);
        Ok(self.scan(Family::LicenseNodes, &prefix, &from, 1, read)?.pop())
    }
}

impl Changes<'_> {
    /// The licenses tree before a sealed batch, as far as the batch changed it.
    pub(super) fn put_history(&mut self, witness: &BatchWitness) -> Result<(), NodeStoreError> {
        let number = witness.statement.header.number;
        for change in &witness.licenses {
            let key = keys::license_line(change.id, number);
            self.put(Family::LicenseStates, &key, &change.old)?;
        }
        for node in &witness.license_nodes {
            let key = keys::node_before((node.level, node.index), number);
            self.put(Family::LicenseNodes, &key, &node.old)?;
        }
        self.put(Family::AccountsRoots, &keys::batch(number), &witness.old_roots[0])
    }
}
