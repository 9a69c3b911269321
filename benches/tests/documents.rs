//! The Markdown pages name files, functions, metrics and reasons that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Folders with the project's pages and sources.
const FOLDERS: [&str; 12] = [
    ".cargo",
    "aggregator",
    "api",
    "benches",
    "circuits",
    "docs",
    "examples",
    "fuzz",
    "l1-contracts",
    "scripts",
    "state",
    "xtask",
];
/// Folders whose content is not the project's.
const FOREIGN: [&str; 5] = ["node_modules", "target", "out", "cache", "corpus"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Markdown page, by its path from the root.
fn pages() -> std::io::Result<Vec<String>> {
    fn collect(folder: &Path, from: &str, pages: &mut Vec<String>) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if from.is_empty() { name.clone() } else { format!("{from}/{name}") };
            if entry.file_type()?.is_dir() {
                let own = !from.is_empty() || FOLDERS.contains(&name.as_str());
                if own && !FOREIGN.contains(&name.as_str()) {
                    collect(&entry.path(), &path, pages)?;
                }
            } else if name.ends_with(".md") {
                pages.push(path);
            }
        }
        Ok(())
    }
    let mut pages = Vec::new();
    collect(&root(), "", &mut pages)?;
    pages.sort();
    Ok(pages)
}

fn text(path: &str) -> Result<String, String> {
    fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))
}

/// The targets of a page's links, images and reference links included.
fn links(text: &str) -> Vec<&str> {
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let references = text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: "));
    inline.map(|(target, _)| target).chain(references.map(|(_, target)| target.trim())).collect()
}

/// The anchor that a heading gets: lower case, hyphens for spaces, no other punctuation.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().replace('`', "");
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}

fn has_anchor(text: &str, wanted: &str) -> bool {
    text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == wanted)
}

#[test]
fn links_lead_somewhere() -> TestResult {
    let pages = pages()?;
    let mut count = 0;
    for page in &pages {
        let own = text(page)?;
        for target in links(&own) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, part) = target.split_once('#').unwrap_or((target, ""));
            let folder = Path::new(page).parent().unwrap_or(Path::new(""));
            let path = if file.is_empty() { PathBuf::from(page) } else { folder.join(file) };
            assert!(root().join(&path).exists(), "{page}: {target} does not exist");
            if !part.is_empty() {
                let text = fs::read_to_string(root().join(&path))?;
                assert!(has_anchor(&text, part), "{page}: {target} has no such heading");
            }
            count += 1;
        }
    }
    assert!(count > 80, "{count} links");
    Ok(())
}

/// A word in backquotes as a path, and the name behind `::` if there is one: from the root if it
/// begins with a folder of the root, else from the page's folder if it begins with one there.
fn as_path<'w>(page: &str, word: &'w str) -> Option<(PathBuf, Option<&'w str>)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
    let (folder, _) = word.split_once('/')?;
    if folder.is_empty() || !word.chars().all(plain) {
        return None;
    }
    let own = Path::new(page).parent().unwrap_or(Path::new(""));
    let from = match FOLDERS.contains(&folder) {
        true => Path::new(""),
        false if root().join(own).join(folder).is_dir() => own,
        false => return None,
    };
    let (path, name) = match word.split_once("::") {
        Some((path, name)) => (path, Some(name)),
        None => (word, None),
    };
    Some((from.join(path), name))
}

/// Paths that are made, not committed.
fn is_made(path: &Path) -> bool {
    path.iter().any(|part| FOREIGN.iter().any(|folder| part == *folder))
}

#[test]
fn named_files_and_functions_exist() -> TestResult {
    let mut count = 0;
    // Entries of the changelog name files of their time.
    for page in pages()?.into_iter().filter(|page| page != "CHANGELOG.md") {
        let own = text(&page)?;
        for word in own.split('`').skip(1).step_by(2) {
            let Some((path, name)) = as_path(&page, word) else { continue };
            if is_made(&path) {
                continue;
            }
            let file = root().join(&path);
            assert!(file.exists(), "{page}: `{word}` does not exist");
            if let Some(name) = name {
                let source = fs::read_to_string(&file)?;
                assert!(source.contains(&format!("fn {name}")), "{page}: `{word}` does not exist");
            }
            count += 1;
        }
    }
    assert!(count > 120, "{count} paths");
    Ok(())
}

