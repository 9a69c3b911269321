//! Openings of licenses, and statements about revenue that two openings prove.

use farthing_protocol::{
    AccountId, Digest, Domain, LicenseId, LicenseState, LicenseTerms, LicenseVersion, Lineage,
    OutOfRange, ShareTable, ShareTableError, Shares, TREE_DEPTH,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::object::objects;
use super::{
    BatchStatementBody, HolderBody, L1Location, LicenseStatusName, LicenseVersionBody, WireAddress,
    WireBatchNumber, WireBlockNumber, WireBytes32, WireDigest, WireNano, WirePrice, WireRecipient,
};

objects!(LicenseOpeningBody, StatementBody, StatementEntryBody);

/// A license in the state that a final batch left, with its Merkle path to the state root in the batch's
/// statement. L1 has the statement's digest. Keep it: with another one it proves what the license received
/// in between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct LicenseOpeningBody {
    /// The deployment's chain.
    pub chain_id: u64,
    /// The deployment's contract.
    pub contract: WireAddress,
    /// The license's number, which is the leaf's index. Its lowest bit is the direction at the lowest level.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
    pub id: LicenseId,
    /// The license's name in intents.
    pub recipient: WireRecipient,
    /// The account that registered it.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
    pub licensor: AccountId,
    /// 1 + the sum of the parents' lineages.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 64, example = 1))]
    pub lineage: Lineage,
    /// The holders and their shares; licenses among them are the parents.
    pub holders: Vec<HolderBody>,
    /// Nano-units per use.
    pub price: WirePrice,
    /// The shares, of 1,000,000, that a derivative must leave to the license.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, maximum = 1_000_000, example = 100_000))]
    pub derivative_shares: Shares,
    /// The status.
    pub status: LicenseStatusName,
    /// The account that alone may pay; null if every account may.
    #[serde(deserialize_with = "Option::deserialize")]
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<u32>, minimum = 1, maximum = 2_147_483_647, example = 8))]
    pub licensee: Option<AccountId>,
    /// The amount that is not yet distributed.
    pub vault: WireNano,
    /// The total that it has received, modulo 2⁶².
    pub received: WireNano,
    /// The siblings on its path in the licenses tree, from the leaf's own sibling up.
    #[cfg_attr(feature = "openapi", schema(min_items = 32, max_items = 32))]
    pub siblings: [WireDigest; TREE_DEPTH],
    /// The root of the accounts tree: the last sibling.
    pub accounts_root: WireDigest,
    /// The statement of the batch that left the state.
    pub batch: BatchStatementBody,
    /// The block that holds the batch, final on L1.
    pub block: WireBlockNumber,
    /// The place on L1 where the block was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l1: Option<L1Location>,
}

/// Why an opening is not of any license.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LicenseFieldsError {
    /// The holders are not a share table.
    #[error("holders: {0}")]
    Holders(#[from] ShareTableError),
    /// A field of the version is out of range.
    #[error(transparent)]
    Version(#[from] OutOfRange),
}

impl LicenseOpeningBody {
    /// The deployment that it names.
    pub const fn domain(&self) -> Domain {
        Domain { chain_id: self.chain_id, contract: self.contract.0 }
    }

    /// The leaf of the licenses tree that these fields make.
    ///
    /// # Errors
    /// If no license has them.
    pub fn leaf(&self) -> Result<Digest, LicenseFieldsError> {
        let [r0, r1, r2] = self.recipient.0.elements();
        let terms = LicenseTerms {
            // The leaf has three elements of the origin.
            origin: Digest::new([r0, r1, r2, Default::default()]),
            licensor: self.licensor,
            lineage: self.lineage,
            shares: ShareTable::new(self.holders.iter().cloned().map(Into::into).collect())?,
        };
        let version = LicenseVersion::try_from(LicenseVersionBody {
            price: self.price,
            derivative_shares: self.derivative_shares,
            status: self.status,
            licensee: self.licensee,
            // The leaf does not have it.
            provenance: WireBytes32::from(farthing_protocol::Bytes32::default()),
        })?;
        let state = LicenseState { vault: self.vault.0, received: self.received.0, version };
        Ok(state.leaf(&terms.digest()))
    }
}

/// A document that proves its claim with L1 alone: `farthing statement verify` checks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct StatementBody {
    /// Always `farthing.statement`.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The version of this format.
    pub version: u32,
    /// The claim, which follows from the licenses' openings.
    pub claim: ClaimStatedBody,
    /// The licenses, ascending.
    pub licenses: Vec<StatementEntryBody>,
}

/// The openings of one license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct StatementEntryBody {
    /// The license as the batch before the first one left it; absent if the claim is of all batches
    /// since the license was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<LicenseOpeningBody>,
    /// The license as the last batch left it.
    pub until: LicenseOpeningBody,
}

/// A claim about the batches after batch `after` (or from the registration on) up to batch `until`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimStatedBody {
    /// A license received exactly this sum.
    Revenue {
        /// The license.
        #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
        license: LicenseId,
        /// The batch before the first one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<WireBatchNumber>,
        /// The last batch.
        until: WireBatchNumber,
        /// The sum.
        received: WireNano,
    },
    /// An account received its part of what a license received.
    Share {
        /// The license.
        #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 3))]
        license: LicenseId,
        /// The account.
        #[cfg_attr(feature = "openapi", schema(value_type = u32, example = 7))]
        account: AccountId,
        /// The account's shares of the license, of 1,000,000.
        #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 1_000_000, example = 600_000))]
        shares: Shares,
        /// The batch before the first one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<WireBatchNumber>,
        /// The last batch.
        until: WireBatchNumber,
        /// The sum that the license received.
        received: WireNano,
        /// The least that the account was credited of it: each batch rounds down.
        credited_min: WireNano,
        /// The most that the account was credited of it.
        credited_max: WireNano,
    },
    /// Several licenses received exactly this sum together. What a derivative passes on to a parent counts
    /// for both.
    Total {
        /// The licenses, ascending.
        #[cfg_attr(feature = "openapi", schema(value_type = Vec<u32>))]
        licenses: Vec<LicenseId>,
        /// The batch before the first one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<WireBatchNumber>,
        /// The last batch.
        until: WireBatchNumber,
        /// The sum.
        received: WireNano,
    },
}
