//! Rebuilding the open batch from its log.

use farthing_protocol::BatchClass;

use crate::admission::{apply, check_admission};
use crate::check::CheckedIntent;
use crate::ledger::{Ledger, LedgerError};
use crate::steps::consume_entry;
use crate::store::IntentKey;
use crate::transition::check_open_account;
use crate::witness::{IntentWitness, LogEntry};

impl Ledger {
    /// Rebuilds the open batch from its log.
    pub(crate) fn replay(&mut self) -> Result<(), LedgerError> {
        let Some((class, timestamp)) = self.meta().open else { return Ok(()) };
        let class = BatchClass::from_id(class).unwrap_or(self.class());
        self.start(class, timestamp)?;
        for (sequence, (stored, entry)) in (0..).zip(self.store().log()?) {
            if stored != sequence || !self.replay_entry(entry)? {
                return Err(LedgerError::BadLog { sequence });
            }
            self.replayed();
        }
        Ok(())
    }

    /// Whether the entry went in again.
    fn replay_entry(&mut self, entry: LogEntry) -> Result<bool, LedgerError> {
        match entry {
            LogEntry::Opened(opened) => {
                let open = self.open_batch()?;
                let step = check_open_account(&open.running, None, opened.identity);
                let Ok((again, footprint)) = step else { return Ok(false) };
                let fits = open.reserve(&footprint).is_ok();
                open.running.open(opened);
                open.contents.opened.push(opened);
                Ok(fits && again == opened)
            }
            LogEntry::Queue { entry, opens } => {
                let (store, open) = self.store_and_open()?;
                let again = consume_entry(store, open, &entry)?;
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
        let deposited = self.supply();
        let open = self.open_batch()?;
        let step = check_admission(open, open.timestamp, &checked, deposited);
        let Ok((registers, footprint)) = step else { return Ok(false) };
        let fits = open.reserve(&footprint).is_ok();
        apply(open, witness);
        Ok(fits && registers == witness.registers && record.id == checked.id)
    }
}
