//! Intents as clients send them, and where they are.

use farthing_protocol::{
    AccountId, HolderShares, Intent, LicenseId, LicenseVersion, Licensee, Lineage, Operation, Pay,
    RegisterLicense, ShareTable, ShareTableError, Shares, SignedIntent, Stage, Transfer, UnixTime,
    UpdateLicense, Uses, Withdraw, WithdrawError,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::object::objects;
use super::{
    L1Location, LicenseStatusName, WireAmount, WireBatchNumber, WireBlockNumber, WireBytes32,
    WireFee, WireIntentId, WireNonce, WirePrice, WireRecipient, WireSignature,
};
use crate::problem::Problem;

/// The most intents of one batch request: some 2 MB of JSON, and a share of the sequencer's queue
/// that leaves room for others.
pub const BATCH_INTENTS_MAX: usize = 2_048;

objects!(
    IntentBody,
    PayBody,
    TransferBody,
    WithdrawBody,
    RegisterLicenseBody,
    UpdateLicenseBody,
    HolderBody,
    IntentBatch,
);

/// A signed instruction of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
#[cfg_attr(feature = "openapi", schema(title = "SignedIntent"))]
pub struct IntentBody {
    /// The account that signs and pays.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub account: AccountId,
    /// A nonce that the account has not used, greater than its settled nonce.
    pub nonce: WireNonce,
    /// The fee paid to the operator.
    pub fee: WireFee,
    /// Unix seconds: the latest time at which a batch may include it.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, maximum = 1_099_511_627_775i64, example = 1_800_000_000u64))]
    pub valid_until: UnixTime,
    /// The operation.
    pub operation: OperationBody,
    /// The signature by the account's key.
    pub signature: WireSignature,
}

/// The operation of an intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OperationBody {
    /// Pays a license.
    Pay(PayBody),
    /// Pays an account.
    Transfer(TransferBody),
    /// Withdraws to the account's owner on L1.
    Withdraw(WithdrawBody),
    /// Registers a license.
    RegisterLicense(RegisterLicenseBody),
    /// Changes a license, from the next batch on.
    UpdateLicense(UpdateLicenseBody),
}

/// A payment to a license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct PayBody {
    /// The license paid.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub license: LicenseId,
    /// Uses paid for, 1 to 2²³.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 8_388_608, example = 20))]
    pub uses: Uses,
    /// Price × uses.
    pub amount: WireAmount,
    /// The license's `recipient`: the payment settles to no other license.
    pub recipient: WireRecipient,
    /// Provenance of the inferences paid for.
    pub memo: WireBytes32,
}

/// A payment to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct TransferBody {
    /// The account credited.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 8))]
    pub to: AccountId,
    /// The amount that it receives.
    pub amount: WireAmount,
    /// The account's `recipient`: the transfer settles to no other account.
    pub recipient: WireRecipient,
    /// The sender's reference.
    pub memo: WireBytes32,
}

/// A withdrawal to L1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct WithdrawBody {
    /// A multiple of 1,000 nano, not 0.
    pub amount: WireAmount,
    /// The owner's reference.
    pub memo: WireBytes32,
}

/// A registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct RegisterLicenseBody {
    /// Nano-units per use.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// 1 + the sum of the parents' lineages.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 64, example = 1))]
    pub lineage: Lineage,
    /// Hash of the manifest: the SHA-256 of its canonical bytes (RFC 8785).
    pub provenance: WireBytes32,
    /// 1 to 16 holders, accounts first, ascending; 1,000,000 shares in all.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 16))]
    pub holders: Vec<HolderBody>,
    /// The holder chain over the lines and the holders' `recipient`s: the registration settles with no
    /// other holders.
    pub recipient: WireRecipient,
}

/// An update of a license by its licensor. It replaces the whole version of the license and counts from
/// the next batch on: payments of the same batch are at the price before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct UpdateLicenseBody {
    /// The license updated.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub license: LicenseId,
    /// Nano-units per use.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// The status. A license that is retired never changes again; it has no derivative shares and no
    /// licensee.
    pub status: LicenseStatusName,
    /// The account that alone may pay the license; null if every account may.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<u32>, minimum = 1, maximum = 2_147_483_647, example = 8))]
    pub licensee: Option<AccountId>,
    /// Hash of the manifest: the SHA-256 of its canonical bytes (RFC 8785).
    pub provenance: WireBytes32,
    /// The license's `recipient`: no other license is updated.
    pub recipient: WireRecipient,
}

