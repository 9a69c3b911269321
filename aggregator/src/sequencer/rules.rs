//! Rules for intents and for owners of accounts beyond the protocol. The operator chooses them and
//! publishes them to clients; no proof covers them.

use std::time::Duration;

use farthing_protocol::{Address, Domain, ErrorCode, Fee, Intent, Nonce, Operation, UnixTime};
use thiserror::Error;

/// A day: more than any clock is wrong by, and no more than an account that used such a nonce waits.
const NONCE_AHEAD_MAX: Duration = Duration::from_secs(24 * 3_600);
/// A week: a signed intent that was kept or leaked is worth nothing after it.
const VALIDITY_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Limits and least fees of admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionRules {
    /// A nonce, read as microseconds since 1970, is at most this far ahead of the node's clock. A
    /// greater nonce would lock the account until the clocks reach it.
    pub nonce_ahead_max: Duration,
    /// An intent is valid for at most this long.
    pub validity_max: Duration,
    /// The least fee of each operation.
    pub least_fees: LeastFees,
    /// The settlement token on L1, if known. It may not own an account.
    pub token: Option<Address>,
}

impl Default for AdmissionRules {
    /// Fees may be 0.
    fn default() -> Self {
        Self {
            nonce_ahead_max: NONCE_AHEAD_MAX,
            validity_max: VALIDITY_MAX,
            least_fees: LeastFees::NONE,
            token: None,
        }
    }
}

/// The least fee of each operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeastFees {
    /// The least fee of a payment.
    pub pay: Fee,
    /// The least fee of a transfer.
    pub transfer: Fee,
    /// The least fee of a withdrawal.
    pub withdraw: Fee,
    /// The least fee of a registration.
    pub register_license: Fee,
    /// Of an update of a license.
    pub update_license: Fee,
}

impl LeastFees {
    /// No least fees: fees may be 0.
    pub const NONE: Self = Self {
        pay: Fee::MIN,
        transfer: Fee::MIN,
        withdraw: Fee::MIN,
        register_license: Fee::MIN,
        update_license: Fee::MIN,
    };

    /// The least fee of an operation.
    pub const fn of(&self, operation: &Operation) -> Fee {
        match operation {
            Operation::Pay(_) => self.pay,
            Operation::Transfer(_) => self.transfer,
            Operation::Withdraw(_) => self.withdraw,
            Operation::RegisterLicense(_) => self.register_license,
            Operation::UpdateLicense(_) => self.update_license,
        }
    }
}

/// Reasons why this node refuses an intent whose signature is right. Errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RuleError {
    /// The nonce is so large that it would lock the account.
    #[error(
        "nonce {got} is above {max}, the largest taken now: use a counter, or a clock in \
         microseconds since 1970"
    )]
    NonceTooHigh {
        /// The largest nonce allowed now.
        max: Nonce,
        /// The nonce given.
        got: Nonce,
    },
    /// The intent is valid for too long.
    #[error("valid until {got}, at most {max} is taken now: sign with a shorter validity")]
    ValidTooLong {
        /// The latest `valid until` allowed now.
        max: UnixTime,
        /// The one given.
        got: UnixTime,
    },
    /// The fee is below the least fee of this node.
    #[error("fee {got} nano, at least {least} is asked for")]
    FeeTooLow {
        /// The least fee of the operation.
        least: Fee,
        /// The fee given.
        got: Fee,
    },
}

/// An owner that could never be paid on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OwnerError {
    /// The zero address: it has no key.
    #[error("the owner is the zero address, which can claim nothing: give an address of your own")]
    Zero,
    /// The rollup: a payment to it is lost.
    #[error("the owner is the rollup's own contract: give an address of your own")]
    Rollup,
    /// The token: a payment to it is lost.
    #[error("the owner is the settlement token's contract: give an address of your own")]
    Token,
}

impl RuleError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NonceTooHigh { .. } => ErrorCode::NonceTooHigh,
            Self::ValidTooLong { .. } => ErrorCode::ValidTooLong,
            Self::FeeTooLow { .. } => ErrorCode::FeeTooLow,
        }
    }
}

impl AdmissionRules {
    /// Checks an intent that is new at time `now`.
    pub(crate) fn check(&self, now: UnixTime, intent: &Intent) -> Result<(), RuleError> {
        let max = self.nonce_max(now);
        if intent.nonce > max {
            return Err(RuleError::NonceTooHigh { max, got: intent.nonce });
        }
        let max = self.valid_until_max(now);
        if intent.valid_until > max {
            return Err(RuleError::ValidTooLong { max, got: intent.valid_until });
        }
        let least = self.least_fees.of(&intent.operation);
        if intent.fee < least {
            return Err(RuleError::FeeTooLow { least, got: intent.fee });
        }
        Ok(())
    }

