//! Admission control: the node acknowledges no new work while that could not be settled, or would
//! get a wrong date.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use farthing_protocol::{ErrorCode, UnixTime};
use thiserror::Error;
use tokio::sync::watch;

use crate::clock::{Clock, L1Time};
use crate::l1_view::L1View;
use crate::progress::ProgressWatch;

/// Reasons why the node acknowledges nothing new. Intents that it acknowledged before are still
/// answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Closed {
    /// The rollup is frozen on L1, for good: accounts leave by escape.
    #[error("the rollup is frozen on L1: nothing is settled any more, leave by escape there")]
    Frozen,
    /// L1 has another history than this node.
    #[error(
        "L1 and this node have diverged: nothing is settled until the node is restored from L1"
    )]
    Diverged,
    /// A batch dated now would be refused by L1, and every intent expired for as long.
    #[error("the node's clock says {now}, L1's says {l1}: set the node's clock")]
    ClockAhead {
        /// The node's clock.
        now: UnixTime,
        /// L1's time.
        l1: UnixTime,
    },
    /// The rollup has not consumed the L1 queue in time: anyone may freeze it.
    #[error("the rollup is late on L1: try again when its proofs have caught up")]
    Late,
    /// The rollup holds less of the token than it owes: L1 takes no block.
    #[error(
        "the rollup holds fewer than {needed} base units, which it owes: nothing is settled until \
         it holds them"
    )]
    ReserveTooSmall {
        /// The amount that it must hold for the next block.
        needed: u64,
    },
    /// Too many batches wait for a proof.
    #[error("{got} batches wait for a proof, at most {max} may: try again when some are proven")]
    Unproven {
        /// Batches sealed and not proven.
        got: u64,
        /// The largest number allowed.
        max: u32,
    },
}

impl Closed {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Frozen => ErrorCode::RollupFrozen,
            Self::ClockAhead { .. } => ErrorCode::ClockAhead,
            Self::Late => ErrorCode::RollupLate,
            Self::Unproven { .. } => ErrorCode::ProofsBehind,
            Self::Diverged | Self::ReserveTooSmall { .. } => ErrorCode::NotReady,
        }
    }

    /// Time after which a client should retry; `None` if no retry can succeed.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Frozen | Self::Diverged => None,
            // A proof takes seconds to minutes, a person who sets a clock no less.
            Self::ClockAhead { .. }
            | Self::Late
            | Self::ReserveTooSmall { .. }
            | Self::Unproven { .. } => Some(Duration::from_secs(30)),
        }
    }
}

/// Admission control: the state that closes and opens the node for new work.
#[derive(Clone)]
pub(crate) struct AdmissionControl {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) progress: ProgressWatch,
    /// L1 as the settler sees it; its default says nothing.
    pub(crate) l1: watch::Receiver<L1View>,
    /// `None` without a prover: then nothing is ever proven.
    pub(crate) unproven_max: Option<u32>,
    pub(crate) clock_ahead_max: Duration,
    /// L1's clock, as far as it has been heard.
    pub(crate) l1_time: Arc<Mutex<Option<L1Time>>>,
}

impl AdmissionControl {
    /// Why nothing new is acknowledged now, the first reason in the order of [`Closed`].
    pub(crate) fn closed(&self) -> Option<Closed> {
        let l1 = *self.l1.borrow();
        if l1.frozen {
            return Some(Closed::Frozen);
        }
        if l1.diverged {
            return Some(Closed::Diverged);
        }
        if let Some(ahead) = self.clock_ahead() {
            return Some(ahead);
        }
        if l1.late {
            return Some(Closed::Late);
        }
        if let Some(needed) = l1.reserve_needed {
            return Some(Closed::ReserveTooSmall { needed });
        }
        let got = self.progress.now().unproven();
        self.unproven_max
            .filter(|max| got >= u64::from(*max))
            .map(|max| Closed::Unproven { got, max })
    }

    /// L1's time; `None` before the first answer. While L1 is unreachable, the published time may
    /// be old.
    fn l1_now(&self) -> Option<UnixTime> {
        let view = *self.l1.borrow();
        let mut known = self.l1_time.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = view.time.filter(|_| view.reachable) {
            *known = L1Time::newer(*known, at);
        }
        known.as_ref().map(L1Time::now)
    }

