//! Refusals in the words of x402. They are answers (200), not problems: clients of that protocol read
//! the reason from the body of an answer alone.

use farthing_aggregator::Rejection;
use farthing_api_types::ProblemCode;
use farthing_protocol::AccountId;

use crate::convert::{from_rejection, rejection_problem};
use crate::http::ApiError;

/// The payment was made before, for this resource or another.
pub(crate) const DUPLICATE: &str = "duplicate_settlement";

/// The reason why a payment is refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The word of x402.
    pub(crate) reason: &'static str,
    /// The same in words.
    pub(crate) message: String,
    /// The account that signed, if that could be read.
    pub(crate) payer: Option<AccountId>,
}

impl Refusal {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), payer: None }
    }

    pub(crate) fn with_payer(mut self, payer: AccountId) -> Self {
        self.payer = Some(payer);
        self
    }

    /// The refusal of an intent. A node that takes no intents now answers with a problem: that is no
    /// fault of the payment, and a proxy may try another node.
    pub(crate) fn from_rejection(rejection: &Rejection) -> Result<Self, ApiError> {
        let problem = rejection_problem(rejection);
        match reason_of(problem.code) {
            Some(reason) => Ok(Self::new(reason, problem.detail.unwrap_or(problem.title))),
            None => Err(from_rejection(rejection)),
        }
    }
}

/// The word for a code of admission; `None` if it is the node's state.
const fn reason_of(code: ProblemCode) -> Option<&'static str> {
    Some(match code {
        ProblemCode::InsufficientFunds => "insufficient_funds",
        ProblemCode::IntentDropped => "invalid_transaction_state",
        ProblemCode::UnknownAccount => "invalid_exact_farthing_payload_account",
        ProblemCode::InvalidSignature | ProblemCode::InvalidKey => {
            "invalid_exact_farthing_payload_signature"
        }
        ProblemCode::NonceUsed
        | ProblemCode::NonceTooLow
        | ProblemCode::NonceUndecided
        | ProblemCode::NonceTooHigh => "invalid_exact_farthing_payload_nonce",
        ProblemCode::Expired => "invalid_exact_farthing_payload_expired",
        ProblemCode::ValidTooLong => "invalid_exact_farthing_payload_valid_too_long",
        ProblemCode::FeeTooLow => "invalid_exact_farthing_payload_fee",
        ProblemCode::UnknownLicense => "invalid_exact_farthing_payload_license",
        ProblemCode::LicensePaused => "invalid_exact_farthing_payload_license_paused",
        ProblemCode::NotLicensee => "invalid_exact_farthing_payload_licensee",
        ProblemCode::AmountMismatch | ProblemCode::AmountTooLarge => {
            "invalid_exact_farthing_payload_amount_mismatch"
        }
        code if code.status() < 500 => "invalid_transaction_state",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use farthing_aggregator::Closed;
    use farthing_ledger::{AdmitError, CheckError};

    use super::*;

    #[test]
    fn a_payment_is_refused_in_an_answer_and_the_nodes_state_is_a_problem() {
        let account = AccountId::MAX;
        let refused =
            Refusal::from_rejection(&Rejection::Check(CheckError::UnknownAccount { account }));
        let reason = refused.map(|refusal| (refusal.reason, refusal.message));
        let message = format!("there is no account {account}");
        assert_eq!(reason.ok(), Some(("invalid_exact_farthing_payload_account", message)));
        let capacity =
            farthing_protocol::CapacityExceeded { resource: "nodes", needed: 2, capacity: 1 };
        for (state, code) in [
            (Rejection::Closed(Closed::Late), ProblemCode::RollupLate),
            (Rejection::Closed(Closed::Frozen), ProblemCode::RollupFrozen),
            (Rejection::Admit(AdmitError::BatchFull(capacity)), ProblemCode::Overloaded),
        ] {
            let problem = Refusal::from_rejection(&state).err().map(|failure| failure.problem.code);
            assert_eq!(problem, Some(code));
        }
    }
}
