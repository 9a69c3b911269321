//! Vectors: documents as they are written, their canonical form and hash. Other implementations check them.

use farthing_manifest::{Manifest, ManifestError, Sha256, View};
use serde_json::{Value, json};

use crate::samples::{full, least};

const VECTORS: &str = include_str!("../../vectors/manifests.json");
const REGENERATE: &str = "FARTHING_REGENERATE=1 cargo test -p farthing-manifest";

/// The same document as `least`, with other white space, escapes and order.
const WRITTEN_OTHERWISE: &str =
    "\n{\"version\" : 1,\t\"type\":\"\\u0041ILicense\", \"price\":{\"unit\":\"image\"},
 \"work\":{\"creators\":[{\"name\":\"Bo\"}], \"title\":\"Bl\\u0075e\", \"kind\":\"artwork\",
 \"url\":\"ipfs:\\/\\/bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am\"},
 \"derivatives\":{\"approval\":\"none\",\"reciprocal\":false,\"allowed\":false},
 \"permits\":[\"ai-input\",\"ai-index\"]}\r\n";

fn vector(name: &str, text: &str) -> Value {
    let manifest =
        Manifest::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let views =
        View::ALL.iter().map(|view| (view.name().to_owned(), view.render(&manifest).into()));
    let views: serde_json::Map<String, Value> = views.collect();
    json!({
        "name": name,
        "text": text,
        "canonical": manifest.canonical(),
        "sha256": manifest.hash().to_string(),
        "views": views,
    })
}

/// JSON that manifests do not use, or no JSON at all: nothing has the hash of it.
const REFUSED: [(&str, &str); 18] = [
    ("empty", ""),
    ("not ended", "{\"a\":1"),
    ("two values", "{} {}"),
    ("a byte order mark", "\u{feff}{}"),
    ("a member twice", "{\"a\":1,\"a\":1}"),
    ("a member twice, by an escape, inside", "{\"a\":{\"b\":1,\"\\u0062\":2}}"),
    ("null", "{\"a\":null}"),
    ("a fraction", "{\"a\":1.5}"),
    ("a whole number with a fraction", "{\"a\":1.0}"),
    ("a whole number with an exponent", "{\"a\":1e2}"),
    ("a negative number", "{\"a\":-1}"),
    ("negative zero", "{\"a\":-0}"),
    ("a leading zero", "{\"a\":01}"),
    ("2^53", "{\"a\":9007199254740992}"),
    ("half of a character", "{\"a\":\"\\ud800\"}"),
    ("a line feed in a text", "{\"a\":\"\n\"}"),
    ("single quotes", "{'a':1}"),
    ("a trailing comma", "{\"a\":1,}"),
];

#[test]
fn vectors_are_as_stored() {
    let fresh = json!({
        "manifests": [
            vector("every member", &format!("{:#}", full())),
            vector("the least", &least().to_string()),
            vector("the least, written otherwise", WRITTEN_OTHERWISE),
        ],
        "refused": REFUSED.map(|(name, text)| json!({ "name": name, "text": text })),
    });
    for (name, text) in REFUSED {
        let refused = Manifest::parse(text.as_bytes());
        assert!(matches!(refused, Err(ManifestError::Json(_))), "{name}: {refused:?}");
    }
    let text = format!("{fresh:#}\n");
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/manifests.json");
        std::fs::write(path, text).expect("the vectors can be written");
    } else {
        assert!(
            text == VECTORS,
            "vectors/manifests.json has changed; to regenerate it: {REGENERATE}"
        );
    }
}

#[test]
fn the_hash_is_that_of_the_canonical_bytes() {
    for sample in [full(), least()] {
        let manifest = Manifest::parse(sample.to_string().as_bytes()).expect("a manifest");
        assert_eq!(manifest.hash(), Sha256::of(manifest.canonical().as_bytes()));
        let again = Manifest::parse(manifest.canonical().as_bytes()).expect("a manifest");
        assert_eq!(again, manifest);
    }
}

#[test]
fn one_document_has_one_hash() {
    let [one, other] = [&least().to_string(), WRITTEN_OTHERWISE]
        .map(|text| Manifest::parse(text.as_bytes()).expect("a manifest"));
    assert_eq!(one.hash(), other.hash());
}

#[test]
fn a_document_is_written_as_it_was_read() {
    for sample in [full(), least()] {
        let manifest = Manifest::parse(sample.to_string().as_bytes()).expect("a manifest");
        let again = Manifest::new(manifest.document()).expect("a manifest");
        assert_eq!(again.canonical(), manifest.canonical());
    }
}
