//! The strict reader of public data.

use thiserror::Error;

use super::record::{
    ACCOUNT, AccountDiff, BALANCE_LOW_BITS, DEPOSIT, EFFECT, FORCED_EXIT, LICENSE, LOW_BITS,
    LicenseDiff, NEW_LICENSE, NO_EFFECT, NewLicense, OPENED_ACCOUNT, OpenedAccount,
    REFUSED_BY_BALANCE, Record, SIGNER, WITHDRAWAL, Withdrawal,
};
use crate::account::AccountIdentity;
use crate::bytes::{Address, Bytes32};
use crate::error::DecodeError;
use crate::felt::felt_from_canonical;
use crate::license::{HolderShares, LicenseOrigin, LicenseTerms, Lineage, ShareTable};
use crate::limits::{BALANCE_BITS, HOLDERS_MAX, LIMB_BITS, NANO_PER_BASE_UNIT, SHARES_BITS};
use crate::quantity::{AccountId, Amount, LicenseId, Nano, Nonce, Price, Shares};
use crate::queue::{Deposit, ForcedExit, QueueEntry, QueueOutcome, key_words};
use crate::schnorr::PublicKey;

/// Why limbs are no public data.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PublicDataError {
    /// The bytes are no whole number of limbs.
    #[error("{bytes} bytes are no whole number of 7-byte limbs")]
    PartialLimb {
        /// How many bytes.
        bytes: usize,
    },
    /// A record is cut off.
    #[error("the record at limb {at} is cut off")]
    Truncated {
        /// Its first limb.
        at: usize,
    },
    /// A record's kind or id does not come after the record before it.
    #[error("the record at limb {at} is out of order")]
    Order {
        /// Its first limb.
        at: usize,
    },
    /// Bits that must be zero, or a value that its field cannot have.
    #[error("the record at limb {at} has no valid {field}")]
    Field {
        /// Its first limb.
        at: usize,
        /// Which field.
        field: &'static str,
    },
    /// A value that the record's type refuses.
    #[error("the record at limb {at}: {source}")]
    Value {
        /// Its first limb.
        at: usize,
        /// What is wrong.
        source: DecodeError,
    },
}

struct Limbs<'a> {
    limbs: &'a [u64],
    next: usize,
    /// First limb of the record being read, for errors.
    record: usize,
}

impl Limbs<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u64; N], PublicDataError> {
        let rest = self.limbs.get(self.next..).unwrap_or_default();
        let limbs =
            rest.first_chunk::<N>().ok_or(PublicDataError::Truncated { at: self.record })?;
        self.next += N;
        match limbs.iter().all(|limb| limb >> LIMB_BITS == 0) {
            true => Ok(*limbs),
            false => Err(self.invalid("limb")),
        }
    }

    fn one(&mut self) -> Result<u64, PublicDataError> {
        self.take::<1>().map(|[limb]| limb)
    }

    const fn invalid(&self, field: &'static str) -> PublicDataError {
        PublicDataError::Field { at: self.record, field }
    }

    fn require(&self, condition: bool, field: &'static str) -> Result<(), PublicDataError> {
        if condition { Ok(()) } else { Err(self.invalid(field)) }
    }

    fn value<T, E: Into<DecodeError>>(&self, value: Result<T, E>) -> Result<T, PublicDataError> {
        value.map_err(|e| PublicDataError::Value { at: self.record, source: e.into() })
    }

    fn address(&self, limbs: [u64; 3]) -> Result<Address, PublicDataError> {
        Address::from_limbs(limbs).ok_or(self.invalid("address"))
    }
}

/// What orders records: rank of the kind, then the id where ids must ascend.
type OrderKey = (u8, Option<u32>);

pub(super) fn read(limbs: &[u64]) -> Result<Vec<Record>, PublicDataError> {
    let mut reader = Limbs { limbs, next: 0, record: 0 };
    let mut records = Vec::new();
    let mut previous: OrderKey = (0, None);
    while reader.next < limbs.len() {
        reader.record = reader.next;
        let record = read_record(&mut reader)?;
        let key = order_key(&record);
        let ascends = match key {
            (rank, None) => rank >= previous.0,
            (_, Some(_)) => key > previous,
        };
        if !ascends {
            return Err(PublicDataError::Order { at: reader.record });
        }
        previous = key;
        records.push(record);
    }
    Ok(records)
}

fn order_key(record: &Record) -> OrderKey {
    match record {
        Record::Queue(..) => (0, None),
        Record::OpenedAccount(opened) => (1, Some(opened.id.get())),
        Record::Withdrawal(_) => (2, None),
        Record::Account(diff) => (3, Some(diff.id.get())),
        Record::NewLicense(license) => (4, Some(license.id.get())),
        Record::License(diff) => (5, Some(diff.id.get())),
    }
}

