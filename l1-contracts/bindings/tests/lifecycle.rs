//! A rollup of 200 accounts from the first deposit to the last escape: a ledger on one side, the
//! contract in revm on the other, joined by nothing but calldata and logs.

mod support;

use std::collections::BTreeMap;

use alloy::primitives::{Address, B256};
use alloy::sol_types::SolEvent;
use farthing_l1::abi::{IRollup, Rollup};
use farthing_l1::{Claim, History, HistoryError, account_proof, payouts};
use farthing_ledger::{Genesis, Ledger, empty_subtree};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Digest, LicenseId, NANO_PER_BASE_UNIT, TREE_DEPTH,
};
use support::{
    DAY, TestResult, TestRollup, account, bank, license, operator, owner, pay, register, withdraw,
};

const ACCOUNTS: u32 = 200;
/// Less than a class of 1k takes of queue entries in one batch.
const DEPOSITS_PER_BATCH: u32 = 100;
const UNITS: u64 = 5_000_003;

/// Two hundred funded accounts, two licenses, and payments whose parts are fractions of base units.
fn busy_rollup() -> TestResult<TestRollup> {
    let mut test = TestRollup::new(BatchClass::SMALL)?;
    for from in (1..ACCOUNTS).step_by(DEPOSITS_PER_BATCH as usize) {
        let to = (from + DEPOSITS_PER_BATCH).min(ACCOUNTS);
        test.open(from..to)?;
        for account in from..to {
            test.deposit(account, UNITS + u64::from(account))?;
        }
        assert_eq!(test.consume()?, (to - from) as usize);
        test.seal()?;
    }
    test.settle()?;
    test.pass(60);
    test.submit(1, 1, register(997, 50_000, 1, &[(account(2), 333_333), (account(3), 666_667)])?)?;
    let lines = [(account(4), 900_000), (account(5), 50_000), (license(0), 50_000)];
    test.submit(6, 1, register(11, 0, 2, &lines)?)?;
    test.seal()?;
    for payer in 10..80 {
        let (which, price) = if payer % 2 == 0 { (0, 997) } else { (1, 11) };
        test.submit(payer, u64::from(payer), pay(which, u64::from(payer) * 7, price)?)?;
    }
    test.submit(7, 3, withdraw(1_234_000)?)?;
    test.submit(8, 3, withdraw(1_000)?)?;
    test.l1.must(
        Address::from(owner(9).0),
        test.rollup,
        &Rollup::requestForcedExitCall { account: 9 },
    )?;
    // Account 11 is not his.
    test.l1.must(
        Address::from(owner(9).0),
        test.rollup,
        &Rollup::requestForcedExitCall { account: 11 },
    )?;
    assert_eq!(test.consume()?, 2);
    test.pass(10);
    test.seal()?;
    test.settle()?;
    Ok(test)
}

/// Everything that L1 owes, in nano, if the ledger is right.
fn owed(test: &TestRollup) -> TestResult<u128> {
    let reserve = test.ledger.reserve()?;
    Ok(reserve.balances + reserve.vaults)
}

fn claim_call(claim: &Claim) -> Rollup::claimCall {
    let IRollup::Claim { batch, chunk, index, owner, units, path } = claim.into();
    Rollup::claimCall { batch, chunk, index, owner, units, path }
}

fn claim_all(test: &mut TestRollup) -> TestResult<u64> {
    let history = history(test)?;
    let mut paid = 0;
    for (number, batch) in (0u64..).zip(history.batches()) {
        for claim in payouts(BatchNumber::new(number)?, &batch.public_data)? {
            let call = claim_call(&claim);
            let before = test.token_balance(call.owner)?;
            test.l1.must(bank(), test.rollup, &call)?;
            let got = test.token_balance(call.owner)? - before;
            assert_eq!(got, claim.payout.units.get());
            paid += got;
            let again = test.l1.call(bank(), test.rollup, &call)?;
            assert!(again.is_err_and(|reverted| reverted.is::<Rollup::AlreadyPaid>()));
        }
    }
    Ok(paid)
}

fn history(test: &TestRollup) -> TestResult<History> {
    let mut history = History::new(test.domain);
    for log in test.l1.logs.iter().filter(|log| log.address == test.rollup) {
        history.take(log)?;
    }
    Ok(history)
}

