//! One encoding per stream of records, and nothing else decodes.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;
use crate::account::AccountIdentity;
use crate::bytes::{Address, Bytes32};
use crate::error::{DecodeError, ShareTableError};
use crate::felt::MODULUS;
use crate::license::{
    Holder, HolderShares, LicenseStatus, LicenseVersion, Licensee, Lineage, ShareTable,
};
use crate::limits::{LICENSEE_BITS, LINEAGE_MAX, SHARES_TOTAL};
use crate::quantity::{AccountId, Amount, LicenseId, Nano, Nonce, Price, Shares};
use crate::queue::{Deposit, ForcedExit, QueueEntry, QueueOutcome};
use crate::schnorr::PublicKey;

fn address() -> impl Strategy<Value = Address> {
    any::<[u8; 20]>().prop_map(Address)
}

/// Small, at the top, or anywhere in `0..=max`.
fn up_to(max: u64) -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(1), Just(max), 0..=max]
}

fn deposit() -> impl Strategy<Value = Record> {
    let amount = prop_oneof![up_to(Amount::MAX.get()), up_to((1 << 56) - 1)];
    (address(), any::<[u64; 5]>(), amount, any::<u32>(), any::<bool>()).prop_map(
        |(owner, key, amount, account, credited)| {
            let deposit = Deposit::new(owner, key, amount).expect("less than 2⁵⁶");
            let account = AccountId::from(account);
            let outcome = match (Amount::new(amount), credited) {
                (Err(_), _) => QueueOutcome::RefusedByAmount,
                (Ok(_), true) => QueueOutcome::Credited(account),
                (Ok(_), false) => QueueOutcome::RefusedByBalance(account),
            };
            Record::Queue(QueueEntry::Deposit(deposit), outcome)
        },
    )
}

fn forced_exit() -> impl Strategy<Value = Record> {
    (address(), any::<u32>(), any::<bool>()).prop_map(|(requester, account, exits)| {
        let entry = ForcedExit { requester, account: AccountId::from(account) };
        let outcome = if exits { QueueOutcome::Exits } else { QueueOutcome::NoEffect };
        Record::Queue(QueueEntry::ForcedExit(entry), outcome)
    })
}

fn opened(id: u32) -> impl Strategy<Value = Record> {
    (address(), any::<[u64; 5]>()).prop_map(move |(owner, words)| {
        let identity = AccountIdentity { key: PublicKey::from_words_reduced(words), owner };
        Record::OpenedAccount(OpenedAccount { id: AccountId::from(id), identity })
    })
}

fn withdrawal() -> impl Strategy<Value = Record> {
    (address(), up_to(Nano::MAX.base_units()))
        .prop_map(|(owner, base_units)| Record::Withdrawal(Withdrawal { owner, base_units }))
}

fn account(id: u32) -> impl Strategy<Value = Record> {
    let nonce = proptest::option::of(up_to(Nonce::MAX.get()));
    (up_to(Nano::MAX.get()), nonce).prop_map(move |(balance, nonce)| {
        let balance = Nano::new(balance).expect("in range");
        let nonce = nonce.map(|nonce| Nonce::new(nonce).expect("in range"));
        Record::Account(AccountDiff { id: AccountId::from(id), balance, nonce })
    })
}

fn share_table() -> impl Strategy<Value = ShareTable> {
    (btree_set((any::<bool>(), any::<u32>()), 1..=16), vec(1..50_000u64, 16)).prop_map(
        |(holders, mut shares)| {
            let (first, rest) = shares.split_first_mut().expect("16 of them");
            let others: u64 = rest[..holders.len() - 1].iter().sum();
            *first = u64::from(SHARES_TOTAL) - others;
            let lines = holders.into_iter().zip(shares).map(|((license, id), shares)| {
                let holder = match license {
                    true => Holder::License(LicenseId::from(id)),
                    false => Holder::Account(AccountId::from(id)),
                };
                HolderShares { holder, shares: Shares::new(shares).expect("in range") }
            });
            ShareTable::new(lines.collect()).expect("ascending, of the right sum")
        },
    )
}

