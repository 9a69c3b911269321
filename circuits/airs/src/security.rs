//! The soundness of a leaf proof by error source, computed with p3-security.

use p3_air::BaseAir;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::num_batched_openings;
use p3_field::{BasedVectorSpace, Field};
use p3_lookup::InteractionSymbolicBuilder;
use p3_security::logup::{LogUpAir, security_term};
use p3_security::shape::{InstanceShape, StarkAirParams};
use p3_security::stark::{legacy_security_report, proven_security_report};
use p3_security::{GrindingSites, SecurityTerm};
use p3_uni_stark::OpeningShape;

use farthing_protocol::Felt;

use crate::config::Challenge;
use crate::prove::LeafKey;
use crate::table::Table;

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

/// Soundness of a leaf proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Security {
    /// By source in the best proven regime: unique decoding, or list decoding up to Johnson.
    pub proven: Vec<ErrorSource>,
    /// By source under the ethSTARK conjecture, disproved in its full strength.
    pub conjectured: Vec<ErrorSource>,
}

impl Security {
    /// The least bits of any source, proven.
    pub fn proven_bits(&self) -> f64 {
        least(&self.proven)
    }

    /// The least bits of any source, conjectured.
    pub fn conjectured_bits(&self) -> f64 {
        least(&self.conjectured)
    }
}

fn least(sources: &[ErrorSource]) -> f64 {
    sources.iter().map(|source| source.bits).fold(f64::INFINITY, f64::min)
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
        let proven = match list {
            Some(list) if least(&list) > least(&unique) => list,
            _ => unique,
        };
        let conjectured = legacy_security_report(&regime, &air, &shape, &lookups, &grinding)
            .map_or_else(Vec::new, |report| sources(report.terms()));
        Security { proven, conjectured }
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
                    table.fixed_columns(),
                    !table.preprocessed_next_row_columns().is_empty(),
                    self.quotient_chunks(),
                    columns - 1,
                    <Challenge as BasedVectorSpace<Felt>>::DIMENSION,
                    OpeningShape::new(),
                )
            })
            .sum()
    }

    /// All messages of all rows, as so many per row of the tallest table.
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

fn sources(terms: &[SecurityTerm]) -> Vec<ErrorSource> {
    terms.iter().map(|term| ErrorSource { name: term.label, bits: term.bits.bits() }).collect()
}
