//! The witness of a batch: both trees move once over the touched leaves.

use farthing_protocol::{
    AccountChange, AccountDiff, AccountIdentity, AccountState, BatchHeader, BatchStatement,
    BatchWitness, Digest, IntentWitness, LicenseChange, LicenseDiff, NewLicense, OpenedAccount,
    Operation, PublicData, Record, UpdateLicense, UpdatedLicense,
};
use rayon::prelude::*;

use super::SealJob;
use crate::error::LedgerError;
use crate::execution::BatchExecution;
use crate::receipts::receipt_root;
use crate::store::{Store, StoreError};
use crate::tree::{
    LeafChange, NodeAt, TreeId, TreeUpdate, account_leaves, identity_digests, state_root, update,
};

/// A batch's witness, and the nodes to store of the accounts tree and of the licenses tree.
pub(super) struct BuiltBatch {
    pub(super) witness: BatchWitness,
    pub(super) nodes: [Vec<(NodeAt, Digest)>; 2],
}

/// Builds the witness of the batch that a job executed.
pub(super) fn build(job: &SealJob, execution: BatchExecution) -> Result<BuiltBatch, LedgerError> {
    let SealJob { store, before: meta, open, .. } = job;
    let challenges: Vec<Digest> = execution.intents.iter().map(|i| i.challenge).collect();
    // All of it on the workers' threads: under load, each step that waits for them waits long.
    let (accounts, (licenses, receipts_root)) = rayon::join(
        || move_accounts(store, &execution.accounts),
        || rayon::join(|| move_licenses(store, &execution.licenses), || receipt_root(challenges)),
    );
    let (accounts, licenses) = (accounts?, licenses?);
    let old_root = state_root(&accounts.old_root, &licenses.old_root);
    if old_root != meta.root {
        return Err(LedgerError::WrongRoot { expected: meta.root, got: old_root });
    }
    let mut opened = open.contents.opened.clone();
    opened.sort_by_key(|opened| opened.id);
    let public_data = PublicData::from_records(&records(&execution, &opened));
    let header = BatchHeader {
        domain: meta.genesis.domain.digest(),
        class: open.class.id,
        number: meta.next_batch,
        timestamp: open.timestamp,
        old_root,
        new_root: state_root(&accounts.new_root, &licenses.new_root),
        receipts_root: receipts_root.ok_or(LedgerError::TooManyReceipts)?,
        intents: execution.intents.len() as u32,
        queue_from: meta.queue_next,
        queue_to: meta.queue_next.advance(execution.queue.len() as u64),
        public_data: public_data.commitment(),
        public_data_limbs: public_data.limbs().len() as u32,
    };
    let witness = BatchWitness {
        statement: BatchStatement::new(header, public_data.limbs()),
        queue: execution.queue,
        opened,
        intents: execution.intents,
        accounts: execution.accounts,
        licenses: execution.licenses,
        withdrawals: execution.withdrawals,
        account_nodes: accounts.nodes,
        license_nodes: licenses.nodes,
        old_roots: [accounts.old_root, licenses.old_root],
        new_roots: [accounts.new_root, licenses.new_root],
        public_data,
    };
    Ok(BuiltBatch { witness, nodes: [accounts.writes, licenses.writes] })
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
            let digest = change.terms.digest();
            LeafChange {
                index: change.id.get(),
                old: change.old.map_or(Digest::ZERO, |old| old.leaf(&digest)),
                new: change.new.leaf(&digest),
            }
        })
        .collect();
    update(&store.tree(TreeId::Licenses), &leaves)
}

/// The public data of a batch, in the format's order.
fn records(execution: &BatchExecution, opened: &[OpenedAccount]) -> Vec<Record> {
    let queue = execution.queue.iter().map(|(entry, outcome)| Record::Queue(*entry, *outcome));
    let opened = opened.iter().map(|opened| Record::OpenedAccount(*opened));
    let withdrawals = execution.withdrawals.iter().map(|w| Record::Withdrawal(*w));
    let accounts = execution.accounts.iter().filter_map(|change| {
        let new = change.new?;
        let nonce = change.signed.then_some(new.nonce);
        Some(Record::Account(AccountDiff { id: change.id, balance: new.balance, nonce }))
    });
    let registered = execution.licenses.iter().filter(|change| change.old.is_none());
    // The batch that registers a license does not update it.
    let registered = registered.map(|change| {
        Record::NewLicense(NewLicense::new(change.id, &change.terms, &change.new.version))
    });
    let mut updated: Vec<UpdatedLicense> = execution.intents.iter().filter_map(update_of).collect();
    updated.sort_unstable_by_key(|updated| updated.id);
    let updated = updated.into_iter().map(Record::UpdatedLicense);
    let licenses = execution.licenses.iter().map(|change| {
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
        .chain(updated)
        .chain(licenses)
        .collect()
}

const fn update_of(witness: &IntentWitness) -> Option<UpdatedLicense> {
    match witness.signed.intent.operation {
        Operation::UpdateLicense(UpdateLicense { license: id, version, .. }) => {
            Some(UpdatedLicense { id, version })
        }
        _ => None,
    }
}
