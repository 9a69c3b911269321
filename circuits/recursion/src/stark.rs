//! The verifier of p3's batch proofs as a circuit, for any tables.
//!
//! | step | p3's |
//! | --- | --- |
//! | transcript up to the out-of-domain point | `p3_batch_stark::transcript` |
//! | openings | [`crate::fri`] |
//! | constraints of each table at the point | `verify_constraints_with_lookups` |
//! | the lookups' sums cancel | `verify_terminal_sum` |
//!
//! Everything p3 checks of a proof's shape is fixed with the [`Shape`].

use std::collections::HashMap;

use p3_air::Air;
use p3_batch_stark::CommonData;
use p3_lookup::InteractionSymbolicBuilder;
use plonky2::field::types::Field;
use plonky2::hash::hash_types::{HashOut, HashOutTarget};
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::target::Target;

use farthing_airs::{Challenge, LeafConfig};
use farthing_plonky2::{Builder, D, ExtTarget, F, two_adic};
use farthing_protocol::Felt;

use crate::air::{Opened, Selectors, fold_constraints, quotient, recompose};
use crate::enforced_checks::{Check, connect_ext};
use crate::fri::{OpeningChallenges, ext_row, hashes, verify_openings};
use crate::proof::{ExtRow, ProofParts};
use crate::shape::{InstanceShape, Round, Shape, System};
use crate::transcript::Transcript;

/// Challenges of the outermost transcript.
pub(crate) struct Challenges {
    /// Of each table: the prefix of its lookups' buses, each followed by beta.
    pub(crate) lookup: Vec<Vec<ExtTarget>>,
    /// Folds a table's constraints.
    pub(crate) constraint: ExtTarget,
    /// The out-of-domain point.
    pub(crate) point: ExtTarget,
    /// Those of the opening argument.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare them with p3's"))]
    pub(crate) openings: OpeningChallenges,
}

/// Says that `proof` is a valid proof of the system's tables with these public values.
pub(crate) fn verify<A>(
    builder: &mut Builder,
    system: &System<'_, A>,
    shape: &Shape,
    proof: &ProofParts<Target>,
    public_values: &[Vec<Target>],
) -> Challenges
where
    A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
{
    let caps = caps(builder, shape, proof);
    let mut transcript = Transcript::new(builder);
    let (lookup, constraint, point) =
        draw(builder, &mut transcript, shape, proof, &caps, public_values);
    let points = opening_points(builder, shape, point);
    let openings = verify_openings(builder, &mut transcript, shape, proof, &caps, &points);
    let challenges = Challenges { lookup, constraint, point, openings };
    verify_tables(builder, system, shape, proof, public_values, &challenges);
    verify_terminals(builder, &proof.terminals);
    challenges
}

/// Commitments of the rounds, the preprocessed one as constants.
fn caps(
    builder: &mut Builder,
    shape: &Shape,
    proof: &ProofParts<Target>,
) -> Vec<Vec<HashOutTarget>> {
    let fixed = shape.preprocessed_cap.as_deref().unwrap_or_default();
    let mut constant = || {
        fixed
            .iter()
            .map(|elements| builder.constant_hash(HashOut { elements: *elements }))
            .collect()
    };
    proof.caps.iter().map(|cap| cap.as_ref().map_or_else(&mut constant, hashes)).collect()
}

type Drawn = (Vec<Vec<ExtTarget>>, ExtTarget, ExtTarget);

/// The transcript up to the out-of-domain point.
fn draw(
    builder: &mut Builder,
    transcript: &mut Transcript,
    shape: &Shape,
    proof: &ProofParts<Target>,
    caps: &[Vec<HashOutTarget>],
    public_values: &[Vec<Target>],
) -> Drawn {
    let settings = &shape.settings;
    let cap_of =
        |round: Round| shape.rounds.iter().position(|r| r.round == round).map(|r| &caps[r]);
    transcript.observe_constants(builder, &shape.seeds.batch);
    for instance in &shape.instances {
        // Heights are absorbed as elements of the extension.
        let height = [F::from_canonical_usize(instance.log_height), F::ZERO];
        transcript.observe_constants(builder, &height);
    }
    let absorb = |builder: &mut Builder, transcript: &mut Transcript, round| {
        if let Some(cap) = cap_of(round) {
            transcript.observe_cap(builder, cap);
        }
    };
    absorb(builder, transcript, Round::Main);
    for value in public_values.iter().flatten() {
        transcript.observe(builder, *value);
    }
    absorb(builder, transcript, Round::Preprocessed);
    let mut lookup = vec![Vec::new(); shape.instances.len()];
    if shape.has_lookups() {
        transcript.check_work(builder, settings.lookup_pow, proof.lookup_work);
        let alpha = transcript.sample_ext(builder);
        let beta = transcript.sample_ext(builder);
        lookup = lookup_challenges(builder, shape, alpha, beta);
        absorb(builder, transcript, Round::Permutation);
        for terminal in &proof.terminals {
            transcript.observe_ext(builder, ExtensionTarget(*terminal));
        }
    }
    let constraint = transcript.sample_ext(builder);
    absorb(builder, transcript, Round::Quotient);
    transcript.check_work(builder, settings.point_pow, proof.point_work);
    let point = transcript.sample_ext(builder);
    (lookup, constraint, point)
}

