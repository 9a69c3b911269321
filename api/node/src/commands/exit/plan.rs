//! The next step on the way out of a rollup, from the state of L1 alone.

use alloy::primitives::Address;
use farthing_protocol::{NANO_PER_BASE_UNIT, Nano, QueueIndex};

/// Facts on L1 about an account and its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Situation {
    /// The account's owner.
    pub(super) owner: Address,
    /// The time of the newest L1 block, in unix seconds.
    pub(super) now: u64,
    /// True if the rollup is frozen.
    pub(super) frozen: bool,
    /// The account's balance in the last final state; `None` if no final state has the account.
    pub(super) balance: Option<Nano>,
    /// True if the account has escaped.
    pub(super) escaped: bool,
    /// The owner's forced exit of the account that no final batch has consumed.
    pub(super) requested: Option<QueueIndex>,
    /// The deadline of the oldest queue entry that no final batch has consumed.
    pub(super) deadline: Option<u64>,
    /// Payouts of final batches to the owner that are not claimed.
    pub(super) unclaimed: usize,
    /// Deposits of the owner that no final batch has consumed, and that were not paid back.
    pub(super) deposits: usize,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Collect payouts of final batches.
    Claim,
    /// Take back deposits of the frozen rollup.
    Refund,
    /// Take the balance out of the frozen rollup.
    Escape,
    /// Ask L1 for the whole balance.
    Request,
    /// Wait for the operator, until that unix second.
    Wait {
        /// The deadline of the oldest queue entry.
        until: u64,
    },
    /// The deadline has passed: freeze the rollup.
    Freeze,
    /// Nothing is left to take out.
    Done,
}

impl Situation {
    /// The next step. What can be collected comes first; then, in a frozen rollup, deposits and the
    /// balance; in one that goes on, the request, the wait for the operator and the freeze.
    pub(super) fn next(&self) -> Step {
        if self.unclaimed > 0 {
            return Step::Claim;
        }
        if self.frozen {
            return match self.deposits {
                0 if self.holds_a_unit() && !self.escaped => Step::Escape,
                0 => Step::Done,
                _ => Step::Refund,
            };
        }
        let waits = self.requested.is_some() || self.deposits > 0;
        if !waits && !self.holds_a_unit() {
            return Step::Done;
        }
        match self.deadline {
            // Anyone may freeze, which comes before a request: that would only wait for the same.
            Some(deadline) if self.now > deadline => Step::Freeze,
            Some(until) if self.requested.is_some() || !self.holds_a_unit() => Step::Wait { until },
            _ if self.holds_a_unit() => Step::Request,
            // What waited has been consumed since it was looked for.
            _ => Step::Done,
        }
    }

    /// True if the balance makes a base unit of the token.
    fn holds_a_unit(&self) -> bool {
        self.balance.is_some_and(|balance| balance.get() >= NANO_PER_BASE_UNIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn situation(change: impl FnOnce(&mut Situation)) -> Situation {
        let balance = Nano::new(5_000).ok();
        let mut situation = Situation { now: 1_000, balance, ..Situation::default() };
        change(&mut situation);
        situation
    }

    #[test]
    fn each_situation_has_its_step() {
        let request = QueueIndex::MIN.advance(3);
        type Change = fn(&mut Situation);
        let cases: [(&str, Change, Step); 14] = [
            ("a balance", |_| (), Step::Request),
            ("others wait, in time", |s| s.deadline = Some(1_000), Step::Request),
            ("others wait too long", |s| s.deadline = Some(999), Step::Freeze),
            ("dust", |s| s.balance = Nano::new(999).ok(), Step::Done),
            ("no account", |s| s.balance = None, Step::Done),
            ("a payout", |s| s.unclaimed = 1, Step::Claim),
            ("frozen, a payout", |s| (s.frozen, s.unclaimed) = (true, 1), Step::Claim),
            ("frozen", |s| s.frozen = true, Step::Escape),
            ("frozen, escaped", |s| (s.frozen, s.escaped) = (true, true), Step::Done),
            ("frozen, dust", |s| (s.frozen, s.balance) = (true, Nano::new(1).ok()), Step::Done),
            ("frozen, a deposit", |s| (s.frozen, s.deposits) = (true, 2), Step::Refund),
            (
                "a deposit waits",
                |s| (s.balance, s.deposits, s.deadline) = (None, 1, Some(1_000)),
                Step::Wait { until: 1_000 },
            ),
            (
                "a deposit waits too long",
                |s| (s.balance, s.deposits, s.deadline) = (None, 1, Some(999)),
                Step::Freeze,
            ),
            (
                "a deposit and a balance",
                |s| (s.deposits, s.deadline) = (1, Some(1_000)),
                Step::Request,
            ),
        ];
        for (case, change, expected) in cases {
            assert_eq!(situation(change).next(), expected, "{case}");
        }
        let requested = |deadline| {
            situation(|s| (s.requested, s.deadline) = (Some(request), Some(deadline))).next()
        };
        assert_eq!(requested(1_000), Step::Wait { until: 1_000 });
        assert_eq!(requested(999), Step::Freeze);
        // Money that comes while an own request waits changes nothing: the exit takes all.
        let dust = situation(|s| {
            (s.requested, s.deadline) = (Some(request), Some(2_000));
            s.balance = None;
        });
        assert_eq!(dust.next(), Step::Wait { until: 2_000 });
    }
}
