//! Forgeries of the licenses table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, canonical};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{everything, holders};
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::royalty_split::SplitColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a license that starts over twice", wraps_twice),
    ("money that nobody paid", vault_dealt_out),
    ("a parent that is padding", parent_is_padding),
];

fn wraps_twice() -> ForgedLeaf {
    let mut lie = everything();
    let c = LicenseColumns::new();
    let row = lie.row("licenses", 0);
    row[c.wraps] = Felt::TWO;
    row[c.old_received] += Felt::from_u64(1 << 63);
    lie.follow();
    lie
}

/// A row of padding answers once in the place of the first license's.
fn parent_is_padding() -> ForgedLeaf {
    let mut lie = everything();
    let c = LicenseColumns::new();
    let first = lie.row("licenses", 0);
    first[c.holder_lookups] -= Felt::ONE;
    let (id, origin) = (first[c.id], first[c.recipient.clone()].to_vec());
    let padding = lie.row("licenses", 40);
    padding[c.recipient.clone()].copy_from_slice(&origin);
    (padding[c.id], padding[c.holder_lookups]) = (id, Felt::ONE);
    lie
}

/// License 0 deals out a million nano that is neither in its vault nor paid.
fn vault_dealt_out() -> ForgedLeaf {
    let mut lie = holders(&[1], 5, 1_000);
    let (c, l) = (SplitColumns::new(), LicenseColumns::new());
    let more = 1_000_000;
    let total = canonical(lie.row("royalty_split", 0)[c.low]) + more;
    let row = lie.row("royalty_split", 0);
    row[c.low] = Felt::new(total);
    c.quotient_low.write(row, &[total]);
    row[c.spent] = Felt::new(total);
    l.low.write(lie.row("licenses", 0), &[total]);
    lie.follow();
    lie
}
