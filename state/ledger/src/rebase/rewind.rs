//! Taking batches back: each sealed one is undone from its witness, with one write.

use std::collections::VecDeque;

use farthing_protocol::{
    Account, AccountId, BatchNumber, BatchWitness, IntentWitness, License, NANO_PER_BASE_UNIT,
    QueueEntry, QueueIndex, QueueOutcome, UnixTime,
};

use super::{Rebase, RebaseError, Rebasing};
use crate::displaced::DisplacedStep;
use crate::header::StateHeader;
use crate::records::LogEntry;
use crate::rules::RuleView as _;
use crate::store::{IntentKey, StoreError, Writes};
use crate::tree::TreeId;

impl Rebasing<'_> {
    /// Takes back the open batch and every sealed one from `plan.first` on, newest first; returns
    /// how many sealed ones.
    pub(super) fn rewind(&mut self, plan: &Rebase) -> Result<u64, RebaseError> {
        self.displace_open()?;
        let mut taken_back = 0;
        while self.sealed.parent().next_batch > plan.first {
            let number = BatchNumber::new(self.sealed.parent().next_batch.get() - 1);
            let number = number.unwrap_or(BatchNumber::MIN);
            self.rewind_batch(number, plan)?;
            taken_back += 1;
        }
        Ok(taken_back)
    }

    /// Moves the steps of the open batch to the displaced ones.
    fn displace_open(&mut self) -> Result<(), RebaseError> {
        let number = self.sealed.parent().next_batch;
        let mut index = self.sealed.header().queue_next;
        let entries = self.sealed.store().log()?;
        let Some((open, log_to)) = self.open.take() else { return Ok(()) };
        let mut writes = Writes::default();
        writes.forget_open(number, log_to);
        if !entries.is_empty() {
            let mut steps = Steps::new(number, open.timestamp, false);
            let mut intents = Vec::new();
            for (_, entry) in entries {
                match entry {
                    LogEntry::Opened(opened) => steps.opened(opened, &mut writes)?,
                    LogEntry::Queue { entry, opens } => {
                        steps.queue(index, entry, opens, &mut writes)?;
                        index = index.advance(1);
                    }
                    LogEntry::Intent(witness) => {
                        let id = witness.signed.intent.id(&self.sealed.domain());
                        writes.forget_intent(key_of(&witness), &id);
                        intents.push(witness);
                    }
                }
            }
            // They may have come in any order; if the batch has to be split, the greater nonces of
            // an account go to the later one.
            intents.sort_by_key(key_of);
            for intent in admission_order(intents) {
                let registered =
                    intent.registers.and_then(|id| Some((id, open.running.license(id)?)));
                if let Some((id, license)) = registered {
                    writes.displaced_license(id, &license.terms)?;
                }
                steps.intent(intent, &mut writes)?;
            }
        }
        self.commit(writes)
    }

    /// Undoes the last sealed batch: its steps are displaced, and state and trees are as before it.
    fn rewind_batch(&mut self, number: BatchNumber, plan: &Rebase) -> Result<(), RebaseError> {
        let witness = self.sealed.store().batch(number)?.ok_or(RebaseError::NoWitness(number))?;
        let timestamp = match number > plan.first {
            true => {
                let before = BatchNumber::new(number.get() - 1).unwrap_or(BatchNumber::MIN);
                let before =
                    self.sealed.store().batch(before)?.ok_or(RebaseError::NoWitness(before))?;
                before.statement.header.timestamp
            }
            false => plan.before,
        };
        let mut writes = Writes::default();
        undo_state(&mut writes, &witness)?;
        let [accounts, licenses] = witness.old_roots;
        writes.undo_nodes(TreeId::Accounts, &witness.account_nodes, accounts);
        writes.undo_nodes(TreeId::Licenses, &witness.license_nodes, licenses);
        writes.forget_batch(number);
        let meta = self.meta_before(&witness, timestamp);
        for intent in &witness.intents {
            let id = intent.signed.intent.id(&self.sealed.domain());
            writes.forget_intent(key_of(intent), &id);
        }
        displace(witness, &mut writes)?;
        writes.meta(&meta)?;
        self.commit(writes)?;
        self.sealed.advance(meta);
        Ok(())
    }

    fn meta_before(&self, witness: &BatchWitness, timestamp: UnixTime) -> StateHeader {
        let after = *self.sealed.header();
        let header = &witness.statement.header;
        let opened = witness.opened.iter().map(|opened| u64::from(opened.id.get())).min();
        let registered = witness.licenses.iter().filter(|change| change.old.is_none());
        let registered = registered.map(|change| u64::from(change.id.get())).min();
        let credited = witness.queue.iter().filter_map(|(entry, outcome)| match (entry, outcome) {
            (QueueEntry::Deposit(deposit), QueueOutcome::Credited(_)) => {
                Some(u128::from(deposit.raw_amount()))
            }
            _ => None,
        });
        let withdrawn = witness.withdrawals.iter().map(|w| u128::from(w.base_units));
        StateHeader {
            root: header.old_root,
            // Where the search for a number begins: at the first that is unused again.
            next_account: opened.map_or(after.next_account, |id| id.min(after.next_account)),
            next_license: registered.map_or(after.next_license, |id| id.min(after.next_license)),
            next_batch: header.number,
            queue_next: header.queue_from,
            timestamp,
            deposited: after.deposited - credited.sum::<u128>(),
            withdrawn: after.withdrawn - withdrawn.sum::<u128>() * u128::from(NANO_PER_BASE_UNIT),
            ..after
        }
    }
}

