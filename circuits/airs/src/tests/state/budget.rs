//! Cost of a class: `FARTHING_CLASS=16k cargo test --release budget -- --nocapture`.

use crate::class::LeafClass;
use crate::config::{FriSettings, Profile};
use crate::prove::LeafKey;
use crate::tests::measure::class_from_environment;

/// Most committed cells per payment, and most columns of all tables: 1,200 by the design for version 1, and
/// what names recipients and changes licenses.
const CELLS_PER_PAYMENT: f64 = 2_500.0;
const COLUMNS: usize = 1_240;

#[test]
fn sixteen_thousand_payments_keep_the_budget() {
    let class = &LeafClass::LARGE;
    let key = LeafKey::new(class, FriSettings::of(Profile::Proven)).expect("setup");
    let tables = key.tables().iter().zip(key.permutation_columns());
    let (mut width, mut cells) = (0, 0);
    for (table, extension) in tables {
        let columns = table.columns() + 2 * extension;
        width += columns;
        cells += columns << table.log_height();
    }
    assert!(width <= COLUMNS, "{width}");
    assert!(cells as f64 / class.intents() as f64 <= CELLS_PER_PAYMENT, "{cells}");
}

/// Prints the columns and the committed cells of each table, without proving.
#[test]
fn budget() {
    let class = class_from_environment();
    for settings in [FriSettings::of(Profile::Proven), FriSettings::degree_three()] {
        let key = LeafKey::new(class, settings).expect("setup");
        let (mut width, mut cells) = (0, 0);
        for (table, extension) in key.tables().iter().zip(key.permutation_columns()) {
            let columns = table.columns() + 2 * extension;
            let table_cells = columns << table.log_height();
            println!(
                "{:17} rows 2^{:<2} columns {:>3} + 2·{extension:<2} fixed {}: {:>6.1} per payment",
                table.name(),
                table.log_height(),
                table.columns(),
                table.preprocessed_columns(),
                table_cells as f64 / class.intents() as f64,
            );
            width += columns;
            cells += table_cells;
        }
        let per_payment = cells as f64 / class.intents() as f64;
        println!("{}: width {width}, {per_payment:.0} cells per payment", class.batch.name);
        assert!(key.security().proven_bits() >= 85.0);
    }
}
