//! Makes signed intents: one account's key, the deployment, and nonces from the clock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farthing_protocol::{
    AccountId, AccountRequest, Digest, Fee, Intent, Nonce, Operation, Pay, PublicKey,
    RegisterLicense, SecretKey, SignedIntent, Transfer, UnixTime, UpdateLicense, Withdraw,
};
use thiserror::Error;

/// The validity of an intent unless the signer says otherwise: a node that is down for a few
/// minutes may still take it, and what is lost on the way does not come back the next day.
const VALID_FOR_DEFAULT: Duration = Duration::from_secs(15 * 60);

/// The longest validity that a signer gives: nodes take no longer one unless their operator says so.
pub const VALIDITY_MAX: Duration = Duration::from_secs(7 * 24 * 3_600);

/// The most that a nonce may be ahead of the clock that it stands for: nodes take none further ahead.
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
    /// The account used a nonce too far ahead of the clock: the next one would be refused.
    #[error(
        "the account's last nonce, {last}, is further ahead of the clock than is taken: set this \
         machine's clock, or wait until it is past that nonce"
    )]
    NonceTooHigh {
        /// The account's last nonce.
        last: Nonce,
    },
    /// Nonces and validities are times: without one there are none.
    #[error("the clock of this machine is before 1970 or beyond the range of times: set it")]
    Clock,
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

    /// Intents are valid for this long.
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

    /// True if the next nonce is one that nodes take.
    ///
    /// # Errors
    /// [`SignerError::NonceTooHigh`] if the last one is too far ahead of the clock, and
    /// [`SignerError::Clock`] if that says no time.
    pub fn check_nonce(&self) -> Result<(), SignerError> {
        follows(self.nonce.load(Ordering::Relaxed), Now::read()?).map(|_| ())
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

    /// Signs a payment of `pay.amount` = price × uses; see [`Signer::sign`].
    pub fn pay(&self, pay: Pay) -> Result<SignedIntent, SignerError> {
        self.sign(Operation::Pay(pay))
    }

    /// Signs a transfer; see [`Signer::sign`].
    pub fn transfer(&self, transfer: Transfer) -> Result<SignedIntent, SignerError> {
        self.sign(Operation::Transfer(transfer))
    }

    /// Signs a withdrawal; see [`Signer::sign`].
    pub fn withdraw(&self, withdraw: Withdraw) -> Result<SignedIntent, SignerError> {
        self.sign(Operation::Withdraw(withdraw))
    }

    /// Signs a registration; see [`Signer::sign`].
    pub fn register_license(&self, register: RegisterLicense) -> Result<SignedIntent, SignerError> {
        self.sign(Operation::RegisterLicense(register))
    }

    /// Signs an update of a license; see [`Signer::sign`].
    pub fn update_license(&self, update: UpdateLicense) -> Result<SignedIntent, SignerError> {
        self.sign(Operation::UpdateLicense(update))
    }

    /// Signs any operation, with the next nonce.
    ///
    /// # Errors
    /// [`SignerError::Clock`] if the clock says no time, and [`SignerError::NonceTooHigh`] if the last
    /// nonce is too far ahead of it. Nothing is signed then, and no nonce is used.
    pub fn sign(&self, operation: Operation) -> Result<SignedIntent, SignerError> {
        let now = Now::read()?;
        let intent = Intent {
            account: self.account,
            nonce: self.next_nonce(now)?,
            fee: self.fee,
            valid_until: now.valid_until(self.valid_for)?,
            operation,
        };
        Ok(intent.sign(&self.key, &self.domain))
    }

    /// Signs an HTTP request to a node: the header `Farthing-Signature`. `target` is the path and the
    /// query, as they are sent. It serves for five minutes, and once.
    ///
    /// # Errors
    /// [`SignerError::Clock`] if the clock says no time.
    pub fn sign_request(
        &self,
        method: &str,
        target: &str,
        body: &[u8],
    ) -> Result<String, SignerError> {
        let time = UnixTime::new(Now::read()?.0.as_secs()).map_err(|_| SignerError::Clock)?;
        let content = AccountRequest::content_of(method, target, body);
        let request = AccountRequest { account: self.account, time, content };
        let signature = request.sign(&self.key, &self.domain);
        let signature = farthing_api_types::dto::WireSignature::from(signature);
        Ok(format!("account={},t={time},s={signature}", self.account))
    }

    fn next_nonce(&self, now: Now) -> Result<Nonce, SignerError> {
        let (set, read) = (Ordering::Relaxed, Ordering::Relaxed);
        let later = |last: u64| follows(last, now).ok().map(Nonce::get);
        match self.nonce.fetch_update(set, read, later) {
            Ok(last) | Err(last) => follows(last, now),
        }
    }
}

