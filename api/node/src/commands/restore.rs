//! `farthing restore`: a node's data from L1 alone.

use std::fmt::Write as _;

use farthing_aggregator::{Restored, restore};
use serde_json::json;

use super::context::Context;
use super::l1::L1Choice;
use super::node::{batch_class, data_folder, given_operator, l1_config};
use crate::cli::RestoreArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: RestoreArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let domain = l1.require_domain()?;
    let data = data_folder(context, &args.own);
    // The log of the deployment tells account 0; one that is given is compared with it.
    let operator = given_operator(context, &args.own);
    let class = batch_class(context, &args.own)?;
    let how = "give --l1-url URL, or set FARTHING_L1_URL";
    let l1 = l1_config(context, &l1, &args.own)?;
    let l1 = l1.ok_or(CliError::Missing { what: "L1's URL", how })?;
    let restored = restore(&data, domain, operator, class, &l1).await?;
    let Restored { blocks, batches, root } = restored;
    let root = format!("0x{root}");
    context.print(&json!({ "blocks": blocks, "batches": batches, "root": root }), |out| {
        writeln!(out, "restored  {batches} batches in {blocks} blocks")?;
        writeln!(out, "root      {root}")?;
        writeln!(out, "data      {}", data.display())
    })
}
