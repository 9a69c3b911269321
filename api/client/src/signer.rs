//! Makes signed intents: one account's key, the deployment, and nonces from the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farthing_protocol::{
    AccountId, Amount, Bytes32, Digest, Fee, Intent, Nonce, Operation, Pay, PublicKey,
    RegisterLicense, SecretKey, SignedIntent, Transfer, UnixTime, Withdraw,
};
use thiserror::Error;

/// How long an intent is valid unless the signer says otherwise: a node that is down for a few
/// minutes may still take it, and what is lost on the way does not come back the next day.
const VALID_FOR_DEFAULT: Duration = Duration::from_secs(15 * 60);

/// The longest validity that a signer gives: nodes take no longer one unless their operator says so.
pub const VALIDITY_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How far a nonce may be ahead of the clock that it stands for: nodes take none further ahead.
pub const NONCE_AHEAD_MAX: Duration = Duration::from_secs(24 * 3_600);

/// Why nothing is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignerError {
    /// A node would refuse such intents.
    #[error("valid for {} s, at most {} s are taken: choose a shorter validity", .got.as_secs(), .max.as_secs())]
    ValidTooLong {
        /// The longest validity.
        max: Duration,
        /// The one given.
        got: Duration,
    },
    /// The account used a nonce so far ahead of the clock that the next one would be refused.
    #[error(
        "the account's last nonce, {last}, is further ahead of the clock than is taken: set this \
         machine's clock, or wait until it is past that nonce"
    )]
    NonceTooHigh {
        /// The account's last nonce.
        last: Nonce,
    },
}

/// Signs intents of one account. Nonces are microseconds of the clock, or one more than the last
/// if that is not later. Many signers may share an account, on many machines: nonces arrive in any
/// order while their batch is open. One that comes after its batch was sealed is refused for good
/// (`nonce_too_low`), and is signed again: the verbs of `Client` that take a signer do.
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
    ///
    /// # Errors
    /// [`SignerError::ValidTooLong`] beyond [`VALIDITY_MAX`].
    pub fn with_validity(mut self, valid_for: Duration) -> Result<Self, SignerError> {
        if valid_for > VALIDITY_MAX {
            return Err(SignerError::ValidTooLong { max: VALIDITY_MAX, got: valid_for });
        }
        self.valid_for = valid_for;
        Ok(self)
    }

    /// Nonces are above `last`: that of the account's last intent.
    #[must_use]
    pub fn after_nonce(self, last: Nonce) -> Self {
        self.learn_nonce(last);
        self
    }

    /// Later nonces are above `last`, which somebody else used.
    pub fn learn_nonce(&self, last: Nonce) {
        self.nonce.fetch_max(last.get(), Ordering::Relaxed);
    }

    /// Whether the next nonce is one that nodes take.
    ///
    /// # Errors
    /// [`SignerError::NonceTooHigh`] if the last one is too far ahead of the clock.
    pub fn check_nonce(&self) -> Result<(), SignerError> {
        let last = self.nonce.load(Ordering::Relaxed);
        let latest = (now() + NONCE_AHEAD_MAX).as_micros();
        match Nonce::new(last) {
            Ok(last) if u128::from(last.get()) >= latest => Err(SignerError::NonceTooHigh { last }),
            _ => Ok(()),
        }
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
        let now = now();
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

/// Since 1970.
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
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
    fn what_nodes_refuse_is_not_signed() -> Result<(), SignerError> {
        let signer = signer().with_validity(VALIDITY_MAX)?;
        let got = VALIDITY_MAX + Duration::from_secs(1);
        let too_long = SignerError::ValidTooLong { max: VALIDITY_MAX, got };
        assert_eq!(signer.with_validity(got).err(), Some(too_long));
        let signer = super::tests::signer();
        assert_eq!(signer.check_nonce(), Ok(()));
        let micros = |ahead: Duration| {
            let micros = u64::try_from((now() + ahead).as_micros()).unwrap_or(u64::MAX);
            Nonce::new(micros).unwrap_or(Nonce::MAX)
        };
        signer.learn_nonce(micros(NONCE_AHEAD_MAX / 2));
        assert_eq!(signer.check_nonce(), Ok(()));
        let last = micros(NONCE_AHEAD_MAX * 2);
        signer.learn_nonce(last);
        assert_eq!(signer.check_nonce(), Err(SignerError::NonceTooHigh { last }));
        Ok(())
    }

    #[test]
    fn what_it_signs_verifies() -> Result<(), SignerError> {
        let signer = signer().with_validity(Duration::from_secs(60))?;
        let signed = signer.transfer(AccountId::from(8), Amount::MIN, Bytes32::default());
        let message = signed.intent.message();
        let checked = verify(signer.public_key(), &Digest::ZERO, &message, &signed.signature);
        assert_eq!(checked, Ok(()));
        assert_eq!(signed.intent.account, AccountId::from(7));
        Ok(())
    }
}
