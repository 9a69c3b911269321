//! Admission: intents one by one in arrival order, strictly. An intent that is admitted has been
//! written to disk and will be in the open batch, which can be executed and proven.
//!
//! A batch is a set, so the nonces of an account may arrive in any order while its batch is open:
//! each must be unused, and above the largest that an earlier batch settled.

use farthing_protocol::{
    AMOUNT_BITS, AccountId, BALANCE_BITS, CapacityExceeded, ErrorCode, Intent, IntentId,
    IntentWitness, LicenseId, Nano, Nonce, Operation, QUEUE_ENTRIES_MAX, UnixTime,
};
use thiserror::Error;

use crate::batch::{CapacityError, OpenBatch};
use crate::error::LedgerError;
use crate::open_steps::Step;
use crate::precheck::CheckedIntent;
use crate::records::{Admission, IntentRecord, LogEntry};
use crate::rules::{Effects, OperationError, check_intent, references};
use crate::sealed::SealedState;
use crate::store::{IntentKey, StoreError};

/// While this much or more is deposited, only steps without a credit are admitted. Below it no
/// balance can pass 2⁶², even after all deposits that the same batch may still consume.
const SUPPLY_LIMIT: u128 = (1 << BALANCE_BITS) - (QUEUE_ENTRIES_MAX as u128) * (1 << AMOUNT_BITS);

/// Reasons not to admit an intent. Errors win in this order, after the repeat of an admitted intent
/// has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AdmitError {
    /// No account has this number.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// The number given.
        account: AccountId,
    },
    /// Another intent used the nonce.
    #[error("nonce {nonce} has been used by intent {by}")]
    NonceUsed {
        /// The nonce.
        nonce: Nonce,
        /// The intent that used it.
        by: IntentId,
    },
    /// The nonce is not above the largest that an earlier batch settled, and every intent of the
    /// batches that settled it or a higher one is known. No later batch takes it either: the intent
    /// is never settled, and its operation can be signed again.
    #[error(
        "nonce {got} is not above {last}, the largest that a sealed batch has of the account: \
         sign again with a greater one"
    )]
    NonceTooLow {
        /// The account's largest nonce in sealed batches, one being sealed included.
        last: Nonce,
        /// The nonce given.
        got: Nonce,
    },
    /// The same, and the nonce is not above the largest that the account has in batches rebuilt from
    /// L1, of which no intent is known here: this one may have settled in one of them.
    #[error(
        "nonce {got} is not above {last}, which a batch taken from L1 settled: whether that was this \
         very intent is not known here, so look for its effect before you sign it again"
    )]
    NonceUndecided {
        /// The account's largest nonce in batches rebuilt from L1.
        last: Nonce,
        /// The nonce given.
        got: Nonce,
    },
    /// The intent has expired.
    #[error("valid until {valid_until}, and it is {now}")]
    Expired {
        /// The last second at which it could be included.
        valid_until: UnixTime,
        /// The time of the batch, or now.
        now: UnixTime,
    },
    /// A rule of the operation is broken.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// The account holds too little.
    #[error("{needed} nano needed, {available} available")]
    InsufficientFunds {
        /// Amount and fee.
        needed: Nano,
        /// The running balance.
        available: Nano,
    },
    /// Deposits have reached the sum above which a balance could pass 2⁶².
    #[error("{deposited} nano are deposited: only steps that credit no account are admitted")]
    SupplyLimit {
        /// Nano-units deposited and not withdrawn.
        deposited: u128,
    },
    /// No batch of the ledger's class has room for it.
    #[error("no batch of this class has room: {0}")]
    TooLarge(CapacityExceeded),
    /// The open batch is full: seal it, then try again.
    #[error("the batch is full: {0}")]
    BatchFull(CapacityExceeded),
}

impl AdmitError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownAccount { .. } => ErrorCode::UnknownAccount,
            Self::NonceUsed { .. } => ErrorCode::NonceUsed,
            Self::NonceTooLow { .. } => ErrorCode::NonceTooLow,
            Self::NonceUndecided { .. } => ErrorCode::NonceUndecided,
            Self::Expired { .. } => ErrorCode::Expired,
            Self::Operation(error) => error.code(),
            Self::InsufficientFunds { .. } => ErrorCode::InsufficientFunds,
            Self::SupplyLimit { .. } => ErrorCode::DepositCapReached,
            Self::TooLarge(_) => ErrorCode::IntentTooLarge,
            // The sequencer seals a full batch and tries again: this intent came too late even then.
            Self::BatchFull(_) => ErrorCode::Overloaded,
        }
    }
}

