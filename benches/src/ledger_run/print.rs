//! A run's report for people.

use std::fmt::Write as _;
use std::time::Duration;

use super::report::{BatchReport, Report};
use crate::text::{duration, percent, rate, thousands, tokens};

/// Batches listed one by one; of more, the first ones.
const BATCHES_SHOWN: usize = 12;

/// The report as text.
pub fn print(report: &Report) -> String {
    let mut text = String::new();
    let name = format!("the {} workload, seed {}", report.workload, report.seed);
    let _ = writeln!(text, "Farthing's ledger on {name}\n");
    print_money(&mut text, report);
    print_batches(&mut text, report);
    print_steps(&mut text, report);
    print_checks(&mut text, report);
    text
}

fn line(text: &mut String, name: &str, value: impl Into<u128>, note: &str) {
    let _ = writeln!(text, "  {name:<16}{:>12}  {note}", thousands(value));
}

fn print_money(text: &mut String, report: &Report) {
    let money = &report.money;
    let payers = format!("{} of them pay", thousands(report.payers as u128));
    line(text, "accounts", report.accounts, &payers);
    let derivatives = format!("{} derive from another", thousands(report.derivatives as u128));
    line(text, "licenses", report.licenses as u128, &derivatives);
    let paid = format!("to {} licenses", thousands(money.licenses_paid as u128));
    line(text, "payments", report.payments, &paid);
    let _ =
        writeln!(text, "  {:<16}{:>12}", "creators paid", thousands(money.creators_paid as u128));
    let each = money.volume_nano / u128::from(report.payments.max(1));
    let _ = writeln!(text);
    let _ = writeln!(
        text,
        "  volume   {:>24} tokens, {} each",
        tokens(money.volume_nano),
        tokens(each)
    );
    let _ = writeln!(text, "  fees     {:>24}", tokens(money.fees_nano));
    let _ = writeln!(
        text,
        "  kept     {:>24} in vaults, too little to divide",
        tokens(money.in_vaults_nano)
    );
    let _ = writeln!(text, "\nLargest earners (tokens)");
    for earner in &money.largest_earners {
        let nano = tokens(earner.nano.into());
        let _ = writeln!(text, "  {nano:>16}  account {:<9} {}", earner.account, earner.role);
    }
}

fn print_batches(text: &mut String, report: &Report) {
    let _ = writeln!(
        text,
        "\nBatches of class {}: {} to set up, {} of payments, {} of withdrawals",
        report.class,
        report.batches_before,
        report.batches.len(),
        report.batches_after
    );
    let _ = writeln!(
        text,
        "  {:>6} {:>9} {:>9} {:>9} {:>9} {:>13} {:>9}  sealed",
        "number", "payments", "accounts", "licenses", "nodes", "permutations", "bytes"
    );
    for batch in report.batches.iter().take(BATCHES_SHOWN) {
        print_batch(text, report, batch);
    }
    if let Some(more @ 1..) = report.batches.len().checked_sub(BATCHES_SHOWN) {
        let _ = writeln!(text, "  {more} more");
    }
    let bytes = report.public_bytes_per_payment;
    let _ = writeln!(text, "  public data: {bytes:.2} bytes a payment");
}

/// Counts, then how much of the class's capacity they take.
fn print_batch(text: &mut String, report: &Report, batch: &BatchReport) {
    let BatchReport { number, counts, public_bytes, full_of } = batch;
    let why = full_of.map_or("at the end".to_owned(), |resource| format!("full of {resource}"));
    let _ = writeln!(
        text,
        "  {number:>6} {:>9} {:>9} {:>9} {:>9} {:>13} {:>9}  {why}",
        thousands(counts.intents),
        thousands(counts.accounts),
        thousands(counts.licenses),
        thousands(counts.nodes),
        thousands(counts.permutations),
        thousands(*public_bytes as u128),
    );
    let capacity = &report.capacity;
    let _ = writeln!(
        text,
        "  {:>6} {:>9} {:>9} {:>9} {:>9} {:>13} {:>9}",
        "",
        percent(counts.intents, capacity.intents),
        percent(counts.accounts, capacity.accounts),
        percent(counts.licenses, capacity.licenses),
        percent(counts.nodes, capacity.nodes),
        percent(counts.permutations, capacity.permutations),
        percent(counts.limbs, capacity.limbs),
    );
}

fn print_steps(text: &mut String, report: &Report) {
    let seconds = &report.seconds;
    let payments = report.payments as usize;
    let _ = writeln!(text, "\nTime, every write synced to disk");
    for (name, seconds, per_payment) in [
        ("open accounts, deposit", seconds.opening_accounts, false),
        ("register licenses", seconds.registering, false),
        ("sign (the payers)", seconds.signing, true),
        ("check signatures", seconds.checking_signatures, true),
        ("admit", seconds.admitting, true),
        ("seal", seconds.sealing, true),
        ("withdraw", seconds.withdrawing, false),
        ("restore", seconds.restoring, false),
    ] {
        let took = Duration::from_secs_f64(seconds);
        let _ = write!(text, "  {name:<24}{:>10}", duration(took));
        if per_payment {
            let rate = thousands(rate(payments, took) as u128);
            let _ = write!(text, "{rate:>12} payments a second");
        }
        let _ = writeln!(text);
    }
}

fn print_checks(text: &mut String, report: &Report) {
    let _ = writeln!(text, "\nReserve (tokens)");
    for (name, nano) in [
        ("balances", report.balances_nano),
        ("+ vaults", report.vaults_nano),
        ("+ withdrawn", report.withdrawn_nano),
        ("= deposited", report.deposited_nano),
    ] {
        let _ = writeln!(text, "  {name:<12}{:>26}", tokens(nano));
    }
    let _ = writeln!(text, "\nState root, and that of the state restored from public data alone");
    let _ = writeln!(text, "  {}", report.root);
}
