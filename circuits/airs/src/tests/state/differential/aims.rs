//! Aims of the campaign: every operation, every answer, and both sides of every edge.

use rand::RngExt;

use farthing_protocol::{
    Amount, Bytes32, Deposit, Holder, LicenseId, LicenseStatus, LicenseVersion, Licensee, Nonce,
    Operation, Pay, QueueEntry, Shares, ShortDigest, UnixTime, UpdateLicense, Uses,
};

use super::super::test_ledger::{
    account_holder, deposit, exit, identity, owner, parent, pay, register, transfer, update,
    version, withdraw,
};
use super::model::amount_of;
use super::table::Cell;
use super::walk::{
    AMOUNT_MAX, CHANGING, CHEAP, DEAREST, DERIVATIVE_SHARES, FREE, LINEAGES, Plan, STRANGERS, WIDE,
    Walk, sixteen_holders,
};

/// Names of signed steps, in the order of their kinds.
pub(super) const OPERATIONS: [&str; 5] = ["pay", "transfer", "withdraw", "register", "update"];

/// A change of a plain intent, with the answer that it has to have; `None` if nothing here can be changed so.
type Edge = (&'static str, &'static str, fn(&mut Walk, &mut Plan) -> Option<()>);

/// Edges of what every intent has. A nonce or fee that is the greatest leaves little to do, so they are tried less often.
pub(super) const EDGES: [Edge; 20] = [
    ("plain", "admitted", |_, _| Some(())),
    ("first nonce after the settled one", "admitted", |walk, plan| {
        plan.nonce = walk.model.accounts[plan.account as usize].nonce + 1;
        unused(walk, plan)
    }),
    ("nonce below another of the batch", "admitted", |walk, plan| {
        let account = &walk.model.accounts[plan.account as usize];
        plan.nonce = account.nonces.last()?.checked_sub(1)?;
        (plan.nonce > account.nonce).then_some(())?;
        unused(walk, plan)
    }),
    ("greatest nonce", "admitted", |walk, plan| {
        plan.nonce = Nonce::MAX.get();
        walk.rng.random_ratio(1, 4).then_some(())
    }),
    ("nonce of the batch", "nonce used", |walk, plan| {
        (plan.account, plan.person) = walk.signer_in_batch()?;
        plan.nonce = *walk.model.accounts[plan.account as usize].nonces.first()?;
        Some(())
    }),
    ("nonce settled", "nonce used", |walk, plan| {
        plan.nonce = walk.model.accounts[plan.account as usize].nonce;
        walk.model.used(plan.account, plan.nonce).then_some(())
    }),
    ("nonce below the settled one", "nonce too low", |walk, plan| {
        plan.nonce = walk.model.accounts[plan.account as usize].nonce.saturating_sub(1);
        unused(walk, plan)
    }),
    ("least nonce", "nonce too low", |walk, plan| {
        plan.nonce = 0;
        unused(walk, plan)
    }),
    ("valid until now", "admitted", |walk, plan| {
        plan.valid_until = walk.world.time;
        Some(())
    }),
    ("valid until before", "expired", |walk, plan| {
        plan.valid_until = walk.world.time - 1;
        Some(())
    }),
    ("valid until 1970", "expired", |_, plan| {
        plan.valid_until = 0;
        Some(())
    }),
    ("valid for ever", "admitted", |_, plan| {
        plan.valid_until = UnixTime::MAX.get();
        Some(())
    }),
    ("no fee", "admitted", |_, plan| {
        plan.fee = 0;
        Some(())
    }),
    ("greatest fee", "admitted", |walk, plan| {
        let greatest = u64::from(u32::MAX);
        let needed = greatest + amount_of(&plan.operation);
        (plan.account, plan.person) = match plan.operation {
            Operation::UpdateLicense(_) => walk.licensor_with(needed)?,
            _ => walk.account_with(needed)?,
        };
        let operation = plan.operation.clone();
        *plan = Plan { fee: greatest, ..walk.plan_of(plan.account, plan.person, operation) };
        Some(())
    }),
    ("all of the balance", "admitted", |walk, plan| rest_as_fee(walk, plan, 0)),
    ("one over the balance", "insufficient funds", |walk, plan| rest_as_fee(walk, plan, 1)),
    ("another's key", "signature", |_, plan| {
        plan.person = 1 + plan.person % 200;
        Some(())
    }),
    ("next account", "unknown account", |walk, plan| {
        plan.account = walk.model.accounts.len() as u32;
        Some(())
    }),
    ("last account", "unknown account", |_, plan| {
        plan.account = u32::MAX;
        Some(())
    }),
    ("expired and unpayable", "expired", |walk, plan| {
        plan.valid_until = walk.world.time - 1;
        rest_as_fee(walk, plan, 1)
    }),
];

