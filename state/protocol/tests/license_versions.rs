//! Versions of licenses: status, licensee and what goes together.

use farthing_protocol::{
    AccountId, Bytes32, LicenseStatus, LicenseVersion, Licensee, OutOfRange, Price, Shares,
};

const LAST: u64 = (1 << 31) - 1;

fn version(status: LicenseStatus, licensee: u64, shares: u64) -> LicenseVersion {
    LicenseVersion {
        price: Price::new(250).expect("in range"),
        derivative_shares: Shares::new(shares).expect("in range"),
        status,
        licensee: Licensee::new(licensee).expect("in range"),
        provenance: Bytes32([1; 32]),
    }
}

#[test]
fn a_status_is_one_to_three() {
    use LicenseStatus::{Active, Paused, Retired};
    for (number, status) in (1..).zip([Active, Paused, Retired]) {
        assert_eq!(status.number(), number);
        assert_eq!(LicenseStatus::from_number(number.into()), Some(status));
    }
    for number in [0, 4, 257, 1 << 32 | 1, u64::MAX] {
        assert_eq!(LicenseStatus::from_number(number), None);
    }
}

#[test]
fn a_licensee_is_an_account_or_anybody() {
    let licensee = |number| Licensee::new(number);
    let out = |got| Err(OutOfRange { quantity: "Licensee", got, min: 0, max: LAST });
    for number in [LAST + 1, u32::MAX.into(), 1 << 32, u64::MAX] {
        assert_eq!(licensee(number), out(number));
    }
    assert_eq!((licensee(0), Licensee::default()), (Ok(Licensee::ANYBODY), Licensee::ANYBODY));
    let anybody = Licensee::ANYBODY;
    assert_eq!((anybody.get(), anybody.account()), (0, None));
    assert!([0, 1, u32::MAX].into_iter().all(|id| anybody.admits(AccountId::from(id))));
    for number in [1, 9, LAST as u32] {
        let one = Licensee::try_from(number).expect("in range");
        assert_eq!((one.get(), one.account()), (number, Some(AccountId::from(number))));
        assert!(one.admits(AccountId::from(number)));
        for other in [0, number - 1, number + 1, u32::MAX] {
            assert!(!one.admits(AccountId::from(other)), "{number} admits {other}");
        }
    }
    assert!(serde_json::from_str::<Licensee>("2147483647").is_ok());
    assert!(serde_json::from_str::<Licensee>("2147483648").is_err());
}

#[test]
fn a_retired_license_has_nothing_to_agree_on() {
    use LicenseStatus::{Active, Paused, Retired};
    for (licensee, shares) in [(0, 0), (0, 1), (1, 0), (LAST, 1_000_000)] {
        for status in [Active, Paused] {
            assert!(version(status, licensee, shares).is_consistent());
        }
        let bare = (licensee, shares) == (0, 0);
        assert_eq!(version(Retired, licensee, shares).is_consistent(), bare);
    }
    assert_eq!(version(Retired, 0, 0).standing(), 3);
}

/// The largest value of each field leaves the others alone.
#[test]
fn the_fields_of_a_standing_do_not_meet() {
    use LicenseStatus::{Active, Paused, Retired};
    for (number, status) in (1..).zip([Active, Paused, Retired]) {
        for licensee in [0, 1, LAST] {
            for shares in [0, 1, 1_000_000] {
                let standing = version(status, licensee, shares).standing();
                assert_eq!(standing % 4, number);
                assert_eq!(standing >> 2 & 0xFFFF_FFFF, licensee);
                assert_eq!(standing >> 34, shares);
            }
        }
    }
}
