//! Degrees, heights and bounds of every class.

use std::collections::BTreeMap;

use p3_air::symbolic::AirLayout;
use p3_lookup::InteractionSymbolicBuilder;

use farthing_protocol::Felt;

use crate::class::{LOG_MIN_HEIGHT, LeafClass};
use crate::config::{Challenge, FriSettings, MAX_DEGREE, Profile};
use crate::gadgets::sbox::SBox;
use crate::prove::LeafKey;
use crate::tables::Table;

#[test]
fn every_class_is_sound_and_tall_enough() {
    for class in LeafClass::ALL {
        for table in Table::of_class(class, SBox::Cubed) {
            assert!(
                table.log_height() >= LOG_MIN_HEIGHT,
                "{} of {}",
                table.name(),
                class.batch.name
            );
        }
        println!("class {}: {} signers", class.batch.name, class.signers());
        assert!(class.intents() == class.batch.capacity.intents as usize);
    }
}

#[test]
fn no_constraint_passes_its_tables_degree() {
    for sbox in [SBox::Cubed, SBox::Direct] {
        for table in Table::of_class(&LeafClass::TINY, sbox) {
            let layout = AirLayout::from_air(&table);
            let builder = InteractionSymbolicBuilder::<Felt, Challenge>::from_air(&table, layout);
            let constraints = builder.base_constraints();
            let degree = constraints.iter().map(|constraint| constraint.degree_multiple()).max();
            assert!(degree.unwrap_or(0) <= table.degree(), "{}", table.name());
        }
    }
}

/// On a bus `[x]` and `[0, x]` look the same. p3 compares widths within a table and leaves it to
/// the reader of the tables to compare them.
#[test]
fn every_bus_has_one_width() {
    for class in LeafClass::ALL {
        let mut widths = BTreeMap::new();
        for table in Table::of_class(class, SBox::Cubed) {
            let layout = AirLayout::from_air(&table);
            let builder = InteractionSymbolicBuilder::<Felt, Challenge>::from_air(&table, layout);
            for message in builder.global_interactions() {
                let got = message.fields.len();
                let width = *widths.entry(message.bus_name.clone()).or_insert(got);
                assert_eq!(width, got, "{} on {}", table.name(), message.bus_name);
            }
            assert!(builder.local_interactions().is_empty());
            assert!(builder.exclusive_interactions().is_empty());
        }
    }
}

/// Buses some of whose counts are not flags: money, and answers to look-ups.
const FREE_COUNTS: [&str; 3] = ["flow", "link", "range"];

#[test]
fn other_counts_are_bounded_by_one() {
    for table in Table::of_class(&LeafClass::TINY, SBox::Cubed) {
        if table.name() == "state_stub" {
            continue;
        }
        let layout = AirLayout::from_air(&table);
        let builder = InteractionSymbolicBuilder::<Felt, Challenge>::from_air(&table, layout);
        for message in builder.global_interactions() {
            let bus = message.bus_name.as_str();
            let bounded = message.count_weight == 1;
            assert!(bounded || FREE_COUNTS.contains(&bus), "{} on {bus}", table.name());
        }
    }
}

#[test]
fn degree_is_within_the_budget() {
    assert!(FriSettings::degree_three().degree() <= MAX_DEGREE);
    // Direct S-boxes, and nothing else, are of degree 7: what the blow-up of 8 allows at no cost.
    let settings = FriSettings::of(Profile::Proven);
    assert!(settings.degree() < 1 << settings.log_blowup);
}

/// Bits that the default profile aims at, proven.
const PROVEN_BITS: f64 = 90.0;
/// Bits of the profile for comparisons, conjectured.
const CONJECTURED_BITS: f64 = 100.0;

/// Bits of every setting by the theorem before, which is weaker.
const PROVEN_2025_BITS: f64 = 85.0;

/// Every setting on its own tables, of every class: the settings decide on S-boxes and on columns.
/// `SOUNDNESS.md` has the figures.
#[test]
fn profiles_keep_their_security() {
    let proven = [
        ("default", FriSettings::of(Profile::Proven)),
        ("low_blowup", FriSettings::low_blowup()),
        ("degree_three", FriSettings::degree_three()),
    ];
    for class in LeafClass::ALL {
        let security = |settings| LeafKey::new(class, settings).expect("setup").security();
        for (name, settings) in proven {
            let security = security(settings);
            let (bits, older) = (security.proven_bits(), security.proven_2025_bits());
            println!(
                "class {} {name}: {bits:.2} bits, {older:.2} by the older bound",
                class.batch.name
            );
            assert!(bits >= PROVEN_BITS, "class {} {name}", class.batch.name);
            assert!(older >= PROVEN_2025_BITS, "class {} {name}", class.batch.name);
        }
        let compared = security(FriSettings::of(Profile::Conjectured));
        assert!(compared.conjectured_bits() >= CONJECTURED_BITS, "class {}", class.batch.name);
    }
}
