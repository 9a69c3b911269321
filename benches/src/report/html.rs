//! The report as one page that needs nothing else.

use std::fmt::Write as _;

use super::curves::CurveError;
use super::table::{Table, escape};
use super::{Report, sections};

const STYLE: &str = "
body { font: 15px/1.5 system-ui, sans-serif; color: #1c2330; background: #fff; margin: 2rem auto; \
max-width: 76rem; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { color: #4a5468; max-width: 60rem; margin: .2rem 0 .7rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; \
overflow-x: auto; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #dde2ea; text-align: right; \
white-space: nowrap; }
th { font-weight: 600; color: #4a5468; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
.warning { background: #fff4e0; border-left: 4px solid #d98a00; padding: .6rem 1rem; color: #1c2330; }
.curves { display: flex; flex-wrap: wrap; gap: 1rem; }
.curves svg { max-width: 100%; height: auto; border: 1px solid #dde2ea; }
";

/// The whole report.
pub(super) fn page(report: &Report) -> Result<String, CurveError> {
    let mut text =
        String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    text.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    let _ = write!(text, "<title>Farthing, measured</title><style>{STYLE}</style></head><body>");
    text.push_str("<h1>Farthing, measured</h1>\n");
    for warning in report.warnings() {
        let _ = writeln!(text, "<p class=\"warning\">Warning: {}.</p>", escape(&warning));
    }
    let tables = sections::tables(report);
    let (goals, others) = tables.split_at(tables.len().min(1));
    text.extend(goals.iter().map(Table::to_html));
    text.push_str(&curves(report)?);
    text.extend(others.iter().map(Table::to_html));
    text.push_str("</body></html>\n");
    Ok(text)
}

fn curves(report: &Report) -> Result<String, CurveError> {
    let mut text = String::new();
    for curve in &report.curves {
        let (axis, time, cells) = (escape(&curve.axis), curve.time_svg()?, curve.cells_svg()?);
        let _ = writeln!(
            text,
            "<section><h2>Cost against {axis}</h2><div class=\"curves\">{time}{cells}</div></section>"
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_needs_nothing_else() -> Result<(), CurveError> {
        let failed = vec!["<class> 64k was left out".to_owned()];
        let page = page(&Report { failed, ..Report::default() })?;
        assert!(page.contains("&lt;class&gt; 64k was left out"));
        for outside in ["<script", "http://", "https://", "<link", "@import"] {
            assert!(!page.contains(outside), "{outside}");
        }
        Ok(())
    }
}
