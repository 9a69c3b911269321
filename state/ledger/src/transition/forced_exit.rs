//! `ForcedExit`: always consumed. What it does is decided at settlement: it takes what the batch
//! leaves on the account, if the requester owns it.

use farthing_protocol::ForcedExit;

use crate::batch::Footprint;

/// Limbs of a forced exit in public data.
const FORCED_EXIT_LIMBS: u32 = 4;

pub(crate) fn consume_forced_exit(exit: &ForcedExit) -> Footprint {
    Footprint {
        accounts: vec![exit.account],
        queue_limbs: FORCED_EXIT_LIMBS,
        withdrawals: 1,
        ..Footprint::default()
    }
}