    fn nonce_max(&self, now: UnixTime) -> Nonce {
        let latest = Duration::from_secs(now.get()).saturating_add(self.nonce_ahead_max);
        let micros = u64::try_from(latest.as_micros()).unwrap_or(u64::MAX);
        Nonce::new(micros).unwrap_or(Nonce::MAX)
    }

    fn valid_until_max(&self, now: UnixTime) -> UnixTime {
        let latest = now.get().saturating_add(self.validity_max.as_secs());
        UnixTime::new(latest).unwrap_or(UnixTime::MAX)
    }

    /// Checks the owner of an account to be opened. Deposits on L1 open accounts without this.
    pub(crate) fn check_owner(&self, domain: &Domain, owner: Address) -> Result<(), OwnerError> {
        if owner == Address::default() {
            return Err(OwnerError::Zero);
        }
        if owner == domain.contract {
            return Err(OwnerError::Rollup);
        }
        if Some(owner) == self.token {
            return Err(OwnerError::Token);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{AccountId, Amount, Bytes32, OutOfRange, ShortDigest, Transfer};

    use super::*;

    type TestResult = Result<(), OutOfRange>;

    const NOW: u64 = 1_800_000_000;

    fn intent(nonce: u64, valid_until: u64, fee: u64) -> Result<Intent, OutOfRange> {
        let transfer = Transfer {
            to: AccountId::MIN,
            amount: Amount::MIN,
            recipient: ShortDigest::default(),
            memo: Bytes32::default(),
        };
        Ok(Intent {
            account: AccountId::MIN,
            nonce: Nonce::new(nonce)?,
            fee: Fee::new(fee)?,
            valid_until: UnixTime::new(valid_until)?,
            operation: Operation::Transfer(transfer),
        })
    }

    #[test]
    fn nonces_and_validities_are_bounded_at_both_sides_of_the_edge() -> TestResult {
        let rules = AdmissionRules::default();
        let now = UnixTime::new(NOW)?;
        let check = |nonce, valid_until| {
            Ok::<_, OutOfRange>(rules.check(now, &intent(nonce, valid_until, 0)?))
        };
        let day = (NOW + 86_400) * 1_000_000;
        let week = NOW + 7 * 86_400;
        for nonce in [1, 50, NOW * 1_000_000, day] {
            assert_eq!(check(nonce, week)?, Ok(()));
        }
        let (max, got) = (Nonce::new(day)?, Nonce::new(day + 1)?);
        assert_eq!(check(day + 1, week)?, Err(RuleError::NonceTooHigh { max, got }));
        let got = Nonce::MAX;
        assert_eq!(check(got.get(), week + 1)?, Err(RuleError::NonceTooHigh { max, got }));
        let (max, got) = (UnixTime::new(week)?, UnixTime::new(week + 1)?);
        assert_eq!(check(day, week + 1)?, Err(RuleError::ValidTooLong { max, got }));
        let wide =
            AdmissionRules { nonce_ahead_max: Duration::MAX, validity_max: Duration::MAX, ..rules };
        let widest = intent(Nonce::MAX.get(), UnixTime::MAX.get(), 0)?;
        assert_eq!(wide.check(now, &widest), Ok(()));
        Ok(())
    }

    #[test]
    fn each_operation_has_its_least_fee() -> TestResult {
        let [pay, transfer, withdraw, register_license, update_license] =
            [1, 2, 3, 4, 5].map(Fee::new);
        let least_fees = LeastFees {
            pay: pay?,
            transfer: transfer?,
            withdraw: withdraw?,
            register_license: register_license?,
            update_license: update_license?,
        };
        let rules = AdmissionRules { least_fees, ..AdmissionRules::default() };
        let now = UnixTime::new(NOW)?;
        let (least, got) = (Fee::new(2)?, Fee::new(1)?);
        assert_eq!(rules.check(now, &intent(1, NOW, 1)?), Err(RuleError::FeeTooLow { least, got }));
        assert_eq!(rules.check(now, &intent(1, NOW, 2)?), Ok(()));
        Ok(())
    }

    #[test]
    fn who_could_never_claim_owns_no_account() {
        let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
        let rules = AdmissionRules { token: Some(Address([2; 20])), ..AdmissionRules::default() };
        let check = |owner| rules.check_owner(&domain, owner);
        assert_eq!(check(Address::default()), Err(OwnerError::Zero));
        assert_eq!(check(Address([1; 20])), Err(OwnerError::Rollup));
        assert_eq!(check(Address([2; 20])), Err(OwnerError::Token));
        assert_eq!(check(Address([3; 20])), Ok(()));
        let unknown = AdmissionRules::default();
        assert_eq!(unknown.check_owner(&domain, Address([2; 20])), Ok(()));
    }
}