    /// The reason why a batch must not be dated now.
    pub(crate) fn clock_ahead(&self) -> Option<Closed> {
        let (now, l1) = (self.clock.now(), self.l1_now()?);
        let latest = l1.get().saturating_add(self.clock_ahead_max.as_secs());
        (now.get() > latest).then_some(Closed::ClockAhead { now, l1 })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use farthing_protocol::{BatchNumber, OutOfRange};

    use super::*;

    type TestResult = Result<(), OutOfRange>;

    struct Hands(AtomicU64);

    impl Clock for Hands {
        fn now(&self) -> UnixTime {
            UnixTime::new(self.0.load(Ordering::Relaxed)).unwrap_or(UnixTime::MAX)
        }
    }

    const NOW: u64 = 1_800_000_000;

    fn admission(
        unproven_max: Option<u32>,
    ) -> (AdmissionControl, watch::Sender<L1View>, Arc<Hands>) {
        let clock = Arc::new(Hands(AtomicU64::new(NOW)));
        let (view, l1) = watch::channel(L1View::default());
        let clock_ahead_max = Duration::from_secs(600);
        let (progress, l1_time) = (ProgressWatch::new(), Arc::default());
        (
            AdmissionControl {
                clock: clock.clone(),
                progress,
                l1,
                unproven_max,
                clock_ahead_max,
                l1_time,
            },
            view,
            clock,
        )
    }

    #[test]
    fn batches_that_wait_for_a_proof_are_bounded() -> TestResult {
        let (admission, _view, _) = admission(Some(3));
        admission.progress.sequenced(BatchNumber::new(2)?);
        assert_eq!(admission.closed(), None);
        admission.progress.sequenced(BatchNumber::new(3)?);
        assert_eq!(admission.closed(), Some(Closed::Unproven { got: 3, max: 3 }));
        admission.progress.proven(BatchNumber::new(1)?);
        assert_eq!(admission.closed(), None);
        let (without, _view, _) = super::tests::admission(None);
        without.progress.sequenced(BatchNumber::new(1_000)?);
        assert_eq!(without.closed(), None, "no prover, no bound");
        Ok(())
    }

    #[test]
    fn a_clock_ahead_of_l1_dates_no_batch() -> TestResult {
        let (admission, view, clock) = admission(None);
        clock.0.store(NOW + 86_400, Ordering::Relaxed);
        assert_eq!(admission.clock_ahead(), None, "nothing to compare with");
        let seen = |at: u64, reachable: bool| {
            let time = Some(UnixTime::new(at)?);
            Ok::<_, OutOfRange>(L1View { time, reachable, ..L1View::default() })
        };
        view.send_replace(seen(NOW, false)?);
        assert_eq!(admission.clock_ahead(), None, "heard long ago, perhaps");
        view.send_replace(seen(NOW, true)?);
        let closed = admission.closed();
        assert!(
            matches!(closed, Some(Closed::ClockAhead { now, .. }) if now.get() == NOW + 86_400)
        );
        assert_eq!(admission.clock_ahead(), closed);
        clock.0.store(NOW + 600, Ordering::Relaxed);
        assert_eq!(admission.closed(), None);
        // L1 ahead of the node does no harm: a batch may be a little older.
        view.send_replace(seen(NOW + 86_400, true)?);
        assert_eq!(admission.closed(), None);
        // While L1 is away its time runs on, and a clock that jumps is seen all the same.
        view.send_replace(seen(NOW, false)?);
        clock.0.store(NOW + 2 * 86_400, Ordering::Relaxed);
        assert!(matches!(admission.closed(), Some(Closed::ClockAhead { .. })));
        Ok(())
    }

    #[test]
    fn a_rollup_that_cannot_settle_acknowledges_nothing() {
        let (admission, view, _) = admission(None);
        view.send_replace(L1View { late: true, ..L1View::default() });
        assert_eq!(admission.closed(), Some(Closed::Late));
        view.send_replace(L1View { late: true, frozen: true, ..L1View::default() });
        assert_eq!(admission.closed(), Some(Closed::Frozen));
        view.send_replace(L1View { reserve_needed: Some(5), ..L1View::default() });
        assert_eq!(admission.closed(), Some(Closed::ReserveTooSmall { needed: 5 }));
        view.send_replace(L1View { diverged: true, ..L1View::default() });
        assert_eq!(admission.closed(), Some(Closed::Diverged));
        assert_eq!(Closed::Frozen.retry_after(), None);
        assert!(Closed::Late.retry_after().is_some());
        view.send_replace(L1View { reachable: false, ..L1View::default() });
        assert_eq!(admission.closed(), None, "payments go on while L1 is away");
    }
}
