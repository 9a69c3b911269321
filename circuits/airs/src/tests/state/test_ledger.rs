//! A ledger with accounts and licenses to make batches of.

use farthing_ledger::{Checked, Durability, Genesis, Ledger, SealedBatch};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchClass, BatchWitness, Bytes32, Deposit,
    Domain, Fee, ForcedExit, Holder, HolderShares, Intent, LicenseId, LicenseStatus,
    LicenseVersion, Licensee, Lineage, Nonce, Operation, Pay, Price, QueueEntry, RegisterLicense,
    SecretKey, ShareTable, Shares, ShortDigest, SignedIntent, Transfer, UnixTime, UpdateLicense,
    Uses, Withdraw,
};
use tempfile::TempDir;

/// The ledger under test and the keys of everyone in it.
pub(crate) struct TestLedger {
    pub(crate) ledger: Ledger,
    nonces: u64,
    /// The bits of each nonce that are turned, so that later ones are not always greater.
    turned: u64,
    pub(crate) time: u64,
    _folder: TempDir,
}

/// The key of person `i`.
pub(crate) fn secret(i: u8) -> SecretKey {
    SecretKey::from_seed(&[i; 32])
}

/// The L1 address of person `i`.
pub(crate) fn owner(i: u8) -> Address {
    Address([i; 20])
}

/// Key and owner of person `i`.
pub(crate) fn identity(i: u8) -> AccountIdentity {
    AccountIdentity { key: *secret(i).public_key(), owner: owner(i) }
}

/// A deposit of `amount` to person `i`.
pub(crate) fn deposit(i: u8, amount: u64) -> QueueEntry {
    let key = identity(i).key.to_words();
    QueueEntry::Deposit(Deposit::new(owner(i), key, amount).expect("an L1 amount"))
}

/// Person `i` asks to empty an account.
pub(crate) fn exit(i: u8, account: u32) -> QueueEntry {
    let account = AccountId::from(account);
    QueueEntry::ForcedExit(ForcedExit { requester: owner(i), account })
}

pub(crate) fn account_holder(id: u32) -> Holder {
    Holder::Account(AccountId::from(id))
}

pub(crate) fn parent(id: u32) -> Holder {
    Holder::License(LicenseId::from(id))
}

/// A registration at `price` that asks `derivative` shares of derivatives.
pub(crate) fn register(
    price: u64,
    derivative: u32,
    lineage: u32,
    lines: &[(Holder, u32)],
) -> Operation {
    let shares = |n: u32| Shares::new(n.into()).expect("shares");
    let lines =
        lines.iter().map(|(holder, n)| HolderShares { holder: *holder, shares: shares(*n) });
    Operation::RegisterLicense(RegisterLicense {
        price: Price::new(price).expect("a price"),
        derivative_shares: shares(derivative),
        lineage: Lineage::new(lineage).expect("a lineage"),
        provenance: Bytes32(core::array::from_fn(|i| i as u8 ^ lineage as u8)),
        shares: ShareTable::new(lines.collect()).expect("a share table"),
        recipient: ShortDigest::default(),
    })
}

/// An update of a license to this version.
pub(crate) fn update(license: u32, version: LicenseVersion) -> Operation {
    let (license, recipient) = (LicenseId::from(license), ShortDigest::default());
    Operation::UpdateLicense(UpdateLicense { license, recipient, version })
}

/// A version of an active license without a licensee.
pub(crate) fn version(price: u64, derivative: u32) -> LicenseVersion {
    LicenseVersion {
        price: Price::new(price).expect("a price"),
        derivative_shares: Shares::new(derivative.into()).expect("shares"),
        status: LicenseStatus::Active,
        licensee: Licensee::ANYBODY,
        provenance: Bytes32([0x5a; 32]),
    }
}

pub(crate) fn pay(license: u32, uses: u64, price: u64) -> Operation {
    Operation::Pay(Pay {
        license: LicenseId::from(license),
        uses: Uses::new(uses).expect("uses"),
        amount: Amount::new(uses * price).expect("an amount"),
        recipient: ShortDigest::default(),
        memo: Bytes32([7; 32]),
    })
}

pub(crate) fn transfer(to: u32, amount: u64) -> Operation {
    let amount = Amount::new(amount).expect("an amount");
    let (to, recipient) = (AccountId::from(to), ShortDigest::default());
    Operation::Transfer(Transfer { to, amount, recipient, memo: Bytes32([9; 32]) })
}

pub(crate) fn withdraw(amount: u64) -> Operation {
    let amount = Amount::new(amount).expect("an amount");
    Operation::Withdraw(Withdraw::new(amount, Bytes32([1; 32])).expect("whole units"))
}

