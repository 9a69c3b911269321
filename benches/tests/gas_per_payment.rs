//! Gas per payment: real batches of the reference workload, committed and proven on a chain in
//! this process under today's rules and those of the next fork, compared with
//! `l1-contracts/snapshots` and with the tables of the pages that show them.
//!
//! A block is one batch. What is summed are whole transactions (21,000 each under Osaka, 15,000 under
//! Amsterdam, calldata and its floor included): every `commit` of its public data, and the `prove`. That one carries a
//! real final proof and runs the real verifier on it; only the statement of that proof is another
//! block's, so a stand-in between rollup and verifier exchanges it and costs some 35,000 gas more
//! than the direct call.
//!
//! The header's queue range is empty here and its number the contract's next: the million deposits
//! that opened the ledger's accounts are not on this chain. Six bytes of calldata.
//!
//! Accounts are always measured side by side, in the smallest class that holds the payments, as in
//! the measurements of leaves. With `FARTHING_FULL=1` they are also measured anywhere among 2²⁰:
//! their paths have more nodes than any class but the largest has room for.

#[path = "../../l1-contracts/bindings/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::{Address, Bytes};
use alloy::sol_types::SolConstructor;
use farthing_benches::bench_ledger::BenchLedger;
use farthing_benches::reference_ledger::build;
use farthing_benches::workload::{
    Payments, Placement, Population, Request, Shape, generated_requests, sign_all,
};
use farthing_l1::abi::{DevToken, Rollup, Verifier};
use farthing_l1::{RollupConfig, commit_parts, to_batch};
use farthing_ledger::Durability;
use farthing_protocol::{
    AccountIdentity, Address as Owner, BatchClass, BatchWitness, QueueIndex, SecretKey,
};
use farthing_testkit::full;
use support::pages::{assert_kept, grouped, regenerates, snapshot, table};
use support::revm_l1::RevmL1;
use support::rules::Rules;
use support::{CHAIN_ID, NOW, TestResult, fixture, operator};

const SEED: u64 = 1;
/// Chunks that a transaction carries: what nodes relay is 128 KB, four chunks are 112.
const CHUNKS_PER_COMMIT: usize = 4;

/// A block, and the class of its batch: the smallest that takes its payments from 200 payers whose
/// accounts are side by side.
struct Block {
    name: &'static str,
    payments: usize,
    class: BatchClass,
}

const BLOCKS: [Block; 3] = [
    Block { name: "1k", payments: 1_024, class: BatchClass::MEDIUM },
    Block { name: "16k", payments: 16_384, class: BatchClass::LARGE },
    Block { name: "64k", payments: 65_536, class: BatchClass::HUGE },
];

/// Seals `block` as one batch behind what was sealed before.
fn seal(
    path: &Path,
    block: &Block,
    population: &Population,
    payments: &mut Payments<'_, impl Iterator<Item = Request>>,
) -> TestResult<BatchWitness> {
    let mut bench = BenchLedger::open(path, block.class, Durability::Buffered)?;
    let payments: Vec<_> = payments.take(block.payments).collect();
    let now = payments.first().ok_or("no payment")?.at;
    bench.submit(now, &sign_all(population, &payments))?;
    bench.seal(None)?;
    let [batch] = &bench.batches[..] else {
        return Err(format!("{} payments took {} batches", block.name, bench.batches.len()).into());
    };
    assert_eq!(batch.counts.intents as usize, block.payments);
    Ok(bench.ledger.batch(batch.number)?.ok_or("no such batch")?)
}

/// A contract that hands a call of `verify` to `verifier` with `statement` in the place of its own.
fn exchange_statement(verifier: Address, statement: &[u8]) -> Vec<u8> {
    /// Code before the statement.
    const CODE_BYTES: u8 = 44;
    let mut runtime = vec![0x36, 0x5f, 0x5f, 0x37]; // CALLDATACOPY all to 0
    // CODECOPY the statement over the other: behind selector, two offsets and a length.
    runtime.extend([0x60, statement.len() as u8, 0x60, CODE_BYTES, 0x60, 0x64, 0x39]);
    runtime.extend([0x60, 0x20, 0x5f, 0x36, 0x5f, 0x73]); // 32 bytes to 0; all calldata from 0
    runtime.extend(verifier.as_slice());
    runtime.extend([0x5a, 0xfa, 0x50]); // GAS, STATICCALL, POP
    runtime.extend([0x60, 0x20, 0x5f, 0xf3]); // RETURN
    assert_eq!(runtime.len(), usize::from(CODE_BYTES));
    runtime.extend(statement);
    // Returns what stands behind its own nine bytes.
    let mut initcode = vec![0x60, runtime.len() as u8, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3];
    initcode.extend(runtime);
    initcode
}

