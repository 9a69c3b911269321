//! Every reason to refuse a document, and the member that the message names.

use farthing_manifest::{MANIFEST_BYTES_MAX, Manifest, ManifestError};
use serde_json::{Value, json};

use crate::samples::{full, least};

/// The message about a document.
fn refusal(bytes: &[u8]) -> String {
    match Manifest::parse(bytes) {
        Ok(manifest) => panic!("accepted: {}", manifest.canonical()),
        Err(error) => error.to_string(),
    }
}

/// The message about the full sample with `value` at a place: a JSON pointer without its first slash.
fn with(path: &str, value: Value) -> String {
    let mut sample = full();
    let pointer = format!("/{path}");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = sample.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} has a parent"));
    match parent.as_array_mut() {
        Some(list) => list[name.parse::<usize>().expect("an index")] = value,
        None => parent[name] = value,
    }
    refusal(sample.to_string().as_bytes())
}

/// The full sample without the member at a place.
fn removed(path: &str) -> String {
    let mut sample = full();
    let pointer = format!("/{path}");
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = sample.pointer_mut(parent).and_then(Value::as_object_mut);
    parent.and_then(|parent| parent.remove(name)).unwrap_or_else(|| panic!("{path} is there"));
    sample.to_string()
}

fn without(path: &str) -> String {
    refusal(removed(path).as_bytes())
}

#[test]
fn json_that_has_several_forms_is_refused() {
    let refused = [
        ("", "EOF while parsing"),
        ("{", "EOF while parsing"),
        ("{} {}", "trailing characters"),
        ("\u{feff}{}", "expected value"),
        ("{\"a\":1,\"a\":1}", "member \"a\" is given twice"),
        ("{\"a\":{\"b\":1,\"\\u0062\":2}}", "member \"b\" is given twice"),
        ("{\"a\":null}", "invalid type: null"),
        ("{\"a\":1.0}", "invalid type: floating point"),
        ("{\"a\":1e2}", "invalid type: floating point"),
        ("{\"a\":-1}", "invalid type: integer `-1`"),
        ("{\"a\":-0}", "invalid type: floating point"),
        ("{\"a\":01}", "invalid number"),
        ("{\"a\":9007199254740992}", "invalid value: integer `9007199254740992`"),
        ("{\"a\":18446744073709551616}", "invalid type: floating point"),
        ("{\"a\":\"\\ud800\"}", "unexpected end of hex escape"),
        ("{\"a\":\"\n\"}", "control character"),
        ("{\"a\":'b'}", "expected value"),
        ("[1,]", "trailing comma"),
    ];
    for (text, expected) in refused {
        let got = refusal(text.as_bytes());
        assert!(got.starts_with("not the JSON of a manifest: "), "{text}: {got}");
        assert!(got.contains(expected), "{text}: {got}");
        assert!(got.contains("line 1 column") || text.contains('\n'), "{text}: {got}");
    }
    assert!(refusal(b"\"\xff\"").contains("not the JSON"));
}

#[test]
fn a_deep_document_is_refused() {
    let deep = "[".repeat(MANIFEST_BYTES_MAX);
    assert!(refusal(deep.as_bytes()).contains("recursion limit exceeded"));
}

#[test]
fn a_large_document_is_refused() {
    let mut text = least().to_string();
    text.push_str(&" ".repeat(MANIFEST_BYTES_MAX - text.len()));
    assert!(Manifest::parse(text.as_bytes()).is_ok());
    text.push(' ');
    assert_eq!(refusal(text.as_bytes()), "the manifest has 65537 bytes, at most 65536 are allowed");
}

#[test]
fn members_that_must_be_there() {
    let required = [
        "type",
        "version",
        "work",
        "permits",
        "price",
        "derivatives",
        "work/kind",
        "work/title",
        "work/url",
        "work/creators",
        "work/creators/0/name",
        "work/c2pa/storeSha256",
        "model/version",
        "model/trainingData/0/legalBasis",
        "attribution/required",
        "price/unit",
        "derivatives/allowed",
        "derivatives/reciprocal",
        "derivatives/approval",
        "term/revocable",
        "network/chainId",
        "network/contract",
    ];
    for pointer in required {
        let got = without(pointer);
        assert!(got.ends_with(": is missing"), "{pointer}: {got}");
    }
    assert_eq!(without("work/creators/0/name"), "work.creators[0].name: is missing");
}