/// The prefix of bus i is alpha + (i + 1)·beta^w with w the longest message: a message of one bus
/// never passes for one of another.
fn lookup_challenges(
    builder: &mut Builder,
    shape: &Shape,
    alpha: ExtTarget,
    beta: ExtTarget,
) -> Vec<Vec<ExtTarget>> {
    let step = builder.exp_u64_extension(beta, shape.longest_message as u64);
    let mut prefixes = Vec::with_capacity(shape.buses);
    let mut prefix = alpha;
    for _ in 0..shape.buses {
        prefix = builder.add_extension(prefix, step);
        prefixes.push(prefix);
    }
    let of = |buses: &Vec<usize>| buses.iter().flat_map(|bus| [prefixes[*bus], beta]).collect();
    shape.instances.iter().map(|instance| of(&instance.buses)).collect()
}

/// Zeta, and where the next row is read g·zeta, for each matrix of each round.
fn opening_points(
    builder: &mut Builder,
    shape: &Shape,
    zeta: ExtTarget,
) -> Vec<Vec<Vec<ExtTarget>>> {
    // One target for each height: openings at one point are recognized by it.
    let mut next_points = HashMap::new();
    let mut of = |log_height: usize, points: usize| {
        let next = *next_points
            .entry(log_height)
            .or_insert_with(|| builder.mul_const_extension(two_adic(log_height), zeta));
        [zeta, next][..points].to_vec()
    };
    let rounds = shape.rounds.iter();
    rounds
        .map(|round| round.matrices.iter().map(|m| of(m.log_height, m.points)).collect())
        .collect()
}

/// Each table's constraints are its quotient times the vanishing polynomial.
fn verify_tables<A>(
    builder: &mut Builder,
    system: &System<'_, A>,
    shape: &Shape,
    proof: &ProofParts<Target>,
    public_values: &[Vec<Target>],
    challenges: &Challenges,
) where
    A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
{
    let common: &CommonData<LeafConfig> = system.common;
    let mut terminals = ext_row(&proof.terminals).into_iter();
    for (i, (air, instance)) in system.tables.iter().zip(&shape.instances).enumerate() {
        let selectors = Selectors::new(builder, instance.log_height, challenges.point);
        let main = rows(builder, shape, proof, Round::Main, i);
        let preprocessed = rows(builder, shape, proof, Round::Preprocessed, i);
        let permutation = rows(builder, shape, proof, Round::Permutation, i)
            .map(|row| join_columns(builder, &row));
        let opened = Opened {
            main: [&main[0], &main[1]],
            preprocessed: [&preprocessed[0], &preprocessed[1]],
            permutation: [&permutation[0], &permutation[1]],
            public_values: &public_values[i],
            lookup_challenges: &challenges.lookup[i],
            terminal: if instance.lookups() > 0 { terminals.next() } else { None },
            selectors,
        };
        let folded = fold_constraints(
            builder,
            air,
            instance,
            &common.lookups[i],
            &opened,
            challenges.constraint,
        );
        let chunks: Vec<Vec<ExtTarget>> =
            matrices(shape, proof, Round::Quotient, i).map(|points| ext_row(&points[0])).collect();
        verify_quotient(builder, instance, folded, &chunks, &selectors);
    }
}

/// The constraints' value is the quotient, of which these are the chunks by their coefficients' columns,
/// times the vanishing polynomial.
fn verify_quotient(
    builder: &mut Builder,
    instance: &InstanceShape,
    constraints: ExtTarget,
    chunks: &[Vec<ExtTarget>],
    selectors: &Selectors,
) {
    let expected = selectors.divide(builder, constraints);
    let chunks: Vec<Vec<ExtTarget>> =
        chunks.iter().map(|columns| join_columns(builder, columns)).collect();
    let quotient = quotient(builder, instance, &chunks.concat(), selectors);
    connect_ext(builder, Check::Quotient, expected, quotient);
}

