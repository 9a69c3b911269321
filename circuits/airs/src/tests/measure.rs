//! Prints what a batch costs: `FARTHING_CLASS=4 cargo test --release measure -- --nocapture`.

use std::time::Instant;

use p3_matrix::Matrix;

use crate::class::BatchClass;
use crate::config::{FriSettings, Profile};
use crate::prove::LeafKey;
use crate::table::Table;
use crate::tests::batches::{batch, leaf};

/// Signers of the measured batch.
const SIGNERS: usize = 200;

fn class() -> &'static BatchClass {
    let id = std::env::var("FARTHING_CLASS").ok().and_then(|id| id.parse().ok());
    let id = id.unwrap_or(BatchClass::TINY.id);
    BatchClass::ALL.into_iter().find(|class| class.id == id).expect("a class")
}

#[test]
fn measure() {
    let class = class();
    let intents = class.intents();
    let settings = match std::env::var("FARTHING_BLOWUP").as_deref() {
        Ok("2") => FriSettings::fast_leaf(),
        _ => FriSettings::of(Profile::Proven),
    };
    let key = LeafKey::of_tables(Table::with_sink(class), settings).expect("setup");
    let batch = batch(1, intents, SIGNERS.min(class.signers()).min(intents));
    let start = Instant::now();
    let (_, statement, traces) = leaf(class, &batch);
    let trace_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let proof = key.prove(&statement, &traces).expect("proof");
    let prove_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    key.verify(&statement, &proof).expect("valid");
    let verify_seconds = start.elapsed().as_secs_f64();

    let (mut cells, mut width) = (0, 0);
    for ((table, trace), extension) in
        key.tables().iter().zip(&traces).zip(key.permutation_columns())
    {
        if table.name() == "sink" {
            continue;
        }
        let columns = table.columns() + 2 * extension;
        println!(
            "{:17} rows {:>7} columns {:>4} + 2·{:>2}, fixed {}: {:>7.1} cells per intent",
            table.name(),
            trace.height(),
            table.columns(),
            extension,
            table.fixed_columns(),
            (columns * trace.height()) as f64 / intents as f64,
        );
        cells += columns * trace.height();
        width += columns;
    }
    println!(
        "class {}: width {width}, {:.0} cells per intent, {settings:?}\n\
         trace {trace_seconds:.2} s, prove {prove_seconds:.2} s, verify {verify_seconds:.3} s",
        class.id,
        cells as f64 / intents as f64,
    );
}

/// Prints the width of every table of a class.
#[test]
fn widths() {
    let class = class();
    let key = LeafKey::new(class, FriSettings::of(Profile::Proven)).expect("setup");
    let (mut width, mut cells) = (0, 0);
    for (table, extension) in key.tables().iter().zip(key.permutation_columns()) {
        let columns = table.columns() + 2 * extension;
        println!(
            "{:17} log rows {:>2} columns {:>4} + 2·{extension:>2}, fixed {}: {:>6.1} per payment",
            table.name(),
            table.log_height(),
            table.columns(),
            table.fixed_columns(),
            (columns << table.log_height()) as f64 / class.intents() as f64,
        );
        width += columns;
        cells += columns << table.log_height();
    }
    println!("width {width}, {:.0} cells per payment", cells as f64 / class.intents() as f64);
}
