//! Rows of the Poseidon2 tables.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use rayon::prelude::*;

use farthing_protocol::{DIGEST_ELEMENTS, Digest, Felt, RATE, Tag, WIDTH, capacity_of, permute};

use crate::buses::HashShape;
use crate::gadgets::sbox::SBox;

/// The permutations that a batch needs, in the order of the requests.
#[derive(Clone, Debug, Default)]
pub(crate) struct HashRequests(Vec<(HashShape, [Felt; WIDTH])>);

impl HashRequests {
    /// The digest of a permutation's output.
    pub(crate) fn digest(&mut self, input: [Felt; WIDTH]) -> Digest {
        let output = self.permute(HashShape::Digest, input);
        Digest::new(core::array::from_fn(|i| output[i]))
    }

    /// The digest of eight elements under `tag`.
    pub(crate) fn tagged(&mut self, tag: Tag, elements: [Felt; RATE]) -> Digest {
        let mut input = [Felt::ZERO; WIDTH];
        input[..RATE].copy_from_slice(&elements);
        input[RATE..].copy_from_slice(&capacity_of(tag, RATE));
        self.digest(input)
    }

    /// The parent of two nodes.
    pub(crate) fn compress(&mut self, left: &Digest, right: &Digest) -> Digest {
        let mut input = [Felt::ZERO; WIDTH];
        input[..DIGEST_ELEMENTS].copy_from_slice(&left.elements());
        input[DIGEST_ELEMENTS..RATE].copy_from_slice(&right.elements());
        self.digest(input)
    }

    /// The capacity of a permutation's output.
    pub(crate) fn absorb(&mut self, input: [Felt; WIDTH]) -> [Felt; DIGEST_ELEMENTS] {
        let output = self.permute(HashShape::Absorb, input);
        core::array::from_fn(|i| output[RATE + i])
    }

    /// The rate of a permutation's output.
    pub(crate) fn squeeze(&mut self, input: [Felt; WIDTH]) -> [Felt; RATE] {
        let output = self.permute(HashShape::Squeeze, input);
        core::array::from_fn(|i| output[i])
    }

    /// Number of them.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends the requests of another table.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn permute(&mut self, shape: HashShape, input: [Felt; WIDTH]) -> [Felt; WIDTH] {
        self.0.push((shape, input));
        let mut state = input;
        permute(&mut state);
        state
    }
}

/// One trace per height; rows are dealt to the tables in order, padding permutes zeros.
///
/// Requests beyond the tables' capacity are left out, so that the hash bus cannot balance; the
/// caller has checked the capacity before.
pub(crate) fn traces(
    requests: &HashRequests,
    sbox: SBox,
    log_heights: &[usize],
) -> Vec<RowMajorMatrix<Felt>> {
    let mut rest = &requests.0[..];
    log_heights
        .iter()
        .map(|&log_height| {
            let (rows, tail) = rest.split_at(rest.len().min(1 << log_height));
            rest = tail;
            trace(rows, sbox, 1 << log_height)
        })
        .collect()
}

fn trace(
    requests: &[(HashShape, [Felt; WIDTH])],
    sbox: SBox,
    height: usize,
) -> RowMajorMatrix<Felt> {
    let mut inputs: Vec<_> = requests.iter().map(|(_, input)| *input).collect();
    inputs.resize(height, [Felt::ZERO; WIDTH]);
    let (width, columns) = (sbox.columns(), sbox.permutation_columns());
    let permutations = sbox.permutation_rows(inputs);
    let mut rows = Felt::zero_vec(width * height);
    rows.par_chunks_exact_mut(width)
        .zip(permutations.par_chunks_exact(columns))
        .for_each(|(row, permutation)| row[..columns].copy_from_slice(permutation));
    for (row, (shape, _)) in rows.chunks_exact_mut(width).zip(requests) {
        row[columns + *shape as usize] = Felt::ONE;
    }
    RowMajorMatrix::new(rows, width)
}
