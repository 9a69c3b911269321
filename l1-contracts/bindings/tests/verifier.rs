//! The contract's verifier against the native one: a real proof, its price, and two thousand proofs
//! that are not quite that one.

mod support;

use std::path::Path;

use alloy::primitives::Address;
use farthing_l1::abi::Verifier;
use farthing_protocol::{BLOCK_STATEMENT_BYTES, BlockStatement};
use farthing_recursion::{FinalKey, FinalProof};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use support::chain::Chain;
use support::{CHAIN_ID, NOW, Outcome, operator};

/// What proving a block may cost on L1, data of the proof included.
const PROVE_GAS_MAX: u64 = 4_000_000;
const CHANGES: usize = 2_000;

fn data(name: &str) -> Outcome<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test/data");
    Ok(std::fs::read(folder.join(name))?)
}

/// Both verifiers, and a proof that both accept.
struct World {
    key: FinalKey,
    chain: Chain,
    verifier: Address,
    statement: Vec<u8>,
    proof: Vec<u8>,
}

impl World {
    fn new() -> Outcome<Self> {
        let mut chain = Chain::new(CHAIN_ID, NOW);
        let verifier = chain.deploy(operator(), Verifier::BYTECODE.clone())?;
        let key = FinalKey::from_bytes(&data("final_key.bin")?).ok_or("a key")?;
        let (statement, proof) = (data("final_statement.bin")?, data("final_proof.bin")?);
        Ok(Self { key, chain, verifier, statement, proof })
    }

    fn contract(&mut self, statement: &[u8], proof: &[u8]) -> Outcome<bool> {
        let call = Verifier::verifyCall {
            statement: statement.to_vec().into(),
            proof: proof.to_vec().into(),
        };
        self.chain.must(operator(), self.verifier, &call)
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
    fn refuse(&mut self, statement: &[u8], proof: &[u8], what: &str) -> Outcome<()> {
        assert!(!self.native(statement, proof), "native: {what}");
        assert!(!self.contract(statement, proof)?, "contract: {what}");
        Ok(())
    }
}

#[test]
fn a_real_proof_is_accepted_within_its_price() -> Outcome<()> {
    let mut world = World::new()?;
    let (statement, proof) = (world.statement.clone(), world.proof.clone());
    assert!(world.native(&statement, &proof));
    assert!(world.contract(&statement, &proof)?);
    println!("verification as a transaction: {} gas", world.chain.gas);
    assert!(world.chain.gas <= PROVE_GAS_MAX, "{} gas", world.chain.gas);
    Ok(())
}

/// Proofs by provers who lie to the transcript alone: of a false statement, and without the work.
#[test]
fn forgeries_are_refused() -> Outcome<()> {
    let mut world = World::new()?;
    let (lie, of_lie) = (data("forged_statement.bin")?, data("forged_proof.bin")?);
    world.refuse(&lie, &of_lie, "a false statement")?;
    let statement = world.statement.clone();
    world.refuse(&statement, &data("workless_proof.bin")?, "no work")
}

#[test]
fn other_statements_and_lengths_are_refused() -> Outcome<()> {
    let mut world = World::new()?;
    let (statement, proof) = (world.statement.clone(), world.proof.clone());
    for at in 0..statement.len() {
        let mut changed = statement.clone();
        changed[at] ^= 1 << (at % 8);
        world.refuse(&changed, &proof, &format!("byte {at} of the statement"))?;
    }
    for length in [0, 1, proof.len() - 8, proof.len() - 1] {
        world.refuse(&statement, &proof[..length], &format!("{length} bytes"))?;
    }
    world.refuse(&statement, &[&proof[..], &[0]].concat(), "a byte too many")?;
    world.refuse(&[&statement[..], &[0; 8]].concat(), &proof, "an element too many")?;
    world.refuse(&statement[8..], &proof, "an element too few")
}

/// Where the proof's fields start, as the contract has it.
fn fields() -> Outcome<Vec<usize>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/verifier/Constants.sol");
    let text = std::fs::read_to_string(file)?;
    let places = text.lines().filter_map(|line| line.strip_prefix("uint256 constant P_"));
    let places =
        places.filter_map(|line| line.split_once(" = ")?.1.strip_suffix(';')?.parse().ok());
    Ok(places.collect())
}

/// Every part of the proof, changed by a bit, an element or a whole run of bytes.
#[test]
fn changed_proofs_are_refused() -> Outcome<()> {
    let mut world = World::new()?;
    let (statement, honest) = (world.statement.clone(), world.proof.clone());
    let fields = fields()?;
    assert_eq!(fields.len(), 8);
    for at in fields {
        let mut proof = honest.clone();
        proof[at] ^= 1;
        world.refuse(&statement, &proof, &format!("the field at byte {at}"))?;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for i in 0..CHANGES {
        // Evenly spread.
        let at = (i * honest.len() / CHANGES + rng.random_range(0..44)).min(honest.len() - 32);
        let mut proof = honest.clone();
        match i % 4 {
            0 | 1 => proof[at] ^= 1 << rng.random_range(0..8),
            2 => proof[at..at + 8].copy_from_slice(&u64::MAX.to_be_bytes()),
            _ => {
                let from = rng.random_range(0..honest.len() - 32);
                proof[at..at + 32].copy_from_slice(&honest[from..from + 32]);
            }
        }
        if proof != honest {
            world.refuse(&statement, &proof, &format!("change {i} at byte {at}"))?;
        }
    }
    Ok(())
}
