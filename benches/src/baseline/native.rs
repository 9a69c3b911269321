//! Native execution: the transition that a leaf proves, executed in memory and nothing else – no
//! store, no trees, no signatures.

use std::collections::HashMap;

use farthing_ledger::{
    BatchContents, BatchExecution, ExecutionError, StateRead, StoreError, execute_batch,
};
use farthing_protocol::{Account, AccountId, AccountIdentity, BatchWitness, License, LicenseId};

use crate::machine::{SpanTime, Stopwatch};

/// The state that a batch found, as far as the batch touches it.
pub struct Native<'a> {
    witness: &'a BatchWitness,
    contents: BatchContents,
    accounts: HashMap<AccountId, Account>,
    by_identity: HashMap<AccountIdentity, AccountId>,
    licenses: HashMap<LicenseId, License>,
}

impl<'a> Native<'a> {
    /// Before `witness`.
    pub fn before(witness: &'a BatchWitness) -> Self {
        let accounts: HashMap<AccountId, Account> = witness
            .accounts
            .iter()
            .filter_map(|change| {
                Some((change.id, Account { identity: change.identity?, state: change.old? }))
            })
            .collect();
        let licenses = witness.licenses.iter().filter_map(|change| {
            Some((change.id, License { terms: change.terms.clone(), state: change.old? }))
        });
        let contents = BatchContents {
            opened: witness.opened.clone(),
            queue: witness.queue.iter().map(|(entry, _)| *entry).collect(),
            intents: witness.intents.clone(),
        };
        Self {
            witness,
            contents,
            by_identity: accounts.iter().map(|(id, account)| (account.identity, *id)).collect(),
            licenses: licenses.collect(),
            accounts,
        }
    }

    /// Executes the batch.
    pub fn execute(&self) -> Result<BatchExecution, ExecutionError> {
        execute_batch(self, &self.contents, self.witness.statement.header.timestamp)
    }

    /// Executes the batch and measures the time that it takes.
    pub fn measure(&self) -> Result<SpanTime, ExecutionError> {
        let watch = Stopwatch::start();
        let settled = self.execute()?;
        let took = watch.read();
        drop(settled);
        Ok(took)
    }
}

impl StateRead for Native<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.accounts.get(&id).copied())
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        Ok(self.by_identity.get(identity).copied())
    }

    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        Ok(self.licenses.get(&id).cloned())
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::BatchClass;

    use super::*;
    use crate::leaf::{Options, seal};

    #[test]
    fn it_is_the_same_transition() -> Result<(), Box<dyn std::error::Error>> {
        let options =
            Options { class: Some(BatchClass::SMALL), payers: Some(20), ..Options::default() };
        let (_, filled) = seal(&options)?;
        let settled = Native::before(&filled.witness).execute()?;
        assert_eq!(settled.accounts, filled.witness.accounts);
        assert_eq!(settled.licenses, filled.witness.licenses);
        assert!(filled.payments > 100 && filled.admitted >= filled.payments);
        Ok(())
    }
}
