//! The aggregator's only source of dates.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use farthing_protocol::UnixTime;

/// The source of time.
pub trait Clock: Send + Sync + 'static {
    /// Unix seconds; 0 if the clock is before 1970, with which no aggregator starts.
    fn now(&self) -> UnixTime;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        UnixTime::new(seconds).unwrap_or(UnixTime::MAX)
    }
}

/// L1's time as a block said it, and when that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct L1Time {
    at: UnixTime,
    seen: Instant,
}

impl L1Time {
    /// The knowledge after a block of time `at` has been seen. A block seen before says nothing new:
    /// L1 may stand still while time passes.
    pub(crate) fn newer(known: Option<Self>, at: UnixTime) -> Option<Self> {
        match known {
            Some(known) if at <= known.at => Some(known),
            _ => Some(Self { at, seen: Instant::now() }),
        }
    }

    /// L1's time by now, if its clock runs on: as good an answer while L1 is away.
    pub(crate) fn now(&self) -> UnixTime {
        self.after(Instant::now())
    }

    fn after(&self, now: Instant) -> UnixTime {
        let since = now.saturating_duration_since(self.seen).as_secs();
        UnixTime::new(self.at.get().saturating_add(since)).unwrap_or(UnixTime::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_time_of_l1_runs_on_while_no_block_comes() -> Result<(), farthing_protocol::OutOfRange> {
        let [first, second] = [UnixTime::new(100)?, UnixTime::new(112)?];
        let seen = L1Time::newer(None, first);
        let again = L1Time::newer(seen, first);
        assert_eq!(seen, again, "the same block changes nothing");
        assert_eq!(L1Time::newer(seen, UnixTime::new(99)?), seen, "an endpoint that is behind");
        let later = |time: Option<L1Time>, seconds: u64| {
            time.map(|time| time.after(time.seen + Duration::from_secs(seconds)).get())
        };
        assert_eq!(later(seen, 0), Some(100));
        assert_eq!(later(seen, 3_600), Some(3_700));
        assert_eq!(later(L1Time::newer(seen, second), 0), Some(112));
        Ok(())
    }
}
