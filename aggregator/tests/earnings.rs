//! Earnings: the sources of what a license received sum to it, and the movements of an account to the
//! change of its balance, to the last nano-unit.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use farthing_aggregator::{
    AccountEarningsLine, Aggregator, Clock, Components, EarningsRange, MovementKind, Period,
};
use farthing_protocol::{
    AccountId, BatchClass, Fee, ForcedExit, Intent, LicenseId, Nonce, Operation, QueueEntry,
    QueueIndex, UnixTime,
};
use support::*;

const ACCOUNTS: u32 = 5;
const START: u64 = 1_900_000_000;
const DAY: u64 = 86_400;

/// A clock that the test sets.
#[derive(Debug, Default)]
struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::new(START + self.0.load(Ordering::SeqCst)).unwrap_or(UnixTime::MAX)
    }
}

struct Books {
    node: Aggregator,
    clock: Arc<TestClock>,
    nonce: u64,
    _dir: tempfile::TempDir,
}

impl Books {
    async fn new() -> TestResult<Self> {
        let (dir, clock) = (tempfile::tempdir()?, Arc::new(TestClock::default()));
        let config = config(dir.path(), BatchClass::TINY);
        let parts = Components { clock: Arc::clone(&clock) as _, ..Components::default() };
        let node = Aggregator::start(config, parts)?;
        fund(&node, ACCOUNTS, 0).await?;
        Ok(Self { node, clock, nonce: 0, _dir: dir })
    }

    /// Submits an operation of an account with a fee of `fee` nano-units.
    async fn submit(&mut self, account: u32, fee: u64, operation: Operation) -> TestResult<()> {
        self.nonce += 1;
        let intent = Intent {
            account: AccountId::from(account),
            nonce: Nonce::new(self.nonce)?,
            fee: Fee::new(fee)?,
            valid_until: UnixTime::MAX,
            operation: address(&self.node, operation).await?,
        };
        self.node.submit(vec![intent.sign(&key(account), &domain())]).await?.remove(0)?;
        Ok(())
    }

    async fn seal(&self) -> TestResult<()> {
        let batch = self.node.seal().await?.ok_or("a batch")?;
        self.node.progress().wait_for(|progress| progress.indexed > batch).await?;
        Ok(())
    }

    /// Batch 0 registers license 0 of accounts 1 and 2, and license 1, derived from it, of accounts 1
    /// and 3. Batch 1 has a payment of each license, a transfer, a withdrawal and a deposit. Batch 2, a
    /// day later, has a payment and the forced exit of account 2.
    async fn run(&mut self) -> TestResult<()> {
        let root = [(holder(1), 333_333), (holder(2), 666_667)];
        let derived = [(holder(1), 100_001), (holder(3), 649_999), (parent(0), 250_000)];
        for (account, holders, lineage) in [(1, &root[..], 1), (3, &derived[..], 2)] {
            let operation = farthing_testkit::register(PRICE, 250_000, lineage, holders)?;
            self.submit(account, 3, operation).await?;
        }
        self.seal().await?;
        self.submit(4, 2, farthing_testkit::pay(0, 11, PRICE)?).await?;
        self.submit(4, 0, farthing_testkit::pay(1, 13, PRICE)?).await?;
        self.submit(4, 0, farthing_testkit::pay(1, 4, PRICE)?).await?;
        self.submit(5, 1, farthing_testkit::pay(1, 1, PRICE)?).await?;
        self.submit(2, 1, farthing_testkit::transfer(1, 999)?).await?;
        self.submit(1, 0, farthing_testkit::withdraw(5_000)?).await?;
        let queue = QueueIndex::new(ACCOUNTS.into())?;
        let next = self.node.consume_queue(queue, vec![deposit(3, 77)?]).await?;
        self.seal().await?;
        self.clock.0.store(DAY, Ordering::SeqCst);
        self.submit(5, 1, farthing_testkit::pay(0, 3, PRICE)?).await?;
        self.submit(2, 0, farthing_testkit::transfer(2, 5)?).await?;
        let exit = ForcedExit { requester: owner(2), account: AccountId::from(2) };
        self.node.consume_queue(next, vec![QueueEntry::ForcedExit(exit)]).await?;
        self.seal().await
    }

    async fn of_account(&self, id: u32) -> TestResult<Vec<AccountEarningsLine>> {
        let page = self.node.account_earnings(AccountId::from(id), EarningsRange::ALL).await?;
        assert_eq!((page.next, page.not_kept), (None, vec![]));
        Ok(page.lines)
    }
}

