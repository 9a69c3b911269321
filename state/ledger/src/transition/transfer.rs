//! `Transfer`: the recipient exists.

use farthing_protocol::{AccountId, Transfer};
use thiserror::Error;

use crate::batch::{Footprint, RunningState};

/// Why a transfer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TransferError {
    /// No account has this number.
    #[error("there is no account {to} to transfer to")]
    UnknownRecipient {
        /// The number given.
        to: AccountId,
    },
}

pub(crate) fn check_transfer(
    running: &RunningState,
    transfer: &Transfer,
) -> Result<Footprint, TransferError> {
    match running.account(transfer.to) {
        None => Err(TransferError::UnknownRecipient { to: transfer.to }),
        Some(_) => {
            Ok(Footprint { accounts: vec![transfer.to], credits: 1, ..Footprint::default() })
        }
    }
}
