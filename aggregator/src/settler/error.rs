use alloy::contract::Error as ContractError;
use alloy::primitives::{Address, B256};
use alloy::providers::PendingTransactionError;
use alloy::sol_types::SolInterface;
use alloy::transports::http::reqwest;
use alloy::transports::{RpcError, TransportErrorKind};
use farthing_l1::abi::Rollup::RollupErrors;
use farthing_l1::{EntryError, HistoryError};
use farthing_ledger::{LedgerError, StoreError};
use farthing_protocol::{BatchNumber, BlockNumber, Digest, QueueIndex};
use thiserror::Error;

use crate::sequencer::SequencerError;
use crate::store::NodeStoreError;

/// Differences between L1 and this node that waiting does not resolve: the configuration names
/// another chain, contract, key or account, or the data folder belongs to another rollup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum L1CheckError {
    /// The endpoint is of another chain.
    #[error("chain id: expected {expected}, L1 is chain {got}: check the chain id and the L1 URL")]
    ChainId {
        /// Configured.
        expected: u64,
        /// The endpoint's.
        got: u64,
    },
    /// The configured address has no code.
    #[error("contract: there is no code at {contract} on L1: check the contract and the L1 URL")]
    NoContract {
        /// Configured.
        contract: Address,
    },
    /// The configured address has a contract that is not a rollup.
    #[error("contract: {contract} on L1 is not a rollup: check the contract")]
    NotARollup {
        /// Configured.
        contract: Address,
    },
    /// The contract has another domain than the configured rollup.
    #[error("domain: expected {expected}, the contract has {got}: it was made on another chain")]
    Domain {
        /// Of the configured chain id and contract.
        expected: B256,
        /// The contract's.
        got: B256,
    },
    /// The configured key is not the contract's operator, which commits and proves.
    #[error("operator: the L1 key has address {expected}, the contract's operator is {got}")]
    Operator {
        /// Of the configured key.
        expected: Address,
        /// The contract's.
        got: Address,
    },
    /// The contract's verifier does not accept the proofs of this build.
    #[error(
        "verifier: expected code with hash {expected}, {verifier} has {got}: use the build that the \
         contract was deployed from, or name the hash in the settings ([l1] verifier_codehash)"
    )]
    Verifier {
        /// The contract's verifier.
        verifier: Address,
        /// Of this build's verifier, or configured.
        expected: B256,
        /// On L1.
        got: B256,
    },
    /// L1 has not reached the configured block of the deployment.
    #[error("block of the deployment: expected at most {head}, L1's newest block, got {got}")]
    DeployedAt {
        /// L1's newest block.
        head: u64,
        /// Configured.
        got: u64,
    },
    /// The contract was deployed with another account 0.
    #[error(
        "genesis: expected state root {expected}, the contract began with {got}: it was deployed \
         with another operator's account (key and owner of account 0)"
    )]
    Genesis {
        /// Of the configured account.
        expected: Digest,
        /// The contract's.
        got: B256,
    },
    /// The batches that this node saw final are not L1's.
    #[error(
        "history: expected state root {expected} before batch {batch}, L1 has {got}: the data \
         folder is of another rollup"
    )]
    History {
        /// The first batch that is not final here.
        batch: BatchNumber,
        /// This node's.
        expected: Digest,
        /// L1's.
        got: B256,
    },
    /// L1 lost batches that this node saw final.
    #[error("history: expected {expected} final batches, L1 has {got}: it is another chain")]
    FewerBatches {
        /// Final here.
        expected: u64,
        /// Final on L1.
        got: u64,
    },
    /// The logs from the configured block on do not have a batch that L1 made final.
    #[error(
        "block of the deployment: no log from block {got} on has the data of batch {batch}: give \
         the block that holds the deployment"
    )]
    NoLog {
        /// The batch.
        batch: BatchNumber,
        /// Configured.
        got: u64,
    },
    /// L1 has a history, and the data folder is empty.
    #[error(
        "data: L1 has {batches} final batches and the data folder none: run `farthing restore`"
    )]
    NoData {
        /// Final on L1.
        batches: u64,
    },
}

