use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::error::At;
use super::rows::Row;
use super::*;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The definition of all SDKs as data: `api/conformance/metering.md`.
const VECTORS: &str = include_str!("../../../conformance/metering.json");

struct Written {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn written_as(name: &str, bytes: impl AsRef<[u8]>) -> std::io::Result<Written> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join(name);
    std::fs::write(&path, bytes)?;
    Ok(Written { _dir: dir, path })
}

fn written(bytes: impl AsRef<[u8]>) -> std::io::Result<Written> {
    written_as("log.csv", bytes)
}

fn first(count: usize) -> LogOptions {
    LogOptions { count: Some(count), ..LogOptions::default() }
}

fn uses(text: &str, count: usize) -> TestResult<Vec<u64>> {
    let log = read_log(&written(text)?.path, &first(count))?;
    Ok(log.inferences.iter().map(|one| u64::from(one.uses.get())).collect())
}

fn error(bytes: impl AsRef<[u8]>) -> TestResult<InferenceLogError> {
    Ok(read_log(&written(bytes)?.path, &LogOptions::default()).err().ok_or("an error")?)
}

/// The line that an error names.
fn line_of(error: &InferenceLogError) -> Option<usize> {
    use InferenceLogError as Error;
    match error {
        Error::File { .. } | Error::Short { .. } => None,
        Error::Gzip { at, .. }
        | Error::Encoding { at }
        | Error::Long { at }
        | Error::NoHeader { at }
        | Error::Twice { at, .. }
        | Error::NoColumn { at, .. }
        | Error::OpenQuote { at }
        | Error::Quotes { at, .. }
        | Error::Columns { at, .. }
        | Error::Json { at, .. }
        | Error::JsonForm { at }
        | Error::Value { at, .. }
        | Error::Empty { at, .. }
        | Error::TooMany { at, .. }
        | Error::OtherContent { at } => Some(at.line),
    }
}

fn unpacked(case: &Value) -> TestResult<Vec<u8>> {
    match case["base64"].as_str() {
        Some(text) => base64(text).ok_or_else(|| "base64".into()),
        None => Ok(case["text"].as_str().ok_or("text")?.as_bytes().to_vec()),
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut value) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        value = value << 6 | u32::try_from(DIGITS.iter().position(|digit| *digit == byte)?).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((value >> bits) as u8);
            value &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes)?;
    packed.finish()
}

/// The events of a row, as the vectors have them.
fn events_of(row: &Row, options: &Value) -> Vec<Value> {
    let total = options["units"] == "total";
    let tokens = row.tokens(if total { Tokens::Total } else { Tokens::Generated });
    let Some(tokens) = tokens else { return Vec::new() };
    let event = |id: &str, units: u64, target: &Value| {
        let mut event = json!({ "id": id, "units": units });
        for name in ["license", "model"] {
            if !target[name].is_null() {
                event[name] = target[name].clone();
            }
        }
        if let Some(time) = row.more.time {
            event["time"] = time.get().into();
        }
        event["provenance"] = row.provenance.to_string().into();
        event
    };
    let none = options["license"].is_null() && options["model"].is_null();
    let own = json!({ "model": row.more.model });
    let mut events = vec![event(&row.id, tokens, if none { &own } else { options })];
    if !options["images"].is_null() && row.more.images > 0 {
        events.push(event(&format!("{}#images", row.id), row.more.images, &options["images"]));
    }
    events
}

/// The events and the failed calls of a file, and the line of its error.
fn read(path: &Path, case: &Value) -> TestResult<(Vec<Value>, usize, Option<usize>)> {
    let options = &case["options"];
    let wanted = RequiredColumns {
        context: options["units"] == "total",
        models: options["license"].is_null() && options["model"].is_null(),
    };
    let source = case["source"].as_str().ok_or("source")?.to_owned();
    let mut rows = Rows::new(Records::open(path)?, source, wanted);
    let (mut events, mut skipped) = (Vec::new(), 0);
    loop {
        match rows.next() {
            Ok(Some(row)) => {
                skipped += usize::from(row.failed);
                events.extend(events_of(&row, options));
            }
            Ok(None) => return Ok((events, skipped, None)),
            Err(error) => return Ok((events, skipped, Some(line_of(&error).ok_or("a line")?))),
        }
    }
}

