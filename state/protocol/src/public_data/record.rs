//! The records of public data and how each is written.

use serde::{Deserialize, Serialize};

use crate::account::AccountIdentity;
use crate::bytes::{Address, Bytes32};
use crate::felt::canonical;
use crate::hash::Digest;
use crate::layout::outcome::{EFFECT, NO_EFFECT, REFUSED_BY_BALANCE};
use crate::layout::{
    RecordLayout, account, deposit, forced_exit, license, new_license, opened_account, signer,
    updated_license, withdrawal,
};
use crate::license::{LicenseStatus, LicenseTerms, LicenseVersion, Licensee, Lineage, ShareTable};
use crate::quantity::{AccountId, LicenseId, Nano, Nonce, Price, Shares};
use crate::queue::{QueueEntry, QueueOutcome, key_limbs};

/// An account opened in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedAccount {
    /// Its number.
    pub id: AccountId,
    /// Its key and owner.
    pub identity: AccountIdentity,
}

/// A claim on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// The L1 address that may claim it.
    pub owner: Address,
    /// Base units of the token: less than 2⁵³.
    pub base_units: u64,
}

/// The state of a touched account after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDiff {
    /// The account.
    pub id: AccountId,
    /// Its new balance.
    pub balance: Nano,
    /// Its new nonce, if an intent of it was settled.
    pub nonce: Option<Nonce>,
}

/// A license registered in the batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLicense {
    /// Its number.
    pub id: LicenseId,
    /// The account that registered it.
    pub licensor: AccountId,
    /// The shares that a derivative must leave to it.
    pub derivative_shares: Shares,
    /// 1 + Σ lineage of the parents.
    pub lineage: Lineage,
    /// Hash of the manifest.
    pub provenance: Bytes32,
    /// Nano-units per use.
    pub price: Price,
    /// Holders and parents.
    pub shares: ShareTable,
}

impl NewLicense {
    /// The record of a license with these terms and this first version. It leaves out the origin, which
    /// follows from the licensor, the holders and the provenance.
    pub fn new(id: LicenseId, terms: &LicenseTerms, version: &LicenseVersion) -> Self {
        Self {
            id,
            licensor: terms.licensor,
            derivative_shares: version.derivative_shares,
            lineage: terms.lineage,
            provenance: version.provenance,
            price: version.price,
            shares: terms.shares.clone(),
        }
    }

    /// The first version: active, for every account to pay.
    pub const fn version(&self) -> LicenseVersion {
        LicenseVersion {
            price: self.price,
            derivative_shares: self.derivative_shares,
            status: LicenseStatus::Active,
            licensee: Licensee::ANYBODY,
            provenance: self.provenance,
        }
    }

    /// The terms, with the origin that the licensor, the holders and the provenance give.
    pub fn terms(self, origin: Digest) -> LicenseTerms {
        let Self { licensor, lineage, shares, .. } = self;
        LicenseTerms { origin, licensor, lineage, shares }
    }
}

/// A license updated in the batch: its version from the next batch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatedLicense {
    /// Its number.
    pub id: LicenseId,
    /// Version that its licensor set.
    pub version: LicenseVersion,
}

/// The state of a touched license after the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseDiff {
    /// The license.
    pub id: LicenseId,
    /// Its new vault: less than the number of its holders.
    pub vault: u8,
    /// All that it ever received, modulo 2⁶².
    pub received: Nano,
}

/// One record of public data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// A queue entry consumed, and its outcome.
    Queue(QueueEntry, QueueOutcome),
    /// See [`OpenedAccount`].
    OpenedAccount(OpenedAccount),
    /// See [`Withdrawal`].
    Withdrawal(Withdrawal),
    /// See [`AccountDiff`].
    Account(AccountDiff),
    /// See [`NewLicense`].
    NewLicense(NewLicense),
    /// See [`UpdatedLicense`].
    UpdatedLicense(UpdatedLicense),
    /// See [`LicenseDiff`].
    License(LicenseDiff),
}

