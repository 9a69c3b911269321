//! Rebuilding the open batch from the log.

use farthing_protocol::{BatchClass, BatchNumber};

use crate::admission::check_admission;
use crate::check::CheckedIntent;
use crate::ledger::{Ledger, LedgerError};
use crate::meta::OpenRecord;
use crate::rules::check_open_account;
use crate::steps::consume_entry;
use crate::store::IntentKey;
use crate::witness::{IntentWitness, LogEntry};

impl Ledger {
    /// Rebuilds the open batch from its log. If there are two, the first was being sealed: it is
    /// sealed now, because the second was filled on what it leaves, and nonces were refused as
    /// settled by it.
    pub(crate) fn replay(&mut self) -> Result<(), LedgerError> {
        let mut batches = self.store().open_batches()?.into_iter().peekable();
        let mut entries = self.store().log()?.into_iter().peekable();
        while let Some((number, record)) = batches.next() {
            self.reopen(number, record)?;
            let end = batches.peek().map(|(_, next)| next.log_from);
            let own = |sequence: u64| end.is_none_or(|end| sequence < end);
            while let Some((stored, entry)) = entries.next_if(|(stored, _)| own(*stored)) {
                let sequence = self.log_mut().end;
                if stored != sequence || !self.replay_entry(entry)? {
                    return Err(LedgerError::BadLog { sequence });
                }
                self.log_mut().end += 1;
            }
            if let Some(end) = end {
                if self.log_mut().end != end {
                    return Err(LedgerError::BadLog { sequence: self.log_mut().end });
                }
                self.seal()?;
            }
        }
        // Steps of no batch: an acknowledged one may be among them.
        match entries.next() {
            Some((sequence, _)) => Err(LedgerError::BadLog { sequence }),
            None => Ok(()),
        }
    }

    fn reopen(&mut self, got: BatchNumber, record: OpenRecord) -> Result<(), LedgerError> {
        let expected = self.next_batch();
        if got != expected {
            return Err(LedgerError::BadOpenBatch { expected, got });
        }
        *self.log_mut() = record.log_from..record.log_from;
        let class = BatchClass::from_id(record.class).unwrap_or(self.class());
        self.start(class, record.timestamp)
    }

    /// Adds an entry again; false if it does not fit.
    fn replay_entry(&mut self, entry: LogEntry) -> Result<bool, LedgerError> {
        match entry {
            LogEntry::Opened(opened) => {
                let (base, open) = self.base_and_open()?;
                // A rebase may have given any number that was unused.
                let unused = (!open.running.has_account(&base, opened.id)?).then_some(opened.id);
                let existing = open.running.opened(&opened.identity);
                let step = check_open_account(opened.identity, existing, unused);
                let Ok((again, effects)) = step else { return Ok(false) };
                let fits = open.reserve(&open.usage(&effects)).is_ok();
                open.add_account(again, &effects);
                Ok(fits && again == opened)
            }
            LogEntry::Queue { entry, opens } => {
                let (base, open) = self.base_and_open()?;
                if let Some(id) = opens
                    && open.running.has_account(&base, id)?
                {
                    return Ok(false);
                }
                let again = consume_entry(&base, open, &entry, opens)?;
                Ok(again.is_ok_and(|opened| opened.map(|o| o.id) == opens))
            }
            LogEntry::Intent(witness) => self.replay_intent(&witness),
        }
    }

    fn replay_intent(&mut self, witness: &IntentWitness) -> Result<bool, LedgerError> {
        let intent = &witness.signed.intent;
        let checked = CheckedIntent {
            signed: witness.signed.clone(),
            key: witness.key,
            id: intent.id(&self.domain_digest()),
            challenge: witness.challenge,
        };
        let key = IntentKey { account: intent.account, nonce: intent.nonce };
        let Some(record) = self.store().intent(key)? else { return Ok(false) };
        self.load(intent)?;
        let (base, open) = self.base_and_open()?;
        let unused = match witness.registers {
            Some(id) if !open.running.has_license(&base, id)? => Some(id),
            _ => None,
        };
        let deposited = self.supply();
        let open = self.open_batch()?;
        if open.running.uses_nonce(key) {
            return Ok(false);
        }
        let step = check_admission(open, open.timestamp, &checked, deposited, unused);
        let Ok(effects) = step else { return Ok(false) };
        let fits = open.reserve(&open.usage(&effects)).is_ok();
        open.add_intent(witness.clone(), &effects);
        let same_number = effects.registered() == witness.registers;
        Ok(fits && same_number && record.id == checked.id)
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{Address, Domain, OpenedAccount, UnixTime};
    use farthing_testkit::{identity, key};

    use super::*;
    use crate::genesis::Genesis;
    use crate::ledger::Durability;
    use crate::store::{Store, Writes};

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    const CLASS: BatchClass = BatchClass::TINY;

    /// Opens a ledger on whose store, with one step of batch 0 in it, something else was written.
    fn open_with(change: impl FnOnce(&mut Writes) -> Result<(), LedgerError>) -> Outcome {
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

    fn fails(outcome: Outcome, expected: &str) {
        assert_eq!(outcome.err().map(|error| error.to_string()).as_deref(), Some(expected));
    }

    fn record(log_from: u64) -> OpenRecord {
        OpenRecord { class: CLASS.id, timestamp: UnixTime::MIN, log_from }
    }

    #[test]
    fn an_intent_is_in_the_log_once() -> Outcome {
        use farthing_protocol::{Amount, Bytes32, Fee, Nonce, Operation, Transfer};
        let dir = tempfile::tempdir()?;
        let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
        let genesis = Genesis { domain, operator: identity(1) };
        let mut ledger = Ledger::create(dir.path(), genesis, CLASS, Durability::Buffered)?;
        let to = ledger.open_account(UnixTime::MIN, identity(2))??.id;
        let transfer = Transfer { to, amount: Amount::MIN, memo: Bytes32::default() };
        let intent = farthing_protocol::Intent {
            account: to,
            nonce: Nonce::new(1)?,
            fee: Fee::MIN,
            valid_until: UnixTime::MAX,
            operation: Operation::Transfer(transfer),
        };
        let signed = intent.sign(&key(2), &ledger.domain_digest());
        let crate::check::Checked::New(checked) = ledger.check(&[signed])?.remove(0)? else {
            return Err("a new intent is known".into());
        };
        ledger.admit(UnixTime::MIN, &[checked])?.remove(0)?;
        let log = ledger.store().log()?;
        let [_, (1, entry)] = &log[..] else { return Err("two entries".into()) };
        let mut writes = Writes::default();
        writes.log(2, entry)?;
        ledger.store().commit(writes, false)?;
        drop(ledger);
        let opened = Ledger::open(dir.path(), CLASS, Durability::Buffered);
        assert!(matches!(opened.err(), Some(LedgerError::BadLog { sequence: 2 })));
        Ok(())
    }

    #[test]
    fn steps_that_belong_to_no_batch_are_not_passed_over() -> Outcome {
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
