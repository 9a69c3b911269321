//! One handler for each route: reads the request, asks the aggregator, converts the answer. `route!`
//! declares a route beside its handler; the table lists them.

mod accounts;
mod batches;
mod blocks;
mod declaration;
mod events;
mod intents;
mod licenses;
mod manifests;
mod node;
mod page;
mod payouts;
mod receipts;
mod table;
mod webhooks;
mod x402;

pub(crate) use table::ROUTES;
