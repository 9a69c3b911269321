//! Witness of a sealed batch: everything that a prover needs.

use serde::{Deserialize, Serialize};

use crate::account::{AccountIdentity, AccountState};
use crate::hash::Digest;
use crate::intent::SignedIntent;
use crate::license::{LicenseState, LicenseTerms};
use crate::public_data::{OpenedAccount, PublicData, Withdrawal};
use crate::quantity::{AccountId, LicenseId, Nano};
use crate::queue::{QueueEntry, QueueOutcome};
use crate::schnorr::PublicKey;
use crate::statement::BatchStatement;

/// An intent whose signature has been checked against its account's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntentWitness {
    /// The intent and its signature.
    pub signed: SignedIntent,
    /// The key of its account.
    pub key: PublicKey,
    /// The signature challenge e: the receipts tree's leaf.
    pub challenge: Digest,
    /// The number given to the license that it registers.
    pub registers: Option<LicenseId>,
}

/// A touched account, before and after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChange {
    /// Its number.
    pub id: AccountId,
    /// Key and owner; `None` if no account has this number even after the batch.
    pub identity: Option<AccountIdentity>,
    /// Before; `None` if it was not open.
    pub old: Option<AccountState>,
    /// After; `None` if it is not open.
    pub new: Option<AccountState>,
    /// Set if the batch has an intent of it.
    pub signed: bool,
}

/// A touched license, before and after the batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseChange {
    /// Its number.
    pub id: LicenseId,
    /// Its terms.
    pub terms: LicenseTerms,
    /// Before; `None` if it is registered in the batch.
    pub old: Option<LicenseState>,
    /// After.
    pub new: LicenseState,
    /// Nano-units received in the batch, from payments and from derivatives.
    pub received: Nano,
}

/// A sealed batch with everything that a prover needs, in the circuits' order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchWitness {
    /// The public inputs of the proof.
    pub statement: BatchStatement,
    /// Queue entries in queue order, with their outcomes.
    pub queue: Vec<(QueueEntry, QueueOutcome)>,
    /// Accounts opened, ascending.
    pub opened: Vec<OpenedAccount>,
    /// Intents by account and nonce: the leaves of the receipts tree.
    pub intents: Vec<IntentWitness>,
    /// Touched accounts, ascending.
    pub accounts: Vec<AccountChange>,
    /// Touched licenses, ascending.
    pub licenses: Vec<LicenseChange>,
    /// Withdrawals by account and nonce, a forced exit after its account's intents.
    pub withdrawals: Vec<Withdrawal>,
    /// Inner nodes of the accounts tree, level by level from below.
    pub account_nodes: Vec<NodeChange>,
    /// Inner nodes of the licenses tree, level by level from below.
    pub license_nodes: Vec<NodeChange>,
    /// The roots of the accounts tree and the licenses tree, before.
    pub old_roots: [Digest; 2],
    /// The roots of the accounts tree and the licenses tree, after.
    pub new_roots: [Digest; 2],
    /// The data that L1 gets.
    pub public_data: PublicData,
}

/// An inner node on the path of a touched leaf, before and after a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeChange {
    /// 1 above the leaves, 32 at the root.
    pub level: u8,
    /// Place within the level, from the left.
    pub index: u32,
    /// Left and right child before.
    pub old: [Digest; 2],
    /// Left and right child after.
    pub new: [Digest; 2],
}
