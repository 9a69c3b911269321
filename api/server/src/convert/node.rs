//! The node's own state, as it goes over the wire.

use farthing_aggregator::{Closed, L1View, Lag, Progress, Readiness};
use farthing_api_types::dto::{L1StatusBody, LagBody, NotReadyReason, StatusBody};

/// Why a node is not ready; empty if it is.
pub(crate) fn not_ready(readiness: &Readiness) -> Vec<NotReadyReason> {
    let mut reasons = Vec::new();
    if !readiness.sequencer {
        reasons.push(NotReadyReason::Sequencer);
    }
    reasons.extend(readiness.closed.and_then(|closed| match closed {
        Closed::ClockAhead { .. } => Some(NotReadyReason::ClockAhead),
        Closed::Late => Some(NotReadyReason::Late),
        Closed::Unproven { .. } => Some(NotReadyReason::ProofsBehind),
        // The view of L1 says it.
        _ => None,
    }));
    let Some(l1) = readiness.l1 else { return reasons };
    let seen = [
        (l1.diverged, NotReadyReason::L1Diverged),
        (l1.stopped, NotReadyReason::SettlerStopped),
        (l1.frozen, NotReadyReason::Frozen),
        (l1.reserve_needed.is_some(), NotReadyReason::ReserveTooSmall),
        (!l1.checked, NotReadyReason::L1Unchecked),
    ];
    reasons.extend(seen.into_iter().filter(|(so, _)| *so).map(|(_, reason)| reason));
    reasons
}

pub(crate) fn node_status(readiness: &Readiness, progress: &Progress, lag: &Lag) -> StatusBody {
    StatusBody {
        ready: readiness.is_ready(),
        not_ready: not_ready(readiness),
        room: readiness.room as u64,
        batches: LagBody {
            sequenced: progress.sequenced.into(),
            proven: progress.proven.into(),
            finalized: progress.finalized.into(),
            oldest_unproven: lag.oldest_unproven,
            oldest_unfinal: lag.oldest_unfinal,
        },
        l1: readiness.l1.as_ref().map(l1_status),
    }
}

const fn l1_status(view: &L1View) -> L1StatusBody {
    L1StatusBody {
        head: view.head,
        time: view.time,
        reachable: view.reachable,
        checked: view.checked,
        diverged: view.diverged,
        stopped: view.stopped,
        frozen: view.frozen,
        late: view.late,
        paused: view.paused,
        reserve_too_small: view.reserve_needed.is_some(),
        operator: view.operator,
        queue_waiting: view.queue_waiting,
        queue_oldest: view.queue_oldest,
        freeze_deadline: view.freeze_deadline,
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::UnixTime;

    use super::*;

    #[test]
    fn a_node_is_ready_if_and_only_if_nothing_speaks_against_it() {
        let healthy = L1View { checked: true, reachable: true, ..L1View::default() };
        let ready = |sequencer, l1| Readiness { sequencer, room: 1, l1, closed: None };
        let closed = |closed| Readiness { closed: Some(closed), ..ready(true, Some(healthy)) };
        let (now, l1) = (UnixTime::MAX, UnixTime::MIN);
        let table = [
            (ready(true, None), vec![]),
            (ready(true, Some(healthy)), vec![]),
            // Payments go on while L1 is away.
            (ready(true, Some(L1View { reachable: false, ..healthy })), vec![]),
            (closed(Closed::Late), vec![NotReadyReason::Late]),
            (closed(Closed::ClockAhead { now, l1 }), vec![NotReadyReason::ClockAhead]),
            (closed(Closed::Unproven { got: 2, max: 2 }), vec![NotReadyReason::ProofsBehind]),
            (ready(false, Some(healthy)), vec![NotReadyReason::Sequencer]),
            (ready(true, Some(L1View::default())), vec![NotReadyReason::L1Unchecked]),
            (ready(true, Some(L1View { frozen: true, ..healthy })), vec![NotReadyReason::Frozen]),
            (
                ready(true, Some(L1View { reserve_needed: Some(1), ..healthy })),
                vec![NotReadyReason::ReserveTooSmall],
            ),
            (
                ready(true, Some(L1View { stopped: true, diverged: true, ..healthy })),
                vec![NotReadyReason::L1Diverged, NotReadyReason::SettlerStopped],
            ),
        ];
        for (readiness, reasons) in table {
            assert_eq!(not_ready(&readiness), reasons);
            assert_eq!(readiness.is_ready(), reasons.is_empty(), "{readiness:?}");
        }
    }
}
