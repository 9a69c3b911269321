//! A ledger with accounts whose keys the test knows, and generators of adversarial steps.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test file includes the module whole and uses its part of it"
)]

pub mod foreign;
pub mod memory;

use std::path::Path;

use farthing_ledger::{
    Admission, AdmitError, Checked, Durability, Genesis, Ledger, LedgerError, SealedBatch,
};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchClass, BatchWitness, Bytes32, Deposit,
    Digest, Domain, Fee, ForcedExit, Holder, HolderShares, Intent, LicenseId, Lineage, Nano, Nonce,
    Operation, Pay, Price, QueueEntry, RegisterLicense, SecretKey, ShareTable, Shares, ShortDigest,
    SignedIntent, Transfer, UnixTime, Uses, Withdraw, license_origin,
};
use tempfile::TempDir;

pub use farthing_testkit::TestResult;
pub use farthing_testkit::{
    account, identity, key, license, memo, owner, seed, shares as table, time, update, version,
};

pub const NOW: u64 = 1_800_000_000;

/// The largest deposit credited.
pub const DEPOSIT_MAX: u64 = (1 << 46) - 1;

pub fn genesis() -> Genesis {
    Genesis { domain: farthing_testkit::domain(), operator: identity(0) }
}

/// The recipient of payments for a license that `licensor` registers by [`TestLedger::registration`].
pub fn origin(licensor: u32, holders: &[(Holder, u64)]) -> TestResult<ShortDigest> {
    let chain = table(holders)?.holder_chain(|holder| match holder {
        Holder::Account(id) => Some(identity(id.get()).recipient()),
        Holder::License(_) => None,
    });
    let chain = chain.ok_or("accounts alone")?;
    Ok(license_origin(identity(licensor).recipient(), &chain, &memo(3)).into())
}

/// Accounts 0 to n − 1 are open under keys of known seeds.
pub struct TestLedger {
    pub ledger: Ledger,
    pub dir: TempDir,
    pub domain: Digest,
    pub keys: Vec<SecretKey>,
    pub nonces: Vec<u64>,
    pub now: u64,
    /// Lineage and derivative shares of each license.
    pub licenses: Vec<(Lineage, Shares, Price)>,
    pub sealed: Vec<SealedBatch>,
}

impl TestLedger {
    pub fn new(class: BatchClass) -> TestResult<Self> {
        let dir = tempfile::tempdir()?;
        let ledger = Ledger::create(dir.path(), genesis(), class, Durability::Buffered)?;
        Ok(Self {
            domain: ledger.domain_digest(),
            ledger,
            dir,
            keys: vec![key(0)],
            nonces: vec![0],
            now: NOW,
            licenses: Vec::new(),
            sealed: Vec::new(),
        })
    }

