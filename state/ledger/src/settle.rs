//! A batch is a set: settlement applies it with no order in it.
//!
//! For every account: new = old + Σ credits − Σ debits, 0 ≤ new < 2⁶²; its nonces are distinct and
//! greater than the old one; the new nonce is the largest. For every license: [`distribute`]. This
//! is what the circuits prove; it reads nothing of the running state that admission kept.

use std::collections::BTreeMap;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Intent, License, LicenseId, LicenseState,
    LicenseStatus, Nano, Nonce, Operation, QueueEntry, QueueOutcome, UnixTime, Withdrawal,
};
use thiserror::Error;

use crate::batch::BatchContents;
use crate::store::StateRead;
use crate::store::StoreError;
use crate::transition::{
    Distribution, PayError, RegisterLicenseError, TransferError, check_parents, distribute,
};
use crate::witness::{AccountChange, IntentWitness, LicenseChange};

/// Why a set of steps is no batch. What admission accepted never fails so.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The state could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An account is opened that is open already, or twice.
    #[error("account {0} is open already")]
    AlreadyOpen(AccountId),
    /// A deposit is for an account that is neither open nor opened in the batch.
    #[error("no account is open for a deposit to {0}")]
    NoAccountForDeposit(farthing_protocol::Address),
    /// An intent's account is not open, or has another key.
    #[error("account {0} is not open under the key that signed")]
    WrongSigner(AccountId),
    /// Two intents of an account have one nonce, or one not above the account's.
    #[error("nonce {nonce} of account {account} is not new")]
    NonceNotNew {
        /// The account.
        account: AccountId,
        /// The nonce.
        nonce: Nonce,
    },
    /// An intent was not valid any more at the batch's time.
    #[error("an intent of account {0} has expired")]
    Expired(AccountId),
    /// A payment breaks a rule.
    #[error(transparent)]
    Pay(#[from] PayError),
    /// A transfer breaks a rule.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A registration breaks a rule.
    #[error(transparent)]
    RegisterLicense(#[from] RegisterLicenseError),
    /// A registration without a number, with a number in use, or a number without registration.
    #[error("a registration by account {0} has no fresh license number")]
    LicenseNumber(AccountId),
    /// A holder of a touched license is not open.
    #[error("account {0} holds shares and is not open")]
    UnknownHolder(AccountId),
    /// A license cannot be distributed.
    #[error("licenses cannot be distributed")]
    Distribute,
    /// An account would hold less than nothing, or 2⁶² or more.
    #[error("account {0} would hold less than nothing or too much")]
    Balance(AccountId),
}

/// What a batch does, every list in the circuits' order.
#[derive(Debug, Default)]
pub struct Settlement {
    /// Intents by account and nonce.
    pub intents: Vec<IntentWitness>,
    /// Queue entries and what became of them.
    pub queue: Vec<(QueueEntry, QueueOutcome)>,
    /// Touched accounts, ascending.
    pub accounts: Vec<AccountChange>,
    /// Touched licenses, ascending.
    pub licenses: Vec<LicenseChange>,
    /// Withdrawals by account and nonce, a forced exit after its account's intents.
    pub withdrawals: Vec<Withdrawal>,
    /// Nano-units credited by deposits.
    pub deposited: u128,
    /// Nano-units withdrawn.
    pub withdrawn: u128,
}

/// An account as the set of steps accumulates on it.
struct Sums {
    identity: Option<AccountIdentity>,
    old: Option<AccountState>,
    credits: u128,
    debits: u128,
    /// Largest nonce of its intents so far.
    nonce: Option<Nonce>,
    exits: bool,
    withdrawals: Vec<Withdrawal>,
}

struct Settling<'a, S> {
    state: &'a S,
    accounts: BTreeMap<AccountId, Sums>,
    opened: BTreeMap<AccountIdentity, AccountId>,
    licenses: BTreeMap<LicenseId, Touched>,
    deposited: u128,
}

/// A touched license.
struct Touched {
    license: License,
    new: bool,
    paid: u64,
}

