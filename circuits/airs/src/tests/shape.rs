//! Degrees, heights and bounds of every class.

use p3_air::symbolic::AirLayout;
use p3_lookup::InteractionSymbolicBuilder;

use farthing_protocol::Felt;

use crate::class::{LOG_MIN_HEIGHT, LeafClass};
use crate::config::{Challenge, FriSettings, MAX_DEGREE, Profile};
use crate::poseidon2::SBox;
use crate::prove::LeafKey;
use crate::security::ErrorSource;
use crate::table::Table;

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

#[test]
fn degree_is_within_the_budget() {
    let settings = FriSettings::of(Profile::Proven);
    assert!(settings.degree() <= MAX_DEGREE);
}

/// Bits that the default profile aims at, proven.
const PROVEN_BITS: f64 = 90.0;
/// Bits of the profile for comparisons, conjectured.
const CONJECTURED_BITS: f64 = 100.0;

#[test]
fn profiles_keep_their_security() {
    for class in [&LeafClass::TINY, &LeafClass::HUGE] {
        let mut key = LeafKey::new(class, FriSettings::of(Profile::Conjectured)).expect("setup");
        let mut security = |settings| {
            key.settings = settings;
            let security = key.security();
            for (regime, sources) in
                [("proven", &security.proven), ("conjectured", &security.conjectured)]
            {
                for ErrorSource { name, bits } in sources {
                    println!("class {} {settings:?}: {name} {bits:.1} {regime}", class.batch.name);
                }
            }
            security
        };
        assert!(security(FriSettings::of(Profile::Proven)).proven_bits() >= PROVEN_BITS);
        assert!(security(FriSettings::fast_leaf()).proven_bits() >= PROVEN_BITS);
        assert!(security(FriSettings::narrow_leaf()).proven_bits() >= PROVEN_BITS);
        let compared = security(FriSettings::of(Profile::Conjectured));
        assert!(compared.conjectured_bits() >= CONJECTURED_BITS);
    }
}
