//! `vectors/public_data.json`: streams of records and their bytes.

use farthing_protocol::{
    AccountDiff, AccountId, AccountIdentity, Address, Bytes32, Deposit, Felt, ForcedExit, Holder,
    HolderShares, LIMB_BITS, LicenseDiff, LicenseId, Lineage, Nano, NewLicense, Nonce,
    OpenedAccount, Price, PublicData, PublicKey, QueueEntry, QueueOutcome, Record, SecretKey,
    ShareTable, Shares, UpdatedLicense, Withdrawal, canonical, evaluate_limbs, limbs_keccak,
};
use p3_field::PrimeCharacteristicRing;
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};

use crate::json::{
    REGENERATE, cases, compare, decimal, digest, hexadecimal, parse, read_address, read_array,
    read_bytes, read_bytes32, read_digest, read_integer, read_text, read_u32, read_words,
};
use crate::messages::{holders, read_holders, read_version, version};
use crate::queue::read_entry;

const STORED: &str = include_str!("../../vectors/public_data.json");

fn nano(value: u64) -> Nano {
    Nano::new(value).expect("in range")
}

fn owner() -> Address {
    Address(core::array::from_fn(|i| i as u8 + 1))
}

fn deposit(key: [u64; 5], amount: u64, outcome: QueueOutcome) -> Record {
    let deposit = Deposit::new(owner(), key, amount).expect("less than 2⁵⁶");
    Record::Queue(QueueEntry::Deposit(deposit), outcome)
}

fn exit(account: u32, outcome: QueueOutcome) -> Record {
    let exit = ForcedExit { requester: owner(), account: AccountId::from(account) };
    Record::Queue(QueueEntry::ForcedExit(exit), outcome)
}

fn opened(id: u32, key: PublicKey) -> Record {
    let identity = AccountIdentity { key, owner: owner() };
    Record::OpenedAccount(OpenedAccount { id: AccountId::from(id), identity })
}

fn withdrawal(base_units: u64) -> Record {
    Record::Withdrawal(Withdrawal { owner: owner(), base_units })
}

fn account(id: u32, balance: u64, nonce: Option<u64>) -> Record {
    let nonce = nonce.map(|nonce| Nonce::new(nonce).expect("in range"));
    Record::Account(AccountDiff { id: AccountId::from(id), balance: nano(balance), nonce })
}

fn new_license(id: u32, lines: &[(Holder, u64)], numbers: [u64; 4]) -> Record {
    let [licensor, derivative, lineage, price] = numbers;
    let shares = |shares| Shares::new(shares).expect("in range");
    let lines =
        lines.iter().map(|(holder, n)| HolderShares { holder: *holder, shares: shares(*n) });
    Record::NewLicense(NewLicense {
        id: LicenseId::from(id),
        licensor: AccountId::new(licensor).expect("in range"),
        derivative_shares: shares(derivative),
        lineage: Lineage::new(lineage as u32).expect("in range"),
        provenance: Bytes32(core::array::from_fn(|i| 0xA0 + i as u8)),
        price: Price::new(price).expect("in range"),
        shares: ShareTable::new(lines.collect()).expect("a table"),
    })
}

/// Of these numbers: price, derivative shares, status, licensee.
fn updated_license(id: u32, numbers: [u64; 4]) -> Record {
    let provenance = Bytes32(core::array::from_fn(|i| 0x60 + i as u8));
    let version = version(numbers, provenance);
    Record::UpdatedLicense(UpdatedLicense { id: LicenseId::from(id), version })
}

fn license(id: u32, vault: u8, received: u64) -> Record {
    let received = nano(received);
    Record::License(LicenseDiff { id: LicenseId::from(id), vault, received })
}

