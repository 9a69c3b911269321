//! Paths of accounts in the state that L1 holds, as `escape` of a frozen rollup takes them.

use farthing_ledger::{AccountProof, PastStateError};
use farthing_protocol::{AccountId, BatchNumber};

use super::QueryService;
use crate::block::Block;
use crate::error::QueryError;

/// The number of times that a path is read: a rebase that begins and ends between two reads costs one.
const READS_MAX: u32 = 3;

/// An account as the last block that is final on L1 left it, with its path to the state root that the
/// contract then holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalAccount {
    /// Its number.
    pub id: AccountId,
    /// Leaf and path; they lead to the state root of `block`.
    pub proof: AccountProof,
    /// The last final block; `None` before the first: the state is that of genesis.
    pub block: Option<Block>,
}

impl QueryService {
    pub(crate) fn final_account(&self, id: AccountId) -> Result<Option<FinalAccount>, QueryError> {
        self.read_past_state(|| self.read_final_account(id))
    }

    /// Reads from an earlier state, again if batches were taken back while they were read.
    pub(super) fn read_past_state<T>(
        &self,
        read: impl Fn() -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        let mut reads = 1;
        loop {
            let failed = match read() {
                Err(failed @ (QueryError::PastState(_) | QueryError::StateRoot { .. })) => failed,
                answer => return answer,
            };
            if self.store.is_rebasing()? {
                return Err(QueryError::Rebasing);
            }
            if reads == READS_MAX {
                return Err(failed);
            }
            reads += 1;
        }
    }

    fn read_final_account(&self, id: AccountId) -> Result<Option<FinalAccount>, QueryError> {
        let last = self.store.first_unfinal()?.previous();
        let block = last.map(|number| self.store.block(number)).transpose()?.flatten();
        let end = block.as_ref().map_or(BatchNumber::MIN, Block::end);
        let proof = match self.reader.account_proof(id, end) {
            Err(PastStateError::Store(error)) => return Err(error.into()),
            read => read?,
        };
        let Some(proof) = proof else { return Ok(None) };
        // The batch that follows says where it begins, also after genesis.
        let next = self.store.batch(end)?.map(|batch| batch.statement.header.old_root);
        let stated = block.as_ref().map(|block| block.statement.new_root).or(next);
        let got = proof.state_root();
        match stated {
            Some(expected) if expected != got => Err(QueryError::StateRoot { expected, got }),
            _ => Ok(Some(FinalAccount { id, proof, block })),
        }
    }
}
