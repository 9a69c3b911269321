//! Ids of the stream of events: a text that is accepted names one position, and the position's own text names it
//! too. A client sends any text back as `Last-Event-ID`.
#![no_main]

// The name under which the server's module knows the position.
extern crate self as farthing_aggregator;

use std::sync::LazyLock;

use farthing_fuzz::bytes_of;
use farthing_protocol::{BatchNumber, BlockNumber};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};

/// The server's own modules, which it keeps to itself.
#[path = "../../api/server/src/cursor.rs"]
#[expect(dead_code, reason = "the server uses all of it")]
mod cursor;
#[path = "../../api/server/src/events/position.rs"]
mod position;

use cursor::{CHECK_BYTES, check_of};
use position::{parse_position, position_text};

/// The position of the aggregator, which is not linked here: the same fields, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPosition {
    batch: BatchNumber,
    step: u64,
    batch_check: u64,
    proven: BlockNumber,
    proven_check: u64,
    finalized: BlockNumber,
    payout: Option<(BatchNumber, u32)>,
}

const START: EventPosition = EventPosition {
    batch: BatchNumber::MIN,
    step: 0,
    batch_check: 0,
    proven: BlockNumber::FIRST,
    proven_check: 0,
    finalized: BlockNumber::FIRST,
    payout: None,
};

static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let told = EventPosition {
        step: 8,
        batch_check: u64::MAX,
        payout: Some((BatchNumber::MIN, u32::MAX)),
        ..START
    };
    let texts =
        [START, told].map(|position| position_text(&position).expect("a position has a text"));
    let bodies = texts.clone().map(|text| {
        let mut body = hex::decode(text).expect("digits");
        body.truncate(body.len() - CHECK_BYTES);
        body
    });
    texts.map(String::into_bytes).into_iter().chain(bodies).collect()
});

/// The text of a body with the right check, which a client can make too.
fn checked(body: &[u8]) -> String {
    format!("{}{}", hex::encode(body), hex::encode(check_of(body)))
}

fn check(text: &str) {
    if let Ok(position) = parse_position(text) {
        let own = position_text(&position).expect("a position has a text");
        assert_eq!(parse_position(&own), Ok(position));
    }
}

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    if let Ok(text) = std::str::from_utf8(&bytes) {
        check(text);
    }
    check(&checked(&bytes));
});
