//! `farthing account`: opens, funds, shows.

use alloy::primitives::{Address, U256};
use farthing_client::dto::AccountBody;
use farthing_l1::abi::{DevToken, Rollup};
use farthing_protocol::{AccountId, NANO_PER_BASE_UNIT, Withdraw};
use serde_json::json;

use super::context::Context;
use super::l1::{L1Choice, succeeded};
use crate::cli::{AccountCommand, DepositArgs};
use crate::error::CliError;
use crate::tokens::tokens;

pub(crate) async fn run(context: &Context, command: AccountCommand) -> Result<(), CliError> {
    match command {
        AccountCommand::Open { owner } => {
            let key = context.key()?;
            let opened = context.client()?.open_account(&key, owner.0).await?;
            context.print(&opened, || {
                let existed = if opened.existed { " (had been opened before)" } else { "" };
                println!("account   {}{existed}", opened.id);
            })
        }
        AccountCommand::Show { number } => {
            let id = number.map_or_else(|| context.account(), |id| Ok(AccountId::from(id)))?;
            let account = context.client()?.account(id).await?;
            context.print(&account, || print(&account))
        }
        AccountCommand::Deposit(args) => deposit(context, args).await,
    }
}

fn print(account: &AccountBody) {
    println!("account   {}", account.id);
    println!("owner     {}", account.owner);
    println!("key       {}", account.key);
    println!("balance   {} tokens", tokens(account.balance.0.get()));
    println!("spendable {} tokens", tokens(account.spendable.0.get()));
    println!("nonce     {}", account.nonce);
}

async fn deposit(context: &Context, args: DepositArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let key = *context.key()?.public_key();
    // The same rule as for withdrawals: L1 knows whole base units.
    Withdraw::new(args.amount.0, Default::default())?;
    let units = U256::from(args.amount.0.get() / NANO_PER_BASE_UNIT);
    let (provider, sender) = l1.sender().await?;
    let owner = args.owner.map_or(sender, |owner| Address::from(owner.0.0));
    let rollup = Rollup::new(Address::from(l1.contract()?.0), provider.clone());
    // Any ERC-20: only `balanceOf` and `approve` are called.
    let token = DevToken::new(rollup.token().call().await?, provider);
    let held = token.balanceOf(sender).call().await?;
    if held < units {
        let needed = tokens(args.amount.0.get());
        let held = tokens(held.saturating_to::<u64>().saturating_mul(NANO_PER_BASE_UNIT));
        return Err(CliError::L1Funds { wallet: sender, held, needed });
    }
    let approved = token.approve(*rollup.address(), units).send().await?.get_receipt().await?;
    succeeded(&approved)?;
    let sent = rollup.deposit(owner, key.to_words(), units).send().await?;
    let receipt = sent.get_receipt().await?;
    succeeded(&receipt)?;
    let (transaction, block) = (receipt.transaction_hash, receipt.block_number);
    context.print(&json!({ "transaction": transaction, "block": block }), || {
        println!("deposited {} tokens for {owner}", tokens(args.amount.0.get()));
        println!("L1        transaction {transaction}");
    })
}
