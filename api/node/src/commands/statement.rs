//! `farthing statement`: saves openings of licenses, makes statements of them, and checks a statement
//! against L1 without a node.

use std::fmt::{Result as FmtResult, Write as _};
use std::path::Path;

use farthing_client::dto::{
    ClaimStatedBody, LicenseOpeningBody, StatementEntryBody, WireBatchNumber, WireNano,
};
use farthing_client::{
    ClaimKind, Client, VerifiedStatement, make_statement, parse_statement, verify_license_opening,
    verify_statement,
};
use farthing_protocol::{AccountId, BatchNumber, Domain, LicenseId};
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::l1::L1Choice;
use crate::cli::{MakeArgs, OpenArgs, StatementCommand, VerifyStatementArgs};
use crate::error::CliError;
use crate::output;
use crate::settlement::SettledRollup;
use crate::tokens::tokens;

pub(crate) async fn run(context: &Context, command: StatementCommand) -> Result<(), CliError> {
    match command {
        StatementCommand::Open(args) => open(context, args).await,
        StatementCommand::Make(args) => make(context, args).await,
        StatementCommand::Verify(args) => verify(context, args).await,
    }
}

async fn open(context: &Context, args: OpenArgs) -> Result<(), CliError> {
    let batch = args.batch.map(BatchNumber::new).transpose()?;
    let license = LicenseId::from(args.license);
    let opening = context.client()?.license_opening(license, batch).await?;
    let Some(path) = args.out else { return save(None, &opening) };
    save(Some(&path), &opening)?;
    let (batch, received) = (opening.batch.number, opening.received);
    context.print(&json!({ "license": license, "batch": batch, "file": path }), |out| {
        writeln!(out, "license   {license}")?;
        writeln!(out, "batch     {batch}, final on L1")?;
        writeln!(out, "received  {} tokens so far", tokens(received.0.get()))?;
        writeln!(out, "opening   {}", path.display())
    })
}

async fn make(context: &Context, args: MakeArgs) -> Result<(), CliError> {
    let kind = match args.share_of {
        Some(account) => ClaimKind::Share(AccountId::from(account)),
        None if args.licenses.len() > 1 => ClaimKind::Total,
        None => ClaimKind::Revenue,
    };
    let kept =
        args.openings.iter().map(|path| read_opening(path)).collect::<Result<Vec<_>, _>>()?;
    let source = Openings { kept, client: context.client()? };
    let after = args.after.map(BatchNumber::new).transpose()?;
    let mut until = args.until.map(BatchNumber::new).transpose()?;
    let mut licenses: Vec<LicenseId> = args.licenses.into_iter().map(LicenseId::from).collect();
    licenses.sort_unstable();
    let mut entries = Vec::new();
    for license in licenses {
        let last = source.get(license, until).await?;
        // All licenses are opened at the same batch.
        until = Some(last.batch.number.0);
        let first = match after {
            Some(batch) => Some(source.get(license, Some(batch)).await?),
            None => None,
        };
        entries.push(StatementEntryBody { after: first, until: last });
    }
    let statement = make_statement(kind, entries)?;
    let Some(path) = args.out else { return save(None, &statement) };
    save(Some(&path), &statement)?;
    let claim = statement.claim;
    context.print(&json!({ "claim": claim, "file": path }), |out| {
        write_claim(out, &claim)?;
        writeln!(out, "statement {}", path.display())
    })
}

/// Openings that were kept, and the node that has the others.
struct Openings {
    kept: Vec<LicenseOpeningBody>,
    client: Client,
}

impl Openings {
    async fn get(
        &self,
        license: LicenseId,
        batch: Option<BatchNumber>,
    ) -> Result<LicenseOpeningBody, CliError> {
        let kept = self.kept.iter().find(|opening| {
            opening.id == license && batch.is_some_and(|batch| opening.batch.number.0 == batch)
        });
        match kept {
            Some(opening) => Ok(opening.clone()),
            None => Ok(self.client.license_opening(license, batch).await?),
        }
    }
}

