//! Sends one transaction at a time and follows it until it is included. If that takes too long, the
//! transaction is sent again with the same nonce and a higher fee.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use alloy::eips::BlockId;
use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::transports::{RpcError, TransportErrorKind};
use tracing::{debug, info};

use super::error::SettlerError;
use crate::fault::{FaultPoint, Faults};
use crate::metrics::Metrics;

/// Looks, one every poll, at an endpoint that seems to be behind itself, before what it says is taken
/// for the truth.
const LOOKS_AFTER_USE: u32 = 5;
/// A replacement must pay at least a tenth more; an eighth is what nodes ask for at times.
const FEE_BUMP_PERCENT: u128 = 125;
/// Room above the estimate, for a state that moves on: a quarter.
const GAS_MARGIN_PERCENT: u64 = 125;

/// Sends transactions of the operator.
pub(super) struct Sender {
    pub(super) provider: DynProvider,
    pub(super) from: Address,
    pub(super) poll: Duration,
    pub(super) resend_after: Duration,
    pub(super) gas_price_wei_max: u128,
    pub(super) gas_limit: u64,
    /// The nonce after the last one that is known to be used.
    pub(super) next_nonce: AtomicU64,
    pub(super) metrics: Metrics,
    pub(super) faults: Faults,
}

/// Returns true if an endpoint refuses a transaction because it has, or had, a copy. The words are
/// those of the nodes in use: JSON-RPC has no code for it.
fn is_about_a_copy(refused: &RpcError<TransportErrorKind>) -> bool {
    const WORDS: [&str; 5] =
        ["already known", "already imported", "underpriced", "nonce too low", "alreadyknown"];
    let message = refused.as_error_resp().map(|response| response.message.to_lowercase());
    message.is_some_and(|message| WORDS.iter().any(|words| message.contains(words)))
}

/// Returns true if an endpoint refuses a call because it needs more gas than a transaction may use.
fn is_about_gas(refused: &RpcError<TransportErrorKind>) -> bool {
    const WORDS: [&str; 6] = [
        "out of gas",
        "outofgas",
        "gas required exceeds",
        "intrinsic gas too",
        "exceeds block gas limit",
        "gas limit too high",
    ];
    let message = refused.as_error_resp().map(|response| response.message.to_lowercase());
    message.is_some_and(|message| WORDS.iter().any(|words| message.contains(words)))
}

/// The price of a unit of gas.
#[derive(Clone, Copy)]
struct Fees {
    max: u128,
    priority: u128,
}

impl Sender {
    /// Sends `request`, which has a recipient and data, and returns its receipt once included.
    pub(super) async fn send(
        &self,
        request: TransactionRequest,
    ) -> Result<TransactionReceipt, SettlerError> {
        let nonce = self.nonce().await?;
        let request = request.with_from(self.from).with_nonce(nonce);
        let chain_id = self.provider.get_chain_id().await?;
        let gas = self.estimate(&request).await?;
        if gas > self.gas_limit {
            return Err(SettlerError::TooMuchGas { limit: self.gas_limit });
        }
        let gas = (gas.saturating_mul(GAS_MARGIN_PERCENT) / 100).min(self.gas_limit);
        let request = request.with_chain_id(chain_id).with_gas_limit(gas);
        let mut fees = self.fees().await?;
        let mut sent = Vec::new();
        loop {
            let priced = request
                .clone()
                .with_max_fee_per_gas(fees.max)
                .with_max_priority_fee_per_gas(fees.priority);
            self.send_once(priced, &mut sent).await?;
            if let Some(receipt) = self.wait(&sent, nonce).await? {
                self.next_nonce.fetch_max(nonce + 1, Ordering::SeqCst);
                let hash = receipt.transaction_hash;
                return if receipt.status() {
                    Ok(receipt)
                } else {
                    Err(SettlerError::Failed { hash })
                };
            }
            fees = self.bump(fees).await?;
            self.metrics.l1_fee_bumps(1);
            info!(
                nonce,
                max_fee = fees.max,
                "the transaction is not included yet: it is sent again with a higher fee"
            );
        }
    }

