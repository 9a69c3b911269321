//! Steps that no account signs: accounts opened by the operator, entries of the L1 queue.

use farthing_protocol::{AccountId, AccountIdentity, Nano, OpenedAccount, QueueEntry};

use crate::batch::{CapacityError, OpenBatch};
use crate::error::LedgerError;
use crate::open_steps::Step;
use crate::records::LogEntry;
use crate::rules::{
    ConsumeError, DepositAccount, OpenAccountError, check_deposit, check_open_account,
    largest_forced_exit,
};
use crate::store::{StateRead, StoreError};

/// Opens an account. It gets `number`, which must be unused, or else the next.
pub(crate) fn open_account(
    step: &mut Step<'_>,
    identity: AccountIdentity,
    number: Option<AccountId>,
) -> Result<Result<OpenedAccount, OpenAccountError>, LedgerError> {
    let view = step.sealed.view();
    let open = step.open.batch_mut()?;
    let existing = view.account_of(&identity)?;
    let unused = match number {
        Some(number) => Some(number),
        None => open.running.unused_account(&view)?,
    };
    let existing = existing.or_else(|| open.running.opened(&identity));
    let (opened, effects) = match check_open_account(identity, existing, unused) {
        Ok(opening) => opening,
        Err(refused) => return Ok(Err(refused)),
    };
    let usage = open.usage(&effects);
    if let Err(CapacityError::BatchFull(full) | CapacityError::ExceedsClass(full)) =
        open.reserve(&usage)
    {
        return Ok(Err(OpenAccountError::BatchFull(full)));
    }
    open.add_account(opened, &effects);
    step.open.append(LogEntry::Opened(opened), step.writes)?;
    Ok(Ok(opened))
}

/// Consumes a queue entry, which must be the next one. The account that it opens gets `number`, an
/// unused one, or else the next.
pub(crate) fn consume(
    step: &mut Step<'_>,
    entry: &QueueEntry,
    number: Option<AccountId>,
) -> Result<Result<(), ConsumeError>, LedgerError> {
    let open = step.open.batch_mut()?;
    match consume_entry(&step.sealed.view(), open, entry, number)? {
        Err(refused) => Ok(Err(refused)),
        Ok(opened) => {
            let opens = opened.map(|opened| opened.id);
            step.open.append(LogEntry::Queue { entry: *entry, opens }, step.writes)?;
            Ok(Ok(()))
        }
    }
}

/// Applies a queue entry to the open batch; returns the account that it opens, which gets `number`,
/// an unused one, or else the next.
pub(crate) fn consume_entry(
    base: &impl StateRead,
    open: &mut OpenBatch,
    entry: &QueueEntry,
    number: Option<AccountId>,
) -> Result<Result<Option<OpenedAccount>, ConsumeError>, StoreError> {
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