fn unused(walk: &Walk, plan: &Plan) -> Option<()> {
    (!walk.model.used(plan.account, plan.nonce)).then_some(())
}

/// The fee makes up for the rest of the balance, and a bit more.
fn rest_as_fee(walk: &Walk, plan: &mut Plan, more: u64) -> Option<()> {
    let balance = walk.model.accounts[plan.account as usize].balance;
    plan.fee = balance.checked_sub(amount_of(&plan.operation))? + more;
    (plan.fee <= u64::from(u32::MAX)).then_some(())
}

/// Intents of one operation at an edge of its own: operation, edge, answer, the intent by an account that can pay it.
type Own = (usize, &'static str, &'static str, fn(&mut Walk) -> Option<Operation>);

pub(super) const OWN: [Own; 65] = [
    (0, "one use", "admitted", |_| Some(pay(0, 1, 100))),
    (0, "most uses", "admitted", |_| Some(pay(CHEAP, 1 << 23, 8))),
    (0, "price 0", "admitted", |walk| Some(pay(FREE, walk.rng.random_range(1..1 << 23), 0))),
    (0, "most of the dearest", "admitted", |_| Some(pay(DEAREST, 64, (1 << 40) - 1))),
    (0, "one use more of the dearest", "too much", |_| {
        let (license, uses) = (LicenseId::from(DEAREST), Uses::new(65).ok()?);
        let (recipient, memo) = (ShortDigest::default(), Bytes32([0; 32]));
        Some(Operation::Pay(Pay { license, uses, amount: Amount::MAX, recipient, memo }))
    }),
    (0, "amount one over", "wrong amount", |walk| off(walk, 1)),
    (0, "amount one under", "wrong amount", |walk| off(walk, -1)),
    (0, "lineage 64", "admitted", |walk| {
        Some(pay(LINEAGES - 1, walk.rng.random_range(1..10_000), 100 * u64::from(LINEAGES)))
    }),
    (0, "sixteen holders", "admitted", |walk| {
        let license = walk.rng.random_range(WIDE);
        Some(pay(license, walk.rng.random_range(1..10_000), license.into()))
    }),
    (0, "license of the batch", "admitted", |walk| {
        let license = newest(walk)?;
        let price = walk.model.licenses[license as usize].version.price.get();
        (price < 1 << 20).then(|| pay(license, 7, price))
    }),
    (0, "next license", "unknown license", |walk| {
        Some(pay(walk.model.licenses.len() as u32, 1, 1))
    }),
    (0, "last license", "unknown license", |_| Some(pay(u32::MAX, 1, 1))),
    (0, "another origin", "recipient changed", |_| Some(named_otherwise(pay(0, 1, 100)))),
    (0, "before its price changes", "admitted", |walk| {
        let changes = |id: &u32| {
            let license = &walk.model.licenses[*id as usize];
            license.next.is_some() && payable(&license.version)
        };
        let license = CHANGING.clone().find(changes)?;
        Some(pay(license, 3, walk.model.licenses[license as usize].version.price.get()))
    }),
    (0, "after its price changed", "admitted", |walk| {
        let license = walk.with_version(|one| payable(one) && one.price.get() != 50)?;
        Some(pay(license, 2, walk.model.licenses[license as usize].version.price.get()))
    }),
    (0, "a paused license", "paused", |walk| {
        Some(pay(walk.with_version(|one| one.status == LicenseStatus::Paused)?, 1, 0))
    }),
    (0, "a retired license", "paused", |walk| {
        Some(pay(walk.with_version(|one| one.status == LicenseStatus::Retired)?, 1, 0))
    }),
    (0, "another's license", "not licensee", |walk| Some(pay(walk.with_version(private)?, 1, 0))),
    (0, "its licensee's license", "admitted", |walk| {
        let license = walk.with_version(private)?;
        Some(pay(license, 1, walk.model.licenses[license as usize].version.price.get()))
    }),
    (1, "nothing", "admitted", |walk| Some(transfer(any_account(walk), 0))),
    (1, "one", "admitted", |walk| Some(transfer(any_account(walk), 1))),
    (1, "the most", "admitted", |walk| Some(transfer(any_account(walk), AMOUNT_MAX))),
    (1, "the most, unpayable", "insufficient funds", |walk| {
        Some(transfer(any_account(walk), AMOUNT_MAX))
    }),
    (1, "to the operator", "admitted", |_| Some(transfer(0, 77))),
    (1, "to itself", "admitted", |_| Some(transfer(SELF, 1_000))),
    (1, "to itself, all of the balance", "admitted", |_| Some(transfer(SELF, ALL))),
    (1, "to itself, one over the balance", "insufficient funds", |_| Some(transfer(SELF, OVER))),
    (1, "to the next account", "unknown recipient", |walk| {
        Some(transfer(walk.model.accounts.len() as u32, 1))
    }),
    (1, "to the last account", "unknown recipient", |_| Some(transfer(u32::MAX, 0))),
    (1, "another identity", "recipient changed", |walk| {
        Some(named_otherwise(transfer(any_account(walk), 1)))
    }),
    (2, "one unit", "admitted", |_| Some(withdraw(1_000))),
    (2, "the most", "admitted", |_| Some(withdraw(AMOUNT_MAX / 1_000 * 1_000))),
    (2, "the most, unpayable", "insufficient funds", |_| {
        Some(withdraw(AMOUNT_MAX / 1_000 * 1_000))
    }),
    (3, "one holder", "admitted", |_| Some(register(1, 0, 1, &[(account_holder(0), 1_000_000)]))),
    (3, "sixteen holders", "admitted", |_| Some(register(0, 1_000_000, 1, &sixteen_holders()))),
    (3, "a holder with one share", "admitted", |_| {
        Some(register((1 << 40) - 1, 1, 1, &[(account_holder(1), 999_999), (account_holder(2), 1)]))
    }),
    (3, "parents alone", "admitted", |_| Some(register(9, 0, 2, &[(parent(CHEAP), 1_000_000)]))),
    (3, "lineage 64", "admitted", |_| Some(derived(0..LINEAGES - 1, DERIVATIVE_SHARES, 64))),
    (3, "lineage 65", "too many ancestors", |_| {
        Some(derived(LINEAGES - 1..LINEAGES, DERIVATIVE_SHARES, 64))
    }),
    (3, "lineage one over", "wrong lineage", |_| Some(derived(0..3, DERIVATIVE_SHARES, 9))),
    (3, "lineage one under", "wrong lineage", |_| Some(derived(0..3, DERIVATIVE_SHARES, 7))),
    (3, "lineage of a root", "wrong lineage", |_| {
        Some(register(1, 0, 2, &[(account_holder(1), 1_000_000)]))
    }),
    (3, "what a parent asks for", "admitted", |_| Some(derived(1..3, DERIVATIVE_SHARES, 7))),
    (3, "one share less", "parent's share too small", |_| {
        Some(derived(1..3, DERIVATIVE_SHARES - 1, 7))
    }),
    (3, "of itself", "parent not older", |walk| {
        Some(derived_from(walk.model.licenses.len() as u32, 500_000))
    }),
    (3, "of the last license", "parent not older", |_| Some(derived_from(u32::MAX, 500_000))),
    (3, "of a license of the batch", "admitted", |walk| {
        let older = newest(walk)?;
        let terms = &walk.model.licenses[older as usize].terms;
        let (lineage, shares) = (1 + terms.lineage.get(), terms.derivative_shares.get().max(1));
        (lineage <= 64 && shares < 1_000_000).then(|| {
            let lines = [(account_holder(5), 1_000_000 - shares), (parent(older), shares)];
            register(11, 0, lineage, &lines)
        })
    }),
    (3, "of a paused parent", "parent paused", |walk| {
        Some(derived_from(walk.with_version(|one| one.status != LicenseStatus::Active)?, 1_000))
    }),
    (3, "of a private parent", "parent private", |walk| {
        Some(derived_from(walk.with_version(private)?, 1_000))
    }),
    (3, "what a parent asks for since", "admitted", |walk| {
        let license =
            walk.with_version(|one| payable(one) && one.derivative_shares != Shares::ZERO)?;
        let version = &walk.model.licenses[license as usize].version;
        let shares = version.derivative_shares.get();
        (shares < 1_000_000).then(|| derived_from(license, shares))
    }),
    (3, "next account as a holder", "unknown holder", |walk| {
        let next = walk.model.accounts.len() as u32;
        Some(register(1, 0, 1, &[(account_holder(1), 1), (account_holder(next), 999_999)]))
    }),
    (3, "last account as a holder", "unknown holder", |_| {
        Some(register(1, 0, 1, &[(account_holder(u32::MAX), 1_000_000)]))
    }),
    (3, "other holders", "recipient changed", |_| {
        Some(named_otherwise(register(1, 0, 1, &[(account_holder(1), 1_000_000)])))
    }),
    (3, "eight parents of sixteen holders", "too large", |_| {
        let mut lines = vec![(account_holder(1), 992_000)];
        lines.extend(WIDE.map(|wide| (parent(wide), 1_000)));
        Some(register(1, 0, 9, &lines))
    }),
    (4, "the greatest of each", "admitted", |walk| {
        let greatest = LicenseVersion {
            licensee: Licensee::new((1 << 31) - 1).ok()?,
            ..version((1 << 40) - 1, 1_000_000)
        };
        Some(update(walk.changing(4)?, greatest))
    }),
    (4, "the same again", "admitted", |walk| {
        let license = walk.changing(1)?;
        Some(update(license, walk.model.licenses[license as usize].version))
    }),
    (4, "retire", "admitted", |walk| {
        let retired = LicenseVersion { status: LicenseStatus::Retired, ..version(7, 0) };
        Some(update(walk.changing(6)?, retired))
    }),
    (4, "a retired license", "retired", |walk| {
        let license = walk.with_version(|one| one.status == LicenseStatus::Retired)?;
        Some(update(license, version(1, 0)))
    }),
    (4, "retire with a share", "retired terms", |walk| {
        let retired = LicenseVersion { status: LicenseStatus::Retired, ..version(7, 1) };
        Some(update(walk.changing(1)?, retired))
    }),
    (4, "retire with a licensee", "retired terms", |walk| {
        let (status, licensee) = (LicenseStatus::Retired, Licensee::new(1).ok()?);
        let retired = LicenseVersion { status, licensee, ..version(7, 0) };
        Some(update(walk.changing(1)?, retired))
    }),
    (4, "twice in a batch", "updating", |walk| {
        let changes = |id: &u32| walk.model.licenses[*id as usize].next.is_some();
        Some(update(CHANGING.clone().find(changes)?, version(1, 0)))
    }),
    (4, "a license of the batch", "updating", |walk| Some(update(newest(walk)?, version(1, 0)))),
    (4, "another's license", "not licensor", |walk| Some(update(walk.changing(1)?, version(1, 0)))),
    (4, "next license", "unknown license", |walk| {
        Some(update(walk.model.licenses.len() as u32, version(1, 0)))
    }),
    (3, "a price of a use", "admitted", |walk| {
        let price = 1 << walk.rng.random_range(0..40);
        Some(register(price, 0, 1, &[(account_holder(1), 1_000_000)]))
    }),
];

