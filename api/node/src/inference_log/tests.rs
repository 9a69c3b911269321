use super::*;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

struct Written {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn written(bytes: impl AsRef<[u8]>) -> std::io::Result<Written> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("log.csv");
    std::fs::write(&path, bytes)?;
    Ok(Written { _dir: dir, path })
}

fn uses(text: &str, count: usize) -> TestResult<Vec<u64>> {
    let log = read_log(&written(text)?.path, count)?;
    Ok(log.inferences.iter().map(|line| u64::from(line.uses.get())).collect())
}

fn error(bytes: impl AsRef<[u8]>, count: usize) -> TestResult<InferenceLogError> {
    Ok(read_log(&written(bytes)?.path, count).err().ok_or("an error")?)
}

const ROW: &str = "2023-11-16 18:15:46.6805900,374,44";

#[test]
fn columns_are_found_by_their_names() -> TestResult {
    assert_eq!(uses(&format!("TIMESTAMP,ContextTokens,GeneratedTokens\n{ROW}\n"), 1)?, [44]);
    let swapped = "TIMESTAMP,GeneratedTokens,ContextTokens\n2023-11-16 18:15:46,10,4808\n";
    assert_eq!(uses(swapped, 1)?, [10]);
    let burst = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n\
                 5,ChatGPT,472,18,490,Conversation log\n45.5,GPT-4,1087,230,1317,API log\n";
    assert_eq!(uses(burst, 2)?, [18, 230]);
    assert_eq!(uses("output_tokens\n7\n", 1)?, [7]);
    assert_eq!(uses(&format!("{ROW}\n{ROW}\n"), 2)?, [44, 44], "no header");
    Ok(())
}

#[test]
fn a_first_line_that_is_neither_header_nor_data_is_an_error() -> TestResult {
    for first in ["a,b,c", "b,374,44", "time,model", "374,44", "1,2,3,4", "{tokens: 1}"] {
        let found = error(format!("{first}\n{ROW}\n"), 1)?;
        assert!(matches!(found, InferenceLogError::NoHeader { line: 1, .. }), "{first}: {found}");
    }
    let twice = error("time,generated,output_tokens\n1,2,3\n", 1)?;
    assert!(matches!(twice, InferenceLogError::Twice { column: 3, .. }), "{twice}");
    Ok(())
}

#[test]
fn what_cannot_be_read_is_named_with_line_and_column() -> TestResult {
    let header = "time,context tokens,generated tokens\n1,2,3\n";
    for (row, column) in [
        ("b,2,3", 1),
        ("2023-02-30 00:00:00,2,3", 1),
        ("1,x,3", 2),
        ("1,-2,3", 2),
        ("1,2,x", 3),
        ("1,2,-3", 3),
        ("1,2,3.5", 3),
        ("1,2,+3", 3),
        ("1,2,", 3),
        ("1,2,8388609", 3),
        ("1,2,99999999999999999999", 3),
    ] {
        let found = error(format!("{header}{row}\n"), 2)?;
        let place = match &found {
            InferenceLogError::Value { line, column, .. } => Some((*line, *column)),
            _ => None,
        };
        assert_eq!(place, Some((3, column)), "{row}: {found}");
    }
    for row in ["1,2", "1,2,3,4"] {
        let found = error(format!("{header}{row}\n"), 2)?;
        assert!(
            matches!(found, InferenceLogError::Columns { line: 3, expected: 3, .. }),
            "{row}: {found}"
        );
    }
    let many = error(format!("{header}1,2,9000000\n"), 2)?;
    assert!(many.to_string().contains("at most 8388608 tokens"), "{many}");
    Ok(())
}

#[test]
fn quoted_fields_are_read_and_dubious_quotes_refused() -> TestResult {
    let header = "\"time\",\"context tokens\",\"generated tokens\",note\n";
    let rows = "\"1\",\"2\",\"30\",\"a \"\"b\"\", c\"\n";
    assert_eq!(uses(&format!("{header}{rows}"), 1)?, [30]);
    for (row, column) in
        [("1,2,\"3\"0,x", 3), ("1,2,3\"0\",x", 3), ("1,2,3,\"x", 4), ("1,\"2,3,x", 2)]
    {
        let found = error(format!("{header}{row}\n"), 1)?;
        let at = match &found {
            InferenceLogError::Quotes { line: 2, column, .. } => Some(*column),
            _ => None,
        };
        assert_eq!(at, Some(column), "{row}: {found}");
    }
    Ok(())
}

#[test]
fn marks_line_ends_and_blank_lines_change_nothing() -> TestResult {
    let plain = read_log(&written(format!("{ROW}\n{ROW}"))?.path, 2)?;
    let dressed = format!("\u{feff}\r\n{ROW}\r\n\r\n   \r\n  {ROW}  \r\n");
    assert_eq!(read_log(&written(dressed)?.path, 2)?, plain);
    let utf16: Vec<u8> = ROW.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(error(&utf16, 1)?, InferenceLogError::Encoding { line: 1, .. }));
    assert!(matches!(
        error([&[0xff, 0xfe][..], &utf16].concat(), 1)?,
        InferenceLogError::Encoding { .. }
    ));
    assert!(matches!(error("9".repeat(70_000), 1)?, InferenceLogError::Long { line: 1, .. }));
    Ok(())
}

#[test]
fn what_generated_nothing_is_not_paid_for() -> TestResult {
    let text = "1,2,0\n2,2,5\n3,2,0\n4,2,6\n";
    let log = read_log(&written(text)?.path, 2)?;
    assert_eq!((log.inferences.len(), log.free), (2, 2));
    assert!(matches!(error(text, 3)?, InferenceLogError::Short { expected: 3, got: 2, .. }));
    assert!(matches!(error("", 1)?, InferenceLogError::Short { got: 0, .. }));
    Ok(())
}

#[test]
fn lines_tell_inferences_apart_and_a_log_is_read_as_far_as_needed() -> TestResult {
    let log = read_log(&written("1,2,3\n2,2,3\nrubbish\n")?.path, 2)?;
    assert_ne!(log.inferences[0].provenance(), log.inferences[1].provenance());
    Ok(())
}

#[test]
fn a_generated_log_is_always_the_same_and_reads_as_one() -> TestResult {
    let log = generated_log(500);
    assert_eq!(log, generated_log(500));
    let lines: Vec<&str> = log.inferences.iter().map(|one| one.line.as_str()).collect();
    assert_eq!(read_log(&written(lines.join("\n"))?.path, 500)?, log);
    Ok(())
}
