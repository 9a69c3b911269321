//! Which circuits a child may be proven by.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::{HashOut, HashOutTarget};
use plonky2::plonk::circuit_data::{CommonCircuitData, VerifierCircuitTarget};
use plonky2::plonk::config::Hasher;

use farthing_protocol::Digest;

use crate::checks::{Check, made};
use crate::digest;
use crate::field::{Builder, D, F};
use crate::gate::Poseidon2Hash;

/// The digest of a verification key whose commitment is a witness, recomputed as plonky2 computes
/// it: without that the digest and the commitment could belong to different circuits.
pub(super) fn digest_of(
    builder: &mut Builder,
    key: &VerifierCircuitTarget,
    common: &CommonCircuitData<F, D>,
) -> HashOutTarget {
    let separator: HashOut<F> = Poseidon2Hash::hash_pad(&[]);
    let separator = builder.constant_hash(separator);
    let degree_bits = builder.constant(F::from_canonical_usize(common.degree_bits()));
    let mut elements: Vec<_> =
        key.constants_sigmas_cap.0.iter().flat_map(|node| node.elements).collect();
    elements.extend(separator.elements);
    elements.push(degree_bits);
    let digest = builder.hash_n_to_hash_no_pad::<Poseidon2Hash>(elements);
    if made(Check::KeyDigest) {
        builder.connect_hashes(digest, key.circuit_digest);
    }
    digest
}

/// Says that a child with key `child` is a lift, or a join under the same key as this one: `own`,
/// which the child claims as `claimed`. Whoever verifies the last proof compares `own` with the
/// key that it was verified under; so all joins below have that key too.
pub(super) fn check(
    builder: &mut Builder,
    child: HashOutTarget,
    claimed: HashOutTarget,
    own: HashOutTarget,
    lifts: &[Digest],
) {
    let joined = digest::is_equal(builder, child, own);
    let same_own = digest::is_equal(builder, claimed, own);
    let mut allowed = if made(Check::SameClaim) { builder.and(joined, same_own) } else { joined };
    for lift in lifts {
        let lift = digest::constant(builder, lift);
        let lifted = digest::is_equal(builder, child, lift);
        allowed = builder.or(allowed, lifted);
    }
    if made(Check::AllowedKey) {
        builder.assert_one(allowed.target);
    }
}
