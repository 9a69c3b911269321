//! Constants of the contract that verifies final proofs, written from the final circuit's key.
//!
//! The contract's gates are written by hand for the gates, places and parameters that
//! `check` asserts; sizes, offsets, roots and keys are written here.

use p3_goldilocks::MATRIX_DIAG_12_GOLDILOCKS;
use plonky2::field::types::{Field, PrimeField64};
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::config::GenericHashOut;
use thiserror::Error;

use farthing_plonky2::{D, F, GateSelectors, KECCAK_DIGEST_BYTES, TRANSCRIPT_RATE};
use farthing_protocol::{BLOCK_STATEMENT_ELEMENTS, DIGEST_ELEMENTS, MODULUS, WIDTH, canonical};
use farthing_recursion::{ELEMENT_BYTES, EXTENSION_BYTES, FinalKey, ORACLES, ProofLayout};

use crate::workspace::{Mode, TaskError, put, read};

/// Name of the part.
const PART: &str = "constants";
/// Key of the final circuit, for tests of the contract.
pub(super) const FINAL_KEY: &str = "l1-contracts/test/data/final_key.bin";
/// Path of the constants from the root.
pub(super) const FILE: &str = "l1-contracts/src/verifier/Constants.sol";

/// The gates that the contract evaluates: the contract's names, and plonky2's with the parameters
/// that the contract relies on.
const GATES: [(&str, &str); 12] = [
    ("NOOP", "NoopGate"),
    ("CONSTANT", "ConstantGate { num_consts: 2 }"),
    ("PUBLIC_INPUT", "PublicInputGate"),
    ("BASE_SUM", "BaseSumGate { num_limbs: 63 } + Base: 2"),
    ("REDUCING_EXTENSION", "ReducingExtensionGate { num_coeffs: 32 }"),
    ("REDUCING", "ReducingGate { num_coeffs: 43 }"),
    ("ARITHMETIC_EXTENSION", "ArithmeticExtensionGate { num_ops: 10 }"),
    ("ARITHMETIC", "ArithmeticGate { num_ops: 20 }"),
    ("MUL_EXTENSION", "MulExtensionGate { num_ops: 13 }"),
    ("RANDOM_ACCESS", "RandomAccessGate { bits: 4, num_copies: 4, num_extra_constants: 2, "),
    ("INTERPOLATION", "CosetInterpolationGate { subgroup_bits: 4, degree: 6, "),
    ("POSEIDON2", "Poseidon2Gate"),
];
/// The mark of a row whose gate is of another group.
const UNUSED_SELECTOR: u64 = u32::MAX as u64;
/// Factors of one partial product.
const CHUNK: usize = 8;
const CHALLENGES: usize = 2;
const GATE_CONSTANTS: usize = 2;
/// Of the gate with the most.
const GATE_CONSTRAINTS: usize = 123;

/// Start of the contract's own memory, after the context of its hash.
const MEMORY_MAP: usize = 0x800;
const WORD: usize = 32;
/// An extension element in memory.
const PAIR: usize = 2 * WORD;
/// Algebra of interpolation: sum, product, difference and two results of four words.
const SCRATCH: usize = 5 * 4 * WORD;

