//! Versions of a license: the history by batch, quotes and events around an update, and that a restart
//! forgets none of it.

mod support;

use std::path::Path;

use farthing_aggregator::{
    Aggregator, Components, Event, EventFilter, EventKind, EventPosition, Rejection,
};
use farthing_ledger::{AdmitError, OperationError, PayError, UpdateLicenseError};
use farthing_protocol::{
    BatchClass, BatchNumber, LicenseId, LicenseStatus, LicenseVersion, Licensee, Operation, Price,
    Shares, Stage, Uses,
};
use farthing_testkit::{memo, pay as pay_operation, register as registration, update, version};
use support::*;

const ZERO: LicenseId = LicenseId::MIN;

async fn submit(
    node: &Aggregator,
    account: u32,
    nonce: u64,
    operation: Operation,
) -> TestResult<Result<(), Rejection>> {
    let signed = sign(account, nonce, address(node, operation).await?)?;
    Ok(node.submit(vec![signed]).await?.remove(0).map(|_| ()))
}

/// Seals the open batch, and waits until the index has it.
async fn seal(node: &Aggregator) -> TestResult<BatchNumber> {
    let batch = node.seal().await?.ok_or("a batch")?;
    node.progress().wait_for(|progress| progress.indexed > batch).await?;
    Ok(batch)
}

/// Numbers of batches and the versions that they set, newest first.
async fn history(node: &Aggregator, limit: usize) -> TestResult<Vec<(u64, LicenseVersion)>> {
    let found = node.license_versions(ZERO, BatchNumber::MAX, limit).await?;
    assert!(found.iter().all(|view| view.stage == Stage::Sequenced));
    Ok(found.into_iter().map(|view| (view.batch.get(), view.version)).collect())
}

/// Accounts 1 to 3 with money; account 1 has license 0 at [`PRICE`], sealed in batch 0.
async fn start_with_license(path: &Path) -> TestResult<(Aggregator, LicenseVersion)> {
    let node = start(path)?;
    fund(&node, 3, 0).await?;
    let register = registration(PRICE, 250_000, 1, &[(holder(2), 1_000_000)])?;
    submit(&node, 1, 1, register).await??;
    let registered = node.license(ZERO).await?.ok_or("license 0")?;
    assert_eq!((registered.settled, registered.next), (None, None), "in the open batch");
    assert_eq!(history(&node, 9).await?, [], "of sealed batches alone");
    seal(&node).await?;
    Ok((node, registered.version))
}

