//! Times as inference logs write them: seconds, or a date and a time of day, with or without
//! fraction and offset.

/// True if a text is a time: `12.5`, `2023-11-16 18:15:46.6805900`, `2024-02-29T23:59+02:00`.
pub(crate) fn is_time(text: &str) -> bool {
    is_seconds(text) || is_date_time(text).is_some()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Seconds since some start.
fn is_seconds(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_digits(whole) && is_digits(fraction)
}

fn is_date_time(text: &str) -> Option<()> {
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    is_date(date)?;
    is_offset(is_clock(rest)?.trim_start_matches(' '))
}

/// `YYYY-MM-DD` of the Gregorian calendar.
fn is_date(date: &str) -> Option<()> {
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let year = number(year, 4, 0, 9_999)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match number(month, 2, 1, 12)? {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    number(day, 2, 1, days)?;
    parts.next().is_none().then_some(())
}

/// `HH:MM`, with `:SS` and a fraction or not; what follows it.
fn is_clock(text: &str) -> Option<&str> {
    let (hour, rest) = text.split_at_checked(2)?;
    let (minute, rest) = rest.strip_prefix(':')?.split_at_checked(2)?;
    number(hour, 2, 0, 23)?;
    number(minute, 2, 0, 59)?;
    let Some(rest) = rest.strip_prefix(':') else { return Some(rest) };
    let (second, rest) = rest.split_at_checked(2)?;
    // A leap second is the sixty-first.
    number(second, 2, 0, 60)?;
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    (end > 0).then_some(&fraction[end..])
}

/// Nothing, `Z`, `UTC`, or an offset such as `+02:00`, `-0530` or `+02`.
fn is_offset(text: &str) -> Option<()> {
    if matches!(text, "" | "Z" | "z" | "UTC" | "GMT") {
        return Some(());
    }
    let (hour, rest) = text.strip_prefix(['+', '-'])?.split_at_checked(2)?;
    number(hour, 2, 0, 23)?;
    let minute = rest.strip_prefix(':').unwrap_or(rest);
    match (rest, minute) {
        ("", _) => Some(()),
        (_, minute) => number(minute, 2, 0, 59).map(drop),
    }
}

fn number(text: &str, digits: usize, min: u32, max: u32) -> Option<u32> {
    let value = (text.len() == digits && is_digits(text)).then(|| text.parse().ok())??;
    (min..=max).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_traces_are_read() {
        for good in [
            "0",
            "12.5",
            "1700158546",
            "2023-11-16 18:15:46.6805900",
            "2023-11-16 18:15:46",
            "2023-11-16 18:15",
            "2024-02-29T23:59:60Z",
            "2023-11-16 18:15:46.123+00:00",
            "2023-11-16T18:15:46,5-0530",
            "2023-11-16 18:15:46 +02",
            "2023-11-16 18:15:46 UTC",
        ] {
            assert!(is_time(good), "{good}");
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
            assert!(!is_time(bad), "{bad}");
        }
    }
}
