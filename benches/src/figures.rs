//! The figures of the README: signatures, admission, sealing.

use std::fmt::Write as _;
use std::time::Duration;

use farthing_protocol::{
    BatchClass, BatchItem, Digest, Domain, MessageElements, PublicKey, SecretKey, Signature,
    VerifyingKey, sign, verify, verify_batch,
};
use serde::{Deserialize, Serialize};

use crate::chain::Timings;
use crate::machine::Machine;
use crate::reference_ledger::{ReferenceError, Rounds, check_and_admit};
use crate::samples::Samples;
use crate::text::{duration, rate, thousands};
use crate::workload::{Placement, Shape};

/// Signatures of one batch verification.
pub const BATCH: usize = 1_024;
/// Signers of one batch verification.
pub const SIGNERS: [usize; 3] = [8, 64, 1_024];
/// Payments of a sealed batch.
pub const PAYMENTS: usize = 16_384;
/// Accounts of the tree figure.
pub const LEAVES: u32 = 1_000;
/// Signatures that a figure of single ones goes through.
const SINGLES: u32 = 256;

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Seconds, the middle of all repetitions.
    pub median_s: f64,
    /// Seconds, the shortest repetition.
    pub shortest_s: f64,
    /// Seconds, the longest repetition.
    pub longest_s: f64,
    /// Repetitions.
    pub repetitions: usize,
    /// The median as a rate or a ratio, in words.
    pub means: String,
}

impl Figure {
    fn new(name: impl Into<String>, samples: &Samples, means: String) -> Self {
        Self {
            name: name.into(),
            median_s: samples.median().as_secs_f64(),
            shortest_s: samples.shortest().as_secs_f64(),
            longest_s: samples.longest().as_secs_f64(),
            repetitions: samples.count(),
            means,
        }
    }
}

/// Everything measured, and on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The machine and the program.
    pub machine: Machine,
    /// The lines of the table.
    pub figures: Vec<Figure>,
}

/// Signatures to verify: signature i is by signer i modulo their number.
pub struct Signatures {
    /// What they are for.
    pub domain: Digest,
    /// The secret keys.
    pub secrets: Vec<SecretKey>,
    /// The public keys.
    pub public_keys: Vec<PublicKey>,
    keys: Vec<VerifyingKey>,
    /// What was signed.
    pub messages: Vec<MessageElements>,
    /// The signatures.
    pub signatures: Vec<Signature>,
}

impl Signatures {
    /// `count` signatures by `signers` keys.
    pub fn new(count: usize, signers: usize) -> Self {
        let domain = Domain { chain_id: 1, contract: Default::default() }.digest();
        let secrets: Vec<SecretKey> = (0..signers as u64)
            .map(|i| {
                let mut seed = [7; 32];
                seed[24..].copy_from_slice(&i.to_be_bytes());
                SecretKey::from_seed(&seed)
            })
            .collect();
        let public_keys: Vec<PublicKey> = secrets.iter().map(|s| *s.public_key()).collect();
        let keys = public_keys.iter().filter_map(|key| VerifyingKey::new(key).ok()).collect();
        let messages: Vec<MessageElements> = (0..count as u64)
            .map(|i| {
                std::array::from_fn(|j| {
                    farthing_protocol::felt_from_canonical(i * 64 + j as u64).unwrap_or_default()
                })
            })
            .collect();
        let signatures = messages
            .iter()
            .enumerate()
            .map(|(i, message)| sign(&secrets[i % signers], &domain, message))
            .collect();
        Self { domain, secrets, public_keys, keys, messages, signatures }
    }

    /// As batch verification takes them.
    pub fn items(&self) -> Vec<BatchItem<'_>> {
        let signed = self.messages.iter().zip(&self.signatures).enumerate();
        let item = |(i, (message, signature))| BatchItem {
            key: &self.keys[i % self.keys.len()],
            message,
            signature,
        };
        signed.map(item).collect()
    }
}

/// Measures everything; `repetitions` of each figure.
pub fn measure(repetitions: usize) -> Result<Figures, ReferenceError> {
    let machine = Machine::this();
    let mut figures = signature_figures(repetitions);
    figures.extend(ledger_figures(repetitions)?);
    Ok(Figures { machine, figures })
}

