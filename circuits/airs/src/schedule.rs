//! Cuts of scalars: windows of the multi-scalar multiplication, limbs of the arithmetic modulo
//! the group order.
//!
//! **Digits are odd.** A window of c bits has the digits ±1, ±3 … ±(2^c − 1), written as
//! `d = 2u − (2^c − 1)` with u in 0..2^c. Over all windows, Σ d·2^offset = 2U − (2^L − 1) where U is
//! the integer of the u: each odd integer in (−2^L, 2^L) has exactly one digit vector, no digit is
//! zero and the 2^(c−1) buckets of a window are used evenly. That u is below 2^c needs no range
//! check, because a digit that is not a bucket's balances against nothing.

/// Bits of the challenge e: four canonical elements.
pub(crate) const CHALLENGE_BITS: usize = farthing_protocol::CHALLENGE_BITS as usize;
/// Bits of one element.
pub(crate) const FELT_BITS: usize = 64;
/// Half an element: p = 2⁶⁴ − 2³² + 1 makes the canonical check one about 32-bit halves.
pub(crate) const HALF_BITS: usize = 32;
/// Bits of the group order: 2³¹⁸ < n < 2³¹⁹.
pub(crate) const ORDER_BITS: usize = 319;
/// Least and greatest entropy of a weight, in bits. Half-aggregation loses log₂ of the number of
/// weights as a security bound; more than the upper bound buys nothing beside 128-bit hashes.
pub(crate) const WEIGHT_BITS: core::ops::RangeInclusive<usize> = 108..=112;

/// Widest range of one lookup. 12 is where the lookups of an intent row and the rows of this table
/// together are cheapest from 4,096 intents to 65,536.
pub(crate) const RANGE_BITS: usize = 12;
/// One window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Exponent of two that its digits are multiplied by.
    pub(crate) offset: usize,
    /// Bits; it has 2^(bits−1) buckets.
    pub(crate) bits: usize,
}

impl Window {
    /// Buckets of the window.
    pub(crate) fn buckets(&self) -> usize {
        1 << (self.bits - 1)
    }

    /// The greatest digit.
    pub(crate) fn max_digit(&self) -> u64 {
        (1 << self.bits) - 1
    }
}

/// A run of bits of a number that one range lookup bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Exponent of two of its lowest bit.
    pub(crate) offset: usize,
    /// Bits, at most [`RANGE_BITS`].
    pub(crate) bits: usize,
}

/// `bits` bits as few pieces of nearly equal size.
pub(crate) fn pieces(bits: usize) -> Vec<Piece> {
    split(0, bits)
}

fn split(start: usize, end: usize) -> Vec<Piece> {
    let count = (end - start).div_ceil(RANGE_BITS);
    let mut offset = start;
    (0..count)
        .map(|i| {
            let bits = (end - offset).div_ceil(count - i);
            let piece = Piece { offset, bits };
            offset += bits;
            piece
        })
        .collect()
}

/// The windows and limbs of a batch class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Bits of a weight's window.
    low_bits: usize,
    /// Windows of a weight.
    low_windows: usize,
    /// Bits of the windows above, which only signers' scalars have.
    high_bits: usize,
    /// log₂ of the most intents of a batch.
    log_intents: usize,
}

impl Schedule {
    /// `low_windows` windows of `low_bits` bits, above them as many of `high_bits` as it takes.
    pub(crate) const fn new(
        low_bits: usize,
        low_windows: usize,
        high_bits: usize,
        log_intents: usize,
    ) -> Self {
        Self { low_bits, low_windows, high_bits, log_intents }
    }

