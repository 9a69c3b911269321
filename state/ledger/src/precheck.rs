//! Checks of signer and signature, which need no running state: the first step of admission, which
//! can run in parallel with other work.

use std::collections::HashMap;

use farthing_protocol::{
    AccountId, BatchItem, Digest, ErrorCode, Felt, Intent, IntentId, MESSAGE_ELEMENTS, PublicKey,
    SignatureError, SignedIntent, VerifyingKey, challenges, find_invalid, verify_batch,
};
use rayon::prelude::*;
use thiserror::Error;

use crate::displaced::DropReason;
use crate::open_steps::OpenSteps;
use crate::records::Admission;
use crate::sealed::SealedState;
use crate::store::{IntentKey, StoreError};

/// Intents whose signatures are checked together: enough for buckets to pay off and for all cores
/// to get work.
const SIGNATURES_PER_CHECK: usize = 512;

/// An intent whose signature is right under the key of its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedIntent {
    pub(crate) signed: SignedIntent,
    pub(crate) key: PublicKey,
    pub(crate) id: IntentId,
    pub(crate) challenge: Digest,
}

impl CheckedIntent {
    /// The intent's name.
    pub const fn id(&self) -> IntentId {
        self.id
    }

    /// The intent.
    pub const fn intent(&self) -> &Intent {
        &self.signed.intent
    }
}

/// Result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are new; a box each would cost more")]
pub enum Checked {
    /// The same intent has been admitted before.
    Duplicate(Admission),
    /// A new intent, its signature right.
    Fresh(CheckedIntent),
}

/// Reasons to refuse an intent before admission; errors win in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CheckError {
    /// No account has this number.
    #[error("there is no account {account}")]
    UnknownAccount {
        /// The number given.
        account: AccountId,
    },
    /// It was acknowledged and cannot settle any more: it is never admitted again.
    #[error("the intent was dropped for good: {0}")]
    Dropped(DropReason),
    /// The signature is not right.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl CheckError {
    /// The code under which a client sees the error.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownAccount { .. } => ErrorCode::UnknownAccount,
            Self::Dropped(_) => ErrorCode::IntentDropped,
            Self::Signature(error) => error.code(),
        }
    }
}

/// An intent on its way through the check.
struct Candidate<'a> {
    index: usize,
    signed: &'a SignedIntent,
    key: PublicKey,
    message: [Felt; MESSAGE_ELEMENTS],
    id: IntentId,
}

/// Checks the signatures of many intents together. The answers are in the order of `intents`. A
/// repeat of an admitted intent is answered first, even with a wrong signature.
pub(crate) fn check(
    sealed: &SealedState,
    open: &OpenSteps,
    intents: &[SignedIntent],
) -> Result<Vec<Result<Checked, CheckError>>, StoreError> {
    let domain = sealed.domain();
    let mut answers: Vec<Option<Result<Checked, CheckError>>> = vec![None; intents.len()];
    let mut candidates = Vec::with_capacity(intents.len());
    for (index, signed) in intents.iter().enumerate() {
        let message = signed.intent.message();
        let id = Intent::id_of(&domain, &message);
        let Intent { account, nonce, .. } = signed.intent;
        answers[index] = match sealed.dropped(&id)? {
            Some(dropped) => Some(Err(CheckError::Dropped(dropped.reason))),
            None => {
                let record = open.admitted(sealed, IntentKey { account, nonce })?;
                let same = record.filter(|record| record.id == id);
                same.map(|record| Ok(Checked::Duplicate(Admission::known(&record))))
            }
        };
        if answers[index].is_none() {
            match open.key_of(sealed, account)? {
                Some(key) => candidates.push(Candidate { index, signed, key, message, id }),
                None => answers[index] = Some(Err(CheckError::UnknownAccount { account })),
            }
        }
    }
    let checked: Vec<(usize, Result<Checked, CheckError>)> = candidates
        .par_chunks(SIGNATURES_PER_CHECK.min(intents.len().div_ceil(2)).max(1))
        .flat_map_iter(|chunk| check_signatures(&domain, chunk))
        .collect();
    for (index, answer) in checked {
        answers[index] = Some(answer);
    }
    Ok(answers.into_iter().flatten().collect())
}

fn check_signatures(
    domain: &Digest,
    chunk: &[Candidate<'_>],
) -> Vec<(usize, Result<Checked, CheckError>)> {
    let mut keys: HashMap<PublicKey, Result<VerifyingKey, SignatureError>> = HashMap::new();
    for candidate in chunk {
        keys.entry(candidate.key)
            .or_insert_with(|| VerifyingKey::new(&candidate.key).map_err(SignatureError::from));
    }
    let mut answers = Vec::with_capacity(chunk.len());
    let mut items = Vec::with_capacity(chunk.len());
    let mut checkable = Vec::with_capacity(chunk.len());
    for candidate in chunk {
        match &keys[&candidate.key] {
            Err(error) => answers.push((candidate.index, Err((*error).into()))),
            Ok(key) => {
                items.push(BatchItem {
                    key,
                    message: &candidate.message,
                    signature: &candidate.signed.signature,
                });
                checkable.push(candidate);
            }
        }
    }
    let invalid = match verify_batch(domain, &items) {
        Ok(()) => Vec::new(),
        Err(_) => find_invalid(domain, &items),
    };
    let mut invalid = invalid.into_iter().peekable();
    let challenges = challenges(domain, &items);
    for (i, (candidate, challenge)) in checkable.into_iter().zip(challenges).enumerate() {
        let answer = match invalid.next_if(|(at, _)| *at == i) {
            Some((_, error)) => Err(error.into()),
            None => Ok(Checked::Fresh(CheckedIntent {
                signed: candidate.signed.clone(),
                key: candidate.key,
                id: candidate.id,
                challenge: Digest::new(challenge.elements()),
            })),
        };
        answers.push((candidate.index, answer));
    }
    answers
}