#[test]
fn files_are_read_as_in_every_sdk() -> TestResult {
    let vectors: Value = serde_json::from_str(VECTORS)?;
    let cases = vectors["traces"].as_array().ok_or("traces")?;
    assert!(cases.len() >= 30);
    for case in cases {
        let bytes = unpacked(case)?;
        let mut files = vec![bytes.clone()];
        if case["base64"].is_null() {
            files.push(gzip(&bytes)?);
        }
        for file in files {
            let (events, skipped, line) = read(&written(file)?.path, case)?;
            let expected = case["line"].as_u64().map(|line| line as usize);
            assert_eq!(line, expected, "{}", case["name"]);
            if line.is_none() {
                let expected = case["events"].as_array().ok_or("events")?;
                assert_eq!(&events, expected, "{}", case["name"]);
                assert_eq!(Some(skipped as u64), case["skipped"].as_u64(), "{}", case["name"]);
            }
        }
    }
    Ok(())
}

const ROW: &str = "2023-11-16 18:15:46.6805900,374,44";

#[test]
fn columns_are_found_by_their_names() -> TestResult {
    assert_eq!(uses(&format!("TIMESTAMP,ContextTokens,GeneratedTokens\n{ROW}\n"), 1)?, [44]);
    let swapped = "TIMESTAMP,GeneratedTokens,ContextTokens\n2023-11-16 18:15:46,10,4808\n";
    assert_eq!(uses(swapped, 1)?, [10]);
    assert_eq!(uses("output_tokens\n7\n", 1)?, [7]);
    assert_eq!(uses(&format!("{ROW}\n{ROW}\n"), 2)?, [44, 44], "no header");
    Ok(())
}

#[test]
fn a_first_line_that_is_neither_header_nor_data_is_an_error() -> TestResult {
    for first in ["a,b,c", "b,374,44", "time,model", "374,44", "1,2,3,4", "tokens: 1"] {
        let found = error(format!("{first}\n{ROW}\n"))?;
        assert!(matches!(found, InferenceLogError::NoHeader { at: At { line: 1, .. } }), "{found}");
    }
    let twice = error("time,generated,output_tokens\n1,2,3\n")?;
    assert!(matches!(twice, InferenceLogError::Twice { column: 3, .. }), "{twice}");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named() -> TestResult {
    let header = "time,context tokens,generated tokens\n1,2,3\n";
    for (row, name) in [
        ("b,2,3", "time"),
        ("2023-02-30 00:00:00,2,3", "time"),
        ("1,x,3", "context tokens"),
        ("1,-2,3", "context tokens"),
        ("1,2,x", "generated tokens"),
        ("1,2,3.5", "generated tokens"),
        ("1,2,+3", "generated tokens"),
        ("1,2,", "generated tokens"),
        ("1,2,99999999999999999999", "generated tokens"),
    ] {
        let found = error(format!("{header}{row}\n"))?;
        let cell = match &found {
            InferenceLogError::Value { at, name, .. } => Some((at.line, *name)),
            _ => None,
        };
        assert_eq!(cell, Some((3, name)), "{row}: {found}");
    }
    for row in ["1,2", "1,2,3,4"] {
        let found = error(format!("{header}{row}\n"))?;
        assert!(matches!(found, InferenceLogError::Columns { expected: 3, .. }), "{row}: {found}");
    }
    let many = error(format!("{header}1,2,9000000\n"))?;
    assert!(many.to_string().contains("at most 8388608"), "{many}");
    Ok(())
}

#[test]
fn dubious_quotes_are_refused() -> TestResult {
    let header = "time,context tokens,generated tokens,note\n";
    for (row, column) in [("1,2,\"3\"0,x", 3), ("1,2,3\"0\",x", 3)] {
        let found = error(format!("{header}{row}\n"))?;
        let at = match &found {
            InferenceLogError::Quotes { at: At { line: 2, .. }, column } => Some(*column),
            _ => None,
        };
        assert_eq!(at, Some(column), "{row}: {found}");
    }
    for row in ["1,2,3,\"x", "1,\"2,3,x"] {
        let found = error(format!("{header}{row}\n{ROW}\n"))?;
        assert!(
            matches!(found, InferenceLogError::OpenQuote { at: At { line: 2, .. } }),
            "{found}"
        );
    }
    Ok(())
}

#[test]
fn marks_line_ends_and_blank_lines_change_nothing() -> TestResult {
    let plain = uses(&format!("{ROW}\n{ROW}"), 2)?;
    assert_eq!(uses(&format!("\u{feff}\r\n{ROW}\r\n\r\n   \r\n  {ROW}  \r\n"), 2)?, plain);
    let utf16: Vec<u8> = ROW.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(error(&utf16)?, InferenceLogError::Encoding { at: At { line: 1, .. } }));
    let marked = [&[0xff, 0xfe][..], &utf16].concat();
    assert!(matches!(error(marked)?, InferenceLogError::Encoding { .. }));
    let long = error("9".repeat(70_000))?;
    assert!(matches!(long, InferenceLogError::Long { at: At { line: 1, .. } }));
    Ok(())
}