    /// A ledger with `accounts` accounts besides the operator's, each with `balance` nano.
    pub fn funded(class: BatchClass, accounts: u32, balance: u64) -> TestResult<Self> {
        let mut test = Self::new(class)?;
        for _ in 0..accounts {
            let id = test.open()?;
            test.deposit(id, balance)?;
        }
        test.seal()?;
        Ok(test)
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn time(&self) -> UnixTime {
        time(self.now)
    }

    pub fn open(&mut self) -> TestResult<u32> {
        let id = self.keys.len() as u32;
        let now = self.time();
        let opened = match self.ledger.open_account(now, identity(id))? {
            Ok(opened) => opened,
            Err(_) => {
                self.seal()?;
                self.ledger.open_account(now, identity(id))??
            }
        };
        assert_eq!(opened.id.get(), id);
        self.keys.push(key(id));
        self.nonces.push(0);
        Ok(id)
    }

    pub fn deposit(&mut self, account: u32, amount: u64) -> TestResult<()> {
        let identity = identity(account);
        let deposit = Deposit::new(identity.owner, identity.key.to_words(), amount)?;
        self.consume(QueueEntry::Deposit(deposit))
    }

    pub fn forced_exit(&mut self, requester: Address, account: u32) -> TestResult<()> {
        let account = AccountId::from(account);
        self.consume(QueueEntry::ForcedExit(ForcedExit { requester, account }))
    }

    pub fn consume(&mut self, entry: QueueEntry) -> TestResult<()> {
        let (now, index) = (self.time(), self.ledger.queue_next());
        if let (0, _) = self.ledger.consume(now, index, &[entry])? {
            self.seal()?;
            let (consumed, refused) = self.ledger.consume(now, index, &[entry])?;
            assert_eq!((consumed, refused), (1, None));
        }
        Ok(())
    }

    /// The next nonce of an account.
    pub fn nonce(&mut self, account: u32) -> u64 {
        let nonce = &mut self.nonces[account as usize];
        *nonce += 1;
        *nonce
    }

    /// An intent whose recipients are named as the ledger knows them.
    pub fn intent(
        &mut self,
        account: u32,
        fee: u64,
        mut operation: Operation,
    ) -> TestResult<Intent> {
        self.ledger.address(&mut operation)?;
        Ok(Intent {
            account: AccountId::from(account),
            nonce: Nonce::new(self.nonce(account))?,
            fee: Fee::new(fee)?,
            valid_until: time(self.now + 60),
            operation,
        })
    }

    pub fn sign(&self, intent: Intent) -> SignedIntent {
        let account = intent.account.get() as usize;
        intent.sign(&self.keys[account], &self.domain)
    }

    pub fn pay(&self, license: u32, uses: u64) -> TestResult<Operation> {
        let price = self.licenses[license as usize].2;
        farthing_testkit::pay(license, uses, price.get())
    }

    pub fn transfer(to: u32, amount: u64) -> TestResult<Operation> {
        farthing_testkit::transfer(to, amount)
    }

    pub fn withdraw(amount: u64) -> TestResult<Operation> {
        farthing_testkit::withdraw(amount)
    }

    /// Registration with the right lineage.
    pub fn registration(
        &self,
        price: u64,
        derivative_shares: u64,
        holders: &[(Holder, u64)],
    ) -> TestResult<Operation> {
        let shares = table(holders)?;
        let parents = shares.parents().map(|(id, _)| self.licenses[id.get() as usize].0);
        Ok(Operation::RegisterLicense(RegisterLicense {
            price: Price::new(price)?,
            derivative_shares: Shares::new(derivative_shares)?,
            lineage: Lineage::of_parents(parents)?,
            provenance: memo(3),
            shares,
            recipient: ShortDigest::default(),
        }))
    }

    /// Registers a license by `account` and expects it to be admitted.
    pub fn register(
        &mut self,
        account: u32,
        price: u64,
        derivative_shares: u64,
        holders: &[(Holder, u64)],
    ) -> TestResult<u32> {
        let operation = self.registration(price, derivative_shares, holders)?;
        let Operation::RegisterLicense(register) = &operation else { return Err("kind".into()) };
        let entry = (register.lineage, register.derivative_shares, register.price);
        let intent = self.intent(account, 0, operation)?;
        let signed = self.sign(intent);
        let admission = self.submit(&signed)??;
        let id = admission.registers.ok_or("no license number")?;
        assert_eq!(id.get() as usize, self.licenses.len());
        self.licenses.push(entry);
        Ok(id.get())
    }

    /// Checks and admits one intent; seals and tries again if the batch is full.
    pub fn submit(&mut self, signed: &SignedIntent) -> TestResult<Result<Admission, AdmitError>> {
        let answer = self.submit_once(signed)?;
        if !matches!(answer, Err(AdmitError::BatchFull(_))) {
            return Ok(answer);
        }
        self.seal()?;
        self.submit_once(signed)
    }

    pub fn submit_once(
        &mut self,
        signed: &SignedIntent,
    ) -> TestResult<Result<Admission, AdmitError>> {
        let now = self.time();
        match self.ledger.check(std::slice::from_ref(signed))?.remove(0)? {
            Checked::Duplicate(admission) => Ok(Ok(admission)),
            Checked::Fresh(checked) => {
                let preview = self.ledger.preview(now, &checked)?;
                let answer = self.ledger.admit(now, &[checked])?.remove(0);
                // Every refusal and every admission of these tests is foretold.
                if !matches!(answer, Err(AdmitError::BatchFull(_))) {
                    assert_eq!(preview, answer.map(|_| ()));
                }
                Ok(answer)
            }
        }
    }

    pub fn seal(&mut self) -> TestResult<Option<SealedBatch>> {
        let sealed = self.ledger.seal()?;
        self.sealed.extend(sealed.clone());
        Ok(sealed)
    }

    pub fn reopen(self, class: BatchClass) -> Result<(Ledger, TempDir), LedgerError> {
        drop(self.ledger);
        Ok((Ledger::open(self.dir.path(), class, Durability::Buffered)?, self.dir))
    }

    pub fn balance(&self, account: u32) -> TestResult<u64> {
        let account = self.ledger.account(AccountId::from(account))?.ok_or("no account")?;
        Ok(account.state.balance.get())
    }

    /// Σ balances + Σ vaults + withdrawn = Σ deposited.
    pub fn assert_full_reserve(&self) -> TestResult<()> {
        let reserve = self.ledger.reserve()?;
        assert!(reserve.is_full(), "{reserve:?}");
        Ok(())
    }
}

/// Recomputes every account and license of a sealed batch from its intents and queue entries, by
/// the plainest arithmetic there is, and compares.
pub fn assert_exact(witness: &BatchWitness) {
    use std::collections::BTreeMap;
    let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
    let mut paid: BTreeMap<u32, u128> = BTreeMap::new();
    let mut exits: Vec<u32> = Vec::new();
    for (entry, outcome) in &witness.queue {
        use farthing_protocol::QueueOutcome::{Credited, Exits};
        match (entry, outcome) {
            (QueueEntry::Deposit(deposit), Credited(id)) => {
                *sums.entry(id.get()).or_default() += i128::from(deposit.raw_amount());
            }
            (QueueEntry::ForcedExit(exit), Exits) => exits.push(exit.account.get()),
            _ => {}
        }
    }
    for intent in &witness.intents {
        let intent = &intent.signed.intent;
        let fee = i128::from(intent.fee.get());
        let amount = i128::from(intent.operation.amount().get());
        *sums.entry(intent.account.get()).or_default() -= amount + fee;
        *sums.entry(0).or_default() += fee;
        match &intent.operation {
            Operation::Pay(pay) => {
                *paid.entry(pay.license.get()).or_default() += u128::from(pay.amount.get());
            }
            Operation::Transfer(t) => *sums.entry(t.to.get()).or_default() += amount,
            Operation::Withdraw(_)
            | Operation::RegisterLicense(_)
            | Operation::UpdateLicense(_) => {}
        }
    }
    for change in witness.licenses.iter().rev() {
        let received = paid.get(&change.id.get()).copied().unwrap_or(0);
        assert_eq!(u128::from(change.received.get()), received, "license {}", change.id);
        let old_vault = change.old.map_or(0, |old| u128::from(old.vault.get()));
        let total = old_vault + received;
        let mut left = total;
        for line in change.terms.shares.holders() {
            let part = total * u128::from(line.shares.get()) / 1_000_000;
            left -= part;
            match line.holder {
                Holder::Account(id) => *sums.entry(id.get()).or_default() += part as i128,
                Holder::License(id) => *paid.entry(id.get()).or_default() += part,
            }
        }
        assert_eq!(u128::from(change.new.vault.get()), left);
        assert!(left < change.terms.shares.holders().len() as u128);
    }
    for change in &witness.accounts {
        let Some(new) = change.new else { continue };
        let old = change.old.map_or(0, |old| i128::from(old.balance.get()));
        let mut expected = old + sums.remove(&change.id.get()).unwrap_or(0);
        if exits.contains(&change.id.get()) {
            expected %= 1_000;
        }
        assert_eq!(i128::from(new.balance.get()), expected, "account {}", change.id);
        assert!(new.balance <= Nano::MAX);
    }
    assert!(sums.is_empty(), "touched accounts left out: {sums:?}");
}
