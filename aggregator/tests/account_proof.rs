//! The path that the node gives of an account, taken out of a frozen rollup with it. The verifier accepts
//! every proof: what is tested is which state the path is of.

mod support;

use std::time::Duration;

use alloy::primitives::{B256, U256};
use alloy::providers::Provider as _;
use farthing_aggregator::{Aggregator, FinalAccount};
use farthing_l1::account_proof;
use farthing_ledger::AccountProof;
use farthing_protocol::{
    AccountId, Amount, BlockNumber, Bytes32, NANO_PER_BASE_UNIT, Operation, TREE_DEPTH, Transfer,
};
use serde_json::Value;
use support::l1::LocalL1;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);
/// The deadline of a queue entry, and a minute: the blocks of a test are ahead of the clock.
const DEADLINE: u64 = 7 * 24 * 60 * 60 + 60;

/// Account 1 pays account 2; sealed on return.
async fn pay(node: &Aggregator, l1: &LocalL1, nonce: u64, nano: u64) -> TestResult<()> {
    let (to, amount) = (AccountId::from(2), Amount::new(nano)?);
    let transfer = Operation::Transfer(Transfer {
        to,
        amount,
        recipient: identity(to.get()).recipient(),
        memo: Bytes32([1; 32]),
    });
    let signed = sign_in(&l1.genesis.domain.digest(), 1, nonce, transfer)?;
    node.submit(vec![signed]).await?.remove(0)?;
    node.seal().await?.ok_or("a batch")?;
    Ok(())
}

async fn account_of(node: &Aggregator, id: u32) -> TestResult<Option<FinalAccount>> {
    Ok(node.final_account(AccountId::from(id)).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_path_is_of_the_state_that_l1_holds_and_escapes_with_it() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let node = start_by_hand(dir.path(), &l1)?;
    let root = async || -> TestResult<B256> { Ok(l1.rollup.stateRoot().call().await?) };
    let root_of = |found: &FinalAccount| B256::from(found.proof.state_root().to_bytes());
    let genesis = account_of(&node, 0).await?.ok_or("genesis has account 0")?;
    assert_eq!((root_of(&genesis), genesis.block), (root().await?, None));

    l1.deposit(1, 5_000).await?;
    l1.deposit(2, 7).await?;
    l1.mine(3).await?;
    opened(&node, 2).await?;
    assert_eq!(account_of(&node, 1).await?, None, "the open batch is not final");
    pay(&node, &l1, 1, 10).await?;
    assert_eq!(account_of(&node, 1).await?, None, "sealed is not final");
    let genesis = account_of(&node, 0).await?.ok_or("genesis has account 0")?;
    assert_eq!(root_of(&genesis), root().await?, "batches after genesis change nothing of it");

    node.form_block().await?.ok_or("a block")?;
    let end = node.progress().borrow().sequenced;
    let ticks = tokio::spawn(l1.ticks());
    let mut progress = node.progress();
    let settled = progress.wait_for(|progress| progress.finalized == end);
    tokio::time::timeout(TIMEOUT, settled).await??;
    ticks.abort();
    // What comes after is in no block, and the path is of the state before it.
    for nonce in 2..6 {
        pay(&node, &l1, nonce, 1_000_000).await?;
    }
    let found = account_of(&node, 1).await?.ok_or("final")?;
    assert_eq!(found.block.as_ref().map(|block| block.number), Some(BlockNumber::FIRST));
    assert_eq!(root_of(&found), root().await?);
    let balance = found.proof.account.state.balance.get();
    assert_eq!((balance, found.id.get()), (5_000_000 - 10, 1));
    assert_eq!(account_of(&node, 3).await?, None);
    node.stop().await;

    // The operator is gone, and a deposit waits for him until its deadline has passed.
    l1.deposit(3, 1).await?;
    l1.provider.raw_request::<_, Value>("evm_increaseTime".into(), [DEADLINE]).await?;
    l1.mine(1).await?;
    l1.rollup.freeze().send().await?.get_receipt().await?;
    let AccountProof { account, path, licenses_root } = found.proof;
    let siblings: [_; TREE_DEPTH] = path.siblings.try_into().map_err(|_| "32 siblings")?;
    let leaf = account_proof(found.id, &account, &siblings);
    let owner = leaf.owner;
    let call = l1.rollup.escape(leaf, B256::from(licenses_root.to_bytes()));
    assert!(call.send().await?.get_receipt().await?.status());
    let units = U256::from(balance / NANO_PER_BASE_UNIT);
    assert_eq!(l1.token.balanceOf(owner).call().await?, units);
    Ok(())
}
