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
    DAY, Outcome, World, account, bank, license, operator, owner, pay, register, withdraw,
};

const ACCOUNTS: u32 = 200;
/// Less than a class of 1k takes of queue entries in one batch.
const DEPOSITS_PER_BATCH: u32 = 100;
const UNITS: u64 = 5_000_003;

/// Two hundred accounts with money, two licenses, payments whose parts are no whole units.
fn busy_world() -> Outcome<World> {
    let mut world = World::new(BatchClass::SMALL)?;
    for from in (1..ACCOUNTS).step_by(DEPOSITS_PER_BATCH as usize) {
        let to = (from + DEPOSITS_PER_BATCH).min(ACCOUNTS);
        world.open(from..to)?;
        for account in from..to {
            world.deposit(account, UNITS + u64::from(account))?;
        }
        assert_eq!(world.consume()?, (to - from) as usize);
        world.seal()?;
    }
    world.settle()?;
    world.pass(60);
    world.submit(
        1,
        1,
        register(997, 50_000, 1, &[(account(2), 333_333), (account(3), 666_667)])?,
    )?;
    let lines = [(account(4), 900_000), (account(5), 50_000), (license(0), 50_000)];
    world.submit(6, 1, register(11, 0, 2, &lines)?)?;
    world.seal()?;
    for payer in 10..80 {
        let (which, price) = if payer % 2 == 0 { (0, 997) } else { (1, 11) };
        world.submit(payer, u64::from(payer), pay(which, u64::from(payer) * 7, price)?)?;
    }
    world.submit(7, 3, withdraw(1_234_000)?)?;
    world.submit(8, 3, withdraw(1_000)?)?;
    world.chain.must(
        Address::from(owner(9).0),
        world.rollup,
        &Rollup::requestForcedExitCall { account: 9 },
    )?;
    // Account 11 is not his.
    world.chain.must(
        Address::from(owner(9).0),
        world.rollup,
        &Rollup::requestForcedExitCall { account: 11 },
    )?;
    assert_eq!(world.consume()?, 2);
    world.pass(10);
    world.seal()?;
    world.settle()?;
    Ok(world)
}

/// Everything that L1 owes, in nano, if the ledger is right.
fn owed(world: &World) -> Outcome<u128> {
    let reserve = world.ledger.reserve()?;
    Ok(reserve.balances + reserve.vaults)
}

fn claim_call(claim: &Claim) -> Rollup::claimCall {
    let IRollup::Claim { batch, chunk, index, owner, units, path } = claim.into();
    Rollup::claimCall { batch, chunk, index, owner, units, path }
}

fn claim_all(world: &mut World) -> Outcome<u64> {
    let history = history(world)?;
    let mut paid = 0;
    for (number, batch) in (0u64..).zip(history.batches()) {
        for claim in payouts(BatchNumber::new(number)?, &batch.public_data)? {
            let call = claim_call(&claim);
            let before = world.token_balance(call.owner)?;
            world.chain.must(bank(), world.rollup, &call)?;
            let got = world.token_balance(call.owner)? - before;
            assert_eq!(got, claim.payout.units.get());
            paid += got;
            let again = world.chain.call(bank(), world.rollup, &call)?;
            assert!(again.is_err_and(|reverted| reverted.is::<Rollup::AlreadyPaid>()));
        }
    }
    Ok(paid)
}

fn history(world: &World) -> Outcome<History> {
    let mut history = History::new(world.domain);
    for log in world.chain.logs.iter().filter(|log| log.address == world.rollup) {
        history.take(log)?;
    }
    Ok(history)
}

/// The state from logs alone: of the world nothing is used but them and its address.
fn restore(world: &World) -> Outcome<(Ledger, tempfile::TempDir)> {
    let dir = tempfile::tempdir()?;
    let mut history = history(world)?;
    let operator = history.genesis().ok_or("no log of the deployment")?;
    let genesis = Genesis { domain: world.genesis.domain, operator };
    assert_eq!(genesis, world.genesis);
    let batches = history.take_batches();
    let batches = batches.into_iter().map(|batch| (batch.statement, batch.public_data));
    Ok((Ledger::restore(dir.path(), genesis, world.class, batches)?, dir))
}

