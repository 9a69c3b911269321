//! The program writes a report, compares reports, and fails when a figure is worse.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use farthing_benches::report::{Report, Unit};

fn marked(part: &str) -> String {
    format!(
        "before\n<!-- {part}: begin, written by scripts/bench -->\n<!-- {part}: end -->\nafter\n"
    )
}

fn smoke(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_farthing-benches"));
    command.args(["report", "--scale", "smoke", "--out"]).arg(folder).args(arguments).output()
}

fn read(path: &Path) -> Result<Report, Box<dyn std::error::Error>> {
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

#[test]
fn reports_are_written_and_compared() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::TempDir::new()?;
    let readme = folder.path().join("README.md");
    let tables = folder.path().join("tables.md");
    fs::write(&readme, marked("figures"))?;
    fs::write(&tables, marked("tables"))?;
    let first = folder.path().join("first");
    let (readme_name, tables_name) = (readme.to_string_lossy(), tables.to_string_lossy());
    let files = ["--readme", &readme_name, "--tables", &tables_name, "--snapshots", "/nowhere"];
    let written = smoke(&first, &files)?;
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));

    let json = first.join("report.json");
    let mut earlier = read(&json)?;
    assert_eq!(earlier.failed, Vec::<String>::new());
    for figure in ["payments_per_s", "floor_ratio", "conventional_cpu_ratio_32", "peak_memory"] {
        // The smoke's conventional tree is of depth 4, so the ratio is not there.
        let id = format!("leaf/reference/tiny/{figure}");
        assert_eq!(earlier.metric(&id).is_some(), !figure.contains("conventional"), "{id}");
    }
    assert!(earlier.metric("conventional/depth-4/rows-2^6/payments_per_s").is_some());
    assert_eq!(earlier.curves.len(), 1);
    let (figures, tables) = (fs::read_to_string(&readme)?, fs::read_to_string(&tables)?);
    for text in [&figures, &tables] {
        assert!(text.starts_with("before\n") && text.ends_with("after\n"), "{text}");
        assert!(text.contains("smoke report."), "{text}");
    }
    assert!(tables.contains("| reference, tiny |"), "{tables}");
    let rows = figures.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(rows, 13, "two headers with their rulers, four ratios, five figures: {figures}");
    let place = |text: &str| figures.find(text).ok_or("a table is missing");
    assert!(place("| ratio, of one run |")? < place("| absolute figure |")?, "{figures}");
    assert!(figures.contains("threads per core"), "{figures}");
    assert_eq!(earlier.tables.len(), 1, "rows of class tiny are counted");
    let html = fs::read_to_string(first.join("report.html"))?;
    assert!(html.contains("<svg") && html.contains("reference, tiny"));

    // Cells do not depend on the machine: had there been fewer, now there are more.
    let cells =
        earlier.metrics.iter_mut().find(|metric| metric.id.ends_with("reference/tiny/cells"));
    let cells = cells.ok_or("cells are counted")?;
    assert_eq!(cells.unit, Unit::Count);
    for value in [&mut cells.summary.median, &mut cells.summary.low, &mut cells.summary.high] {
        *value *= 0.9;
    }
    let altered = folder.path().join("altered.json");
    fs::write(&altered, serde_json::to_string(&earlier)?)?;
    let compare = |before: &Path, now: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_farthing-benches"));
        command.arg("compare").arg(before).arg(now).output()
    };
    assert!(compare(&json, &json)?.status.success(), "nothing is worse than itself");
    assert!(compare(&json, &altered)?.status.success(), "fewer cells are better");
    let worse = compare(&altered, &json)?;
    assert!(!worse.status.success(), "a regression fails");
    let said = String::from_utf8_lossy(&worse.stdout).into_owned();
    let line = said.lines().find(|line| line.starts_with("| leaf/reference/tiny/cells |"));
    assert!(line.is_some_and(|line| line.ends_with("| WORSE |")), "{said}");
    Ok(())
}
