//! The contract's verifier against the native one: a real proof, its price, and thousands of proofs
//! that are not quite that one.

mod support;

use std::ops::Range;
use std::path::Path;

use alloy::primitives::Address;
use farthing_l1::abi::Verifier;
use farthing_protocol::{BLOCK_STATEMENT_BYTES, BlockStatement, MODULUS};
use farthing_recursion::{FinalKey, FinalProof};
use farthing_testkit::full;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use support::revm_l1::RevmL1;
use support::rules::Rules;
use support::{CHAIN_ID, NOW, TestResult, fixture, operator};

/// The most that proving a block may cost on L1, data of the proof included. Almost all of it is the
/// floor of the calldata: 40 gas a byte that is not zero under EIP-7623, 64 a byte under EIP-7976.
const fn prove_gas_max(rules: Rules) -> u64 {
    match rules {
        Rules::Osaka => 4_000_000,
        Rules::Amsterdam => 6_000_000,
    }
}

/// Both verifiers, and a proof that both accept.
struct Verifiers {
    key: FinalKey,
    l1: RevmL1,
    verifier: Address,
    statement: Vec<u8>,
    proof: Vec<u8>,
}

impl Verifiers {
    /// Both under today's rules, on which no answer depends.
    fn new() -> TestResult<Self> {
        Self::under(Rules::Osaka)
    }

    fn under(rules: Rules) -> TestResult<Self> {
        let mut l1 = RevmL1::new(rules, CHAIN_ID, NOW);
        let verifier = l1.deploy(operator(), Verifier::BYTECODE.clone())?;
        let key = FinalKey::from_bytes(&fixture("final_key.bin")?).ok_or("a key")?;
        let (statement, proof) = (fixture("final_statement.bin")?, fixture("final_proof.bin")?);
        Ok(Self { key, l1, verifier, statement, proof })
    }

    fn contract(&mut self, statement: &[u8], proof: &[u8]) -> TestResult<bool> {
        let call = Verifier::verifyCall {
            statement: statement.to_vec().into(),
            proof: proof.to_vec().into(),
        };
        self.l1.must(operator(), self.verifier, &call)
    }

    fn native(&self, statement: &[u8], proof: &[u8]) -> bool {
        let Ok(statement) = <&[u8; BLOCK_STATEMENT_BYTES]>::try_from(statement) else {
            return false;
        };
        BlockStatement::from_bytes(statement).is_ok_and(|statement| {
            self.key.verify(&statement, &FinalProof::from_bytes(proof.to_vec())).is_ok()
        })
    }

    /// Both refuse.
    fn refuse(&mut self, statement: &[u8], proof: &[u8], what: &str) -> TestResult<()> {
        assert!(!self.native(statement, proof), "native: {what}");
        assert!(!self.contract(statement, proof)?, "contract: {what}");
        Ok(())
    }
}

#[test]
fn a_real_proof_is_accepted_within_its_price() -> TestResult<()> {
    for rules in Rules::ALL {
        let mut verifiers = Verifiers::under(rules)?;
        let (statement, proof) = (verifiers.statement.clone(), verifiers.proof.clone());
        assert!(verifiers.native(&statement, &proof));
        assert!(verifiers.contract(&statement, &proof)?);
        let gas = verifiers.l1.gas;
        println!("verification as a transaction, {rules:?}: {gas} gas");
        assert!(gas <= prove_gas_max(rules), "{rules:?}: {gas} gas");
    }
    Ok(())
}

/// Proofs by provers who lie to the transcript alone: of a false statement, and without the work.
#[test]
fn forgeries_are_refused() -> TestResult<()> {
    let mut verifiers = Verifiers::new()?;
    let (lie, of_lie) = (fixture("forged_statement.bin")?, fixture("forged_proof.bin")?);
    verifiers.refuse(&lie, &of_lie, "a false statement")?;
    let statement = verifiers.statement.clone();
    verifiers.refuse(&statement, &fixture("workless_proof.bin")?, "no work")
}

#[test]
fn other_statements_and_lengths_are_refused() -> TestResult<()> {
    let mut verifiers = Verifiers::new()?;
    let (statement, proof) = (verifiers.statement.clone(), verifiers.proof.clone());
    for at in 0..statement.len() {
        let mut changed = statement.clone();
        changed[at] ^= 1 << (at % 8);
        verifiers.refuse(&changed, &proof, &format!("byte {at} of the statement"))?;
    }
    for length in [0, 1, proof.len() - 8, proof.len() - 1] {
        verifiers.refuse(&statement, &proof[..length], &format!("{length} bytes"))?;
    }
    verifiers.refuse(&statement, &[&proof[..], &[0]].concat(), "a byte too many")?;
    verifiers.refuse(&[&statement[..], &[0; 8]].concat(), &proof, "an element too many")?;
    verifiers.refuse(&statement[8..], &proof, "an element too few")
}

/// The spans of the proof's fields, as the contract has them.
fn fields() -> TestResult<Vec<Range<usize>>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/verifier/Constants.sol");
    let text = std::fs::read_to_string(file)?;
    let offsets = text.lines().filter_map(|line| line.strip_prefix("uint256 constant P_"));
    let offsets =
        offsets.filter_map(|line| line.split_once(" = ")?.1.strip_suffix(';')?.parse().ok());
    let starts: Vec<usize> = offsets.collect();
    let ends = starts[1..].iter().copied().chain([fixture("final_proof.bin")?.len()]);
    Ok(starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect())
}