/// Settles `contents` on `state` at time `timestamp`. The order of `contents.intents` and
/// `contents.opened` has no influence. Signatures are not checked here.
pub fn settle(
    state: &impl StateRead,
    contents: &BatchContents,
    timestamp: UnixTime,
) -> Result<Settlement, SettleError> {
    let mut settling = Settling {
        state,
        accounts: BTreeMap::new(),
        opened: BTreeMap::new(),
        licenses: BTreeMap::new(),
        deposited: 0,
    };
    settling.touch(AccountId::OPERATOR)?;
    settling.open_accounts(contents)?;
    let queue = settling.consume_queue(&contents.queue)?;

    let mut intents = contents.intents.clone();
    intents.sort_by_key(|i| (i.signed.intent.account, i.signed.intent.nonce));
    settling.register_licenses(&intents)?;
    for intent in &intents {
        settling.apply_intent(intent, timestamp)?;
    }
    let licenses = settling.distribute()?;
    let withdrawn_by_intents = settling.withdrawn();
    let (accounts, withdrawals, exited) = settling.close_accounts()?;
    Ok(Settlement {
        intents,
        queue,
        accounts,
        licenses,
        withdrawals,
        deposited: settling.deposited,
        withdrawn: withdrawn_by_intents + exited,
    })
}

