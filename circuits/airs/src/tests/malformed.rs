//! Changed, truncated and garbage proofs of a whole leaf are refused without a panic.

use std::collections::BTreeMap;

use p3_field::PrimeCharacteristicRing;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde_json::Value;

use farthing_protocol::Felt;

use super::state::batches::everything;
use super::state::forgery::{Forgery, KEY};
use crate::prove::{LeafProof, Statement};

/// Changed proofs tried, and with `FARTHING_FULL`.
const CHANGES: usize = 400;
const CHANGES_IN_FULL: usize = 100_000;
/// Values changed of each place in a proof, and with `FARTHING_FULL`.
const VALUES: usize = 3;
const VALUES_IN_FULL: usize = 60;

/// One of these, the second with `FARTHING_FULL`.
fn as_many(sample: usize, full: usize) -> usize {
    if farthing_testkit::full() { full } else { sample }
}

/// The proof of a batch in which no table of the state is empty.
fn honest_proof() -> (Statement, LeafProof) {
    let leaf = Forgery::of(&everything());
    let proof = KEY.prove(&leaf.statement, &leaf.traces).expect("proof");
    KEY.verify(&leaf.statement, &proof).expect("valid");
    (leaf.statement, proof)
}

#[test]
fn changed_proofs_are_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let (statement, proof) = honest_proof();
    let bytes = postcard::to_stdvec(&proof).expect("bytes");
    let honest: LeafProof = postcard::from_bytes(&bytes).expect("proof");
    KEY.verify(&statement, &honest).expect("valid");
    // Other bytes of the same proof are not another proof.
    let refused = |changed: &[u8]| {
        let proof = postcard::from_bytes::<LeafProof>(changed);
        proof.map_or(true, |proof| {
            KEY.verify(&statement, &proof).is_err()
                || postcard::to_stdvec(&proof).is_ok_and(|same| same == bytes)
        })
    };
    (0..as_many(CHANGES, CHANGES_IN_FULL)).into_par_iter().for_each(|change| {
        let mut rng = ChaCha8Rng::seed_from_u64(change as u64);
        let mut changed = bytes.clone();
        // The first bytes hold the structure, the rest mostly Merkle rows: half of the changes each.
        let reach = if change % 2 == 0 { 2_000 } else { changed.len() };
        let at = rng.random_range(0..reach.min(changed.len()));
        changed[at] ^= 1 << rng.random_range(0..8);
        assert!(refused(&changed), "byte {at}");
    });
    for _ in 0..20 {
        let length = rng.random_range(0..bytes.len());
        assert!(refused(&bytes[..length]));
    }
    let mut garbage = vec![0; 5_000];
    rng.fill_bytes(&mut garbage);
    assert!(refused(&garbage));
    assert!(refused(&[]));
}

/// Path of a value: array positions do not count, so that equal fields are one place.
type Place = String;

/// Pointers to every array and number, by place.
fn places(value: &Value, place: &str, pointer: &str, found: &mut BTreeMap<Place, Vec<String>>) {
    match value {
        Value::Array(items) => {
            found.entry(format!("{place}[]")).or_default().push(pointer.to_owned());
            for (i, item) in items.iter().enumerate() {
                places(item, &format!("{place}/*"), &format!("{pointer}/{i}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{place}/{name}"), &format!("{pointer}/{name}"), found);
            }
        }
        Value::Number(_) => {
            found.entry(place.to_owned()).or_default().push(pointer.to_owned());
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Changes of a value.
fn changes(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => {
            let mut shorter = items.clone();
            shorter.pop();
            let mut longer = items.clone();
            longer.extend(items.last().cloned());
            let mut reversed = items.clone();
            reversed.reverse();
            [shorter, longer, reversed, Vec::new()]
                .into_iter()
                .filter(|changed| changed != items)
                .map(Value::Array)
                .chain([Value::Null])
                .collect()
        }
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or(0);
            [number ^ 1, 0, u64::from(u32::MAX), u64::MAX]
                .into_iter()
                .filter(|changed| *changed != number)
                .map(Value::from)
                .collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_field_changed_is_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let (statement, proof) = honest_proof();
    let honest = serde_json::to_value(&proof).expect("a value");
    let mut found = BTreeMap::new();
    places(&honest, "", "", &mut found);
    assert!(found.len() > 30, "{:?}", found.keys());
    let accepted = |pointer: &str, change: &Value| {
        let mut changed = honest.clone();
        *changed.pointer_mut(pointer).expect("found there") = change.clone();
        serde_json::from_value::<LeafProof>(changed)
            .is_ok_and(|proof| KEY.verify(&statement, &proof).is_ok())
    };
    let mut all = Vec::new();
    for pointers in found.values() {
        for _ in 0..as_many(VALUES, VALUES_IN_FULL) {
            let pointer = &pointers[rng.random_range(0..pointers.len())];
            let value = honest.pointer(pointer).expect("found there");
            all.extend(changes(value).into_iter().map(|change| (pointer, change)));
        }
    }
    all.par_iter().for_each(|(pointer, change)| {
        assert!(!accepted(pointer, change), "{pointer}: {change}");
    });
}

#[test]
fn proof_of_another_statement() {
    let (statement, proof) = honest_proof();
    for position in 0..statement.len() {
        let mut other = statement;
        other[position] += Felt::ONE;
        assert!(KEY.verify(&other, &proof).is_err(), "{position}");
    }
}
