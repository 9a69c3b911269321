//! A measured figure, its unit, and which way is better.

use serde::{Deserialize, Serialize};

use super::summary::Summary;
use crate::text::thousands;

/// Unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Payments or intents per second.
    PerSecond,
    /// 2²⁰ bytes.
    Mebibytes,
    /// Bytes.
    Bytes,
    /// Cells of a trace, rows, columns, payments.
    Count,
    /// Gas.
    Gas,
    /// Bits of soundness.
    Bits,
    /// A quotient of two figures of this run.
    Ratio,
}

impl Unit {
    /// Returns true if two runs of one program on one workload may differ in a figure of this unit.
    pub const fn varies(self) -> bool {
        matches!(self, Self::Seconds | Self::PerSecond | Self::Mebibytes | Self::Ratio)
    }

    /// A value as people read it.
    pub fn show(self, value: f64) -> String {
        let whole = |value: f64| thousands(value.max(0.0).round() as u128);
        match self {
            Self::Seconds if value >= 100.0 => format!("{} s", whole(value)),
            Self::Seconds if value >= 1.0 => format!("{value:.2} s"),
            Self::Seconds if value >= 1e-3 => format!("{:.1} ms", value * 1e3),
            Self::Seconds => format!("{:.1} µs", value * 1e6),
            Self::PerSecond | Self::Count | Self::Gas if value >= 100.0 => whole(value),
            Self::PerSecond | Self::Count | Self::Gas => format!("{value:.1}"),
            Self::Mebibytes if value >= 1024.0 => format!("{:.1} GiB", value / 1024.0),
            Self::Mebibytes => format!("{} MiB", whole(value)),
            Self::Bytes if value >= 1e6 => format!("{:.2} MB", value / 1e6),
            Self::Bytes if value >= 1e3 => format!("{:.0} kB", value / 1e3),
            Self::Bytes => format!("{value:.1} B"),
            Self::Bits => format!("{value:.1}"),
            Self::Ratio if value >= 100.0 => format!("{} ×", whole(value)),
            Self::Ratio => format!("{value:.2} ×"),
        }
    }
}

/// Which way a figure is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// The more the better.
    Higher,
    /// The less the better.
    Lower,
}

/// One figure of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Id of the case, then of the figure: `leaf/reference/16k/prove`. Reports are compared by it.
    pub id: String,
    /// Unit of the figure.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Summary of the repetitions.
    #[serde(flatten)]
    pub summary: Summary,
}

impl Metric {
    /// The median.
    pub fn shown(&self) -> String {
        self.unit.show(self.summary.median)
    }

    /// The median and, if there is a range, half of it.
    pub fn shown_with_spread(&self) -> String {
        let spread = self.summary.spread() * 50.0;
        if spread < 0.05 { self.shown() } else { format!("{} ± {spread:.0} %", self.shown()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_read_well() {
        let shown = [
            (Unit::Seconds, 0.000_021, "21.0 µs"),
            (Unit::Seconds, 12.346, "12.35 s"),
            (Unit::Seconds, 1234.4, "1,234 s"),
            (Unit::PerSecond, 1500.2, "1,500"),
            (Unit::Mebibytes, 2970.0, "2.9 GiB"),
            (Unit::Bytes, 810_400.0, "810 kB"),
            (Unit::Bytes, 3.6, "3.6 B"),
            (Unit::Ratio, 2.346, "2.35 ×"),
        ];
        for (unit, value, text) in shown {
            assert_eq!(unit.show(value), text);
        }
    }
}
