//! The batch being filled: its contents, the running state that admission checks against, and the
//! resources that are left.

mod contents;
mod meter;
mod running;
mod usage;

pub use contents::BatchContents;
pub(crate) use meter::{ResourceMeter, ResourceUsage};
pub(crate) use running::RunningState;

use farthing_protocol::{
    BatchClass, CapacityExceeded, IntentWitness, OpenedAccount, QueueEntry, UnixTime,
};

use crate::rules::Effects;
use crate::store::IntentKey;

/// A batch that is being filled.
pub(crate) struct OpenBatch {
    pub(crate) class: BatchClass,
    pub(crate) timestamp: UnixTime,
    pub(crate) contents: BatchContents,
    pub(crate) running: RunningState,
    pub(crate) meter: ResourceMeter,
}

/// A batch has too little capacity left for a step.
pub(crate) enum CapacityError {
    /// An empty batch would have room.
    BatchFull(CapacityExceeded),
    /// No batch of this class ever has room.
    ExceedsClass(CapacityExceeded),
}

impl OpenBatch {
    pub(crate) fn new(class: BatchClass, timestamp: UnixTime, running: RunningState) -> Self {
        Self {
            class,
            timestamp,
            contents: BatchContents::default(),
            running,
            meter: ResourceMeter::default(),
        }
    }

    /// The resources that a step with these effects takes.
    pub(crate) fn usage(&self, effects: &Effects) -> ResourceUsage {
        usage::usage_of(effects, &self.running, &self.meter)
    }

    /// Takes resources for a step, or changes nothing if too little is left. Usage may leave out a
    /// license's ancestors if this batch has already counted them; an empty batch then has room for
    /// them, too.
    pub(crate) fn reserve(&mut self, usage: &ResourceUsage) -> Result<(), CapacityError> {
        let Err(full) = self.meter.add(usage, &self.class.capacity) else {
            return Ok(());
        };
        match ResourceMeter::default().add(usage, &self.class.capacity) {
            Ok(()) => Err(CapacityError::BatchFull(full)),
            Err(never) => Err(CapacityError::ExceedsClass(never)),
        }
    }

    /// Adds an intent whose effects have been checked, or read back from the log.
    pub(crate) fn add_intent(&mut self, witness: IntentWitness, effects: &Effects) {
        let intent = &witness.signed.intent;
        self.running.use_nonce(IntentKey { account: intent.account, nonce: intent.nonce });
        self.apply(effects);
        self.contents.intents.push(witness);
    }

    /// Adds an account that the operator opens.
    pub(crate) fn add_account(&mut self, opened: OpenedAccount, effects: &Effects) {
        self.apply(effects);
        self.contents.opened.push(opened);
    }

    /// Adds a queue entry, with the account that it opens.
    pub(crate) fn add_entry(
        &mut self,
        entry: QueueEntry,
        opened: Option<OpenedAccount>,
        effects: &Effects,
    ) {
        self.apply(effects);
        self.contents.opened.extend(opened);
        self.contents.queue.push(entry);
    }

    fn apply(&mut self, effects: &Effects) {
        let Ok(()) = effects.apply(&mut self.running);
    }
}
