//! Earnings of licenses and accounts, for callers of the aggregator.

use farthing_protocol::{AccountId, LicenseId};

use crate::aggregator::Aggregator;
use crate::error::QueryError;
use crate::query::{AccountEarningsLine, EarningsPage, EarningsRange, LicenseEarningsLine};

impl Aggregator {
    /// The earnings of a license: received, from whom, and distributed, by batch.
    pub async fn license_earnings(
        &self,
        license: LicenseId,
        range: EarningsRange,
    ) -> Result<EarningsPage<LicenseEarningsLine>, QueryError> {
        self.ask(move |queries| queries.license_earnings(license, range)).await
    }

    /// The movements of an account's balance, royalties among them, by batch.
    pub async fn account_earnings(
        &self,
        account: AccountId,
        range: EarningsRange,
    ) -> Result<EarningsPage<AccountEarningsLine>, QueryError> {
        self.ask(move |queries| queries.account_earnings(account, range)).await
    }
}
