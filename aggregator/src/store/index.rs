//! The index of sealed batches. It is derived from the ledger's batches, so entries that are
//! missing after a crash are made again.

use farthing_l1::{Claim, payouts};
use farthing_protocol::{
    Address, BatchNumber, BatchStatement, BatchWitness, LicenseId, Nano, PublicData,
};

use super::keys::{self, Family, INDEXED};
use super::records::{BatchSummary, RoyaltySplit, royalty_splits};
use super::{Changes, NodeStore, NodeStoreError, decode};

impl NodeStore {
    /// The batch after the last one indexed.
    pub(crate) fn indexed(&self) -> Result<BatchNumber, NodeStoreError> {
        Ok(self.get(Family::Meta, INDEXED)?.unwrap_or(BatchNumber::MIN))
    }

    /// Indexes a sealed batch.
    pub(crate) fn index(&self, witness: &BatchWitness) -> Result<(), NodeStoreError> {
        let number = witness.statement.header.number;
        let mut changes = self.changes();
        changes.put_settled(&witness.statement, &witness.public_data)?;
        let splits = royalty_splits(witness);
        changes.put_earnings(witness, &splits)?;
        changes.put_history(witness)?;
        for (license, split) in splits {
            let key = keys::license_line(license, number);
            changes.put(Family::LicenseLines, &key, &(number, &split))?;
            if split.received > Nano::ZERO {
                let key = keys::in_batch(number, license.get());
                changes.put_bytes(Family::BatchLicenses, &key, &[])?;
            }
        }
        changes.put(Family::Meta, INDEXED, &number.next())?;
        changes.commit()
    }

    pub(crate) fn batch(&self, n: BatchNumber) -> Result<Option<BatchSummary>, NodeStoreError> {
        self.get(Family::Batches, &keys::batch(n))
    }

    /// Batches from `from` on, ascending, at most `limit`.
    pub(crate) fn batches(
        &self,
        from: BatchNumber,
        limit: usize,
    ) -> Result<Vec<BatchSummary>, NodeStoreError> {
        self.scan(Family::Batches, &[], &keys::batch(from), limit, |_, value| {
            decode(Family::Batches, value)
        })
    }

    /// A license's splits from batch `from` on, ascending, at most `limit`.
    pub(crate) fn license_lines(
        &self,
        license: LicenseId,
        from: BatchNumber,
        limit: usize,
    ) -> Result<Vec<(BatchNumber, RoyaltySplit)>, NodeStoreError> {
        let prefix = license.get().to_be_bytes();
        let from = keys::license_line(license, from);
        self.scan(Family::LicenseLines, &prefix, &from, limit, |_, value| {
            decode(Family::LicenseLines, value)
        })
    }

    /// An owner's payouts from number `index` of batch `from` on, ascending, at most `limit`.
    pub(crate) fn payouts(
        &self,
        owner: Address,
        (from, index): (BatchNumber, u32),
        limit: usize,
    ) -> Result<Vec<Claim>, NodeStoreError> {
        let from = keys::payout(owner, from, index);
        self.scan(Family::Payouts, &owner.0, &from, limit, |_, value| {
            decode(Family::Payouts, value)
        })
    }
}

impl Changes<'_> {
    /// Summary, payouts and license versions of a sealed batch: as much as L1 knows of it.
    pub(super) fn put_settled(
        &mut self,
        statement: &BatchStatement,
        data: &PublicData,
    ) -> Result<(), NodeStoreError> {
        let number = statement.header.number;
        self.put(Family::Batches, &keys::batch(number), &BatchSummary::of(statement, data)?)?;
        self.put_versions(number, data)?;
        for claim in payouts(number, data)? {
            let (owner, index) = (claim.payout.owner, claim.payout.index);
            self.put(Family::Payouts, &keys::payout(owner, number, index), &claim)?;
            self.put_bytes(Family::BatchPayouts, &keys::in_batch(number, index), &owner.0)?;
        }
        Ok(())
    }
}