/// One holder of a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct HolderBody {
    /// The holder.
    pub holder: HolderName,
    /// Of 1,000,000.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 1_000_000, example = 400_000))]
    pub shares: Shares,
}

/// A creator's account, or a parent license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HolderName {
    /// An account.
    Account(u32),
    /// A parent: the license that this one derives from.
    License(u32),
}

/// Several intents at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct IntentBatch {
    /// At most 2,048; answered in this order.
    #[cfg_attr(feature = "openapi", schema(max_items = 2_048))]
    pub intents: Vec<IntentBody>,
}

/// The answers to a batch request, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntentBatchAnswer {
    /// One for each intent.
    pub results: Vec<IntentAnswer>,
}

/// The answer to one intent of a batch request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IntentAnswer {
    /// It is durable and will be settled.
    Accepted(IntentAccepted),
    /// The intent was refused and changed nothing.
    Rejected(Problem),
}

/// The intent is durable: it will be in the batch named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntentAccepted {
    /// The intent's id.
    pub id: WireIntentId,
    /// The batch that settles it.
    pub batch: WireBatchNumber,
    /// The number of the license that it registers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub registers: Option<LicenseId>,
    /// True if the same intent had been accepted before: it is settled once.
    pub repeated: bool,
}

/// The stage of an intent, and its place in batch and block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IntentStatus {
    /// Its name.
    pub id: WireIntentId,
    /// Its account.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub account: AccountId,
    /// The nonce that it used.
    pub nonce: WireNonce,
    /// The stage that it has reached; each stage after `dropped` includes those before it.
    #[cfg_attr(feature = "openapi", schema(schema_with = super::schema::intent_stages))]
    pub status: Stage,
    /// The batch that settles it.
    pub batch: WireBatchNumber,
    /// The number of the license that it registers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub registers: Option<LicenseId>,
    /// The block that holds the batch, once one is formed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<WireBlockNumber>,
    /// The place on L1 where the block was verified, once finalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1Location>,
    /// Why it was dropped, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<DropReasonName>,
}

impl DropReasonName {
    /// The name as it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NamesChanged => "names_changed",
            Self::NonceSettled => "nonce_settled",
            Self::Expired => "expired",
            Self::InsufficientFunds => "insufficient_funds",
            Self::Refused => "refused",
        }
    }
}

/// The reason why an accepted intent will never settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DropReasonName {
    /// An account or a license that it names is another one on L1.
    NamesChanged,
    /// L1 settled its nonce, or a higher one, in a batch of another prover.
    NonceSettled,
    /// It expired before L1 could take it.
    Expired,
    /// Its account holds too little on L1's state.
    InsufficientFunds,
    /// A rule of its operation does not hold on L1's state.
    Refused,
}

