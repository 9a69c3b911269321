//! Lists of the node, page by page.

use farthing_client::ClientError;
use farthing_client::dto::Page;

use crate::error::CliError;

/// All items of a list.
pub(crate) async fn all_pages<T>(
    page: impl AsyncFn(Option<&str>) -> Result<Page<T>, ClientError>,
) -> Result<Vec<T>, CliError> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = page(cursor.as_deref()).await?;
        items.extend(next.items);
        cursor = next.next_cursor;
        if cursor.is_none() {
            return Ok(items);
        }
    }
}
