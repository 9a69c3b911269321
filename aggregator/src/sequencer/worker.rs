//! The thread that owns the ledger.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use farthing_ledger::{
    Admission, AdmitError, Checked, CheckedIntent, ConsumeError, Ledger, LedgerError,
    OpenAccountError,
};
use farthing_protocol::{
    AccountIdentity, OpenedAccount, QueueEntry, QueueIndex, SignedIntent, UnixTime,
};
use thiserror::Error;
use tokio::sync::watch;
use tracing::{error, warn};

use super::command::Command;
use super::command_group::{CommandGroup, Submission};
use super::nonce_order::by_nonce;
use super::reply_buffer::ReplyBuffer;
use super::sealer::{SealListener, SealRequest, SealTask, Sealer};
use super::{AdmissionControl, AdmissionRules, Closed, OpeningError, Openings, Rejection};
use crate::clock::Clock;
use crate::fault::{FaultPoint, Faults};
use crate::latency::SequencerStep;
use crate::metrics::Metrics;

/// Time for which the thread sleeps when nothing comes and no batch is open.
const IDLE: Duration = Duration::from_secs(1);

/// State that the thread owns.
pub(crate) struct Worker {
    pub(crate) ledger: Ledger,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seal_age: Duration,
    pub(crate) rules: AdmissionRules,
    pub(crate) admission: AdmissionControl,
    /// Shared by all runs: a rebase does not refill it.
    pub(crate) openings: Arc<Mutex<Openings>>,
    pub(crate) faults: Faults,
    pub(crate) metrics: Metrics,
    /// `true` once the thread has ended.
    pub(crate) stopped: watch::Sender<bool>,
    /// When the first step of the open batch came.
    pub(crate) opened_at: Option<Instant>,
}

/// A failure that ends the thread.
#[derive(Debug, Error)]
enum Failure {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error("the thread that seals has died")]
    Sealer,
}

/// Starts the thread. It ends on `Command::Stop`, when no sender is left, or when the
/// ledger fails: then memory may be ahead of the disk, and only a new start brings them together.
pub(crate) fn spawn_worker(
    worker: Worker,
    listener: SealListener,
    commands: Receiver<Command>,
) -> std::io::Result<JoinHandle<()>> {
    let sealer = Sealer::spawn(listener)?;
    let sequencing = Sequencing { worker, sealer };
    std::thread::Builder::new().name("sequencer".into()).spawn(move || sequencing.run(&commands))
}

/// The thread at work.
struct Sequencing {
    worker: Worker,
    sealer: Sealer,
}

impl Sequencing {
    fn run(mut self, commands: &Receiver<Command>) {
        if let Err(failure) = self.work(commands) {
            error!(
                error = &failure as &dyn std::error::Error,
                "the ledger failed: the sequencer stops"
            );
        }
        // The batch being sealed first: who waits for the end finds all at rest.
        let Self { worker, sealer } = self;
        drop(sealer);
        worker.stopped.send_replace(true);
    }

    fn work(&mut self, commands: &Receiver<Command>) -> Result<(), Failure> {
        self.worker.watch_age();
        loop {
            let group = CommandGroup::collect(commands, self.worker.idle_timeout());
            let stop = group.stop;
            self.take_sealed()?;
            self.serve(group)?;
            if self.worker.idle_timeout().is_zero() {
                self.seal(Vec::new())?;
            }
            if stop {
                return Ok(());
            }
        }
    }

    /// Tells the ledger of a batch that has been sealed meanwhile.
    fn take_sealed(&mut self) -> Result<(), Failure> {
        if self.worker.ledger.is_sealing()
            && let Some(outcome) = self.sealer.result()
        {
            self.worker.ledger.end_seal(outcome)?;
        }
        Ok(())
    }

    /// Waits until the batch being sealed is, if there is one.
    fn wait_for_sealer(&mut self) -> Result<(), Failure> {
        if self.worker.ledger.is_sealing() {
            let outcome = self.sealer.wait().ok_or(Failure::Sealer)?;
            self.worker.ledger.end_seal(outcome)?;
        }
        Ok(())
    }

    /// Has the open batch sealed, and goes on with the next at once. The waiters are told when it is
    /// sealed; if nothing is in it, when the one before is.
    fn seal(&mut self, waiters: Vec<SealRequest>) -> Result<(), Failure> {
        let since = Instant::now();
        if self.worker.ledger.is_idle() {
            if !waiters.is_empty() {
                self.wait_for_sealer()?;
            }
            for reply in waiters {
                // The waiter may have gone.
                let _ = reply.send(None);
            }
            return Ok(());
        }
        self.wait_for_sealer()?;
        let worker = &mut self.worker;
        worker.faults.reach(FaultPoint::Sealing);
        if let Some(job) = worker.ledger.begin_seal()? {
            worker.opened_at = None;
            self.sealer.start(SealTask { job, since, waiters });
        }
        worker.metrics.latency().note(SequencerStep::Settle, since.elapsed());
        Ok(())
    }