/// The deployment's log comes once, before all that tells of batches.
#[test]
fn a_rollup_has_one_genesis() -> Outcome<()> {
    let world = busy_world()?;
    let mut history = history(&world)?;
    let is_genesis =
        |log: &&alloy::primitives::Log| log.topics()[0] == Rollup::Genesis::SIGNATURE_HASH;
    let first = world.chain.logs.iter().find(is_genesis).ok_or("no log of the deployment")?;
    let again = history.take(first);
    assert!(matches!(again, Err(HistoryError::Genesis { batches: 4 })), "{again:?}");
    let mut fresh = History::new(world.domain);
    assert_eq!(fresh.genesis(), None);
    fresh.take(first)?;
    assert_eq!(fresh.genesis(), Some(support::identity(0)));
    let again = fresh.take(first);
    assert!(matches!(again, Err(HistoryError::Genesis { batches: 0 })), "{again:?}");
    Ok(())
}

fn siblings(path: farthing_ledger::MerklePath) -> Outcome<[Digest; TREE_DEPTH]> {
    path.siblings.try_into().map_err(|_| "32 siblings".into())
}

fn licenses_root(ledger: &Ledger) -> Outcome<Digest> {
    let first = LicenseId::from(0);
    match ledger.license(first)? {
        Some(license) => Ok(ledger.license_path(first)?.root(&license.leaf())),
        None => Ok(empty_subtree(TREE_DEPTH as u8)),
    }
}

/// The `escape` of an account.
fn escape_call(ledger: &Ledger, id: AccountId) -> Outcome<Rollup::escapeCall> {
    let state = ledger.account(id)?.ok_or("no account")?;
    Ok(Rollup::escapeCall {
        account: account_proof(id, &state, &siblings(ledger.account_path(id)?)?),
        licensesRoot: B256::from(licenses_root(ledger)?.to_bytes()),
    })
}

#[test]
fn everybody_leaves_when_the_operator_is_gone() -> Outcome<()> {
    let mut world = busy_world()?;
    let supply: u64 = (1..ACCOUNTS).map(|account| UNITS + u64::from(account)).sum();
    assert_eq!(world.token_balance(world.rollup)?, supply);

    // A deposit that nobody consumes any more, and a batch that is committed and never proven.
    world.deposit(5, 77_777)?;
    world.submit(20, 0, withdraw(5_000)?)?;
    world.pass(60);
    let owed_in_state = owed(&world)?;
    world.seal()?;
    let unproven = world.sealed.remove(0);
    world.commit(&unproven, 4)?;

    world.pass(7 * DAY - 120);
    let rollup = world.rollup;
    let early = world.chain.call(bank(), rollup, &Rollup::freezeCall {})?;
    assert!(early.is_err_and(|reverted| reverted.is::<Rollup::DeadlineNotPassed>()));
    world.pass(121);
    world.chain.must(bank(), rollup, &Rollup::freezeCall {})?;
    let late = world.prove(&[unproven])?;
    assert!(late.is_err_and(|reverted| reverted.is::<Rollup::IsFrozen>()));

    let (restored, _dir) = restore(&world)?;
    let mut escaped = 0u64;
    let mut dust = 0u128;
    for id in (0..ACCOUNTS).map(AccountId::from) {
        let call = escape_call(&restored, id)?;
        let nano = restored.account(id)?.ok_or("no account")?.state.balance.get();
        let before = world.token_balance(Address::from(owner(id.get()).0))?;
        world.chain.must(bank(), rollup, &call)?;
        let units = world.token_balance(Address::from(owner(id.get()).0))? - before;
        assert_eq!(units, nano / NANO_PER_BASE_UNIT, "account {id}");
        dust += u128::from(nano % NANO_PER_BASE_UNIT);
        escaped += units;
        let again = world.chain.call(bank(), rollup, &call)?;
        assert!(again.is_err_and(|reverted| reverted.is::<Rollup::AlreadyPaid>()));
    }
    let claimed = claim_all(&mut world)?;
    assert!(claimed > 5_000_000, "the forced exit alone is more: {claimed}");

    let identity = support::identity(5);
    let refund = Rollup::refundCall {
        index: 201,
        owner: Address::from(identity.owner.0),
        key: identity.key.to_words(),
        nano: 77_777_000,
    };
    world.chain.must(bank(), rollup, &refund)?;
    let again = world.chain.call(bank(), rollup, &refund)?;
    assert!(again.is_err_and(|reverted| reverted.is::<Rollup::AlreadyPaid>()));

    // The sum is the escrow, down to what is less than a base unit.
    let left = world.token_balance(rollup)?;
    assert_eq!(left + escaped + claimed + 77_777, supply + 77_777);
    let vaults: u128 = restored.reserve()?.vaults;
    assert_eq!(u128::from(left) * 1_000, dust + vaults);
    assert!(vaults < 2 * 16, "a vault holds less than 16 nano, and stays: {vaults}");
    assert_eq!(owed_in_state, restored.reserve()?.balances + vaults);
    Ok(())
}

