//! `Withdraw`: nothing to check beyond what its type and the signer's funds say.

use crate::batch::Footprint;

pub(crate) fn footprint_of_withdraw() -> Footprint {
    Footprint { withdrawals: 1, ..Footprint::default() }
}
