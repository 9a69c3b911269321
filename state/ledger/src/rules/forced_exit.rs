//! `ForcedExit`: always consumed. It takes the balance that the batch leaves on the account, if the
//! requester owns it; the account may be opened by a later step of the same batch.

use farthing_protocol::{Address, ForcedExit, QueueOutcome};

use super::{Effect, Effects};

/// Outcome and effects in a batch that leaves the account with this owner.
pub(crate) fn check_forced_exit(
    exit: &ForcedExit,
    owner: Option<Address>,
) -> (QueueOutcome, Effects) {
    match owner == Some(exit.requester) {
        true => (QueueOutcome::Exits, largest_forced_exit(exit)),
        false => {
            let touch = Effect::Touch { account: exit.account };
            (QueueOutcome::NoEffect, Effects::new([touch]))
        }
    }
}

/// The effects if the requester owns the account when the batch is closed: admission makes room for
/// them.
pub(crate) fn largest_forced_exit(exit: &ForcedExit) -> Effects {
    Effects::new([Effect::Exit { account: exit.account }])
}
