//! Intents, share tables and signatures within them: what decodes has one encoding, and verifying it does
//! not panic.
#![no_main]

use std::sync::LazyLock;

use farthing_fuzz::{bytes_of, vectors};
use farthing_protocol::{Intent, SignedIntent};
use libfuzzer_sys::fuzz_target;

const MESSAGES: &str = include_str!("../../state/protocol/vectors/messages.json");
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| vectors(MESSAGES, "signed_bytes"));

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    if let Ok(intent) = Intent::from_bytes(&bytes) {
        assert_eq!(intent.to_bytes(), bytes, "an intent with two encodings");
    }
    if let Ok(signed) = SignedIntent::from_bytes(&bytes) {
        assert_eq!(signed.to_bytes(), bytes, "a signed intent with two encodings");
    }
});
