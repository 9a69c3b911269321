//! Earnings of licenses and of accounts, batch by batch.

use farthing_protocol::{AccountId, LicenseId, Shares, UnixTime};
use serde::{Deserialize, Serialize};

use super::{PartBody, WireBatchNumber, WireNano};

/// The payments of one account to a license in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayerBody {
    /// The account that paid.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 8))]
    pub account: AccountId,
    /// The number of its payments.
    pub payments: u32,
    /// The uses that they paid for.
    pub uses: u64,
    /// Their sum.
    pub amount: WireNano,
}

/// The part that a license received from a derivative in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DerivativeBody {
    /// The derivative.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 4))]
    pub license: LicenseId,
    /// The amount.
    pub amount: WireNano,
}

/// A license's earnings of one batch: `vault_before + received = Σ parts + vault_after`, and
/// `received = Σ payers + Σ derivatives`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarningsLineBody {
    /// The batch.
    pub batch: WireBatchNumber,
    /// Unix seconds: the time of the batch.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub time: UnixTime,
    /// The amount in the vault before.
    pub vault_before: WireNano,
    /// The amount received from payments and derivatives.
    pub received: WireNano,
    /// The payments, by payer, ascending.
    pub payers: Vec<PayerBody>,
    /// The parts of derivatives, ascending.
    pub derivatives: Vec<DerivativeBody>,
    /// The part of each holder.
    pub parts: Vec<PartBody>,
    /// The amount that stays in the vault for the next batch.
    pub vault_after: WireNano,
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

/// The kind of a movement of an account's balance. The first four are added to the balance, the others
/// are taken from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MovementKindName {
    /// The account's part of what `license` received.
    Royalty,
    /// Transfers from `account`.
    TransferIn,
    /// Deposits from L1.
    Deposit,
    /// Fees of intents, which account 0 receives.
    FeeIncome,
    /// Payments of `license`.
    Payment,
    /// Transfers to `account`.
    TransferOut,
    /// Withdrawals to L1, a forced exit included.
    Withdrawal,
    /// Fees of the account's intents.
    Fee,
}

impl MovementKindName {
    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Royalty => "royalty",
            Self::TransferIn => "transfer_in",
            Self::Deposit => "deposit",
            Self::FeeIncome => "fee_income",
            Self::Payment => "payment",
            Self::TransferOut => "transfer_out",
            Self::Withdrawal => "withdrawal",
            Self::Fee => "fee",
        }
    }

    /// Returns true if the movement is added to the balance, false if it is taken from it.
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::Royalty | Self::TransferIn | Self::Deposit | Self::FeeIncome)
    }
}

/// All movements of one kind, with one license or account, in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MovementBody {
    /// The kind, which also says whether the amount is added or taken.
    pub kind: MovementKindName,
    /// The amount.
    pub amount: WireNano,
    /// The license, of a royalty or a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, example = 3))]
    pub license: Option<LicenseId>,
    /// The other account, of a transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, example = 8))]
    pub account: Option<AccountId>,
    /// The amount that the license received in the batch, of a royalty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<WireNano>,
    /// The account's shares of the license, of 1,000,000, of a royalty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>, maximum = 1_000_000, example = 600_000))]
    pub shares: Option<Shares>,
}

/// The movements of an account's balance in one batch:
/// `balance_before + Σ added = balance_after + Σ taken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEarningsLineBody {
    /// The batch.
    pub batch: WireBatchNumber,
    /// Unix seconds: the time of the batch.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub time: UnixTime,
    /// The balance before.
    pub balance_before: WireNano,
    /// The balance after: that before the account's next line, unless `not_kept` lists batches between
    /// the two.
    pub balance_after: WireNano,
    /// The movements, each above 0.
    pub movements: Vec<MovementBody>,
}

/// A page of an account's earnings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountEarningsPage {
    /// A line for each sealed batch with movements of the account, ascending.
    pub items: Vec<AccountEarningsLineBody>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Batches without lines: the node took them from L1, which has the balance that they leave, not
    /// its movements. Batches up to the next page are listed; mostly there are none.
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
