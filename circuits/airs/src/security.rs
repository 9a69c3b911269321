//! The soundness of a leaf proof by error source, computed with p3-security.

use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::num_batched_openings;
use p3_field::{BasedVectorSpace, Field};
use p3_lookup::InteractionSymbolicBuilder;
use p3_security::air::composition_error;
use p3_security::deep::deep_ali_error;
use p3_security::fri::{FriRegime, query_phase_error};
use p3_security::logup::{LogUpAir, security_term};
use p3_security::report::{ALI_LABEL, BATCH_LABEL, COLLISION_LABEL, DEEP_LABEL, LDT_LABEL};
use p3_security::shape::{InstanceShape, StarkAirParams};
use p3_security::stark::{legacy_security_report, proven_security_report};
use p3_security::{GrindingSites, SecurityTerm};
use p3_uni_stark::OpeningShape;

use farthing_protocol::Felt;

use crate::config::Challenge;
use crate::prove::LeafKey;
use crate::proximity::{PROXIMITY_MAX, PROXIMITY_MIN, ProximityTheorem};
use crate::tables::Table;

/// Collision resistance of a digest of four elements, in bits.
const COLLISION_BITS: usize = 128;
/// A cell is opened at one point or two.
const OPENED_ROWS: usize = 2;
/// Constraints of the lookup argument besides one per fraction: first, next and last sum.
const SUM_CONSTRAINTS: usize = 3;

/// Bits of soundness of one error source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorSource {
    /// p3-security's name of it.
    pub name: &'static str,
    /// −log₂ of its error.
    pub bits: f64,
}

/// Soundness of a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Security {
    /// By source in the best proven regime: unique decoding, or list decoding up to the Johnson bound
    /// by [`ProximityTheorem::Dkt26`].
    pub proven: Vec<ErrorSource>,
    /// The same by [`ProximityTheorem::Bchks25`].
    pub proven_2025: Vec<ErrorSource>,
    /// By source under the ethSTARK conjecture, disproved in its full strength.
    pub conjectured: Vec<ErrorSource>,
}

impl Security {
    /// By source, proven with a theorem.
    pub fn proven_by(&self, theorem: ProximityTheorem) -> &[ErrorSource] {
        match theorem {
            ProximityTheorem::Dkt26 => &self.proven,
            ProximityTheorem::Bchks25 => &self.proven_2025,
        }
    }

    /// The least bits of any source, proven.
    pub fn proven_bits(&self) -> f64 {
        least_bits(&self.proven)
    }

    /// The same by eprint 2025/2055.
    pub fn proven_2025_bits(&self) -> f64 {
        least_bits(&self.proven_2025)
    }

    /// The least bits of any source, conjectured.
    pub fn conjectured_bits(&self) -> f64 {
        least_bits(&self.conjectured)
    }
}

/// The least bits of any of these sources.
pub fn least_bits(sources: &[ErrorSource]) -> f64 {
    sources.iter().map(|source| source.bits).fold(f64::INFINITY, f64::min)
}

/// The best of several ways to count the same proof's soundness: each is a bound.
pub fn best_regime(regimes: impl IntoIterator<Item = Vec<ErrorSource>>) -> Vec<ErrorSource> {
    let best = regimes.into_iter().max_by(|a, b| least_bits(a).total_cmp(&least_bits(b)));
    best.unwrap_or_default()
}

impl LeafKey {
    /// The soundness of this key's proofs.
    pub fn security(&self) -> Security {
        let fri = self.settings.parameters(());
        let regime = fri.security_regime();
        let grinding = GrindingSites {
            out_of_domain: self.settings.point_pow,
            lookup_challenge: self.settings.lookup_pow,
            ..fri.grinding_sites()
        };
        let air = StarkAirParams {
            num_constraints: self.constraints(),
            max_constraint_degree: self.settings.degree(),
            num_quotient_chunks: self.quotient_chunks(),
            max_combo: OPENED_ROWS,
        };
        let shape = InstanceShape {
            log_trace_length: self.tables.iter().map(Table::log_height).max().unwrap_or(0),
            modulus_bits: Challenge::bits(),
            collision_resistance: COLLISION_BITS,
            num_batched_functions: self.batched_openings(),
        };
        let lookups: Vec<SecurityTerm> =
            security_term(&self.lookup_shape(shape.log_trace_length), &shape, &grinding)
                .into_iter()
                .collect();
        let report = proven_security_report(&regime, &air, &shape, &lookups, &grinding);
        let unique = sources(report.udr.terms());
        let list = report.ldr.map(|report| sources(report.terms()));
        let instance = Instance { regime, air, shape, grinding, lookups: &lookups };
        let older = (PROXIMITY_MIN..=PROXIMITY_MAX)
            .map(|m| instance.list_decoding(ProximityTheorem::Bchks25, m));
        let proven_2025 = best_regime(older.chain([unique.clone()]));
        let proven = best_regime(list.into_iter().chain([unique]));
        let conjectured = legacy_security_report(&regime, &air, &shape, &lookups, &grinding)
            .map_or_else(Vec::new, |report| sources(report.terms()));
        Security { proven, proven_2025, conjectured }
    }

