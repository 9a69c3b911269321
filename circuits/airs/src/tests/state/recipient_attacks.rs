//! Attacks on recipients: an intent is settled with another account, license or holder than was signed.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{
    BatchWitness, Digest, Felt, Holder, LicenseId, Operation, SHORT_DIGEST_ELEMENTS, ShortDigest,
    canonical, license_origin,
};

use super::batches::settled_world;
use super::changes::{account, license};
use super::forgery::{Forgery, recipient, replace_intent, reseal};
use super::test_ledger::{account_holder, identity, pay, register, secret, transfer};

/// The batch's first intent, by account 1, names another recipient and is signed again.
fn signed_for(mut witness: BatchWitness, recipient: ShortDigest) -> BatchWitness {
    let mut intent = witness.intents[0].signed.intent.clone();
    assert!(intent.operation.address(|_| Some(recipient)));
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(&mut witness, 0, signed);
    reseal(&mut witness, false);
    witness
}

/// `recipient` with another element at `place`.
fn with_another(recipient: ShortDigest, place: usize) -> ShortDigest {
    let mut elements = recipient.elements();
    elements[place] += Felt::ONE;
    ShortDigest::try_from(elements.map(canonical)).expect("canonical")
}

fn paid(operation: Operation) -> BatchWitness {
    let mut world = settled_world();
    world.admit(1, 1, 0, operation);
    world.seal()
}

/// Each element is compared.
#[test]
fn transfer_to_an_account_of_another_identity() {
    let witness = paid(transfer(2, 700));
    let honest = identity(2).recipient();
    Forgery::of(&signed_for(witness.clone(), honest)).assert_accepted();
    for place in 0..SHORT_DIGEST_ELEMENTS {
        let lie = signed_for(witness.clone(), with_another(honest, place));
        Forgery::of(&lie).assert_refused(&["flow"]);
    }
}

/// The same for licenses.
#[test]
fn pay_a_license_of_another_origin() {
    let witness = paid(pay(0, 3, 100));
    let honest = recipient(&witness, Holder::License(LicenseId::from(0))).expect("paid");
    Forgery::of(&signed_for(witness.clone(), honest)).assert_accepted();
    for place in 0..SHORT_DIGEST_ELEMENTS {
        let lie = signed_for(witness.clone(), with_another(honest, place));
        Forgery::of(&lie).assert_refused(&["flow"]);
    }
}

/// The operator tells a signer the number of an account that it is about to open, and opens another
/// account under this number.
fn opened_for_another(operation: impl FnOnce(u32) -> Operation) -> BatchWitness {
    let mut world = settled_world();
    let id = world.open(8);
    world.admit(1, 1, 0, operation(id));
    let mut witness = world.seal();
    Forgery::of(&witness).assert_accepted();
    account(&mut witness, id).identity = Some(identity(9));
    let opened = witness.opened.iter_mut().find(|opened| opened.id.get() == id);
    opened.expect("opened in this batch").identity = identity(9);
    witness
}

#[test]
fn transfer_to_a_number_given_to_another() {
    let mut witness = opened_for_another(|id| transfer(id, 1_234_567));
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["flow"]);
}

#[test]
fn register_with_a_holders_number_given_to_another() {
    let lines = |id| [(account_holder(1), 400_000), (account_holder(id), 600_000)];
    let mut witness = opened_for_another(|id| register(77, 0, 1, &lines(id)));
    let origin = origin_of(&witness, 2, identity(1).recipient());
    license(&mut witness, 2).terms.origin = origin;
    reseal(&mut witness, false);
    // The chain of the holders as they are is not the one that was signed.
    Forgery::of(&witness).assert_refused(&["registration"]);
}

/// The origin of a license by a licensor of this identity.
fn origin_of(witness: &BatchWitness, id: u32, licensor: ShortDigest) -> Digest {
    let change = witness.licenses.iter().find(|change| change.id.get() == id).expect("registered");
    let chain = change.terms.shares.holder_chain(|holder| recipient(witness, holder));
    license_origin(licensor, &chain.expect("touched"), &change.new.version.provenance)
}

/// The name under which it will be paid is that of another licensor's license.
#[test]
fn register_under_the_origin_of_another() {
    let mut witness = paid(register(77, 0, 1, &[(account_holder(1), 1_000_000)]));
    let origin = origin_of(&witness, 2, identity(2).recipient());
    license(&mut witness, 2).terms.origin = origin;
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["link"]);
}