/// A rollup with the real verifier behind a stand-in.
struct TestRollup {
    l1: RevmL1,
    rollup: Address,
    proof: Bytes,
}

impl TestRollup {
    fn new(rules: Rules) -> TestResult<Self> {
        let mut l1 = RevmL1::new(rules, CHAIN_ID, NOW);
        let token = l1.deploy(operator(), DevToken::BYTECODE.clone())?;
        let verifier = l1.deploy(operator(), Verifier::BYTECODE.clone())?;
        let stand_in = exchange_statement(verifier, &fixture("final_statement.bin")?);
        let verifier = l1.deploy(operator(), stand_in.into())?;
        let config = RollupConfig {
            token,
            verifier,
            operator: operator(),
            guardian: operator(),
            governor: operator(),
            operator_account: AccountIdentity {
                key: *SecretKey::from_seed(&[7; 32]).public_key(),
                owner: Owner([0xaa; 20]),
            },
            least_deposit: 1,
        };
        let arguments = Rollup::constructorCall { config: config.into() }.abi_encode();
        let initcode = [Rollup::BYTECODE.as_ref(), &arguments].concat();
        let rollup = l1.deploy(operator(), initcode.into())?;
        Ok(Self { l1, rollup, proof: fixture("final_proof.bin")?.into() })
    }

    /// Gas of committing `batch`, and of proving it as a block of its own.
    fn settle(&mut self, witness: &BatchWitness) -> TestResult<(u64, u64)> {
        let mut batch = to_batch(&witness.statement.header, witness.public_data.keccak());
        let next = self.l1.must(operator(), self.rollup, &Rollup::nextBatchCall {})?;
        batch.number = next;
        batch.timestamp = NOW;
        batch.oldRoot = self.l1.must(operator(), self.rollup, &Rollup::stateRootCall {})?;
        (batch.queueFrom, batch.queueTo) = (QueueIndex::MIN.get(), QueueIndex::MIN.get());
        let mut commit = 0;
        for part in commit_parts(&witness.public_data, CHUNKS_PER_COMMIT) {
            let call = Rollup::commitCall {
                batch: batch.clone(),
                firstLimb: part.first_limb,
                part: part.bytes,
            };
            self.l1.must(operator(), self.rollup, &call)?;
            commit += self.l1.gas;
        }
        let call = Rollup::proveCall { batches: vec![batch], proof: self.proof.clone() };
        self.l1.must(operator(), self.rollup, &call)?;
        let prove = self.l1.gas;
        let reached = self.l1.must(operator(), self.rollup, &Rollup::nextBatchCall {})?;
        assert_eq!(reached, next + 1);
        Ok((commit, prove))
    }
}

type Figures = BTreeMap<String, f64>;

/// Asserts that each measured figure equals the snapshot's. Blocks not measured are not compared.
fn compare(name: &str, figures: &Figures) -> TestResult<()> {
    let stored: Figures = serde_json::from_str(&std::fs::read_to_string(snapshot(name))?)?;
    for (what, gas) in figures {
        assert_eq!(
            stored.get(what),
            Some(gas),
            "{what} in {name}: write it with `cargo xtask codegen gas`"
        );
    }
    Ok(())
}

