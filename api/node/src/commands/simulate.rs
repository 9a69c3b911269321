//! `farthing simulate`: pays for every inference of an inference log, each by an intent of its own,
//! once.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use farthing_client::dto::{WireIntentId, WireNano};
use farthing_client::{Client, Problem, ProblemCode, Signer};
use farthing_protocol::{
    AccountId, Digest, Holder, Intent, LicenseId, Nano, Operation, Pay, Price, ShortDigest,
    SignedIntent,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Signals;
use super::context::Context;
use crate::cli::SimulateArgs;
use crate::error::CliError;
use crate::inference_log::{Inference, InferenceLog, LogOptions, generated_log, read_log};
use crate::journal::{Journal, JournalError, JournalHeader, Payment};
use crate::keyfile::{Secret, read_private};
use crate::progress::ProgressDisplay;
use crate::redact::{redact, unquoted};
use crate::tokens::tokens;

/// Inferences of a generated log.
const GENERATED_DEFAULT: usize = 2_000;
/// Intents of one request.
const REQUEST_INTENTS: usize = 250;
/// Which license an inference uses is drawn, and is the same on every machine.
const SEED: u64 = 0x0074_7261_6365;
/// The largest file of payers: some ten thousand.
const PAYERS_BYTES_MAX: u64 = 1 << 20;

/// A file of payers, and of the licenses that they pay.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PayersFile {
    pub(crate) payers: Vec<Payer>,
    pub(crate) licenses: Vec<LicenseId>,
}

/// An account that pays.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payer {
    pub(crate) account: AccountId,
    pub(crate) seed: Secret,
}

/// The payments that were made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SimulationReport {
    pub(crate) payments: usize,
    /// The number of them that an earlier run had paid.
    pub(crate) paid_before: usize,
    /// Failed calls between them, which cost nothing.
    pub(crate) free: usize,
    pub(crate) paid: WireNano,
    /// From the first signature to the last answer.
    pub(crate) seconds: f64,
    pub(crate) licenses: usize,
    /// The name of the last payment.
    pub(crate) last: WireIntentId,
    pub(crate) journal: PathBuf,
}

pub(crate) async fn run(context: &Context, args: SimulateArgs) -> Result<(), CliError> {
    let mut signals = Signals::new()?;
    let client = context.client()?;
    let payers = read_payers(&args.payers)?;
    let log = match &args.log {
        Some(path) => read_log(path, &options_of(&args))?,
        None => generated_log(args.payments.unwrap_or(GENERATED_DEFAULT)),
    };
    let market = tokio::select! {
        market = Market::new(&client, &payers) => market?,
        () = signals.any() => return Err(CliError::Interrupted),
    };
    let path = args.journal.clone().unwrap_or_else(|| journal_beside(&args));
    let journal = Journal::open(&path, &market.header(), args.restart)?;
    check_log(&journal, &log)?;
    let mut round = Round { client, market, log, journal };
    let report = tokio::select! {
        report = round.pay(ProgressDisplay::new(true)) => report?,
        () = signals.any() => return Err(CliError::SimulationInterrupted { journal: path }),
    };
    context.print(&report, |out| {
        let SimulationReport { payments, paid_before, free, seconds, .. } = report;
        let paid = tokens(report.paid.0.get());
        writeln!(out, "paid      {paid} tokens in {payments} payments, {seconds:.1} s")?;
        if paid_before > 0 {
            writeln!(out, "          {paid_before} of them were paid before, as the journal says")?;
        }
        if free > 0 {
            writeln!(out, "free      {free} failed calls")?;
        }
        writeln!(out, "journal   {}", report.journal.display())?;
        writeln!(out, "last      {}", report.last)
    })
}

fn options_of(args: &SimulateArgs) -> LogOptions {
    LogOptions { count: args.payments, tokens: args.tokens, source: args.source.clone() }
}

fn read_payers(path: &Path) -> Result<PayersFile, CliError> {
    let text = read_private(path, PAYERS_BYTES_MAX)?;
    let file: PayersFile = serde_json::from_str(&text).map_err(|error| CliError::PayersSyntax {
        path: path.to_owned(),
        cause: unquoted(&error.to_string()),
    })?;
    match file.payers.is_empty() || file.licenses.is_empty() {
        true => Err(CliError::PayersEmpty { path: path.to_owned() }),
        false => Ok(file),
    }
}

