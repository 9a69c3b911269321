//! A license's number is final exactly when the block of the batch that registered it is final on L1: until
//! then the number could still be another's. The verifier accepts every proof.

mod support;

use std::time::Duration;

use farthing_aggregator::{Aggregator, BlockState, Components};
use farthing_protocol::{
    AccountId, BatchClass, BlockNumber, Bytes32, Holder, HolderShares, IntentId, LicenseId,
    Lineage, Operation, Price, RegisterLicense, ShareTable, Shares, ShortDigest, Stage,
};
use support::l1::LocalL1;
use support::prover::Asked;
use support::*;

const TIMEOUT: Duration = Duration::from_secs(60);

/// Account 1 registers a license for itself; in the open batch on return.
async fn register(node: &Aggregator, l1: &LocalL1, nonce: u64) -> TestResult<IntentId> {
    let holder = Holder::Account(AccountId::from(1));
    let shares = ShareTable::new(vec![HolderShares { holder, shares: Shares::MAX }])?;
    let mut register = Operation::RegisterLicense(RegisterLicense {
        price: Price::new(5)?,
        derivative_shares: Shares::ZERO,
        lineage: Lineage::ROOT,
        provenance: Bytes32([3; 32]),
        shares,
        recipient: ShortDigest::default(),
    });
    assert!(register.address(|_| Some(identity(1).recipient())));
    let signed = sign_in(&l1.genesis.domain.digest(), 1, nonce, register)?;
    Ok(node.submit(vec![signed]).await?.remove(0)?.id)
}

/// True if licenses 0 and 1 are final, where they are looked up and where they are listed.
async fn finalized(node: &Aggregator) -> TestResult<[bool; 2]> {
    let mut views = [false; 2];
    for (id, view) in (0..).zip(&mut views) {
        let found = node.license(LicenseId::from(id)).await?;
        *view = found.is_some_and(|license| license.finalized);
    }
    let listed = node.licenses(LicenseId::from(0), 2).await?;
    assert!(listed.iter().zip(views).all(|(listed, view)| listed.finalized == view));
    Ok(views)
}

async fn becomes(node: &Aggregator, state: impl Fn(&BlockState) -> bool) -> TestResult<()> {
    let come = async {
        while !node.block(BlockNumber::FIRST).await?.is_some_and(|block| state(&block.state)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        TestResult::Ok(())
    };
    tokio::time::timeout(TIMEOUT, come).await?
}

#[tokio::test(flavor = "multi_thread")]
async fn a_license_is_final_exactly_when_its_block_is() -> TestResult<()> {
    let (l1, dir) = (LocalL1::start().await?, tempfile::tempdir()?);
    let mut config = config(dir.path(), BatchClass::TINY);
    config.genesis = l1.genesis;
    config.blocks.age = Duration::from_secs(3600);
    let prover = Some(Asked::default().source(Duration::ZERO));
    let parts = Components { prover, l1: Some(l1.config()), ..Components::default() };
    let node = Aggregator::start(config, parts)?;
    l1.deposit(1, 5_000).await?;
    l1.mine(3).await?;
    opened(&node, 1).await?;

    let id = register(&node, &l1, 1).await?;
    assert_eq!(finalized(&node).await?, [false, false], "in the open batch");
    node.seal().await?.ok_or("a batch")?;
    assert_eq!(finalized(&node).await?, [false, false], "sealed");
    node.form_block().await?.ok_or("a block")?;
    becomes(&node, BlockState::is_proven).await?;
    assert_eq!(finalized(&node).await?, [false, false], "proven");
    becomes(&node, |state| matches!(state, BlockState::Included(_))).await?;
    assert_eq!(finalized(&node).await?, [false, false], "a reorganisation could take it back");
    register(&node, &l1, 2).await?;
    node.seal().await?.ok_or("a batch")?;
    l1.mine(3).await?;
    let view = node.wait(id, Stage::Finalized, TIMEOUT).await?.ok_or("known")?;
    assert_eq!(view.stage, Stage::Finalized);
    assert_eq!(finalized(&node).await?, [true, false], "the second is in no block");
    node.stop().await;
    Ok(())
}
