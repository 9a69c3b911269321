//! Gas of single calls and of the deployment on L1, as whole transactions with the floor of their
//! calldata, under today's rules and those of the next fork. They are compared with
//! `l1-contracts/snapshots` and with the tables of `l1-contracts/README.md`.
//! `benches/tests/gas_per_payment.rs` measures blocks of payments.

mod support;

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256, Signature, U256};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::{SolConstructor, SolStruct, eip712_domain};
use farthing_l1::abi::{DevToken, IRollup, Rollup, Verifier};
use farthing_l1::{AccountSiblings, account_proof, accounts_proof, authorization_nonce, payouts};
use farthing_protocol::{
    Account, AccountId, BatchClass, BatchNumber, Digest, TREE_DEPTH, compress,
};
use support::pages::{assert_kept, grouped, regenerates, snapshot, table};
use support::revm_l1::RevmL1;
use support::rules::{BLOCK_GAS_MAX, Rules, TX_GAS_MAX};
use support::{
    CHAIN_ID, DAY, NOW, TestResult, TestRollup, bank, config, fixture, identity, operator, owner,
    withdraw,
};

type Figures = BTreeMap<String, u64>;

/// Compares the figures with a snapshot, or writes it.
fn assert_snapshot(name: &str, figures: &Figures) -> TestResult<()> {
    let text = format!("{}\n", serde_json::to_string_pretty(figures)?);
    if regenerates() {
        std::fs::write(snapshot(name), &text)?;
    }
    let stored = std::fs::read_to_string(snapshot(name))?;
    assert_eq!(stored, text, "write {name} with `cargo xtask codegen gas`");
    Ok(())
}

/// A table of the figures, one column for each rule set.
fn by_rules(what: &str, figures: &Figures) -> String {
    let both =
        |name: &String| Some([figures.get(name)?, figures.get(&Rules::Amsterdam.figure(name))?]);
    let row = |name: &String| {
        let columns = both(name)?.map(|gas| grouped(*gas));
        Some([vec![name.clone()], columns.to_vec()].concat())
    };
    let rows: Vec<_> = figures.keys().filter_map(row).collect();
    table(&[what, "gas, Osaka", "gas, Amsterdam"], &rows)
}

/// Accounts that leave together, each with an owner of its own.
const MANY: u32 = 20;

/// Calls of one account: two deposits, eight withdrawals, the claims, the escape.
fn single_calls(rules: Rules, figures: &mut Figures) -> TestResult<()> {
    let mut note = |name: &str, gas: u64| figures.insert(rules.figure(name), gas);
    let mut test = TestRollup::under(rules, BatchClass::TINY)?;
    test.deposit(1, 1_000_000)?;
    test.deposit(1, 1_000_000)?;
    note("deposit", test.l1.gas);
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
    note("requestForcedExit", test.l1.gas);
    let claims = payouts(BatchNumber::new(1)?, &data)?;
    let claims: Vec<IRollup::Claim> = claims.iter().map(Into::into).collect();
    for claim in &claims[..2] {
        test.l1.must(bank(), test.rollup, &claim_call(claim))?;
    }
    note("claim, one of eight", test.l1.gas);
    let rest = Rollup::claimManyCall { claims: claims[2..].to_vec() };
    test.l1.must(bank(), test.rollup, &rest)?;
    note("claimMany, six of eight", test.l1.gas);
    test.pass(7 * DAY + 1);
    test.l1.must(bank(), test.rollup, &Rollup::freezeCall {})?;
    note("freeze", test.l1.gas);
    test.l1.must(bank(), test.rollup, &escape_call(&test, 1)?)?;
    note("escape", test.l1.gas);
    Ok(())
}

fn claim_call(claim: &IRollup::Claim) -> Rollup::claimCall {
    let IRollup::Claim { batch, chunk, index, owner, units, path } = claim.clone();
    Rollup::claimCall { batch, chunk, index, owner, units, path }
}

/// The account with its path in the ledger's state, which is the final one.
fn leaf(test: &TestRollup, account: u32) -> TestResult<(AccountId, Account, AccountSiblings)> {
    let id = AccountId::from(account);
    let state = test.ledger.account(id)?.ok_or("no account")?;
    let siblings = test.ledger.account_path(id)?.siblings;
    Ok((id, state, siblings.try_into().map_err(|_| "32 siblings")?))
}

