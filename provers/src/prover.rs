//! A prover: takes steps from the queue, one at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::{self, AckKind, Context, Message};
use farthing_aggregator::{Cancel, JobId, ProofJob, ProverBackend, ProverError};
use farthing_protocol::Bytes32;
use futures_util::StreamExt;
use thiserror::Error;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::connection::{ConnectError, NatsConfig};
use crate::message::{DoneMessage, JobMessage, Presence, VERSION, job_id, proof_name};
use crate::objects::{self, ObjectError, Objects};
use crate::queue::{
    DELIVERIES_MAX, DONE_SUBJECT, JOBS_STREAM, PRESENCE_SUBJECT, PROGRESS, Queue, WAKE_SUBJECT,
    job_name, job_of,
};

/// Time between two signs of presence.
const PRESENCE: Duration = Duration::from_secs(2);
/// Time after which an idle prover asks without being told.
const POLL: Duration = Duration::from_secs(1);
/// Time for which a prover waits for the answer of an empty queue, which comes within a millisecond.
const FETCH: Duration = Duration::from_secs(1);
/// Pause after a failure of NATS.
const PAUSE: Duration = Duration::from_secs(2);
/// Pause after a failed step, times the number of failures: another prover may make it meanwhile.
const RETRY: Duration = Duration::from_secs(2);

/// A prover's configuration.
#[derive(Clone, Debug)]
pub struct ProverConfig {
    /// The connection.
    pub nats: NatsConfig,
    /// A name that no other prover has: letters, digits, `-` and `_`.
    pub name: String,
    /// The queues that it serves, the first before the others.
    pub queues: Vec<Queue>,
}

