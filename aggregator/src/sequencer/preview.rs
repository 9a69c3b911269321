//! The answer that an intent would get now.

use farthing_ledger::{Admission, CheckError, Checked, Ledger, LedgerError};
use farthing_protocol::{IntentId, SignedIntent};

use super::{AdmissionControl, AdmissionRules, Rejection};

/// The answer that an intent would get now. Nothing is reserved for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preview {
    /// It has been admitted before.
    Admitted(Admission),
    /// It is new, and would be admitted.
    New(IntentId),
}

/// Checks an intent as admission does, in the same order, and changes nothing.
pub(crate) fn preview(
    ledger: &Ledger,
    admission: &AdmissionControl,
    rules: &AdmissionRules,
    signed: SignedIntent,
) -> Result<Result<Preview, Rejection>, LedgerError> {
    let account = signed.intent.account;
    let checked = match ledger.check(&[signed])?.pop() {
        Some(Ok(Checked::Duplicate(admission))) => return Ok(Ok(Preview::Admitted(admission))),
        Some(Ok(Checked::Fresh(checked))) => checked,
        Some(Err(refused)) => return Ok(Err(refused.into())),
        None => return Ok(Err(CheckError::UnknownAccount { account }.into())),
    };
    if let Some(closed) = admission.closed() {
        return Ok(Err(closed.into()));
    }
    // As the sequencer has it: the clock may go back, the ledger's time does not.
    let now = admission.clock.now().max(ledger.timestamp());
    if let Err(refused) = rules.check(now, checked.intent()) {
        return Ok(Err(refused.into()));
    }
    let answer = ledger.preview(now, &checked)?;
    Ok(answer.map(|()| Preview::New(checked.id())).map_err(Rejection::from))
}
