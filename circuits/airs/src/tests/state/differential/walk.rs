//! A ledger beside the model: one step at a time, whose answers have to be the same, and batches that have to be proven.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use farthing_ledger::{
    AdmitError, CheckError, Checked, ConsumeError, OpenAccountError, OperationError, PayError,
    RegisterLicenseError, TransferError, UpdateLicenseError,
};
use farthing_protocol::{
    AccountId, AccountIdentity, BatchClass, BatchCounts, CapacityExceeded, Fee, Holder, Intent,
    IntentId, LicenseId, LicenseStatus, LicenseVersion, Licensee, Nano, Nonce, Operation,
    QueueEntry, SignedIntent, UnixTime,
};

use super::super::honest::assert_checks;
use super::super::test_ledger::{
    TestLedger, account_holder, deposit, identity, parent, pay, register, secret, transfer, update,
    version, withdraw,
};
use super::model::{Answer, Model, count};
use super::table::{Cell, Table};

/// Licenses that every history begins with: seven with lineages of 1, 2, 4 … 64, one that costs nothing, the dearest, one of 8
/// nano, then eight with sixteen holders, then those that account 4 updates.
pub(super) const LINEAGES: u32 = 7;
pub(super) const FREE: u32 = 7;
pub(super) const DEAREST: u32 = 8;
pub(super) const CHEAP: u32 = 9;
pub(super) const WIDE: core::ops::Range<u32> = 10..18;
pub(super) const CHANGING: core::ops::Range<u32> = 18..30;
/// The account that registers them all.
pub(super) const LICENSOR: u32 = 4;
/// Shares that the parents of [`LINEAGES`] ask for.
pub(super) const DERIVATIVE_SHARES: u32 = 1_000;
/// Persons with an account from the beginning; the last four are rich.
const PEOPLE: u8 = 20;
const RICH: core::ops::RangeInclusive<u8> = 17..=PEOPLE;
/// Those that may come later.
pub(super) const STRANGERS: core::ops::Range<u8> = PEOPLE + 1..200;
pub(super) const AMOUNT_MAX: u64 = (1 << 46) - 1;
/// Less than the greatest fee, so that a fee can make up for the rest of a balance.
const USUAL: u64 = 3_000_000_000;

/// An intent to be signed.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) account: u32,
    pub(super) person: u8,
    pub(super) operation: Operation,
    pub(super) fee: u64,
    pub(super) nonce: u64,
    pub(super) valid_until: u64,
}

pub(super) struct Walk {
    pub(super) rng: ChaCha8Rng,
    pub(super) world: TestLedger,
    pub(super) model: Model,
    pub(super) table: Table,
    /// The last intent that was admitted, of each operation.
    pub(super) admitted: [Option<SignedIntent>; 5],
    /// The capacity that the last refused step would have passed.
    pub(super) full: Option<CapacityExceeded>,
}

