//! Crates depend on lower floors only, and are called after their folders.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Folders from the ground up: a crate depends only on those before it.
const FLOORS: [&str; 18] = [
    "api/launcher",
    "state/protocol",
    "testkit",
    "state/ledger",
    "circuits/airs",
    "circuits/plonky2",
    "circuits/recursion",
    "l1-contracts/bindings",
    "aggregator",
    "provers",
    "api/manifest",
    "api/types",
    "api/client",
    "api/server",
    "api/node",
    "benches/conventional",
    "benches",
    "xtask",
];
/// The crates that may name plonky2.
const PLONKY2: [&str; 4] =
    ["circuits/plonky2", "circuits/recursion", "benches/conventional", "xtask"];

fn floor(folder: &str) -> usize {
    let floor = FLOORS.iter().position(|known| *known == folder);
    floor.unwrap_or_else(|| panic!("{folder} is on no floor: add it to FLOORS"))
}

fn crate_name(folder: &str) -> String {
    match folder {
        "api/types" => "farthing-api-types".to_owned(),
        "l1-contracts/bindings" => "farthing-l1".to_owned(),
        _ => format!("farthing-{}", folder.rsplit('/').next().unwrap_or(folder)),
    }
}

/// Folder → names of dependencies of every kind.
fn workspace() -> HashMap<String, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let mut workspace = HashMap::new();
    for package in list(&metadata["packages"]) {
        let manifest = text(&package["manifest_path"]);
        let folder =
            Path::new(&manifest).parent().and_then(|folder| folder.strip_prefix(root).ok());
        let folder = folder.and_then(Path::to_str).expect("inside the workspace").to_owned();
        assert_eq!(text(&package["name"]), crate_name(&folder), "the name of {folder}");
        let dependencies = list(&package["dependencies"]);
        workspace.insert(folder, dependencies.iter().map(|d| text(&d["name"])).collect());
    }
    workspace
}

#[test]
fn dependencies_point_down() {
    for (folder, dependencies) in workspace() {
        // A crate names itself for the features that only its tests use.
        let above = floor(&folder) + 1;
        for below in FLOORS[above..].iter().map(|folder| crate_name(folder)) {
            assert!(!dependencies.contains(&below), "{folder} must not depend on {below}");
        }
    }
}

#[test]
fn only_circuits_name_plonky2() {
    for (folder, dependencies) in workspace() {
        let named = dependencies.iter().any(|name| name.starts_with("plonky2"));
        assert!(!named || PLONKY2.contains(&folder.as_str()), "{folder} names plonky2");
    }
}
