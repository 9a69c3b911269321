//! Admission: intents one by one in arrival order, strictly. Whoever is admitted has been written
//! to disk and will be in the open batch, which can be settled and proven.
//!
//! A batch is a set, so the nonces of an account may arrive in any order while its batch is open:
//! each must be unused, and above the largest that an earlier batch settled.

use farthing_protocol::AMOUNT_BITS;
use farthing_protocol::{
    AccountId, BALANCE_BITS, CapacityExceeded, IntentId, LicenseId, Nano, Nonce, Operation,
    QUEUE_ENTRIES_MAX, UnixTime,
};
use thiserror::Error;

use crate::batch::{Footprint, NoRoom, OpenBatch};
use crate::check::CheckedIntent;
use crate::ledger::{Ledger, LedgerError};
use crate::store::{IntentKey, Writes};
use crate::transition::{
    PayError, RegisterLicenseError, TransferError, check_pay, check_register_license,
    check_transfer, footprint_of_withdraw,
};
use crate::witness::{Admission, IntentRecord, IntentWitness, LogEntry};

/// While this much or more is deposited, only steps that credit nobody are admitted: below it no
/// credit can pass 2⁶², whatever deposits the same batch still consumes.
const SUPPLY_LIMIT: u128 = (1 << BALANCE_BITS) - (QUEUE_ENTRIES_MAX as u128) * (1 << AMOUNT_BITS);

