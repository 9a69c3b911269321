//! Forgeries of updates: of the registrations table, which takes them up, and of the licenses table.

use p3_field::{Field, PrimeCharacteristicRing};

use farthing_protocol::{
    Felt, LicenseId, LicenseStatus, LicenseVersion, Licensee, Lineage, Operation, Price, Shares,
};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::registrations::with_lineage;
use super::sealed::everything;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tests::state::batches::{settled_world, updated_world};
use crate::tests::state::changes::license;
use crate::tests::state::forgery::{recipient, replace_intent, reseal};
use crate::tests::state::test_ledger::{
    account_holder, parent, pay, register, secret, update, version,
};
use crate::tests::state::update_attacks::{derived_while, paid_while, resigned, update_of};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a payment by somebody else than the licensee", paid_by_another),
    ("a payment of a paused license", || paid_while(|v| v.status = PAUSED, 0).into()),
    ("a paused license, by shares out of range", paused_by_shares),
    ("a price that nobody signed", || unsigned(|version| version.price = price(9))),
    ("a status that nobody signed", || unsigned(|version| version.status = PAUSED)),
    ("a retired license that returns", retired_returns),
    ("a version that the license does not take", other_version),
    ("an update by another, by a lineage out of range", updated_by_another),
    ("updates that do not ascend", updates_swapped),
    ("a registration behind an update", registration_behind),
    ("two halves of a status", halves_of_a_status),
    ("a paused parent", paused_parent),
    ("a parent of another lineage, by a licensor out of range", parent_of_another_lineage),
    ("a retired license with a licensee", || retired_with(|v| v.licensee = licensee(3))),
    ("a retired license with shares", || retired_with(|v| v.derivative_shares = shares(1))),
    ("a lineage that nobody signed", other_lineage),
    ("another licensor in the record", || recorded(|c, row| row[c.account] += Felt::ONE)),
    ("a licensee that nobody signed, by the license", licensee_by_license),
    ("a licensee that nobody signed, by the lineage", licensee_by_lineage),
    ("another licensee in the record", || update_recorded(|c, row| row[c.account] += Felt::ONE)),
    ("another status in the record", || update_recorded(|c, row| row[c.holders] += Felt::ONE)),
    ("an update of a twin, by a licensee out of range", twin_updated),
];

const PAUSED: LicenseStatus = LicenseStatus::Paused;
/// 2³², by which licensees and lineages are shifted.
const SHIFT: Felt = Felt::new(1 << 32);

fn price(nano: u64) -> Price {
    Price::new(nano).expect("a price")
}

fn licensee(account: u64) -> Licensee {
    Licensee::new(account).expect("an account")
}

fn shares(millionths: u64) -> Shares {
    Shares::new(millionths).expect("shares")
}

fn paid_by_another() -> ForgedLeaf {
    paid_while(|version| version.licensee = licensee(4), 4).into()
}

/// A number of shares makes up for the status.
fn paused_by_shares() -> ForgedLeaf {
    let mut lie = ForgedLeaf::from(paid_while(|version| version.status = PAUSED, 0));
    let c = LicenseColumns::new();
    let row = lie.row("licenses", 0);
    row[c.shares.columns.start] += Felt::new(1 << 34).inverse();
    lie
}

/// License 0 is paid and has another version afterwards.
fn unsigned(change: impl FnOnce(&mut LicenseVersion)) -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(5, 5, 0, pay(0, 3, 100));
    let mut witness = world.seal();
    change(&mut license(&mut witness, 0).new.version);
    reseal(&mut witness, false);
    ForgedLeaf::from(&witness)
}

fn retired_returns() -> ForgedLeaf {
    let mut world = settled_world();
    let retired = LicenseVersion { status: LicenseStatus::Retired, ..version(1, 0) };
    world.admit(2, 2, 0, update(0, retired));
    let mut witness = world.seal();
    license(&mut witness, 0).old.as_mut().expect("registered").version = retired;
    ForgedLeaf::from(&resigned(witness, 0, 2, |update| update.version = version(8, 0)))
}

