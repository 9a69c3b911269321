//! Licenses: terms, statements of what they received, quotes.

use farthing_protocol::{AccountId, LicenseId, Lineage, Shares, Uses};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    HolderBody, HolderName, WireAmount, WireBatchNumber, WireBytes32, WireFee, WireNano, WirePrice,
};

/// Whether a license can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LicenseStatusName {
    /// It can be paid and derived from.
    Active,
}

/// A license: its terms, and what the last sealed batch left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LicenseBody {
    /// Its number.
    #[schema(value_type = u32, example = 3)]
    pub id: LicenseId,
    /// The account that registered it.
    #[schema(value_type = u32, example = 7)]
    pub licensor: AccountId,
    /// Nano-units per use.
    pub price: WirePrice,
    /// What a derivative must leave to this license, of 1,000,000 shares.
    #[schema(value_type = u32, maximum = 1_000_000, example = 100_000)]
    pub derivative_shares: Shares,
    /// 1 + the sum of the parents' lineages.
    #[schema(value_type = u32, minimum = 1, maximum = 64, example = 1)]
    pub lineage: Lineage,
    /// Hash of the manifest.
    pub provenance: WireBytes32,
    /// Who gets which part; licenses among them are the parents.
    pub holders: Vec<HolderBody>,
    /// What is not yet distributed: less nano than there are holders.
    pub vault: WireNano,
    /// All that it ever received, modulo 2⁶².
    pub received: WireNano,
    /// Whether it can be paid.
    pub status: LicenseStatusName,
    /// Whether L1 has verified, for good, a block that holds the license. Until then the operator
    /// could still give its number to other terms: pay it, and derive from it, when it is final.
    pub finalized: bool,
}

/// What a holder got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartBody {
    /// Who.
    pub holder: HolderName,
    /// How much.
    pub amount: WireNano,
}

/// One batch in a license's statement: `vault_before + received = Σ parts + vault_after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementLineBody {
    /// The batch.
    pub batch: WireBatchNumber,
    /// What was left from before.
    pub vault_before: WireNano,
    /// What payments and derivatives brought.
    pub received: WireNano,
    /// What went to each holder.
    pub parts: Vec<PartBody>,
    /// What is left, and counts in the next batch.
    pub vault_after: WireNano,
}

/// What a payment would give to whom, if it were the only one of its batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteBody {
    /// The license to be paid.
    #[schema(value_type = u32, example = 3)]
    pub license: LicenseId,
    /// Uses to be paid for.
    #[schema(value_type = u32, minimum = 1, maximum = 8_388_608, example = 20)]
    pub uses: Uses,
    /// Price × uses: what the payment must say.
    pub amount: WireAmount,
    /// The least fee that the node asks of a payment.
    pub least_fee: WireFee,
    /// The license and its ancestors, the license first.
    pub lines: Vec<QuoteLineBody>,
    /// What each account would get over all lines, ascending.
    pub credits: Vec<CreditBody>,
}

/// One license of a quote: `vault_before + received = Σ parts + vault_after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuoteLineBody {
    /// The license.
    #[schema(value_type = u32, example = 3)]
    pub license: LicenseId,
    /// What is left from before.
    pub vault_before: WireNano,
    /// The payment, or parts of derivatives.
    pub received: WireNano,
    /// What would go to each holder.
    pub parts: Vec<PartBody>,
    /// What would be left.
    pub vault_after: WireNano,
}

/// What an account would get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreditBody {
    /// The account.
    #[schema(value_type = u32, example = 7)]
    pub account: AccountId,
    /// How much.
    pub amount: WireNano,
}

/// A page of a license's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementPage {
    /// A line for each sealed batch that touched the license, ascending.
    pub items: Vec<StatementLineBody>,
    /// Pass it as `cursor` for the page behind; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Batches of which the node has no lines: it took them from L1, which says what a license
    /// received in all, not batch by batch. Those up to the next page; mostly none.
    pub not_kept: Vec<BatchRangeBody>,
}

/// Consecutive batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchRangeBody {
    /// The first.
    pub first: WireBatchNumber,
    /// The one after the last.
    pub end: WireBatchNumber,
}
