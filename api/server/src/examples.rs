//! Requests and answers as the document shows them: requests are made and signed like any other, and an
//! account's path leads to its root, so both are read as they stand.

use farthing_client::dto::{AccountProofBody, IntentBatch, IntentBody, OpenAccountBody};
use farthing_client::{Signer, SignerError};
use farthing_ledger::{MerklePath, empty_subtree, state_root};
use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Address, Amount, Bytes32, Digest, Domain,
    Holder, HolderShares, Intent, LicenseId, Lineage, Nonce, OutOfRange, Pay, Price,
    RegisterLicense, SecretKey, ShareTable, ShareTableError, Shares, SignedIntent, TREE_DEPTH,
    UnixTime, Uses,
};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// An example is none.
#[derive(Debug, Error)]
pub(crate) enum ExampleError {
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    #[error(transparent)]
    Shares(#[from] ShareTableError),
    #[error(transparent)]
    Signer(#[from] SignerError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// The body of a request to a route; `None` where there is no body.
pub(crate) fn example_of(path: &str) -> Result<Option<Value>, ExampleError> {
    match path {
        "/v1/intents" => value(&IntentBody::from(&payment()?)),
        "/v1/intents/batch" => value(&IntentBatch { intents: vec![IntentBody::from(&payment()?)] }),
        "/v1/licenses" => value(&IntentBody::from(&registration()?)),
        "/v1/accounts" => {
            let owner = Address([0x11; 20]);
            let signature = AccountIdentity::sign_opening(&key(), owner, &DEPLOYMENT.digest());
            let key = (*key().public_key()).into();
            value(&OpenAccountBody { key, owner: owner.into(), signature: signature.into() })
        }
        _ => Ok(None),
    }
}

/// The answer of a route to which an example adds something; `None` of all others.
pub(crate) fn answer_of(path: &str) -> Result<Option<Value>, ExampleError> {
    match path {
        "/v1/accounts/{id}/proof" => value(&genesis_proof()),
        _ => Ok(None),
    }
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

fn value(body: &impl Serialize) -> Result<Option<Value>, ExampleError> {
    Ok(Some(serde_json::to_value(body)?))
}

fn key() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

const DEPLOYMENT: Domain = Domain { chain_id: 1, contract: Address([0x22; 20]) };

/// Twenty uses of license 3, paid by account 7.
fn payment() -> Result<SignedIntent, ExampleError> {
    let pay = Pay {
        license: LicenseId::from(3),
        uses: Uses::new(20)?,
        amount: Amount::new(5_000)?,
        memo: Bytes32([0x5a; 32]),
    };
    at_a_fixed_time(signer().pay(pay)?)
}

/// A license of two holders and a parent.
fn registration() -> Result<SignedIntent, ExampleError> {
    let line =
        |holder, shares| Ok::<_, OutOfRange>(HolderShares { holder, shares: Shares::new(shares)? });
    let shares = ShareTable::new(vec![
        line(Holder::Account(AccountId::from(7)), 500_000)?,
        line(Holder::Account(AccountId::from(8)), 250_000)?,
        line(Holder::License(LicenseId::from(3)), 250_000)?,
    ])?;
    let register = RegisterLicense {
        price: Price::new(250_000)?,
        derivative_shares: Shares::new(100_000)?,
        lineage: Lineage::new(2)?,
        provenance: Bytes32([0x5b; 32]),
        shares,
    };
    at_a_fixed_time(signer().register_license(register)?)
}

fn signer() -> Signer {
    Signer::new(AccountId::from(7), key(), DEPLOYMENT.digest())
}

/// The document is the same every time.
fn at_a_fixed_time(signed: SignedIntent) -> Result<SignedIntent, ExampleError> {
    let intent = Intent {
        nonce: Nonce::new(1_700_000_000_000_000)?,
        valid_until: UnixTime::new(1_800_000_000)?,
        ..signed.intent
    };
    Ok(intent.sign(&key(), &DEPLOYMENT.digest()))
}

#[cfg(test)]
mod tests {
    use farthing_client::verify_account_proof;
    use farthing_protocol::verify;

    use super::*;

    #[test]
    fn examples_are_read_as_they_stand() -> Result<(), Box<dyn std::error::Error>> {
        for path in ["/v1/intents", "/v1/licenses"] {
            let body = example_of(path)?.ok_or(path)?;
            assert_eq!(Some(&body), example_of(path)?.as_ref(), "the same every time");
            let signed: SignedIntent = serde_json::from_value::<IntentBody>(body)?.try_into()?;
            let (domain, message) = (DEPLOYMENT.digest(), signed.intent.message());
            verify(key().public_key(), &domain, &message, &signed.signature)?;
        }
        assert!(example_of("/v1/accounts")?.is_some());
        assert!(example_of("/livez")?.is_none() && answer_of("/livez")?.is_none());
        let body = answer_of("/v1/accounts/{id}/proof")?.ok_or("an answer")?;
        let proof: AccountProofBody = serde_json::from_value(body)?;
        verify_account_proof(AccountId::from(0), &proof)?;
        Ok(())
    }
}
