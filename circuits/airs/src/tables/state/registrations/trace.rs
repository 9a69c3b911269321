//! Rows of the registrations table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Digest, Felt, LicenseTerms, SHARES_TOTAL, ShortDigest, Tag, capacity_of};

use crate::tables::shared::poseidon2::HashRequests;

use super::air::RegistrationColumns;
use super::{ORIGIN_ELEMENTS, RECORD_LIMBS};

/// A license registered.
#[derive(Clone, Debug)]
pub(crate) struct Registration<'a> {
    pub(crate) license: u32,
    pub(crate) nonce: u64,
    pub(crate) terms: &'a LicenseTerms,
    /// The licensor's identity.
    pub(crate) licensor: ShortDigest,
    /// Of the holders.
    pub(crate) chain: Digest,
    /// Id, shares and terms of each parent.
    pub(crate) parents: Vec<(u32, u32, &'a LicenseTerms)>,
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
        let terms = registration.terms;
        let mut left = u64::from(terms.lineage.get()) - 1;
        let license = u64::from(registration.license);
        let gap = before.map_or(0, |before: u64| license.wrapping_sub(before + 1));
        before = Some(license);
        write_own(&columns, row, registration, requests);
        write_standing(&columns, row, registration.license, SHARES_TOTAL, terms);
        write_differences(&columns, row, gap, left);
        row[columns.position] = Felt::new(*position);
        *position += record_limbs(terms);
        for ((parent, shares, terms), row) in registration.parents.iter().zip(free.by_ref()) {
            row[columns.parent] = Felt::ONE;
            row[columns.other] = Felt::from_u32(*parent);
            let gap = license.wrapping_sub(u64::from(*parent) + 1);
            left = left.wrapping_sub(u64::from(terms.lineage.get()));
            write_standing(&columns, row, registration.license, *shares, terms);
            write_differences(&columns, row, gap, left);
            row[columns.position] = Felt::new(*position);
        }
    }
    for row in free {
        row[columns.position] = Felt::new(*position);
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
    row[c.nonce] = Felt::new(registration.nonce);
    c.price.write(row, &[terms.price.get()]);
    row[c.holders] = Felt::from_usize(terms.shares.holders().len());
    row[c.provenance.clone()].copy_from_slice(&terms.provenance.felts());
    c.provenance_high.write(row, &[terms.provenance.limbs()[0]]);
    let (identity, chain) = (registration.licensor.elements(), registration.chain.elements());
    row[c.identity.clone()].copy_from_slice(&identity);
    row[c.chain.clone()].copy_from_slice(&chain);
    let ([i0, i1, i2], [h0, h1, h2, h3]) = (identity, chain);
    let [p0, p1, p2, p3, p4] = terms.provenance.felts();
    let [c0, c1, c2, c3] = capacity_of(Tag::LicenseOrigin, ORIGIN_ELEMENTS);
    let capacity = requests.absorb([i0, i1, i2, h0, h1, h2, h3, p0, c0, c1, c2, c3]);
    row[c.capacity.clone()].copy_from_slice(&capacity);
    let ([c0, c1, c2, c3], zero) = (capacity, Felt::ZERO);
    let origin = requests.digest([p1, p2, p3, p4, zero, zero, zero, zero, c0, c1, c2, c3]);
    row[c.origin.clone()].copy_from_slice(&origin.elements());
}

/// Derivative shares and lineage of the license or of a parent, which is left `shares`.
fn write_standing(
    c: &RegistrationColumns,
    row: &mut [Felt],
    license: u32,
    shares: u32,
    terms: &LicenseTerms,
) {
    row[c.license] = Felt::from_u32(license);
    let derivative = terms.derivative_shares.get();
    c.derivative_shares.write(row, &[u64::from(derivative)]);
    c.slack.write(row, &[u64::from(shares.wrapping_sub(derivative))]);
    row[c.lineage] = Felt::from_u32(terms.lineage.get());
}

fn write_differences(c: &RegistrationColumns, row: &mut [Felt], gap: u64, left: u64) {
    c.gap.write(row, &[gap]);
    c.left.write(row, &[left]);
}
