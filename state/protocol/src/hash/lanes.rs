//! Many permutations side by side, one in each lane of a SIMD register.

use p3_field::{PackedValue, PrimeCharacteristicRing};

use super::{DIGEST_ELEMENTS, Digest, RATE, Tag, WIDTH, capacity_of, permute_packed};
use crate::felt::{Felt, LANES, PackedFelt};

/// Absorbs `length > 0` elements in each lane, `element(lane, index)`, and squeezes once: the same
/// as a sponge from `capacity` for each lane alone.
pub(crate) fn sponge_lanes(
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

/// [`super::compress`] of every pair.
pub fn compress_all(pairs: &[[Digest; 2]]) -> Vec<Digest> {
    in_lanes(pairs, &[Felt::ZERO; DIGEST_ELEMENTS], RATE, |[left, right], i| {
        if i < DIGEST_ELEMENTS { left.0[i] } else { right.0[i - DIGEST_ELEMENTS] }
    })
}

/// [`super::hash()`] of every input; all have one length, at least 1.
pub fn hash_all<const N: usize>(tag: Tag, inputs: &[[Felt; N]]) -> Vec<Digest> {
    const { assert!(N > 0) };
    in_lanes(inputs, &capacity_of(tag, N), N, |input, i| input[i])
}

fn in_lanes<T>(
    items: &[T],
    capacity: &[Felt; DIGEST_ELEMENTS],
    length: usize,
    element: impl Fn(&T, usize) -> Felt,
) -> Vec<Digest> {
    let mut digests = Vec::with_capacity(items.len());
    for chunk in items.chunks(LANES) {
        // Lanes past the end repeat the last item.
        let last = chunk.len() - 1;
        let squeezed = sponge_lanes(capacity, length, |lane, i| element(&chunk[lane.min(last)], i));
        let squeezed = squeezed.into_iter().take(chunk.len());
        digests.extend(squeezed.map(|[a, b, c, d, ..]| Digest([a, b, c, d])));
    }
    digests
}

#[cfg(test)]
mod tests {
    use super::super::{compress, hash};
    use super::*;

    #[test]
    fn lanes_agree_with_one_by_one() {
        let inputs: Vec<[Felt; 11]> =
            (0..37).map(|n| core::array::from_fn(|i| Felt::from_usize(n * 100 + i))).collect();
        for count in [0, 1, 7, 8, 9, 37] {
            let digests = hash_all(Tag::ShareTable, &inputs[..count]);
            let expected: Vec<Digest> =
                inputs[..count].iter().map(|input| hash(Tag::ShareTable, input)).collect();
            assert_eq!(digests, expected);
            let pairs: Vec<[Digest; 2]> =
                digests.iter().map(|d| [*d, hash(Tag::Domain, &d.elements())]).collect();
            let expected: Vec<Digest> = pairs.iter().map(|[a, b]| compress(a, b)).collect();
            assert_eq!(compress_all(&pairs), expected);
        }
    }
}