    /// All windows, lowest first.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let low = (0..self.low_windows)
            .map(|i| Window { offset: i * self.low_bits, bits: self.low_bits });
        let low_end = self.weight_bits();
        let high = (0..(ORDER_BITS - low_end).div_ceil(self.high_bits))
            .map(|i| Window { offset: low_end + i * self.high_bits, bits: self.high_bits });
        low.chain(high).collect()
    }

    /// The windows of a weight.
    pub(crate) fn low_windows(&self) -> usize {
        self.low_windows
    }

    /// Bits of entropy of a weight.
    pub(crate) fn weight_bits(&self) -> usize {
        self.low_bits * self.low_windows
    }

    /// Most intents of a batch.
    pub(crate) fn intents(&self) -> usize {
        1 << self.log_intents
    }

    /// Digits of a weight that its first and its second hash output give.
    pub(crate) fn digits_per_output(&self) -> [usize; 2] {
        [self.low_windows.div_ceil(2), self.low_windows / 2]
    }

    /// Bits of each hash output above its digits.
    pub(crate) fn output_rest_bits(&self) -> [usize; 2] {
        self.digits_per_output().map(|digits| FELT_BITS - digits * self.low_bits)
    }

    /// Bits of a limb of scalars: two digits, so that a weight's limb is d₀ + 2^c·d₁.
    pub(crate) fn limb_bits(&self) -> usize {
        2 * self.low_bits
    }

    /// Limbs of a weight.
    pub(crate) fn weight_limbs(&self) -> usize {
        self.low_windows.div_ceil(2)
    }

    /// Limbs of a challenge.
    pub(crate) fn challenge_limbs(&self) -> usize {
        CHALLENGE_BITS.div_ceil(self.limb_bits())
    }

    /// Limbs of E = Σ z·e, without carries.
    pub(crate) fn scalar_limbs(&self) -> usize {
        self.weight_limbs() + self.challenge_limbs() - 1
    }

    /// The pieces of a challenge: cut at every limb and at every half element, at most
    /// [`RANGE_BITS`] bits each.
    pub(crate) fn challenge_pieces(&self) -> Vec<Piece> {
        let limb = (0..CHALLENGE_BITS).step_by(self.limb_bits());
        let half = (0..CHALLENGE_BITS).step_by(HALF_BITS);
        let mut cuts: Vec<_> = limb.chain(half).chain([CHALLENGE_BITS]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).flat_map(|pair| split(pair[0], pair[1])).collect()
    }

    /// Limbs of the quotient in `E − D = (q − 2^(bits−1))·n`, each a full limb.
    ///
    /// |E| < N·2^weight·2²⁵⁶ and n > 2³¹⁸, so |q − 2^(bits−1)| ≤ N·2^(weight−62) + 1.
    pub(crate) fn quotient_limbs(&self) -> usize {
        let magnitude = self.log_intents + self.weight_bits() + CHALLENGE_BITS - (ORDER_BITS - 1);
        (magnitude + 2).div_ceil(self.limb_bits())
    }

    /// Limbs of the group order.
    pub(crate) fn order_limbs(&self) -> usize {
        ORDER_BITS.div_ceil(self.limb_bits())
    }

    /// Positions of the identity that reduces E modulo n.
    pub(crate) fn positions(&self) -> usize {
        self.scalar_limbs().max(self.quotient_limbs() + self.order_limbs() - 1)
    }

    /// Greatest magnitude of one position: Σ z·e, the digits of D, (q − offset)·n.
    pub(crate) fn position_bound(&self) -> u128 {
        let limb = 1u128 << self.limb_bits();
        let sums = (self.weight_limbs() * self.intents()) as u128 * limb * limb;
        let digits = 2 * limb * (1 << self.high_bits);
        let product = self.quotient_limbs() as u128 * limb * limb;
        sums + digits + product
    }

    /// Bits of a shifted carry, which lies in ±2^(bits−1): its magnitude is at most that of a
    /// position by the radix, rounded up, and one more for the carry before it.
    pub(crate) fn carry_bits(&self) -> usize {
        let magnitude = (self.position_bound() >> self.limb_bits()) + 2;
        (u128::BITS - magnitude.leading_zeros()) as usize + 1
    }

    /// Panics if a sum of the arithmetic modulo n could wrap the field.
    pub(crate) fn assert_sound(&self) {
        let carry = 1u128 << (self.carry_bits() - 1);
        let all = self.position_bound() + carry + (carry << self.limb_bits());
        assert!(all < u128::from(farthing_protocol::MODULUS), "{self:?}: a position wraps");
        assert!(WEIGHT_BITS.contains(&self.weight_bits()), "{self:?}: weights");
        assert!(self.low_bits.max(self.high_bits) <= RANGE_BITS, "{self:?}: windows");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::LeafClass;

    #[test]
    fn windows_tile_the_order() {
        for class in LeafClass::ALL {
            let mut end = 0;
            for window in class.schedule.windows() {
                assert_eq!(window.offset, end);
                end += window.bits;
            }
            assert!(end >= ORDER_BITS);
        }
    }

    /// A digit behind the last position would be left out of the identity modulo n.
    #[test]
    fn every_digit_has_a_position() {
        for class in LeafClass::ALL {
            let schedule = &class.schedule;
            for window in schedule.windows() {
                assert!(window.offset / schedule.limb_bits() < schedule.positions());
            }
        }
    }

    #[test]
    fn challenge_pieces_tile_the_challenge_and_cross_no_cut() {
        for class in LeafClass::ALL {
            let schedule = &class.schedule;
            let mut end = 0;
            for piece in schedule.challenge_pieces() {
                assert_eq!(piece.offset, end);
                assert!((1..=RANGE_BITS).contains(&piece.bits));
                end += piece.bits;
                for unit in [schedule.limb_bits(), HALF_BITS] {
                    assert_eq!(piece.offset / unit, (end - 1) / unit, "{piece:?}");
                }
            }
            assert_eq!(end, CHALLENGE_BITS);
        }
    }

    #[test]
    fn pieces_are_few_and_tile_the_number() {
        for bits in 1..100 {
            let pieces = pieces(bits);
            assert_eq!(pieces.len(), bits.div_ceil(RANGE_BITS));
            assert_eq!(pieces.iter().map(|piece| piece.bits).sum::<usize>(), bits);
            assert!(pieces.iter().all(|piece| piece.bits <= RANGE_BITS));
        }
    }
}
