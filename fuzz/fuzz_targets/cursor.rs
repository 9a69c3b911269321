//! Cursors of the API's pages: a text that is accepted is one that the server writes.
#![no_main]

use std::sync::LazyLock;

use farthing_fuzz::bytes_of;
use libfuzzer_sys::fuzz_target;

/// The server's own module, which it keeps to itself.
#[path = "../../api/server/src/cursor.rs"]
#[expect(dead_code, reason = "the server uses all of it")]
mod cursor;

use cursor::{Cursor, List};

static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let lists = [List::Accounts, List::Earnings, List::Payouts];
    let cursors = lists.map(|list| Cursor::new(list, 7, 1 << 40, 3).to_string().into_bytes());
    cursors.to_vec()
});

fuzz_target!(|input: &[u8]| {
    let bytes = bytes_of(input, &HONEST);
    let Ok(text) = std::str::from_utf8(&bytes) else { return };
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text.to_ascii_lowercase());
        let _ = cursor.for_list(List::Earnings, 7);
    }
});