/// The answer in a word, as the table of cells has it.
const fn outcome(answer: &Answer) -> &'static str {
    match answer {
        Answer::Admitted(_) => "admitted",
        Answer::Repeated => "known",
        Answer::Unchecked(CheckError::UnknownAccount { .. }) => "unknown account",
        Answer::Unchecked(CheckError::Signature(_)) => "signature",
        Answer::Refused(error) => match error {
            AdmitError::NonceUsed { .. } => "nonce used",
            AdmitError::NonceTooLow { .. } => "nonce too low",
            AdmitError::Expired { .. } => "expired",
            AdmitError::Operation(OperationError::Pay(PayError::UnknownLicense { .. })) => {
                "unknown license"
            }
            AdmitError::Operation(OperationError::Pay(PayError::TooMuch(_))) => "too much",
            AdmitError::Operation(OperationError::Pay(PayError::Paused { .. })) => "paused",
            AdmitError::Operation(OperationError::Pay(PayError::NotLicensee { .. })) => {
                "not licensee"
            }
            AdmitError::Operation(OperationError::UpdateLicense(error)) => match error {
                UpdateLicenseError::UnknownLicense { .. } => "unknown license",
                UpdateLicenseError::RecipientChanged { .. } => "recipient changed",
                UpdateLicenseError::NotLicensor { .. } => "not licensor",
                UpdateLicenseError::Retired { .. } => "retired",
                UpdateLicenseError::RetiredTerms => "retired terms",
                UpdateLicenseError::Updating { .. } => "updating",
            },
            AdmitError::Operation(OperationError::Pay(PayError::WrongAmount { .. })) => {
                "wrong amount"
            }
            AdmitError::Operation(
                OperationError::Pay(PayError::RecipientChanged { .. })
                | OperationError::Transfer(TransferError::RecipientChanged { .. })
                | OperationError::RegisterLicense(RegisterLicenseError::RecipientChanged { .. }),
            ) => "recipient changed",
            AdmitError::Operation(OperationError::Transfer(TransferError::UnknownRecipient {
                ..
            })) => "unknown recipient",
            AdmitError::Operation(OperationError::RegisterLicense(error)) => match error {
                RegisterLicenseError::ParentNotOlder { .. } => "parent not older",
                RegisterLicenseError::ParentPaused { .. } => "parent paused",
                RegisterLicenseError::ParentPrivate { .. } => "parent private",
                RegisterLicenseError::ParentShareTooSmall { .. } => "parent's share too small",
                RegisterLicenseError::TooManyAncestors(_) => "too many ancestors",
                RegisterLicenseError::WrongLineage { .. } => "wrong lineage",
                RegisterLicenseError::UnknownHolder { .. } => "unknown holder",
                RegisterLicenseError::NoLicenseLeft => "no license left",
                RegisterLicenseError::RecipientChanged { .. } => "recipient changed",
            },
            AdmitError::InsufficientFunds { .. } => "insufficient funds",
            AdmitError::TooLarge(_) => "too large",
            AdmitError::BatchFull(_) => "batch full",
            _ => "another refusal",
        },
        Answer::Unchecked(_) => "another refusal",
    }
}

impl Walk {
    pub(super) fn new(rng: ChaCha8Rng) -> Self {
        let (mut model, table) = (Model::default(), Table::default());
        model.open(identity(0), Some(0));
        let world = TestLedger::new();
        let mut walk = Self { rng, world, model, table, admitted: [const { None }; 5], full: None };
        walk.begin();
        walk
    }

    /// The people and their licenses, in four batches.
    fn begin(&mut self) {
        for person in 1..=PEOPLE {
            self.consume(deposit(person, if RICH.contains(&person) { AMOUNT_MAX } else { USUAL }));
        }
        self.seal();
        RICH.for_each(|person| self.consume(deposit(person, AMOUNT_MAX)));
        // A licensor that can pay the greatest fee cannot spend all of its balance as a fee.
        if self.rng.random() {
            self.consume(deposit(LICENSOR as u8, AMOUNT_MAX));
        }
        for i in 0..LINEAGES {
            let mut lines = vec![(account_holder(1 + i), 1_000_000 - i * DERIVATIVE_SHARES)];
            lines.extend((0..i).map(|older| (parent(older), DERIVATIVE_SHARES)));
            let price = 100 * u64::from(1 + i);
            self.registers(register(price, DERIVATIVE_SHARES, 1 << i, &lines));
        }
        for price in [0, (1 << 40) - 1, 8] {
            self.registers(register(price, 1_000_000, 1, &[(account_holder(3), 1_000_000)]));
        }
        self.seal();
        for price in WIDE {
            self.registers(register(price.into(), 0, 1, &sixteen_holders()));
        }
        self.seal();
        for holder in CHANGING {
            self.registers(register(50, 0, 1, &[(account_holder(holder % 16), 1_000_000)]));
        }
        self.seal();
    }

    fn registers(&mut self, operation: Operation) {
        let plan = self.plan_of(LICENSOR, LICENSOR as u8, operation);
        assert_eq!(self.submit(&plan), "admitted", "{:?}", plan.operation);
    }

