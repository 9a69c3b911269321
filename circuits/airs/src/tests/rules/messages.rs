//! Forgeries of intents and signatures that only a bus refuses: messages that nothing matches.
//!
//! Some make themselves: in an honest batch all else follows as if a rule were left out (no
//! permutation is made for what is not asked, no old balance makes up for what is not moved).

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{DecodedPoint, Digest, Felt, Scalar};

use super::Forged;
use super::edits::BATCHES;
use super::follow::output;
use super::forged_leaf::ForgedLeaf;
use super::half::{Generators, Half, Points, Runs, Stage, run};
use super::points::{Pair, Said};
use super::sealed::{everything, holders, sealed};
use super::signatures::{CLASS, SECRET, three};
use crate::rules::{Register, Rule};
use crate::tables::signature::carries::CarryColumns;
use crate::tables::signature::receipts::{self, ReceiptColumns};
use crate::tables::signature::signers::SignerInput;
use crate::tables::signature::weights::WeightColumns;
use crate::tests::batches::{Signer, batch};
use crate::tests::state::test_ledger::transfer;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a carry that no signer asks for", carry_unasked),
    ("a reduction that nothing checks", carries_unchecked),
    ("buckets that are not taken up", buckets_dropped),
    ("a bucket that no run fills", bucket_unfilled),
    ("a generator's terms dropped", generator_dropped),
    ("terms that nobody has", terms_made_up),
    ("every R dropped", points_dropped),
    ("signers without E·P", signers_dropped),
    ("a signer without an intent", signer_made_up),
    ("a signer that the state is not shown", signer_not_shown),
    ("weights of the prover's choice", weights_chosen),
    ("receipts without intents' challenges", receipts_of_nothing),
    ("a subtree of receipts that the root does not take up", receipts_dropped),
    ("weights that no intent takes", weights_untaken),
];

/// Honest batches without `rule`. Leaves are hashed as before, but for the permutations that
/// are not asked for.
pub(super) fn without(register: &Register, rule: &Rule) -> impl Iterator<Item = ForgedLeaf> {
    let batches: [fn() -> ForgedLeaf; 4] = [
        everything,
        || BATCHES["payment"].clone(),
        || sealed(|world| world.admit(1, 1, 0, transfer(2, 5))),
        || holders(&[5], 5, 1_000),
    ];
    batches.into_iter().map(|batch| follow_without(batch(), register, rule))
}

fn follow_without(mut lie: ForgedLeaf, register: &Register, rule: &Rule) -> ForgedLeaf {
    let mut other = register.without(&lie.tables, rule);
    core::mem::swap(&mut lie.tables, &mut other);
    lie.balance_money();
    lie.answer();
    core::mem::swap(&mut lie.tables, &mut other);
    lie.hash_leaves();
    core::mem::swap(&mut lie.tables, &mut other);
    lie.rebuild_trees();
    lie.publish();
    lie.permute();
    core::mem::swap(&mut lie.tables, &mut other);
    lie
}

fn no_generators() -> Generators {
    Generators::new(&CLASS, 0, |_| Vec::new())
}

fn carry_unasked() -> ForgedLeaf {
    let mut lie = no_generators().lie(|_| (), |_, _| (), |_, _| ());
    lie.row("carries", 0)[CarryColumns::new(&CLASS.schedule).used] = Felt::ONE;
    lie
}

fn carries_unchecked() -> ForgedLeaf {
    let mut lie = Half::new(&CLASS, &three(|_| ())).sign(|_| ()).add_up();
    let c = CarryColumns::new(&CLASS.schedule);
    for row in lie.rows("carries") {
        row[c.used] = Felt::ZERO;
    }
    lie
}

fn buckets_dropped() -> ForgedLeaf {
    Generators::new(&CLASS, 2, |_| vec![1, 1]).lie(
        |_| (),
        |row, stage| {
            if stage == Stage::Bucket {
                (row.filled, row.bucket) = (Felt::ZERO, Said::NEUTRAL);
            }
        },
        |_, _| (),
    )
}

fn bucket_unfilled() -> ForgedLeaf {
    no_generators().lie(
        |_| (),
        |row, stage| {
            if (row.window, row.index, stage) == (7, 3, Stage::Bucket) {
                row.filled = Felt::ONE;
            }
        },
        |_, _| (),
    )
}

fn generator_dropped() -> ForgedLeaf {
    let mut generators = Generators::new(&CLASS, 1, |_| vec![1]);
    generators.signed.terms.clear();
    generators.lie(|_| (), |_, _| (), |_, _| ())
}

fn terms_made_up() -> ForgedLeaf {
    let point = Pair::from(&farthing_protocol::AffinePoint::GENERATOR);
    let points = [(point, false), (point.neg(), true)];
    no_generators().lie(|runs| runs.push(run(7, 0, &points)), |_, _| (), |_, _| ())
}