/// Reason why a circuit is not the contract's.
#[derive(Debug, Error)]
pub(super) enum SolidityError {
    /// The gates are others than the contract evaluates.
    #[error("the circuit's gates are not those of the contract: {got:?}")]
    Gates {
        /// plonky2's names.
        got: Vec<String>,
    },
    /// A size that the contract relies on.
    #[error("{what} is {got}, the contract relies on {expected}")]
    Size {
        /// Of what.
        what: &'static str,
        /// The contract's.
        expected: usize,
        /// The circuit's.
        got: usize,
    },
    /// plonky2's selectors cannot be read.
    #[error("the selectors cannot be read")]
    Selectors(#[source] serde_json::Error),
}

/// Writes the constants of the committed test key, or compares them with the contract's.
pub(super) fn run(mode: Mode) -> Result<(), TaskError> {
    let failed = |source| TaskError::Circuits { what: "cannot write the constants", source };
    let key = FinalKey::from_bytes(&read(FINAL_KEY)?)
        .ok_or_else(|| failed(format!("{FINAL_KEY} is not a key of the final circuit").into()))?;
    let text = solidity(&key).map_err(|error| failed(error.into()))?;
    put(mode, PART, FILE, text.as_bytes())
}

/// The constants of the contract that verifies this key's proofs.
pub(super) fn solidity(key: &FinalKey) -> Result<String, SolidityError> {
    let (common, layout) = (key.common(), key.proof_layout());
    check(common, &layout)?;
    let prefix = prefix(key);
    let mut file = File::default();
    file.sizes(common, &layout);
    file.size("PREFIX_BYTES", prefix.len());
    file.proof(&layout);
    file.gates(common)?;
    file.field(common, &layout);
    file.memory(&layout);
    file.tables(key, &prefix);
    Ok(file.text)
}

/// Checks that sizes are those that the contract's code relies on.
fn check(common: &CommonCircuitData<F, D>, layout: &ProofLayout) -> Result<(), SolidityError> {
    let log_arity = layout.folds.first().copied().unwrap_or(0);
    let chunks = layout.sigmas / CHUNK;
    let shifts = F::coset_shift().powers().zip(&common.k_is);
    let sizes = [
        ("challenges", CHALLENGES, layout.challenges),
        ("wires", 135, layout.wires),
        ("wires of the permutation argument", 80, layout.sigmas),
        ("factors of a partial product", CHUNK, common.quotient_degree_factor),
        ("partial products", CHALLENGES * (chunks - 1), layout.partial_products),
        ("quotient chunks", CHALLENGES * CHUNK, layout.quotient),
        ("selectors", layout.constants - GATE_CONSTANTS, common.selectors_info.num_selectors()),
        ("constraints of a gate", GATE_CONSTRAINTS, common.num_gate_constraints),
        ("lookups", 0, common.num_lookup_polys),
        ("public inputs", BLOCK_STATEMENT_ELEMENTS, common.num_public_inputs),
        ("arities", layout.folds.len(), layout.folds.iter().filter(|a| **a == log_arity).count()),
        ("no folds", 0, usize::from(layout.folds.is_empty())),
        ("shifts that are powers", layout.sigmas, shifts.filter(|(power, k)| power == *k).count()),
        ("salts", 0, usize::from(common.fri_params.hiding)),
        ("openings modulo two", 0, layout.openings() % 2),
        // Sums over a leaf's elements fit a word.
        ("elements of all leaves beyond 1024", 0, layout.openings() / 1024),
    ];
    match sizes.into_iter().find(|(_, expected, got)| expected != got) {
        Some((what, expected, got)) => Err(SolidityError::Size { what, expected, got }),
        None => Ok(()),
    }
}

#[derive(Default)]
struct File {
    text: String,
    /// Bytes of memory that are taken.
    at: usize,
}

impl File {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn take(&mut self, name: &str, bytes: usize) {
        self.offset(name, self.at);
        self.at += bytes;
    }

    fn constant(&mut self, name: &str, value: impl Into<u64>) {
        let value = value.into();
        self.line(&format!("uint256 constant {name} = {value};"));
    }

    fn size(&mut self, name: &str, value: usize) {
        self.line(&format!("uint256 constant {name} = {value};"));
    }

    fn offset(&mut self, name: &str, value: usize) {
        self.line(&format!("uint256 constant {name} = {value:#x};"));
    }

    fn sizes(&mut self, common: &CommonCircuitData<F, D>, layout: &ProofLayout) {
        self.line("// SPDX-License-Identifier: MIT OR Apache-2.0");
        self.line("// Written from the circuit by `cargo xtask codegen keys`.");
        self.line("pragma solidity ^0.8.30;\n");
        let fri = &common.fri_params;
        self.line("// The circuit and its proofs.");
        self.size("STATEMENT_BYTES", BLOCK_STATEMENT_ELEMENTS * ELEMENT_BYTES);
        self.size("PROOF_BYTES", layout.proof_bytes());
        self.size("LOG_ROWS", common.degree_bits());
        self.size("LOG_DOMAIN", fri.lde_bits());
        self.size("DOMAIN_SIZE", fri.lde_size());
        self.size("QUERIES", layout.queries);
        self.constant("POW_BITS", fri.config.proof_of_work_bits);
        self.size("DEPTH", layout.depth);
        self.size("FOLDS", layout.folds.len());
        self.size("LOG_ARITY", layout.folds[0]);
        self.size("ARITY_BYTES", EXTENSION_BYTES << layout.folds[0]);
        self.size("CHUNKS", layout.sigmas / CHUNK);
        self.size("RATE_BYTES", TRANSCRIPT_RATE * ELEMENT_BYTES);
        self.size("DIGEST_BYTES", KECCAK_DIGEST_BYTES);
        self.size("DIGEST_UNUSED_BITS", 8 * (WORD - KECCAK_DIGEST_BYTES));
        self.size("CAP_BYTES", layout.cap_bytes());
        self.size("CAP_WORDS_BYTES", layout.cap * WORD);
        let names = ["LEAF_FIXED", "LEAF_WIRES", "LEAF_PERMUTATION", "LEAF_QUOTIENT"];
        for (name, elements) in names.into_iter().zip(layout.leaves()) {
            self.size(name, elements);
        }
    }

