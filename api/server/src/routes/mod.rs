//! One handler per route: reads the request, asks the aggregator, maps the answer.

mod accounts;
mod batches;
mod blocks;
mod intents;
mod licenses;
mod node;
mod page;
mod quotes;
mod receipts;
mod table;
mod withdrawals;

pub(crate) use table::{ApiDoc, ROUTES};
