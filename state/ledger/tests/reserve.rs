//! Full reserve, exact splits, and settlement of everything that admission accepts, over random
//! batches.

mod support;

use farthing_ledger::AdmitError;
use farthing_protocol::{
    AccountId, BatchClass, DEPOSIT_BALANCE_LIMIT, Holder, LicenseId, LicenseStatus, LicenseVersion,
    Licensee, Operation, Price, QueueOutcome,
};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use support::{DEPOSIT_MAX, TestLedger, TestResult, account, assert_exact, license, owner, update};

/// Batches in all four scenarios together.
const BATCHES: usize = 10_000;
const ACCOUNTS: u32 = 24;

/// Splits 1,000,000 shares in `parts` random parts of at least `least` each.
fn random_parts(rng: &mut ChaCha8Rng, parts: usize, least: &[u64]) -> Vec<u64> {
    let mut shares: Vec<u64> =
        (0..parts).map(|i| least.get(i).copied().unwrap_or(1).max(1)).collect();
    let mut left = 1_000_000 - shares.iter().sum::<u64>();
    for share in &mut shares {
        let more = if rng.random() { rng.random_range(0..=left) } else { 0 };
        *share += more;
        left -= more;
    }
    shares[0] += left;
    shares
}

/// Registers a license by a random account with `holders` accounts and these parents.
fn register(
    test: &mut TestLedger,
    rng: &mut ChaCha8Rng,
    holders: usize,
    parents: &[u32],
    price: u64,
) -> TestResult<u32> {
    let mut ids: Vec<u32> = (0..=ACCOUNTS).collect();
    let mut accounts: Vec<u32> = Vec::new();
    for _ in 0..holders {
        accounts.push(ids.swap_remove(rng.random_range(0..ids.len())));
    }
    accounts.sort_unstable();
    let mut least: Vec<u64> = vec![1; holders];
    least.extend(parents.iter().map(|p| u64::from(test.licenses[*p as usize].1.get())));
    let shares = random_parts(rng, holders + parents.len(), &least);
    let lines: Vec<Holder> =
        accounts.into_iter().map(account).chain(parents.iter().map(|p| license(*p))).collect();
    let lines: Vec<(Holder, u64)> = lines.into_iter().zip(shares).collect();
    let derivative = *[0, 1, 10_000, 40_000].choose(rng).unwrap_or(&0);
    let by = rng.random_range(0..=ACCOUNTS);
    test.register(by, price, derivative, &lines)
}

fn random_operation(
    test: &TestLedger,
    rng: &mut ChaCha8Rng,
    licenses: &[u32],
) -> TestResult<Operation> {
    let to = rng.random_range(0..=ACCOUNTS);
    Ok(match rng.random_range(0..10) {
        0 => TestLedger::transfer(to, *[0, 1, 999, DEPOSIT_MAX].choose(rng).unwrap_or(&0))?,
        1 => TestLedger::transfer(to, rng.random_range(0..1_000_000))?,
        2 => TestLedger::withdraw(1_000 * rng.random_range(1..500u64))?,
        3 => TestLedger::withdraw(DEPOSIT_MAX / 1_000 * 1_000)?,
        _ => {
            let license = *licenses.choose(rng).ok_or("no license")?;
            let price = test.licenses[license as usize].2.get().max(1);
            let most = (DEPOSIT_MAX / price).min(1 << 23);
            let uses = *[1, 2, rng.random_range(1..=most), most].choose(rng).unwrap_or(&1);
            test.pay(license, uses)?
        }
    })
}

