//! `src/libraries/PublicDataLayout.sol`: the layouts of the protocol's records as the contract has them.

use std::fmt::Write as _;
use std::path::Path;

use farthing_protocol::layout::outcome::{EFFECT, NO_EFFECT, REFUSED_BY_BALANCE};
use farthing_protocol::layout::{
    KIND_FIELD, RecordField, RecordLayout, deposit, forced_exit, withdrawal,
};
use farthing_protocol::{CHUNK_LIMBS, LIMB_BYTES};

const REGENERATE: &str =
    "FARTHING_REGENERATE=1 cargo test --workspace --release --test public_data_layout";

/// Fields that the contract reads, by the names of their first bytes there.
const FIELDS: [(&str, RecordField); 7] = [
    ("DEPOSIT_OWNER", deposit::OWNER),
    ("DEPOSIT_AMOUNT", deposit::AMOUNT),
    ("DEPOSIT_KEY", deposit::KEY),
    ("FORCED_EXIT_ACCOUNT", forced_exit::ACCOUNT),
    ("FORCED_EXIT_REQUESTER", forced_exit::REQUESTER),
    ("WITHDRAWAL_OWNER", withdrawal::OWNER),
    ("WITHDRAWAL_BASE_UNITS", withdrawal::BASE_UNITS),
];

/// Bits to the right of a byte in the word that begins with its record.
const fn shift(field: RecordField) -> usize {
    256 - 8 * (field.byte() + 1)
}

fn constants() -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(text, "// SPDX-License-Identifier: MIT OR Apache-2.0")?;
    writeln!(text, "// Written from the record layouts of state/protocol by")?;
    writeln!(text, "// `{REGENERATE}`.")?;
    writeln!(text, "pragma solidity ^0.8.30;")?;
    let mut section = |title: &str, constants: Vec<(String, usize)>| {
        writeln!(text, "\n// {title}")?;
        constants
            .iter()
            .try_for_each(|(name, value)| writeln!(text, "uint256 constant {name} = {value};"))
    };
    let sizes = [("LIMB_BYTES", LIMB_BYTES), ("CHUNK_LIMBS", CHUNK_LIMBS)];
    section(
        "Bytes of a limb; limbs of a chunk, the unit of hashing, of transactions and of payout trees.",
        sizes.map(|(name, value)| (name.to_owned(), value)).into(),
    )?;
    let name = |layout: &RecordLayout| layout.name.to_uppercase().replace(' ', "_");
    let kinds = RecordLayout::ALL.iter().flat_map(|layout| {
        let name = name(layout);
        [(name.clone(), usize::from(layout.kind)), (name + "_LIMBS", layout.limbs)]
    });
    section("Kinds of records and their limbs.", kinds.collect())?;
    let outcomes = [
        ("NO_EFFECT", NO_EFFECT),
        ("CREDITED", EFFECT),
        ("REFUSED_BY_BALANCE", REFUSED_BY_BALANCE),
    ];
    section(
        "Outcomes of a deposit.",
        outcomes.map(|(name, code)| (name.to_owned(), code as usize)).into(),
    )?;
    let shifts = [("KIND_SHIFT", shift(KIND_FIELD)), ("OUTCOME_SHIFT", shift(deposit::OUTCOME))];
    section(
        "Shifts of bytes in a record's first word.",
        shifts.map(|(name, bits)| (name.to_owned(), bits)).into(),
    )?;
    let mut bytes: Vec<_> =
        FIELDS.iter().map(|(name, field)| ((*name).to_owned(), field.byte())).collect();
    let words = (deposit::KEY.limb + 1) * LIMB_BYTES;
    bytes.push(("DEPOSIT_KEY_WORDS".to_owned(), words));
    section(
        "First bytes of fields; the low bytes of a key's words follow on their top bytes.",
        bytes,
    )?;
    Ok(text)
}

#[test]
fn the_contract_reads_the_layouts_of_the_protocol() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(deposit::OUTCOME, forced_exit::OUTCOME);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/libraries/PublicDataLayout.sol");
    let constants = constants()?;
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        std::fs::write(&file, &constants)?;
    }
    assert_eq!(std::fs::read_to_string(&file)?, constants, "run {REGENERATE}");
    Ok(())
}
