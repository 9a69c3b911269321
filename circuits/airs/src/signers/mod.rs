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
//! | climb | sum of the upper halves of the nonce steps, below 2³¹ | range, scalar bus |
//! | w, t, x, y | encoding, square root of x, point | decoding; the generator's w is 4 |
//! | digits | u of each window | term bus |
//! | limbs | E | scalar bus |
//! | quotient | limbs of q in E − D = (q − offset)·n | range |
//!
//! Several generator rows would be as good as one: their digits add up to S.

mod air;
mod trace;

pub(crate) use air::{FIXED_COLUMNS, SignerColumns, eval};
pub(crate) use trace::{SignerInput, fixed_trace, trace};

/// Bits of the sum of the nonce steps' upper halves; the steps then add up to less than 2⁶².
pub(crate) const CLIMB_BITS: usize = 31;
