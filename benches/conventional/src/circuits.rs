//! The circuits: payments one after the other, and two proofs joined.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::{HashOut, HashOutTarget, NUM_HASH_OUT_ELTS};
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::{PoseidonHash, PoseidonPermutation};
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData};
use plonky2::plonk::config::{AlgebraicHasher, PoseidonGoldilocksConfig};
use plonky2::plonk::proof::{ProofWithPublicInputs, ProofWithPublicInputsTarget};

use farthing_plonky2::{Builder, D, F};
use farthing_protocol::{AMOUNT_BITS, BALANCE_BITS};

use super::BaselineError;
use super::tree::{IDENTITY_ELEMENTS, PaymentWitness, Side};

pub(super) type BaselineProof = ProofWithPublicInputs<F, PoseidonGoldilocksConfig, D>;
type BaselineCircuit = CircuitData<F, PoseidonGoldilocksConfig, D>;

/// Public inputs are the old root and, from here, the new root.
const NEW_ROOT: usize = NUM_HASH_OUT_ELTS;

/// The targets of one side of a payment.
struct SideTargets {
    id: Target,
    identity: [Target; IDENTITY_ELEMENTS],
    balance: Target,
    nonce: Target,
    siblings: Vec<HashOutTarget>,
}

/// The targets of one payment.
pub(super) struct Slot {
    amount: Target,
    payer: SideTargets,
    receiver: SideTargets,
}

/// Payments in order, from the first one's old root to the last one's new root.
pub(super) struct PaymentsCircuit {
    pub(super) circuit: BaselineCircuit,
    pub(super) slots: Vec<Slot>,
    old_root: HashOutTarget,
}

impl PaymentsCircuit {
    /// As many payments as have room.
    pub(super) fn filling(depth: usize, log_rows: usize) -> Result<Self, BaselineError> {
        let rows = |payments| {
            let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
            payments_of(&mut builder, depth, payments);
            builder.num_gates()
        };
        let (one, two) = (rows(1), rows(2));
        // Gates that hold several operations are counted when full only, so this may be too many.
        let guess = ((1 << log_rows) - one.min(1 << log_rows)) / (two - one) + 1;
        (1..=guess)
            .rev()
            .map(|payments| Self::new(depth, payments))
            .find(|circuit| circuit.circuit.common.degree_bits() <= log_rows)
            .ok_or(BaselineError::Rows { depth, log_rows })
    }

    pub(super) fn new(depth: usize, payments: usize) -> Self {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let (old_root, slots) = payments_of(&mut builder, depth, payments);
        Self { circuit: builder.build(), slots, old_root }
    }

    pub(super) fn prove(
        &self,
        witnesses: &[PaymentWitness],
    ) -> Result<BaselineProof, BaselineError> {
        let (expected, got) = (self.slots.len(), witnesses.len());
        let first = witnesses.first().filter(|_| expected == got);
        let first = first.ok_or(BaselineError::Payments { expected, got })?;
        let mut witness = PartialWitness::new();
        let assigned = self.assign(&mut witness, first.old_root, witnesses);
        assigned.map_err(BaselineError::Circuit)?;
        self.circuit.prove(witness).map_err(BaselineError::Circuit)
    }

    fn assign(
        &self,
        witness: &mut PartialWitness<F>,
        old_root: HashOut<F>,
        payments: &[PaymentWitness],
    ) -> anyhow::Result<()> {
        witness.set_hash_target(self.old_root, old_root)?;
        for (slot, payment) in self.slots.iter().zip(payments) {
            witness.set_target(slot.amount, F::from_canonical_u64(payment.amount))?;
            slot.payer.assign(witness, &payment.payer)?;
            slot.receiver.assign(witness, &payment.receiver)?;
        }
        Ok(())
    }
}

/// Says that payments take one root, returned, to another.
fn payments_of(builder: &mut Builder, depth: usize, payments: usize) -> (HashOutTarget, Vec<Slot>) {
    let old_root = builder.add_virtual_hash();
    let mut root = old_root;
    let slots = (0..payments)
        .map(|_| {
            let (slot, new_root) = payment(builder, depth, root);
            root = new_root;
            slot
        })
        .collect();
    builder.register_public_inputs(&old_root.elements);
    builder.register_public_inputs(&root.elements);
    (old_root, slots)
}

fn payment(builder: &mut Builder, depth: usize, root: HashOutTarget) -> (Slot, HashOutTarget) {
    let amount = builder.add_virtual_target();
    builder.range_check(amount, AMOUNT_BITS as usize);
    let payer = SideTargets::new(builder, depth);
    let left = builder.sub(payer.balance, amount);
    let next_nonce = builder.add_const(payer.nonce, F::ONE);
    let between = payer.replace(builder, root, left, next_nonce);
    let receiver = SideTargets::new(builder, depth);
    let more = builder.add(receiver.balance, amount);
    let new_root = receiver.replace(builder, between, more, receiver.nonce);
    (Slot { amount, payer, receiver }, new_root)
}

