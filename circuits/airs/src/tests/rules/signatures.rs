//! Forgeries of intents, receipts, weights, signers and carries.

use p3_field::{Field, PrimeCharacteristicRing};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use farthing_protocol::{BatchClass, Digest, Felt, OperationKind, Scalar, canonical, message_head};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::half::{Half, Signed};
use crate::class::LeafClass;
use crate::schedule::Schedule;
use crate::tables::signature::carries::CarryColumns;
use crate::tables::signature::intents::{IntentColumns, IntentTrace};
use crate::tables::signature::receipts::{self, ReceiptColumns};
use crate::tables::signature::signers::SignerColumns;
use crate::tables::signature::weights::WeightColumns;
use crate::tests::batches::{NOW, Signer, batch, challenge_of, domain, intent, leaf, scalar};
use crate::witness::{SignedBatch, SignedRow};

pub(super) const CLASS: LeafClass = LeafClass::TINY;

/// As many intents as the table has rows: what ends it can end with its last row.
pub(super) const BRIMFUL: LeafClass = LeafClass {
    batch: BatchClass::TINY,
    log_intents: 6,
    log_receipts: 6,
    log_buckets: &[12],
    log_poseidon2: &[11],
    schedule: Schedule::new(4, 28, 4, 6),
    ..LeafClass::TINY
};

/// Every forgery of this page.
pub(crate) const ALL: &[Forged] = &[
    ("half a payment and half a transfer", half_kinds),
    ("a target where there is none", target_of_a_withdrawal),
    ("a recipient where there is none", recipient_of_a_withdrawal),
    ("an amount below the price", amount_below_price),
    ("uses beyond 2²³", too_many_uses),
    ("a withdrawal of a fraction", withdrawal_of_a_fraction),
    ("intents that do not begin at 0", first_index),
    ("another number of intents", one_intent_more),
    ("another number of intents, the table full", one_intent_more_in_a_full_table),
    ("another number of intents, none there", one_intent_more_than_none),
    ("a last group without an end", open_group),
    ("a last group without an end, the table full", open_group_in_a_full_table),
    ("a sum of step highs that begins higher", first_step_highs),
    ("a sum that begins higher", first_limb),
    ("R is another point", intents_y),
    ("R is not a point", intents_curve),
    ("a key is another point", signers_y),
    ("a key is not a point", signers_curve),
    ("rows that take each other back", receipts_taken_back),
    ("receipts lost in a row that hashes nothing", receipts_lost),
    ("a receipt that nobody sent", receipt_made_up),
    ("another root than the receipts'", other_root),
    ("digits of another number than E", other_digits),
    ("digits of E less 2³⁶⁸", last_carry),
];

/// The secret of who signs in [`three`].
pub(super) const SECRET: Scalar = Scalar::from_u128(0x5ec2e7);

fn columns(class: &LeafClass) -> IntentColumns {
    IntentColumns::new(&class.schedule)
}

/// Three payments of one account, `change`d before they are signed.
pub(super) fn three(change: impl FnOnce(&mut [SignedRow])) -> SignedBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut rows: Vec<SignedRow> = (0..3).map(|_| intent(&mut rng, 0, 9)).collect();
    for (i, row) in rows.iter_mut().enumerate() {
        (row.old_nonce, row.nonce) = (100, 101 + i as u64);
    }
    change(&mut rows);
    for row in &mut rows {
        Signer::new(SECRET).sign(&domain(), &scalar(&mut rng), row);
    }
    SignedBatch { domain: domain(), timestamp: NOW, rows }
}

fn of(batch: &SignedBatch) -> ForgedLeaf {
    leaf(&CLASS, batch).into()
}

/// The second payment as another kind.
fn as_kind(kind: OperationKind, target: u64, amount: u64) -> SignedBatch {
    three(|rows| {
        let row = &mut rows[1];
        row.kind = kind;
        (row.target, row.amount, row.quantity, row.price) = (target, amount, 0, 0);
        if kind == OperationKind::Withdraw {
            row.recipient = [Felt::ZERO; 3];
        }
    })
}

