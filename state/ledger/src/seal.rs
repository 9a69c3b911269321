//! Sealing: the open batch is settled, both trees move once, and everything a prover and L1 need
//! is written with the new state in one step.

use farthing_protocol::{
    Account, AccountDiff, AccountId, AccountIdentity, AccountState, BatchCounts, BatchHeader,
    BatchStatement, Digest, License, LicenseDiff, LicenseId, NewLicense, OpenedAccount, PublicData,
    Record, UnixTime,
};
use rayon::prelude::*;

use crate::batch::{OpenBatch, RunningState};
use crate::ledger::{Ledger, LedgerError};
use crate::receipts::receipt_root;
use crate::settle::{Settlement, settle, settled_accounts};
use crate::state::StateRead;
use crate::store::{Store, StoreError, Writes};
use crate::tree::{LeafChange, TreeId, TreeUpdate, state_root, update};
use crate::tree::{account_leaves, identity_digests};
use crate::witness::{AccountChange, BatchWitness, LicenseChange};

/// A batch that is settled and stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBatch {
    /// All that a prover needs, its statement included.
    pub witness: BatchWitness,
    /// What it holds, against its class's capacity.
    pub counts: BatchCounts,
}

impl Ledger {
    /// Seals the open batch; `None` if nothing is in it. Durable on return.
    pub fn seal(&mut self) -> Result<Option<SealedBatch>, LedgerError> {
        if self.is_idle() {
            return Ok(None);
        }
        let timestamp = self.meta().timestamp;
        self.seal_always(timestamp).map(Some)
    }

    /// Seals the open batch, or an empty one at `now` if nothing is in it. Durable on return.
    pub fn seal_always(&mut self, now: UnixTime) -> Result<SealedBatch, LedgerError> {
        self.begin(now)?;
        let sealed = self.seal_open();
        self.poison_unless_ok(sealed)
    }

    fn seal_open(&mut self) -> Result<SealedBatch, LedgerError> {
        let (open, mut meta, log_length) = self.take_open().ok_or(LedgerError::NoOpenBatch)?;
        let known = Known { store: self.store(), running: &open.running };
        let settlement = settle(&known, &open.contents, open.timestamp)?;
        meta.deposited += settlement.deposited;
        meta.withdrawn += settlement.withdrawn;
        meta.next_account = open.running.next_account;
        meta.next_license = open.running.next_license;
        let (witness, trees) = self.build_witness(&open, settlement)?;
        let header = &witness.statement.header;
        meta.root = header.new_root;
        meta.next_batch = header.number.next();
        meta.queue_next = header.queue_to;
        meta.timestamp = header.timestamp;
        meta.open = None;

        let mut writes = Writes::default();
        write_state(&mut writes, &witness, &trees)?;
        writes.batch(header.number, &witness)?;
        writes.forget_log(log_length);
        writes.meta(&meta)?;
        self.commit(writes)?;
        self.settled(meta);
        Ok(SealedBatch { witness, counts: *open.tally.counts() })
    }

    fn build_witness(
        &self,
        open: &OpenBatch,
        settlement: Settlement,
    ) -> Result<(BatchWitness, [TreeUpdate; 2]), LedgerError> {
        let accounts = move_accounts(self.store(), &settlement.accounts)?;
        let licenses = move_licenses(self.store(), &settlement.licenses)?;
        let old_root = state_root(&accounts.old_root, &licenses.old_root);
        if old_root != self.root() {
            return Err(LedgerError::WrongRoot { expected: self.root(), got: old_root });
        }
        let mut opened = open.contents.opened.clone();
        opened.sort_by_key(|opened| opened.id);
        let challenges = settlement.intents.iter().map(|intent| intent.challenge).collect();
        let public_data = PublicData::from_records(&records(&settlement, &opened));
        let meta = self.meta();
        let header = BatchHeader {
            domain: self.domain_digest(),
            class: open.class.id,
            number: meta.next_batch,
            timestamp: open.timestamp,
            old_root,
            new_root: state_root(&accounts.new_root, &licenses.new_root),
            receipts_root: receipt_root(challenges).ok_or(LedgerError::TooManyReceipts)?,
            intents: settlement.intents.len() as u32,
            queue_from: meta.queue_next,
            queue_to: meta.queue_next.advance(settlement.queue.len() as u64),
            public_data: public_data.commitment(),
            public_data_limbs: public_data.limbs().len() as u32,
        };
        let witness = BatchWitness {
            statement: BatchStatement::new(header, public_data.limbs()),
            queue: settlement.queue,
            opened,
            intents: settlement.intents,
            accounts: settlement.accounts,
            licenses: settlement.licenses,
            withdrawals: settlement.withdrawals,
            account_nodes: accounts.nodes.clone(),
            license_nodes: licenses.nodes.clone(),
            old_roots: [accounts.old_root, licenses.old_root],
            new_roots: [accounts.new_root, licenses.new_root],
            public_data,
        };
        Ok((witness, [accounts, licenses]))
    }
}