/// Places for the account that signs, its balance, and one more: [`own`] fills them in.
const SELF: u32 = u32::MAX - 1;
const ALL: u64 = AMOUNT_MAX - 1;
const OVER: u64 = AMOUNT_MAX - 2;

/// An intent of an operation at an edge of its own.
pub(super) fn own(walk: &mut Walk, (kind, _, outcome, operation): &Own) -> Option<Plan> {
    let mut operation = operation(walk)?;
    let poor = *outcome == "insufficient funds";
    let (account, person) = match &operation {
        Operation::UpdateLicense(update) => updater(walk, update, *outcome == "not licensor")?,
        Operation::Pay(pay) if *kind == 0 && *outcome != "not licensee" && !poor => {
            let license = walk.model.licenses.get(pay.license.get() as usize);
            let licensee = license.map_or(0, |license| license.version.licensee.get());
            match licensee {
                0 => walk.account_with(amount_of(&operation) + 3)?,
                licensee => {
                    let account = walk.model.accounts.get(licensee as usize)?;
                    (account.balance >= amount_of(&operation) + 3).then_some(())?;
                    let signer = account.signer?;
                    walk.able(licensee).then_some((licensee, signer))?
                }
            }
        }
        Operation::Pay(pay) if *outcome == "not licensee" => {
            let licensee = walk.model.licenses[pay.license.get() as usize].version.licensee.get();
            walk.account_with(3).filter(|(account, _)| *account != licensee)?
        }
        // All of a balance is an amount, and less than what the rich hold.
        Operation::Transfer(one) if one.to.get() == SELF => walk.account_with(1_000_000)?,
        _ if poor => walk.account_with(1_000)?,
        _ => walk.account_with(amount_of(&operation) + 3)?,
    };
    let balance = walk.model.accounts[account as usize].balance;
    if let Operation::Transfer(one) = &operation
        && one.to.get() == SELF
    {
        let amount = match one.amount.get() {
            ALL => balance,
            OVER => balance + 1,
            amount => amount,
        };
        (amount <= AMOUNT_MAX).then_some(())?;
        operation = transfer(account, amount);
    }
    let mut plan = walk.plan_of(account, person, operation);
    if *kind == 1 && (poor || amount_of(&plan.operation) == balance) {
        plan.fee = 0;
    }
    (poor == (amount_of(&plan.operation) + plan.fee > balance)).then_some(plan)
}