fn other_version() -> ForgedLeaf {
    let mut witness = update_of(&mut settled_world());
    license(&mut witness, 0).new.version.price = price(9);
    reseal(&mut witness, false);
    ForgedLeaf::from(&witness)
}

/// Account 4 updates a license of account 2: what it lacks as a number, the lineage adds.
fn updated_by_another() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(4, 4, 0, update(1, version(8, 77)));
    let mut witness = world.seal();
    let named = recipient(&witness, parent(0)).expect("touched");
    let old = license(&mut witness, 1).old.expect("registered").version;
    license(&mut witness, 1).new.version = old;
    let witness = resigned(witness, 0, 4, |update| {
        (update.license, update.recipient) = (LicenseId::from(0), named);
    });
    let mut lie = ForgedLeaf::from(&witness);
    let c = LicenseColumns::new();
    let row = lie.row("licenses", 0);
    row[c.licensor] += Felt::TWO;
    row[c.lineage.columns.start] -= Felt::TWO * SHIFT.inverse();
    lie
}

fn swap(lie: &mut ForgedLeaf, one: usize, other: usize) {
    let rows = [one, other].map(|row| lie.row("registrations", row).to_vec());
    lie.row("registrations", one).copy_from_slice(&rows[1]);
    lie.row("registrations", other).copy_from_slice(&rows[0]);
    let c = RegistrationColumns::new();
    for (at, row) in lie.rows("registrations").into_iter().enumerate() {
        row[c.ends.first] = Felt::from_bool(at == 0);
    }
}

fn updates_swapped() -> ForgedLeaf {
    let mut world = updated_world();
    for license in [2, 3] {
        world.admit(1, 1, 0, update(license, version(8, 77)));
    }
    let mut lie = ForgedLeaf::from(&world.seal());
    swap(&mut lie, 0, 1);
    lie.follow();
    lie
}

fn registration_behind() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(2, 2, 0, update(0, version(8, 77)));
    world.admit(1, 1, 0, register(7, 0, 1, &[(account_holder(1), 1_000_000)]));
    let mut lie = ForgedLeaf::from(&world.seal());
    swap(&mut lie, 0, 1);
    let c = RegistrationColumns::new();
    // License 2 stands behind license 0.
    c.gap.write(lie.row("registrations", 1), &[1]);
    lie.follow();
    lie
}

/// Less paused than retired: it sums up to paused.
fn halves_of_a_status() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(2, 2, 0, update(0, LicenseVersion { status: PAUSED, ..version(8, 0) }));
    let mut lie = ForgedLeaf::from(&world.seal());
    let c = RegistrationColumns::new();
    let row = lie.row("registrations", 0);
    assert_eq!((row[c.paused], row[c.retired]), (Felt::ONE, Felt::ZERO));
    (row[c.paused], row[c.retired]) = (-Felt::ONE, Felt::ONE);
    lie
}

fn paused_parent() -> ForgedLeaf {
    let mut lie = ForgedLeaf::from(derived_while(|version| version.status = PAUSED));
    lie.row("registrations", 1)[RegistrationColumns::new().paused] = Felt::ONE;
    lie
}

/// A child of a license of lineage 1 says 1, and its parent has none.
fn parent_of_another_lineage() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(77, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    let mut witness = world.seal();
    with_lineage(&mut witness, 0, 2, 1);
    reseal(&mut witness, false);
    let mut lie = ForgedLeaf::from(&witness);
    let c = RegistrationColumns::new();
    c.left.write(lie.row("registrations", 0), &[0]);
    let row = lie.row("registrations", 1);
    c.left.write(row, &[0]);
    c.word.write(row, &[2 + (1 << 32)]);
    row[c.lineage] = Felt::ZERO;
    lie
}

fn retired_with(change: impl FnOnce(&mut LicenseVersion)) -> ForgedLeaf {
    let mut retired = LicenseVersion { status: LicenseStatus::Retired, ..version(8, 0) };
    change(&mut retired);
    let witness = update_of(&mut settled_world());
    ForgedLeaf::from(&resigned(witness, 0, 2, |update| update.version = retired))
}

