//! The final proof as the contract takes it: fields of fixed lengths in the order of the
//! transcript, elements of eight big-endian bytes, digests of [`KECCAK_DIGEST_BYTES`].
//!
//! | field | of |
//! | --- | --- |
//! | caps | wires; permutation argument; quotient |
//! | openings | constants, sigmas, wires, Z, partial products, quotient at ζ; Z at g·ζ |
//! | caps of folds | one for each fold |
//! | final polynomial | coefficients, lowest first |
//! | nonce | one element |
//! | queries | four leaves with their paths, then for each fold a leaf with its path |
//!
//! The block statement, the public inputs, is not part of it.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::fri::proof::{FriInitialTreeProof, FriProof, FriQueryRound, FriQueryStep};
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::proof::{OpeningSet, Proof, ProofWithPublicInputs};
use thiserror::Error;

use farthing_plonky2::{D, Ext, F, KECCAK_DIGEST_BYTES, KeccakConfig, KeccakDigest, KeccakHash};
use farthing_protocol::MODULUS;

/// A proof of the last circuit.
pub(super) type FinalCircuitProof = ProofWithPublicInputs<F, KeccakConfig, D>;

/// Bytes of an element.
pub const ELEMENT_BYTES: usize = 8;
/// Bytes of an element of the extension.
pub const EXTENSION_BYTES: usize = D * ELEMENT_BYTES;
/// Commitments before the openings: constants and sigmas, wires, permutation argument, quotient.
pub const ORACLES: usize = 4;

/// The bytes of a final proof; whether they are one is for [`super::FinalKey`] to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalProof(pub(super) Vec<u8>);

impl FinalProof {
    /// Any bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// As the contract takes them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As the contract takes them.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reason why bytes are not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofBytesError {
    /// There are too few or too many.
    #[error("the final proof has {got} bytes, expected {expected}")]
    Length {
        /// Of every proof.
        expected: usize,
        /// Of this.
        got: usize,
    },
    /// An element is not reduced.
    #[error("the element at byte {at} is not below the modulus")]
    NotReduced {
        /// Its place.
        at: usize,
    },
}

/// Lengths that a circuit fixes in its proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofLayout {
    /// Digests of a cap.
    pub cap: usize,
    /// Selectors and constants.
    pub constants: usize,
    /// Routed wires.
    pub sigmas: usize,
    /// Wires of a row.
    pub wires: usize,
    /// Challenges of the permutation argument.
    pub challenges: usize,
    /// Partial products of the permutation argument, of all challenges.
    pub partial_products: usize,
    /// Chunks of the quotient, of all challenges.
    pub quotient: usize,
    /// log₂ of the arity of each fold.
    pub folds: Vec<usize>,
    /// Coefficients of the final polynomial.
    pub final_poly: usize,
    /// Queries of FRI.
    pub queries: usize,
    /// Nodes of a path from a leaf of the first trees to the cap.
    pub depth: usize,
}

impl ProofLayout {
    pub(super) fn of(common: &CommonCircuitData<F, D>) -> Self {
        let (config, fri) = (&common.config, &common.fri_params);
        let cap_height = fri.config.cap_height;
        Self {
            cap: 1 << cap_height,
            constants: common.num_constants,
            sigmas: config.num_routed_wires,
            wires: config.num_wires,
            challenges: config.num_challenges,
            partial_products: config.num_challenges * common.num_partial_products,
            quotient: config.num_challenges * common.quotient_degree_factor,
            folds: fri.reduction_arity_bits.clone(),
            final_poly: fri.final_poly_len(),
            queries: fri.config.num_query_rounds,
            depth: fri.lde_bits() - cap_height,
        }
    }

    /// Elements in a leaf of each of the first trees.
    pub fn leaves(&self) -> [usize; ORACLES] {
        [
            self.constants + self.sigmas,
            self.wires,
            self.challenges + self.partial_products,
            self.quotient,
        ]
    }

    /// Nodes of a path in the tree of each fold.
    pub(super) fn fold_depths(&self) -> impl Iterator<Item = usize> {
        self.folds.iter().scan(self.depth, |depth, log_arity| {
            *depth -= log_arity;
            Some(*depth)
        })
    }

    /// log₂ of the first domain.
    pub fn log_domain(&self) -> usize {
        self.depth + self.cap.ilog2() as usize
    }

    /// Openings in the extension.
    pub fn openings(&self) -> usize {
        self.leaves().iter().sum::<usize>() + self.challenges
    }

    /// Bytes of a cap.
    pub fn cap_bytes(&self) -> usize {
        self.cap * KECCAK_DIGEST_BYTES
    }

