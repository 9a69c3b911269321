//! Every element of a whole leaf proof of the tiny class, changed: all tables, every kind of element.
//!
//! Most changed elements would be refused at the first Merkle path, and say nothing of what comes
//! behind it. So each is given to three circuits:
//!
//! | circuit | is the wrap | refuses |
//! | --- | --- | --- |
//! | whole | as it is | everything |
//! | any paths | without the comparison of paths with commitments | all but what a path alone binds |
//! | any challenges | besides with the honest proof's challenges, for any absorbed values | what is opened |
//!
//! The second is a prover who finds valid paths for what is changed. The third is one who commits to
//! it, so that every challenge is drawn again, and is then lucky in every challenge: nothing but the
//! constraints, the sum of the lookups and the folding is left to refuse. What only binds the
//! challenges, commitments and work, it has to accept.
//!
//! An element is refused when witness generation comes to a contradiction, as `prove` does first;
//! where it does not, proof and verification decide. By default the first, the middle and the last
//! element of each part of the proof are changed, with `FARTHING_FULL=1` every one.

mod binding;

use std::sync::LazyLock;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use plonky2::field::types::Field;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, Witness, WitnessWrite};
use plonky2::plonk::prover::prove_with_partition_witness;
use plonky2::util::timing::TimingTree;
use rayon::prelude::*;

use farthing_airs::{LeafClass, LeafKey, LeafProof, Statement, Table, leaf_traces};
use farthing_plonky2::{F, from_felt};
use farthing_protocol::{BatchWitness, Felt, STATEMENT_ELEMENTS, position};
use farthing_testkit::full;

use super::{WrapCircuit, system};
use crate::enforced_checks::{Check, omit_check, with_challenges};
use crate::proof::{ProofParts, Replay, replay};
use crate::settings::CircuitSettings;
use crate::shape::Shape;
use crate::tests::{Part, SETTINGS, TestLedger, parts_of};

/// Little soundness, for speed.
const CIRCUIT: CircuitSettings = CircuitSettings { queries: 2, query_pow: 2 };

/// A circuit with the targets of its challenges.
pub(super) struct Wrap {
    pub(super) circuit: WrapCircuit,
    drawn: Vec<Target>,
}

/// A batch with everything that tables may have but queue entries, its leaf proof, the circuits.
pub(super) struct Fixture {
    pub(super) key: LeafKey,
    witness: BatchWitness,
    pub(super) statement: Statement,
    pub(super) parts: ProofParts<F>,
    whole: Wrap,
    any_paths: Wrap,
    any_challenges: Wrap,
    /// Those of the honest proof.
    pub(super) challenges: Vec<F>,
    /// Indices of its queries.
    pub(super) indices: Vec<usize>,
}

pub(super) static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let key = LeafKey::new(&LeafClass::TINY, SETTINGS).expect("setup");
    let witness = TestLedger::new(1).batches(2).pop().expect("two");
    let statement = witness.statement.elements();
    let proof = key.prove(&statement, &traces(&key, &witness)).expect("a proof");
    let Replay { parts, challenges: native } = written_out(&key, &statement, &proof);
    let wrap = || Wrap::new(&key);
    let any_paths = omit_check(Check::Path, wrap);
    let any_challenges = omit_check(Check::Challenge, || omit_check(Check::Path, wrap));
    let whole = wrap();
    let challenges = whole.challenges(&statement, &parts.elements());
    let indices = native.indices;
    Fixture {
        witness,
        statement,
        parts,
        whole,
        any_paths,
        any_challenges,
        challenges,
        indices,
        key,
    }
});

fn traces(key: &LeafKey, witness: &BatchWitness) -> Vec<RowMajorMatrix<Felt>> {
    leaf_traces(&LeafClass::TINY, key.tables(), SETTINGS.sbox, witness).expect("the batch fits")
}

/// A proof, valid or not, with every path written out.
fn written_out(key: &LeafKey, statement: &Statement, proof: &LeafProof) -> Replay {
    let log_heights: Vec<usize> = key.tables().iter().map(Table::log_height).collect();
    let system = system(key, &log_heights);
    let shape = Shape::new(&system).expect("shape");
    let public_values: Vec<Vec<Felt>> = key
        .tables()
        .iter()
        .map(|table| if table.reads_statement() { statement.to_vec() } else { Vec::new() })
        .collect();
    replay(&system, &shape, proof.batch_proof(), &public_values).expect("replay")
}

