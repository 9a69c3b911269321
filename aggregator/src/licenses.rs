//! Licenses, their versions and quotes, for callers of the aggregator.

use farthing_protocol::{BatchNumber, LicenseId, Uses};

use crate::aggregator::Aggregator;
use crate::error::{QueryError, QuoteError};
use crate::query::{LicenseVersionView, LicenseView, Quote};

impl Aggregator {
    /// A license; licenses of the open batch are included.
    pub async fn license(&self, id: LicenseId) -> Result<Option<LicenseView>, QueryError> {
        match self.queries().license(id).await? {
            Some(view) => self.ask(move |queries| queries.complete_license(view)).await.map(Some),
            None => Ok(None),
        }
    }

    /// Settled licenses from `from` on, ascending.
    pub async fn licenses(
        &self,
        from: LicenseId,
        limit: usize,
    ) -> Result<Vec<LicenseView>, QueryError> {
        let licenses = self.ask(move |queries| queries.licenses(from, limit)).await?;
        self.queries().licenses_with_updates(licenses).await
    }

    /// Versions of a license that batch `until` and those before it set, newest first. The last one is
    /// as registered.
    pub async fn license_versions(
        &self,
        license: LicenseId,
        until: BatchNumber,
        limit: usize,
    ) -> Result<Vec<LicenseVersionView>, QueryError> {
        self.ask(move |queries| queries.license_versions(license, until, limit)).await
    }

    /// The shares of a payment: what each holder would receive.
    pub async fn quote(&self, license: LicenseId, uses: Uses) -> Result<Quote, QuoteError> {
        self.queries().quote(license, uses).await
    }
}
