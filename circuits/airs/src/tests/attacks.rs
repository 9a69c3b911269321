//! Attacks by name: each is a forged trace that no valid proof comes from.

use std::collections::BTreeSet;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use farthing_protocol::{AffinePoint, Felt, Fp5, OperationKind, Scalar};

use crate::check::Checker;
use crate::class::LeafClass;
use crate::schedule::FELT_BITS;
use crate::tables::count_ranges;
use crate::tables::signature::intents::IntentColumns;
use crate::tests::batches::{NOW, Signer, batch, domain, intent, leaf, leaf_weighed, scalar};
use crate::tests::forgeries::{accepts, assert_refused, row_mut};
use crate::witness::{SignedBatch, SignedRow};
use farthing_protocol::position::{INTENTS, RECEIPTS_ROOT};

const CLASS: LeafClass = LeafClass::TINY;

fn columns() -> IntentColumns {
    IntentColumns::new(&CLASS.schedule)
}

/// Three intents of one account, `change`d before they are signed.
fn signed(change: impl FnOnce(&mut [SignedRow])) -> SignedBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let signer = Signer::new(scalar(&mut rng));
    let mut rows: Vec<SignedRow> = (0..3).map(|_| intent(&mut rng, 0, 9)).collect();
    for (i, row) in rows.iter_mut().enumerate() {
        row.old_nonce = 100;
        row.nonce = 101 + i as u64;
    }
    change(&mut rows);
    for row in &mut rows {
        signer.sign(&domain(), &scalar(&mut rng), row);
    }
    SignedBatch { domain: domain(), timestamp: NOW, rows }
}

#[test]
fn unchanged_intents_are_accepted() {
    let (_, statement, traces) = leaf(&CLASS, &signed(|_| ()));
    assert!(crate::tests::forgeries::accepts(&statement, &traces));
}

#[test]
fn signature_by_another_key() {
    let mut batch = batch(3, 16, 4);
    let thief = Signer::new(Scalar::from_u128(99));
    let honest = batch.rows[5].key;
    thief.sign(&batch.domain, &Scalar::from_u128(7), &mut batch.rows[5]);
    batch.rows[5].key = honest;
    assert_refused(&leaf(&CLASS, &batch), &["combine"]);
}

#[test]
fn thief_key_within_a_group() {
    let mut batch = batch(3, 16, 4);
    let thief = Signer::new(Scalar::from_u128(99));
    thief.sign(&batch.domain, &Scalar::from_u128(7), &mut batch.rows[5]);
    assert_refused(&leaf(&CLASS, &batch), &["combine", "intents"]);
}

#[test]
fn signature_over_another_message() {
    for change in [
        |row: &mut SignedRow| row.target += 1,
        |row: &mut SignedRow| row.fee += 1,
        |row: &mut SignedRow| row.payload[2] += Felt::ONE,
        |row: &mut SignedRow| row.valid_until += 1,
    ] {
        let mut batch = batch(4, 16, 4);
        let row =
            batch.rows.iter().position(|row| row.kind == OperationKind::Pay).expect("a payment");
        change(&mut batch.rows[row]);
        assert_refused(&leaf(&CLASS, &batch), &["combine"]);
    }
}

#[test]
fn opposite_point() {
    // w alone also fits N − P, whose x is not a square: no witness t exists.
    let batch = batch(5, 16, 4);
    let mut leaf = leaf(&CLASS, &batch);
    let c = columns();
    let point = AffinePoint::decode(&batch.rows[2].r).expect("a point");
    let b = Fp5::from_basis_coefficients_fn(|i| Felt::from_u64(if i == 1 { 263 } else { 0 }));
    let x = b * p3_field::Field::inverse(&point.x());
    let y = -batch.rows[2].r * x;
    let row = row_mut(&mut leaf, "intents", 2);
    row[c.x.clone()].copy_from_slice(x.as_basis_coefficients_slice());
    row[c.y.clone()].copy_from_slice(y.as_basis_coefficients_slice());
    assert_refused(&leaf, &["intents", "term"]);
}

#[test]
fn encoding_of_no_point() {
    let mut leaf = leaf(&CLASS, &batch(5, 16, 4));
    let w = columns().w.clone();
    row_mut(&mut leaf, "intents", 2)[w.start] += Felt::ONE;
    assert_refused(&leaf, &["hash", "intents"]);
}

