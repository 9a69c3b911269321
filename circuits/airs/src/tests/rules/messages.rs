//! Forgeries that only a bus refuses: messages that nothing matches.
//!
//! Most make themselves: in an honest batch all else follows as if a rule were left out (no
//! permutation is made for what is not asked, no old balance makes up for what is not moved).

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{DecodedPoint, Digest, Felt, Scalar};

use super::additions::Forged;
use super::edits::BATCHES;
use super::half::{Generators, Half, Points, Runs, Stage, run};
use super::lie::Lie;
use super::points::{Pair, Said};
use super::signatures::{CLASS, SECRET, three};
use super::state::{empty, everything, sealed, set_balance};
use crate::accounts::AccountColumns;
use crate::licenses::LicenseColumns;
use crate::queue::QueueColumns;
use crate::receipts;
use crate::royalty_split::SplitColumns;
use crate::rules::{Register, Rule};
use crate::signers::SignerInput;
use crate::tests::batches::{Signer, batch};
use crate::tests::state::world::withdraw;
use crate::weights;
use crate::withdrawals::WithdrawalColumns;

/// Forgeries by hand.
pub(crate) const ALL: &[Forged] = &[
    ("money that no flow brings", balance_without_flow),
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
    ("a nonce without a signer", account_signs_alone),
    ("weights of the prover's choice", weights_chosen),
    ("receipts without intents' challenges", receipts_of_nothing),
    ("a withdrawal dropped", withdrawal_dropped),
    ("a withdrawal that nobody signed", withdrawal_made_up),
    ("an opened account that L1 does not hear of", opening_dropped),
    ("an exit that pays nobody", sweep_dropped),
    ("a license that is not split", split_dropped),
    ("a split of no license", split_made_up),
];

/// What an honest batch of everything becomes without `rule`. Leaves are hashed as ever, but for the
/// permutations that are not asked for.
pub(crate) fn without(register: &Register, rule: &Rule) -> Lie {
    let mut lie = everything();
    let mut other = register.without(&lie.tables, rule);
    core::mem::swap(&mut lie.tables, &mut other);
    lie.balance_money();
    lie.answer();
    core::mem::swap(&mut lie.tables, &mut other);
    lie.hash_leaves();
    core::mem::swap(&mut lie.tables, &mut other);
    lie.climb();
    lie.publish();
    lie.permute();
    core::mem::swap(&mut lie.tables, &mut other);
    lie
}

fn balance_without_flow() -> Lie {
    let mut lie = empty();
    lie.row("accounts", 0)[AccountColumns::new().old_balance] += Felt::from_u8(5);
    lie.hash_leaves();
    lie.climb();
    lie.permute();
    lie
}

fn no_generators() -> Generators {
    Generators::new(&CLASS, 0, |_| Vec::new())
}

fn carry_unasked() -> Lie {
    let mut lie = no_generators().lie(|_| (), |_, _| (), |_, _| ());
    lie.row("carries", 0)[crate::carries::WANTED] = Felt::ONE;
    lie
}

fn carries_unchecked() -> Lie {
    let mut lie = Half::new(&CLASS, &three(|_| ())).sign(|_| ()).add_up();
    for row in lie.rows("carries") {
        row[crate::carries::WANTED] = Felt::ZERO;
    }
    lie
}

