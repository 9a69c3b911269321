//! The answers to a group of submissions, each sent as soon as it is complete.

use std::collections::VecDeque;

use farthing_ledger::Admission;

use super::Rejection;
use super::command_group::Submission;
use crate::latency::{Latency, SequencerStep};

/// ReplyBuffer that come in any order; submissions are answered in theirs.
pub(super) struct ReplyBuffer {
    /// By the intent's index in the group; `None` while it is not known or not on disk.
    answers: VecDeque<Option<Result<Admission, Rejection>>>,
    /// The place of the first answer that has not been sent.
    sent: usize,
    waiting: VecDeque<Submission>,
}

impl ReplyBuffer {
    /// For submissions with `intents` intents in all.
    pub(super) fn new(submissions: Vec<Submission>, intents: usize) -> Self {
        Self {
            answers: std::iter::repeat_with(|| None).take(intents).collect(),
            sent: 0,
            waiting: submissions.into(),
        }
    }

    /// The answer to the intent of an index; it must be durable.
    pub(super) fn put(&mut self, index: usize, answer: Result<Admission, Rejection>) {
        let slot = index.checked_sub(self.sent).and_then(|index| self.answers.get_mut(index));
        if let Some(slot) = slot {
            *slot = Some(answer);
        }
    }

    /// ReplyBuffer the first submissions that are whole; whether there was one.
    pub(super) fn send(&mut self, latency: &Latency) -> bool {
        let mut any = false;
        while let Some(intents) = self.waiting.front().map(|submission| submission.intents) {
            if self.answers.range(..intents).any(Option::is_none) {
                break;
            }
            let Some(submission) = self.waiting.pop_front() else { break };
            let own = self.answers.drain(..intents).flatten().collect();
            self.sent += intents;
            // The caller may have gone.
            let _ = submission.reply.send(own);
            latency.note(SequencerStep::Answer, submission.since.elapsed());
            any = true;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use farthing_ledger::AdmitError;
    use farthing_protocol::AccountId;
    use tokio::sync::Semaphore;
    use tokio::sync::oneshot::{self, Receiver};

    use super::super::command::Admissions;
    use super::*;

    fn submission(intents: usize) -> (Submission, Receiver<Admissions>) {
        let (reply, answer) = oneshot::channel();
        let room = Arc::new(Semaphore::new(1)).try_acquire_owned();
        let room = room.unwrap_or_else(|_| unreachable!("one of one"));
        (Submission { since: Instant::now(), intents, reply, _room: room }, answer)
    }

    fn refused(account: u32) -> Rejection {
        AdmitError::UnknownAccount { account: AccountId::from(account) }.into()
    }

    #[test]
    fn who_is_whole_is_answered_and_who_is_not_waits() {
        let latency = Latency::default();
        let [(first, mut one), (second, mut two), (third, mut three)] = [2, 2, 0].map(submission);
        let mut answers = ReplyBuffer::new(vec![first, second, third], 4);
        answers.put(3, Err(refused(3)));
        answers.put(0, Err(refused(0)));
        assert!(!answers.send(&latency), "half of an answer");
        answers.put(1, Err(refused(1)));
        assert!(answers.send(&latency));
        let own = |answer: &mut Receiver<Admissions>| answer.try_recv().ok();
        assert_eq!(own(&mut one), Some(vec![Err(refused(0)), Err(refused(1))]));
        assert_eq!((own(&mut two), own(&mut three)), (None, None));
        answers.put(2, Err(refused(2)));
        assert!(answers.send(&latency));
        assert_eq!(own(&mut two), Some(vec![Err(refused(2)), Err(refused(3))]));
        assert_eq!(own(&mut three), Some(Vec::new()));
        assert!(!answers.send(&latency), "all have been answered");
    }
}
