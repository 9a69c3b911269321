//! Problem details of errors. Every error has its own code. All facts about the client's request
//! are shown, none about the node's internals.

use std::time::Duration;

use farthing_aggregator::{OpeningError, QueryError, QuoteError, Rejection, SequencerError};
use farthing_api_types::Problem;
use farthing_protocol::ErrorCode;

use crate::http::ApiError;

/// The problem of an intent that is refused.
pub(crate) fn rejection_problem(rejection: &Rejection) -> Problem {
    Problem::new(rejection.code().into()).with_detail(rejection)
}

/// The same as the failure of a request with one intent.
pub(crate) fn from_rejection(rejection: &Rejection) -> ApiError {
    let failure = ApiError::from(rejection_problem(rejection));
    match rejection {
        Rejection::Closed(closed) => later(failure, closed.retry_after()),
        Rejection::Check(_) | Rejection::Rule(_) | Rejection::Admit(_) => failure,
    }
}

fn later(failure: ApiError, retry_after: Option<Duration>) -> ApiError {
    match retry_after {
        Some(pause) => failure.retry_after(whole_seconds(pause)),
        None => failure,
    }
}

/// Rounded up: a client that waits for this time is not too early.
fn whole_seconds(pause: Duration) -> u32 {
    let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

/// The failure of a request for an account. The number of one that exists is not a failure: the caller
/// has answered it.
pub(crate) fn from_opening(error: &OpeningError) -> ApiError {
    let retry_after = match error {
        OpeningError::Closed(closed) => closed.retry_after(),
        OpeningError::Quota { retry_after } => Some(*retry_after),
        OpeningError::Signature(_) | OpeningError::Owner(_) | OpeningError::Ledger(_) => None,
    };
    later(ApiError::because(error.code().into(), error), retry_after)
}

/// The failure of a request that the sequencer did not work on.
pub(crate) fn from_sequencer(error: &SequencerError) -> ApiError {
    let code = error.code().into();
    match error {
        SequencerError::Overloaded { retry_after } => {
            ApiError::new(code).retry_after(whole_seconds(*retry_after))
        }
        SequencerError::TooMany { .. } => ApiError::because(code, error),
        SequencerError::Stopped => ApiError::new(code),
    }
}

/// The failure of a question without an answer.
pub(crate) fn from_query(error: QueryError) -> ApiError {
    if let QueryError::Sequencer(error) = error {
        return from_sequencer(&error);
    }
    match error.code() {
        ErrorCode::Internal => ApiError::internal(&error),
        code => ApiError::new(code.into()),
    }
}

/// The failure of a payment without a quote.
pub(crate) fn from_quote(error: QuoteError) -> ApiError {
    match error {
        QuoteError::Query(error) => from_query(error),
        QuoteError::UnknownLicense(_) | QuoteError::TooMuch(_) => {
            ApiError::because(error.code().into(), error)
        }
    }
}

#[cfg(test)]
mod tests {
    use farthing_aggregator::{Closed, RuleError};
    use farthing_api_types::ProblemCode;
    use farthing_ledger::{
        AdmitError, CheckError, DropReason, OpenAccountError, OperationError, PayError,
        RegisterLicenseError, TransferError, UpdateLicenseError,
    };
    use farthing_protocol::{
        AccountId, Amount, CapacityExceeded, Fee, KeyError, LicenseId, Lineage, Nano, Nonce,
        OutOfRange, Shares, SignatureError, UnixTime,
    };

    use super::*;

    #[test]
    fn every_rejection_has_its_code() {
        let range = OutOfRange { quantity: "Amount", got: 2, min: 0, max: 1 };
        let capacity = CapacityExceeded { resource: "nodes", needed: 2, capacity: 1 };
        let (account, license) = (AccountId::MAX, LicenseId::MAX);
        let (got, expected) = (Lineage::ROOT, Lineage::ROOT);
        let id = farthing_protocol::IntentId(farthing_protocol::Digest::ZERO);
        let (time, nonce, nano, fee) = (UnixTime::MIN, Nonce::MIN, Nano::MIN, Fee::MIN);
        let broken = |error: OperationError| Rejection::Admit(error.into());
        let register = |error: RegisterLicenseError| broken(error.into());
        let check = |error| Rejection::Check(CheckError::Signature(error));
        let pay = |error: PayError| broken(error.into());
        let update = |error: UpdateLicenseError| broken(error.into());
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
            (admit(AdmitError::NonceUndecided { last: nonce, got: nonce }), NonceUndecided),
            (Rejection::Closed(Closed::Frozen), RollupFrozen),
            (Rejection::Closed(Closed::Late), RollupLate),
            (Rejection::Closed(Closed::Diverged), NotReady),
            (Rejection::Closed(Closed::ReserveTooSmall { needed: 1 }), NotReady),
            (Rejection::Closed(Closed::ClockAhead { now: time, l1: time }), ClockAhead),
            (Rejection::Closed(Closed::Unproven { got: 2, max: 1 }), ProofsBehind),
            (Rejection::Rule(RuleError::NonceTooHigh { max: nonce, got: nonce }), NonceTooHigh),
            (Rejection::Rule(RuleError::ValidTooLong { max: time, got: time }), ValidTooLong),
            (Rejection::Rule(RuleError::FeeTooLow { least: fee, got: fee }), FeeTooLow),
            (admit(AdmitError::Expired { valid_until: time, now: time }), Expired),
            (pay(PayError::UnknownLicense { license }), UnknownLicense),
            (pay(PayError::Paused { license, retired: false }), LicensePaused),
            (pay(PayError::NotLicensee { license, licensee: account }), NotLicensee),
            (pay(PayError::TooMuch(range)), AmountTooLarge),
            (
                pay(PayError::WrongAmount { expected: Amount::MIN, got: Amount::MAX }),
                AmountMismatch,
            ),
            (broken(TransferError::UnknownRecipient { to: account }.into()), UnknownRecipient),
            (register(RegisterLicenseError::NoLicenseLeft), IdSpaceExhausted),
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
            (register(RegisterLicenseError::ParentPaused { parent: license }), LicensePaused),
            (
                register(RegisterLicenseError::ParentPrivate {
                    parent: license,
                    licensee: account,
                }),
                NotLicensee,
            ),
            (update(UpdateLicenseError::UnknownLicense { license }), UnknownLicense),
            (update(UpdateLicenseError::NotLicensor { license, licensor: account }), NotLicensor),
            (update(UpdateLicenseError::Retired { license }), LicenseRetired),
            (update(UpdateLicenseError::RetiredTerms), LicenseRetired),
            (update(UpdateLicenseError::Updating { license }), LicenseUpdating),
            (register(RegisterLicenseError::TooManyAncestors(range)), TooManyAncestors),
            (register(RegisterLicenseError::WrongLineage { expected, got }), WrongLineage),
            (register(RegisterLicenseError::UnknownHolder { account }), UnknownHolder),
            (
                admit(AdmitError::InsufficientFunds { needed: nano, available: nano }),
                InsufficientFunds,
            ),
            (admit(AdmitError::SupplyLimit { deposited: 1 }), DepositCapReached),
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
        let full = from_opening(&OpenAccountError::NoAccountLeft.into());
        assert_eq!(full.problem.code, ProblemCode::IdSpaceExhausted);
        let quota =
            from_opening(&OpeningError::Quota { retry_after: Duration::from_millis(1_001) });
        assert_eq!(quota, ApiError::from(*quota.problem.clone()).retry_after(2));
        let closed = from_rejection(&Rejection::Closed(Closed::Late));
        assert_eq!(closed, ApiError::from(*closed.problem.clone()).retry_after(30));
        let stopped = from_query(QueryError::Stopped);
        assert_eq!(stopped.problem.code, ProblemCode::NotReady);
    }
}
