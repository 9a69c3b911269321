//! The table of routes, in the order of the document.

use super::{
    accounts, batches, blocks, events, intents, licenses, node, payouts, receipts, webhooks, x402,
};
use crate::router::Route;

/// Every route.
pub(crate) const ROUTES: &[Route] = &[
    intents::SUBMIT,
    intents::SUBMIT_BATCH,
    intents::GET,
    receipts::GET,
    accounts::OPEN,
    accounts::LIST,
    accounts::GET,
    accounts::PROOF,
    licenses::LIST,
    licenses::GET,
    licenses::QUOTE,
    licenses::EARNINGS,
    licenses::VERSIONS,
    batches::LIST,
    batches::GET,
    blocks::LIST,
    blocks::GET,
    blocks::PROOF,
    payouts::LIST,
    events::STREAM,
    webhooks::REGISTER,
    webhooks::LIST,
    webhooks::GET,
    webhooks::DELETE,
    webhooks::ROTATE,
    webhooks::TEST,
    webhooks::DELIVERIES,
    webhooks::RESEND,
    x402::SUPPORTED,
    x402::VERIFY,
    x402::SETTLE,
    node::STATUS,
    node::LIVEZ,
    node::READYZ,
    node::VERSION,
    node::METRICS,
    node::OPENAPI,
    node::DOCS,
];