/// One stream per kind of record, one of everything, and the empty one.
fn streams() -> Vec<Vec<Record>> {
    use QueueOutcome::{Credited, Exits, NoEffect, RefusedByAmount, RefusedByBalance};
    let key = *SecretKey::from_seed(&[1; 32]).public_key();
    let words = [u64::MAX, 0xFFFF_FFFF_0000_0001, 0, 1, 0x0102_0304_0506_0708];
    let of = |id: u32| Holder::Account(AccountId::from(id));
    let parent = |id: u32| Holder::License(LicenseId::from(id));
    let sixteen: Vec<_> = (0..16).map(|i| (of(i), 62_500)).collect();
    let mut streams = vec![
        Vec::new(),
        vec![
            deposit(key.to_words(), 5_000_000_000, Credited(AccountId::from(9))),
            deposit(words, 0, Credited(AccountId::MAX)),
            deposit(words, (1 << 46) - 1, RefusedByBalance(AccountId::from(9))),
            deposit([0; 5], 1 << 46, RefusedByAmount),
        ],
        vec![exit(9, Exits), exit(u32::MAX, NoEffect)],
        vec![opened(1, key), opened(u32::MAX, PublicKey::from_words_reduced(words))],
        vec![withdrawal(0), withdrawal(12_345), withdrawal(nano((1 << 62) - 1).base_units())],
        vec![account(0, 0, None), account(7, (1 << 62) - 1, None)],
        vec![account(8, 999, Some(1)), account(u32::MAX, (1 << 62) - 1, Some((1 << 62) - 1))],
        vec![
            new_license(0, &[(of(0), 1_000_000)], [0, 0, 1, 0]),
            new_license(1, &[(of(3), 400_000), (parent(0), 600_000)], [3, 50_000, 2, 250]),
            new_license(9, &sixteen, [u32::MAX.into(), 1_000_000, 64, (1 << 40) - 1]),
        ],
        vec![
            updated_license(0, [0, 0, 1, 0]),
            updated_license(1, [300, 100_000, 1, 9]),
            updated_license(2, [250, 50_000, 2, 0]),
            updated_license(3, [250, 0, 3, 0]),
            updated_license(u32::MAX, [(1 << 40) - 1, 1_000_000, 2, (1 << 31) - 1]),
        ],
        vec![license(0, 0, 0), license(1, 1, 5_000), license(u32::MAX, 15, (1 << 62) - 1)],
    ];
    let everything = streams.concat();
    streams.push(everything);
    let mixed = vec![
        account(0, 12, None),
        account(3, 1_000, Some(1_700_000_000_000_000)),
        account(4, 7, None),
    ];
    streams.push(mixed);
    // A deposit that opens the account which it credits: key words of p and more are reduced there.
    let opens = Deposit::new(owner(), words, 5_000).expect("less than 2⁵⁶");
    streams.push(vec![
        Record::Queue(QueueEntry::Deposit(opens), Credited(AccountId::from(9))),
        opened(9, PublicKey::from_words_reduced(words)),
        account(0, 0, None),
        account(9, 5_000, None),
    ]);
    streams
}

fn record_case(record: &Record) -> Value {
    match record {
        Record::Queue(entry, outcome) => queue_case(entry, outcome),
        Record::OpenedAccount(OpenedAccount { id, identity }) => json!({
            "kind": "OpenedAccount",
            "id": decimal(*id),
            "owner": hexadecimal(identity.owner.0),
            "key": hexadecimal(identity.key.to_bytes()),
        }),
        Record::Withdrawal(Withdrawal { owner, base_units }) => json!({
            "kind": "Withdrawal",
            "owner": hexadecimal(owner.0),
            "base_units": decimal(*base_units),
        }),
        Record::Account(AccountDiff { id, balance, nonce }) => json!({
            "kind": "Account",
            "id": decimal(*id),
            "balance": decimal(*balance),
            "nonce": nonce.map(decimal),
        }),
        Record::NewLicense(license) => json!({
            "kind": "NewLicense",
            "id": decimal(license.id),
            "licensor": decimal(license.licensor),
            "derivative_shares": decimal(license.derivative_shares),
            "lineage": decimal(license.lineage.get()),
            "provenance": hexadecimal(license.provenance.0),
            "price": decimal(license.price),
            "holders": holders(&license.shares),
        }),
        Record::UpdatedLicense(UpdatedLicense { id, version }) => json!({
            "kind": "UpdatedLicense",
            "id": decimal(*id),
            "price": decimal(version.price),
            "derivative_shares": decimal(version.derivative_shares),
            "status": decimal(version.status.number()),
            "licensee": decimal(version.licensee.get()),
            "provenance": hexadecimal(version.provenance.0),
        }),
        Record::License(LicenseDiff { id, vault, received }) => json!({
            "kind": "License",
            "id": decimal(*id),
            "vault": decimal(*vault),
            "received": decimal(*received),
        }),
    }
}