/// An element e below 2³² − 1 has a second reading e + p < 2⁶⁴: no witness makes it pass.
#[test]
fn challenge_with_an_element_of_p_or_more() {
    let honest = leaf(&CLASS, &signed(|_| ()));
    let c = columns();
    let violated = |element: u64, inverse: u64| -> BTreeSet<usize> {
        let mut leaf = (honest.0.clone(), honest.1, honest.2.clone());
        let row = row_mut(&mut leaf, "intents", 1);
        let mut offset = 0;
        for (column, bits) in c.challenge.lookups() {
            if offset < FELT_BITS {
                row[column] = Felt::new(element >> offset & ((1 << bits) - 1));
            }
            offset += bits;
        }
        row[c.inverses.start] = Felt::new(inverse);
        assert!(!accepts(&leaf.1, &leaf.2));
        let report = Checker::new(&leaf.0, &leaf.1).check(&leaf.2);
        let at_row = report.violations.iter().filter(|v| v.name == "intents" && v.row == 1);
        at_row.map(|violation| violation.constraint).collect()
    };
    for inverse in [0, 1, 1 << 40] {
        let largest = violated(farthing_protocol::MODULUS - 1, inverse);
        let too_large = violated(farthing_protocol::MODULUS, inverse);
        assert_eq!(too_large.difference(&largest).count(), 1, "{inverse}");
    }
}

#[test]
fn weights_of_the_provers_choice() {
    let leaf = leaf_weighed(&CLASS, &batch(6, 16, 4), |weights| weights[3] = weights[2]);
    assert_refused(&leaf, &["weight"]);
}

#[test]
fn nonce_used_twice() {
    let batch = signed(|rows| rows[2].nonce = rows[1].nonce);
    assert_refused(&leaf(&CLASS, &batch), &["range"]);
}

#[test]
fn nonce_of_an_earlier_batch() {
    let batch = signed(|rows| rows[0].nonce = rows[0].old_nonce);
    assert_refused(&leaf(&CLASS, &batch), &["range"]);
}

#[test]
fn nonces_that_climb_past_the_modulus() {
    // Each step is below 2⁶², five of them come back to where they started.
    let quarter = farthing_protocol::MODULUS / 4;
    let batch = signed(|rows| {
        rows[0].nonce = 101 + quarter;
        rows[1].nonce = 101 + 2 * quarter;
        rows[2].nonce = 101 + 3 * quarter;
    });
    assert_refused(&leaf(&CLASS, &batch), &["range"]);
}

#[test]
fn amount_below_price() {
    let batch = signed(|rows| rows[1].amount = rows[1].price * rows[1].quantity - 1);
    assert_refused(&leaf(&CLASS, &batch), &["intents"]);
}

#[test]
fn price_below_the_licenses() {
    let mut batch = signed(|rows| rows[1].amount = (rows[1].price - 1) * rows[1].quantity);
    let price = batch.rows[1].price;
    batch.rows[1].price = price - 1;
    let mut leaf = leaf(&CLASS, &batch);
    // The licenses table knows the true price.
    batch.rows[1].price = price;
    let sink = crate::tests::forgeries::position(&leaf, "state_stub");
    leaf.2[sink] = crate::tests::state_stub::trace(&CLASS, &batch);
    assert_refused(&leaf, &["flow"]);
}

#[test]
fn uses_out_of_bounds() {
    let batch = signed(|rows| {
        rows[1].quantity = 0;
        rows[1].amount = 0;
    });
    assert_refused(&leaf(&CLASS, &batch), &["intents", "range"]);
    let batch = signed(|rows| {
        rows[1].quantity = (1 << 23) + 1;
        rows[1].price = 1;
        rows[1].amount = rows[1].quantity;
    });
    assert_refused(&leaf(&CLASS, &batch), &["intents"]);
}

#[test]
fn amount_and_fee_out_of_bounds() {
    let transfer = |row: &mut SignedRow, amount| {
        row.kind = OperationKind::Transfer;
        (row.quantity, row.price, row.licensee, row.amount) = (0, 0, 0, amount);
    };
    let batch = signed(|rows| transfer(&mut rows[1], (1 << 46) - 1));
    let (_, statement, traces) = leaf(&CLASS, &batch);
    assert!(crate::tests::forgeries::accepts(&statement, &traces));
    let batch = signed(|rows| transfer(&mut rows[1], 1 << 46));
    assert_refused(&leaf(&CLASS, &batch), &["range"]);
    let batch = signed(|rows| rows[1].fee = 1 << 32);
    assert_refused(&leaf(&CLASS, &batch), &["range"]);
}

#[test]
fn withdrawal_of_a_fraction_or_of_nothing() {
    for amount in [1001, 999, 0] {
        let batch = signed(|rows| {
            rows[1].kind = OperationKind::Withdraw;
            (rows[1].target, rows[1].quantity, rows[1].price, rows[1].amount) = (0, 0, 0, amount);
        });
        let leaf = leaf(&CLASS, &batch);
        let report = crate::check::Checker::new(&leaf.0, &leaf.1).check(&leaf.2);
        assert!(!report.is_clean());
        assert!(!crate::tests::forgeries::accepts(&leaf.1, &leaf.2));
    }
}

#[test]
fn expired() {
    let batch = signed(|rows| rows[1].valid_until = NOW - 1);
    assert_refused(&leaf(&CLASS, &batch), &["range"]);
    let batch = signed(|rows| rows[1].valid_until = NOW);
    let (_, statement, traces) = leaf(&CLASS, &batch);
    assert!(crate::tests::forgeries::accepts(&statement, &traces));
}

