//! The header that signs a webhook: a receiver accepts only a body that was signed with its secret, under any
//! header that a sender writes.
#![no_main]

use std::sync::LazyLock;

use farthing_api_types::{verify_webhook, webhook_signature};
use farthing_fuzz::bytes_of;
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "whsec_5e5e";
const BODY: &[u8] = br#"{"id":"0x01","type":"webhook.test","data":{}}"#;
const TIME: u64 = 1_700_000_000;

/// Headers of one secret, of two, and with a signature of another version.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let one = webhook_signature([SECRET], TIME, BODY);
    let two = webhook_signature(["whsec_other", SECRET], TIME, BODY);
    [one.clone(), two, format!("v0=00,{one}")].map(String::into_bytes).to_vec()
});
/// The signature in hexadecimal digits.
static MAC: LazyLock<String> = LazyLock::new(|| {
    let header = webhook_signature([SECRET], TIME, BODY);
    header.rsplit('=').next().expect("v1=HEX").to_owned()
});

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    if let Ok(header) = std::str::from_utf8(&bytes)
        && verify_webhook(header, BODY, [SECRET], TIME, u64::MAX).is_ok()
    {
        let time = format!("t={TIME}");
        assert!(header.split(',').any(|part| part == time), "another time: {header}");
        assert!(header.to_ascii_lowercase().contains(MAC.as_str()), "another signature: {header}");
        assert!(verify_webhook(header, &bytes, [SECRET], TIME, 0).is_err() || bytes == BODY);
        assert!(verify_webhook(header, BODY, ["", "whsec_5e5f"], TIME, 0).is_err());
    }
    // A body of any kind under an honest header.
    let honest = std::str::from_utf8(&HONEST[0]).expect("a header is text");
    let accepted = verify_webhook(honest, &bytes, [SECRET], TIME, 0).is_ok();
    assert_eq!(accepted, bytes == BODY);
});
