//! Column families and keys. Integers in keys are big-endian, so that keys ascend with them.

use farthing_protocol::{AccountId, Address, BatchNumber, BlockNumber, LicenseId};

/// A column family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Names below → single values.
    Meta,
    /// Batch → its summary.
    Batches,
    /// License, batch → what it received and gave.
    LicenseLines,
    /// License, batch → the sources of what it received.
    RoyaltySources,
    /// Account, batch → movements of its balance.
    AccountLines,
    /// License, batch → the state of the license before the batch, which touched it.
    LicenseStates,
    /// Level, index, batch → the children of a node of the licenses tree before the batch, which changed it.
    LicenseNodes,
    /// Batch → the root of the accounts tree before it.
    AccountsRoots,
    /// License, batch → the version that the batch set.
    LicenseVersions,
    /// Owner, batch, index → payout with its claim.
    Payouts,
    /// Batch, license → nothing: licenses that received something, by batch.
    BatchLicenses,
    /// Batch, license → nothing: licenses that a batch updated.
    BatchUpdates,
    /// Batch, index → owner of the payout, by batch.
    BatchPayouts,
    /// Block → its record.
    Blocks,
    /// First batch → block.
    BlockOfFirst,
    /// Proof step → its proof.
    Proofs,
    /// Proof step → how often it failed.
    Failures,
}

/// The batch after the last one indexed.
pub(super) const INDEXED: &[u8] = b"indexed";

/// Set once licenses and payouts can be found by batch.
pub(super) const BY_BATCH: &[u8] = b"by batch";

/// Up to where the L1 queue has been read and consumed.
pub(super) const QUEUE_CURSOR: &[u8] = b"queue cursor";

/// The first batch that was not rebuilt from L1; nothing of a node that never was.
pub(super) const RESTORED: &[u8] = b"restored";

/// A rebase that was decided and is not done.
pub(super) const REBASE: &[u8] = b"rebase";

/// Ranges of batches that others made, as L1 has them.
pub(super) const TAKEN: &[u8] = b"taken";

/// The most batches in a block, once L1 refused a larger one.
pub(super) const BLOCK_BATCHES: &[u8] = b"block batches";

/// With what L1 was compared last.
pub(super) const L1_CHECKED: &[u8] = b"l1 checked";

impl Family {
    pub(crate) const ALL: [Self; 17] = [
        Self::Meta,
        Self::Batches,
        Self::LicenseLines,
        Self::RoyaltySources,
        Self::AccountLines,
        Self::LicenseStates,
        Self::LicenseNodes,
        Self::AccountsRoots,
        Self::LicenseVersions,
        Self::Payouts,
        Self::BatchLicenses,
        Self::BatchUpdates,
        Self::BatchPayouts,
        Self::Blocks,
        Self::BlockOfFirst,
        Self::Proofs,
        Self::Failures,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Batches => "batches",
            Self::LicenseLines => "license_lines",
            Self::RoyaltySources => "royalty_sources",
            Self::AccountLines => "account_lines",
            Self::LicenseStates => "license_states",
            Self::LicenseNodes => "license_nodes",
            Self::AccountsRoots => "accounts_roots",
            Self::LicenseVersions => "license_versions",
            Self::Payouts => "payouts",
            Self::BatchLicenses => "batch_licenses",
            Self::BatchUpdates => "batch_updates",
            Self::BatchPayouts => "batch_payouts",
            Self::Blocks => "blocks",
            Self::BlockOfFirst => "block_of_first",
            Self::Proofs => "proofs",
            Self::Failures => "failures",
        }
    }
}

pub(super) fn batch(number: BatchNumber) -> [u8; 8] {
    number.get().to_be_bytes()
}

pub(super) fn block(number: BlockNumber) -> [u8; 8] {
    number.get().to_be_bytes()
}

/// Number of a license, then of a batch that touched or changed it.
pub(super) fn license_line(license: LicenseId, batch: BatchNumber) -> [u8; 12] {
    let mut key = [0; 12];
    key[..4].copy_from_slice(&license.get().to_be_bytes());
    key[4..].copy_from_slice(&batch.get().to_be_bytes());
    key
}

/// Number of an account, then of a batch that moved its balance.
pub(super) fn account_line(account: AccountId, batch: BatchNumber) -> [u8; 12] {
    license_line(LicenseId::from(account.get()), batch)
}

/// Level and index of a node of a tree.
pub(super) fn node((level, index): (u8, u32)) -> [u8; 5] {
    let [a, b, c, d] = index.to_be_bytes();
    [level, a, b, c, d]
}

/// A node, then the number of a batch that changed it.
pub(super) fn node_before(at: (u8, u32), batch: BatchNumber) -> [u8; 13] {
    let mut key = [0; 13];
    key[..5].copy_from_slice(&node(at));
    key[5..].copy_from_slice(&batch.get().to_be_bytes());
    key
}

/// Number of a batch, then of a license that it paid or updated or of a payout that it made.
pub(super) fn in_batch(batch: BatchNumber, number: u32) -> [u8; 12] {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&batch.get().to_be_bytes());
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

pub(super) fn payout(owner: Address, batch: BatchNumber, index: u32) -> [u8; 32] {
    let mut key = [0; 32];
    key[..20].copy_from_slice(&owner.0);
    key[20..28].copy_from_slice(&batch.get().to_be_bytes());
    key[28..].copy_from_slice(&index.to_be_bytes());
    key
}
