//! The OpenAPI document as it is committed. What it says is what clients were built on: a change is
//! made knowingly.

mod support;

use std::path::Path;

use serde_json::Value;
use support::*;

const REGENERATE: &str = "cargo xtask codegen openapi";

#[tokio::test]
async fn the_document_served_is_the_one_committed() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let answer = reqwest::get(format!("{}/openapi.json", node.url)).await?.error_for_status()?;
    let served: Value = serde_json::from_slice(&answer.bytes().await?)?;
    node.stop().await?;
    let text = serde_json::to_string_pretty(&served)? + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        std::fs::write(&path, &text)?;
    }
    let committed = std::fs::read_to_string(&path)?;
    let differs = text.lines().zip(committed.lines()).position(|(new, old)| new != old);
    assert!(
        committed == text,
        "api/server/openapi.json differs from line {} on; to write it: {REGENERATE}",
        differs.unwrap_or_default() + 1
    );
    Ok(())
}
