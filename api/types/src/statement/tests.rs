//! Statements over made-up openings: each is consistent, as one of a real state is.

use farthing_protocol::{
    Address, BatchHeader, Felt, Lineage, Price, QueueIndex, ShortDigest, TREE_DEPTH, UnixTime,
};

use super::*;
use crate::dto::{BatchStatementBody, HolderBody, HolderName, LicenseStatusName, WireDigest};

type TestResult = Result<(), Box<dyn std::error::Error>>;
type Made<T> = Result<T, Box<dyn std::error::Error>>;

const DOMAIN: Domain = Domain { chain_id: 31_337, contract: Address([0x22; 20]) };
const ALICE: AccountId = AccountId::MIN;

/// The holders of a license, by account.
fn holders(shares: &[u64]) -> Made<Vec<HolderBody>> {
    let line = |(account, shares): (u32, &u64)| {
        let holder = HolderName::Account(account);
        Ok(HolderBody { holder, shares: Shares::new(*shares)? })
    };
    (0..).zip(shares).map(line).collect()
}

/// License `id` after batch `batch`, with the state root to which its path leads.
fn opening(id: u32, batch: u64, received: u64, shares: &[u64]) -> Made<LicenseOpeningBody> {
    let header = BatchHeader {
        domain: DOMAIN.digest(),
        class: 0,
        number: BatchNumber::new(batch)?,
        timestamp: UnixTime::new(1_900_000_000 + batch)?,
        old_root: Digest::ZERO,
        new_root: Digest::ZERO,
        receipts_root: Digest::ZERO,
        intents: 0,
        queue_from: QueueIndex::new(0)?,
        queue_to: QueueIndex::new(0)?,
        public_data: Digest::ZERO,
        public_data_limbs: 0,
    };
    let zero = [Felt::default(); 2];
    let statement = BatchStatement { header, challenge: zero, evaluation: zero };
    let mut opening = LicenseOpeningBody {
        chain_id: DOMAIN.chain_id,
        contract: DOMAIN.contract.into(),
        id: LicenseId::from(id),
        recipient: ShortDigest::default().into(),
        licensor: ALICE,
        lineage: Lineage::ROOT,
        holders: holders(shares)?,
        price: Price::new(7)?.into(),
        derivative_shares: Shares::ZERO,
        status: LicenseStatusName::Active,
        licensee: None,
        vault: Nano::ZERO.into(),
        received: Nano::new(received)?.into(),
        siblings: [WireDigest::from(Digest::ZERO); TREE_DEPTH],
        accounts_root: Digest::ZERO.into(),
        batch: BatchStatementBody::from(&statement),
        block: farthing_protocol::BlockNumber::FIRST.into(),
        l1: None,
    };
    root(&mut opening)?;
    Ok(opening)
}

