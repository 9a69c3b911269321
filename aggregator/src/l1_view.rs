//! The settler's view of L1, for readiness, metrics and the sequencer's admission.

use farthing_protocol::UnixTime;
use tokio::sync::watch;

/// L1 as the settler saw it last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct L1View {
    /// The newest L1 block seen.
    pub head: u64,
    /// The time of that block; `None` before the first answer.
    pub time: Option<UnixTime>,
    /// True if the last poll succeeded.
    pub reachable: bool,
    /// True if L1 was compared with this node's configuration and history and both agree: since the
    /// start, or before it under the same configuration. Until then, acknowledged intents may be
    /// unable to settle.
    pub checked: bool,
    /// True if the comparison was made since the start.
    pub compared: bool,
    /// True if L1 and this node have diverged, for good: restore the node from L1.
    pub diverged: bool,
    /// True if the settler ended by itself, so that nothing is settled any more.
    pub stopped: bool,
    /// True if the rollup is frozen: no batch becomes final any more, and owners leave by `escape`.
    pub frozen: bool,
    /// True if the oldest queue entry has waited longer than the contract's grace period, so that
    /// anyone may prove.
    pub late: bool,
    /// True if the guardian paused deposits and proofs.
    pub paused: bool,
    /// Base units that the rollup must hold for the next block, while it holds fewer.
    pub reserve_needed: Option<u64>,
    /// True if the configured key is the contract's operator; also true without a key.
    pub operator: bool,
    /// Queue entries that no final batch consumed.
    pub queue_waiting: u64,
    /// Time at which the oldest of them was recorded.
    pub queue_oldest: Option<UnixTime>,
    /// Time from which anyone may freeze the rollup because of that entry.
    pub freeze_deadline: Option<UnixTime>,
}

impl L1View {
    /// Returns true if intents acknowledged now can settle, as far as the node knows.
    pub const fn settles(&self) -> bool {
        self.checked
            && !self.diverged
            && !self.stopped
            && !self.frozen
            && self.reserve_needed.is_none()
    }
}

/// Publishes the view.
#[derive(Clone, Debug)]
pub(crate) struct L1ViewWatch(watch::Sender<L1View>);

impl L1ViewWatch {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(L1View::default()))
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<L1View> {
        self.0.subscribe()
    }

    /// The view now.
    pub(crate) fn now(&self) -> L1View {
        *self.0.borrow()
    }

    /// Changes the view.
    pub(crate) fn change(&self, change: impl FnOnce(&mut L1View)) {
        self.0.send_modify(change);
    }
}
