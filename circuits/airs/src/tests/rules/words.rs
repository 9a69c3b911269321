//! Forgeries that only a bus refuses: what one side of a message says is not what the other hears.
//!
//! The message cannot be left out of most batches, its counterpart would be missed; but let it say
//! anything, and these pass.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Digest, Felt, canonical, compress, position};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::half::Half;
use super::points::Said;
use super::sealed::{empty, everything, sealed};
use super::signatures::CLASS;
use super::sums::{AT, four, times};
use crate::rules::{Demand, Register, Rule};
use crate::tables::signature::receipts;
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::merkle::MerkleColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tables::state::royalty_split::SplitColumns;
use crate::tables::state::withdrawals::WithdrawalColumns;
use crate::tests::batches::batch;
use crate::tests::state::test_ledger::{account_holder, exit, register};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("no withdrawals, elsewhere", || {
        section_elsewhere("withdrawals", WithdrawalColumns::new().position)
    }),
    ("no registrations, elsewhere", || {
        section_elsewhere("registrations", RegistrationColumns::new().position)
    }),
    ("no licenses, elsewhere", || section_elsewhere("licenses", LicenseColumns::new().position)),
    ("a limb of the operator's record", operators_limb),
    ("a window of another sum", other_window),
    ("a new license at another price", other_price),
    ("an account's leaf that the tree does not take up", || other_child(0)),
    ("a node that its parent does not take up", || other_child(5)),
    ("a digest of something else", other_digest),
    ("a registration of another nonce", other_nonce),
    ("two licenses with each other's lines", lines_change_places),
    ("another share of a parent", other_share),
    ("an exit swept in another's name", exit_of_another),
    ("an exit of less than was swept", swept_less),
    ("a receipt of another intent", other_receipt),
];

/// A section without a record may begin anywhere.
fn section_elsewhere(table: &str, column: usize) -> ForgedLeaf {
    let mut lie = empty();
    for row in lie.rows(table) {
        row[column] = Felt::from_u8(77);
    }
    lie
}

/// Public data that tells another limb than the record's at a position.
fn with_other_limb(mut lie: ForgedLeaf, at: usize) -> ForgedLeaf {
    let mut limbs = lie.limbs();
    limbs[at] += 1;
    lie.publish_limbs(&limbs);
    lie.permute();
    lie
}

fn operators_limb() -> ForgedLeaf {
    with_other_limb(empty(), 0)
}

/// A batch of everything whose public data tell another limb than a rule's first.
pub(super) fn other_limb(register: &Register, rule: &Rule) -> Option<ForgedLeaf> {
    assert_eq!(rule.demand, Demand::Message);
    let mut lie = everything();
    let table = lie.place(rule.table);
    let checker = lie.checker();
    let mut sent = (0..lie.height(table)).flat_map(|row| checker.messages(&lie.traces, table, row));
    let limb = sent.find(|sent| {
        sent.bus == "limb" && register.message(rule.table, sent.number) == Some(rule)
    })?;
    let at = canonical(limb.message[0]) as usize;
    drop(sent);
    lie.publish();
    Some(with_other_limb(lie, at))
}

/// The combination takes G for a neutral part.
fn other_window() -> ForgedLeaf {
    let combine = |row: &mut super::half::CombineRow, operand: bool| {
        if operand && !row.doubles && row.part == 2 * AT {
            row.operand = Said::point(times(1));
        }
    };
    four([1, -1, 1, -1], 1).lie(|_| (), |_, _| (), combine)
}

/// The licensor signed a lower one.
fn other_price() -> ForgedLeaf {
    let mut lie =
        sealed(|world| world.admit(1, 1, 0, register(7, 0, 1, &[(account_holder(1), 1_000_000)])));
    let c = LicenseColumns::new();
    let at = lie.find("licenses", c.new);
    for price in [c.price, c.new_price] {
        lie.row("licenses", at)[price] += Felt::ONE;
    }
    lie.hash_leaves();
    lie.rebuild_trees();
    lie.permute();
    lie
}

