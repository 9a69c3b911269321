//! Rows of the licenses table.

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{
    BALANCE_BITS, Digest, Felt, LicenseChange, LicenseState, LicenseStatus, TERMS_LINEAGE_SHIFT,
    Tag,
};

use crate::tables::shared::poseidon2::HashRequests;

use super::air::LicenseColumns;
use super::{HALF_BITS, RECORD_LIMBS};

/// A touched license with what the rest of the batch says of it.
#[derive(Clone, Debug)]
pub(crate) struct LicenseRow<'a> {
    pub(crate) change: &'a LicenseChange,
    /// Uses paid for in the batch.
    pub(crate) uses: u64,
    /// Nano from derivatives.
    pub(crate) derived: u64,
    /// Registrations that ask for its standing.
    pub(crate) standing_lookups: u64,
    /// Splits that name it as a parent.
    pub(crate) holder_lookups: u64,
    pub(crate) share_table: Digest,
    /// An intent of the batch updates it.
    pub(crate) updated: bool,
}

/// The trace; moves `position` behind the records.
pub(crate) fn trace(
    licenses: &[LicenseRow<'_>],
    position: &mut u64,
    log_height: usize,
    requests: &mut HashRequests,
) -> RowMajorMatrix<Felt> {
    let columns = LicenseColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    columns.ends.write(&mut rows, columns.width);
    let mut before = None;
    for (i, row) in rows.chunks_exact_mut(columns.width).enumerate() {
        row[columns.position] = Felt::new(*position);
        let Some(license) = licenses.get(i) else { continue };
        let id = u64::from(license.change.id.get());
        columns.gap.write(row, &[before.map_or(0, |before: u64| id.wrapping_sub(before + 1))]);
        before = Some(id);
        write_money(&columns, row, license);
        write_leaves(&columns, row, license, requests);
        *position += RECORD_LIMBS;
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn write_money(c: &LicenseColumns, row: &mut [Felt], license: &LicenseRow<'_>) {
    let change = license.change;
    let old = change.old.unwrap_or(LicenseState::new(change.new.version));
    let (version, next) = (old.version, change.new.version);
    row[c.existed] = Felt::from_bool(change.old.is_some());
    row[c.new] = Felt::from_bool(change.old.is_none());
    row[c.id] = change.id.felt();
    row[c.updated] = Felt::from_bool(license.updated);
    row[c.licensor] = change.terms.licensor.felt();
    c.lineage.write(row, &[change.terms.lineage.get().into()]);
    row[c.price] = version.price.felt();
    row[c.new_price] = next.price.felt();
    row[c.standing] = Felt::new(version.standing());
    row[c.new_standing] = Felt::new(next.standing());
    let from_retired = row[c.standing] - Felt::from_u8(LicenseStatus::Retired.number());
    row[c.not_retired] = from_retired.try_inverse().unwrap_or_default();
    row[c.licensee] = Felt::from_u32(version.licensee.get());
    c.shares.write(row, &[version.derivative_shares.get().into()]);
    row[c.vault] = old.vault.felt();
    row[c.old_received] = old.received.felt();
    row[c.uses] = Felt::new(license.uses);
    row[c.derived] = Felt::new(license.derived);
    let total = old.vault.get() + change.received.get();
    c.low.write(row, &[total & ((1 << HALF_BITS) - 1)]);
    c.high.write(row, &[total >> HALF_BITS]);
    c.kept.write(row, &[change.new.vault.get()]);
    c.received.write(row, &[change.new.received.get()]);
    let ever = old.received.get() + change.received.get();
    row[c.wraps] = Felt::new(ever >> BALANCE_BITS);
    row[c.standing_lookups] = Felt::new(license.standing_lookups);
    row[c.holder_lookups] = Felt::new(license.holder_lookups);
}

fn write_leaves(
    c: &LicenseColumns,
    row: &mut [Felt],
    license: &LicenseRow<'_>,
    requests: &mut HashRequests,
) {
    let [t0, t1, t2, t3] = license.share_table.elements();
    let recipient = license.change.terms.recipient().elements();
    let [o0, o1, o2] = recipient;
    let lineage = u64::from(license.change.terms.lineage.get()) << TERMS_LINEAGE_SHIFT;
    let registered = Felt::new(u64::from(license.change.terms.licensor.get()) + lineage);
    let terms = [t0, t1, t2, t3, o0, o1, o2, registered];
    let terms = requests.tagged(Tag::LicenseTerms, terms).elements();
    row[c.share_table.clone()].copy_from_slice(&license.share_table.elements());
    row[c.recipient.clone()].copy_from_slice(&recipient);
    row[c.terms.clone()].copy_from_slice(&terms);
    let [t0, t1, t2, t3] = terms;
    let mut leaf = |state: &LicenseState| {
        let (vault, received) = (state.vault.felt(), state.received.felt());
        let (price, standing) = (state.version.price.felt(), Felt::new(state.version.standing()));
        requests.tagged(Tag::LicenseLeaf, [t0, t1, t2, t3, price, vault, received, standing])
    };
    if let Some(old) = &license.change.old {
        row[c.old_leaf.clone()].copy_from_slice(&leaf(old).elements());
    }
    row[c.new_leaf.clone()].copy_from_slice(&leaf(&license.change.new).elements());
}
