//! `farthing exit`: takes an account out of the rollup from L1 alone, with no node and no operator.

mod plan;
mod way;

use std::time::Duration;

use alloy::primitives::{Address, B256};
use farthing_aggregator::L1Config;
use farthing_protocol::AccountId;
use serde::Serialize;

use self::plan::{Situation, Step};
use self::way::Way;
use super::context::Context;
use super::l1::L1Choice;
use crate::cli::ExitArgs;
use crate::error::CliError;
use crate::output;
use crate::tokens::tokens;

/// Nano of a base unit.
const NANO: u64 = farthing_protocol::NANO_PER_BASE_UNIT;

/// The state after the command.
#[derive(Debug, Serialize)]
struct Report {
    account: AccountId,
    owner: Address,
    /// True if the rollup is frozen.
    frozen: bool,
    /// The balance in the last final state, in nano; absent if no final state has the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<String>,
    /// The deadline of the oldest queue entry, in unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<u64>,
    /// The next step.
    next: &'static str,
    /// The transactions that were sent.
    done: Vec<Done>,
}

/// A transaction that L1 has included.
#[derive(Debug, Serialize)]
struct Done {
    step: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    base_units: Option<u64>,
    transaction: B256,
}

pub(crate) async fn run(context: &Context, args: ExitArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let account = AccountId::from(args.account);
    let mut way = open(context, &l1, &args).await?;
    let mut done = Vec::new();
    let (situation, next) = loop {
        let situation = way.look().await?;
        let next = situation.next();
        if !context.json {
            output::result(&standing(account, &situation, next))?;
        }
        match next {
            Step::Done => break (situation, next),
            Step::Wait { .. } if !args.wait => break (situation, next),
            Step::Wait { .. } => tokio::time::sleep(Duration::from_secs(args.poll)).await,
            _ if args.dry_run => break (situation, next),
            step => {
                let sent = perform(&l1, &way, situation.owner, step).await?;
                if !context.json {
                    for done in &sent {
                        output::result(&line(done))?;
                    }
                }
                done.extend(sent);
            }
        }
    };
    let report = Report {
        account,
        owner: situation.owner,
        frozen: situation.frozen,
        balance: situation.balance.map(|balance| balance.get().to_string()),
        deadline: situation.deadline,
        next: name(next),
        done,
    };
    match context.json {
        true => context.print(&report, |_| Ok(())),
        false => Ok(()),
    }
}

async fn open(context: &Context, l1: &L1Choice, args: &ExitArgs) -> Result<Way, CliError> {
    let deployed_at = args.deployed_at.or(context.settings.l1.deployed_at).unwrap_or(0);
    let config = L1Config::new(l1.url()?, l1.contract()?, deployed_at);
    let wallet = l1.wallet()?;
    let owner = args.owner.map(|owner| Address::from(owner.0.0));
    let owner = owner.or(wallet.as_ref().map(|wallet| wallet.address()));
    let provider = match &wallet {
        Some(_) => l1.sender().await?.0,
        None => l1.reader().await?,
    };
    let domain = l1.domain_on(&provider).await?;
    Way::open(provider, &config, domain, AccountId::from(args.account), owner)
}

/// Sends what a step needs, by the L1 wallet.
async fn perform(
    l1: &L1Choice,
    way: &Way,
    owner: Address,
    step: Step,
) -> Result<Vec<Done>, CliError> {
    let wallet = l1.require_wallet()?.address();
    let paid = |sent: Vec<(u64, B256)>| {
        let done =
            |(units, transaction)| Done { step: name(step), base_units: Some(units), transaction };
        sent.into_iter().map(done).collect()
    };
    let unpaid = |transaction| vec![Done { step: name(step), base_units: None, transaction }];
    Ok(match step {
        Step::Claim => paid(way.claim().await?),
        Step::Refund => paid(way.refund().await?),
        Step::Escape => paid(way.escape().await?),
        Step::Request if owner != wallet => return Err(CliError::NotTheOwner { owner, wallet }),
        Step::Request => unpaid(way.request().await?),
        Step::Freeze => unpaid(way.freeze().await?),
        Step::Wait { .. } | Step::Done => Vec::new(),
    })
}

const fn name(step: Step) -> &'static str {
    match step {
        Step::Claim => "claim",
        Step::Refund => "refund",
        Step::Escape => "escape",
        Step::Request => "request",
        Step::Wait { .. } => "wait",
        Step::Freeze => "freeze",
        Step::Done => "done",
    }
}

fn line(done: &Done) -> String {
    let Done { step, base_units, transaction } = done;
    match base_units {
        Some(units) => {
            format!("{step:<9} {} tokens, {transaction}", tokens(units.saturating_mul(NANO)))
        }
        None => format!("{step:<9} {transaction}"),
    }
}

/// The state, for people.
fn standing(account: AccountId, situation: &Situation, next: Step) -> String {
    let balance = match situation.balance {
        Some(balance) => format!("{} tokens", tokens(balance.get())),
        None => "in no final state".into(),
    };
    let owner = situation.owner;
    let frozen = if situation.frozen { ", the rollup is frozen" } else { "" };
    let next = match next {
        Step::Claim => format!("claim {} payouts", situation.unclaimed),
        Step::Refund => format!("take back {} deposits", situation.deposits),
        Step::Escape => "escape with the balance".into(),
        Step::Request => "request a forced exit".into(),
        Step::Wait { until } => {
            let left = until.saturating_sub(situation.now);
            let (days, hours, minutes) = (left / 86_400, left / 3_600 % 24, left / 60 % 60);
            format!(
                "wait for the operator, {days} d {hours} h {minutes} min at most (until unix time \
                 {until}); then anybody may freeze the rollup"
            )
        }
        Step::Freeze => "freeze the rollup: the operator has missed a deadline".into(),
        Step::Done => "nothing is left to withdraw".into(),
    };
    format!("account   {account}: {balance}, owner {owner}{frozen}\nnext      {next}")
}