/// Fields that are each in range, but do not make an operation together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum IntentBodyError {
    /// The holders do not make a share table.
    #[error("holders: {0}")]
    Holders(#[from] ShareTableError),
    /// The amount cannot be withdrawn.
    #[error("amount: {0}")]
    Withdraw(#[from] WithdrawError),
    /// The account cannot be a licensee: it is the operator's, or beyond 2³¹ − 1.
    #[error("licensee: expected null or an account from 1 to 2147483647, got {0}")]
    Licensee(AccountId),
}

impl From<HolderShares> for HolderBody {
    fn from(line: HolderShares) -> Self {
        Self { holder: line.holder.into(), shares: line.shares }
    }
}

impl From<HolderBody> for HolderShares {
    fn from(line: HolderBody) -> Self {
        Self { holder: line.holder.into(), shares: line.shares }
    }
}

impl From<farthing_protocol::Holder> for HolderName {
    fn from(holder: farthing_protocol::Holder) -> Self {
        match holder {
            farthing_protocol::Holder::Account(id) => Self::Account(id.get()),
            farthing_protocol::Holder::License(id) => Self::License(id.get()),
        }
    }
}

impl From<HolderName> for farthing_protocol::Holder {
    fn from(holder: HolderName) -> Self {
        match holder {
            HolderName::Account(id) => Self::Account(AccountId::from(id)),
            HolderName::License(id) => Self::License(LicenseId::from(id)),
        }
    }
}

impl From<&SignedIntent> for IntentBody {
    fn from(signed: &SignedIntent) -> Self {
        let Intent { account, nonce, fee, valid_until, operation } = &signed.intent;
        Self {
            account: *account,
            nonce: (*nonce).into(),
            fee: (*fee).into(),
            valid_until: *valid_until,
            operation: operation.into(),
            signature: signed.signature.into(),
        }
    }
}

impl From<&Operation> for OperationBody {
    fn from(operation: &Operation) -> Self {
        match operation {
            Operation::Pay(Pay { license, uses, amount, recipient, memo }) => Self::Pay(PayBody {
                license: *license,
                uses: *uses,
                amount: (*amount).into(),
                recipient: (*recipient).into(),
                memo: (*memo).into(),
            }),
            Operation::Transfer(transfer) => Self::Transfer(TransferBody {
                to: transfer.to,
                amount: transfer.amount.into(),
                recipient: transfer.recipient.into(),
                memo: transfer.memo.into(),
            }),
            Operation::Withdraw(withdraw) => Self::Withdraw(WithdrawBody {
                amount: withdraw.amount().into(),
                memo: withdraw.memo.into(),
            }),
            Operation::RegisterLicense(register) => Self::RegisterLicense(RegisterLicenseBody {
                price: register.price.into(),
                derivative_shares: register.derivative_shares,
                lineage: register.lineage,
                provenance: register.provenance.into(),
                holders: register.shares.holders().iter().map(|l| (*l).into()).collect(),
                recipient: register.recipient.into(),
            }),
            Operation::UpdateLicense(UpdateLicense { license, recipient, version }) => {
                let LicenseVersion { price, derivative_shares, status, licensee, provenance } =
                    *version;
                Self::UpdateLicense(UpdateLicenseBody {
                    license: *license,
                    price: price.into(),
                    derivative_shares,
                    status: status.into(),
                    licensee: licensee.account(),
                    provenance: provenance.into(),
                    recipient: (*recipient).into(),
                })
            }
        }
    }
}

impl TryFrom<OperationBody> for Operation {
    type Error = IntentBodyError;
    fn try_from(body: OperationBody) -> Result<Self, IntentBodyError> {
        Ok(match body {
            OperationBody::Pay(body) => Self::Pay(Pay {
                license: body.license,
                uses: body.uses,
                amount: body.amount.0,
                recipient: body.recipient.0,
                memo: body.memo.0,
            }),
            OperationBody::Transfer(body) => Self::Transfer(Transfer {
                to: body.to,
                amount: body.amount.0,
                recipient: body.recipient.0,
                memo: body.memo.0,
            }),
            OperationBody::Withdraw(WithdrawBody { amount, memo }) => {
                Self::Withdraw(Withdraw::new(amount.0, memo.0)?)
            }
            OperationBody::RegisterLicense(body) => Self::RegisterLicense(RegisterLicense {
                price: body.price.0,
                derivative_shares: body.derivative_shares,
                lineage: body.lineage,
                provenance: body.provenance.0,
                shares: ShareTable::new(body.holders.into_iter().map(Into::into).collect())?,
                recipient: body.recipient.0,
            }),
            OperationBody::UpdateLicense(body) => Self::UpdateLicense(UpdateLicense {
                license: body.license,
                recipient: body.recipient.0,
                version: LicenseVersion {
                    price: body.price.0,
                    derivative_shares: body.derivative_shares,
                    status: body.status.into(),
                    licensee: licensee(body.licensee)?,
                    provenance: body.provenance.0,
                },
            }),
        })
    }
}

/// The licensee that an account is; every account, if there is none.
pub fn licensee(account: Option<AccountId>) -> Result<Licensee, IntentBodyError> {
    let Some(account) = account else { return Ok(Licensee::ANYBODY) };
    let licensee = Licensee::new(account.get().into()).ok();
    let named = licensee.filter(|licensee| licensee.account() == Some(account));
    named.ok_or(IntentBodyError::Licensee(account))
}

impl TryFrom<IntentBody> for SignedIntent {
    type Error = IntentBodyError;
    fn try_from(body: IntentBody) -> Result<Self, IntentBodyError> {
        let IntentBody { account, nonce, fee, valid_until, operation, signature } = body;
        let operation = operation.try_into()?;
        let intent = Intent { account, nonce: nonce.0, fee: fee.0, valid_until, operation };
        Ok(Self { intent, signature: signature.0 })
    }
}
