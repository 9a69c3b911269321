//! Events: steps of batches and blocks, in an order that follows from the stores alone. The node
//! keeps no events, so none can be lost: a reader that names its position continues there, also
//! after a restart.
//!
//! A batch is reported once it is sealed, with the licenses that it paid, then those that it
//! updated. A block is reported once it is proven and all its batches have been reported, and again
//! once it is final, with the payouts that can be claimed. A rebase, or another division of batches
//! into blocks, changes events that were reported. Digests in the position show such a change, and
//! the reader is led back to the last block that was final for it. Events that are reported twice
//! are equal.

use std::collections::BTreeSet;

use farthing_l1::Payout;
use farthing_protocol::{
    AccountId, Address, BatchNumber, BlockNumber, Digest, Holder, LicenseId, LicenseVersion,
};
use serde::{Deserialize, Serialize};

use super::QueryService;
use crate::block::{Block, L1Inclusion};
use crate::error::QueryError;
use crate::progress::Progress;
use crate::store::{BatchSummary, NodeStoreError, RoyaltySplit};

/// Steps that one question looks at: a filter that lets little through must not hold a thread.
const STEPS_MAX: usize = 5_000;

/// Licenses paid by a batch come before this step, those updated from it on.
const UPDATES: u64 = 1 << 32;

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A batch is sealed.
    BatchSealed,
    /// A batch paid a license.
    LicensePaid,
    /// A batch updated a license.
    LicenseUpdated,
    /// The proof of a block is made.
    BlockProven,
    /// A block is final on L1.
    BlockFinalized,
    /// A payout can be claimed on L1.
    PayoutClaimable,
}

/// A step of a batch or a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A batch is sealed.
    BatchSealed(BatchSummary),
    /// The sum that a batch paid to a license, from payments and from derivatives.
    LicensePaid {
        /// Digest of the batch's statement.
        batch: Digest,
        /// The batch's number.
        number: BatchNumber,
        /// The license.
        license: LicenseId,
        /// The sum that it received, and the part of each holder.
        split: RoyaltySplit,
    },
    /// The change of a license by a batch. It counts from the next batch on.
    LicenseUpdated {
        /// Digest of the batch's statement.
        batch: Digest,
        /// The batch's number.
        number: BatchNumber,
        /// The license.
        license: LicenseId,
        /// The version before, at which this batch paid.
        old: LicenseVersion,
        /// The version from the next batch on.
        new: LicenseVersion,
    },
    /// The proof of a block is made, by this node or by another prover.
    BlockProven(Block),
    /// A block is final on L1.
    BlockFinalized(Block, L1Inclusion),
    /// A withdrawal or a refused deposit can be claimed on L1: its batch is final.
    PayoutClaimable {
        /// Digest of the batch's statement.
        batch: Digest,
        /// The block that holds the batch.
        block: BlockNumber,
        /// The payout.
        payout: Payout,
    },
}

impl Event {
    /// The kind.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::BatchSealed(_) => EventKind::BatchSealed,
            Self::LicensePaid { .. } => EventKind::LicensePaid,
            Self::LicenseUpdated { .. } => EventKind::LicenseUpdated,
            Self::BlockProven(_) => EventKind::BlockProven,
            Self::BlockFinalized(..) => EventKind::BlockFinalized,
            Self::PayoutClaimable { .. } => EventKind::PayoutClaimable,
        }
    }
}

/// Conditions on events; an event must meet all that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Its kind is one of these; all if empty.
    pub kinds: BTreeSet<EventKind>,
    /// It pays the account, as a holder of the license, or its owner on L1.
    pub account: Option<(AccountId, Address)>,
    /// It pays or updates the license.
    pub license: Option<LicenseId>,
    /// It is a step of the block, or a payout in it.
    pub block: Option<BlockNumber>,
}

impl EventFilter {
    /// Returns true if an event meets the conditions.
    pub fn takes(&self, event: &Event) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&event.kind());
        kind && self.account.is_none_or(|(id, owner)| pays(event, id, owner))
            && self.license.is_none_or(|id| license_of(event) == Some(id))
            && self.block.is_none_or(|number| block_of(event) == Some(number))
    }
}

fn pays(event: &Event, account: AccountId, owner: Address) -> bool {
    match event {
        Event::LicensePaid { split, .. } => {
            split.parts.iter().any(|(holder, _)| *holder == Holder::Account(account))
        }
        Event::PayoutClaimable { payout, .. } => payout.owner == owner,
        _ => false,
    }
}