    /// Bytes of a query.
    pub fn query_bytes(&self) -> usize {
        let first: usize = self.leaves().iter().map(|leaf| leaf * ELEMENT_BYTES).sum();
        let paths =
            (ORACLES * self.depth + self.fold_depths().sum::<usize>()) * KECCAK_DIGEST_BYTES;
        let folds: usize = self.folds.iter().map(|log_arity| EXTENSION_BYTES << log_arity).sum();
        first + paths + folds
    }

    /// Position of the first query.
    pub(super) fn queries_at(&self) -> usize {
        (ORACLES - 1 + self.folds.len()) * self.cap_bytes()
            + (self.openings() + self.final_poly) * EXTENSION_BYTES
            + ELEMENT_BYTES
    }

    /// Bytes of a proof.
    pub fn proof_bytes(&self) -> usize {
        self.queries_at() + self.queries * self.query_bytes()
    }

    /// Every field's name and bytes, each query's apart.
    #[cfg(test)]
    pub(super) fn spans(&self) -> Vec<(String, core::ops::Range<usize>)> {
        let digests = |count: usize| count * KECCAK_DIGEST_BYTES;
        let mut fields: Vec<(String, usize)> = vec![
            ("cap of wires".into(), self.cap_bytes()),
            ("cap of Z and partial products".into(), self.cap_bytes()),
            ("cap of the quotient".into(), self.cap_bytes()),
            ("constants".into(), self.constants * EXTENSION_BYTES),
            ("sigmas".into(), self.sigmas * EXTENSION_BYTES),
            ("wires".into(), self.wires * EXTENSION_BYTES),
            ("Z".into(), self.challenges * EXTENSION_BYTES),
            ("partial products".into(), self.partial_products * EXTENSION_BYTES),
            ("quotient".into(), self.quotient * EXTENSION_BYTES),
            ("next Z".into(), self.challenges * EXTENSION_BYTES),
        ];
        fields.extend(self.folds.iter().map(|_| ("cap of a fold".into(), self.cap_bytes())));
        fields.push(("final polynomial".into(), self.final_poly * EXTENSION_BYTES));
        fields.push(("nonce".into(), ELEMENT_BYTES));
        for query in 0..self.queries {
            for leaf in self.leaves() {
                fields.push((format!("leaf of query {query}"), leaf * ELEMENT_BYTES));
                fields.push((format!("path of query {query}"), digests(self.depth)));
            }
            for (log_arity, depth) in self.folds.iter().zip(self.fold_depths()) {
                fields.push((format!("fold of query {query}"), EXTENSION_BYTES << log_arity));
                fields.push((format!("path of a fold of query {query}"), digests(depth)));
            }
        }
        let mut at = 0;
        let spans = fields.into_iter().map(|(name, bytes)| {
            at += bytes;
            (name, at - bytes..at)
        });
        let spans: Vec<_> = spans.collect();
        assert_eq!(at, self.proof_bytes(), "nothing is left out");
        spans
    }

    pub(super) fn write(&self, proof: &FinalCircuitProof) -> FinalProof {
        let mut out = Writer(Vec::with_capacity(self.proof_bytes()));
        let Proof { wires_cap, plonk_zs_partial_products_cap, quotient_polys_cap, .. } =
            &proof.proof;
        out.cap(wires_cap);
        out.cap(plonk_zs_partial_products_cap);
        out.cap(quotient_polys_cap);
        let openings = &proof.proof.openings;
        out.extensions(&openings.constants);
        out.extensions(&openings.plonk_sigmas);
        out.extensions(&openings.wires);
        out.extensions(&openings.plonk_zs);
        out.extensions(&openings.partial_products);
        out.extensions(&openings.quotient_polys);
        out.extensions(&openings.plonk_zs_next);
        let fri = &proof.proof.opening_proof;
        fri.commit_phase_merkle_caps.iter().for_each(|cap| out.cap(cap));
        out.extensions(&fri.final_poly.coeffs);
        out.element(fri.pow_witness);
        for query in &fri.query_round_proofs {
            for (leaf, path) in &query.initial_trees_proof.evals_proofs {
                leaf.iter().for_each(|element| out.element(*element));
                out.path(path);
            }
            for step in &query.steps {
                out.extensions(&step.evals);
                out.path(&step.merkle_proof);
            }
        }
        FinalProof(out.0)
    }

