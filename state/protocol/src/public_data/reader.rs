//! The strict reader of public data.

use thiserror::Error;

use super::record::{
    AccountDiff, LicenseDiff, NewLicense, OpenedAccount, Record, UpdatedLicense, Withdrawal,
};
use crate::account::AccountIdentity;
use crate::bytes::{Address, Bytes32};
use crate::error::DecodeError;
use crate::felt::felt_from_canonical;
use crate::layout::outcome::{EFFECT, NO_EFFECT, REFUSED_BY_BALANCE};
use crate::layout::{
    RecordField, RecordLayout, account, deposit, forced_exit, license, new_license, opened_account,
    signer, updated_license, withdrawal,
};
use crate::license::{HolderShares, LicenseStatus, LicenseVersion, Licensee, Lineage, ShareTable};
use crate::limits::{HOLDERS_MAX, LIMB_BITS};
use crate::quantity::{AccountId, Amount, LicenseId, Nano, Nonce, Price, Shares};
use crate::queue::{Deposit, ForcedExit, QueueEntry, QueueOutcome, key_words};
use crate::schnorr::PublicKey;

/// Reasons why limbs do not decode as public data.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PublicDataError {
    /// The bytes end within a limb.
    #[error("{bytes} bytes are not a whole number of 7-byte limbs")]
    PartialLimb {
        /// Bytes given.
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
        /// The field.
        field: &'static str,
    },
    /// A value that the record's type refuses.
    #[error("the record at limb {at}: {source}")]
    Value {
        /// Its first limb.
        at: usize,
        /// The type's error.
        source: DecodeError,
    },
}

struct Limbs<'a> {
    limbs: &'a [u64],
    next: usize,
    /// First limb of the record being read, for errors.
    record: usize,
}

impl<'a> Limbs<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u64], PublicDataError> {
        let rest = self.limbs.get(self.next..).unwrap_or_default();
        let limbs = rest.get(..count).ok_or(PublicDataError::Truncated { at: self.record })?;
        self.next += count;
        match limbs.iter().all(|limb| limb >> LIMB_BITS == 0) {
            true => Ok(limbs),
            false => Err(self.invalid("limb")),
        }
    }

    /// The limbs of the next record, lines of a share table not among them; bits outside of its fields
    /// are zero.
    fn take_record(&mut self) -> Result<(u8, &'a [u64]), PublicDataError> {
        self.record = self.next;
        let head = self.limbs.get(self.next).copied().unwrap_or_default();
        self.require(head >> LIMB_BITS == 0, "limb")?;
        let layout = RecordLayout::of_kind(RecordLayout::kind_of(head));
        let layout = layout.ok_or(self.invalid("kind"))?;
        let record = self.take(layout.limbs)?;
        match layout.spoiled(record) {
            None => Ok((layout.kind, record)),
            Some(field) => Err(self.invalid(field)),
        }
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

    fn address(&self, field: &RecordField, record: &[u64]) -> Result<Address, PublicDataError> {
        Address::from_limbs(field.get_limbs(record)).ok_or(self.invalid(field.name))
    }

    fn key(&self, field: &RecordField, record: &[u64]) -> Result<[u64; 5], PublicDataError> {
        key_words(field.get_limbs(record)).ok_or(self.invalid(field.name))
    }
}

/// Order of records: rank of the kind, then the id where ids must ascend.
type OrderKey = (u8, Option<u32>);

pub(super) fn read(limbs: &[u64]) -> Result<Vec<Record>, PublicDataError> {
    let mut reader = Limbs { limbs, next: 0, record: 0 };
    let mut records = Vec::new();
    let mut previous: OrderKey = (0, None);
    while reader.next < limbs.len() {
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
        Record::UpdatedLicense(updated) => (5, Some(updated.id.get())),
        Record::License(diff) => (6, Some(diff.id.get())),
    }
}

fn read_record(r: &mut Limbs<'_>) -> Result<Record, PublicDataError> {
    let (kind, record) = r.take_record()?;
    match kind {
        deposit::KIND => read_deposit(r, record),
        forced_exit::KIND => read_forced_exit(r, record),
        opened_account::KIND => read_opened(r, record),
        withdrawal::KIND => read_withdrawal(r, record),
        account::KIND => {
            let balance = joined([account::BALANCE_HIGH, account::BALANCE_LOW], record);
            let (id, balance) = (number(account::ID, record), r.value(Nano::new(balance))?);
            Ok(Record::Account(AccountDiff { id: id.into(), balance, nonce: None }))
        }
        signer::KIND => {
            let balance = joined([signer::BALANCE_HIGH, signer::BALANCE_LOW], record);
            let (id, balance) = (number(signer::ID, record), r.value(Nano::new(balance))?);
            let nonce = joined([signer::NONCE_HIGH, signer::NONCE_LOW], record);
            let nonce = Some(r.value(Nonce::new(nonce))?);
            Ok(Record::Account(AccountDiff { id: id.into(), balance, nonce }))
        }
        new_license::KIND => read_new_license(r, record),
        license::KIND => read_license(r, record),
        updated_license::KIND => read_updated_license(r, record),
        _ => Err(r.invalid("kind")),
    }
}

/// An id: 32 bits.
fn number(field: RecordField, record: &[u64]) -> u32 {
    field.get(record) as u32
}

