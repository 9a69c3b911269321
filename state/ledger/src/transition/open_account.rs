//! `OpenAccount`: the key is a point, and no account has it with this owner.

use farthing_protocol::{AccountId, AccountIdentity, KeyError, OpenedAccount};
use thiserror::Error;

use crate::batch::{Footprint, RunningState};

/// Why an account is not opened; errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OpenAccountError {
    /// There is one already.
    #[error("account {id} has this key and owner")]
    Exists {
        /// Its number.
        id: AccountId,
    },
    /// Nobody could sign for it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// All 2³² account numbers are used.
    #[error("no account number is left")]
    NoAccountLeft,
    /// Seal the open batch, then try again.
    #[error("the batch is full: {0}")]
    BatchFull(farthing_protocol::CapacityExceeded),
}

/// `existing` is the account of this identity before the batch, `unused` the number for a new one.
pub(crate) fn check_open_account(
    running: &RunningState,
    existing: Option<AccountId>,
    unused: Option<AccountId>,
    identity: AccountIdentity,
) -> Result<(OpenedAccount, Footprint), OpenAccountError> {
    if let Some(id) = existing.or_else(|| running.opened(&identity)) {
        return Err(OpenAccountError::Exists { id });
    }
    identity.key.decode()?;
    let id = unused.ok_or(OpenAccountError::NoAccountLeft)?;
    let footprint = Footprint { accounts: vec![id], opened: 1, ..Footprint::default() };
    Ok((OpenedAccount { id, identity }, footprint))
}