fn buckets_dropped() -> Lie {
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

fn bucket_unfilled() -> Lie {
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

fn generator_dropped() -> Lie {
    let mut generators = Generators::new(&CLASS, 1, |_| vec![1]);
    generators.signed.terms.clear();
    generators.lie(|_| (), |_, _| (), |_, _| ())
}

fn terms_made_up() -> Lie {
    let point = Pair::from(&farthing_protocol::AffinePoint::GENERATOR);
    let points = [(point, false), (point.neg(), true)];
    no_generators().lie(|runs| runs.push(run(7, 0, &points)), |_, _| (), |_, _| ())
}

/// S is E·secret.
fn points_dropped() -> Lie {
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

/// Anybody's R = k·G and s = k.
fn signers_dropped() -> Lie {
    let mut batch = three(|_| ());
    let k = Scalar::from_u128(4242);
    for row in &mut batch.rows {
        (row.r, row.s) = (Signer::new(k).key, k);
    }
    let mut lie = Half::new(&CLASS, &batch).sign(|intents| intents.signers.clear()).add_up();
    lie.row("sink", 0)[0] = Felt::ZERO;
    lie
}

fn signer_made_up() -> Lie {
    let key = Signer::new(Scalar::from_u128(9)).key;
    let point = DecodedPoint::decode(&key).expect("a point");
    let signed = Half::new(&CLASS, &batch(1, 0, 0)).sign(|intents| {
        intents.signers.push(SignerInput {
            account: Felt::from_u8(9),
            key,
            point,
            old_nonce: Felt::ONE,
            new_nonce: Felt::TWO,
            climb: 0,
            limbs: vec![0; CLASS.schedule.scalar_limbs()],
        });
    });
    let mut lie = signed.add_up();
    use p3_field::BasedVectorSpace;
    let coefficients: &[Felt] = key.as_basis_coefficients_slice();
    let row = lie.row("sink", 0);
    (row[0], row[1]) = (Felt::ONE, Felt::from_u8(9));
    row[2..7].copy_from_slice(coefficients);
    (row[7], row[8]) = (Felt::ONE, Felt::TWO);
    lie
}

fn signer_not_shown() -> Lie {
    let mut lie = Half::new(&CLASS, &three(|_| ())).sign(|_| ()).add_up();
    lie.row("sink", 0)[0] = Felt::ZERO;
    lie
}

fn account_signs_alone() -> Lie {
    let mut lie = empty();
    let c = AccountColumns::new();
    let row = lie.row("accounts", 0);
    (row[c.signer], row[c.shown]) = (Felt::ONE, Felt::ONE);
    c.nonce.write(row, &[77]);
    set_balance(row, 0);
    lie.follow();
    lie
}

/// No block is hashed, all weights are the same.
fn weights_chosen() -> Lie {
    let mut half = Half::new(&CLASS, &batch(3, 9, 3));
    let first = half.weights[0];
    half.weights.fill(first);
    for row in half.weights_trace.values.chunks_exact_mut(weights::COLUMNS) {
        row[weights::WANTED..].fill(Felt::ZERO);
    }
    let mut lie = half.sign(|_| ()).add_up();
    lie.permute();
    lie
}

fn receipts_of_nothing() -> Lie {
    let half = Half::with_receipts(&CLASS, &batch(3, 9, 3), 9, |_: &[Digest], class| {
        receipts::trace(&[], class.intents(), class.log_receipts)
    });
    half.sign(|_| ()).add_up()
}

fn clear(lie: &mut Lie, table: &str, rows: core::ops::Range<usize>, keep: &[usize]) {
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

fn withdrawal_dropped() -> Lie {
    let mut lie = sealed(|world| world.admit(1, 1, 0, withdraw(2_000)));
    let c = WithdrawalColumns::new();
    clear(&mut lie, "withdrawals", 0..1, &[c.ends.first]);
    lie.follow();
    lie
}

/// To the operator's owner.
fn withdrawal_made_up() -> Lie {
    let mut lie = empty();
    let (c, a) = (WithdrawalColumns::new(), AccountColumns::new());
    lie.row("accounts", 0)[a.shown] = Felt::ONE;
    let row = lie.row("withdrawals", 0);
    (row[c.intent], row[c.amount]) = (Felt::ONE, Felt::from_u32(1_000));
    lie.follow();
    lie
}

fn opening_dropped() -> Lie {
    let mut lie = sealed(|world| {
        world.open(9);
    });
    let c = QueueColumns::new();
    let at = lie.find("queue", c.opened);
    clear(&mut lie, "queue", at..at + 1, &[c.ends.first, c.number]);
    lie.follow();
    lie
}

/// The account is swept and nothing is withdrawn.
fn sweep_dropped() -> Lie {
    let mut lie = everything();
    let (q, w) = (QueueColumns::new(), WithdrawalColumns::new());
    for row in lie.rows("queue") {
        row[q.sweeps] = Felt::ZERO;
    }
    let exit = lie.find("withdrawals", w.exit);
    clear(&mut lie, "withdrawals", exit..exit + 1, &[]);
    lie.follow();
    lie
}

fn split_dropped() -> Lie {
    let mut lie = BATCHES["payment"].clone();
    let height = lie.rows("royalty_split").len();
    clear(&mut lie, "royalty_split", 0..height - 2, &[]);
    lie.follow();
    lie
}

/// One line for the operator, of a license that is nowhere.
fn split_made_up() -> Lie {
    let mut lie = empty();
    let (c, l) = (SplitColumns::new(), LicenseColumns::new());
    let row = lie.row("royalty_split", 0);
    (row[c.active], row[c.end], row[c.license]) = (Felt::ONE, Felt::ONE, Felt::from_u8(77));
    c.shares.write(row, &[999_999]);
    row[c.total] = Felt::from_u32(1_000_000);
    let tag = farthing_protocol::capacity_of(farthing_protocol::Tag::ShareTable, 1);
    row[c.capacity.clone()].copy_from_slice(&tag);
    assert_eq!(lie.row("licenses", 0)[l.existed], Felt::ZERO);
    lie.resplit(false);
    lie.follow();
    lie
}
