//! What things cost on L1, as whole transactions under today's rules (EIP-7623 included), compared
//! with `l1-contracts/snapshots/transactions.json`. The verifier's own gas is not in it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use alloy::primitives::Address;
use farthing_l1::abi::{IRollup, Rollup};
use farthing_l1::{account_proof, commit_parts, payouts, to_batch};
use farthing_protocol::{
    AccountDiff, AccountId, BatchClass, BatchHeader, BatchNumber, BatchStatement, BlockStatement,
    Digest, LicenseDiff, LicenseId, Nano, Nonce, PublicData, QueueIndex, Record, TREE_DEPTH,
    UnixTime, compress,
};
use support::{
    DAY, NOW, Outcome, World, bank, echo_proof, operator, owner, statement_bytes, withdraw,
};

/// Numbers without a generator's dependency: the weights of a Zipf law need no quality.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 ^ self.0 >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 20
    }
}

/// The public data of `payments` payments of the reference workload (design, section 12): 200
/// payers, 2,000 licenses with 3 holders, a quarter of them derivatives, drawn by a Zipf law, in a
/// tree of 2²⁰ accounts. What is touched is drawn; what stands in a record is of its usual size.
fn reference_data(payments: u32) -> PublicData {
    const LICENSES: usize = 2_000;
    let mut draws = Draws(u64::from(payments));
    let weights: Vec<f64> = (1..=LICENSES).map(|rank| 1.0 / rank as f64).collect();
    let total: f64 = weights.iter().sum();
    let mut licenses = BTreeSet::new();
    for _ in 0..payments {
        let mut at = draws.next() as f64 / (1u64 << 44) as f64 * total;
        let drawn = weights.iter().position(|weight| {
            at -= weight;
            at < 0.0
        });
        let license = drawn.unwrap_or(LICENSES - 1);
        licenses.insert(license);
        // A derivative's parent is another of the licenses before it.
        if license % 4 == 3 {
            licenses.insert(license / 2);
        }
    }
    let mut accounts: BTreeMap<u32, Option<u64>> = BTreeMap::from([(0, None)]);
    for license in &licenses {
        let holders = if license % 4 == 3 { 2 } else { 3 };
        accounts.extend(
            (0..holders).map(|i| (1_000 + (*license * 523 + i * 87_881) as u32 % (1 << 20), None)),
        );
    }
    accounts.extend(
        (1..=200).map(|payer| (payer, Some(1_800_000_000_000_000 + draws.next() % (1 << 30)))),
    );
    let mut records: Vec<Record> = Vec::new();
    for (id, nonce) in accounts {
        let balance = Nano::new(draws.next() % (1 << 40)).unwrap_or(Nano::ZERO);
        let nonce = nonce.and_then(|nonce| Nonce::new(nonce).ok());
        records.push(Record::Account(AccountDiff { id: AccountId::from(id), balance, nonce }));
    }
    for license in licenses {
        let received = Nano::new(draws.next() % (1 << 40)).unwrap_or(Nano::ZERO);
        let vault = (draws.next() % 3) as u8;
        records.push(Record::License(LicenseDiff {
            id: LicenseId::from(license as u32),
            vault,
            received,
        }));
    }
    PublicData::from_records(&records)
}

/// Gas of committing and of proving `data` as one block, the verifier apart.
fn block_gas(world: &mut World, data: &PublicData) -> Outcome<(u64, u64)> {
    let some = |n: u64| Digest::from_bytes(&[n as u8; 32]).ok_or("a digest");
    let number = world.chain.must(bank(), world.rollup, &Rollup::nextBatchCall {})?;
    let root = world.chain.must(bank(), world.rollup, &Rollup::stateRootCall {})?;
    let header = BatchHeader {
        domain: world.domain,
        class: 4,
        number: BatchNumber::new(number)?,
        timestamp: UnixTime::new(NOW)?,
        old_root: Digest::from_bytes(&root.0).ok_or("a root")?,
        new_root: some(number + 1)?,
        receipts_root: some(77)?,
        intents: 1,
        queue_from: QueueIndex::MIN,
        queue_to: QueueIndex::MIN,
        public_data: data.commitment(),
        public_data_limbs: data.limbs().len() as u32,
    };
    let batch = to_batch(&header, data.keccak());
    let mut gas = 0;
    for part in commit_parts(data, 4) {
        let call = Rollup::commitCall {
            batch: batch.clone(),
            firstLimb: part.first_limb,
            part: part.bytes,
        };
        world.chain.must(operator(), world.rollup, &call)?;
        gas += world.chain.gas;
    }
    let statement = BlockStatement::join(&[BatchStatement::new(header, data.limbs())])?;
    let call = Rollup::proveCall { batches: vec![batch], proof: echo_proof(&statement) };
    world.chain.must(operator(), world.rollup, &call)?;
    assert_eq!(statement_bytes(&statement).len(), 176);
    Ok((gas, world.chain.gas))
}

