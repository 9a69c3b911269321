//! Which problem an error is. What a client may see is decided here, by type: everything about its
//! own request, nothing about the node's inside.

use farthing_aggregator::{QueryError, QuoteError, Rejection, SequencerError};
use farthing_client::{Problem, ProblemCode};
use farthing_ledger::{
    AdmitError, CheckError, OpenAccountError, PayError, RegisterLicenseError, TransferError,
};
use farthing_protocol::SignatureError;

use crate::http::Failure;

/// Why an intent is refused, as a problem.
pub(crate) fn rejection_problem(rejection: &Rejection) -> Problem {
    let code = match rejection {
        Rejection::Check(check) => check_code(check),
        Rejection::Admit(admit) => admit_code(admit),
    };
    Problem::new(code).with_detail(rejection)
}

fn check_code(error: &CheckError) -> ProblemCode {
    match error {
        CheckError::UnknownAccount { .. } => ProblemCode::UnknownAccount,
        CheckError::Signature(SignatureError::Key(_)) => ProblemCode::InvalidKey,
        CheckError::Signature(_) => ProblemCode::InvalidSignature,
    }
}

fn admit_code(error: &AdmitError) -> ProblemCode {
    match error {
        AdmitError::UnknownAccount { .. } => ProblemCode::UnknownAccount,
        AdmitError::NonceUsed { .. } => ProblemCode::NonceUsed,
        AdmitError::NonceTooLow { .. } => ProblemCode::NonceTooLow,
        AdmitError::Expired { .. } => ProblemCode::Expired,
        AdmitError::Pay(error) => pay_code(error),
        AdmitError::Transfer(TransferError::UnknownRecipient { .. }) => {
            ProblemCode::UnknownRecipient
        }
        AdmitError::RegisterLicense(error) => register_code(error),
        AdmitError::InsufficientFunds { .. } => ProblemCode::InsufficientFunds,
        AdmitError::SupplyLimit { .. } => ProblemCode::SupplyLimit,
        AdmitError::TooLarge(_) => ProblemCode::IntentTooLarge,
        // The sequencer seals a full batch and tries again: this one came too late even so.
        AdmitError::BatchFull(_) => ProblemCode::Overloaded,
        // The enum may grow; what is new is not the client's fault until somebody says so here.
        _ => ProblemCode::Internal,
    }
}

const fn pay_code(error: &PayError) -> ProblemCode {
    match error {
        PayError::UnknownLicense { .. } => ProblemCode::UnknownLicense,
        PayError::TooMuch(_) => ProblemCode::AmountTooLarge,
        PayError::WrongAmount { .. } => ProblemCode::WrongAmount,
    }
}

const fn register_code(error: &RegisterLicenseError) -> ProblemCode {
    match error {
        RegisterLicenseError::NoLicenseLeft => ProblemCode::NumbersExhausted,
        RegisterLicenseError::ParentNotOlder { .. } => ProblemCode::UnknownParent,
        RegisterLicenseError::ParentShareTooSmall { .. } => ProblemCode::ParentShareTooSmall,
        RegisterLicenseError::TooManyAncestors(_) => ProblemCode::TooManyAncestors,
        RegisterLicenseError::WrongLineage { .. } => ProblemCode::WrongLineage,
        RegisterLicenseError::UnknownHolder { .. } => ProblemCode::UnknownHolder,
    }
}

/// Why an account is not opened. One that exists is no failure: the caller has answered it.
pub(crate) fn from_open_account(error: &OpenAccountError) -> Failure {
    let code = match error {
        OpenAccountError::Key(_) => ProblemCode::InvalidKey,
        OpenAccountError::NoAccountLeft => ProblemCode::NumbersExhausted,
        OpenAccountError::BatchFull(_) => ProblemCode::Overloaded,
        OpenAccountError::Exists { .. } => ProblemCode::Internal,
    };
    Failure::because(code, error)
}

/// Why the sequencer did not look at a request.
pub(crate) fn from_sequencer(error: &SequencerError) -> Failure {
    match error {
        SequencerError::Overloaded { retry_after } => {
            let seconds = u32::try_from(retry_after.as_secs()).unwrap_or(u32::MAX);
            Failure::new(ProblemCode::Overloaded).retry_after(seconds)
        }
        SequencerError::TooMany { .. } => Failure::because(ProblemCode::TooManyItems, error),
        SequencerError::Stopped => Failure::new(ProblemCode::NotReady),
    }
}

/// Why a question has no answer.
pub(crate) fn from_query(error: QueryError) -> Failure {
    match error {
        QueryError::Sequencer(error) => from_sequencer(&error),
        QueryError::Stopped => Failure::new(ProblemCode::NotReady),
        error => Failure::internal(&error),
    }
}

/// Why a payment has no quote.
pub(crate) fn from_quote(error: QuoteError) -> Failure {
    match error {
        QuoteError::UnknownLicense(_) => Failure::because(ProblemCode::LicenseNotFound, error),
        QuoteError::TooMuch(_) => Failure::because(ProblemCode::AmountTooLarge, error),
        QuoteError::Query(error) => from_query(error),
        error => Failure::internal(&error),
    }
}
