//! Intents table: one row per signed intent, its signature included.
//!
//! Rows come first-active; the intents of one account stand together, by rising nonce. (The honest
//! prover sorts the accounts too, but nothing depends on their order: the accounts table has one
//! row per account and takes one group.)
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | pay, transfer, withdraw, register, update | the kind, none for padding | boolean, at most one |
//! | end | last intent of its signer | boolean |
//! | index | row number | counts up from 0 |
//! | account, target | who pays, who or what is credited | the signed message; target 0 where the kind has none |
//! | uses | of a `Pay`, else 0 | = multiplier + 1 |
//! | price | of the license paid, else 0 | flow bus |
//! | licensee | the account that alone may pay the license paid, or 0 | 0 or the account; flow bus |
//! | nonce, old nonce | this one; the account's before the batch | steps; signers and accounts table |
//! | payload (5) | memo or provenance | the signed message |
//! | key (5) | the signer's encoding | scalar bus: signers and accounts table |
//! | w, t, x, y | the signature's R | decoding |
//! | capacity 1, capacity 2 | sponge states of the challenge | hash bus |
//! | digits | u of each window of the weight | term bus: below 2^c |
//! | weight rest (2) | bits of the weight's hash outputs above the digits | range, weight bus |
//! | amount | < 2⁴⁶; of a registration or an update a price, which moves nothing | range; its meaning by kind |
//! | multiplier | uses − 1 < 2²³ of a `Pay`, thousands − 1 of a `Withdraw`, else 0 | range |
//! | fee | < 2³² | range |
//! | slack | valid until − timestamp < 2⁴⁰ | range |
//! | step | nonce − the one before − 1 < 2⁶² | range |
//! | step highs | sum of the steps' upper halves within the group | signers table: < 2³¹ |
//! | challenge | e in pieces, each element canonical | range, hash bus, witness inverse (4) |
//! | limbs | Σ z·e within the group, without carries | signers table |
//!
//! **Nonces.** Steps alone could climb past the modulus and come back to a nonce used before. Their
//! upper halves are summed and the sum is below 2³¹, so all steps of a group add up to less than
//! 2⁶² + 2⁴⁷: every nonce is an integer below 2⁶³ and above the one before, and the last one, which
//! the accounts table bounds by 2⁶², bounds them all.
//!
//! **Weights.** Two hash outputs h give the digits u: h = Σ u·2^(c·k) + 2^b·rest modulo p, every u
//! below 2^c and rest below 2^(64−b). Digits determine z and z its digits, both as integers. An
//! output below 2³² − 1 has two such readings, which is not worth a column: fix all other weights;
//! a false signature then passes for at most one z, and of the readings with that z's digits each
//! belongs to one output, so the two outputs hit it with probability at most
//! 2^−(weight bits)·(1 + 2⁻³²)². The others' readings multiply the choices by (1 + 2⁻³²)^(2N) on
//! average. Together: at most 2⁻¹⁰⁷ per hash of a receipts root, in every class, on top of the
//! bound of half-aggregation (eprint 2021/350).

mod air;
mod columns;
mod groups;
mod message;
mod rows;
mod signature;
mod trace;

use farthing_protocol as limits;

use crate::class::{LOG_MIN_HEIGHT, LeafClass};
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::schedule::Schedule;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use columns::IntentColumns;
pub(crate) use trace::{Challenged, challenge, groups, trace};
#[cfg(test)]
pub(crate) use trace::{IntentTrace, challenge_of};

/// Bits of an amount.
pub(crate) const AMOUNT_BITS: usize = limits::AMOUNT_BITS as usize;
/// Bits of uses − 1.
pub(crate) const USES_BITS: usize = limits::USES_BITS as usize;
/// Bits of the units of a withdrawal, less one.
pub(crate) const WITHDRAWAL_BITS: usize = 37;
/// Bits of a fee.
pub(crate) const FEE_BITS: usize = limits::FEE_BITS as usize;
/// Bits of the time between the batch and an intent's expiry.
pub(crate) const SLACK_BITS: usize = limits::TIME_BITS as usize;
/// Bits of a nonce step.
pub(crate) const STEP_BITS: usize = limits::NONCE_BITS as usize;

const _: () = assert!(
    (1 << WITHDRAWAL_BITS) * limits::NANO_PER_BASE_UNIT >= 1 << AMOUNT_BITS,
    "every amount can be withdrawn"
);
const _: () = assert!(
    STEP_BITS == 2 * crate::tables::signature::signers::STEP_HIGHS_BITS,
    "a step has two halves"
);

/// The intents of a batch.
#[derive(Clone, Debug)]
pub(crate) struct IntentTable {
    schedule: Schedule,
    columns: IntentColumns,
    class_id: u8,
}

impl LeafTable for IntentTable {
    const NAME: &'static str = "intents";
    const PART: Part = Part::Signature;
    const READS_STATEMENT: bool = true;
    const READS_NEXT_ROW: bool = true;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self {
            schedule: class.schedule.clone(),
            columns: IntentColumns::new(&class.schedule),
            class_id: class.batch.id,
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.log_intents.max(LOG_MIN_HEIGHT)]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.schedule, &self.columns, self.class_id, builder);
    }
}
