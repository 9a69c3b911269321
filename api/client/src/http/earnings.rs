//! Earnings of licenses and accounts, and openings of licenses, which prove revenue.

use farthing_api_types::dto::{AccountEarningsPage, EarningsPage, LicenseOpeningBody};
use farthing_api_types::verify_license_opening;
use farthing_protocol::{AccountId, BatchNumber, LicenseId, UnixTime};

use super::{Client, ClientError};

/// The batches of some time. Either end may be open; the default is all batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first time.
    pub from: Option<UnixTime>,
    /// The time after the last one.
    pub to: Option<UnixTime>,
}

impl Period {
    /// The query of a page.
    fn query(&self, cursor: Option<&str>) -> String {
        let time = |time: Option<UnixTime>| time.map(|time| time.get().to_string());
        let parameters = [
            ("from", time(self.from)),
            ("to", time(self.to)),
            // Cursors are URL-safe.
            ("cursor", cursor.map(str::to_owned)),
        ];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let pairs: Vec<String> = given.map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

impl Client {
    /// The earnings of a license: what it received, from whom, and what went to each holder, batch by
    /// batch, ascending.
    pub async fn earnings(
        &self,
        license: LicenseId,
        period: &Period,
        cursor: Option<&str>,
    ) -> Result<EarningsPage, ClientError> {
        self.get(format!("/v1/licenses/{license}/earnings{}", period.query(cursor))).await
    }

    /// The earnings of an account: its royalties and the other movements of its balance, batch by batch,
    /// ascending.
    pub async fn account_earnings(
        &self,
        account: AccountId,
        period: &Period,
        cursor: Option<&str>,
    ) -> Result<AccountEarningsPage, ClientError> {
        self.get(format!("/v1/accounts/{account}/earnings{}", period.query(cursor))).await
    }

    /// A license as a final batch left it, or the last one, with its path, which leads to the state root
    /// that the batch states. Only L1 says whether the batch is its own.
    pub async fn license_opening(
        &self,
        license: LicenseId,
        batch: Option<BatchNumber>,
    ) -> Result<LicenseOpeningBody, ClientError> {
        let query = batch.map_or_else(String::new, |batch| format!("?batch={batch}"));
        let path = format!("/v1/licenses/{license}/proof{query}");
        let opening: LicenseOpeningBody = self.get(path).await?;
        verify_license_opening(license, &opening)?;
        Ok(opening)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_given_is_in_the_query() -> Result<(), farthing_protocol::OutOfRange> {
        let from = Some(UnixTime::new(7)?);
        assert_eq!(Period::default().query(None), "");
        assert_eq!(Period::default().query(Some("ab")), "?cursor=ab");
        assert_eq!(Period { from, to: None }.query(Some("ab")), "?from=7&cursor=ab");
        assert_eq!(Period { from, to: from }.query(None), "?from=7&to=7");
        Ok(())
    }
}
