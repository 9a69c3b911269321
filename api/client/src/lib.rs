//! Rust SDK of Farthing's REST API, and the types of its wire format.
//!
//! [`dto`] and [`problem`](Problem) are what goes over the wire; [`Signer`] makes signed intents;
//! [`verify_receipt`] checks a receipt with no server. With the feature `http`, [`Client`] speaks
//! to a node.

pub mod dto;
#[cfg(feature = "http")]
mod http;
mod problem;
mod signer;
mod verify;
mod wallet;

#[cfg(feature = "http")]
pub use http::{Client, ClientError, Retry, UrlError};
pub use problem::{Problem, ProblemCode};
pub use signer::Signer;
pub use verify::{ReceiptError, VerifiedReceipt, verify_receipt};
pub use wallet::{
    WALLET_SIGNATURE_BYTES, WalletError, wallet_key, wallet_message, wallet_message_hash,
    wallet_seed,
};
