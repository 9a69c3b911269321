//! Consecutive batches that a ledger sealed, with something of everything in them.

use tempfile::TempDir;

use farthing_ledger::{Checked, Durability, Genesis, Ledger};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchClass, BatchWitness, Bytes32, Deposit,
    Domain, Fee, Holder, HolderShares, Intent, LicenseId, Lineage, Nonce, Operation, Pay, Price,
    QueueEntry, RegisterLicense, SecretKey, ShareTable, Shares, ShortDigest, Transfer, UnixTime,
    Uses, Withdraw,
};

/// A deposit of each person.
const DEPOSIT_NANO: u64 = 50_000_000;
/// Price of a use of the license.
const PRICE_NANO: u64 = 1_000;
/// Accounts that are opened by deposits: of person i, account i.
const PEOPLE: u8 = 3;

/// A ledger with batches to come.
pub(crate) struct TestLedger {
    ledger: Ledger,
    time: u64,
    nonce: u64,
    sealed: u64,
    folder: TempDir,
}

impl TestLedger {
    /// The chain of a deployment.
    pub(crate) fn new(chain_id: u64) -> Self {
        let folder = TempDir::new().expect("a folder");
        let domain = Domain { chain_id, contract: Address([0xfa; 20]) };
        let genesis = Genesis { domain, operator: identity(0) };
        let ledger = Ledger::create(folder.path(), genesis, BatchClass::TINY, Durability::Buffered);
        let ledger = ledger.expect("a ledger");
        Self { ledger, time: 1_800_000_000, nonce: 0, sealed: 0, folder }
    }

    /// The same chain, its batches of a class from now on.
    pub(crate) fn of_class(self, class: BatchClass) -> Self {
        let Self { ledger, time, nonce, sealed, folder } = self;
        drop(ledger);
        let ledger = Ledger::open(folder.path(), class, Durability::Buffered).expect("the ledger");
        Self { ledger, time, nonce, sealed, folder }
    }

    /// The next batches.
    pub(crate) fn batches(&mut self, count: usize) -> Vec<BatchWitness> {
        (0..count).map(|_| self.batch()).collect()
    }

    /// The next batch: the first has deposits and a registration, each fourth nothing, the others
    /// payments, transfers and withdrawals.
    pub(crate) fn batch(&mut self) -> BatchWitness {
        match self.sealed {
            0 => {
                (1..=PEOPLE).for_each(|i| self.deposit(i));
                self.admit(1, registration());
            }
            n if n % 4 == 3 => {}
            n => {
                let payer = 2 + (n % 2) as u8;
                self.admit(payer, pay(n));
                self.admit(1, transfer(payer, 17 * n));
                self.admit(3, withdrawal(1_000 * n));
            }
        }
        self.sealed += 1;
        self.time += 10;
        self.ledger.seal_always(self.now()).expect("what is admitted settles").witness
    }

    fn now(&self) -> UnixTime {
        UnixTime::new(self.time).expect("a time")
    }

    fn deposit(&mut self, i: u8) {
        let identity = identity(i);
        let deposit = Deposit::new(identity.owner, identity.key.to_words(), DEPOSIT_NANO);
        let entry = QueueEntry::Deposit(deposit.expect("an L1 amount"));
        let index = self.ledger.queue_next();
        let consumed = self.ledger.consume(self.now(), index, &[entry]);
        assert_eq!(consumed.expect("the store works").0, 1);
    }

    fn admit(&mut self, i: u8, mut operation: Operation) {
        assert!(self.ledger.address(&mut operation).expect("the store works"));
        self.nonce += 1;
        let intent = Intent {
            account: AccountId::from(u32::from(i)),
            nonce: Nonce::new(self.nonce).expect("a nonce"),
            fee: Fee::new(3).expect("a fee"),
            valid_until: UnixTime::new(self.time + 60).expect("a time"),
            operation,
        };
        let signed = intent.sign(&secret(i), &self.ledger.domain_digest());
        let checked = self.ledger.check(&[signed]).expect("the store works").pop();
        let Some(Ok(Checked::Fresh(checked))) = checked else { panic!("signed by its account") };
        let answers = self.ledger.admit(self.now(), &[checked]).expect("the store works");
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
}

fn secret(i: u8) -> SecretKey {
    SecretKey::from_seed(&[i; 32])
}

fn identity(i: u8) -> AccountIdentity {
    AccountIdentity { key: *secret(i).public_key(), owner: Address([i; 20]) }
}

fn registration() -> Operation {
    let line = |account: u32, shares| HolderShares {
        holder: Holder::Account(AccountId::from(account)),
        shares: Shares::new(shares).expect("shares"),
    };
    let lines = vec![line(1, 333_333), line(2, 666_667)];
    Operation::RegisterLicense(RegisterLicense {
        price: Price::new(PRICE_NANO).expect("a price"),
        derivative_shares: Shares::new(100_000).expect("shares"),
        lineage: Lineage::new(1).expect("a lineage"),
        provenance: Bytes32([5; 32]),
        shares: ShareTable::new(lines).expect("a share table"),
        recipient: ShortDigest::default(),
    })
}

fn pay(uses: u64) -> Operation {
    Operation::Pay(Pay {
        license: LicenseId::from(0),
        uses: Uses::new(uses).expect("uses"),
        amount: Amount::new(uses * PRICE_NANO).expect("an amount"),
        recipient: ShortDigest::default(),
        memo: Bytes32([7; 32]),
    })
}

fn transfer(to: u8, amount: u64) -> Operation {
    let amount = Amount::new(amount).expect("an amount");
    let (to, recipient) = (AccountId::from(u32::from(to)), ShortDigest::default());
    Operation::Transfer(Transfer { to, amount, recipient, memo: Bytes32([9; 32]) })
}

fn withdrawal(amount: u64) -> Operation {
    let amount = Amount::new(amount).expect("an amount");
    Operation::Withdraw(Withdraw::new(amount, Bytes32([1; 32])).expect("whole units"))
}