/// The blocks' figures for accounts that lie so, `suffix` behind their names.
fn measure(shape: &Shape, suffix: &str, figures: &mut [Figures; 2]) -> TestResult<()> {
    let [per_payment, parts] = figures;
    let population = Population::new(shape, SEED);
    let directory = tempfile::tempdir()?;
    drop(build(directory.path(), &population, BatchClass::HUGE)?);
    let mut payments = Payments::new(&population, shape, generated_requests(SEED), SEED);
    let mut tests = [TestRollup::new(Rules::Osaka)?, TestRollup::new(Rules::Amsterdam)?];
    // The first block pays for storage that is never zero again.
    let first = Block { name: "first", payments: 1, class: BatchClass::MEDIUM };
    let witness = seal(directory.path(), &first, &population, &mut payments)?;
    for test in &mut tests {
        test.settle(&witness)?;
    }
    for Block { name, payments: count, class } in BLOCKS {
        let class = if shape.placement == Placement::First { class } else { BatchClass::HUGE };
        let block = Block { name, payments: count, class };
        let witness = seal(directory.path(), &block, &population, &mut payments)?;
        let bytes = witness.public_data.to_bytes().len() as u64;
        let block = format!("{name}{suffix}");
        parts.insert(format!("{block}, bytes"), bytes as f64);
        for (rules, test) in Rules::ALL.into_iter().zip(&mut tests) {
            let (commit, prove) = test.settle(&witness)?;
            let each = ((commit + prove) as f64 * 10.0 / count as f64).round() / 10.0;
            println!("{block}, {rules:?}: commit {commit}, prove {prove}; {each} a payment");
            per_payment.insert(rules.figure(&block), each);
            let per_kb = commit * 1_024 / bytes;
            for (what, value) in [("commit", commit), ("commit a KB", per_kb), ("prove", prove)] {
                parts.insert(rules.figure(&format!("{block}, {what}")), value as f64);
            }
        }
    }
    Ok(())
}

/// The table of the contracts' page, from the snapshots.
fn contracts_table(per_payment: &Figures, parts: &Figures) -> TestResult<String> {
    let mut rows = Vec::new();
    for Block { name, payments, .. } in BLOCKS {
        let number = |figures: &Figures, name: &str| -> TestResult<f64> {
            Ok(*figures.get(name).ok_or_else(|| format!("no figure {name}"))?)
        };
        let bytes = number(parts, &format!("{name}, bytes"))? as u64;
        let mut row = vec![grouped(payments as u64), format!("{} bytes", grouped(bytes))];
        for what in ["commit", "prove"] {
            for rules in Rules::ALL {
                let gas = number(parts, &rules.figure(&format!("{name}, {what}")))?;
                row.push(grouped(gas as u64));
            }
        }
        for rules in Rules::ALL {
            let each = number(per_payment, &rules.figure(name))?;
            row.push(format!("{}.{}", grouped(each as u64), (each * 10.0).round() as u64 % 10));
        }
        rows.push(row);
    }
    let names = [
        "payments in the block",
        "public data",
        "commit, Osaka",
        "commit, Amsterdam",
        "prove, Osaka",
        "prove, Amsterdam",
        "gas a payment, Osaka",
        "gas a payment, Amsterdam",
    ];
    Ok(table(&names, &rows))
}

/// The sentence of the first page: the largest block, in whole gas.
fn sentence(per_payment: &Figures) -> String {
    let [Some(today), Some(next)] =
        Rules::ALL.map(|rules| per_payment.get(&rules.figure("64k")).map(|gas| gas.round()))
    else {
        return String::new();
    };
    format!(
        "  With 65,536 payments in a block, a payment costs {today} gas on L1, proof included, and {next} under the\n  \
         rules of the next fork, Amsterdam ([figures](l1-contracts/snapshots/per_payment.json)).\n"
    )
}

#[test]
fn a_payment_costs_what_it_did() -> TestResult<()> {
    let regenerate = regenerates();
    let mut figures = [Figures::new(), Figures::new()];
    let near = Shape::REFERENCE.with_accounts(0).placed(Placement::First);
    measure(&near, "", &mut figures)?;
    if regenerate || full() {
        measure(&Shape::REFERENCE, ", accounts anywhere", &mut figures)?;
    }
    for (name, figures) in ["per_payment.json", "blocks.json"].iter().zip(&figures) {
        if regenerate {
            let text = format!("{}\n", serde_json::to_string_pretty(figures)?);
            std::fs::write(snapshot(name), text)?;
        }
        compare(name, figures)?;
    }
    let [per_payment, parts] = &figures;
    assert_kept("README.md", "gas per payment", &contracts_table(per_payment, parts)?)?;
    assert_kept("../README.md", "gas of a payment", &sentence(per_payment))
}
