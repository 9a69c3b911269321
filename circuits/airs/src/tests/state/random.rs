//! Random batches: the circuits accept all that the ledger seals, with the ledger's statement; and
//! a ledger rebuilt from public data alone has the roots that the proofs speak of.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_ledger::Ledger;
use farthing_protocol::{
    AccountId, BatchClass, BatchStatement, BatchWitness, Deposit, Digest, ForcedExit, Holder,
    Operation, PublicData, QueueEntry,
};
use tempfile::TempDir;

use super::honest::{assert_checks, assert_proves};
use super::test_ledger::{
    TestLedger, account_holder, deposit, exit, owner, parent, pay, register, transfer, withdraw,
};

/// Batches checked; the first of each history with a fresh ledger.
const BATCHES: usize = 600;
/// One batch of this many is proven and its proof verified; with `FARTHING_FULL` each.
const PROVEN_EVERY: usize = 29;
const PROVEN_MIN: usize = 20;
const _: () = assert!(BATCHES / PROVEN_EVERY >= PROVEN_MIN);
const BATCHES_PER_HISTORY: usize = 12;
const PEOPLE: u8 = 14;
/// Signs for accounts that have no key: the ledger refuses it.
const NOBODY: u8 = 99;

/// A license as its derivatives must know it.
struct KnownLicense {
    price: u64,
    derivative: u32,
    lineage: u32,
}

struct Walk {
    rng: ChaCha8Rng,
    world: TestLedger,
    /// The person of each account.
    people: Vec<u8>,
    licenses: Vec<KnownLicense>,
}

impl Walk {
    fn new(seed: u64, class: BatchClass) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let mut world = TestLedger::of_class(class);
        world.scramble_nonces(7);
        Self { rng, world, people: vec![0], licenses: Vec::new() }
    }

    /// An account and who signs for it.
    fn account(&mut self) -> (u32, u8) {
        let id = self.rng.random_range(0..self.people.len());
        (id as u32, self.people[id])
    }

    fn amount(&mut self) -> u64 {
        let bits = self.rng.random_range(0..=46);
        match self.rng.random_range(0..6) {
            0 => (1 << bits) - 1,
            1 => 1_000 * self.rng.random_range(1..50),
            _ => self.rng.random_range(0..1 << bits.max(1)),
        }
    }

    fn step(&mut self) {
        match self.rng.random_range(0..18) {
            0 | 1 => self.deposit(),
            2 => self.exit(),
            3 => self.open(),
            4 => self.register(),
            5 => self.transfer(),
            6 => self.withdraw(),
            7 => self.odd_entry(),
            8 => self.skip_nonces(),
            _ => self.pay(),
        }
    }

    fn deposit(&mut self) {
        let person = self.rng.random_range(0..PEOPLE);
        let over = self.rng.random_range(0..5) == 0;
        let amount = if over { self.rng.random_range(1 << 46..1 << 56) } else { self.amount() };
        let amount = if amount == 1 << 46 { amount - 1 } else { amount };
        let done = self.world.try_consume(deposit(person, amount));
        if done && amount >> 46 == 0 && !self.people.contains(&person) {
            self.people.push(person);
        }
    }

    /// Requests that L1 takes from any sender: a deposit under words that are not a key, an exit of an account that
    /// is never opened.
    fn odd_entry(&mut self) {
        let person = self.rng.random_range(0..PEOPLE);
        let entry = if self.rng.random() {
            let words = [self.rng.random(), u64::MAX, 0, 1, self.rng.random_range(0..3)];
            let amount = self.amount() >> 8;
            QueueEntry::Deposit(Deposit::new(owner(person), words, amount).expect("an L1 amount"))
        } else {
            let account = AccountId::from(u32::MAX - self.rng.random_range(0..3));
            QueueEntry::ForcedExit(ForcedExit { requester: owner(person), account })
        };
        let opens = matches!(entry, QueueEntry::Deposit(_));
        if self.world.try_consume(entry) && opens {
            // The account has a number and an owner, and no signer.
            self.people.push(NOBODY);
        }
    }

    /// Nonces may rise by any number, as a clock's do.
    fn skip_nonces(&mut self) {
        let bits = self.rng.random_range(0..56);
        self.world.skip_nonces(self.rng.random_range(0..1 << bits));
    }

    fn exit(&mut self) {
        let (account, owner) = self.account();
        let (who, account) = match self.rng.random_range(0..4) {
            0 => (self.rng.random_range(0..PEOPLE), account),
            1 => (owner, self.rng.random()),
            _ => (owner, account),
        };
        for _ in 0..self.rng.random_range(1..3) {
            self.world.try_consume(exit(who, account));
        }
    }

    fn open(&mut self) {
        let person = self.rng.random_range(0..PEOPLE);
        if !self.people.contains(&person) && self.people.len() < 60 {
            self.world.open(person);
            self.people.push(person);
        }
    }

    /// A table of random holders that leaves its parents what they ask for, or not.
    fn register(&mut self) {
        let mut lines: Vec<(Holder, u32)> = Vec::new();
        let mut lineage = 1;
        let mut left = 1_000_000;
        for (id, known) in self.licenses.iter().enumerate() {
            if self.rng.random_range(0..4) == 0 && lines.len() < 3 && left > known.derivative + 20 {
                let shares = known.derivative.max(1) + self.rng.random_range(0..10);
                lines.push((parent(id as u32), shares));
                lineage += known.lineage;
                left -= shares;
            }
        }
        let accounts = self.people.len().min(self.rng.random_range(1..13));
        let start = self.rng.random_range(0..=self.people.len() - accounts);
        let each = left / accounts as u32;
        for i in 0..accounts {
            let shares = if i == 0 { left - each * (accounts as u32 - 1) } else { each };
            lines.insert(i, (account_holder((start + i) as u32), shares));
        }
        if lineage > 64 {
            return;
        }
        let bits = self.rng.random_range(1..40);
        let price = self.rng.random_range(0..1 << bits);
        let derivative = self.rng.random_range(0..400_000);
        let (account, person) = self.account();
        let operation = register(price, derivative, lineage, &lines);
        if self.world.try_admit(person, account, 0, operation) {
            self.licenses.push(KnownLicense { price, derivative, lineage });
        }
    }

    fn transfer(&mut self) {
        let ((account, person), (to, _)) = (self.account(), self.account());
        let amount = self.amount();
        self.admit(person, account, transfer(to, amount));
    }

    fn withdraw(&mut self) {
        let (account, person) = self.account();
        let amount = 1_000 * self.rng.random_range(1..5_000);
        self.admit(person, account, withdraw(amount));
    }

    fn pay(&mut self) {
        if self.licenses.is_empty() {
            return;
        }
        let (account, person) = self.account();
        let license = self.rng.random_range(0..self.licenses.len());
        let price = self.licenses[license].price;
        let most = (1 << 23).min(((1 << 46) - 1) / price.max(1)).max(1);
        let uses = 1 + self.rng.random_range(0..most) / 1_000;
        if price * uses < 1 << 46 {
            self.admit(person, account, pay(license as u32, uses, price));
        }
    }

    /// The ledger may refuse.
    fn admit(&mut self, person: u8, account: u32, operation: Operation) {
        let fee = self.rng.random_range(0..3);
        self.world.try_admit(person, account, fee, operation);
    }
}

