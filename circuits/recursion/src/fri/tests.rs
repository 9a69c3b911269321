//! One query's chain of folds under provers that leave it at one place and stay consistent
//! everywhere else: all Merkle paths are valid, so that only the chain's own links can refuse.

use std::collections::BTreeMap;

use p3_commit::Mmcs;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, TwoAdicField};
use p3_matrix::dense::RowMajorMatrix;
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_airs::{Challenge, trace_mmcs};
use farthing_plonky2::{Builder, D, F, Poseidon2Config, from_challenge, from_felt};
use farthing_protocol::Felt;

use super::query::{Folding, fold, query_points};
use super::{ext_row, hashes};
use crate::enforced_checks::{Check, Verdict, omit_element};
use crate::proof::{Digests, ExtRow, FoldOpening};
use crate::shape::{cap_len, path_len};

/// log₂ of the tallest codeword, of each arity, of the codeword that joins, of the last one.
const LOG_TOP: usize = 9;
const LOG_ARITIES: [usize; 3] = [3, 1, 2];
const LOG_JOINING: usize = 5;
const LOG_LAST: usize = 3;
const LOG_BLOWUP: usize = 1;

/// Link at which a prover leaves the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cheat {
    Nowhere,
    /// The tallest codeword is not the opened one, in a coefficient.
    Opening(usize),
    /// Nor the one that joins.
    Joining,
    /// From this round on everything belongs to another polynomial.
    Polynomial(usize),
    /// The group of another row, with that row's path.
    Row(usize),
    /// The final polynomial's coefficient, in a coefficient of its own.
    Last(usize, usize),
}

/// A chain's elements, as values or targets.
struct Chain<T> {
    challenges: ExtRow<T>,
    opening: [T; D],
    joining: [T; D],
    caps: Vec<Digests<T>>,
    folds: Vec<FoldOpening<T>>,
    last: ExtRow<T>,
}

impl<T: Copy> Chain<T> {
    fn elements(&self) -> Vec<T> {
        let mut all = self.challenges.concat();
        all.extend(self.opening.iter().chain(&self.joining));
        all.extend(self.caps.iter().flatten().flatten());
        for fold in &self.folds {
            all.extend(fold.group.iter().flatten().chain(fold.path.iter().flatten()));
        }
        all.extend(self.last.iter().flatten());
        all
    }
}

fn evaluate(coefficients: &[Challenge], x: Felt) -> Challenge {
    coefficients.iter().rev().fold(Challenge::ZERO, |sum, c| sum * x + *c)
}

/// The values over the subgroup of order 2^`log`, in bit-reversed order.
fn codeword(coefficients: &[Challenge], log: usize) -> Vec<Challenge> {
    let generator = Felt::two_adic_generator(log);
    let reversed = |i: usize| i.reverse_bits() >> (usize::BITS as usize - log);
    (0..1 << log).map(|i| evaluate(coefficients, generator.exp_u64(reversed(i) as u64))).collect()
}

/// One, or the root that is adjoined.
fn unit(coefficient: usize) -> Challenge {
    Challenge::new(core::array::from_fn(|i| if i == coefficient { Felt::ONE } else { Felt::ZERO }))
}

fn ext(challenge: Challenge) -> [F; D] {
    from_challenge(challenge).0
}

/// The chain of a prover who cheats so.
fn chain(cheat: Cheat, index: usize) -> Chain<F> {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut random = |len: usize| -> Vec<Challenge> {
        (0..len)
            .map(|_| Challenge::new([0; D].map(|_| Felt::new(rng.random::<u64>() >> 1))))
            .collect()
    };
    let challenges = random(LOG_ARITIES.len());
    let mut polynomial = random(1 << (LOG_TOP - LOG_BLOWUP));
    let joining = random(1 << (LOG_JOINING - LOG_BLOWUP));
    let other = random(polynomial.len());
    let mut opening = codeword(&polynomial, LOG_TOP)[index];
    let mut joined = codeword(&joining, LOG_JOINING)[index >> (LOG_TOP - LOG_JOINING)];
    let (mut caps, mut folds) = (Vec::new(), Vec::new());
    let mut log = LOG_TOP;
    for (round, (log_arity, beta)) in LOG_ARITIES.iter().zip(&challenges).enumerate() {
        if cheat == Cheat::Polynomial(round) {
            polynomial = other[..polynomial.len()].to_vec();
        }
        let word = codeword(&polynomial, log);
        log -= log_arity;
        let row = (index >> (LOG_TOP - log)) ^ usize::from(cheat == Cheat::Row(round));
        let cells: Vec<Felt> = word
            .iter()
            .flat_map(|x| {
                let coefficients: &[Felt] = x.as_basis_coefficients_slice();
                coefficients.to_vec()
            })
            .collect();
        let (cap, data) = trace_mmcs().commit(vec![RowMajorMatrix::new(cells, D << log_arity)]);
        let (_, path) = trace_mmcs().open_batch(row, &data).unpack();
        caps.push(cap.roots().iter().map(|digest| digest.map(from_felt)).collect());
        folds.push(FoldOpening {
            group: word[row << log_arity..(row + 1) << log_arity]
                .iter()
                .copied()
                .map(ext)
                .collect(),
            path: path.iter().map(|digest| digest.map(from_felt)).collect(),
        });
        polynomial = polynomial
            .chunks(1 << log_arity)
            .map(|c| c.iter().rev().fold(Challenge::ZERO, |sum, x| sum * *beta + *x))
            .collect();
        if log == LOG_JOINING {
            let factor = beta.exp_power_of_2(*log_arity);
            polynomial.iter_mut().zip(&joining).for_each(|(c, j)| *c += factor * *j);
        }
    }
    match cheat {
        Cheat::Opening(coefficient) => opening += unit(coefficient),
        Cheat::Joining => joined += Challenge::ONE,
        Cheat::Last(i, coefficient) => polynomial[i] += unit(coefficient),
        _ => {}
    }
    Chain {
        challenges: challenges.into_iter().map(ext).collect(),
        opening: ext(opening),
        joining: ext(joined),
        caps,
        folds,
        last: polynomial.into_iter().map(ext).collect(),
    }
}

