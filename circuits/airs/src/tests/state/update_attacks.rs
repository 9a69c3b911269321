//! Attacks on updates of licenses: by others, to other versions than were signed, against their status.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{
    AccountId, Amount, BatchWitness, Bytes32, Felt, LicenseId, LicenseStatus, LicenseVersion,
    Licensee, Operation, Price, Record, UpdateLicense, UpdatedLicense,
};

use super::batches::{settled_world, updated_world, updates};
use super::changes::license;
use super::forgery::{Forgery, publish, recipient, records, replace_intent, reseal};
use super::test_ledger::{
    TestLedger, account_holder, parent, pay, register, secret, update, version,
};
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::registrations::RegistrationColumns;

/// Account 2 updates its license 0 to 8 nano in a batch in which account 5 pays it.
pub(crate) fn update_of(world: &mut TestLedger) -> BatchWitness {
    world.admit(2, 2, 0, update(0, version(8, 77)));
    world.admit(5, 5, 0, pay(0, 3, 100));
    world.seal()
}

/// The batch with the intent at `place` changed and signed again by a person.
pub(crate) fn resigned(
    mut witness: BatchWitness,
    place: usize,
    person: u8,
    change: impl FnOnce(&mut UpdateLicense),
) -> BatchWitness {
    let mut intent = witness.intents[place].signed.intent.clone();
    let Operation::UpdateLicense(update) = &mut intent.operation else { panic!("updates") };
    change(update);
    let (id, version) = (update.license, update.version);
    license(&mut witness, id.get()).new.version = version;
    let signed = intent.sign(&secret(person), &witness.statement.header.domain);
    replace_intent(&mut witness, place, signed);
    reseal(&mut witness, false);
    witness
}

#[test]
fn updates_are_proven() {
    Forgery::of(&updates()).assert_accepted();
}

/// Everything else follows from the lie, and the licensor signed it.
#[test]
fn update_as_signed() {
    let witness = resigned(update_of(&mut settled_world()), 0, 2, |update| {
        update.version.provenance = Bytes32([3; 32]);
    });
    Forgery::of(&witness).assert_accepted();
}

#[test]
fn update_by_another() {
    let mut world = settled_world();
    world.admit(4, 4, 0, update(1, version(8, 77)));
    let mut witness = world.seal();
    // Account 4 did register license 1; now license 0, of account 2, has this version.
    let named = recipient(&witness, parent(0)).expect("touched");
    let old = license(&mut witness, 1).old.expect("registered").version;
    license(&mut witness, 1).new.version = old;
    let witness = resigned(witness, 0, 4, |update| {
        (update.license, update.recipient) = (LicenseId::from(0), named);
    });
    Forgery::of(&witness).assert_refused(&["link"]);
}

/// The licensor meant another license of its own.
#[test]
fn update_a_license_of_another_origin() {
    let mut world = updated_world();
    world.admit(1, 1, 0, update(2, version(8, 77)));
    world.admit(4, 4, 0, pay(2, 1, 9));
    let witness = resigned(world.seal(), 0, 1, |update| {
        update.recipient = farthing_protocol::ShortDigest::default();
    });
    Forgery::of(&witness).assert_refused(&["link"]);
}

#[test]
fn update_to_another_price() {
    let mut witness = update_of(&mut settled_world());
    license(&mut witness, 0).new.version.price = Price::new(9).expect("a price");
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["link"]);
}

#[test]
fn update_to_another_standing() {
    for change in [
        |version: &mut LicenseVersion| version.status = LicenseStatus::Paused,
        |version: &mut LicenseVersion| version.licensee = Licensee::new(3).expect("an account"),
        |version: &mut LicenseVersion| version.derivative_shares = 78.try_into().expect("shares"),
    ] {
        let mut witness = update_of(&mut settled_world());
        change(&mut license(&mut witness, 0).new.version);
        reseal(&mut witness, false);
        Forgery::of(&witness).assert_refused(&["link"]);
    }
}

