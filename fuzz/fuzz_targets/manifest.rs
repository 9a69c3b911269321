//! Provenance manifests: edits of the vectors, and bytes of any kind. A manifest has one canonical form, its
//! document is written as it was read, and each view can be rendered.
#![no_main]

use std::sync::LazyLock;

use farthing_fuzz::{bytes_of, collect};
use farthing_manifest::{Manifest, View};
use libfuzzer_sys::fuzz_target;

const VECTORS: &str = include_str!("../../api/manifest/vectors/manifests.json");

/// The documents of the vectors.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut found = Vec::new();
    collect(&serde_json::from_str(VECTORS).expect("JSON"), &mut |key, value| {
        if key == "canonical" {
            found.push(value.as_str().expect("a text").as_bytes().to_vec());
        }
    });
    found
});

fuzz_target!(|input: &[u8]| {
    let Ok(manifest) = Manifest::parse(&bytes_of(input, &HONEST)) else { return };
    let again = Manifest::parse(manifest.canonical().as_bytes()).expect("canonical bytes parse");
    assert_eq!(again.canonical(), manifest.canonical());
    let written = Manifest::new(manifest.document()).expect("a document is a manifest");
    assert_eq!(written.canonical(), manifest.canonical());
    for view in View::ALL {
        assert!(!view.render(&manifest).contains('\0'));
    }
});