impl SideTargets {
    fn new(builder: &mut Builder, depth: usize) -> Self {
        Self {
            id: builder.add_virtual_target(),
            identity: builder.add_virtual_target_arr(),
            balance: builder.add_virtual_target(),
            nonce: builder.add_virtual_target(),
            siblings: builder.add_virtual_hashes(depth),
        }
    }

    /// Says that the account is under `root`; the root with its new balance and nonce instead.
    fn replace(
        &self,
        builder: &mut Builder,
        root: HashOutTarget,
        balance: Target,
        nonce: Target,
    ) -> HashOutTarget {
        // A payment that overdraws leaves a balance of more bits; one old balance and one amount
        // cannot wrap.
        builder.range_check(balance, BALANCE_BITS as usize);
        let bits = builder.split_le(self.id, self.siblings.len());
        let old = self.leaf(builder, self.balance, self.nonce);
        let old_root = root_over(builder, old, &bits, &self.siblings);
        builder.connect_hashes(old_root, root);
        let new = self.leaf(builder, balance, nonce);
        root_over(builder, new, &bits, &self.siblings)
    }

    fn leaf(&self, builder: &mut Builder, balance: Target, nonce: Target) -> HashOutTarget {
        let mut elements = self.identity.to_vec();
        elements.extend([balance, nonce]);
        builder.hash_n_to_hash_no_pad::<PoseidonHash>(elements)
    }

    fn assign(&self, witness: &mut PartialWitness<F>, side: &Side) -> anyhow::Result<()> {
        witness.set_target(self.id, F::from_canonical_u32(side.id))?;
        witness.set_target_arr(&self.identity, &side.account.identity)?;
        witness.set_target(self.balance, F::from_canonical_u64(side.account.balance))?;
        witness.set_target(self.nonce, F::from_canonical_u64(side.account.nonce))?;
        for (target, sibling) in self.siblings.iter().zip(&side.siblings) {
            witness.set_hash_target(*target, *sibling)?;
        }
        Ok(())
    }
}

/// The root over `leaf` at the index that `bits` say, one row of the Poseidon gate a level.
fn root_over(
    builder: &mut Builder,
    leaf: HashOutTarget,
    bits: &[BoolTarget],
    siblings: &[HashOutTarget],
) -> HashOutTarget {
    let zero = builder.zero();
    bits.iter().zip(siblings).fold(leaf, |node, (bit, sibling)| {
        let mut state = PoseidonPermutation::new([zero; 12]);
        state.set_from_slice(&node.elements, 0);
        state.set_from_slice(&sibling.elements, NUM_HASH_OUT_ELTS);
        let state = PoseidonHash::permute_swapped(state, *bit, builder);
        HashOutTarget { elements: core::array::from_fn(|i| state.squeeze()[i]) }
    })
}

/// Two proofs of one circuit, the second from the root that the first came to.
pub(super) struct JoinCircuit {
    pub(super) circuit: BaselineCircuit,
    children: [ProofWithPublicInputsTarget<D>; 2],
}

impl JoinCircuit {
    pub(super) fn over(inner: &BaselineCircuit) -> Self {
        let mut builder = Builder::new(CircuitConfig::standard_recursion_config());
        let key = builder.constant_verifier_data(&inner.verifier_only);
        let children = core::array::from_fn(|_| {
            let child = builder.add_virtual_proof_with_pis(&inner.common);
            builder.verify_proof::<PoseidonGoldilocksConfig>(&child, &key, &inner.common);
            child
        });
        let [left, right] = &children;
        let roots = [left, right].map(|child| child.public_inputs.split_at(NEW_ROOT));
        for (from, to) in roots[0].1.iter().zip(roots[1].0) {
            builder.connect(*from, *to);
        }
        builder.register_public_inputs(roots[0].0);
        builder.register_public_inputs(roots[1].1);
        Self { circuit: builder.build(), children }
    }

    pub(super) fn prove(
        &self,
        left: &BaselineProof,
        right: &BaselineProof,
    ) -> Result<BaselineProof, BaselineError> {
        let mut witness = PartialWitness::new();
        for (target, proof) in self.children.iter().zip([left, right]) {
            witness.set_proof_with_pis_target(target, proof).map_err(BaselineError::Circuit)?;
        }
        self.circuit.prove(witness).map_err(BaselineError::Circuit)
    }
}
