//! Admission without its write: the answer that an intent would get now.

use farthing_protocol::{Intent, UnixTime};

use crate::admission::{AdmitError, check_admission, load, next_license, undecided};
use crate::batch::{CapacityError, OpenBatch, RunningState};
use crate::open_steps::OpenSteps;
use crate::precheck::CheckedIntent;
use crate::rules::references;
use crate::sealed::SealedState;
use crate::store::{IntentKey, StoreError};

/// The answer of admission at `now`, in the open batch or, if that is full, in the next one. An intent
/// that has been admitted is answered as such.
pub(crate) fn preview(
    sealed: &SealedState,
    open: &OpenSteps,
    now: UnixTime,
    checked: &CheckedIntent,
) -> Result<Result<(), AdmitError>, StoreError> {
    let intent = checked.intent();
    let key = IntentKey { account: intent.account, nonce: intent.nonce };
    if let Some(record) = open.admitted(sealed, key)? {
        return Ok(match record.id == checked.id {
            true => Ok(()),
            false => Err(AdmitError::NonceUsed { nonce: key.nonce, by: record.id }),
        });
    }
    let mut trial = trial_batch(sealed, open, now, intent);
    load(sealed, &mut trial, intent)?;
    let unused = next_license(sealed, &trial, &intent.operation)?;
    let effects = match check_admission(&trial, now, checked, open.supply(sealed), unused) {
        Ok(effects) => effects,
        Err(refused) => return Ok(Err(undecided(sealed, key, refused)?)),
    };
    Ok(match trial.reserve(&trial.usage(&effects)) {
        Ok(()) => Ok(()),
        // The trial batch is empty: what it has no room for, none has.
        Err(CapacityError::BatchFull(full) | CapacityError::ExceedsClass(full)) => {
            Err(AdmitError::TooLarge(full))
        }
    })
}

/// A batch without steps, with the open batch's running state as far as the intent's check reads it.
fn trial_batch(
    sealed: &SealedState,
    open: &OpenSteps,
    now: UnixTime,
    intent: &Intent,
) -> OpenBatch {
    let parent = sealed.parent();
    let Some(batch) = open.batch() else {
        let running = RunningState::new(parent.next_account, parent.next_license);
        return OpenBatch::new(open.class(), now.max(parent.timestamp), running);
    };
    let named = references(&intent.operation);
    let accounts = named.accounts.into_iter().chain([intent.account]);
    let running = batch.running.part(accounts, named.licenses);
    OpenBatch::new(batch.class, batch.timestamp, running)
}
