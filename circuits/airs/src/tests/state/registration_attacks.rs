//! Attacks on registrations: terms without a signature, parents cheated, left out or made up.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{
    AccountId, BatchWitness, Felt, HolderShares, LicenseId, Lineage, Operation, Price,
    RegisterLicense, ShareTable, Shares,
};

use super::batches::settled_world;
use super::changes::{account, license};
use super::forgery::{Forgery, register_as, replace_intent, reseal, reseal_leaves};
use super::test_ledger::{account_holder, parent, register, secret};
use crate::tables::state::licenses::{LicenseColumns, LicenseTable};
use crate::tables::state::registrations::{RegistrationColumns, RegistrationTable};

/// A registration of a derivative of license 0, which asks for 300,000 shares, as `change`d and
/// signed again.
fn registration(change: impl FnOnce(&mut RegisterLicense)) -> BatchWitness {
    let mut world = settled_world();
    let lines = [(account_holder(1), 700_000), (parent(0), 300_000)];
    world.admit(1, 1, 0, register(77, 0, 2, &lines));
    let mut witness = world.seal();
    let mut intent = witness.intents[0].signed.intent.clone();
    let Operation::RegisterLicense(register) = &mut intent.operation else { panic!("registers") };
    change(register);
    register_as(&mut witness, 2, 1, register);
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    witness
}

#[test]
fn register_with_a_parents_share_cut() {
    Forgery::of(&registration(|_| ())).assert_accepted();
    let witness = registration(|register| {
        let line = |(holder, shares)| HolderShares {
            holder,
            shares: Shares::new(shares).expect("shares"),
        };
        let lines = [(account_holder(1), 700_001), (parent(0), 299_999)].map(line);
        register.shares = ShareTable::new(lines.into()).expect("a table");
    });
    // The slack is −1; as a field element it has the right sum, but it is no 20 bits.
    let mut forgery = Forgery::of(&witness);
    let c = RegistrationColumns::new();
    let row = forgery.row("registrations", 1);
    for column in c.slack.columns.clone() {
        row[column] = Felt::ZERO;
    }
    row[c.slack.columns.start] = -Felt::ONE;
    forgery.assert_refused(&["range"]);
}

#[test]
fn register_with_a_wrong_lineage() {
    let witness = registration(|register| register.lineage = Lineage::new(3).expect("a lineage"));
    Forgery::of(&witness).assert_refused(&["registrations"]);
}

#[test]
fn register_at_another_price() {
    let mut witness = registration(|_| ());
    license(&mut witness, 2).new.version.price = Price::new(78).expect("a price");
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["registration"]);
}

#[test]
fn register_for_another_licensor() {
    let mut witness = registration(|_| ());
    license(&mut witness, 2).terms.licensor = AccountId::from(2);
    reseal(&mut witness, false);
    // The origin is of the licensor who signed, too.
    Forgery::of(&witness).assert_refused(&["link", "registration"]);
}

/// The license keeps its number, the one who signed gets none.
#[test]
fn register_without_a_signature() {
    let mut witness = registration(|_| ());
    witness.intents.clear();
    let signer = account(&mut witness, 1);
    (signer.signed, signer.new) = (false, signer.old);
    reseal(&mut witness, false);
    // No registration row takes the new license, its lines and its parent.
    Forgery::of(&witness).assert_refused(&["limb", "link"]);
}

fn lines(lines: &[(farthing_protocol::Holder, u64)]) -> ShareTable {
    let line =
        |&(holder, shares)| HolderShares { holder, shares: Shares::new(shares).expect("shares") };
    ShareTable::new(lines.iter().map(line).collect()).expect("a table")
}