    /// Of the table of the highest degree; the others have as many or fewer.
    fn quotient_chunks(&self) -> usize {
        (self.settings.degree() - 1).next_power_of_two()
    }

    fn constraints(&self) -> usize {
        let of = |table: &Table| {
            let layout = AirLayout::from_air(table);
            let builder = InteractionSymbolicBuilder::<Felt, Challenge>::from_air(table, layout);
            builder.base_constraints().len()
        };
        let lookups: usize = self.permutation_columns().iter().map(|c| c + SUM_CONSTRAINTS).sum();
        self.tables.iter().map(of).sum::<usize>() + lookups
    }

    fn batched_openings(&self) -> usize {
        self.tables
            .iter()
            .zip(self.permutation_columns())
            .map(|(table, columns)| {
                num_batched_openings(
                    table.columns(),
                    !table.main_next_row_columns().is_empty(),
                    table.preprocessed_columns(),
                    !table.preprocessed_next_row_columns().is_empty(),
                    self.quotient_chunks(),
                    columns - 1,
                    <Challenge as BasedVectorSpace<Felt>>::DIMENSION,
                    OpeningShape::new(),
                )
            })
            .sum()
    }

    /// All messages of all rows, as a number per row of the tallest table.
    fn lookup_shape(&self, log_trace_length: usize) -> LogUpAir {
        let messages: usize = self
            .tables
            .iter()
            .zip(self.messages_per_row())
            .map(|(table, messages)| messages << table.log_height())
            .sum();
        LogUpAir {
            num_interactions: messages.div_ceil(1 << log_trace_length),
            max_message_width: self.widest_message(),
        }
    }
}

/// Parameters that the soundness of a key's proofs depends on.
struct Instance<'a> {
    regime: FriRegime,
    air: StarkAirParams,
    shape: InstanceShape,
    grinding: GrindingSites,
    lookups: &'a [SecurityTerm],
}

impl Instance<'_> {
    /// By source up to the Johnson bound, as p3-security composes it, with any theorem. Folds are
    /// counted at the length of the longest word.
    fn list_decoding(&self, theorem: ProximityTheorem, m: usize) -> Vec<ErrorSource> {
        let (log_blowup, shape) = (self.regime.log_blowup, &self.shape);
        let combined = |words: usize, work: usize| {
            let log_dimension = shape.log_trace_length;
            let bits =
                theorem.combination_bits(log_dimension, log_blowup, shape.modulus_bits, words, m);
            bits + work as f64
        };
        let agreement = theorem.agreement(log_blowup, m);
        let (queries, work) = (self.regime.num_queries, self.regime.query_pow_bits);
        let queries = query_phase_error(agreement, queries, work).bits();
        let folds = combined(1 << self.regime.max_log_arity, self.regime.commit_pow_bits);
        let list_size = theorem.list_size(log_blowup, m);
        let constraints = self.air.num_constraints;
        let composition = composition_error(constraints, list_size, shape.modulus_bits);
        let deep = deep_ali_error(&self.air, shape, list_size).bits();
        let batch = combined(shape.num_batched_functions, self.grinding.batch_combination);
        let mut all = vec![
            ErrorSource { name: ALI_LABEL, bits: composition.bits() },
            ErrorSource { name: DEEP_LABEL, bits: deep + self.grinding.out_of_domain as f64 },
            ErrorSource { name: LDT_LABEL, bits: queries.min(folds) },
            ErrorSource { name: BATCH_LABEL, bits: batch },
        ];
        all.extend(sources(self.lookups));
        let bits = shape.collision_resistance as f64;
        all.push(ErrorSource { name: COLLISION_LABEL, bits });
        all
    }
}

fn sources(terms: &[SecurityTerm]) -> Vec<ErrorSource> {
    terms.iter().map(|term| ErrorSource { name: term.label, bits: term.bits.bits() }).collect()
}