/// The licensor of a license, or somebody else.
fn updater(walk: &mut Walk, update: &UpdateLicense, other: bool) -> Option<(u32, u8)> {
    let license = walk.model.licenses.get(update.license.get() as usize);
    let Some(licensor) = license.map(|license| license.licensor) else {
        return walk.account_with(3);
    };
    if other {
        return walk.account_with(3).filter(|(account, _)| *account != licensor);
    }
    let account = &walk.model.accounts[licensor as usize];
    let signer = account.signer.filter(|_| account.balance >= 3)?;
    walk.able(licensor).then_some((licensor, signer))
}

/// Says that every account can pay and derive from the license.
fn payable(version: &LicenseVersion) -> bool {
    version.status == LicenseStatus::Active && version.licensee == Licensee::ANYBODY
}

/// Says that one person can pay the license.
fn private(version: &LicenseVersion) -> bool {
    version.status == LicenseStatus::Active && (1..17).contains(&version.licensee.get())
}

/// The operation for somebody who is not there.
fn named_otherwise(mut operation: Operation) -> Operation {
    assert!(operation.address(|_| Some(identity(250).recipient())));
    operation
}

/// A payment with another amount than price × uses.
fn off(walk: &mut Walk, by: i64) -> Option<Operation> {
    let uses: u64 = walk.rng.random_range(1..100);
    let (license, amount) = (LicenseId::from(0), (100 * uses).checked_add_signed(by)?);
    let (uses, amount) = (Uses::new(uses).ok()?, Amount::new(amount).ok()?);
    let (recipient, memo) = (ShortDigest::default(), Bytes32([3; 32]));
    Some(Operation::Pay(Pay { license, uses, amount, recipient, memo }))
}