#[tokio::test]
async fn a_price_changes_between_two_batches_and_both_are_kept() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let (node, old) = start_with_license(dir.path()).await?;
    let new = LicenseVersion { provenance: memo(8), ..version(PRICE + 2)? };
    let one = Uses::new(1)?;
    let quote = node.quote(ZERO, one).await?;
    assert_eq!((quote.version, quote.next), (old, None));

    submit(&node, 1, 2, update(0, new)).await??;
    let again = submit(&node, 1, 3, update(0, version(1)?)).await?;
    let updating: OperationError = UpdateLicenseError::Updating { license: ZERO }.into();
    assert_eq!(again, Err(AdmitError::from(updating).into()));
    let quote = node.quote(ZERO, one).await?;
    assert_eq!((quote.version, quote.next, quote.amount.get()), (old, Some(new), PRICE));
    let view = node.license(ZERO).await?.ok_or("license 0")?;
    assert_eq!((view.version, view.next), (old, Some(new)));
    let listed = node.licenses(ZERO, 9).await?;
    assert_eq!(listed, [view], "a list says the same");
    submit(&node, 3, 1, pay_operation(0, 1, PRICE)?).await??;

    // A restart in between forgets nothing of the open batch.
    node.stop().await;
    drop(node);
    let node = start(dir.path())?;
    assert_eq!(node.quote(ZERO, one).await?.next, Some(new));
    assert_eq!(history(&node, 9).await?, [(0, old)]);
    seal(&node).await?;

    let view = node.license(ZERO).await?.ok_or("license 0")?;
    assert_eq!((view.version, view.next), (new, None));
    assert_eq!(view.registered_provenance, old.provenance);
    assert_eq!(node.quote(ZERO, one).await?.amount.get(), PRICE + 2);
    submit(&node, 3, 2, pay_operation(0, 1, PRICE + 2)?).await??;
    let third = LicenseVersion { price: Price::new(4)?, ..new };
    submit(&node, 1, 4, update(0, third)).await??;
    seal(&node).await?;
    let all = [(2, third), (1, new), (0, old)];
    assert_eq!(history(&node, 9).await?, all);
    assert_eq!(history(&node, 2).await?, all[..2]);
    let rest = node.license_versions(ZERO, BatchNumber::MIN, 9).await?;
    assert_eq!(rest.len(), 1, "a page goes on with older ones");
    assert_eq!(node.license_versions(LicenseId::from(1), BatchNumber::MAX, 9).await?, []);

    node.stop().await;
    drop(node);
    let node = start(dir.path())?;
    assert_eq!(history(&node, 9).await?, all);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_update_is_an_event_after_the_payments_of_its_batch() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let (node, old) = start_with_license(dir.path()).await?;
    submit(&node, 1, 2, registration(PRICE, 0, 1, &[(holder(3), 1_000_000)])?).await??;
    seal(&node).await?;
    let (new, other) = (version(PRICE + 2)?, version(PRICE + 3)?);
    submit(&node, 1, 3, update(1, other)).await??;
    submit(&node, 1, 4, update(0, new)).await??;
    submit(&node, 3, 1, pay_operation(0, 1, PRICE)?).await??;
    seal(&node).await?;
    let (mut position, mut told) = (EventPosition::START, Vec::new());
    // One at a time: a reader may stop at any position.
    loop {
        let page = node.events(position, EventFilter::default(), 1).await?;
        position = page.next;
        told.extend(page.events.into_iter().map(|(event, _)| event));
        if !page.more {
            break;
        }
    }
    use EventKind::*;
    let kinds: Vec<EventKind> = told.iter().map(Event::kind).collect();
    assert_eq!(
        kinds,
        [BatchSealed, BatchSealed, BatchSealed, LicensePaid, LicenseUpdated, LicenseUpdated]
    );
    let updates: Vec<_> = told
        .iter()
        .filter_map(|event| match event {
            Event::LicenseUpdated { number, license, old, new, .. } => {
                Some((number.get(), license.get(), *old, *new))
            }
            _ => None,
        })
        .collect();
    let registered = LicenseVersion { derivative_shares: Shares::ZERO, ..old };
    assert_eq!(updates, [(2, 0, old, new), (2, 1, registered, other)]);
    let filter = EventFilter { license: Some(LicenseId::from(1)), ..EventFilter::default() };
    let page = node.events(EventPosition::START, filter, 9).await?;
    let found: Vec<Event> = page.events.into_iter().map(|(event, _)| event).collect();
    assert_eq!(found, told[5..]);
    node.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_preview_refuses_a_paused_license_and_one_for_another_account() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let (node, old) = start_with_license(dir.path()).await?;
    let pay = sign(3, 9, address(&node, pay_operation(0, 1, PRICE)?).await?)?;
    assert!(node.preview(pay.clone()).await?.is_ok());
    let licensee = Licensee::new(2)?;
    let private = LicenseVersion { licensee, ..old };
    let paused = LicenseVersion { status: LicenseStatus::Paused, ..old };
    let expected = [
        PayError::NotLicensee { license: ZERO, licensee: licensee.account().ok_or("account 2")? },
        PayError::Paused { license: ZERO, retired: false },
    ];
    for (nonce, (version, expected)) in (2..).zip([private, paused].into_iter().zip(expected)) {
        submit(&node, 1, nonce, update(0, version)).await??;
        seal(&node).await?;
        let refused = node.preview(pay.clone()).await?.err();
        let expected: OperationError = expected.into();
        assert_eq!(refused, Some(AdmitError::from(expected).into()));
        let quote = node.quote(ZERO, Uses::new(1)?).await?;
        assert_eq!(quote.version, version, "a quote says why");
    }
    node.stop().await;
    Ok(())
}

/// An update has a least fee of its own.
#[tokio::test]
async fn the_operator_asks_for_a_fee_of_updates() -> TestResult<()> {
    let dir = tempfile::tempdir()?;
    let (node, old) = start_with_license(dir.path()).await?;
    node.stop().await;
    drop(node);
    let mut config = config(dir.path(), BatchClass::TINY);
    config.sequencer.rules.least_fees.update_license = farthing_protocol::Fee::MAX;
    let node = Aggregator::start(config, Components::default())?;
    let refused = submit(&node, 1, 2, update(0, old)).await?;
    assert!(matches!(refused, Err(Rejection::Rule(_))), "{refused:?}");
    submit(&node, 3, 1, pay_operation(0, 1, PRICE)?).await??;
    node.stop().await;
    Ok(())
}