/// Reasons why a turn of the settler failed. Most of them pass, for example if the endpoint is
/// unreachable for a while.
#[derive(Debug, Error)]
pub enum SettlerError {
    /// No HTTP client can be made on this machine.
    #[error("the HTTP client for L1 cannot be set up: {0}")]
    Client(#[source] reqwest::Error),
    /// L1's node does not answer, or answers something unreadable.
    #[error("L1 does not answer: {0}")]
    Rpc(#[source] RpcError<TransportErrorKind>),
    /// L1's node answers with an error.
    #[error("L1's node refuses the request: {0}")]
    Refused(#[source] RpcError<TransportErrorKind>),
    /// The contract reverted a call.
    #[error("the contract refuses the transaction: {0:?}")]
    Reverted(Box<RollupErrors>),
    /// The contract's answer is not one that a rollup gives.
    #[error("the contract does not answer as a rollup does: {0}")]
    Contract(#[source] ContractError),
    /// L1 does not match this node.
    #[error(transparent)]
    Check(#[from] L1CheckError),
    /// The endpoint shows fewer batches than are final here, and may not have reached their L1
    /// block.
    #[error("L1 has {got} final batches, it had {expected} before: the endpoint is behind")]
    Behind {
        /// Final here.
        expected: u64,
        /// Final on L1, as far as the endpoint knows.
        got: u64,
    },
    /// L1 proved batches, and no log says in which block.
    #[error("no log of L1 has the block with batch {batch}")]
    MissingBlock {
        /// The batch.
        batch: BatchNumber,
    },
    /// The endpoint refuses the logs of blocks `from` to `to`, the smallest page that can be asked
    /// for.
    #[error("L1 refuses the logs of blocks {from} to {to}, in any smaller part too: {source}")]
    LogsRefused {
        /// The first block.
        from: u64,
        /// The last block.
        to: u64,
        /// The last refusal.
        source: RpcError<TransportErrorKind>,
    },
    /// L1's node left logs out.
    #[error(
        "L1's node left logs out: the contract says {expected} {what}, its logs {got}; \
         is the block of the deployment right, and does the node keep all logs?"
    )]
    LogsMissing {
        /// The things counted.
        what: &'static str,
        /// The contract's count.
        expected: u64,
        /// The logs' count.
        got: u64,
    },
    /// A log without a block.
    #[error("L1's node sent a log of a transaction that is in no block")]
    NotIncluded,
    /// A transaction was lost.
    #[error("a transaction was lost: {0}")]
    Pending(#[from] PendingTransactionError),
    /// A transaction failed on L1.
    #[error("transaction {hash} failed on L1")]
    Failed {
        /// Its hash.
        hash: B256,
    },
    /// Another transaction of the operator's key took the nonce.
    #[error("another transaction of this key has nonce {nonce}")]
    NonceTaken {
        /// The nonce.
        nonce: u64,
    },
    /// A copy of the transaction, sent before a restart, was included: L1 shows its outcome.
    #[error("a copy of the transaction with nonce {nonce} was included")]
    CopyIncluded {
        /// The nonce.
        nonce: u64,
    },
    /// The transaction needs more gas than a transaction may use.
    #[error("the transaction needs more gas than {limit}, the most of a transaction")]
    TooMuchGas {
        /// The most.
        limit: u64,
    },
    /// No block in the operator's place consumes what it must.
    #[error(
        "queue entry {late} is older than a block in the operator's place may leave, and one of \
         {batches} batches does not consume it: only the operator can go on"
    )]
    RescueTooLarge {
        /// The first entry that the longest block leaves.
        late: u64,
        /// The most batches of a block.
        batches: u32,
    },
    /// The gas price is above the maximum.
    #[error("gas costs {got} wei, at most {max} are allowed")]
    GasPrice {
        /// The maximum.
        max: u128,
        /// The price asked for.
        got: u128,
    },
    /// A log does not belong to a rollup.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A log does not decode.
    #[error("a log does not decode: {0}")]
    Log(#[from] alloy::sol_types::Error),
    /// Logs are missing.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The chain of L1's queue is not the one that was consumed: L1 reorganised deeper than the
    /// confirmations waited for.
    #[error("the queue behind entry {index} is not the one consumed")]
    QueueDiverged {
        /// The first entry whose chain differs.
        index: QueueIndex,
    },
    /// Logs of the queue have a gap.
    #[error("no log of L1 has queue entry {index}")]
    MissingEntry {
        /// The entry.
        index: QueueIndex,
    },
    /// L1 has proven another batch under this number.
    #[error("L1 has another batch with number {batch}")]
    Foreign {
        /// The number.
        batch: BatchNumber,
    },
    /// L1 has proven batches of a block of ours together with batches of one before it, which this
    /// node has seen final otherwise.
    #[error("L1 has a block from batch {first} on, which is before block {block}")]
    BlocksDiverged {
        /// The first batch of L1's block.
        first: u64,
        /// Our block.
        block: BlockNumber,
    },
    /// A proof or a batch is not on disk.
    #[error("{what} of block {block} is not on disk")]
    Missing {
        /// The thing.
        what: &'static str,
        /// The block.
        block: BlockNumber,
    },
    /// The aggregator's store failed.
    #[error(transparent)]
    Store(#[from] NodeStoreError),
    /// The ledger's store failed.
    #[error(transparent)]
    LedgerStore(#[from] StoreError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The sequencer does not answer.
    #[error(transparent)]
    Sequencer(#[from] SequencerError),
}

impl SettlerError {
    /// Returns true if L1 and this node have diverged: no further turn can change that.
    pub const fn is_divergence(&self) -> bool {
        matches!(self, Self::QueueDiverged { .. } | Self::BlocksDiverged { .. })
    }

    /// Returns true if the endpoint answered, so that L1 is reachable.
    pub const fn is_an_answer(&self) -> bool {
        !matches!(self, Self::Client(_) | Self::Rpc(_) | Self::Pending(_))
    }
}

impl From<RpcError<TransportErrorKind>> for SettlerError {
    /// Tells an answer from silence: a revert of the contract has a name, an error of L1's node has
    /// words.
    fn from(error: RpcError<TransportErrorKind>) -> Self {
        let Some(answer) = error.as_error_resp() else { return Self::Rpc(error) };
        let revert = answer.as_revert_data().and_then(|data| RollupErrors::abi_decode(&data).ok());
        match revert {
            Some(revert) => Self::Reverted(Box::new(revert)),
            None => Self::Refused(error),
        }
    }
}

impl From<ContractError> for SettlerError {
    fn from(error: ContractError) -> Self {
        match error {
            ContractError::TransportError(error) => error.into(),
            error => Self::Contract(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::B256;
    use alloy::transports::TransportErrorKind;
    use farthing_l1::abi::Rollup::WrongRoot;

    use super::*;

    #[test]
    fn what_the_contract_says_has_its_name() -> Result<(), serde_json::Error> {
        let revert = WrongRoot { expected: B256::repeat_byte(1), got: B256::repeat_byte(2) };
        let data = alloy::primitives::hex::encode_prefixed(revert_data(revert));
        let json = serde_json::json!({ "code": 3, "message": "execution reverted", "data": data });
        let payload = serde_json::from_value(json)?;
        let named = SettlerError::from(RpcError::ErrorResp(payload));
        assert!(named.to_string().contains("WrongRoot"), "{named}");
        assert!(named.to_string().contains("0x0101"), "{named}");
        assert!(named.is_an_answer());

        let json = serde_json::json!({ "code": -32000, "message": "insufficient funds for gas" });
        let payload = serde_json::from_value(json)?;
        let refused = SettlerError::from(RpcError::ErrorResp(payload));
        assert!(refused.to_string().starts_with("L1's node refuses"), "{refused}");
        assert!(refused.is_an_answer());

        let silent = SettlerError::from(TransportErrorKind::custom_str("timed out"));
        assert!(silent.to_string().starts_with("L1 does not answer"), "{silent}");
        assert!(!silent.is_an_answer());
        Ok(())
    }

    fn revert_data(error: WrongRoot) -> Vec<u8> {
        use alloy::sol_types::SolError;
        error.abi_encode()
    }
}
