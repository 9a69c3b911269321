//! Configuration of the settler.

use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest::Url;
use farthing_protocol::{Address, Bytes32};

use crate::store::L1Checked;

/// The endpoint of L1, and limits for its use.
#[derive(Clone, Debug)]
pub struct L1Config {
    /// A node's JSON-RPC endpoint.
    pub url: Url,
    /// The rollup's contract.
    pub contract: Address,
    /// The L1 block that holds its deployment: logs are read from there on.
    pub deployed_at: u64,
    /// The operator's key. With `None`, the queue is read and blocks are watched, but nothing is
    /// sent.
    pub operator: Option<PrivateKeySigner>,
    /// L1 blocks after that of a deposit before it is consumed, and after that of a proven block
    /// before it is final.
    pub confirmations: u64,
    /// Time between two polls of L1.
    pub poll: Duration,
    /// A transaction not included after this time is sent again with a higher fee.
    pub resend_after: Duration,
    /// Maximum gas price, in wei.
    pub gas_price_wei_max: u128,
    /// Maximum number of blocks in one request for logs.
    pub log_range: u64,
    /// Maximum gas of a transaction: L1's own limit, or less.
    pub gas_limit: u64,
    /// keccak256 of the code that the contract's verifier must have. With `None`, that of this
    /// build's verifier, which accepts the proofs of this build.
    pub verifier: Option<Bytes32>,
    /// Time after which a request without an answer has failed and is made again.
    pub request_timeout: Duration,
}

/// Two epochs: reorganisations on Ethereum end there.
const CONFIRMATIONS: u64 = 64;
/// Half an Ethereum slot.
const POLL: Duration = Duration::from_secs(6);
/// Four slots.
const RESEND_AFTER: Duration = Duration::from_secs(48);
/// 500 gwei: far above usual prices, far below a mistake.
const GAS_PRICE_WEI_MAX: u128 = 500_000_000_000;
/// Gas of a transaction, by EIP-7825.
const GAS_LIMIT: u64 = 16_777_216;
/// Limits of public endpoints.
const LOG_RANGE: u64 = 5_000;
/// Public endpoints answer or give up in less, also the estimate for a proof's transaction and the
/// longest page of logs; a node that accepts and says nothing holds the settler up no longer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

impl L1Config {
    /// Configuration with defaults for Ethereum.
    pub const fn new(url: Url, contract: Address, deployed_at: u64) -> Self {
        Self {
            url,
            contract,
            deployed_at,
            operator: None,
            confirmations: CONFIRMATIONS,
            poll: POLL,
            resend_after: RESEND_AFTER,
            gas_price_wei_max: GAS_PRICE_WEI_MAX,
            log_range: LOG_RANGE,
            gas_limit: GAS_LIMIT,
            verifier: None,
            request_timeout: REQUEST_TIMEOUT,
        }
    }

    /// The code that the contract's verifier must have.
    pub(crate) fn verifier_codehash(&self) -> Bytes32 {
        self.verifier.unwrap_or_else(|| Bytes32(farthing_l1::verifier_codehash().0))
    }

    /// The part that is compared with L1.
    pub(crate) fn checked(&self) -> L1Checked {
        let operator = self.operator.as_ref().map(|key| key.address().into_array());
        L1Checked { operator, verifier: self.verifier_codehash().0 }
    }

    /// Configuration for a local chain that makes a block for each transaction.
    pub const fn local(url: Url, contract: Address, deployed_at: u64) -> Self {
        let mut config = Self::new(url, contract, deployed_at);
        config.confirmations = 2;
        config.poll = Duration::from_millis(250);
        config.resend_after = Duration::from_secs(5);
        config
    }
}
