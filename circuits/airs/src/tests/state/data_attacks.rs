//! Attacks on public data: limbs elsewhere, another commitment, another evaluation.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};

use farthing_protocol::{
    AccountIdentity, Felt, LIMB_BYTES, MODULUS, PublicData, PublicKey, QuadraticFelt, Record,
    canonical, position,
};

use super::batches::{everything, settled_world};
use super::changes::account;
use super::forgery::{Forgery, publish, records, reseal};
use super::test_ledger::identity;
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::queue::QueueColumns;

/// Two records of accounts have changed places in what is committed to.
#[test]
fn records_in_another_order() {
    let mut witness = everything();
    let mut forged = records(&witness);
    let is_account = |record: &Record| matches!(record, Record::Account(_));
    let first = forged.iter().position(is_account).expect("an account");
    forged.swap(first + 1, first + 2);
    publish(&mut witness, PublicData::from_records(&forged));
    Forgery::of(&witness).assert_refused(&["limb"]);
}

/// Two limbs of one record have.
#[test]
fn limbs_in_another_order() {
    let mut witness = everything();
    let mut limbs = witness.public_data.limbs().to_vec();
    let last = limbs.len() - 1;
    limbs.swap(last - 1, last);
    publish(&mut witness, data(&limbs));
    Forgery::of(&witness).assert_refused(&["limb"]);
}

fn data(limbs: &[u64]) -> PublicData {
    let bytes = limbs.iter().flat_map(|limb| limb.to_be_bytes().into_iter().skip(8 - LIMB_BYTES));
    PublicData::from_bytes(&bytes.collect::<Vec<_>>()).expect("whole limbs")
}

/// A table's records stand one limb behind, its last limb where the next section begins; or one
/// record does.
#[test]
fn records_one_limb_behind() {
    let c = AccountColumns::new();
    let mut section = Forgery::of(&everything());
    for row in section.rows("accounts") {
        row[c.position] += Felt::ONE;
    }
    section.assert_refused(&["limb", "link"]);
    let mut record = Forgery::of(&everything());
    record.row("accounts", 2)[c.position] += Felt::ONE;
    record.assert_refused(&["accounts", "limb"]);
}

/// L1 is told that a deposit went to another account, or that an account holds more than its leaf
/// says: every limb is where it should be, the table knows better.
#[test]
fn records_that_are_not_true() {
    let q = QueueColumns::new();
    let mut witness = everything();
    let mut limbs = witness.public_data.limbs().to_vec();
    // Account 7 is in bytes 2 to 5 of the first limb.
    limbs[0] -= 5 << 8;
    publish(&mut witness, data(&limbs));
    let mut forgery = Forgery::of(&witness);
    forgery.row("queue", 0)[q.head] = Felt::new(limbs[0]);
    forgery.assert_refused(&["queue"]);

    let c = AccountColumns::new();
    let mut witness = everything();
    let place = canonical(Forgery::of(&witness).row("accounts", 5)[c.position]) as usize;
    let mut limbs = witness.public_data.limbs().to_vec();
    limbs[place + 1] += 1 << 8;
    publish(&mut witness, data(&limbs));
    let mut forgery = Forgery::of(&witness);
    forgery.row("accounts", 5)[c.second] += Felt::from_u32(1 << 8);
    forgery.assert_refused(&["accounts"]);
}

#[test]
fn another_commitment_evaluation_or_challenge() {
    let forge = |element: usize, culprits: &[&str]| {
        let mut forgery = Forgery::of(&everything());
        forgery.statement[element] += Felt::ONE;
        forgery.assert_refused(culprits);
    };
    position::PUBLIC_DATA.for_each(|element| forge(element, &["hash"]));
    position::EVALUATION.for_each(|element| forge(element, &["public_data"]));
    position::CHALLENGE.for_each(|element| forge(element, &["public_data"]));
    forge(position::PUBLIC_DATA_LIMBS, &["link", "public_data"]);
}

/// The evaluation of other data than those committed to.
#[test]
fn evaluation_of_other_data() {
    let mut witness = everything();
    let mut limbs = witness.public_data.limbs().to_vec();
    limbs[0] += 1;
    let r = QuadraticFelt::new(witness.statement.challenge);
    let y = limbs.iter().fold(QuadraticFelt::ZERO, |sum, limb| sum * r + Felt::new(*limb));
    let coefficients: &[Felt] = y.as_basis_coefficients_slice();
    witness.statement.evaluation.copy_from_slice(coefficients);
    Forgery::of(&witness).assert_refused(&["public_data"]);
}

/// The words of an opened account's key say 5 + p, which is the same element and another record.
#[test]
fn opened_key_with_a_word_of_p_or_more() {
    let word = 5;
    // The operator may open an account under what is not a point.
    let opened = || {
        let mut world = settled_world();
        let id = world.open(9);
        let mut witness = world.seal();
        let key = PublicKey::from_words([word, 0, 0, 0, 0]).expect("canonical");
        let identity = AccountIdentity { key, ..identity(9) };
        witness.opened[0].identity = identity;
        account(&mut witness, id).identity = Some(identity);
        reseal(&mut witness, false);
        witness
    };
    Forgery::of(&opened()).assert_accepted();

    let mut witness = opened();
    let c = QueueColumns::new();
    let mut honest = Forgery::of(&witness);
    let row = witness.queue.len();
    assert_eq!(honest.row("queue", row)[c.opened], Felt::ONE);
    let place = canonical(honest.row("queue", row)[c.position]) as usize;
    let mut limbs = witness.public_data.limbs().to_vec();
    assert_eq!(limbs[place + 5], word);
    let (high, low) = ((MODULUS + word) >> 56, (MODULUS + word) & ((1 << 56) - 1));
    limbs[place + 4] |= high << 32;
    limbs[place + 5] = low;
    publish(&mut witness, data(&limbs));
    let mut forgery = Forgery::of(&witness);
    let row = forgery.row("queue", row);
    c.words[0].high.write(row, &[high]);
    c.words[0].low.write(row, &[low]);
    forgery.assert_refused(&["queue"]);
}