/// `payers.json.requests.csv.journal`, in the folder of the payers.
fn journal_beside(args: &SimulateArgs) -> PathBuf {
    let mut name = OsString::from(&args.payers);
    name.push(".");
    name.push(args.log.as_deref().and_then(Path::file_name).unwrap_or("generated".as_ref()));
    name.push(".journal");
    PathBuf::from(name)
}

/// Checks that a journal has paid for this inference under its id.
fn check_log(journal: &Journal, log: &InferenceLog) -> Result<(), JournalError> {
    for Inference { id, uses, provenance } in &log.inferences {
        let Some((_, signed)) = journal.payment_of(id) else { continue };
        let same = match &signed.intent.operation {
            Operation::Pay(pay) => pay.memo == *provenance && pay.uses == *uses,
            _ => false,
        };
        if !same {
            let (path, id) = (journal.path().to_owned(), redact(id));
            return Err(JournalError::Inference { path, id });
        }
    }
    Ok(())
}

/// The payers, and the licenses with their prices.
struct Market {
    payers: Vec<Signer>,
    licenses: Vec<(LicenseId, Price, ShortDigest)>,
}

impl Market {
    async fn new(client: &Client, file: &PayersFile) -> Result<Self, CliError> {
        let mut market = Self { payers: Vec::new(), licenses: Vec::new() };
        for payer in &file.payers {
            market.payers.push(client.signer(payer.account, payer.seed.signing_key()).await?);
        }
        for id in &file.licenses {
            let price = client.license(*id).await?.price.0;
            let recipient = client.recipient(Holder::License(*id)).await?;
            market.licenses.push((*id, price, recipient));
        }
        Ok(market)
    }

    fn domain(&self) -> Digest {
        self.payers.first().map_or(Digest::ZERO, Signer::domain)
    }

    fn header(&self) -> JournalHeader {
        let payers = self.payers.iter().map(|one| (one.account(), (*one.public_key()).into()));
        let licenses = self.licenses.iter().map(|(id, ..)| *id).collect();
        JournalHeader::new(self.domain().into(), payers.collect(), licenses)
    }

    /// Payment number `at`, of one inference: payers take turns, the license is drawn by Zipf's law.
    fn sign(&self, at: usize, inference: &Inference) -> Result<SignedIntent, CliError> {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED + at as u64);
        // Of n ranks, drawn as n^u: rank r is drawn about in proportion to 1/r.
        let count = self.licenses.len() as f64;
        let rank = (count + 1.0).powf(rng.random::<f64>()) as usize;
        let (license, price, recipient) = self.licenses[(rank - 1).min(self.licenses.len() - 1)];
        let (uses, memo) = (inference.uses, inference.provenance);
        let pay = Pay { license, uses, amount: price.times(uses)?, recipient, memo };
        Ok(self.payers[at % self.payers.len()].pay(pay)?)
    }

    /// The same payment with another nonce, at the price of now; `None` if it is not of this market.
    fn sign_again(&self, signed: &SignedIntent) -> Result<Option<SignedIntent>, CliError> {
        let Intent { account, operation, .. } = &signed.intent;
        let Operation::Pay(pay) = operation else { return Ok(None) };
        let payer = self.payers.iter().find(|payer| payer.account() == *account);
        let license = self.licenses.iter().find(|(license, ..)| *license == pay.license);
        let (Some(payer), Some((_, price, recipient))) = (payer, license) else { return Ok(None) };
        let pay = Pay { amount: price.times(pay.uses)?, recipient: *recipient, ..*pay };
        Ok(Some(payer.pay(pay)?))
    }
}

/// A log being paid for.
struct Round {
    client: Client,
    market: Market,
    log: InferenceLog,
    journal: Journal,
}