    /// Works on a group: accounts, queue, intents, then who wants to read or to seal.
    fn serve(&mut self, group: CommandGroup) -> Result<(), Failure> {
        if !group.identities.is_empty() {
            let answers = self.open_accounts(&group.identities)?;
            for (request, answer) in group.opens.into_iter().zip(answers) {
                // Here and below: the caller may have gone.
                let _ = request.reply.send(answer);
            }
        }
        for request in group.consumes {
            let next = self.consume(request.from, &request.entries)?;
            let _ = request.reply.send(next);
        }
        if !group.submissions.is_empty() {
            self.admit(&group.intents, group.submissions)?;
        }
        for read in group.reads {
            read(&self.worker.ledger);
        }
        if !group.seals.is_empty() {
            self.seal(group.seals)?;
        }
        self.worker.watch_age();
        Ok(())
    }

    /// Checks and admits intents in their task, and seals the batch whenever it is full.
    /// Submissions whose intents are on disk are answered before that.
    fn admit(
        &mut self,
        intents: &[SignedIntent],
        submissions: Vec<Submission>,
    ) -> Result<(), Failure> {
        let latency = self.worker.metrics.latency().clone();
        for submission in &submissions {
            latency.note(SequencerStep::Wait, submission.since.elapsed());
        }
        let mut answers = ReplyBuffer::new(submissions, intents.len());
        let closed = self.worker.admission.closed();
        let (mut indices, mut fresh) = self.worker.check(intents, closed, &mut answers)?;
        loop {
            let admitted = self.worker.admit(&fresh)?;
            let done = admitted.len();
            fresh.drain(..done);
            for (index, answer) in indices.drain(..done).zip(admitted) {
                answers.put(index, answer);
            }
            self.worker.faults.reach(FaultPoint::Admitted);
            if answers.send(&latency) {
                self.worker.acknowledged();
            }
            if fresh.is_empty() {
                return Ok(());
            }
            self.seal(Vec::new())?;
        }
    }

    fn open_accounts(
        &mut self,
        identities: &[AccountIdentity],
    ) -> Result<Vec<Result<OpenedAccount, OpeningError>>, Failure> {
        let mut refusals = Vec::with_capacity(identities.len());
        for identity in identities {
            refusals.push(self.worker.refused_opening(identity)?);
        }
        let wanted = identities.iter().zip(&refusals).filter(|(_, refused)| refused.is_none());
        let wanted: Vec<AccountIdentity> = wanted.map(|(identity, _)| *identity).collect();
        let mut opened = Vec::with_capacity(wanted.len());
        while opened.len() < wanted.len() {
            let now = self.worker.now();
            let mut more = self.worker.ledger.open_accounts(now, &wanted[opened.len()..])?;
            let full =
                |answer: &Result<_, _>| matches!(answer, Err(OpenAccountError::BatchFull(_)));
            let done = more.iter().position(full).unwrap_or(more.len());
            more.truncate(done);
            opened.extend(more);
            if opened.len() < wanted.len() {
                self.seal(Vec::new())?;
            }
        }
        let mut opened = opened.into_iter().peekable();
        let mut answers = Vec::with_capacity(identities.len());
        for refused in refusals {
            match (refused, opened.next_if(|_| refused.is_none())) {
                (Some(refused), _) => answers.push(Err(refused)),
                (None, Some(answer)) => answers.push(answer.map_err(OpeningError::from)),
                (None, None) => break,
            }
        }
        self.worker.faults.reach(FaultPoint::Opened);
        let opened = answers.iter().filter(|answer| answer.is_ok()).count();
        self.worker.metrics.accounts_opened(opened as u64);
        Ok(answers)
    }

    /// Consumes queue entries; returns the next one to consume.
    fn consume(&mut self, from: QueueIndex, entries: &[QueueEntry]) -> Result<QueueIndex, Failure> {
        loop {
            let worker = &mut self.worker;
            let next = worker.ledger.queue_next();
            let passed = next.get().saturating_sub(from.get());
            let rest = usize::try_from(passed).ok().and_then(|passed| entries.get(passed..));
            let Some(rest) = rest.filter(|rest| !rest.is_empty() && next >= from) else {
                return Ok(next);
            };
            // The first step dates its batch. The queue waits until the clock is right.
            if let Some(ahead) = worker.admission.clock_ahead().filter(|_| worker.ledger.is_idle())
            {
                warn!(reason = %ahead, "the L1 queue waits: no entry is consumed while the clock is wrong");
                return Ok(next);
            }
            let (consumed, refused) = worker.ledger.consume(worker.now(), next, rest)?;
            worker.metrics.queue_consumed(consumed as u64);
            worker.faults.reach(FaultPoint::Consumed);
            match refused {
                None => {}
                Some(ConsumeError::BatchFull(_)) => self.seal(Vec::new())?,
                Some(refused) => {
                    error!(error = %refused, "the queue entry cannot be consumed");
                    return Ok(worker.ledger.queue_next());
                }
            }
        }
    }
}

