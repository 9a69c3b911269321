//! Makes signed intents: one account's key, the deployment, and nonces from the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farthing_protocol::{
    AccountId, Amount, Bytes32, Digest, Fee, Intent, Nonce, Operation, Pay, PublicKey,
    RegisterLicense, SecretKey, SignedIntent, Transfer, UnixTime, Withdraw,
};

/// How long an intent is valid unless the signer says otherwise: a node that is down for a few
/// minutes may still take it, and what is lost on the way does not come back the next day.
const VALID_FOR_DEFAULT: Duration = Duration::from_secs(15 * 60);

/// Signs intents of one account. Nonces are microseconds of the clock, or one more than the last
/// if that is not later: two signers of one account must not be used at the same time.
#[derive(Debug)]
pub struct Signer {
    account: AccountId,
    key: SecretKey,
    domain: Digest,
    fee: Fee,
    valid_for: Duration,
    nonce: AtomicU64,
}

impl Signer {
    /// Signs for `account` by `key`. `domain` is the deployment's digest.
    pub fn new(account: AccountId, key: SecretKey, domain: Digest) -> Self {
        Self {
            account,
            key,
            domain,
            fee: Fee::MIN,
            valid_for: VALID_FOR_DEFAULT,
            nonce: AtomicU64::new(0),
        }
    }

    /// Offers the operator a fee with each intent.
    #[must_use]
    pub const fn with_fee(mut self, fee: Fee) -> Self {
        self.fee = fee;
        self
    }

    /// Intents are valid for so long.
    #[must_use]
    pub const fn with_validity(mut self, valid_for: Duration) -> Self {
        self.valid_for = valid_for;
        self
    }

    /// Nonces are above `last`: that of the account's last intent.
    #[must_use]
    pub fn after_nonce(self, last: Nonce) -> Self {
        self.nonce.fetch_max(last.get(), Ordering::Relaxed);
        self
    }

    /// The account signed for.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The digest of the deployment signed for.
    pub const fn domain(&self) -> Digest {
        self.domain
    }

    /// The key that verifies.
    pub const fn public_key(&self) -> &PublicKey {
        self.key.public_key()
    }

    /// Signs a payment of `pay.amount` = price × uses.
    pub fn pay(&self, pay: Pay) -> SignedIntent {
        self.sign(Operation::Pay(pay))
    }

    /// Signs a transfer.
    pub fn transfer(&self, to: AccountId, amount: Amount, memo: Bytes32) -> SignedIntent {
        self.sign(Operation::Transfer(Transfer { to, amount, memo }))
    }

    /// Signs a withdrawal.
    pub fn withdraw(&self, withdraw: Withdraw) -> SignedIntent {
        self.sign(Operation::Withdraw(withdraw))
    }

    /// Signs a registration.
    pub fn register_license(&self, register: RegisterLicense) -> SignedIntent {
        self.sign(Operation::RegisterLicense(register))
    }

    /// Signs any operation, with the next nonce.
    pub fn sign(&self, operation: Operation) -> SignedIntent {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let intent = Intent {
            account: self.account,
            nonce: self.next_nonce(now),
            fee: self.fee,
            valid_until: UnixTime::new((now + self.valid_for).as_secs()).unwrap_or(UnixTime::MAX),
            operation,
        };
        intent.sign(&self.key, &self.domain)
    }

    fn next_nonce(&self, now: Duration) -> Nonce {
        let clock = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let later = |last: u64| clock.max(last.saturating_add(1)).min(Nonce::MAX.get());
        let before =
            self.nonce.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(later(last)));
        Nonce::new(later(before.unwrap_or_default())).unwrap_or(Nonce::MAX)
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::verify;

    use super::*;

    fn signer() -> Signer {
        Signer::new(AccountId::from(7), SecretKey::from_seed(&[1; 32]), Digest::ZERO)
    }

    #[test]
    fn nonces_grow_even_when_the_clock_stands() {
        let signer = signer().after_nonce(Nonce::MIN);
        let now = Duration::from_micros(1_000);
        let nonces = [now, now, Duration::ZERO].map(|at| signer.next_nonce(at).get());
        assert_eq!(nonces, [1_000, 1_001, 1_002]);
        let ahead = super::tests::signer().after_nonce(Nonce::MAX);
        assert_eq!(ahead.next_nonce(now), Nonce::MAX);
    }

    #[test]
    fn what_it_signs_verifies() {
        let signer = signer().with_validity(Duration::from_secs(60));
        let signed = signer.transfer(AccountId::from(8), Amount::MIN, Bytes32::default());
        let message = signed.intent.message();
        let checked = verify(signer.public_key(), &Digest::ZERO, &message, &signed.signature);
        assert_eq!(checked, Ok(()));
        assert_eq!(signed.intent.account, AccountId::from(7));
    }
}
