//! Adds the ledger's sealed batches to the index.

use std::sync::mpsc::{Receiver, Sender};
use std::thread::JoinHandle;

use farthing_ledger::LedgerReader;
use tracing::error;

use crate::error::IndexError;
use crate::fault::{FaultPoint, Faults};
use crate::pipeline::PipelineCommand;
use crate::progress::ProgressWatch;
use crate::store::NodeStore;

/// Starts the thread. It indexes what is sealed and not indexed, then waits to be told of more; it
/// ends with the sequencer.
pub(crate) fn spawn_indexer(
    reader: LedgerReader,
    store: NodeStore,
    progress: ProgressWatch,
    faults: Faults,
    sealed: Receiver<()>,
    pipeline: Sender<PipelineCommand>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("indexer".into()).spawn(move || {
        loop {
            if let Err(failure) = catch_up(&reader, &store, &progress, &faults) {
                error!(
                    error = &failure as &dyn std::error::Error,
                    "the batch cannot be indexed: the index falls behind"
                );
            }
            // A pipeline that is gone has stopped.
            let _ = pipeline.send(PipelineCommand::Indexed);
            if sealed.recv().is_err() {
                return;
            }
        }
    })
}

fn catch_up(
    reader: &LedgerReader,
    store: &NodeStore,
    progress: &ProgressWatch,
    faults: &Faults,
) -> Result<(), IndexError> {
    let mut next = store.indexed()?;
    let end = reader.next_batch()?;
    while next < end {
        let witness = reader.batch(next)?.ok_or(IndexError::Missing(next))?;
        store.index(&witness)?;
        faults.reach(FaultPoint::Indexed);
        next = next.next();
        progress.indexed(next);
    }
    progress.indexed(next);
    Ok(())
}