fn queue_case(entry: &QueueEntry, outcome: &QueueOutcome) -> Value {
    let mut case = match entry {
        QueueEntry::Deposit(deposit) => json!({
            "kind": "Deposit",
            "owner": hexadecimal(deposit.owner.0),
            "amount": decimal(deposit.raw_amount()),
            "key": deposit.key.map(decimal),
        }),
        QueueEntry::ForcedExit(exit) => json!({
            "kind": "ForcedExit",
            "requester": hexadecimal(exit.requester.0),
            "account": decimal(exit.account),
        }),
    };
    let (name, id) = match outcome {
        QueueOutcome::Credited(id) => ("Credited", Some(id)),
        QueueOutcome::RefusedByBalance(id) => ("RefusedByBalance", Some(id)),
        QueueOutcome::RefusedByAmount => ("RefusedByAmount", None),
        QueueOutcome::Exits => ("Exits", None),
        QueueOutcome::NoEffect => ("NoEffect", None),
    };
    case["outcome"] = name.into();
    case["outcome_account"] = id.map(|id| decimal(*id)).into();
    case
}

fn read_record(case: &Value) -> Record {
    let id = || read_u32(&case["id"]);
    match read_text(&case["kind"]) {
        "Deposit" | "ForcedExit" => {
            let account = || AccountId::from(read_u32(&case["outcome_account"]));
            let outcome = match read_text(&case["outcome"]) {
                "Credited" => QueueOutcome::Credited(account()),
                "RefusedByBalance" => QueueOutcome::RefusedByBalance(account()),
                "RefusedByAmount" => QueueOutcome::RefusedByAmount,
                "Exits" => QueueOutcome::Exits,
                "NoEffect" => QueueOutcome::NoEffect,
                other => panic!("no outcome is called {other}"),
            };
            Record::Queue(read_entry(case), outcome)
        }
        "OpenedAccount" => {
            let key = PublicKey::from_bytes(&read_array(&case["key"])).expect("canonical");
            let identity = AccountIdentity { key, owner: read_address(&case["owner"]) };
            Record::OpenedAccount(OpenedAccount { id: AccountId::from(id()), identity })
        }
        "Withdrawal" => Record::Withdrawal(Withdrawal {
            owner: read_address(&case["owner"]),
            base_units: read_integer(&case["base_units"]),
        }),
        "Account" => {
            let nonce = (!case["nonce"].is_null()).then(|| read_integer(&case["nonce"]));
            account(id(), read_integer(&case["balance"]), nonce)
        }
        "NewLicense" => Record::NewLicense(NewLicense {
            id: LicenseId::from(id()),
            licensor: AccountId::from(read_u32(&case["licensor"])),
            derivative_shares: Shares::new(read_integer(&case["derivative_shares"]))
                .expect("in range"),
            lineage: Lineage::new(read_u32(&case["lineage"])).expect("in range"),
            provenance: read_bytes32(&case["provenance"]),
            price: Price::new(read_integer(&case["price"])).expect("in range"),
            shares: read_holders(&case["holders"]),
        }),
        "UpdatedLicense" => {
            let version = read_version(case);
            Record::UpdatedLicense(UpdatedLicense { id: LicenseId::from(id()), version })
        }
        "License" => {
            let vault = read_u32(&case["vault"]).try_into().expect("a byte");
            license(id(), vault, read_integer(&case["received"]))
        }
        other => panic!("no record is called {other}"),
    }
}

