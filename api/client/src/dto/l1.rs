//! Places on L1.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WireBytes32;
use super::object::objects;

objects!(L1Location,);

/// Where L1 verified a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct L1Location {
    /// The transaction's hash.
    pub transaction: WireBytes32,
    /// The number of the L1 block that holds it.
    pub block: u64,
}