fn no_licenses() -> B256 {
    let empty = (0..TREE_DEPTH).fold(Digest::ZERO, |empty, _| compress(&empty, &empty));
    empty.to_bytes().into()
}

fn escape_call(test: &TestRollup, account: u32) -> TestResult<Rollup::escapeCall> {
    let (id, state, siblings) = leaf(test, account)?;
    let account = account_proof(id, &state, &siblings);
    Ok(Rollup::escapeCall { account, licensesRoot: no_licenses() })
}

/// Accounts with neighbouring numbers, a payout and an escape for each. The first claim of a batch
/// and the first escape pay for a word of marks, so another account is first.
fn many_at_once(rules: Rules, figures: &mut Figures) -> TestResult<()> {
    let mut note = |name: &str, gas: u64| figures.insert(rules.figure(name), gas);
    let mut test = TestRollup::under(rules, BatchClass::SMALL)?;
    let accounts = 1..MANY + 3;
    test.open(accounts.clone())?;
    for account in accounts.clone() {
        test.deposit(account, 1_000_000)?;
    }
    test.consume()?;
    test.seal()?;
    test.settle()?;
    for account in accounts.clone() {
        test.submit(account, 0, withdraw(7_000)?)?;
    }
    test.seal()?;
    let data = test.sealed[0].witness.public_data.clone();
    test.settle()?;
    let claims = payouts(BatchNumber::new(1)?, &data)?;
    let claims: Vec<IRollup::Claim> = claims.iter().map(Into::into).collect();
    for claim in &claims[..2] {
        test.l1.must(bank(), test.rollup, &claim_call(claim))?;
    }
    note("claim, alone", test.l1.gas);
    let call = Rollup::claimManyCall { claims: claims[2..].to_vec() };
    test.l1.must(bank(), test.rollup, &call)?;
    note("claimMany of 20, each", test.l1.gas / u64::from(MANY));
    test.l1.must(bank(), test.rollup, &Rollup::requestForcedExitCall { account: 1 })?;
    test.pass(7 * DAY + 1);
    test.l1.must(bank(), test.rollup, &Rollup::freezeCall {})?;
    for account in 1..3 {
        test.l1.must(bank(), test.rollup, &escape_call(&test, account)?)?;
    }
    note("escape, alone", test.l1.gas);
    let leaves =
        (3..MANY + 3).map(|account| leaf(&test, account)).collect::<TestResult<Vec<_>>>()?;
    let proof = accounts_proof(leaves.iter().map(|(id, state, path)| (*id, state, path)));
    let call = Rollup::escapeManyCall {
        accounts: proof.accounts,
        siblings: proof.siblings,
        licensesRoot: no_licenses(),
    };
    test.l1.must(bank(), test.rollup, &call)?;
    note("escapeMany of 20 neighbours, each", test.l1.gas / u64::from(MANY));
    for account in accounts {
        let paid = test.token_balance(Address::from(owner(account).0))?;
        assert_eq!(paid, 1_000_000, "account {account}");
    }
    Ok(())
}

/// Messages that a payer signs, by the names of the token (EIP-712).
mod signed {
    alloy::sol! {
        struct Permit { address owner; address spender; uint256 value; uint256 nonce; uint256 deadline; }
        struct ReceiveWithAuthorization {
            address from; address to; uint256 value; uint256 validAfter; uint256 validBefore; bytes32 nonce;
        }
    }
}