#[tokio::test]
async fn movements_sum_to_the_change_of_each_balance() -> TestResult<()> {
    let mut books = Books::new().await?;
    books.run().await?;
    for id in 0..=ACCOUNTS {
        let mut balance = 0;
        for line in books.of_account(id).await? {
            let entries = &line.movements;
            assert_eq!(entries.before.get(), balance, "account {id} has no gap");
            let signed = entries.movements.iter().map(|(kind, amount)| {
                let amount = i128::from(amount.get());
                if kind.is_credit() { amount } else { -amount }
            });
            let change = i128::from(entries.after.get()) - i128::from(entries.before.get());
            assert_eq!(signed.sum::<i128>(), change, "account {id}, batch {}", line.batch);
            balance = entries.after.get();
        }
        let account = books.node.account(AccountId::from(id)).await?.ok_or("open")?;
        assert_eq!(account.settled.ok_or("settled")?.balance.get(), balance, "account {id}");
    }
    let exit = books.of_account(2).await?.pop().ok_or("a line")?;
    assert_eq!(exit.movements.after.get(), exit.movements.after.sub_unit().get());
    let kinds: Vec<_> = exit.movements.movements.iter().map(|(kind, _)| *kind).collect();
    let (me, root) = (AccountId::from(2), LicenseId::from(0));
    let expected = [
        MovementKind::Royalty(root),
        MovementKind::TransferIn(me),
        MovementKind::TransferOut(me),
        MovementKind::Withdrawal,
    ];
    assert_eq!(kinds, expected);
    books.node.stop().await;
    Ok(())
}

#[tokio::test]
async fn sources_sum_to_what_a_license_received() -> TestResult<()> {
    let mut books = Books::new().await?;
    books.run().await?;
    for id in [0, 1] {
        let page = books.node.license_earnings(LicenseId::from(id), EarningsRange::ALL).await?;
        for line in &page.lines {
            let payers = line.sources.payers.iter().map(|payer| payer.amount.get());
            let derivatives = line.sources.derivatives.iter().map(|(_, part)| part.get());
            let sum = payers.chain(derivatives).sum::<u64>();
            assert_eq!(sum, line.split.received.get(), "license {id}, batch {}", line.batch);
        }
    }
    let page = books.node.license_earnings(LicenseId::from(1), EarningsRange::ALL).await?;
    let paid = &page.lines.get(1).ok_or("batch 1")?.sources;
    let payers: Vec<_> = paid
        .payers
        .iter()
        .map(|one| (one.payer.get(), one.payments, one.uses, one.amount.get()))
        .collect();
    assert_eq!(payers, [(4, 2, 17, 17 * PRICE), (5, 1, 1, PRICE)]);
    let line = books.of_account(3).await?.pop().ok_or("a line")?;
    let (source, part) = (line.royalties[&LicenseId::from(1)], line.movements.movements[0].1);
    assert_eq!((source.received.get(), source.shares.get()), (18 * PRICE, 649_999));
    assert_eq!(part.get(), 18 * PRICE * 649_999 / 1_000_000);
    books.node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_period_has_the_batches_of_its_time() -> TestResult<()> {
    let mut books = Books::new().await?;
    books.run().await?;
    let batches = async |from: Option<u64>, to: Option<u64>, limit| -> TestResult<Vec<u64>> {
        let time = |time: Option<u64>| time.map(|time| UnixTime::new(START + time)).transpose();
        let period = Period { from: time(from)?, to: time(to)? };
        let range = EarningsRange { period, limit, ..EarningsRange::ALL };
        let page = books.node.license_earnings(LicenseId::from(0), range).await?;
        Ok(page.lines.iter().map(|line| line.batch.get()).collect())
    };
    assert_eq!(batches(None, None, 10).await?, [0, 1, 2]);
    assert_eq!(batches(None, None, 2).await?, [0, 1]);
    assert_eq!(batches(Some(1), None, 10).await?, [2]);
    assert_eq!(batches(Some(DAY), None, 10).await?, [2]);
    assert_eq!(batches(Some(DAY + 1), None, 10).await?, Vec::<u64>::new());
    assert_eq!(batches(None, Some(DAY), 10).await?, [0, 1]);
    assert_eq!(batches(Some(0), Some(DAY + 1), 10).await?, [0, 1, 2]);
    let range = EarningsRange { limit: 2, ..EarningsRange::ALL };
    let page = books.node.account_earnings(AccountId::from(1), range).await?;
    assert_eq!(page.next.map(|batch| batch.get()), Some(2));
    books.node.stop().await;
    Ok(())
}
