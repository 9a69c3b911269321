//! `state/SPEC.md` says what the code does: its examples stand in the vectors, its tables show the
//! code's numbers, and the tests that it names exist.

use std::path::Path;

use farthing_protocol::{
    AMOUNT_BITS, BALANCE_BITS, BATCH_ENTRIES_MAX, BatchClass, CHUNK_LIMBS, DEPOSIT_BALANCE_LIMIT,
    FEE_BITS, HOLDERS_MAX, LICENSEE_BITS, LIMB_BYTES, LINEAGE_MAX, MODULUS, NANO_PER_BASE_UNIT,
    NONCE_BITS, PRICE_BITS, PROTOCOL_VERSION, QUEUE_ENTRIES_MAX, RECEIPTS_DEPTH, SHARES_BITS,
    SHARES_TOTAL, Scalar, TIME_BITS, TREE_DEPTH, USES_BITS, position,
};
use serde_json::Value;

use crate::poseidon2::TAGS;

const SPEC: &str = include_str!("../../../SPEC.md");

const VECTORS: [&str; 9] = [
    include_str!("../../vectors/ecgfp5.json"),
    include_str!("../../vectors/leaves.json"),
    include_str!("../../vectors/messages.json"),
    include_str!("../../vectors/poseidon2.json"),
    include_str!("../../vectors/public_data.json"),
    include_str!("../../vectors/queue.json"),
    include_str!("../../vectors/schnorr.json"),
    include_str!("../../vectors/statement.json"),
    include_str!("../../vectors/wallet.json"),
];

/// The constants that the page gives in hexadecimal: p and n.
fn constants() -> [String; 2] {
    let order = Scalar::ORDER.iter().rev().map(|limb| format!("{limb:016x}")).collect();
    [format!("{MODULUS:x}"), order]
}

#[test]
fn examples_stand_in_the_vectors() {
    let constants = constants();
    let mut count = 0;
    for (at, _) in SPEC.match_indices("0x") {
        let rest = &SPEC[at + 2..];
        let length = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        let digits = &rest[..length];
        assert!(digits.len() >= 8, "0x{digits} is too short to be found");
        let known = VECTORS.iter().any(|vectors| vectors.contains(digits));
        assert!(known || constants.iter().any(|c| c == digits), "0x{digits} is in no vector");
        count += 1;
    }
    assert!(count >= 15, "{count} examples");
}

#[test]
fn named_tests_exist() {
    let state = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut count = 0;
    for name in SPEC.split('`').filter(|name| name.contains(".rs::")) {
        let (file, function) = name.split_once("::").expect("file::function");
        let source = std::fs::read_to_string(state.join(file));
        let source = source.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(source.contains(&format!("fn {function}(")), "{name} does not exist");
        count += 1;
    }
    assert!(count >= 30, "{count} tests");
}

#[test]
fn lines_fit() {
    for (number, line) in (1..).zip(SPEC.lines()) {
        assert!(line.chars().count() <= 120, "line {number} is too long");
    }
}

fn assert_says(row: &str) {
    assert!(SPEC.contains(row), "the page does not say: {row}");
}

#[test]
fn limits_are_those_of_the_code() {
    let limits: [(&str, u64); 21] = [
        ("PROTOCOL_VERSION", PROTOCOL_VERSION.into()),
        ("NANO_PER_BASE_UNIT", NANO_PER_BASE_UNIT),
        ("AMOUNT_BITS", AMOUNT_BITS.into()),
        ("BALANCE_BITS", BALANCE_BITS.into()),
        ("FEE_BITS", FEE_BITS.into()),
        ("PRICE_BITS", PRICE_BITS.into()),
        ("USES_BITS", USES_BITS.into()),
        ("NONCE_BITS", NONCE_BITS.into()),
        ("TIME_BITS", TIME_BITS.into()),
        ("BATCH_ENTRIES_MAX", BATCH_ENTRIES_MAX),
        ("SHARES_TOTAL", SHARES_TOTAL.into()),
        ("SHARES_BITS", SHARES_BITS.into()),
        ("LICENSEE_BITS", LICENSEE_BITS.into()),
        ("HOLDERS_MAX", HOLDERS_MAX as u64),
        ("LINEAGE_MAX", LINEAGE_MAX.into()),
        ("DEPOSIT_BALANCE_LIMIT", DEPOSIT_BALANCE_LIMIT),
        ("QUEUE_ENTRIES_MAX", QUEUE_ENTRIES_MAX),
        ("TREE_DEPTH", TREE_DEPTH as u64),
        ("RECEIPTS_DEPTH", RECEIPTS_DEPTH as u64),
        ("LIMB_BYTES", LIMB_BYTES as u64),
        ("CHUNK_LIMBS", CHUNK_LIMBS as u64),
    ];
    for (name, value) in limits {
        assert_says(&format!("\n| `{name}` | {value} | "));
    }
}

#[test]
fn tags_are_those_of_the_code() {
    for (tag, name) in TAGS {
        assert_says(&format!("\n| {} | `{name}` | ", tag as u64));
    }
}

#[test]
fn places_are_those_of_the_code() {
    let one = |index: usize| index..index + 1;
    let ranges = [
        ("VERSION", one(position::VERSION)),
        ("DOMAIN", position::DOMAIN),
        ("CLASS", one(position::CLASS)),
        ("NUMBER", one(position::NUMBER)),
        ("TIMESTAMP", one(position::TIMESTAMP)),
        ("OLD_ROOT", position::OLD_ROOT),
        ("NEW_ROOT", position::NEW_ROOT),
        ("RECEIPTS_ROOT", position::RECEIPTS_ROOT),
        ("INTENTS", one(position::INTENTS)),
        ("QUEUE_FROM", one(position::QUEUE_FROM)),
        ("QUEUE_TO", one(position::QUEUE_TO)),
        ("PUBLIC_DATA", position::PUBLIC_DATA),
        ("PUBLIC_DATA_LIMBS", one(position::PUBLIC_DATA_LIMBS)),
        ("CHALLENGE", position::CHALLENGE),
        ("EVALUATION", position::EVALUATION),
    ];
    for (name, range) in ranges {
        let (first, last) = (range.start, range.end - 1);
        let range = if first == last { first.to_string() } else { format!("{first}–{last}") };
        assert_says(&format!("\n| {range} | `{name}`: "));
    }
}

#[test]
fn classes_are_those_of_the_code() {
    let names: Vec<String> =
        BatchClass::ALL.iter().map(|class| format!("{} ({})", class.name, class.id)).collect();
    assert_says(&format!("\n| count | {} |", names.join(" | ")));
    let capacities: Vec<Value> = BatchClass::ALL
        .iter()
        .map(|class| serde_json::to_value(class.capacity).expect("serializes"))
        .collect();
    for resource in capacities[0].as_object().expect("an object").keys() {
        let row: Vec<String> = capacities.iter().map(|c| c[resource].to_string()).collect();
        assert_says(&format!("\n| `{resource}` | {} |", row.join(" | ")));
    }
}
