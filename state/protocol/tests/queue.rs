//! The L1 queue: bytes of entries, the hash chain, what a deposit may say.

use farthing_protocol::{
    AccountId, Address, Bytes32, DEPOSIT_BALANCE_LIMIT, Deposit, ForcedExit, MODULUS, Nano,
    OpenedAccount, PublicData, QueueEntry, QueueOutcome, Record,
};
use sha3::{Digest as _, Keccak256};

fn owner() -> Address {
    Address(core::array::from_fn(|i| i as u8 + 1))
}

fn deposit(key: [u64; 5], amount: u64) -> Deposit {
    Deposit::new(owner(), key, amount).expect("less than 2⁵⁶")
}

fn exit(account: u32) -> QueueEntry {
    QueueEntry::ForcedExit(ForcedExit { requester: owner(), account: AccountId::from(account) })
}

#[test]
fn entries_have_fixed_bytes() {
    let key = [0x0102_0304_0506_0708, 0, u64::MAX, MODULUS, 1];
    let bytes = QueueEntry::Deposit(deposit(key, 0x11_2233_4455_6677)).to_bytes();
    let words: Vec<u8> = key.iter().flat_map(|word| word.to_be_bytes()).collect();
    let amount = [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77];
    assert_eq!(bytes, [&[1], &owner().0[..], &amount, &words].concat());
    assert_eq!(bytes.len(), 1 + 20 + 7 + 40);
    let bytes = exit(0x0A0B_0C0D).to_bytes();
    assert_eq!(bytes, [&[2], &owner().0[..], &[0x0A, 0x0B, 0x0C, 0x0D]].concat());
    assert_eq!(bytes.len(), 1 + 20 + 4);
}

#[test]
fn the_chain_is_keccak_of_hash_and_entry() {
    let entries = [exit(1), QueueEntry::Deposit(deposit([1; 5], 5)), exit(2)];
    let mut chain = Bytes32::default();
    let mut seen = vec![chain];
    for entry in entries {
        let expected = Keccak256::digest([&chain.0[..], &entry.to_bytes()].concat());
        chain = entry.chain(&chain);
        assert_eq!(chain.0[..], expected[..]);
        assert!(!seen.contains(&chain));
        seen.push(chain);
    }
    // Two entries in the other order make another chain.
    let swapped = entries[0].chain(&entries[1].chain(&Bytes32::default()));
    assert_ne!(swapped, seen[2]);
}

#[test]
fn a_deposit_says_less_than_two_to_the_56() {
    assert_eq!(deposit([0; 5], (1 << 56) - 1).raw_amount(), (1 << 56) - 1);
    let error = Deposit::new(owner(), [0; 5], 1 << 56).expect_err("too large");
    assert_eq!((error.quantity, error.got, error.max), ("Deposit", 1 << 56, (1 << 56) - 1));
    let json = serde_json::to_string(&deposit([0; 5], 5_000)).expect("serializes");
    assert!(serde_json::from_str::<Deposit>(&json).is_ok());
    let bad = json.replace("5000", "72057594037927936");
    assert!(serde_json::from_str::<Deposit>(&bad).is_err());
}

#[test]
fn what_is_credited_is_an_amount_to_an_account_below_the_limit() {
    let accepted = |amount: u64, old: u64| {
        let old = Nano::new(old).expect("in range");
        deposit([0; 5], amount).accepted(old).map(|amount| amount.get())
    };
    assert_eq!(accepted(0, 0), Some(0));
    assert_eq!(accepted((1 << 46) - 1, DEPOSIT_BALANCE_LIMIT - 1), Some((1 << 46) - 1));
    assert_eq!(accepted(1 << 46, 0), None);
    assert_eq!(accepted(0, DEPOSIT_BALANCE_LIMIT), None);
    assert_eq!(accepted(1, Nano::MAX.get()), None);
}

#[test]
fn key_words_are_reduced_for_the_account_only() {
    let words = [0, 1, MODULUS - 1, MODULUS, u64::MAX];
    let identity = deposit(words, 1).identity();
    let reduced = [0, 1, MODULUS - 1, 0, u64::MAX - MODULUS];
    assert_eq!(identity.key.to_words(), reduced);
    assert_eq!(identity.owner, owner());
    assert_eq!(deposit(reduced, 1).identity(), identity);
}

#[test]
fn public_data_cuts_keys_into_high_bytes_and_low_limbs() {
    let words = [0x0102_0304_0506_0708, 0x1112_1314_1516_1718, 0, u64::MAX, MODULUS];
    let entry = QueueEntry::Deposit(deposit(words, 9));
    let outcome = QueueOutcome::Credited(AccountId::from(0x0A0B_0C0D));
    let data = PublicData::from_records(&[Record::Queue(entry, outcome)]);
    let expected = [
        0x01_01_0A_0B_0C_0D_00,
        0x0102_0304_0506,
        0x07_0809_0A0B_0C0D,
        0x0E_0F10_1112_1314,
        9,
        0x01_11_00_FF_FF,
        0x02_0304_0506_0708,
        0x12_1314_1516_1718,
        0,
        0xFF_FFFF_FFFF_FFFF,
        MODULUS & ((1 << 56) - 1),
    ];
    assert_eq!(data.limbs(), expected);
    // The account that it opens holds the reduced words.
    let identity = deposit(words, 9).identity();
    let opened = OpenedAccount { id: AccountId::from(0x0A0B_0C0D), identity };
    let data = PublicData::from_records(&[Record::OpenedAccount(opened)]);
    assert_eq!(data.limbs()[0], 0x03_0A_0B_0C_0D_00_00);
    assert_eq!(data.limbs()[4], 0x01_11_00_00_00);
    assert_eq!(data.limbs()[8..], [u64::MAX - MODULUS, 0]);
}
