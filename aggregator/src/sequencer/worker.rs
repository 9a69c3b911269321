//! The thread that owns the ledger.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use farthing_ledger::{
    AdmitError, Checked, CheckedIntent, ConsumeError, Ledger, LedgerError, OpenAccountError,
};
use farthing_protocol::{
    AccountIdentity, BatchNumber, OpenedAccount, QueueEntry, QueueIndex, SignedIntent, UnixTime,
};
use tokio::sync::watch;
use tracing::{debug, error, info};

use super::Rejection;
use super::command::{Admissions, Command};
use super::group::Group;
use crate::clock::Clock;
use crate::fault::{FaultPoint, Faults};
use crate::latency::SequencerStep;
use crate::metrics::Metrics;
use crate::progress::ProgressBoard;

/// How long the thread sleeps when nothing comes and no batch is open.
const IDLE: Duration = Duration::from_secs(1);

/// What the thread owns.
pub(crate) struct Worker {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seal_age: Duration,
    pub(crate) faults: Faults,
    pub(crate) metrics: Metrics,
    pub(crate) board: ProgressBoard,
    /// Told of every sealed batch.
    pub(crate) indexer: Sender<()>,
    /// `true` once the thread has ended.
    pub(crate) stopped: watch::Sender<bool>,
    /// When the first step of the open batch came.
    pub(crate) opened_at: Option<Instant>,
}

/// Starts the thread. It ends when it is told so, when nobody can send to it any more, or when the
/// ledger fails: then memory may be ahead of the disk, and only a new start brings them together.
pub(crate) fn spawn_worker(
    worker: Worker,
    commands: Receiver<Command>,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("sequencer".into()).spawn(move || worker.run(&commands))
}

impl Worker {
    fn run(mut self, commands: &Receiver<Command>) {
        if let Err(failure) = self.work(commands) {
            error!(%failure, "the ledger failed: the sequencer stops");
        }
        self.stopped.send_replace(true);
    }

    fn work(&mut self, commands: &Receiver<Command>) -> Result<(), LedgerError> {
        self.watch_age();
        loop {
            let group = Group::collect(commands, self.patience());
            let stop = group.stop;
            self.serve(group)?;
            if self.patience().is_zero() {
                self.seal()?;
            }
            if stop {
                return Ok(());
            }
        }
    }

    /// Works on a group: accounts, queue, intents, then who wants to read or to seal.
    fn serve(&mut self, group: Group) -> Result<(), LedgerError> {
        if !group.identities.is_empty() {
            let answers = self.open_accounts(&group.identities)?;
            for (request, answer) in group.opens.into_iter().zip(answers) {
                // Here and below: who asked may have gone.
                let _ = request.reply.send(answer);
            }
        }
        for request in group.consumes {
            let next = self.consume(request.from, &request.entries)?;
            let _ = request.reply.send(next);
        }
        if !group.submissions.is_empty() {
            let latency = self.metrics.latency().clone();
            for submission in &group.submissions {
                latency.note(SequencerStep::Wait, submission.since.elapsed());
            }
            let mut answers = self.admit(&group.intents)?.into_iter();
            for submission in group.submissions {
                let own = answers.by_ref().take(submission.intents).collect();
                let _ = submission.reply.send(own);
                latency.note(SequencerStep::Answer, submission.since.elapsed());
            }
            self.faults.reach(FaultPoint::Acknowledged);
        }
        for read in group.reads {
            read(&self.ledger);
        }
        for reply in group.seals {
            let _ = reply.send(self.seal()?);
        }
        self.watch_age();
        Ok(())
    }

    /// Checks and admits intents in their order, sealing whenever the batch is full.
    fn admit(&mut self, intents: &[SignedIntent]) -> Result<Admissions, LedgerError> {
        let start = Instant::now();
        let checked = self.ledger.check(intents)?;
        self.metrics.latency().note(SequencerStep::Check, start.elapsed());
        self.faults.reach(FaultPoint::Checked);
        let mut answers: Vec<Option<Result<_, Rejection>>> = Vec::with_capacity(intents.len());
        let mut places = Vec::with_capacity(intents.len());
        let mut fresh = Vec::with_capacity(intents.len());
        for (place, answer) in checked.into_iter().enumerate() {
            answers.push(match answer {
                Ok(Checked::Known(admission)) => Some(Ok(admission)),
                Err(refused) => Some(Err(refused.into())),
                Ok(Checked::New(intent)) => {
                    places.push(place);
                    fresh.push(intent);
                    None
                }
            });
        }
        for (place, answer) in places.into_iter().zip(self.admit_checked(fresh)?) {
            answers[place] = Some(answer.map_err(Rejection::from));
        }
        self.faults.reach(FaultPoint::Admitted);
        let answers: Admissions = answers.into_iter().flatten().collect();
        self.count(&answers);
        Ok(answers)
    }

