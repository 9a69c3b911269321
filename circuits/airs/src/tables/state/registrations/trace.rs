//! Rows of the registrations table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{
    Bytes32, Digest, Felt, LicenseStatus, LicenseTerms, LicenseVersion, SHARES_TOTAL, ShortDigest,
    Tag, UpdateLicense, capacity_of,
};

use crate::tables::shared::poseidon2::HashRequests;

use super::air::RegistrationColumns;
use super::{ORIGIN_ELEMENTS, RECORD_LIMBS};

/// A license registered.
#[derive(Clone, Debug)]
pub(crate) struct Registration<'a> {
    pub(crate) license: u32,
    pub(crate) nonce: u64,
    pub(crate) terms: &'a LicenseTerms,
    pub(crate) version: LicenseVersion,
    /// The licensor's identity.
    pub(crate) licensor: ShortDigest,
    /// Of the holders.
    pub(crate) chain: Digest,
    pub(crate) parents: Vec<Parent<'a>>,
}

/// A parent of a license registered.
#[derive(Clone, Debug)]
pub(crate) struct Parent<'a> {
    pub(crate) license: u32,
    /// Left to it.
    pub(crate) shares: u32,
    pub(crate) terms: &'a LicenseTerms,
    /// In this batch.
    pub(crate) version: LicenseVersion,
}

/// A license updated.
#[derive(Clone, Debug)]
pub(crate) struct Update<'a> {
    /// The account that signs.
    pub(crate) licensor: u32,
    pub(crate) nonce: u64,
    pub(crate) operation: &'a UpdateLicense,
}

/// Limbs of the record of a license with these terms.
pub(crate) fn record_limbs(terms: &LicenseTerms) -> u64 {
    RECORD_LIMBS + terms.shares.holders().len() as u64
}