/// Why an intent is not admitted. Errors win in this order, after the repeat of an admitted intent
/// has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
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
    /// The intent is not valid any more.
    #[error("valid until {valid_until}, and it is {now}")]
    Expired {
        /// The last second at which it could be included.
        valid_until: UnixTime,
        /// The time of the batch, or now.
        now: UnixTime,
    },
    /// A payment breaks a rule.
    #[error(transparent)]
    Pay(#[from] PayError),
    /// A transfer breaks a rule.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A registration breaks a rule.
    #[error(transparent)]
    RegisterLicense(#[from] RegisterLicenseError),
    /// The account holds too little.
    #[error("{needed} nano needed, {available} available")]
    InsufficientFunds {
        /// Amount and fee.
        needed: Nano,
        /// The running balance.
        available: Nano,
    },
    /// So much is deposited that a balance could pass 2⁶².
    #[error("{deposited} nano are deposited: only steps that credit nobody are admitted")]
    SupplyLimit {
        /// What is deposited and not withdrawn.
        deposited: u128,
    },
    /// No batch of the ledger's class has room for it.
    #[error("no batch of this class has room: {0}")]
    TooLarge(CapacityExceeded),
    /// Seal the open batch, then try again.
    #[error("the batch is full: {0}")]
    BatchFull(CapacityExceeded),
}

impl Ledger {
    /// Admits intents in the order given and makes all of them durable with one write. Once the
    /// batch is full for one, it is for all behind it, so that order within an account holds.
    ///
    /// An `Err` of the whole means that nothing is acknowledged and the ledger must be reopened.
    pub fn admit(
        &mut self,
        now: UnixTime,
        intents: &[CheckedIntent],
    ) -> Result<Vec<Result<Admission, AdmitError>>, LedgerError> {
        self.begin(now)?;
        let answers = self.admit_all(now, intents);
        self.poison_unless_ok(answers)
    }

    fn admit_all(
        &mut self,
        now: UnixTime,
        intents: &[CheckedIntent],
    ) -> Result<Vec<Result<Admission, AdmitError>>, LedgerError> {
        let mut answers = Vec::with_capacity(intents.len());
        let mut writes = Writes::default();
        let mut full = None;
        for intent in intents {
            let answer = match full {
                Some(exceeded) => Err(AdmitError::BatchFull(exceeded)),
                None => self.admit_one(now, intent, None, &mut writes)?,
            };
            if let Err(AdmitError::BatchFull(exceeded)) = answer {
                full = Some(exceeded);
            }
            answers.push(answer);
        }
        self.commit_open(writes)?;
        Ok(answers)
    }

    /// A license that the intent registers gets `number`, which must be unused, or else the next.
    pub(crate) fn admit_one(
        &mut self,
        now: UnixTime,
        checked: &CheckedIntent,
        number: Option<LicenseId>,
        writes: &mut Writes,
    ) -> Result<Result<Admission, AdmitError>, LedgerError> {
        let key = IntentKey {
            account: checked.signed.intent.account,
            nonce: checked.signed.intent.nonce,
        };
        if let Some(record) = self.admitted(key)? {
            return Ok(match record.id == checked.id {
                true => Ok(Admission::known(&record)),
                false => Err(AdmitError::NonceUsed { nonce: key.nonce, by: record.id }),
            });
        }
        self.load(&checked.signed.intent)?;
        let unused = match number {
            Some(number) => Some(number),
            None => self.next_license(&checked.signed.intent.operation)?,
        };
        let deposited = self.supply();
        let batch = self.next_batch();
        let open = self.open_batch()?;
        let step = check_admission(open, now, checked, deposited, unused);
        let (registers, footprint) = match step {
            Ok(step) => step,
            Err(refused) => return Ok(Err(self.undecided(key, refused)?)),
        };
        match open.reserve(&footprint) {
            Err(NoRoom::Now(full)) => return Ok(Err(AdmitError::BatchFull(full))),
            Err(NoRoom::Ever(full)) => return Ok(Err(AdmitError::TooLarge(full))),
            Ok(()) => {}
        }
        let witness = IntentWitness {
            signed: checked.signed.clone(),
            key: checked.key,
            challenge: checked.challenge,
            registers,
        };
        apply(open, &witness);
        let record = IntentRecord { id: checked.id, batch, registers };
        writes.intent(key, &record)?;
        self.remember(key, record);
        self.append(LogEntry::Intent(witness), writes)?;
        Ok(Ok(Admission { id: record.id, batch, registers, repeated: false }))
    }

    /// A nonce that is too low proves that the intent never settles only if every intent that the
    /// account settled from there on is known.
    fn undecided(&self, key: IntentKey, refused: AdmitError) -> Result<AdmitError, LedgerError> {
        let AdmitError::NonceTooLow { got, .. } = refused else { return Ok(refused) };
        let taken = self.store().taken_nonce(key.account)?.filter(|last| got <= *last);
        Ok(taken.map_or(refused, |last| AdmitError::NonceUndecided { last, got }))
    }

    /// The next number for a license that the operation registers; what its check reads is loaded.
    fn next_license(&mut self, operation: &Operation) -> Result<Option<LicenseId>, LedgerError> {
        let Operation::RegisterLicense(register) = operation else { return Ok(None) };
        let (base, open) = self.base_and_open()?;
        let least = open.running.least_license(register.shares.parents().map(|(id, _)| id));
        Ok(open.running.unused_license(&base, least)?)
    }

    /// Loads what an intent's check reads.
    pub(crate) fn load(&mut self, intent: &farthing_protocol::Intent) -> Result<(), LedgerError> {
        let (base, open) = self.base_and_open()?;
        let running = &mut open.running;
        running.load_account(&base, intent.account)?;
        match &intent.operation {
            Operation::Pay(pay) => running.load_license(&base, pay.license)?,
            Operation::Transfer(transfer) => running.load_account(&base, transfer.to)?,
            Operation::Withdraw(_) => {}
            Operation::RegisterLicense(register) => {
                for line in register.shares.holders() {
                    match line.holder {
                        farthing_protocol::Holder::Account(id) => {
                            running.load_account(&base, id)?
                        }
                        farthing_protocol::Holder::License(id) => {
                            running.load_license(&base, id)?
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// Checks an intent whose nonce is unused against the running state; all that it needs has been
/// loaded, and `unused` is the number for a license that it registers.
pub(crate) fn check_admission(
    open: &OpenBatch,
    now: UnixTime,
    checked: &CheckedIntent,
    deposited: u128,
    unused: Option<LicenseId>,
) -> Result<(Option<LicenseId>, Footprint), AdmitError> {
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
    let mut registers = None;
    let mut footprint = match &intent.operation {
        Operation::Pay(pay) => check_pay(&open.running, &open.tally, pay)?,
        Operation::Transfer(transfer) => check_transfer(&open.running, transfer)?,
        Operation::Withdraw(_) => footprint_of_withdraw(),
        Operation::RegisterLicense(register) => {
            let (id, footprint) = check_register_license(&open.running, unused, register)?;
            registers = Some(id);
            footprint
        }
    };
    footprint.signer = Some(intent.account);
    let needed = intent.debit();
    if signer.balance < needed {
        return Err(AdmitError::InsufficientFunds { needed, available: signer.balance });
    }
    let credits = footprint.credits > 0 || intent.fee.get() > 0;
    if credits && deposited >= SUPPLY_LIMIT {
        return Err(AdmitError::SupplyLimit { deposited });
    }
    Ok((registers, footprint))
}

/// Applies an intent that has been checked, or read back from the log.
pub(crate) fn apply(open: &mut OpenBatch, witness: &IntentWitness) {
    let intent = &witness.signed.intent;
    open.running.use_nonce(IntentKey { account: intent.account, nonce: intent.nonce });
    if let Some(signer) = open.running.account_mut(intent.account) {
        signer.balance = signer.balance.checked_sub(intent.debit()).unwrap_or(Nano::ZERO);
    }
    credit(open, AccountId::OPERATOR, intent.fee.into());
    match &intent.operation {
        Operation::Transfer(transfer) => credit(open, transfer.to, transfer.amount.into()),
        Operation::RegisterLicense(register) => {
            if let Some(id) = witness.registers {
                open.running.register(id, register.terms(intent.account));
            }
        }
        Operation::Pay(_) | Operation::Withdraw(_) => {}
    }
    open.contents.intents.push(witness.clone());
}

/// Credits a running balance. It saturates: what is beyond 2⁶² is not there to be spent.
pub(crate) fn credit(open: &mut OpenBatch, id: AccountId, amount: Nano) {
    if let Some(account) = open.running.account_mut(id) {
        account.balance = account.balance.checked_add(amount).unwrap_or(Nano::MAX);
    }
}
