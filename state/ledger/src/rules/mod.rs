//! Rules of the steps of a batch: one file per operation, and one per step that no account signs.
//!
//! A rule reads a [`RuleView`] and gives the [`Effects`] of a step; it changes nothing and does no I/O.
//! Admission checks a step against the running state of the open batch and applies its effects there.
//! Execution checks the steps of a closed batch against the state before it and sums up the effects.
//! Each has its own view, so that execution depends on nothing that admission kept.

mod deposit;
mod distribute;
mod effects;
mod forced_exit;
mod open_account;
mod pay;
mod register_license;
mod transfer;
mod update_license;
mod withdraw;

pub(crate) use distribute::{Distribution, distribute};
pub use distribute::{SharedOut, share_out};
pub use open_account::OpenAccountError;
pub use pay::PayError;
pub use register_license::RegisterLicenseError;
pub use transfer::TransferError;
pub use update_license::UpdateLicenseError;

pub(crate) use deposit::{DepositAccount, check_deposit};
pub(crate) use effects::{Effect, EffectTarget, Effects};
pub(crate) use forced_exit::{check_forced_exit, largest_forced_exit};
pub(crate) use open_account::check_open_account;

use std::convert::Infallible;

use farthing_protocol::{AccountId, Digest, ErrorCode, Intent, License, LicenseId, Operation};
use thiserror::Error;

/// State that a rule reads. Accounts and licenses that the rule's operation names have been loaded.
pub(crate) trait RuleView {
    /// The digest of the key and owner of the account with this number.
    fn identity(&self, id: AccountId) -> Option<Digest>;
    /// The license with this number, in the version before the batch or as the batch registers it.
    fn license(&self, id: LicenseId) -> Option<&License>;
    /// Returns true if the batch registers or updates the license.
    fn changes(&self, id: LicenseId) -> bool;
}

/// An operation's signer, and the number for a license that it registers.
#[derive(Clone, Copy)]
pub(crate) struct RuleContext {
    pub(crate) signer: AccountId,
    pub(crate) unused_license: Option<LicenseId>,
}

/// Accounts and licenses that an operation names.
#[derive(Default)]
pub(crate) struct References {
    pub(crate) accounts: Vec<AccountId>,
    pub(crate) licenses: Vec<LicenseId>,
}

/// The rule of an operation.
pub(crate) trait Rule {
    type Error: Into<OperationError>;

    /// Accounts and licenses that the operation names, its signer not among them.
    fn references(&self) -> References;

    /// The effects of the operation; the debit of its amount is not among them.
    fn check(&self, context: RuleContext, view: &impl RuleView) -> Result<Effects, Self::Error>;
}

/// A rule of an intent's operation that the intent breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OperationError {
    /// A payment breaks a rule.
    #[error(transparent)]
    Pay(#[from] PayError),
    /// A transfer breaks a rule.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A registration breaks a rule.
    #[error(transparent)]
    RegisterLicense(#[from] RegisterLicenseError),
    /// An update breaks a rule.
    #[error(transparent)]
    UpdateLicense(#[from] UpdateLicenseError),
}

impl OperationError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Pay(error) => error.code(),
            Self::Transfer(error) => error.code(),
            Self::RegisterLicense(error) => error.code(),
            Self::UpdateLicense(error) => error.code(),
        }
    }
}

impl From<Infallible> for OperationError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

macro_rules! rules {
    ($($operation:ident,)*) => {
        /// Accounts and licenses that an operation names, its signer not among them.
        pub(crate) fn references(operation: &Operation) -> References {
            match operation {
                $(Operation::$operation(body) => Rule::references(body),)*
            }
        }

        fn check_operation(
            operation: &Operation,
            context: RuleContext,
            view: &impl RuleView,
        ) -> Result<Effects, OperationError> {
            match operation {
                $(Operation::$operation(body) => body.check(context, view).map_err(Into::into),)*
            }
        }
    };
}

rules! {
    Pay,
    Transfer,
    Withdraw,
    RegisterLicense,
    UpdateLicense,
}

/// The effects of an intent: debit and fee, then those of its operation. Nonce, time and funds are the
/// caller's to check.
pub(crate) fn check_intent(
    intent: &Intent,
    unused_license: Option<LicenseId>,
    view: &impl RuleView,
) -> Result<Effects, OperationError> {
    let context = RuleContext { signer: intent.account, unused_license };
    let of_operation = check_operation(&intent.operation, context, view)?;
    let debit = Effect::Debit { account: intent.account, amount: intent.debit() };
    Ok(Effects::new([debit, Effect::Fee(intent.fee)]).then(of_operation))
}

/// Reasons why a queue entry cannot be consumed now. Each can be consumed by some batch, until all 2³²
/// account numbers are used, which takes as many deposits paid for on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConsumeError {
    /// Queue entries are consumed in order.
    #[error("queue entry {got} is not the next one, {expected}")]
    OutOfOrder {
        /// The next entry.
        expected: u64,
        /// The entry given.
        got: u64,
    },
    /// The open batch is full: seal it, then try again.
    #[error("the batch is full: {0}")]
    BatchFull(farthing_protocol::CapacityExceeded),
    /// All 2³² account numbers are used.
    #[error("no account number is left after {last}")]
    NoAccountLeft {
        /// The largest number.
        last: AccountId,
    },
}
