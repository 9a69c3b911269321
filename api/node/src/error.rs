//! Errors of commands, their exit codes, and their output for people and for programs.

use std::path::PathBuf;

use alloy::contract::Error as ContractError;
use alloy::primitives::Address;
use alloy::providers::PendingTransactionError;
use farthing_aggregator::{RestoreNodeError, SequencerError, SettlerError, StartError};
use farthing_client::dto::{WireBytes32, WireIntentId};
use farthing_client::{
    ClientError, OpeningError, Problem, ProblemCode, ReceiptError, SignerError, StatementError,
    UrlError, WalletError,
};
use farthing_l1::{AnvilError, DeployError};
use farthing_ledger::{PastStateError, RestoreError};
use farthing_manifest::{C2paError, ManifestError};
use farthing_protocol::{AccountId, OutOfRange, ShareTableError, Stage, WithdrawError};
use farthing_server::ServerError;
use serde_json::{Value, json};
use thiserror::Error;

use crate::inference_log::InferenceLogError;
use crate::journal::JournalError;
use crate::keyfile::KeyFileError;
use crate::settings::SettingsError;

/// A reason why L1 does not confirm a receipt.
#[derive(Debug, Error)]
pub(crate) enum SettlementError {
    #[error("there is no contract at {contract} on this chain")]
    NoContract { contract: Address },
    #[error("the contract {contract} is not a rollup of this chain: its domain differs")]
    Domain { contract: Address },
    #[error(
        "the contract has not verified batch {batch}, or has verified another batch with its number"
    )]
    NotFinal { batch: u64 },
    #[error(
        "the contract has proven no block that starts with batch {first} in L1 blocks {from} to {to}"
    )]
    NoBlock { first: u64, from: u64, to: u64 },
    #[error("{field} of the block is {receipt} in the receipt, {l1} on L1")]
    Field { field: &'static str, receipt: String, l1: String },
    #[error("L1 no longer has the header of batch {batch}: ask an archive node")]
    NoHeader { batch: u64 },
    #[error("the header of batch {batch} on L1 is of another protocol")]
    Header { batch: u64 },
    #[error("L1's node sent a log without its block and index: ask another node")]
    Log,
}