impl Record {
    /// Kind and fields of the record.
    pub const fn layout(&self) -> &'static RecordLayout {
        match self {
            Self::Queue(entry, _) => entry.layout(),
            Self::OpenedAccount(_) => &opened_account::LAYOUT,
            Self::Withdrawal(_) => &withdrawal::LAYOUT,
            Self::Account(AccountDiff { nonce: None, .. }) => &account::LAYOUT,
            Self::Account(AccountDiff { nonce: Some(_), .. }) => &signer::LAYOUT,
            Self::NewLicense(_) => &new_license::LAYOUT,
            Self::UpdatedLicense(_) => &updated_license::LAYOUT,
            Self::License(_) => &license::LAYOUT,
        }
    }

    /// Limbs that the record takes.
    pub fn limbs(&self) -> usize {
        let lines = match self {
            Self::NewLicense(license) => license.shares.holders().len(),
            _ => 0,
        };
        self.layout().limbs + lines
    }

    pub(super) fn write(&self, limbs: &mut Vec<u64>) {
        let record = self.layout().start(limbs);
        match self {
            Self::Queue(entry, outcome) => write_queue(entry, *outcome, record),
            Self::OpenedAccount(OpenedAccount { id, identity }) => {
                opened_account::ID.put(record, id.get().into());
                opened_account::OWNER.put_limbs(record, identity.owner.limbs());
                let key = key_limbs(identity.key.elements().map(canonical));
                opened_account::KEY.put_limbs(record, key);
            }
            Self::Withdrawal(Withdrawal { owner, base_units }) => {
                withdrawal::OWNER.put_limbs(record, owner.limbs());
                withdrawal::BASE_UNITS.put(record, *base_units);
            }
            Self::Account(diff) => write_account(diff, record),
            Self::NewLicense(license) => {
                write_new_license(license, record);
                let lines = license.shares.holders();
                limbs.extend(lines.iter().map(|line| line.packed()));
            }
            Self::UpdatedLicense(UpdatedLicense { id, version }) => {
                updated_license::ID.put(record, id.get().into());
                updated_license::STATUS.put(record, version.status.number().into());
                updated_license::LICENSEE.put(record, version.licensee.get().into());
                let shares = version.derivative_shares.get().into();
                updated_license::DERIVATIVE_SHARES.put(record, shares);
                updated_license::PRICE.put(record, version.price.get());
                updated_license::PROVENANCE.put_limbs(record, version.provenance.limbs());
            }
            Self::License(LicenseDiff { id, vault, received }) => {
                let (high, low) = halves(received.get(), license::RECEIVED_LOW.bits);
                license::ID.put(record, id.get().into());
                license::VAULT.put(record, (*vault).into());
                license::RECEIVED_HIGH.put(record, high);
                license::RECEIVED_LOW.put(record, low);
            }
        }
    }
}

/// A value cut at a bit: what is above, what is below.
const fn halves(value: u64, bits: u32) -> (u64, u64) {
    (value >> bits, value & ((1 << bits) - 1))
}

fn write_queue(entry: &QueueEntry, outcome: QueueOutcome, record: &mut [u64]) {
    let (code, account) = match outcome {
        QueueOutcome::Credited(id) => (EFFECT, id.get()),
        QueueOutcome::RefusedByBalance(id) => (REFUSED_BY_BALANCE, id.get()),
        QueueOutcome::Exits => (EFFECT, 0),
        QueueOutcome::RefusedByAmount | QueueOutcome::NoEffect => (NO_EFFECT, 0),
    };
    match entry {
        QueueEntry::Deposit(entry) => {
            deposit::OUTCOME.put(record, code);
            deposit::ACCOUNT.put(record, account.into());
            deposit::OWNER.put_limbs(record, entry.owner.limbs());
            deposit::AMOUNT.put(record, entry.raw_amount());
            deposit::KEY.put_limbs(record, key_limbs(entry.key));
        }
        QueueEntry::ForcedExit(entry) => {
            forced_exit::OUTCOME.put(record, code);
            forced_exit::ACCOUNT.put(record, entry.account.get().into());
            forced_exit::REQUESTER.put_limbs(record, entry.requester.limbs());
        }
    }
}

fn write_account(diff: &AccountDiff, record: &mut [u64]) {
    let (high, low) = halves(diff.balance.get(), account::BALANCE_LOW.bits);
    let Some(nonce) = diff.nonce else {
        account::ID.put(record, diff.id.get().into());
        account::BALANCE_HIGH.put(record, high);
        account::BALANCE_LOW.put(record, low);
        return;
    };
    signer::ID.put(record, diff.id.get().into());
    signer::BALANCE_HIGH.put(record, high);
    signer::BALANCE_LOW.put(record, low);
    let (high, low) = halves(nonce.get(), signer::NONCE_LOW.bits);
    signer::NONCE_HIGH.put(record, high);
    signer::NONCE_LOW.put(record, low);
}

fn write_new_license(license: &NewLicense, record: &mut [u64]) {
    new_license::ID.put(record, license.id.get().into());
    new_license::HOLDERS.put(record, license.shares.holders().len() as u64);
    new_license::LICENSOR.put(record, license.licensor.get().into());
    new_license::DERIVATIVE_SHARES.put(record, license.derivative_shares.get().into());
    new_license::PRICE.put(record, license.price.get());
    new_license::LINEAGE.put(record, license.lineage.get().into());
    new_license::PROVENANCE.put_limbs(record, license.provenance.limbs());
}
