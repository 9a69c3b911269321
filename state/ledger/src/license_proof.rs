//! Merkle paths of licenses in earlier states. Two of them show what a license received in between.

use farthing_protocol::{BatchNumber, Digest, License, LicenseId};

use crate::past_state::{PastStateError, put_back};
use crate::reader::LedgerReader;
use crate::tree::{MerklePath, state_root};

/// A license's leaf and path under a state root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseProof {
    /// The license. Its provenance is not in the leaf, and is that of the latest state.
    pub license: License,
    /// The path from its leaf to the root of the licenses tree.
    pub path: MerklePath,
    /// The root of the accounts tree: the last sibling.
    pub accounts_root: Digest,
}

impl LicenseProof {
    /// The state root to which license and path lead.
    pub fn state_root(&self) -> Digest {
        state_root(&self.accounts_root, &self.path.root(&self.license.leaf()))
    }
}

impl LedgerReader {
    /// The license and its path in the state that batches below `end` left; `None` if the license was
    /// not registered. An `end` above the next batch to seal counts as that batch. The witness of each
    /// batch from `end` on is read.
    pub fn license_proof(
        &self,
        id: LicenseId,
        end: BatchNumber,
    ) -> Result<Option<LicenseProof>, PastStateError> {
        let (next, (mut license, mut path, mut accounts_root)) = self.of_one_state(|| {
            Ok((self.license(id)?, self.stored_license_path(id)?, self.stored_accounts_root()?))
        })?;
        for batch in self.batches_after(end, next) {
            let batch = batch?;
            if let Some(change) = batch.licenses.iter().find(|change| change.id == id) {
                let terms = change.terms.clone();
                license = change.old.map(|state| License { terms, state });
            }
            put_back(&mut path, &batch.license_nodes);
            accounts_root = batch.old_roots[0];
        }
        Ok(license.map(|license| LicenseProof { license, path, accounts_root }))
    }
}
