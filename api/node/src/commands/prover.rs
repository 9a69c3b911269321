//! `farthing prover`: makes proof steps of a node on this machine, over NATS.

use std::path::PathBuf;

use farthing_aggregator::{Profile, plonky2_backend};
use farthing_protocol::BatchClass;
use farthing_provers::{ProverConfig, Queue, run_prover};
use rand::RngExt;
use tokio::sync::watch;

use super::Signals;
use super::context::Context;
use super::nats::nats_config;
use crate::circuits::circuits_folder;
use crate::cli::ProverArgs;
use crate::error::CliError;

/// Memory for the steps of a class, its wrap and the last layers included: what the benchmark report
/// measured, and a tenth more.
const MEMORY_BYTES: [(BatchClass, u64); 5] = [
    (BatchClass::TINY, 3_600 << 20),
    (BatchClass::SMALL, 3_600 << 20),
    (BatchClass::MEDIUM, 3_600 << 20),
    (BatchClass::LARGE, 3_600 << 20),
    (BatchClass::HUGE, 5_600 << 20),
];

pub(crate) async fn run(context: &Context, args: ProverArgs) -> Result<(), CliError> {
    let nats = nats_config(context, &args.nats)?;
    let how = "give --nats URL, or set FARTHING_NATS";
    let nats = nats.ok_or(CliError::Missing { what: "NATS", how })?;
    // Before the circuits, which take minutes the first time.
    nats.check()?;
    let classes = match args.classes.is_empty() {
        true => classes_of(memory_bytes()),
        false => args.classes.iter().map(|class| class.0).collect(),
    };
    let names: Vec<&str> = classes.iter().map(|class| class.name).collect();
    let name = args.name.unwrap_or_else(|| format!("{:08x}", rand::rng().random::<u32>()));
    tracing::info!(name, classes = names.join(","), "the prover makes its circuits ready");
    let source = plonky2_backend(circuits_folder(args.circuits)?, Profile::Proven, classes.clone());
    let backend = tokio::task::spawn_blocking(source).await;
    let backend = backend.map_err(|_| CliError::Stopped)?.map_err(CliError::Prover)?;
    let (stop, stopped) = watch::channel(false);
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.any().await;
        tracing::info!("the prover ends its step and leaves; a second signal gives the step up");
        // The prover may have ended meanwhile.
        let _ = stop.send(true);
        signals.any().await;
        let _ = stop.send(true);
    });
    let config = ProverConfig { nats, name, queues: Queue::all(&classes) };
    run_prover(config, backend, stopped).await?;
    tracing::info!("the prover has stopped");
    Ok(())
}

/// The classes for which the memory suffices. If it is unknown, those that most machines have.
fn classes_of(memory: Option<u64>) -> Vec<BatchClass> {
    let memory = memory.unwrap_or(4 << 30);
    let fits = MEMORY_BYTES.iter().filter(|(_, needed)| *needed <= memory);
    fits.map(|(class, _)| *class).collect()
}

/// Memory of this machine, or of the control group of this process if that is less.
fn memory_bytes() -> Option<u64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let total = total.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.saturating_mul(1_024);
    let group = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let limits = ["memory.max", "memory.high"].into_iter().filter_map(|name| {
        let path = PathBuf::from("/sys/fs/cgroup").join(group).join(name);
        // A group without a limit says "max".
        std::fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
    });
    Some(limits.fold(total, u64::min))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prover_takes_the_classes_that_fit_its_memory() {
        let names = |memory| -> Vec<&str> {
            classes_of(memory).into_iter().map(|class| class.name).collect()
        };
        assert_eq!(names(Some(8 << 30)), ["tiny", "1k", "4k", "16k", "64k"]);
        assert_eq!(names(Some(4 << 30)), ["tiny", "1k", "4k", "16k"]);
        assert_eq!(names(None), ["tiny", "1k", "4k", "16k"]);
        assert_eq!(names(Some(2 << 30)), [""; 0]);
        assert!(memory_bytes().is_some_and(|bytes| bytes > 1 << 20));
    }
}
