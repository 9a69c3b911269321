//! What a run moved, in figures.

use std::collections::HashMap;
use std::ops::Range;

use farthing_ledger::{Ledger, Reserve};
use farthing_protocol::{AccountId, BatchCounts, Nano, Operation};
use serde::Serialize;

use super::{Options, RunError};
use crate::chain::{BatchSummary, Chain};
use crate::workload::{Creator, Payment, Population};

const EARNERS_SHOWN: usize = 5;

/// Seconds spent in each step.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Seconds {
    /// The payers' part: signing, on every core.
    pub signing: f64,
    /// Deposits and accounts, sealed.
    pub opening_accounts: f64,
    /// Registrations, sealed.
    pub registering: f64,
    /// Signatures of payments.
    pub checking_signatures: f64,
    /// Admission of payments, synced.
    pub admitting: f64,
    /// Batches of payments.
    pub sealing: f64,
    /// Withdrawals and the forced exit, sealed.
    pub withdrawing: f64,
    /// The second store, from public data.
    pub restoring: f64,
}

/// Who earned how much.
#[derive(Clone, Debug, Serialize)]
pub struct Earner {
    /// The account.
    pub account: AccountId,
    /// What it does.
    pub role: String,
    /// Nano-units earned.
    pub nano: u64,
}

/// What payments moved.
#[derive(Clone, Debug, Serialize)]
pub struct Money {
    /// Nano-units paid to licenses.
    pub volume_nano: u128,
    /// Nano-units paid to the operator.
    pub fees_nano: u128,
    /// Licenses paid.
    pub licenses_paid: usize,
    /// Creators who earned something.
    pub creators_paid: usize,
    /// Nano-units that vaults keep because they do not divide.
    pub in_vaults_nano: u128,
    /// Those who earned most.
    pub largest_earners: Vec<Earner>,
}

/// A batch: what it holds, and of how much.
#[derive(Clone, Debug, Serialize)]
pub struct BatchReport {
    /// Its number.
    pub number: u64,
    /// What it holds.
    pub counts: BatchCounts,
    /// Bytes of public data.
    pub public_bytes: usize,
    /// What it had no room for, if it was sealed for that.
    pub full_of: Option<&'static str>,
}

/// Everything there is to tell of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The workload's name.
    pub workload: String,
    /// The seed.
    pub seed: u64,
    /// Accounts in the tree.
    pub accounts: u32,
    /// Accounts that pay.
    pub payers: usize,
    /// Licenses registered.
    pub licenses: usize,
    /// Licenses that derive from another.
    pub derivatives: usize,
    /// Payments settled.
    pub payments: u64,
    /// What they moved.
    pub money: Money,
    /// The class of all batches.
    pub class: &'static str,
    /// What a batch of the class may hold.
    pub capacity: BatchCounts,
    /// Batches before the first payment.
    pub batches_before: usize,
    /// Batches of payments.
    pub batches: Vec<BatchReport>,
    /// Batches after the last payment.
    pub batches_after: usize,
    /// Bytes of public data for each payment, over the batches of payments.
    pub public_bytes_per_payment: f64,
    /// Σ balances, nano.
    pub balances_nano: u128,
    /// Σ vaults, nano.
    pub vaults_nano: u128,
    /// Withdrawn, nano.
    pub withdrawn_nano: u128,
    /// Deposited, nano.
    pub deposited_nano: u128,
    /// The state root, which the restored state has too.
    pub root: String,
    /// Time by step.
    pub seconds: Seconds,
}

impl Money {
    /// Adds up what payments moved, and checks that creators and vaults got all of it.
    pub(super) fn after_payments(
        ledger: &Ledger,
        population: &Population,
        payments: &[Payment],
    ) -> Result<Self, RunError> {
        let balance = |id| -> Result<Nano, RunError> {
            Ok(ledger.account(id)?.map_or(Nano::ZERO, |account| account.state.balance))
        };
        let (mut volume, mut fees) = (0, 0);
        let mut paid = std::collections::HashSet::new();
        for Payment { intent, .. } in payments {
            volume += u128::from(intent.operation.amount().get());
            fees += u128::from(intent.fee.get());
            if let Operation::Pay(pay) = &intent.operation {
                paid.insert(pay.license);
            }
        }
        let mut earned: HashMap<AccountId, Nano> = HashMap::new();
        for planned in &population.licenses {
            for line in planned.register.shares.holders() {
                if let farthing_protocol::Holder::Account(id) = line.holder {
                    earned.insert(id, balance(id)?);
                }
            }
        }
        let vaults = ledger.reserve()?.vaults;
        let got = earned.values().map(|nano| u128::from(nano.get())).sum::<u128>() + vaults;
        let got_fees = u128::from(balance(AccountId::OPERATOR)?.get());
        if (got, got_fees) != (volume, fees) {
            return Err(RunError::Volume { expected: volume + fees, got: got + got_fees });
        }
        Ok(Self {
            volume_nano: volume,
            fees_nano: fees,
            licenses_paid: paid.len(),
            creators_paid: earned.values().filter(|nano| **nano > Nano::ZERO).count(),
            in_vaults_nano: vaults,
            largest_earners: largest(&earned, &population.creators),
        })
    }
}

fn largest(earned: &HashMap<AccountId, Nano>, creators: &[Creator]) -> Vec<Earner> {
    let roles: HashMap<AccountId, &Creator> = creators.iter().map(|c| (c.id, c)).collect();
    let mut earners: Vec<_> = earned.iter().map(|(id, nano)| (*nano, *id)).collect();
    earners.sort_unstable_by(|a, b| b.cmp(a));
    earners.truncate(EARNERS_SHOWN);
    let earner = |(nano, account): (Nano, AccountId)| Earner {
        account,
        role: roles.get(&account).map_or("holder".to_owned(), |creator| creator.role.to_string()),
        nano: nano.get(),
    };
    earners.into_iter().map(earner).collect()
}

impl From<&BatchSummary> for BatchReport {
    fn from(batch: &BatchSummary) -> Self {
        Self {
            number: batch.number.get(),
            counts: batch.counts,
            public_bytes: batch.public_bytes,
            full_of: batch.full.map(|full| full.resource),
        }
    }
}

pub(super) fn report(
    options: &Options,
    population: &Population,
    chain: &Chain,
    of_payments: Range<usize>,
    money: Money,
    reserve: Reserve,
    seconds: Seconds,
) -> Report {
    let batches: Vec<BatchReport> =
        chain.batches[of_payments.clone()].iter().map(BatchReport::from).collect();
    let payments = batches.iter().map(|batch| u64::from(batch.counts.intents)).sum::<u64>();
    let bytes: usize = batches.iter().map(|batch| batch.public_bytes).sum();
    Report {
        workload: options.workload.clone(),
        seed: options.seed,
        accounts: population.accounts(),
        payers: population.payers.len(),
        licenses: population.licenses.len(),
        derivatives: population.derivatives(),
        payments,
        money,
        class: options.class.name,
        capacity: options.class.capacity,
        batches_before: of_payments.start,
        batches,
        batches_after: chain.batches.len() - of_payments.end,
        public_bytes_per_payment: bytes as f64 / payments.max(1) as f64,
        balances_nano: reserve.balances,
        vaults_nano: reserve.vaults,
        withdrawn_nano: reserve.withdrawn,
        deposited_nano: reserve.deposited,
        root: chain.ledger.root().to_string(),
        seconds,
    }
}