impl Worker {
    /// The reason why an account is not opened before the ledger is asked.
    fn refused_opening(
        &mut self,
        identity: &AccountIdentity,
    ) -> Result<Option<OpeningError>, LedgerError> {
        if let Some(id) = self.ledger.account_of(identity)? {
            return Ok(Some(OpenAccountError::Exists { id }.into()));
        }
        if let Some(closed) = self.admission.closed() {
            return Ok(Some(closed.into()));
        }
        let mut openings = self.openings.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = openings.take(Instant::now());
        Ok(taken.err().map(|retry_after| OpeningError::Quota { retry_after }))
    }

    /// Checks intents and answers those that are known or refused; returns the rest in the task in
    /// which they are admitted, and where they stand. While nothing new is acknowledged there is no
    /// rest; what was acknowledged, dropped or signed wrongly is answered as ever.
    fn check(
        &self,
        intents: &[SignedIntent],
        closed: Option<Closed>,
        answers: &mut ReplyBuffer,
    ) -> Result<(Vec<usize>, Vec<CheckedIntent>), LedgerError> {
        let start = Instant::now();
        let checked = self.ledger.check(intents)?;
        self.metrics.latency().note(SequencerStep::Check, start.elapsed());
        self.faults.reach(FaultPoint::Checked);
        let now = self.now();
        let (mut indices, mut fresh) = (Vec::new(), Vec::new());
        let (mut repeated, mut rejected, mut turned_away) = (0, 0, 0);
        for (index, answer) in checked.into_iter().enumerate() {
            match answer {
                Ok(Checked::Duplicate(admission)) => {
                    repeated += 1;
                    answers.put(index, Ok(admission));
                }
                Err(refused) => {
                    rejected += 1;
                    answers.put(index, Err(refused.into()));
                }
                Ok(Checked::Fresh(intent)) => {
                    match (closed, self.rules.check(now, intent.intent())) {
                        (Some(closed), _) => {
                            turned_away += 1;
                            answers.put(index, Err(closed.into()));
                        }
                        (None, Ok(())) => {
                            indices.push(index);
                            fresh.push(intent);
                        }
                        (None, Err(refused)) => {
                            rejected += 1;
                            answers.put(index, Err(refused.into()));
                        }
                    }
                }
            }
        }
        by_nonce(&mut indices, &mut fresh);
        self.metrics.intents_repeated(repeated);
        self.metrics.intents_rejected(rejected);
        self.metrics.intents_closed(turned_away);
        Ok((indices, fresh))
    }

    /// Admits intents until the batch is full; returns the answers up to there.
    fn admit(
        &mut self,
        intents: &[CheckedIntent],
    ) -> Result<Vec<Result<Admission, Rejection>>, LedgerError> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        // The first step dates its batch, and of many in a group each fills one.
        if let Some(closed) = self.admission.closed().filter(|_| self.ledger.is_idle()) {
            self.metrics.intents_closed(intents.len() as u64);
            return Ok(vec![Err(closed.into()); intents.len()]);
        }
        let start = Instant::now();
        let mut admitted = self.ledger.admit(self.now(), intents)?;
        self.metrics.latency().note(SequencerStep::Admit, start.elapsed());
        self.metrics.commits(1);
        // Once the batch is full for one, it is for all behind it.
        let full = |answer: &Result<_, _>| matches!(answer, Err(AdmitError::BatchFull(_)));
        let done = admitted.iter().position(full).unwrap_or(admitted.len());
        admitted.truncate(done);
        self.count(&admitted);
        Ok(admitted.into_iter().map(|answer| answer.map_err(Rejection::from)).collect())
    }

    fn acknowledged(&self) {
        self.faults.reach(FaultPoint::Acknowledged);
        if self.ledger.is_sealing() && !self.ledger.is_idle() {
            self.faults.reach(FaultPoint::AcknowledgedWhileSealing);
        }
    }

    fn count(&self, answers: &[Result<Admission, AdmitError>]) {
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

    /// The batch's age counts from its first step; after a start, from the start.
    fn watch_age(&mut self) {
        if self.ledger.is_idle() {
            self.opened_at = None;
        } else if self.opened_at.is_none() {
            self.opened_at = Some(Instant::now());
        }
    }

    /// Time until something has to be done, if nothing comes.
    fn idle_timeout(&self) -> Duration {
        self.opened_at.map_or(IDLE, |since| self.seal_age.saturating_sub(since.elapsed()))
    }

    /// The clock may go back; the ledger's time does not.
    fn now(&self) -> UnixTime {
        self.clock.now().max(self.ledger.timestamp())
    }
}
