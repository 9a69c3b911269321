//! Weights table: row j hashes the receipts root, j and the number of intents to the weights of
//! intents 4j … 4j + 3.
//!
//! The weights are fixed only after the receipts root, which commits to every intent's challenge
//! and so to every (R, P, message), and to their number: the prover cannot choose one.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | block | preprocessed: j | the verification key |
//! | rate (8) | outputs of the permutation; two make a weight | hash bus |
//! | used (4) | the weight is sent to its intent | boolean; weight bus |
//!
//! No row is needed more than once: intents receive each index once.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{DIGEST_ELEMENTS, Digest, Felt, RATE, Tag, WIDTH, capacity_of};

use crate::buses::{WEIGHT, send_squeeze};
use crate::class::{LOG_MIN_HEIGHT, LeafClass};
use crate::gadgets::layout::{Layout, Many, One, columns};
use crate::gadgets::sbox::SBox;
use crate::tables::shared::poseidon2::HashRequests;
use crate::tables::{LeafBuilder, LeafTable, Part};
use farthing_protocol::position::{INTENTS, RECEIPTS_ROOT};

/// Hash outputs of one weight.
const OUTPUTS_PER_WEIGHT: usize = 2;
/// Weights of one permutation.
const WEIGHTS_PER_BLOCK: usize = RATE / OUTPUTS_PER_WEIGHT;
/// log₂ of [`WEIGHTS_PER_BLOCK`].
const LOG_WEIGHTS_PER_BLOCK: usize = WEIGHTS_PER_BLOCK.ilog2() as usize;
/// Position of the block's number, after the root.
const BLOCK: usize = DIGEST_ELEMENTS;
/// Position of the number of intents.
const NUMBER: usize = BLOCK + 1;
/// Elements absorbed.
const ABSORBED: usize = NUMBER + 1;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct WeightColumns, row WeightCells {
        rate: Many<RATE>,
        used: Many<WEIGHTS_PER_BLOCK>,
    }
}

columns! {
    /// Preprocessed columns.
    pub(crate) struct PreprocessedColumns, row PreprocessedCells {
        block: One,
    }
}

/// The two hash outputs that make a weight.
pub(crate) type WeightSource = [Felt; OUTPUTS_PER_WEIGHT];

/// The weights of the intents' equations.
#[derive(Clone, Debug)]
pub(crate) struct WeightTable {
    columns: WeightColumns,
    preprocessed: PreprocessedColumns,
}

impl LeafTable for WeightTable {
    const NAME: &'static str = "weights";
    const PART: Part = Part::Signature;
    const READS_STATEMENT: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self { columns: WeightColumns::new(), preprocessed: PreprocessedColumns::new() }
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![(class.log_intents - LOG_WEIGHTS_PER_BLOCK).max(LOG_MIN_HEIGHT)]
    }

    fn columns(&self) -> &dyn Layout {
        &self.columns
    }

    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        Some(&self.preprocessed)
    }

    fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        Some(preprocessed_trace(log_height))
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        let main = builder.main();
        let row = &self.columns.row(main.current_slice());
        let fixed = &self.preprocessed.row(builder.preprocessed().current_slice());
        assert_used_is_a_flag(builder, row);
        hash_block(builder, row, fixed);
        send_weights(builder, row, fixed);
    }
}

fn assert_used_is_a_flag<AB: AirBuilder>(builder: &mut AB, row: &WeightCells<AB::Var>) {
    let [first, ..] = row.used;
    for used in row.used {
        builder.assert_bool(used);
        // Only a hashed block gives weights.
        builder.assert_zero(used * (AB::Expr::ONE - first));
    }
}

fn hash_block<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    builder: &mut AB,
    row: &WeightCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    let public: Vec<AB::Expr> = builder.public_values().iter().map(|v| (*v).into()).collect();
    let capacity = capacity_of(Tag::SignatureWeights, ABSORBED);
    let mut input: [AB::Expr; WIDTH] = core::array::from_fn(|_| AB::Expr::ZERO);
    input[..DIGEST_ELEMENTS].clone_from_slice(&public[RECEIPTS_ROOT]);
    input[BLOCK] = fixed.block.into();
    input[NUMBER] = public[INTENTS].clone();
    for (element, value) in input[RATE..].iter_mut().zip(capacity) {
        *element = value.into();
    }
    let [first, ..] = row.used;
    send_squeeze(builder, input, row.rate.map(Into::into), first.into());
}

fn send_weights<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &WeightCells<AB::Var>,
    fixed: &PreprocessedCells<AB::Var>,
) {
    let (weights, _) = row.rate.as_chunks::<OUTPUTS_PER_WEIGHT>();
    for (i, (used, [h0, h1])) in row.used.into_iter().zip(weights).enumerate() {
        let index = fixed.block * AB::Expr::from_usize(WEIGHTS_PER_BLOCK) + AB::Expr::from_usize(i);
        let message = [index, (*h0).into(), (*h1).into()];
        WEIGHT.send(builder, message, Count::bounded(used.into(), 1));
    }
}

/// The column of block numbers.
pub(crate) fn preprocessed_trace(log_height: usize) -> RowMajorMatrix<Felt> {
    let blocks = (0..1 << log_height).map(Felt::from_usize);
    RowMajorMatrix::new(blocks.collect(), PreprocessedColumns::new().width)
}

/// The weights of `intents` intents, the trace, and the permutations it needs.
pub(crate) fn trace(
    root: &Digest,
    intents: usize,
    log_height: usize,
) -> (Vec<WeightSource>, RowMajorMatrix<Felt>, HashRequests) {
    let mut requests = HashRequests::default();
    let columns = WeightColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let mut weights = Vec::with_capacity(intents.next_multiple_of(WEIGHTS_PER_BLOCK));
    let capacity = capacity_of(Tag::SignatureWeights, ABSORBED);
    let blocks = intents.div_ceil(WEIGHTS_PER_BLOCK);
    for (block, row) in rows.chunks_exact_mut(columns.width).take(blocks).enumerate() {
        let mut input = [Felt::ZERO; WIDTH];
        input[..DIGEST_ELEMENTS].copy_from_slice(&root.elements());
        input[BLOCK] = Felt::from_usize(block);
        input[NUMBER] = Felt::from_usize(intents);
        input[RATE..].copy_from_slice(&capacity);
        let rate = requests.squeeze(input);
        row[columns.rate.clone()].copy_from_slice(&rate);
        for (i, used) in row[columns.used.clone()].iter_mut().enumerate() {
            *used = Felt::from_bool(block * WEIGHTS_PER_BLOCK + i < intents);
        }
        weights.extend(rate.as_chunks().0);
    }
    weights.truncate(intents);
    (weights, RowMajorMatrix::new(rows, columns.width), requests)
}

#[cfg(test)]
mod tests {
    use farthing_protocol::hash_wide;

    use super::*;

    #[test]
    fn weights_are_the_protocols_hash() {
        let root = Digest::new([Felt::TWO; 4]);
        let (weights, _, _) = trace(&root, 7, 6);
        assert_eq!(weights.len(), 7);
        let absorbed = |block: u64| {
            let mut elements = root.elements().to_vec();
            elements.extend([Felt::new(block), Felt::new(7)]);
            hash_wide(Tag::SignatureWeights, &elements)
        };
        assert_eq!(weights[2], absorbed(0)[4..6]);
        assert_eq!(weights[6], absorbed(1)[4..6]);
    }
}