#[test]
fn target_where_there_is_none() {
    let batch = signed(|rows| {
        rows[1].kind = OperationKind::Withdraw;
        (rows[1].target, rows[1].quantity, rows[1].price, rows[1].amount) = (4, 0, 0, 5000);
    });
    assert_refused(&leaf(&CLASS, &batch), &["intents"]);
}

#[test]
fn padding_that_carries_money() {
    let mut leaf = leaf(&CLASS, &batch(8, 5, 2));
    let c = columns();
    let row = row_mut(&mut leaf, "intents", 9);
    row[c.kind(OperationKind::Transfer)] = Felt::ONE;
    row[c.target] = Felt::new(9);
    row[c.amount.columns.start] = Felt::new(1000);
    let tables = leaf.0.clone();
    count_ranges(&tables, &mut leaf.2);
    assert_refused(&leaf, &["flow", "hash", "intents", "receipt", "term", "weight"]);
}

#[test]
fn another_number_of_intents() {
    for number in [4, 6] {
        let mut leaf = leaf(&CLASS, &batch(8, 5, 2));
        leaf.1[INTENTS] = Felt::new(number);
        assert_refused(&leaf, &["hash", "intents"]);
    }
    let mut leaf = leaf(&CLASS, &batch(8, 0, 0));
    leaf.1[INTENTS] = Felt::ONE;
    assert_refused(&leaf, &["intents"]);
}

#[test]
fn another_receipts_root() {
    let mut leaf = leaf(&CLASS, &batch(8, 5, 2));
    leaf.1[RECEIPTS_ROOT.start + 1] += Felt::ONE;
    assert_refused(&leaf, &["hash", "receipts"]);
}

#[test]
fn another_domain_or_a_later_batch() {
    let batch = batch(8, 5, 2);
    let mut other = leaf(&CLASS, &batch);
    other.1[farthing_protocol::position::DOMAIN.start] += Felt::ONE;
    assert_refused(&other, &["hash"]);
    let mut later = leaf(&CLASS, &batch);
    later.1[farthing_protocol::position::TIMESTAMP] += Felt::ONE;
    assert_refused(&later, &["hash"]);
}

#[test]
fn statement_of_another_class_or_version() {
    for element in [farthing_protocol::position::CLASS, farthing_protocol::position::VERSION] {
        let mut leaf = leaf(&CLASS, &batch(8, 5, 2));
        leaf.1[element] += Felt::ONE;
        assert_refused(&leaf, &["intents"]);
    }
}

#[test]
fn signer_whose_reduction_nobody_checks() {
    // Rows of the signers table behind the last chain have no carries.
    let mut leaf = leaf(&CLASS, &batch(3, 16, 4));
    let chains = (1 << CLASS.log_carries) / CLASS.schedule.positions();
    let height = 1 << CLASS.log_signers;
    assert!(chains < height);
    for to in [chains, height - 1] {
        let honest = row_mut(&mut leaf, "signers", 2).to_vec();
        let padding = row_mut(&mut leaf, "signers", to).to_vec();
        row_mut(&mut leaf, "signers", 2).copy_from_slice(&padding);
        row_mut(&mut leaf, "signers", to).copy_from_slice(&honest);
        assert_refused(&leaf, &["carry"]);
        row_mut(&mut leaf, "signers", 2).copy_from_slice(&honest);
        row_mut(&mut leaf, "signers", to).copy_from_slice(&padding);
    }
}

#[test]
fn more_intents_than_the_class_holds() {
    // The table has more rows, but the receipts tree has no place for their challenges.
    let wide = LeafClass { log_intents: CLASS.log_intents + 1, ..CLASS };
    let batch = batch(3, 17, 4);
    let (_, statement, mut traces) = leaf(&wide, &batch);
    let tables = leaf(&CLASS, &signed(|_| ())).0;
    let sink = tables.iter().position(|table| table.name() == "state_stub").expect("a sink");
    traces[sink] = crate::tests::state_stub::trace(&CLASS, &batch);
    let report = Checker::new(&tables, &statement).check(&traces);
    assert!(report.culprits().contains(&"receipt".to_owned()));
    assert!(!accepts(&statement, &traces));
}

#[test]
fn one_account_in_two_groups() {
    // The accounts table takes one message per account.
    let mut leaf = leaf(&CLASS, &signed(|_| ()));
    let end = columns().end;
    row_mut(&mut leaf, "intents", 1)[end] = Felt::ONE;
    let report = crate::check::Checker::new(&leaf.0, &leaf.1).check(&leaf.2);
    assert!(report.culprits().contains(&"scalar".to_owned()));
    assert!(!crate::tests::forgeries::accepts(&leaf.1, &leaf.2));
}