/// Names of metrics in a text, without the suffixes of the format.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let own = names.filter_map(|name| name.strip_prefix("farthing_"));
    own.map(|name| {
        let suffixes = ["_total", "_bucket", "_sum", "_count"];
        let base = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
        base.unwrap_or(name).to_owned()
    })
    .collect()
}

#[test]
fn named_metrics_exist() -> TestResult {
    // Metrics are registered by string literals and, for counters, by the fields of a macro.
    let files = ["metrics/mod.rs", "metrics/events.rs", "metrics/webhooks.rs"];
    let source = files.map(|file| text(&format!("api/server/src/{file}")));
    let source = source.into_iter().collect::<Result<String, _>>()?;
    let exported = |name: &str| {
        source.contains(&format!("\"{name}\"")) || source.contains(&format!("    {name}: \""))
    };
    let pages = ["docs/monitoring/alerts.yml", "docs/monitoring/grafana.json", "docs/operators.md"];
    let mut all = BTreeSet::new();
    for page in pages {
        let named = metrics_in(&text(page)?);
        for name in &named {
            assert!(exported(name), "{page}: no metric is called farthing_{name}");
        }
        all.extend(named);
    }
    assert!(all.len() > 35, "{} metrics", all.len());
    assert!(!exported("batches_unknown"), "the check can fail");
    Ok(())
}

#[test]
fn alerts_have_an_action_and_a_row() -> TestResult {
    let (rules, page) = (text("docs/monitoring/alerts.yml")?, text("docs/operators.md")?);
    let of = |key: &str| -> Vec<&str> {
        rules.lines().filter_map(|line| line.trim_start().strip_prefix(key)).collect()
    };
    let names = of("- alert: ");
    assert!(names.len() > 15, "{names:?}");
    for key in ["expr: ", "for: ", "severity: ", "summary: ", "action: "] {
        assert_eq!(of(key).len(), names.len(), "every alert has {key}");
    }
    for name in names {
        assert!(page.contains(&format!("\n| `{name}` | ")), "docs/operators.md lacks {name}");
    }
    let dashboard: serde_json::Value =
        serde_json::from_str(&text("docs/monitoring/grafana.json")?)?;
    let panels = dashboard["panels"].as_array().ok_or("panels")?;
    assert!(panels.iter().all(|panel| panel["targets"][0]["expr"].is_string()));
    Ok(())
}

#[test]
fn every_reason_of_readiness_has_an_action() -> TestResult {
    let document: serde_json::Value = serde_json::from_str(&text("api/server/openapi.json")?)?;
    let schema = &document["components"]["schemas"]["NotReadyReason"];
    let reasons = schema["enum"].as_array().ok_or("the reasons")?;
    let reasons: Vec<&str> = reasons.iter().filter_map(|reason| reason.as_str()).collect();
    assert!(reasons.len() >= 8, "{reasons:?}");
    let page = text("docs/operators.md")?;
    for reason in reasons {
        assert!(page.contains(&format!("\n| `{reason}` | ")), "docs/operators.md lacks {reason}");
    }
    Ok(())
}

#[test]
fn the_trip_of_a_payment_is_counted() -> TestResult {
    let page = text("docs/architecture.md")?;
    let trip = page.split("## Life of a payment").nth(1).ok_or("the trip")?;
    let trip = trip.split("\n## ").next().ok_or("its end")?;
    let rows: Vec<u32> = trip
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split_once(" |")?.0.parse().ok())
        .collect();
    assert!(rows.iter().copied().eq(1..=rows.len() as u32), "{rows:?}");
    assert!(trip.contains(&format!("has {} hops", rows.len())), "{} hops", rows.len());
    Ok(())
}
