//! `farthing license`: registers, updates, lists, shows, quotes, lists versions and earnings.

use std::fmt::{Result as FmtResult, Write as _};
use std::path::Path;

use farthing_client::LicenseChanges;
use farthing_client::dto::{
    LicenseBody, LicenseVersionBody, LicenseVersionLineBody, QuoteBody, WireBytes32,
};
use farthing_protocol::{
    AccountId, Bytes32, Holder, HolderShares, LicenseId, OutOfRange, Price, ShareTable, Shares,
    Uses,
};

use super::context::Context;
use super::earnings;
use super::holders::{name, write_parts};
use super::manifest::{provenance as provenance_of_manifest, read_manifest};
use super::pages::all_pages;
use crate::cli::{LicenseCommand, RegisterArgs, UpdateArgs};
use crate::error::CliError;
use crate::tokens::tokens;

pub(crate) async fn run(context: &Context, command: LicenseCommand) -> Result<(), CliError> {
    match command {
        LicenseCommand::Register(args) => register(context, args).await,
        LicenseCommand::Update(args) => update(context, args).await,
        LicenseCommand::List => {
            let client = context.client()?;
            let licenses = all_pages(async |cursor| client.licenses(cursor).await).await?;
            context.print(&licenses, |out| licenses.iter().try_for_each(|one| write_line(out, one)))
        }
        LicenseCommand::Show { license } => {
            let license = context.client()?.license(LicenseId::from(license)).await?;
            context.print(&license, |out| write(out, &license))
        }
        LicenseCommand::Quote { license, uses } => {
            let uses = Uses::new(uses.into())?;
            let quote = context.client()?.quote(LicenseId::from(license), uses).await?;
            context.print(&quote, |out| write_quote(out, &quote))
        }
        LicenseCommand::Versions { license } => {
            let (client, id) = (context.client()?, LicenseId::from(license));
            let versions =
                all_pages(async |cursor| client.license_versions(id, cursor).await).await?;
            context.print(&versions, |out| {
                versions.iter().try_for_each(|version| write_version(out, version))
            })
        }
        LicenseCommand::Earnings { license, earnings } => {
            earnings::of_license(context, LicenseId::from(license), &earnings).await
        }
    }
}

async fn register(context: &Context, args: RegisterArgs) -> Result<(), CliError> {
    let Some(provenance) = provenance_of(args.manifest.as_deref(), args.provenance)? else {
        let how = "give --manifest FILE or --provenance BYTES";
        return Err(CliError::Missing { what: "the provenance", how });
    };
    let price = Price::new(args.price.0.get())?;
    let derivative_shares = Shares::new(args.derivative_shares.into())?;
    let shares = share_table(&args)?;
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let signed =
        client.sign_register_license(&signer, price, derivative_shares, provenance, shares).await?;
    context.submit(&client, &signer, &signed, None, &args.wait).await
}

async fn update(context: &Context, args: UpdateArgs) -> Result<(), CliError> {
    let shares = args.derivative_shares.map(|shares| Shares::new(shares.into()));
    let changes = LicenseChanges {
        price: args.price.map(|price| Price::new(price.0.get())).transpose()?,
        derivative_shares: shares.transpose()?,
        status: args.status,
        licensee: args.licensee,
        provenance: provenance_of(args.manifest.as_deref(), args.provenance)?,
    };
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let license = LicenseId::from(args.license);
    let signed = client.sign_update_license(&signer, license, &changes).await?;
    context.submit(&client, &signer, &signed, None, &args.wait).await
}

/// The hash of the manifest, or the provenance itself.
fn provenance_of(
    manifest: Option<&Path>,
    provenance: Option<WireBytes32>,
) -> Result<Option<Bytes32>, CliError> {
    match manifest {
        Some(path) => Ok(Some(provenance_of_manifest(&read_manifest(path)?).0)),
        None => Ok(provenance.map(|bytes| bytes.0)),
    }
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

fn write_line(out: &mut String, license: &LicenseBody) -> FmtResult {
    let LicenseBody { id, licensor, .. } = license;
    let [price, received] = [tokens(license.price.0.get()), tokens(license.received.0.get())];
    let status = license.status.as_str();
    writeln!(
        out,
        "license {id}: {status}, {price} tokens per use, {received} received, by account {licensor}"
    )
}

fn write(out: &mut String, license: &LicenseBody) -> FmtResult {
    writeln!(out, "license   {}", license.id)?;
    writeln!(out, "licensor  account {}", license.licensor)?;
    writeln!(out, "status    {}", license.status.as_str())?;
    writeln!(out, "price     {} tokens per use", tokens(license.price.0.get()))?;
    writeln!(out, "payable   by {}", licensee_name(license.licensee))?;
    writeln!(out, "received  {} tokens", tokens(license.received.0.get()))?;
    writeln!(out, "vault     {} tokens", tokens(license.vault.0.get()))?;
    writeln!(out, "provenance {}", license.provenance)?;
    if license.registered_provenance != license.provenance {
        writeln!(out, "registered {}", license.registered_provenance)?;
    }
    writeln!(out, "a derivative leaves it {} of 1,000,000 shares", license.derivative_shares)?;
    if let Some(next) = &license.next {
        writeln!(out, "from the next batch on: {}", version_text(next))?;
    }
    for line in &license.holders {
        writeln!(out, "  {:<20} {:>9} shares", name(line.holder), line.shares.get())?;
    }
    Ok(())
}

fn licensee_name(licensee: Option<AccountId>) -> String {
    licensee
        .map_or_else(|| "every account".to_owned(), |account| format!("account {account} alone"))
}

fn version_text(version: &LicenseVersionBody) -> String {
    format!(
        "{}, {} tokens per use, payable by {}, derivatives leave {} shares",
        version.status.as_str(),
        tokens(version.price.0.get()),
        licensee_name(version.licensee),
        version.derivative_shares
    )
}

fn write_version(out: &mut String, line: &LicenseVersionLineBody) -> FmtResult {
    let LicenseVersionLineBody { batch, stage, .. } = line;
    writeln!(out, "batch {batch} ({stage}): {}", version_text(&line.version()))?;
    writeln!(out, "  provenance {}", line.provenance)
}

fn write_quote(out: &mut String, quote: &QuoteBody) -> FmtResult {
    writeln!(out, "pay       {} tokens for {} uses", tokens(quote.amount.0.get()), quote.uses)?;
    writeln!(out, "status    {}", quote.status.as_str())?;
    writeln!(out, "payable   by {}", licensee_name(quote.licensee))?;
    if let Some(next) = &quote.next {
        writeln!(out, "from the next batch on: {}", version_text(next))?;
    }
    for line in &quote.lines {
        let received = tokens(line.received.0.get());
        writeln!(out, "license {} receives {received} tokens", line.license)?;
        write_parts(out, &line.parts)?;
    }
    Ok(())
}