fn new_license(id: u32) -> impl Strategy<Value = Record> {
    let numbers = (
        any::<u32>(),
        up_to(u64::from(SHARES_TOTAL)),
        1..=LINEAGE_MAX,
        up_to(Price::MAX.get()),
        any::<[u8; 32]>(),
    );
    (numbers, share_table()).prop_map(
        move |((licensor, derivative, lineage, price, provenance), shares)| {
            Record::NewLicense(NewLicense {
                id: LicenseId::from(id),
                licensor: AccountId::from(licensor),
                derivative_shares: Shares::new(derivative).expect("in range"),
                lineage: Lineage::new(lineage).expect("in range"),
                provenance: Bytes32(provenance),
                price: Price::new(price).expect("in range"),
                shares,
            })
        },
    )
}

fn updated_license(id: u32) -> impl Strategy<Value = Record> {
    let numbers = (
        1..=3u64,
        up_to((1 << LICENSEE_BITS) - 1),
        up_to(u64::from(SHARES_TOTAL)),
        up_to(Price::MAX.get()),
        any::<[u8; 32]>(),
    );
    numbers.prop_map(move |(status, licensee, derivative, price, provenance)| {
        let status = LicenseStatus::from_number(status).expect("a status");
        let (licensee, derivative) = match status {
            LicenseStatus::Retired => (0, 0),
            LicenseStatus::Active | LicenseStatus::Paused => (licensee, derivative),
        };
        let version = LicenseVersion {
            price: Price::new(price).expect("in range"),
            derivative_shares: Shares::new(derivative).expect("in range"),
            status,
            licensee: Licensee::new(licensee).expect("in range"),
            provenance: Bytes32(provenance),
        };
        Record::UpdatedLicense(UpdatedLicense { id: LicenseId::from(id), version })
    })
}

fn license(id: u32) -> impl Strategy<Value = Record> {
    (0..16u8, up_to(Nano::MAX.get())).prop_map(move |(vault, received)| {
        let received = Nano::new(received).expect("in range");
        Record::License(LicenseDiff { id: LicenseId::from(id), vault, received })
    })
}

/// Ascending ids, each with a record that `record` makes.
fn ascending<S: Strategy<Value = Record>>(
    record: impl Fn(u32) -> S + Clone,
) -> impl Strategy<Value = Vec<Record>> {
    btree_set(prop_oneof![any::<u32>(), 0..4u32, Just(u32::MAX)], 0..4)
        .prop_flat_map(move |ids| ids.into_iter().map(record.clone()).collect::<Vec<_>>())
}

