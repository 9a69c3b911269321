//! Numbers as people read them.

use std::time::Duration;

/// Nano-units in a token.
const TOKEN_NANO: u128 = 1_000_000_000;

/// `1,234,567`.
pub fn thousands(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Nano-units as tokens, nine decimals.
pub fn tokens(nano: u128) -> String {
    format!("{}.{:09}", thousands(nano / TOKEN_NANO), nano % TOKEN_NANO)
}

/// A duration in the unit that suits it.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.1} ms", s * 1e3),
        s => format!("{:.1} µs", s * 1e6),
    }
}

/// How many in a second, `count` taking `duration`.
pub fn rate(count: usize, duration: Duration) -> f64 {
    count as f64 / duration.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// `part` in hundredths of `whole`.
pub fn percent(part: u32, whole: u32) -> String {
    format!("{} %", u64::from(part) * 100 / u64::from(whole).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(thousands(0_u32), "0");
        assert_eq!(thousands(999_u32), "999");
        assert_eq!(thousands(1_234_567_u32), "1,234,567");
        assert_eq!(tokens(1_234_000_000_007), "1,234.000000007");
        assert_eq!(duration(Duration::from_micros(1_500)), "1.5 ms");
        assert_eq!(percent(1, 3), "33 %");
    }
}