impl Round {
    async fn pay(&mut self, display: ProgressDisplay) -> Result<SimulationReport, CliError> {
        let before = self.journal.accepted();
        let paid_before = |one: &&Inference| {
            self.journal.payment_of(&one.id).is_some_and(|(index, _)| index < before)
        };
        let paid_before = self.log.inferences.iter().filter(paid_before).count();
        let mut unsigned: VecDeque<Inference> = self.log.inferences.iter().cloned().collect();
        unsigned.retain(|one| self.journal.payment_of(&one.id).is_none());
        let all = self.journal.payments().len() + unsigned.len();
        let new = all - before;
        let (step, start) = (display.bar("payments by REST", new as u64), Instant::now());
        let mut first = before;
        while first < all {
            let end = all.min(first + REQUEST_INTENTS);
            self.sign_until(end, &mut unsigned)?;
            self.send(first, end).await?;
            self.journal.accept(end)?;
            first = end;
            step.reach((first - before) as u64, new as u64);
        }
        let seconds = start.elapsed().as_secs_f64();
        let rate = new as f64 / seconds.max(f64::MIN_POSITIVE);
        step.done(&format!("{new} payments, each signed and durable, {rate:.0} a second"));
        self.report(paid_before, seconds)
    }

    /// Signs the next inferences, so that `end` are; on return they are on disk.
    fn sign_until(
        &mut self,
        end: usize,
        unsigned: &mut VecDeque<Inference>,
    ) -> Result<(), CliError> {
        let first = self.journal.payments().len();
        let next = (first..end).zip(unsigned.drain(..end.saturating_sub(first)));
        let sign = |(at, one): (usize, Inference)| {
            let signed = self.market.sign(at, &one)?;
            Ok::<_, CliError>(Payment { id: one.id, signed })
        };
        let more = next.map(sign).collect::<Result<Vec<_>, _>>()?;
        if !more.is_empty() {
            self.journal.append(more)?;
        }
        Ok(())
    }

    /// Sends payments, as they are in the journal; on return the node has acknowledged all of them.
    async fn send(&mut self, first: usize, end: usize) -> Result<(), CliError> {
        let payments = self.journal.payments().iter().skip(first).take(end - first);
        let signed: Vec<SignedIntent> = payments.map(|one| one.signed.clone()).collect();
        let answers = self.client.submit_all(&signed).await?;
        for ((at, signed), answer) in (first..).zip(&signed).zip(answers) {
            if let Err(problem) = answer {
                self.settle_fate(at, signed, problem).await?;
            }
        }
        Ok(())
    }

    /// A payment that was refused. If it was too late for it, and the node does not know it, it can
    /// never be settled: it is signed again, once, and written down before it is sent.
    async fn settle_fate(
        &mut self,
        at: usize,
        refused: &SignedIntent,
        problem: Problem,
    ) -> Result<(), CliError> {
        let rejected = |problem| CliError::Rejected(Box::new(problem));
        if !matches!(
            problem.code,
            ProblemCode::Expired | ProblemCode::NonceTooLow | ProblemCode::NonceUsed
        ) {
            return Err(rejected(problem));
        }
        let id = refused.intent.id(&self.market.domain());
        match self.client.intent(id).await {
            Ok(_) => return Ok(()),
            Err(error) => match error.problem().map(|problem| problem.code) {
                Some(ProblemCode::IntentNotFound) => {}
                _ => return Err(error.into()),
            },
        }
        let Some(signed) = self.market.sign_again(refused)? else { return Err(rejected(problem)) };
        self.journal.replace(at, signed.clone())?;
        let answers = self.client.submit_all(std::slice::from_ref(&signed)).await?;
        match answers.into_iter().next() {
            Some(Ok(_)) => Ok(()),
            Some(Err(problem)) => Err(rejected(problem)),
            None => Err(rejected(problem)),
        }
    }

    fn report(&self, paid_before: usize, seconds: f64) -> Result<SimulationReport, CliError> {
        let own = self.log.inferences.iter();
        let own = own.filter_map(|one| Some(self.journal.payment_of(&one.id)?.1));
        let (mut paid, mut licenses, mut last) = (Nano::ZERO, BTreeSet::new(), None);
        for one in own {
            let amount = one.intent.operation.amount();
            paid = paid.checked_add(amount).ok_or(CliError::TooMuch)?;
            if let Operation::Pay(pay) = &one.intent.operation {
                licenses.insert(pay.license);
            }
            last = Some(one);
        }
        let last = last.ok_or(CliError::NothingToPay)?;
        Ok(SimulationReport {
            payments: self.log.inferences.len(),
            paid_before,
            free: self.log.free,
            paid: paid.into(),
            seconds,
            licenses: licenses.len(),
            last: last.intent.id(&self.market.domain()).into(),
            journal: self.journal.path().to_owned(),
        })
    }
}
