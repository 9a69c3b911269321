//! Tables of the state, from a sealed batch to traces.

pub(crate) mod accounts;
pub(crate) mod licenses;
pub(crate) mod merkle;
pub(crate) mod public_data;
pub(crate) mod queue;
pub(crate) mod registrations;
pub(crate) mod royalty_split;
pub(crate) mod withdrawals;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use tracing::instrument;

use farthing_protocol::{
    AccountChange, AccountId, BatchWitness, Digest, Holder, HolderShares, IntentWitness,
    LicenseChange, LicenseId, LicenseState, NANO_PER_BASE_UNIT, Operation, QueueEntry,
    QueueOutcome, ShareTable, Shares, ShortDigest,
};

use crate::class::LeafClass;
use crate::tables::LeafTable;
use crate::tables::traces::{TraceError, Traces};

use self::accounts::{AccountLookups, AccountTable};
use self::licenses::{LicenseRow, LicenseTable};
use self::merkle::MerkleTable;
use self::public_data::PublicDataTable;
use self::queue::{QueueRow, QueueTable};
use self::registrations::{Parent, Registration, RegistrationTable, Update, record_limbs};
use self::royalty_split::{SplitGroup, SplitTable, divide, kind_and_id};
use self::withdrawals::{WithdrawalRow, WithdrawalTable};

/// A witness, indexed.
struct Batch<'a> {
    witness: &'a BatchWitness,
    accounts: HashMap<AccountId, &'a AccountChange>,
    licenses: HashMap<LicenseId, &'a LicenseChange>,
    /// Accounts that a forced exit empties.
    exiting: HashSet<AccountId>,
}

/// Builds the tables of the state.
pub(crate) fn state_traces(
    class: &LeafClass,
    witness: &BatchWitness,
) -> Result<Traces, TraceError> {
    state_traces_with_splits(class, witness, |_| ())
}

