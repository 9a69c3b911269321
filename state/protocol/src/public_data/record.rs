//! The records of public data and how each is written.

use serde::{Deserialize, Serialize};

use crate::account::AccountIdentity;
use crate::bytes::Address;
use crate::felt::canonical;
use crate::license::LicenseTerms;
use crate::limits::SHARES_BITS;
use crate::quantity::{AccountId, LicenseId, Nano, Nonce};
use crate::queue::{QueueEntry, QueueOutcome, key_limbs};

pub(super) const DEPOSIT: u8 = QueueEntry::DEPOSIT;
pub(super) const FORCED_EXIT: u8 = QueueEntry::FORCED_EXIT;
pub(super) const OPENED_ACCOUNT: u8 = 3;
pub(super) const WITHDRAWAL: u8 = 4;
pub(super) const ACCOUNT: u8 = 5;
pub(super) const SIGNER: u8 = 6;
pub(super) const NEW_LICENSE: u8 = 7;
pub(super) const LICENSE: u8 = 8;

pub(super) const NO_EFFECT: u8 = 0;
pub(super) const EFFECT: u8 = 1;
pub(super) const REFUSED_BY_BALANCE: u8 = 2;

/// Low bits of a balance in a record's second limb.
pub(super) const BALANCE_LOW_BITS: u32 = 48;
/// Low bits of a nonce, and of what a license received, in a record's last limb.
pub(super) const LOW_BITS: u32 = 54;

const fn low(value: u64, bits: u32) -> u64 {
    value & ((1 << bits) - 1)
}

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
    /// Who may claim it.
    pub owner: Address,
    /// Base units of the token: less than 2⁵³.
    pub base_units: u64,
}

/// What a touched account holds after the batch.
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
    /// Its terms.
    pub terms: LicenseTerms,
}

/// What a touched license holds after the batch.
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
    /// A queue entry consumed, and what became of it.
    Queue(QueueEntry, QueueOutcome),
    /// See [`OpenedAccount`].
    OpenedAccount(OpenedAccount),
    /// See [`Withdrawal`].
    Withdrawal(Withdrawal),
    /// See [`AccountDiff`].
    Account(AccountDiff),
    /// See [`NewLicense`].
    NewLicense(NewLicense),
    /// See [`LicenseDiff`].
    License(LicenseDiff),
}

/// A record's first limb: kind (1 byte), an id (4 bytes, bits 16–47), 2 bytes.
const fn head(kind: u8, id: u32, rest: u16) -> u64 {
    (kind as u64) << 48 | (id as u64) << 16 | rest as u64
}

/// A queue record's first limb: kind, outcome, an account id, one zero byte.
const fn queue_head(kind: u8, outcome: u8, account: u32) -> u64 {
    (kind as u64) << 48 | (outcome as u64) << 40 | (account as u64) << 8
}

impl Record {
    pub(super) fn write(&self, limbs: &mut Vec<u64>) {
        match self {
            Self::Queue(entry, outcome) => write_queue(entry, *outcome, limbs),
            Self::OpenedAccount(OpenedAccount { id, identity }) => {
                limbs.push(head(OPENED_ACCOUNT, id.get(), 0));
                limbs.extend(identity.owner.limbs());
                limbs.extend(key_limbs(identity.key.elements().map(canonical)));
            }
            Self::Withdrawal(Withdrawal { owner, base_units }) => {
                let [first, second, third] = owner.limbs();
                limbs.extend([(u64::from(WITHDRAWAL) << 48) | first, second, third, *base_units]);
            }
            Self::Account(diff) => write_account(diff, limbs),
            Self::NewLicense(license) => write_new_license(license, limbs),
            Self::License(LicenseDiff { id, vault, received }) => {
                let high = (received.get() >> LOW_BITS) as u16;
                limbs.push(head(LICENSE, id.get(), u16::from(*vault) << 8 | high));
                limbs.push(low(received.get(), LOW_BITS));
            }
        }
    }
}

fn write_queue(entry: &QueueEntry, outcome: QueueOutcome, limbs: &mut Vec<u64>) {
    let (code, account) = match outcome {
        QueueOutcome::Credited(id) => (EFFECT, id.get()),
        QueueOutcome::RefusedByBalance(id) => (REFUSED_BY_BALANCE, id.get()),
        QueueOutcome::Exits => (EFFECT, 0),
        QueueOutcome::RefusedByAmount | QueueOutcome::NoEffect => (NO_EFFECT, 0),
    };
    match entry {
        QueueEntry::Deposit(deposit) => {
            limbs.push(queue_head(DEPOSIT, code, account));
            limbs.extend(deposit.owner.limbs());
            limbs.push(deposit.raw_amount());
            limbs.extend(key_limbs(deposit.key));
        }
        QueueEntry::ForcedExit(exit) => {
            limbs.push(queue_head(FORCED_EXIT, code, exit.account.get()));
            limbs.extend(exit.requester.limbs());
        }
    }
}

fn write_account(diff: &AccountDiff, limbs: &mut Vec<u64>) {
    let balance = diff.balance.get();
    let high = (balance >> BALANCE_LOW_BITS) as u16;
    let balance_low = low(balance, BALANCE_LOW_BITS);
    match diff.nonce {
        None => limbs.extend([head(ACCOUNT, diff.id.get(), high), balance_low]),
        Some(nonce) => limbs.extend([
            head(SIGNER, diff.id.get(), high),
            balance_low << 8 | nonce.get() >> LOW_BITS,
            low(nonce.get(), LOW_BITS),
        ]),
    }
}

fn write_new_license(NewLicense { id, terms }: &NewLicense, limbs: &mut Vec<u64>) {
    let holders = terms.shares.holders();
    limbs.push(head(NEW_LICENSE, id.get(), (holders.len() as u16) << 8));
    limbs.push(
        u64::from(terms.origin.licensor.get()) << SHARES_BITS
            | u64::from(terms.origin.derivative_shares.get()),
    );
    limbs.push(terms.price.get() << 16 | u64::from(terms.origin.lineage.get()));
    limbs.extend(terms.origin.provenance.limbs());
    limbs.extend(holders.iter().map(|line| line.packed()));
}
