//! Places on L1.

use serde::{Deserialize, Serialize};

use super::WireBytes32;
use super::object::objects;

objects!(L1Location,);

/// The place on L1 where a block was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct L1Location {
    /// The transaction's hash.
    pub transaction: WireBytes32,
    /// The number of the L1 block that holds it.
    pub block: u64,
}
