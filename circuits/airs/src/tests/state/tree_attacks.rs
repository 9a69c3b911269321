//! Attacks on the state tree: changes that are lost on the way up, nodes that stand there twice.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{BatchWitness, Digest, Felt, TREE_DEPTH};

use super::batches::{everything, settled_world};
use super::changes::{account, add};
use super::forgery::{Forgery, reseal, restate};
use super::test_ledger::transfer;
use crate::tables::Traces;
use crate::tables::state::merkle::{MerkleColumns, MerkleTable};

/// Account 5 gets a new leaf and a record in public data, and the tree keeps the old leaf.
fn lost_change() -> BatchWitness {
    let mut witness = everything();
    let change = account(&mut witness, 5);
    let new = core::mem::replace(&mut change.new, change.old);
    reseal(&mut witness, false);
    account(&mut witness, 5).new = new;
    restate(&mut witness, false);
    witness
}

#[test]
fn change_that_is_lost_on_the_way_up() {
    Forgery::of(&lost_change()).assert_refused(&["node"]);
}

/// The parent of accounts 4 and 5 takes the second for untouched, and a row that is not a node takes
/// the change.
#[test]
fn change_that_padding_takes() {
    let c = MerkleColumns::new();
    let honest = everything();
    let lost = lost_change();
    let forge = |hide: bool| {
        Forgery::with_state(&lost, |state| {
            let mut rows = rows(state);
            let is_parent = |row: &&mut &mut [Felt]| {
                (row[c.level], row[c.index], row[c.active]) == (Felt::ZERO, Felt::TWO, Felt::ONE)
            };
            let parent = rows.iter_mut().find(is_parent).expect("touched");
            parent[c.touched.start + 1] = Felt::ZERO;
            if hide {
                let honest = honest.account_nodes.iter().find(|n| (n.level, n.index) == (1, 2));
                let honest = honest.expect("touched");
                let padding = rows.last_mut().expect("padding");
                padding[c.index] = Felt::TWO;
                padding[c.touched.start + 1] = Felt::ONE;
                padding[c.right[0].clone()].copy_from_slice(&honest.old[1].elements());
                padding[c.right[1].clone()].copy_from_slice(&honest.new[1].elements());
            }
        })
    };
    forge(false).assert_refused(&["node"]);
    forge(true).assert_refused(&["merkle"]);
}

/// Account 2 has no row and gets a thousand nano in the new tree: a sibling of account 3, which is
/// touched.
#[test]
fn change_a_leaf_that_is_not_touched() {
    let mut world = settled_world();
    world.admit(1, 1, 0, transfer(2, 0));
    world.admit(1, 1, 0, transfer(3, 5));
    let mut witness = world.seal();
    add(&mut witness, 2, 1_000);
    reseal(&mut witness, false);
    witness.accounts.retain(|change| change.id.get() != 2);
    restate(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["merkle"]);
}

fn rows(state: &mut Traces) -> Vec<&mut [Felt]> {
    state.trace_mut::<MerkleTable>().values.chunks_exact_mut(MerkleColumns::new().width).collect()
}

/// `witness` as if only these accounts were touched.
fn of_accounts(witness: &BatchWitness, ids: &[u32]) -> BatchWitness {
    let mut part = witness.clone();
    part.accounts.retain(|change| ids.contains(&change.id.get()));
    reseal(&mut part, false);
    part
}

/// Two paths to two roots: accounts 0 and 1 change below the one, account 4 below the other. The
/// payment would be taken from account 1 and given to no account.
#[test]
fn nodes_that_stand_there_twice() {
    let c = MerkleColumns::new();
    let mut world = settled_world();
    world.admit(1, 1, 2, transfer(4, 500));
    let mut witness = world.seal();
    let (one, other) = (of_accounts(&witness, &[0, 1]), of_accounts(&witness, &[4]));
    witness.account_nodes = [one.account_nodes, other.account_nodes].concat();
    witness.new_roots = one.new_roots;
    restate(&mut witness, false);
    let forge = |second_root: bool| {
        Forgery::with_state(&witness, |state| {
            if second_root {
                write_root(state, [witness.old_roots, other.new_roots]);
            }
            for row in rows(state) {
                for (side, [old, new]) in [&c.left, &c.right].into_iter().enumerate() {
                    row[c.touched.start + side] =
                        Felt::from_bool(row[old.clone()] != row[new.clone()]);
                }
            }
        })
    };
    forge(false).assert_refused(&["node"]);
    // The second root is not the statement's.
    forge(true).assert_refused(&["merkle"]);
}

fn write_root(state: &mut Traces, roots: [[Digest; 2]; 2]) {
    let parents = roots.map(|[left, right]| state.requests.compress(&left, &right));
    let (mut rows, c) = (rows(state), MerkleColumns::new());
    let row = rows.iter_mut().find(|row| row[c.active] == Felt::ZERO).expect("padding");
    (row[c.active], row[c.root], row[c.level]) =
        (Felt::ONE, Felt::ONE, Felt::from_usize(TREE_DEPTH));
    for (i, ([left, right], parent)) in roots.into_iter().zip(parents).enumerate() {
        row[c.left[i].clone()].copy_from_slice(&left.elements());
        row[c.right[i].clone()].copy_from_slice(&right.elements());
        row[c.parent[i].clone()].copy_from_slice(&parent.elements());
    }
}
