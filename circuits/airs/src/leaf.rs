//! The leaf proof of a sealed batch.

use p3_matrix::dense::RowMajorMatrix;
use std::collections::HashMap;
use std::sync::OnceLock;
use thiserror::Error;
use tracing::instrument;

use farthing_protocol::{
    BatchStatement, BatchWitness, Felt, IntentWitness, LicenseChange, LicenseVersion, Nonce,
    Operation,
};

use crate::class::LeafClass;
use crate::config::{FriSettings, Profile};
use crate::gadgets::sbox::SBox;
use crate::prove::{LeafKey, LeafProof, ProveError, SetupError, VerifyError};
use crate::tables::signature::signature_traces;
use crate::tables::state::state_traces;
use crate::tables::{Table, TraceError, finish_traces};
use crate::witness::{SignedBatch, SignedRow};

/// Reason why a sealed batch has no proof, or a proof is refused.
#[derive(Debug, Error)]
pub enum LeafError {
    /// The statement names another class.
    #[error("the statement is of class {got}, expected {expected}")]
    Class {
        /// The class of key or proof.
        expected: u8,
        /// The class of the statement.
        got: u8,
    },
    /// There is no key for the class.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The batch has no traces.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The traces have no proof.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The proof is not valid.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// Proves a sealed batch under the default profile. The class's key is made once per process.
pub fn prove_leaf(class: &LeafClass, witness: &BatchWitness) -> Result<LeafProof, LeafError> {
    prove_leaf_under(key_of(class)?, class, witness)
}

/// Proves a sealed batch under a key of its class, which says the settings.
#[instrument(name = "leaf", skip_all, fields(class = class.batch.name))]
pub fn prove_leaf_under(
    key: &LeafKey,
    class: &LeafClass,
    witness: &BatchWitness,
) -> Result<LeafProof, LeafError> {
    check_class(class, &witness.statement)?;
    let traces = leaf_traces(class, key.tables(), key.settings.sbox, witness)?;
    Ok(key.prove(&witness.statement.elements(), &traces)?)
}

/// Fills the tables of a key's class in and proves nothing: the first step of
/// [`prove_leaf_under`], to measure it alone. Returns the number of cells.
pub fn fill_tables(
    key: &LeafKey,
    class: &LeafClass,
    witness: &BatchWitness,
) -> Result<usize, LeafError> {
    check_class(class, &witness.statement)?;
    let traces = leaf_traces(class, key.tables(), key.settings.sbox, witness)?;
    Ok(traces.iter().map(|trace| trace.values.len()).sum())
}

/// Accepts the proof of a batch that says `statement`.
pub fn verify_leaf(
    class: &LeafClass,
    statement: &BatchStatement,
    proof: &LeafProof,
) -> Result<(), LeafError> {
    check_class(class, statement)?;
    Ok(key_of(class)?.verify(&statement.elements(), proof)?)
}

fn check_class(class: &LeafClass, statement: &BatchStatement) -> Result<(), LeafError> {
    let (expected, got) = (class.batch.id, statement.header.class);
    if expected == got { Ok(()) } else { Err(LeafError::Class { expected, got }) }
}

/// The key of a class.
fn key_of(class: &LeafClass) -> Result<&'static LeafKey, SetupError> {
    static KEYS: [OnceLock<LeafKey>; LeafClass::ALL.len()] =
        [const { OnceLock::new() }; LeafClass::ALL.len()];
    let unknown = || SetupError::Class { name: class.batch.name };
    let place = LeafClass::ALL.iter().position(|known| *known == class).ok_or_else(unknown)?;
    if KEYS[place].get().is_none() {
        let key = LeafKey::new(class, FriSettings::of_class(class, Profile::Proven))?;
        // Another thread may have been first; both keys are the same.
        let _ = KEYS[place].set(key);
    }
    KEYS[place].get().ok_or_else(unknown)
}

/// The traces of all tables of a class, in the order of `tables`.
pub fn leaf_traces(
    class: &LeafClass,
    tables: &[Table],
    sbox: SBox,
    witness: &BatchWitness,
) -> Result<Vec<RowMajorMatrix<Felt>>, TraceError> {
    let state = state_traces(class, witness)?;
    let mut traces = signature_traces(class, &signed_batch(witness)?)?.traces;
    traces.append(state);
    finish_traces(class, sbox, tables, traces)
}

/// The intents of a sealed batch with what the state says of them.
pub(crate) fn signed_batch(witness: &BatchWitness) -> Result<SignedBatch, TraceError> {
    let nonces: HashMap<u32, Nonce> = witness
        .accounts
        .iter()
        .map(|change| (change.id.get(), change.old.map_or(Nonce::MIN, |old| old.nonce)))
        .collect();
    let version = |change: &LicenseChange| change.old.unwrap_or(change.new).version;
    let versions: HashMap<u32, LicenseVersion> =
        witness.licenses.iter().map(|change| (change.id.get(), version(change))).collect();
    let rows = witness.intents.iter().map(|intent| signed_row(intent, &nonces, &versions));
    Ok(SignedBatch {
        domain: witness.statement.header.domain,
        timestamp: witness.statement.header.timestamp.get(),
        rows: rows.collect::<Result<_, _>>()?,
    })
}

fn signed_row(
    witness: &IntentWitness,
    nonces: &HashMap<u32, Nonce>,
    versions: &HashMap<u32, LicenseVersion>,
) -> Result<SignedRow, TraceError> {
    let intent = &witness.signed.intent;
    let account = intent.account.get();
    let old_nonce = nonces.get(&account).copied();
    let old_nonce = old_nonce.ok_or(TraceError::Untouched { what: "account", id: account })?;
    let paid = match &intent.operation {
        Operation::Pay(pay) => {
            let id = pay.license.get();
            Some(versions.get(&id).ok_or(TraceError::Untouched { what: "license", id })?)
        }
        _ => None,
    };
    Ok(SignedRow::new(&witness.signed, &witness.key, paid, old_nonce))
}
