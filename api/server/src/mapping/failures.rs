//! Which problem an error is. What a client may see is decided here, by type: everything about its
//! own request, nothing about the node's inside.

use std::time::Duration;

use farthing_aggregator::{
    Closed, OpeningError, QueryError, QuoteError, Rejection, RuleError, SequencerError,
};
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
        Rejection::Closed(closed) => closed_code(closed),
        Rejection::Rule(rule) => rule_code(rule),
        Rejection::Admit(admit) => admit_code(admit),
    };
    Problem::new(code).with_detail(rejection)
}

/// The same as the failure of a request with one intent.
pub(crate) fn from_rejection(rejection: &Rejection) -> Failure {
    let failure = Failure::from(rejection_problem(rejection));
    match rejection {
        Rejection::Closed(closed) => later(failure, closed.retry_after()),
        _ => failure,
    }
}

fn later(failure: Failure, retry_after: Option<Duration>) -> Failure {
    match retry_after {
        Some(pause) => failure.retry_after(whole_seconds(pause)),
        None => failure,
    }
}

/// Rounded up: who comes back earlier comes in vain.
fn whole_seconds(pause: Duration) -> u32 {
    let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

const fn check_code(error: &CheckError) -> ProblemCode {
    match error {
        CheckError::UnknownAccount { .. } => ProblemCode::UnknownAccount,
        CheckError::Dropped(_) => ProblemCode::IntentDropped,
        CheckError::Signature(error) => signature_code(error),
    }
}

const fn signature_code(error: &SignatureError) -> ProblemCode {
    match error {
        SignatureError::Key(_) => ProblemCode::InvalidKey,
        _ => ProblemCode::InvalidSignature,
    }
}

const fn closed_code(closed: &Closed) -> ProblemCode {
    match closed {
        Closed::Frozen => ProblemCode::RollupFrozen,
        Closed::ClockAhead { .. } => ProblemCode::ClockAhead,
        Closed::Late => ProblemCode::RollupLate,
        Closed::Unproven { .. } => ProblemCode::ProofsBehind,
        // Parted from L1; the enum may grow, and what is new is said in the detail.
        _ => ProblemCode::NotReady,
    }
}

const fn rule_code(error: &RuleError) -> ProblemCode {
    match error {
        RuleError::NonceTooHigh { .. } => ProblemCode::NonceTooHigh,
        RuleError::ValidTooLong { .. } => ProblemCode::ValidTooLong,
        RuleError::FeeTooLow { .. } => ProblemCode::FeeTooLow,
        // The enum may grow; what is new is not the client's fault until somebody says so here.
        _ => ProblemCode::Internal,
    }
}

fn admit_code(error: &AdmitError) -> ProblemCode {
    match error {
        AdmitError::UnknownAccount { .. } => ProblemCode::UnknownAccount,
        AdmitError::NonceUsed { .. } => ProblemCode::NonceUsed,
        AdmitError::NonceTooLow { .. } => ProblemCode::NonceTooLow,
        AdmitError::NonceUndecided { .. } => ProblemCode::NonceUndecided,
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
pub(crate) fn from_opening(error: &OpeningError) -> Failure {
    let (code, retry_after) = match error {
        OpeningError::Signature(error) => (signature_code(error), None),
        OpeningError::Owner(_) => (ProblemCode::InvalidOwner, None),
        OpeningError::Closed(closed) => (closed_code(closed), closed.retry_after()),
        OpeningError::Quota { retry_after } => (ProblemCode::AccountQuota, Some(*retry_after)),
        OpeningError::Ledger(error) => (opening_code(error), None),
    };
    later(Failure::because(code, error), retry_after)
}

const fn opening_code(error: &OpenAccountError) -> ProblemCode {
    match error {
        OpenAccountError::Key(_) => ProblemCode::InvalidKey,
        OpenAccountError::NoAccountLeft => ProblemCode::NumbersExhausted,
        OpenAccountError::BatchFull(_) => ProblemCode::Overloaded,
        OpenAccountError::Exists { .. } => ProblemCode::Internal,
    }
}

/// Why the sequencer did not look at a request.
pub(crate) fn from_sequencer(error: &SequencerError) -> Failure {
    match error {
        SequencerError::Overloaded { retry_after } => {
            Failure::new(ProblemCode::Overloaded).retry_after(whole_seconds(*retry_after))
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
        AccountId, Amount, CapacityExceeded, Fee, KeyError, LicenseId, Lineage, Nano, Nonce,
        OutOfRange, Shares, UnixTime,
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
            (admit(AdmitError::NonceUndecided { last: nonce, got: nonce }), NonceUndecided),
            (Rejection::Closed(Closed::Frozen), RollupFrozen),
            (Rejection::Closed(Closed::Late), RollupLate),
            (Rejection::Closed(Closed::Diverged), NotReady),
            (Rejection::Closed(Closed::ClockAhead { now: time, l1: time }), ClockAhead),
            (Rejection::Closed(Closed::Unproven { got: 2, max: 1 }), ProofsBehind),
            (Rejection::Rule(RuleError::NonceTooHigh { max: nonce, got: nonce }), NonceTooHigh),
            (Rejection::Rule(RuleError::ValidTooLong { max: time, got: time }), ValidTooLong),
            (Rejection::Rule(RuleError::FeeTooLow { least: fee, got: fee }), FeeTooLow),
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
        let full = from_opening(&OpenAccountError::NoAccountLeft.into());
        assert_eq!(full.problem.code, ProblemCode::NumbersExhausted);
        let quota =
            from_opening(&OpeningError::Quota { retry_after: Duration::from_millis(1_001) });
        assert_eq!(quota, Failure::from(*quota.problem.clone()).retry_after(2));
        let closed = from_rejection(&Rejection::Closed(Closed::Late));
        assert_eq!(closed, Failure::from(*closed.problem.clone()).retry_after(30));
        let stopped = from_query(QueryError::Stopped);
        assert_eq!(stopped.problem.code, ProblemCode::NotReady);
    }
}
