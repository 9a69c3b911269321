//! Zipf's law with s = 1: rank k is drawn with probability 1 / (k · H_n).

use rand::{Rng, RngExt};

/// Ranks 0 to n − 1, the first the most frequent.
#[derive(Clone, Debug)]
pub struct Zipf {
    /// Σ 1 / (k + 1) up to each rank.
    cumulative: Vec<f64>,
}

impl Zipf {
    /// The law over `ranks` ranks.
    pub fn new(ranks: usize) -> Self {
        let mut sum = 0.0;
        let cumulative = (1..=ranks)
            .map(|k| {
                sum += 1.0 / k as f64;
                sum
            })
            .collect();
        Self { cumulative }
    }

    /// Draws a rank; 0 if there is only one.
    pub fn draw(&self, rng: &mut impl Rng) -> usize {
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        let point = rng.random::<f64>() * total;
        self.cumulative.partition_point(|sum| *sum <= point).min(self.cumulative.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn the_first_rank_is_drawn_twice_as_often_as_the_second() {
        let (zipf, mut rng) = (Zipf::new(2_000), ChaCha8Rng::seed_from_u64(1));
        let mut seen = vec![0_u32; 2_000];
        (0..100_000).for_each(|_| seen[zipf.draw(&mut rng)] += 1);
        // H_2000 = 8.178: 12,227 and 6,114 expected.
        assert!((11_700..12_800).contains(&seen[0]), "{}", seen[0]);
        assert!((5_700..6_500).contains(&seen[1]), "{}", seen[1]);
        assert!(seen[1_000..].iter().any(|count| *count > 0));
    }
}
