//! Rows of the registrations table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Digest, Felt, LicenseOrigin, LicenseTerms, SHARES_TOTAL, Tag};

use crate::tables::shared::poseidon2::HashRequests;

use super::RECORD_LIMBS;
use super::air::RegistrationColumns;

/// A license registered.
#[derive(Clone, Debug)]
pub(crate) struct Registration<'a> {
    pub(crate) license: u32,
    pub(crate) nonce: u64,
    pub(crate) terms: &'a LicenseTerms,
    /// Id, shares and origin of each parent.
    pub(crate) parents: Vec<(u32, u32, &'a LicenseOrigin)>,
}

/// Limbs of the record of a license with these terms.
pub(crate) fn record_limbs(terms: &LicenseTerms) -> u64 {
    RECORD_LIMBS + terms.shares.holders().len() as u64
}

/// The trace; moves `position` behind the records.
pub(crate) fn trace(
    registrations: &[Registration<'_>],
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
        let origin = &registration.terms.origin;
        let mut left = u64::from(origin.lineage.get()) - 1;
        let license = u64::from(registration.license);
        let gap = before.map_or(0, |before: u64| license.wrapping_sub(before + 1));
        before = Some(license);
        let digest = write_origin(&columns, row, registration.license, origin, requests);
        write_own(&columns, row, registration, &digest);
        write_differences(&columns, row, [SHARES_TOTAL, origin.derivative_shares.get()], gap, left);
        row[columns.position] = Felt::new(*position);
        *position += record_limbs(registration.terms);
        for ((parent, shares, origin), row) in registration.parents.iter().zip(free.by_ref()) {
            write_origin(&columns, row, registration.license, origin, requests);
            row[columns.parent] = Felt::ONE;
            row[columns.other] = Felt::from_u32(*parent);
            let gap = license.wrapping_sub(u64::from(*parent) + 1);
            left = left.wrapping_sub(u64::from(origin.lineage.get()));
            let shares = [*shares, origin.derivative_shares.get()];
            write_differences(&columns, row, shares, gap, left);
            row[columns.position] = Felt::new(*position);
        }
    }
    for row in free {
        row[columns.position] = Felt::new(*position);
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn write_origin(
    c: &RegistrationColumns,
    row: &mut [Felt],
    license: u32,
    origin: &LicenseOrigin,
    requests: &mut HashRequests,
) -> Digest {
    let (licensor, shares) = (origin.licensor.felt(), origin.derivative_shares.felt());
    let lineage = Felt::from_u32(origin.lineage.get());
    let provenance = origin.provenance.felts();
    let [p0, p1, p2, p3, p4] = provenance;
    let parts = [licensor, shares, lineage, p0, p1, p2, p3, p4];
    let digest = requests.tagged(Tag::LicenseOrigin, parts);
    row[c.license] = Felt::from_u32(license);
    row[c.licensor] = licensor;
    row[c.lineage] = lineage;
    row[c.provenance.clone()].copy_from_slice(&provenance);
    row[c.origin.clone()].copy_from_slice(&digest.elements());
    digest
}

fn write_own(
    c: &RegistrationColumns,
    row: &mut [Felt],
    registration: &Registration<'_>,
    origin: &Digest,
) {
    let terms = registration.terms;
    let [t0, t1, t2, t3] = terms.shares.digest().elements();
    let [o0, o1, o2, o3] = origin.elements();
    let digest = farthing_protocol::hash(Tag::LicenseTerms, &[t0, t1, t2, t3, o0, o1, o2, o3]);
    row[c.own] = Felt::ONE;
    row[c.nonce] = Felt::new(registration.nonce);
    row[c.terms.clone()].copy_from_slice(&digest.elements());
    c.price.write(row, &[terms.price.get()]);
    row[c.holders] = Felt::from_usize(terms.shares.holders().len());
    c.provenance_high.write(row, &[terms.origin.provenance.limbs()[0]]);
}

fn write_differences(
    c: &RegistrationColumns,
    row: &mut [Felt],
    [shares, derivative]: [u32; 2],
    gap: u64,
    left: u64,
) {
    c.derivative_shares.write(row, &[u64::from(derivative)]);
    c.slack.write(row, &[u64::from(shares.wrapping_sub(derivative))]);
    c.gap.write(row, &[gap]);
    c.left.write(row, &[left]);
}
