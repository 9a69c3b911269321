//! `Pay`: the license exists, the amount is price × uses. The signer's funds are checked by the
//! caller; the vault is credited at settlement.

use farthing_protocol::{Amount, LicenseId, OutOfRange, Pay};
use thiserror::Error;

use crate::batch::{Footprint, RunningState, Tally};

/// Why a payment is refused; errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PayError {
    /// No license has this number.
    #[error("there is no license {license}")]
    UnknownLicense {
        /// The number given.
        license: LicenseId,
    },
    /// Price × uses is more than an intent can move.
    #[error("price times uses: {0}")]
    TooMuch(OutOfRange),
    /// The amount is not price × uses.
    #[error("the amount is {got}, expected price times uses = {expected}")]
    WrongAmount {
        /// Price × uses.
        expected: Amount,
        /// The amount signed.
        got: Amount,
    },
}

pub(crate) fn check_pay(
    running: &RunningState,
    tally: &Tally,
    pay: &Pay,
) -> Result<Footprint, PayError> {
    let license =
        running.license(pay.license).ok_or(PayError::UnknownLicense { license: pay.license })?;
    let expected = license.terms.price.times(pay.uses).map_err(PayError::TooMuch)?;
    if pay.amount != expected {
        return Err(PayError::WrongAmount { expected, got: pay.amount });
    }
    let mut footprint = Footprint { credits: 1, ..Footprint::default() };
    if !tally.touches_license(pay.license) {
        running.touch_license(pay.license, &mut footprint);
    }
    Ok(footprint)
}