/// The trace; moves `position` behind the records. Both lists ascend by license.
pub(crate) fn trace(
    registrations: &[Registration<'_>],
    updates: &[Update<'_>],
    position: &mut u64,
    log_height: usize,
    requests: &mut HashRequests,
) -> RowMajorMatrix<Felt> {
    let columns = RegistrationColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    columns.ends.write(&mut rows, columns.width);
    let mut free = rows.chunks_exact_mut(columns.width);
    let mut before = None;
    for registration in registrations {
        let Some(row) = free.next() else { break };
        let terms = registration.terms;
        let mut left = u64::from(terms.lineage.get()) - 1;
        let license = u64::from(registration.license);
        let gap = before.map_or(0, |before: u64| license.wrapping_sub(before + 1));
        before = Some(license);
        write_own(&columns, row, registration, requests);
        let version = &registration.version;
        write_standing(&columns, row, registration.license, SHARES_TOTAL, version);
        row[columns.lineage] = Felt::from_u32(terms.lineage.get());
        write_differences(&columns, row, gap, left);
        row[columns.position] = Felt::new(*position);
        *position += record_limbs(terms);
        for (parent, row) in registration.parents.iter().zip(free.by_ref()) {
            row[columns.parent] = Felt::ONE;
            row[columns.other] = Felt::from_u32(parent.license);
            let gap = license.wrapping_sub(u64::from(parent.license) + 1);
            left = left.wrapping_sub(u64::from(parent.terms.lineage.get()));
            write_standing(&columns, row, registration.license, parent.shares, &parent.version);
            row[columns.lineage] = Felt::from_u32(parent.terms.lineage.get());
            columns.word.write(row, &[parent.terms.licensor.get().into()]);
            write_differences(&columns, row, gap, left);
            row[columns.position] = Felt::new(*position);
        }
    }
    let mut before = None;
    for update in updates {
        let Some(row) = free.next() else { break };
        let license = u64::from(update.operation.license.get());
        let gap = before.map_or(0, |before: u64| license.wrapping_sub(before + 1));
        before = Some(license);
        write_update(&columns, row, update);
        columns.gap.write(row, &[gap]);
        row[columns.position] = Felt::new(*position);
        *position += RECORD_LIMBS;
    }
    for row in free {
        row[columns.position] = Felt::new(*position);
        // Behind an update is a number above it.
        row[columns.license] = before.take().map_or(Felt::ZERO, |last| Felt::new(last + 1));
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn write_own(
    c: &RegistrationColumns,
    row: &mut [Felt],
    registration: &Registration<'_>,
    requests: &mut HashRequests,
) {
    let terms = registration.terms;
    row[c.own] = Felt::ONE;
    row[c.licensor] = terms.licensor.felt();
    row[c.account] = terms.licensor.felt();
    row[c.nonce] = Felt::new(registration.nonce);
    c.price.write(row, &[registration.version.price.get()]);
    row[c.holders] = Felt::from_usize(terms.shares.holders().len());
    let provenance = &registration.version.provenance;
    write_provenance(c, row, provenance);
    let (identity, chain) = (registration.licensor.elements(), registration.chain.elements());
    row[c.identity.clone()].copy_from_slice(&identity);
    row[c.chain.clone()].copy_from_slice(&chain);
    let ([i0, i1, i2], [h0, h1, h2, h3]) = (identity, chain);
    let [p0, p1, p2, p3, p4] = provenance.felts();
    let [c0, c1, c2, c3] = capacity_of(Tag::LicenseOrigin, ORIGIN_ELEMENTS);
    let capacity = requests.absorb([i0, i1, i2, h0, h1, h2, h3, p0, c0, c1, c2, c3]);
    row[c.capacity.clone()].copy_from_slice(&capacity);
    let ([c0, c1, c2, c3], zero) = (capacity, Felt::ZERO);
    let origin = requests.digest([p1, p2, p3, p4, zero, zero, zero, zero, c0, c1, c2, c3]);
    row[c.origin.clone()].copy_from_slice(&origin.elements());
}

fn write_update(c: &RegistrationColumns, row: &mut [Felt], update: &Update<'_>) {
    let UpdateLicense { license, recipient, version } = update.operation;
    row[c.update] = Felt::ONE;
    row[c.paused] = Felt::from_bool(version.status == LicenseStatus::Paused);
    row[c.retired] = Felt::from_bool(version.status == LicenseStatus::Retired);
    row[c.other] = license.felt();
    row[c.licensor] = Felt::from_u32(update.licensor);
    c.licensee.write(row, &[version.licensee.get().into()]);
    row[c.account] = Felt::from_u32(version.licensee.get());
    row[c.nonce] = Felt::new(update.nonce);
    c.price.write(row, &[version.price.get()]);
    row[c.holders] = Felt::from_u8(version.status.number());
    for (column, element) in c.chain.clone().zip(recipient.elements()) {
        row[column] = element;
    }
    write_provenance(c, row, &version.provenance);
    write_standing(c, row, license.get(), SHARES_TOTAL, version);
}

fn write_provenance(c: &RegistrationColumns, row: &mut [Felt], provenance: &Bytes32) {
    row[c.provenance.clone()].copy_from_slice(&provenance.felts());
    c.word.write(row, &[provenance.limbs()[0]]);
}

/// Derivative shares of the license or of a parent, which is left `shares`.
fn write_standing(
    c: &RegistrationColumns,
    row: &mut [Felt],
    license: u32,
    shares: u32,
    version: &LicenseVersion,
) {
    row[c.license] = Felt::from_u32(license);
    let derivative = version.derivative_shares.get();
    c.derivative_shares.write(row, &[u64::from(derivative)]);
    c.slack.write(row, &[u64::from(shares.wrapping_sub(derivative))]);
}

fn write_differences(c: &RegistrationColumns, row: &mut [Felt], gap: u64, left: u64) {
    c.gap.write(row, &[gap]);
    c.left.write(row, &[left]);
}