/// The state from logs alone: of the test only they and the address are used.
fn restore(test: &TestRollup) -> TestResult<(Ledger, tempfile::TempDir)> {
    let dir = tempfile::tempdir()?;
    let mut history = history(test)?;
    let operator = history.genesis().ok_or("no log of the deployment")?;
    let genesis = Genesis { domain: test.genesis.domain, operator };
    assert_eq!(genesis, test.genesis);
    let batches = history.take_batches();
    let batches = batches.into_iter().map(|batch| (batch.statement, batch.public_data));
    Ok((Ledger::restore(dir.path(), genesis, test.class, batches)?, dir))
}

/// The deployment's log comes once, before all that tells of batches.
#[test]
fn a_rollup_has_one_genesis() -> TestResult<()> {
    let test = busy_rollup()?;
    let mut history = history(&test)?;
    let is_genesis =
        |log: &&alloy::primitives::Log| log.topics()[0] == Rollup::Genesis::SIGNATURE_HASH;
    let first = test.l1.logs.iter().find(is_genesis).ok_or("no log of the deployment")?;
    let again = history.take(first);
    assert!(matches!(again, Err(HistoryError::Genesis { batches: 4 })), "{again:?}");
    let mut fresh = History::new(test.domain);
    assert_eq!(fresh.genesis(), None);
    fresh.take(first)?;
    assert_eq!(fresh.genesis(), Some(support::identity(0)));
    let again = fresh.take(first);
    assert!(matches!(again, Err(HistoryError::Genesis { batches: 0 })), "{again:?}");
    Ok(())
}

fn siblings(path: farthing_ledger::MerklePath) -> TestResult<[Digest; TREE_DEPTH]> {
    path.siblings.try_into().map_err(|_| "32 siblings".into())
}

fn licenses_root(ledger: &Ledger) -> TestResult<Digest> {
    let first = LicenseId::from(0);
    match ledger.license(first)? {
        Some(license) => Ok(ledger.license_path(first)?.root(&license.leaf())),
        None => Ok(empty_subtree(TREE_DEPTH as u8)),
    }
}

/// The `escape` of an account.
fn escape_call(ledger: &Ledger, id: AccountId) -> TestResult<Rollup::escapeCall> {
    let state = ledger.account(id)?.ok_or("no account")?;
    Ok(Rollup::escapeCall {
        account: account_proof(id, &state, &siblings(ledger.account_path(id)?)?),
        licensesRoot: B256::from(licenses_root(ledger)?.to_bytes()),
    })
}

#[test]
fn everybody_leaves_when_the_operator_is_gone() -> TestResult<()> {
    let mut test = busy_rollup()?;
    let supply: u64 = (1..ACCOUNTS).map(|account| UNITS + u64::from(account)).sum();
    assert_eq!(test.token_balance(test.rollup)?, supply);

    // A deposit that no batch consumes, and a batch that is committed and never proven.
    test.deposit(5, 77_777)?;
    test.submit(20, 0, withdraw(5_000)?)?;
    test.pass(60);
    let owed_in_state = owed(&test)?;
    test.seal()?;
    let unproven = test.sealed.remove(0);
    test.commit(&unproven, 4)?;

    test.pass(7 * DAY - 120);
    let rollup = test.rollup;
    let early = test.l1.call(bank(), rollup, &Rollup::freezeCall {})?;
    assert!(early.is_err_and(|reverted| reverted.is::<Rollup::DeadlineNotPassed>()));
    test.pass(121);
    test.l1.must(bank(), rollup, &Rollup::freezeCall {})?;
    let late = test.prove(&[unproven])?;
    assert!(late.is_err_and(|reverted| reverted.is::<Rollup::IsFrozen>()));

    let (restored, _dir) = restore(&test)?;
    let mut escaped = 0u64;
    let mut dust = 0u128;
    for id in (0..ACCOUNTS).map(AccountId::from) {
        let call = escape_call(&restored, id)?;
        let nano = restored.account(id)?.ok_or("no account")?.state.balance.get();
        let before = test.token_balance(Address::from(owner(id.get()).0))?;
        test.l1.must(bank(), rollup, &call)?;
        let units = test.token_balance(Address::from(owner(id.get()).0))? - before;
        assert_eq!(units, nano / NANO_PER_BASE_UNIT, "account {id}");
        dust += u128::from(nano % NANO_PER_BASE_UNIT);
        escaped += units;
        let again = test.l1.call(bank(), rollup, &call)?;
        assert!(again.is_err_and(|reverted| reverted.is::<Rollup::AlreadyPaid>()));
    }
    let claimed = claim_all(&mut test)?;
    assert!(claimed > 5_000_000, "the forced exit alone is more: {claimed}");

    let identity = support::identity(5);
    let refund = Rollup::refundCall {
        index: 201,
        owner: Address::from(identity.owner.0),
        key: identity.key.to_words(),
        nano: 77_777_000,
    };
    test.l1.must(bank(), rollup, &refund)?;
    let again = test.l1.call(bank(), rollup, &refund)?;
    assert!(again.is_err_and(|reverted| reverted.is::<Rollup::AlreadyPaid>()));

    // The sum is the escrow, down to what is less than a base unit.
    let left = test.token_balance(rollup)?;
    assert_eq!(left + escaped + claimed + 77_777, supply + 77_777);
    let vaults: u128 = restored.reserve()?.vaults;
    assert_eq!(u128::from(left) * 1_000, dust + vaults);
    assert!(vaults < 2 * 16, "a vault holds less than 16 nano, and stays: {vaults}");
    assert_eq!(owed_in_state, restored.reserve()?.balances + vaults);
    Ok(())
}

