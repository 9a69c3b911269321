//! Degrees, heights and bounds of every class.

use p3_air::symbolic::AirLayout;
use p3_lookup::InteractionSymbolicBuilder;

use farthing_protocol::Felt;

use crate::class::{BatchClass, LOG_MIN_HEIGHT};
use crate::config::{Challenge, MAX_DEGREE};
use crate::table::Table;

#[test]
fn every_class_is_sound_and_tall_enough() {
    for class in BatchClass::ALL {
        for table in Table::of_class(class) {
            assert!(table.log_height() >= LOG_MIN_HEIGHT, "{} of {}", table.name(), class.id);
        }
        println!("class {}: {} signers", class.id, class.signers());
    }
}

#[test]
fn no_constraint_passes_the_degree() {
    for table in Table::of_class(&BatchClass::TINY) {
        let layout = AirLayout::from_air(&table);
        let builder = InteractionSymbolicBuilder::<Felt, Challenge>::from_air(&table, layout);
        let degree = builder
            .base_constraints()
            .iter()
            .map(|constraint| constraint.degree_multiple())
            .max()
            .unwrap_or(0);
        println!("{} degree {degree}, {} constraints", table.name(), builder.base_constraints().len());
        assert!(degree <= MAX_DEGREE, "{}", table.name());
    }
}