/// Reason why a prover ends.
#[derive(Debug, Error)]
pub enum ProverRunError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The name does not fit into a subject.
    #[error("invalid prover name {got:?}: expected letters, digits, - and _")]
    Name {
        /// The name.
        got: String,
    },
    /// It serves no queue.
    #[error("no class of batches is left to prove")]
    NoQueues,
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Reason why a step is not made.
#[derive(Debug, Error)]
enum StepError {
    #[error("the message does not decode")]
    Message,
    #[error("the step is for circuits {got}, expected {expected}")]
    Keys { expected: String, got: String },
    #[error(transparent)]
    Object(#[from] ObjectError),
    #[error("the step does not decode")]
    Decode(#[from] postcard::Error),
    #[error("the step is another than its name says")]
    Name,
    #[error(transparent)]
    Prover(#[from] ProverError),
    #[error("the prover panicked")]
    Panic,
    #[error("the proof is not announced")]
    Announce(#[source] Cause),
}

/// A prover with its connection.
struct Prover {
    client: Client,
    jetstream: Context,
    config: ProverConfig,
    backend: Arc<dyn ProverBackend>,
    keys: Bytes32,
    leaves: AtomicBool,
}

/// The consumers of a prover's queues.
struct Consumers {
    queues: Vec<(Queue, PullConsumer)>,
    objects: Objects,
}

/// Takes steps until `stop` is true; a step at work is ended first. A second change of `stop` gives it
/// up: another prover makes it.
pub async fn run_prover(
    config: ProverConfig,
    backend: Arc<dyn ProverBackend>,
    stop: watch::Receiver<bool>,
) -> Result<(), ProverRunError> {
    let got = &config.name;
    if got.is_empty() || !got.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(ProverRunError::Name { got: got.clone() });
    }
    if config.queues.is_empty() {
        return Err(ProverRunError::NoQueues);
    }
    let client = config.nats.connect("prover", got).await?;
    let jetstream = jetstream::new(client.clone());
    let keys = backend.key_set();
    let leaves = AtomicBool::new(false);
    let prover = Arc::new(Prover { client, jetstream, config, backend, keys, leaves });
    let presence = tokio::spawn(Arc::clone(&prover).be_present());
    prover.work(stop).await;
    prover.leaves.store(true, Ordering::SeqCst);
    prover.show_presence().await;
    presence.abort();
    // What was sent last is on its way when this returns.
    let _ = prover.client.flush().await;
    Ok(())
}

impl Prover {
    async fn be_present(self: Arc<Self>) {
        loop {
            self.show_presence().await;
            tokio::time::sleep(PRESENCE).await;
        }
    }

    async fn show_presence(&self) {
        let presence = Presence {
            version: VERSION,
            prover: self.config.name.clone(),
            keys: hex::encode(self.keys.0),
            queues: self.config.queues.iter().map(ToString::to_string).collect(),
            leaves: self.leaves.load(Ordering::SeqCst),
        };
        if let Ok(presence) = serde_json::to_vec(&presence) {
            // The next sign follows.
            let _ = self.client.publish(PRESENCE_SUBJECT, presence.into()).await;
        }
    }

    async fn work(&self, mut stop: watch::Receiver<bool>) {
        let mut consumers = None;
        while !*stop.borrow_and_update() {
            let turn = self.turn(&mut consumers, stop.clone()).await;
            let pause = match turn {
                Ok(true) => continue,
                Ok(false) => self.wait_for_work().await,
                Err(failure) => {
                    warn!(error = &*failure as &dyn std::error::Error, "no steps from NATS yet");
                    consumers = None;
                    PAUSE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Waits until the node says that there is work, for a second at most.
    async fn wait_for_work(&self) -> Duration {
        let woken = async {
            let Ok(mut wake) = self.client.subscribe(WAKE_SUBJECT).await else { return };
            wake.next().await;
        };
        let _ = tokio::time::timeout(POLL, woken).await;
        Duration::ZERO
    }

    /// Takes a step and makes it. Returns false if there is none.
    async fn turn(
        &self,
        consumers: &mut Option<Consumers>,
        stop: watch::Receiver<bool>,
    ) -> Result<bool, Cause> {
        let known = match consumers.take() {
            Some(known) => known,
            None => self.consumers().await?,
        };
        let known = consumers.insert(known);
        for (queue, consumer) in &known.queues {
            // With a time limit of the server's, an empty queue would answer only after it.
            let mut fetched = consumer.fetch().max_messages(1).messages().await?;
            // Server 2.9 leaves a request unanswered if the step is taken back meanwhile.
            let message = tokio::time::timeout(FETCH, fetched.next()).await.unwrap_or_default();
            if let Some(message) = message {
                self.take(*queue, message?, &known.objects, stop).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The consumers, which the node makes.
    async fn consumers(&self) -> Result<Consumers, Cause> {
        let stream = self.jetstream.get_stream_no_info(JOBS_STREAM).await?;
        let mut queues = Vec::new();
        for queue in &self.config.queues {
            queues.push((*queue, stream.get_consumer(&queue.consumer_name(&self.keys)).await?));
        }
        Ok(Consumers { queues, objects: objects::open(&self.jetstream).await? })
    }

    /// Makes a step while it tells the server that it is at work.
    async fn take(
        &self,
        queue: Queue,
        message: Message,
        objects: &Objects,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), Cause> {
        let deliveries = message.info()?.delivered;
        let cancel = Cancel::new();
        let started = Instant::now();
        let made = self.step(queue, &message, objects, &cancel);
        tokio::pin!(made);
        let mut progress = tokio::time::interval(PROGRESS);
        stop.borrow_and_update();
        let mut given_up = false;
        let made = loop {
            tokio::select! {
                made = &mut made => break made,
                _ = progress.tick() => {
                    let _ = message.ack_with(AckKind::Progress).await;
                }
                changed = stop.changed(), if !given_up => {
                    // The first signal lets the step end, the second does not.
                    if changed.is_err() || std::mem::replace(&mut given_up, *stop.borrow()) {
                        cancel.cancel();
                    }
                }
            }
        };
        match made {
            Ok(job) => {
                let millis = started.elapsed().as_millis();
                info!(%queue, job = job_name(job), millis, "the step is proven");
                message.double_ack().await
            }
            Err(StepError::Prover(ProverError::Cancelled)) => {
                message.ack_with(AckKind::Nak(None)).await
            }
            Err(failure) => {
                warn!(%queue, deliveries, error = &failure as &dyn std::error::Error, "the step failed");
                if deliveries < DELIVERIES_MAX {
                    let pause = RETRY.saturating_mul(u32::try_from(deliveries).unwrap_or(1));
                    return message.ack_with(AckKind::Nak(Some(pause))).await;
                }
                // The last one says so, before the step leaves the queue.
                if let Some(job) = job_of(&message.subject) {
                    self.announce(job, None, started).await?;
                }
                message.ack_with(AckKind::Term).await
            }
        }
    }

    async fn step(
        &self,
        queue: Queue,
        message: &Message,
        objects: &Objects,
        cancel: &Cancel,
    ) -> Result<JobId, StepError> {
        let started = Instant::now();
        let known: Option<JobMessage> = serde_json::from_slice(&message.payload).ok();
        let known = known.filter(|known| known.version == VERSION).ok_or(StepError::Message)?;
        let expected = hex::encode(self.keys.0);
        if known.keys != expected {
            return Err(StepError::Keys { expected, got: known.keys });
        }
        let input = objects.get(&known.input).await?;
        let job: ProofJob = postcard::from_bytes(&input)?;
        drop(input);
        let claim = job.claim();
        let id = job_id(&claim, &self.keys);
        if job_of(&message.subject) != Some(id) || Queue::of(&claim) != queue {
            return Err(StepError::Name);
        }
        let (backend, cancel) = (Arc::clone(&self.backend), cancel.clone());
        let made = tokio::task::spawn_blocking(move || backend.prove(&job, &cancel));
        let proof = made.await.map_err(|_| StepError::Panic)??;
        let name = proof_name(id, &self.config.name);
        objects.put(&name, &proof).await?;
        self.announce(id, Some(name), started).await.map_err(StepError::Announce)?;
        Ok(id)
    }

    /// Tells the node that a step is done, or that it fails.
    async fn announce(
        &self,
        job: JobId,
        proof: Option<String>,
        started: Instant,
    ) -> Result<(), Cause> {
        let done = DoneMessage {
            version: VERSION,
            job: job_name(job),
            prover: self.config.name.clone(),
            proof,
            millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        let done = serde_json::to_vec(&done)?;
        self.jetstream.publish(DONE_SUBJECT, done.into()).await?.await?;
        Ok(())
    }
}