struct ChainCircuit {
    circuit: CircuitData<F, Poseidon2Config, D>,
    index: Target,
    chain: Chain<Target>,
}

fn chain_circuit() -> ChainCircuit {
    let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
    let index = builder.add_virtual_target();
    let mut pair = || -> [Target; D] { core::array::from_fn(|_| builder.add_virtual_target()) };
    let (opening, joining) = (pair(), pair());
    let mut pairs = |len: usize| -> ExtRow<Target> { (0..len).map(|_| pair()).collect() };
    let challenges = pairs(LOG_ARITIES.len());
    let last = pairs(1 << (LOG_LAST - LOG_BLOWUP));
    let groups: Vec<_> = LOG_ARITIES.iter().map(|log_arity| pairs(1 << log_arity)).collect();
    let mut digests = |len: usize| -> Digests<Target> {
        (0..len).map(|_| core::array::from_fn(|_| builder.add_virtual_target())).collect()
    };
    let (mut log, mut caps, mut folds) = (LOG_TOP, Vec::new(), Vec::new());
    for (log_arity, group) in LOG_ARITIES.iter().zip(groups) {
        log -= log_arity;
        caps.push(digests(cap_len(log)));
        folds.push(FoldOpening { group, path: digests(path_len(log)) });
    }
    let bits = builder.split_le(index, LOG_TOP);
    let ys = query_points(&mut builder, LOG_TOP, LOG_LAST, &bits);
    let ext = |pair: [Target; D]| ext_row(&vec![pair])[0];
    let reduced = BTreeMap::from([(LOG_TOP, ext(opening)), (LOG_JOINING, ext(joining))]);
    let folding = Folding {
        log_top: LOG_TOP,
        log_arities: &LOG_ARITIES,
        caps: caps.iter().map(hashes).collect(),
        challenges: &ext_row(&challenges),
        final_polynomial: ext_row(&last),
    };
    fold(&mut builder, &folding, &bits, &ys, &reduced, &folds);
    let chain = Chain { challenges, opening, joining, caps, folds, last };
    ChainCircuit { circuit: builder.build(), index, chain }
}

impl ChainCircuit {
    fn accepts(&self, index: usize, values: &Chain<F>) -> bool {
        let mut witness = PartialWitness::new();
        let targets = self.chain.elements();
        let values = values.elements();
        assert_eq!(targets.len(), values.len());
        witness.set_target(self.index, F::from_canonical_usize(index)).expect("assigned once");
        for (target, value) in targets.into_iter().zip(values) {
            witness.set_target(target, value).expect("assigned once");
        }
        let proof = self.circuit.prove(witness);
        proof.is_ok_and(|proof| self.circuit.verify(proof).is_ok())
    }
}

#[test]
fn every_link_is_checked() {
    let circuit = chain_circuit();
    for index in [0, 1, 77, 310, 511] {
        assert!(circuit.accepts(index, &chain(Cheat::Nowhere, index)), "honest at {index}");
    }
    let rounds = 0..LOG_ARITIES.len();
    let mut cheats = vec![Cheat::Opening(0), Cheat::Opening(1), Cheat::Joining];
    cheats.extend(rounds.clone().map(Cheat::Polynomial));
    cheats.extend(rounds.map(Cheat::Row));
    for last in 0..1 << (LOG_LAST - LOG_BLOWUP) {
        cheats.extend((0..D).map(|coefficient| Cheat::Last(last, coefficient)));
    }
    for cheat in cheats {
        assert!(!circuit.accepts(77, &chain(cheat, 77)), "{cheat:?}");
    }
    assert!(!circuit.accepts(78, &chain(Cheat::Nowhere, 77)), "another index");
}

/// A chain that is left in one coefficient: at its first group or, since the first coefficient of the
/// final polynomial is added for any point, at its end.
pub(crate) fn forge(check: Check, element: usize) -> Verdict {
    let cheat = match check {
        Check::FoldGroup => Cheat::Opening(element),
        Check::FinalPolynomial => Cheat::Last(0, element),
        other => panic!("{other:?} is not of a chain"),
    };
    let (honest, forged) = (chain(Cheat::Nowhere, 77), chain(cheat, 77));
    let whole = chain_circuit();
    Verdict {
        honest: whole.accepts(77, &honest),
        whole: whole.accepts(77, &forged),
        weakened: omit_element(check, element, chain_circuit).accepts(77, &forged),
    }
}
