//! Queries for licenses: terms, versions, earnings, and quotes of payments.

use std::collections::BTreeMap;

use farthing_ledger::{Ledger, LedgerError};
use farthing_protocol::{
    AccountId, Amount, BatchNumber, Bytes32, Holder, License, LicenseId, LicenseState,
    LicenseTerms, LicenseVersion, Nano, Record, ShortDigest, Stage, Uses,
};

use super::{PAGE_MAX, QueryService};
use crate::error::{QueryError, QuoteError};
use crate::store::{NodeStoreError, RoyaltySplit};

/// A license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseView {
    /// Its number.
    pub id: LicenseId,
    /// The terms that were registered.
    pub terms: LicenseTerms,
    /// The version that counts in the open batch.
    pub version: LicenseVersion,
    /// The version from the next batch on, if the open batch updates the license.
    pub next: Option<LicenseVersion>,
    /// The provenance under which it was registered.
    pub registered_provenance: Bytes32,
    /// As the last batch left it; `None` if the open batch registers it.
    pub settled: Option<LicenseState>,
    /// True if a batch that is final on L1 registered it: its number cannot change any more.
    pub finalized: bool,
}

/// A version of a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LicenseVersionView {
    /// The batch that registered or updated the license.
    pub batch: BatchNumber,
    /// The version: a registered one counts in its batch, an updated one from the next batch on.
    pub version: LicenseVersion,
    /// The stage of the batch.
    pub stage: Stage,
}

/// The shares of a payment if nothing else were paid in its batch. Several payments of one license
/// are split together, which moves roundings of less than a nano each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The license paid.
    pub license: LicenseId,
    /// The number of uses.
    pub uses: Uses,
    /// The amount of the payment: the price times the uses.
    pub amount: Amount,
    /// The license as a payment names it.
    pub recipient: ShortDigest,
    /// The version of the license whose price is quoted.
    pub version: LicenseVersion,
    /// The version from the next batch on, if the open batch updates the license: a payment at this
    /// quote is refused then if the price is another.
    pub next: Option<LicenseVersion>,
    /// The split of the license and of each ancestor, the license first.
    pub lines: Vec<(LicenseId, RoyaltySplit)>,
    /// The amount that each account receives over all lines, ascending by account.
    pub credits: Vec<(AccountId, Nano)>,
}

impl QueryService {
    pub(crate) async fn license(&self, id: LicenseId) -> Result<Option<LicenseView>, QueryError> {
        let read = move |ledger: &Ledger| {
            let Some(license) = ledger.pending_license(id)? else { return Ok(None) };
            let settled = ledger.license(id)?.map(|license| license.state);
            let License { terms, state } = license;
            Ok(Some(LicenseView {
                id,
                terms,
                version: state.version,
                next: ledger.next_version(id),
                registered_provenance: state.version.provenance,
                settled,
                finalized: false,
            }))
        };
        Ok(self.sequencer.read(read).await??)
    }

    /// Completes a license that was read before: whether it is final, and its provenance as registered.
    pub(crate) fn complete_license(&self, view: LicenseView) -> Result<LicenseView, QueryError> {
        if view.settled.is_none() {
            return Ok(view);
        }
        let finalized = self.finality()?.of_license(view.id);
        let registered_provenance = self.registered_provenance(view.id, &view.version)?;
        Ok(LicenseView { finalized, registered_provenance, ..view })
    }

    /// The provenance under which a license was registered, in a batch that may wait to be indexed.
    fn registered_provenance(
        &self,
        id: LicenseId,
        current: &LicenseVersion,
    ) -> Result<Bytes32, QueryError> {
        if let Some(first) = self.store.first_version(id)? {
            return Ok(first.provenance);
        }
        let (mut number, end) = (self.store.indexed()?, self.reader.next_batch()?);
        while number < end {
            let witness = self.reader.batch(number)?;
            let records = witness.map(|witness| witness.public_data.records()).transpose();
            for record in records.map_err(NodeStoreError::from)?.unwrap_or_default() {
                if let Record::NewLicense(new) = record
                    && new.id == id
                {
                    return Ok(new.provenance);
                }
            }
            number = number.next();
        }
        Ok(current.provenance)
    }

    /// Says of licenses how the open batch updates them.
    pub(crate) async fn licenses_with_updates(
        &self,
        mut views: Vec<LicenseView>,
    ) -> Result<Vec<LicenseView>, QueryError> {
        let read = move |ledger: &Ledger| {
            for view in &mut views {
                view.next = ledger.next_version(view.id);
            }
            Ok(views)
        };
        Ok(self.sequencer.read(read).await??)
    }

    /// Versions of a license that batch `until` and those before it set, newest first, at most `limit`.
    pub(crate) fn license_versions(
        &self,
        license: LicenseId,
        until: BatchNumber,
        limit: usize,
    ) -> Result<Vec<LicenseVersionView>, QueryError> {
        let progress = self.progress.now();
        let found = self.store.license_versions(license, until, limit.min(PAGE_MAX))?;
        let view = |(batch, version)| {
            let stage = progress.sealed_stage(batch);
            LicenseVersionView { batch, version, stage }
        };
        Ok(found.into_iter().map(view).collect())
    }

    /// Settled licenses from `from` on, ascending, at most `limit`.
    pub(crate) fn licenses(
        &self,
        from: LicenseId,
        limit: usize,
    ) -> Result<Vec<LicenseView>, QueryError> {
        let licenses = self.reader.licenses(from, limit.min(PAGE_MAX))?;
        let finality = self.finality()?;
        let view = |(id, License { terms, state }): (LicenseId, License)| {
            let registered_provenance = self.registered_provenance(id, &state.version)?;
            Ok(LicenseView {
                id,
                terms,
                version: state.version,
                next: None,
                registered_provenance,
                settled: Some(state),
                finalized: finality.of_license(id),
            })
        };
        licenses.into_iter().map(view).collect()
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
    let (version, next) = (paid.state.version, ledger.next_version(license));
    let amount = match version.price.times(uses) {
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
    Ok(Ok(Quote { license, uses, amount, recipient, version, next, lines, credits }))
}
