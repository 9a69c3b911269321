//! Earnings of licenses and accounts: a line for each batch, by period.

use std::collections::{BTreeMap, VecDeque};
use std::iter;

use farthing_protocol::{AccountId, BatchNumber, Holder, LicenseId, Nano, Shares, UnixTime};

use super::{PAGE_MAX, QueryService};
use crate::error::QueryError;
use crate::store::{AccountMovements, MovementKind, NodeStoreError, RoyaltySources, RoyaltySplit};

/// Entries of a page: a page ends with the line that reaches them. A line has one for each payer, up to
/// as many as a batch has intents.
const ENTRIES_MAX: usize = 10_000;

/// Lines of an account that are in memory at once.
const LINES_READ: usize = 16;

/// Batches by their time. Either end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first time.
    pub from: Option<UnixTime>,
    /// The time after the last one.
    pub to: Option<UnixTime>,
}

/// The lines that a query asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarningsRange {
    /// The first batch.
    pub start: BatchNumber,
    /// The period of the batches.
    pub period: Period,
    /// The most lines.
    pub limit: usize,
}

impl EarningsRange {
    /// All lines, as many as a page may have.
    pub const ALL: Self =
        Self { start: BatchNumber::MIN, period: Period { from: None, to: None }, limit: PAGE_MAX };
}

/// A page of earnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarningsPage<L> {
    /// The lines, ascending by batch.
    pub lines: Vec<L>,
    /// The start of the next page; `None` if this is the last.
    pub next: Option<BatchNumber>,
    /// Ranges of batches without lines, each from its first number up to, but without, its second.
    /// They were taken from L1, which does not say what each license received. Only ranges that the
    /// page covers.
    pub not_kept: Vec<(BatchNumber, BatchNumber)>,
}

/// The earnings of a license in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseEarningsLine {
    /// The batch.
    pub batch: BatchNumber,
    /// The time of the batch.
    pub time: UnixTime,
    /// The sum received and the part of each holder.
    pub split: RoyaltySplit,
    /// The sources of the sum received.
    pub sources: RoyaltySources,
}

/// The movements of an account in a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEarningsLine {
    /// The batch.
    pub batch: BatchNumber,
    /// The time of the batch.
    pub time: UnixTime,
    /// The movements and the balances around them.
    pub movements: AccountMovements,
    /// For each license of a royalty among the movements: the sum that it received in the batch, and
    /// the account's shares of it.
    pub royalties: BTreeMap<LicenseId, Royalty>,
}

/// The source of an account's part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Royalty {
    /// The sum that the license received in the batch.
    pub received: Nano,
    /// The account's shares of the license.
    pub shares: Shares,
}

/// Lines of a page while it is filled: batch and entries of each.
struct Lines<L> {
    lines: Vec<L>,
    entries: usize,
    next: Option<BatchNumber>,
}

impl<L> Lines<L> {
    const fn new() -> Self {
        Self { lines: Vec::new(), entries: 0, next: None }
    }

    /// Returns true if the page is full; `batch` then begins the next one.
    const fn is_full(&mut self, batch: BatchNumber, limit: usize) -> bool {
        if self.lines.len() < limit && self.entries < ENTRIES_MAX {
            return false;
        }
        self.next = Some(batch);
        true
    }

    fn push(&mut self, line: L, entries: usize) {
        self.lines.push(line);
        self.entries = self.entries.saturating_add(entries);
    }
}

impl QueryService {
    /// The earnings of a license.
    pub(crate) fn license_earnings(
        &self,
        license: LicenseId,
        range: EarningsRange,
    ) -> Result<EarningsPage<LicenseEarningsLine>, QueryError> {
        let (start, end, limit) = self.batches_of(&range)?;
        let mut page = Lines::new();
        for (batch, split) in self.store.license_lines(license, start, limit + 1)? {
            if batch >= end || page.is_full(batch, limit) {
                break;
            }
            let sources = self.store.royalty_sources(license, batch)?;
            let entries = sources.payers.len() + sources.derivatives.len() + split.parts.len();
            let time = self.time_of(batch)?;
            page.push(LicenseEarningsLine { batch, time, split, sources }, entries);
        }
        self.page(page, start, end)
    }

