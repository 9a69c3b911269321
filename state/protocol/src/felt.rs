//! Elements of the Goldilocks field and their canonical bytes.

use p3_field::{Field, PackedValue, PrimeCharacteristicRing, PrimeField64};
use p3_goldilocks::Goldilocks;

/// An element of GF(p), p = 2⁶⁴ − 2³² + 1.
pub type Felt = Goldilocks;

/// A field element in each lane of a SIMD register.
pub(crate) type PackedFelt = <Felt as Field>::Packing;

/// Lanes of a SIMD register; 1 where the target has none.
pub(crate) const LANES: usize = PackedFelt::WIDTH;

/// The field's modulus p = 2⁶⁴ − 2³² + 1.
pub const MODULUS: u64 = Goldilocks::ORDER_U64;

/// Bytes of one encoded element: its canonical representative, big-endian.
pub const FELT_BYTES: usize = 8;

/// The element with the canonical representative `value`; `None` if `value ≥ p`.
pub fn felt_from_canonical(value: u64) -> Option<Felt> {
    (value < MODULUS).then(|| Felt::from_u64(value))
}

/// The canonical representative of `element`, in `0..p`.
pub fn canonical(element: Felt) -> u64 {
    element.as_canonical_u64()
}

/// Encodes `N` elements, eight big-endian bytes each.
pub fn felts_to_bytes<const N: usize, const BYTES: usize>(elements: &[Felt; N]) -> [u8; BYTES] {
    const { assert!(BYTES == N * FELT_BYTES) };
    let mut bytes = [0; BYTES];
    for (chunk, element) in bytes.chunks_exact_mut(FELT_BYTES).zip(elements) {
        chunk.copy_from_slice(&canonical(*element).to_be_bytes());
    }
    bytes
}

/// Decodes `N` elements; `None` if one of them is not canonical.
pub fn felts_from_bytes<const N: usize, const BYTES: usize>(
    bytes: &[u8; BYTES],
) -> Option<[Felt; N]> {
    const { assert!(BYTES == N * FELT_BYTES) };
    let mut elements = [Felt::ZERO; N];
    for (element, chunk) in elements.iter_mut().zip(bytes.chunks_exact(FELT_BYTES)) {
        let word = u64::from_be_bytes(chunk.try_into().ok()?);
        *element = felt_from_canonical(word)?;
    }
    Some(elements)
}