impl Wrap {
    pub(super) fn new(key: &LeafKey) -> Self {
        let (circuit, drawn) = with_challenges(|| WrapCircuit::new(key, CIRCUIT).expect("circuit"));
        Self { circuit, drawn }
    }

    pub(super) fn witness(&self, statement: &Statement, elements: &[F]) -> PartialWitness<F> {
        let inputs = &self.circuit.inputs;
        let targets = inputs.parts.elements();
        assert_eq!(targets.len(), elements.len());
        let statement = inputs.statement.into_iter().zip(statement.map(from_felt));
        let mut witness = PartialWitness::new();
        for (target, value) in targets.into_iter().zip(elements.iter().copied()).chain(statement) {
            witness.set_target(target, value).expect("assigned once");
        }
        witness
    }

    /// The challenges that a proof comes to.
    fn challenges(&self, statement: &Statement, elements: &[F]) -> Vec<F> {
        let circuit = &self.circuit.circuit;
        let witness = self.witness(statement, elements);
        let witness = generate_partial_witness(witness, &circuit.prover_only, &circuit.common);
        let witness = witness.expect("an honest proof");
        self.drawn.iter().map(|target| witness.get_target(*target)).collect()
    }

    /// Tells whether there is no proof of the circuit for these, or only one that is not valid. Where they
    /// are expected to be accepted, a witness without contradictions is enough.
    pub(super) fn refuses(
        &self,
        mut witness: PartialWitness<F>,
        challenges: &[F],
        expected: bool,
    ) -> bool {
        for (target, value) in self.drawn.iter().zip(challenges) {
            witness.set_target(*target, *value).expect("assigned once");
        }
        let circuit = &self.circuit.circuit;
        let (prover, common) = (&circuit.prover_only, &circuit.common);
        match generate_partial_witness(witness, prover, common) {
            Err(_) => true,
            Ok(_) if !expected => false,
            Ok(witness) => {
                let mut timing = TimingTree::default();
                let proof = prove_with_partition_witness(prover, common, witness, &mut timing);
                !proof.is_ok_and(|proof| circuit.verify(proof).is_ok())
            }
        }
    }
}

/// Which circuits refuse something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Refusals {
    whole: bool,
    any_paths: bool,
    any_challenges: bool,
}

const NONE: Refusals = Refusals { whole: false, any_paths: false, any_challenges: false };
const ALL: Refusals = Refusals { whole: true, any_paths: true, any_challenges: true };

impl Fixture {
    fn refusals(&self, statement: &Statement, elements: &[F], expected: Refusals) -> Refusals {
        let refuses = |wrap: &Wrap, challenges: &[F], expected: bool| {
            wrap.refuses(wrap.witness(statement, elements), challenges, expected)
        };
        Refusals {
            whole: refuses(&self.whole, &[], expected.whole),
            any_paths: refuses(&self.any_paths, &[], expected.any_paths),
            any_challenges: refuses(
                &self.any_challenges,
                &self.challenges,
                expected.any_challenges,
            ),
        }
    }

    fn assert_refusals(&self, what: &str, parts: &ProofParts<F>, expected: Refusals) {
        let refusals = self.refusals(&self.statement, &parts.elements(), expected);
        assert_eq!(refusals, expected, "{what}");
    }
}

/// Checks that bind an element: that it is opened and folded, its share in challenges, or a path alone.
const fn expected(part: Part) -> Refusals {
    match part {
        Part::Path | Part::FoldPath => Refusals { whole: true, ..NONE },
        Part::Commitment | Part::Work | Part::FoldCommitment => {
            Refusals { any_challenges: false, ..ALL }
        }
        Part::Opening | Part::Terminal | Part::FinalPolynomial | Part::Row | Part::Group => ALL,
    }
}

/// Nothing is refused for its own sake: each circuit has a valid proof of the honest leaf.
#[test]
fn an_honest_leaf_is_accepted() {
    let fixture = &*FIXTURE;
    let elements = fixture.parts.elements();
    assert_eq!(fixture.refusals(&fixture.statement, &elements, ALL), NONE);
}

