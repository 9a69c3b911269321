//! Licenses in the state of a final batch, with their paths. L1 has the digest of the batch's statement,
//! which states the root.

use farthing_ledger::{LicenseProof, PastStateError};
use farthing_protocol::{BatchNumber, BatchStatement, LicenseId};

use super::QueryService;
use crate::block::Block;
use crate::error::QueryError;

/// A license as a final batch left it, with its path to the state root that the batch states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalLicense {
    /// Its number.
    pub id: LicenseId,
    /// Leaf and path.
    pub proof: LicenseProof,
    /// The statement of the batch.
    pub statement: BatchStatement,
    /// The final block that holds the batch.
    pub block: Block,
}

impl QueryService {
    /// A license as batch `batch` left it, or the last final batch; `None` if the batch is not final, or the
    /// license was not registered.
    pub(crate) fn final_license(
        &self,
        id: LicenseId,
        batch: Option<BatchNumber>,
    ) -> Result<Option<FinalLicense>, QueryError> {
        self.read_past_state(|| self.read_final_license(id, batch))
    }

    fn read_final_license(
        &self,
        id: LicenseId,
        batch: Option<BatchNumber>,
    ) -> Result<Option<FinalLicense>, QueryError> {
        let last = self.store.first_unfinal()?.previous();
        let last = last.map(|number| self.store.block(number)).transpose()?.flatten();
        let Some(last) = last.map(|block| block.last_batch()) else { return Ok(None) };
        let batch = batch.unwrap_or(last);
        if batch > last {
            return Ok(None);
        }
        let (summary, block) = (self.store.batch(batch)?, self.store.block_of(batch)?);
        let Some((summary, block)) = summary.zip(block) else { return Ok(None) };
        let Some(proof) = self.license_after(id, batch)? else { return Ok(None) };
        let (expected, got) = (summary.statement.header.new_root, proof.state_root());
        if expected != got {
            return Err(QueryError::StateRoot { expected, got });
        }
        Ok(Some(FinalLicense { id, proof, statement: summary.statement, block }))
    }

    /// The license in the state that a batch left: back through the witnesses of batches that are not
    /// indexed, then by the index.
    fn license_after(
        &self,
        id: LicenseId,
        batch: BatchNumber,
    ) -> Result<Option<LicenseProof>, QueryError> {
        let (end, indexed) = (batch.next(), self.store.indexed()?);
        // Of batches that were taken from L1 the index has no nodes.
        if let Some((first, _)) = self.store.taken()?.into_iter().find(|(_, past)| *past > end) {
            return Err(PastStateError::NotKept { batch: first.max(end) }.into());
        }
        let proof = match self.reader.license_proof(id, end.max(indexed)) {
            Err(PastStateError::Store(error)) => return Err(error.into()),
            read => read?,
        };
        match proof {
            Some(proof) if end < indexed => Ok(self.store.rewind_license(id, proof, end)?),
            proof => Ok(proof),
        }
    }
}