#[test]
fn history_is_the_ledgers() -> Outcome<()> {
    let world = busy_world()?;
    let (restored, _dir) = restore(&world)?;
    assert_eq!(restored.root(), world.ledger.root());
    assert_eq!(restored.reserve()?, world.ledger.reserve()?);
    assert_eq!(restored.queue_next(), world.ledger.queue_next());
    Ok(())
}

#[test]
fn a_block_is_what_it_is() -> Outcome<()> {
    let mut world = busy_world()?;
    for uses in 1..=5 {
        world.submit(30, 0, pay(0, uses, 997)?)?;
        world.pass(1);
        world.seal()?;
    }
    let sealed = std::mem::take(&mut world.sealed);
    for batch in &sealed {
        world.commit(batch, 4)?;
    }
    // Five batches at once, but not four of them, nor from the second on, nor in another order.
    let gap = [&sealed[..1], &sealed[2..]].concat();
    assert!(world.prove_unjoined(&gap)?.is_err_and(|r| r.is::<Rollup::WrongNumber>()));
    assert!(world.prove_unjoined(&sealed[1..])?.is_err_and(|r| r.is::<Rollup::WrongNumber>()));
    assert!(world.prove_unjoined(&[])?.is_err_and(|r| r.is::<Rollup::EmptyBlock>()));
    world.prove(&sealed[..3])?.map_err(|r| format!("{}", r.0))?;
    assert!(world.prove(&sealed[..3])?.is_err_and(|r| r.is::<Rollup::WrongNumber>()));
    world.prove(&sealed[3..])?.map_err(|r| format!("{}", r.0))?;
    let root = world.chain.must(bank(), world.rollup, &Rollup::stateRootCall {})?;
    assert_eq!(root.0, world.ledger.root().to_bytes());
    Ok(())
}