/// States the root to which the opening's path leads.
fn root(opening: &mut LicenseOpeningBody) -> TestResult {
    match verify_license_opening(opening.id, opening) {
        Err(OpeningError::Root { got, .. }) => opening.batch.new_root = got.into(),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(())
}

fn entry(id: u32, received: [u64; 2], shares: &[u64]) -> Made<StatementEntryBody> {
    let [after, until] = received;
    let after = Some(opening(id, 10, after, shares)?);
    Ok(StatementEntryBody { after, until: opening(id, 14, until, shares)? })
}

/// Two licenses in one state each time: the path of each has the other's leaf.
fn two(first: [u64; 2], second: [u64; 2]) -> Made<Vec<StatementEntryBody>> {
    let mut entries = [entry(0, first, &[1_000_000])?, entry(1, second, &[1_000_000])?];
    let [left, right] = &mut entries;
    for (left, right) in [
        (left.after.as_mut().ok_or("after")?, right.after.as_mut().ok_or("after")?),
        (&mut left.until, &mut right.until),
    ] {
        left.siblings[0] = right.leaf()?.into();
        right.siblings[0] = left.leaf()?.into();
        left.batch.new_root = Digest::ZERO.into();
        root(left)?;
        right.batch = left.batch.clone();
    }
    Ok(entries.into())
}

fn revenue_of(received: [u64; 2]) -> Made<StatementBody> {
    Ok(make_statement(ClaimKind::Revenue, vec![entry(3, received, &[600_000, 400_000])?])?)
}

#[test]
fn revenue_is_the_difference_of_two_totals() -> TestResult {
    let statement = revenue_of([1_000, 5_500])?;
    let verified = verify_statement(&statement, Some(&DOMAIN))?;
    let batches: Vec<u64> = verified.batches().map(|batch| batch.header.number.get()).collect();
    assert_eq!(batches, [10, 14]);
    let ClaimStatedBody::Revenue { license, received, .. } = verified.claim else {
        return Err("revenue".into());
    };
    assert_eq!((license.get(), received.0.get()), (3, 4_500));
    let text = serde_json::to_string(&statement)?;
    assert_eq!(parse_statement(&text)?, statement);

    // The total is modulo 2⁶².
    let wrapped = revenue_of([Nano::MAX.get(), 5])?;
    assert!(
        matches!(wrapped.claim, ClaimStatedBody::Revenue { received, .. } if received.0.get() == 6)
    );
    let mut entry = entry(3, [0, 9], &[1_000_000])?;
    entry.after = None;
    let since = make_statement(ClaimKind::Revenue, vec![entry])?;
    assert_eq!(verify_statement(&since, None)?.batches().count(), 1);
    Ok(())
}

#[test]
fn a_share_has_bounds_that_hold_for_every_order_of_batches() -> TestResult {
    let bounds = |shares: &[u64], received, account| -> Made<(u64, u64)> {
        let kind = ClaimKind::Share(AccountId::from(account));
        let statement = make_statement(kind, vec![entry(3, [0, received], shares)?])?;
        verify_statement(&statement, None)?;
        match statement.claim {
            ClaimStatedBody::Share { credited_min, credited_max, .. } => {
                Ok((credited_min.0.get(), credited_max.0.get()))
            }
            other => Err(format!("{other:?}").into()),
        }
    };
    assert_eq!(bounds(&[1_000_000], 4_500, 0)?, (4_500, 4_500));
    let table = [333_333, 333_333, 333_334];
    for received in [0, 1, 9, 1_000, 123_457] {
        // Each way to spread the sum over the four batches, by a step.
        for step in 1..=7 {
            let (mut vault, mut credited, mut left) = (0, [0; 3], received);
            for batch in 0..4 {
                let paid = if batch == 3 { left } else { left.min(received * step / 10) };
                left -= paid;
                let total = vault + paid;
                vault = total;
                for (sum, shares) in credited.iter_mut().zip(table) {
                    let part = total * shares / 1_000_000;
                    *sum += part;
                    vault -= part;
                }
            }
            for (account, credited) in (0..).zip(credited) {
                // The vault at the end is not 0 here: the bound by what was distributed is apart.
                let (least, most) = bounds(&table, received, account)?;
                assert!((least..=most).contains(&credited), "{received} by {step}: {credited}");
            }
        }
    }
    let stranger =
        make_statement(ClaimKind::Share(AccountId::from(9)), vec![entry(3, [0, 5], &table)?]);
    assert!(matches!(stranger, Err(StatementError::NotHolder { .. })));
    Ok(())
}

#[test]
fn a_total_is_over_licenses_of_the_same_batches() -> TestResult {
    let statement = make_statement(ClaimKind::Total, two([5, 105], [7, 57])?)?;
    verify_statement(&statement, Some(&DOMAIN))?;
    assert!(
        matches!(&statement.claim, ClaimStatedBody::Total { received, .. } if received.0.get() == 150)
    );
    let mut licenses = two([5, 105], [7, 57])?;
    licenses.reverse();
    let refused = make_statement(ClaimKind::Total, licenses);
    assert!(matches!(refused, Err(StatementError::Order { .. })));
    let first = two([5, 105], [7, 57])?.swap_remove(0);
    let twice = make_statement(ClaimKind::Total, vec![first.clone(), first.clone()]);
    assert!(matches!(twice, Err(StatementError::Order { .. })), "no license counts twice");
    let apart = make_statement(ClaimKind::Total, vec![first, entry(3, [0, 5], &[1_000_000])?]);
    assert!(matches!(apart, Err(StatementError::Batches { .. })));
    let most = [0, Nano::MAX.get()];
    let refused = make_statement(ClaimKind::Total, two(most, most)?);
    assert!(matches!(refused, Err(StatementError::TooMuch)));
    let refused = make_statement(ClaimKind::Total, Vec::new());
    assert!(matches!(refused, Err(StatementError::Licenses { got: 0 })));
    let refused = make_statement(ClaimKind::Revenue, two([0, 1], [0, 1])?);
    assert!(matches!(refused, Err(StatementError::OneLicense { got: 2 })));
    Ok(())
}

/// A change of a statement.
type Tamper = (&'static str, fn(&mut LicenseOpeningBody));

#[test]
fn an_opening_that_was_changed_leads_elsewhere() -> TestResult {
    const TAMPERS: [Tamper; 15] = [
        ("id", |opening| opening.id = LicenseId::from(2)),
        ("licensor", |opening| opening.licensor = AccountId::from(9)),
        ("recipient", |opening| opening.recipient.0 = Digest::new([Felt::new(1); 4]).into()),
        ("holder", |opening| {
            opening.holders[0].holder = HolderName::License(1);
            opening.holders.reverse();
        }),
        ("price", |opening| opening.price.0 = Price::MAX),
        ("derivative shares", |opening| opening.derivative_shares = opening.holders[0].shares),
        ("status", |opening| opening.status = LicenseStatusName::Paused),
        ("licensee", |opening| opening.licensee = Some(AccountId::from(4))),
        ("vault", |opening| opening.vault.0 = Nano::MAX),
        ("received", |opening| opening.received.0 = Nano::MAX),
        ("sibling", |opening| opening.siblings[31] = Digest::new([Felt::new(1); 4]).into()),
        ("accounts root", |opening| {
            opening.accounts_root = Digest::new([Felt::new(1); 4]).into();
        }),
        ("new root", |opening| opening.batch.new_root = Digest::ZERO.into()),
        ("chain", |opening| opening.chain_id = 1),
        ("contract", |opening| opening.contract.0 = Address([0x23; 20])),
    ];
    for (what, change) in TAMPERS {
        let mut statement = revenue_of([1_000, 5_500])?;
        change(&mut statement.licenses[0].until);
        let refused = verify_statement(&statement, None);
        let is_right = match what {
            "chain" | "contract" => matches!(refused, Err(StatementError::Deployment { .. })),
            "id" => matches!(refused, Err(StatementError::Opening(OpeningError::License { .. }))),
            _ => matches!(refused, Err(StatementError::Opening(OpeningError::Root { .. }))),
        };
        assert!(is_right, "{what}: {refused:?}");
    }
    let mut statement = revenue_of([1_000, 5_500])?;
    statement.licenses[0].until.holders.pop();
    let refused = verify_statement(&statement, None);
    assert!(matches!(refused, Err(StatementError::Opening(OpeningError::Fields { .. }))));
    let mut statement = revenue_of([1_000, 5_500])?;
    statement.licenses[0].until.batch.domain = Digest::ZERO.into();
    let refused = verify_statement(&statement, None);
    assert!(matches!(refused, Err(StatementError::Opening(OpeningError::Domain { .. }))));
    let other = Domain { chain_id: 1, ..DOMAIN };
    let refused = verify_statement(&revenue_of([1, 2])?, Some(&other));
    assert!(matches!(refused, Err(StatementError::Deployment { .. })));
    let swapped = entry(3, [1, 2], &[1_000_000])?;
    let after = Some(swapped.until);
    let swapped = StatementEntryBody { after, until: swapped.after.ok_or("after")? };
    let refused = make_statement(ClaimKind::Revenue, vec![swapped]);
    assert!(matches!(refused, Err(StatementError::Period { .. })));
    Ok(())
}

#[test]
fn a_claim_that_does_not_follow_is_named() -> TestResult {
    let mut statement = revenue_of([1_000, 5_500])?;
    if let ClaimStatedBody::Revenue { received, .. } = &mut statement.claim {
        *received = Nano::new(4_501)?.into();
    }
    let refused = verify_statement(&statement, None).err().ok_or("refused")?.to_string();
    assert_eq!(
        refused,
        "the claim does not follow from the openings: received is 4500, the claim says 4501"
    );
    let mut statement = revenue_of([1_000, 5_500])?;
    if let ClaimStatedBody::Revenue { after, .. } = &mut statement.claim {
        *after = None;
    }
    let refused = verify_statement(&statement, None).err().ok_or("refused")?.to_string();
    assert!(refused.ends_with("after is 10, the claim says absent"), "{refused}");
    Ok(())
}

#[test]
fn a_text_that_is_not_a_statement_is_refused_with_the_reason() -> TestResult {
    let text = |change: fn(&mut serde_json::Value)| -> Made<String> {
        let mut value = serde_json::to_value(revenue_of([1, 2])?)?;
        change(&mut value);
        let refused = parse_statement(&value.to_string()).err().ok_or("refused")?;
        Ok(refused.to_string())
    };
    assert!(matches!(parse_statement("{"), Err(StatementError::Json(_))));
    let refused = parse_statement("[]").err().ok_or("refused")?.to_string();
    assert_eq!(refused, "type \"null\", expected \"farthing.statement\"");
    let refused = text(|value| value["version"] = 2.into())?;
    assert_eq!(refused, "version 2, expected 1: use a newer program");
    let refused = text(|value| value["claim"]["kind"] = "spent".into())?;
    assert!(refused.contains("unknown variant `spent`"), "{refused}");
    let refused = text(|value| value["extra"] = 1.into())?;
    assert!(refused.contains("unknown field `extra`"), "{refused}");
    Ok(())
}
