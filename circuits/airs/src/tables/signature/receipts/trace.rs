//! Rows of the receipts table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Digest, Felt, compress};

use crate::tables::shared::poseidon2::HashRequests;

use super::air::{PreprocessedColumns, ReceiptColumns};
use super::{ARITY, STEPS};

/// Rows of each step in a class of `capacity` intents.
fn rows_of_steps(capacity: usize) -> [usize; STEPS] {
    core::array::from_fn(|step| (capacity >> (2 * (step + 1))).max(1))
}

/// The digest of an empty subtree below each step.
fn empty_digests() -> [Digest; STEPS] {
    let mut empty = Digest::ZERO;
    core::array::from_fn(|_| {
        let below = empty;
        for _ in 0..2 {
            empty = compress(&empty, &empty);
        }
        below
    })
}

/// Steps, positions, the root flag and the empty digests.
pub(crate) fn preprocessed_trace(capacity: usize, log_height: usize) -> RowMajorMatrix<Felt> {
    let used: usize = rows_of_steps(capacity).iter().sum();
    assert!(used <= 1 << log_height, "a class's receipts fit its table");
    let columns = PreprocessedColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let empty = empty_digests();
    // Rows behind the tree stand where nothing receives their parent.
    for row in rows.chunks_exact_mut(columns.width) {
        row[columns.step] = Felt::from_usize(STEPS);
    }
    let nodes = rows_of_steps(capacity)
        .into_iter()
        .enumerate()
        .flat_map(|(step, count)| (0..count).map(move |position| (step, position)));
    for (row, (step, position)) in rows.chunks_exact_mut(columns.width).zip(nodes) {
        row[columns.step] = Felt::from_usize(step);
        row[columns.position] = Felt::from_usize(position);
        row[columns.is_root] = Felt::from_bool(step + 1 == STEPS);
        row[columns.empty.clone()].copy_from_slice(&empty[step].elements());
    }
    RowMajorMatrix::new(rows, columns.width)
}

/// The root over `leaves`, the trace, and the permutations it needs.
pub(crate) fn trace(
    leaves: &[Digest],
    capacity: usize,
    log_height: usize,
) -> (Digest, RowMajorMatrix<Felt>, HashRequests) {
    let columns = ReceiptColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let mut requests = HashRequests::default();
    let mut nodes = leaves.to_vec();
    let mut start = 0;
    for ((step, count), empty) in
        rows_of_steps(capacity).into_iter().enumerate().zip(empty_digests())
    {
        let is_root = step + 1 == STEPS;
        let active = nodes.len().div_ceil(ARITY).max(usize::from(is_root));
        let step_rows = rows.chunks_exact_mut(columns.width).skip(start).take(active);
        nodes = step_rows
            .enumerate()
            .map(|(i, row)| {
                let children = nodes.get(ARITY * i..).unwrap_or(&[]);
                fill(&columns, row, children, &empty, &mut requests)
            })
            .collect();
        start += count;
    }
    (nodes[0], RowMajorMatrix::new(rows, columns.width), requests)
}

fn fill(
    c: &ReceiptColumns,
    row: &mut [Felt],
    children: &[Digest],
    empty: &Digest,
    requests: &mut HashRequests,
) -> Digest {
    let digests: [Digest; ARITY] =
        core::array::from_fn(|i| children.get(i).copied().unwrap_or(*empty));
    for (columns, digest) in c.children.iter().zip(&digests) {
        row[columns.clone()].copy_from_slice(&digest.elements());
    }
    for (i, present) in row[c.present.clone()].iter_mut().enumerate() {
        *present = Felt::from_bool(i < children.len());
    }
    let [first, second, third, fourth] = &digests;
    let middles = [requests.compress(first, second), requests.compress(third, fourth)];
    let parent = requests.compress(&middles[0], &middles[1]);
    for (columns, digest) in c.middle.iter().zip(&middles) {
        row[columns.clone()].copy_from_slice(&digest.elements());
    }
    row[c.parent.clone()].copy_from_slice(&parent.elements());
    row[c.active] = Felt::ONE;
    parent
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough for the largest capacity.
    const LOG_HEIGHT: usize = 15;

    /// Level by level over all 2¹⁶ leaves.
    fn plain_root(leaves: &[Digest]) -> Digest {
        let mut nodes = leaves.to_vec();
        let mut empty = Digest::ZERO;
        for _ in 0..2 * STEPS {
            if !nodes.len().is_multiple_of(2) {
                nodes.push(empty);
            }
            nodes = nodes.chunks_exact(2).map(|pair| compress(&pair[0], &pair[1])).collect();
            empty = compress(&empty, &empty);
        }
        nodes.first().copied().unwrap_or(empty)
    }

    #[test]
    fn root_is_that_of_the_plain_tree() {
        for capacity in [16, 1024, 4096, 65_536] {
            for count in [0, 1, 2, 3, 4, 5, 15, 16] {
                let leaves: Vec<Digest> =
                    (0..count).map(|i| Digest::new([Felt::from_usize(i + 1); 4])).collect();
                let (root, _, _) = trace(&leaves, capacity, LOG_HEIGHT);
                assert_eq!(root, plain_root(&leaves), "{count} of {capacity}");
            }
        }
    }
}