fn any_account(walk: &mut Walk) -> u32 {
    walk.rng.random_range(0..walk.model.accounts.len() as u32)
}

/// The last license, if the open batch registers it.
fn newest(walk: &Walk) -> Option<u32> {
    walk.model.licenses.last()?.new.then(|| walk.model.licenses.len() as u32 - 1)
}

fn derived(parents: core::ops::Range<u32>, shares: u32, lineage: u32) -> Operation {
    let others = shares * parents.len() as u32;
    let mut lines = vec![(account_holder(2), 1_000_000 - others)];
    lines.extend(parents.map(|older| (parent(older), shares)));
    register(5, 0, lineage, &lines)
}

fn derived_from(older: u32, shares: u32) -> Operation {
    let lines: [(Holder, u32); 2] =
        [(account_holder(2), 1_000_000 - shares), (parent(older), shares)];
    register(5, 0, 2, &lines)
}

/// A step that no account signs: step, edge, answer, the step itself, which says what was answered.
type Other = (&'static str, &'static str, &'static str, fn(&mut Walk) -> Option<&'static str>);

pub(super) const OTHERS: [Other; 22] = [
    ("deposit", "nothing", "consumed", |walk| Some(walk.try_consume(deposit(1, 0)))),
    ("deposit", "one", "consumed", |walk| Some(walk.try_consume(deposit(2, 1)))),
    ("deposit", "the most", "consumed", |walk| {
        let person = walk.rng.random_range(17..21);
        Some(walk.try_consume(deposit(person, AMOUNT_MAX)))
    }),
    ("deposit", "one over the most", "consumed", |walk| {
        Some(walk.try_consume(deposit(3, AMOUNT_MAX + 1)))
    }),
    ("deposit", "the most of L1", "consumed", |walk| {
        Some(walk.try_consume(deposit(3, (1 << 56) - 1)))
    }),
    ("deposit", "to a person", "consumed", |walk| {
        let person = walk.rng.random_range(1..17);
        let amount = walk.rng.random_range(2_000_000..2_000_000_000);
        Some(walk.try_consume(deposit(person, amount)))
    }),
    ("deposit", "opens an account", "consumed", |walk| {
        let person = stranger(walk)?;
        Some(walk.try_consume(deposit(person, 5_000_000)))
    }),
    ("deposit", "nothing, opens an account", "consumed", |walk| {
        let person = stranger(walk)?;
        Some(walk.try_consume(deposit(person, 0)))
    }),
    ("deposit", "refused, opens no account", "consumed", |walk| {
        let person = stranger(walk)?;
        Some(walk.try_consume(deposit(person, AMOUNT_MAX + 1)))
    }),
    ("deposit", "to an account of the batch", "consumed", |walk| {
        let person = stranger(walk)?;
        (open(walk, person)? == "opened").then_some(())?;
        Some(walk.try_consume(deposit(person, 4_000_000)))
    }),
    ("deposit", "under a key that is not a point", "consumed", |walk| {
        let words = [walk.rng.random_range(0..4), u64::MAX, 0, 1, 2];
        let deposit = Deposit::new(owner(9), words, 1_234).ok()?;
        Some(walk.try_consume(QueueEntry::Deposit(deposit)))
    }),
    ("exit", "by the owner", "consumed", |walk| {
        let (account, _) = walk.account_with(1)?;
        asked_for(walk, account)
    }),
    ("exit", "with less than a unit", "consumed", |walk| {
        let found = walk.model.accounts.iter().position(|one| one.balance < 1_000)?;
        asked_for(walk, found as u32)
    }),
    ("exit", "twice", "consumed", |walk| {
        let (account, _) = walk.account_with(1)?;
        asked_for(walk, account)?;
        asked_for(walk, account)
    }),
    ("exit", "by another", "consumed", |walk| {
        let account = any_account(walk);
        Some(walk.try_consume(exit(222, account)))
    }),
    ("exit", "of no account", "consumed", |walk| Some(walk.try_consume(exit(1, u32::MAX)))),
    ("exit", "before its account is open", "consumed", |walk| {
        let person = stranger(walk)?;
        let next = walk.model.accounts.len() as u32;
        (walk.try_consume(exit(person, next)) == "consumed").then_some(())?;
        Some(walk.try_consume(deposit(person, 3_000_500)))
    }),
    ("deposit", "after the next entry", "out of order", |walk| Some(walk.consume_out_of_order())),
    ("open", "a key that is not a point", "no key", |walk| {
        let first = walk.rng.random_range(10..1_000);
        let mut identities = (first..).map(|word| {
            let deposit = Deposit::new(owner(9), [word, u64::MAX, 0, 1, 2], 0).expect("an amount");
            deposit.identity()
        });
        let identity = identities.find(|identity| identity.key.decode().is_err())?;
        Some(walk.try_open(identity, None))
    }),
    ("open", "a new account", "opened", open_stranger),
    ("open", "a settled account", "exists", |walk| {
        let person = walk.rng.random_range(1..21);
        open(walk, person)
    }),
    ("open", "an account of the batch", "exists", |walk| {
        let person = stranger(walk)?;
        (open(walk, person)? == "opened").then_some(())?;
        open(walk, person)
    }),
];

