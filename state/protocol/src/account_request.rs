//! Requests that an account's key signs, and that settle nothing: what a node keeps for the account,
//! such as its webhooks.
//!
//! A Schnorr signature like every other, for a domain of its own: that of the deployment hashed with
//! account, time and content under [`Tag::AccountRequest`]. The challenge of an intent begins from the
//! deployment's domain itself, and a request for an account has another tag, so none is ever valid as
//! another. No circuit reads it.

use sha3::{Digest as _, Keccak256};

use crate::bytes::Bytes32;
use crate::felt::Felt;
use crate::hash::{Digest, Tag, hash};
use crate::possession::EMPTY_MESSAGE;
use crate::quantity::{AccountId, UnixTime};
use crate::schnorr::{PublicKey, SecretKey, Signature, SignatureError, sign, verify};

/// A request of an account. The time makes it one of its kind: a node takes each once, while it is
/// fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountRequest {
    /// The account whose key signs.
    pub account: AccountId,
    /// Unix seconds at which it is made.
    pub time: UnixTime,
    /// [`AccountRequest::content_of`] the request.
    pub content: Bytes32,
}

impl AccountRequest {
    /// keccak256 of an HTTP request: `METHOD`, a space, the target (path and query, as sent), a line
    /// feed, the body.
    pub fn content_of(method: &str, target: &str, body: &[u8]) -> Bytes32 {
        let mut hasher = Keccak256::new();
        for part in [method.as_bytes(), b" ", target.as_bytes(), b"\n", body] {
            hasher.update(part);
        }
        Bytes32(hasher.finalize().into())
    }

    /// `hash(AccountRequest; deployment's domain (4), account, time, content (5))`: the domain of the
    /// signature.
    pub fn signing_domain(&self, deployment: &Digest) -> Digest {
        let mut input: Vec<Felt> = deployment.elements().to_vec();
        input.extend([self.account.felt(), self.time.felt()]);
        input.extend(self.content.felts());
        hash(Tag::AccountRequest, &input)
    }

    /// Signs the request.
    pub fn sign(&self, secret: &SecretKey, deployment: &Digest) -> Signature {
        sign(secret, &self.signing_domain(deployment), &EMPTY_MESSAGE)
    }

    /// Checks [`AccountRequest::sign`]. Variable time.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(
        &self,
        key: &PublicKey,
        deployment: &Digest,
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        verify(key, &self.signing_domain(deployment), &EMPTY_MESSAGE, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        AccountIdentity, Address, Amount, Domain, Fee, Intent, Nonce, Operation, OutOfRange,
        Transfer,
    };

    fn request() -> Result<AccountRequest, OutOfRange> {
        let content = AccountRequest::content_of("POST", "/v1/webhooks", b"{}");
        Ok(AccountRequest { account: AccountId::from(7), time: UnixTime::new(9)?, content })
    }

    #[test]
    fn a_signature_is_for_one_account_one_time_one_content_and_one_deployment()
    -> Result<(), OutOfRange> {
        let [here, there] = [1, 2]
            .map(|chain_id| Domain { chain_id, contract: Address([7; 20]) })
            .map(|domain| domain.digest());
        let secret = SecretKey::from_seed(&[1; 32]);
        let request = request()?;
        let signature = request.sign(&secret, &here);
        let check = |request: AccountRequest, domain: &Digest| {
            request.verify(secret.public_key(), domain, &signature)
        };
        assert_eq!(check(request, &here), Ok(()));
        assert_eq!(check(request, &there), Err(SignatureError::Mismatch));
        let content = |method, target, body| AccountRequest {
            content: AccountRequest::content_of(method, target, body),
            ..request
        };
        for other in [
            AccountRequest { account: AccountId::from(8), ..request },
            AccountRequest { time: UnixTime::new(10)?, ..request },
            content("GET", "/v1/webhooks", b"{}"),
            content("POST", "/v1/webhooks?", b"{}"),
            content("POST", "/v1/webhooks", b"{ }"),
        ] {
            assert_eq!(check(other, &here), Err(SignatureError::Mismatch), "{other:?}");
        }
        Ok(())
    }

    #[test]
    fn a_request_is_no_intent_and_no_opening() -> Result<(), OutOfRange> {
        let domain = Domain { chain_id: 1, contract: Address([7; 20]) }.digest();
        let secret = SecretKey::from_seed(&[1; 32]);
        let (key, mismatch) = (secret.public_key(), Err(SignatureError::Mismatch));
        let request = request()?;
        let signature = request.sign(&secret, &domain);
        let transfer =
            Transfer { to: AccountId::MIN, amount: Amount::MIN, memo: Bytes32::default() };
        let intent = Intent {
            account: request.account,
            nonce: Nonce::MIN,
            fee: Fee::MIN,
            valid_until: request.time,
            operation: Operation::Transfer(transfer),
        };
        assert_eq!(verify(key, &domain, &intent.message(), &signature), mismatch);
        assert_eq!(verify(key, &domain, &EMPTY_MESSAGE, &signature), mismatch);
        let signed = intent.sign(&secret, &domain);
        assert_eq!(request.verify(key, &domain, &signed.signature), mismatch);
        let owner = Address::default();
        let opening = AccountIdentity::sign_opening(&secret, owner, &domain);
        assert_eq!(request.verify(key, &domain, &opening), mismatch);
        let identity = AccountIdentity { key: *key, owner };
        assert_eq!(identity.verify_opening(&domain, &signature), mismatch);
        Ok(())
    }
}