    pub(super) fn read(
        &self,
        proof: &FinalProof,
        public_inputs: Vec<F>,
    ) -> Result<FinalCircuitProof, ProofBytesError> {
        let (expected, got) = (self.proof_bytes(), proof.0.len());
        if expected != got {
            return Err(ProofBytesError::Length { expected, got });
        }
        let mut from = Reader { all: &proof.0, at: 0 };
        let [wires_cap, plonk_zs_partial_products_cap, quotient_polys_cap] =
            [from.cap(self.cap)?, from.cap(self.cap)?, from.cap(self.cap)?];
        let openings = self.read_openings(&mut from)?;
        let caps = self.folds.iter().map(|_| from.cap(self.cap));
        let commit_phase_merkle_caps = caps.collect::<Result<_, _>>()?;
        let final_poly = PolynomialCoeffs::new(from.extensions(self.final_poly)?);
        let pow_witness = from.element()?;
        let queries = (0..self.queries).map(|_| self.read_query(&mut from));
        let query_round_proofs = queries.collect::<Result<_, _>>()?;
        let opening_proof =
            FriProof { commit_phase_merkle_caps, query_round_proofs, final_poly, pow_witness };
        let proof = Proof {
            wires_cap,
            plonk_zs_partial_products_cap,
            quotient_polys_cap,
            openings,
            opening_proof,
        };
        Ok(FinalCircuitProof { proof, public_inputs })
    }

    fn read_openings(&self, from: &mut Reader<'_>) -> Result<OpeningSet<F, D>, ProofBytesError> {
        Ok(OpeningSet {
            constants: from.extensions(self.constants)?,
            plonk_sigmas: from.extensions(self.sigmas)?,
            wires: from.extensions(self.wires)?,
            plonk_zs: from.extensions(self.challenges)?,
            partial_products: from.extensions(self.partial_products)?,
            quotient_polys: from.extensions(self.quotient)?,
            plonk_zs_next: from.extensions(self.challenges)?,
            lookup_zs: Vec::new(),
            lookup_zs_next: Vec::new(),
        })
    }

    fn read_query(
        &self,
        from: &mut Reader<'_>,
    ) -> Result<FriQueryRound<F, KeccakHash, D>, ProofBytesError> {
        let mut evals_proofs = Vec::with_capacity(ORACLES);
        for leaf in self.leaves() {
            evals_proofs.push((from.elements(leaf)?, from.path(self.depth)?));
        }
        let mut steps = Vec::with_capacity(self.folds.len());
        for (log_arity, depth) in self.folds.iter().zip(self.fold_depths()) {
            let evals = from.extensions(1 << log_arity)?;
            steps.push(FriQueryStep { evals, merkle_proof: from.path(depth)? });
        }
        Ok(FriQueryRound { initial_trees_proof: FriInitialTreeProof { evals_proofs }, steps })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn element(&mut self, element: F) {
        self.0.extend(element.to_canonical_u64().to_be_bytes());
    }

    fn extensions(&mut self, extensions: &[Ext]) {
        extensions.iter().flat_map(|extension| extension.0).for_each(|one| self.element(one));
    }

    fn cap(&mut self, cap: &MerkleCap<F, KeccakHash>) {
        cap.0.iter().for_each(|digest| self.0.extend(digest.0));
    }

    fn path(&mut self, path: &MerkleProof<F, KeccakHash>) {
        path.siblings.iter().for_each(|digest| self.0.extend(digest.0));
    }
}

/// Reads what is as long as was checked; beyond the end is an error all the same.
struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ProofBytesError> {
        let rest = self.all.get(self.at..).and_then(<[u8]>::first_chunk::<N>);
        let taken = rest.copied().ok_or(ProofBytesError::Length {
            expected: self.at.saturating_add(N),
            got: self.all.len(),
        })?;
        self.at += N;
        Ok(taken)
    }

    fn element(&mut self) -> Result<F, ProofBytesError> {
        let at = self.at;
        let value = u64::from_be_bytes(self.take::<ELEMENT_BYTES>()?);
        if value < MODULUS {
            Ok(F::from_canonical_u64(value))
        } else {
            Err(ProofBytesError::NotReduced { at })
        }
    }

    fn elements(&mut self, count: usize) -> Result<Vec<F>, ProofBytesError> {
        (0..count).map(|_| self.element()).collect()
    }

    fn extensions(&mut self, count: usize) -> Result<Vec<Ext>, ProofBytesError> {
        (0..count).map(|_| Ok(QuadraticExtension([self.element()?, self.element()?]))).collect()
    }

    fn digests(&mut self, count: usize) -> Result<Vec<KeccakDigest>, ProofBytesError> {
        (0..count).map(|_| self.take().map(KeccakDigest)).collect()
    }

    fn cap(&mut self, count: usize) -> Result<MerkleCap<F, KeccakHash>, ProofBytesError> {
        self.digests(count).map(MerkleCap)
    }

    fn path(&mut self, depth: usize) -> Result<MerkleProof<F, KeccakHash>, ProofBytesError> {
        Ok(MerkleProof { siblings: self.digests(depth)? })
    }
}
