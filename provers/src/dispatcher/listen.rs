//! The dispatcher's tasks: who is there, what is done, what failed, what is left over.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_nats::Subscriber;
use async_nats::jetstream::consumer::pull::Config as ConsumerConfig;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::{AckKind, Message};
use farthing_aggregator::{FleetEvent, JobId};
use farthing_protocol::Bytes32;
use futures_util::{StreamExt, TryStreamExt};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tracing::{debug, info, warn};

use super::state::Lease;
use super::{Cause, Shared};
use crate::message::{DoneMessage, Presence, VERSION, job_of_object};
use crate::objects::Objects;
use crate::queue::{
    DELIVERIES_MAX, DONE_CONSUMER, DONE_STREAM, JOBS_STREAM, PRESENCE_SUBJECT, job_of,
};

/// Pause after a failure, or until the pipeline begins.
const PAUSE: Duration = Duration::from_secs(1);
/// Time for which a proof may be fetched and verified until its message is delivered again.
const DONE_ACK_WAIT: Duration = Duration::from_secs(120);
/// Time in which a prover acknowledges a step that it has made, and how often that is waited for.
const ACKNOWLEDGED: Duration = Duration::from_millis(50);
const ACKNOWLEDGED_WITHIN: u32 = 40;
/// Time between two sweeps.
const SWEEP: Duration = Duration::from_secs(60);
/// Time after the pipeline's start until what is not leased counts as left over.
const GRACE: Duration = Duration::from_secs(120);

pub(super) fn done_consumer() -> ConsumerConfig {
    ConsumerConfig {
        durable_name: Some(DONE_CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: DONE_ACK_WAIT,
        ..ConsumerConfig::default()
    }
}

/// Starts the tasks. Each goes on after a failure, and ends with the dispatcher.
pub(super) fn spawn(shared: &Arc<Shared>) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(forever(Arc::downgrade(shared), "streams", streams)),
        tokio::spawn(forever(Arc::downgrade(shared), "provers", provers)),
        tokio::spawn(forever(Arc::downgrade(shared), "proofs", proofs)),
        tokio::spawn(forever(Arc::downgrade(shared), "failures", failures)),
        tokio::spawn(forever(Arc::downgrade(shared), "sweep", sweep)),
    ]
}

