//! Theorems on proximity gaps of Reed–Solomon codes up to the Johnson bound.
//!
//! A prover may commit to words that are far from the code and hope that a random combination of
//! them is close. A theorem bounds for how many challenges that happens, at an agreement that a
//! parameter m ≥ 3 sets: the greater m, the nearer to the Johnson bound √ρ and the weaker the bound.
//! Everything is for combinations by powers of one challenge: k words are a curve of degree k − 1,
//! and the bound of a line counts k − 1 times.

use p3_security::SecurityAssumption;

/// Least m that the theorems are stated for.
pub const PROXIMITY_MIN: usize = 3;
/// Greatest m tried; the best is small.
pub const PROXIMITY_MAX: usize = 100;

/// A theorem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProximityTheorem {
    /// Dao, Kominers, Thaler, eprint 2026/2056, Theorem 5.12: of n points, 8·n·(m + ½)³/(3ρ)
    /// challenges, at agreement √ρ·(1 + 1/(2m)). It is stated for lines; that it holds for curves is
    /// derived in a comment of p3-security, which computes it.
    Dkt26,
    /// Ben-Sasson, Carmon, Haböck, Kopparty, Saraf, eprint 2025/2055, Theorem 4.2:
    /// n·(2(m + ½)⁵ + 3(m + ½)·γρ)/(3ρ^1.5) + (m + ½)/√ρ challenges, at distance γ with
    /// m = max(⌈√ρ/(1 − √ρ − γ)⌉, 3), so at agreement √ρ·(1 + 1/m). Theorem 1.5, of two words, has
    /// 1/(2m) there.
    Bchks25,
}

impl ProximityTheorem {
    /// Both, the stronger one first.
    pub const ALL: [Self; 2] = [Self::Dkt26, Self::Bchks25];

    /// Place of publication.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dkt26 => "eprint 2026/2056",
            Self::Bchks25 => "eprint 2025/2055",
        }
    }

    /// The share of points at which a word close to the code agrees with it: what a query finds nothing at.
    pub fn agreement(self, log_blowup: usize, m: usize) -> f64 {
        let part = match self {
            Self::Dkt26 => 0.5 / m as f64,
            Self::Bchks25 => 1.0 / m as f64,
        };
        sqrt_rate(log_blowup) * (1.0 + part)
    }

    /// −log₂ of the share of challenges, in a field of 2^`field_bits` elements, that combine `words`
    /// words to one that is closer to a code of dimension 2^`log_dimension` than all of them.
    pub fn combination_bits(
        self,
        log_dimension: usize,
        log_blowup: usize,
        field_bits: usize,
        words: usize,
        m: usize,
    ) -> f64 {
        match self {
            Self::Dkt26 => SecurityAssumption::prox_gaps_error_jb_at_m(
                log_dimension,
                log_blowup,
                field_bits,
                words,
                m,
            ),
            Self::Bchks25 => {
                let challenges = bchks25_challenges(log_dimension, log_blowup, m);
                field_bits as f64 - (challenges * (words as f64 - 1.0)).log2()
            }
        }
    }

    /// Codewords that agree so much with one word, at most: the list that a commitment leaves open.
    pub fn list_size(self, log_blowup: usize, m: usize) -> f64 {
        // Of interpolation with multiplicity m, whose agreement is the lesser of the two.
        p3_security::proximity::list_size_ldr_m(log_blowup, m)
    }
}

fn sqrt_rate(log_blowup: usize) -> f64 {
    (-(log_blowup as f64) / 2.0).exp2()
}

/// The bound of Theorem 4.2 for two words.
fn bchks25_challenges(log_dimension: usize, log_blowup: usize, m: usize) -> f64 {
    let sqrt_rate = sqrt_rate(log_blowup);
    let rate = sqrt_rate * sqrt_rate;
    let points = ((log_dimension + log_blowup) as f64).exp2();
    let distance = 1.0 - ProximityTheorem::Bchks25.agreement(log_blowup, m);
    let m = m as f64 + 0.5;
    let of_points = (2.0 * m.powi(5) + 3.0 * m * distance * rate) / (3.0 * rate * sqrt_rate);
    of_points * points + m / sqrt_rate
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: rate 1/4 and m = 3 over 2¹⁰ points, γ = 1 − ⅔. (2·3.5⁵ + 3·3.5·γ/4)·2¹⁰·8/3 + 3.5·2.
    #[test]
    fn bounds_are_those_of_the_papers() {
        let by_hand = (2.0 * 525.218_75 + 3.0 * 3.5 / 3.0 / 4.0) * 1024.0 * 8.0 / 3.0 + 7.0;
        assert!((bchks25_challenges(8, 2, 3) / by_hand - 1.0).abs() < 1e-12);
        let bits = ProximityTheorem::Bchks25.combination_bits(8, 2, 128, 9, 3);
        assert!((bits - (128.0 - by_hand.log2() - 3.0)).abs() < 1e-9);
        // 8·n·3.5³/(3ρ), with ρ = 255/1024.
        let by_hand: f64 = 8.0 * 1024.0 * 42.875 / 3.0 * 1024.0 / 255.0;
        let bits = ProximityTheorem::Dkt26.combination_bits(8, 2, 128, 2, 3);
        assert!((bits - (128.0 - by_hand.log2())).abs() < 1e-9);
    }

    #[test]
    fn agreement_is_beyond_the_johnson_bound() {
        for m in [PROXIMITY_MIN, 10, PROXIMITY_MAX] {
            let [newer, older] = ProximityTheorem::ALL.map(|theorem| theorem.agreement(2, m));
            assert!(0.5 < newer && newer < older && older < 1.0, "{m}");
        }
        assert!((ProximityTheorem::Bchks25.agreement(2, 4) - 0.625).abs() < 1e-12);
        assert!((ProximityTheorem::Dkt26.agreement(2, 4) - 0.5625).abs() < 1e-12);
    }
}