#[test]
fn members_that_may_be_left_out() {
    let optional = [
        "work/creators/0/id",
        "work/content",
        "work/content/0/cid",
        "work/content/0/mediaType",
        "work/content/0/bytes",
        "work/c2pa",
        "work/c2pa/url",
        "work/identifiers",
        "model",
        "work/identifiers/doi",
        "model/base",
        "model/card",
        "model/trainingData",
        "prohibits",
        "geo",
        "model/trainingData/1/summary",
        "model/trainingData/1/sha256",
        "users",
        "attribution",
        "attribution/text",
        "price/amountNano",
        "price/asset",
        "price/currency",
        "term",
        "term/from",
        "derivatives/shares",
        "term/until",
        "term/noticeDays",
        "legal",
        "legal/jurisdiction",
        "legal/terms",
        "legal/termsSha256",
        "legal/contact",
        "network",
        "network/license",
    ];
    let hash = Manifest::parse(full().to_string().as_bytes()).expect("a manifest").hash();
    for pointer in optional {
        let manifest = Manifest::parse(removed(pointer).as_bytes());
        let manifest = manifest.unwrap_or_else(|error| panic!("{pointer}: {error}"));
        assert_ne!(manifest.hash(), hash, "{pointer}");
        assert_eq!(
            Manifest::new(manifest.document()).ok().map(|one| one.hash()),
            Some(manifest.hash())
        );
    }
}

#[test]
fn unknown_members_are_refused() {
    let objects = [
        "",
        "work/",
        "work/creators/0/",
        "work/content/0/",
        "work/c2pa/",
        "work/identifiers/",
        "model/",
        "model/trainingData/0/",
        "attribution/",
        "price/",
        "derivatives/",
        "term/",
        "legal/",
        "network/",
    ];
    for object in objects {
        let got = with(&format!("{object}other"), json!(1));
        assert!(got.ends_with("other: is not a member of the schema"), "{object}: {got}");
    }
    let long = "\u{202e}x".repeat(1000);
    let got = with(&long, json!(1));
    assert!(got.len() < 400 && got.is_ascii(), "{got}");
}

#[test]
fn values_of_another_type_are_refused() {
    let cases = [
        ("work", json!([]), "work: expected an object"),
        ("work/title", json!(1), "work.title: expected text"),
        ("permits", json!("all"), "permits: expected a list"),
        ("version", json!("1"), "version: expected a whole number"),
        ("term/revocable", json!("no"), "term.revocable: expected true or false"),
        ("model/base/1", json!("7"), "model.base[1]: expected a whole number"),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(with(pointer, value), expected);
    }
    assert_eq!(refusal(b"[]"), "the manifest: expected an object");
}

#[test]
fn names_numbers_and_lists_out_of_range_are_refused() {
    let many = |count: usize| {
        Value::from((0..count).map(|i| json!({ "name": i.to_string() })).collect::<Vec<_>>())
    };
    let cases = [
        ("type", json!("License"), "type: expected \"AILicense\""),
        ("version", json!(2), "version: is 2, expected 1 to 1"),
        ("price/unit", json!("word"), "price.unit: expected one of token, image, second, request"),
        ("permits", json!([]), "permits: has 0 items, expected 1 to 6"),
        ("geo", json!([]), "geo: has 0 items, expected 1 to 250"),
        ("geo", json!(["CH", "CH"]), "geo[1]: repeats an item of its list"),
        ("work/creators", many(65), "work.creators: has 65 items, expected 1 to 64"),
        (
            "work/identifiers",
            json!({}),
            "work.identifiers: expected at least one of doi, isbn, isrc, iswc",
        ),
        (
            "legal",
            json!({}),
            "legal: expected at least one of jurisdiction, terms, termsSha256, contact",
        ),
        (
            "work/content/0",
            json!({ "bytes": 1 }),
            "work.content[0]: expected at least one of cid, sha256",
        ),
        (
            "model/trainingData/0",
            json!({ "legalBasis": "own" }),
            "model.trainingData[0]: expected at least one of license, title",
        ),
        ("derivatives/shares", json!(0), "derivatives.shares: is 0, expected 1 to 1000000"),
        (
            "derivatives/shares",
            json!(1_000_001),
            "derivatives.shares: is 1000001, expected 1 to 1000000",
        ),
        (
            "network/license",
            json!(1_u64 << 32),
            "network.license: is 4294967296, expected 0 to 4294967295",
        ),
        ("network/chainId", json!(0), "network.chainId: is 0, expected 1 to 9007199254740991"),
        ("term/noticeDays", json!(0), "term.noticeDays: is 0, expected 1 to 3650"),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(with(pointer, value), expected);
    }
}

