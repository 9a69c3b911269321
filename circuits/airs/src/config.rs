//! The proof system: fields, hashes, FRI parameters, proof of work.

use p3_challenger::DuplexChallenger;
use p3_commit::ExtensionMmcs;
use p3_dft::Radix2DitParallel;
use p3_field::Field;
use p3_field::extension::BinomialExtensionField;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_goldilocks::{Poseidon2Goldilocks, default_goldilocks_poseidon2_12};
use p3_merkle_tree::MerkleTreeMmcs;
use p3_symmetric::{PaddingFreeSponge, TruncatedPermutation};
use p3_uni_stark::StarkConfig;

use farthing_protocol::{DIGEST_ELEMENTS, Felt, RATE, WIDTH};

use crate::class::{LOG_MIN_HEIGHT, LeafClass};
use crate::gadgets::sbox::SBox;

/// The field of challenges: GF(p²).
pub type Challenge = BinomialExtensionField<Felt, 2>;
type Permutation = Poseidon2Goldilocks<WIDTH>;
type LeafHash = PaddingFreeSponge<Permutation, WIDTH, RATE, DIGEST_ELEMENTS>;
type NodeHash = TruncatedPermutation<Permutation, 2, DIGEST_ELEMENTS, WIDTH>;
type Packed = <Felt as Field>::Packing;
/// Commitments to rows of several tables of different heights.
pub type TraceMmcs = MerkleTreeMmcs<Packed, Packed, LeafHash, NodeHash, 2, DIGEST_ELEMENTS>;
/// Commitments to the folded codewords.
pub type ChallengeMmcs = ExtensionMmcs<Felt, Challenge, TraceMmcs>;
type LeafPcs = TwoAdicFriPcs<Felt, Radix2DitParallel<Felt>, TraceMmcs, ChallengeMmcs>;
/// The transcript.
pub type Challenger = DuplexChallenger<Felt, Permutation, WIDTH, RATE>;
/// Everything that p3 needs to know.
pub type LeafConfig = StarkConfig<LeafPcs, Challenge, Challenger>;

/// log₂ of the nodes of a Merkle cap; cheapest for the wrap circuit.
pub const CAP_HEIGHT: usize = 4;
/// log₂ of the final polynomial's length; cheapest for the wrap circuit.
pub const LOG_FINAL_POLY_LEN: usize = 5;
/// log₂ of the folding arity.
pub const LOG_ARITY: usize = 3;
/// Highest degree of a table's own constraints, direct S-boxes apart.
pub const MAX_DEGREE: usize = 3;
/// Degree up to which lookups share a column where the blow-up of 8 pays for direct S-boxes anyway.
const MAX_LOOKUP_DEGREE: usize = 5;

const _: () = assert!(LOG_MIN_HEIGHT > LOG_FINAL_POLY_LEN, "FRI folds every table");
const _: () = assert!(LOG_MIN_HEIGHT >= CAP_HEIGHT, "p3 does not bind tables below the cap");

/// Meaning of a security figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// At least 85 bits in the proven, Johnson-bound regime. The default.
    Proven,
    /// 100 bits by the ethSTARK conjecture, disproved in its full strength: for comparison with
    /// published figures only.
    Conjectured,
}

/// The parameters that security and cost depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FriSettings {
    /// log₂ of the inverse rate.
    pub log_blowup: usize,
    /// Form of the S-boxes in the Poseidon2 tables.
    pub sbox: SBox,
    /// Degree up to which messages of one bus share a fraction column.
    pub lookup_degree: usize,
    /// Queries.
    pub queries: usize,
    /// Proof of work before the queries, bits.
    pub query_pow: usize,
    /// Proof of work before the challenge that batches openings, bits.
    pub batch_pow: usize,
    /// Proof of work before each folding challenge, bits.
    pub commit_pow: usize,
    /// Proof of work before the out-of-domain point, bits.
    pub point_pow: usize,
    /// Proof of work before the lookup challenges, bits.
    pub lookup_pow: usize,
}

impl FriSettings {
    /// The settings of a profile.
    pub const fn of(profile: Profile) -> Self {
        match profile {
            Profile::Proven => Self {
                log_blowup: 3,
                sbox: SBox::Direct,
                lookup_degree: MAX_LOOKUP_DEGREE,
                queries: 52,
                query_pow: 16,
                batch_pow: 16,
                commit_pow: 8,
                point_pow: 8,
                lookup_pow: 8,
            },
            Profile::Conjectured => Self {
                log_blowup: 3,
                sbox: SBox::Direct,
                lookup_degree: MAX_LOOKUP_DEGREE,
                queries: 28,
                query_pow: 16,
                batch_pow: 8,
                commit_pow: 0,
                point_pow: 0,
                lookup_pow: 8,
            },
        }
    }

    /// The settings of a profile that are cheapest for a class, leaf and wrap together: see
    /// `circuits/README.md` for what was measured.
    pub const fn of_class(class: &LeafClass, profile: Profile) -> Self {
        match profile {
            Profile::Proven if class.low_blowup => Self::low_blowup(),
            _ => Self::of(profile),
        }
    }

    /// The proven profile with no constraint above degree 3. At the same blow-up it is wider and
    /// has half as many cells again, and a wrap circuit pays for columns: measured at 16,384
    /// payments, 1,485 columns for 1,199 and 3,081 cells per payment for 2,060.
    pub const fn degree_three() -> Self {
        Self { sbox: SBox::Cubed, lookup_degree: MAX_DEGREE, ..Self::of(Profile::Proven) }
    }

    /// Degree 3 at blow-up 2: the fastest leaf, the dearest wrap. 20 bits of work take a fifth of a
    /// second and save queries, of which more than 144 would not fit a wrap of 2¹⁶ rows.
    pub const fn low_blowup() -> Self {
        Self { log_blowup: 1, queries: 144, query_pow: 20, ..Self::degree_three() }
    }

    /// Highest degree of any constraint.
    pub(crate) const fn degree(&self) -> usize {
        if self.sbox.degree() > self.lookup_degree {
            self.sbox.degree()
        } else {
            self.lookup_degree
        }
    }

    /// p3's parameters.
    pub fn parameters<M>(&self, mmcs: M) -> FriParameters<M> {
        FriParameters {
            log_blowup: self.log_blowup,
            log_final_poly_len: LOG_FINAL_POLY_LEN,
            max_log_arity: LOG_ARITY,
            num_queries: self.queries,
            batch_proof_of_work_bits: self.batch_pow,
            commit_proof_of_work_bits: self.commit_pow,
            query_proof_of_work_bits: self.query_pow,
            mmcs,
        }
    }

    /// p3's configuration: one permutation for leaves, nodes and transcript.
    pub fn config(&self) -> LeafConfig {
        let permutation = default_goldilocks_poseidon2_12();
        let mmcs = trace_mmcs();
        let fri = self.parameters(ChallengeMmcs::new(mmcs.clone()));
        let pcs = LeafPcs::new(Radix2DitParallel::default(), mmcs, fri);
        LeafConfig::new(pcs, Challenger::new(permutation))
            .with_ood_proof_of_work_bits(self.point_pow)
            .with_lookup_proof_of_work_bits(self.lookup_pow)
    }
}

/// The commitment scheme of every table.
pub fn trace_mmcs() -> TraceMmcs {
    let permutation = default_goldilocks_poseidon2_12();
    TraceMmcs::new(LeafHash::new(permutation.clone()), NodeHash::new(permutation), CAP_HEIGHT)
}