    /// An intent with nothing odd about it but what is changed afterwards.
    pub(super) fn plan_of(&mut self, account: u32, person: u8, operation: Operation) -> Plan {
        let used = &self.model.accounts[account as usize];
        let last = used.nonces.last().copied().unwrap_or(used.nonce);
        let (fee, gap) = (self.rng.random_range(0..3), self.rng.random_range(1..5));
        let valid_until = self.world.time + self.rng.random_range(0..100);
        Plan { account, person, operation, fee, nonce: last + gap, valid_until }
    }

    /// Says that an account has a nonce left for each intent of a full batch.
    pub(super) fn able(&self, account: u32) -> bool {
        let account = &self.model.accounts[account as usize];
        let last = account.nonces.last().copied().unwrap_or(account.nonce);
        account.signer.is_some() && last < Nonce::MAX.get() - 1_000
    }

    /// An account that can sign and holds so much.
    pub(super) fn account_with(&mut self, balance: u64) -> Option<(u32, u8)> {
        let accounts = self.model.accounts.iter().enumerate();
        let found: Vec<(u32, u8)> = accounts
            .filter(|(id, one)| one.balance >= balance && self.able(*id as u32))
            .filter_map(|(id, one)| Some((id as u32, one.signer?)))
            .collect();
        (!found.is_empty()).then(|| found[self.rng.random_range(0..found.len())])
    }

    /// An account of which the batch has an intent.
    pub(super) fn signer_in_batch(&mut self) -> Option<(u32, u8)> {
        let accounts = self.model.accounts.iter().enumerate();
        let found: Vec<(u32, u8)> = accounts
            .filter(|(_, one)| !one.nonces.is_empty())
            .filter_map(|(id, one)| Some((id as u32, one.signer?)))
            .collect();
        (!found.is_empty()).then(|| found[self.rng.random_range(0..found.len())])
    }

    /// A license that can be updated in this batch, if at least this many are left.
    pub(super) fn changing(&mut self, least: usize) -> Option<u32> {
        let free = |id: &u32| {
            let license = &self.model.licenses[*id as usize];
            license.next.is_none() && license.version.status != LicenseStatus::Retired
        };
        let found: Vec<u32> = CHANGING.filter(free).collect();
        (found.len() >= least.max(1)).then(|| found[self.rng.random_range(0..found.len())])
    }

    /// A license whose version in this batch is such.
    pub(super) fn with_version(&mut self, is: fn(&LicenseVersion) -> bool) -> Option<u32> {
        let found: Vec<u32> =
            CHANGING.filter(|id| is(&self.model.licenses[*id as usize].version)).collect();
        (!found.is_empty()).then(|| found[self.rng.random_range(0..found.len())])
    }

    /// A version that is not retired.
    pub(super) fn version(&mut self) -> LicenseVersion {
        let random = version(self.rng.random_range(0..1_000), self.rng.random_range(0..=1_000_000));
        let paused = self.rng.random_ratio(1, 4);
        let private = self.rng.random_ratio(1, 4);
        let licensee = if private { self.rng.random_range(1..17) } else { 0 };
        LicenseVersion {
            status: if paused { LicenseStatus::Paused } else { LicenseStatus::Active },
            licensee: Licensee::new(licensee).expect("an account"),
            ..random
        }
    }

    /// The licensor, if it can sign and holds so much.
    pub(super) fn licensor_with(&self, balance: u64) -> Option<(u32, u8)> {
        let rich = self.model.accounts[LICENSOR as usize].balance >= balance;
        (rich && self.able(LICENSOR)).then_some((LICENSOR, LICENSOR as u8))
    }

