//! Queue entries as the contract's logs say them.

use farthing_protocol::{
    AccountId, Address, Bytes32, Deposit, ForcedExit, OutOfRange, QueueEntry, QueueIndex,
};
use thiserror::Error;

use crate::abi::Rollup;

/// A log says something that no queue entry says: it is not of a rollup.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EntryError {
    /// A number is out of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// An entry of the queue with its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedEntry {
    /// Its number.
    pub index: QueueIndex,
    /// The deposit or forced exit.
    pub entry: QueueEntry,
    /// The hash chain up to this entry. A reader of the queue should compare it with
    /// [`QueueEntry::chain`] over the chain of the entry before: a difference means that L1 was
    /// reorganised.
    pub chain: Bytes32,
}

/// The entry that a `Deposited` log records.
pub fn queued_deposit(log: &Rollup::Deposited) -> Result<QueuedEntry, EntryError> {
    let deposit = Deposit::new(Address(log.owner.into_array()), log.key, log.nano)?;
    Ok(QueuedEntry {
        index: QueueIndex::new(log.index)?,
        entry: QueueEntry::Deposit(deposit),
        chain: Bytes32(log.chain.0),
    })
}

/// The entry that a `ForcedExitRequested` log records.
pub fn queued_forced_exit(log: &Rollup::ForcedExitRequested) -> Result<QueuedEntry, EntryError> {
    let requester = Address(log.requester.into_array());
    let exit = ForcedExit { requester, account: AccountId::from(log.account) };
    Ok(QueuedEntry {
        index: QueueIndex::new(log.index)?,
        entry: QueueEntry::ForcedExit(exit),
        chain: Bytes32(log.chain.0),
    })
}
