//! `vectors/queue.json`: entries of the L1 queue and its hash chain.

use farthing_protocol::{
    AccountId, Address, Bytes32, Deposit, ForcedExit, MODULUS, QueueEntry, SecretKey,
};
use serde_json::{Value, json};

use crate::json::{
    REGENERATE, cases, compare, decimal, hexadecimal, parse, read_address, read_bytes,
    read_bytes32, read_integer, read_text, read_u32, read_words,
};

const STORED: &str = include_str!("../../vectors/queue.json");

fn entries() -> Vec<QueueEntry> {
    let counted = Address(core::array::from_fn(|i| i as u8 + 1));
    let deposit = |owner, key, amount| {
        QueueEntry::Deposit(Deposit::new(owner, key, amount).expect("less than 2⁵⁶"))
    };
    let exit = |requester, account| {
        QueueEntry::ForcedExit(ForcedExit { requester, account: AccountId::from(account) })
    };
    let key = SecretKey::from_seed(&[1; 32]).public_key().to_words();
    vec![
        deposit(counted, key, 5_000_000_000),
        deposit(counted, [0; 5], 0),
        exit(counted, 7),
        // No point, and words that are reduced.
        deposit(Address([0xFF; 20]), [u64::MAX, MODULUS, MODULUS - 1, 1, 0], (1 << 46) - 1),
        // No amount: refused.
        deposit(Address::default(), key, (1 << 56) - 1),
        exit(Address::default(), 0),
        exit(Address([0xFF; 20]), u32::MAX),
    ]
}

fn entry_case(entry: &QueueEntry, chain: &Bytes32) -> Value {
    let mut case = match entry {
        QueueEntry::Deposit(deposit) => json!({
            "kind": "Deposit",
            "owner": hexadecimal(deposit.owner.0),
            "amount": decimal(deposit.raw_amount()),
            "key": deposit.key.map(decimal),
            "account_key": deposit.identity().key.to_words().map(decimal),
        }),
        QueueEntry::ForcedExit(exit) => json!({
            "kind": "ForcedExit",
            "requester": hexadecimal(exit.requester.0),
            "account": decimal(exit.account),
        }),
    };
    case["bytes"] = hexadecimal(entry.to_bytes());
    case["chain"] = hexadecimal(chain.0);
    case
}

fn vectors() -> Value {
    let mut chain = Bytes32::default();
    let cases = entries().into_iter().map(|entry| {
        chain = entry.chain(&chain);
        entry_case(&entry, &chain)
    });
    json!({
        "note": "Queue entries in order. Integers as decimal strings, bytes as 0x-hexadecimal. \
                 chain: keccak256(chain before, bytes), 32 zero bytes before the first. key: the \
                 words that L1 recorded; account_key: the same modulo p, as the account holds them.",
        "regenerate": REGENERATE,
        "entries": cases.collect::<Vec<_>>(),
    })
}

#[test]
fn queue_vectors_are_stored() {
    compare("queue.json", STORED, &vectors());
}

/// An entry from its fields; used by the public data's vectors too.
pub(crate) fn read_entry(case: &Value) -> QueueEntry {
    match read_text(&case["kind"]) {
        "Deposit" => {
            let key = read_words(&case["key"]).try_into().expect("five words");
            let amount = read_integer(&case["amount"]);
            let deposit = Deposit::new(read_address(&case["owner"]), key, amount);
            QueueEntry::Deposit(deposit.expect("less than 2⁵⁶"))
        }
        "ForcedExit" => QueueEntry::ForcedExit(ForcedExit {
            requester: read_address(&case["requester"]),
            account: AccountId::from(read_u32(&case["account"])),
        }),
        other => panic!("no queue entry is called {other}"),
    }
}

#[test]
fn queue_vectors_hold() {
    let file = parse(STORED);
    let mut chain = Bytes32::default();
    for case in cases(&file, "entries") {
        let entry = read_entry(case);
        assert_eq!(entry.to_bytes(), read_bytes(&case["bytes"]));
        chain = entry.chain(&chain);
        assert_eq!(chain, read_bytes32(&case["chain"]));
        if let QueueEntry::Deposit(deposit) = entry {
            let reduced: Vec<u64> = deposit.key.iter().map(|word| word % MODULUS).collect();
            assert_eq!(reduced, read_words(&case["account_key"]));
            assert_eq!(deposit.identity().key.to_words()[..], reduced);
        }
    }
}
