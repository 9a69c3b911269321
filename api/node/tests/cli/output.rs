//! Promises to programs: exit codes, ids that come first, errors as JSON, and no panic when the
//! output is closed or the disk full.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use serde_json::Value;

use crate::support::{
    CONTRACT, Node, OWNER, TestResult, documents, farthing, send, silent_for_posts,
};

const ALICE: [&str; 4] = ["--key", "alice.key", "--account", "1"];
const PAY: [&str; 5] = ["pay", "--to", "1", "--amount", "0"];
/// A node that seals nothing during a test.
const NEVER: u32 = 100_000;

fn error_of(stderr: &[u8]) -> TestResult<Value> {
    let text = String::from_utf8(stderr.to_vec())?;
    let last = text.lines().last().ok_or("an error")?;
    let parsed: Value = serde_json::from_str(last).map_err(|_| text.clone())?;
    Ok(parsed["error"].clone())
}

#[test]
fn an_id_comes_before_the_waiting_and_the_error_tells_it_too() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, NEVER)?;
    let wait = [&PAY[..], &ALICE, &["--wait", "finalized"]].concat();

    let timed_out = [&wait[..], &["--timeout", "1", "--json"]].concat();
    let output = node.command(folder, &timed_out).output()?;
    assert_eq!(output.status.code(), Some(3));
    let told = documents(&output)?;
    let id = told[0]["id"].as_str().ok_or("an id")?;
    let error = error_of(&output.stderr)?;
    assert_eq!((&error["code"], &error["intent"]), (&"timed_out".into(), &id.into()));
    assert!(
        error["hint"].as_str().is_some_and(|hint| hint.contains(&format!("intent status {id}"))),
        "{error}"
    );

    // Ctrl-C while it waits: what was printed before stays, and the error says how to ask.
    for signal in ["INT", "TERM"] {
        let mut child =
            node.command(folder, &wait).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut out = BufReader::new(child.stdout.take().ok_or("its output")?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        let id = line.strip_prefix("intent    ").ok_or(line.clone())?.trim().to_owned();
        send(signal, &child)?;
        let output = child.wait_with_output()?;
        let errors = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(3), "{errors}");
        assert!(errors.contains(&format!("interrupted: intent {id} was accepted")), "{errors}");
        assert!(errors.contains(&format!("`farthing intent status {id}`")), "{errors}");
        assert_eq!(node.json(folder, &["intent", "status", &id])?["status"], "accepted");
    }
    Ok(())
}

/// A node that takes a payment and never answers: the error names the intent, and says not to pay again.
#[test]
fn a_lost_answer_names_the_intent() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, NEVER)?;
    let silent = silent_for_posts(&node.url)?;
    let pay = [&PAY[..], &ALICE, &["--node", &silent, "--json"]].concat();
    let mut child =
        node.command(folder, &pay).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    std::thread::sleep(std::time::Duration::from_secs(3));
    send("INT", &child)?;
    let mut out = String::new();
    child.stdout.take().ok_or("its output")?.read_to_string(&mut out)?;
    assert_eq!(out, "", "nothing was accepted as far as is known");
    let output = child.wait_with_output()?;
    assert_eq!(output.status.code(), Some(3));
    let error = error_of(&output.stderr)?;
    let id = error["intent"].as_str().ok_or("an id")?;
    assert_eq!(error["code"], "outcome_unknown");
    assert!(
        error["hint"].as_str().is_some_and(|hint| hint.contains("do not pay again")),
        "{error}"
    );
    // It was accepted: the id is right.
    assert_eq!(node.json(folder, &["intent", "status", id])?["status"], "accepted");
    Ok(())
}

#[test]
fn the_same_order_is_not_paid_twice() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, NEVER)?;
    let pay = [&PAY[..], &ALICE, &["--idempotency-key", "order-17"]].concat();
    node.json(folder, &pay)?;
    let again = node.error(folder, &pay)?;
    assert!(
        again.contains("idempotency_conflict") && again.contains("the first payment stands"),
        "{again}"
    );
    let other = [&PAY[..], &ALICE, &["--idempotency-key", "order-18"]].concat();
    node.json(folder, &other)?;
    let bad = [&PAY[..], &ALICE, &["--idempotency-key", "a b"]].concat();
    assert_eq!(node.command(folder, &bad).output()?.status.code(), Some(2));
    Ok(())
}