#[test]
fn every_element_is_bound() {
    let fixture = &*FIXTURE;
    let elements = fixture.parts.elements();
    let parts = parts_of(&fixture.parts);
    let (mut indices, mut start) = (Vec::new(), 0);
    for (part, len) in &parts {
        let mut of_part: Vec<usize> = if full() {
            (0..*len).collect()
        } else {
            [0, len / 2, len.saturating_sub(1)].into_iter().filter(|index| index < len).collect()
        };
        of_part.dedup();
        indices.extend(of_part.iter().map(|index| (*part, start + index)));
        start += len;
    }
    assert_eq!(start, elements.len(), "every element is of a part");
    println!("{} of {start} elements, {} parts", indices.len(), parts.len());
    indices.par_iter().for_each(|(part, index)| {
        let mut changed = elements.clone();
        changed[*index] += F::ONE;
        let expected = expected(*part);
        let refusals = fixture.refusals(&fixture.statement, &changed, expected);
        assert_eq!(refusals, expected, "{part:?}, element {index}");
    });
}

/// Words of the statement that no constraint looks at: the join of the batch compares them. They
/// are in the statement's digest, and bound to the leaf proof as part of its transcript.
const DRAWN_WORDS: [usize; 1] = [position::NUMBER];

#[test]
fn every_word_is_bound() {
    let fixture = &*FIXTURE;
    let elements = fixture.parts.elements();
    let drawn_words: Vec<usize> = (0..STATEMENT_ELEMENTS)
        .into_par_iter()
        .filter(|word| {
            let mut statement = fixture.statement;
            statement[*word] += Felt::ONE;
            let expected = Refusals { any_challenges: false, ..ALL };
            let refusals = fixture.refusals(&statement, &elements, expected);
            assert!(refusals.whole && refusals.any_paths, "word {word}");
            !refusals.any_challenges
        })
        .collect();
    assert_eq!(drawn_words, DRAWN_WORDS);
}

/// Two tables' sums off by as much, so that all of them still cancel: the tables' own constraints
/// are left.
#[test]
fn balanced_terminals_are_refused() {
    let fixture = &*FIXTURE;
    let terminals = fixture.parts.terminals.len();
    assert!(terminals > 10, "all tables but one or two have lookups");
    for table in 1..terminals {
        let mut parts = fixture.parts.clone();
        parts.terminals[table - 1][0] += F::ONE;
        parts.terminals[table][0] -= F::ONE;
        fixture.assert_refusals(&format!("tables {table} and before"), &parts, ALL);
    }
}

/// Openings of one query in another's place, all of them and round by round.
#[test]
fn exchanged_openings_are_refused() {
    let fixture = &*FIXTURE;
    let mut parts = fixture.parts.clone();
    parts.queries.swap(0, 1);
    fixture.assert_refusals("queries", &parts, ALL);
    for round in 0..parts.queries[0].inputs.len() {
        let mut parts = fixture.parts.clone();
        let (first, second) = parts.queries.split_at_mut(1);
        core::mem::swap(&mut first[0].inputs[round], &mut second[0].inputs[round]);
        fixture.assert_refusals(&format!("round {round}"), &parts, ALL);
    }
    for fold in 0..parts.queries[0].folds.len() {
        let mut parts = fixture.parts.clone();
        let (first, second) = parts.queries.split_at_mut(1);
        core::mem::swap(&mut first[0].folds[fold], &mut second[0].folds[fold]);
        fixture.assert_refusals(&format!("fold {fold}"), &parts, ALL);
    }
}

/// Cells of each table changed before anything is committed to: commitments, paths, openings and
/// folds are an honest prover's, so that constraints and lookups alone can refuse. A first row that
/// is wrong throughout is refused; of a single cell, which may be one that no constraint reads, the circuit
/// says what p3 says.
#[test]
fn lies_of_every_table_are_refused() {
    let fixture = &*FIXTURE;
    let Fixture { key, statement, .. } = fixture;
    let honest = traces(key, &fixture.witness);
    for (index, table) in key.tables().iter().enumerate() {
        let (width, height) = (honest[index].width(), honest[index].height());
        let first_row = 0..width;
        let cell = |row: usize, column: usize| row * width + column..row * width + column + 1;
        let cells = [cell(0, width / 2), cell(height / 2, width / 3), cell(height - 1, width - 1)];
        for (lie, cells) in [first_row].into_iter().chain(cells).enumerate() {
            let name = format!("{}, cells {cells:?}", table.name());
            let mut lying = honest.clone();
            lying[index].values[cells].iter_mut().for_each(|cell| *cell += Felt::ONE);
            let proof = key.prove(statement, &lying).expect("a proof, if not a valid one");
            let refused = key.verify(statement, &proof).is_err();
            assert!(refused || lie > 0, "{name}");
            let elements = written_out(key, statement, &proof).parts.elements();
            let witness = fixture.whole.witness(statement, &elements);
            assert_eq!(fixture.whole.refuses(witness, &[], refused), refused, "{name}");
        }
    }
}