    fn proof(&mut self, layout: &ProofLayout) {
        self.line("\n// Places in the proof.");
        let openings = layout.openings() * EXTENSION_BYTES;
        let finals = layout.final_poly * EXTENSION_BYTES;
        let fields = [
            ("P_WIRES_CAP", layout.cap_bytes()),
            ("P_PERMUTATION_CAP", layout.cap_bytes()),
            ("P_QUOTIENT_CAP", layout.cap_bytes()),
            ("P_OPENINGS", openings),
            ("P_FOLD_CAPS", layout.folds.len() * layout.cap_bytes()),
            ("P_FINAL_POLY", finals),
            ("P_NONCE", ELEMENT_BYTES),
            ("P_QUERIES", layout.queries * layout.query_bytes()),
        ];
        let mut at = 0;
        for (name, bytes) in fields {
            self.size(name, at);
            at += bytes;
        }
        self.size("OPENINGS_BYTES", openings);
        self.size("FINAL_BYTES", finals + ELEMENT_BYTES);
    }

    fn gates(&mut self, common: &CommonCircuitData<F, D>) -> Result<(), SolidityError> {
        let ids: Vec<String> = common.gates.iter().map(|gate| gate.0.id()).collect();
        let selectors = GateSelectors::of(common).map_err(SolidityError::Selectors)?;
        if ids.len() != GATES.len() {
            return Err(SolidityError::Gates { got: ids });
        }
        self.line("\n// Places of gates among all, and of their selectors; the groups that selectors tell apart.");
        self.constant("UNUSED_SELECTOR", UNUSED_SELECTOR);
        for (name, id) in GATES {
            let row = ids.iter().position(|got| got.starts_with(id));
            let Some(row) = row else { return Err(SolidityError::Gates { got: ids }) };
            let Some((selector, group)) = selectors.of_gate(row) else {
                return Err(SolidityError::Gates { got: ids });
            };
            self.size(&format!("{name}_ROW"), row);
            self.size(&format!("{name}_SELECTOR"), selector);
            self.size(&format!("{name}_FIRST"), group.start);
            self.size(&format!("{name}_END"), group.end);
        }
        Ok(())
    }

    fn field(&mut self, common: &CommonCircuitData<F, D>, layout: &ProofLayout) {
        self.line("\n// The field, and roots of unity.");
        let log_arity = layout.folds[0];
        let rows = F::from_canonical_usize(1 << common.degree_bits());
        let root = |log| F::primitive_root_of_unity(log);
        let shift = F::coset_shift();
        self.constant("P", MODULUS);
        self.line(&format!("uint256 constant P2 = {};", 2 * u128::from(MODULUS)));
        let elements = [
            ("COSET_GENERATOR", shift),
            ("INVERSE_COSET_GENERATOR", shift.inverse()),
            ("ROOT_ROWS", root(common.degree_bits())),
            ("INVERSE_ROWS", rows.inverse()),
            ("ROOT_DOMAIN", root(common.fri_params.lde_bits())),
            ("INVERSE_ROOT_DOMAIN", root(common.fri_params.lde_bits()).inverse()),
            ("ROOT_ARITY", root(log_arity)),
            ("INVERSE_ROOT_ARITY", root(log_arity).inverse()),
            ("INVERSE_ARITY", F::from_canonical_usize(1 << log_arity).inverse()),
            ("ROOT_16", root(4)),
            ("INVERSE_16", F::from_canonical_usize(16).inverse()),
        ];
        for (name, element) in elements {
            self.constant(name, element.to_canonical_u64());
        }
    }