    fn admit_checked(
        &mut self,
        mut rest: Vec<CheckedIntent>,
    ) -> Result<Vec<Result<farthing_ledger::Admission, AdmitError>>, LedgerError> {
        let mut answers = Vec::with_capacity(rest.len());
        while !rest.is_empty() {
            let start = Instant::now();
            let mut admitted = self.ledger.admit(self.now(), &rest)?;
            self.metrics.latency().note(SequencerStep::Admit, start.elapsed());
            self.metrics.commits(1);
            // Once the batch is full for one, it is for all behind it.
            let full = |answer: &Result<_, _>| matches!(answer, Err(AdmitError::BatchFull(_)));
            let done = admitted.iter().position(full).unwrap_or(admitted.len());
            admitted.truncate(done);
            answers.extend(admitted);
            rest.drain(..done);
            if !rest.is_empty() {
                self.seal()?;
            }
        }
        Ok(answers)
    }

    fn count(&self, answers: &Admissions) {
        let (mut accepted, mut repeated, mut rejected) = (0, 0, 0);
        for answer in answers {
            match answer {
                Ok(admission) if admission.repeated => repeated += 1,
                Ok(_) => accepted += 1,
                Err(_) => rejected += 1,
            }
        }
        self.metrics.intents_accepted(accepted);
        self.metrics.intents_repeated(repeated);
        self.metrics.intents_rejected(rejected);
    }

    fn open_accounts(
        &mut self,
        identities: &[AccountIdentity],
    ) -> Result<Vec<Result<OpenedAccount, OpenAccountError>>, LedgerError> {
        let mut answers = Vec::with_capacity(identities.len());
        while answers.len() < identities.len() {
            let mut opened = self.ledger.open_accounts(self.now(), &identities[answers.len()..])?;
            let full =
                |answer: &Result<_, _>| matches!(answer, Err(OpenAccountError::BatchFull(_)));
            let done = opened.iter().position(full).unwrap_or(opened.len());
            opened.truncate(done);
            answers.extend(opened);
            if answers.len() < identities.len() {
                self.seal()?;
            }
        }
        self.faults.reach(FaultPoint::Opened);
        let opened = answers.iter().filter(|answer| answer.is_ok()).count();
        self.metrics.accounts_opened(opened as u64);
        Ok(answers)
    }

    /// Consumes queue entries; returns the next one to consume.
    fn consume(
        &mut self,
        from: QueueIndex,
        entries: &[QueueEntry],
    ) -> Result<QueueIndex, LedgerError> {
        loop {
            let next = self.ledger.queue_next();
            let passed = next.get().saturating_sub(from.get());
            let rest = usize::try_from(passed).ok().and_then(|passed| entries.get(passed..));
            let Some(rest) = rest.filter(|rest| !rest.is_empty() && next >= from) else {
                return Ok(next);
            };
            let (consumed, refused) = self.ledger.consume(self.now(), next, rest)?;
            self.metrics.queue_consumed(consumed as u64);
            self.faults.reach(FaultPoint::Consumed);
            match refused {
                None => {}
                Some(ConsumeError::BatchFull(_)) => {
                    self.seal()?;
                }
                Some(refused) => {
                    error!(%refused, "a queue entry cannot be consumed");
                    return Ok(self.ledger.queue_next());
                }
            }
        }
    }

    fn seal(&mut self) -> Result<Option<BatchNumber>, LedgerError> {
        if self.ledger.is_idle() {
            return Ok(None);
        }
        self.faults.reach(FaultPoint::Sealing);
        let start = Instant::now();
        let Some(sealed) = self.ledger.seal()? else { return Ok(None) };
        self.faults.reach(FaultPoint::Sealed);
        self.opened_at = None;
        let header = &sealed.witness.statement.header;
        info!(batch = header.number.get(), intents = header.intents, "sealed");
        self.metrics.latency().note(SequencerStep::Seal, start.elapsed());
        self.metrics.batches_sealed(1);
        self.board.sequenced(header.number.next());
        if self.indexer.send(()).is_err() {
            debug!("the indexer has gone: a new start catches up");
        }
        Ok(Some(header.number))
    }

    /// The batch's age counts from its first step; after a start, from the start.
    fn watch_age(&mut self) {
        if self.ledger.is_idle() {
            self.opened_at = None;
        } else if self.opened_at.is_none() {
            self.opened_at = Some(Instant::now());
        }
    }

    /// How long nothing has to be done, if nothing comes.
    fn patience(&self) -> Duration {
        self.opened_at.map_or(IDLE, |since| self.seal_age.saturating_sub(since.elapsed()))
    }

    /// The clock may go back; the ledger's time does not.
    fn now(&self) -> UnixTime {
        self.clock.now().max(self.ledger.timestamp())
    }
}
