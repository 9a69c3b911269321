//! Prints what a batch costs, by default of the tiny class:
//! `FARTHING_CLASS=64k FARTHING_BLOWUP=2 cargo test --release measure -- --nocapture`.

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::config::{FriSettings, Profile};
use crate::prove::LeafKey;
use crate::tables::Table;
use crate::tests::batches::{batch, leaf_with};

/// Signers of the measured batch.
const SIGNERS: usize = 200;

/// The class that `FARTHING_CLASS` names; the tiny one if it is not set.
pub(crate) fn class_from_environment() -> &'static LeafClass {
    let Some(value) = std::env::var_os("FARTHING_CLASS") else { return &LeafClass::TINY };
    let name = value.to_string_lossy();
    let named = LeafClass::ALL.into_iter().find(|class| class.batch.name == name);
    named.unwrap_or_else(|| {
        let names = LeafClass::ALL.map(|class| class.batch.name).join(", ");
        panic!("FARTHING_CLASS is {name:?}, expected one of {names}")
    })
}

/// The settings that `FARTHING_BLOWUP` names; the default ones if it is not set.
fn settings_from_environment() -> FriSettings {
    let Some(value) = std::env::var_os("FARTHING_BLOWUP") else {
        return FriSettings::of(Profile::Proven);
    };
    match &*value.to_string_lossy() {
        "2" => FriSettings::low_blowup(),
        "4" => FriSettings { log_blowup: 2, queries: 78, ..FriSettings::degree_three() },
        "three" => FriSettings::degree_three(),
        other => panic!("FARTHING_BLOWUP is {other:?}, expected 2, 4 or three"),
    }
}

#[test]
fn measure() {
    let class = class_from_environment();
    let intents = class.intents();
    let settings = settings_from_environment();
    let key = LeafKey::of_signatures(class, settings).expect("setup");
    let batch = batch(1, intents, SIGNERS.min(class.signers()).min(intents));
    let start = Instant::now();
    let (_, statement, traces) = leaf_with(class, settings.sbox, &batch, |_| ());
    let trace_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let proof = key.prove(&statement, &traces).expect("proof");
    let prove_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    key.verify(&statement, &proof).expect("valid");
    let verify_seconds = start.elapsed().as_secs_f64();

    println!("{} permutations", permutations(key.tables(), &traces));
    let (mut cells, mut width) = (0, 0);
    for ((table, trace), extension) in
        key.tables().iter().zip(&traces).zip(key.permutation_columns())
    {
        if table.name() == "state_stub" {
            continue;
        }
        let columns = table.columns() + 2 * extension;
        println!(
            "{:17} rows {:>7} columns {:>4} + 2·{:>2}, fixed {}: {:>7.1} cells per intent",
            table.name(),
            trace.height(),
            table.columns(),
            extension,
            table.preprocessed_columns(),
            (columns * trace.height()) as f64 / intents as f64,
        );
        cells += columns * trace.height();
        width += columns;
    }
    println!(
        "class {}: width {width}, {:.0} cells per intent, {settings:?}\n\
         trace {trace_seconds:.2} s, prove {prove_seconds:.2} s, verify {verify_seconds:.3} s",
        class.batch.name,
        cells as f64 / intents as f64,
    );
}

/// Rows of the Poseidon2 tables that are not padding.
fn permutations(tables: &[Table], traces: &[RowMajorMatrix<Felt>]) -> usize {
    let flags = 3;
    let used = |row: &[Felt]| row[row.len() - flags..].iter().any(|flag| *flag != Felt::ZERO);
    tables
        .iter()
        .zip(traces)
        .filter(|(table, _)| table.name() == "poseidon2")
        .map(|(_, trace)| trace.values.chunks_exact(trace.width).filter(|row| used(row)).count())
        .sum()
}
