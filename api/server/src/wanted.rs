//! The events that a client asks for, with the names in the filter looked up.

use farthing_aggregator::EventFilter;
use farthing_api_types::ProblemCode;
use farthing_api_types::dto::EventFilterBody;

use crate::app::App;
use crate::convert::{event_kind, from_query};
use crate::http::ApiError;

/// The filter, if account and license exist. Any block may come.
pub(crate) async fn event_filter(
    app: &App,
    wanted: &EventFilterBody,
) -> Result<EventFilter, ApiError> {
    let account = match wanted.account {
        None => None,
        Some(id) => {
            let view = app.aggregator.account(id).await.map_err(from_query)?;
            let view = view.ok_or_else(|| ApiError::new(ProblemCode::AccountNotFound))?;
            Some((id, view.identity.owner))
        }
    };
    if let Some(id) = wanted.license {
        let view = app.aggregator.license(id).await.map_err(from_query)?;
        view.ok_or_else(|| ApiError::new(ProblemCode::LicenseNotFound))?;
    }
    Ok(EventFilter {
        kinds: wanted.types.iter().copied().map(event_kind).collect(),
        account,
        license: wanted.license,
        block: wanted.block.map(|block| block.0),
    })
}