/// S is E·secret.
fn points_dropped() -> ForgedLeaf {
    let radix = Scalar::from_u128(1 << CLASS.schedule.limb_bits());
    let mut signed = Half::new(&CLASS, &three(|_| ())).sign(|intents| {
        let limbs = intents.signers[0].limbs.iter().rev();
        let e = limbs.fold(Scalar::ZERO, |sum, limb| {
            let magnitude = Scalar::from_u128(limb.unsigned_abs());
            sum * radix + if *limb < 0 { -magnitude } else { magnitude }
        });
        intents.aggregate = e * SECRET;
    });
    signed.terms.truncate(2);
    let runs = Runs::of(&CLASS, &signed.terms);
    let points = Points::of_runs(&CLASS, runs.deal(&CLASS));
    signed.close(points)
}

/// R = k·G and s = k, which need no secret key.
fn signers_dropped() -> ForgedLeaf {
    let mut batch = three(|_| ());
    let k = Scalar::from_u128(4242);
    for row in &mut batch.rows {
        (row.r, row.s) = (Signer::new(k).key, k);
    }
    let mut lie = Half::new(&CLASS, &batch).sign(|intents| intents.signers.clear()).add_up();
    lie.row("state_stub", 0)[0] = Felt::ZERO;
    lie
}

fn signer_made_up() -> ForgedLeaf {
    let key = Signer::new(Scalar::from_u128(9)).key;
    let point = DecodedPoint::decode(&key).expect("a point");
    let signed = Half::new(&CLASS, &batch(1, 0, 0)).sign(|intents| {
        intents.signers.push(SignerInput {
            account: Felt::from_u8(9),
            key,
            point,
            old_nonce: Felt::ONE,
            new_nonce: Felt::TWO,
            step_highs: 0,
            limbs: vec![0; CLASS.schedule.scalar_limbs()],
        });
    });
    let mut lie = signed.add_up();
    use p3_field::BasedVectorSpace;
    let coefficients: &[Felt] = key.as_basis_coefficients_slice();
    let row = lie.row("state_stub", 0);
    (row[0], row[1]) = (Felt::ONE, Felt::from_u8(9));
    row[2..7].copy_from_slice(coefficients);
    (row[7], row[8]) = (Felt::ONE, Felt::TWO);
    lie
}

fn signer_not_shown() -> ForgedLeaf {
    let mut lie = Half::new(&CLASS, &three(|_| ())).sign(|_| ()).add_up();
    lie.row("state_stub", 0)[0] = Felt::ZERO;
    lie
}

/// No block is hashed, all weights are the same.
fn weights_chosen() -> ForgedLeaf {
    let mut half = Half::new(&CLASS, &batch(3, 9, 3));
    let first = half.weights[0];
    half.weights.fill(first);
    let c = WeightColumns::new();
    for row in half.weights_trace.values.chunks_exact_mut(c.width) {
        row[c.used.clone()].fill(Felt::ZERO);
    }
    let mut lie = half.sign(|_| ()).add_up();
    lie.permute();
    lie
}

fn receipts_of_nothing() -> ForgedLeaf {
    let half = Half::with_receipts(&CLASS, &batch(3, 9, 3), 9, |_: &[Digest], class| {
        receipts::trace(&[], class.intents(), class.log_receipts)
    });
    half.sign(|_| ()).add_up()
}

pub(super) fn clear(
    lie: &mut ForgedLeaf,
    table: &str,
    rows: core::ops::Range<usize>,
    keep: &[usize],
) {
    let height = lie.rows(table).len();
    let padding = lie.row(table, height - 2).to_vec();
    for row in rows {
        let cells = lie.row(table, row);
        let kept: Vec<Felt> = keep.iter().map(|column| cells[*column]).collect();
        cells.copy_from_slice(&padding);
        for (column, kept) in keep.iter().zip(kept) {
            cells[*column] = kept;
        }
    }
}

/// A block of empty leaves that is hashed all the same.
fn receipts_dropped() -> ForgedLeaf {
    let half = Half::with_receipts(&CLASS, &batch(3, 0, 0), 0, |_, class| {
        let of = |leaves: &[Digest]| receipts::trace(leaves, class.intents(), class.log_receipts);
        let (one, (root, mut trace, hashes)) = (of(&[Digest::ZERO]).1, of(&[]));
        let c = ReceiptColumns::new();
        let block = ..c.width;
        trace.values[block].copy_from_slice(&one.values[block]);
        trace.values[c.present.start] = Felt::ZERO;
        (root, trace, hashes)
    });
    let mut lie = half.sign(|_| ()).add_up();
    lie.permute();
    lie
}

fn weights_untaken() -> ForgedLeaf {
    let mut lie = Half::new(&CLASS, &batch(3, 0, 0)).sign(|_| ()).add_up();
    let c = WeightColumns::new();
    lie.row("weights", 0)[c.used.start] = Felt::ONE;
    let table = lie.place("weights");
    let sent = lie.checker().messages(&lie.traces, table, 0);
    let squeeze = sent.iter().find(|sent| sent.bus == "hash").expect("a block");
    let rate = output(&squeeze.message);
    lie.row("weights", 0)[c.rate].copy_from_slice(&rate);
    lie.permute();
    lie
}