/// An update of one of the licenses, with the account that registered it.
fn random_update(
    test: &TestLedger,
    rng: &mut ChaCha8Rng,
    licenses: &[u32],
) -> TestResult<(u32, Operation)> {
    let license = *licenses.choose(rng).ok_or("no license")?;
    let found = test.ledger.pending_license(LicenseId::from(license))?.ok_or("no license")?;
    let old = found.state.version;
    let price = old.price.get();
    let open = old.status == LicenseStatus::Active && old.licensee == Licensee::ANYBODY;
    // A license that was closed is open again by its next update.
    let close = if open { rng.random_range(0..8) } else { 0 };
    let licensee = if close == 1 { rng.random_range(1..=ACCOUNTS) } else { 0 };
    let version = LicenseVersion {
        price: Price::new(if price % 2 == 0 { price + 1 } else { price - 1 })?,
        status: if close == 2 { LicenseStatus::Paused } else { LicenseStatus::Active },
        licensee: Licensee::new(licensee.into())?,
        ..old
    };
    Ok((found.terms.licensor.get(), update(license, version)))
}

fn random_queue(test: &mut TestLedger, rng: &mut ChaCha8Rng) -> TestResult<()> {
    let id = rng.random_range(0..=ACCOUNTS);
    match rng.random_range(0..6) {
        0 => test.forced_exit(owner(id), id),
        1 => test.forced_exit(owner(id), rng.random_range(0..2 * ACCOUNTS)),
        2 => test.deposit(id, *[0, 1, DEPOSIT_MAX + 1, (1 << 56) - 1].choose(rng).unwrap_or(&0)),
        _ => test.deposit(id, *[999, 1_000, 5_000_000, DEPOSIT_MAX].choose(rng).unwrap_or(&0)),
    }
}

/// Random batches over `licenses`, paid by `payers`; every refusal must leave the batch provable.
fn run(
    test: &mut TestLedger,
    rng: &mut ChaCha8Rng,
    licenses: &[u32],
    payers: &[u32],
    batches: usize,
) -> TestResult<()> {
    let (mut admitted, mut refused, mut updated) = (0, 0, 0);
    for _ in 0..batches {
        if rng.random_range(0..3) == 0 {
            random_queue(test, rng)?;
        }
        // A second update of a license is refused, and so may be a payment at the price before.
        for _ in 0..rng.random_range(0..8u32).saturating_sub(5) {
            let (licensor, operation) = random_update(test, rng, licenses)?;
            let intent = test.intent(licensor, 0, operation)?;
            let signed = test.sign(intent);
            updated += usize::from(test.submit(&signed)?.is_ok());
        }
        for _ in 0..rng.random_range(1..12) {
            let payer = *payers.choose(rng).ok_or("no payer")?;
            let operation = random_operation(test, rng, licenses)?;
            let fee = *[0, 1, (1 << 32) - 1].choose(rng).unwrap_or(&0);
            let intent = test.intent(payer, fee, operation)?;
            let signed = test.sign(intent);
            match test.submit(&signed)? {
                Ok(_) => admitted += 1,
                Err(_) => refused += 1,
            }
        }
        test.now += rng.random_range(0..3);
        test.seal()?;
        for sealed in std::mem::take(&mut test.sealed) {
            assert_exact(&sealed.witness);
            assert_eq!(sealed.counts.exceeds(&BatchClass::TINY.capacity), None);
            assert!(sealed.witness.public_data.limbs().len() <= sealed.counts.limbs as usize);
            let nodes = sealed.witness.account_nodes.len() + sealed.witness.license_nodes.len();
            assert_eq!(nodes, sealed.counts.nodes as usize);
        }
        for (id, known) in (0..).map(LicenseId::from).zip(&mut test.licenses) {
            let version = test.ledger.license(id)?.ok_or("no license")?.state.version;
            (known.1, known.2) = (version.derivative_shares, version.price);
        }
        test.assert_full_reserve()?;
    }
    assert!(admitted > batches && refused > 0, "{admitted} admitted, {refused} refused");
    assert!(updated > batches / 8, "{updated} updates");
    assert_eq!(test.ledger.compute_root()?, test.ledger.root());
    Ok(())
}

fn all_accounts() -> Vec<u32> {
    (0..=ACCOUNTS).collect()
}