/// No intent asks for the new price.
#[test]
fn update_without_a_signature() {
    let mut world = settled_world();
    world.admit(5, 5, 0, pay(0, 3, 100));
    let mut witness = world.seal();
    license(&mut witness, 0).new.version.price = Price::new(9).expect("a price");
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["licenses"]);
}

/// The version stays what it was, although its licensor signed another.
#[test]
fn pass_over_an_update() {
    let mut witness = update_of(&mut settled_world());
    let change = license(&mut witness, 0);
    change.new.version = change.old.expect("registered").version;
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["link"]);
}

/// A payment at the price that counts from the next batch on.
#[test]
fn pay_at_the_price_to_come() {
    let mut witness = update_of(&mut settled_world());
    let mut intent = witness.intents[1].signed.intent.clone();
    let Operation::Pay(pay) = &mut intent.operation else { panic!("pays") };
    pay.amount = Amount::new(24).expect("an amount");
    let signed = intent.sign(&secret(5), &witness.statement.header.domain);
    replace_intent(&mut witness, 1, signed);
    reseal(&mut witness, false);
    let forgery = Forgery::with_intents(&witness, |batch| batch.rows[1].price = 8);
    // Money is taken and not given: the rest of the lie does not matter.
    forgery.assert_refused(&["flow"]);
}

/// License 0 as paid while it has this version.
pub(crate) fn paid_while(change: impl FnOnce(&mut LicenseVersion), licensee: u64) -> Forgery {
    let mut world = settled_world();
    world.admit(5, 5, 0, pay(0, 3, 100));
    let mut witness = world.seal();
    let found = license(&mut witness, 0);
    let mut version = found.new.version;
    change(&mut version);
    found.new.version = version;
    found.old.as_mut().expect("registered").version = version;
    reseal(&mut witness, false);
    Forgery::with_intents(&witness, |batch| batch.rows[0].licensee = licensee)
}

#[test]
fn pay_a_license_that_is_not_active() {
    paid_while(|_| (), 0).assert_accepted();
    for status in [LicenseStatus::Paused, LicenseStatus::Retired] {
        paid_while(|version| version.status = status, 0).assert_refused(&["licenses"]);
    }
}

#[test]
fn pay_a_license_that_is_for_another() {
    let licensee = |id: u64| {
        move |version: &mut LicenseVersion| {
            version.licensee = Licensee::new(id).expect("an account");
        }
    };
    paid_while(licensee(5), 5).assert_accepted();
    paid_while(licensee(4), 4).assert_refused(&["intents"]);
    paid_while(licensee(4), 5).assert_refused(&["flow"]);
    paid_while(licensee(5), 0).assert_refused(&["flow"]);
}

/// A license of license 0 at shares that are enough, while its parent has this version.
pub(crate) fn derived_while(change: impl FnOnce(&mut LicenseVersion)) -> Forgery {
    let mut world = settled_world();
    world.admit(3, 3, 0, register(1, 0, 2, &[(account_holder(3), 700_000), (parent(0), 300_000)]));
    let mut witness = world.seal();
    let found = license(&mut witness, 0);
    let mut version = found.new.version;
    change(&mut version);
    found.new.version = version;
    found.old.as_mut().expect("registered").version = version;
    reseal(&mut witness, false);
    Forgery::of(&witness)
}

#[test]
fn derive_from_a_license_that_is_closed() {
    derived_while(|_| ()).assert_accepted();
    for status in [LicenseStatus::Paused, LicenseStatus::Retired] {
        derived_while(|version| version.status = status).assert_refused(&["link"]);
    }
    let private = |version: &mut LicenseVersion| {
        version.licensee = Licensee::new(3).expect("an account");
    };
    derived_while(private).assert_refused(&["link"]);
    // The parent's row states the version as it is.
    let c = RegistrationColumns::new();
    for (status, cell) in [(LicenseStatus::Paused, c.paused), (LicenseStatus::Retired, c.retired)] {
        let mut stated = derived_while(|version| version.status = status);
        stated.row("registrations", 1)[cell] = Felt::ONE;
        stated.assert_refused(&["registrations"]);
    }
    let mut stated = derived_while(private);
    c.licensee.write(stated.row("registrations", 1), &[3]);
    stated.assert_refused(&["registrations"]);
}

