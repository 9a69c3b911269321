//! Proving and verifying a batch.

use p3_batch_stark::{
    BatchProof, BatchVerificationError, CommonData, PcsError, ProverData, ProvingError,
    StarkInstance, prove_batch, verify_batch,
};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_uni_stark::PcsProverError;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::{info_span, instrument};

use farthing_protocol::{Felt, STATEMENT_ELEMENTS};

use crate::class::LeafClass;
use crate::config::{FriSettings, LeafConfig};

use crate::tables::Table;

/// The statement of a batch as public values.
pub type Statement = [Felt; STATEMENT_ELEMENTS];

/// A class made ready to prove and verify: tables, parameters, preprocessed commitment.
pub struct LeafKey {
    pub(crate) tables: Vec<Table>,
    pub(crate) settings: FriSettings,
    config: LeafConfig,
    data: ProverData<LeafConfig>,
}

/// A proof that a statement is true.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct LeafProof(BatchProof<LeafConfig>);

/// Reason why there is no key.
#[derive(Debug, Error)]
pub enum SetupError {
    /// p3 refused.
    #[error("preprocessed tables cannot be committed: {0}")]
    Commit(#[source] ProvingError<PcsProverError<LeafConfig>>),
    /// The class is not in [`LeafClass::ALL`].
    #[error("unknown batch class {name}: expected one of LeafClass::ALL")]
    Class {
        /// Its name.
        name: &'static str,
    },
}

/// Reason why there is no proof.
#[derive(Debug, Error)]
pub enum ProveError {
    /// The traces are not those of the key's class.
    #[error("trace {table} has {got} rows, the class has {expected}")]
    Height {
        /// Its name, or "all" if their number differs.
        table: &'static str,
        /// Rows of the class.
        expected: usize,
        /// Rows of the trace.
        got: usize,
    },
    /// p3 refused.
    #[error("the prover refused the traces")]
    Proving(#[source] ProvingError<PcsProverError<LeafConfig>>),
}

/// Reason why a proof is refused.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The tables' heights are not the class's.
    #[error("the table heights of the proof are not those of the class")]
    Class,
    /// p3 refused.
    #[error("the leaf proof is not valid")]
    Invalid(#[source] BatchVerificationError<PcsError<LeafConfig>>),
}

impl LeafProof {
    /// The proof as p3 writes it, for a verifier in a circuit.
    pub fn batch_proof(&self) -> &BatchProof<LeafConfig> {
        &self.0
    }
}

impl LeafKey {
    /// Commits to the preprocessed columns of a class.
    #[instrument(name = "leaf setup", skip_all, fields(class = class.batch.name))]
    pub fn new(class: &LeafClass, settings: FriSettings) -> Result<Self, SetupError> {
        Self::of_tables(Table::of_class(class, settings.sbox), settings)
    }

    /// Intents and signatures alone, with the stand-in for the state's tables.
    #[cfg(test)]
    pub(crate) fn of_signatures(
        class: &LeafClass,
        settings: FriSettings,
    ) -> Result<Self, SetupError> {
        Self::of_tables(Table::with_state_stub(class, settings.sbox), settings)
    }

    pub(crate) fn of_tables(tables: Vec<Table>, settings: FriSettings) -> Result<Self, SetupError> {
        let config = settings.config();
        let log_heights: Vec<usize> = tables.iter().map(Table::log_height).collect();
        let data = ProverData::from_airs_and_degrees_with_lookup_budgets(
            &config,
            &tables,
            &log_heights,
            &vec![settings.lookup_degree; tables.len()],
            settings.log_blowup,
        )
        .map_err(SetupError::Commit)?;
        Ok(Self { tables, settings, config, data })
    }

    /// The tables, in the order of the traces.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The parameters of its proofs.
    pub fn settings(&self) -> &FriSettings {
        &self.settings
    }

    /// Data that prover and verifier share: preprocessed commitment and lookups.
    pub fn common(&self) -> &CommonData<LeafConfig> {
        &self.data.common
    }

    /// Extension columns of the lookup argument of each table: fractions and an accumulator.
    pub fn permutation_columns(&self) -> Vec<usize> {
        self.data.common.lookups.iter().map(|lookups| lookups.len() + 1).collect()
    }

    /// Messages that a row of each table sends or receives.
    pub(crate) fn messages_per_row(&self) -> Vec<usize> {
        let lookups = &self.data.common.lookups;
        lookups.iter().map(|all| all.iter().map(|lookup| lookup.elements.len()).sum()).collect()
    }

    /// Elements of the widest message of any bus.
    pub(crate) fn widest_message(&self) -> usize {
        let lookups = self.data.common.lookups.iter().flat_map(|all| all.iter());
        lookups.flat_map(|lookup| &lookup.elements).map(Vec::len).max().unwrap_or(0)
    }

    /// Proves a statement from the traces of all tables.
    #[instrument(name = "leaf proof", skip_all)]
    pub fn prove(
        &self,
        statement: &Statement,
        traces: &[RowMajorMatrix<Felt>],
    ) -> Result<LeafProof, ProveError> {
        self.check_heights(traces)?;
        let instances: Vec<_> = self
            .tables
            .iter()
            .zip(traces)
            .map(|(air, trace)| StarkInstance {
                air,
                trace,
                public_values: public_values(air, statement),
            })
            .collect();
        info_span!("batch proof")
            .in_scope(|| prove_batch(&self.config, &instances, &self.data))
            .map(LeafProof)
            .map_err(ProveError::Proving)
    }

    /// Accepts the proof of a true statement and, but for a soundness error, no other.
    #[instrument(name = "leaf verification", skip_all)]
    pub fn verify(&self, statement: &Statement, proof: &LeafProof) -> Result<(), VerifyError> {
        let heights = self.tables.iter().map(Table::log_height);
        if !proof.0.degree_bits.iter().copied().eq(heights) {
            return Err(VerifyError::Class);
        }
        let public_values: Vec<_> =
            self.tables.iter().map(|table| public_values(table, statement)).collect();
        verify_batch(&self.config, &self.tables, &proof.0, &public_values, &self.data.common)
            .map_err(VerifyError::Invalid)
    }

    fn check_heights(&self, traces: &[RowMajorMatrix<Felt>]) -> Result<(), ProveError> {
        if traces.len() != self.tables.len() {
            let (expected, got) = (self.tables.len(), traces.len());
            return Err(ProveError::Height { table: "all", expected, got });
        }
        for (table, trace) in self.tables.iter().zip(traces) {
            let (expected, got) = (1 << table.log_height(), trace.height());
            if expected != got {
                return Err(ProveError::Height { table: table.name(), expected, got });
            }
        }
        Ok(())
    }
}

/// Public values of a table.
pub(crate) fn public_values(table: &Table, statement: &Statement) -> Vec<Felt> {
    if table.reads_statement() { statement.to_vec() } else { Vec::new() }
}