async fn forever<F: Future<Output = Result<(), Cause>>>(
    shared: Weak<Shared>,
    task: &'static str,
    turn: fn(Arc<Shared>) -> F,
) {
    while let Some(shared) = shared.upgrade() {
        let connected = shared.is_connected();
        if let Err(failure) = turn(shared).await {
            let error = &*failure as &dyn std::error::Error;
            // While NATS is away, the connection says so itself.
            match connected {
                true => warn!(task, error, "NATS refuses a request: it is tried again"),
                false => debug!(task, error, "NATS is away"),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Makes streams and consumers when a run has begun, and again if they are lost.
async fn streams(shared: Arc<Shared>) -> Result<(), Cause> {
    let (keys, ready) = {
        let state = shared.state();
        (state.run.as_ref().map(|run| run.keys), state.objects.is_some())
    };
    let Some(keys) = keys.filter(|_| shared.is_connected()) else { return Ok(()) };
    if ready {
        // A server that lost its disk has no stream: its answer says so.
        if shared.jetstream.get_stream(JOBS_STREAM).await.is_err() && shared.is_connected() {
            shared.state().objects = None;
        }
        tokio::time::sleep(PAUSE * 10).await;
        return Ok(());
    }
    let objects = shared.make_ready(&keys).await?;
    shared.state().objects = Some(objects);
    info!("the queue of proof steps is ready");
    shared.tell(FleetEvent::Provers);
    Ok(())
}

/// Hears who is there.
async fn provers(shared: Arc<Shared>) -> Result<(), Cause> {
    let mut heard: Subscriber = shared.client.subscribe(PRESENCE_SUBJECT).await?;
    while let Some(message) = heard.next().await {
        let presence: Presence = match serde_json::from_slice(&message.payload) {
            Ok(presence) => presence,
            Err(failure) => {
                debug!(error = &failure as &dyn std::error::Error, "not a prover's message");
                continue;
            }
        };
        if presence.version == VERSION && shared.state().seen(presence) {
            shared.tell(FleetEvent::Provers);
        }
    }
    Ok(())
}

/// Takes the steps that are done, several at a time.
async fn proofs(shared: Arc<Shared>) -> Result<(), Cause> {
    if shared.state().objects.is_none() {
        return Ok(());
    }
    let stream = shared.jetstream.get_stream(DONE_STREAM).await?;
    let consumer: PullConsumer = stream.get_consumer(DONE_CONSUMER).await?;
    let mut messages = consumer.messages().await?;
    let at_once = std::thread::available_parallelism().map_or(2, usize::from);
    let room = Arc::new(Semaphore::new(at_once));
    while let Some(message) = messages.next().await {
        let message = message?;
        let place = Arc::clone(&room).acquire_owned().await?;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            if let Err(failure) = done(&shared, message).await {
                warn!(error = &*failure as &dyn std::error::Error, "the proof is not taken");
            }
            drop(place);
        });
    }
    Ok(())
}

/// Has a message delivered again.
pub(super) async fn again(message: Message) {
    let _ = message.ack_with(AckKind::Nak(None)).await;
}

/// Takes one step that is done.
async fn done(shared: &Arc<Shared>, message: Message) -> Result<(), Cause> {
    let known: Option<DoneMessage> = serde_json::from_slice(&message.payload).ok();
    let known = known.filter(|done| done.version == VERSION);
    let Some((done, job)) = known.and_then(|done| job_of(&done.job).map(|job| (done, job))) else {
        warn!("a message of a done step does not decode: it is ignored");
        return message.ack().await;
    };
    let (lease, run, objects) = {
        let mut state = shared.state();
        let Some(lease) = state.leases.get(&job).copied() else {
            state.wait(job, message);
            return Ok(());
        };
        let run = state.run.as_ref().map(|run| (Arc::clone(&run.verifier), run.keys));
        (lease, run, state.objects.clone())
    };
    let (Some((verifier, keys)), Some(objects)) = (run, objects) else { return Ok(()) };
    let proof = match &done.proof {
        // An object of another step could be needed yet.
        Some(name) if job_of_object(name) == Some(job) => objects.get(name).await,
        _ => {
            info!(prover = done.prover, queue = %lease.queue, "no prover makes the step");
            give_back(shared, job);
            return message.ack().await;
        }
    };
    let verified = match proof {
        Err(failure) => Err(Cause::from(failure)),
        Ok(proof) => {
            tokio::task::spawn_blocking(move || match verifier.verify(&lease.claim, &proof) {
                Ok(()) => Ok(proof),
                Err(refused) => Err(Cause::from(refused)),
            })
            .await?
        }
    };
    match verified {
        Ok(proof) => {
            let (prover, millis) = (&done.prover, done.millis);
            debug!(prover, queue = %lease.queue, millis, "the proof is verified");
            if let Some(lease) = shared.state().leases.get_mut(&job) {
                lease.proven = true;
            }
            shared.tell(FleetEvent::Proven { job, proof });
        }
        // A second message of a proof that is taken already.
        Err(_) if shared.state().leases.get(&job).is_none_or(|lease| lease.proven) => {}
        Err(failure) => {
            log_refusal(&done, &lease, &*failure);
            refuse(shared, job, lease, &keys).await;
        }
    }
    if let Some(name) = &done.proof {
        objects.delete(name).await;
    }
    message.ack().await
}

fn log_refusal(done: &DoneMessage, lease: &Lease, error: &(dyn std::error::Error + 'static)) {
    warn!(prover = done.prover, queue = %lease.queue, error, "the prover's proof is refused");
}

/// After a proof that does not count, the step is queued again, or goes back to the node.
async fn refuse(shared: &Shared, job: JobId, lease: Lease, keys: &Bytes32) {
    let refused = {
        let mut state = shared.state();
        state.proofs_refused += 1;
        let Some(lease) = state.leases.get_mut(&job) else { return };
        lease.refused += 1;
        i64::from(lease.refused)
    };
    if refused >= DELIVERIES_MAX || !queue_again(shared, job, lease, keys).await {
        give_back(shared, job);
    }
}

/// Queues a step once its message is gone, which the prover acknowledges after it has told of the proof.
async fn queue_again(shared: &Shared, job: JobId, lease: Lease, keys: &Bytes32) -> bool {
    for _ in 0..ACKNOWLEDGED_WITHIN {
        match shared.publish(lease.queue, keys, job).await {
            Ok(true) => return true,
            Ok(false) => tokio::time::sleep(ACKNOWLEDGED).await,
            Err(_) => return false,
        }
    }
    shared.remove(lease.queue.subject(keys, job)).await;
    shared.publish(lease.queue, keys, job).await.is_ok()
}

/// Gives a step back to the pipeline.
fn give_back(shared: &Shared, job: JobId) {
    let known = {
        let mut state = shared.state();
        let known = state.leases.contains_key(&job);
        state.steps_returned += u64::from(known);
        known
    };
    if known {
        shared.tell(FleetEvent::Returned { job });
    }
}

/// A message that was delivered as often as it may be, as the server tells it.
#[derive(Deserialize)]
struct Exhausted {
    stream_seq: u64,
}

/// Hears which steps were given to provers as often as they may be without an answer.
async fn failures(shared: Arc<Shared>) -> Result<(), Cause> {
    let subject = format!("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{JOBS_STREAM}.>");
    let mut heard = shared.client.subscribe(subject).await?;
    while let Some(message) = heard.next().await {
        let Ok(Exhausted { stream_seq }) = serde_json::from_slice(&message.payload) else {
            continue;
        };
        let stream = shared.jetstream.get_stream_no_info(JOBS_STREAM).await?;
        if let Ok(step) = stream.get_raw_message(stream_seq).await
            && let Some(job) = job_of(&step.subject)
        {
            stream.delete_message(stream_seq).await?;
            give_back(&shared, job);
        }
    }
    Ok(())
}

/// Removes what belongs to no step that is leased: of a node that died, or of a step made elsewhere.
async fn sweep(shared: Arc<Shared>) -> Result<(), Cause> {
    tokio::time::sleep(SWEEP).await;
    let objects = {
        let state = shared.state();
        state.objects.clone().filter(|_| state.since.is_some_and(|since| since.elapsed() > GRACE))
    };
    let Some(objects) = objects else { return Ok(()) };
    let is_left_over = |job: &JobId| !shared.state().leases.contains_key(job);
    let stream = shared.jetstream.get_stream(JOBS_STREAM).await?;
    let mut subjects = stream.info_with_subjects("farthing.jobs.>").await?;
    let mut queued = HashSet::new();
    while let Some((subject, _)) = subjects.try_next().await? {
        let Some(job) = job_of(&subject) else { continue };
        queued.insert(job);
        if is_left_over(&job) {
            shared.remove(subject).await;
        }
    }
    queue_missing(&shared, &queued).await?;
    sweep_objects(&objects, is_left_over).await?;
    let forgotten: Vec<Message> = {
        let mut state = shared.state();
        state.waiting.drain().map(|(_, message)| message).collect()
    };
    for message in forgotten {
        message.ack().await?;
    }
    Ok(())
}

/// Queues leased steps again that two sweeps found neither queued nor done: their messages are lost.
async fn queue_missing(shared: &Shared, queued: &HashSet<JobId>) -> Result<(), Cause> {
    let mut lost = Vec::new();
    let keys = {
        let mut state = shared.state();
        for (job, lease) in &mut state.leases {
            let missing = !queued.contains(job) && lease.since.elapsed() > SWEEP;
            if missing && lease.missing {
                lost.push((*job, lease.queue));
            }
            lease.missing = missing;
        }
        state.run.as_ref().map(|run| run.keys)
    };
    let Some(keys) = keys else { return Ok(()) };
    for (job, queue) in lost {
        warn!(%queue, "a leased step is neither queued nor done: it is queued again");
        shared.publish(queue, &keys, job).await?;
    }
    Ok(())
}

async fn sweep_objects(
    objects: &Objects,
    is_left_over: impl Fn(&JobId) -> bool,
) -> Result<(), Cause> {
    let mut names = Vec::new();
    let mut listed = objects.0.list().await?;
    while let Some(info) = listed.try_next().await? {
        let age = info.modified.map(|time| time.unix_timestamp());
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs();
        // An object may be there before its lease is known.
        let old = age.is_some_and(|age| {
            i64::try_from(now).is_ok_and(|now| now - age > GRACE.as_secs() as i64)
        });
        if old && job_of_object(&info.name).is_some_and(|job| is_left_over(&job)) {
            names.push(info.name);
        }
    }
    for name in names {
        objects.delete(&name).await;
    }
    Ok(())
}