fn blocks(figures: &mut BTreeMap<&'static str, u64>) -> Outcome<()> {
    let mut world = World::new(BatchClass::TINY)?;
    block_gas(&mut world, &reference_data(1))?;
    let names = [
        (1_024, ["1024 payments, bytes", "1024 payments, commit", "1024 payments, prove"]),
        (16_384, ["16384 payments, bytes", "16384 payments, commit", "16384 payments, prove"]),
        (65_536, ["65536 payments, bytes", "65536 payments, commit", "65536 payments, prove"]),
    ];
    for (payments, [bytes, commit, prove]) in names {
        let data = reference_data(payments);
        let (commit_gas, prove_gas) = block_gas(&mut world, &data)?;
        let size = data.to_bytes();
        println!(
            "{payments} payments: {} bytes, {:.0}% not zero; commit {commit_gas} gas, {:.0} a KB; \
             prove {prove_gas} gas without the verifier; {:.1} gas a payment, with a verifier of 4 M {:.1}",
            size.len(),
            100.0 * size.iter().filter(|byte| **byte != 0).count() as f64 / size.len() as f64,
            commit_gas as f64 * 1_024.0 / size.len() as f64,
            (commit_gas + prove_gas) as f64 / f64::from(payments),
            (commit_gas + prove_gas + 4_000_000) as f64 / f64::from(payments),
        );
        figures.extend([(bytes, size.len() as u64), (commit, commit_gas), (prove, prove_gas)]);
    }
    Ok(())
}

fn single_calls(figures: &mut BTreeMap<&'static str, u64>) -> Outcome<()> {
    let mut world = World::new(BatchClass::TINY)?;
    world.deposit(1, 1_000_000)?;
    world.deposit(1, 1_000_000)?;
    figures.insert("deposit", world.chain.gas);
    let exit = Rollup::requestForcedExitCall { account: 1 };
    world.consume()?;
    world.seal()?;
    world.settle()?;
    for _ in 0..8 {
        world.submit(1, 0, withdraw(7_000)?)?;
    }
    world.seal()?;
    let data = world.sealed[0].witness.public_data.clone();
    world.settle()?;
    world.chain.must(bank(), world.rollup, &exit)?;
    figures.insert("requestForcedExit", world.chain.gas);
    for claim in payouts(&data)? {
        let call = Rollup::claimCall {
            batch: 1,
            chunk: claim.payout.chunk,
            index: claim.payout.index,
            owner: claim.payout.owner,
            units: claim.payout.units.try_into()?,
            path: claim.path,
        };
        world.chain.must(bank(), world.rollup, &call)?;
    }
    figures.insert("claim, one of eight", world.chain.gas);
    world.pass(7 * DAY + 1);
    world.chain.must(bank(), world.rollup, &Rollup::freezeCall {})?;
    figures.insert("freeze", world.chain.gas);
    let id = AccountId::from(1);
    let state = world.ledger.account(id)?.ok_or("no account")?;
    let siblings = world.ledger.account_path(id)?.siblings;
    let siblings: [Digest; TREE_DEPTH] = siblings.try_into().map_err(|_| "32 siblings")?;
    let mut empty = Digest::ZERO;
    for _ in 0..TREE_DEPTH {
        empty = compress(&empty, &empty);
    }
    let call = Rollup::escapeCall {
        account: account_proof(id, &state, &siblings),
        licensesRoot: empty.to_bytes().into(),
        licenses: Vec::<IRollup::LicenseProof>::new(),
    };
    world.chain.must(Address::from(owner(1).0), world.rollup, &call)?;
    figures.insert("escape", world.chain.gas);
    Ok(())
}

#[test]
fn gas_is_as_before() -> Outcome<()> {
    let mut figures = BTreeMap::new();
    single_calls(&mut figures)?;
    blocks(&mut figures)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/transactions.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&figures)?);
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        std::fs::write(&path, &text)?;
    }
    let stored = std::fs::read_to_string(&path)?;
    assert_eq!(
        stored, text,
        "run FARTHING_REGENERATE=1 cargo test --release -p farthing-l1 --test gas"
    );
    Ok(())
}
