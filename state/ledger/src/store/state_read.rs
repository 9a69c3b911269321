//! The sealed state as rules read it.

use farthing_protocol::{Account, AccountId, AccountIdentity, License, LicenseId};

use super::StoreError;

/// The settled state, as the last batch left it.
pub trait StateRead {
    /// The account with this number, if it has been opened.
    fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// The account with this key and owner, if it has been opened.
    fn account_of(&self, identity: &AccountIdentity) -> Result<Option<AccountId>, StoreError>;
    /// The license with this number, if it has been registered.
    fn license(&self, id: LicenseId) -> Result<Option<License>, StoreError>;
}