/// Half a payment and half a transfer: money from nowhere, as if a derivative left it to the license.
fn half_kinds() -> ForgedLeaf {
    let half = Felt::TWO.inverse();
    let mut batch = three(|rows| {
        let row = &mut rows[1];
        (row.amount, row.quantity, row.price, row.licensee) = (0, canonical(half), 0, 0);
    });
    let mut messages: Vec<_> = batch.rows.iter().map(SignedRow::message).collect();
    let row = &mut batch.rows[1];
    messages[1][0] = message_head(half + Felt::ONE, half, Felt::new(row.fee));
    let nonce = Scalar::from_u128(77);
    row.r = Signer::new(nonce).key;
    row.s = nonce + challenge_of(&batch.domain, row, &messages[1]) * SECRET;
    let c = columns(&CLASS);
    let signed = Half::of_messages(&CLASS, &batch, &messages).sign(|intents| {
        let row = row_of(intents, &c, 1);
        (row[c.kind(OperationKind::Pay)], row[c.kind(OperationKind::Transfer)]) = (half, half);
        c.multiplier.write(row, &[0]);
    });
    let mut lie = signed.add_up();
    let row = &batch.rows[1];
    let mut message = vec![Felt::ONE, Felt::new(row.target), Felt::ZERO, Felt::ZERO];
    message.extend(row.recipient);
    // Of the stand-in for the state: count and message of its flows.
    for row in lie.rows("state_stub") {
        if row[10..17] == message {
            (row[9], row[10]) = (half * half, Felt::TWO);
        }
    }
    lie
}

fn row_of<'a>(intents: &'a mut IntentTrace, c: &IntentColumns, row: usize) -> &'a mut [Felt] {
    &mut intents.trace.values[row * c.width..(row + 1) * c.width]
}

fn target_of_a_withdrawal() -> ForgedLeaf {
    of(&as_kind(OperationKind::Withdraw, 4, 5_000))
}

fn recipient_of_a_withdrawal() -> ForgedLeaf {
    of(&three(|rows| {
        let row = &mut rows[1];
        row.kind = OperationKind::Withdraw;
        (row.target, row.amount, row.quantity, row.price) = (0, 5_000, 0, 0);
        row.recipient = [Felt::ZERO, Felt::ZERO, Felt::ONE];
    }))
}

fn amount_below_price() -> ForgedLeaf {
    of(&three(|rows| rows[1].amount = rows[1].price * rows[1].quantity - 1))
}

fn too_many_uses() -> ForgedLeaf {
    of(&three(|rows| {
        let row = &mut rows[1];
        (row.quantity, row.price) = ((1 << 23) + 1, 1);
        row.amount = row.quantity;
    }))
}

fn withdrawal_of_a_fraction() -> ForgedLeaf {
    of(&as_kind(OperationKind::Withdraw, 0, 5_001))
}

/// Places 0 to 3 of the receipts are empty, the block of their weights is not wanted.
fn first_index() -> ForgedLeaf {
    const FIRST: usize = 4;
    let batch = batch(5, 9, 3);
    let number = batch.rows.len() + FIRST;
    let mut half = Half::with_receipts(&CLASS, &batch, number, |leaves, class| {
        let leaves: Vec<Digest> =
            [Digest::ZERO; FIRST].into_iter().chain(leaves.iter().copied()).collect();
        let (root, mut trace, hashes) =
            receipts::trace(&leaves, class.intents(), class.log_receipts);
        trace.values[ReceiptColumns::new().present].fill(Felt::ZERO);
        (root, trace, hashes)
    });
    half.weights.drain(..FIRST);
    half.weights_trace.values[WeightColumns::new().used].fill(Felt::ZERO);
    let c = columns(&CLASS);
    let signed = half.sign(|intents| {
        for row in intents.trace.values.chunks_exact_mut(c.width) {
            row[c.index] += Felt::from_usize(FIRST);
        }
    });
    let mut lie = signed.add_up();
    lie.permute();
    lie
}

/// The statement says one intent more, whose weight is not used.
fn with_one_more(class: &LeafClass, batch: &SignedBatch) -> ForgedLeaf {
    let number = batch.rows.len() + 1;
    let mut half = Half::with_receipts(class, batch, number, |leaves, class| {
        receipts::trace(leaves, class.intents(), class.log_receipts)
    });
    half.weights.pop();
    let (block, place) = (batch.rows.len() / 4, batch.rows.len() % 4);
    let c = WeightColumns::new();
    half.weights_trace.values[block * c.width + c.used.start + place] = Felt::ZERO;
    let mut lie = half.sign(|_| ()).add_up();
    lie.permute();
    lie
}