#[test]
fn what_generated_nothing_is_not_paid_for() -> TestResult {
    let text = "1,2,0\n2,2,5\n3,2,0\n4,2,6\n";
    let log = read_log(&written(text)?.path, &first(2))?;
    assert_eq!((log.inferences.len(), log.free), (2, 2));
    let short = read_log(&written(text)?.path, &first(3));
    assert!(matches!(short, Err(InferenceLogError::Short { expected: 3, got: 2, .. })));
    assert_eq!(read_log(&written("")?.path, &LogOptions::default())?, InferenceLog::default());
    let all = read_log(&written(text)?.path, &LogOptions::default())?;
    assert_eq!(all, log, "without a number, all");
    Ok(())
}

#[test]
fn an_inference_is_paid_for_once_under_its_id() -> TestResult {
    let header = "generation_id,tokens_prompt,tokens_completion\n";
    let log = read_log(&written(format!("{header}a,1,2\nb,1,3\na,1,2\n"))?.path, &first(2))?;
    let ids: Vec<&str> = log.inferences.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    let repeated = format!("{header}a,1,2\na,1,2\nb,1,3\n");
    assert_eq!(read_log(&written(repeated)?.path, &LogOptions::default())?, log);
    let other = error(format!("{header}a,1,2\na,1,3\n"))?;
    assert!(matches!(other, InferenceLogError::OtherContent { at: At { line: 3, .. } }), "{other}");
    Ok(())
}

#[test]
fn lines_are_named_by_their_file_and_a_log_is_read_as_far_as_needed() -> TestResult {
    let file = written_as("requests.csv.gz", gzip(b"1,2,3\n2,2,3\nrubbish\n")?)?;
    let log = read_log(&file.path, &first(2))?;
    assert_ne!(log.inferences[0].provenance, log.inferences[1].provenance);
    assert_eq!(log.inferences[1].id, "requests.csv:2");
    let named = LogOptions { source: Some("monday".to_owned()), ..first(1) };
    assert_eq!(read_log(&file.path, &named)?.inferences[0].id, "monday:1");
    let total = LogOptions { tokens: Tokens::Total, ..first(1) };
    assert_eq!(read_log(&file.path, &total)?.inferences[0].uses.get(), 5);
    Ok(())
}

#[test]
fn a_generated_log_is_always_the_same_and_reads_as_one() -> TestResult {
    let log = generated_log(500);
    assert_eq!(log, generated_log(500));
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let lines: Vec<String> = (0..500).map(|index| generated_row(&mut rng, index).1).collect();
    let named = LogOptions { source: Some(GENERATED.to_owned()), ..first(500) };
    assert_eq!(read_log(&written(lines.join("\n"))?.path, &named)?, log);
    Ok(())
}
