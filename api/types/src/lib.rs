//! The wire format of Farthing's REST API, below server and client.
//!
//! [`dto`] has the bodies of requests and answers, [`Problem`] the answer of a request that failed.
//! [`verify_receipt`] checks that a receipt agrees with itself, [`verify_account_proof`] that an
//! account's path leads to its state root, [`verify_statement`] that a claim about revenue follows from
//! two states; that any of them is L1's, only L1 says.
//! [`license_earnings_csv`] and [`account_earnings_csv`] write earnings as tables.
//! [`webhook_signature`] and [`verify_webhook`] are the two ends of a webhook. With the feature
//! `openapi` every type has its schema.

mod account_proof;
mod csv;
pub mod dto;
mod problem;
mod receipt;
mod statement;
mod webhook;

pub use account_proof::{AccountProofError, verify_account_proof};
pub use csv::{
    ACCOUNT_EARNINGS_COLUMNS, CSV_MEDIA_TYPE, LICENSE_EARNINGS_COLUMNS, account_earnings_csv,
    license_earnings_csv,
};
pub use problem::{DETAIL_BYTES_MAX, Problem, ProblemCode};
pub use receipt::{ReceiptError, VerifiedReceipt, verify_receipt};
pub use statement::{
    ClaimKind, OpeningError, STATEMENT_LICENSES_MAX, STATEMENT_TYPE, STATEMENT_VERSION,
    StatementError, VerifiedStatement, make_statement, parse_statement, verify_license_opening,
    verify_statement,
};
pub use webhook::{
    WEBHOOK_SIGNATURE_HEADER, WEBHOOK_TOLERANCE_SECONDS, WebhookError, verify_webhook,
    webhook_signature,
};