/// The settled state as far as the open batch has read it, the store behind it.
struct Known<'a> {
    store: &'a Store,
    running: &'a RunningState,
}

impl StateRead for Known<'_> {
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.account(id)
    }

    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError> {
        self.store.account_of(identity)
    }

    /// Licenses do not change while a batch is open, except that new ones are registered.
    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError> {
        match self.running.known_license(id) {
            Some(known) if u64::from(id.get()) < self.running.first_new_license() => {
                Ok(known.clone())
            }
            _ => self.store.license(id),
        }
    }
}

fn move_accounts(store: &Store, changes: &[AccountChange]) -> Result<TreeUpdate, StoreError> {
    let identities: Vec<AccountIdentity> =
        changes.iter().map(|change| change.identity.unwrap_or_default()).collect();
    let old: Vec<Option<AccountState>> = changes.iter().map(|change| change.old).collect();
    let new: Vec<Option<AccountState>> = changes.iter().map(|change| change.new).collect();
    let identities = identity_digests(&identities);
    let old = account_leaves(&identities, &old);
    let new = account_leaves(&identities, &new);
    let leaves: Vec<LeafChange> = changes
        .iter()
        .zip(old.into_iter().zip(new))
        .map(|(change, (old, new))| LeafChange { index: change.id.get(), old, new })
        .collect();
    update(&store.tree(TreeId::Accounts), &leaves)
}

fn move_licenses(store: &Store, changes: &[LicenseChange]) -> Result<TreeUpdate, StoreError> {
    let leaves: Vec<LeafChange> = changes
        .par_iter()
        .map(|change| {
            let (terms, price) = (change.terms.digest(), change.terms.price);
            LeafChange {
                index: change.id.get(),
                old: change.old.map_or(Digest::ZERO, |old| old.leaf(&terms, price)),
                new: change.new.leaf(&terms, price),
            }
        })
        .collect();
    update(&store.tree(TreeId::Licenses), &leaves)
}

fn write_state(
    writes: &mut Writes,
    witness: &BatchWitness,
    [accounts, licenses]: &[TreeUpdate; 2],
) -> Result<(), StoreError> {
    for (id, account, new) in settled_accounts(&witness.accounts) {
        writes.account(id, &account, new)?;
    }
    for LicenseChange { id, terms, new, .. } in &witness.licenses {
        writes.license(*id, &License { terms: terms.clone(), state: *new })?;
    }
    writes.nodes(TreeId::Accounts, &accounts.writes);
    writes.nodes(TreeId::Licenses, &licenses.writes);
    Ok(())
}

/// The public data of a settlement, in the format's order.
fn records(settlement: &Settlement, opened: &[OpenedAccount]) -> Vec<Record> {
    let queue = settlement.queue.iter().map(|(entry, outcome)| Record::Queue(*entry, *outcome));
    let opened = opened.iter().map(|opened| Record::OpenedAccount(*opened));
    let withdrawals = settlement.withdrawals.iter().map(|w| Record::Withdrawal(*w));
    let accounts = settlement.accounts.iter().filter_map(|change| {
        let new = change.new?;
        let nonce = change.signed.then_some(new.nonce);
        Some(Record::Account(AccountDiff { id: change.id, balance: new.balance, nonce }))
    });
    let registered = settlement.licenses.iter().filter(|change| change.old.is_none());
    let registered = registered.map(|change| {
        Record::NewLicense(NewLicense { id: change.id, terms: change.terms.clone() })
    });
    let licenses = settlement.licenses.iter().map(|change| {
        let LicenseChange { id, new, .. } = change;
        // Less than the number of holders: `distribute`.
        let vault = new.vault.get() as u8;
        Record::License(LicenseDiff { id: *id, vault, received: new.received })
    });
    queue
        .chain(opened)
        .chain(withdrawals)
        .chain(accounts)
        .chain(registered)
        .chain(licenses)
        .collect()
}
