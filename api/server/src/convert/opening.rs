//! Openings of licenses as wire types.

use farthing_aggregator::{FinalLicense, Info};
use farthing_api_types::dto::LicenseOpeningBody;
use farthing_ledger::LicenseProof;
use farthing_protocol::{Digest, License, LicenseId, TREE_DEPTH};
use thiserror::Error;

use super::views::location;
use crate::http::ApiError;

/// A path of another length than the tree has levels, which no store gives.
#[derive(Debug, Error)]
#[error("the path of license {license} has {got} siblings, expected {TREE_DEPTH}")]
struct PathLength {
    license: LicenseId,
    got: usize,
}

pub(crate) fn license_opening(
    found: FinalLicense,
    info: &Info,
) -> Result<LicenseOpeningBody, ApiError> {
    let FinalLicense { id, proof, statement, block } = found;
    let LicenseProof { license: License { terms, state }, path, accounts_root } = proof;
    let siblings: [Digest; TREE_DEPTH] = path.siblings.try_into().map_err(|got: Vec<Digest>| {
        ApiError::internal(&PathLength { license: id, got: got.len() })
    })?;
    Ok(LicenseOpeningBody {
        chain_id: info.domain.chain_id,
        contract: info.domain.contract.into(),
        id,
        recipient: terms.recipient().into(),
        licensor: terms.licensor,
        lineage: terms.lineage,
        holders: terms.shares.holders().iter().map(|line| (*line).into()).collect(),
        price: state.version.price.into(),
        derivative_shares: state.version.derivative_shares,
        status: state.version.status.into(),
        licensee: state.version.licensee.account(),
        vault: state.vault.into(),
        received: state.received.into(),
        siblings: siblings.map(Into::into),
        accounts_root: accounts_root.into(),
        batch: (&statement).into(),
        block: block.number.into(),
        l1: block.state.finalized().as_ref().map(location),
    })
}
