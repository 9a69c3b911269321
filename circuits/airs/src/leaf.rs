//! The leaf proof of a sealed batch.

use p3_field::BasedVectorSpace;
use p3_matrix::dense::RowMajorMatrix;
use std::collections::HashMap;
use std::sync::OnceLock;
use thiserror::Error;
use tracing::instrument;

use farthing_ledger::{BatchWitness, IntentWitness};
use farthing_protocol::{BatchStatement, Felt, Fp5, Operation};

use crate::class::BatchClass;
use crate::config::{FriSettings, Profile};
use crate::prove::{LeafKey, LeafProof, ProveError, SetupError, VerifyError};
use crate::state::{StateTraces, state_traces};
use crate::table::Table;
use crate::trace::{TraceError, close, signature_traces};
use crate::witness::{Kind, SignedBatch, SignedRow};

/// Why a sealed batch has no proof, or a proof is refused.
#[derive(Debug, Error)]
pub enum LeafError {
    /// The statement names another class.
    #[error("the statement is of class {got}, expected {expected}")]
    Class {
        /// The class of key or proof.
        expected: u64,
        /// The class of the statement.
        got: u64,
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
#[instrument(name = "leaf", skip_all, fields(class = class.id))]
pub fn prove_leaf(class: &BatchClass, witness: &BatchWitness) -> Result<LeafProof, LeafError> {
    check_class(class, &witness.statement)?;
    let key = key_of(class)?;
    let traces = leaf_traces(class, key.tables(), witness)?;
    Ok(key.prove(&witness.statement.elements(), &traces)?)
}

/// Accepts the proof of a batch that says `statement`.
pub fn verify_leaf(
    class: &BatchClass,
    statement: &BatchStatement,
    proof: &LeafProof,
) -> Result<(), LeafError> {
    check_class(class, statement)?;
    Ok(key_of(class)?.verify(&statement.elements(), proof)?)
}

fn check_class(class: &BatchClass, statement: &BatchStatement) -> Result<(), LeafError> {
    let (expected, got) = (class.id, u64::from(statement.header.class));
    if expected == got { Ok(()) } else { Err(LeafError::Class { expected, got }) }
}

/// The key of a class.
fn key_of(class: &BatchClass) -> Result<&'static LeafKey, SetupError> {
    static KEYS: [OnceLock<LeafKey>; BatchClass::ALL.len()] =
        [const { OnceLock::new() }; BatchClass::ALL.len()];
    let place =
        BatchClass::ALL.iter().position(|known| *known == class).ok_or(SetupError::Class)?;
    if KEYS[place].get().is_none() {
        let key = LeafKey::new(class, FriSettings::of(Profile::Proven))?;
        // Another thread may have been first; both keys are the same.
        let _ = KEYS[place].set(key);
    }
    KEYS[place].get().ok_or(SetupError::Class)
}

/// The traces of all tables.
pub(crate) fn leaf_traces(
    class: &BatchClass,
    tables: &[Table],
    witness: &BatchWitness,
) -> Result<Vec<RowMajorMatrix<Felt>>, TraceError> {
    let StateTraces { traces, requests } = state_traces(class, witness)?;
    let mut signature = signature_traces(class, &signed_batch(witness)?)?;
    signature.requests.append(requests);
    close(class, tables, signature, traces)
}

/// The intents of a sealed batch with what the state says of them.
pub(crate) fn signed_batch(witness: &BatchWitness) -> Result<SignedBatch, TraceError> {
    let nonces: HashMap<u32, u64> = witness
        .accounts
        .iter()
        .map(|change| (change.id.get(), change.old.map_or(0, |old| old.nonce.get())))
        .collect();
    let prices: HashMap<u32, u64> =
        witness.licenses.iter().map(|change| (change.id.get(), change.terms.price.get())).collect();
    let rows = witness.intents.iter().map(|intent| signed_row(intent, &nonces, &prices));
    Ok(SignedBatch {
        domain: witness.statement.header.domain,
        timestamp: witness.statement.header.timestamp.get(),
        rows: rows.collect::<Result<_, _>>()?,
    })
}

fn signed_row(
    witness: &IntentWitness,
    nonces: &HashMap<u32, u64>,
    prices: &HashMap<u32, u64>,
) -> Result<SignedRow, TraceError> {
    let intent = &witness.signed.intent;
    let account = intent.account.get();
    let old_nonce = nonces.get(&account).copied();
    let old_nonce = old_nonce.ok_or(TraceError::Untouched { what: "account", id: account })?;
    let message = intent.message();
    let (kind, target, uses, price) = match &intent.operation {
        Operation::Pay(pay) => {
            let id = pay.license.get();
            let price = prices.get(&id).copied();
            let price = price.ok_or(TraceError::Untouched { what: "license", id })?;
            (Kind::Pay, id, u64::from(pay.uses.get()), price)
        }
        Operation::Transfer(transfer) => (Kind::Transfer, transfer.to.get(), 0, 0),
        Operation::Withdraw(_) => (Kind::Withdraw, 0, 0, 0),
        Operation::RegisterLicense(_) => (Kind::RegisterLicense, 0, 0, 0),
    };
    Ok(SignedRow {
        kind,
        account: account.into(),
        target: target.into(),
        amount: intent.operation.amount().get(),
        uses,
        fee: intent.fee.get().into(),
        valid_until: intent.valid_until.get(),
        nonce: intent.nonce.get(),
        payload: core::array::from_fn(|i| message[PAYLOAD + i]),
        price,
        old_nonce,
        key: fp5(&witness.key.elements()),
        r: fp5(&witness.signed.signature.r),
        s: witness.signed.signature.s,
    })
}

/// Where the payload starts in a signed message.
const PAYLOAD: usize = 8;

fn fp5(elements: &[Felt; 5]) -> Fp5 {
    Fp5::from_basis_coefficients_fn(|i| elements[i])
}
