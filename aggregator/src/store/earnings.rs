//! Sources of what licenses receive, and movements of accounts, by batch. Both are read from the
//! batch's witness, so only batches that this node sealed have them.

use std::collections::BTreeMap;

use farthing_protocol::{
    AccountId, BatchNumber, BatchWitness, Holder, LicenseId, Nano, Operation, QueueEntry,
    QueueOutcome,
};
use serde::{Deserialize, Serialize};

use super::keys::{self, Family};
use super::records::RoyaltySplit;
use super::{Changes, NodeStore, NodeStoreError, decode};

/// The payments of one account to one license in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayerTotal {
    /// The account that paid.
    pub payer: AccountId,
    /// The number of its payments.
    pub payments: u32,
    /// The uses that they paid for.
    pub uses: u64,
    /// Their sum.
    pub amount: Nano,
}

/// The sources of what a license received in a batch: `received = Σ payers + Σ derivatives`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoyaltySources {
    /// Payments, by payer, ascending.
    pub payers: Vec<PayerTotal>,
    /// Parts of derivatives, ascending.
    pub derivatives: Vec<(LicenseId, Nano)>,
}

/// The kind of a movement of an account's balance. One entry sums all movements of its kind in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MovementKind {
    /// The account's part of what a license received.
    Royalty(LicenseId),
    /// Transfers from an account.
    TransferIn(AccountId),
    /// Deposits from L1.
    Deposit,
    /// Fees of intents, which the operator's account receives.
    FeeIncome,
    /// Payments of a license.
    Payment(LicenseId),
    /// Transfers to an account.
    TransferOut(AccountId),
    /// Withdrawals to L1, a forced exit included.
    Withdrawal,
    /// Fees of the account's intents.
    Fee,
}

impl MovementKind {
    /// Returns true if the movement is added to the balance, false if it is taken from it.
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::Royalty(_) | Self::TransferIn(_) | Self::Deposit | Self::FeeIncome)
    }
}

/// Movements of an account in a batch: `before + Σ credits = after + Σ debits`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountMovements {
    /// The balance before the batch.
    pub before: Nano,
    /// The balance after the batch.
    pub after: Nano,
    /// The movements, each above 0, ascending by kind.
    pub movements: Vec<(MovementKind, Nano)>,
}

impl NodeStore {
    /// The sources of what a license received in a batch.
    pub(crate) fn royalty_sources(
        &self,
        license: LicenseId,
        batch: BatchNumber,
    ) -> Result<RoyaltySources, NodeStoreError> {
        let key = keys::license_line(license, batch);
        Ok(self.get(Family::RoyaltySources, &key)?.unwrap_or_default())
    }

    /// The split of a license in a batch that touched it.
    pub(crate) fn license_line(
        &self,
        license: LicenseId,
        batch: BatchNumber,
    ) -> Result<Option<RoyaltySplit>, NodeStoreError> {
        let key = keys::license_line(license, batch);
        let line: Option<(BatchNumber, RoyaltySplit)> = self.get(Family::LicenseLines, &key)?;
        Ok(line.map(|(_, split)| split))
    }

    /// An account's movements from batch `from` on, ascending, at most `limit` batches.
    pub(crate) fn account_lines(
        &self,
        account: AccountId,
        from: BatchNumber,
        limit: usize,
    ) -> Result<Vec<(BatchNumber, AccountMovements)>, NodeStoreError> {
        let prefix = account.get().to_be_bytes();
        let from = keys::account_line(account, from);
        self.scan(Family::AccountLines, &prefix, &from, limit, |_, value| {
            decode(Family::AccountLines, value)
        })
    }
}

impl Changes<'_> {
    /// Sources and movements of a sealed batch, whose licenses are split as `splits` says.
    pub(super) fn put_earnings(
        &mut self,
        witness: &BatchWitness,
        splits: &[(LicenseId, RoyaltySplit)],
    ) -> Result<(), NodeStoreError> {
        let number = witness.statement.header.number;
        for (license, sources) in royalty_sources(witness, splits) {
            let key = keys::license_line(license, number);
            self.put(Family::RoyaltySources, &key, &sources)?;
        }
        for (account, movements) in account_movements(witness, splits) {
            let key = keys::account_line(account, number);
            self.put(Family::AccountLines, &key, &(number, &movements))?;
        }
        Ok(())
    }
}

