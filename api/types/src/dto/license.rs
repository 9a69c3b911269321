//! Licenses: terms, earnings, quotes.

use farthing_protocol::{AccountId, LicenseId, Lineage, Shares, Uses};
use serde::{Deserialize, Serialize};

use super::{
    HolderBody, HolderName, WireAmount, WireBatchNumber, WireBytes32, WireFee, WireNano, WirePrice,
    WireRecipient,
};

/// The status of a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LicenseStatusName {
    /// It can be paid and derived from.
    Active,
}

/// A license: its terms, and its state after the last sealed batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LicenseBody {
    /// Its number.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub id: LicenseId,
    /// The license's name in intents. A payment of it, or a registration that derives from it, signs it.
    pub recipient: WireRecipient,
    /// The account that registered it.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub licensor: AccountId,
    /// Nano-units per use.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// 1 + the sum of the parents' lineages.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 64, example = 1))]
    pub lineage: Lineage,
    /// Hash of the manifest.
    pub provenance: WireBytes32,
    /// The holders and their shares; licenses among them are the parents.
    pub holders: Vec<HolderBody>,
    /// The amount that is not yet distributed: fewer nano-units than there are holders.
    pub vault: WireNano,
    /// The total that it has received, modulo 2⁶².
    pub received: WireNano,
    /// Its status: `active` if it can be paid.
    pub status: LicenseStatusName,
    /// True if a block that holds the license is final on L1: its number can then never pass to another license.
    /// A payment signs `recipient` too, so it cannot reach another license before that either.
    pub finalized: bool,
}

/// The part of a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PartBody {
    /// The holder.
    pub holder: HolderName,
    /// The amount.
    pub amount: WireNano,
}

/// A license's earnings of one batch: `vault_before + received = Σ parts + vault_after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarningsLineBody {
    /// The batch.
    pub batch: WireBatchNumber,
    /// The amount in the vault before.
    pub vault_before: WireNano,
    /// The amount received from payments and derivatives.
    pub received: WireNano,
    /// The part of each holder.
    pub parts: Vec<PartBody>,
    /// The amount that stays in the vault for the next batch.
    pub vault_after: WireNano,
}

/// The shares of a payment, if it were the only one of its batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteBody {
    /// The license to be paid.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub license: LicenseId,
    /// Uses to be paid for.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 8_388_608, example = 20))]
    pub uses: Uses,
    /// Price × uses: the `amount` that the payment must have.
    pub amount: WireAmount,
    /// The license's name in intents: the `recipient` that the payment must have.
    pub recipient: WireRecipient,
    /// The least fee that the node asks of a payment.
    pub least_fee: WireFee,
    /// The license and its ancestors, the license first.
    pub lines: Vec<QuoteLineBody>,
    /// The amount that each account receives over all lines, ascending by account.
    pub credits: Vec<CreditBody>,
}

/// One license of a quote: `vault_before + received = Σ parts + vault_after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteLineBody {
    /// The license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub license: LicenseId,
    /// The amount in the vault before.
    pub vault_before: WireNano,
    /// The payment, or parts of derivatives.
    pub received: WireNano,
    /// The part of each holder.
    pub parts: Vec<PartBody>,
    /// The amount that would stay in the vault.
    pub vault_after: WireNano,
}

/// The amount that an account receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreditBody {
    /// The account.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub account: AccountId,
    /// The amount.
    pub amount: WireNano,
}

/// A page of a license's earnings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarningsPage {
    /// A line for each sealed batch that touched the license, ascending.
    pub items: Vec<EarningsLineBody>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Batches without lines: the node took them from L1, which has the total of a license, not
    /// its earnings by batch. Batches up to the next page are listed; mostly there are none.
    pub not_kept: Vec<BatchRangeBody>,
}

/// Consecutive batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchRangeBody {
    /// The first.
    pub first: WireBatchNumber,
    /// The number after the last batch.
    pub end: WireBatchNumber,
}
