//! The sealed part of a ledger: store, trees and header, and the state of a batch that is being sealed.

use std::convert::Infallible;

use farthing_protocol::{AccountId, Digest, IntentId, LicenseId};
use rayon::prelude::*;

use crate::displaced::DroppedIntent;
use crate::error::LedgerError;
use crate::header::StateHeader;
use crate::pending::{PendingState, StateView};
use crate::store::{Store, StoreError, Writes};
use crate::tree::{
    LeafChange, MerklePath, NodeAt, NodeSource, TreeId, account_leaves, identity_digests, path,
    state_root, update,
};

/// The moment at which a write counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It is on disk: it survives the loss of power.
    Synced,
    /// The operating system has it: it survives a crash of the process. For tests and replays.
    Buffered,
}

/// The sum of all money, and its sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserve {
    /// Σ balances.
    pub balances: u128,
    /// Σ vaults.
    pub vaults: u128,
    /// Nano-units ever withdrawn.
    pub withdrawn: u128,
    /// Nano-units ever credited by deposits.
    pub deposited: u128,
}

impl Reserve {
    /// Σ balances + Σ vaults + withdrawn = deposited.
    pub const fn is_full(&self) -> bool {
        self.balances + self.vaults + self.withdrawn == self.deposited
    }
}

/// The state that the sealed batches left.
pub(crate) struct SealedState {
    store: Store,
    header: StateHeader,
    domain: Digest,
    durability: Durability,
    /// The state that a batch being sealed leaves.
    pending: Option<Box<PendingState>>,
    /// Set if an acknowledged intent was ever dropped: otherwise no intent is looked up among them.
    any_dropped: bool,
}

impl SealedState {
    pub(crate) fn new(
        store: Store,
        header: StateHeader,
        durability: Durability,
    ) -> Result<Self, StoreError> {
        let domain = header.genesis.domain.digest();
        let any_dropped = store.any_dropped()?;
        Ok(Self { store, header, domain, durability, pending: None, any_dropped })
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// The header that the last batch sealed left.
    pub(crate) const fn header(&self) -> &StateHeader {
        &self.header
    }

    /// The deployment that signatures and statements are for.
    pub(crate) const fn domain(&self) -> Digest {
        self.domain
    }

    pub(crate) const fn durability(&self) -> Durability {
        self.durability
    }

    /// The state of a batch that is being sealed.
    pub(crate) fn pending(&self) -> Option<&PendingState> {
        self.pending.as_deref()
    }

    /// The header that the batch before the open one leaves.
    pub(crate) fn parent(&self) -> &StateHeader {
        self.pending.as_ref().map_or(&self.header, |pending| &pending.header)
    }

    /// The state that the open batch is filled on.
    pub(crate) fn view(&self) -> StateView<'_> {
        StateView { store: &self.store, pending: self.pending.as_deref() }
    }

    /// Sets the state on which the next batch is filled until the batch before it is sealed.
    pub(crate) fn set_pending(&mut self, pending: PendingState) {
        self.pending = Some(Box::new(pending));
    }

    /// Moves on to the state that a batch left, which has been written.
    pub(crate) fn advance(&mut self, header: StateHeader) {
        self.header = header;
        self.pending = None;
    }

    /// Writes to disk, as durably as the ledger promises.
    pub(crate) fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        self.store.commit(writes, self.durability == Durability::Synced)
    }

    /// An acknowledged intent that will never settle.
    pub(crate) fn dropped(&self, id: &IntentId) -> Result<Option<DroppedIntent>, StoreError> {
        if self.any_dropped { self.store.dropped(id) } else { Ok(None) }
    }

    /// Notes that an intent was dropped.
    pub(crate) const fn note_dropped(&mut self) {
        self.any_dropped = true;
    }

    /// The path from an account's leaf to the accounts tree's root.
    pub(crate) fn account_path(&self, id: AccountId) -> Result<MerklePath, StoreError> {
        path(&self.store.tree(TreeId::Accounts), id.get())
    }

    /// The path from a license's leaf to the licenses tree's root.
    pub(crate) fn license_path(&self, id: LicenseId) -> Result<MerklePath, StoreError> {
        path(&self.store.tree(TreeId::Licenses), id.get())
    }

    /// Sums all money, account by account and license by license.
    pub(crate) fn reserve(&self) -> Result<Reserve, StoreError> {
        let accounts = self.store.accounts()?;
        let licenses = self.store.licenses()?;
        Ok(Reserve {
            balances: accounts.iter().map(|(_, a)| u128::from(a.state.balance.get())).sum(),
            vaults: licenses.iter().map(|(_, l)| u128::from(l.state.vault.get())).sum(),
            withdrawn: self.header.withdrawn,
            deposited: self.header.deposited,
        })
    }

    /// Computes the state root from every account and license, reading no tree node.
    pub(crate) fn compute_root(&self) -> Result<Digest, StoreError> {
        let accounts = self.store.accounts()?;
        let identities: Vec<_> = accounts.iter().map(|(_, a)| a.identity).collect();
        let states: Vec<_> = accounts.iter().map(|(_, a)| Some(a.state)).collect();
        let leaves = account_leaves(&identity_digests(&identities), &states);
        let leaves = accounts.iter().zip(leaves).map(|((id, _), leaf)| new_leaf(id.get(), leaf));
        let accounts_root = root_of(leaves.collect());
        let licenses = self.store.licenses()?;
        let leaves =
            licenses.par_iter().map(|(id, license)| new_leaf(id.get(), license.leaf())).collect();
        Ok(state_root(&accounts_root, &root_of(leaves)))
    }

    /// Compares the stored root with the leaves and with the root of the trees.
    pub(crate) fn check_root(&self) -> Result<(), LedgerError> {
        let expected = self.header.root;
        let got = self.compute_root()?;
        let root = |tree| self.store.tree_root(tree);
        let of_trees = state_root(&root(TreeId::Accounts)?, &root(TreeId::Licenses)?);
        match got == expected && of_trees == expected {
            true => Ok(()),
            false => Err(LedgerError::WrongRoot { expected, got }),
        }
    }
}

fn new_leaf(index: u32, new: Digest) -> LeafChange {
    LeafChange { index, old: Digest::ZERO, new }
}

/// The root of a tree that holds these leaves, ascending, and nothing else.
fn root_of(leaves: Vec<LeafChange>) -> Digest {
    struct Nothing;
    impl NodeSource for Nothing {
        type Error = Infallible;
        fn nodes(&self, positions: &[NodeAt]) -> Result<Vec<Option<Digest>>, Infallible> {
            Ok(vec![None; positions.len()])
        }
    }
    let Ok(tree) = update(&Nothing, &leaves);
    tree.new_root
}
