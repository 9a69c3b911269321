//! Operations of plain numbers.

use farthing_protocol::{
    AccountId, Amount, Bytes32, Holder, HolderShares, LicenseId, LicenseStatus, LicenseVersion,
    Licensee, Lineage, Operation, Pay, Price, RegisterLicense, ShareTable, Shares, ShortDigest,
    Transfer, UnixTime, UpdateLicense, Uses, Withdraw,
};

use crate::{TestResult, identity};

/// A time in seconds, the latest one beyond the range.
pub fn time(seconds: u64) -> UnixTime {
    UnixTime::new(seconds).unwrap_or(UnixTime::MAX)
}

/// A memo of one byte repeated.
pub const fn memo(byte: u8) -> Bytes32 {
    Bytes32([byte; 32])
}

/// Account `number` as the holder of shares.
pub fn account(number: u32) -> Holder {
    Holder::Account(AccountId::from(number))
}

/// License `number` as the holder of shares: a parent.
pub fn license(number: u32) -> Holder {
    Holder::License(LicenseId::from(number))
}

/// A share table of holders in the order given.
pub fn shares(holders: &[(Holder, u64)]) -> TestResult<ShareTable> {
    let lines = holders
        .iter()
        .map(|(holder, shares)| Ok(HolderShares { holder: *holder, shares: Shares::new(*shares)? }))
        .collect::<TestResult<Vec<_>>>()?;
    Ok(ShareTable::new(lines)?)
}

/// Payment of `uses` of a license at `price` nano-units each, not yet addressed
/// ([`Operation::address`]).
pub fn pay(license: u32, uses: u64, price: u64) -> TestResult<Operation> {
    let uses = Uses::new(uses)?;
    let (license, amount) = (LicenseId::from(license), Price::new(price)?.times(uses)?);
    let recipient = ShortDigest::default();
    Ok(Operation::Pay(Pay { license, uses, amount, recipient, memo: memo(9) }))
}

/// Transfer of `amount` nano-units to test account `to`.
pub fn transfer(to: u32, amount: u64) -> TestResult<Operation> {
    let (to, amount) = (AccountId::from(to), Amount::new(amount)?);
    let recipient = identity(to.get()).recipient();
    Ok(Operation::Transfer(Transfer { to, amount, recipient, memo: memo(1) }))
}

/// Withdrawal of `amount` nano-units, whole base units.
pub fn withdraw(amount: u64) -> TestResult<Operation> {
    Ok(Operation::Withdraw(Withdraw::new(Amount::new(amount)?, memo(2))?))
}

/// Registration at `price` nano-units a use, not yet addressed ([`Operation::address`]); the lineage is
/// the caller's.
pub fn register(
    price: u64,
    derivative_shares: u64,
    lineage: u32,
    holders: &[(Holder, u64)],
) -> TestResult<Operation> {
    Ok(Operation::RegisterLicense(RegisterLicense {
        price: Price::new(price)?,
        derivative_shares: Shares::new(derivative_shares)?,
        lineage: Lineage::new(lineage)?,
        provenance: memo(3),
        shares: shares(holders)?,
        recipient: ShortDigest::default(),
    }))
}

/// Version of a license at `price` nano-units a use: active, without licensee and derivative shares.
pub fn version(price: u64) -> TestResult<LicenseVersion> {
    Ok(LicenseVersion {
        price: Price::new(price)?,
        derivative_shares: Shares::ZERO,
        status: LicenseStatus::Active,
        licensee: Licensee::ANYBODY,
        provenance: memo(4),
    })
}

/// Update of `license` to `version`, not yet addressed ([`Operation::address`]).
pub fn update(license: u32, version: LicenseVersion) -> Operation {
    let (license, recipient) = (LicenseId::from(license), ShortDigest::default());
    Operation::UpdateLicense(UpdateLicense { license, recipient, version })
}