    /// A plain intent of an operation, by an account with less than the greatest fee.
    pub(super) fn plan(&mut self, operation: usize) -> Option<Plan> {
        if operation == 4 {
            let (account, person) = self.licensor_with(1_000_002)?;
            let (license, version) = (self.changing(1)?, self.version());
            return Some(self.plan_of(account, person, update(license, version)));
        }
        let (account, person) = self.account_with(1_000_002)?;
        let operation = match operation {
            0 => {
                let license = self.rng.random_range(0..LINEAGES);
                pay(license, self.rng.random_range(1..900), 100 * u64::from(1 + license))
            }
            1 => {
                let to = self.rng.random_range(0..self.model.accounts.len() as u32);
                transfer(to, self.rng.random_range(0..1_000_000))
            }
            2 => withdraw(1_000 * self.rng.random_range(1..900)),
            _ => {
                let holder = self.rng.random_range(0..self.model.accounts.len() as u32);
                let price = self.rng.random_range(0..1_000);
                register(price, 500_000, 1, &[(account_holder(holder), 1_000_000)])
            }
        };
        Some(self.plan_of(account, person, operation))
    }

    /// The answer of the ledger, in a word; the model has the same answer, or the batch is full.
    pub(super) fn submit(&mut self, plan: &Plan) -> &'static str {
        let intent = Intent {
            account: AccountId::from(plan.account),
            nonce: Nonce::new(plan.nonce).expect("a nonce"),
            fee: Fee::new(plan.fee).expect("a fee"),
            valid_until: UnixTime::new(plan.valid_until).expect("a time"),
            operation: self.world.addressed(plan.operation.clone()),
        };
        let signed = intent.sign(&secret(plan.person), &self.world.ledger.domain_digest());
        self.submit_signed(&signed, plan.person)
    }

    pub(super) fn submit_signed(&mut self, signed: &SignedIntent, person: u8) -> &'static str {
        let (intent, now) = (&signed.intent, self.now());
        let id = intent.id(&self.world.ledger.domain_digest());
        let expected = self.model.expected(intent, id, person, now);
        let got = self.answer(signed, id);
        match got {
            Answer::Refused(AdmitError::BatchFull(full) | AdmitError::TooLarge(full)) => {
                assert!(
                    matches!(expected, Answer::Admitted(_)),
                    "{expected:?}, {got:?}: {intent:?}"
                );
                assert!(full.needed > full.capacity, "{full:?}");
                self.full = Some(full);
            }
            _ => assert_eq!(got, expected, "{intent:?}"),
        }
        if matches!(got, Answer::Admitted(_)) {
            self.model.apply(intent, id);
            self.admitted[kind(&intent.operation)] = Some(signed.clone());
        }
        outcome(&got)
    }

    fn answer(&mut self, signed: &SignedIntent, id: IntentId) -> Answer {
        let ledger = &mut self.world.ledger;
        let checked = ledger.check(core::slice::from_ref(signed)).expect("the store works").pop();
        let checked = match checked.expect("an answer for each") {
            Ok(Checked::Fresh(checked)) => checked,
            Ok(Checked::Duplicate(known)) => {
                assert_eq!(known.id, id);
                return Answer::Repeated;
            }
            Err(error) => return Answer::Unchecked(error),
        };
        let now = UnixTime::new(self.world.time).expect("a time");
        let answer = ledger.admit(now, &[checked]).expect("the store works").pop();
        match answer.expect("an answer for each") {
            Ok(admission) => Answer::Admitted(admission.registers),
            Err(error) => Answer::Refused(error),
        }
    }

    pub(super) fn now(&self) -> UnixTime {
        UnixTime::new(self.world.time).expect("a time")
    }

    /// Consumes an entry for which there is room.
    fn consume(&mut self, entry: QueueEntry) {
        assert_eq!(self.try_consume(entry), "consumed", "{entry:?}");
    }

    pub(super) fn try_consume(&mut self, entry: QueueEntry) -> &'static str {
        let (now, next) = (self.now(), self.world.ledger.queue_next());
        let answer = self.world.ledger.consume(now, next, &[entry]).expect("the store works");
        match answer {
            (1, None) => {
                self.model.consume(&entry, signer_of(&entry));
                "consumed"
            }
            (0, Some(ConsumeError::BatchFull(full))) => {
                assert!(full.needed > full.capacity, "{full:?}");
                self.full = Some(full);
                "batch full"
            }
            other => panic!("{other:?}: {entry:?}"),
        }
    }

    /// Consumes an entry as if it were the one after the next.
    pub(super) fn consume_out_of_order(&mut self) -> &'static str {
        let (now, next) = (self.now(), self.world.ledger.queue_next());
        let answer = self.world.ledger.consume(now, next.advance(1), &[deposit(1, 5)]);
        let (expected, got) = (next.get(), next.get() + 1);
        let refused = ConsumeError::OutOfOrder { expected, got };
        assert_eq!(answer.expect("the store works"), (0, Some(refused)));
        "out of order"
    }

    /// Opens an account for a person, or for no one.
    pub(super) fn try_open(
        &mut self,
        identity: AccountIdentity,
        signer: Option<u8>,
    ) -> &'static str {
        let existing = self.model.account_of(&identity);
        let answer = self.world.ledger.open_account(self.now(), identity);
        match answer.expect("the store works") {
            Ok(opened) => {
                assert!(existing.is_none() && signer.is_some(), "{opened:?}");
                assert_eq!(opened.id.get() as usize, self.model.accounts.len());
                self.model.open(identity, signer);
                "opened"
            }
            Err(OpenAccountError::Exists { id }) => {
                assert_eq!(existing, Some(id.get()));
                "exists"
            }
            Err(OpenAccountError::Key(_)) => {
                assert!(existing.is_none() && signer.is_none());
                "no key"
            }
            Err(OpenAccountError::BatchFull(full)) => {
                assert!(existing.is_none() && signer.is_some());
                assert!(full.needed > full.capacity, "{full:?}");
                self.full = Some(full);
                "batch full"
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Seals the open batch: the ledger's state is the model's, and the constraints hold.
    pub(super) fn seal(&mut self) -> BatchCounts {
        let sealed = self.world.seal_counted();
        let owed = self.model.settle();
        assert_eq!(count(&sealed.witness.withdrawals), owed);
        let ledger = &self.world.ledger;
        for (id, expected) in self.model.accounts.iter().enumerate() {
            let account = ledger.account(AccountId::from(id as u32)).expect("the store works");
            let account = account.unwrap_or_else(|| panic!("account {id} is not open"));
            assert_eq!(account.identity, expected.identity, "account {id}");
            let state = (account.state.balance.get(), account.state.nonce.get());
            assert_eq!(state, (expected.balance, expected.nonce), "account {id}");
        }
        for (id, expected) in self.model.licenses.iter().enumerate() {
            let license = ledger.license(LicenseId::from(id as u32)).expect("the store works");
            let state = license.unwrap_or_else(|| panic!("license {id} is not registered")).state;
            assert_eq!(state.version, expected.version, "license {id}");
            let state = [state.vault, state.received].map(Nano::get);
            assert_eq!(state, [expected.vault, expected.received], "license {id}");
        }
        let accounts = AccountId::from(self.model.accounts.len() as u32);
        assert_eq!(ledger.account(accounts).expect("the store works"), None);
        assert!(sealed.counts.exceeds(&BatchClass::TINY.capacity).is_none());
        assert_checks(&sealed.witness);
        self.full = None;
        sealed.counts
    }

    pub(super) fn hit(&mut self, cell: Cell) {
        self.table.hit(cell);
    }
}

/// The place of an operation in lists of them.
const fn kind(operation: &Operation) -> usize {
    match operation {
        Operation::Pay(_) => 0,
        Operation::Transfer(_) => 1,
        Operation::Withdraw(_) => 2,
        Operation::RegisterLicense(_) => 3,
        Operation::UpdateLicense(_) => 4,
    }
}

/// The person whose key a deposit has, if it is one's.
fn signer_of(entry: &QueueEntry) -> Option<u8> {
    let QueueEntry::Deposit(deposit) = entry else { return None };
    let person = deposit.owner.0[0];
    let AccountIdentity { key, .. } = deposit.identity();
    (identity(person).key == key).then_some(person)
}

/// Accounts 1 to 16 share in a license.
pub(super) fn sixteen_holders() -> Vec<(Holder, u32)> {
    (1..=16).map(|account| (account_holder(account), 1_000_000 / 16)).collect()
}