/// A batch of hundreds of random steps, after others, in a class that has room for them.
pub(super) fn random_batch(class: BatchClass, seed: u64) -> BatchWitness {
    let mut walk = Walk::new(seed, class);
    (0..3).for_each(|_| {
        (0..60).for_each(|_| walk.step());
        walk.world.seal();
    });
    (0..400).for_each(|_| walk.step());
    walk.world.seal()
}

/// The root that a ledger has which knows of these batches what L1 does.
fn rebuilt_root(batches: Vec<(BatchStatement, PublicData)>) -> Digest {
    let folder = TempDir::new().expect("a folder");
    let class = BatchClass::TINY;
    let ledger = Ledger::restore(folder.path(), TestLedger::genesis(), class, batches);
    ledger.expect("public data rebuild the state").root()
}

#[test]
fn whatever_the_ledger_seals_checks() {
    let all = farthing_testkit::full();
    let (mut checked, mut proven) = (0, 0);
    for history in 0..BATCHES / BATCHES_PER_HISTORY {
        let mut walk = Walk::new(history as u64, BatchClass::TINY);
        let mut root = walk.world.ledger.root();
        let mut published = Vec::new();
        for _ in 0..BATCHES_PER_HISTORY {
            for _ in 0..walk.rng.random_range(0..40) {
                walk.step();
            }
            let witness = walk.world.seal();
            assert_eq!(witness.statement.header.old_root, root);
            root = walk.world.ledger.root();
            assert_eq!(witness.statement.header.new_root, root);
            checked += 1;
            if all || checked % PROVEN_EVERY == 0 {
                assert_proves(&witness);
                proven += 1;
            } else {
                assert_checks(&witness);
            }
            published.push((witness.statement, witness.public_data));
        }
        assert_eq!(rebuilt_root(published), root);
    }
    assert!(checked == BATCHES && proven >= PROVEN_MIN, "{proven} of {checked}");
}