fn one_intent_more() -> ForgedLeaf {
    with_one_more(&CLASS, &batch(5, 5, 2))
}

fn one_intent_more_in_a_full_table() -> ForgedLeaf {
    with_one_more(&BRIMFUL, &batch(5, 64, 5))
}

fn one_intent_more_than_none() -> ForgedLeaf {
    with_one_more(&CLASS, &batch(5, 0, 0))
}

/// The last signer is a victim, whose intents the thief makes up: R = k·G, s = k, no secret.
/// The group has no end, so no signer takes E·P.
fn without_end(class: &LeafClass, intents: usize) -> ForgedLeaf {
    let mut batch = batch(3, intents, 4);
    let k = Scalar::from_u128(4242);
    let last = batch.rows.len() - 1;
    let victim = batch.rows[last].account;
    for row in batch.rows.iter_mut().filter(|row| row.account == victim) {
        row.r = Signer::new(k).key;
        row.s = k;
    }
    let c = columns(class);
    let signed = Half::new(class, &batch).sign(|intents| {
        let open = row_of(intents, &c, last).to_vec();
        row_of(intents, &c, last)[c.end] = Felt::ZERO;
        let carried = [c.account, c.old_nonce, c.nonce, c.step_highs].into_iter();
        let carried = carried.chain(c.key.clone()).chain(c.limbs.clone());
        let carried: Vec<usize> = carried.collect();
        for row in intents.trace.values.chunks_exact_mut(c.width).skip(last + 1) {
            for column in &carried {
                row[*column] = open[*column];
            }
        }
        intents.signers.pop();
    });
    let mut lie = signed.add_up();
    // The state is asked for the victim's money, and not for its key.
    let account = Felt::new(victim);
    let mut rows = lie.rows("state_stub").into_iter();
    rows.find(|row| row[1] == account).expect("the victim's message")[0] = Felt::ZERO;
    lie
}

fn open_group() -> ForgedLeaf {
    without_end(&CLASS, 13)
}

fn open_group_in_a_full_table() -> ForgedLeaf {
    without_end(&BRIMFUL, 64)
}

fn first_step_highs() -> ForgedLeaf {
    let batch = three(|_| ());
    let c = columns(&CLASS);
    let signed = Half::new(&CLASS, &batch).sign(|intents| {
        for row in 0..batch.rows.len() {
            row_of(intents, &c, row)[c.step_highs] += Felt::ONE;
        }
        intents.signers[0].step_highs += 1;
    });
    signed.add_up()
}

fn first_limb() -> ForgedLeaf {
    let batch = three(|_| ());
    let c = columns(&CLASS);
    let signed = Half::new(&CLASS, &batch).sign(|intents| {
        for row in 0..batch.rows.len() {
            row_of(intents, &c, row)[c.limbs.start] += Felt::ONE;
        }
        intents.signers[0].limbs[0] += 1;
        intents.aggregate += SECRET;
    });
    signed.add_up()
}

fn scaled(row: &mut [Felt], columns: core::ops::Range<usize>, factor: Felt) {
    for cell in &mut row[columns] {
        *cell *= factor;
    }
}

/// w is doubled and y halved in a row of padding: y·w stays.
fn intents_y() -> ForgedLeaf {
    let mut lie = of(&three(|_| ()));
    let c = columns(&CLASS);
    let row = lie.row("intents", 20);
    scaled(row, c.w, Felt::TWO);
    scaled(row, c.y, p3_field::Field::inverse(&Felt::TWO));
    lie
}

/// Both are doubled: y + w·x stays zero.
fn intents_curve() -> ForgedLeaf {
    let mut lie = of(&three(|_| ()));
    let c = columns(&CLASS);
    let row = lie.row("intents", 20);
    scaled(row, c.w, Felt::TWO);
    scaled(row, c.y, Felt::TWO);
    lie
}

fn signers_y() -> ForgedLeaf {
    let mut lie = of(&three(|_| ()));
    let c = SignerColumns::new(&CLASS.schedule);
    let row = lie.row("signers", 20);
    scaled(row, c.w, Felt::TWO);
    scaled(row, c.y, p3_field::Field::inverse(&Felt::TWO));
    lie
}

fn signers_curve() -> ForgedLeaf {
    let mut lie = of(&three(|_| ()));
    let c = SignerColumns::new(&CLASS.schedule);
    let row = lie.row("signers", 20);
    scaled(row, c.w, Felt::TWO);
    scaled(row, c.y, Felt::TWO);
    lie
}

