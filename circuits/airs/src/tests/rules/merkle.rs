//! Forgeries of the trees.

use p3_field::{Field, PrimeCharacteristicRing};

use farthing_protocol::{Felt, TREE_DEPTH, canonical, compress, position};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{empty, everything};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::merkle::MerkleColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("nodes taken back", nodes_taken_back),
    ("a change that padding takes", change_taken_by_padding),
    ("a tree of 31 levels", tree_of_31_levels),
    ("account 2³²", alias_of_the_operator),
    ("the accounts in the licenses' place", trees_change_places),
];

fn nodes_taken_back() -> ForgedLeaf {
    let mut lie = everything();
    let c = MerkleColumns::new();
    let height = lie.rows("merkle").len();
    lie.row("merkle", height - 2)[c.active] = Felt::ONE;
    lie.row("merkle", height - 1)[c.active] = -Felt::ONE;
    lie
}

/// Account 5 has a new leaf, which a row that hashes nothing takes; the tree keeps the old one.
fn change_taken_by_padding() -> ForgedLeaf {
    let mut lie = everything();
    let (c, m) = (AccountColumns::new(), MerkleColumns::new());
    let five = Felt::from_u8(5);
    let account = lie.rows("accounts").iter().position(|row| row[c.id] == five).expect("touched");
    let account = lie.row("accounts", account).to_vec();
    lie.climb_to(TREE_DEPTH, Some(5));
    let last = lie.rows("merkle").len() - 1;
    let row = lie.row("merkle", last);
    (row[m.touched.start + 1], row[m.index]) = (Felt::ONE, Felt::TWO);
    row[m.right[0].clone()].copy_from_slice(&account[c.old_leaf.clone()]);
    row[m.right[1].clone()].copy_from_slice(&account[c.new_leaf.clone()]);
    lie.permute();
    lie
}

fn tree_of_31_levels() -> ForgedLeaf {
    let mut lie = empty();
    lie.climb_to(TREE_DEPTH - 1, None);
    lie.permute();
    lie
}

/// The operator once more under the number 2³², whose path is its own.
fn alias_of_the_operator() -> ForgedLeaf {
    let mut lie = empty();
    let (c, m) = (AccountColumns::new(), MerkleColumns::new());
    let mut alias = lie.row("accounts", 0).to_vec();
    alias[c.ends.first] = Felt::ZERO;
    alias[c.id] = Felt::from_u64(1 << 32);
    c.gap.write(&mut alias, &[(1 << 32) - 1]);
    lie.row("accounts", 1).copy_from_slice(&alias);
    lie.follow();
    let nodes: Vec<Vec<Felt>> = lie
        .rows("merkle")
        .into_iter()
        .filter(|row| row[m.active] == Felt::ONE)
        .map(|row| row.to_vec())
        .collect();
    assert_eq!(nodes.len(), TREE_DEPTH + 1);
    for (i, mut node) in nodes.clone().into_iter().enumerate() {
        node[m.index] = if node[m.root] == Felt::ONE {
            Felt::TWO.inverse()
        } else {
            Felt::from_u64(1 << (31 - canonical(node[m.level])))
        };
        lie.row("merkle", nodes.len() + i).copy_from_slice(&node);
    }
    lie.permute();
    lie
}

/// No license is touched, so their root may be anything.
fn trees_change_places() -> ForgedLeaf {
    let mut lie = empty();
    let c = MerkleColumns::new();
    let root = lie.find("merkle", c.root);
    let row = lie.row("merkle", root);
    row[c.tree] = -Felt::ONE;
    row.swap(c.touched.start, c.touched.start + 1);
    for i in 0..2 {
        let [left, right] = [c.left[i].clone(), c.right[i].clone()];
        let (old_left, old_right) = (row[left.clone()].to_vec(), row[right.clone()].to_vec());
        row[left].copy_from_slice(&old_right);
        row[right].copy_from_slice(&old_left);
    }
    let digest = |row: &[Felt], at: &core::ops::Range<usize>| {
        farthing_protocol::Digest::new(core::array::from_fn(|i| row[at.start + i]))
    };
    for (i, place) in [position::OLD_ROOT, position::NEW_ROOT].into_iter().enumerate() {
        let row = lie.row("merkle", root);
        let parent = compress(&digest(row, &c.left[i]), &digest(row, &c.right[i])).elements();
        row[c.parent[i].clone()].copy_from_slice(&parent);
        lie.statement[place].copy_from_slice(&parent);
    }
    lie.permute();
    lie
}