/// Claimed openings of a table's matrices in a round, by point.
fn matrices<'p>(
    shape: &'p Shape,
    proof: &'p ProofParts<Target>,
    round: Round,
    instance: usize,
) -> impl Iterator<Item = &'p Vec<Vec<[Target; D]>>> {
    let rounds = shape.rounds.iter().zip(&proof.openings);
    rounds
        .filter(move |(of, _)| of.round == round)
        .flat_map(|(of, openings)| of.matrices.iter().zip(openings))
        .filter(move |(matrix, _)| matrix.instance == instance)
        .map(|(_, points)| points)
}

/// This row and the next of a table; zeros stand for a next row that is not opened, as for p3,
/// and nothing for columns that the table does not have.
fn rows(
    builder: &mut Builder,
    shape: &Shape,
    proof: &ProofParts<Target>,
    round: Round,
    instance: usize,
) -> [Vec<ExtTarget>; 2] {
    let Some(points) = matrices(shape, proof, round, instance).next() else {
        return [Vec::new(), Vec::new()];
    };
    let this = ext_row(&points[0]);
    let next = match points.get(1) {
        Some(next) => ext_row(next),
        None => vec![builder.zero_extension(); this.len()],
    };
    [this, next]
}

/// Columns over the extension from those of their coefficients.
fn join_columns(builder: &mut Builder, coefficients: &[ExtTarget]) -> Vec<ExtTarget> {
    let (pairs, _) = coefficients.as_chunks::<D>();
    pairs.iter().map(|pair| recompose(builder, pair)).collect()
}

/// The fractions of all tables sum to zero: every message sent is received.
fn verify_terminals(builder: &mut Builder, terminals: &ExtRow<Target>) {
    let sum = builder.add_many_extension(ext_row(terminals));
    let zero = builder.zero_extension();
    connect_ext(builder, Check::Terminals, sum, zero);
}

#[cfg(test)]
pub(crate) mod tests {
    use plonky2::field::extension::quadratic::QuadraticExtension;
    use plonky2::field::types::Field;

    use farthing_plonky2::Ext;

    use super::*;
    use crate::enforced_checks::{Gadget, Verdict, verdict};
    use crate::tests::{SETTINGS, Setup, toys};

    /// Of which the chunks of a quotient and the point are.
    const POINT: Ext = QuadraticExtension([F::TWO, F::TWO]);

    /// One, or the root that is adjoined.
    fn unit(coefficient: usize) -> Ext {
        let mut unit = [F::ZERO; D];
        unit[coefficient] = F::ONE;
        QuadraticExtension(unit)
    }

    fn coefficients(elements: &[Ext]) -> Vec<F> {
        elements.iter().flat_map(|element| element.0).collect()
    }

    /// Constraints that are not the quotient times the vanishing polynomial, in one coefficient of what
    /// is left of them. All chunks are one constant, and so is the quotient.
    pub(crate) fn forge_quotient(check: Check, element: usize) -> Verdict {
        let setup = Setup::new(&toys(), SETTINGS);
        let shape = Shape::new(&setup.system()).expect("shape");
        let instance = &shape.instances[0];
        let gadget = || {
            Gadget::new(|builder| {
                let [constraints, point] = [(); 2].map(|()| builder.add_virtual_extension_target());
                let columns = builder.add_virtual_extension_targets(D * instance.chunks());
                let chunks: Vec<Vec<ExtTarget>> = columns.chunks(D).map(<[_]>::to_vec).collect();
                let selectors = Selectors::new(builder, instance.log_height, point);
                verify_quotient(builder, instance, constraints, &chunks, &selectors);
                let all = [constraints, point].into_iter().chain(columns);
                all.flat_map(|element| element.0).collect()
            })
        };
        let vanishing = POINT.exp_power_of_2(instance.log_height) - Ext::ONE;
        let quotient = QuadraticExtension([F::TWO, F::ONE]);
        let values = |constraints: Ext| {
            let chunks = [quotient, Ext::ZERO].repeat(instance.chunks());
            coefficients(&[&[constraints, POINT], chunks.as_slice()].concat())
        };
        let honest = values(quotient * vanishing);
        let forged = values((quotient + unit(element)) * vanishing);
        verdict(check, element, gadget, &honest, &forged)
    }

    /// Sums of tables that do not cancel in one coefficient.
    pub(crate) fn forge_terminals(check: Check, element: usize) -> Verdict {
        let gadget = || {
            Gadget::new(|builder| {
                let terminals = builder.add_virtual_extension_targets(3);
                let terminals: ExtRow<Target> = terminals.iter().map(|one| one.0).collect();
                verify_terminals(builder, &terminals);
                terminals.concat()
            })
        };
        let (a, b) = (POINT, QuadraticExtension([F::ONE, F::TWO]));
        let honest = coefficients(&[a, b, -a - b]);
        let forged = coefficients(&[a, b, unit(element) - a - b]);
        verdict(check, element, gadget, &honest, &forged)
    }
}
