//! The figures of a demo.

use std::collections::BTreeMap;
use std::fmt::{Result as FmtResult, Write as _};

use alloy::primitives::B256;
use farthing_client::dto::{WireAddress, WireAmount, WireBatchNumber, WireIntentId, WireNano};
use farthing_protocol::NANO_PER_BASE_UNIT;
use serde::{Deserialize, Serialize};

use super::l1::{Gas, Reserve};
use crate::error::CliError;
use crate::output::result;
use crate::tokens::tokens;

/// The block that holds the payments.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct ProvenBlock {
    pub(super) batches: u32,
    pub(super) proof_bytes: usize,
    pub(super) gas: Gas,
}

/// A license whose price changed between two batches.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct PriceChange {
    pub(super) license: u32,
    /// The amount of a use in the batch of the update.
    pub(super) old: WireAmount,
    /// The amount of a use in the next batch.
    pub(super) new: WireAmount,
}

/// The withdrawal of a creator.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Withdrawal {
    pub(super) account: u32,
    pub(super) owner: WireAddress,
    pub(super) units: u64,
    /// The claim's.
    pub(super) transaction: B256,
}

/// Output of `farthing receipt verify`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct VerifiedReceipt {
    pub(super) id: WireIntentId,
    pub(super) batch: WireBatchNumber,
    pub(super) verified_on_l1: bool,
}

/// All figures.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) payments: usize,
    /// Nano-units.
    pub(super) paid: WireNano,
    /// The client's, from the first signature to the last answer.
    pub(super) client_seconds: f64,
    pub(super) platforms: usize,
    pub(super) creators: usize,
    pub(super) creators_paid: usize,
    pub(super) licenses: usize,
    pub(super) derivatives: usize,
    pub(super) class: &'static str,
    pub(super) block: ProvenBlock,
    pub(super) gas_per_payment: f64,
    /// By step, of both blocks.
    pub(super) proof_seconds: BTreeMap<String, f64>,
    pub(super) price_change: PriceChange,
    pub(super) withdrawal: Withdrawal,
    pub(super) receipt: VerifiedReceipt,
    pub(super) reserve: Reserve,
    /// From the start to the end.
    pub(super) seconds: f64,
}

impl Summary {
    /// As JSON, or for people.
    pub(super) fn print(&self, json: bool) -> Result<(), CliError> {
        match json {
            true => result(&serde_json::to_string_pretty(self).map_err(CliError::Json)?),
            false => {
                let mut text = String::new();
                self.write_text(&mut text)?;
                result(text.trim_end_matches('\n'))
            }
        }
    }

    fn write_text(&self, out: &mut String) -> FmtResult {
        let Self { block, reserve, withdrawal, .. } = self;
        writeln!(out)?;
        let mut line = |name: &str, text: String| writeln!(out, "  {name:<16} {text}");
        let rate = self.payments as f64 / self.client_seconds.max(f64::MIN_POSITIVE);
        let paid = tokens(self.paid.0.get());
        line("payments", format!("{} of {paid} tokens in all, {rate:.0} a second", self.payments))?;
        line("licenses", format!("{}, {} derived from others", self.licenses, self.derivatives))?;
        line("creators paid", format!("{} of {}", self.creators_paid, self.creators))?;
        line(
            "batches",
            format!("{} of class {} in the payments' block", block.batches, self.class),
        )?;
        let steps = self.proof_seconds.iter().map(|(step, s)| format!("{step} {s:.1} s"));
        line("proofs", format!("{}, both blocks", steps.collect::<Vec<_>>().join(", ")))?;
        line("proof", format!("{} bytes", block.proof_bytes))?;
        let Gas { commit, prove } = block.gas;
        line("gas", format!("{} = {commit} data + {prove} proof", block.gas.total()))?;
        line("gas a payment", format!("{:.0}", self.gas_per_payment))?;
        let PriceChange { license, old, new } = self.price_change;
        let [old, new] = [old, new].map(|amount| tokens(amount.0.get()));
        line("price change", format!("license {license}: {old} tokens a use, then {new}"))?;
        let claimed = tokens(u128::from(withdrawal.units) * u128::from(NANO_PER_BASE_UNIT));
        line("claimed on L1", format!("{claimed} tokens by {}", withdrawal.owner))?;
        line("receipt", format!("of {}: settled, as L1 says; no node asked", self.receipt.id))?;
        let (held, owed) = (tokens(reserve.held), tokens(reserve.owed()));
        line("reserve", format!("{held} tokens held, {owed} owed"))?;
        line("time", format!("{:.0} s", self.seconds))
    }
}
