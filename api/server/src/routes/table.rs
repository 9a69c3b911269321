//! Every route, once for the router and once for the document; a test compares the two.

use utoipa::OpenApi;

use super::{accounts, batches, blocks, intents, licenses, node, quotes, receipts, withdrawals};
use crate::router::{Gate, Route, Verb};

macro_rules! route {
    ($verb:ident $template:literal, $gate:ident, $handler:path) => {
        Route {
            method: Verb::$verb,
            template: $template,
            gate: Gate::$gate,
            handler: |app, request| Box::pin($handler(app, request)),
        }
    };
}

/// Every route.
pub(crate) const ROUTES: &[Route] = &[
    route!(Post "/v1/intents", Work, intents::submit),
    route!(Post "/v1/intents/batch", Work, intents::submit_batch),
    route!(Get "/v1/intents/{id}", LongPoll, intents::get),
    route!(Get "/v1/receipts/{id}", Work, receipts::get),
    route!(Post "/v1/accounts", Opening, accounts::open),
    route!(Get "/v1/accounts", Work, accounts::list),
    route!(Get "/v1/accounts/{id}", Work, accounts::get),
    route!(Get "/v1/accounts/{id}/proof", AccountProof, accounts::proof),
    route!(Post "/v1/licenses", Work, licenses::register),
    route!(Get "/v1/licenses", Work, licenses::list),
    route!(Get "/v1/licenses/{id}", Work, licenses::get),
    route!(Get "/v1/licenses/{id}/statement", Work, licenses::statement),
    route!(Get "/v1/quotes", Work, quotes::get),
    route!(Get "/v1/batches", Work, batches::list),
    route!(Get "/v1/batches/{number}", Work, batches::get),
    route!(Get "/v1/blocks", Work, blocks::list),
    route!(Get "/v1/blocks/{number}", Work, blocks::get),
    route!(Get "/v1/blocks/{number}/proof", Work, blocks::proof),
    route!(Get "/v1/withdrawals/{owner}", Work, withdrawals::list),
    route!(Get "/v1/status", Work, node::status),
    route!(Get "/livez", Open, node::livez),
    route!(Get "/readyz", Open, node::readyz),
    route!(Get "/version", Work, node::version),
    route!(Get "/metrics", Work, node::metrics),
    route!(Get "/openapi.json", Work, node::openapi),
    route!(Get "/docs", Work, node::docs),
];

/// What the macros collect; `openapi` completes it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Farthing",
        description = "Royalty micropayments: signed intents in, one proof on Ethereum out. \
            Amounts, nonces and batch numbers are decimal strings, bytes are 0x and hexadecimal \
            digits, ids and times are numbers."
    ),
    paths(
        intents::submit,
        intents::submit_batch,
        intents::get,
        receipts::get,
        accounts::open,
        accounts::list,
        accounts::get,
        accounts::proof,
        licenses::register,
        licenses::list,
        licenses::get,
        licenses::statement,
        quotes::get,
        batches::list,
        batches::get,
        blocks::list,
        blocks::get,
        blocks::proof,
        withdrawals::list,
        node::status,
        node::livez,
        node::readyz,
        node::version,
        node::metrics,
        node::openapi,
        node::docs,
    ),
    components(schemas(farthing_client::Problem, farthing_client::ProblemCode)),
    tags(
        (name = "intents", description = "Signed instructions, where they are, their receipts"),
        (name = "accounts", description = "Who pays and who is paid"),
        (name = "licenses", description = "What is paid for: terms, quotes, statements"),
        (name = "batches", description = "Sealed batches"),
        (name = "blocks", description = "Batches under one proof on L1"),
        (name = "withdrawals", description = "What L1 pays, and what a claim needs"),
        (name = "node", description = "Probes, status, version, counters, this document"),
    )
)]
pub(crate) struct ApiDoc;
