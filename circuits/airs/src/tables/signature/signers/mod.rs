//! Signers table: one row per key, and one for the generator.
//!
//! A signer's row takes E = Σ z·e from the intents as limbs that were never carried, and shows that
//! its digits are the digits of D ≡ E modulo n. The generator's digits are free: they are the
//! half-aggregated S (Chalkias, Garillot, Kondi, Nikolaenko, eprint 2021/350).
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | row | preprocessed row number, names the row on the carry bus | the verification key |
//! | signer, generator | what the row is, neither for padding | boolean, at most one |
//! | account, old nonce, new nonce | of the signer | scalar bus in, signer bus out |
//! | step highs | sum of the upper halves of the nonce steps, below 2³¹ | range, scalar bus |
//! | w, t, x, y | encoding, square root of x, point | decoding; the generator's w is 4 |
//! | digits | u of each window | term bus |
//! | limbs | E | scalar bus |
//! | quotient | limbs of q in E − D = (q − offset)·n | range |
//!
//! Several generator rows would be as good as one: their digits add up to S.

mod air;
mod trace;

use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::{PREPROCESSED_COLUMNS, SignerColumns};
pub(crate) use trace::{SignerInput, preprocessed_trace, trace};

/// Bits of the sum of the nonce steps' upper halves; the steps then add up to less than 2⁶².
pub(crate) const STEP_HIGHS_BITS: usize = 31;

/// The signers of a batch.
#[derive(Clone, Debug)]
pub(crate) struct SignerTable(SignerColumns);

impl LeafTable for SignerTable {
    const NAME: &'static str = "signers";
    const PART: Part = Part::Signature;
    const PREPROCESSED_COLUMNS: usize = PREPROCESSED_COLUMNS;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self(SignerColumns::new(&class.schedule))
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.log_signers]
    }

    fn columns(&self) -> usize {
        self.0.width
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(log_height))
    }

    fn numbers(&self) -> Vec<&Decomposition> {
        self.0.numbers()
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
