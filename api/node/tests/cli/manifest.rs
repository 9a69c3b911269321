//! `farthing manifest`: makes, checks, hashes and exports manifests, without a node.

use std::path::Path;

use serde_json::Value;

use crate::support::{CONTRACT, Node, TestResult, documents, farthing};

/// Options of a manifest with all kinds of them.
const NEW: &str = "manifest new --kind model --title Kursiv --url https://example.com/kursiv \
    --creator Ada --content model.bin --cid bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am \
    --c2pa model.c2pa --model-version 1.2 --base 0 --card https://example.com/card --data 3=licensed \
    --permit all --prohibit ai-train --geo CH --user commercial --attribution Ada --unit token \
    --price 0.00025 --currency USD --asset eip155:1/erc20:0x00000000000000000000000000000000000000aa \
    --derivative-shares 100000 --reciprocal --approval licensor --from 2026-12-01 --until 2027-11-30 \
    --notice-days 30 --jurisdiction CH --terms-url https://example.com/terms --terms terms.txt \
    --contact law@example.com --chain-id 31337 --contract";

/// Runs a command that succeeds; its JSON.
fn succeeds(folder: &Path, line: &str) -> TestResult<Value> {
    let output = farthing(folder).args(line.split_whitespace()).arg("--json").output()?;
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    documents(&output)?.pop().ok_or_else(|| "a document".into())
}

/// Runs a command that fails; its message.
fn fails(folder: &Path, line: &str) -> TestResult<String> {
    let output = farthing(folder).args(line.split_whitespace()).output()?;
    assert_eq!(output.status.code(), Some(1), "{line}");
    Ok(String::from_utf8(output.stderr)?)
}

fn prepare(folder: &Path) -> TestResult {
    std::fs::write(folder.join("model.bin"), "weights")?;
    std::fs::write(folder.join("terms.txt"), "terms")?;
    Ok(std::fs::write(folder.join("model.c2pa"), b"\0\0\0\x08jumb")?)
}

#[test]
fn a_manifest_is_made_and_checked() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    prepare(folder)?;
    let new = format!("{NEW} {CONTRACT} --out manifest.json");
    let made = succeeds(folder, &new)?;
    let hash = made["hash"].as_str().ok_or("a hash")?.to_owned();
    assert_eq!(made["file"], "manifest.json");
    assert!(fails(folder, &new)?.contains("manifest.json: exists already"));

    assert_eq!(succeeds(folder, "manifest hash manifest.json")?["hash"], hash);
    let files = "--content model.bin --c2pa model.c2pa --terms terms.txt";
    let check = format!("manifest check manifest.json {files} --provenance {hash}");
    assert_eq!(succeeds(folder, &check)?["files_checked"], 1);
    let refused = [
        (
            "--content terms.txt",
            "terms.txt: the manifest does not have this file's hash in work.content",
        ),
        ("--terms model.bin", "does not have this file's hash in legal.termsSha256"),
        ("--c2pa model.bin", "model.bin: not a C2PA manifest store"),
        ("--content absent", "absent: cannot be read"),
    ];
    for (options, expected) in refused {
        let got = fails(folder, &format!("manifest check manifest.json {options}"))?;
        assert!(got.contains(expected), "{got}");
    }
    let other = format!("manifest check manifest.json --provenance 0x{}", "00".repeat(32));
    assert!(fails(folder, &other)?.contains("another hash than was asked for"));
    Ok(())
}

#[test]
fn a_manifest_is_exported() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    prepare(folder)?;
    succeeds(folder, &format!("{NEW} {CONTRACT} --out manifest.json"))?;
    let export = |form: &str| -> TestResult<String> {
        let line = format!("manifest export manifest.json --as {form} --out {form}");
        let output = farthing(folder).args(line.split(' ')).output()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(std::fs::read_to_string(folder.join(form))?)
    };
    assert!(export("rsl")?.contains("<amount currency=\"USD\">0.00025</amount>"));
    assert!(export("content-usage")?.starts_with("Content-Usage: search=y, train-ai=n\n"));
    assert_eq!(serde_json::from_str::<Value>(&export("odrl")?)?["@type"], "Offer");
    assert_eq!(serde_json::from_str::<Value>(&export("pil")?)?["terms"]["commercialUse"], true);
    // The canonical form is a manifest with the same hash, and has no byte more.
    let canonical = export("canonical")?;
    assert!(canonical.starts_with("{\"attribution\":") && canonical.ends_with('}'), "{canonical}");
    let hash = succeeds(folder, "manifest hash manifest.json")?;
    assert_eq!(succeeds(folder, "manifest hash canonical")?, hash);
    Ok(())
}

#[test]
fn a_file_that_is_not_a_manifest_is_refused() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    prepare(folder)?;
    let new = "manifest new --kind artwork --title A --url https://a.example --creator Bo --permit all --unit image";
    let cases = [
        (
            new.replace("https://a.example", "http://a.example"),
            "work.url: expected a URL that begins with https://",
        ),
        (format!("{new} --prohibit all"), "prohibits: contradicts permits"),
        (format!("{new} --geo Switzerland"), "geo[0]: expected an ISO 3166-1 country"),
        (format!("{new} --c2pa model.bin"), "model.bin: not a C2PA manifest store"),
    ];
    for (line, expected) in cases {
        let got = fails(folder, &format!("{line} --out new.json"))?;
        assert!(got.contains(expected), "{got}");
        assert!(!folder.join("new.json").exists());
    }
    std::fs::write(folder.join("large.json"), " ".repeat(70_000))?;
    std::fs::write(folder.join("text.json"), "{\"type\":\"AILicense\",\"type\":1}")?;
    for (file, expected) in [
        ("large.json", "at most 65536 are allowed"),
        ("text.json", "member \"type\" is given twice at line 1 column"),
    ] {
        let got = fails(folder, &format!("manifest hash {file}"))?;
        assert!(
            got.contains(&format!("{file}: not a manifest: ")) && got.contains(expected),
            "{got}"
        );
    }
    Ok(())
}

#[test]
fn a_license_has_the_hash_of_its_manifest() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    prepare(folder)?;
    let node = Node::with_alice(folder, 1)?;
    let made = succeeds(folder, &format!("{NEW} {CONTRACT} --out manifest.json"))?;
    let register = "license register --price 0.00025 --share 1=1000000 --manifest manifest.json \
        --wait sequenced --key alice.key --account 1";
    node.documents(folder, &register.split_whitespace().collect::<Vec<_>>())?;
    let license = node.json(folder, &["license", "show", "0"])?;
    assert_eq!(license["provenance"], made["hash"]);

    let publish = "manifest publish manifest.json --key alice.key --account 1";
    let publish: Vec<_> = publish.split_whitespace().collect();
    assert_eq!(node.json(folder, &publish)?["existed"], false);
    assert_eq!(node.json(folder, &publish)?["existed"], true);
    let hash = made["hash"].as_str().ok_or("a hash")?;
    node.json(folder, &["manifest", "get", hash, "--out", "fetched.json"])?;
    let files = ["manifest.json", "fetched.json"].map(|name| std::fs::read(folder.join(name)));
    let [written, fetched] = files;
    assert_eq!(written?, fetched?);
    let absent = format!("0x{}", "00".repeat(32));
    assert!(node.error(folder, &["manifest", "get", &absent])?.contains("manifest_not_found"));
    Ok(())
}
