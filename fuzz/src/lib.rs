//! Code that the fuzz targets share: honest objects to begin from, and edits of them.
//!
//! Random bytes rarely pass the first check of a strict decoder. So the fuzzer's input is either the
//! bytes themselves or a script that edits an honest encoding, of which the fuzzer learns by coverage
//! which edits lead further.

use serde_json::Value;

/// Bytes that one edit takes from a script: what to do, where (three bytes), with what.
const EDIT_BYTES: usize = 5;
/// Edits of one script at most: more only slow it down.
const EDITS_MAX: usize = 64;

/// The bytes that an input of the fuzzer means: itself, or edits of one of the honest encodings.
pub fn bytes_of(input: &[u8], honest: &[Vec<u8>]) -> Vec<u8> {
    let Some((first, rest)) = input.split_first() else { return Vec::new() };
    match usize::from(*first).checked_sub(1).and_then(|index| honest.get(index)) {
        None => rest.to_vec(),
        Some(bytes) => edited(bytes, rest),
    }
}

/// Applies a script of edits.
pub fn edited(honest: &[u8], script: &[u8]) -> Vec<u8> {
    let mut bytes = honest.to_vec();
    for edit in script.chunks_exact(EDIT_BYTES).take(EDITS_MAX) {
        let &[operation, high, middle, low, value] = edit else { continue };
        let at = u32::from_be_bytes([0, high, middle, low]) as usize % (bytes.len() + 1);
        match operation % 6 {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value),
            1 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (value % 8)),
            2 => bytes.insert(at, value),
            3 => drop(bytes.drain(at..bytes.len().min(at + usize::from(value)))),
            4 => bytes.truncate(at),
            // Eight bytes of ones or of the modulus: numbers at their limits.
            _ => {
                let number: u64 = if value % 2 == 0 { u64::MAX } else { 0xffff_ffff_0000_0001 };
                let number = number.wrapping_sub(u64::from(value / 2 % 2));
                bytes.iter_mut().skip(at).zip(number.to_be_bytes()).for_each(|(b, n)| *b = n);
            }
        }
    }
    bytes
}

/// Every hexadecimal text under the key `name` in a file of test vectors, decoded.
pub fn vectors(file: &str, name: &str) -> Vec<Vec<u8>> {
    let file: Value = serde_json::from_str(file).expect("vectors are JSON");
    let mut found = Vec::new();
    collect(&file, &mut |key, value| {
        if key == name
            && let Some(text) = value.as_str()
        {
            let digits = text.strip_prefix("0x").unwrap_or(text);
            found.push(hex::decode(digits).expect("vectors are hexadecimal"));
        }
    });
    // One byte of the input names one.
    found.truncate(usize::from(u8::MAX));
    assert!(!found.is_empty(), "no {name} in the vectors");
    found
}

/// Calls `visit` for every key of every object in `value`.
pub fn collect(value: &Value, visit: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                visit(key, value);
                collect(value, visit);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, visit)),
        _ => {}
    }
}