/// A value of which two fields have the upper and the lower bits.
fn joined([high, low]: [RecordField; 2], record: &[u64]) -> u64 {
    high.get(record) << low.bits | low.get(record)
}

fn read_forced_exit(r: &Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let requester = r.address(&forced_exit::REQUESTER, record)?;
    let account = AccountId::from(number(forced_exit::ACCOUNT, record));
    let outcome = match forced_exit::OUTCOME.get(record) {
        EFFECT => QueueOutcome::Exits,
        NO_EFFECT => QueueOutcome::NoEffect,
        _ => return Err(r.invalid(forced_exit::OUTCOME.name)),
    };
    Ok(Record::Queue(QueueEntry::ForcedExit(ForcedExit { requester, account }), outcome))
}

fn read_deposit(r: &Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let owner = r.address(&deposit::OWNER, record)?;
    let account = AccountId::from(number(deposit::ACCOUNT, record));
    let amount = deposit::AMOUNT.get(record);
    let key = r.key(&deposit::KEY, record)?;
    let payable = Amount::new(amount).is_ok();
    let outcome = match deposit::OUTCOME.get(record) {
        EFFECT if payable => QueueOutcome::Credited(account),
        REFUSED_BY_BALANCE if payable => QueueOutcome::RefusedByBalance(account),
        NO_EFFECT if !payable && account == AccountId::MIN => QueueOutcome::RefusedByAmount,
        _ => return Err(r.invalid(deposit::OUTCOME.name)),
    };
    let deposit = r.value(Deposit::new(owner, key, amount))?;
    Ok(Record::Queue(QueueEntry::Deposit(deposit), outcome))
}

fn read_opened(r: &Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let owner = r.address(&opened_account::OWNER, record)?;
    let words = r.key(&opened_account::KEY, record)?;
    let canonical = words.iter().all(|word| felt_from_canonical(*word).is_some());
    r.require(canonical, opened_account::KEY.name)?;
    let identity = AccountIdentity { key: PublicKey::from_words_reduced(words), owner };
    let id = AccountId::from(number(opened_account::ID, record));
    Ok(Record::OpenedAccount(OpenedAccount { id, identity }))
}

fn read_withdrawal(r: &Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let owner = r.address(&withdrawal::OWNER, record)?;
    let base_units = withdrawal::BASE_UNITS.get(record);
    r.require(base_units <= Nano::MAX.base_units(), withdrawal::BASE_UNITS.name)?;
    Ok(Record::Withdrawal(Withdrawal { owner, base_units }))
}

fn read_license(r: &Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let id = LicenseId::from(number(license::ID, record));
    // A vault has four bits.
    let vault = license::VAULT.get(record) as u8;
    let received = joined([license::RECEIVED_HIGH, license::RECEIVED_LOW], record);
    let received = r.value(Nano::new(received))?;
    Ok(Record::License(LicenseDiff { id, vault, received }))
}

fn read_new_license(r: &mut Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let count = new_license::HOLDERS.get(record) as usize;
    r.require((1..=HOLDERS_MAX).contains(&count), new_license::HOLDERS.name)?;
    let shares = Shares::new(new_license::DERIVATIVE_SHARES.get(record));
    let lineage = Lineage::new(new_license::LINEAGE.get(record) as u32);
    let provenance = Bytes32::from_limbs(new_license::PROVENANCE.get_limbs(record));
    let derivative_shares = r.value(shares)?;
    let lineage = r.value(lineage)?;
    let provenance = provenance.ok_or(r.invalid(new_license::PROVENANCE.name))?;
    let price = r.value(Price::new(new_license::PRICE.get(record)))?;
    let mut holders = Vec::with_capacity(count);
    for line in r.take(count)? {
        holders.push(r.value(HolderShares::from_packed(*line))?);
    }
    let shares = r.value(ShareTable::new(holders))?;
    let id = LicenseId::from(number(new_license::ID, record));
    let licensor = AccountId::from(number(new_license::LICENSOR, record));
    Ok(Record::NewLicense(NewLicense {
        id,
        licensor,
        derivative_shares,
        lineage,
        provenance,
        price,
        shares,
    }))
}

fn read_updated_license(r: &Limbs<'_>, record: &[u64]) -> Result<Record, PublicDataError> {
    let status = LicenseStatus::from_number(updated_license::STATUS.get(record));
    let status = status.ok_or(r.invalid(updated_license::STATUS.name))?;
    let licensee = r.value(Licensee::new(updated_license::LICENSEE.get(record)))?;
    let derivative_shares = r.value(Shares::new(updated_license::DERIVATIVE_SHARES.get(record)))?;
    let price = r.value(Price::new(updated_license::PRICE.get(record)))?;
    let provenance = Bytes32::from_limbs(updated_license::PROVENANCE.get_limbs(record));
    let provenance = provenance.ok_or(r.invalid(updated_license::PROVENANCE.name))?;
    let version = LicenseVersion { price, derivative_shares, status, licensee, provenance };
    r.require(version.is_consistent(), updated_license::STATUS.name)?;
    let id = LicenseId::from(number(updated_license::ID, record));
    Ok(Record::UpdatedLicense(UpdatedLicense { id, version }))
}
