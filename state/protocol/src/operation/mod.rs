//! What a signed intent does: one file per operation.

mod pay;
mod register_license;
mod transfer;
mod withdraw;

pub use pay::Pay;
pub use register_license::RegisterLicense;
pub use transfer::Transfer;
pub use withdraw::Withdraw;

use crate::felt::Felt;

/// The elements of a message that depend on its operation.
pub(crate) struct OperationFields {
    pub(crate) target: u32,
    pub(crate) amount: u64,
    pub(crate) uses: u32,
    pub(crate) payload: [Felt; 5],
}
