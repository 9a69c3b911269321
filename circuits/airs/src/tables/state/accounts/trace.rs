//! Rows of the accounts table.

use std::collections::HashMap;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{AccountChange, AccountState, Digest, Felt, RATE, Tag};

use crate::tables::shared::poseidon2::HashRequests;

use super::air::AccountColumns;

/// Lookups of accounts by other tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountLookups {
    pub(crate) owner: HashMap<u32, u64>,
    pub(crate) identity: HashMap<u32, u64>,
    pub(crate) holder: HashMap<u32, u64>,
    /// Nano credited by transfers.
    pub(crate) named: HashMap<u32, u64>,
    /// Nano taken by forced exits.
    pub(crate) swept: HashMap<u32, u64>,
}

/// The trace; moves `position` behind the table's records.
pub(crate) fn trace(
    accounts: &[AccountChange],
    lookups: &AccountLookups,
    position: &mut u64,
    log_height: usize,
    requests: &mut HashRequests,
) -> RowMajorMatrix<Felt> {
    let columns = AccountColumns::new();
    let width = columns.width;
    let mut rows = Felt::zero_vec(width << log_height);
    columns.ends.write(&mut rows, width);
    let mut before = None;
    for (i, row) in rows.chunks_exact_mut(width).enumerate() {
        row[columns.position] = Felt::new(*position);
        let Some(change) = accounts.get(i) else { continue };
        let id = change.id.get();
        let gap = before.map_or(0, |before| u64::from(id).wrapping_sub(u64::from(before) + 1));
        columns.gap.write(row, &[gap]);
        before = Some(id);
        write_flags(&columns, row, change, lookups);
        write_state(&columns, row, change, requests);
        *position += 2 * u64::from(change.new.is_some()) + u64::from(change.signed);
    }
    RowMajorMatrix::new(rows, width)
}

fn write_flags(
    c: &AccountColumns,
    row: &mut [Felt],
    change: &AccountChange,
    lookups: &AccountLookups,
) {
    let id = change.id.get();
    let count = |counts: &HashMap<u32, u64>| counts.get(&id).copied().unwrap_or(0);
    let opened = change.old.is_none() && change.new.is_some();
    let (owner, identity) = (count(&lookups.owner), count(&lookups.identity));
    let identity_opened = change.signed || opened || owner > 0 || identity > 0;
    row[c.existed] = Felt::from_bool(change.old.is_some());
    row[c.opened] = Felt::from_bool(opened);
    row[c.absent] = Felt::from_bool(change.new.is_none());
    row[c.signer] = Felt::from_bool(change.signed);
    row[c.exits] = Felt::from_bool(lookups.swept.contains_key(&id));
    row[c.identity_opened] = Felt::from_bool(identity_opened && change.new.is_some());
    row[c.id] = Felt::from_u32(id);
    row[c.owner_lookups] = Felt::new(owner);
    row[c.identity_lookups] = Felt::new(identity);
    row[c.holder_lookups] = Felt::new(count(&lookups.holder));
    row[c.named] = Felt::new(count(&lookups.named));
    row[c.swept] = Felt::new(count(&lookups.swept));
}

fn write_state(
    c: &AccountColumns,
    row: &mut [Felt],
    change: &AccountChange,
    requests: &mut HashRequests,
) {
    let (Some(identity), Some(new)) = (change.identity, change.new) else { return };
    let (key, owner) = (identity.key.elements(), identity.owner.felts());
    row[c.key.clone()].copy_from_slice(&key);
    row[c.owner.clone()].copy_from_slice(&owner);
    let parts: [Felt; RATE] = core::array::from_fn(|i| if i < 5 { key[i] } else { owner[i - 5] });
    let digest = if row[c.identity_opened] == Felt::ONE {
        requests.tagged(Tag::AccountIdentity, parts)
    } else {
        identity.digest()
    };
    row[c.identity.clone()].copy_from_slice(&digest.elements());
    if let Some(old) = change.old {
        row[c.old_balance] = old.balance.felt();
        row[c.old_nonce] = old.nonce.felt();
        row[c.old_leaf.clone()].copy_from_slice(&leaf(&digest, &old, requests).elements());
    }
    row[c.new_leaf.clone()].copy_from_slice(&leaf(&digest, &new, requests).elements());
    let (balance, nonce) = (new.balance.get(), new.nonce.get());
    c.balance.write(row, &[balance]);
    c.nonce.write(row, &[nonce]);
    let low = balance & ((1 << super::BALANCE_LOW_BITS) - 1);
    row[c.second] =
        Felt::new(if change.signed { low << 8 | nonce >> super::LOW_BITS } else { low });
}

fn leaf(identity: &Digest, state: &AccountState, requests: &mut HashRequests) -> Digest {
    let [i0, i1, i2, i3] = identity.elements();
    let (balance, nonce) = (state.balance.felt(), state.nonce.felt());
    requests.tagged(Tag::AccountLeaf, [i0, i1, i2, i3, balance, nonce, Felt::ZERO, Felt::ZERO])
}
