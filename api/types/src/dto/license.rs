//! Licenses: terms, versions, earnings, quotes.

use farthing_protocol::{
    AccountId, LicenseId, LicenseVersion, Licensee, Lineage, OutOfRange, Shares, Stage, Uses,
};
use serde::{Deserialize, Serialize};

use super::{
    HolderBody, HolderName, LicenseStatusName, WireAmount, WireBatchNumber, WireBytes32, WireFee,
    WireNano, WirePrice, WireRecipient,
};

/// The data of a license that its licensor sets, by `update_license`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LicenseVersionBody {
    /// Nano-units per use.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to the license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// The status: a license that is not active is neither paid nor derived from.
    pub status: LicenseStatusName,
    /// The account that alone may pay; null if every account may.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<u32>, minimum = 1, maximum = 2_147_483_647, example = 8))]
    pub licensee: Option<AccountId>,
    /// Hash of the manifest.
    pub provenance: WireBytes32,
}

impl From<LicenseVersion> for LicenseVersionBody {
    fn from(version: LicenseVersion) -> Self {
        let LicenseVersion { price, derivative_shares, status, licensee, provenance } = version;
        Self {
            price: price.into(),
            derivative_shares,
            status: status.into(),
            licensee: licensee.account(),
            provenance: provenance.into(),
        }
    }
}

impl TryFrom<LicenseVersionBody> for LicenseVersion {
    type Error = OutOfRange;
    fn try_from(body: LicenseVersionBody) -> Result<Self, OutOfRange> {
        Ok(Self {
            price: body.price.0,
            derivative_shares: body.derivative_shares,
            status: body.status.into(),
            licensee: Licensee::new(body.licensee.map_or(0, |account| account.get().into()))?,
            provenance: body.provenance.0,
        })
    }
}

/// A version of a license, and the batch that registered or updated the license. A registered version counts in
/// its batch, an updated one from the next batch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LicenseVersionLineBody {
    /// The batch.
    pub batch: WireBatchNumber,
    /// The stage that the batch has reached.
    #[cfg_attr(feature = "openapi", schema(schema_with = super::schema::sealed_stages))]
    pub stage: Stage,
    /// Nano-units per use.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to the license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// The status: a license that is not active is neither paid nor derived from.
    pub status: LicenseStatusName,
    /// The account that alone may pay; null if every account may.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<u32>, minimum = 1, maximum = 2_147_483_647, example = 8))]
    pub licensee: Option<AccountId>,
    /// Hash of the manifest.
    pub provenance: WireBytes32,
}

/// A license: its terms, the version that counts now, and its state after the last sealed batch.
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
    /// Nano-units per use: the price that a payment sent now must have.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// The status: a license that is not active is neither paid nor derived from.
    pub status: LicenseStatusName,
    /// The account that alone may pay; null if every account may.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<u32>, minimum = 1, maximum = 2_147_483_647, example = 8))]
    pub licensee: Option<AccountId>,
    /// 1 + the sum of the parents' lineages.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 64, example = 1))]
    pub lineage: Lineage,
    /// Hash of the manifest, as the licensor last set it.
    pub provenance: WireBytes32,
    /// Hash of the manifest under which the license was registered: its `recipient` is made of it.
    pub registered_provenance: WireBytes32,
    /// The holders and their shares; licenses among them are the parents.
    pub holders: Vec<HolderBody>,
    /// The amount that is not yet distributed: fewer nano-units than there are holders.
    pub vault: WireNano,
    /// The total that it has received, modulo 2⁶².
    pub received: WireNano,
    /// The version from the next batch on, if the open batch updates the license.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<LicenseVersionBody>,
    /// True if a block that holds the license is final on L1: its number can then never pass to another license.
    /// A payment signs `recipient` too, so it cannot reach another license before that either.
    pub finalized: bool,
}

impl LicenseVersionLineBody {
    /// The version.
    pub const fn version(&self) -> LicenseVersionBody {
        LicenseVersionBody {
            price: self.price,
            derivative_shares: self.derivative_shares,
            status: self.status,
            licensee: self.licensee,
            provenance: self.provenance,
        }
    }
}

impl LicenseBody {
    /// The version that counts now.
    pub const fn version(&self) -> LicenseVersionBody {
        LicenseVersionBody {
            price: self.price,
            derivative_shares: self.derivative_shares,
            status: self.status,
            licensee: self.licensee,
            provenance: self.provenance,
        }
    }
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
    /// Nano-units per use.
    pub price: WirePrice,
    /// The status: a license that is not active is not paid.
    pub status: LicenseStatusName,
    /// The account that alone may pay; null if every account may.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<u32>, minimum = 1, maximum = 2_147_483_647, example = 8))]
    pub licensee: Option<AccountId>,
    /// The version from the next batch on, if the open batch updates the license: a payment that comes
    /// after it is sealed must be at that price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<LicenseVersionBody>,
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
