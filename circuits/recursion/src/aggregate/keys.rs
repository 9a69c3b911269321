//! Which circuits a child may be proven by.
//!
//! A child is a lift, whose keys are constants, or a join, whose key no join can hold as a constant of
//! itself. So a join *claims* a key of joins ([`ClaimedKey`]), compares its joined children and their
//! claims with it, and the root of the tree compares the last claim with the *real* key
//! ([`RealKey`], a constant). By induction from the root every join below has the real key. The two
//! are types of their own: a claim is never taken for the real key.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::{HashOut, HashOutTarget};
use plonky2::iop::target::Target;
use plonky2::plonk::circuit_data::{CommonCircuitData, VerifierCircuitTarget};
use plonky2::plonk::config::Hasher;

use farthing_plonky2::{Builder, D, F, Poseidon2Hash};
use farthing_protocol::{DIGEST_ELEMENTS, Digest};

use crate::enforced_checks::{Check, connect, is_compared, is_enforced};
use crate::hash_gadget;

/// The key of joins as a node claims it: the prover's to choose.
#[derive(Clone, Copy)]
pub(crate) struct ClaimedKey(HashOutTarget);

/// The key of joins itself, a constant.
#[derive(Clone, Copy)]
pub(crate) struct RealKey(HashOutTarget);

impl ClaimedKey {
    /// A claim to be made.
    pub(super) fn witness(builder: &mut Builder) -> Self {
        Self(builder.add_virtual_hash())
    }

    /// The claim among a node's public inputs.
    pub(super) const fn of_node(elements: [Target; DIGEST_ELEMENTS]) -> Self {
        Self(HashOutTarget { elements })
    }

    /// The elements, for public inputs and witnesses.
    pub(super) const fn hash(&self) -> HashOutTarget {
        self.0
    }
}

impl RealKey {
    /// The constant.
    pub(super) fn constant(builder: &mut Builder, key: &Digest) -> Self {
        Self(hash_gadget::constant(builder, key))
    }
}

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
    connect(builder, Check::KeyDigest, &digest.elements, &key.circuit_digest.elements);
    digest
}

/// Says, in a join that claims `own`, that a child with key `child` is a lift, or a join under the
/// key claimed here that claims it too.
pub(super) fn check_child(
    builder: &mut Builder,
    child: HashOutTarget,
    claimed: ClaimedKey,
    own: ClaimedKey,
    lifts: &[Digest],
) {
    check(builder, child, claimed, own.0, lifts);
}

/// Says, at the root of the tree, that the last node with key `child` is a lift, or a join under the
/// real key that claims it.
pub(super) fn check_last(
    builder: &mut Builder,
    child: HashOutTarget,
    claimed: ClaimedKey,
    real: RealKey,
    lifts: &[Digest],
) {
    let elements = core::array::from_fn(|i| {
        if is_compared(Check::RealKey, i) { real.0.elements[i] } else { claimed.0.elements[i] }
    });
    check(builder, child, claimed, HashOutTarget { elements }, lifts);
}

