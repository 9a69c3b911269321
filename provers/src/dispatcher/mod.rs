//! The node's side: leases steps out, verifies what comes back.

mod listen;
mod state;

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Client;
use async_nats::connection::State as ConnectionState;
use async_nats::jetstream::stream::RawMessageErrorKind;
use async_nats::jetstream::{self, Context};
use farthing_aggregator::{
    FleetEvent, FleetEvents, FleetSnapshot, JobId, LeaseError, ProofClaim, ProofJob, ProverBackend,
    ProverFleet,
};
use farthing_protocol::{BatchClass, Bytes32};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::{debug, warn};

use crate::connection::{ConnectError, NatsConfig};
use crate::message::{JobMessage, VERSION, input_name, job_id};
use crate::objects::{self, ObjectError, Objects};
use crate::queue::{DONE_CONSUMER, JOBS_STREAM, Queue, WAKE_SUBJECT, done_stream, jobs_stream};
use state::{Lease, Run, State};

/// Time for which the pipeline waits while a step is leased out: an object of 60 MB on a slow network.
const LEASE_TIMEOUT: Duration = Duration::from_secs(90);

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Reasons why a step is not leased out.
#[derive(Debug, Error)]
pub enum FleetError {
    /// No run has begun.
    #[error("the pipeline has not begun")]
    NotBegun,
    /// The streams are not there yet.
    #[error("NATS has no streams for this node yet")]
    NotReady,
    /// The step does not encode.
    #[error("the step does not encode")]
    Encode(#[from] postcard::Error),
    /// The message does not encode.
    #[error("the message does not encode")]
    Message(#[from] serde_json::Error),
    /// The queue does not take it.
    #[error("the queue does not take the step")]
    Publish(#[from] jetstream::context::PublishError),
    /// It takes too long.
    #[error("NATS does not answer in time")]
    Timeout,
    /// The step's input is not stored.
    #[error("the step's input is not stored")]
    Object(#[source] Cause),
}

impl From<ObjectError> for FleetError {
    fn from(failure: ObjectError) -> Self {
        Self::Object(failure.into())
    }
}

/// Leases the steps of a node's blocks to provers over NATS. It works until it is dropped.
pub struct Dispatcher {
    shared: Arc<Shared>,
    runtime: Handle,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    client: Client,
    jetstream: Context,
    replicas: usize,
    state: Mutex<State>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == ConnectionState::Connected
    }

    /// Tells the pipeline.
    fn tell(&self, event: FleetEvent) {
        let events = self.state().run.as_ref().map(|run| Arc::clone(&run.events));
        if let Some(events) = events {
            events(event);
        }
    }

    /// Makes the streams, the bucket and the consumers, as far as they are missing.
    async fn make_ready(&self, keys: &Bytes32) -> Result<Objects, Cause> {
        let jobs = self.jetstream.get_or_create_stream(jobs_stream(self.replicas)).await?;
        let done = self.jetstream.get_or_create_stream(done_stream(self.replicas)).await?;
        done.get_or_create_consumer(DONE_CONSUMER, listen::done_consumer()).await?;
        for queue in Queue::all(&BatchClass::ALL) {
            jobs.get_or_create_consumer(&queue.consumer_name(keys), queue.consumer(keys)).await?;
        }
        objects::open_or_make(&self.jetstream, self.replicas).await
    }

    /// Puts a step into the queue. Returns false if it is there already.
    async fn publish(&self, queue: Queue, keys: &Bytes32, job: JobId) -> Result<bool, FleetError> {
        let message =
            JobMessage { version: VERSION, keys: hex::encode(keys.0), input: input_name(job) };
        let message = serde_json::to_vec(&message)?;
        let sent = self.jetstream.publish(queue.subject(keys, job), message.into()).await?;
        match sent.await {
            Err(failure) if is_queued(&failure) => {
                debug!(%queue, "the step is queued already");
                return Ok(false);
            }
            sent => sent?,
        };
        // A prover that misses it asks by itself within a second.
        let _ = self.client.publish(WAKE_SUBJECT, "".into()).await;
        Ok(true)
    }

    async fn lease(&self, job: &ProofJob) -> Result<JobId, FleetError> {
        let claim = job.claim();
        let queue = Queue::of(&claim);
        let (keys, objects) = {
            let state = self.state();
            let keys = state.run.as_ref().ok_or(FleetError::NotBegun)?.keys;
            (keys, state.objects.clone().ok_or(FleetError::NotReady)?)
        };
        let id = job_id(&claim, &keys);
        self.state().leases.insert(id, Lease::new(claim, queue));
        let leased = async {
            objects.put(&input_name(id), &postcard::to_allocvec(job)?).await?;
            let waiting = self.state().waiting.remove(&id);
            match waiting {
                // Made before this node's last start.
                Some(done) => listen::again(done).await,
                None => drop(self.publish(queue, &keys, id).await?),
            }
            Ok(())
        };
        let leased = tokio::time::timeout(LEASE_TIMEOUT, leased).await;
        match leased.unwrap_or(Err(FleetError::Timeout)) {
            Ok(()) => Ok(id),
            Err(failure) => {
                self.state().leases.remove(&id);
                Err(failure)
            }
        }
    }

    /// Removes a step from the queue, if it is there.
    async fn remove(&self, subject: String) {
        // Not by a purge of the subject: after one, server 2.9 counts a consumer's messages wrong.
        let removed = async {
            let stream = self.jetstream.get_stream_no_info(JOBS_STREAM).await?;
            match stream.get_last_raw_message_by_subject(&subject).await {
                Ok(message) => stream.delete_message(message.sequence).await.map(drop)?,
                Err(failure) if failure.kind() == RawMessageErrorKind::NoMessageFound => {}
                Err(failure) => return Err(failure.into()),
            }
            Ok::<(), Cause>(())
        };
        if let Err(failure) = removed.await {
            warn!(error = &*failure as &dyn std::error::Error, "the step stays in the queue");
        }
    }
}

/// True if the queue has the step.
fn is_queued(failure: &jetstream::context::PublishError) -> bool {
    let source = std::error::Error::source(failure);
    source
        .is_some_and(|source| source.to_string().contains("maximum messages per subject exceeded"))
}

impl Dispatcher {
    /// Connects, and works on this runtime. If NATS is not there yet, the node makes its steps itself.
    pub async fn start(config: &NatsConfig) -> Result<Self, ConnectError> {
        let client = config.connect("node", "").await?;
        let jetstream = jetstream::new(client.clone());
        let shared = Arc::new(Shared {
            client,
            jetstream,
            replicas: config.replicas.max(1),
            state: Mutex::default(),
        });
        let tasks = listen::spawn(&shared);
        Ok(Self { shared, runtime: Handle::current(), tasks })
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl ProverFleet for Dispatcher {
    fn begin(&self, verifier: Arc<dyn ProverBackend>, events: FleetEvents) {
        let keys = verifier.key_set();
        self.shared.state().begin(Run { verifier, events: Arc::from(events), keys });
    }

    fn serves(&self, claim: &ProofClaim) -> bool {
        self.shared.is_connected() && self.shared.state().serves(&Queue::of(claim))
    }

    fn lease(&self, job: &ProofJob) -> Result<JobId, LeaseError> {
        self.block_on(self.shared.lease(job)).map_err(|failure| LeaseError(failure.into()))
    }

    fn take_back(&self, job: JobId) {
        let (lease, keys, objects) = {
            let mut state = self.shared.state();
            let Some(keys) = state.run.as_ref().map(|run| run.keys) else { return };
            (state.leases.remove(&job), keys, state.objects.clone())
        };
        if let (Some(lease), Some(objects)) = (lease, objects) {
            let shared = Arc::clone(&self.shared);
            self.runtime.spawn(async move {
                // A prover that has made the step takes it out of the queue itself.
                if !lease.proven {
                    shared.remove(lease.queue.subject(&keys, job)).await;
                }
                objects.delete(&input_name(job)).await;
            });
        }
    }

    fn snapshot(&self) -> FleetSnapshot {
        let connected = self.shared.is_connected();
        FleetSnapshot { connected, ..self.shared.state().snapshot() }
    }
}