fn stream() -> impl Strategy<Value = Vec<Record>> {
    let queue = vec(prop_oneof![deposit(), forced_exit()], 0..4);
    (
        queue,
        ascending(opened),
        vec(withdrawal(), 0..4),
        ascending(account),
        ascending(new_license),
        ascending(updated_license),
        ascending(license),
    )
        .prop_map(|(a, b, c, d, e, f, g)| [a, b, c, d, e, f, g].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_stream_survives_its_bytes(records in stream()) {
        let data = PublicData::from_records(&records);
        prop_assert!(data.limbs().iter().all(|limb| limb >> LIMB_BITS == 0));
        let read = PublicData::from_bytes(&data.to_bytes()).expect("whole limbs");
        prop_assert_eq!(&read, &data);
        prop_assert_eq!(read.records().expect("decodes"), records);
    }

    /// A stream that decodes after a change of one bit is the encoding of its records.
    #[test]
    fn one_stream_has_one_encoding(records in stream(), position: prop::sample::Index, bit in 0..56u32) {
        let mut data = PublicData::from_records(&records);
        prop_assume!(!data.limbs.is_empty());
        let at = position.index(data.limbs.len());
        data.limbs[at] ^= 1 << bit;
        if let Ok(changed) = data.records() {
            prop_assert_ne!(&changed, &records);
            prop_assert_eq!(PublicData::from_records(&changed), data);
        }
    }

    /// A stream cut anywhere is cut off or a shorter stream.
    #[test]
    fn a_cut_stream_is_a_prefix_or_refused(records in stream(), position: prop::sample::Index) {
        let mut data = PublicData::from_records(&records);
        prop_assume!(!data.limbs.is_empty());
        data.limbs.truncate(position.index(data.limbs.len()));
        match data.records() {
            Ok(fewer) => prop_assert!(records.starts_with(&fewer) && fewer.len() < records.len()),
            Err(error) => {
                let truncated = matches!(error, PublicDataError::Truncated { .. });
                prop_assert!(truncated);
            }
        }
    }
}

fn owner() -> Address {
    Address(core::array::from_fn(|i| i as u8 + 1))
}

fn nano(value: u64) -> Nano {
    Nano::new(value).expect("in range")
}

fn deposit_of(amount: u64, outcome: QueueOutcome) -> Record {
    let deposit = Deposit::new(owner(), [1, 2, 3, 4, 5], amount).expect("less than 2⁵⁶");
    Record::Queue(QueueEntry::Deposit(deposit), outcome)
}

fn credited() -> Record {
    deposit_of(7, QueueOutcome::Credited(AccountId::from(9)))
}

fn exit_of(outcome: QueueOutcome) -> Record {
    let exit = ForcedExit { requester: owner(), account: AccountId::from(9) };
    Record::Queue(QueueEntry::ForcedExit(exit), outcome)
}

fn opened_as(id: u32) -> Record {
    let identity = AccountIdentity { key: PublicKey::from_words_reduced([1; 5]), owner: owner() };
    Record::OpenedAccount(OpenedAccount { id: AccountId::from(id), identity })
}

fn withdrawal_of(base_units: u64) -> Record {
    Record::Withdrawal(Withdrawal { owner: owner(), base_units })
}

fn account_of(id: u32, nonce: Option<u64>) -> Record {
    let nonce = nonce.map(|nonce| Nonce::new(nonce).expect("in range"));
    Record::Account(AccountDiff { id: AccountId::from(id), balance: nano(5), nonce })
}

fn new_license_of(id: u32) -> Record {
    let line = |holder, shares| HolderShares { holder, shares: Shares::new(shares).expect("few") };
    let shares = ShareTable::new(vec![
        line(Holder::Account(AccountId::from(1)), 400_000),
        line(Holder::License(LicenseId::from(0)), 600_000),
    ]);
    Record::NewLicense(NewLicense {
        id: LicenseId::from(id),
        licensor: AccountId::from(3),
        derivative_shares: Shares::new(50_000).expect("in range"),
        lineage: Lineage::new(2).expect("in range"),
        provenance: Bytes32([0xAB; 32]),
        price: Price::new(250).expect("in range"),
        shares: shares.expect("a table"),
    })
}

fn updated_license_of(id: u32) -> Record {
    updated_license_with(id, LicenseStatus::Paused, 9, 50_000)
}

fn updated_license_with(id: u32, status: LicenseStatus, licensee: u64, derivative: u64) -> Record {
    let version = LicenseVersion {
        price: Price::new(250).expect("in range"),
        derivative_shares: Shares::new(derivative).expect("in range"),
        status,
        licensee: Licensee::new(licensee).expect("in range"),
        provenance: Bytes32([0xAB; 32]),
    };
    Record::UpdatedLicense(UpdatedLicense { id: LicenseId::from(id), version })
}

fn license_of(id: u32) -> Record {
    Record::License(LicenseDiff { id: LicenseId::from(id), vault: 1, received: nano(250) })
}

/// The error of reading `record` after its limbs have been changed.
fn changed(record: &Record, change: impl FnOnce(&mut Vec<u64>)) -> Option<PublicDataError> {
    let mut data = PublicData::from_records([record]);
    assert_eq!(data.records().as_deref(), Ok(core::slice::from_ref(record)));
    change(&mut data.limbs);
    data.records().err()
}

const fn field(field: &'static str) -> Option<PublicDataError> {
    Some(PublicDataError::Field { at: 0, field })
}

#[test]
fn spare_bits_must_be_zero() {
    // Record, limb, spare bits, the field that they spoil.
    let spare: &[(Record, usize, core::ops::Range<u32>, &str)] = &[
        (credited(), 0, 0..8, "head"),
        (credited(), 1, 48..56, "address"),
        (credited(), 5, 40..56, "key"),
        (exit_of(QueueOutcome::Exits), 0, 0..8, "head"),
        (exit_of(QueueOutcome::NoEffect), 1, 48..56, "address"),
        (opened_as(1), 0, 0..16, "head"),
        (opened_as(1), 1, 48..56, "address"),
        (opened_as(1), 4, 40..56, "key"),
        (withdrawal_of(1), 3, 53..56, "withdrawal amount"),
        (account_of(1, None), 0, 14..16, "balance"),
        (account_of(1, None), 1, 48..56, "balance"),
        (account_of(1, Some(2)), 0, 14..16, "balance"),
        (account_of(1, Some(2)), 2, 54..56, "nonce"),
        (new_license_of(1), 0, 0..8, "head"),
        (new_license_of(1), 1, 52..56, "licensor"),
        (new_license_of(1), 3, 32..56, "provenance"),
        (updated_license_of(1), 0, 0..8, "head"),
        (updated_license_of(1), 1, 51..56, "licensee"),
        (updated_license_of(1), 2, 0..16, "head"),
        (updated_license_of(1), 3, 32..56, "provenance"),
        (license_of(1), 0, 12..16, "vault"),
        (license_of(1), 1, 54..56, "received"),
    ];
    for (record, limb, bits, name) in spare {
        for bit in bits.clone() {
            let error = changed(record, |limbs| limbs[*limb] |= 1 << bit);
            let expected = Some(PublicDataError::Field { at: 0, field: name });
            assert_eq!(error, expected, "bit {bit} of limb {limb} of {record:?}");
        }
    }
}

#[test]
fn every_bit_of_every_limb_says_something() {
    let records = [
        credited(),
        exit_of(QueueOutcome::Exits),
        opened_as(1),
        withdrawal_of(1),
        account_of(1, None),
        account_of(1, Some(2)),
        new_license_of(1),
        updated_license_of(1),
        license_of(1),
    ];
    for record in records {
        let data = PublicData::from_records([&record]);
        for limb in 0..data.limbs.len() {
            for bit in 0..56 {
                let mut flipped = data.clone();
                flipped.limbs[limb] ^= 1 << bit;
                assert_ne!(flipped.records(), Ok(vec![record.clone()]), "bit {bit} of {limb}");
            }
        }
    }
}

#[test]
fn a_limb_has_seven_bytes() {
    for limb in 0..2 {
        let error = changed(&license_of(1), |limbs| limbs[limb] |= 1 << 56);
        assert_eq!(error, field("limb"));
    }
    let partial = |bytes| Some(PublicDataError::PartialLimb { bytes });
    for bytes in [1, 6, 8, 13] {
        assert_eq!(PublicData::from_bytes(&vec![0; bytes]).err(), partial(bytes));
    }
    assert_eq!(PublicData::from_bytes(&[]).map(|data| data.records()), Ok(Ok(Vec::new())));
    let json = r#"{"limbs":[72057594037927935]}"#;
    assert!(serde_json::from_str::<PublicData>(json).is_ok());
    let json = r#"{"limbs":[72057594037927936]}"#;
    assert!(serde_json::from_str::<PublicData>(json).is_err());
}

#[test]
fn kinds_are_one_to_nine() {
    for kind in (0..=u8::MAX).filter(|kind| !(1..=9).contains(kind)) {
        let data = PublicData { limbs: vec![u64::from(kind) << 48; 16] };
        assert_eq!(data.records().err(), field("kind"));
    }
}

#[test]
fn a_record_cut_off_is_truncated() {
    let whole = license_of(0);
    let order = [
        account_of(1, Some(2)),
        account_of(1, None),
        new_license_of(1),
        updated_license_of(1),
        license_of(1),
    ];
    let front = [credited(), exit_of(QueueOutcome::NoEffect), opened_as(1), withdrawal_of(1)];
    for record in front.iter().chain(&order) {
        let length = PublicData::from_records([record]).limbs.len();
        for cut in 1..length {
            let error = changed(record, |limbs| limbs.truncate(cut));
            assert_eq!(error, Some(PublicDataError::Truncated { at: 0 }), "{record:?}");
        }
    }
    let mut data = PublicData::from_records([&whole, &license_of(1)]);
    data.limbs.pop();
    assert_eq!(data.records(), Err(PublicDataError::Truncated { at: 2 }));
}

#[test]
fn kinds_come_in_order() {
    let by_rank = [
        vec![credited(), exit_of(QueueOutcome::NoEffect)],
        vec![opened_as(1)],
        vec![withdrawal_of(1)],
        vec![account_of(1, None), account_of(1, Some(2))],
        vec![new_license_of(1)],
        vec![updated_license_of(1)],
        vec![license_of(1)],
    ];
    for (rank, late) in by_rank.iter().enumerate() {
        for early in by_rank[..rank].iter().flatten() {
            for late in late {
                assert!(PublicData::from_records([early, late]).records().is_ok());
                let data = PublicData::from_records([late, early]);
                let at = PublicData::from_records([late]).limbs.len();
                assert_eq!(data.records(), Err(PublicDataError::Order { at }));
            }
        }
    }
}

#[test]
fn ids_ascend_strictly() {
    let makers: [fn(u32) -> Record; 5] =
        [opened_as, |id| account_of(id, None), new_license_of, updated_license_of, license_of];
    for record in makers {
        let read = |first, second| {
            PublicData::from_records([&record(first), &record(second)]).records().map(|r| r.len())
        };
        let at = PublicData::from_records([&record(0)]).limbs.len();
        assert_eq!(read(0, 1), Ok(2));
        assert_eq!(read(0, u32::MAX), Ok(2));
        assert_eq!(read(1, 1), Err(PublicDataError::Order { at }));
        assert_eq!(read(2, 1), Err(PublicDataError::Order { at }));
    }
    // An account that signed and one that did not are one kind.
    let data = PublicData::from_records([&account_of(1, Some(2)), &account_of(1, None)]);
    assert_eq!(data.records(), Err(PublicDataError::Order { at: 3 }));
    // Queue entries and withdrawals have no order of their own.
    for record in [credited(), exit_of(QueueOutcome::Exits), withdrawal_of(3)] {
        assert_eq!(PublicData::from_records([&record, &record]).records().map(|r| r.len()), Ok(2));
    }
}

#[test]
fn an_opened_account_has_a_canonical_key() {
    // Limb 4 holds the high bytes, limbs 5 to 9 the low 56 bits of each word.
    for word in 0..5 {
        let put = |value: u64| {
            changed(&opened_as(1), |limbs| {
                limbs[4] |= (value >> 56) << (8 * (4 - word));
                limbs[5 + word] = value & ((1 << 56) - 1);
            })
        };
        assert_eq!(put(MODULUS - 1), None);
        assert_eq!(put(MODULUS), field("key"));
        assert_eq!(put(u64::MAX), field("key"));
    }
}

#[test]
fn a_deposit_keeps_the_key_that_l1_has() {
    let deposit = Deposit::new(owner(), [u64::MAX; 5], 1).expect("in range");
    let outcome = QueueOutcome::Credited(AccountId::from(1));
    let record = Record::Queue(QueueEntry::Deposit(deposit), outcome);
    let data = PublicData::from_records([&record]);
    assert_eq!(data.records(), Ok(vec![record]));
    let reduced = u64::MAX - MODULUS;
    assert_eq!(deposit.identity().key, PublicKey::from_words_reduced([reduced; 5]));
}

#[test]
fn an_outcome_fits_its_entry() {
    let code = |record: &Record, code: u64| {
        changed(record, |limbs| limbs[0] = limbs[0] & !(0xFF << 40) | code << 40)
    };
    // An amount: credited (1) or refused by the balance (2).
    assert_eq!(code(&credited(), 0), field("outcome"));
    assert_eq!(code(&credited(), 2), None);
    // No amount: refused (0), for no account.
    let no_amount = deposit_of(1 << 46, QueueOutcome::RefusedByAmount);
    assert_eq!(code(&no_amount, 1), field("outcome"));
    assert_eq!(code(&no_amount, 2), field("outcome"));
    assert_eq!(changed(&no_amount, |limbs| limbs[0] |= 1 << 8), field("outcome"));
    // The amount changes instead of the outcome.
    assert_eq!(changed(&no_amount, |limbs| limbs[4] = (1 << 46) - 1), field("outcome"));
    assert_eq!(changed(&credited(), |limbs| limbs[4] = 1 << 46), field("outcome"));
    // A forced exit: with effect (1) or without (0).
    assert_eq!(code(&exit_of(QueueOutcome::Exits), 0), None);
    assert_eq!(code(&exit_of(QueueOutcome::Exits), 2), field("outcome"));
    for record in [credited(), no_amount, exit_of(QueueOutcome::Exits)] {
        for unknown in 3..=255 {
            assert_eq!(code(&record, unknown), field("outcome"));
        }
    }
}

#[test]
fn values_keep_their_types_rules() {
    let value = |error: Option<PublicDataError>| match error {
        Some(PublicDataError::Value { at: 0, source }) => source,
        other => panic!("expected a value's error, got {other:?}"),
    };
    let largest = Nano::MAX.base_units();
    assert_eq!(changed(&withdrawal_of(0), |limbs| limbs[3] = largest), None);
    let error = changed(&withdrawal_of(0), |limbs| limbs[3] = largest + 1);
    assert_eq!(error, field("withdrawal amount"));
    for vault in 16..=255 {
        let error = changed(&license_of(1), |limbs| limbs[0] |= vault << 8);
        // Bit 0 of the vault is set already.
        assert_eq!(error, field("vault"));
    }

    let license = new_license_of(1);
    for count in [0, 17, 255] {
        let error = changed(&license, |limbs| limbs[0] = limbs[0] & !(0xFF << 8) | count << 8);
        assert_eq!(error, field("number of holders"));
    }
    let error = value(changed(&license, |limbs| limbs[1] |= (1 << 20) - 1));
    assert!(matches!(error, DecodeError::OutOfRange(e) if e.quantity == "Shares"));
    for lineage in [0, 65, 0xFFFF] {
        let error = changed(&license, |limbs| limbs[2] = limbs[2] & !0xFFFF | lineage);
        let error = value(error);
        assert!(matches!(error, DecodeError::OutOfRange(e) if e.quantity == "Lineage"));
    }
    let error = value(changed(&license, |limbs| limbs[8] |= 2 << 52));
    assert_eq!(error, DecodeError::UnknownKind { what: "holder", got: 2 });
    let error = value(changed(&license, |limbs| limbs.swap(8, 9)));
    assert_eq!(error, ShareTableError::NotAscending { index: 1 }.into());
    let error = value(changed(&license, |limbs| limbs[8] += 1 << 32));
    let expected = ShareTableError::WrongSum { expected: 1_000_000, got: 1_000_001 };
    assert_eq!(error, expected.into());
    let error = value(changed(&license, |limbs| limbs[9] &= !(((1 << 20) - 1) << 32)));
    assert_eq!(error, ShareTableError::NoShares { index: 1 }.into());
}

#[test]
fn an_updated_license_keeps_its_rules() {
    let updated = updated_license_of(1);
    for status in 0..=255 {
        let error = changed(&updated, |limbs| limbs[0] = limbs[0] & !(0xFF << 8) | status << 8);
        // A retired license has neither derivative shares nor a licensee, as this one has.
        let expected = if (1..=2).contains(&status) { None } else { field("status") };
        assert_eq!(error, expected, "status {status}");
    }
    let retire = |licensee, derivative| {
        let active = updated_license_with(1, LicenseStatus::Active, licensee, derivative);
        changed(&active, |limbs| limbs[0] |= 3 << 8)
    };
    assert_eq!(retire(0, 0), None);
    for (licensee, derivative) in [(1, 0), ((1 << 31) - 1, 0), (0, 1), (0, 1_000_000), (9, 1)] {
        assert_eq!(retire(licensee, derivative), field("status"));
    }
    // 31 bits of a licensee: every value is one, and the bit above is spare.
    let licensee = |licensee: u64| {
        changed(&updated, |limbs| limbs[1] = limbs[1] & ((1 << 20) - 1) | licensee << 20)
    };
    assert_eq!((licensee(0), licensee((1 << 31) - 1)), (None, None));
    assert_eq!(licensee(1 << 31), field("licensee"));
    let error = changed(&updated, |limbs| limbs[1] |= (1 << 20) - 1);
    let Some(PublicDataError::Value { at: 0, source: DecodeError::OutOfRange(error) }) = error
    else {
        panic!("expected a range error, got {error:?}")
    };
    assert_eq!((error.quantity, error.got), ("Shares", (1 << 20) - 1));
}

#[test]
fn both_commitments_depend_on_the_length() {
    let one = PublicData { limbs: vec![0] };
    let two = PublicData { limbs: vec![0, 0] };
    assert_ne!(one.commitment(), two.commitment());
    assert_ne!(one.keccak(), two.keccak());
    assert_ne!(PublicData::default().commitment(), one.commitment());
}