fn check(
    builder: &mut Builder,
    child: HashOutTarget,
    claimed: ClaimedKey,
    own: HashOutTarget,
    lifts: &[Digest],
) {
    let joined = hash_gadget::is_equal(builder, Check::OwnKey, child, own);
    let same_own = hash_gadget::is_equal(builder, Check::SameClaim, claimed.0, own);
    let mut allowed = builder.and(joined, same_own);
    for lift in lifts {
        let lift = hash_gadget::constant(builder, lift);
        let lifted = hash_gadget::is_equal(builder, Check::LiftKey, child, lift);
        allowed = builder.or(allowed, lifted);
    }
    if is_enforced(Check::AllowedKey) {
        builder.assert_one(allowed.target);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use farthing_plonky2::from_felt;
    use farthing_protocol::{Felt, Tag, hash};

    use super::*;
    use crate::circuit::InnerCircuit;
    use crate::enforced_checks::{Gadget, Verdict, verdict};

    fn digest(i: u64) -> Digest {
        hash(Tag::Domain, &[Felt::new(i)])
    }

    /// The elements of a digest, of which one is another.
    fn but(digest: Digest, element: Option<usize>) -> [F; DIGEST_ELEMENTS] {
        let mut elements = digest.elements().map(from_felt);
        if let Some(element) = element {
            elements[element] += F::ONE;
        }
        elements
    }

    const JOIN: u64 = 1;
    const LIFTS: [u64; 2] = [2, 3];

    fn join_gadget() -> Gadget {
        Gadget::new(|builder| {
            let [child, claimed, own] = [(); 3].map(|()| builder.add_virtual_hash());
            let [claimed, own] = [claimed, own].map(|key| ClaimedKey::of_node(key.elements));
            check_child(builder, child, claimed, own, &LIFTS.map(digest));
            [child, claimed.0, own.0].iter().flat_map(|hash| hash.elements).collect()
        })
    }

    fn root_gadget() -> Gadget {
        Gadget::new(|builder| {
            let [child, claimed] = [(); 2].map(|()| builder.add_virtual_hash());
            let real = RealKey::constant(builder, &digest(JOIN));
            let claimed = ClaimedKey::of_node(claimed.elements);
            check_last(builder, child, claimed, real, &LIFTS.map(digest));
            [child, claimed.0].iter().flat_map(|hash| hash.elements).collect()
        })
    }

    /// A child's key, its claim and the key claimed above it, each wrong in one element: a rogue join
    /// that claims the true key, a true one that claims another, a rogue lift, and at the root a rogue
    /// join that claims itself.
    pub(crate) fn forge(check: Check, element: usize) -> Verdict {
        let (join, lift) = (digest(JOIN), digest(LIFTS[1]));
        let (right, wrong, none) = (but(join, None), but(join, Some(element)), [F::ZERO; 4]);
        let honest = [right, right, right].concat();
        match check {
            Check::OwnKey => {
                verdict(check, element, join_gadget, &honest, &[wrong, right, right].concat())
            }
            Check::SameClaim => {
                verdict(check, element, join_gadget, &honest, &[right, wrong, right].concat())
            }
            Check::LiftKey => {
                let honest = [but(lift, None), none, right].concat();
                let forged = [but(lift, Some(element)), none, right].concat();
                verdict(check, element, join_gadget, &honest, &forged)
            }
            Check::AllowedKey => {
                let forged = [but(digest(4), None), none, right].concat();
                verdict(check, element, join_gadget, &honest, &forged)
            }
            Check::RealKey => {
                let honest = [right, right].concat();
                verdict(check, element, root_gadget, &honest, &[wrong, wrong].concat())
            }
            other => panic!("{other:?} is not of keys"),
        }
    }

    /// A key whose digest is not that of its commitment, in one element.
    pub(crate) fn forge_digest(check: Check, element: usize) -> Verdict {
        let circuit: InnerCircuit = {
            let mut builder = Builder::new(
                crate::settings::CircuitSettings { queries: 2, query_pow: 2 }.config(),
            );
            builder.add_virtual_public_input();
            builder.build()
        };
        let key = &circuit.verifier_only;
        let gadget = || {
            Gadget::new(|builder| {
                let cap_height = circuit.common.config.fri_config.cap_height;
                let key = builder.add_virtual_verifier_data(cap_height);
                digest_of(builder, &key, &circuit.common);
                let cap = key.constants_sigmas_cap.0.iter();
                cap.chain([&key.circuit_digest]).flat_map(|hash| hash.elements).collect()
            })
        };
        let cap = key.constants_sigmas_cap.0.iter();
        let honest: Vec<F> =
            cap.chain([&key.circuit_digest]).flat_map(|hash| hash.elements).collect();
        let mut forged = honest.clone();
        forged[honest.len() - DIGEST_ELEMENTS + element] += F::ONE;
        verdict(check, element, gadget, &honest, &forged)
    }

    /// A node of joins or of lifts, at the root and below.
    #[test]
    fn allowed_keys_are_accepted() {
        let [join, lift] = [digest(JOIN), digest(LIFTS[0])].map(|key| but(key, None));
        let (none, other) = ([F::ZERO; 4], but(digest(5), None));
        let (below, root) = (join_gadget(), root_gadget());
        for own in [join, other] {
            assert!(below.accepts(&[own, own, own].concat()), "a join claims what it likes");
            assert!(below.accepts(&[lift, none, own].concat()));
        }
        assert!(!below.accepts(&[join, join, other].concat()));
        assert!(root.accepts(&[join, join].concat()));
        assert!(root.accepts(&[lift, none].concat()));
        assert!(!root.accepts(&[other, other].concat()));
        assert!(!root.accepts(&[join, none].concat()));
    }
}
