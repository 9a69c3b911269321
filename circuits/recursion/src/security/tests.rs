//! Bits of every layer.

use plonky2::plonk::circuit_data::CircuitConfig;

use farthing_airs::Profile;
use farthing_plonky2::{Builder, KECCAK_COLLISION_BITS, Poseidon2Config, Poseidon2Hash};

use super::*;
use crate::final_layer::FinalSettings;
use crate::settings::CircuitSettings;

/// Least bits of any layer and source, by the design; the goal is [`PROVEN_GOAL`].
const FLOOR: f64 = 85.0;
const PROVEN_GOAL: f64 = 90.0;
/// Bits that the conjectured profile is named for. Published figures count its queries alone.
const CONJECTURED_GOAL: f64 = 100.0;
/// Sources that stay or may stay below it, with the least that they may have. None depends on
/// queries. In the permutation argument of the last two circuits challenges are drawn twice, not
/// three times; the last one's batching has 100.0 bits and would have 99.9 with a third time.
const BELOW_CONJECTURED_GOAL: [(&str, &str, f64); 3] =
    [("shrink", "permutation", 89.0), ("final", "permutation", 91.0), ("final", "batching", 99.5)];
/// The most rows that a wrap comes to: of the classes whose leaves are of blow-up 2.
pub(crate) const WRAP_LOG_ROWS: usize = 16;
pub(crate) const NODE_LOG_ROWS: usize = 14;
const SHRINK_LOG_ROWS: usize = 13;
const FINAL_LOG_ROWS: usize = 12;

/// A circuit of a size, with the gate that has the most constraints.
pub(super) fn common(config: CircuitConfig, log_rows: usize) -> CommonCircuitData<F, D> {
    let mut builder = Builder::new(config);
    let x = builder.add_virtual_target();
    builder.hash_n_to_hash_no_pad::<Poseidon2Hash>(vec![x]);
    while builder.num_gates() <= 1 << (log_rows - 1) {
        builder.add_gate(plonky2::gates::noop::NoopGate, vec![]);
    }
    builder.mock_build::<Poseidon2Config>().common
}

/// A layer: its name, the circuit's configuration, log₂ of its rows, the collisions of its digests.
pub(super) type NamedLayer = (&'static str, CircuitConfig, usize, usize);

/// The layers of a profile.
pub(super) fn layers(profile: Profile) -> [NamedLayer; 4] {
    let inner = CircuitSettings::of(profile).config();
    let last = FinalSettings::of(profile);
    [
        ("wrap", inner.clone(), WRAP_LOG_ROWS, POSEIDON2_COLLISION_BITS),
        ("lift, join", inner, NODE_LOG_ROWS, POSEIDON2_COLLISION_BITS),
        ("shrink", last.shrink.config(), SHRINK_LOG_ROWS, POSEIDON2_COLLISION_BITS),
        ("final", last.final_circuit.config(), FINAL_LOG_ROWS, KECCAK_COLLISION_BITS),
    ]
}

/// Change that more bits of a source would take.
fn limit(source: &str) -> &'static str {
    match source {
        "permutation" | "combination" => {
            "challenges are of the base field: another repetition, as many columns more"
        }
        "batching" | "folds" => {
            "the extension is quadratic: fewer columns, fewer rows or a higher rate"
        }
        "queries" => "more queries or more work",
        "collisions" => "longer digests",
        _ => "a larger field",
    }
}

/// The least bits that a source of a layer may have.
fn floor(profile: Profile, layer: &str, source: &str) -> f64 {
    let below = BELOW_CONJECTURED_GOAL.iter().find(|(l, s, _)| (*l, *s) == (layer, source));
    match (profile, below) {
        (Profile::Proven, _) => FLOOR,
        (Profile::Conjectured, Some((_, _, floor))) => *floor,
        (Profile::Conjectured, None) => CONJECTURED_GOAL,
    }
}

#[test]
fn every_layer_keeps_its_security() {
    for (profile, goal) in
        [(Profile::Proven, PROVEN_GOAL), (Profile::Conjectured, CONJECTURED_GOAL)]
    {
        for (name, config, log_rows, collisions) in layers(profile) {
            let security = of_circuit(&common(config, log_rows), collisions);
            let (bits, sources) = match profile {
                Profile::Proven => (security.proven_bits(), &security.proven),
                Profile::Conjectured => (security.conjectured_bits(), &security.conjectured),
            };
            let older = security.proven_2025_bits();
            println!("{profile:?} {name}: {bits:.1} bits; proven by eprint 2025/2055: {older:.1}");
            for ErrorSource { name: source, bits } in sources {
                let limit = if *bits < goal { limit(source) } else { "" };
                println!("    {source:14} {bits:6.2} {limit}");
                let floor = floor(profile, name, source);
                assert!(*bits >= floor, "{profile:?} {name}, {source}: {bits:.2} of {floor}");
            }
            assert!(bits >= FLOOR, "{profile:?} {name}: {bits:.1} bits");
        }
    }
}

/// Fewer queries, less work or fewer repetitions are less secure, in the source they are of.
#[test]
fn security_depends_on_the_settings() {
    let settings = FinalSettings::of(Profile::Proven).final_circuit;
    let bits = |config: CircuitConfig, name: &str| {
        let security = of_circuit(&common(config, FINAL_LOG_ROWS), KECCAK_COLLISION_BITS);
        security.proven.iter().find(|source| source.name == name).map_or(0.0, |one| one.bits)
    };
    let change = |name, changed: CircuitConfig| {
        let honest = bits(settings.config(), name);
        assert!(bits(changed, name) < honest - 0.9, "{name}");
    };
    let mut fewer = settings.config();
    fewer.fri_config.num_query_rounds -= 1;
    change(QUERIES_NAME, fewer);
    let mut easier = settings.config();
    easier.fri_config.proof_of_work_bits -= 1;
    change(QUERIES_NAME, easier);
    let mut once = settings.config();
    once.num_challenges = 1;
    change("permutation", once);
}
