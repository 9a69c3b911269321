//! Rebuilding the open batch from the log.

use farthing_protocol::IntentWitness;

use crate::admission::{check_admission, load};
use crate::error::LedgerError;
use crate::open_steps::OpenSteps;
use crate::operator_steps::consume_entry;
use crate::precheck::CheckedIntent;
use crate::records::LogEntry;
use crate::rules::check_open_account;
use crate::seal::seal;
use crate::sealed::SealedState;
use crate::store::IntentKey;

/// Rebuilds the open batch from its log. If the log has two batches, the first was being sealed. It
/// is sealed now, because the second was filled on its state and nonces were refused because of it.
pub(crate) fn replay(sealed: &mut SealedState, steps: &mut OpenSteps) -> Result<(), LedgerError> {
    let mut batches = sealed.store().open_batches()?.into_iter().peekable();
    let mut entries = sealed.store().log()?.into_iter().peekable();
    while let Some((got, record)) = batches.next() {
        let expected = sealed.parent().next_batch;
        if got != expected {
            return Err(LedgerError::BadOpenBatch { expected, got });
        }
        steps.reopen(sealed, record)?;
        let end = batches.peek().map(|(_, next)| next.log_from);
        let own = |sequence: u64| end.is_none_or(|end| sequence < end);
        while let Some((stored, entry)) = entries.next_if(|(stored, _)| own(*stored)) {
            let sequence = steps.log_end();
            if stored != sequence || !replay_entry(sealed, steps, entry)? {
                return Err(LedgerError::BadLog { sequence });
            }
            steps.skip_entry();
        }
        if let Some(end) = end {
            if steps.log_end() != end {
                return Err(LedgerError::BadLog { sequence: steps.log_end() });
            }
            seal(sealed, steps)?;
        }
    }
    // Steps of no batch: an acknowledged one may be among them.
    match entries.next() {
        Some((sequence, _)) => Err(LedgerError::BadLog { sequence }),
        None => Ok(()),
    }
}

/// Adds an entry again; false if it does not fit.
fn replay_entry(
    sealed: &SealedState,
    steps: &mut OpenSteps,
    entry: LogEntry,
) -> Result<bool, LedgerError> {
    let view = sealed.view();
    match entry {
        LogEntry::Opened(opened) => {
            let open = steps.batch_mut()?;
            // A rebase may have given any number that was unused.
            let unused = (!open.running.has_account(&view, opened.id)?).then_some(opened.id);
            let existing = open.running.opened(&opened.identity);
            let opening = check_open_account(opened.identity, existing, unused);
            let Ok((again, effects)) = opening else { return Ok(false) };
            let fits = open.reserve(&open.usage(&effects)).is_ok();
            open.add_account(again, &effects);
            Ok(fits && again == opened)
        }
        LogEntry::Queue { entry, opens } => {
            let open = steps.batch_mut()?;
            if let Some(id) = opens
                && open.running.has_account(&view, id)?
            {
                return Ok(false);
            }
            let again = consume_entry(&view, open, &entry, opens)?;
            Ok(again.is_ok_and(|opened| opened.map(|o| o.id) == opens))
        }
        LogEntry::Intent(witness) => replay_intent(sealed, steps, witness),
    }
}

