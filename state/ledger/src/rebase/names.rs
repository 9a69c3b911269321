//! Numbers of accounts and licenses that were taken back: which each gets again, and whether those that
//! an intent names belong to the same accounts and licenses as when it was admitted.

use std::collections::HashSet;

use farthing_protocol::{
    AccountId, Holder, Intent, IntentWitness, LicenseId, LicenseTerms, Operation,
};

use super::Rebasing;
use crate::admission::load;
use crate::error::LedgerError;
use crate::numbers::unused;
use crate::rules::{References, references};

/// Fate of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// The same as before.
    Hold,
    /// Unused; a step to come may give it to the account or license that had it.
    Missing,
    /// Another account or license has it.
    Changed,
}

/// The accounts and licenses that an intent names, its own account and a licensee included.
fn named_by(intent: &Intent) -> References {
    let mut named = references(&intent.operation);
    named.accounts.push(intent.account);
    if let Operation::UpdateLicense(update) = &intent.operation {
        named.accounts.extend(update.version.licensee.account());
    }
    named
}

/// Adds the accounts and licenses that a registration names.
fn add_registered(named: &mut References, license: &LicenseTerms) {
    named.accounts.push(license.licensor);
    for line in license.shares.holders() {
        match line.holder {
            Holder::Account(id) => named.accounts.push(id),
            Holder::License(id) => named.licenses.push(id),
        }
    }
}

impl Rebasing<'_> {
    /// The number for an account that had `before`: the same if it is unused, else the next that is
    /// and that no displaced account had.
    pub(super) fn account_again(
        &mut self,
        before: AccountId,
    ) -> Result<Option<AccountId>, LedgerError> {
        let base = self.sealed.view();
        let running = &self.open.batch_mut()?.running;
        if !running.has_account(&base, before)? {
            return Ok(Some(before));
        }
        let found: Result<_, LedgerError> = unused(running.next_account, 0, |number| {
            let id = AccountId::from(number);
            Ok(running.has_account(&base, id)? || base.store.displaced_account(id)?.is_some())
        });
        Ok(found?.map(AccountId::from))
    }

    /// The same for the license that a displaced intent registers, above its parents.
    pub(super) fn license_again(
        &mut self,
        witness: &IntentWitness,
    ) -> Result<Option<LicenseId>, LedgerError> {
        let Operation::RegisterLicense(register) = &witness.signed.intent.operation else {
            return Ok(None);
        };
        let base = self.sealed.view();
        let open = self.open.batch_mut()?;
        load(self.sealed, open, &witness.signed.intent)?;
        let running = &open.running;
        if let Some(before) = witness.registers
            && !running.has_license(&base, before)?
        {
            return Ok(Some(before));
        }
        let least = running.least_license(register.shares.parents().map(|(id, _)| id));
        let found: Result<_, LedgerError> = unused(running.next_license, least, |number| {
            let id = LicenseId::from(number);
            Ok(running.has_license(&base, id)? || base.store.displaced_license(id)?.is_some())
        });
        Ok(found?.map(LicenseId::from))
    }

    /// Compares everything that the intent names, and that the licenses among it name, with the time
    /// when the intent was admitted. Numbers given out before the batches taken back never change hands.
    pub(super) fn names_of(&self, intent: &Intent) -> Result<Names, LedgerError> {
        let mut named = named_by(intent);
        let mut seen = HashSet::new();
        let mut worst = Names::Hold;
        while let Some(id) = named.licenses.pop() {
            if !seen.insert(id) {
                continue;
            }
            let Some(before) = self.sealed.store().displaced_license(id)? else { continue };
            worst = worst.max(match self.open.license(self.sealed, id)? {
                None => Names::Missing,
                Some(license) if license.terms == before => Names::Hold,
                Some(_) => Names::Changed,
            });
            add_registered(&mut named, &before);
        }
        for id in named.accounts {
            let Some(before) = self.sealed.store().displaced_account(id)? else { continue };
            worst = worst.max(match self.open.account(self.sealed, id)? {
                None => Names::Missing,
                Some(account) if account.identity == before => Names::Hold,
                Some(_) => Names::Changed,
            });
        }
        Ok(worst)
    }
}
