//! The format of vectors: integers of 64 bits and field elements as decimal strings, bytes as
//! hexadecimal with `0x`.

use farthing_protocol::{
    Address, Bytes32, Digest, Felt, ShortDigest, canonical, felt_from_canonical,
};
use serde_json::Value;

pub(crate) const REGENERATE: &str =
    "FARTHING_REGENERATE=1 cargo test --release -p farthing-protocol --test golden";

/// Compares `fresh` with the file `vectors/<name>`, or writes it.
pub(crate) fn compare(name: &str, stored: &str, fresh: &Value) {
    let mut text = serde_json::to_string_pretty(fresh).expect("serializes");
    text.push('\n');
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        let path = format!("{}/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, text).expect("the vectors can be written");
    } else {
        assert!(text == stored, "vectors/{name} has changed; to regenerate it: {REGENERATE}");
    }
}

pub(crate) fn parse(stored: &str) -> Value {
    serde_json::from_str(stored).expect("the vectors are JSON")
}

/// The list `section` of a file.
pub(crate) fn cases<'a>(file: &'a Value, section: &str) -> &'a [Value] {
    file[section].as_array().unwrap_or_else(|| panic!("{section} is a list"))
}

pub(crate) fn hexadecimal(bytes: impl AsRef<[u8]>) -> Value {
    format!("0x{}", hex::encode(bytes)).into()
}

pub(crate) fn decimal(value: impl Into<u64>) -> Value {
    value.into().to_string().into()
}

pub(crate) fn elements(elements: &[Felt]) -> Value {
    elements.iter().map(|element| decimal(canonical(*element))).collect::<Vec<_>>().into()
}

pub(crate) fn digest(digest: &Digest) -> Value {
    elements(&digest.elements())
}

pub(crate) fn short_digest(digest: &ShortDigest) -> Value {
    hexadecimal(digest.to_bytes())
}

pub(crate) fn read_short_digest(value: &Value) -> ShortDigest {
    ShortDigest::from_bytes(&read_array(value)).expect("canonical")
}

pub(crate) fn read_text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is a string"))
}

pub(crate) fn read_integer(value: &Value) -> u64 {
    read_text(value).parse().expect("a decimal integer")
}

pub(crate) fn read_u32(value: &Value) -> u32 {
    read_integer(value).try_into().expect("32 bits")
}

pub(crate) fn read_bytes(value: &Value) -> Vec<u8> {
    let digits = read_text(value).strip_prefix("0x").expect("0x");
    hex::decode(digits).expect("hexadecimal")
}

pub(crate) fn read_array<const N: usize>(value: &Value) -> [u8; N] {
    read_bytes(value).try_into().expect("of this field's length")
}

pub(crate) fn read_address(value: &Value) -> Address {
    Address(read_array(value))
}

pub(crate) fn read_bytes32(value: &Value) -> Bytes32 {
    Bytes32(read_array(value))
}

pub(crate) fn read_words(value: &Value) -> Vec<u64> {
    value.as_array().expect("a list").iter().map(read_integer).collect()
}

pub(crate) fn read_elements(value: &Value) -> Vec<Felt> {
    let canonical = |word| felt_from_canonical(word).expect("canonical");
    read_words(value).into_iter().map(canonical).collect()
}

pub(crate) fn read_digest(value: &Value) -> Digest {
    Digest::new(read_elements(value).try_into().expect("four elements"))
}