/// The operator's path, whose node at a level has another child than is sent.
fn other_child(level: usize) -> ForgedLeaf {
    let mut lie = empty();
    let digest = |row: &[Felt], at: usize| Digest::new(core::array::from_fn(|i| row[at + i]));
    let c = MerkleColumns::new();
    let root = lie.find("merkle", c.root);
    let row = lie.row("merkle", level);
    let mut child = digest(row, c.left[1].start);
    child = compress(&child, &child);
    for at in level..=root {
        let row = lie.row("merkle", at);
        assert_eq!(row[c.touched.start], Felt::ONE);
        row[c.left[1].clone()].copy_from_slice(&child.elements());
        child = compress(&child, &digest(row, c.right[1].start));
        row[c.parent[1].clone()].copy_from_slice(&child.elements());
    }
    lie.statement[position::NEW_ROOT].copy_from_slice(&child.elements());
    lie.permute();
    lie
}

fn other_digest() -> ForgedLeaf {
    let mut lie = empty();
    lie.row("accounts", 0)[AccountColumns::new().new_leaf.start] += Felt::ONE;
    lie.rebuild_trees();
    lie.permute();
    lie
}

fn other_nonce() -> ForgedLeaf {
    let mut lie = everything();
    let c = RegistrationColumns::new();
    let own = lie.find("registrations", c.own);
    lie.row("registrations", own)[c.nonce] += Felt::ONE;
    lie
}

/// Both tables have two lines.
fn lines_change_places() -> ForgedLeaf {
    let mut lie = sealed(|world| {
        for holder in [2, 3] {
            let lines = [(account_holder(1), 600_000), (account_holder(holder), 400_000)];
            world.admit(1, 1, 0, register(7, 0, 1, &lines));
        }
    });
    let c = SplitColumns::new();
    let mut rows: Vec<&mut [Felt]> = lie.rows("royalty_split");
    rows.retain(|row| row[c.new] == Felt::ONE);
    let [one, two] = [0, 2].map(|row: usize| rows[row][c.position]);
    assert!(rows.len() == 4 && one != two);
    for (i, row) in rows.into_iter().enumerate() {
        row[c.position] += if i < 2 { two - one } else { one - two };
    }
    lie.publish();
    lie.permute();
    lie
}

/// The registration thinks it has one more than the table deals it.
fn other_share() -> ForgedLeaf {
    let mut lie = everything();
    let c = RegistrationColumns::new();
    let parent = lie.find("registrations", c.parent);
    let row = lie.row("registrations", parent);
    let slack = canonical(c.slack.read(row).value::<Felt>());
    c.slack.write(row, &[slack + 1]);
    lie
}

/// Account 2 is swept twice, account 1 not at all.
fn exit_of_another() -> ForgedLeaf {
    let mut lie = sealed(|world| {
        for account in [1, 2, 2] {
            world.consume(exit(account, account.into()));
        }
    });
    let c = QueueColumns::new();
    let sweeps = [0, 1, 2].map(|row| lie.row("queue", row)[c.sweeps]);
    assert_eq!(sweeps, [Felt::ONE, Felt::ONE, Felt::ZERO]);
    lie.row("queue", 0)[c.sweeps] = Felt::ZERO;
    lie.row("queue", 2)[c.sweeps] = Felt::ONE;
    lie
}

fn swept_less() -> ForgedLeaf {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let exit = lie.find("withdrawals", c.exit);
    let row = lie.row("withdrawals", exit);
    let of = |number: &crate::gadgets::decomposition::Decomposition, row: &[Felt]| {
        canonical(number.read(row).value::<Felt>())
    };
    let (units, held) = (of(&c.units, row), of(&c.held, row));
    row[c.amount] -= Felt::from_u32(1_000);
    c.units.write(row, &[units - 1]);
    c.held.write(row, &[held - 1_000]);
    lie.publish();
    lie.permute();
    lie
}

fn other_receipt() -> ForgedLeaf {
    let half = Half::with_receipts(&CLASS, &batch(3, 9, 3), 9, |leaves, class| {
        let mut leaves = leaves.to_vec();
        leaves[4] = Digest::new([Felt::TWO; 4]);
        receipts::trace(&leaves, class.intents(), class.log_receipts)
    });
    half.sign(|_| ()).add_up()
}
