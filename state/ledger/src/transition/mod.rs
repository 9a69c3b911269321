//! Rules of the operations, one file each: checks of admission, outcomes of queue entries, and the
//! distribution of what licenses received. Checks read the running state only and do no I/O; what they
//! need has been loaded before. Admission reserves amounts in `admission.rs`; `settle.rs` applies a
//! batch and repeats the rules of payments, transfers and registrations over the settled state.

mod deposit;
mod distribute;
mod forced_exit;
mod open_account;
mod pay;
mod register_license;
mod transfer;
mod withdraw;

pub(crate) use distribute::{Distribution, distribute};
pub use distribute::{SharedOut, share_out};
pub use open_account::OpenAccountError;
pub use pay::PayError;
pub use register_license::RegisterLicenseError;
pub use transfer::TransferError;

pub(crate) use deposit::consume_deposit;
pub(crate) use forced_exit::consume_forced_exit;
pub(crate) use open_account::check_open_account;
pub(crate) use pay::check_pay;
pub(crate) use register_license::{check_parents, check_register_license};
pub(crate) use transfer::check_transfer;
pub(crate) use withdraw::footprint_of_withdraw;

use farthing_protocol::AccountId;
use thiserror::Error;

/// Why a queue entry cannot be consumed now. Each can be consumed by some batch, until all 2³²
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
    /// Seal the open batch, then try again.
    #[error("the batch is full: {0}")]
    BatchFull(farthing_protocol::CapacityExceeded),
    /// All 2³² account numbers are used.
    #[error("no account number is left after {last}")]
    NoAccountLeft {
        /// The largest number.
        last: AccountId,
    },
}