impl TestLedger {
    /// The operator is person 0 and account 0.
    pub(crate) fn new() -> Self {
        Self::of_class(BatchClass::TINY)
    }

    /// The same with batches of another class.
    pub(crate) fn of_class(class: BatchClass) -> Self {
        let folder = TempDir::new().expect("a folder");
        let ledger = Ledger::create(folder.path(), Self::genesis(), class, Durability::Buffered);
        let ledger = ledger.expect("a ledger");
        Self { ledger, nonces: 0, turned: 0, time: 1_800_000_000, _folder: folder }
    }

    fn now(&self) -> UnixTime {
        UnixTime::new(self.time).expect("a time")
    }

    /// Opens an account for person `i`.
    pub(crate) fn open(&mut self, i: u8) -> u32 {
        let opened = self.ledger.open_account(self.now(), identity(i)).expect("the store works");
        opened.expect("opens").id.get()
    }

    /// Consumes a queue entry; whether there was room.
    pub(crate) fn try_consume(&mut self, entry: QueueEntry) -> bool {
        let index = self.ledger.queue_next();
        let (consumed, _) =
            self.ledger.consume(self.now(), index, &[entry]).expect("the store works");
        consumed == 1
    }

    /// Consumes a queue entry.
    pub(crate) fn consume(&mut self, entry: QueueEntry) {
        assert!(self.try_consume(entry), "{entry:?} does not fit");
    }

    /// Names the recipients as the ledger knows them, unless they are named already.
    pub(crate) fn addressed(&self, mut operation: Operation) -> Operation {
        let named = match &operation {
            Operation::Pay(pay) => pay.recipient,
            Operation::Transfer(transfer) => transfer.recipient,
            Operation::RegisterLicense(register) => register.recipient,
            Operation::UpdateLicense(update) => update.recipient,
            Operation::Withdraw(_) => ShortDigest::default(),
        };
        if named == ShortDigest::default() {
            self.ledger.address(&mut operation).expect("the store works");
        }
        operation
    }

    /// Person `i` signs for `account`, as [`Self::addressed`].
    pub(crate) fn signed(
        &mut self,
        i: u8,
        account: u32,
        fee: u64,
        operation: Operation,
    ) -> SignedIntent {
        let operation = self.addressed(operation);
        self.nonces += 1 + self.nonces % 3;
        let intent = Intent {
            account: AccountId::from(account),
            nonce: Nonce::new(self.nonces ^ self.turned).expect("a nonce"),
            fee: Fee::new(fee).expect("a fee"),
            valid_until: UnixTime::new(self.time + 60).expect("a time"),
            operation,
        };
        intent.sign(&secret(i), &self.ledger.domain_digest())
    }

    /// Admits an intent of person `i`; whether the ledger took it.
    pub(crate) fn try_admit(&mut self, i: u8, account: u32, fee: u64, op: Operation) -> bool {
        let signed = self.signed(i, account, fee, op);
        let checked = self.ledger.check(&[signed]).expect("the store works").pop();
        let Some(Ok(Checked::Fresh(checked))) = checked else { return false };
        let answers = self.ledger.admit(self.now(), &[checked]).expect("the store works");
        answers.into_iter().all(|answer| answer.is_ok())
    }

    /// Admits an intent of person `i`.
    pub(crate) fn admit(&mut self, i: u8, account: u32, fee: u64, operation: Operation) {
        assert!(self.try_admit(i, account, fee, operation.clone()), "{operation:?} is refused");
    }

    /// Seals the open batch, empty or not.
    pub(crate) fn seal(&mut self) -> BatchWitness {
        self.seal_counted().witness
    }

    /// The same, with what it holds.
    pub(crate) fn seal_counted(&mut self) -> SealedBatch {
        self.time += 10;
        // Nonces of the next batch are above those of this one.
        self.nonces |= self.turned;
        let sealed = self.ledger.seal_always(self.now()).expect("what is admitted settles");
        assert!(self.ledger.reserve().expect("the store works").is_full());
        sealed
    }

    /// Lets the next nonce be far from the last.
    pub(crate) fn skip_nonces(&mut self, count: u64) {
        self.nonces += count;
    }

    /// Lets nonces come out of order, above all earlier ones: `bits` are ones.
    pub(crate) fn scramble_nonces(&mut self, bits: u64) {
        self.nonces |= bits;
        self.turned = bits;
    }

    /// Genesis of the ledger.
    pub(crate) fn genesis() -> Genesis {
        let domain = Domain { chain_id: 31337, contract: Address([0xfa; 20]) };
        Genesis { domain, operator: identity(0) }
    }
}
