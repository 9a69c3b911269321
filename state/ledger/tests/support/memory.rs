//! A settled state in memory, to execute batches on it that no ledger admitted.

use std::collections::BTreeMap;

use farthing_ledger::{BatchContents, Ledger, StateRead, StoreError};
use farthing_protocol::{Account, AccountId, AccountIdentity, BatchWitness, License, LicenseId};

use super::TestResult;

/// The settled state of a ledger, in memory.
#[derive(Clone, Default)]
pub struct Memory {
    pub accounts: BTreeMap<AccountId, Account>,
    pub licenses: BTreeMap<LicenseId, License>,
}

impl StateRead for Memory {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.accounts.get(&id).copied())
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        let found = self.accounts.iter().find(|(_, account)| account.identity == *identity);
        Ok(found.map(|(id, _)| *id))
    }

    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        Ok(self.licenses.get(&id).cloned())
    }
}

impl Memory {
    pub fn of(ledger: &Ledger) -> TestResult<Self> {
        let mut memory = Self::default();
        for id in (0..64).map(AccountId::from) {
            memory.accounts.extend(ledger.account(id)?.map(|account| (id, account)));
        }
        for id in (0..64).map(LicenseId::from) {
            memory.licenses.extend(ledger.license(id)?.map(|license| (id, license)));
        }
        Ok(memory)
    }
}

/// The steps of a sealed batch.
pub fn contents_of(witness: BatchWitness) -> BatchContents {
    BatchContents {
        opened: witness.opened,
        queue: witness.queue.iter().map(|(entry, _)| *entry).collect(),
        intents: witness.intents,
    }
}
