//! Share tables and lineages: which rule is broken, and which error wins.

use farthing_protocol::{
    AccountId, Digest, HOLDERS_MAX, Holder, HolderShares, LINEAGE_MAX, LicenseId, Lineage,
    SHARES_TOTAL, ShareTable, ShareTableError, Shares,
};

fn account(id: u32, shares: u64) -> HolderShares {
    line(Holder::Account(AccountId::from(id)), shares)
}

fn license(id: u32, shares: u64) -> HolderShares {
    line(Holder::License(LicenseId::from(id)), shares)
}

fn line(holder: Holder, shares: u64) -> HolderShares {
    HolderShares { holder, shares: Shares::new(shares).expect("in range") }
}

/// `count` accounts in order, the first with all shares that the others leave.
fn accounts(count: u32) -> Vec<HolderShares> {
    let first = u64::from(SHARES_TOTAL) - u64::from(count) + 1;
    (0..count).map(|id| account(id, if id == 0 { first } else { 1 })).collect()
}

fn error(lines: Vec<HolderShares>) -> Option<ShareTableError> {
    ShareTable::new(lines).err()
}

#[test]
fn one_to_sixteen_holders_make_a_table() {
    for count in 1..=HOLDERS_MAX as u32 {
        let table = ShareTable::new(accounts(count)).expect("a table");
        assert_eq!(table.holders().len(), count as usize);
        assert_eq!(table.parents().count(), 0);
    }
    let table = ShareTable::new(vec![account(5, 1), license(0, 2), license(5, 999_997)]);
    let parents: Vec<_> = table.expect("a table").parents().map(|(id, _)| id.get()).collect();
    assert_eq!(parents, [0, 5]);
}

#[test]
fn the_first_broken_rule_is_the_error() {
    use ShareTableError::*;
    let too_many = |got| TooManyHolders { got, max: 16 };
    let wrong_sum = |got| WrongSum { expected: 1_000_000, got };
    let mut unsorted = accounts(17);
    unsorted.swap(0, 1);
    let table = [
        (vec![], NoHolders),
        (accounts(17), too_many(17)),
        (accounts(300), too_many(300)),
        // Too many wins over order, shares and sum.
        (unsorted, too_many(17)),
        (vec![account(0, 0); 20], too_many(20)),
        // No shares: wins over the order of the same line and over the sum.
        (vec![account(0, 0)], NoShares { index: 0 }),
        (vec![account(1, 1_000_000), account(2, 0)], NoShares { index: 1 }),
        (vec![account(1, 5), account(0, 0)], NoShares { index: 1 }),
        // The first line at fault wins, with any kind of fault.
        (vec![account(1, 5), account(1, 5), account(2, 0)], NotAscending { index: 1 }),
        (vec![account(1, 0), account(0, 5)], NoShares { index: 0 }),
        // Order: repeated, descending, an account behind a license.
        (vec![account(1, 500_000), account(1, 500_000)], NotAscending { index: 1 }),
        (vec![account(2, 500_000), account(1, 500_000)], NotAscending { index: 1 }),
        (vec![license(0, 500_000), account(9, 500_000)], NotAscending { index: 1 }),
        (vec![account(0, 1), license(3, 5), license(3, 5)], NotAscending { index: 2 }),
        // Order wins over the sum.
        (vec![account(2, 1), account(1, 1)], NotAscending { index: 1 }),
        (vec![account(0, 999_999)], wrong_sum(999_999)),
        (vec![account(0, 1_000_000), account(1, 1)], wrong_sum(1_000_001)),
        ((0..16).map(|id| account(id, 1_000_000)).collect(), wrong_sum(16_000_000)),
    ];
    for (lines, expected) in table {
        assert_eq!(error(lines.clone()), Some(expected), "{lines:?}");
    }
}

#[test]
fn lines_survive_packing() {
    for line in [account(0, 0), account(u32::MAX, 1_000_000), license(7, 1), license(u32::MAX, 5)] {
        assert!(line.packed() < 1 << 53);
        assert_eq!(HolderShares::from_packed(line.packed()).ok(), Some(line));
    }
    assert_eq!(account(3, 5).packed(), 5 << 32 | 3);
    assert_eq!(license(3, 5).packed(), 1 << 52 | 5 << 32 | 3);
    for kind in [2u64, 15, 4095] {
        assert!(HolderShares::from_packed(kind << 52 | 1 << 32).is_err());
    }
    assert!(HolderShares::from_packed(1_000_001 << 32).is_err());
}

#[test]
fn digests_tell_tables_apart() {
    let tables = [
        accounts(1),
        accounts(8),
        accounts(9),
        accounts(16),
        vec![account(0, 1), license(0, 999_999)],
        vec![account(0, 2), license(0, 999_998)],
        vec![account(0, 1), account(1, 999_999)],
    ];
    let digests = tables.map(|lines| ShareTable::new(lines).expect("a table").digest());
    for (i, digest) in digests.iter().enumerate() {
        assert!(!digests[..i].contains(digest));
        assert_ne!(*digest, Digest::ZERO);
    }
}

#[test]
fn a_lineage_counts_every_path() {
    let of = |values: &[u32]| {
        let parents = values.iter().map(|value| Lineage::new(*value).expect("in range"));
        Lineage::of_parents(parents).map(Lineage::get)
    };
    assert_eq!(of(&[]), Ok(Lineage::ROOT.get()));
    assert_eq!(of(&[1]), Ok(2));
    // A diamond: its top is counted on both paths.
    assert_eq!(of(&[2, 2]), Ok(5));
    assert_eq!(of(&[63]), Ok(64));
    assert_eq!(of(&[31, 32]), Ok(64));
    let error = of(&[64]).expect_err("too large");
    assert_eq!((error.quantity, error.got, error.min, error.max), ("Lineage", 65, 1, 64));
    assert_eq!(of(&[LINEAGE_MAX; 16]).expect_err("too large").got, 1 + 16 * 64);
    assert!(Lineage::new(0).is_err() && Lineage::new(64).is_ok() && Lineage::new(65).is_err());
    assert!(serde_json::from_str::<Lineage>("64").is_ok());
    assert!(serde_json::from_str::<Lineage>("65").is_err());
}
