//! The rules of admission and settlement once more, from `docs/` and not from the ledger: expected answers, with every field of
//! an error, and the state that a batch leaves. It shares types with the ledger, but no rule.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use p3_field::PrimeCharacteristicRing;

use farthing_ledger::{
    AdmitError, CheckError, OperationError, PayError, RegisterLicenseError, TransferError,
    UpdateLicenseError,
};
use farthing_protocol::{
    AccountId, AccountIdentity, Amount, Deposit, Digest, Felt, ForcedExit, Holder, Intent,
    IntentId, LicenseId, LicenseStatus, LicenseVersion, Licensee, Lineage, Nano, Nonce, Operation,
    OutOfRange, QueueEntry, RegisterLicense, Shares, ShortDigest, SignatureError, Tag, Transfer,
    UnixTime, UpdateLicense, Withdrawal, hash,
};

const SHARES: u128 = 1_000_000;
const UNIT: u64 = 1_000;
const AMOUNT_LIMIT: u64 = 1 << 46;
const RECEIVED_LIMIT: u64 = 1 << 62;
const LINEAGE_MAX: u32 = 64;

pub(super) struct Account {
    pub(super) identity: AccountIdentity,
    /// The person that signs for it, unless its key is not a point.
    pub(super) signer: Option<u8>,
    /// With every step of the open batch, but what licenses share out.
    pub(super) balance: u64,
    /// The largest of settled batches.
    pub(super) nonce: u64,
    /// Those of the open batch.
    pub(super) nonces: BTreeSet<u64>,
}

pub(super) struct License {
    pub(super) terms: RegisterLicense,
    pub(super) licensor: u32,
    /// In the open batch.
    pub(super) version: LicenseVersion,
    /// From the next one on.
    pub(super) next: Option<LicenseVersion>,
    /// The first three elements of its origin.
    pub(super) name: ShortDigest,
    pub(super) vault: u64,
    pub(super) received: u64,
    paid: u64,
    touched: bool,
    /// Registered in the open batch.
    pub(super) new: bool,
}

/// An answer to an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Admitted, with the number of the license that it registers.
    Admitted(Option<LicenseId>),
    /// Admitted before.
    Repeated,
    Unchecked(CheckError),
    Refused(AdmitError),
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) accounts: Vec<Account>,
    pub(super) licenses: Vec<License>,
    known: HashMap<(u32, u64), IntentId>,
    withdrawals: Vec<Withdrawal>,
    /// Forced exits of the open batch: an account may be opened after its exit.
    exits: Vec<ForcedExit>,
}

impl Model {
    pub(super) fn open(&mut self, identity: AccountIdentity, signer: Option<u8>) {
        let nonces = BTreeSet::new();
        self.accounts.push(Account { identity, signer, balance: 0, nonce: 0, nonces });
    }

    pub(super) fn account_of(&self, identity: &AccountIdentity) -> Option<u32> {
        self.accounts.iter().position(|one| one.identity == *identity).map(|id| id as u32)
    }

    /// Says that an intent has used the nonce.
    pub(super) fn used(&self, account: u32, nonce: u64) -> bool {
        self.known.contains_key(&(account, nonce))
    }

    /// The answer to an intent that `person` signs at `now`, if there is room for it.
    pub(super) fn expected(
        &self,
        intent: &Intent,
        id: IntentId,
        person: u8,
        now: UnixTime,
    ) -> Answer {
        let (account, nonce) = (intent.account.get(), intent.nonce);
        let known = self.known.get(&(account, nonce.get()));
        if known == Some(&id) {
            return Answer::Repeated;
        }
        let Some(signer) = self.accounts.get(account as usize) else {
            return Answer::Unchecked(CheckError::UnknownAccount { account: intent.account });
        };
        if signer.signer != Some(person) {
            return Answer::Unchecked(CheckError::Signature(SignatureError::Mismatch));
        }
        if let Some(by) = known {
            return Answer::Refused(AdmitError::NonceUsed { nonce, by: *by });
        }
        match self.refusal(intent, signer, now) {
            Some(refusal) => Answer::Refused(refusal),
            None => {
                let registers = matches!(intent.operation, Operation::RegisterLicense(_));
                let next = LicenseId::from(self.licenses.len() as u32);
                Answer::Admitted(registers.then_some(next))
            }
        }
    }

