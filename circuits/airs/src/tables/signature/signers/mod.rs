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
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::schedule::Schedule;
use crate::tables::{LeafBuilder, LeafTable, Part};

use air::PreprocessedColumns;
pub(crate) use air::SignerColumns;
pub(crate) use trace::{SignerInput, preprocessed_trace, trace};

/// Bits of the sum of the nonce steps' upper halves; the steps then add up to less than 2⁶².
pub(crate) const STEP_HIGHS_BITS: usize = 31;

/// The signers of a batch.
#[derive(Clone, Debug)]
pub(crate) struct SignerTable {
    schedule: Schedule,
    columns: SignerColumns,
    preprocessed: PreprocessedColumns,
}

impl LeafTable for SignerTable {
    const NAME: &'static str = "signers";
    const PART: Part = Part::Signature;

    fn new(class: &LeafClass, _: SBox) -> Self {
        Self {
            schedule: class.schedule.clone(),
            columns: SignerColumns::new(&class.schedule),
            preprocessed: PreprocessedColumns::new(),
        }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.log_signers]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        Some(&self.preprocessed)
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(log_height))
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.schedule, &self.columns, &self.preprocessed, builder);
    }
}