/// The licensor signed a lineage of two.
fn other_lineage() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(7, 0, 1, &[(account_holder(1), 1_000_000)]));
    let mut witness = world.seal();
    let mut intent = witness.intents[0].signed.intent.clone();
    let Operation::RegisterLicense(register) = &mut intent.operation else { panic!("registers") };
    register.lineage = Lineage::new(2).expect("a lineage");
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    let mut lie = ForgedLeaf::from(&witness);
    lie.row("registrations", 0)[RegistrationColumns::new().other] = Felt::ONE;
    lie
}

fn recorded(change: fn(&RegistrationColumns, &mut [Felt])) -> ForgedLeaf {
    let mut lie = everything();
    let c = RegistrationColumns::new();
    let own = lie.find("registrations", c.own);
    change(&c, lie.row("registrations", own));
    lie.follow();
    lie
}

fn update_recorded(change: fn(&RegistrationColumns, &mut [Felt])) -> ForgedLeaf {
    let mut lie = ForgedLeaf::from(&update_of(&mut settled_world()));
    change(&RegistrationColumns::new(), lie.row("registrations", 0));
    lie.follow();
    lie
}

/// License 0 is updated for licensee 5, and its licensor signed licensee 4.
fn licensee_five(change: impl FnOnce(&RegistrationColumns, &mut [Felt])) -> ForgedLeaf {
    let terms = |account| LicenseVersion { licensee: licensee(account), ..version(1 << 20, 77) };
    let mut world = settled_world();
    world.admit(2, 2, 0, update(0, terms(5)));
    let mut witness = world.seal();
    let mut intent = witness.intents[0].signed.intent.clone();
    let Operation::UpdateLicense(update) = &mut intent.operation else { panic!("updates") };
    update.version = terms(4);
    let signed = intent.sign(&secret(2), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    let mut lie = ForgedLeaf::from(&witness);
    let c = RegistrationColumns::new();
    let row = lie.row("registrations", 0);
    c.licensee.write(row, &[5]);
    row[c.account] = Felt::from_u8(5);
    change(&c, row);
    lie.follow();
    lie
}

fn licensee_by_license() -> ForgedLeaf {
    licensee_five(|c, row| row[c.other] -= SHIFT)
}

fn licensee_by_lineage() -> ForgedLeaf {
    licensee_five(|c, row| row[c.lineage] -= SHIFT)
}

/// Licenses 2 and 3 are of one origin. The licensor updates license 2, and license 3 is updated.
fn twin_updated() -> ForgedLeaf {
    let mut world = settled_world();
    for _ in 0..2 {
        world.admit(1, 1, 0, register(7, 5, 1, &[(account_holder(3), 1_000_000)]));
    }
    world.seal();
    world.admit(1, 1, 0, update(3, version(8, 77)));
    let mut witness = world.seal();
    let mut intent = witness.intents[0].signed.intent.clone();
    let Operation::UpdateLicense(update) = &mut intent.operation else { panic!("updates") };
    update.license = LicenseId::from(2);
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    // The rows of the state are those of license 3.
    let three = Felt::from_u8(3);
    let mut lie = ForgedLeaf::from(&witness);
    let (c, l) = (RegistrationColumns::new(), LicenseColumns::new());
    let row = lie.row("registrations", 0);
    (row[c.license], row[c.other]) = (three, three);
    let far = -SHIFT.inverse();
    row[c.licensee.columns.start] += far;
    row[c.account] += far;
    // The number behind the update is above it.
    lie.row("registrations", 1)[c.license] += Felt::ONE;
    let at = lie.rows("licenses").iter().position(|row| row[l.id] == three).expect("touched");
    let row = lie.row("licenses", at);
    row[l.updated] = Felt::ONE;
    row[l.new_price] = Felt::from_u8(8);
    row[l.new_standing] += far * Felt::from_u64(1 << farthing_protocol::STANDING_LICENSEE_SHIFT);
    row[l.not_retired] = (row[l.standing] - three).inverse();
    lie.follow();
    lie
}