#[test]
fn update_a_retired_license() {
    let mut world = settled_world();
    let retired = LicenseVersion { status: LicenseStatus::Retired, ..version(1, 0) };
    world.admit(2, 2, 0, update(0, retired));
    let mut witness = world.seal();
    license(&mut witness, 0).old.as_mut().expect("registered").version = retired;
    let witness = resigned(witness, 0, 2, |update| update.version = version(8, 0));
    Forgery::of(&witness).assert_refused(&["licenses"]);
}

#[test]
fn retire_with_terms_for_others() {
    let licensee = Licensee::new(3).expect("an account");
    for terms in [version(8, 1), LicenseVersion { licensee, ..version(8, 0) }] {
        let witness = resigned(update_of(&mut settled_world()), 0, 2, |update| {
            update.version = LicenseVersion { status: LicenseStatus::Retired, ..terms };
        });
        Forgery::of(&witness).assert_refused(&["registrations"]);
    }
}

/// More derivative shares than a license has: they fit the range.
#[test]
fn ask_for_more_than_a_whole() {
    let mut forgery = Forgery::of(&update_of(&mut settled_world()));
    let c = RegistrationColumns::new();
    let row = forgery.row("registrations", 0);
    let shares = 1_000_001_u64;
    c.derivative_shares.write(row, &[shares]);
    c.slack.write(row, &[0]);
    row[c.slack.columns.start] = -Felt::ONE;
    forgery.assert_refused(&["limb", "link", "range", "registration"]);
}

#[test]
fn publish_another_version() {
    let mut witness = update_of(&mut settled_world());
    let mut published = records(&witness);
    for record in &mut published {
        if let Record::UpdatedLicense(UpdatedLicense { version, .. }) = record {
            version.provenance = Bytes32([1; 32]);
        }
    }
    publish(&mut witness, farthing_protocol::PublicData::from_records(&published));
    Forgery::of(&witness).assert_refused(&["limb"]);
}

/// Two updates of one license in a batch: each would be the version to come.
#[test]
fn update_a_license_twice() {
    let mut witness = update_of(&mut settled_world());
    let mut again = witness.intents[0].signed.intent.clone();
    again.nonce =
        again.nonce.get().checked_add(1).and_then(|n| n.try_into().ok()).expect("a nonce");
    let Operation::UpdateLicense(update) = &mut again.operation else { panic!("updates") };
    update.version.price = Price::new(9).expect("a price");
    let second = witness.intents[0].clone();
    witness.intents.insert(1, second);
    let signed = again.sign(&secret(2), &witness.statement.header.domain);
    let nonce = signed.intent.nonce;
    replace_intent(&mut witness, 1, signed);
    let signer = witness.accounts.iter_mut().find(|change| change.id == AccountId::from(2));
    signer.and_then(|change| change.new.as_mut()).expect("open").nonce = nonce;
    reseal(&mut witness, false);
    // The gap between both is −1, and the license takes one update.
    Forgery::of(&witness).assert_refused(&["link", "range", "registrations"]);
}

/// A license of the batch has no version before.
#[test]
fn update_a_license_of_the_batch() {
    let mut world = settled_world();
    world.admit(2, 2, 0, register(1, 0, 1, &[(account_holder(3), 1_000_000)]));
    world.admit(2, 2, 0, update(0, version(8, 0)));
    let mut witness = world.seal();
    let named = recipient(&witness, parent(2)).expect("registered");
    let old = license(&mut witness, 0).old.expect("registered").version;
    license(&mut witness, 0).new.version = old;
    let witness = resigned(witness, 1, 2, |update| {
        (update.license, update.recipient) = (LicenseId::from(2), named);
    });
    let mut forgery = Forgery::of(&witness);
    let c = LicenseColumns::new();
    let rows = forgery.rows("licenses");
    let found = rows.iter().position(|row| row[c.new] == Felt::ONE).expect("registered");
    assert_eq!(forgery.row("licenses", found)[c.updated], Felt::ONE);
    assert!(forgery.culprits().contains(&"licenses".to_owned()));
    assert!(!forgery.is_proven());
}
