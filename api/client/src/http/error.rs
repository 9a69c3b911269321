//! Errors of calls.

use farthing_api_types::{AccountProofError, OpeningError, Problem};
use farthing_protocol::{Holder, OutOfRange, ShortDigest};
use thiserror::Error;

use crate::signer::SignerError;

/// A text is not a base URL of a node.
#[derive(Debug, Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("not a URL: {0}")]
    Syntax(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Another scheme than http and https.
    #[error("the URL starts with neither http:// nor https://")]
    Scheme,
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Setup(#[source] reqwest::Error),
}

/// The reason why a call failed.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The node said why.
    #[error(transparent)]
    Problem(#[from] Box<Problem>),
    /// No answer came. Whether the request took effect is not known; intents may be sent again.
    #[error("no answer from the node: {0}")]
    Transport(#[from] reqwest::Error),
    /// The answer is neither what the call gives nor a problem.
    #[error("status {status}, and a body that this client does not understand")]
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
        /// The error of the decoder.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// A batch was answered by another number of results than it had intents.
    #[error("{got} results for {expected} intents")]
    ResultCount {
        /// Intents sent.
        expected: usize,
        /// Results received.
        got: usize,
    },
    /// Nothing is signed that nodes would refuse.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The node names another recipient than the client knows, so nothing was signed.
    #[error(
        "the node says that {} is 0x{got}, expected 0x{expected}: the number belongs to somebody else",
        name(.holder)
    )]
    RecipientChanged {
        /// The account or license.
        holder: Holder,
        /// The recipient that the client was told, or that the node named before.
        expected: ShortDigest,
        /// The recipient that the node names.
        got: ShortDigest,
    },
    /// The node gave a path that shows nothing.
    #[error("the node's answer is wrong: {0}")]
    AccountProof(#[from] AccountProofError),
    /// The node gave a license's path that shows nothing.
    #[error("the node's answer is wrong: {0}")]
    LicenseOpening(#[from] OpeningError),
    /// The price times the uses exceeds an amount, or the license's ancestors are too many.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

impl ClientError {
    /// The node's problem, if it gave one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }
}

fn name(holder: &Holder) -> String {
    match holder {
        Holder::Account(id) => format!("account {id}"),
        Holder::License(id) => format!("license {id}"),
    }
}
