//! Rust SDK of Farthing's REST API.
//!
//! [`dto`] and [`Problem`] are the wire format, from `farthing-api-types`; [`Signer`] makes signed
//! intents; [`verify_receipt`] checks that a receipt agrees with itself, [`verify_account_proof`]
//! that an account's path leads to its state root; that either is L1's, only L1 says. With the
//! feature `http`, [`Client`] speaks to a node.
//!
//! ```no_run
//! # #[cfg(feature = "http")]
//! # async fn pay() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use farthing_client::{Client, verify_receipt};
//! use farthing_protocol::{AccountId, Bytes32, LicenseId, SecretKey, Stage, Uses};
//!
//! let client = Client::new("http://127.0.0.1:8080")?;
//! let signer = client.signer(AccountId::from(7), SecretKey::from_seed(&[7; 32])).await?;
//! // Signs once license 3 is final on L1; durable on return. Sent again as often as it takes, it is
//! // settled once.
//! let paid = client.pay(&signer, LicenseId::from(3), Uses::new(20)?, Bytes32([0; 32])).await?;
//! client.wait(paid.id.0, Stage::Finalized, Duration::from_secs(3_600)).await?;
//! // Keep it: with L1 it is evidence that needs no node.
//! let receipt = client.receipt(paid.id.0).await?;
//! // Consistent, as a made-up one is too; `farthing receipt verify --l1-url` asks L1 besides.
//! verify_receipt(&receipt, None)?;
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "http")]
mod http;
mod license_changes;
mod signer;
mod wallet;

pub use farthing_api_types::{
    AccountProofError, ClaimKind, DETAIL_BYTES_MAX, OpeningError, Problem, ProblemCode,
    ReceiptError, StatementError, VerifiedReceipt, VerifiedStatement, WEBHOOK_SIGNATURE_HEADER,
    WEBHOOK_TOLERANCE_SECONDS, WebhookError, account_earnings_csv, dto, license_earnings_csv,
    make_statement, parse_statement, verify_account_proof, verify_license_opening, verify_receipt,
    verify_statement, verify_webhook,
};
#[cfg(feature = "http")]
pub use http::{Client, ClientError, Period, Retry, UrlError};
pub use license_changes::LicenseChanges;
pub use signer::{NONCE_AHEAD_MAX, Signer, SignerError, VALIDITY_MAX};
pub use wallet::{
    WALLET_SIGNATURE_BYTES, WalletError, wallet_key, wallet_message, wallet_message_hash,
    wallet_seed,
};
