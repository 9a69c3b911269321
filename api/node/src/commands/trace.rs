//! `farthing trace`: pays for every inference of a trace, each by an intent of its own.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use farthing_client::dto::{WireBytes32, WireIntentId, WireNano};
use farthing_client::{Client, Signer};
use farthing_protocol::{AccountId, LicenseId, Nano, Pay, Price, SecretKey, SignedIntent};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::context::Context;
use crate::error::CliError;
use crate::screen::Screen;
use crate::tokens::tokens;
use crate::trace::{Inference, generated_trace, read_trace};

/// Intents of one request.
const REQUEST_INTENTS: usize = 250;
/// Which license an inference uses is drawn, and is the same on every machine.
const SEED: u64 = 0x0074_7261_6365;

/// What `farthing trace` is told.
#[derive(Debug, Args)]
pub(crate) struct TraceArgs {
    /// Who pays for what: JSON with `payers`, each an `account` and the `seed` of its key, and
    /// `licenses`, those that the model uses, the most used first.
    #[arg(long, value_name = "FILE")]
    pub(crate) wallet: PathBuf,
    /// CSV of time, context tokens, generated tokens [default: a generated one].
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// How many inferences to pay for.
    #[arg(long, default_value_t = 2_000, value_name = "NUMBER")]
    pub(crate) payments: usize,
}

/// Who pays for what.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wallet {
    pub(crate) payers: Vec<Payer>,
    pub(crate) licenses: Vec<LicenseId>,
}

/// An account that pays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payer {
    pub(crate) account: AccountId,
    pub(crate) seed: WireBytes32,
}

/// What was paid.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TraceReport {
    pub(crate) payments: usize,
    pub(crate) paid: WireNano,
    /// From the first signature to the last answer.
    pub(crate) seconds: f64,
    pub(crate) licenses: usize,
    /// The name of the last payment.
    pub(crate) last: WireIntentId,
}

pub(crate) async fn run(context: &Context, args: TraceArgs) -> Result<(), CliError> {
    let client = context.client()?;
    let wallet = read_wallet(&args.wallet)?;
    let trace = match &args.trace {
        Some(path) => read_trace(path, args.payments)?,
        None => generated_trace(args.payments),
    };
    let market = Market::new(&client, &wallet).await?;
    let report = pay(&client, &market, &trace, Screen::new(true)).await?;
    context.print(&report, || {
        let paid = tokens(report.paid.0.get());
        println!(
            "paid      {paid} tokens in {} payments, {:.1} s",
            report.payments, report.seconds
        );
        println!("last      {}", report.last);
    })
}

fn read_wallet(path: &Path) -> Result<Wallet, CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let wallet: Wallet = serde_json::from_str(&text)
        .map_err(|source| CliError::WalletSyntax { path: path.to_owned(), source })?;
    match wallet.payers.is_empty() || wallet.licenses.is_empty() {
        true => Err(CliError::WalletEmpty { path: path.to_owned() }),
        false => Ok(wallet),
    }
}

/// Who pays, and what for.
struct Market {
    payers: Vec<Signer>,
    licenses: Vec<(LicenseId, Price)>,
}

impl Market {
    async fn new(client: &Client, wallet: &Wallet) -> Result<Self, CliError> {
        let mut market = Self { payers: Vec::new(), licenses: Vec::new() };
        for payer in &wallet.payers {
            let key = SecretKey::from_seed(&payer.seed.0.0);
            market.payers.push(client.signer(payer.account, key).await?);
        }
        for id in &wallet.licenses {
            market.licenses.push((*id, client.license(*id).await?.price.0));
        }
        Ok(market)
    }

    /// The payments for a trace: payers take turns, licenses are drawn by Zipf's law.
    fn sign(&self, trace: &[Inference], first: usize) -> Result<Vec<SignedIntent>, CliError> {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED + first as u64);
        let mut signed = Vec::with_capacity(trace.len());
        for (place, inference) in trace.iter().enumerate() {
            // Of n ranks, drawn as n^u: rank r is drawn about in proportion to 1/r.
            let count = self.licenses.len() as f64;
            let rank = (count + 1.0).powf(rng.random::<f64>()) as usize;
            let (license, price) = self.licenses[(rank - 1).min(self.licenses.len() - 1)];
            let (uses, memo) = (inference.uses, inference.provenance());
            let pay = Pay { license, uses, amount: price.times(uses)?, memo };
            signed.push(self.payers[(first + place) % self.payers.len()].pay(pay));
        }
        Ok(signed)
    }
}

async fn pay(
    client: &Client,
    market: &Market,
    trace: &[Inference],
    screen: Screen,
) -> Result<TraceReport, CliError> {
    let step = screen.bar("payments by REST", trace.len() as u64);
    let start = Instant::now();
    let (mut paid, mut last) = (Nano::ZERO, None);
    let mut licenses = std::collections::BTreeSet::new();
    for (request, part) in trace.chunks(REQUEST_INTENTS).enumerate() {
        let first = request * REQUEST_INTENTS;
        let signed = market.sign(part, first)?;
        for (intent, answer) in signed.iter().zip(client.submit_all(&signed).await?) {
            let accepted = answer.map_err(|problem| CliError::Rejected(Box::new(problem)))?;
            last = Some(accepted.id);
            let amount = intent.intent.operation.amount();
            paid = paid.checked_add(amount).ok_or(CliError::TooMuch)?;
            if let farthing_protocol::Operation::Pay(pay) = &intent.intent.operation {
                licenses.insert(pay.license);
            }
        }
        step.reach((first + part.len()) as u64, trace.len() as u64);
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = trace.len() as f64 / seconds.max(f64::MIN_POSITIVE);
    step.done(&format!("{} payments, each signed and durable, {rate:.0} a second", trace.len()));
    let last = last.ok_or(CliError::NothingToPay)?;
    let (payments, licenses) = (trace.len(), licenses.len());
    Ok(TraceReport { payments, paid: paid.into(), seconds, licenses, last })
}