fn replay_intent(
    sealed: &SealedState,
    steps: &mut OpenSteps,
    witness: IntentWitness,
) -> Result<bool, LedgerError> {
    let intent = &witness.signed.intent;
    let checked = CheckedIntent {
        signed: witness.signed.clone(),
        key: witness.key,
        id: intent.id(&sealed.domain()),
        challenge: witness.challenge,
    };
    let key = IntentKey { account: intent.account, nonce: intent.nonce };
    let Some(record) = sealed.store().intent(key)? else { return Ok(false) };
    let deposited = steps.supply(sealed);
    let open = steps.batch_mut()?;
    load(sealed, open, intent)?;
    let unused = match witness.registers {
        Some(id) if !open.running.has_license(&sealed.view(), id)? => Some(id),
        _ => None,
    };
    if open.running.uses_nonce(key) {
        return Ok(false);
    }
    let admission = check_admission(open, open.timestamp, &checked, deposited, unused);
    let Ok(effects) = admission else { return Ok(false) };
    let fits = open.reserve(&open.usage(&effects)).is_ok();
    let same_number = effects.registered() == witness.registers;
    open.add_intent(witness, &effects);
    Ok(fits && same_number && record.id == checked.id)
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{Address, BatchClass, BatchNumber, Domain, OpenedAccount, UnixTime};
    use farthing_testkit::{identity, key};

    use super::*;
    use crate::genesis::Genesis;
    use crate::header::OpenRecord;
    use crate::ledger::Ledger;
    use crate::sealed::Durability;
    use crate::store::{Store, Writes};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    const CLASS: BatchClass = BatchClass::TINY;

    /// Opens a ledger on whose store, with one step of batch 0 in it, something else was written.
    fn open_with(change: impl FnOnce(&mut Writes) -> Result<(), LedgerError>) -> TestResult {
        let dir = tempfile::tempdir()?;
        let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
        let genesis = Genesis { domain, operator: identity(1) };
        let mut ledger = Ledger::create(dir.path(), genesis, CLASS, Durability::Buffered)?;
        let opened = ledger.open_account(UnixTime::MIN, identity(2))??;
        assert_eq!(u64::from(opened.id.get()), 1);
        drop(ledger);
        let store = Store::open(dir.path())?;
        let mut writes = Writes::default();
        change(&mut writes)?;
        store.commit(writes, false)?;
        drop(store);
        Ok(Ledger::open(dir.path(), CLASS, Durability::Buffered).map(drop)?)
    }

    fn fails(outcome: TestResult, expected: &str) {
        assert_eq!(outcome.err().map(|error| error.to_string()).as_deref(), Some(expected));
    }

    fn record(log_from: u64) -> OpenRecord {
        OpenRecord { class: CLASS.id, timestamp: UnixTime::MIN, log_from }
    }

    #[test]
    fn an_intent_is_in_the_log_once() -> TestResult {
        use farthing_protocol::{Amount, Bytes32, Fee, Nonce, Operation, Transfer};
        let dir = tempfile::tempdir()?;
        let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
        let genesis = Genesis { domain, operator: identity(1) };
        let mut ledger = Ledger::create(dir.path(), genesis, CLASS, Durability::Buffered)?;
        let to = ledger.open_account(UnixTime::MIN, identity(2))??.id;
        let (recipient, memo) = (identity(2).recipient(), Bytes32::default());
        let transfer = Transfer { to, amount: Amount::MIN, recipient, memo };
        let intent = farthing_protocol::Intent {
            account: to,
            nonce: Nonce::new(1)?,
            fee: Fee::MIN,
            valid_until: UnixTime::MAX,
            operation: Operation::Transfer(transfer),
        };
        let signed = intent.sign(&key(2), &ledger.domain_digest());
        let crate::precheck::Checked::Fresh(checked) = ledger.check(&[signed])?.remove(0)? else {
            return Err("a new intent is known".into());
        };
        ledger.admit(UnixTime::MIN, &[checked])?.remove(0)?;
        let log = ledger.sealed().store().log()?;
        let [_, (1, entry)] = &log[..] else { return Err("two entries".into()) };
        let mut writes = Writes::default();
        writes.log(2, entry)?;
        ledger.sealed().store().commit(writes, false)?;
        drop(ledger);
        let opened = Ledger::open(dir.path(), CLASS, Durability::Buffered);
        assert!(matches!(opened.err(), Some(LedgerError::BadLog { sequence: 2 })));
        Ok(())
    }

    #[test]
    fn a_store_of_another_version_is_refused() -> TestResult {
        let older = open_with(|writes| Ok(writes.protocol_version(1)?));
        fails(
            older,
            "the store is of protocol version 1, this program of version 2: use the program that wrote \
             it, or begin in an empty folder",
        );
        Ok(())
    }

    #[test]
    fn steps_that_belong_to_no_batch_are_not_passed_over() -> TestResult {
        open_with(|_| Ok(()))?;
        let number = BatchNumber::MIN;
        let orphans = open_with(|writes| {
            writes.forget_open(number, 0);
            Ok(())
        });
        fails(orphans, "entry 0 of the open batch's log does not replay");
        let late = open_with(|writes| Ok(writes.open(number, &record(1))?));
        fails(late, "entry 1 of the open batch's log does not replay");
        let gap = open_with(|writes| {
            let opened = OpenedAccount { id: 2.into(), identity: identity(3) };
            Ok(writes.log(2, &LogEntry::Opened(opened))?)
        });
        fails(gap, "entry 1 of the open batch's log does not replay");
        let short = open_with(|writes| Ok(writes.open(number.next(), &record(2))?));
        fails(short, "entry 1 of the open batch's log does not replay");
        let skipped = open_with(|writes| Ok(writes.open(number.next().next(), &record(1))?));
        fails(skipped, "the store holds steps of batch 2, expected 1");
        Ok(())
    }
}
