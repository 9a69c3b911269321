//! Licenses paid and payouts made, by batch: the order in which events are reported.

use farthing_l1::{Claim, Payout};
use farthing_protocol::{Address, BatchNumber, LicenseId, Nano};
use rocksdb::IteratorMode;

use super::keys::{self, BY_BATCH, Family};
use super::records::RoyaltySplit;
use super::{Changes, NodeStore, NodeStoreError, decode};

/// Entries that one write of [`NodeStore::find_by_batch`] makes.
const WRITE_ENTRIES: usize = 10_000;

impl NodeStore {
    /// The first license from number `from` on that received something in a batch, and its split.
    pub(crate) fn license_paid(
        &self,
        batch: BatchNumber,
        from: LicenseId,
    ) -> Result<Option<(LicenseId, RoyaltySplit)>, NodeStoreError> {
        let from = keys::in_batch(batch, from.get());
        let key = |key: &[u8], _: &[u8]| Ok(number_in(key));
        let found = self.scan(Family::BatchLicenses, &keys::batch(batch), &from, 1, key)?;
        let Some(license) = found.first().copied().flatten().map(LicenseId::from) else {
            return Ok(None);
        };
        let line: Option<(BatchNumber, RoyaltySplit)> =
            self.get(Family::LicenseLines, &keys::license_line(license, batch))?;
        Ok(line.map(|(_, split)| (license, split)))
    }

    /// The first payout of a batch from number `from` on.
    pub(crate) fn payout_of_batch(
        &self,
        batch: BatchNumber,
        from: u32,
    ) -> Result<Option<Payout>, NodeStoreError> {
        let from = keys::in_batch(batch, from);
        let entry = |key: &[u8], owner: &[u8]| Ok((number_in(key), owner.try_into().ok()));
        let found = self.scan(Family::BatchPayouts, &keys::batch(batch), &from, 1, entry)?;
        let Some((Some(index), Some(owner))) = found.first().copied() else { return Ok(None) };
        let claim: Option<Claim> =
            self.get(Family::Payouts, &keys::payout(Address(owner), batch, index))?;
        Ok(claim.map(|claim| claim.payout))
    }

    /// Builds what stores of earlier versions lack, once.
    pub(super) fn find_by_batch(&self) -> Result<(), NodeStoreError> {
        if self.get::<bool>(Family::Meta, BY_BATCH)?.is_some() {
            return Ok(());
        }
        let mut changes = self.changes();
        for entry in self.db.iterator_cf(self.family(Family::LicenseLines)?, IteratorMode::Start) {
            let (key, value) = entry?;
            let (batch, split): (BatchNumber, RoyaltySplit) = decode(Family::LicenseLines, &value)?;
            let license = key.first_chunk().map(|id| u32::from_be_bytes(*id));
            if let Some(license) = license.filter(|_| split.received > Nano::ZERO) {
                changes.put_bytes(Family::BatchLicenses, &keys::in_batch(batch, license), &[])?;
            }
            changes = changes.commit_if_long()?;
        }
        for entry in self.db.iterator_cf(self.family(Family::Payouts)?, IteratorMode::Start) {
            let claim: Claim = decode(Family::Payouts, &entry?.1)?;
            let Payout { owner, batch, index, .. } = claim.payout;
            changes.put_bytes(Family::BatchPayouts, &keys::in_batch(batch, index), &owner.0)?;
            changes = changes.commit_if_long()?;
        }
        changes.put(Family::Meta, BY_BATCH, &true)?;
        changes.commit()
    }
}

impl<'a> Changes<'a> {
    /// Begins new changes once these are many, so that memory stays small.
    fn commit_if_long(self) -> Result<Self, NodeStoreError> {
        if self.batch.len() < WRITE_ENTRIES {
            return Ok(self);
        }
        let next = self.store.changes();
        self.commit()?;
        Ok(next)
    }
}

/// The number at the end of a key of [`keys::in_batch`].
pub(super) fn number_in(key: &[u8]) -> Option<u32> {
    key.last_chunk().map(|number| u32::from_be_bytes(*number))
}
