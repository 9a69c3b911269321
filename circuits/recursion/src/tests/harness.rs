//! Proving tables and verifying their proofs, natively and in a circuit.

use p3_batch_stark::{BatchProof, ProverData, StarkInstance, prove_batch, verify_batch};
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};

use farthing_airs::{FriSettings, LeafConfig, SBox};
use farthing_plonky2::{Builder, D, F, Poseidon2Config, from_felt};
use farthing_protocol::Felt;

use super::table::{Honest, TestTable};
use crate::proof::{NativeChallenges, ProofParts, Replay, replay};
use crate::shape::{Shape, System};
use crate::stark::{Challenges, verify};

/// Few queries, every proof of work.
pub(crate) const SETTINGS: FriSettings = FriSettings {
    log_blowup: 1,
    sbox: SBox::Cubed,
    lookup_degree: 3,
    queries: 2,
    query_pow: 4,
    batch_pow: 3,
    commit_pow: 2,
    point_pow: 2,
    lookup_pow: 3,
};

/// Tables made ready to prove.
pub(crate) struct Setup {
    pub(crate) tables: Vec<TestTable>,
    pub(crate) log_heights: Vec<usize>,
    pub(crate) settings: FriSettings,
    pub(crate) data: ProverData<LeafConfig>,
}

impl Setup {
    pub(crate) fn new(honest: &Honest, settings: FriSettings) -> Self {
        let data = ProverData::from_airs_and_degrees_with_lookup_budgets(
            &settings.config(),
            &honest.tables,
            &honest.log_heights,
            &vec![settings.lookup_degree; honest.tables.len()],
            settings.log_blowup,
        )
        .expect("setup");
        let (tables, log_heights) = (honest.tables.clone(), honest.log_heights.clone());
        Self { tables, log_heights, settings, data }
    }

    pub(crate) fn system(&self) -> System<'_, TestTable> {
        System {
            tables: &self.tables,
            log_heights: &self.log_heights,
            common: &self.data.common,
            settings: self.settings,
        }
    }

    /// A proof, whether or not the traces are honest.
    pub(crate) fn prove(&self, honest: &Honest) -> BatchProof<LeafConfig> {
        let instances: Vec<_> = self
            .tables
            .iter()
            .zip(&honest.traces)
            .zip(&honest.public_values)
            .map(|((air, trace), public_values)| StarkInstance {
                air,
                trace,
                public_values: public_values.clone(),
            })
            .collect();
        prove_batch(&self.settings.config(), &instances, &self.data).expect("proof")
    }

    /// Tells whether p3 accepts.
    pub(crate) fn accepts(&self, proof: &BatchProof<LeafConfig>, publics: &[Vec<Felt>]) -> bool {
        let config = self.settings.config();
        verify_batch(&config, &self.tables, proof, publics, &self.data.common).is_ok()
    }

    pub(crate) fn replay(&self, proof: &BatchProof<LeafConfig>, publics: &[Vec<Felt>]) -> Replay {
        let system = self.system();
        let shape = Shape::new(&system).expect("shape");
        replay(&system, &shape, proof, publics).expect("replay")
    }
}

/// A circuit that verifies proofs of a setup and shows every challenge.
pub(crate) struct Verifier {
    circuit: CircuitData<F, Poseidon2Config, D>,
    parts: ProofParts<Target>,
    public_values: Vec<Vec<Target>>,
    pub(crate) rows: usize,
}

impl Verifier {
    pub(crate) fn new(setup: &Setup) -> Self {
        let system = setup.system();
        let shape = Shape::new(&system).expect("shape");
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let parts = ProofParts::virtual_targets(&mut builder, &shape);
        let public_values: Vec<Vec<Target>> = shape
            .instances
            .iter()
            .map(|instance| builder.add_virtual_targets(instance.layout.num_public_values))
            .collect();
        let challenges = verify(&mut builder, &system, &shape, &parts, &public_values);
        show(&mut builder, &challenges);
        let rows = builder.num_gates();
        Self { circuit: builder.build(), parts, public_values, rows }
    }

    /// The challenges, if the circuit accepts.
    pub(crate) fn run(&self, parts: &ProofParts<F>, publics: &[Vec<Felt>]) -> Option<Vec<F>> {
        let mut witness = PartialWitness::new();
        self.parts.assign(&mut witness, parts).expect("the shape is the circuit's");
        let targets = self.public_values.iter().flatten();
        for (target, value) in targets.zip(publics.iter().flatten()) {
            witness.set_target(*target, from_felt(*value)).expect("assigned once");
        }
        let proof = self.circuit.prove(witness).ok()?;
        let shown = proof.public_inputs.clone();
        self.circuit.verify(proof).ok().map(|()| shown)
    }
}

/// Shows every challenge as public inputs.
fn show(builder: &mut Builder, challenges: &Challenges) {
    let mut extension = challenges.lookup.concat();
    extension.extend([challenges.constraint, challenges.point, challenges.openings.batch]);
    extension.extend(&challenges.openings.folds);
    for challenge in extension {
        builder.register_public_inputs(&challenge.0);
    }
    for bits in &challenges.openings.indices {
        let index = builder.le_sum(bits.iter());
        builder.register_public_input(index);
    }
}

/// The same of p3's.
pub(crate) fn shown(challenges: &NativeChallenges) -> Vec<F> {
    let mut extension = challenges.lookup.concat();
    extension.extend([challenges.constraint, challenges.point, challenges.batch]);
    extension.extend(&challenges.folds);
    let indices = challenges.indices.iter().map(|index| from_felt(Felt::new(*index as u64)));
    extension.iter().flat_map(|challenge| challenge.0).chain(indices).collect()
}
