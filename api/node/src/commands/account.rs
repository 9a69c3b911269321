//! `farthing account`: opens, funds, lists, shows, lists earnings.

use std::fmt::{Result as FmtResult, Write as _};

use alloy::primitives::{Address, B256, U256};
use farthing_client::dto::{AccountBody, AccountProofBody};
use farthing_l1::abi::{DevToken, Rollup};
use farthing_protocol::{AccountId, NANO_PER_BASE_UNIT, Withdraw};
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::earnings;
use super::l1::{L1Choice, succeeded};
use super::pages::all_pages;
use crate::cli::{AccountCommand, DepositArgs, ProofArgs};
use crate::error::CliError;
use crate::tokens::tokens;

pub(crate) async fn run(context: &Context, command: AccountCommand) -> Result<(), CliError> {
    match command {
        AccountCommand::Open { owner } => {
            if owner.0 == farthing_protocol::Address::ZERO {
                return Err(CliError::ZeroOwner);
            }
            let key = context.key()?;
            let opened = context.client()?.open_account(&key, owner.0).await?;
            context.print(&opened, |out| {
                let existed = if opened.existed { " (had been opened before)" } else { "" };
                writeln!(out, "account   {}{existed}", opened.id)
            })
        }
        AccountCommand::List => {
            let client = context.client()?;
            let accounts = all_pages(async |cursor| client.accounts(cursor).await).await?;
            context.print(&accounts, |out| accounts.iter().try_for_each(|one| write_line(out, one)))
        }
        AccountCommand::Show { number } => {
            let id = number.map_or_else(|| context.account(), |id| Ok(AccountId::from(id)))?;
            let account = context.client()?.account(id).await?;
            context.print(&account, |out| write(out, &account))
        }
        AccountCommand::Earnings { number, earnings } => {
            let id = number.map_or_else(|| context.account(), |id| Ok(AccountId::from(id)))?;
            earnings::of_account(context, id, &earnings).await
        }
        AccountCommand::Proof(args) => proof(context, args).await,
        AccountCommand::Deposit(args) => deposit(context, args).await,
    }
}

fn write_line(out: &mut String, account: &AccountBody) -> FmtResult {
    let AccountBody { id, owner, .. } = account;
    writeln!(out, "account {id}: {} tokens, owner {owner}", tokens(account.balance.0.get()))
}

fn write(out: &mut String, account: &AccountBody) -> FmtResult {
    writeln!(out, "account   {}", account.id)?;
    writeln!(out, "owner     {}", account.owner)?;
    writeln!(out, "key       {}", account.key)?;
    writeln!(out, "balance   {} tokens", tokens(account.balance.0.get()))?;
    writeln!(out, "spendable {} tokens", tokens(account.spendable.0.get()))?;
    writeln!(out, "nonce     {}", account.nonce)?;
    writeln!(out, "final     {}", if account.finalized { "yes" } else { "not yet" })
}

/// A path, and whether L1 has said that it holds the state.
#[derive(Serialize)]
struct ShownProof {
    #[serde(flatten)]
    proof: AccountProofBody,
    verified_on_l1: bool,
}

async fn proof(context: &Context, args: ProofArgs) -> Result<(), CliError> {
    let id = args.number.map_or_else(|| context.account(), |id| Ok(AccountId::from(id)))?;
    let l1 = L1Choice::new(context, &args.l1);
    let proof = context.client()?.account_proof(id).await?;
    let verified_on_l1 = l1.url.is_some();
    if verified_on_l1 {
        check_root(&l1, &proof).await?;
    }
    let shown = ShownProof { proof, verified_on_l1 };
    context.print(&shown, |out| write_proof(out, &shown))
}

/// True if the contract holds the state that the path is of.
async fn check_root(l1: &L1Choice, proof: &AccountProofBody) -> Result<(), CliError> {
    let provider = l1.reader_of(proof.chain_id).await?;
    let contract = l1.contract.unwrap_or(proof.contract.0);
    let got = Rollup::new(Address::from(contract.0), provider).stateRoot().call().await?;
    match B256::from(proof.state_root.0.to_bytes()) {
        expected if expected == got => Ok(()),
        expected => Err(CliError::StateRoot { expected, got }),
    }
}

fn write_proof(out: &mut String, shown: &ShownProof) -> FmtResult {
    let ShownProof { proof, verified_on_l1 } = shown;
    writeln!(out, "account   {}", proof.id)?;
    writeln!(out, "owner     {}", proof.owner)?;
    writeln!(out, "balance   {} tokens in that state", tokens(proof.balance.0.get()))?;
    writeln!(out, "state     {}", proof.state_root)?;
    match (proof.block, proof.batch) {
        (Some(block), Some(batch)) => {
            writeln!(out, "          after batch {batch}, block {block}")?
        }
        _ => writeln!(out, "          of genesis: no batch is final")?,
    }
    match verified_on_l1 {
        true => writeln!(out, "L1        holds this state")?,
        false => writeln!(out, "L1        not asked: give --l1-url")?,
    }
    writeln!(out, "path      {} siblings, which --json shows", proof.siblings.len())
}

async fn deposit(context: &Context, args: DepositArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let key = *context.key()?.public_key();
    // The same rule as for withdrawals: L1 knows whole base units.
    Withdraw::new(args.amount.0, Default::default())?;
    let units = U256::from(args.amount.0.get() / NANO_PER_BASE_UNIT);
    let (provider, sender) = l1.sender().await?;
    let owner = args.owner.map_or(sender, |owner| Address::from(owner.0.0));
    if owner.is_zero() {
        return Err(CliError::ZeroOwner);
    }
    let rollup = Rollup::new(Address::from(l1.contract()?.0), provider.clone());
    // Any ERC-20: only `balanceOf` and `approve` are called.
    let token = DevToken::new(rollup.token().call().await?, provider);
    let held = token.balanceOf(sender).call().await?;
    if held < units {
        let needed = tokens(args.amount.0.get());
        // Less than what is needed, which is an amount: it fits.
        let held = held.saturating_to::<u64>().saturating_mul(NANO_PER_BASE_UNIT);
        return Err(CliError::L1Funds { wallet: sender, held: tokens(held), needed });
    }
    let approved = token.approve(*rollup.address(), units).send().await?.get_receipt().await?;
    succeeded(&approved)?;
    let sent = rollup.deposit(owner, key.to_words(), units).send().await?;
    let receipt = sent.get_receipt().await?;
    succeeded(&receipt)?;
    let (transaction, block) = (receipt.transaction_hash, receipt.block_number);
    context.print(&json!({ "transaction": transaction, "block": block }), |out| {
        writeln!(out, "deposited {} tokens for {owner}", tokens(args.amount.0.get()))?;
        writeln!(out, "L1        transaction {transaction}")
    })
}
