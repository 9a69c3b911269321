//! Curves of cost against numbers of the workload.

use std::collections::BTreeMap;

use plotters::prelude::*;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::plan::{Axis, LeafCase};
use super::summary::Summary;
use crate::leaf::LeafReport;
use crate::text::thousands;

const SIZE: (u32, u32) = (460, 300);
const MARGIN: u32 = 12;
const LABEL_AREA: (u32, u32) = (36, 64);
/// Curves begin at zero and end this much above the highest value.
const HEADROOM: f64 = 1.15;
const LABELS_MAX: usize = 6;
const TIME_COLOR: RGBColor = RGBColor(31, 95, 161);
const CELLS_COLOR: RGBColor = RGBColor(166, 77, 31);

/// A curve could not be drawn.
#[derive(Debug, Error)]
#[error("the curve over {axis} cannot be drawn: {source}")]
pub struct CurveError {
    /// The number on the x-axis.
    axis: String,
    /// Why.
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// A batch at one place of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its x-coordinate.
    pub x: f64,
    /// Its class.
    pub class: String,
    /// Payments that it held.
    pub payments: usize,
    /// Seconds to prove it, for each payment.
    pub seconds_per_payment: Summary,
    /// The same in processor time; missing in reports of earlier versions.
    #[serde(default)]
    pub cpu_seconds_per_payment: Option<Summary>,
    /// Committed cells for each payment.
    pub cells_per_payment: f64,
}

/// Cost against one number of the workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The number.
    pub axis: String,
    /// By ascending x.
    pub points: Vec<Point>,
}

impl Curve {
    /// The curves that cases are points of.
    pub(super) fn all(cases: &[LeafCase], runs: &BTreeMap<&str, Vec<LeafReport>>) -> Vec<Self> {
        let curve = |axis: Axis| {
            let on_axis = cases.iter().filter_map(|case| match case.point {
                Some((of, x)) if of == axis => Some((case, x)),
                _ => None,
            });
            let points =
                on_axis.filter_map(|(case, x)| Point::of(axis, x, runs.get(case.id.as_str())?));
            let mut points: Vec<Point> = points.collect();
            points.sort_by(|a, b| a.x.total_cmp(&b.x));
            Self { axis: axis.name().to_owned(), points }
        };
        Axis::ALL.map(curve).into_iter().filter(|curve| curve.points.len() > 1).collect()
    }

    /// Time a payment as SVG, with the range of the repetitions.
    pub(super) fn time_svg(&self) -> Result<String, CurveError> {
        let micros = |seconds: f64| seconds * 1e6;
        let values = self.points.iter().map(|point| {
            let Summary { median, low, high, .. } = point.seconds_per_payment;
            (point.x, [low, median, high].map(micros))
        });
        self.svg("µs a payment", TIME_COLOR, values.collect())
    }

    /// Cells a payment as SVG.
    pub(super) fn cells_svg(&self) -> Result<String, CurveError> {
        let values = self.points.iter().map(|point| (point.x, [point.cells_per_payment; 3]));
        self.svg("cells a payment", CELLS_COLOR, values.collect())
    }

    fn svg(
        &self,
        y_name: &str,
        color: RGBColor,
        values: Vec<(f64, [f64; 3])>,
    ) -> Result<String, CurveError> {
        let mut text = String::new();
        draw(&mut text, &self.axis, y_name, color, &values)
            .map_err(|source| CurveError { axis: self.axis.clone(), source })?;
        Ok(text)
    }
}

impl Point {
    fn of(axis: Axis, x: f64, runs: &[LeafReport]) -> Option<Self> {
        let first = runs.first()?;
        // A class holds fewer payments of a workload than intents.
        let x = if axis == Axis::Batch { first.payments as f64 } else { x };
        let times = || runs.iter().map(|run| run.prove / run.payments);
        Some(Self {
            x,
            class: first.class.clone(),
            payments: first.payments,
            seconds_per_payment: Summary::of(times().map(|time| time.wall_s))?,
            cpu_seconds_per_payment: Summary::of(times().map(|time| time.cpu_s)),
            cells_per_payment: first.cells_per_payment,
        })
    }
}

/// A line through the medians over a logarithmic x-axis, with bars from low to high.
fn draw(
    text: &mut String,
    x_name: &str,
    y_name: &str,
    color: RGBColor,
    values: &[(f64, [f64; 3])],
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    // The backend's own error borrows the text that it draws into.
    let owned = |error: &dyn std::fmt::Display| error.to_string();
    let first = values.first().map_or(1.0, |(x, _)| *x).max(f64::MIN_POSITIVE);
    let last = values.last().map_or(2.0, |(x, _)| *x).max(first * 2.0);
    let top = values.iter().map(|(_, [.., high])| *high).fold(f64::MIN_POSITIVE, f64::max);
    let area = SVGBackend::with_string(text, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(|e| owned(&e))?;
    let mut chart = ChartBuilder::on(&area)
        .margin(MARGIN)
        .x_label_area_size(LABEL_AREA.0)
        .y_label_area_size(LABEL_AREA.1)
        .build_cartesian_2d((first..last).log_scale(), 0.0..top * HEADROOM)
        .map_err(|e| owned(&e))?;
    chart
        .configure_mesh()
        .x_desc(x_name)
        .y_desc(y_name)
        .x_labels(LABELS_MAX)
        .y_labels(LABELS_MAX)
        .x_label_formatter(&|x| thousands(x.round() as u128))
        .y_label_formatter(&|y| thousands(y.round() as u128))
        .light_line_style(TRANSPARENT)
        .draw()
        .map_err(|e| owned(&e))?;
    let medians = values.iter().map(|(x, [_, median, _])| (*x, *median));
    let line = LineSeries::new(medians.clone(), color.stroke_width(2));
    chart.draw_series(line).map_err(|e| owned(&e))?;
    let bars = values.iter().map(|(x, [low, _, high])| {
        PathElement::new(vec![(*x, *low), (*x, *high)], color.stroke_width(1))
    });
    chart.draw_series(bars).map_err(|e| owned(&e))?;
    let dots = medians.map(|point| Circle::new(point, 3, color.filled()));
    chart.draw_series(dots).map_err(|e| owned(&e))?;
    area.present().map_err(|e| owned(&e))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, seconds: [f64; 3]) -> Point {
        Point {
            x,
            class: "1k".to_owned(),
            payments: 10,
            seconds_per_payment: Summary::of(seconds).expect("values"),
            cpu_seconds_per_payment: None,
            cells_per_payment: 2_000.0,
        }
    }

    #[test]
    fn curves_are_drawn() -> Result<(), CurveError> {
        let points = vec![point(1.0, [1e-3, 2e-3, 3e-3]), point(1_024.0, [1e-4, 1e-4, 1e-4])];
        let curve = Curve { axis: "payers".to_owned(), points };
        let svg = curve.time_svg()?;
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(svg.contains("payers") && svg.contains("µs a payment"));
        assert!(curve.cells_svg()?.contains("cells a payment"));
        Ok(())
    }
}
