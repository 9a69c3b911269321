//! Paths of accounts: the state that they are of, and that the SDK takes no other.

mod support;

use farthing_client::dto::AccountProofBody;
use farthing_client::{AccountProofError, ClientError, ProblemCode, verify_account_proof};
use farthing_ledger::{Durability, Genesis, Ledger};
use farthing_protocol::{AccountId, Address, BatchClass, Digest, Nano, Nonce};
use support::*;

/// One change each, of every field that the root commits to.
type Tamper = (&'static str, fn(&mut AccountProofBody));

const TAMPERS: [Tamper; 9] = [
    ("key", |proof| proof.key.0 = *key(9).public_key()),
    ("owner", |proof| proof.owner.0 = Address([0x33; 20])),
    ("balance", |proof| proof.balance.0 = Nano::MAX),
    ("nonce", |proof| proof.nonce.0 = Nonce::MAX),
    ("the leaf's sibling", |proof| proof.siblings[0].0 = digest(1)),
    ("the last sibling", |proof| proof.siblings[31].0 = Digest::ZERO),
    ("two siblings", |proof| proof.siblings.swap(3, 4)),
    ("licenses root", |proof| proof.licenses_root.0 = Digest::ZERO),
    ("state root", |proof| proof.state_root.0 = Digest::ZERO),
];

fn digest(byte: u8) -> Digest {
    Digest::from_bytes(&[byte; 32]).unwrap_or(Digest::ZERO)
}

/// Without L1 nothing but genesis is final, also after batches are sealed.
#[tokio::test]
async fn the_path_is_of_the_last_final_state() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let client = node.client()?;
    let before = client.account_proof(AccountId::from(0)).await?;
    node.fund(3, 0).await?;
    register_two(&node).await?;
    node.seal().await?;
    node.aggregator.form_block().await?.ok_or("a block")?;
    let proof = client.account_proof(AccountId::from(0)).await?;
    assert_eq!(proof, before);

    let genesis = Genesis { domain: domain(), operator: identity(0) };
    let folder = tempfile::tempdir()?;
    let ledger = Ledger::create(folder.path(), genesis, BatchClass::TINY, Durability::Buffered)?;
    assert_eq!(proof.state_root.0, ledger.root());
    assert_eq!((proof.key.0, proof.owner.0), (identity(0).key, identity(0).owner));
    assert_eq!((proof.chain_id, proof.contract.0), (domain().chain_id, domain().contract));
    assert_eq!((proof.batch, proof.block, proof.l1), (None, None, None));

    let refused = async |id: u32| match client.account_proof(AccountId::from(id)).await {
        Err(ClientError::Problem(problem)) => Ok(problem.code),
        other => Err(format!("{other:?}")),
    };
    assert_eq!(refused(1).await?, ProblemCode::AccountNotFinal);
    assert_eq!(refused(77).await?, ProblemCode::AccountNotFound);
    node.stop().await
}

#[tokio::test]
async fn a_path_that_was_changed_leads_elsewhere() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let id = AccountId::from(0);
    let proof = node.client()?.account_proof(id).await?;
    assert_eq!(verify_account_proof(id, &proof), Ok(proof.state_root.0));
    for (what, change) in TAMPERS {
        let mut changed = proof.clone();
        change(&mut changed);
        let refused = verify_account_proof(id, &changed);
        assert!(matches!(refused, Err(AccountProofError::Root { .. })), "{what}: {refused:?}");
    }
    let other = AccountId::from(1);
    let refused = verify_account_proof(other, &proof);
    assert_eq!(refused, Err(AccountProofError::Account { expected: other, got: id }));
    // A path is for one place alone.
    let moved = AccountProofBody { id: other, ..proof.clone() };
    let refused = verify_account_proof(other, &moved);
    assert!(matches!(refused, Err(AccountProofError::Root { .. })), "{refused:?}");
    // A sibling too few or too many makes an invalid path.
    for count in [31, 33] {
        let mut json = serde_json::to_value(&proof)?;
        let siblings: Vec<_> = proof.siblings.iter().cycle().take(count).collect();
        json["siblings"] = serde_json::to_value(siblings)?;
        assert!(serde_json::from_value::<AccountProofBody>(json).is_err(), "{count}");
    }
    node.stop().await
}
