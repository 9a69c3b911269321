//! The sponge of [`crate::hash()`] over several inputs of one length, side by side in SIMD lanes.

use p3_field::{PackedValue, PrimeCharacteristicRing};

use crate::curve::{LANES, PackedFelt};
use crate::felt::Felt;
use crate::hash::{DIGEST_ELEMENTS, RATE, WIDTH, permute_packed};

/// Absorbs `length > 0` elements in each lane, `element(lane, index)`, and squeezes once: the same
/// as a sponge from `capacity` for each lane alone.
pub(super) fn sponge_lanes(
    capacity: &[Felt; DIGEST_ELEMENTS],
    length: usize,
    element: impl Fn(usize, usize) -> Felt,
) -> [[Felt; RATE]; LANES] {
    let mut state = [PackedFelt::ZERO; WIDTH];
    for (slot, capacity) in state[RATE..].iter_mut().zip(capacity) {
        *slot = PackedFelt::from(*capacity);
    }
    for block in 0..length.div_ceil(RATE) {
        for (slot, index) in state[..RATE].iter_mut().zip(block * RATE..) {
            *slot = match index < length {
                true => PackedFelt::from_fn(|lane| element(lane, index)),
                false => PackedFelt::ZERO,
            };
        }
        permute_packed(&mut state);
    }
    core::array::from_fn(|lane| core::array::from_fn(|i| state[i].as_slice()[lane]))
}