#[test]
fn history_is_the_ledgers() -> TestResult<()> {
    let test = busy_rollup()?;
    let (restored, _dir) = restore(&test)?;
    assert_eq!(restored.root(), test.ledger.root());
    assert_eq!(restored.reserve()?, test.ledger.reserve()?);
    assert_eq!(restored.queue_next(), test.ledger.queue_next());
    Ok(())
}

#[test]
fn a_block_is_what_it_is() -> TestResult<()> {
    let mut test = busy_rollup()?;
    for uses in 1..=5 {
        test.submit(30, 0, pay(0, uses, 997)?)?;
        test.pass(1);
        test.seal()?;
    }
    let sealed = std::mem::take(&mut test.sealed);
    for batch in &sealed {
        test.commit(batch, 4)?;
    }
    // Five batches at once, but not four of them, nor from the second on, nor in another order.
    let gap = [&sealed[..1], &sealed[2..]].concat();
    assert!(test.prove_unjoined(&gap)?.is_err_and(|r| r.is::<Rollup::WrongNumber>()));
    assert!(test.prove_unjoined(&sealed[1..])?.is_err_and(|r| r.is::<Rollup::WrongNumber>()));
    assert!(test.prove_unjoined(&[])?.is_err_and(|r| r.is::<Rollup::EmptyBlock>()));
    test.prove(&sealed[..3])?.map_err(|r| format!("{}", r.0))?;
    assert!(test.prove(&sealed[..3])?.is_err_and(|r| r.is::<Rollup::WrongNumber>()));
    test.prove(&sealed[3..])?.map_err(|r| format!("{}", r.0))?;
    let root = test.l1.must(bank(), test.rollup, &Rollup::stateRootCall {})?;
    assert_eq!(root.0, test.ledger.root().to_bytes());
    Ok(())
}

