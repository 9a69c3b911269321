//! Sending of one signed intent. Its id is printed before the command waits for anything, and when
//! the answer is lost.

use std::fmt::{Result as FmtResult, Write as _};
use std::time::Duration;

use farthing_client::dto::{DropReasonName, IntentAccepted, IntentStatus, WireIntentId};
use farthing_client::{Client, ClientError, ProblemCode, Signer};
use farthing_protocol::{SignedIntent, Stage};

use super::Signals;
use super::context::Context;
use crate::cli::WaitArgs;
use crate::error::CliError;

impl Context {
    /// Sends a signed intent, tells its id, and waits for it if asked to. A repeat is
    /// sent as the same bytes.
    pub(crate) async fn submit(
        &self,
        client: &Client,
        signer: &Signer,
        signed: &SignedIntent,
        idempotency_key: Option<&str>,
        wait: &WaitArgs,
    ) -> Result<(), CliError> {
        let id = WireIntentId::from(signed.intent.id(&signer.domain()));
        let valid_until = signed.intent.valid_until.get();
        let mut signals = Signals::new()?;
        let answer = tokio::select! {
            answer = client.submit_under(signed, idempotency_key) => answer,
            () = signals.any() => return Err(CliError::InterruptedSending { id, valid_until }),
        };
        let accepted = answer.map_err(|source| match is_answer(&source) {
            true => CliError::Client(source),
            false => CliError::Unanswered { id, valid_until, source },
        })?;
        self.print(&accepted, |out| write_accepted(out, &accepted))?;
        let Some(expected) = wait.wait else { return Ok(()) };
        let status = tokio::select! {
            status = wait_for(client, accepted.id, expected, wait.timeout) => status?,
            () = signals.any() => {
                return Err(CliError::InterruptedWaiting { id: accepted.id, expected });
            }
        };
        self.print(&status, |out| write_status(out, &status))
    }
}

/// Returns true if an error proves that the node did not accept the intent. A refusal does: an
/// intent that was accepted before is never refused. "Too busy" and "no connection" do not: of a
/// call that was repeated only the last error is known, and the answer to an earlier attempt may
/// have been lost.
fn is_answer(error: &ClientError) -> bool {
    error.problem().is_some_and(|problem| {
        !problem.code.is_retryable() && problem.code != ProblemCode::Internal
    })
}

/// Waits until an intent has reached a stage; an error if it has not in time.
pub(crate) async fn wait_for(
    client: &Client,
    id: WireIntentId,
    expected: Stage,
    seconds: u64,
) -> Result<IntentStatus, CliError> {
    let waited = client.wait(id.0, expected, Duration::from_secs(seconds)).await;
    let status = waited.map_err(|source| match source.problem() {
        Some(problem) if !problem.code.is_retryable() => CliError::Client(source),
        _ => CliError::WaitFailed { id, source },
    })?;
    match status.status {
        Stage::Dropped => {
            let reason = status.dropped.map_or("unknown", DropReasonName::as_str);
            Err(CliError::Dropped { id, reason })
        }
        got if got < expected => Err(CliError::Waited { id, expected, got, seconds }),
        _ => Ok(status),
    }
}

fn write_accepted(out: &mut String, accepted: &IntentAccepted) -> FmtResult {
    writeln!(out, "intent    {}", accepted.id)?;
    writeln!(out, "batch     {}", accepted.batch)?;
    if accepted.repeated {
        writeln!(out, "          accepted before: it is settled once")?;
    }
    if let Some(license) = accepted.registers {
        writeln!(out, "license   {license}")?;
    }
    Ok(())
}

/// An intent's status, for people.
pub(crate) fn write_status(out: &mut String, status: &IntentStatus) -> FmtResult {
    writeln!(out, "intent    {}", status.id)?;
    writeln!(out, "status    {}", status.status)?;
    writeln!(out, "account   {}, nonce {}", status.account, status.nonce)?;
    writeln!(out, "batch     {}", status.batch)?;
    if let Some(reason) = status.dropped {
        writeln!(out, "dropped   {}", reason.as_str())?;
    }
    if let Some(license) = status.registers {
        writeln!(out, "license   {license}")?;
    }
    if let Some(block) = status.block {
        writeln!(out, "block     {block}")?;
    }
    if let Some(l1) = &status.l1 {
        writeln!(out, "L1        transaction {} in block {}", l1.transaction, l1.block)?;
    }
    Ok(())
}
