//! Requests become payments.

use farthing_protocol::{
    Bytes32, Digest, Fee, Intent, LicenseId, Nonce, Operation, Pay, SignedIntent, UnixTime,
};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::population::Population;
use super::requests::Request;
use super::shape::{Pattern, Shape};
use super::zipf::Zipf;

/// Fee of a payment.
const FEE_NANO: u64 = 100;
/// A payment may be included for an hour.
const VALID_SECONDS: u64 = 3_600;

/// A payment, not yet signed.
#[derive(Clone, Debug)]
pub struct Payment {
    /// When it is made.
    pub at: UnixTime,
    /// The place of the payer among the payers.
    pub payer: usize,
    /// The intent.
    pub intent: Intent,
}

/// Payments for ever, or until the requests end.
pub struct Payments<'a, R> {
    population: &'a Population,
    requests: R,
    pattern: Pattern,
    zipf: Zipf,
    by_rank: Vec<u32>,
    nonces: Vec<u64>,
    made: usize,
    rng: ChaCha8Rng,
}

impl<'a, R: Iterator<Item = Request>> Payments<'a, R> {
    /// Payments of `population`, one for each of `requests`; `shape` says who pays what.
    pub fn new(population: &'a Population, shape: &Shape, requests: R, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x7061_796d_656e_7473);
        let mut by_rank: Vec<u32> = (0..population.licenses.len() as u32).collect();
        by_rank.shuffle(&mut rng);
        Self {
            population,
            requests,
            pattern: shape.pattern,
            zipf: Zipf::new(by_rank.len()),
            by_rank,
            nonces: vec![0; population.payers.len()],
            made: 0,
            rng,
        }
    }

    fn draw(&mut self) -> (usize, u32) {
        let payers = self.population.payers.len();
        match self.pattern {
            Pattern::Zipf => {
                let payer = self.rng.random_range(0..payers);
                (payer, self.by_rank[self.zipf.draw(&mut self.rng)])
            }
            Pattern::InTurn => {
                (self.made % payers, (self.made % self.population.licenses.len()) as u32)
            }
        }
    }
}

impl<R: Iterator<Item = Request>> Iterator for Payments<'_, R> {
    type Item = Payment;

    /// Ends early if a payment would be no amount, which the prices of a population exclude.
    fn next(&mut self) -> Option<Payment> {
        let Request { at, uses } = self.requests.next()?;
        let (payer, license) = self.draw();
        self.made += 1;
        self.nonces[payer] += 1;
        let price = self.population.licenses[license as usize].register.price;
        let pay = Pay {
            license: LicenseId::from(license),
            uses,
            amount: price.times(uses).ok()?,
            recipient: self.population.licenses[license as usize].recipient,
            memo: Bytes32(self.rng.random()),
        };
        let intent = Intent {
            account: self.population.payers[payer].id,
            nonce: Nonce::new(self.nonces[payer]).ok()?,
            fee: Fee::new(FEE_NANO).ok()?,
            valid_until: UnixTime::new(at.get() + VALID_SECONDS).ok()?,
            operation: Operation::Pay(pay),
        };
        Some(Payment { at, payer, intent })
    }
}

/// Signs payments on every core.
pub fn sign_all(population: &Population, payments: &[Payment]) -> Vec<SignedIntent> {
    let domain: Digest = population.domain_digest();
    let sign = |payment: &Payment| {
        payment.intent.clone().sign(&population.payers[payment.payer].key, &domain)
    };
    payments.par_iter().map(sign).collect()
}