    /// Lays out memory. `M_POWERS` takes the place of what is not needed any more.
    fn memory(&mut self, layout: &ProofLayout) {
        self.line("\n// Places in memory. An element of GF(p^2) takes two words.");
        let fold_factors = ((1 << layout.folds[0]) - 1) * PAIR;
        let permutation = (CHALLENGES + CHALLENGES * layout.sigmas / CHUNK) * PAIR;
        let powers = layout.leaves().iter().sum::<usize>() * PAIR;
        self.at = MEMORY_MAP;
        self.take("MEMORY_MAP", 0);
        self.take("M_BETAS", CHALLENGES * WORD);
        self.take("M_GAMMAS", CHALLENGES * WORD);
        self.take("M_ALPHAS", CHALLENGES * WORD);
        self.take("M_ZETA", PAIR);
        self.take("M_BATCH", PAIR);
        self.take("M_FOLD_CHALLENGES", layout.folds.len() * PAIR);
        self.take("M_STATEMENT_HASH", DIGEST_ELEMENTS * WORD);
        self.take("M_FILTER", PAIR);
        self.take("M_ZETA_N", PAIR);
        self.take("M_VANISHING", PAIR);
        self.take("M_COMBINED", PAIR);
        self.take("M_COMBINED_NEXT", PAIR);
        self.take("M_NEXT_ZETA", PAIR);
        // Places are drawn in pairs, of which one may be left over.
        self.take("M_PLACES", (layout.queries + 1) * WORD);
        self.take("M_ROOTS", layout.log_domain() * PAIR);
        self.take("M_CAPS", (ORACLES + layout.folds.len()) * layout.cap * WORD);
        self.take("M_OPENINGS", (layout.constants - GATE_CONSTANTS) * PAIR);
        self.take("M_CONSTANTS", GATE_CONSTANTS * PAIR);
        self.take("M_SIGMAS", layout.sigmas * PAIR);
        self.take("M_WIRES", layout.wires * PAIR);
        self.take("M_ZS", layout.challenges * PAIR);
        self.take("M_PARTIAL_PRODUCTS", layout.partial_products * PAIR);
        self.take("M_QUOTIENT", layout.quotient * PAIR);
        self.take("M_NEXT_ZS", layout.challenges * PAIR);
        self.take("M_FINAL_POLY", layout.final_poly * PAIR);
        self.take("M_FINAL_POLY_END", 0);
        let powers_end = self.at + powers;
        self.take("M_POWERS", 0);
        self.take("M_CONSTRAINTS", permutation);
        self.take("M_GATES", GATE_CONSTRAINTS * PAIR);
        self.take("M_CONSTRAINTS_END", 0);
        self.take("M_DIAGONAL", WIDTH * WORD);
        self.take("M_STATE", WIDTH * PAIR);
        self.offset("M_POWERS_END", powers_end);
        self.at = self.at.max(powers_end);
        self.take("M_FOLD_FACTORS", layout.folds.len() * fold_factors);
        self.take("M_COSET", WORD << layout.folds[0]);
        self.take("M_SCRATCH", SCRATCH);
        self.take("M_BUFFER", 0);
        self.size("CHUNK_BYTES", CHUNK * PAIR);
        self.size("QUOTIENT_BYTES", CHUNK * PAIR);
        self.size("FOLD_FACTORS_BYTES", fold_factors);
    }

    /// Constants that are tables, as code that writes them to memory.
    fn tables(&mut self, key: &FinalKey, prefix: &[u8]) {
        self.line(
            "\n/// @title The circuit's key and other tables, as code that writes them to memory",
        );
        self.line("library Tables {");
        let cap = &key.verifier_only().constants_sigmas_cap.0;
        let words = cap.iter().map(|digest| word(&digest.0));
        self.table(
            "caps",
            "The commitment to selectors, constants and sigmas.",
            "M_CAPS",
            0,
            words,
        );
        let note = "The parameters of FRI and the digest of the circuit, first in the transcript.";
        self.table("prefix", note, "M_BUFFER", WORD, prefix.chunks(WORD).map(word));
        let diagonal = MATRIX_DIAG_12_GOLDILOCKS.map(canonical);
        let words = diagonal.map(|element| format!("{element:#x}"));
        let note = "The diagonal of the internal matrix of Poseidon2.";
        self.table("diagonal", note, "M_DIAGONAL", 0, words.into_iter());
        self.line("}");
    }

    fn table(
        &mut self,
        name: &str,
        note: &str,
        base: &str,
        offset: usize,
        words: impl Iterator<Item = String>,
    ) {
        self.line(&format!("    /// @notice {note}"));
        self.line(&format!("    function {name}() internal pure {{"));
        self.line("        assembly {");
        for (i, word) in words.enumerate() {
            let at = offset + i * WORD;
            self.line(&format!("            mstore(add({base}, {at:#x}), {word})"));
        }
        self.line("        }");
        self.line("    }");
    }
}

/// Up to a word of bytes, filled up at the end.
fn word(bytes: &[u8]) -> String {
    let mut text = String::from("0x");
    for i in 0..WORD {
        text.push_str(&format!("{:02x}", bytes.get(i).copied().unwrap_or(0)));
    }
    text
}

/// Start of the transcript: parameters, and the digest of the circuit.
fn prefix(key: &FinalKey) -> Vec<u8> {
    let fri = &key.common().fri_params;
    let mut elements = vec![
        F::from_canonical_usize(fri.config.rate_bits),
        F::from_canonical_usize(fri.config.cap_height),
        F::from_canonical_u32(fri.config.proof_of_work_bits),
    ];
    elements.extend(fri.config.reduction_strategy.serialize::<F>());
    elements.push(F::from_canonical_usize(fri.config.num_query_rounds));
    elements.push(F::from_bool(fri.hiding));
    elements.push(F::from_canonical_usize(fri.degree_bits));
    elements.extend(fri.reduction_arity_bits.iter().map(|bits| F::from_canonical_usize(*bits)));
    elements.extend(key.verifier_only().circuit_digest.to_vec());
    elements.iter().flat_map(|element| element.to_canonical_u64().to_be_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_constants_are_of_its_key() {
        run(Mode::Check).expect("the constants of the committed key");
    }
}
