//! Column families and keys. Integers in keys are big-endian, so that keys ascend with them.

use farthing_protocol::{AccountId, AccountIdentity, BatchNumber, Nonce};

use super::StoreError;
use crate::tree::{NodeAt, TreeId};

/// A column family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// [`META`] → the ledger's meta data.
    Meta,
    /// Account id → account.
    Accounts,
    /// Key and owner → account id.
    Identities,
    /// License id → license.
    Licenses,
    /// Level and index → digest.
    AccountNodes,
    /// Level and index → digest.
    LicenseNodes,
    /// Account and nonce → the intent that used it.
    Intents,
    /// Intent id → account and nonce.
    IntentIds,
    /// Batch number → a batch that is not sealed.
    Open,
    /// Sequence number → a step of a batch that is not sealed.
    Log,
    /// Batch number → witness of a sealed batch.
    Batches,
    /// Batch number, position → a step of a batch that was taken back, to be admitted again.
    Displaced,
    /// Account id → who had it in a batch that was taken back.
    DisplacedAccounts,
    /// License id → the terms that had it in a batch that was taken back.
    DisplacedLicenses,
    /// Intent id → an acknowledged intent that will never settle.
    Dropped,
    /// Account id → its largest nonce in batches taken from L1, whose intents are not known.
    TakenNonces,
}

pub(super) const META: &[u8] = b"meta";

/// Key of the version of the protocol that the store is of; stores of version 1 have none.
pub(super) const PROTOCOL: &[u8] = b"protocol";

/// Progress of a rebase.
pub(super) const REBASE: &[u8] = b"rebase";

impl Family {
    pub(crate) const ALL: [Self; 16] = [
        Self::Meta,
        Self::Accounts,
        Self::Identities,
        Self::Licenses,
        Self::AccountNodes,
        Self::LicenseNodes,
        Self::Intents,
        Self::IntentIds,
        Self::Open,
        Self::Log,
        Self::Batches,
        Self::Displaced,
        Self::DisplacedAccounts,
        Self::DisplacedLicenses,
        Self::Dropped,
        Self::TakenNonces,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Accounts => "accounts",
            Self::Identities => "identities",
            Self::Licenses => "licenses",
            Self::AccountNodes => "account_nodes",
            Self::LicenseNodes => "license_nodes",
            Self::Intents => "intents",
            Self::IntentIds => "intent_ids",
            Self::Open => "open",
            Self::Log => "log",
            Self::Batches => "batches",
            Self::Displaced => "displaced",
            Self::DisplacedAccounts => "displaced_accounts",
            Self::DisplacedLicenses => "displaced_licenses",
            Self::Dropped => "dropped",
            Self::TakenNonces => "taken_nonces",
        }
    }

    pub(crate) const fn of_tree(tree: TreeId) -> Self {
        match tree {
            TreeId::Accounts => Self::AccountNodes,
            TreeId::Licenses => Self::LicenseNodes,
        }
    }
}

/// The nonce that an intent uses up for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct IntentKey {
    pub(crate) account: AccountId,
    pub(crate) nonce: Nonce,
}

impl IntentKey {
    pub(crate) fn bytes(self) -> [u8; 12] {
        let mut key = [0; 12];
        key[..4].copy_from_slice(&self.account.get().to_be_bytes());
        key[4..].copy_from_slice(&self.nonce.get().to_be_bytes());
        key
    }
}

pub(super) fn node(at: NodeAt) -> [u8; 5] {
    let [a, b, c, d] = at.index.to_be_bytes();
    [at.level, a, b, c, d]
}

pub(super) fn identity(identity: &AccountIdentity) -> [u8; 60] {
    let mut key = [0; 60];
    key[..40].copy_from_slice(&identity.key.to_bytes());
    key[40..].copy_from_slice(&identity.owner.0);
    key
}

pub(super) fn displaced(batch: BatchNumber, position: u64) -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&batch.get().to_be_bytes());
    key[8..].copy_from_slice(&position.to_be_bytes());
    key
}

pub(super) fn read_displaced(key: &[u8]) -> Result<(u64, u64), StoreError> {
    let bad = StoreError::BadKey { expected: 16, got: key.len() };
    let (batch, position) = key.split_at_checked(8).ok_or(bad)?;
    Ok((read_u64(batch)?, read_u64(position)?))
}

pub(super) fn read_u32(key: &[u8]) -> Result<u32, StoreError> {
    let bytes = key.try_into().map_err(|_| StoreError::BadKey { expected: 4, got: key.len() })?;
    Ok(u32::from_be_bytes(bytes))
}

pub(super) fn read_u64(key: &[u8]) -> Result<u64, StoreError> {
    let bytes = key.try_into().map_err(|_| StoreError::BadKey { expected: 8, got: key.len() })?;
    Ok(u64::from_be_bytes(bytes))
}
