//! Earnings as CSV (RFC 4180: UTF-8 without a byte order mark, lines that end with CR LF).
//!
//! Each line has one source of a license's earnings, or one movement of an account's balance. Totals are
//! not among them, so a sum over a column is never counted twice. A cell is a number, a time or a word
//! of this program: [`Cell`] has no text of a stranger, which a spreadsheet could take for a formula.

use std::fmt::{self, Write as _};

use farthing_protocol::{AccountId, LicenseId, UnixTime};

use crate::dto::{AccountEarningsLineBody, EarningsLineBody};

/// The media type of CSV with a header line (RFC 7111 and 4180).
pub const CSV_MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// Columns of a license's earnings. `amount` is in tokens: its sum over the lines of a batch is the
/// amount that the license received.
pub const LICENSE_EARNINGS_COLUMNS: [&str; 9] = [
    "batch",
    "batch_time_utc",
    "license",
    "kind",
    "payer",
    "derivative",
    "payments",
    "uses",
    "amount",
];

/// Columns of an account's earnings. `amount` is in tokens, negative if it is taken from the balance:
/// its sum over the lines of a batch is the change of the balance.
pub const ACCOUNT_EARNINGS_COLUMNS: [&str; 9] = [
    "batch",
    "batch_time_utc",
    "account",
    "kind",
    "license",
    "counterparty",
    "license_received",
    "shares_ppm",
    "amount",
];

/// Nano-units of a token.
const NANO_PER_TOKEN: u64 = 1_000_000_000;
const SECONDS_PER_DAY: u64 = 86_400;

/// A cell of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    /// Nothing.
    Empty,
    /// A number.
    Number(u64),
    /// A word of this program.
    Word(&'static str),
    /// A time, in UTC.
    Time(UnixTime),
    /// Nano-units, as tokens with nine decimals; negative if they are taken from a balance.
    Tokens { nano: u64, negative: bool },
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => Ok(()),
            Self::Number(number) => write!(f, "{number}"),
            Self::Word(word) => f.write_str(word),
            Self::Time(time) => write_utc(f, time.get()),
            Self::Tokens { nano, negative } => {
                let sign = if negative && nano > 0 { "-" } else { "" };
                write!(f, "{sign}{}.{:09}", nano / NANO_PER_TOKEN, nano % NANO_PER_TOKEN)
            }
        }
    }
}

