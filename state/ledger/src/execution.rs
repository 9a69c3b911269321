//! Execution of a batch. A batch is a set, so the order of its steps has no influence.
//!
//! For every account: new = old + Σ credits − Σ debits, 0 ≤ new < 2⁶²; its nonces are distinct and
//! greater than the old one; the new nonce is the largest. For every license: [`distribute`]. The
//! circuits prove the same. Rules and effects are those of admission, but they are checked against
//! the state before the batch, not against the running state of admission.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use farthing_protocol::{
    Account, AccountChange, AccountId, AccountIdentity, AccountState, Amount, Digest, Intent,
    IntentWitness, License, LicenseChange, LicenseId, LicenseState, LicenseVersion,
    NANO_PER_BASE_UNIT, Nano, Nonce, OpenedAccount, OperationKind, QueueEntry, QueueOutcome,
    UnixTime, Withdrawal,
};
use thiserror::Error;

use crate::batch::BatchContents;
use crate::rules::{
    DepositAccount, Distribution, EffectTarget, OperationError, RuleView, check_deposit,
    check_forced_exit, check_intent, distribute, references,
};
use crate::store::StateRead;
use crate::store::StoreError;

/// Reasons why a set of steps is not a batch. Steps that admission accepted never cause one.
#[derive(Debug, Error)]
pub enum ExecutionError {
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
    /// A rule of an operation is broken.
    #[error(transparent)]
    Operation(#[from] OperationError),
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

/// The outcome of a batch, every list in the circuits' order.
#[derive(Debug, Default)]
pub struct BatchExecution {
    /// Intents by account and nonce.
    pub intents: Vec<IntentWitness>,
    /// Queue entries with their outcomes.
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

/// Sums of the steps on an account.
struct AccountDelta {
    identity: Option<AccountIdentity>,
    old: Option<AccountState>,
    credits: u128,
    debits: u128,
    /// Largest nonce of its intents.
    nonce: Option<Nonce>,
    exits: bool,
    withdrawals: Vec<Withdrawal>,
}

struct BatchExecutor<'a, S> {
    state: &'a S,
    accounts: BTreeMap<AccountId, AccountDelta>,
    opened: BTreeMap<AccountIdentity, AccountId>,
    licenses: BTreeMap<LicenseId, LicenseDelta>,
    deposited: u128,
}

/// Sum of the payments of a touched license.
struct LicenseDelta {
    license: License,
    new: bool,
    paid: u64,
    /// The version that the batch sets for the next one.
    update: Option<LicenseVersion>,
}

/// Executes `contents` on `state` at time `timestamp`. The order of `contents.intents` and
/// `contents.opened` has no influence. Signatures are not checked here.
pub fn execute_batch(
    state: &impl StateRead,
    contents: &BatchContents,
    timestamp: UnixTime,
) -> Result<BatchExecution, ExecutionError> {
    let mut executor = BatchExecutor {
        state,
        accounts: BTreeMap::new(),
        opened: BTreeMap::new(),
        licenses: BTreeMap::new(),
        deposited: 0,
    };
    executor.touch(AccountId::OPERATOR)?;
    for opened in &contents.opened {
        executor.open(*opened)?;
    }
    let queue = executor.consume_queue(&contents.queue)?;

    let mut intents = contents.intents.clone();
    intents.sort_by_key(|i| (i.signed.intent.account, i.signed.intent.nonce));
    executor.execute_intents(&intents, timestamp)?;
    let licenses = executor.distribute()?;
    let withdrawn_by_intents = executor.withdrawn();
    let (accounts, withdrawals, exited) = executor.close_accounts()?;
    Ok(BatchExecution {
        intents,
        queue,
        accounts,
        licenses,
        withdrawals,
        deposited: executor.deposited,
        withdrawn: withdrawn_by_intents + exited,
    })
}

impl<S: StateRead> BatchExecutor<'_, S> {
    fn delta(&mut self, id: AccountId) -> Result<&mut AccountDelta, ExecutionError> {
        match self.accounts.entry(id) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let account = self.state.account(id)?;
                Ok(entry.insert(AccountDelta {
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

    fn consume_queue(
        &mut self,
        entries: &[QueueEntry],
    ) -> Result<Vec<(QueueEntry, QueueOutcome)>, ExecutionError> {
        entries.iter().map(|entry| Ok((*entry, self.consume(entry)?))).collect()
    }

    fn consume(&mut self, entry: &QueueEntry) -> Result<QueueOutcome, ExecutionError> {
        let (outcome, effects) = match entry {
            QueueEntry::ForcedExit(exit) => {
                let identity = self.delta(exit.account)?.identity;
                check_forced_exit(exit, identity.map(|identity| identity.owner))
            }
            QueueEntry::Deposit(deposit) => check_deposit(deposit, || {
                let identity = deposit.identity();
                let id = match self.opened.get(&identity) {
                    Some(id) => *id,
                    None => self
                        .state
                        .account_of(&identity)?
                        .ok_or(ExecutionError::NoAccountForDeposit(deposit.owner))?,
                };
                let old = self.delta(id)?.old;
                let old_balance = old.map_or(Nano::ZERO, |old| old.balance);
                Ok::<_, ExecutionError>(DepositAccount { id, old_balance, opens: false })
            })?,
        };
        effects.apply(self)?;
        Ok(outcome)
    }

    /// Executes intents, given by account and nonce. Registrations come first: a license may be paid,
    /// and derived from, in its own batch.
    fn execute_intents(
        &mut self,
        intents: &[IntentWitness],
        timestamp: UnixTime,
    ) -> Result<(), ExecutionError> {
        for witness in intents {
            self.check_signer(witness, timestamp)?;
        }
        let (mut registrations, others): (Vec<_>, Vec<_>) =
            intents.iter().partition(|witness| witness.registers.is_some());
        registrations.sort_by_key(|witness| witness.registers);
        registrations.into_iter().chain(others).try_for_each(|witness| self.execute(witness))
    }

    fn check_signer(
        &mut self,
        witness: &IntentWitness,
        timestamp: UnixTime,
    ) -> Result<(), ExecutionError> {
        let Intent { account, nonce, valid_until, .. } = witness.signed.intent;
        let signer = self.delta(account)?;
        if signer.identity.map(|identity| identity.key) != Some(witness.key) {
            return Err(ExecutionError::WrongSigner(account));
        }
        let last = signer.nonce.or(signer.old.map(|old| old.nonce)).unwrap_or(Nonce::MIN);
        if nonce <= last {
            return Err(ExecutionError::NonceNotNew { account, nonce });
        }
        if valid_until < timestamp {
            return Err(ExecutionError::Expired(account));
        }
        signer.nonce = Some(nonce);
        Ok(())
    }

    fn execute(&mut self, witness: &IntentWitness) -> Result<(), ExecutionError> {
        let intent = &witness.signed.intent;
        let registers = intent.operation.kind() == OperationKind::RegisterLicense;
        let is_fresh = match witness.registers {
            Some(id) => !self.licenses.contains_key(&id) && self.state.license(id)?.is_none(),
            None => true,
        };
        if registers != witness.registers.is_some() || !is_fresh {
            return Err(ExecutionError::LicenseNumber(intent.account));
        }
        let named = references(&intent.operation);
        for account in named.accounts {
            self.delta(account)?;
        }
        for license in named.licenses {
            self.touch_license(license)?;
        }
        check_intent(intent, witness.registers, self)?.apply(self)
    }

    /// Touches a license and its ancestors, if it exists.
    fn touch_license(&mut self, id: LicenseId) -> Result<(), ExecutionError> {
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if self.licenses.contains_key(&id) {
                continue;
            }
            let Some(license) = self.state.license(id)? else { continue };
            pending.extend(license.terms.shares.parents().map(|(parent, _)| parent));
            self.licenses.insert(id, LicenseDelta { license, new: false, paid: 0, update: None });
        }
        Ok(())
    }

    fn distribute(&mut self) -> Result<Vec<LicenseChange>, ExecutionError> {
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
        .ok_or(ExecutionError::Distribute)?;
        for (account, credit) in credits {
            let sums = self.delta(account)?;
            if sums.identity.is_none() {
                return Err(ExecutionError::UnknownHolder(account));
            }
            sums.credits += credit;
        }
        let changes = touched
            .iter()
            .zip(plan.into_values())
            .map(|((id, touched), after)| license_change(*id, touched, &after))
            .collect::<Option<_>>()
            .ok_or(ExecutionError::Distribute)?;
        Ok(changes)
    }

    fn withdrawn(&self) -> u128 {
        let withdrawals = self.accounts.values().flat_map(|sums| &sums.withdrawals);
        withdrawals.map(|w| u128::from(w.base_units * NANO_PER_BASE_UNIT)).sum()
    }

    /// Closes every account: balance, forced exit, nonce.
    fn close_accounts(
        &mut self,
    ) -> Result<(Vec<AccountChange>, Vec<Withdrawal>, u128), ExecutionError> {
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
                .ok_or(ExecutionError::Balance(id))?;
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

impl<S> RuleView for BatchExecutor<'_, S> {
    fn identity(&self, id: AccountId) -> Option<Digest> {
        Some(self.accounts.get(&id)?.identity?.digest())
    }

    fn license(&self, id: LicenseId) -> Option<&License> {
        self.licenses.get(&id).map(|delta| &delta.license)
    }

    fn changes(&self, id: LicenseId) -> bool {
        self.licenses.get(&id).is_some_and(|delta| delta.new || delta.update.is_some())
    }
}

impl<S: StateRead> EffectTarget for BatchExecutor<'_, S> {
    type Error = ExecutionError;

    fn touch(&mut self, account: AccountId) -> Result<(), ExecutionError> {
        self.delta(account).map(|_| ())
    }

    fn open(
        &mut self,
        OpenedAccount { id, identity }: OpenedAccount,
    ) -> Result<(), ExecutionError> {
        let delta = self.delta(id)?;
        if delta.identity.is_some() {
            return Err(ExecutionError::AlreadyOpen(id));
        }
        delta.identity = Some(identity);
        let earlier = self.opened.insert(identity, id);
        match earlier.or(self.state.account_of(&identity)?) {
            Some(id) => Err(ExecutionError::AlreadyOpen(id)),
            None => Ok(()),
        }
    }

    fn debit(&mut self, account: AccountId, amount: Nano) -> Result<(), ExecutionError> {
        self.delta(account)?.debits += u128::from(amount.get());
        Ok(())
    }

    fn credit(&mut self, account: AccountId, amount: Nano) -> Result<(), ExecutionError> {
        self.delta(account)?.credits += u128::from(amount.get());
        Ok(())
    }

    fn add_deposited(&mut self, amount: Amount) -> Result<(), ExecutionError> {
        self.deposited += u128::from(amount.get());
        Ok(())
    }

    fn pay(&mut self, license: LicenseId, amount: Amount) -> Result<(), ExecutionError> {
        let delta = self.licenses.get_mut(&license).ok_or(ExecutionError::Distribute)?;
        delta.paid = delta.paid.checked_add(amount.get()).ok_or(ExecutionError::Distribute)?;
        Ok(())
    }

    fn register(&mut self, license: LicenseId, new: &License) -> Result<(), ExecutionError> {
        let delta = LicenseDelta { license: new.clone(), new: true, paid: 0, update: None };
        self.licenses.insert(license, delta);
        Ok(())
    }

    fn update(
        &mut self,
        license: LicenseId,
        version: &LicenseVersion,
    ) -> Result<(), ExecutionError> {
        let delta = self.licenses.get_mut(&license).ok_or(ExecutionError::Distribute)?;
        delta.update = Some(*version);
        Ok(())
    }

    fn withdraw(&mut self, account: AccountId, amount: Amount) -> Result<(), ExecutionError> {
        let delta = self.delta(account)?;
        if let Some(AccountIdentity { owner, .. }) = delta.identity {
            let base_units = Nano::from(amount).base_units();
            delta.withdrawals.push(Withdrawal { owner, base_units });
        }
        Ok(())
    }

    fn exit(&mut self, account: AccountId) -> Result<(), ExecutionError> {
        self.delta(account)?.exits = true;
        Ok(())
    }
}

fn license_change(
    id: LicenseId,
    touched: &LicenseDelta,
    after: &Distribution<'_>,
) -> Option<LicenseChange> {
    let old = touched.license.state;
    let received = Nano::new(after.received).ok()?;
    // Modulo 2⁶²: money sent round in circles does not make a license unpayable.
    let ever = (old.received.get() + received.get()) & Nano::MAX.get();
    let new = LicenseState {
        vault: Nano::new(after.vault).ok()?,
        received: Nano::new(ever).ok()?,
        version: touched.update.unwrap_or(old.version),
    };
    Some(LicenseChange {
        id,
        terms: touched.license.terms.clone(),
        old: (!touched.new).then_some(old),
        new,
        received,
    })
}

/// The accounts that a batch leaves, as they are to be stored.
pub(crate) fn accounts_after(
    changes: &[AccountChange],
) -> impl Iterator<Item = (AccountId, Account, bool)> + '_ {
    changes.iter().filter_map(|change| {
        let account = Account { identity: change.identity?, state: change.new? };
        Some((change.id, account, change.old.is_none()))
    })
}
