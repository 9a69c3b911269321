//! `OpenAccount`: the key is a point, and no account has it with this owner.

use farthing_protocol::{AccountId, AccountIdentity, ErrorCode, KeyError, OpenedAccount};
use thiserror::Error;

use super::{Effect, Effects};

/// Reasons not to open an account; errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenAccountError {
    /// There is one already.
    #[error("account {id} has this key and owner")]
    Exists {
        /// Its number.
        id: AccountId,
    },
    /// The key is not a point: no signature would be valid under it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// All 2³² account numbers are used.
    #[error("no account number is left")]
    NoAccountLeft,
    /// The open batch is full: seal it, then try again.
    #[error("the batch is full: {0}")]
    BatchFull(farthing_protocol::CapacityExceeded),
}

impl OpenAccountError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            // A caller that can tell the number answers with it instead.
            Self::Exists { .. } => ErrorCode::Internal,
            Self::Key(error) => error.code(),
            Self::NoAccountLeft => ErrorCode::IdSpaceExhausted,
            Self::BatchFull(_) => ErrorCode::Overloaded,
        }
    }
}

/// The account to open, and the effect of opening it. `existing` is the account of this identity, one
/// opened in the same batch included; `unused` is the number for a new one.
pub(crate) fn check_open_account(
    identity: AccountIdentity,
    existing: Option<AccountId>,
    unused: Option<AccountId>,
) -> Result<(OpenedAccount, Effects), OpenAccountError> {
    if let Some(id) = existing {
        return Err(OpenAccountError::Exists { id });
    }
    identity.key.decode()?;
    let id = unused.ok_or(OpenAccountError::NoAccountLeft)?;
    let opened = OpenedAccount { id, identity };
    Ok((opened, Effects::new([Effect::OpenAccount(opened)])))
}