/// Deposits that a payer signed; each beside an earlier one of the same payer.
fn signed_deposits(rules: Rules, figures: &mut Figures) -> TestResult<()> {
    let mut test = TestRollup::under(rules, BatchClass::TINY)?;
    let signer = PrivateKeySigner::from_bytes(&B256::repeat_byte(0x11))?;
    let payer = signer.address();
    test.l1.must(bank(), test.token, &DevToken::mintCall { to: payer, units: U256::from(100) })?;
    let domain = eip712_domain! {
        name: "Farthing development token",
        version: "1",
        chain_id: CHAIN_ID,
        verifying_contract: test.token,
    };
    let account = identity(1);
    let (to, key) = (Address::from(account.owner.0), account.key.to_words());
    let (units, deadline) = (U256::from(10), U256::from(NOW));
    for nonce in [U256::ZERO, U256::ONE] {
        let spender = test.rollup;
        let permit = signed::Permit { owner: payer, spender, value: units, nonce, deadline };
        let signature = signer.sign_hash_sync(&permit.eip712_signing_hash(&domain))?;
        let (v, r, s) = parts(&signature);
        let permit = IRollup::Permit { deadline, v, r, s };
        let call = Rollup::depositWithPermitCall { owner: to, key, units, permit };
        test.l1.must(payer, test.rollup, &call)?;
        figures.insert(rules.figure("depositWithPermit"), test.l1.gas);
    }
    for salt in [B256::ZERO, B256::repeat_byte(1)] {
        let authorization = signed::ReceiveWithAuthorization {
            from: payer,
            to: test.rollup,
            value: units,
            validAfter: U256::ZERO,
            validBefore: U256::MAX >> 1,
            nonce: authorization_nonce(&account, salt),
        };
        let (v, r, s) = parts(&signer.sign_hash_sync(&authorization.eip712_signing_hash(&domain))?);
        let signed::ReceiveWithAuthorization { validAfter, validBefore, .. } = authorization;
        let authorization =
            IRollup::Authorization { payer, validAfter, validBefore, salt, v, r, s };
        let call = Rollup::depositWithAuthorizationCall { owner: to, key, units, authorization };
        test.l1.must(bank(), test.rollup, &call)?;
        figures.insert(rules.figure("depositWithAuthorization"), test.l1.gas);
    }
    // Each is an entry of the ledger's queue.
    assert_eq!(test.consume()?, 4);
    Ok(())
}

fn parts(signature: &Signature) -> (u8, B256, B256) {
    (27 + u8::from(signature.v()), signature.r().into(), signature.s().into())
}

/// The verifier alone, called with a real proof.
fn verification(rules: Rules, figures: &mut Figures) -> TestResult<()> {
    let mut l1 = RevmL1::new(rules, CHAIN_ID, NOW);
    let verifier = l1.deploy(operator(), Verifier::BYTECODE.clone())?;
    let (statement, proof) = (fixture("final_statement.bin")?, fixture("final_proof.bin")?);
    let call = Verifier::verifyCall { statement: statement.into(), proof: proof.into() };
    assert!(l1.must(operator(), verifier, &call)?);
    figures.insert(rules.figure("Verifier.verify"), l1.gas);
    Ok(())
}

#[test]
fn calls_cost_what_they_did() -> TestResult<()> {
    let mut figures = Figures::new();
    for rules in Rules::ALL {
        single_calls(rules, &mut figures)?;
        many_at_once(rules, &mut figures)?;
        signed_deposits(rules, &mut figures)?;
        verification(rules, &mut figures)?;
    }
    assert_snapshot("transactions.json", &figures)?;
    assert_kept("README.md", "gas of calls", &by_rules("call", &figures))
}

/// A deployment fits a transaction: what it executes, EIP-7825's cap; with what it pays for new
/// state, a block. revm itself refuses code that is too large under Osaka.
#[test]
fn a_deployment_fits_a_transaction() -> TestResult<()> {
    let mut figures = Figures::new();
    for rules in Rules::ALL {
        let mut l1 = RevmL1::new(rules, CHAIN_ID, NOW);
        let token = l1.deploy(operator(), DevToken::BYTECODE.clone())?;
        let mut deploy = |name: &str, initcode: Vec<u8>| -> TestResult<Address> {
            let address = l1.deploy(operator(), initcode.into())?;
            let execution = l1.gas - l1.state_gas;
            assert!(execution <= TX_GAS_MAX, "{name}, {rules:?}: {execution} gas of execution");
            assert!(l1.gas <= BLOCK_GAS_MAX, "{name}, {rules:?}: {} gas", l1.gas);
            figures.insert(rules.figure(name), l1.gas);
            if rules == Rules::Amsterdam {
                figures.insert(rules.figure(&format!("{name}, new state")), l1.state_gas);
            }
            Ok(address)
        };
        let verifier = deploy("Verifier", Verifier::BYTECODE.to_vec())?;
        let arguments = Rollup::constructorCall { config: config(token, verifier).into() };
        let initcode = [Rollup::BYTECODE.as_ref(), &arguments.abi_encode()].concat();
        deploy("Rollup with RollupTimelock", initcode)?;
    }
    assert_snapshot("deployment.json", &figures)?;
    assert_kept("README.md", "gas of the deployment", &by_rules("contract", &figures))
}