const fn license_of(event: &Event) -> Option<LicenseId> {
    match event {
        Event::LicensePaid { license, .. } | Event::LicenseUpdated { license, .. } => {
            Some(*license)
        }
        _ => None,
    }
}

const fn block_of(event: &Event) -> Option<BlockNumber> {
    match event {
        Event::BlockProven(block) | Event::BlockFinalized(block, _) => Some(block.number),
        Event::PayoutClaimable { block, .. } => Some(*block),
        Event::BatchSealed(_) | Event::LicensePaid { .. } | Event::LicenseUpdated { .. } => None,
    }
}

/// A position in the sequence of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPosition {
    /// The batch that is told next, or in part.
    batch: BatchNumber,
    /// 0 before the batch itself; then 1 + the first license that is not told as paid; then
    /// [`UPDATES`] + 1 + the first that is not told as updated.
    step: u64,
    /// Of the statement of the last batch told, whole or in part; 0 before the first.
    batch_check: u64,
    /// The block that is told as proven next.
    proven: BlockNumber,
    /// Of the statement of the block before it; 0 before the first.
    proven_check: u64,
    /// The block that is told as final next, or in part.
    finalized: BlockNumber,
    /// The first payout of that block that is not told; `None` before the block itself.
    payout: Option<(BatchNumber, u32)>,
}

impl EventPosition {
    /// The position before every event.
    pub const START: Self = Self {
        batch: BatchNumber::MIN,
        step: 0,
        batch_check: 0,
        proven: BlockNumber::FIRST,
        proven_check: 0,
        finalized: BlockNumber::FIRST,
        payout: None,
    };

    /// The last batch told, whole or in part.
    fn last_batch(&self) -> Option<BatchNumber> {
        if self.step > 0 {
            return Some(self.batch);
        }
        self.batch.get().checked_sub(1).and_then(|before| BatchNumber::new(before).ok())
    }
}

/// Events from a position on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// Events that meet the filter, each with the position after it.
    pub events: Vec<(Event, EventPosition)>,
    /// The position after all events that were examined.
    pub next: EventPosition,
    /// True if there may be more now.
    pub more: bool,
}

impl QueryService {
    /// The position after all that has happened.
    pub(crate) fn events_end(&self) -> Result<EventPosition, QueryError> {
        let batch = self.progress.now().indexed;
        let finalized = self.store.first_unfinal()?;
        self.checked(EventPosition {
            batch,
            proven: self.store.first_unproven()?.max(finalized),
            finalized,
            ..EventPosition::START
        })
    }

