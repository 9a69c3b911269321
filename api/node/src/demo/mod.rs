//! `farthing demo`: the whole story, nothing in it faked.

mod cast;
mod l1;
mod process;
mod proof;
mod story;
mod summary;

use std::time::{Duration, Instant};

use crate::cli::DemoArgs;
use crate::commands::Signals;
use crate::dev::{DevNode, Place, banner};
use crate::error::CliError;
use crate::screen::Screen;
use crate::trace::read_trace;
use story::Story;
use summary::Summary;

/// What is admitted while it serves is sealed this often.
const SERVE_SEAL: Duration = Duration::from_secs(5);

/// Runs to its end, or until a signal. What it started ends with it.
pub(crate) async fn run(args: DemoArgs, json: bool) -> Result<(), CliError> {
    let mut signals = Signals::new()?;
    let signal = signals.any();
    tokio::pin!(signal);
    let place = Place::new(args.place.data.clone())?;
    let node = tokio::select! {
        told = tell(&args, &place, json) => told?,
        () = &mut signal => return Err(CliError::Interrupted),
    };
    let served = match args.serve {
        false => Ok(()),
        // A signal is how it ends once the story has been told.
        true => tokio::select! {
            failed = serve(&node) => failed,
            () = &mut signal => Ok(()),
        },
    };
    node.stop().await;
    served
}

/// The story; what it leaves behind.
async fn tell(args: &DemoArgs, place: &Place, json: bool) -> Result<DevNode, CliError> {
    let start = Instant::now();
    if let Some(path) = &args.trace {
        // What is wrong with it is better said now than minutes later.
        read_trace(path, args.payments)?;
    }
    let screen = Screen::new(!json);
    let mut story = Story::begin(args, place, screen).await?;
    story.fund().await?;
    story.register().await?;
    let paid = story.pay().await?;
    let block = story.prove().await?;
    let withdrawal = story.withdraw_and_claim().await?;
    let receipt = story.check_receipt(paid.last.0).await?;
    let reserve = story.check_reserve().await?;
    let told = story.end(paid, block, withdrawal, receipt, reserve).await?;
    let summary = Summary { seconds: start.elapsed().as_secs_f64(), ..told };
    summary.print(json)?;
    let (node, actors) = story.into_parts();
    if args.serve {
        banner(&node, place.data(), args.class, actors)?.print(json)?;
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