fn read_opening(path: &Path) -> Result<LicenseOpeningBody, CliError> {
    let opening: LicenseOpeningBody = serde_json::from_str(&read(path)?)
        .map_err(|source| CliError::OpeningSyntax { path: path.to_owned(), source })?;
    verify_license_opening(opening.id, &opening)
        .map_err(|source| CliError::Opening { path: path.to_owned(), source })?;
    Ok(opening)
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// Writes JSON to a file, or to standard output.
fn save(path: Option<&Path>, value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(CliError::Json)?;
    let Some(path) = path else { return output::result(&text) };
    std::fs::write(path, text).map_err(|source| CliError::File { path: path.to_owned(), source })
}

async fn verify(context: &Context, args: VerifyStatementArgs) -> Result<(), CliError> {
    let statement = parse_statement(&read(&args.statement)?)?;
    let l1 = L1Choice::new(context, &args.l1);
    let verified = verify_statement(&statement, l1.domain().as_ref())?;
    let on_l1 = match (args.offline, &l1.url) {
        (false, Some(_)) => Some(check_l1(&l1, &verified).await?),
        _ => None,
    };
    print(context, &verified, on_l1)?;
    match (on_l1, args.offline) {
        (None, false) => Err(CliError::NotProven),
        _ => Ok(()),
    }
}

/// The contract has verified the batches; the L1 block at which that was seen.
async fn check_l1(l1: &L1Choice, verified: &VerifiedStatement) -> Result<u64, CliError> {
    // The contract must be the user's word, not the statement's: anyone can deploy one.
    let (chain_id, contract) = (verified.domain.chain_id, l1.contract()?);
    let domain = Domain { chain_id, contract };
    if domain != verified.domain {
        return Err(CliError::StatementContract {
            expected: contract,
            got: verified.domain.contract,
        });
    }
    let rollup = SettledRollup::open(l1.reader_of(chain_id).await?, domain, 0).await?;
    rollup.check_batches(verified.batches()).await
}

fn print(
    context: &Context,
    verified: &VerifiedStatement,
    on_l1: Option<u64>,
) -> Result<(), CliError> {
    let VerifiedStatement { domain, claim, after, until } = verified;
    let time = |batch: &farthing_protocol::BatchStatement| batch.header.timestamp.get();
    let summary = json!({
        "chain_id": domain.chain_id,
        "contract": farthing_client::dto::WireAddress::from(domain.contract),
        "claim": claim,
        "after_time": after.as_ref().map(time),
        "until_time": time(until),
        "consistent": true,
        "verified_on_l1": on_l1.is_some(),
        "l1_block_seen": on_l1,
    });
    context.print(&summary, |out| {
        writeln!(out, "of chain  {}, contract {}", domain.chain_id, domain.contract)?;
        write_claim(out, claim)?;
        if let Some(after) = after {
            writeln!(out, "from      after unix time {}", time(after))?;
        }
        writeln!(out, "until     unix time {}", time(until))?;
        match on_l1 {
            Some(at) => writeln!(out, "PROVEN    L1 has verified the batches (seen at L1 block {at})"),
            None => writeln!(
                out,
                "CONSISTENT, not known to be true: the file agrees with itself, and L1 was not asked"
            ),
        }
    })
}

fn write_claim(out: &mut String, claim: &ClaimStatedBody) -> FmtResult {
    match claim {
        ClaimStatedBody::Revenue { license, after, until, received } => {
            writeln!(out, "license   {license} received exactly {} tokens", amount(received))?;
            write_batches(out, after.as_ref(), until)
        }
        ClaimStatedBody::Share {
            license,
            account,
            shares,
            after,
            until,
            received,
            credited_min,
            credited_max,
        } => {
            writeln!(out, "license   {license} received exactly {} tokens", amount(received))?;
            writeln!(out, "account   {account} holds {} of 1000000 shares", shares.get())?;
            let (least, most) = (amount(credited_min), amount(credited_max));
            writeln!(out, "          and was credited at least {least}, at most {most} tokens")?;
            write_batches(out, after.as_ref(), until)
        }
        ClaimStatedBody::Total { licenses, after, until, received } => {
            let names: Vec<String> = licenses.iter().map(ToString::to_string).collect();
            writeln!(out, "licenses  {}", names.join(", "))?;
            writeln!(out, "          received exactly {} tokens together", amount(received))?;
            write_batches(out, after.as_ref(), until)
        }
    }
}

fn amount(nano: &WireNano) -> String {
    tokens(nano.0.get())
}

fn write_batches(
    out: &mut String,
    after: Option<&WireBatchNumber>,
    until: &WireBatchNumber,
) -> FmtResult {
    match after {
        Some(after) => writeln!(out, "batches   after {after}, up to {until}"),
        None => writeln!(out, "batches   since the registration, up to {until}"),
    }
}