/// Writes unix seconds as `2026-11-28T09:30:00Z`, by the proleptic Gregorian calendar.
fn write_utc(f: &mut fmt::Formatter<'_>, seconds: u64) -> fmt::Result {
    let (days, second) = (seconds / SECONDS_PER_DAY, seconds % SECONDS_PER_DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a number of days since 1 January 1970. Years are counted from 1 March, so that
/// the day of a leap year is the last one.
const fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_PER_400_YEARS: u64 = 146_097;
    /// Days from 1 March of the year 0 to 1 January 1970.
    const FROM_MARCH_0: u64 = 719_468;
    let days = days + FROM_MARCH_0;
    let (era, of_era) = (days / DAYS_PER_400_YEARS, days % DAYS_PER_400_YEARS);
    let leap_days = of_era / 1_460 + of_era / 146_096 - of_era / 36_524;
    let year_of_era = (of_era - leap_days) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + (month <= 2) as u64;
    (year, month, day)
}

/// A table while it is written.
struct Table(String);

impl Table {
    fn new(columns: &[&'static str]) -> Self {
        Self(columns.join(",") + "\r\n")
    }

    fn line(&mut self, cells: [Cell; 9]) {
        for (at, cell) in cells.iter().enumerate() {
            let separator = if at == 0 { "" } else { "," };
            // Writing to a string does not fail.
            let _ = write!(self.0, "{separator}{cell}");
        }
        self.0.push_str("\r\n");
    }
}

/// Lines of a license's earnings, after a header line.
pub fn license_earnings_csv(license: LicenseId, lines: &[EarningsLineBody]) -> String {
    let mut table = Table::new(&LICENSE_EARNINGS_COLUMNS);
    for line in lines {
        let start = [
            Cell::Number(line.batch.0.get()),
            Cell::Time(line.time),
            Cell::Number(license.get().into()),
        ];
        for payer in &line.payers {
            let [batch, time, license] = start;
            table.line([
                batch,
                time,
                license,
                Cell::Word("payment"),
                Cell::Number(payer.account.get().into()),
                Cell::Empty,
                Cell::Number(payer.payments.into()),
                Cell::Number(payer.uses),
                Cell::Tokens { nano: payer.amount.0.get(), negative: false },
            ]);
        }
        for derivative in &line.derivatives {
            let [batch, time, license] = start;
            table.line([
                batch,
                time,
                license,
                Cell::Word("derivative"),
                Cell::Empty,
                Cell::Number(derivative.license.get().into()),
                Cell::Empty,
                Cell::Empty,
                Cell::Tokens { nano: derivative.amount.0.get(), negative: false },
            ]);
        }
    }
    table.0
}

/// Lines of an account's earnings, after a header line.
pub fn account_earnings_csv(account: AccountId, lines: &[AccountEarningsLineBody]) -> String {
    let mut table = Table::new(&ACCOUNT_EARNINGS_COLUMNS);
    let number = |number: Option<u64>| number.map_or(Cell::Empty, Cell::Number);
    for line in lines {
        for movement in &line.movements {
            let received = movement.received.map(|received| received.0.get());
            table.line([
                Cell::Number(line.batch.0.get()),
                Cell::Time(line.time),
                Cell::Number(account.get().into()),
                Cell::Word(movement.kind.as_str()),
                number(movement.license.map(|license| license.get().into())),
                number(movement.account.map(|account| account.get().into())),
                received.map_or(Cell::Empty, |nano| Cell::Tokens { nano, negative: false }),
                number(movement.shares.map(|shares| shares.get().into())),
                Cell::Tokens {
                    nano: movement.amount.0.get(),
                    negative: !movement.kind.is_credit(),
                },
            ]);
        }
    }
    table.0
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{BatchNumber, Nano, Shares};

    use super::*;
    use crate::dto::{DerivativeBody, MovementBody, MovementKindName, PayerBody};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    fn nano(nano: u64) -> crate::dto::WireNano {
        Nano::new(nano).unwrap_or(Nano::MAX).into()
    }

    #[test]
    fn times_are_those_of_the_calendar() -> TestResult {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_798_675_200, "2026-12-31T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ];
        for (seconds, text) in table {
            assert_eq!(Cell::Time(UnixTime::new(seconds)?).to_string(), text);
        }
        Ok(())
    }

    #[test]
    fn amounts_have_nine_decimals_and_a_sign() {
        let text = |nano, negative| Cell::Tokens { nano, negative }.to_string();
        assert_eq!(text(0, true), "0.000000000");
        assert_eq!(text(1, true), "-0.000000001");
        assert_eq!(text(1_500_000_000, false), "1.500000000");
        assert_eq!(text(Nano::MAX.get(), false), "4611686018.427387903");
    }

    #[test]
    fn lines_sum_to_the_earnings_and_no_cell_is_a_formula() -> TestResult {
        let line = EarningsLineBody {
            batch: BatchNumber::new(7)?.into(),
            time: UnixTime::new(951_782_400)?,
            vault_before: nano(0),
            received: nano(35),
            payers: vec![PayerBody {
                account: AccountId::from(8),
                payments: 2,
                uses: 3,
                amount: nano(30),
            }],
            derivatives: vec![DerivativeBody { license: LicenseId::from(4), amount: nano(5) }],
            parts: Vec::new(),
            vault_after: nano(35),
        };
        let text = license_earnings_csv(LicenseId::from(3), &[line]);
        let expected = "batch,batch_time_utc,license,kind,payer,derivative,payments,uses,amount\r\n\
                        7,2000-02-29T00:00:00Z,3,payment,8,,2,3,0.000000030\r\n\
                        7,2000-02-29T00:00:00Z,3,derivative,,4,,,0.000000005\r\n";
        assert_eq!(text, expected);

        let movement = |kind, amount| MovementBody {
            kind,
            amount: nano(amount),
            license: None,
            account: None,
            received: None,
            shares: None,
        };
        let royalty = MovementBody {
            license: Some(LicenseId::from(3)),
            received: Some(nano(35)),
            shares: Some(Shares::new(600_000)?),
            ..movement(MovementKindName::Royalty, 21)
        };
        let line = AccountEarningsLineBody {
            batch: BatchNumber::new(7)?.into(),
            time: UnixTime::new(951_782_400)?,
            balance_before: nano(10),
            balance_after: nano(29),
            movements: vec![royalty, movement(MovementKindName::Fee, 2)],
        };
        let text = account_earnings_csv(AccountId::from(5), &[line]);
        let lines: Vec<&str> = text.split("\r\n").collect();
        let expected = [
            "7,2000-02-29T00:00:00Z,5,royalty,3,,0.000000035,600000,0.000000021",
            "7,2000-02-29T00:00:00Z,5,fee,,,,,-0.000000002",
            "",
        ];
        assert_eq!(lines[1..], expected);
        for cell in lines.iter().flat_map(|line| line.split(',')) {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
        Ok(())
    }
}