/// A change of a proof in one of its fields; chance decides the place.
type Change = fn(&mut ChaCha8Rng, &mut Vec<u8>, Range<usize>);

fn at(rng: &mut ChaCha8Rng, field: &Range<usize>, size: usize) -> usize {
    rng.random_range(field.start..=field.end - size)
}

/// The place of an element of a field: fields begin with one, and digests have 26 bytes.
fn element(rng: &mut ChaCha8Rng, field: &Range<usize>) -> usize {
    field.start + ELEMENT * rng.random_range(0..(field.end - field.start) / ELEMENT)
}

fn read(proof: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(proof[at..at + ELEMENT].try_into().expect("as many bytes"))
}

fn write(proof: &mut [u8], at: usize, value: u64) {
    proof[at..at + ELEMENT].copy_from_slice(&value.to_be_bytes());
}

const ELEMENT: usize = 8;
/// The queries of a proof, each as long as the others.
const QUERIES: usize = 18;

const CHANGES: [(&str, Change); 11] = [
    ("a bit", |rng, proof, field| proof[at(rng, &field, 1)] ^= 1 << rng.random_range(0..8)),
    ("a byte", |rng, proof, field| proof[at(rng, &field, 1)] = rng.random()),
    ("an element", |rng, proof, field| {
        let at = element(rng, &field);
        write(proof, at, rng.random_range(0..MODULUS));
    }),
    ("an element, by one", |rng, proof, field| {
        let at = element(rng, &field);
        let by = if rng.random() { 1 } else { MODULUS - 1 };
        let value = (u128::from(read(proof, at)) + u128::from(by)) % u128::from(MODULUS);
        write(proof, at, value as u64);
    }),
    ("an element that is not reduced", |rng, proof, field| {
        let at = element(rng, &field);
        // The same element where it is small enough, which few are.
        let value = read(proof, at).checked_add(MODULUS);
        write(proof, at, value.unwrap_or_else(|| rng.random_range(MODULUS..=u64::MAX)));
    }),
    ("two elements exchanged", |rng, proof, field| {
        let (a, b) = (element(rng, &field), element(rng, &field));
        let (x, y) = (read(proof, a), read(proof, b));
        write(proof, a, y);
        write(proof, b, x);
    }),
    ("zeros", |rng, proof, field| {
        let size = rng.random_range(1..=(field.end - field.start).min(256));
        let at = at(rng, &field, size);
        proof[at..at + size].fill(0);
    }),
    ("bytes of another place", |rng, proof, field| {
        let size = rng.random_range(1..=(field.end - field.start).min(256));
        let (to, from) = (at(rng, &field, size), rng.random_range(0..proof.len() - size));
        proof.copy_within(from..from + size, to);
    }),
    ("bytes moved on", |rng, proof, field| {
        let from = at(rng, &field, ELEMENT);
        proof[from..].rotate_right(ELEMENT);
    }),
    ("many changes", |rng, proof, field| {
        for _ in 0..rng.random_range(2..40) {
            let at = at(rng, &field, 1);
            proof[at] ^= rng.random_range(1..=u8::MAX);
        }
    }),
    ("a query in place of another", |rng, proof, field| {
        let size = (proof.len() - field.start) / QUERIES;
        let (from, to) = (rng.random_range(0..QUERIES), rng.random_range(0..QUERIES));
        let from = field.start + size * from;
        proof.copy_within(from..from + size, field.start + size * to);
    }),
];

/// Every kind of change in every field of the proof, 10,000 of them with `FARTHING_FULL=1`: each is refused, within the gas
/// of a transaction and without a panic. They take a quarter of a minute:
///
/// `FARTHING_FULL=1 cargo test --release -p farthing-l1 --test verifier changed_proofs`
#[test]
fn changed_proofs_are_refused() -> TestResult<()> {
    let changes = if full() { 10_000 } else { 2_000 };
    let mut verifiers = Verifiers::new()?;
    let (statement, honest) = (verifiers.statement.clone(), verifiers.proof.clone());
    let fields = fields()?;
    assert_eq!(fields.len(), 8);
    let mut tried = vec![[0; CHANGES.len()]; fields.len()];
    let (mut refused, mut i) = (0, 0);
    while refused < changes {
        let mut rng = ChaCha8Rng::seed_from_u64(i as u64);
        let field = i % fields.len();
        let (mut kind, mut proof) = (i / fields.len() % CHANGES.len(), honest.clone());
        // Only the last field has queries.
        if kind == CHANGES.len() - 1 && field != fields.len() - 1 {
            kind = 0;
        }
        let (name, change) = CHANGES[kind];
        change(&mut rng, &mut proof, fields[field].clone());
        assert_eq!(proof.len(), honest.len());
        i += 1;
        if proof != honest {
            verifiers.refuse(
                &statement,
                &proof,
                &format!("change {i}, {name} of field {field}"),
            )?;
            tried[field][kind] += 1;
            refused += 1;
        }
    }
    for (field, tried) in tried.iter().enumerate() {
        for ((name, _), tried) in CHANGES.iter().zip(tried) {
            let one_element = fields[field].len() == ELEMENT;
            let none = (*name == "a query in place of another" && field != fields.len() - 1)
                || (*name == "two elements exchanged" && one_element);
            assert_eq!(*tried == 0, none, "{name} of field {field}: {tried} tried");
        }
    }
    Ok(())
}
