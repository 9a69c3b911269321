//! Bytes of any kind: never a panic, and one form of each meaning.

use farthing_manifest::{Manifest, View};
use proptest::prelude::*;

use crate::samples::{full, least};

fn check(bytes: &[u8]) {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    let again = Manifest::parse(manifest.canonical().as_bytes()).expect("canonical bytes parse");
    assert_eq!(again, manifest);
    let written = Manifest::new(manifest.document()).expect("a document is a manifest");
    assert_eq!(written.canonical(), manifest.canonical());
    // Where text has only what JSON writers agree upon, serde_json with sorted members is canonical.
    let value: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
    assert_eq!(value.to_string(), manifest.canonical());
    View::ALL.iter().for_each(|view| drop(view.render(&manifest)));
}

/// Numbers, words and marks that break rules.
const PARTS: [&str; 16] = [
    "null",
    "-1",
    "1e3",
    "\"\"",
    "[]",
    "{}",
    "true",
    ",",
    "\"all\"",
    "\"\\u0000\"",
    "0",
    "\u{202e}",
    "\"x\":1",
    "9007199254740992",
    "\"search\"",
    "\\",
];

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn edits_of_manifests(
        whole in any::<bool>(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..6, 0..PARTS.len()), 1..4),
    ) {
        let mut bytes = if whole { full() } else { least() }.to_string().into_bytes();
        for (at, removed, part) in edits {
            let at = at.index(bytes.len());
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, PARTS[part].bytes());
        }
        check(&bytes);
    }
}
