//! Finality of numbers: until L1 has verified the batch that assigned a number, the batch of
//! another prover could assign it to another account or license.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use farthing_protocol::{AccountId, BatchNumber, BatchWitness, Digest, LicenseId};

use super::QueryService;
use crate::error::QueryError;

/// Accounts and licenses that a batch made.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct NewNumbers {
    accounts: HashSet<AccountId>,
    licenses: HashSet<LicenseId>,
}

/// Accounts and licenses of batches that are sealed and not final: as many batches as wait for L1.
/// A batch that is remade on another state has another digest.
#[derive(Debug, Default)]
pub(crate) struct NewNumbersCache(Mutex<BTreeMap<BatchNumber, (Digest, Arc<NewNumbers>)>>);

/// Which numbers are final, at one time.
pub(crate) struct Finality(Vec<Arc<NewNumbers>>);

impl Finality {
    /// True if a settled account is final.
    pub(crate) fn of_account(&self, id: AccountId) -> bool {
        !self.0.iter().any(|batch| batch.accounts.contains(&id))
    }

    /// True if a settled license is final.
    pub(crate) fn of_license(&self, id: LicenseId) -> bool {
        !self.0.iter().any(|batch| batch.licenses.contains(&id))
    }
}

impl NewNumbers {
    fn of(witness: &BatchWitness) -> Self {
        let registered = witness.licenses.iter().filter(|change| change.old.is_none());
        Self {
            accounts: witness.opened.iter().map(|opened| opened.id).collect(),
            licenses: registered.map(|change| change.id).collect(),
        }
    }
}

impl QueryService {
    /// Which numbers of those that were settled before this call are final. Reads each batch that
    /// is not final once.
    pub(crate) fn finality(&self) -> Result<Finality, QueryError> {
        let end = self.reader.next_batch()?;
        let mut number = self.progress.now().finalized;
        self.new_numbers.forget_before(number);
        let mut unfinal = Vec::new();
        while number < end {
            unfinal.extend(self.new_numbers_of(number)?);
            number = number.next();
        }
        Ok(Finality(unfinal))
    }

    /// `None` of a batch that was rebuilt from L1, where it was final.
    fn new_numbers_of(&self, number: BatchNumber) -> Result<Option<Arc<NewNumbers>>, QueryError> {
        let digest = self.store.batch(number)?.map(|batch| batch.statement.digest());
        if let Some(known) = digest.and_then(|digest| self.new_numbers.get(number, digest)) {
            return Ok(Some(known));
        }
        let Some(witness) = self.reader.batch(number)? else { return Ok(None) };
        let made = Arc::new(NewNumbers::of(&witness));
        self.new_numbers.put(number, witness.statement.digest(), &made);
        Ok(Some(made))
    }
}

impl NewNumbersCache {
    fn get(&self, number: BatchNumber, digest: Digest) -> Option<Arc<NewNumbers>> {
        let batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, made) = batches.get(&number)?;
        (*of == digest).then(|| Arc::clone(made))
    }

    fn put(&self, number: BatchNumber, digest: Digest, made: &Arc<NewNumbers>) {
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        batches.insert(number, (digest, Arc::clone(made)));
    }

    fn forget_before(&self, number: BatchNumber) {
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *batches = batches.split_off(&number);
    }
}