    /// The movements of an account.
    pub(crate) fn account_earnings(
        &self,
        account: AccountId,
        range: EarningsRange,
    ) -> Result<EarningsPage<AccountEarningsLine>, QueryError> {
        let (start, end, limit) = self.batches_of(&range)?;
        let (mut page, mut shares) = (Lines::new(), BTreeMap::new());
        let mut lines = self.account_lines(account, start);
        while let Some((batch, movements)) = lines.next().transpose()? {
            if batch >= end || page.is_full(batch, limit) {
                break;
            }
            let mut royalties = BTreeMap::new();
            for (kind, _) in &movements.movements {
                let MovementKind::Royalty(license) = *kind else { continue };
                let split = self.store.license_line(license, batch)?;
                let received = split.map_or(Nano::ZERO, |split| split.received);
                let shares = match shares.get(&license) {
                    Some(shares) => *shares,
                    None => {
                        let held = self.shares_of(account, license)?;
                        *shares.entry(license).or_insert(held)
                    }
                };
                royalties.insert(license, Royalty { received, shares });
            }
            let (time, entries) = (self.time_of(batch)?, movements.movements.len());
            page.push(AccountEarningsLine { batch, time, movements, royalties }, entries);
        }
        self.page(page, start, end)
    }

    /// An account's movements from batch `start` on, read a few batches at a time: each may have an entry
    /// for each intent of its batch.
    fn account_lines(
        &self,
        account: AccountId,
        start: BatchNumber,
    ) -> impl Iterator<Item = Result<(BatchNumber, AccountMovements), NodeStoreError>> {
        let (mut next, mut read) = (Some(start), VecDeque::new());
        iter::from_fn(move || {
            if read.is_empty()
                && let Some(from) = next
            {
                match self.store.account_lines(account, from, LINES_READ) {
                    Ok(lines) => read.extend(lines),
                    Err(error) => return Some(Err(error)),
                }
                let full = read.len() == LINES_READ;
                next = read.back().filter(|_| full).map(|(batch, _)| batch.next());
            }
            read.pop_front().map(Ok)
        })
    }

    /// The shares that an account holds of a license, which never change.
    fn shares_of(&self, account: AccountId, license: LicenseId) -> Result<Shares, QueryError> {
        let license = self.reader.license(license)?;
        let lines = license.as_ref().map_or(&[][..], |license| license.terms.shares.holders());
        let held = lines.iter().find(|line| line.holder == Holder::Account(account));
        Ok(held.map_or(Shares::ZERO, |line| line.shares))
    }

    /// The first batch of a query, the batch after its last one, and its limit.
    fn batches_of(
        &self,
        range: &EarningsRange,
    ) -> Result<(BatchNumber, BatchNumber, usize), QueryError> {
        let Period { from, to } = range.period;
        let from = from.map(|time| self.first_batch_at(time)).transpose()?;
        let end = to.map(|time| self.first_batch_at(time)).transpose()?;
        let start = range.start.max(from.unwrap_or(BatchNumber::MIN));
        Ok((start, end.unwrap_or(BatchNumber::MAX), range.limit.clamp(1, PAGE_MAX)))
    }

    /// The first batch of this time or a later one; if all are earlier, the next batch to be indexed.
    /// Times of batches never decrease.
    fn first_batch_at(&self, time: UnixTime) -> Result<BatchNumber, QueryError> {
        let (mut low, mut high) = (BatchNumber::MIN.get(), self.store.indexed()?.get());
        while low < high {
            let middle = low + (high - low) / 2;
            let number = BatchNumber::new(middle).unwrap_or(BatchNumber::MAX);
            if self.time_of(number)? < time {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(BatchNumber::new(low).unwrap_or(BatchNumber::MAX))
    }

    fn time_of(&self, batch: BatchNumber) -> Result<UnixTime, QueryError> {
        let summary = self.store.batch(batch)?.ok_or(NodeStoreError::NotIndexed(batch))?;
        Ok(summary.statement.header.timestamp)
    }

    fn page<L>(
        &self,
        Lines { lines, next, .. }: Lines<L>,
        start: BatchNumber,
        end: BatchNumber,
    ) -> Result<EarningsPage<L>, QueryError> {
        let end = next.unwrap_or(end);
        let taken = self.store.taken()?.into_iter();
        let not_kept = taken.filter(|(first, past)| *past > start && *first < end).collect();
        Ok(EarningsPage { lines, next, not_kept })
    }
}