    /// Events from a position on that meet a filter, at most `limit`.
    pub(crate) fn events(
        &self,
        from: EventPosition,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<EventPage, QueryError> {
        let progress = self.progress.now();
        let mut next = self.corrected(from, &progress)?;
        let mut events = Vec::new();
        for _ in 0..STEPS_MAX {
            if events.len() >= limit {
                break;
            }
            match self.step(&mut next, &progress)? {
                Some(event) if filter.takes(&event) => events.push((event, next)),
                Some(_) => {}
                None => return Ok(EventPage { events, next, more: false }),
            }
        }
        Ok(EventPage { events, next, more: true })
    }

    /// The next event, if it has happened; the position moves behind it.
    fn step(
        &self,
        position: &mut EventPosition,
        progress: &Progress,
    ) -> Result<Option<Event>, QueryError> {
        loop {
            if let Some(event) = self.final_step(position, progress)? {
                return Ok(Some(event));
            }
            if let Some(block) = self.store.block(position.proven)?
                && block.state.is_proven()
                && block.end() <= position.batch
            {
                (position.proven, position.proven_check) =
                    (block.number.next(), check_of_block(&block));
                return Ok(Some(Event::BlockProven(block)));
            }
            let batch = position.batch;
            if let Some(event) = self.sealed_step(position, progress)? {
                return Ok(Some(event));
            }
            if position.batch == batch {
                return Ok(None);
            }
        }
    }

    /// Tells a block that is final, then its payouts.
    fn final_step(
        &self,
        position: &mut EventPosition,
        progress: &Progress,
    ) -> Result<Option<Event>, QueryError> {
        while position.finalized < position.proven {
            let Some(block) = self.store.block(position.finalized)? else { return Ok(None) };
            let Some(inclusion) = block.state.finalized() else { return Ok(None) };
            if block.end() > progress.finalized {
                return Ok(None);
            }
            let first = (block.first_batch(), 0);
            let Some(payout) = position.payout else {
                position.payout = Some(first);
                return Ok(Some(Event::BlockFinalized(block, inclusion)));
            };
            // A forged position must not lead through the batches of all blocks before.
            let (mut batch, mut index) = payout.max(first);
            while batch < block.end() {
                if let Some(payout) = self.store.payout_of_batch(batch, index)? {
                    let digest = self.store.batch(batch)?.map(|batch| batch.statement.digest());
                    let Some(digest) = digest else { return Ok(None) };
                    position.payout = Some(match payout.index.checked_add(1) {
                        Some(index) => (batch, index),
                        None => (batch.next(), 0),
                    });
                    let block = block.number;
                    return Ok(Some(Event::PayoutClaimable { batch: digest, block, payout }));
                }
                (batch, index) = (batch.next(), 0);
            }
            (position.finalized, position.payout) = (block.number.next(), None);
        }
        Ok(None)
    }

    /// Tells a batch that is sealed, then the licenses that it paid and those that it updated; after them
    /// the position moves to the next batch without an event.
    fn sealed_step(
        &self,
        position: &mut EventPosition,
        progress: &Progress,
    ) -> Result<Option<Event>, QueryError> {
        if position.batch >= progress.indexed {
            return Ok(None);
        }
        let Some(summary) = self.store.batch(position.batch)? else { return Ok(None) };
        let (batch, number) = (summary.statement.digest(), position.batch);
        let Some(step) = position.step.checked_sub(1) else {
            (position.step, position.batch_check) = (1, check_of(&batch));
            return Ok(Some(Event::BatchSealed(summary)));
        };
        if let Ok(from) = u32::try_from(step)
            && let Some((license, split)) = self.store.license_paid(number, from.into())?
        {
            position.step = u64::from(license.get()) + 2;
            return Ok(Some(Event::LicensePaid { batch, number, license, split }));
        }
        if let Ok(from) = u32::try_from(step.saturating_sub(UPDATES))
            && let Some(license) = self.store.license_updated(number, from.into())?
        {
            position.step = UPDATES + u64::from(license.get()) + 2;
            let [new, old] = self.versions_around(license, number)?;
            return Ok(Some(Event::LicenseUpdated { batch, number, license, old, new }));
        }
        (position.batch, position.step) = (position.batch.next(), 0);
        Ok(None)
    }

    /// The version that a batch set, and the one before it.
    fn versions_around(
        &self,
        license: LicenseId,
        batch: BatchNumber,
    ) -> Result<[LicenseVersion; 2], QueryError> {
        let versions = self.store.license_versions(license, batch, 2)?;
        // A license is registered in an earlier batch than it is updated in.
        let [(_, new), (_, old)] = versions[..] else {
            return Err(NodeStoreError::NotIndexed(batch).into());
        };
        Ok([new, old])
    }

    /// A position that agrees with the stores: the given one, or the last before it that does. A position
    /// that was never given out leads somewhere too.
    fn corrected(
        &self,
        from: EventPosition,
        progress: &Progress,
    ) -> Result<EventPosition, QueryError> {
        let finalized = from.finalized.min(self.store.first_unfinal()?);
        let mut position = EventPosition { finalized, ..from };
        if finalized != from.finalized {
            position.payout = None;
        }
        let told = position.last_batch();
        let known = told.is_none_or(|batch| batch < progress.indexed);
        if !known || self.checked(position)?.batch_check != from.batch_check {
            let sure = self.store.end_before(finalized)?.min(progress.indexed);
            (position.batch, position.step) = (position.batch.min(sure), 0);
        }
        if self.checked(position)?.proven_check != from.proven_check {
            position.proven = position.proven.min(finalized);
        }
        self.checked(position)
    }

    /// The position with the checks of what is stored.
    fn checked(&self, position: EventPosition) -> Result<EventPosition, QueryError> {
        let batch =
            position.last_batch().map(|batch| self.store.batch(batch)).transpose()?.flatten();
        let block = position
            .proven
            .previous()
            .map(|number| self.store.block(number))
            .transpose()?
            .flatten();
        Ok(EventPosition {
            batch_check: batch.map_or(0, |batch| check_of(&batch.statement.digest())),
            proven_check: block.map_or(0, |block| check_of_block(&block)),
            ..position
        })
    }
}

fn check_of_block(block: &Block) -> u64 {
    check_of(&block.statement.digest())
}

/// The first eight bytes of a digest: they find a change, and prove nothing.
fn check_of(digest: &Digest) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = digest.to_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}
