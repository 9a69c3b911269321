//! `farthing license`: registers, shows, quotes, states.

use std::path::Path;

use alloy::primitives::keccak256;
use farthing_client::dto::{HolderName, LicenseBody, PartBody, QuoteBody, StatementLineBody};
use farthing_protocol::{
    AccountId, Bytes32, Holder, HolderShares, LicenseId, OutOfRange, Price, ShareTable, Shares,
    Uses,
};

use super::context::Context;
use crate::cli::{LicenseCommand, RegisterArgs, WaitArgs};
use crate::error::CliError;
use crate::tokens::tokens;

pub(crate) async fn run(context: &Context, command: LicenseCommand) -> Result<(), CliError> {
    match command {
        LicenseCommand::Register(args) => register(context, args).await,
        LicenseCommand::Show { license } => {
            let license = context.client()?.license(LicenseId::from(license)).await?;
            context.print(&license, || print(&license))
        }
        LicenseCommand::Quote { license, uses } => {
            let uses = Uses::new(uses.into())?;
            let quote = context.client()?.quote(LicenseId::from(license), uses).await?;
            context.print(&quote, || print_quote(&quote))
        }
        LicenseCommand::Statement { license } => {
            let lines = all_lines(context, LicenseId::from(license)).await?;
            context.print(&lines, || lines.iter().for_each(print_line))
        }
    }
}

async fn register(context: &Context, args: RegisterArgs) -> Result<(), CliError> {
    let provenance = match (&args.manifest, args.provenance) {
        (Some(path), _) => hash_of(path)?,
        (None, Some(bytes)) => bytes.0,
        (None, None) => {
            let how = "give --manifest FILE or --provenance BYTES";
            return Err(CliError::Missing { what: "the provenance", how });
        }
    };
    let price = Price::new(args.price.0.get())?;
    let derivative_shares = Shares::new(args.derivative_shares.into())?;
    let shares = share_table(&args)?;
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let accepted =
        client.register_license(&signer, price, derivative_shares, provenance, shares).await?;
    context.follow(&client, &accepted, &WaitArgs { wait: None, timeout: 0 }).await
}

fn share_table(args: &RegisterArgs) -> Result<ShareTable, CliError> {
    let accounts = args.shares.iter().map(|(id, n)| (Holder::Account(AccountId::from(*id)), *n));
    let parents = args.parents.iter().map(|(id, n)| (Holder::License(LicenseId::from(*id)), *n));
    let line = |(holder, shares): (Holder, u32)| {
        Ok::<_, OutOfRange>(HolderShares { holder, shares: Shares::new(shares.into())? })
    };
    let mut lines = accounts.chain(parents).map(line).collect::<Result<Vec<_>, _>>()?;
    lines.sort_by_key(|line| line.holder);
    Ok(ShareTable::new(lines)?)
}

fn hash_of(path: &Path) -> Result<Bytes32, CliError> {
    let bytes =
        std::fs::read(path).map_err(|source| CliError::File { path: path.to_owned(), source })?;
    Ok(Bytes32(keccak256(bytes).0))
}

async fn all_lines(
    context: &Context,
    license: LicenseId,
) -> Result<Vec<StatementLineBody>, CliError> {
    let client = context.client()?;
    let (mut lines, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = client.statement(license, cursor.as_deref()).await?;
        lines.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(lines);
        }
    }
}

fn name(holder: HolderName) -> String {
    match holder {
        HolderName::Account(id) => format!("account {id}"),
        HolderName::License(id) => format!("license {id}"),
    }
}

fn print(license: &LicenseBody) {
    println!("license   {}", license.id);
    println!("licensor  account {}", license.licensor);
    println!("price     {} tokens per use", tokens(license.price.0.get()));
    println!("received  {} tokens", tokens(license.received.0.get()));
    println!("vault     {} tokens", tokens(license.vault.0.get()));
    println!("provenance {}", license.provenance);
    println!("a derivative leaves it {} of 1,000,000 shares", license.derivative_shares);
    for line in &license.holders {
        println!("  {:<20} {:>9} shares", name(line.holder), line.shares.get());
    }
}

fn print_parts(parts: &[PartBody]) {
    for part in parts {
        println!("  {:<20} {} tokens", name(part.holder), tokens(part.amount.0.get()));
    }
}

fn print_quote(quote: &QuoteBody) {
    println!("pay       {} tokens for {} uses", tokens(quote.amount.0.get()), quote.uses);
    for line in &quote.lines {
        let received = tokens(line.received.0.get());
        println!("license {} receives {received} tokens", line.license);
        print_parts(&line.parts);
    }
}

fn print_line(line: &StatementLineBody) {
    println!("batch {}: received {} tokens", line.batch, tokens(line.received.0.get()));
    print_parts(&line.parts);
}
