//! Steps that no account signs: accounts opened by the operator, entries of the L1 queue.

use farthing_protocol::{
    AccountId, AccountIdentity, Nano, OpenedAccount, QueueEntry, QueueIndex, UnixTime,
};

use crate::batch::{CapacityError, OpenBatch};
use crate::ledger::{Ledger, LedgerError};
use crate::rules::{
    ConsumeError, DepositAccount, OpenAccountError, check_deposit, check_open_account,
    largest_forced_exit,
};
use crate::store::StateRead;
use crate::store::Writes;
use crate::witness::LogEntry;

impl Ledger {
    /// Opens an account for a key and an owner, at no cost to the owner. Durable on return.
    pub fn open_account(
        &mut self,
        now: UnixTime,
        identity: AccountIdentity,
    ) -> Result<Result<OpenedAccount, OpenAccountError>, LedgerError> {
        let mut answers = self.open_accounts(now, &[identity])?;
        answers.pop().ok_or(LedgerError::NoOpenBatch)
    }

    /// Opens accounts in the order given and makes all of them durable with one write. Once the
    /// batch is full for one, it is for all behind it.
    pub fn open_accounts(
        &mut self,
        now: UnixTime,
        identities: &[AccountIdentity],
    ) -> Result<Vec<Result<OpenedAccount, OpenAccountError>>, LedgerError> {
        self.begin(now)?;
        let answers = self.open_all(identities);
        self.poison_unless_ok(answers)
    }

    fn open_all(
        &mut self,
        identities: &[AccountIdentity],
    ) -> Result<Vec<Result<OpenedAccount, OpenAccountError>>, LedgerError> {
        let mut answers = Vec::with_capacity(identities.len());
        let mut writes = Writes::default();
        let mut full = None;
        for identity in identities {
            let answer = match full {
                Some(exceeded) => Err(OpenAccountError::BatchFull(exceeded)),
                None => self.open_one(*identity, None, &mut writes)?,
            };
            if let Err(OpenAccountError::BatchFull(exceeded)) = answer {
                full = Some(exceeded);
            }
            answers.push(answer);
        }
        self.commit_open(writes)?;
        Ok(answers)
    }

    /// The account gets `number`, which must be unused, or else the next.
    pub(crate) fn open_one(
        &mut self,
        identity: AccountIdentity,
        number: Option<AccountId>,
        writes: &mut Writes,
    ) -> Result<Result<OpenedAccount, OpenAccountError>, LedgerError> {
        let (base, open) = self.base_and_open()?;
        let existing = base.account_of(&identity)?;
        let unused = match number {
            Some(number) => Some(number),
            None => open.running.unused_account(&base)?,
        };
        let existing = existing.or_else(|| open.running.opened(&identity));
        let (opened, effects) = match check_open_account(identity, existing, unused) {
            Ok(step) => step,
            Err(refused) => return Ok(Err(refused)),
        };
        let usage = open.usage(&effects);
        if let Err(CapacityError::BatchFull(full) | CapacityError::ExceedsClass(full)) =
            open.reserve(&usage)
        {
            return Ok(Err(OpenAccountError::BatchFull(full)));
        }
        open.add_account(opened, &effects);
        self.append(LogEntry::Opened(opened), writes)?;
        Ok(Ok(opened))
    }

    /// Consumes queue entries from number `from` on, which must be the next one, until one cannot
    /// be consumed now; makes what was consumed durable with one write. Returns how many were
    /// consumed, and why the next was not.
    pub fn consume(
        &mut self,
        now: UnixTime,
        from: QueueIndex,
        entries: &[QueueEntry],
    ) -> Result<(usize, Option<ConsumeError>), LedgerError> {
        self.begin(now)?;
        let expected = self.queue_next();
        if from != expected {
            let (expected, got) = (expected.get(), from.get());
            return Ok((0, Some(ConsumeError::OutOfOrder { expected, got })));
        }
        let consumed = self.consume_all(entries);
        self.poison_unless_ok(consumed)
    }

    fn consume_all(
        &mut self,
        entries: &[QueueEntry],
    ) -> Result<(usize, Option<ConsumeError>), LedgerError> {
        let mut writes = Writes::default();
        let mut consumed = 0;
        let mut refused = None;
        for entry in entries {
            let (base, open) = self.base_and_open()?;
            match consume_entry(&base, open, entry, None)? {
                Err(error) => {
                    refused = Some(error);
                    break;
                }
                Ok(opens) => {
                    let opens = opens.map(|opened| opened.id);
                    self.append(LogEntry::Queue { entry: *entry, opens }, &mut writes)?;
                    consumed += 1;
                }
            }
        }
        self.commit_open(writes)?;
        Ok((consumed, refused))
    }
}

/// Applies a queue entry to the open batch; returns the account that it opens, which gets `number`,
/// an unused one, or else the next.
pub(crate) fn consume_entry(
    base: &impl StateRead,
    open: &mut OpenBatch,
    entry: &QueueEntry,
    number: Option<AccountId>,
) -> Result<Result<Option<OpenedAccount>, ConsumeError>, LedgerError> {
    let mut opened = None;
    let effects = match entry {
        QueueEntry::ForcedExit(exit) => {
            open.running.load_account(base, exit.account)?;
            largest_forced_exit(exit)
        }
        QueueEntry::Deposit(deposit) => {
            let identity = deposit.identity();
            let existing = base.account_of(&identity)?;
            if let Some(id) = existing {
                open.running.load_account(base, id)?;
            }
            let unused = match number {
                Some(number) => Some(number),
                None => open.running.unused_account(base)?,
            };
            let step = check_deposit(deposit, || {
                let existing = existing.or_else(|| open.running.opened(&identity));
                let id = existing.or(unused);
                let id = id.ok_or(ConsumeError::NoAccountLeft { last: AccountId::MAX })?;
                let account = open.running.account(id);
                let old_balance = account.map_or(Nano::ZERO, |account| account.old_balance);
                let opens = existing.is_none();
                opened = opens.then_some(OpenedAccount { id, identity });
                Ok(DepositAccount { id, old_balance, opens })
            });
            match step {
                Err(refused) => return Ok(Err(refused)),
                Ok((_, effects)) => effects,
            }
        }
    };
    let usage = open.usage(&effects).with_entry(entry);
    if let Err(CapacityError::BatchFull(full) | CapacityError::ExceedsClass(full)) =
        open.reserve(&usage)
    {
        return Ok(Err(ConsumeError::BatchFull(full)));
    }
    open.add_entry(*entry, opened, &effects);
    Ok(Ok(opened))
}
