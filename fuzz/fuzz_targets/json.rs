//! Requests, answers and receipts in JSON: edits of the API's examples, and bytes of any kind. What parses
//! has one value; an intent is the same after the way to the protocol's types and back; checking a
//! receipt does not panic.
#![no_main]

use std::sync::LazyLock;

use farthing_api_types::dto::{
    AccountBody, AccountOpened, BatchBody, BlockBody, EarningsPage, EventBody, IntentAccepted,
    IntentBatch, IntentBatchAnswer, IntentBody, IntentStatus, LicenseBody, OpenAccountBody,
    PayoutBody, QuoteBody, ReceiptBody, RegisterWebhookBody, VersionBody, X402Request,
};
use farthing_api_types::{Problem, verify_receipt};
use farthing_fuzz::{bytes_of, collect, vectors};
use farthing_protocol::SignedIntent;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

const API: &str = include_str!("../../api/server/openapi.json");
const MESSAGES: &str = include_str!("../../state/protocol/vectors/messages.json");

/// The examples of the API's document, and intents of every kind.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut found = Vec::new();
    collect(&serde_json::from_str(API).expect("JSON"), &mut |key, value| {
        if key == "example" {
            found.push(value.to_string().into_bytes());
        }
    });
    for bytes in vectors(MESSAGES, "signed_bytes") {
        let signed = SignedIntent::from_bytes(&bytes).expect("an honest intent");
        found.push(serde_json::to_vec(&IntentBody::from(&signed)).expect("JSON"));
    }
    found.sort_by_key(|bytes| std::cmp::Reverse(bytes.len()));
    found.truncate(usize::from(u8::MAX));
    found
});

/// Parses, writes and parses again: the value must be the same.
fn parsed<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    let text = serde_json::to_string(&value).expect("a value has JSON");
    let again: T = serde_json::from_str(&text).expect("what was written parses");
    assert_eq!(serde_json::to_string(&again).expect("a value has JSON"), text);
    Some(value)
}

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    if let Some(body) = parsed::<IntentBody>(&bytes)
        && let Ok(signed) = SignedIntent::try_from(body.clone())
    {
        assert_eq!(IntentBody::from(&signed), body);
        assert_eq!(SignedIntent::from_bytes(&signed.to_bytes()), Ok(signed));
    }
    parsed::<IntentBatch>(&bytes);
    parsed::<OpenAccountBody>(&bytes);
    if let Some(receipt) = parsed::<ReceiptBody>(&bytes) {
        let _ = verify_receipt(&receipt, None);
    }
    parsed::<Problem>(&bytes);
    parsed::<AccountBody>(&bytes);
    parsed::<AccountOpened>(&bytes);
    parsed::<BatchBody>(&bytes);
    parsed::<BlockBody>(&bytes);
    parsed::<IntentAccepted>(&bytes);
    parsed::<IntentBatchAnswer>(&bytes);
    parsed::<IntentStatus>(&bytes);
    parsed::<LicenseBody>(&bytes);
    parsed::<QuoteBody>(&bytes);
    parsed::<VersionBody>(&bytes);
    parsed::<PayoutBody>(&bytes);
    parsed::<EarningsPage>(&bytes);
    parsed::<EventBody>(&bytes);
    parsed::<RegisterWebhookBody>(&bytes);
    parsed::<X402Request>(&bytes);
});
