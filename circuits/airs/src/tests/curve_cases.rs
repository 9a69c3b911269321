//! Exceptional points: what signers may choose is provable, what a prover invents is not.

use farthing_protocol::{Felt, Scalar};
use p3_field::PrimeCharacteristicRing;

use crate::check::Checker;
use crate::class::LeafClass;
use crate::tables::signature::buckets::BucketColumns;
use crate::tests::batches::{Leaf, Signer, batch, leaf, leaf_weighed, scalar};
use crate::tests::forgeries::{accepts, assert_refused, position};
use crate::witness::SignedBatch;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const CLASS: LeafClass = LeafClass::TINY;

/// A batch whose signer i uses secret and nonce as told.
fn with_nonces(
    intents: usize,
    signers: usize,
    of: impl Fn(usize) -> (Scalar, Scalar),
) -> SignedBatch {
    let mut batch = batch(11, intents, signers);
    let domain = batch.domain;
    for (i, row) in batch.rows.iter_mut().enumerate() {
        let (secret, k) = of(i);
        Signer::new(secret).sign(&domain, &k, row);
    }
    batch
}

fn assert_accepted(batch: &SignedBatch) {
    let (tables, statement, traces) = leaf(&CLASS, batch);
    let report = Checker::new(&tables, &statement).check(&traces);
    assert!(report.is_clean(), "{:?}", report.culprits());
    assert!(accepts(&statement, &traces));
}

#[test]
fn generator_as_key_and_as_r() {
    assert_accepted(&with_nonces(16, 1, |_| (Scalar::ONE, Scalar::ONE)));
}

#[test]
fn equal_and_opposite_r() {
    let k = Scalar::from_u128(12345);
    let of = |i: usize| (Scalar::from_u128(77), if i.is_multiple_of(2) { k } else { -k });
    assert_accepted(&with_nonces(16, 1, of));
}

#[test]
fn one_key_on_every_account() {
    assert_accepted(&with_nonces(16, 16, |_| (Scalar::from_u128(5), Scalar::from_u128(6))));
}

/// Equal weights put equal and opposite points into the same buckets: every table but the
/// weights' bus is satisfied, so each exceptional addition has a witness.
#[test]
fn doublings_and_cancellations_have_witnesses() {
    let c = BucketColumns::new();
    let k = Scalar::from_u128(12345);
    let of = |i: usize| (Scalar::from_u128(77), if i % 4 == 1 { -k } else { k });
    let leaf = leaf_weighed(&CLASS, &with_nonces(16, 1, of), |weights| {
        let first = weights[0];
        weights.fill(first);
    });
    let buckets = &leaf.2[position(&leaf, "buckets")];
    let rows: Vec<&[Felt]> = buckets.values.chunks_exact(buckets.width).collect();
    let doublings = rows
        .windows(2)
        .filter(|pair| {
            pair[1][c.add] == Felt::ONE && pair[0][c.sum_x.clone()] == pair[1][c.x.clone()]
        })
        .count();
    let cancellations = rows.iter().filter(|row| row[c.cancel] == Felt::ONE).count();
    assert!(doublings > 0 && cancellations > 0, "{doublings} {cancellations}");
    assert_refused(&leaf, &["weight"]);
}

#[test]
fn chosen_slope_on_a_doubling() {
    let c = BucketColumns::new();
    let of = |_| (Scalar::from_u128(77), Scalar::from_u128(12345));
    let mut leaf = leaf_weighed(&CLASS, &with_nonces(4, 1, of), |weights| {
        let first = weights[0];
        weights.fill(first);
    });
    let table = position(&leaf, "buckets");
    let trace = &mut leaf.2[table];
    let width = trace.width;
    let row = (1..trace.values.len() / width)
        .find(|row| {
            let (before, row) = (&trace.values[(row - 1) * width..], &trace.values[row * width..]);
            row[c.add] == Felt::ONE && before[c.sum_x.clone()] == row[c.x.clone()]
        })
        .expect("a doubling");
    trace.values[row * width + c.slope.start] += Felt::ONE;
    let report = Checker::new(&leaf.0, &leaf.1).check(&leaf.2);
    assert!(report.culprits().contains(&"buckets".to_owned()));
    assert!(!accepts(&leaf.1, &leaf.2));
}

fn honest() -> Leaf {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let secrets: Vec<Scalar> = (0..4).map(|_| scalar(&mut rng)).collect();
    let nonces: Vec<Scalar> = (0..16).map(|_| scalar(&mut rng)).collect();
    leaf(&CLASS, &with_nonces(16, 4, |i| (secrets[i / 4], nonces[i])))
}

/// The last row of a run of at least two.
fn last_of_a_run(leaf: &Leaf) -> usize {
    let c = BucketColumns::new();
    let trace = &leaf.2[position(leaf, "buckets")];
    let rows = trace.values.chunks_exact(trace.width);
    rows.enumerate()
        .position(|(_, row)| row[c.add] == Felt::ONE && row[c.end] == Felt::ONE)
        .expect("a run of two")
}

#[test]
fn false_cancellation() {
    let c = BucketColumns::new();
    let mut leaf = honest();
    let (table, at) = (position(&leaf, "buckets"), last_of_a_run(&leaf));
    let width = leaf.2[table].width;
    let row = &mut leaf.2[table].values[at * width..(at + 1) * width];
    row[c.add] = Felt::ZERO;
    row[c.cancel] = Felt::ONE;
    row[c.sum_x.clone()].fill(Felt::ZERO);
    row[c.sum_y.clone()].fill(Felt::ZERO);
    assert_refused(&leaf, &["bucket", "buckets"]);
}

#[test]
fn bucket_in_two_runs() {
    let c = BucketColumns::new();
    let mut leaf = honest();
    let (table, at) = (position(&leaf, "buckets"), last_of_a_run(&leaf));
    let width = leaf.2[table].width;
    leaf.2[table].values[(at - 1) * width + c.end] = Felt::ONE;
    let row = &mut leaf.2[table].values[at * width..(at + 1) * width];
    row[c.add] = Felt::ZERO;
    row[c.fresh] = Felt::ONE;
    let point: Vec<Felt> = row[c.x.start..c.sum_x.start].to_vec();
    row[c.sum_x.start..c.slope.start].copy_from_slice(&point);
    assert_refused(&leaf, &["bucket"]);
}

#[test]
fn term_in_another_window() {
    let c = BucketColumns::new();
    let mut leaf = honest();
    let table = position(&leaf, "buckets");
    leaf.2[table].values[c.window] += Felt::ONE;
    let report = Checker::new(&leaf.0, &leaf.1).check(&leaf.2);
    assert!(report.culprits().contains(&"term".to_owned()));
    assert!(!accepts(&leaf.1, &leaf.2));
}
