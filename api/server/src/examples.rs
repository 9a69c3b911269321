//! Examples of requests and answers for the OpenAPI document. The requests are really signed, and
//! the account's path leads to its root, so that both are valid as shown.

use farthing_api_types::dto::{
    AccountProofBody, IntentBatch, IntentBody, OpenAccountBody, PaymentPayloadBody,
    PaymentRequirementsBody, WireAddress, X402_SCHEME, X402_VERSION, X402Request,
};
use farthing_ledger::{MerklePath, empty_subtree, state_root};
use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Address, Amount, Bytes32, Digest, Domain,
    Fee, Intent, LicenseId, Nonce, Operation, OutOfRange, Pay, SecretKey, ShortDigest,
    SignedIntent, TREE_DEPTH, UnixTime, Uses, license_origin,
};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// A manifest.
const MANIFEST: &str = r#"{
    "type": "AILicense",
    "version": 1,
    "work": {
        "kind": "model",
        "title": "Kursiv",
        "url": "https://example.com/kursiv",
        "creators": [{ "name": "Ada" }]
    },
    "permits": ["ai-input"],
    "prohibits": ["ai-train"],
    "price": { "unit": "token", "amountNano": "250000" },
    "derivatives": { "allowed": true, "shares": 100000, "reciprocal": false, "approval": "none" }
}"#;

/// An example cannot be made.
#[derive(Debug, Error)]
pub(crate) enum ExampleError {
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The payment of [`payment`].
pub(crate) fn intent() -> Result<Value, ExampleError> {
    value(&IntentBody::from(&payment()?))
}

/// The same payment alone in a batch.
pub(crate) fn intent_batch() -> Result<Value, ExampleError> {
    value(&IntentBatch { intents: vec![IntentBody::from(&payment()?)] })
}

/// A manifest with what it must have, and a price.
pub(crate) fn manifest() -> Result<Value, ExampleError> {
    Ok(serde_json::from_str(MANIFEST)?)
}

/// The same payment by x402; the network is of no deployment.
pub(crate) fn x402() -> Result<Value, ExampleError> {
    let requirements = PaymentRequirementsBody {
        scheme: X402_SCHEME.to_owned(),
        network: "farthing:00112233445566778899aabbccddeeff".to_owned(),
        amount: "5000".to_owned(),
        asset: WireAddress::from(Address([0x33; 20])).to_string(),
        pay_to: "license:3".to_owned(),
        max_timeout_seconds: 300.0,
        extra: None,
    };
    let payment_payload = PaymentPayloadBody {
        x402_version: X402_VERSION,
        accepted: requirements.clone(),
        payload: [("intent".to_owned(), intent()?)].into_iter().collect(),
        extensions: None,
    };
    let payment_requirements = requirements;
    value(&X402Request { x402_version: X402_VERSION, payment_payload, payment_requirements })
}

/// A request for an account, signed by its key.
pub(crate) fn account_opening() -> Result<Value, ExampleError> {
    let owner = Address([0x11; 20]);
    let signature = AccountIdentity::sign_opening(&key(), owner, &DEPLOYMENT.digest());
    let key = (*key().public_key()).into();
    value(&OpenAccountBody { key, owner: owner.into(), signature: signature.into() })
}

/// The path of account 0 in the state of genesis.
pub(crate) fn account_proof() -> Result<Value, ExampleError> {
    value(&genesis_proof())
}

/// Account 0 in the state of genesis.
fn genesis_proof() -> AccountProofBody {
    let identity = AccountIdentity { key: *key().public_key(), owner: Address([0x11; 20]) };
    let account = Account { identity, state: AccountState::NEW };
    let siblings: [Digest; TREE_DEPTH] = core::array::from_fn(|level| empty_subtree(level as u8));
    let path = MerklePath { index: 0, siblings: siblings.to_vec() };
    let licenses_root = empty_subtree(TREE_DEPTH as u8);
    AccountProofBody {
        chain_id: DEPLOYMENT.chain_id,
        contract: DEPLOYMENT.contract.into(),
        id: AccountId::from(0),
        key: identity.key.into(),
        owner: identity.owner.into(),
        balance: account.state.balance.into(),
        nonce: account.state.nonce.into(),
        siblings: siblings.map(Into::into),
        licenses_root: licenses_root.into(),
        state_root: state_root(&path.root(&account.leaf()), &licenses_root).into(),
        batch: None,
        block: None,
        l1: None,
    }
}

fn value(body: &impl Serialize) -> Result<Value, ExampleError> {
    Ok(serde_json::to_value(body)?)
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

/// The origin of license 3.
fn example_origin() -> Digest {
    license_origin(ShortDigest::default(), &Digest::ZERO, &Bytes32([0x5a; 32]))
}

const DEPLOYMENT: Domain = Domain { chain_id: 1, contract: Address([0x22; 20]) };

/// Twenty uses of license 3, paid by account 7 at a fixed time: the document is the same every time.
fn payment() -> Result<SignedIntent, ExampleError> {
    let intent = Intent {
        account: AccountId::from(7),
        nonce: Nonce::new(1_700_000_000_000_000)?,
        fee: Fee::MIN,
        valid_until: UnixTime::new(1_800_000_000)?,
        operation: Operation::Pay(Pay {
            license: LicenseId::from(3),
            uses: Uses::new(20)?,
            amount: Amount::new(5_000)?,
            recipient: example_origin().into(),
            memo: Bytes32([0x5a; 32]),
        }),
    };
    Ok(intent.sign(&key(), &DEPLOYMENT.digest()))
}

#[cfg(test)]
mod tests {
    use farthing_api_types::verify_account_proof;
    use farthing_protocol::verify;

    use super::*;

    #[test]
    fn examples_are_read_as_they_stand() -> Result<(), Box<dyn std::error::Error>> {
        let body = intent()?;
        assert_eq!(body, intent()?, "the same every time");
        assert_eq!(intent_batch()?["intents"][0], body);
        let signed: SignedIntent = serde_json::from_value::<IntentBody>(body)?.try_into()?;
        let (domain, message) = (DEPLOYMENT.digest(), signed.intent.message());
        verify(key().public_key(), &domain, &message, &signed.signature)?;
        let opening: OpenAccountBody = serde_json::from_value(account_opening()?)?;
        let identity = AccountIdentity { key: opening.key.0, owner: opening.owner.0 };
        assert_eq!(identity.key, *key().public_key());
        let proof: AccountProofBody = serde_json::from_value(account_proof()?)?;
        verify_account_proof(AccountId::from(0), &proof)?;
        Ok(())
    }
}
