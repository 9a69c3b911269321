//! Gas of single calls on L1, as whole transactions under today's rules (EIP-7623 included), compared
//! with `l1-contracts/snapshots/transactions.json`. `benches/tests/gas_per_payment.rs` measures
//! blocks of payments.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::Address;
use farthing_l1::abi::{IRollup, Rollup};
use farthing_l1::{account_proof, payouts};
use farthing_protocol::{AccountId, BatchClass, BatchNumber, Digest, TREE_DEPTH, compress};
use support::{DAY, TestResult, TestRollup, bank, owner, withdraw};

fn single_calls(figures: &mut BTreeMap<&'static str, u64>) -> TestResult<()> {
    let mut test = TestRollup::new(BatchClass::TINY)?;
    test.deposit(1, 1_000_000)?;
    test.deposit(1, 1_000_000)?;
    figures.insert("deposit", test.l1.gas);
    let exit = Rollup::requestForcedExitCall { account: 1 };
    test.consume()?;
    test.seal()?;
    test.settle()?;
    for _ in 0..8 {
        test.submit(1, 0, withdraw(7_000)?)?;
    }
    test.seal()?;
    let data = test.sealed[0].witness.public_data.clone();
    test.settle()?;
    test.l1.must(bank(), test.rollup, &exit)?;
    figures.insert("requestForcedExit", test.l1.gas);
    let claims = payouts(BatchNumber::new(1)?, &data)?;
    let claims: Vec<IRollup::Claim> = claims.iter().map(Into::into).collect();
    for claim in &claims[..2] {
        let IRollup::Claim { batch, chunk, index, owner, units, path } = claim.clone();
        let call = Rollup::claimCall { batch, chunk, index, owner, units, path };
        test.l1.must(bank(), test.rollup, &call)?;
    }
    figures.insert("claim, one of eight", test.l1.gas);
    let rest = Rollup::claimManyCall { claims: claims[2..].to_vec() };
    test.l1.must(bank(), test.rollup, &rest)?;
    figures.insert("claimMany, six of eight", test.l1.gas);
    test.pass(7 * DAY + 1);
    test.l1.must(bank(), test.rollup, &Rollup::freezeCall {})?;
    figures.insert("freeze", test.l1.gas);
    let id = AccountId::from(1);
    let state = test.ledger.account(id)?.ok_or("no account")?;
    let siblings = test.ledger.account_path(id)?.siblings;
    let siblings: [Digest; TREE_DEPTH] = siblings.try_into().map_err(|_| "32 siblings")?;
    let mut empty = Digest::ZERO;
    for _ in 0..TREE_DEPTH {
        empty = compress(&empty, &empty);
    }
    let call = Rollup::escapeCall {
        account: account_proof(id, &state, &siblings),
        licensesRoot: empty.to_bytes().into(),
    };
    test.l1.must(Address::from(owner(1).0), test.rollup, &call)?;
    figures.insert("escape", test.l1.gas);
    Ok(())
}

#[test]
fn gas_is_as_before() -> TestResult<()> {
    let mut figures = BTreeMap::new();
    single_calls(&mut figures)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/transactions.json");
    let text = format!("{}\n", serde_json::to_string_pretty(&figures)?);
    if std::env::var_os("FARTHING_REGENERATE").is_some() {
        std::fs::write(&path, &text)?;
    }
    let stored = std::fs::read_to_string(&path)?;
    assert_eq!(stored, text, "write them with `cargo xtask codegen gas`");
    Ok(())
}