#[test]
fn errors_are_json_when_results_are() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, NEVER)?;
    for (arguments, code, exit) in [
        (&["license", "show", "9", "--json"][..], "license_not_found", 1),
        (&["pay", "9", "--json", "--key", "alice.key", "--account", "1"], "license_not_found", 1),
        (&["keys", "show", "--json", "--key", "none"], "failed", 1),
        (&["pay", "--json"], "usage", 2),
        (&["account", "open", "--json", "--owner", "0x", "--key", "alice.key"], "usage", 2),
    ] {
        let output = node.command(folder, arguments).output()?;
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}");
        assert!(output.stdout.is_empty());
        let error = error_of(&output.stderr)?;
        assert_eq!((&error["code"], &error["exit_code"]), (&code.into(), &exit.into()), "{error}");
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()));
    }
    let zero = format!("0x{}", "00".repeat(20));
    let zero = ["account", "open", "--owner", &zero, "--key", "alice.key"];
    assert!(node.error(folder, &zero)?.contains("zero address"));
    Ok(())
}

/// The result is lost, the work was done: its own exit code, and no panic.
#[test]
fn an_output_that_is_full_or_closed_is_no_panic() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, NEVER)?;
    let full = || File::options().write(true).open("/dev/full");
    let pay = [&PAY[..], &ALICE].concat();
    let show = ["account", "show", "1"];
    for arguments in [&show[..], &pay, &["status"], &["--help"], &["license", "list", "--json"]] {
        let output = node.command(folder, arguments).stdout(full()?).output()?;
        let errors = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(5), "{arguments:?}: {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
        // A pipe whose reader is gone.
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let output = node.command(folder, arguments).stdout(writer).output()?;
        assert_eq!(output.status.code(), Some(5), "{arguments:?}");
        assert!(!String::from_utf8(output.stderr)?.contains("panicked"));
        // Nowhere to report to, either.
        let status = node.command(folder, arguments).stdout(full()?).stderr(full()?).status()?;
        assert_eq!(status.code(), Some(5), "{arguments:?}");
    }
    Ok(())
}

/// A receipt that agrees with itself is not settled: another exit code, unless that will do.
#[test]
fn a_receipt_without_l1_is_consistent_and_not_settled() -> TestResult {
    let dir = tempfile::tempdir()?;
    let folder = dir.path();
    let node = Node::with_alice(folder, 1)?;
    let pay = [&PAY[..], &ALICE, &["--wait", "sequenced"]].concat();
    let paid = node.documents(folder, &pay)?;
    let id = paid[0]["id"].as_str().ok_or("an id")?;
    node.json(folder, &["receipt", "get", id, "--out", "receipt.json"])?;
    let own = ["receipt", "verify", "receipt.json"];
    let named =
        ["receipt", "verify", "receipt.json", "--chain-id", "31337", "--contract", CONTRACT];
    for arguments in [&own[..], &named] {
        let output = farthing(folder).args(arguments).output()?;
        assert_eq!(output.status.code(), Some(4));
        let text = String::from_utf8(output.stdout)?;
        assert!(text.contains("CONSISTENT, not known to be settled"), "{text}");
        assert!(!text.contains("settled   by"), "{text}");
        assert!(String::from_utf8(output.stderr)?.contains("L1 was not asked"));
        let enough = farthing(folder).args(arguments).args(["--offline", "--json"]).output()?;
        assert_eq!(enough.status.code(), Some(0));
        let shown = &documents(&enough)?[0];
        assert_eq!((&shown["settled"], &shown["consistent"]), (&false.into(), &true.into()));
    }
    let away = [&named[..], &["--l1-url", "http://127.0.0.1:1"]].concat();
    let output = farthing(folder).args(&away).output()?;
    assert_eq!(output.status.code(), Some(1), "an L1 that does not answer settles nothing");
    let owner = ["account", "open", "--owner", OWNER, "--key", "alice.key"];
    assert_eq!(node.json(folder, &owner)?["existed"], true);
    Ok(())
}