/// Two rows behind the tree, one of which asks for minus one permutation and sends minus one parent.
fn receipts_taken_back() -> ForgedLeaf {
    let mut lie = of(&three(|_| ()));
    let c = ReceiptColumns::new();
    lie.row("receipts", 60)[c.active] = Felt::ONE;
    lie.row("receipts", 61)[c.active] = -Felt::ONE;
    lie
}

/// A row of four empty leaves sends its parent to a row that hashes nothing.
fn receipts_lost() -> ForgedLeaf {
    let half = Half::with_receipts(&CLASS, &batch(3, 0, 0), 0, |_, class| {
        let of = |leaves: &[Digest]| receipts::trace(leaves, class.intents(), class.log_receipts);
        let (one, (root, mut trace, hashes)) = (of(&[Digest::ZERO]).1, of(&[]));
        let c = ReceiptColumns::new();
        let (width, first) = (c.width, class.intents() / 4);
        for row in [0, first] {
            let cells = row * width..(row + 1) * width;
            trace.values[cells.clone()].copy_from_slice(&one.values[cells]);
        }
        trace.values[c.present.start] = Felt::ZERO;
        trace.values[first * width + c.active] = Felt::ZERO;
        (root, trace, hashes)
    });
    let mut lie = half.sign(|_| ()).add_up();
    lie.permute();
    lie
}

fn receipt_made_up() -> ForgedLeaf {
    let half = Half::with_receipts(&CLASS, &batch(3, 9, 3), 9, |leaves, class| {
        let leaves: Vec<Digest> =
            leaves.iter().copied().chain([Digest::new([Felt::TWO; 4])]).collect();
        let (root, mut trace, hashes) =
            receipts::trace(&leaves, class.intents(), class.log_receipts);
        let last = leaves.len() - 1;
        let c = ReceiptColumns::new();
        trace.values[last / 4 * c.width + c.present.start + last % 4] = Felt::ZERO;
        (root, trace, hashes)
    });
    half.sign(|_| ()).add_up()
}

fn other_root() -> ForgedLeaf {
    let half = Half::with_receipts(&CLASS, &batch(3, 9, 3), 9, |leaves, class| {
        let (_, trace, hashes) = receipts::trace(leaves, class.intents(), class.log_receipts);
        (Digest::new([Felt::TWO; 4]), trace, hashes)
    });
    half.sign(|_| ()).add_up()
}

/// The row of the signer in [`three`].
const SIGNER: usize = 1;

/// The lowest digit is two higher than E says, and S makes up for it.
fn other_digits() -> ForgedLeaf {
    let c = SignerColumns::new(&CLASS.schedule);
    let mut signed = Half::new(&CLASS, &three(|_| ())).sign(|intents| {
        intents.aggregate += Scalar::from_u128(2) * SECRET;
    });
    let digit = &mut signed.terms[SIGNER].digits[0];
    assert!(*digit < 15);
    *digit += 1;
    signed.signers.values[SIGNER * c.width + c.digits.start] += Felt::ONE;
    let mut lie = signed.add_up();
    let value = CarryColumns::new(&CLASS.schedule).value;
    lie.row("carries", SIGNER * CLASS.schedule.positions())[value] -= Felt::TWO;
    lie
}

/// Digits and quotient of E − 2³⁶⁸; beside them stands E, and the last carry is one.
fn last_carry() -> ForgedLeaf {
    let schedule = &CLASS.schedule;
    let (bits, last) = (schedule.limb_bits(), schedule.scalar_limbs() - 1);
    let missing = 1i128 << ((schedule.positions() - last) * bits);
    let c = SignerColumns::new(schedule);
    let mut power = Scalar::ONE;
    for _ in 0..schedule.positions() * bits {
        power = power + power;
    }
    let mut signed: Signed = Half::new(&CLASS, &three(|_| ())).sign(|intents| {
        intents.signers[0].limbs[last] -= missing;
        intents.aggregate += -(power * SECRET);
    });
    let limb = &mut signed.signers.values[SIGNER * c.width + c.limbs.start + last];
    *limb += Felt::from_i128(missing);
    let chain = signed.chains[SIGNER].as_mut().expect("a signer");
    chain.values[last] += missing;
    signed.add_up()
}