/// The nonce after `last`: the clock, or one more than `last` if that is not later.
fn follows(last: u64, now: Now) -> Result<Nonce, SignerError> {
    let latest = now.0.saturating_add(NONCE_AHEAD_MAX).as_micros();
    if let Ok(last) = Nonce::new(last)
        && u128::from(last.get()) >= latest
    {
        return Err(SignerError::NonceTooHigh { last });
    }
    let clock = u64::try_from(now.0.as_micros()).map_err(|_| SignerError::Clock)?;
    Nonce::new(clock.max(last.saturating_add(1))).map_err(|_| SignerError::Clock)
}

/// The time since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Now(Duration);

impl Now {
    fn read() -> Result<Self, SignerError> {
        Self::of(SystemTime::now())
    }

    fn of(time: SystemTime) -> Result<Self, SignerError> {
        time.duration_since(UNIX_EPOCH).map(Self).map_err(|_| SignerError::Clock)
    }

    fn valid_until(self, valid_for: Duration) -> Result<UnixTime, SignerError> {
        let until = self.0.checked_add(valid_for).ok_or(SignerError::Clock)?;
        UnixTime::new(until.as_secs()).map_err(|_| SignerError::Clock)
    }
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{Amount, Bytes32, ShortDigest, verify};

    use super::*;

    fn signer() -> Signer {
        Signer::new(AccountId::from(7), SecretKey::from_seed(&[1; 32]), Digest::ZERO)
    }

    fn at(micros: u64) -> Now {
        Now(Duration::from_micros(micros))
    }

    #[test]
    fn nonces_grow_even_when_the_clock_stands() -> Result<(), SignerError> {
        let signer = signer().after_nonce(Nonce::MIN);
        for (clock, nonce) in [(1_000, 1_000), (1_000, 1_001), (0, 1_002), (1_003, 1_003)] {
            assert_eq!(signer.next_nonce(at(clock))?.get(), nonce);
        }
        Ok(())
    }

    #[test]
    fn a_nonce_a_day_ahead_of_the_clock_is_refused_and_none_is_used() {
        let (now, day) = (1_800_000_000_000_000, 24 * 3_600 * 1_000_000);
        for (last, next) in [(0, now), (now, now + 1), (now + day - 1, now + day)] {
            assert_eq!(follows(last, at(now)).map(Nonce::get), Ok(next), "{last}");
        }
        for last in [now + day, now + day + 1, Nonce::MAX.get()] {
            let signer = signer();
            signer.nonce.store(last, Ordering::Relaxed);
            let refused = signer.next_nonce(at(now)).map(Nonce::get);
            let too_high = Nonce::new(last).map(|last| SignerError::NonceTooHigh { last });
            assert_eq!(refused.err(), too_high.ok(), "{last}");
            assert_eq!(signer.nonce.load(Ordering::Relaxed), last);
        }
    }

    /// A clock before 1970 was read as 1970: what was signed had expired half a century ago.
    #[test]
    fn a_clock_that_says_no_time_signs_nothing() {
        let second = Duration::from_secs(1);
        assert_eq!(Now::of(UNIX_EPOCH), Ok(at(0)));
        assert_eq!(UNIX_EPOCH.checked_sub(second).map(Now::of), Some(Err(SignerError::Clock)));
        let last = Now(Duration::from_secs(UnixTime::MAX.get()));
        assert_eq!(last.valid_until(Duration::ZERO), Ok(UnixTime::MAX));
        assert_eq!(last.valid_until(second), Err(SignerError::Clock));
        assert_eq!(Now(Duration::MAX).valid_until(second), Err(SignerError::Clock));
        let signer = signer();
        assert_eq!(signer.next_nonce(Now(Duration::MAX)), Err(SignerError::Clock));
        assert_eq!(signer.nonce.load(Ordering::Relaxed), 0);
    }

    fn nothing() -> Transfer {
        let recipient = ShortDigest::default();
        let (amount, memo) = (Amount::MIN, Bytes32::default());
        Transfer { to: AccountId::from(8), amount, recipient, memo }
    }

    #[test]
    fn what_nodes_refuse_is_not_signed() -> Result<(), SignerError> {
        let signer = signer().with_validity(VALIDITY_MAX)?;
        let got = VALIDITY_MAX + Duration::from_secs(1);
        let too_long = SignerError::ValidTooLong { max: VALIDITY_MAX, got };
        assert_eq!(signer.with_validity(got).err(), Some(too_long));
        let signer = super::tests::signer();
        assert_eq!(signer.check_nonce(), Ok(()));
        let last = Nonce::MAX;
        signer.learn_nonce(last);
        assert_eq!(signer.check_nonce(), Err(SignerError::NonceTooHigh { last }));
        let signed = signer.transfer(nothing());
        assert_eq!(signed.err(), Some(SignerError::NonceTooHigh { last }));
        Ok(())
    }

    #[test]
    fn what_it_signs_verifies() -> Result<(), SignerError> {
        let signer = signer().with_validity(Duration::from_secs(60))?;
        let signed = signer.transfer(nothing())?;
        let message = signed.intent.message();
        let checked = verify(signer.public_key(), &Digest::ZERO, &message, &signed.signature);
        assert_eq!(checked, Ok(()));
        assert_eq!(signed.intent.account, AccountId::from(7));
        Ok(())
    }
}