#[test]
fn many_holders_and_accounts_that_pay_themselves() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut test = TestLedger::funded(BatchClass::TINY, ACCOUNTS, 50_000_000)?;
    for price in [0, 1, 3, 1_000_000, (1 << 40) - 1] {
        for holders in [1, 2, 16] {
            register(&mut test, &mut rng, holders, &[], price)?;
        }
    }
    let licenses: Vec<u32> = (0..test.licenses.len() as u32).collect();
    run(&mut test, &mut rng, &licenses, &all_accounts(), BATCHES / 4)
}

#[test]
fn a_chain_of_sixteen_derivatives() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut test = TestLedger::funded(BatchClass::TINY, ACCOUNTS, 50_000_000)?;
    let mut last = register(&mut test, &mut rng, 2, &[], 7)?;
    for price in 0..16 {
        last = register(&mut test, &mut rng, 2, &[last], price)?;
    }
    assert_eq!(test.licenses[last as usize].0.get(), 17);
    run(&mut test, &mut rng, &[0, 5, last], &all_accounts(), BATCHES / 4)
}

#[test]
fn diamond_ancestry() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut test = TestLedger::funded(BatchClass::TINY, ACCOUNTS, 50_000_000)?;
    let mut top = register(&mut test, &mut rng, 3, &[], 11)?;
    for _ in 0..3 {
        let left = register(&mut test, &mut rng, 1, &[top], 1)?;
        let right = register(&mut test, &mut rng, 2, &[top], 1_001)?;
        top = register(&mut test, &mut rng, 3, &[left, right], 999_999)?;
    }
    let licenses: Vec<u32> = (0..test.licenses.len() as u32).collect();
    run(&mut test, &mut rng, &licenses, &all_accounts(), BATCHES / 4)
}

#[test]
fn one_payer_and_one_license_for_all() -> TestResult<()> {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut test = TestLedger::funded(BatchClass::TINY, ACCOUNTS, 50_000_000)?;
    let only = register(&mut test, &mut rng, 7, &[], 13)?;
    run(&mut test, &mut rng, &[only], &[1], BATCHES / 8)?;
    run(&mut test, &mut rng, &[only], &all_accounts(), BATCHES / 8)
}

/// Deposits the largest amount to `account` until it holds 2⁶¹.
fn fill(test: &mut TestLedger, account: u32) -> TestResult<()> {
    while test.balance(account)? < DEPOSIT_BALANCE_LIMIT {
        for _ in 0..BatchClass::LARGE.capacity.queue_entries {
            test.deposit(account, DEPOSIT_MAX)?;
        }
        test.seal()?;
    }
    Ok(())
}

#[test]
fn full_accounts_refuse_deposits_and_nothing_overflows() -> TestResult<()> {
    let mut test = TestLedger::funded(BatchClass::LARGE, 2, 0)?;
    fill(&mut test, 1)?;
    test.sealed.clear();
    test.deposit(1, 5)?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    let refused = QueueOutcome::RefusedByBalance(AccountId::from(1));
    assert_eq!(sealed.witness.queue[0].1, refused);

    // 2⁶² in two accounts: no account can be credited any more, but every account can exit.
    fill(&mut test, 2)?;
    let intent = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
    let transfer = test.sign(intent);
    let answer = test.submit(&transfer)?;
    assert!(matches!(answer, Err(AdmitError::SupplyLimit { .. })), "{answer:?}");
    let intent = test.intent(1, 1, TestLedger::withdraw(1_000)?)?;
    let with_fee = test.sign(intent);
    assert!(matches!(test.submit(&with_fee)?, Err(AdmitError::SupplyLimit { .. })));
    let intent = test.intent(1, 0, TestLedger::withdraw(1_000)?)?;
    let without_fee = test.sign(intent);
    test.submit(&without_fee)??;
    test.forced_exit(owner(2), 2)?;
    let sealed = test.seal()?.ok_or("nothing sealed")?;
    assert_exact(&sealed.witness);
    assert!(test.balance(2)? < 1_000);
    test.assert_full_reserve()?;

    let intent = test.intent(1, 0, TestLedger::transfer(2, 1)?)?;
    let transfer = test.sign(intent);
    test.submit(&transfer)??;
    test.seal()?;
    test.assert_full_reserve()
}
