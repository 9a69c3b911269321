//! `farthing restore`: a node's data from L1 alone.

use std::fmt::Write as _;

use farthing_aggregator::{Restored, restore};
use serde_json::json;

use super::context::Context;
use super::l1::L1Choice;
use super::node::{config, l1_config};
use crate::cli::RestoreArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: RestoreArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let config = config(context, &l1, &args.own)?;
    let how = "give --l1-url URL, or set FARTHING_L1_URL";
    let l1 = l1_config(context, &l1, &args.own)?;
    let l1 = l1.ok_or(CliError::Missing { what: "L1's URL", how })?;
    let restored = restore(&config.data, config.genesis, config.class, &l1).await?;
    let Restored { blocks, batches, root } = restored;
    let root = format!("0x{root}");
    context.print(&json!({ "blocks": blocks, "batches": batches, "root": root }), |out| {
        writeln!(out, "restored  {batches} batches in {blocks} blocks")?;
        writeln!(out, "root      {root}")?;
        writeln!(out, "data      {}", config.data.display())
    })
}
