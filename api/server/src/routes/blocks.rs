//! Blocks and their proofs.

use std::sync::Arc;

use farthing_aggregator::{Block, BlockNumber, BlockProofView};
use farthing_client::ProblemCode;
use farthing_client::dto::{BlockBody, BlockProofBody, Page, WireBytes32};

use super::page::PageQuery;
use crate::app::App;
use crate::cursor::List;
use crate::http::{Answer, Failure, Request};
use crate::mapping::{block, from_query};

/// Blocks, ascending.
#[utoipa::path(get, path = "/v1/blocks", tag = "blocks",
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, description = "A page of blocks", body = Page<BlockBody>)))]
pub(super) async fn list(app: Arc<App>, mut request: Request) -> Result<Answer, Failure> {
    let first = BlockNumber::FIRST.get();
    let page = PageQuery::take(&mut request.query, List::Blocks, 0, first)?;
    request.query.finish()?;
    let from = BlockNumber::new(page.number);
    let found = app.aggregator.blocks(from, page.ask_for()).await.map_err(from_query)?;
    Answer::ok(&page.page(found, |block| (block.number.get(), 0), block))
}

/// A block.
#[utoipa::path(get, path = "/v1/blocks/{number}", tag = "blocks",
    params(("number" = u64, Path, description = "The block's number; the first is 1")),
    responses((status = 200, description = "The block", body = BlockBody)))]
pub(super) async fn get(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    Answer::ok(&block(&find(&app, &request).await?))
}

/// What the contract's verifier is given for a block: the statement and the proof.
#[utoipa::path(get, path = "/v1/blocks/{number}/proof", tag = "blocks",
    params(("number" = u64, Path, description = "The block's number; the first is 1")),
    responses((status = 200, description = "Statement and proof", body = BlockProofBody)))]
pub(super) async fn proof(app: Arc<App>, request: Request) -> Result<Answer, Failure> {
    let block = find(&app, &request).await?;
    let proof = app.aggregator.block_proof(block.number).await.map_err(from_query)?;
    let proof = match proof {
        BlockProofView::Here(proof) => proof,
        BlockProofView::NotYet => return Err(Failure::new(ProblemCode::ProofNotReady)),
        BlockProofView::OnL1(settled) => {
            let transaction = WireBytes32::from(settled.transaction.0);
            let detail = format_args!("the proof is in the calldata of {transaction} on L1");
            return Err(Failure::because(ProblemCode::ProofNotKept, detail));
        }
    };
    let statement = block.statement.to_bytes().to_vec();
    let number = block.number.get();
    Answer::ok(&BlockProofBody { number, statement: statement.into(), proof: proof.into() })
}

async fn find(app: &App, request: &Request) -> Result<Block, Failure> {
    let number: u64 = request.param(0, "number")?;
    request.query.finish()?;
    let found = app.aggregator.block(BlockNumber::new(number)).await.map_err(from_query)?;
    found.ok_or_else(|| Failure::new(ProblemCode::BlockNotFound))
}
