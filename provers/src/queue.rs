//! The names of streams, subjects and consumers.

use std::fmt;

use async_nats::jetstream::consumer::AckPolicy;
use async_nats::jetstream::consumer::pull::Config as ConsumerConfig;
use async_nats::jetstream::stream::{Config as StreamConfig, DiscardPolicy, RetentionPolicy};
use farthing_aggregator::{JobId, ProofClaim, StepKind};
use farthing_protocol::{BatchClass, Bytes32};
use std::time::Duration;

/// The stream of steps that are wanted.
pub const JOBS_STREAM: &str = "FARTHING_JOBS";
/// The stream of steps that are done.
pub(crate) const DONE_STREAM: &str = "FARTHING_DONE";
/// The node's consumer of that stream.
pub(crate) const DONE_CONSUMER: &str = "node";
/// Subject of the messages of a stream of done steps.
pub(crate) const DONE_SUBJECT: &str = "farthing.done";
/// The bucket of witnesses and proofs, which are larger than a message may be.
pub(crate) const BUCKET: &str = "farthing-proofs";
/// Subject by which provers say that they are there.
pub(crate) const PRESENCE_SUBJECT: &str = "farthing.provers";
/// Subject by which the node says that there is work, so that provers need not ask often.
pub(crate) const WAKE_SUBJECT: &str = "farthing.wake";

/// Time without a sign of its prover after which a step goes to another.
pub(crate) const ACK_WAIT: Duration = Duration::from_secs(30);
/// Time between two signs of a prover at work: two may be lost.
pub(crate) const PROGRESS: Duration = Duration::from_secs(10);
/// Number of times that a step is given to provers. It then goes back to the node.
pub(crate) const DELIVERIES_MAX: i64 = 5;
/// Messages and objects that are this old are of no use: the node has long made the step itself.
pub(crate) const AGE_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Steps that take the same circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Queue {
    /// The kind of the steps.
    pub step: StepKind,
    /// The class of the batches, for leaves and wraps.
    pub class: Option<u8>,
}

impl Queue {
    /// The queue of a step.
    pub const fn of(claim: &ProofClaim) -> Self {
        Self { step: claim.kind(), class: claim.class() }
    }

    /// All queues of these classes, the last steps of a block first: they end what was begun.
    pub fn all(classes: &[BatchClass]) -> Vec<Self> {
        let mut queues = vec![
            Self { step: StepKind::Final, class: None },
            Self { step: StepKind::Join, class: None },
        ];
        for step in [StepKind::Wrap, StepKind::Leaf] {
            queues.extend(classes.iter().map(|class| Self { step, class: Some(class.id) }));
        }
        queues
    }

    /// Subject of a step: circuits, class, kind, step. A prover with other circuits never sees it.
    pub(crate) fn subject(&self, keys: &Bytes32, job: JobId) -> String {
        format!("farthing.jobs.{}.{}.{}", key_name(keys), self, job_name(job))
    }

    fn filter(&self, keys: &Bytes32) -> String {
        format!("farthing.jobs.{}.{}.*", key_name(keys), self)
    }

    /// Name of the consumer that all provers of this queue share.
    pub(crate) fn consumer_name(&self, keys: &Bytes32) -> String {
        format!("{}-{}", key_name(keys), self.to_string().replace('.', "-"))
    }

    pub(crate) fn consumer(&self, keys: &Bytes32) -> ConsumerConfig {
        let name = self.consumer_name(keys);
        ConsumerConfig {
            durable_name: Some(name),
            filter_subject: self.filter(keys),
            ack_policy: AckPolicy::Explicit,
            ack_wait: ACK_WAIT,
            max_deliver: DELIVERIES_MAX,
            ..ConsumerConfig::default()
        }
    }
}

/// Class, then kind: tokens of a subject.
impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = BatchClass::ALL.into_iter().find(|class| Some(class.id) == self.class);
        write!(f, "{}.{}", class.map_or("any", |class| class.name), self.step)
    }
}

/// The circuits, as a token of subjects: 64 bits of their hash.
pub(crate) fn key_name(keys: &Bytes32) -> String {
    hex::encode(&keys.0[..8])
}

pub(crate) fn job_name(job: JobId) -> String {
    hex::encode(job.0.0)
}

/// The step that a name, or the last token of a subject, is of.
pub(crate) fn job_of(name: &str) -> Option<JobId> {
    let token = name.rsplit('.').next()?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(token, &mut bytes).ok()?;
    Some(JobId(Bytes32(bytes)))
}

/// A step is in the stream at most once: a second message under its subject is refused.
pub(crate) fn jobs_stream(replicas: usize) -> StreamConfig {
    StreamConfig {
        name: JOBS_STREAM.to_owned(),
        subjects: vec!["farthing.jobs.>".to_owned()],
        retention: RetentionPolicy::WorkQueue,
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        discard_new_per_subject: true,
        max_age: AGE_MAX,
        num_replicas: replicas,
        ..StreamConfig::default()
    }
}

pub(crate) fn done_stream(replicas: usize) -> StreamConfig {
    StreamConfig {
        name: DONE_STREAM.to_owned(),
        subjects: vec![DONE_SUBJECT.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        max_age: AGE_MAX,
        num_replicas: replicas,
        ..StreamConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_name_circuits_class_kind_and_step() {
        let (keys, job) = (Bytes32([0xab; 32]), JobId(Bytes32([7; 32])));
        let queues = Queue::all(&[BatchClass::TINY, BatchClass::LARGE]);
        let shown: Vec<String> = queues.iter().map(ToString::to_string).collect();
        let expected = ["any.final", "any.join", "tiny.wrap", "16k.wrap", "tiny.leaf", "16k.leaf"];
        assert_eq!(shown, expected);
        let subject = queues[3].subject(&keys, job);
        assert_eq!(subject, format!("farthing.jobs.abababababababab.16k.wrap.{}", "07".repeat(32)));
        assert_eq!(job_of(&subject), Some(job));
        assert_eq!(queues[3].consumer_name(&keys), "abababababababab-16k-wrap");
        for not in ["", "farthing.jobs", &"0g".repeat(32), &"07".repeat(31)] {
            assert_eq!(job_of(not), None, "{not}");
        }
    }
}