impl<S: StateRead> Settling<'_, S> {
    fn touch(&mut self, id: AccountId) -> Result<&mut Sums, SettleError> {
        use std::collections::btree_map::Entry;
        match self.accounts.entry(id) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let account = self.state.account(id)?;
                Ok(entry.insert(Sums {
                    identity: account.map(|a| a.identity),
                    old: account.map(|a| a.state),
                    credits: 0,
                    debits: 0,
                    nonce: None,
                    exits: false,
                    withdrawals: Vec::new(),
                }))
            }
        }
    }

    fn open_accounts(&mut self, contents: &BatchContents) -> Result<(), SettleError> {
        for opened in &contents.opened {
            let sums = self.touch(opened.id)?;
            if sums.identity.is_some() {
                return Err(SettleError::AlreadyOpen(opened.id));
            }
            sums.identity = Some(opened.identity);
            let earlier = self.opened.insert(opened.identity, opened.id);
            let settled = self.state.account_of(&opened.identity)?;
            if let Some(id) = earlier.or(settled) {
                return Err(SettleError::AlreadyOpen(id));
            }
        }
        Ok(())
    }

    fn consume_queue(
        &mut self,
        entries: &[QueueEntry],
    ) -> Result<Vec<(QueueEntry, QueueOutcome)>, SettleError> {
        entries.iter().map(|entry| Ok((*entry, self.consume(entry)?))).collect()
    }

    fn consume(&mut self, entry: &QueueEntry) -> Result<QueueOutcome, SettleError> {
        let deposit = match entry {
            QueueEntry::ForcedExit(exit) => {
                let sums = self.touch(exit.account)?;
                let owner = sums.identity.map(|identity| identity.owner);
                return Ok(if owner == Some(exit.requester) {
                    sums.exits = true;
                    QueueOutcome::Exits
                } else {
                    QueueOutcome::NoEffect
                });
            }
            QueueEntry::Deposit(deposit) => deposit,
        };
        if farthing_protocol::Amount::new(deposit.raw_amount()).is_err() {
            return Ok(QueueOutcome::RefusedByAmount);
        }
        let identity = deposit.identity();
        let id = match self.opened.get(&identity) {
            Some(id) => *id,
            None => self
                .state
                .account_of(&identity)?
                .ok_or(SettleError::NoAccountForDeposit(deposit.owner))?,
        };
        let sums = self.touch(id)?;
        let old = sums.old.map_or(Nano::ZERO, |old| old.balance);
        Ok(match deposit.accepted(old) {
            None => QueueOutcome::RefusedByBalance(id),
            Some(amount) => {
                sums.credits += u128::from(amount.get());
                self.deposited += u128::from(amount.get());
                QueueOutcome::Credited(id)
            }
        })
    }

    /// Registrations first: a license may be paid, and derived from, in its own batch.
    fn register_licenses(&mut self, intents: &[IntentWitness]) -> Result<(), SettleError> {
        let mut registered = Vec::new();
        for IntentWitness { signed, registers, .. } in intents {
            let account = signed.intent.account;
            match (&signed.intent.operation, registers) {
                (Operation::RegisterLicense(register), Some(id)) => {
                    registered.push((*id, account, register));
                }
                (Operation::RegisterLicense(_), None) | (_, Some(_)) => {
                    return Err(SettleError::LicenseNumber(account));
                }
                (_, None) => {}
            }
        }
        registered.sort_by_key(|(id, ..)| *id);
        for (id, licensor, register) in registered {
            if self.licenses.contains_key(&id) || self.state.license(id)?.is_some() {
                return Err(SettleError::LicenseNumber(licensor));
            }
            for (parent, _) in register.shares.parents() {
                self.touch_license(parent)?;
            }
            check_parents(id, register, |p| self.licenses.get(&p).map(|touched| &touched.license))?;
            let license = License { terms: register.terms(licensor), state: LicenseState::NEW };
            self.licenses.insert(id, Touched { license, new: true, paid: 0 });
        }
        Ok(())
    }

    /// Touches a license and its ancestors, if it exists.
    fn touch_license(&mut self, id: LicenseId) -> Result<(), SettleError> {
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if self.licenses.contains_key(&id) {
                continue;
            }
            let Some(license) = self.state.license(id)? else { continue };
            pending.extend(license.terms.shares.parents().map(|(parent, _)| parent));
            self.licenses.insert(id, Touched { license, new: false, paid: 0 });
        }
        Ok(())
    }

    fn apply_intent(
        &mut self,
        witness: &IntentWitness,
        timestamp: UnixTime,
    ) -> Result<(), SettleError> {
        let intent = &witness.signed.intent;
        self.debit_signer(intent, witness, timestamp)?;
        self.touch(AccountId::OPERATOR)?.credits += u128::from(intent.fee.get());
        match &intent.operation {
            Operation::Pay(pay) => {
                self.touch_license(pay.license)?;
                let touched = self
                    .licenses
                    .get_mut(&pay.license)
                    .ok_or(PayError::UnknownLicense { license: pay.license })?;
                let expected =
                    touched.license.terms.price.times(pay.uses).map_err(PayError::TooMuch)?;
                if expected != pay.amount {
                    return Err(PayError::WrongAmount { expected, got: pay.amount }.into());
                }
                touched.paid =
                    touched.paid.checked_add(pay.amount.get()).ok_or(SettleError::Distribute)?;
            }
            Operation::Transfer(transfer) => {
                let to = self.touch(transfer.to)?;
                if to.identity.is_none() {
                    return Err(TransferError::UnknownRecipient { to: transfer.to }.into());
                }
                to.credits += u128::from(transfer.amount.get());
            }
            Operation::Withdraw(withdraw) => {
                let base_units = Nano::from(withdraw.amount()).base_units();
                let sums = self.touch(intent.account)?;
                if let Some(identity) = sums.identity {
                    sums.withdrawals.push(Withdrawal { owner: identity.owner, base_units });
                }
            }
            Operation::RegisterLicense(_) => {}
        }
        Ok(())
    }

    fn debit_signer(
        &mut self,
        intent: &Intent,
        witness: &IntentWitness,
        timestamp: UnixTime,
    ) -> Result<(), SettleError> {
        let signer = self.touch(intent.account)?;
        if signer.identity.map(|identity| identity.key) != Some(witness.key) {
            return Err(SettleError::WrongSigner(intent.account));
        }
        let last = signer.nonce.or(signer.old.map(|old| old.nonce)).unwrap_or(Nonce::MIN);
        if intent.nonce <= last {
            return Err(SettleError::NonceNotNew { account: intent.account, nonce: intent.nonce });
        }
        if intent.valid_until < timestamp {
            return Err(SettleError::Expired(intent.account));
        }
        signer.nonce = Some(intent.nonce);
        signer.debits += u128::from(intent.debit().get());
        Ok(())
    }

    fn distribute(&mut self) -> Result<Vec<LicenseChange>, SettleError> {
        let touched = std::mem::take(&mut self.licenses);
        let mut plan: BTreeMap<LicenseId, Distribution<'_>> = touched
            .iter()
            .map(|(id, t)| {
                let shares = &t.license.terms.shares;
                let vault = t.license.state.vault.get();
                (*id, Distribution { shares, vault, received: t.paid })
            })
            .collect();
        let mut credits: BTreeMap<AccountId, u128> = BTreeMap::new();
        distribute(&mut plan, |account, part| {
            *credits.entry(account).or_default() += u128::from(part.get());
            Some(())
        })
        .ok_or(SettleError::Distribute)?;
        for (account, credit) in credits {
            let sums = self.touch(account)?;
            if sums.identity.is_none() {
                return Err(SettleError::UnknownHolder(account));
            }
            sums.credits += credit;
        }
        let changes = touched
            .iter()
            .zip(plan.into_values())
            .map(|((id, touched), after)| license_change(*id, touched, &after))
            .collect::<Option<_>>()
            .ok_or(SettleError::Distribute)?;
        Ok(changes)
    }

    fn withdrawn(&self) -> u128 {
        let withdrawals = self.accounts.values().flat_map(|sums| &sums.withdrawals);
        withdrawals.map(|w| u128::from(w.base_units * farthing_protocol::NANO_PER_BASE_UNIT)).sum()
    }

    /// Closes every account: balance, forced exit, nonce.
    fn close_accounts(
        &mut self,
    ) -> Result<(Vec<AccountChange>, Vec<Withdrawal>, u128), SettleError> {
        let mut changes = Vec::with_capacity(self.accounts.len());
        let mut withdrawals = Vec::new();
        let mut exited = 0;
        for (id, sums) in std::mem::take(&mut self.accounts) {
            let Some(identity) = sums.identity else {
                changes.push(AccountChange {
                    id,
                    identity: None,
                    old: None,
                    new: None,
                    signed: false,
                });
                continue;
            };
            let old = sums.old.unwrap_or(AccountState::NEW);
            let balance = (u128::from(old.balance.get()) + sums.credits)
                .checked_sub(sums.debits)
                .and_then(|sum| u64::try_from(sum).ok())
                .and_then(|sum| Nano::new(sum).ok())
                .ok_or(SettleError::Balance(id))?;
            withdrawals.extend(sums.withdrawals);
            let kept = if sums.exits {
                let base_units = balance.base_units();
                withdrawals.push(Withdrawal { owner: identity.owner, base_units });
                exited += u128::from(balance.get() - balance.sub_unit().get());
                balance.sub_unit()
            } else {
                balance
            };
            let new = AccountState { balance: kept, nonce: sums.nonce.unwrap_or(old.nonce) };
            changes.push(AccountChange {
                id,
                identity: Some(identity),
                old: sums.old,
                new: Some(new),
                signed: sums.nonce.is_some(),
            });
        }
        Ok((changes, withdrawals, exited))
    }
}

fn license_change(
    id: LicenseId,
    touched: &Touched,
    after: &Distribution<'_>,
) -> Option<LicenseChange> {
    let old = touched.license.state;
    let received = Nano::new(after.received).ok()?;
    // Modulo 2⁶²: nobody can make a license unpayable by sending money round in circles.
    let ever = (old.received.get() + received.get()) & Nano::MAX.get();
    let new = LicenseState {
        vault: Nano::new(after.vault).ok()?,
        received: Nano::new(ever).ok()?,
        status: LicenseStatus::Active,
    };
    Some(LicenseChange {
        id,
        terms: touched.license.terms.clone(),
        old: (!touched.new).then_some(old),
        new,
        received,
    })
}

/// The accounts that a settlement leaves, as they are to be stored.
pub(crate) fn settled_accounts(
    changes: &[AccountChange],
) -> impl Iterator<Item = (AccountId, Account, bool)> + '_ {
    changes.iter().filter_map(|change| {
        let account = Account { identity: change.identity?, state: change.new? };
        Some((change.id, account, change.old.is_none()))
    })
}
