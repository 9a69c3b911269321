//! Why a command failed.

use std::path::PathBuf;

use alloy::contract::Error as ContractError;
use alloy::providers::PendingTransactionError;
use farthing_aggregator::{RestoreNodeError, SequencerError, StartError};
use farthing_client::dto::{IntentStage, TextError};
use farthing_client::{ClientError, Problem, ProblemCode, ReceiptError, UrlError, WalletError};
use farthing_l1::{AnvilError, DeployError};
use farthing_protocol::{OutOfRange, ShareTableError, WithdrawError};
use farthing_server::ServerError;
use thiserror::Error;

use crate::keyfile::KeyFileError;
use crate::settings::SettingsError;
use crate::trace::TraceError;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    #[error("the runtime does not start")]
    Runtime(#[source] std::io::Error),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error("the node's URL: {0}")]
    Url(#[from] UrlError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    #[error("the shares: {0}")]
    Shares(#[from] ShareTableError),
    #[error("{0}: L1 pays whole base units, of 0.000001 tokens")]
    Withdraw(#[from] WithdrawError),
    #[error("{what} is not given: {how}")]
    Missing { what: &'static str, how: &'static str },
    #[error("there is no batch class {got}: the classes are tiny, 1k, 4k, 16k and 64k")]
    Class { got: String },
    #[error("{path}: cannot be read or written")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}: not a receipt")]
    ReceiptSyntax {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("the receipt shows nothing: {0}")]
    Receipt(#[from] ReceiptError),
    #[error("the contract has not verified batch {batch}, or another batch with its number")]
    NotOnL1 { batch: u64 },
    #[error("L1 has chain id {got}, expected {expected}")]
    Chain { expected: u64, got: u64 },
    #[error("the signature: {0}")]
    Signature(#[from] TextError),
    #[error(transparent)]
    Wallet(#[from] WalletError),
    #[error("the L1 key is no private key")]
    L1Key(#[source] alloy::signers::k256::ecdsa::Error),
    #[error("the L1 wallet does not sign")]
    L1Sign(#[source] alloy::signers::Error),
    #[error("L1's URL is no URL")]
    L1Url,
    #[error("L1")]
    L1(#[from] ContractError),
    #[error("L1")]
    L1Transport(#[from] alloy::transports::TransportError),
    #[error("L1")]
    L1Pending(#[from] PendingTransactionError),
    #[error("the L1 wallet {wallet} holds {held} tokens, {needed} are needed")]
    L1Funds { wallet: alloy::primitives::Address, held: String, needed: String },
    #[error("L1 has undone the transaction {hash}")]
    L1Reverted { hash: alloy::primitives::B256 },
    #[error("the intent is {got} after {seconds} s, not {expected}")]
    Waited { expected: IntentStage, got: IntentStage, seconds: u64 },
    #[error("the intent was accepted and is dropped for good ({reason}): sign another one")]
    Dropped { reason: &'static str },
    #[error("the node does not start")]
    Start(#[from] StartError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("L1 is not the one that this node is for")]
    OtherL1(#[source] std::sync::Arc<farthing_aggregator::L1CheckError>),
    #[error("the node stopped by itself; the log says why")]
    Stopped,
    #[error("the node's data cannot be rebuilt")]
    Restore(#[from] RestoreNodeError),
    #[error("signals cannot be waited for")]
    Signal(#[source] std::io::Error),
    #[error("{path}: is not empty, and the L1 of this rollup would have no history")]
    NotEmpty { path: PathBuf },
    #[error("no temporary folder")]
    Temporary(#[source] std::io::Error),
    #[error(transparent)]
    Anvil(#[from] AnvilError),
    #[error("the contracts are not deployed")]
    Deploy(#[from] DeployError),
    #[error("the sequencer does not answer")]
    Sequencer(#[from] SequencerError),
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error("{path}: not a wallet")]
    WalletSyntax {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("{path}: no payers, or no licenses")]
    WalletEmpty { path: PathBuf },
    #[error("a payment was refused")]
    Rejected(#[source] Box<Problem>),
    #[error("the payments are more than any account can hold")]
    TooMuch,
    #[error("no payments to make")]
    NothingToPay,
    #[error("a process of its own, {what}, failed: {status}")]
    Process { what: &'static str, status: std::process::ExitStatus },
    #[error("a process of its own, {what}, does not start")]
    Spawn {
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("{what} printed no report")]
    Report {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("the proof step {step} has failed {failures} times; the log says why")]
    Proving { step: String, failures: u32 },
    #[error("L1 and the node have parted")]
    Diverged,
    #[error("nothing came of it in {seconds} s: {what}")]
    Late { what: &'static str, seconds: u64 },
    #[error("the creator got {got} base units on L1, expected {expected}")]
    Claimed { expected: u64, got: String },
    #[error("the node does not know {what}")]
    Unknown { what: &'static str },
    #[error("the contract holds {held} nano-units and owes {owed}")]
    Reserve { held: u128, owed: u128 },
    #[error("interrupted")]
    Interrupted,
    #[error("the output cannot be written as JSON")]
    Json(#[source] serde_json::Error),
}

impl CliError {
    /// What to look at first.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        let Self::Client(error) = self else { return None };
        match (error, error.problem().map(|problem| problem.code)) {
            (ClientError::Transport(error), _) if error.is_connect() => {
                Some("is a node running there? `farthing dev` starts one; --node names another")
            }
            (_, Some(ProblemCode::InvalidSignature)) => {
                Some("is --key the key of --account? `farthing account show` says which it has")
            }
            (_, Some(ProblemCode::InsufficientFunds)) => {
                Some("`farthing account deposit` brings tokens from L1")
            }
            (_, Some(ProblemCode::IntentNotKept)) => {
                Some("whoever has the receipt can check it: `farthing verify`")
            }
            _ => None,
        }
    }
}

/// An error and its sources, each once.
pub(crate) struct Chain<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            let text = error.to_string();
            // Many errors repeat their source in their own text.
            if !said.contains(&text) {
                write!(f, ": {text}")?;
            }
            said = text;
            source = error.source();
        }
        Ok(())
    }
}