#[test]
fn texts_that_people_read() {
    let title = |text: &str| with("work/title", json!(text));
    assert_eq!(title(""), "work.title: is empty, or has white space at an end");
    assert_eq!(title(" a"), "work.title: is empty, or has white space at an end");
    assert_eq!(title(&"é".repeat(129)), "work.title: has 258 bytes, at most 256 are allowed");
    for character in [
        '\0',
        '\n',
        '\u{7f}',
        '\u{85}',
        '\u{200b}',
        '\u{202e}',
        '\u{2066}',
        '\u{feff}',
        '\u{fffe}',
        '\u{1ffff}',
    ] {
        let code = u32::from(character);
        let expected = format!("work.title: has the character U+{code:04X}, which is not allowed");
        assert_eq!(title(&format!("a{character}b")), expected);
    }
}

#[test]
fn texts_with_a_syntax() {
    let invalid: [(&str, &[&str]); 13] = [
        (
            "work/url",
            &[
                "javascript:alert(1)",
                "http://example.com",
                "https://",
                "https://a b",
                "https://a\"",
                "https://é",
                "HTTPS://a",
            ],
        ),
        ("work/creators/0/id", &["Ada", "did:", "did:a b", "orcid:1"]),
        ("work/content/0/sha256", &["", "00", &"0".repeat(65)]),
        ("work/content/0/cid", &["", "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"]),
        (
            "work/content/0/mediaType",
            &["png", "image/", "/png", "image/PNG", "image/png; q=1", "a/b/c"],
        ),
        ("work/identifiers/doi", &["", "10.1000/<182>", &"1".repeat(129)]),
        ("geo/0", &["ch", "CHE", "*", "C1"]),
        ("price/amountNano", &["", "-1", "+1", "01", "1.5", "1e9", "10000000000000000000"]),
        (
            "price/asset",
            &[
                "USDC",
                "eip155:1/erc20:0xA0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
                "eip155:01/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
                "eip155:/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
            ],
        ),
        ("price/currency", &["usd", "USDC", "$"]),
        (
            "term/until",
            &[
                "2027-02-29",
                "2027-2-01",
                "2027-13-01",
                "2100-02-29",
                "2027-04-31",
                "27-04-01",
                "2027-01-00",
                "0999-01-01",
                "2027/01/01",
                "+027-01-01",
            ],
        ),
        ("legal/terms", &["data:text/html,x", "terms.html"]),
        (
            "network/contract",
            &[
                "0x",
                "0x00000000000000000000000000000000000000FA",
                "00000000000000000000000000000000000000fa",
            ],
        ),
    ];
    for (pointer, texts) in invalid {
        for text in texts {
            let got = with(pointer, json!(text));
            assert!(got.contains(": expected "), "{pointer} {text}: {got}");
        }
    }
    assert!(
        with("work/url", json!(format!("https://{}", "a".repeat(2041)))).contains("has 2049 bytes")
    );
}

#[test]
fn members_that_contradict_each_other() {
    let none = json!({ "allowed": false, "shares": 1, "reciprocal": false, "approval": "none" });
    let cases = [
        ("prohibits", json!(["all"]), "prohibits: contradicts permits"),
        ("term/until", json!("2026-11-30"), "term.until: contradicts from"),
        ("term/revocable", json!(false), "term.noticeDays: contradicts revocable"),
        (
            "work/content/0/sha256",
            json!("0000000000000000000000000000000000000000000000000000000000000001"),
            "work.content[0].sha256: contradicts cid",
        ),
        ("derivatives", none, "derivatives.allowed: contradicts shares, reciprocal or approval"),
    ];
    for (pointer, value, expected) in cases {
        assert_eq!(with(pointer, value), expected);
    }
    let mut sample = full();
    sample["permits"] = json!(["ai-input"]);
    sample["prohibits"] = json!(["search", "ai-all"]);
    assert_eq!(refusal(sample.to_string().as_bytes()), "prohibits: contradicts permits");
}

#[test]
fn a_document_that_breaks_the_schema_is_not_made() {
    let manifest = Manifest::parse(least().to_string().as_bytes()).expect("a manifest");
    let mut document = manifest.document().clone();
    document.permits.clear();
    let error = Manifest::new(&document).expect_err("it permits nothing");
    assert!(matches!(&error, ManifestError::Field { path, .. } if path == "permits"), "{error}");
    document = manifest.document().clone();
    document.work.title = "x".repeat(MANIFEST_BYTES_MAX);
    let error = Manifest::new(&document).expect_err("it is large");
    assert!(matches!(error, ManifestError::TooLarge { .. }), "{error}");
}