#[test]
fn data_in_several_transactions() -> Outcome<()> {
    let mut world = World::new(BatchClass::LARGE)?;
    // 1,100 opened accounts of ten limbs, with withdrawals behind them: three chunks.
    world.open(1..1_100)?;
    for account in 1..9 {
        world.deposit(account, 1_000 + u64::from(account))?;
    }
    assert_eq!(world.consume()?, 8);
    world.seal()?;
    world.settle()?;
    for account in 1..9 {
        world.submit(account, 0, withdraw(1_000 * u64::from(account))?)?;
    }
    world.open(1_100..1_505)?;
    world.seal()?;
    let sealed = std::mem::take(&mut world.sealed);
    let limbs = sealed[0].witness.public_data.limbs().len();
    assert!(limbs > 4_096 + 50, "{limbs} limbs");
    let batch = World::batch(&sealed[0]);
    let id = farthing_l1::batch_id(&batch);
    let parts = farthing_l1::commit_parts(&sealed[0].witness.public_data, 1);
    let rollup = world.rollup;
    let commit = |part: usize| Rollup::commitCall {
        batch: batch.clone(),
        firstLimb: parts[part].first_limb,
        part: parts[part].bytes.clone(),
    };
    // The second part first; half a chunk; then in order, the first part twice.
    let out_of_order = world.chain.call(operator(), rollup, &commit(1))?;
    assert!(out_of_order.is_err_and(|r| r.is::<Rollup::WrongPart>()));
    let mut half = commit(0);
    half.part = half.part.slice(..7 * 2_048);
    let half = world.chain.call(operator(), rollup, &half)?;
    assert!(half.is_err_and(|r| r.is::<Rollup::WrongPartLength>()));
    world.chain.must(operator(), rollup, &commit(0))?;
    world.chain.must(operator(), rollup, &commit(0))?;
    assert!(world.prove(&sealed)?.is_err_and(|r| r.is::<Rollup::NotCommitted>()));
    for part in 1..parts.len() {
        world.chain.must(operator(), rollup, &commit(part))?;
    }
    let call = Rollup::committedDigestCall { id };
    let digest = world.chain.must(bank(), rollup, &call)?;
    assert_eq!(digest.0, sealed[0].witness.statement.digest().to_bytes());
    world.prove(&sealed)?.map_err(|r| format!("{}", r.0))?;
    assert_eq!(claim_all(&mut world)?, (1..9).sum::<u64>());
    assert_eq!(restore(&world)?.0.root(), world.ledger.root());
    Ok(())
}

#[test]
fn nobody_is_paid_what_another_withdrew() -> Outcome<()> {
    let mut world = busy_world()?;
    let history = history(&world)?;
    let data = &history.batches()[3].public_data;
    let claims = payouts(BatchNumber::new(3)?, data)?;
    let by_owner: BTreeMap<_, _> =
        claims.iter().map(|claim| (claim.payout.owner, claim.payout.units)).collect();
    assert_eq!(by_owner.len(), 3, "two withdrawals and a forced exit");
    let honest = |i: usize| claim_call(&claims[i]);
    let rollup = world.rollup;
    let mut wrong = vec![honest(0); 6];
    wrong[0].owner = bank();
    wrong[1].units += alloy::primitives::U256::from(1);
    wrong[2].index += 1;
    wrong[3].batch = 2;
    wrong[4].chunk = 1;
    wrong[5].path = honest(1).path;
    for call in wrong {
        let answer = world.chain.call(bank(), rollup, &call)?;
        assert!(answer.is_err_and(|r| r.is::<Rollup::InvalidClaim>()), "{call:?}");
    }
    world.chain.must(bank(), rollup, &honest(0))?;
    Ok(())
}

#[test]
fn an_escape_tells_the_truth() -> Outcome<()> {
    let mut world = busy_world()?;
    let rollup = world.rollup;
    world.deposit(1, 1)?;
    let (restored, _dir) = restore(&world)?;
    let honest = escape_call(&restored, AccountId::from(4))?;
    let thawed = world.chain.call(bank(), rollup, &honest)?;
    assert!(thawed.is_err_and(|r| r.is::<Rollup::NotFrozen>()));
    world.pass(7 * DAY + 1);
    world.chain.must(bank(), rollup, &Rollup::freezeCall {})?;

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
        assert!(world.chain.call(bank(), rollup, &call)?.is_err(), "{what}");
    }
    world.chain.must(bank(), rollup, &honest)?;
    Ok(())
}

/// The field's modulus.
const P: u64 = 0xffff_ffff_0000_0001;
