//! Lists, page by page.

use serde::{Deserialize, Serialize};

/// Items of a page, unless `limit` says otherwise.
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// The most items of a page: an answer stays below a megabyte.
pub const PAGE_ITEMS_MAX: u32 = 500;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Pass it as `cursor` to get the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