/// The same for a prover who may override the splits that the share tables give.
#[instrument(name = "state traces", skip_all)]
pub(crate) fn state_traces_with_splits(
    class: &LeafClass,
    witness: &BatchWitness,
    override_splits: impl FnOnce(&mut [SplitGroup<'_>]),
) -> Result<Traces, TraceError> {
    let batch = Batch::new(witness);
    let mut traces = Traces::default();
    let mut position = 0;
    let mut lookups = AccountLookups::default();

    let entries = batch.queue_rows(&mut lookups)?;
    let log_height =
        fits::<QueueTable>(class, "queue entries and opened accounts", entries.len() + 1)?;
    let queue_from = witness.statement.header.queue_from.get();
    traces.put::<QueueTable>(queue::trace(&entries, queue_from, &mut position, log_height));

    let taken = batch.withdrawal_rows(&mut lookups)?;
    let log_height = fits::<WithdrawalTable>(class, "withdrawals", taken.len() + 1)?;
    traces.put::<WithdrawalTable>(withdrawals::trace(&taken, &mut position, log_height));

    batch.count_holder_lookups(&mut lookups);
    batch.sum_named(&mut lookups);
    let changes = &witness.accounts;
    let log_height = fits::<AccountTable>(class, "accounts", changes.len() + 1)?;
    let trace = accounts::trace(changes, &lookups, &mut position, log_height, &mut traces.requests);
    traces.put::<AccountTable>(trace);

    let registered = batch.registrations()?;
    let updates = batch.updates();
    let rows: usize = registered.iter().map(|registration| 1 + registration.parents.len()).sum();
    let rows = rows + updates.len() + 1;
    let log_height = fits::<RegistrationTable>(class, "registrations, parents and updates", rows)?;
    let mut groups = batch.split_groups(&registered, position);
    override_splits(&mut groups);
    let requests = &mut traces.requests;
    let trace = registrations::trace(&registered, &updates, &mut position, log_height, requests);
    traces.put::<RegistrationTable>(trace);

    let rows = groups.iter().map(|group| group.lines.len()).sum();
    let log_height = fits::<SplitTable>(class, "holders", rows)?;
    let (trace, share_tables) = royalty_split::trace(&groups, log_height, &mut traces.requests);
    traces.put::<SplitTable>(trace);

    let log_height = fits::<LicenseTable>(class, "licenses", witness.licenses.len() + 1)?;
    let rows = batch.license_rows(&registered, &updates, &share_tables)?;
    let trace = licenses::trace(&rows, &mut position, log_height, &mut traces.requests);
    traces.put::<LicenseTable>(trace);

    let nodes = witness.account_nodes.len() + witness.license_nodes.len();
    let log_height = fits::<MerkleTable>(class, "nodes", nodes + merkle::ROOT_ROWS as usize)?;
    let trace = merkle::trace(witness, log_height, &mut traces.requests);
    traces.put::<MerkleTable>(trace);

    let limbs = witness.public_data.limbs();
    let rows = limbs.len().div_ceil(public_data::LIMBS_PER_ROW);
    let log_height = fits::<PublicDataTable>(class, "limbs", rows)?;
    let challenge = witness.statement.challenge;
    let trace = public_data::trace(limbs, challenge, log_height, &mut traces.requests);
    traces.put::<PublicDataTable>(trace);
    Ok(traces)
}

/// log₂ of the height of a table that `got` rows fit into.
fn fits<T: LeafTable>(
    class: &LeafClass,
    table: &'static str,
    got: usize,
) -> Result<usize, TraceError> {
    let log_height = T::log_height(class);
    let most = 1 << log_height;
    if got > most { Err(TraceError::State { table, most, got }) } else { Ok(log_height) }
}

impl<'a> Batch<'a> {
    fn new(witness: &'a BatchWitness) -> Self {
        let exits = witness.queue.iter().filter_map(|(entry, outcome)| match (entry, outcome) {
            (QueueEntry::ForcedExit(exit), QueueOutcome::Exits) => Some(exit.account),
            _ => None,
        });
        Self {
            witness,
            accounts: witness.accounts.iter().map(|change| (change.id, change)).collect(),
            licenses: witness.licenses.iter().map(|change| (change.id, change)).collect(),
            exiting: exits.collect(),
        }
    }

    fn account(&self, id: AccountId) -> Result<&'a AccountChange, TraceError> {
        let missing = TraceError::Untouched { what: "account", id: id.get() };
        self.accounts.get(&id).copied().ok_or(missing)
    }

    fn license(&self, id: LicenseId) -> Result<&'a LicenseChange, TraceError> {
        let missing = TraceError::Untouched { what: "license", id: id.get() };
        self.licenses.get(&id).copied().ok_or(missing)
    }

    fn queue_rows(&self, lookups: &mut AccountLookups) -> Result<Vec<QueueRow>, TraceError> {
        let mut swept = HashSet::new();
        let mut rows = Vec::new();
        for (entry, outcome) in &self.witness.queue {
            rows.push(match entry {
                QueueEntry::Deposit(deposit) => {
                    let mut old_balance = 0;
                    if let QueueOutcome::Credited(id) | QueueOutcome::RefusedByBalance(id) = outcome
                    {
                        *lookups.identity.entry(id.get()).or_default() += 1;
                        old_balance = self.account(*id)?.old.map_or(0, |old| old.balance.get());
                    }
                    QueueRow::Deposit { deposit: *deposit, outcome: *outcome, old_balance }
                }
                QueueEntry::ForcedExit(exit) => {
                    *lookups.owner.entry(exit.account.get()).or_default() += 1;
                    let effect = *outcome == QueueOutcome::Exits;
                    QueueRow::Exit {
                        exit: *exit,
                        effect,
                        sweeps: effect && swept.insert(exit.account),
                        owner: self.account(exit.account)?.identity.map(|i| i.owner),
                        exiting: self.exiting.contains(&exit.account),
                    }
                }
            });
        }
        rows.extend(self.witness.opened.iter().map(|opened| QueueRow::Opened(*opened)));
        Ok(rows)
    }

    /// By account and nonce, an exit behind its account's intents: the order of the witness.
    fn withdrawal_rows(
        &self,
        lookups: &mut AccountLookups,
    ) -> Result<Vec<WithdrawalRow>, TraceError> {
        let intents = self.witness.intents.iter().map(|witness| &witness.signed.intent);
        let intents = intents
            .filter(|intent| matches!(intent.operation, Operation::Withdraw(_)))
            .map(|intent| (intent.account, Some(intent.nonce.get())));
        let exits = self.exiting.iter().map(|id| (*id, None));
        let mut sources: Vec<(AccountId, Option<u64>)> = intents.chain(exits).collect();
        sources.sort_by_key(|(account, nonce)| (*account, nonce.is_none(), *nonce));
        let mut rows = Vec::with_capacity(sources.len());
        for ((id, nonce), withdrawal) in sources.into_iter().zip(&self.witness.withdrawals) {
            let amount = withdrawal.base_units * NANO_PER_BASE_UNIT;
            let mut kept = 0;
            if nonce.is_none() {
                kept = self.account(id)?.new.map_or(0, |new| new.balance.get());
                lookups.swept.insert(id.get(), amount);
            }
            *lookups.owner.entry(id.get()).or_default() += 1;
            rows.push(WithdrawalRow {
                account: id.get(),
                nonce,
                amount,
                kept,
                exiting: self.exiting.contains(&id),
                owner: withdrawal.owner,
            });
        }
        Ok(rows)
    }

    fn count_holder_lookups(&self, lookups: &mut AccountLookups) {
        let registered = self.witness.licenses.iter().filter(|change| change.old.is_none());
        let licensors = registered.map(|change| Holder::Account(change.terms.licensor));
        for holder in self.holders().chain(licensors) {
            if let Holder::Account(id) = holder {
                *lookups.holder.entry(id.get()).or_default() += 1;
            }
        }
    }

    /// Credits of transfers, which the accounts take up under their identities.
    fn sum_named(&self, lookups: &mut AccountLookups) {
        for witness in &self.witness.intents {
            if let Operation::Transfer(transfer) = &witness.signed.intent.operation {
                *lookups.named.entry(transfer.to.get()).or_default() += transfer.amount.get();
            }
        }
    }

    /// The name of a touched account or license in signed messages.
    fn recipient(&self, holder: Holder) -> Option<ShortDigest> {
        match holder {
            Holder::Account(id) => Some(self.accounts.get(&id)?.identity?.recipient()),
            Holder::License(id) => Some(self.licenses.get(&id)?.terms.recipient()),
        }
    }

    fn holders(&self) -> impl Iterator<Item = Holder> {
        let tables = self.witness.licenses.iter().map(|change| &change.terms.shares);
        tables.flat_map(|shares| shares.holders().iter().map(|line| line.holder))
    }

    fn registrations(&self) -> Result<Vec<Registration<'a>>, TraceError> {
        let registered = |witness: &'a IntentWitness| {
            let nonce = witness.signed.intent.nonce.get();
            Some((witness.registers?, nonce))
        };
        let mut registered: Vec<_> = self.witness.intents.iter().filter_map(registered).collect();
        registered.sort_unstable();
        registered.into_iter().map(|(id, nonce)| self.registration(id, nonce)).collect()
    }

    fn registration(&self, id: LicenseId, nonce: u64) -> Result<Registration<'a>, TraceError> {
        let LicenseChange { terms, new: LicenseState { version, .. }, .. } = self.license(id)?;
        let parent = |(parent, shares): (LicenseId, Shares)| {
            let change = self.license(parent)?;
            let version = change.old.unwrap_or(change.new).version;
            let (license, shares) = (parent.get(), shares.get());
            Ok(Parent { license, shares, terms: &change.terms, version })
        };
        let parents = terms.shares.parents().map(parent).collect::<Result<_, TraceError>>()?;
        let licensor = Holder::Account(terms.licensor);
        let missing = TraceError::Untouched { what: "account", id: terms.licensor.get() };
        let licensor = self.recipient(licensor).ok_or(missing)?;
        let chain = terms.shares.holder_chain(|holder| self.recipient(holder)).unwrap_or_default();
        let license = id.get();
        Ok(Registration { license, nonce, terms, version: *version, licensor, chain, parents })
    }

    /// By license.
    fn updates(&self) -> Vec<Update<'a>> {
        let update = |witness: &'a IntentWitness| {
            let intent = &witness.signed.intent;
            let Operation::UpdateLicense(operation) = &intent.operation else { return None };
            let (licensor, nonce) = (intent.account.get(), intent.nonce.get());
            Some(Update { licensor, nonce, operation })
        };
        let mut updates: Vec<_> = self.witness.intents.iter().filter_map(update).collect();
        updates.sort_by_key(|update| update.operation.license);
        updates
    }

    fn recipients(&self, shares: &ShareTable) -> Vec<ShortDigest> {
        let recipient = |line: &HolderShares| self.recipient(line.holder).unwrap_or_default();
        shares.holders().iter().map(recipient).collect()
    }

    /// The splits, with the place of new licenses' lines if their section starts at `position`.
    fn split_groups(&self, registered: &[Registration<'_>], position: u64) -> Vec<SplitGroup<'a>> {
        let mut places = HashMap::new();
        let mut start = position;
        for registration in registered {
            places.insert(registration.license, start + registrations::RECORD_LIMBS);
            start += record_limbs(registration.terms);
        }
        let group = |change: &'a LicenseChange| SplitGroup {
            license: change.id.get(),
            lines: Cow::Borrowed(change.terms.shares.holders()),
            recipients: self.recipients(&change.terms.shares),
            total: change.old.map_or(0, |old| old.vault.get()) + change.received.get(),
            position: places.get(&change.id.get()).copied(),
        };
        self.witness.licenses.iter().map(group).collect()
    }

    fn license_rows(
        &self,
        registered: &[Registration<'_>],
        updates: &[Update<'_>],
        share_tables: &[Digest],
    ) -> Result<Vec<LicenseRow<'a>>, TraceError> {
        let mut uses: HashMap<u32, u64> = HashMap::new();
        for witness in &self.witness.intents {
            if let Operation::Pay(pay) = &witness.signed.intent.operation {
                *uses.entry(pay.license.get()).or_default() += u64::from(pay.uses.get());
            }
        }
        let mut derived: HashMap<u64, u64> = HashMap::new();
        let mut holder_lookups: HashMap<u64, u64> = HashMap::new();
        for change in &self.witness.licenses {
            let total = change.old.map_or(0, |old| old.vault.get()) + change.received.get();
            for line in change.terms.shares.holders() {
                if let (1, id) = kind_and_id(line.holder) {
                    *derived.entry(id).or_default() += divide(total, line.shares.get()).0;
                    *holder_lookups.entry(id).or_default() += 1;
                }
            }
        }
        let mut standing_lookups: HashMap<u32, u64> = HashMap::new();
        for parent in registered.iter().flat_map(|registration| &registration.parents) {
            *standing_lookups.entry(parent.license).or_default() += 1;
        }
        let updated: HashSet<LicenseId> =
            updates.iter().map(|update| update.operation.license).collect();
        let row = |(change, share_table): (&'a LicenseChange, &Digest)| {
            let id = change.id.get();
            let count = |counts: &HashMap<u64, u64>| counts.get(&id.into()).copied().unwrap_or(0);
            LicenseRow {
                change,
                uses: uses.get(&id).copied().unwrap_or(0),
                derived: count(&derived),
                standing_lookups: standing_lookups.get(&id).copied().unwrap_or(0),
                holder_lookups: count(&holder_lookups),
                share_table: *share_table,
                updated: updated.contains(&change.id),
            }
        };
        Ok(self.witness.licenses.iter().zip(share_tables).map(row).collect())
    }
}