/// Admits an intent, or answers for one that has been admitted. A license that it registers gets
/// `number`, which must be unused, or else the next.
pub(crate) fn admit(
    step: &mut Step<'_>,
    now: UnixTime,
    checked: &CheckedIntent,
    number: Option<LicenseId>,
) -> Result<Result<Admission, AdmitError>, LedgerError> {
    let Step { sealed, open: steps, writes } = step;
    let key =
        IntentKey { account: checked.signed.intent.account, nonce: checked.signed.intent.nonce };
    if let Some(record) = steps.admitted(sealed, key)? {
        return Ok(match record.id == checked.id {
            true => Ok(Admission::known(&record)),
            false => Err(AdmitError::NonceUsed { nonce: key.nonce, by: record.id }),
        });
    }
    let deposited = steps.supply(sealed);
    let open = steps.batch_mut()?;
    load(sealed, open, &checked.signed.intent)?;
    let unused = match number {
        Some(number) => Some(number),
        None => next_license(sealed, open, &checked.signed.intent.operation)?,
    };
    let effects = match check_admission(open, now, checked, deposited, unused) {
        Ok(effects) => effects,
        Err(refused) => return Ok(Err(undecided(sealed, key, refused)?)),
    };
    match open.reserve(&open.usage(&effects)) {
        Err(CapacityError::BatchFull(full)) => return Ok(Err(AdmitError::BatchFull(full))),
        Err(CapacityError::ExceedsClass(full)) => return Ok(Err(AdmitError::TooLarge(full))),
        Ok(()) => {}
    }
    let registers = effects.registered();
    let witness = IntentWitness {
        signed: checked.signed.clone(),
        key: checked.key,
        challenge: checked.challenge,
        registers,
    };
    open.add_intent(witness.clone(), &effects);
    let batch = sealed.parent().next_batch;
    let record = IntentRecord { id: checked.id, batch, registers };
    writes.intent(key, &record)?;
    steps.remember(key, record);
    steps.append(LogEntry::Intent(witness), writes)?;
    Ok(Ok(Admission { id: record.id, batch, registers, repeated: false }))
}

/// Returns [`AdmitError::NonceUndecided`] instead of a nonce that is too low if batches rebuilt
/// from L1 settled that nonce or a higher one. Their intents are not known, so the refused intent
/// may be one of them.
pub(crate) fn undecided(
    sealed: &SealedState,
    key: IntentKey,
    refused: AdmitError,
) -> Result<AdmitError, StoreError> {
    let AdmitError::NonceTooLow { got, .. } = refused else { return Ok(refused) };
    let taken = sealed.store().taken_nonce(key.account)?.filter(|last| got <= *last);
    Ok(taken.map_or(refused, |last| AdmitError::NonceUndecided { last, got }))
}

/// The next number for a license that the operation registers; its parents are loaded.
pub(crate) fn next_license(
    sealed: &SealedState,
    open: &OpenBatch,
    operation: &Operation,
) -> Result<Option<LicenseId>, StoreError> {
    let Operation::RegisterLicense(register) = operation else { return Ok(None) };
    let least = open.running.least_license(register.shares.parents().map(|(id, _)| id));
    open.running.unused_license(&sealed.view(), least)
}

/// Loads what an intent's check reads.
pub(crate) fn load(
    sealed: &SealedState,
    open: &mut OpenBatch,
    intent: &Intent,
) -> Result<(), StoreError> {
    let view = sealed.view();
    let running = &mut open.running;
    running.load_account(&view, intent.account)?;
    let named = references(&intent.operation);
    for account in named.accounts {
        running.load_account(&view, account)?;
    }
    for license in named.licenses {
        running.load_license(&view, license)?;
    }
    Ok(())
}

/// Checks an intent whose nonce is unused against the running state, and gives its effects; all that it
/// needs has been loaded, and `unused` is the number for a license that it registers.
pub(crate) fn check_admission(
    open: &OpenBatch,
    now: UnixTime,
    checked: &CheckedIntent,
    deposited: u128,
    unused: Option<LicenseId>,
) -> Result<Effects, AdmitError> {
    let intent = &checked.signed.intent;
    let signer = open
        .running
        .account(intent.account)
        .filter(|account| account.identity.key == checked.key)
        .ok_or(AdmitError::UnknownAccount { account: intent.account })?;
    if intent.nonce <= signer.settled_nonce {
        return Err(AdmitError::NonceTooLow { last: signer.settled_nonce, got: intent.nonce });
    }
    let latest = now.max(open.timestamp);
    if intent.valid_until < latest {
        return Err(AdmitError::Expired { valid_until: intent.valid_until, now: latest });
    }
    let effects = check_intent(intent, unused, &open.running)?;
    let needed = intent.debit();
    if signer.balance < needed {
        return Err(AdmitError::InsufficientFunds { needed, available: signer.balance });
    }
    if effects.has_credit() && deposited >= SUPPLY_LIMIT {
        return Err(AdmitError::SupplyLimit { deposited });
    }
    Ok(effects)
}