/// Exit code of a command that failed.
pub(crate) const EXIT_FAILED: u8 = 1;
/// Exit code of a command line that cannot be understood.
pub(crate) const EXIT_USAGE: u8 = 2;
/// Exit code if an intent was signed and sent, and is not known to have come as far as was asked for.
pub(crate) const EXIT_PENDING: u8 = 3;
/// Exit code if a receipt or a statement is consistent, and L1 was not asked.
pub(crate) const EXIT_NOT_SETTLED: u8 = 4;
/// Exit code if the result could not be written.
pub(crate) const EXIT_OUTPUT: u8 = 5;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum CliError {
    #[error("the runtime cannot start")]
    Runtime(#[source] std::io::Error),
    #[error(
        "FARTHING_LOG is not a log filter: expected a level such as debug, or farthing_aggregator=debug"
    )]
    LogFilter,
    #[error("the result cannot be written to standard output; the command itself succeeded")]
    Output(#[source] std::io::Error),
    #[error("the output cannot be formatted")]
    Format(#[from] std::fmt::Error),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error("invalid URL of the node: {0}")]
    Url(#[from] UrlError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    #[error("invalid shares: {0}")]
    Shares(#[from] ShareTableError),
    #[error("{0}: L1 pays whole base units, of 0.000001 tokens")]
    Withdraw(#[from] WithdrawError),
    #[error("{what} is not given: {how}")]
    Missing { what: &'static str, how: &'static str },
    #[error(transparent)]
    Nats(#[from] farthing_provers::ConnectError),
    #[error(transparent)]
    ProverRun(#[from] farthing_provers::ProverRunError),
    #[error("the prover's circuits cannot be made ready")]
    Prover(#[source] farthing_aggregator::ProverError),
    #[error("unknown batch class \"{got}\": expected tiny, 1k, 4k, 16k or 64k")]
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
    #[error("{path}: not a manifest: {source}")]
    ManifestFile {
        path: PathBuf,
        #[source]
        source: ManifestError,
    },
    #[error("the manifest cannot be made: {0}")]
    Manifest(#[from] ManifestError),
    #[error("the manifest has another hash than was asked for: {hash}")]
    OtherManifest { hash: WireBytes32 },
    #[error("{path}: the manifest does not have this file's hash in {member}")]
    NotInManifest { path: PathBuf, member: &'static str },
    #[error("{path}: {source}")]
    C2pa {
        path: PathBuf,
        #[source]
        source: C2paError,
    },
    #[error("{path}: has more than {most} bytes, the most that is read of a C2PA manifest store")]
    LargeStore { path: PathBuf, most: u64 },
    #[error("{path}: exists already, and is not replaced")]
    Exists { path: PathBuf },
    #[error("the receipt is invalid: {0}")]
    Receipt(#[from] ReceiptError),
    #[error("L1 was not asked: the receipt is consistent, but a forged one can be too")]
    NotSettled,
    #[error("the statement is invalid: {0}")]
    Statement(#[from] StatementError),
    #[error("{path}: not an opening")]
    OpeningSyntax {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    #[error("{path}: the opening is invalid")]
    Opening {
        path: PathBuf,
        #[source]
        source: OpeningError,
    },
    #[error("L1 was not asked: the statement is consistent, but a forged one can be too")]
    NotProven,
    #[error("the statement is of contract {got}, expected {expected}")]
    StatementContract { expected: farthing_protocol::Address, got: farthing_protocol::Address },
    #[error(transparent)]
    Settlement(#[from] SettlementError),
    #[error("L1 has chain id {got}, expected {expected}")]
    Chain { expected: u64, got: u64 },
    #[error("{path}: not a wallet's signature, expected 0x and 130 hexadecimal digits")]
    Signature { path: PathBuf },
    #[error(transparent)]
    Wallet(#[from] WalletError),
    #[error("the L1 key is not a private key: it is 0, or not below the order of secp256k1")]
    L1Key(#[source] alloy::signers::k256::ecdsa::Error),
    #[error("the L1 wallet failed to sign")]
    L1Sign(#[source] alloy::signers::Error),
    #[error("invalid L1 URL \"{got}\": expected http(s)://host[:port]")]
    L1Url { got: String },
    #[error("the call of the L1 contract failed")]
    L1(#[from] ContractError),
    #[error("the request to L1 failed")]
    L1Transport(#[from] alloy::transports::TransportError),
    #[error("the L1 transaction was lost")]
    L1Pending(#[from] PendingTransactionError),
    #[error("the L1 wallet {wallet} holds {held} tokens, {needed} are needed")]
    L1Funds { wallet: alloy::primitives::Address, held: String, needed: String },
    #[error("L1's history cannot be read")]
    L1History(#[from] SettlerError),
    #[error(
        "L1 has no log of the rollup's deployment: --deployed-at names the block that holds it, or an earlier one"
    )]
    NoDeployment,
    #[error("L1 no longer has its block {number}: try again")]
    L1Block { number: u64 },
    #[error("the state cannot be rebuilt from L1's logs")]
    Rebuild(#[from] RestoreError),
    #[error("a Merkle path of the state cannot be made")]
    AccountPath(#[from] PastStateError),
    #[error(
        "the node's final state has root {expected}, the contract holds {got}: the node counts a block \
         as final some L1 blocks later; try again, or use `farthing exit`, which needs no node"
    )]
    StateRoot { expected: alloy::primitives::B256, got: alloy::primitives::B256 },
    #[error("public data on L1 do not decode")]
    PublicData(#[from] farthing_l1::PayoutError),
    #[error(
        "no final state has account {account}, so its owner is not known: give --owner, or --l1-key"
    )]
    NoOwner { account: AccountId },
    #[error(
        "a forced exit counts only from the account's owner, {owner}; --l1-key is the key of {wallet}"
    )]
    NotTheOwner { owner: alloy::primitives::Address, wallet: alloy::primitives::Address },
    #[error("the transaction {hash} reverted on L1")]
    L1Reverted { hash: alloy::primitives::B256 },
    #[error("intent {id} is {got} after {seconds} s, not {expected}")]
    Waited { id: WireIntentId, expected: Stage, got: Stage, seconds: u64 },
    #[error("interrupted: intent {id} was accepted, and is not known to be {expected}")]
    InterruptedWaiting { id: WireIntentId, expected: Stage },
    #[error("intent {id} was accepted, but the node does not tell its stage")]
    WaitFailed {
        id: WireIntentId,
        #[source]
        source: ClientError,
    },
    #[error("interrupted before the node answered: whether it accepted intent {id} is not known")]
    InterruptedSending { id: WireIntentId, valid_until: u64 },
    #[error("the node did not say whether it accepted intent {id}")]
    Unanswered {
        id: WireIntentId,
        valid_until: u64,
        #[source]
        source: ClientError,
    },
    #[error("the owner is the zero address: what an account withdraws to it is lost")]
    ZeroOwner,
    #[error("{what} is {got} base units, above the largest amount supported")]
    TooLarge { what: &'static str, got: String },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the process that guards anvil cannot start")]
    Guard(#[source] std::io::Error),
    #[error(
        "intent {id} was accepted, but is dropped permanently ({reason}): sign another one; after \
         nonce_settled only if this one had no effect on L1"
    )]
    Dropped { id: WireIntentId, reason: &'static str },
    #[error("the node cannot start")]
    Start(#[from] StartError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("L1 does not match this node")]
    OtherL1(#[source] std::sync::Arc<farthing_aggregator::L1CheckError>),
    #[error("the node stopped after a failure: see its log")]
    Stopped,
    #[error("the node's data cannot be rebuilt")]
    Restore(#[from] RestoreNodeError),
    #[error("signal handlers cannot be installed")]
    Signal(#[source] std::io::Error),
    #[error("{path}: is not empty, but the new L1 has no history: name an empty folder")]
    NotEmpty { path: PathBuf },
    #[error("a temporary folder cannot be made")]
    Temporary(#[source] std::io::Error),
    #[error(transparent)]
    Anvil(#[from] AnvilError),
    #[error("the contracts cannot be deployed")]
    Deploy(#[from] DeployError),
    #[error("the sequencer does not answer")]
    Sequencer(#[from] SequencerError),
    #[error(transparent)]
    InferenceLog(#[from] InferenceLogError),
    /// The cause is free of what the file quotes: seeds are in it.
    #[error("{path}: not a file of payers: {cause}")]
    PayersSyntax { path: PathBuf, cause: String },
    #[error("{path}: expected at least one payer and one license")]
    PayersEmpty { path: PathBuf },
    #[error("a payment was refused")]
    Rejected(#[source] Box<Problem>),
    #[error("the sum of the payments exceeds what an account can hold")]
    TooMuch,
    #[error("there are no payments to make: the log has no inference, or --payments is 0")]
    NothingToPay,
    #[error("the process of {what} failed: {status}")]
    Process { what: &'static str, status: std::process::ExitStatus },
    #[error("the process of {what} cannot start")]
    Spawn {
        what: &'static str,
        #[source]
        source: std::io::Error,
    },
    #[error("the report of {what} cannot be read")]
    Report {
        what: &'static str,
        #[source]
        source: serde_json::Error,
    },
    #[error("the proof step {step} has failed {failures} times: see the log")]
    Proving { step: String, failures: u32 },
    #[error("the node's state has diverged from L1: run `farthing restore`")]
    Diverged,
    #[error("timed out after {seconds} s waiting for {what}")]
    Late { what: &'static str, seconds: u64 },
    #[error("the creator got {got} base units on L1, expected {expected}")]
    Claimed { expected: u64, got: String },
    #[error("the node does not know {what}")]
    Unknown { what: &'static str },
    #[error("the contract holds {held} nano-units and owes {owed}")]
    Reserve { held: u128, owed: u128 },
    #[error("interrupted")]
    Interrupted,
    #[error(
        "interrupted: {journal} holds the signed payments; run the same command again to continue"
    )]
    SimulationInterrupted { journal: PathBuf },
    #[error("the output cannot be written as JSON")]
    Json(#[source] serde_json::Error),
}

/// Signing fails alike here and in the client.
impl From<SignerError> for CliError {
    fn from(error: SignerError) -> Self {
        Self::Client(error.into())
    }
}

impl CliError {
    /// The exit code; `farthing --help` lists them.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::LogFilter => EXIT_USAGE,
            Self::Waited { .. }
            | Self::InterruptedWaiting { .. }
            | Self::WaitFailed { .. }
            | Self::InterruptedSending { .. }
            | Self::Unanswered { .. }
            | Self::SimulationInterrupted { .. } => EXIT_PENDING,
            Self::NotSettled | Self::NotProven => EXIT_NOT_SETTLED,
            Self::Output(_) => EXIT_OUTPUT,
            _ => EXIT_FAILED,
        }
    }

    /// A hint: what to do first.
    pub(crate) fn hint(&self) -> Option<String> {
        let ask = |id: &WireIntentId| format!("`farthing intent status {id}` shows its stage");
        let unknown = |id: &WireIntentId, valid_until: &u64| {
            format!(
                "{}; do not pay again before it does: a node may accept the intent until unix time \
                 {valid_until}",
                ask(id)
            )
        };
        match self {
            Self::Waited { id, .. }
            | Self::InterruptedWaiting { id, .. }
            | Self::WaitFailed { id, .. } => Some(ask(id)),
            Self::InterruptedSending { id, valid_until }
            | Self::Unanswered { id, valid_until, .. } => Some(unknown(id, valid_until)),
            Self::NotSettled | Self::NotProven => Some(
                "give --l1-url and --contract to ask the contract, or --offline if consistency is enough"
                    .to_owned(),
            ),
            Self::Key(KeyFileError::Missing { .. }) => {
                Some("`farthing keys new --out FILE` makes a key".to_owned())
            }
            Self::Client(error) => client_hint(error).map(str::to_owned),
            _ => None,
        }
    }

    /// The intent that the error is about.
    fn intent(&self) -> Option<&WireIntentId> {
        match self {
            Self::Waited { id, .. }
            | Self::InterruptedWaiting { id, .. }
            | Self::WaitFailed { id, .. }
            | Self::InterruptedSending { id, .. }
            | Self::Unanswered { id, .. }
            | Self::Dropped { id, .. } => Some(id),
            _ => None,
        }
    }

    /// A stable word for programs: the node's code, or the kind of failure.
    fn code(&self) -> &'static str {
        match self {
            Self::Client(error) => match (error.problem(), error) {
                (Some(problem), _) => problem.code.as_str(),
                (None, ClientError::Transport(_)) => "no_answer",
                _ => "failed",
            },
            Self::Rejected(problem) => problem.code.as_str(),
            Self::LogFilter => "usage",
            Self::Waited { .. } => "timed_out",
            Self::InterruptedWaiting { .. }
            | Self::SimulationInterrupted { .. }
            | Self::Interrupted => "interrupted",
            Self::InterruptedSending { .. } | Self::Unanswered { .. } | Self::WaitFailed { .. } => {
                "outcome_unknown"
            }
            Self::NotSettled => "not_settled",
            Self::NotProven => "not_proven",
            Self::Dropped { .. } => "dropped",
            Self::Output(_) => "output",
            _ => "failed",
        }
    }

    /// For programs: one line of JSON.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code(),
            "message": ErrorReport(self).to_string(),
            "exit_code": self.exit_code(),
        });
        if let Some(hint) = self.hint() {
            error["hint"] = hint.into();
        }
        if let Some(id) = self.intent() {
            error["intent"] = id.to_string().into();
        }
        json!({ "error": error })
    }
}

fn client_hint(error: &ClientError) -> Option<&'static str> {
    match (error, error.problem().map(|problem| problem.code)) {
        (ClientError::Signer(SignerError::NonceTooHigh { .. }), _) => {
            Some("if the clock is right, `farthing exit` withdraws the account's balance on L1")
        }
        (ClientError::Transport(error), _) if error.is_connect() => {
            Some("is a node running there? `farthing dev` starts one; --node names another")
        }
        (_, Some(ProblemCode::InvalidSignature)) => Some(
            "is --key the key of --account? `farthing account show` shows the key of an account",
        ),
        (_, Some(ProblemCode::AccountNotFinal)) => Some(
            "the batch that opens the account must be final on L1: `farthing account show` says if it is",
        ),
        (_, Some(ProblemCode::LicenseNotFinal)) => {
            Some("`farthing status` shows how many batches are final on L1")
        }
        (_, Some(ProblemCode::StateNotKept)) => {
            Some("--opening takes a file that `farthing statement open` saved at that batch")
        }
        (_, Some(ProblemCode::InsufficientFunds)) => {
            Some("`farthing account deposit` brings tokens from L1")
        }
        (_, Some(ProblemCode::IntentHistoryUnavailable)) => {
            Some("the payer's receipt can still be checked: `farthing receipt verify`")
        }
        (_, Some(ProblemCode::IdempotencyConflict)) => {
            Some("another payment was made under this key; the first payment stands")
        }
        _ => None,
    }
}

/// An error and its sources, each once.
pub(crate) struct ErrorReport<'a>(pub(crate) &'a dyn std::error::Error);

impl std::fmt::Display for ErrorReport<'_> {
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
