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
        CheckError::Dropped(_) => ProblemCode::IntentDropped,
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
        QueryError::Stopped | QueryError::Rebasing => Failure::new(ProblemCode::NotReady),
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

#[cfg(test)]
mod tests {
    use farthing_ledger::DropReason;
    use farthing_protocol::{
        AccountId, Amount, CapacityExceeded, KeyError, LicenseId, Lineage, Nano, Nonce, OutOfRange,
        Shares, UnixTime,
    };

    use super::*;

    #[test]
    fn every_rejection_has_its_code() {
        let range = OutOfRange { quantity: "Amount", got: 2, min: 0, max: 1 };
        let capacity = CapacityExceeded { resource: "nodes", needed: 2, capacity: 1 };
        let (account, license) = (AccountId::MAX, LicenseId::MAX);
        let (got, expected) = (Lineage::ROOT, Lineage::ROOT);
        let id = farthing_protocol::IntentId(farthing_protocol::Digest::ZERO);
        let (time, nonce, nano) = (UnixTime::MIN, Nonce::MIN, Nano::MIN);
        let register = |error| Rejection::Admit(AdmitError::RegisterLicense(error));
        let check = |error| Rejection::Check(CheckError::Signature(error));
        let pay = |error| Rejection::Admit(AdmitError::Pay(error));
        let admit = Rejection::Admit;
        use ProblemCode::*;
        let table = [
            (Rejection::Check(CheckError::UnknownAccount { account }), UnknownAccount),
            (Rejection::Check(CheckError::Dropped(DropReason::Expired)), IntentDropped),
            (check(SignatureError::Key(KeyError::Neutral)), InvalidKey),
            (check(SignatureError::NonceNotInGroup), InvalidSignature),
            (check(SignatureError::Mismatch), InvalidSignature),
            (admit(AdmitError::UnknownAccount { account }), UnknownAccount),
            (admit(AdmitError::NonceUsed { nonce, by: id }), NonceUsed),
            (admit(AdmitError::NonceTooLow { last: nonce, got: nonce }), NonceTooLow),
            (admit(AdmitError::Expired { valid_until: time, now: time }), Expired),
            (pay(PayError::UnknownLicense { license }), UnknownLicense),
            (pay(PayError::TooMuch(range)), AmountTooLarge),
            (pay(PayError::WrongAmount { expected: Amount::MIN, got: Amount::MAX }), WrongAmount),
            (
                admit(AdmitError::Transfer(TransferError::UnknownRecipient { to: account })),
                UnknownRecipient,
            ),
            (register(RegisterLicenseError::NoLicenseLeft), NumbersExhausted),
            (
                register(RegisterLicenseError::ParentNotOlder { own: license, parent: license }),
                UnknownParent,
            ),
            (
                register(RegisterLicenseError::ParentShareTooSmall {
                    parent: license,
                    expected: Shares::MAX,
                    got: Shares::ZERO,
                }),
                ParentShareTooSmall,
            ),
            (register(RegisterLicenseError::TooManyAncestors(range)), TooManyAncestors),
            (register(RegisterLicenseError::WrongLineage { expected, got }), WrongLineage),
            (register(RegisterLicenseError::UnknownHolder { account }), UnknownHolder),
            (
                admit(AdmitError::InsufficientFunds { needed: nano, available: nano }),
                InsufficientFunds,
            ),
            (admit(AdmitError::SupplyLimit { deposited: 1 }), SupplyLimit),
            (admit(AdmitError::TooLarge(capacity)), IntentTooLarge),
            (admit(AdmitError::BatchFull(capacity)), Overloaded),
        ];
        for (rejection, code) in table {
            let problem = rejection_problem(&rejection);
            assert_eq!(problem.code, code, "{rejection}");
            assert_eq!(problem.detail, Some(rejection.to_string()));
        }
    }

    #[test]
    fn what_the_node_suffers_from_stays_in_the_node() {
        let failed = QueryError::Ledger(farthing_ledger::LedgerError::Poisoned);
        let failure = from_query(failed);
        assert_eq!((failure.problem.code, failure.problem.detail), (ProblemCode::Internal, None));
        let full = from_open_account(&OpenAccountError::NoAccountLeft);
        assert_eq!(full.problem.code, ProblemCode::NumbersExhausted);
        let stopped = from_query(QueryError::Stopped);
        assert_eq!(stopped.problem.code, ProblemCode::NotReady);
    }
}
