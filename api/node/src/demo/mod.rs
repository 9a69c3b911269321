//! `farthing demo`: the scenario from deposits to a claim, without fakes.

mod child;
mod l1;
mod participants;
mod proof;
mod steps;
mod summary;

use std::time::{Duration, Instant};

use crate::cli::DemoArgs;
use crate::commands::Signals;
use crate::dev::{DevFolder, DevNode, banner};
use crate::error::CliError;
use crate::inference_log::{LogOptions, read_log};
use crate::progress::ProgressDisplay;
use steps::Scenario;
use summary::Summary;

/// Time between two seals while it serves.
const SERVE_SEAL: Duration = Duration::from_secs(5);

/// Runs to its end, or until a signal. What it started ends with it.
pub(crate) async fn run(args: DemoArgs, json: bool) -> Result<(), CliError> {
    let mut signals = Signals::new()?;
    let signal = signals.any();
    tokio::pin!(signal);
    let folder = DevFolder::new(args.folders.data.clone())?;
    let node = tokio::select! {
        node = play(&args, &folder, json) => node?,
        () = &mut signal => return Err(CliError::Interrupted),
    };
    let served = match args.serve {
        false => Ok(()),
        // A signal is how it ends once the scenario has ended.
        true => tokio::select! {
            failed = serve(&node) => failed,
            () = &mut signal => Ok(()),
        },
    };
    node.stop().await;
    served
}

/// Runs the scenario; the node that it leaves.
async fn play(args: &DemoArgs, folder: &DevFolder, json: bool) -> Result<DevNode, CliError> {
    let start = Instant::now();
    if let Some(path) = &args.log {
        // A mistake in it is better reported now than minutes later.
        let options = LogOptions { count: Some(args.payments), ..LogOptions::default() };
        read_log(path, &options)?;
    }
    let display = ProgressDisplay::new(!json);
    let mut scenario = Scenario::begin(args, folder, display).await?;
    scenario.fund().await?;
    scenario.register().await?;
    let paid = scenario.pay().await?;
    let block = scenario.prove().await?;
    let change = scenario.change_price().await?;
    let withdrawal = scenario.withdraw_and_claim().await?;
    let change = scenario.pay_changed_price(change).await?;
    let receipt = scenario.check_receipt(paid.last.0).await?;
    let reserve = scenario.check_reserve().await?;
    let summary = scenario.end(paid, block, change, withdrawal, receipt, reserve).await?;
    let summary = Summary { seconds: start.elapsed().as_secs_f64(), ..summary };
    summary.print(json)?;
    let (node, accounts) = scenario.into_parts();
    if args.serve {
        banner(&node, folder.data(), args.class, accounts)?.print(json)?;
    }
    Ok(node)
}

/// Seals and proves what comes, until something fails.
async fn serve(node: &DevNode) -> Result<(), CliError> {
    loop {
        tokio::time::sleep(SERVE_SEAL).await;
        node.aggregator.seal().await?;
        node.aggregator.form_block().await?;
    }
}