fn asked_for(walk: &mut Walk, account: u32) -> Option<&'static str> {
    let owner = walk.model.accounts[account as usize].identity.owner.0[0];
    Some(walk.try_consume(exit(owner, account)))
}

/// A person without an account.
fn stranger(walk: &mut Walk) -> Option<u8> {
    let person = walk.rng.random_range(STRANGERS);
    walk.model.account_of(&identity(person)).is_none().then_some(person)
}

/// Opens an account for a person; the answer.
pub(super) fn open(walk: &mut Walk, person: u8) -> Option<&'static str> {
    Some(walk.try_open(identity(person), Some(person)))
}

/// The same for one who has no account.
pub(super) fn open_stranger(walk: &mut Walk) -> Option<&'static str> {
    let person = stranger(walk)?;
    open(walk, person)
}

/// Rows of the tables of a class that a batch can fill to the last by one kind of step.
pub(super) const FULL: [&str; 6] =
    ["intents", "signers", "queue_entries", "opened", "holders", "registrations"];

/// All cells: those of steps, and those of classes that are full.
pub(super) fn cells() -> Vec<Cell> {
    let of_each = OPERATIONS.iter().flat_map(|operation| {
        let edges = EDGES.iter().map(|(edge, outcome, _)| (*operation, *edge, *outcome));
        edges.chain([(*operation, "again", "known"), (*operation, "full", "batch full")])
    });
    let own = OWN.iter().map(|(kind, edge, outcome, _)| (OPERATIONS[*kind], *edge, *outcome));
    let others = OTHERS.iter().map(|(step, edge, outcome, _)| (*step, *edge, *outcome));
    let full = ["deposit", "exit", "open"].map(|step| (step, "full", "batch full"));
    let rows = FULL.iter().map(|rows| ("seal", *rows, "last row"));
    of_each.chain(own).chain(others).chain(full).chain(rows).collect()
}
