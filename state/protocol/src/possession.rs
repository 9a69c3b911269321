//! Proof of possession of an account's key, which a request to open the account carries.
//!
//! A Schnorr signature like every other, for a domain of its own: that of the deployment hashed with
//! key and owner under [`Tag::AccountOpening`]. The challenge of an intent begins from the
//! deployment's domain itself, so neither is ever valid as the other, and a proof serves for one
//! key, one owner and one deployment. No circuit reads it.

use p3_field::PrimeCharacteristicRing;

use crate::account::AccountIdentity;
use crate::bytes::Address;
use crate::felt::Felt;
use crate::hash::{Digest, Tag, hash};
use crate::schnorr::{
    MESSAGE_ELEMENTS, MessageElements, SecretKey, Signature, SignatureError, sign, verify,
};

/// The message of signatures besides those of intents: all that they sign is in the domain. No operation
/// has kind 0, so no intent has this message.
pub(crate) const EMPTY_MESSAGE: MessageElements = [Felt::ZERO; MESSAGE_ELEMENTS];

impl AccountIdentity {
    /// `hash(AccountOpening; deployment's domain (4), key (5), owner (3))`: the domain of the
    /// signature that asks for an account.
    pub fn opening_domain(&self, deployment: &Digest) -> Digest {
        let mut input = deployment.elements().to_vec();
        input.extend(self.elements());
        hash(Tag::AccountOpening, &input)
    }

    /// Signs the request for an account of `secret`'s key and `owner`.
    pub fn sign_opening(secret: &SecretKey, owner: Address, deployment: &Digest) -> Signature {
        let identity = Self { key: *secret.public_key(), owner };
        sign(secret, &identity.opening_domain(deployment), &EMPTY_MESSAGE)
    }

    /// Checks [`AccountIdentity::sign_opening`]. Variable time.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify_opening(
        &self,
        deployment: &Digest,
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        verify(&self.key, &self.opening_domain(deployment), &EMPTY_MESSAGE, signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::{AccountId, Amount, Fee, Nonce, UnixTime};
    use crate::{Bytes32, Domain, Intent, Operation, Transfer};

    #[test]
    fn a_proof_is_for_one_key_one_owner_and_one_deployment() {
        let [here, there] = [1, 2]
            .map(|chain_id| Domain { chain_id, contract: Address([7; 20]) })
            .map(|domain| domain.digest());
        let [secret, other] = [[1; 32], [2; 32]].map(|seed| SecretKey::from_seed(&seed));
        let owner = Address([9; 20]);
        let identity = AccountIdentity { key: *secret.public_key(), owner };
        let proof = AccountIdentity::sign_opening(&secret, owner, &here);
        assert_eq!(identity.verify_opening(&here, &proof), Ok(()));
        assert_eq!(identity.verify_opening(&there, &proof), Err(SignatureError::Mismatch));
        let others = [
            AccountIdentity { owner: Address([8; 20]), ..identity },
            AccountIdentity { key: *other.public_key(), ..identity },
        ];
        for other in others {
            assert_eq!(other.verify_opening(&here, &proof), Err(SignatureError::Mismatch));
        }
    }

    #[test]
    fn a_proof_is_no_intent_and_no_intent_is_a_proof() -> Result<(), crate::OutOfRange> {
        let domain = Domain { chain_id: 1, contract: Address([7; 20]) }.digest();
        let secret = SecretKey::from_seed(&[1; 32]);
        let owner = Address::default();
        let identity = AccountIdentity { key: *secret.public_key(), owner };
        let proof = AccountIdentity::sign_opening(&secret, owner, &domain);
        let (to, amount) = (AccountId::MIN, Amount::MIN);
        let (recipient, memo) = (identity.recipient(), Bytes32::default());
        let transfer = Transfer { to, amount, recipient, memo };
        let intent = Intent {
            account: AccountId::MIN,
            nonce: Nonce::MIN,
            fee: Fee::MIN,
            valid_until: UnixTime::new(0)?,
            operation: Operation::Transfer(transfer),
        };
        let message = intent.message();
        assert_eq!(verify(&identity.key, &domain, &message, &proof), Err(SignatureError::Mismatch));
        assert_eq!(
            verify(&identity.key, &domain, &EMPTY_MESSAGE, &proof),
            Err(SignatureError::Mismatch)
        );
        let signed = intent.sign(&secret, &domain);
        let mismatch = Err(SignatureError::Mismatch);
        assert_eq!(identity.verify_opening(&domain, &signed.signature), mismatch);
        Ok(())
    }
}
