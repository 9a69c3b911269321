//! What single calls cost on L1, as whole transactions under today's rules (EIP-7623 included),
//! compared with `l1-contracts/snapshots/transactions.json`. Blocks of payments:
//! `benches/tests/gas_per_payment.rs`.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use alloy::primitives::Address;
use farthing_l1::abi::{IRollup, Rollup};
use farthing_l1::{account_proof, payouts};
use farthing_protocol::{AccountId, BatchClass, BatchNumber, Digest, TREE_DEPTH, compress};
use support::{DAY, Outcome, World, bank, owner, withdraw};

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
    let claims = payouts(BatchNumber::new(1)?, &data)?;
    let claims: Vec<IRollup::Claim> = claims.iter().map(Into::into).collect();
    for claim in &claims[..2] {
        let IRollup::Claim { batch, chunk, index, owner, units, path } = claim.clone();
        let call = Rollup::claimCall { batch, chunk, index, owner, units, path };
        world.chain.must(bank(), world.rollup, &call)?;
    }
    figures.insert("claim, one of eight", world.chain.gas);
    let rest = Rollup::claimManyCall { claims: claims[2..].to_vec() };
    world.chain.must(bank(), world.rollup, &rest)?;
    figures.insert("claimMany, six of eight", world.chain.gas);
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
    };
    world.chain.must(Address::from(owner(1).0), world.rollup, &call)?;
    figures.insert("escape", world.chain.gas);
    Ok(())
}

#[test]
fn gas_is_as_before() -> Outcome<()> {
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