    fn refusal(&self, intent: &Intent, signer: &Account, now: UnixTime) -> Option<AdmitError> {
        if intent.nonce.get() <= signer.nonce {
            let last = Nonce::new(signer.nonce).expect("a nonce");
            return Some(AdmitError::NonceTooLow { last, got: intent.nonce });
        }
        if intent.valid_until < now {
            return Some(AdmitError::Expired { valid_until: intent.valid_until, now });
        }
        let refusal: Option<OperationError> = match &intent.operation {
            Operation::Pay(pay) => match self.licenses.get(pay.license.get() as usize) {
                None => Some(PayError::UnknownLicense { license: pay.license }.into()),
                Some(license) if pay.recipient != license.name => {
                    let (expected, got) = (license.name, pay.recipient);
                    Some(PayError::RecipientChanged { license: pay.license, expected, got }.into())
                }
                Some(license) if license.version.status != LicenseStatus::Active => {
                    let retired = license.version.status == LicenseStatus::Retired;
                    Some(PayError::Paused { license: pay.license, retired }.into())
                }
                Some(license)
                    if ![0, intent.account.get()].contains(&license.version.licensee.get()) =>
                {
                    let licensee = AccountId::from(license.version.licensee.get());
                    Some(PayError::NotLicensee { license: pay.license, licensee }.into())
                }
                Some(license) => {
                    let product = license.version.price.get() * u64::from(pay.uses.get());
                    match Amount::new(product) {
                        Err(_) => Some(PayError::TooMuch(too_much(product)).into()),
                        Ok(expected) if pay.amount.get() != product => {
                            Some(PayError::WrongAmount { expected, got: pay.amount }.into())
                        }
                        Ok(_) => None,
                    }
                }
            },
            Operation::Transfer(Transfer { to, recipient: got, .. }) => {
                match self.name(Holder::Account(*to)) {
                    None => Some(TransferError::UnknownRecipient { to: *to }.into()),
                    Some(expected) => (*got != expected).then(|| {
                        TransferError::RecipientChanged { to: *to, expected, got: *got }.into()
                    }),
                }
            }
            Operation::Withdraw(_) => None,
            Operation::RegisterLicense(register) => self.unregistrable(register).map(Into::into),
            Operation::UpdateLicense(update) => {
                self.unchangeable(update, intent.account.get()).map(Into::into)
            }
        };
        let needed = amount_of(&intent.operation) + u64::from(intent.fee.get());
        refusal.map(AdmitError::Operation).or_else(|| {
            (needed > signer.balance).then(|| AdmitError::InsufficientFunds {
                needed: Nano::new(needed).expect("less than twice an amount"),
                available: Nano::new(signer.balance).expect("a balance"),
            })
        })
    }

    fn unchangeable(&self, update: &UpdateLicense, signer: u32) -> Option<UpdateLicenseError> {
        let UpdateLicense { license, recipient: got, version } = *update;
        let Some(found) = self.licenses.get(license.get() as usize) else {
            return Some(UpdateLicenseError::UnknownLicense { license });
        };
        let (expected, licensor) = (found.name, AccountId::from(found.licensor));
        let shares_or_licensee =
            version.derivative_shares != Shares::ZERO || version.licensee != Licensee::ANYBODY;
        if got != expected {
            Some(UpdateLicenseError::RecipientChanged { license, expected, got })
        } else if signer != found.licensor {
            Some(UpdateLicenseError::NotLicensor { license, licensor })
        } else if found.version.status == LicenseStatus::Retired {
            Some(UpdateLicenseError::Retired { license })
        } else if version.status == LicenseStatus::Retired && shares_or_licensee {
            Some(UpdateLicenseError::RetiredTerms)
        } else {
            (found.new || found.next.is_some()).then_some(UpdateLicenseError::Updating { license })
        }
    }

