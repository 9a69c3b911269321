//! Arguments of earnings: the period and the form.

use clap::Args;
use farthing_client::Period;
use farthing_protocol::UnixTime;

use crate::log_time::time_of;

#[derive(Debug, Args)]
pub(crate) struct EarningsArgs {
    /// The first time of the batches: a date, a date and time, both in UTC, or unix seconds.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) from: Option<UnixTime>,
    /// The time before which the batches are.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) to: Option<UnixTime>,
    /// Prints CSV for spreadsheets and accountants' tools.
    #[arg(long, conflicts_with = "json")]
    pub(crate) csv: bool,
}

impl EarningsArgs {
    pub(crate) const fn period(&self) -> Period {
        Period { from: self.from, to: self.to }
    }
}

fn time(text: &str) -> Result<UnixTime, &'static str> {
    let seconds = time_of(text).and_then(|seconds| u64::try_from(seconds).ok());
    let time = seconds.and_then(|seconds| UnixTime::new(seconds).ok());
    time.ok_or("expected a time such as 2026-10-01, 2026-10-01T12:00:00Z or 1790812800")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates_or_seconds() {
        let seconds = |text| time(text).map(UnixTime::get);
        for text in ["2026-10-01", "2026-10-01T00:00:00Z", "2026-10-01 02:00+02:00", "1790812800"] {
            assert_eq!(seconds(text), Ok(1_790_812_800), "{text}");
        }
        for text in ["", "2026-13-01", "tomorrow", "1969-12-31", "-1"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