#[test]
fn data_in_several_transactions() -> TestResult<()> {
    let mut test = TestRollup::new(BatchClass::LARGE)?;
    // 1,100 opened accounts of ten limbs, with withdrawals behind them: three chunks.
    test.open(1..1_100)?;
    for account in 1..9 {
        test.deposit(account, 1_000 + u64::from(account))?;
    }
    assert_eq!(test.consume()?, 8);
    test.seal()?;
    test.settle()?;
    for account in 1..9 {
        test.submit(account, 0, withdraw(1_000 * u64::from(account))?)?;
    }
    test.open(1_100..1_505)?;
    test.seal()?;
    let sealed = std::mem::take(&mut test.sealed);
    let limbs = sealed[0].witness.public_data.limbs().len();
    assert!(limbs > 4_096 + 50, "{limbs} limbs");
    let batch = TestRollup::batch(&sealed[0]);
    let id = farthing_l1::batch_id(&batch);
    let parts = farthing_l1::commit_parts(&sealed[0].witness.public_data, 1);
    let rollup = test.rollup;
    let commit = |part: usize| Rollup::commitCall {
        batch: batch.clone(),
        firstLimb: parts[part].first_limb,
        part: parts[part].bytes.clone(),
    };
    // The second part first; half a chunk; then in order, the first part twice.
    let out_of_order = test.l1.call(operator(), rollup, &commit(1))?;
    assert!(out_of_order.is_err_and(|r| r.is::<Rollup::WrongPart>()));
    let mut half = commit(0);
    half.part = half.part.slice(..7 * 2_048);
    let half = test.l1.call(operator(), rollup, &half)?;
    assert!(half.is_err_and(|r| r.is::<Rollup::WrongPartLength>()));
    test.l1.must(operator(), rollup, &commit(0))?;
    test.l1.must(operator(), rollup, &commit(0))?;
    assert!(test.prove(&sealed)?.is_err_and(|r| r.is::<Rollup::NotCommitted>()));
    for part in 1..parts.len() {
        test.l1.must(operator(), rollup, &commit(part))?;
    }
    let call = Rollup::committedDigestCall { id };
    let digest = test.l1.must(bank(), rollup, &call)?;
    assert_eq!(digest.0, sealed[0].witness.statement.digest().to_bytes());
    test.prove(&sealed)?.map_err(|r| format!("{}", r.0))?;
    assert_eq!(claim_all(&mut test)?, (1..9).sum::<u64>());
    assert_eq!(restore(&test)?.0.root(), test.ledger.root());
    Ok(())
}

#[test]
fn nobody_is_paid_what_another_withdrew() -> TestResult<()> {
    let mut test = busy_rollup()?;
    let history = history(&test)?;
    let data = &history.batches()[3].public_data;
    let claims = payouts(BatchNumber::new(3)?, data)?;
    let by_owner: BTreeMap<_, _> =
        claims.iter().map(|claim| (claim.payout.owner, claim.payout.units)).collect();
    assert_eq!(by_owner.len(), 3, "two withdrawals and a forced exit");
    let honest = |i: usize| claim_call(&claims[i]);
    let rollup = test.rollup;
    let mut wrong = vec![honest(0); 6];
    wrong[0].owner = bank();
    wrong[1].units += alloy::primitives::U256::from(1);
    wrong[2].index += 1;
    wrong[3].batch = 2;
    wrong[4].chunk = 1;
    wrong[5].path = honest(1).path;
    for call in wrong {
        let answer = test.l1.call(bank(), rollup, &call)?;
        assert!(answer.is_err_and(|r| r.is::<Rollup::InvalidClaim>()), "{call:?}");
    }
    test.l1.must(bank(), rollup, &honest(0))?;
    Ok(())
}

#[test]
fn an_escape_tells_the_truth() -> TestResult<()> {
    let mut test = busy_rollup()?;
    let rollup = test.rollup;
    test.deposit(1, 1)?;
    let (restored, _dir) = restore(&test)?;
    let honest = escape_call(&restored, AccountId::from(4))?;
    let thawed = test.l1.call(bank(), rollup, &honest)?;
    assert!(thawed.is_err_and(|r| r.is::<Rollup::NotFrozen>()));
    test.pass(7 * DAY + 1);
    test.l1.must(bank(), rollup, &Rollup::freezeCall {})?;

    let mut wrong: Vec<(Rollup::escapeCall, &str)> = Vec::new();
    let mut case = |what, change: &dyn Fn(&mut Rollup::escapeCall)| {
        let mut call = honest.clone();
        change(&mut call);
        wrong.push((call, what));
    };
    case("id", &|c| c.account.id ^= 1);
    case("key", &|c| c.account.key[4] ^= 1);
    case("owner", &|c| c.account.owner = bank());
    case("balance", &|c| c.account.balance += 1);
    case("balance, reduced", &|c| c.account.balance = c.account.balance.wrapping_add(P));
    case("nonce", &|c| c.account.nonce += 1);
    case("sibling", &|c| c.account.siblings[31].0[31] ^= 1);
    case("licenses root", &|c| c.licensesRoot.0[0] ^= 1);
    for (call, what) in wrong {
        assert!(test.l1.call(bank(), rollup, &call)?.is_err(), "{what}");
    }
    test.l1.must(bank(), rollup, &honest)?;
    Ok(())
}

/// The field's modulus.
const P: u64 = 0xffff_ffff_0000_0001;
