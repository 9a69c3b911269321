//! Openings of p3's Merkle trees over matrices of several heights.
//!
//! The rows of the tallest matrices hash into the leaves. The rows of shorter ones join on the way
//! up, at the layer with as many nodes as they have rows: `node ← compress(node, hash(rows))`.
//! Rows of one height are hashed as one, in the order of commitment.

use plonky2::hash::hash_types::HashOutTarget;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::plonk::config::AlgebraicHasher;

use farthing_plonky2::{Builder, Poseidon2Hash, Poseidon2State};
use farthing_protocol::DIGEST_ELEMENTS;

use crate::enforced_checks::{Check, connect};

/// One row of a matrix.
pub(crate) struct OpenedRow<'a> {
    /// log₂ of the matrix's rows.
    pub(crate) log_height: usize,
    /// Its cells.
    pub(crate) cells: &'a [Target],
}

/// Says that `rows` are the rows at `index` of the matrices under `cap`: of a matrix with
/// 2^h rows, the one whose number is the index's highest h bits. `index` has one bit for each
/// layer of the tree, lowest first, `path` one sibling for each layer below the cap.
pub(crate) fn verify_opening(
    builder: &mut Builder,
    cap: &[HashOutTarget],
    index: &[BoolTarget],
    rows: &[OpenedRow<'_>],
    path: &[HashOutTarget],
) {
    let log_leaves = index.len();
    let log_cap = log_leaves - path.len();
    assert_eq!(cap.len(), 1 << log_cap, "a cap has a node for each path");
    // A matrix below the cap would never be hashed; such shapes are refused.
    assert!(rows.iter().all(|row| (log_cap..=log_leaves).contains(&row.log_height)));
    let (below, above) = index.split_at(path.len());
    let mut node =
        rows_hash(builder, rows, log_leaves).expect("the tree is as tall as its tallest matrix");
    for (layer, (bit, sibling)) in below.iter().zip(path).enumerate() {
        node = compress(builder, node, *sibling, *bit);
        if let Some(joining) = rows_hash(builder, rows, log_leaves - layer - 1) {
            let unswapped = builder._false();
            node = compress(builder, node, joining, unswapped);
        }
    }
    let expected = match cap {
        [root] => *root,
        _ => {
            let position = builder.le_sum(above.iter());
            builder.random_access_hash(position, cap.to_vec())
        }
    };
    connect(builder, Check::Path, &node.elements, &expected.elements);
}

/// The hash of the rows of one height, if there are any.
fn rows_hash(
    builder: &mut Builder,
    rows: &[OpenedRow<'_>],
    log_height: usize,
) -> Option<HashOutTarget> {
    let mut of_height = rows.iter().filter(|row| row.log_height == log_height).peekable();
    of_height.peek()?;
    let cells: Vec<Target> = of_height.flat_map(|row| row.cells).copied().collect();
    Some(builder.hash_n_to_hash_no_pad::<Poseidon2Hash>(cells))
}

/// The parent of two nodes, the right one first if `swap`.
pub(crate) fn compress(
    builder: &mut Builder,
    left: HashOutTarget,
    right: HashOutTarget,
    swap: BoolTarget,
) -> HashOutTarget {
    let capacity = [builder.zero(); DIGEST_ELEMENTS];
    let input = left.elements.into_iter().chain(right.elements).chain(capacity);
    let output = Poseidon2Hash::permute_swapped(Poseidon2State::new(input), swap, builder);
    HashOutTarget { elements: core::array::from_fn(|i| output.as_ref()[i]) }
}

#[cfg(test)]
pub(crate) mod tests {
    use anyhow::Result;
    use p3_commit::Mmcs;
    use p3_matrix::dense::RowMajorMatrix;
    use plonky2::field::types::Field;
    use plonky2::hash::hash_types::HashOut;
    use plonky2::iop::witness::{PartialWitness, WitnessWrite};
    use plonky2::plonk::circuit_data::CircuitConfig;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use farthing_airs::trace_mmcs;
    use farthing_plonky2::{F, Poseidon2Config, from_felt};
    use farthing_protocol::Felt;

    use super::*;
    use crate::circuit::InnerCircuit;
    use crate::enforced_checks::{Gadget, Verdict, omit_check, verdict};

    /// log₂ of the rows, and columns, of matrices with equal and different heights.
    const MATRICES: [(usize, usize); 6] = [(5, 5), (7, 11), (7, 8), (4, 4), (6, 1), (4, 9)];

    /// Every cell of every row, the path and the index are bound.
    #[test]
    fn openings_are_p3s() -> Result<()> {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let matrices = MATRICES
            .map(|(log, width)| RowMajorMatrix::<Felt>::rand(&mut rng, 1 << log, width))
            .to_vec();
        let mmcs = trace_mmcs();
        let (commitment, data) = mmcs.commit(matrices);

        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let position = builder.add_virtual_target();
        let bits = builder.split_le(position, 7);
        let cap: Vec<_> = commitment
            .roots()
            .iter()
            .map(|root| builder.constant_hash(HashOut { elements: root.map(from_felt) }))
            .collect();
        let cells = MATRICES.map(|(_, width)| builder.add_virtual_targets(width));
        let path = builder.add_virtual_hashes(3);
        let rows: Vec<_> = MATRICES
            .iter()
            .zip(&cells)
            .map(|(&(log_height, _), cells)| OpenedRow { log_height, cells })
            .collect();
        verify_opening(&mut builder, &cap, &bits, &rows, &path);
        let circuit = builder.build::<Poseidon2Config>();

        let mut targets: Vec<Target> = cells.concat();
        targets.extend(path.iter().flat_map(|hash| hash.elements));
        for index in [0, 77, 127] {
            let (rows, siblings) = mmcs.open_batch(index, &data).unpack();
            let values: Vec<F> = rows
                .iter()
                .flatten()
                .chain(siblings.iter().flatten())
                .copied()
                .map(from_felt)
                .collect();
            let accepted = |index: usize, changed: Option<usize>| -> Result<bool> {
                let mut witness = PartialWitness::new();
                witness.set_target(position, F::from_canonical_usize(index))?;
                for (i, (target, value)) in targets.iter().zip(&values).enumerate() {
                    let error = if changed == Some(i) { F::ONE } else { F::ZERO };
                    witness.set_target(*target, *value + error)?;
                }
                let proof = circuit.prove(witness);
                Ok(proof.is_ok_and(|proof| circuit.verify(proof).is_ok()))
            };
            assert!(accepted(index, None)?);
            for bit in 0..7 {
                assert!(!accepted(index ^ (1 << bit), None)?, "another index");
            }
            for changed in 0..targets.len() {
                assert!(!accepted(index, Some(changed))?, "element {changed}");
            }
        }
        Ok(())
    }

    /// A path that ends in another node than the cap's, in one element.
    pub(crate) fn forge(check: Check, element: usize) -> Verdict {
        use plonky2::plonk::config::Hasher;
        let cells = [F::ONE; 9];
        let sibling = HashOut { elements: [F::TWO; 4] };
        let gadget = || {
            Gadget::new(|builder| {
                let cells: Vec<Target> = cells.iter().map(|cell| builder.constant(*cell)).collect();
                let bits = [builder._true()];
                let sibling = builder.constant_hash(sibling);
                let cap = builder.add_virtual_hash();
                let rows = [OpenedRow { log_height: 1, cells: &cells }];
                verify_opening(builder, &[cap], &bits, &rows, &[sibling]);
                cap.elements.to_vec()
            })
        };
        let leaf = Poseidon2Hash::hash_no_pad(&cells);
        let honest = Poseidon2Hash::two_to_one(sibling, leaf).elements;
        let mut forged = honest;
        forged[element] += F::ONE;
        verdict(check, element, gadget, &honest, &forged)
    }

    /// Without the comparison any path would do.
    #[test]
    fn the_cap_refuses() -> Result<()> {
        let cells = [F::ONE; 9];
        let circuit = || {
            let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
            let cells: Vec<Target> = cells.iter().map(|cell| builder.constant(*cell)).collect();
            let bits = [builder._true()];
            let [cap, sibling] = [0, 1].map(|i| {
                builder.constant_hash(HashOut { elements: [F::from_canonical_u64(i); 4] })
            });
            let rows = [OpenedRow { log_height: 1, cells: &cells }];
            verify_opening(&mut builder, &[cap], &bits, &rows, &[sibling]);
            builder.build::<Poseidon2Config>()
        };
        let accepts = |circuit: InnerCircuit| {
            let proof = circuit.prove(PartialWitness::new());
            proof.is_ok_and(|proof| circuit.verify(proof).is_ok())
        };
        assert!(!accepts(circuit()));
        assert!(accepts(omit_check(Check::Path, circuit)));
        Ok(())
    }
}
