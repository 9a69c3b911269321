//! Times as inference logs and arguments write them: seconds, or a date and a time of day, with or without
//! fraction and offset.

/// Days from the first of January of year 1 to that of 1970.
const DAYS_TO_1970: i64 = 719_162;
const DAY_SECONDS: i64 = 24 * 3_600;
/// The most digits of seconds.
const SECONDS_DIGITS_MAX: usize = 13;
/// Days of a year before each month.
const DAYS_BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// Unix seconds, rounded down: `12.5`, `2023-11-16 18:15:46.6805900`, `2024-02-29T23:59+02:00`. A date
/// without an offset is UTC, and a number counts from a start of its own.
pub(crate) fn seconds_of(text: &str) -> Option<i64> {
    seconds(text).or_else(|| date_time(text))
}

/// Unix seconds of a date in UTC, of a date and time, or of a number of them.
pub(crate) fn time_of(text: &str) -> Option<i64> {
    seconds_of(text).or_else(|| Some(days(text)? * DAY_SECONDS))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Seconds since some start.
fn seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let good = is_digits(whole) && whole.len() <= SECONDS_DIGITS_MAX && is_digits(fraction);
    if good { whole.parse().ok() } else { None }
}

fn date_time(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let days = days(date)?;
    let (clock, rest) = clock(rest)?;
    let ahead = offset(rest.strip_prefix(' ').unwrap_or(rest))?;
    Some(days * DAY_SECONDS + clock - ahead)
}

/// The days from 1970 to `YYYY-MM-DD` of the Gregorian calendar.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let year = number(year, 4, 1, 9_999)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let month = number(month, 2, 1, 12)?;
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let day = number(day, 2, 1, days)?;
    parts.next().is_none().then_some(())?;
    let before = DAYS_BEFORE.get(usize::try_from(month - 1).ok()?)?;
    let years = year - 1;
    let of_years = years * 365 + years / 4 - years / 100 + years / 400;
    Some(of_years - DAYS_TO_1970 + before + i64::from(leap && month > 2) + day - 1)
}

/// The seconds of `HH:MM`, with `:SS` and a fraction or not; and what follows it.
fn clock(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = text.split_at_checked(2)?;
    let (minute, rest) = rest.strip_prefix(':')?.split_at_checked(2)?;
    let minutes = number(hour, 2, 0, 23)? * 60 + number(minute, 2, 0, 59)?;
    let Some(rest) = rest.strip_prefix(':') else { return Some((minutes * 60, rest)) };
    let (second, rest) = rest.split_at_checked(2)?;
    // A leap second is the sixty-first.
    let seconds = minutes * 60 + number(second, 2, 0, 60)?;
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some((seconds, rest)) };
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    (end > 0).then_some((seconds, &fraction[end..]))
}

/// The seconds by which a clock is ahead of UTC: of nothing, `Z`, `UTC`, or an offset such as `+02:00`,
/// `-0530` or `+02`.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hour, rest) = text.strip_prefix(['+', '-'])?.split_at_checked(2)?;
    let minute = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = match rest {
        "" => 0,
        _ => number(minute, 2, 0, 59)?,
    };
    Some(sign * (number(hour, 2, 0, 23)? * 60 + minutes) * 60)
}

fn number(text: &str, digits: usize, min: i64, max: i64) -> Option<i64> {
    let value = (text.len() == digits && is_digits(text)).then(|| text.parse().ok())??;
    (min..=max).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_logs_are_read() {
        for (good, expected) in [
            ("0", 0),
            ("12.5", 12),
            ("1700158546", 1_700_158_546),
            ("2023-11-16 18:15:46.6805900", 1_700_158_546),
            ("2023-11-16 18:15:46", 1_700_158_546),
            ("2023-11-16 18:15", 1_700_158_500),
            ("1970-01-01T00:00Z", 0),
            ("2024-02-29T23:59:60Z", 1_709_251_200),
            ("2024-03-01T00:00:00Z", 1_709_251_200),
            ("2023-11-16 18:15:46.123+00:00", 1_700_158_546),
            ("2023-11-16T18:15:46,5-0530", 1_700_158_546 + 19_800),
            ("2023-11-16 18:15:46 +02", 1_700_158_546 - 7_200),
            ("2023-11-16 18:15:46 UTC", 1_700_158_546),
            ("1969-12-31 23:59:59", -1),
        ] {
            assert_eq!(seconds_of(good), Some(expected), "{good}");
        }
        for bad in [
            "",
            "b",
            "-1",
            "1.",
            "1e3",
            "2023-02-29 00:00:00",
            "2023-13-01 00:00:00",
            "2023-11-16",
            "2023-11-16 24:00:00",
            "2023-11-16 18:60",
            "2023-11-16 18:15:46.",
            "2023-11-16 18:15:46 +2",
            "2023-11-16 18:15:46+24:00",
            "2023-11-16 18:15:46 CET",
            "16.11.2023 18:15:46",
            "2023-11-16é18:15:46",
        ] {
            assert_eq!(seconds_of(bad), None, "{bad}");
        }
    }
}
