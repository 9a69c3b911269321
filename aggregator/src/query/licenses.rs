//! Licenses: terms, statements, and what a payment would give to whom.

use std::collections::BTreeMap;

use farthing_ledger::{Ledger, LedgerError};
use farthing_protocol::{
    AccountId, Amount, BatchNumber, Holder, License, LicenseId, LicenseState, LicenseTerms, Nano,
    ShortDigest, Uses,
};

use super::{PAGE_MAX, QueryService};
use crate::error::{QueryError, QuoteError};
use crate::store::RoyaltySplit;

/// A license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseView {
    /// Its number.
    pub id: LicenseId,
    /// The terms that were registered.
    pub terms: LicenseTerms,
    /// As the last batch left it; `None` if the open batch registers it.
    pub settled: Option<LicenseState>,
    /// True if a batch that is final on L1 registered it: its number cannot change any more.
    pub finalized: bool,
}

/// A page of a license's earnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseEarningsPage {
    /// The split of each batch that touched the license, ascending.
    pub lines: Vec<(BatchNumber, RoyaltySplit)>,
    /// The start of the next page; `None` if this is the last.
    pub next: Option<BatchNumber>,
    /// Batches that were taken from L1, which does not say what each license received: of those
    /// there are no lines. From the first on, below the second, as far as the page goes.
    pub not_kept: Vec<(BatchNumber, BatchNumber)>,
}

/// The shares of a payment, if nothing else were paid in its batch: several payments of
/// one license are split together, which moves roundings of less than a nano each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The license paid.
    pub license: LicenseId,
    /// The number of uses.
    pub uses: Uses,
    /// The price times the uses: what a payment must be of.
    pub amount: Amount,
    /// The license as a payment names it.
    pub recipient: ShortDigest,
    /// The split of the license and of each ancestor, the license first.
    pub lines: Vec<(LicenseId, RoyaltySplit)>,
    /// The sum of each account over all lines, ascending.
    pub credits: Vec<(AccountId, Nano)>,
}

impl QueryService {
    pub(crate) async fn license(&self, id: LicenseId) -> Result<Option<LicenseView>, QueryError> {
        let read = move |ledger: &Ledger| {
            let Some(license) = ledger.pending_license(id)? else { return Ok(None) };
            let settled = ledger.license(id)?.map(|license| license.state);
            Ok(Some(LicenseView { id, terms: license.terms, settled, finalized: false }))
        };
        Ok(self.sequencer.read(read).await??)
    }

    /// Says of a license that was read before whether it is final.
    pub(crate) fn license_with_finality(
        &self,
        view: LicenseView,
    ) -> Result<LicenseView, QueryError> {
        let finalized = view.settled.is_some() && self.finality()?.of_license(view.id);
        Ok(LicenseView { finalized, ..view })
    }

    /// Settled licenses from `from` on, ascending, at most `limit`.
    pub(crate) fn licenses(
        &self,
        from: LicenseId,
        limit: usize,
    ) -> Result<Vec<LicenseView>, QueryError> {
        let licenses = self.reader.licenses(from, limit.min(PAGE_MAX))?;
        let finality = self.finality()?;
        let view = |(id, license): (LicenseId, License)| LicenseView {
            id,
            terms: license.terms,
            settled: Some(license.state),
            finalized: finality.of_license(id),
        };
        Ok(licenses.into_iter().map(view).collect())
    }

    /// The earnings of a license, from batch `from` on.
    pub(crate) fn license_earnings(
        &self,
        license: LicenseId,
        from: BatchNumber,
        limit: usize,
    ) -> Result<LicenseEarningsPage, QueryError> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut lines = self.store.license_lines(license, from, limit + 1)?;
        let next = lines.get(limit).map(|(batch, _)| *batch);
        lines.truncate(limit);
        let end = next.unwrap_or(BatchNumber::MAX);
        let taken = self.store.taken()?.into_iter();
        let not_kept = taken.filter(|(first, past)| *past > from && *first < end).collect();
        Ok(LicenseEarningsPage { lines, next, not_kept })
    }

    pub(crate) async fn quote(&self, license: LicenseId, uses: Uses) -> Result<Quote, QuoteError> {
        let answer = self.sequencer.read(move |ledger| quote(ledger, license, uses)).await;
        answer.map_err(QueryError::from)?.map_err(QueryError::from)?
    }
}

fn quote(
    ledger: &Ledger,
    license: LicenseId,
    uses: Uses,
) -> Result<Result<Quote, QuoteError>, LedgerError> {
    let Some(paid) = ledger.pending_license(license)? else {
        return Ok(Err(QuoteError::UnknownLicense(license)));
    };
    let amount = match paid.terms.price.times(uses) {
        Ok(amount) => amount,
        Err(too_much) => return Ok(Err(too_much.into())),
    };
    let recipient = paid.terms.recipient();
    let mut received = BTreeMap::from([(license, Nano::from(amount))]);
    let mut lines = Vec::new();
    let mut credits: BTreeMap<AccountId, Nano> = BTreeMap::new();
    // Parents have smaller numbers: from the largest down, each has received all it will.
    while let Some((id, received_here)) = received.pop_last() {
        let Some(license) = ledger.pending_license(id)? else { continue };
        let split = RoyaltySplit::new(&license.terms.shares, license.state.vault, received_here);
        for (holder, part) in &split.parts {
            let sum = match holder {
                Holder::Account(account) => credits.entry(*account).or_insert(Nano::ZERO),
                Holder::License(parent) => received.entry(*parent).or_insert(Nano::ZERO),
            };
            *sum = sum.checked_add(*part).unwrap_or(Nano::MAX);
        }
        lines.push((id, split));
    }
    let credits = credits.into_iter().collect();
    Ok(Ok(Quote { license, uses, amount, recipient, lines, credits }))
}
