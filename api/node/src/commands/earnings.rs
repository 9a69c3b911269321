//! Earnings of a license or an account: as text, as JSON, as CSV.

use std::fmt::{Result as FmtResult, Write as _};

use farthing_client::dto::{
    AccountEarningsLineBody, AccountEarningsPage, BatchRangeBody, EarningsLineBody, EarningsPage,
    MovementBody, Page,
};
use farthing_client::{account_earnings_csv, license_earnings_csv};
use farthing_protocol::{AccountId, LicenseId};

use super::context::Context;
use super::holders::write_parts;
use super::pages::all_pages;
use crate::cli::EarningsArgs;
use crate::error::CliError;
use crate::output;
use crate::tokens::tokens;

pub(super) async fn of_license(
    context: &Context,
    license: LicenseId,
    args: &EarningsArgs,
) -> Result<(), CliError> {
    let (client, period) = (context.client()?, args.period());
    let lines = all_pages(async |cursor| {
        let EarningsPage { items, next_cursor, not_kept } =
            client.earnings(license, &period, cursor).await?;
        warn_of_gaps(context, &not_kept);
        Ok(Page { items, next_cursor })
    });
    let lines = lines.await?;
    if args.csv {
        return csv(&license_earnings_csv(license, &lines));
    }
    context.print(&lines, |out| lines.iter().try_for_each(|line| write_license_line(out, line)))
}

pub(super) async fn of_account(
    context: &Context,
    account: AccountId,
    args: &EarningsArgs,
) -> Result<(), CliError> {
    let (client, period) = (context.client()?, args.period());
    let lines = all_pages(async |cursor| {
        let AccountEarningsPage { items, next_cursor, not_kept } =
            client.account_earnings(account, &period, cursor).await?;
        warn_of_gaps(context, &not_kept);
        Ok(Page { items, next_cursor })
    });
    let lines = lines.await?;
    if args.csv {
        return csv(&account_earnings_csv(account, &lines));
    }
    context.print(&lines, |out| lines.iter().try_for_each(|line| write_account_line(out, line)))
}

/// Warns of batches of which the node has no lines.
fn warn_of_gaps(context: &Context, not_kept: &[BatchRangeBody]) {
    for BatchRangeBody { first, end } in not_kept {
        context.warn(&format!(
            "the node took batches from {first} on, before {end}, from L1 and has no lines of them"
        ));
    }
}

/// Prints a table, whose last line ends as the others do.
fn csv(text: &str) -> Result<(), CliError> {
    output::result(text.strip_suffix('\n').unwrap_or(text))
}

fn write_license_line(out: &mut String, line: &EarningsLineBody) -> FmtResult {
    let received = tokens(line.received.0.get());
    writeln!(out, "batch {}: received {received} tokens", line.batch)?;
    for payer in &line.payers {
        let amount = tokens(payer.amount.0.get());
        writeln!(out, "  {amount} from account {}, for {} uses", payer.account, payer.uses)?;
    }
    for derivative in &line.derivatives {
        let amount = tokens(derivative.amount.0.get());
        writeln!(out, "  {amount} from license {}", derivative.license)?;
    }
    write_parts(out, &line.parts)
}

fn write_account_line(out: &mut String, line: &AccountEarningsLineBody) -> FmtResult {
    let after = tokens(line.balance_after.0.get());
    writeln!(out, "batch {}: balance {after} tokens", line.batch)?;
    line.movements.iter().try_for_each(|movement| write_movement(out, movement))
}

fn write_movement(out: &mut String, movement: &MovementBody) -> FmtResult {
    let MovementBody { kind, amount, license, account, .. } = movement;
    let sign = if kind.is_credit() { '+' } else { '-' };
    write!(out, "  {sign}{} {}", tokens(amount.0.get()), kind.as_str())?;
    if let Some(license) = license {
        write!(out, ", license {license}")?;
    }
    if let Some(account) = account {
        write!(out, ", account {account}")?;
    }
    writeln!(out)
}