fn signature_figures(repetitions: usize) -> Vec<Figure> {
    let all = Signatures::new(BATCH, SIGNERS[2]);
    let items = all.items();
    let few = SINGLES as usize;
    let signing = Samples::of(repetitions, || {
        let pairs = all.secrets.iter().zip(&all.messages).take(few);
        pairs.map(|(secret, message)| sign(secret, &all.domain, message)).collect::<Vec<_>>()
    });
    let single = Samples::of(repetitions, || {
        for item in &items[..few] {
            let valid = item.key.verify(&all.domain, item.message, item.signature);
            assert_eq!(valid, Ok(()), "the signature is valid");
        }
    });
    let single_encoded = Samples::of(repetitions, || {
        for (item, key) in items[..few].iter().zip(&all.public_keys) {
            let valid = verify(key, &all.domain, item.message, item.signature);
            assert_eq!(valid, Ok(()), "the signature is valid");
        }
    });
    let [signing, single, single_encoded] =
        [signing, single, single_encoded].map(|samples| samples.per(SINGLES));
    let per_second =
        |samples: &Samples| format!("{} a second", thousands(rate(1, samples.median()) as u128));
    let mut figures = vec![
        Figure::new("sign", &signing, per_second(&signing)),
        Figure::new("verify one signature", &single, per_second(&single)),
        Figure::new(
            "verify one signature, its key to be decoded",
            &single_encoded,
            per_second(&single_encoded),
        ),
    ];
    for signers in SIGNERS {
        let all = Signatures::new(BATCH, signers);
        let items = all.items();
        let samples = Samples::of(repetitions, || {
            assert_eq!(verify_batch(&all.domain, &items), Ok(()), "the signatures are valid");
        });
        let samples = samples.per(BATCH as u32);
        let ratio = single.median().as_secs_f64() / samples.median().as_secs_f64();
        let name = format!(
            "verify {} together, {} signers, each",
            thousands(BATCH as u128),
            thousands(signers as u128)
        );
        figures.push(Figure::new(name, &samples, format!("{ratio:.1} × one by one")));
    }
    figures
}

fn ledger_figures(repetitions: usize) -> Result<Vec<Figure>, ReferenceError> {
    let shape = Shape::REFERENCE;
    let population = Rounds::population(&shape);
    // Scattered, the accounts' paths have more nodes than class 16k has room for.
    let mut rounds = Rounds::new(&shape, &population, BatchClass::HUGE)?;
    let timings = repeat(repetitions, || rounds.pay(PAYMENTS))?;
    let deposits = repeat(repetitions, || rounds.deposit(LEAVES))?;
    drop(rounds);
    let near = shape.placed(Placement::First);
    let population = Rounds::population(&near);
    let mut rounds = Rounds::new(&near, &population, BatchClass::LARGE)?;
    let near_timings = repeat(repetitions, || rounds.pay(PAYMENTS))?;

    let payments = |samples: &Samples| {
        format!("{} payments a second", thousands(rate(PAYMENTS, samples.median()) as u128))
    };
    let figure = |name: &str, timings: &[Timings], of: fn(&Timings) -> Duration| {
        let samples = samples(timings, of)?;
        Some(Figure::new(name, &samples, payments(&samples)))
    };
    let leaves = samples(&deposits, |timings| timings.seal).map(|samples| {
        let each = samples.per(LEAVES).median();
        let name = "seal a batch that touches 1,000 of 2²⁰ accounts";
        Figure::new(name, &samples, format!("{} an account", duration(each)))
    });
    let lines = [
        figure("admit 16,384 payments, signatures checked before", &timings, |t| t.admit),
        figure("admit 16,384 payments, signatures included", &timings, check_and_admit),
        figure("seal 16,384 payments, accounts anywhere among 2²⁰", &timings, |t| t.seal),
        figure("seal 16,384 payments, accounts side by side", &near_timings, |t| t.seal),
        leaves,
    ];
    Ok(lines.into_iter().flatten().collect())
}

/// One round to warm up, then `repetitions`, at least one.
fn repeat(
    repetitions: usize,
    mut round: impl FnMut() -> Result<Timings, ReferenceError>,
) -> Result<Vec<Timings>, ReferenceError> {
    round()?;
    (0..repetitions.max(1)).map(|_| round()).collect()
}

fn samples(timings: &[Timings], of: fn(&Timings) -> Duration) -> Option<Samples> {
    let mut measured = timings.iter().map(of);
    Some(Samples::new(measured.next()?, measured.collect()))
}

impl Figures {
    /// A table for the README.
    pub fn to_markdown(&self) -> String {
        let Machine { cpu, cores, memory_gib, load, commit, flags } = &self.machine;
        let mut text = String::from("| figure | median | shortest – longest | that is |\n");
        text.push_str("| --- | ---: | ---: | ---: |\n");
        for figure in &self.figures {
            let [median, shortest, longest] =
                [figure.median_s, figure.shortest_s, figure.longest_s]
                    .map(|seconds| duration(Duration::from_secs_f64(seconds)));
            let Figure { name, means, .. } = figure;
            let _ = writeln!(text, "| {name} | {median} | {shortest} – {longest} | {means} |");
        }
        let repetitions = self.figures.iter().map(|figure| figure.repetitions).max().unwrap_or(0);
        let _ = writeln!(
            text,
            "\nCommit {commit}; {cpu}, {cores} cores, {memory_gib} GiB, load {load} when it began; \
             {flags}; {repetitions} repetitions."
        );
        text
    }
}