    fn unregistrable(&self, register: &RegisterLicense) -> Option<RegisterLicenseError> {
        let own = LicenseId::from(self.licenses.len() as u32);
        let mut lineage = 1;
        for line in register.shares.holders() {
            let Holder::License(parent) = line.holder else { continue };
            let Some(found) = self.licenses.get(parent.get() as usize) else {
                return Some(RegisterLicenseError::ParentNotOlder { own, parent });
            };
            if found.version.status != LicenseStatus::Active {
                return Some(RegisterLicenseError::ParentPaused { parent });
            }
            if found.version.licensee.get() != 0 {
                let licensee = AccountId::from(found.version.licensee.get());
                return Some(RegisterLicenseError::ParentPrivate { parent, licensee });
            }
            let (expected, got) = (found.version.derivative_shares, line.shares);
            if got < expected {
                return Some(RegisterLicenseError::ParentShareTooSmall { parent, expected, got });
            }
            lineage += found.terms.lineage.get();
        }
        let Ok(expected) = Lineage::new(lineage) else {
            let (got, max) = (u64::from(lineage), u64::from(LINEAGE_MAX));
            let range = OutOfRange { quantity: "Lineage", got, min: 1, max };
            return Some(RegisterLicenseError::TooManyAncestors(range));
        };
        if register.lineage != expected {
            return Some(RegisterLicenseError::WrongLineage { expected, got: register.lineage });
        }
        let unknown = register.shares.holders().iter().find_map(|line| match line.holder {
            Holder::Account(account) if account.get() as usize >= self.accounts.len() => {
                Some(RegisterLicenseError::UnknownHolder { account })
            }
            _ => None,
        });
        unknown.or_else(|| {
            let (expected, got) = (self.chain(register).into(), register.recipient);
            (got != expected).then_some(RegisterLicenseError::RecipientChanged { expected, got })
        })
    }

    /// The first three elements of an identity or an origin.
    fn name(&self, holder: Holder) -> Option<ShortDigest> {
        match holder {
            Holder::Account(id) => {
                let account = self.accounts.get(id.get() as usize)?;
                Some(ShortDigest::from(account.identity.digest()))
            }
            Holder::License(id) => Some(self.licenses.get(id.get() as usize)?.name),
        }
    }

    /// The holder chain of a registration whose holders are all there.
    fn chain(&self, register: &RegisterLicense) -> Digest {
        let mut chain = [Felt::ZERO; 4].to_vec();
        for line in register.shares.holders().iter().rev() {
            chain.push(Felt::new(line.packed()));
            chain.extend(self.name(line.holder).expect("a holder").elements());
            chain = hash(Tag::HolderChain, &chain).elements().to_vec();
        }
        Digest::new(chain.try_into().expect("four elements"))
    }

    /// An admitted intent.
    pub(super) fn apply(&mut self, intent: &Intent, id: IntentId) {
        let (account, nonce) = (intent.account.get(), intent.nonce.get());
        self.known.insert((account, nonce), id);
        let (amount, fee) = (amount_of(&intent.operation), u64::from(intent.fee.get()));
        let signer = &mut self.accounts[account as usize];
        signer.nonces.insert(nonce);
        signer.balance -= amount + fee;
        let owner = signer.identity.owner;
        self.accounts[AccountId::OPERATOR.get() as usize].balance += fee;
        match &intent.operation {
            Operation::Transfer(to) => self.accounts[to.to.get() as usize].balance += amount,
            Operation::Withdraw(_) => {
                self.withdrawals.push(Withdrawal { owner, base_units: amount / UNIT });
            }
            Operation::Pay(pay) => {
                self.touch(pay.license.get());
                self.licenses[pay.license.get() as usize].paid += amount;
            }
            Operation::RegisterLicense(register) => {
                for (parent, _) in register.shares.parents() {
                    self.touch(parent.get());
                }
                let licensor = self.name(Holder::Account(intent.account)).expect("it signed");
                let mut origin = licensor.elements().to_vec();
                origin.extend(self.chain(register).elements());
                origin.extend(register.provenance.felts());
                self.licenses.push(License {
                    terms: register.clone(),
                    licensor: account,
                    version: LicenseVersion {
                        price: register.price,
                        derivative_shares: register.derivative_shares,
                        status: LicenseStatus::Active,
                        licensee: Licensee::ANYBODY,
                        provenance: register.provenance,
                    },
                    next: None,
                    name: hash(Tag::LicenseOrigin, &origin).into(),
                    vault: 0,
                    received: 0,
                    paid: 0,
                    touched: true,
                    new: true,
                });
            }
            Operation::UpdateLicense(update) => {
                self.touch(update.license.get());
                self.licenses[update.license.get() as usize].next = Some(update.version);
            }
        }
    }