fn stream_case(records: &[Record]) -> Value {
    let data = PublicData::from_records(records);
    json!({
        "records": records.iter().map(record_case).collect::<Vec<_>>(),
        "bytes": hexadecimal(data.to_bytes()),
        "limbs": data.limbs().iter().map(|limb| decimal(*limb)).collect::<Vec<_>>(),
        "commitment": digest(&data.commitment()),
        "keccak": hexadecimal(data.keccak()),
    })
}

/// Limbs by a rule, for lengths about the chunks' ends; evaluated at a point.
fn long_case(length: u64) -> Value {
    let limbs = long_limbs(length);
    let challenge = [Felt::from_u64(0xFFFF_FFFF_0000_0000), Felt::from_u64(0x0123_4567_89AB_CDEF)];
    json!({
        "length": decimal(length),
        "keccak": hexadecimal(limbs_keccak(&limbs)),
        "challenge": challenge.map(|r| decimal(canonical(r))),
        "evaluation": evaluate_limbs(&limbs, challenge).map(|y| decimal(canonical(y))),
    })
}

fn long_limbs(length: u64) -> Vec<u64> {
    (1..=length).map(|i| i.wrapping_mul(0x00C1_59E3_779B_97F5) & ((1 << LIMB_BITS) - 1)).collect()
}

const LONG: [u64; 9] = [0, 1, 63, 64, 65, 4_095, 4_096, 4_097, 12_289];

fn vectors() -> Value {
    json!({
        "note": "Public data: streams of records. Integers and elements as decimal strings, bytes \
                 as 0x-hexadecimal, null where a field is absent. bytes: 7 big-endian bytes per \
                 limb. commitment: Poseidon2 of the limbs under tag 9; keccak: the keccak256 \
                 chain over chunks of 4096 limbs. status: 1 active, 2 paused, 3 retired; licensee: 0 is \
                 none. long: limb i (from 1) is i·0xc159e3779b97f5 mod 2^56.",
        "regenerate": REGENERATE,
        "long": LONG.map(long_case),
        "streams": streams().iter().map(|records| stream_case(records)).collect::<Vec<_>>(),
    })
}

#[test]
fn public_data_vectors_are_stored() {
    compare("public_data.json", STORED, &vectors());
}

#[test]
fn public_data_vectors_hold() {
    let file = parse(STORED);
    for case in cases(&file, "streams") {
        let records: Vec<Record> = cases(case, "records").iter().map(read_record).collect();
        let data = PublicData::from_bytes(&read_bytes(&case["bytes"])).expect("whole limbs");
        assert_eq!(data.records().as_ref(), Ok(&records));
        assert_eq!(PublicData::from_records(&records), data);
        assert_eq!(data.limbs(), read_words(&case["limbs"]));
        assert_eq!(data.commitment(), read_digest(&case["commitment"]));
        assert_eq!(data.keccak(), read_array(&case["keccak"]));
    }
}

#[test]
fn a_chunk_is_hashed_behind_the_hash_so_far() {
    for case in cases(&parse(STORED), "long") {
        let bytes: Vec<u8> = long_limbs(read_integer(&case["length"]))
            .iter()
            .flat_map(|limb| limb.to_be_bytes().into_iter().skip(1))
            .collect();
        let mut chunks = bytes.chunks(28_672);
        let first: [u8; 32] = Keccak256::digest(chunks.next().unwrap_or_default()).into();
        let hash: [u8; 32] = chunks.fold(first, |hash, chunk| {
            Keccak256::new().chain_update(hash).chain_update(chunk).finalize().into()
        });
        assert_eq!(hash, read_array(&case["keccak"]));
    }
}
