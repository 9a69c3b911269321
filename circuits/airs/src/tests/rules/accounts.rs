//! Forgeries of the accounts table, whose cells are changed by hand and all else follows.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, canonical};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{empty, everything, sealed};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::merkle::MerkleColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tests::state::batches::settled_world;
use crate::tests::state::forgery::{Forgery, replace_intent, reseal};
use crate::tests::state::test_ledger::{deposit, identity, secret, transfer};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("an account that is open and is not", open_and_absent),
    ("no account at all", no_account),
    ("an absent account with an owner", absent_owner),
    ("a balance below zero", overdraft),
    ("a transfer under another name", credit_by_padding),
    ("a holder that is padding", holder_is_padding),
];

/// The operator's row sends its change twice, and each of its nodes stands there twice.
fn open_and_absent() -> ForgedLeaf {
    let mut lie = empty();
    lie.row("accounts", 0)[AccountColumns::new().absent] = Felt::ONE;
    lie.follow();
    let c = MerkleColumns::new();
    let nodes: Vec<Vec<Felt>> = lie
        .rows("merkle")
        .into_iter()
        .filter(|row| row[c.active] == Felt::ONE)
        .map(|row| row.to_vec())
        .collect();
    for (i, node) in nodes.iter().enumerate() {
        lie.row("merkle", nodes.len() + i).copy_from_slice(node);
    }
    lie.permute();
    lie
}

/// A deposit too large has a record; nothing else is there, and nothing binds the roots.
fn no_account() -> ForgedLeaf {
    let mut lie = sealed(|world| world.consume(deposit(1, 1 << 46)));
    let c = AccountColumns::new();
    let padding = lie.row("accounts", 40).to_vec();
    let row = lie.row("accounts", 0);
    row.copy_from_slice(&padding);
    row[c.ends.first] = Felt::ONE;
    lie.follow();
    lie
}

fn absent_owner() -> ForgedLeaf {
    let mut lie = everything();
    let (a, q) = (AccountColumns::new(), QueueColumns::new());
    let row = lie.find("accounts", a.absent);
    let cells = lie.row("accounts", row);
    cells[a.owner.start] = Felt::TWO;
    let id = cells[a.id];
    for row in lie.rows("queue") {
        if row[q.denied] == Felt::ONE && row[q.account] == id {
            row[q.true_owner.start] = Felt::TWO;
        }
    }
    lie
}

/// The sender meant somebody else. A row of padding takes the credit under that name, and gives it to the
/// account of the number.
fn credit_by_padding() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(1, 1, 0, transfer(2, 700));
    let mut witness = world.seal();
    let mut intent = witness.intents[0].signed.intent.clone();
    let meant = identity(9).recipient();
    assert!(intent.operation.address(|_| Some(meant)));
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    let mut lie = ForgedLeaf::from(Forgery::of(&witness));
    let c = AccountColumns::new();
    let paid = lie.rows("accounts").iter().position(|row| row[c.named] != Felt::ZERO);
    let row = lie.row("accounts", paid.expect("the transfer's account"));
    let (id, amount) = (row[c.id], row[c.named]);
    row[c.named] = Felt::ZERO;
    let row = lie.row("accounts", 40);
    (row[c.id], row[c.named]) = (id, amount);
    for (column, element) in c.identity.clone().zip(meant.elements()) {
        row[column] = element;
    }
    lie
}

/// A row of padding answers once in the place of the operator's.
fn holder_is_padding() -> ForgedLeaf {
    let mut lie = everything();
    let c = AccountColumns::new();
    let operator = lie.row("accounts", 0);
    operator[c.holder_lookups] -= Felt::ONE;
    let identity = operator[c.identity.clone()].to_vec();
    let padding = lie.row("accounts", 40);
    padding[c.identity.clone()].copy_from_slice(&identity);
    padding[c.holder_lookups] = Felt::ONE;
    lie
}

/// Writes a balance and the limb that tells it.
pub(super) fn set_balance(row: &mut [Felt], balance: u64) {
    let c = AccountColumns::new();
    c.balance.write(row, &[balance]);
    let low = Felt::new(balance & ((1 << crate::tables::state::accounts::BALANCE_LOW_BITS) - 1));
    let high = c.nonce.read(row).part::<Felt>(crate::tables::state::accounts::LOW_BITS..62);
    let signer = row[c.signer];
    row[c.second] = low + signer * (low * Felt::from_u64((1 << 8) - 1) + high);
}

pub(super) fn balance_of(lie: &mut ForgedLeaf, row: usize) -> u64 {
    let c = AccountColumns::new();
    canonical(c.balance.read(lie.row("accounts", row)).value::<Felt>())
}

/// Account 4 holds minus five nano.
fn overdraft() -> ForgedLeaf {
    let mut lie = everything();
    let c = AccountColumns::new();
    let row = lie.row("accounts", 4);
    let low = c.balance.lookups().next().expect("a piece").0;
    row[c.balance.columns.clone()].fill(Felt::ZERO);
    row[low] = -Felt::from_u8(5);
    let high = c.nonce.read(row).part::<Felt>(crate::tables::state::accounts::LOW_BITS..62);
    row[c.second] = -Felt::from_u8(5) + row[c.signer] * (high - Felt::from_u64(5 * ((1 << 8) - 1)));
    lie.follow();
    lie
}