    /// A license and all that it derives from share out what they have.
    fn touch(&mut self, license: u32) {
        let license = &mut self.licenses[license as usize];
        if !core::mem::replace(&mut license.touched, true) || license.new {
            let parents: Vec<u32> =
                license.terms.shares.parents().map(|(parent, _)| parent.get()).collect();
            parents.into_iter().for_each(|parent| self.touch(parent));
        }
    }

    pub(super) fn consume(&mut self, entry: &QueueEntry, signer: Option<u8>) {
        match entry {
            QueueEntry::Deposit(deposit) => self.deposit(deposit, signer),
            QueueEntry::ForcedExit(exit) => self.exits.push(*exit),
        }
    }

    fn deposit(&mut self, deposit: &Deposit, signer: Option<u8>) {
        if deposit.raw_amount() >= AMOUNT_LIMIT {
            return;
        }
        let identity = deposit.identity();
        let account = self.account_of(&identity).unwrap_or_else(|| {
            self.open(identity, signer);
            self.accounts.len() as u32 - 1
        });
        self.accounts[account as usize].balance += deposit.raw_amount();
    }

    /// The open batch is sealed; what L1 owes for it, by owner and base units.
    pub(super) fn settle(&mut self) -> BTreeMap<([u8; 20], u64), usize> {
        for id in (0..self.licenses.len()).rev() {
            let license = &mut self.licenses[id];
            license.new = false;
            license.version = license.next.take().unwrap_or(license.version);
            if !core::mem::take(&mut license.touched) {
                continue;
            }
            let paid = core::mem::take(&mut license.paid);
            license.received = (license.received + paid) % RECEIVED_LIMIT;
            let total = license.vault + paid;
            let lines = license.terms.shares.holders().to_vec();
            let mut kept = total;
            for line in lines {
                let part = u128::from(total) * u128::from(line.shares.get()) / SHARES;
                let part = part as u64;
                kept -= part;
                match line.holder {
                    Holder::Account(account) => {
                        self.accounts[account.get() as usize].balance += part
                    }
                    // It has a smaller number, so it is still to come.
                    Holder::License(parent) => self.licenses[parent.get() as usize].paid += part,
                }
            }
            self.licenses[id].vault = kept;
        }
        let mut owed = core::mem::take(&mut self.withdrawals);
        let exits = core::mem::take(&mut self.exits);
        for (id, account) in self.accounts.iter_mut().enumerate() {
            let owner = account.identity.owner;
            let asked = |exit: &ForcedExit| exit.account.get() as usize == id;
            if exits.iter().any(|exit| asked(exit) && exit.requester == owner) {
                owed.push(Withdrawal { owner, base_units: account.balance / UNIT });
                account.balance %= UNIT;
            }
            let nonces = core::mem::take(&mut account.nonces);
            account.nonce = nonces.last().copied().unwrap_or(account.nonce);
        }
        count(&owed)
    }
}

/// Withdrawals by owner and base units: their order is the circuits' matter.
pub(super) fn count(withdrawals: &[Withdrawal]) -> BTreeMap<([u8; 20], u64), usize> {
    let mut counted = BTreeMap::new();
    for withdrawal in withdrawals {
        *counted.entry((withdrawal.owner.0, withdrawal.base_units)).or_default() += 1;
    }
    counted
}

/// Amount that an operation takes from its account besides the fee.
pub(super) fn amount_of(operation: &Operation) -> u64 {
    match operation {
        Operation::Pay(pay) => pay.amount.get(),
        Operation::Transfer(transfer) => transfer.amount.get(),
        Operation::Withdraw(withdraw) => withdraw.amount().get(),
        Operation::RegisterLicense(_) | Operation::UpdateLicense(_) => 0,
    }
}

fn too_much(got: u64) -> OutOfRange {
    OutOfRange { quantity: "Amount", got, min: 0, max: AMOUNT_LIMIT - 1 }
}