/// The sources of each license that received something.
fn royalty_sources(
    witness: &BatchWitness,
    splits: &[(LicenseId, RoyaltySplit)],
) -> BTreeMap<LicenseId, RoyaltySources> {
    let mut totals: BTreeMap<(LicenseId, AccountId), PayerTotal> = BTreeMap::new();
    for intent in &witness.intents {
        let intent = &intent.signed.intent;
        let Operation::Pay(pay) = &intent.operation else { continue };
        let payer = intent.account;
        let none = PayerTotal { payer, payments: 0, uses: 0, amount: Nano::ZERO };
        let total = totals.entry((pay.license, payer)).or_insert(none);
        total.payments = total.payments.saturating_add(1);
        total.uses = total.uses.saturating_add(pay.uses.get().into());
        total.amount = plus(total.amount, pay.amount.into());
    }
    let mut sources: BTreeMap<LicenseId, RoyaltySources> = BTreeMap::new();
    for ((license, _), total) in totals {
        sources.entry(license).or_default().payers.push(total);
    }
    for (derivative, split) in splits {
        for (holder, part) in &split.parts {
            if let Holder::License(parent) = holder
                && *part > Nano::ZERO
            {
                sources.entry(*parent).or_default().derivatives.push((*derivative, *part));
            }
        }
    }
    sources
}

/// Movements of each account whose balance moved.
fn account_movements(
    witness: &BatchWitness,
    splits: &[(LicenseId, RoyaltySplit)],
) -> Vec<(AccountId, AccountMovements)> {
    let mut sums = Sums::default();
    for (license, split) in splits {
        for (holder, part) in &split.parts {
            if let Holder::Account(account) = holder {
                sums.add(*account, MovementKind::Royalty(*license), *part);
            }
        }
    }
    for intent in &witness.intents {
        let intent = &intent.signed.intent;
        let (account, fee) = (intent.account, Nano::from(intent.fee));
        sums.add(account, MovementKind::Fee, fee);
        sums.add(AccountId::OPERATOR, MovementKind::FeeIncome, fee);
        let amount = Nano::from(intent.operation.amount());
        match &intent.operation {
            Operation::Pay(pay) => sums.add(account, MovementKind::Payment(pay.license), amount),
            Operation::Transfer(transfer) => {
                sums.add(account, MovementKind::TransferOut(transfer.to), amount);
                sums.add(transfer.to, MovementKind::TransferIn(account), amount);
            }
            Operation::Withdraw(_) => sums.add(account, MovementKind::Withdrawal, amount),
            Operation::RegisterLicense(_) | Operation::UpdateLicense(_) => {}
        }
    }
    let mut exits = Vec::new();
    for (entry, outcome) in &witness.queue {
        match (entry, outcome) {
            (QueueEntry::Deposit(deposit), QueueOutcome::Credited(account)) => {
                let amount = Nano::new(deposit.raw_amount()).unwrap_or(Nano::MAX);
                sums.add(*account, MovementKind::Deposit, amount);
            }
            (QueueEntry::ForcedExit(exit), QueueOutcome::Exits) => exits.push(exit.account),
            _ => {}
        }
    }
    let mut lines = Vec::new();
    for change in &witness.accounts {
        let Some(new) = change.new else { continue };
        let before = change.old.map_or(Nano::ZERO, |old| old.balance);
        let after = new.balance;
        if exits.contains(&change.id) {
            let left = sums.balance(change.id, before);
            sums.add(change.id, MovementKind::Withdrawal, minus(left, after));
        }
        let movements = sums.of(change.id);
        if !movements.is_empty() {
            lines.push((change.id, AccountMovements { before, after, movements }));
        }
    }
    lines
}

/// Sums of movements by account and kind.
#[derive(Default)]
struct Sums(BTreeMap<(AccountId, MovementKind), Nano>);

impl Sums {
    fn add(&mut self, account: AccountId, kind: MovementKind, amount: Nano) {
        if amount > Nano::ZERO {
            let sum = self.0.entry((account, kind)).or_insert(Nano::ZERO);
            *sum = plus(*sum, amount);
        }
    }

    fn of(&self, account: AccountId) -> Vec<(MovementKind, Nano)> {
        let all = (account, MovementKind::Royalty(LicenseId::MIN))..=(account, MovementKind::Fee);
        self.0.range(all).map(|((_, kind), sum)| (*kind, *sum)).collect()
    }

    /// The balance after the movements added until now, from `before` on.
    fn balance(&self, account: AccountId, before: Nano) -> Nano {
        let (mut credits, mut debits) = (u128::from(before.get()), 0);
        for (kind, amount) in self.of(account) {
            let sum = if kind.is_credit() { &mut credits } else { &mut debits };
            *sum += u128::from(amount.get());
        }
        let left = u64::try_from(credits.saturating_sub(debits)).ok();
        left.and_then(|left| Nano::new(left).ok()).unwrap_or(Nano::MAX)
    }
}

/// No sum of one kind reaches 2⁶²: a batch has at most 2¹⁶ intents of less than 2⁴⁶ nano-units, and a
/// license passes on less than 2⁶².
fn plus(a: Nano, b: Nano) -> Nano {
    a.checked_add(b).unwrap_or(Nano::MAX)
}

fn minus(a: Nano, b: Nano) -> Nano {
    a.checked_sub(b).unwrap_or(Nano::ZERO)
}