    /// The next nonce. An endpoint may be a moment behind the one that told of the last receipt; if it
    /// stays behind, a reorganisation took transactions back.
    async fn nonce(&self) -> Result<u64, SettlerError> {
        let known = self.next_nonce.load(Ordering::SeqCst);
        let mut count = self.provider.get_transaction_count(self.from).await?;
        for _ in 0..LOOKS_AFTER_USE {
            if count >= known {
                break;
            }
            tokio::time::sleep(self.poll).await;
            count = self.provider.get_transaction_count(self.from).await?;
        }
        self.next_nonce.store(count, Ordering::SeqCst);
        Ok(count)
    }

    /// The gas of a call, estimated in the latest block: in the pending one a copy may wait, from
    /// before a crash, after which the same call would fail, and no copy would ever pay more. If
    /// the latest block is older than what the call is about, then in the pending one.
    async fn estimate(&self, request: &TransactionRequest) -> Result<u64, SettlerError> {
        let latest = self.provider.estimate_gas(request.clone()).block(BlockId::latest());
        let estimate = match latest.await {
            Err(refused) if refused.is_error_resp() => {
                self.provider.estimate_gas(request.clone()).block(BlockId::pending()).await
            }
            other => other,
        };
        match estimate {
            Err(refused) if is_about_gas(&refused) => {
                Err(SettlerError::TooMuchGas { limit: self.gas_limit })
            }
            estimate => Ok(estimate?),
        }
    }

    /// Sends a copy. One may be waiting already, from before a crash: then it says so, and the next
    /// copy pays more.
    async fn send_once(
        &self,
        request: TransactionRequest,
        sent: &mut Vec<B256>,
    ) -> Result<(), SettlerError> {
        match self.provider.send_transaction(request).await {
            Ok(pending) => {
                sent.push(*pending.tx_hash());
                self.metrics.l1_transactions(1);
                self.faults.reach(FaultPoint::TransactionSent);
                Ok(())
            }
            Err(refused) if is_about_a_copy(&refused) => {
                debug!(error = %refused, "L1's node has a copy of the transaction");
                Ok(())
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// Waits until a copy is included, or it takes too long.
    async fn wait(
        &self,
        sent: &[B256],
        nonce: u64,
    ) -> Result<Option<TransactionReceipt>, SettlerError> {
        let start = Instant::now();
        let mut looks_after_use = 0;
        loop {
            // The nonce first: when it is used, the receipt of the copy that used it is there, or
            // will be: an endpoint may show the one a moment before the other.
            let used = self.provider.get_transaction_count(self.from).await? > nonce;
            for hash in sent {
                if let Some(receipt) = self.provider.get_transaction_receipt(*hash).await? {
                    return Ok(Some(receipt));
                }
            }
            if used {
                if sent.is_empty() {
                    self.next_nonce.fetch_max(nonce + 1, Ordering::SeqCst);
                    return Err(SettlerError::CopyIncluded { nonce });
                }
                looks_after_use += 1;
                if looks_after_use > LOOKS_AFTER_USE {
                    self.next_nonce.fetch_max(nonce + 1, Ordering::SeqCst);
                    return Err(SettlerError::NonceTaken { nonce });
                }
            }
            if start.elapsed() >= self.resend_after {
                return Ok(None);
            }
            tokio::time::sleep(self.poll).await;
        }
    }

    async fn fees(&self) -> Result<Fees, SettlerError> {
        let estimate = self.provider.estimate_eip1559_fees().await?;
        let fees = Fees {
            max: estimate.max_fee_per_gas,
            priority: estimate.max_priority_fee_per_gas.max(1),
        };
        self.allow(Fees { max: fees.max.max(fees.priority), ..fees })
    }

    /// A quarter more than before, or what L1 asks for now if that is more.
    async fn bump(&self, before: Fees) -> Result<Fees, SettlerError> {
        let more = |wei: u128| wei.saturating_mul(FEE_BUMP_PERCENT).div_ceil(100);
        let now = self.fees().await?;
        self.allow(Fees {
            max: more(before.max).max(now.max),
            priority: more(before.priority).max(now.priority),
        })
    }

    fn allow(&self, fees: Fees) -> Result<Fees, SettlerError> {
        if fees.max > self.gas_price_wei_max {
            return Err(SettlerError::GasPrice { max: self.gas_price_wei_max, got: fees.max });
        }
        Ok(fees)
    }
}
