//! Gas on L1, as the contracts' own tests measured it: `snapshots/GROUP.json`, names and numbers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Report;
use super::metric::{Better, Metric, Unit};
use super::summary::Summary;

/// Forge writes numbers as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Gas {
    Number(f64),
    Text(String),
}

/// Adds what the snapshots in `folder` say. If there are none, nothing is added.
pub(super) fn read(folder: &Path, report: &mut Report) {
    let Ok(files) = fs::read_dir(folder) else { return };
    let mut files: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let group = path.file_stem().unwrap_or_default().to_string_lossy();
        match fs::read_to_string(path)
            .map_err(|e| e.to_string())
            .and_then(|text| metrics(&group, &text))
        {
            Ok(metrics) => report.metrics.extend(metrics),
            Err(why) => report.failed.push(format!("{}: {why}", path.display())),
        }
    }
}

fn metrics(group: &str, text: &str) -> Result<Vec<Metric>, String> {
    let gas: BTreeMap<String, Gas> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let metric = |(name, gas): (String, Gas)| {
        let gas = match gas {
            Gas::Number(number) => number,
            Gas::Text(text) => text.parse().map_err(|_| format!("{name} is `{text}`"))?,
        };
        let summary = Summary { median: gas, low: gas, high: gas, repetitions: 1 };
        let id = format!("gas/{group}/{name}");
        let unit = if id.ends_with("bytes") { Unit::Bytes } else { Unit::Gas };
        Ok(Metric { id, unit, better: Better::Lower, summary })
    };
    gas.into_iter().map(metric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_read() {
        let read = metrics("rollup", r#"{"commit": "21000", "prove": 7}"#).expect("a snapshot");
        let seen: Vec<_> = read.iter().map(|m| (m.id.as_str(), m.summary.median)).collect();
        assert_eq!(seen, [("gas/rollup/commit", 21_000.0), ("gas/rollup/prove", 7.0)]);
        assert!(metrics("rollup", r#"{"commit": "many"}"#).is_err());
        assert!(metrics("rollup", "[]").is_err());
    }
}
