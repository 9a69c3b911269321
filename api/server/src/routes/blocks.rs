//! Blocks and their proofs.

use std::sync::Arc;

use farthing_aggregator::{Block, BlockProofView};
use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{BlockBody, BlockProofBody, Page, WireBytes32};
use farthing_protocol::BlockNumber;

use super::declaration::route;
use super::page::PageQuery;
use crate::app::App;
use crate::convert::{block, from_query};
use crate::cursor::List;
use crate::http::{Answer, ApiError, Request};
use crate::router::Route;

pub(super) const LIST: Route = route! {
    /// Blocks, ascending.
    get "/v1/blocks" => list in Work,
    openapi(tag = "blocks",
        params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
        responses((status = 200, description = "A page of blocks", body = Page<BlockBody>))),
    problems: [InvalidCursor],
};

async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, ApiError> {
    let first = BlockNumber::FIRST.get();
    let page = PageQuery::take(&mut request.query, List::Blocks, 0, first)?;
    request.query.finish()?;
    let from: BlockNumber = page.start()?;
    let found = app.aggregator.blocks(from, page.ask_for()).await.map_err(from_query)?;
    Answer::ok(&page.page(found, |block| (block.number.get(), 0), block))
}

pub(super) const GET: Route = route! {
    /// A block.
    get "/v1/blocks/{number}" => get in Work,
    openapi(tag = "blocks",
        params(("number" = u64, Path, description = "The block's number; the first is 1")),
        responses((status = 200, description = "The block", body = BlockBody))),
    problems: [BlockNotFound],
    links: ["get_blocks_number_proof": "number" = "number"],
};

async fn get(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    Answer::ok(&block(&find(&app, &request).await?))
}

pub(super) const PROOF: Route = route! {
    /// The arguments of the contract's verifier for a block: the statement and the proof.
    get "/v1/blocks/{number}/proof" => proof in Work,
    openapi(tag = "blocks",
        params(("number" = u64, Path, description = "The block's number; the first is 1")),
        responses((status = 200, description = "Statement and proof", body = BlockProofBody))),
    problems: [BlockNotFound, ProofNotReady, ProofNotKept],
};

async fn proof(app: Arc<App>, request: Request) -> Result<Answer, ApiError> {
    let block = find(&app, &request).await?;
    let proof = app.aggregator.block_proof(block.number).await.map_err(from_query)?;
    let proof = match proof {
        BlockProofView::Here(proof) => proof,
        BlockProofView::NotYet => return Err(ApiError::new(ProblemCode::ProofNotReady)),
        BlockProofView::OnL1(inclusion) => {
            let transaction = WireBytes32::from(inclusion.transaction.0);
            let detail = format_args!("the proof is in the calldata of {transaction} on L1");
            return Err(ApiError::because(ProblemCode::ProofNotKept, detail));
        }
    };
    let statement = block.statement.to_bytes().to_vec();
    let number = block.number.into();
    Answer::ok(&BlockProofBody { number, statement: statement.into(), proof: proof.into() })
}

async fn find(app: &App, request: &Request) -> Result<Block, ApiError> {
    let number: u64 = request.param(0, "number")?;
    request.query.finish()?;
    let missing = || ApiError::new(ProblemCode::BlockNotFound);
    let number = BlockNumber::new(number).map_err(|_| missing())?;
    let found = app.aggregator.block(number).await.map_err(from_query)?;
    found.ok_or_else(missing)
}