/// License 2 names license 3 as its parent, which has a number but is registered later.
#[test]
fn register_with_a_younger_parent() {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(77, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    world.admit(1, 1, 0, register(1, 0, 1, &[(account_holder(1), 1_000_000)]));
    let mut witness = world.seal();
    let mut intent = witness.intents[0].signed.intent.clone();
    let Operation::RegisterLicense(register) = &mut intent.operation else { panic!("registers") };
    register.shares = lines(&[(account_holder(1), 700_000), (parent(3), 300_000)]);
    register_as(&mut witness, 2, 1, register);
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    let mut forgery = Forgery::of(&witness);
    set_gap(forgery.row("registrations", 1), -Felt::TWO);
    forgery.assert_refused(&["range"]);
}

/// By how much a parent is older, as a number that is none of 32 bits.
fn set_gap(row: &mut [Felt], gap: Felt) {
    let c = RegistrationColumns::new();
    row[c.gap.columns.clone()].fill(Felt::ZERO);
    row[c.gap.columns.start] = gap;
}

/// Its own lineage would be one more than itself, too.
#[test]
fn register_with_itself_as_a_parent() {
    let witness = registration(|register| {
        register.shares = lines(&[(account_holder(1), 700_000), (parent(2), 300_000)]);
    });
    let mut forgery = Forgery::of(&witness);
    set_gap(forgery.row("registrations", 1), -Felt::ONE);
    // Nor can its origin be among the holders that make it.
    forgery.assert_refused(&["link", "range", "registration", "registrations"]);
}

/// The parent of the share table gets its part, but lineage and derivative shares pass it by.
#[test]
fn register_without_a_parent_of_the_table() {
    let witness = registration(|register| register.lineage = Lineage::new(1).expect("a lineage"));
    let c = RegistrationColumns::new();
    let l = LicenseColumns::new();
    let forgery = Forgery::with_state(&witness, |state| {
        let rows = state.trace_mut::<RegistrationTable>();
        let row = &mut rows.values[c.width..2 * c.width];
        assert_eq!(row[c.parent], Felt::ONE);
        let position = row[c.position];
        row.fill(Felt::ZERO);
        row[c.position] = position;
        // License 0, the first touched, is asked for its standing once less.
        state.trace_mut::<LicenseTable>().values[l.standing_lookups] -= Felt::ONE;
    });
    forgery.assert_refused(&["link"]);
}

/// A parent that holds nothing of it: a license could so claim a lineage.
#[test]
fn register_with_a_parent_that_is_not_in_the_table() {
    let c = RegistrationColumns::new();
    let l = LicenseColumns::new();
    let invented = Forgery::of(&registration(|_| ())).row("registrations", 1).to_vec();
    let witness = registration(|register| {
        register.shares = lines(&[(account_holder(1), 1_000_000)]);
    });
    let forgery = Forgery::with_state(&witness, |state| {
        let rows = state.trace_mut::<RegistrationTable>();
        let row = &mut rows.values[c.width..2 * c.width];
        let position = row[c.position];
        row.copy_from_slice(&invented);
        row[c.position] = position;
        state.trace_mut::<LicenseTable>().values[l.standing_lookups] += Felt::ONE;
    });
    forgery.assert_refused(&["link"]);
}

/// The new license under the number of license 1, which is registered.
fn registration_over_license_1(old_root_stands: bool) -> BatchWitness {
    let mut witness = registration(|_| ());
    let change = license(&mut witness, 2);
    change.id = LicenseId::from(1);
    witness.intents[0].registers = Some(LicenseId::from(1));
    reseal(&mut witness, old_root_stands);
    witness
}

#[test]
fn register_over_a_license() {
    // The leaf is said to be empty: then the old root is another.
    Forgery::of(&registration_over_license_1(true)).assert_refused(&["merkle"]);
    // The leaf is said to be what it is: then the license is not new.
    let mut witness = registration(|_| ());
    let siblings = |node: &&farthing_protocol::NodeChange| (node.level, node.index) == (1, 0);
    let honest = witness.license_nodes.iter().find(siblings).expect("license 0 is touched").old[1];
    witness = registration_over_license_1(true);
    reseal_leaves(&mut witness, true, |leaves| leaves.get_mut(&1).expect("touched")[0] = honest);
    let mut forgery = Forgery::of(&witness);
    let c = LicenseColumns::new();
    let row = forgery.row("licenses", 1);
    row[c.old_leaf].copy_from_slice(&honest.elements());
    forgery.assert_refused(&["licenses"]);
}
