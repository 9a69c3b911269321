//! Public data with all its records, queue entries and share tables among them: a stream that reads has
//! one encoding.
#![no_main]

use std::sync::LazyLock;

use farthing_fuzz::{bytes_of, vectors};
use farthing_protocol::PublicData;
use libfuzzer_sys::fuzz_target;

const STREAMS: &str = include_str!("../../state/protocol/vectors/public_data.json");
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vectors(STREAMS, "bytes"));

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    let Ok(data) = PublicData::from_bytes(&bytes) else { return };
    assert_eq!(data.to_bytes(), bytes);
    if let Ok(records) = data.records() {
        assert_eq!(PublicData::from_records(&records), data, "a stream with two encodings");
    }
});
