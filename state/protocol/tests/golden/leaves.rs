//! `vectors/leaves.json`: accounts and licenses and what their trees commit to.

use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Address, Bytes32, Felt, Holder,
    HolderShares, License, LicenseId, LicenseState, LicenseStatus, LicenseTerms, LicenseVersion,
    Licensee, Lineage, Nano, Nonce, Price, PublicKey, SecretKey, ShareTable, Shares, Tag, hash,
    license_origin,
};
use serde_json::{Value, json};

use crate::json::{
    REGENERATE, cases, compare, decimal, digest, hexadecimal, parse, read_address, read_array,
    read_bytes32, read_digest, read_integer, read_short_digest, read_u32, short_digest,
};
use crate::messages::{chain_of, holders, read_holders, recipient, recipients};

const STORED: &str = include_str!("../../vectors/leaves.json");

fn accounts() -> Vec<Account> {
    let key = |seed| *SecretKey::from_seed(&[seed; 32]).public_key();
    let account = |key, owner, balance, nonce| Account {
        identity: AccountIdentity { key, owner: Address(owner) },
        state: AccountState {
            balance: Nano::new(balance).expect("in range"),
            nonce: Nonce::new(nonce).expect("in range"),
        },
    };
    let counted = core::array::from_fn(|i| i as u8 + 1);
    vec![
        account(key(1), counted, 0, 0),
        account(key(2), [0xFF; 20], 1_234_567_890, 1_700_000_000_000_000),
        account(key(3), [0; 20], (1 << 62) - 1, (1 << 62) - 1),
        // No point, as a deposit may open it.
        account(PublicKey::from_words_reduced([u64::MAX; 5]), counted, 1, 0),
        account(PublicKey::from_words_reduced([0; 5]), counted, 0, 0),
    ]
}

/// A license as it was registered, of these numbers: licensor, derivative shares, lineage, price, vault,
/// received.
fn license(lines: &[(Holder, u64)], numbers: [u64; 6], provenance: Bytes32) -> License {
    let [licensor, derivative, lineage, price, vault, received] = numbers;
    let shares = |shares| Shares::new(shares).expect("in range");
    let lines =
        lines.iter().map(|(holder, n)| HolderShares { holder: *holder, shares: shares(*n) });
    let table = ShareTable::new(lines.collect()).expect("a table");
    let licensor = AccountId::new(licensor).expect("in range");
    let chain = table.holder_chain(|holder| Some(recipient(holder))).expect("all holders");
    let origin = license_origin(recipient(Holder::Account(licensor)), &chain, &provenance);
    let lineage = Lineage::new(lineage as u32).expect("in range");
    License {
        terms: LicenseTerms { origin, licensor, lineage, shares: table },
        state: LicenseState {
            vault: Nano::new(vault).expect("in range"),
            received: Nano::new(received).expect("in range"),
            version: LicenseVersion {
                price: Price::new(price).expect("in range"),
                derivative_shares: shares(derivative),
                status: LicenseStatus::Active,
                licensee: Licensee::ANYBODY,
                provenance,
            },
        },
    }
}

/// The same license with another status and licensee.
fn with(mut license: License, status: u64, licensee: u64) -> License {
    license.state.version.status = LicenseStatus::from_number(status).expect("a status");
    license.state.version.licensee = Licensee::new(licensee).expect("in range");
    license
}

/// Licenses as registered, then updated ones.
fn licenses() -> Vec<License> {
    let account = |id: u32| Holder::Account(AccountId::from(id));
    let parent = |id: u32| Holder::License(LicenseId::from(id));
    let eight: Vec<_> = (0..8).map(|i| (account(i), 125_000)).collect();
    let mut sixteen: Vec<_> = (0..12).map(|i| (account(1_000 + i), 50_000)).collect();
    sixteen.extend((0..4).map(|i| (parent(10 * i), 100_000)));
    let counted = Bytes32(core::array::from_fn(|i| i as u8));
    let derived = |derivative| {
        let lines = [(account(1), 300_000), (account(2), 200_000), (parent(0), 500_000)];
        license(&lines, [1, derivative, 2, 250, 1, 5_000], counted)
    };
    let largest = license(
        &sixteen,
        [u32::MAX.into(), 1_000_000, 64, (1 << 40) - 1, 15, (1 << 62) - 1],
        Bytes32([0xFF; 32]),
    );
    vec![
        license(&[(account(0), 1_000_000)], [0, 0, 1, 0, 0, 0], Bytes32::default()),
        derived(100_000),
        license(&eight, [7, 5, 1, 1_000, 7, 123_456_789], counted),
        largest.clone(),
        with(derived(100_000), 1, 9),
        with(derived(100_000), 2, 0),
        with(derived(0), 3, 0),
        with(largest, 2, (1 << 31) - 1),
    ]
}

fn account_case(account: &Account) -> Value {
    json!({
        "key": hexadecimal(account.identity.key.to_bytes()),
        "owner": hexadecimal(account.identity.owner.0),
        "balance": decimal(account.state.balance),
        "nonce": decimal(account.state.nonce),
        "identity": digest(&account.identity.digest()),
        "leaf": digest(&account.leaf()),
    })
}