fn key_of(witness: &IntentWitness) -> IntentKey {
    let intent = &witness.signed.intent;
    IntentKey { account: intent.account, nonce: intent.nonce }
}

/// Puts accounts and licenses back to what they were before the batch.
fn undo_state(writes: &mut Writes, witness: &BatchWitness) -> Result<(), StoreError> {
    for change in &witness.accounts {
        match (change.identity, change.old) {
            (Some(identity), Some(state)) => {
                writes.account(change.id, &Account { identity, state }, false)?;
            }
            (Some(identity), None) => writes.forget_account(change.id, &identity),
            (None, _) => {}
        }
    }
    for change in &witness.licenses {
        match change.old {
            Some(state) => {
                let terms = change.terms.clone();
                writes.license(change.id, &License { terms, state })?;
            }
            None => writes.forget_license(change.id),
        }
    }
    Ok(())
}

/// Displaces the steps of a sealed batch in an order in which they can be admitted: accounts by
/// number, queue entries, then intents so that those of an account stay in the order of their
/// nonces and registrations in the order of their numbers.
fn displace(witness: BatchWitness, writes: &mut Writes) -> Result<(), StoreError> {
    let header = &witness.statement.header;
    let mut steps = Steps::new(header.number, header.timestamp, true);
    let mut index = header.queue_from;
    let mut queue: VecDeque<QueueEntry> = witness.queue.iter().map(|(entry, _)| *entry).collect();
    for opened in &witness.opened {
        // An account whose key does not encode a point was opened by its deposit. Other accounts may be
        // opened before their deposits: a batch is a set.
        if opened.identity.key.decode().is_ok() {
            steps.opened(*opened, writes)?;
            continue;
        }
        while let Some(entry) = queue.pop_front() {
            let own = matches!(&entry, QueueEntry::Deposit(d) if d.identity() == opened.identity);
            steps.queue(index, entry, own.then_some(opened.id), writes)?;
            index = index.advance(1);
            if own {
                break;
            }
        }
    }
    for entry in queue {
        steps.queue(index, entry, None, writes)?;
        index = index.advance(1);
    }
    for registered in witness.licenses.iter().filter(|change| change.old.is_none()) {
        writes.displaced_license(registered.id, &registered.terms)?;
    }
    for intent in admission_order(witness.intents) {
        steps.intent(intent, writes)?;
    }
    Ok(())
}

/// Intents of a batch, given by account and nonce, so that registrations ascend by number. As far as
/// that allows, those of an account stay in the order of their nonces: in a batch they may come in any.
fn admission_order(intents: Vec<IntentWitness>) -> Vec<IntentWitness> {
    let mut registered: Vec<_> = intents.iter().filter_map(|intent| intent.registers).collect();
    registered.sort_unstable();
    let mut registered = VecDeque::from(registered);
    let mut accounts: Vec<VecDeque<IntentWitness>> = Vec::new();
    let mut last: Option<AccountId> = None;
    let count = intents.len();
    for intent in intents {
        let account = intent.signed.intent.account;
        if last != Some(account) {
            accounts.push(VecDeque::new());
            last = Some(account);
        }
        if let Some(own) = accounts.last_mut() {
            own.push_back(intent);
        }
    }
    let mut ordered = Vec::with_capacity(count);
    while ordered.len() < count {
        let before = ordered.len();
        for own in &mut accounts {
            let due = |intent: &IntentWitness| match intent.registers {
                Some(id) => registered.front() == Some(&id),
                None => true,
            };
            while own.front().is_some_and(&due) {
                let Some(intent) = own.pop_front() else { break };
                let registers = intent.registers.is_some();
                ordered.push(intent);
                if registers {
                    registered.pop_front();
                    break;
                }
            }
        }
        if ordered.len() == before {
            // The next registration is behind another of its account.
            let due = registered.pop_front();
            let next = accounts.iter_mut().find_map(|own| {
                let at = own.iter().position(|intent| due.is_some() && intent.registers == due)?;
                own.remove(at)
            });
            match next {
                Some(intent) => ordered.push(intent),
                None => ordered.extend(accounts.iter_mut().flat_map(std::mem::take)),
            }
        }
    }
    ordered
}

/// Writes the displaced steps of a batch.
struct Steps {
    batch: BatchNumber,
    /// The batch itself, until its first step is written.
    head: Option<DisplacedStep>,
    next: u64,
}

impl Steps {
    fn new(batch: BatchNumber, timestamp: UnixTime, sealed: bool) -> Self {
        Self { batch, head: Some(DisplacedStep::Batch { timestamp, sealed }), next: 0 }
    }

    fn put(&mut self, step: DisplacedStep, writes: &mut Writes) -> Result<(), StoreError> {
        for step in self.head.take().into_iter().chain([step]) {
            writes.displaced(self.batch, self.next, &step)?;
            self.next += 1;
        }
        Ok(())
    }

    fn opened(
        &mut self,
        opened: farthing_protocol::OpenedAccount,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        writes.displaced_account(opened.id, &opened.identity)?;
        self.put(DisplacedStep::Opened(opened), writes)
    }

    fn queue(
        &mut self,
        index: QueueIndex,
        entry: QueueEntry,
        opens: Option<AccountId>,
        writes: &mut Writes,
    ) -> Result<(), StoreError> {
        if let (Some(id), QueueEntry::Deposit(deposit)) = (opens, &entry) {
            writes.displaced_account(id, &deposit.identity())?;
        }
        self.put(DisplacedStep::Queue { index, entry, opens }, writes)
    }

    fn intent(&mut self, witness: IntentWitness, writes: &mut Writes) -> Result<(), StoreError> {
        self.put(DisplacedStep::Intent(witness), writes)
    }
}