fn read_record(r: &mut Limbs<'_>) -> Result<Record, PublicDataError> {
    let head = r.one()?;
    let kind = (head >> 48) as u8;
    let id = (head >> 16) as u32;
    let rest = head as u16;
    match kind {
        DEPOSIT | FORCED_EXIT => read_queue(r, head),
        OPENED_ACCOUNT => {
            r.require(rest == 0, "head")?;
            read_opened(r, id)
        }
        WITHDRAWAL => {
            let [second, third, base_units] = r.take()?;
            let owner = r.address([head & ((1 << 48) - 1), second, third])?;
            r.require(base_units <= Nano::MAX.get() / NANO_PER_BASE_UNIT, "withdrawal amount")?;
            Ok(Record::Withdrawal(Withdrawal { owner, base_units }))
        }
        ACCOUNT => {
            let low = r.one()?;
            r.require(low >> BALANCE_LOW_BITS == 0, "balance")?;
            read_account(r, id, rest, low, None)
        }
        SIGNER => {
            let [middle, nonce_low] = r.take()?;
            r.require(nonce_low >> LOW_BITS == 0, "nonce")?;
            let nonce = r.value(Nonce::new((middle & 0xff) << LOW_BITS | nonce_low))?;
            read_account(r, id, rest, middle >> 8, Some(nonce))
        }
        NEW_LICENSE => read_new_license(r, id, rest),
        LICENSE => {
            let low = r.one()?;
            r.require(low >> LOW_BITS == 0, "received")?;
            let vault = (rest >> 8) as u8;
            r.require(usize::from(vault) < HOLDERS_MAX, "vault")?;
            let received = r.value(Nano::new(u64::from(rest & 0xff) << LOW_BITS | low))?;
            Ok(Record::License(LicenseDiff { id: LicenseId::from(id), vault, received }))
        }
        _ => Err(r.invalid("kind")),
    }
}

fn read_queue(r: &mut Limbs<'_>, head: u64) -> Result<Record, PublicDataError> {
    let kind = (head >> 48) as u8;
    let code = (head >> 40) as u8;
    let account = AccountId::from((head >> 8) as u32);
    r.require(head & 0xff == 0, "head")?;
    let owner_limbs = r.take()?;
    let owner = r.address(owner_limbs)?;
    if kind == FORCED_EXIT {
        let outcome = match code {
            EFFECT => QueueOutcome::Exits,
            NO_EFFECT => QueueOutcome::NoEffect,
            _ => return Err(r.invalid("outcome")),
        };
        let entry = QueueEntry::ForcedExit(ForcedExit { requester: owner, account });
        return Ok(Record::Queue(entry, outcome));
    }
    let amount = r.one()?;
    let limbs = r.take()?;
    let key = key_words(limbs).ok_or(r.invalid("key"))?;
    let payable = Amount::new(amount).is_ok();
    let outcome = match code {
        EFFECT if payable => QueueOutcome::Credited(account),
        REFUSED_BY_BALANCE if payable => QueueOutcome::RefusedByBalance(account),
        NO_EFFECT if !payable && account == AccountId::MIN => QueueOutcome::RefusedByAmount,
        _ => return Err(r.invalid("outcome")),
    };
    let deposit = r.value(Deposit::new(owner, key, amount))?;
    Ok(Record::Queue(QueueEntry::Deposit(deposit), outcome))
}

fn read_opened(r: &mut Limbs<'_>, id: u32) -> Result<Record, PublicDataError> {
    let owner_limbs = r.take()?;
    let owner = r.address(owner_limbs)?;
    let limbs = r.take()?;
    let words = key_words(limbs).ok_or(r.invalid("key"))?;
    let canonical = words.iter().all(|word| felt_from_canonical(*word).is_some());
    r.require(canonical, "key")?;
    let key = PublicKey::from_words_reduced(words);
    let identity = AccountIdentity { key, owner };
    Ok(Record::OpenedAccount(OpenedAccount { id: AccountId::from(id), identity }))
}

fn read_account(
    r: &Limbs<'_>,
    id: u32,
    high: u16,
    low: u64,
    nonce: Option<Nonce>,
) -> Result<Record, PublicDataError> {
    r.require(u32::from(high) >> (BALANCE_BITS - BALANCE_LOW_BITS) == 0, "balance")?;
    let balance = r.value(Nano::new(u64::from(high) << BALANCE_LOW_BITS | low))?;
    Ok(Record::Account(AccountDiff { id: AccountId::from(id), balance, nonce }))
}

fn read_new_license(r: &mut Limbs<'_>, id: u32, rest: u16) -> Result<Record, PublicDataError> {
    let count = usize::from(rest >> 8);
    r.require(rest & 0xff == 0, "head")?;
    r.require((1..=HOLDERS_MAX).contains(&count), "number of holders")?;
    let [who, price_lineage] = r.take()?;
    r.require(who >> (SHARES_BITS + 32) == 0, "licensor")?;
    let licensor = AccountId::from((who >> SHARES_BITS) as u32);
    let derivative_shares = r.value(Shares::new(who & ((1 << SHARES_BITS) - 1)))?;
    let price = r.value(Price::new(price_lineage >> 16))?;
    let lineage = r.value(Lineage::new((price_lineage & 0xffff) as u32))?;
    let limbs = r.take()?;
    let provenance = Bytes32::from_limbs(limbs).ok_or(r.invalid("provenance"))?;
    let mut holders = Vec::with_capacity(count);
    for _ in 0..count {
        let packed = r.one()?;
        holders.push(r.value(HolderShares::from_packed(packed))?);
    }
    let shares = r.value(ShareTable::new(holders))?;
    let origin = LicenseOrigin { licensor, derivative_shares, lineage, provenance };
    let terms = LicenseTerms { origin, price, shares };
    Ok(Record::NewLicense(NewLicense { id: LicenseId::from(id), terms }))
}