fn license_case(license: &License) -> Value {
    let License { terms, state } = license;
    let version = &state.version;
    json!({
        "licensor": decimal(terms.licensor),
        "licensor_recipient": short_digest(&recipient(Holder::Account(terms.licensor))),
        "derivative_shares": decimal(version.derivative_shares),
        "lineage": decimal(terms.lineage.get()),
        "provenance": hexadecimal(version.provenance.0),
        "price": decimal(version.price),
        "holders": holders(&terms.shares),
        "recipients": recipients(&terms.shares),
        "vault": decimal(state.vault),
        "received": decimal(state.received),
        "status": decimal(version.status.number()),
        "licensee": decimal(version.licensee.get()),
        "standing": decimal(version.standing()),
        "origin": digest(&terms.origin),
        "table": digest(&terms.shares.digest()),
        "terms": digest(&terms.digest()),
        "leaf": digest(&license.leaf()),
    })
}

fn vectors() -> Value {
    json!({
        "note": "Leaves of the state trees. Integers and elements as decimal strings, bytes as \
                 0x-hexadecimal. identity, origin, table, terms and leaf are digests of 4 elements. \
                 licensor_recipient and recipients: the first three elements of identities and \
                 origins, 24 bytes. provenance: as registered. licensee: 0 is none.",
        "regenerate": REGENERATE,
        "accounts": accounts().iter().map(account_case).collect::<Vec<_>>(),
        "licenses": licenses().iter().map(license_case).collect::<Vec<_>>(),
    })
}

#[test]
fn leaf_vectors_are_stored() {
    compare("leaves.json", STORED, &vectors());
}

/// Elements from integers, digests and limbs, in order.
fn flat(parts: &[&[u64]]) -> Vec<Felt> {
    parts.concat().into_iter().map(Felt::new).collect()
}

#[test]
fn account_vectors_hold() {
    let file = parse(STORED);
    for case in cases(&file, "accounts") {
        let key = PublicKey::from_bytes(&read_array(&case["key"])).expect("canonical");
        let owner = read_address(&case["owner"]);
        let [balance, nonce] = ["balance", "nonce"].map(|field| read_integer(&case[field]));
        let account = Account {
            identity: AccountIdentity { key, owner },
            state: AccountState {
                balance: Nano::new(balance).expect("in range"),
                nonce: Nonce::new(nonce).expect("in range"),
            },
        };
        let identity = flat(&[&key.to_words(), &owner.limbs()]);
        let identity = hash(Tag::AccountIdentity, &identity);
        assert_eq!(identity, read_digest(&case["identity"]));
        assert_eq!(identity, account.identity.digest());
        let mut leaf = identity.elements().to_vec();
        leaf.extend(flat(&[&[balance, nonce, 0, 0]]));
        assert_eq!(hash(Tag::AccountLeaf, &leaf), read_digest(&case["leaf"]));
        assert_eq!(account.leaf(), read_digest(&case["leaf"]));
    }
}

#[test]
fn license_vectors_hold() {
    let file = parse(STORED);
    for case in cases(&file, "licenses") {
        let [derivative, price, vault, received] =
            ["derivative_shares", "price", "vault", "received"]
                .map(|field| read_integer(&case[field]));
        let [licensor, lineage, status, licensee] =
            ["licensor", "lineage", "status", "licensee"].map(|field| read_u32(&case[field]));
        let provenance = read_bytes32(&case["provenance"]);
        let table = read_holders(&case["holders"]);
        let lines: Vec<(Holder, u64)> =
            table.holders().iter().map(|l| (l.holder, l.shares.get().into())).collect();
        let numbers = [licensor.into(), derivative, lineage.into(), price, vault, received];
        let mut read = with(license(&lines, numbers, provenance), status.into(), licensee.into());
        // The leaf holds the provenance as registered, by the origin, and no other.
        read.state.version.provenance = Bytes32([0xAA; 32]);

        let mut origin = read_short_digest(&case["licensor_recipient"]).elements().to_vec();
        origin.extend(chain_of(&table, &case["recipients"]).elements());
        origin.extend(flat(&[&provenance.limbs()]));
        let origin = hash(Tag::LicenseOrigin, &origin);
        let standing = u64::from(status) + (u64::from(licensee) << 2) + (derivative << 34);
        assert_eq!(standing, read_integer(&case["standing"]));
        assert_eq!(origin, read_digest(&case["origin"]));
        let packed: Vec<u64> = table.holders().iter().map(|line| line.packed()).collect();
        let table = hash(Tag::ShareTable, &flat(&[&packed]));
        assert_eq!(table, read_digest(&case["table"]));
        let mut terms = [table.elements(), origin.elements()].concat();
        terms[7] = Felt::new(u64::from(licensor) + (u64::from(lineage) << 32));
        let terms = hash(Tag::LicenseTerms, &terms);
        assert_eq!(terms, read_digest(&case["terms"]));
        assert_eq!(terms, read.terms.digest());
        let mut leaf = terms.elements().to_vec();
        leaf.extend(flat(&[&[price, vault, received, standing]]));
        assert_eq!(hash(Tag::LicenseLeaf, &leaf), read_digest(&case["leaf"]));
        assert_eq!(read.leaf(), read_digest(&case["leaf"]));
    }
}
