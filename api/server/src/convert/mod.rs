//! Aggregator types to wire types.

mod earnings;
mod events;
mod failures;
mod node;
mod opening;
mod views;

pub(crate) use earnings::{account_earnings, license_earnings};
pub(crate) use events::{event, event_kind};
pub(crate) use failures::{
    from_opening, from_query, from_quote, from_rejection, from_sequencer, rejection_problem,
};
pub(crate) use node::{node_status, not_ready};
pub(crate) use opening::license_opening;
pub(crate) use views::{
    accepted, account, account_proof, admission, batch, block, license, license_version, payout,
    quote, receipt, status,
};
