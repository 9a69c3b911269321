//! History of a license: its versions, by the batch that registered or updated it. Public data hold it, so
//! a batch that is sealed here and one from L1 make the same entries.

use farthing_protocol::{BatchNumber, LicenseId, LicenseVersion, PublicData, Record};

use super::by_batch::number_in;
use super::keys::{self, Family};
use super::{Changes, NodeStore, NodeStoreError, decode};

impl NodeStore {
    /// Versions of a license that batch `until` and those before it set, newest first, at most `limit`.
    pub(crate) fn license_versions(
        &self,
        license: LicenseId,
        until: BatchNumber,
        limit: usize,
    ) -> Result<Vec<(BatchNumber, LicenseVersion)>, NodeStoreError> {
        let prefix = license.get().to_be_bytes();
        let from = keys::license_line(license, until);
        self.scan_back(Family::LicenseVersions, &prefix, &from, limit, version_entry)
    }

    /// The version under which a license was registered.
    pub(crate) fn first_version(
        &self,
        license: LicenseId,
    ) -> Result<Option<LicenseVersion>, NodeStoreError> {
        let prefix = license.get().to_be_bytes();
        let found = self.scan(Family::LicenseVersions, &prefix, &prefix, 1, version_entry)?;
        Ok(found.first().map(|(_, version)| *version))
    }

    /// The first license from number `from` on that a batch updated.
    pub(crate) fn license_updated(
        &self,
        batch: BatchNumber,
        from: LicenseId,
    ) -> Result<Option<LicenseId>, NodeStoreError> {
        let from = keys::in_batch(batch, from.get());
        let key = |key: &[u8], _: &[u8]| Ok(number_in(key));
        let found = self.scan(Family::BatchUpdates, &keys::batch(batch), &from, 1, key)?;
        Ok(found.first().copied().flatten().map(LicenseId::from))
    }
}

impl Changes<'_> {
    /// Versions of the licenses that a batch registers or updates.
    pub(super) fn put_versions(
        &mut self,
        batch: BatchNumber,
        data: &PublicData,
    ) -> Result<(), NodeStoreError> {
        for record in data.records()? {
            let (license, version) = match record {
                Record::NewLicense(new) => (new.id, new.version()),
                Record::UpdatedLicense(updated) => {
                    let key = keys::in_batch(batch, updated.id.get());
                    self.put_bytes(Family::BatchUpdates, &key, &[])?;
                    (updated.id, updated.version)
                }
                _ => continue,
            };
            let key = keys::license_line(license, batch);
            self.put(Family::LicenseVersions, &key, &(batch, version))?;
        }
        Ok(())
    }
}

fn version_entry(_: &[u8], value: &[u8]) -> Result<(BatchNumber, LicenseVersion), NodeStoreError> {
    decode(Family::LicenseVersions, value)
}
