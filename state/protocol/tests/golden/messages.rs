//! `vectors/messages.json`: signed intents of every operation.

use farthing_protocol::{
    AccountId, AccountIdentity, AccountRequest, Address, Amount, Bytes32, Digest, Domain, Fee,
    Felt, Holder, HolderShares, Intent, LicenseId, Lineage, Nonce, Operation, Pay, Price,
    PublicKey, RegisterLicense, SecretKey, ShareTable, Shares, Signature, SignedIntent, Transfer,
    UnixTime, Uses, Withdraw, challenge, verify,
};
use p3_field::PrimeCharacteristicRing;
use serde_json::{Value, json};

use crate::json::{
    REGENERATE, cases, compare, decimal, digest, elements, hexadecimal, parse, read_address,
    read_array, read_bytes, read_bytes32, read_digest, read_elements, read_integer, read_text,
    read_u32,
};

const STORED: &str = include_str!("../../vectors/messages.json");

const DOMAIN: Domain = Domain { chain_id: 31_337, contract: Address([0xFA; 20]) };

fn seed(case: u8) -> [u8; 32] {
    core::array::from_fn(|i| case.wrapping_mul(29).wrapping_add(i as u8))
}

fn memo(case: u8) -> Bytes32 {
    Bytes32(core::array::from_fn(|i| case ^ (7 * i) as u8))
}

fn amount(value: u64) -> Amount {
    Amount::new(value).expect("in range")
}

fn pay(license: u32, uses: u64, nano: u64, memo: Bytes32) -> Operation {
    let uses = Uses::new(uses).expect("in range");
    Operation::Pay(Pay { license: LicenseId::from(license), uses, amount: amount(nano), memo })
}

fn transfer(to: u32, nano: u64, memo: Bytes32) -> Operation {
    Operation::Transfer(Transfer { to: AccountId::from(to), amount: amount(nano), memo })
}

fn withdraw(nano: u64, memo: Bytes32) -> Operation {
    Operation::Withdraw(Withdraw::new(amount(nano), memo).expect("whole units"))
}

fn register(price: u64, derivative: u64, lineage: u32, lines: &[(Holder, u64)]) -> Operation {
    let shares = |shares| Shares::new(shares).expect("in range");
    let lines =
        lines.iter().map(|(holder, n)| HolderShares { holder: *holder, shares: shares(*n) });
    Operation::RegisterLicense(RegisterLicense {
        price: Price::new(price).expect("in range"),
        derivative_shares: shares(derivative),
        lineage: Lineage::new(lineage).expect("in range"),
        provenance: memo(lines.len() as u8),
        shares: ShareTable::new(lines.collect()).expect("a table"),
    })
}

fn account(id: u32) -> Holder {
    Holder::Account(AccountId::from(id))
}

fn license(id: u32) -> Holder {
    Holder::License(LicenseId::from(id))
}

fn operations() -> Vec<Operation> {
    let top = (1 << 46) - 1;
    let mut sixteen: Vec<(Holder, u64)> = (0..12).map(|i| (account(1_000 + i), 50_000)).collect();
    sixteen.extend((0..4).map(|i| (license(10 * i), 100_000)));
    vec![
        pay(0, 1, 0, Bytes32::default()),
        pay(3, 20, 5_000, memo(1)),
        pay(u32::MAX, 1 << 23, top, Bytes32([0xFF; 32])),
        transfer(0, 0, Bytes32::default()),
        transfer(8, 1, memo(2)),
        transfer(u32::MAX, top, Bytes32([0xFF; 32])),
        withdraw(1_000, Bytes32::default()),
        withdraw(12_345_000, memo(3)),
        withdraw(top / 1_000 * 1_000, Bytes32([0xFF; 32])),
        register(0, 0, 1, &[(account(0), 1_000_000)]),
        register(250, 100_000, 4, &[(account(7), 1), (license(0), 333_333), (license(2), 666_666)]),
        register((1 << 40) - 1, 1_000_000, 64, &sixteen),
    ]
}

fn intents() -> Vec<Intent> {
    let nonces = [1, 1_700_000_000_000_000, (1 << 62) - 1];
    let times = [0, 1_700_000_600, (1 << 40) - 1];
    let fees = [0, 12, u32::MAX];
    let accounts = [0, 7, u32::MAX];
    operations()
        .into_iter()
        .enumerate()
        .map(|(i, operation)| Intent {
            account: AccountId::from(accounts[i % 3]),
            nonce: Nonce::new(nonces[i % 3]).expect("in range"),
            fee: Fee::new(fees[i % 3].into()).expect("in range"),
            valid_until: UnixTime::new(times[i % 3]).expect("in range"),
            operation,
        })
        .collect()
}

/// The lines of a share table as they stand in vectors.
pub(crate) fn holders(table: &ShareTable) -> Value {
    let lines = table.holders().iter().map(|line| {
        let (kind, id) = match line.holder {
            Holder::Account(id) => ("account", id.get()),
            Holder::License(id) => ("license", id.get()),
        };
        json!({
            "kind": kind,
            "id": decimal(id),
            "shares": decimal(line.shares),
            "packed": decimal(line.packed()),
        })
    });
    lines.collect::<Vec<_>>().into()
}

/// Reads [`holders`].
pub(crate) fn read_holders(value: &Value) -> ShareTable {
    let lines = value.as_array().expect("a list").iter().map(|line| {
        let id = read_u32(&line["id"]);
        let holder = match read_text(&line["kind"]) {
            "account" => account(id),
            "license" => license(id),
            other => panic!("no holder is of kind {other}"),
        };
        let shares = Shares::new(read_integer(&line["shares"])).expect("in range");
        let line_read = HolderShares { holder, shares };
        assert_eq!(line_read.packed(), read_integer(&line["packed"]));
        line_read
    });
    ShareTable::new(lines.collect()).expect("a table")
}

fn fields(operation: &Operation) -> (&'static str, Value) {
    match operation {
        Operation::Pay(Pay { license, uses, amount, memo }) => (
            "Pay",
            json!({
                "license": decimal(*license),
                "uses": decimal(*uses),
                "amount": decimal(*amount),
                "memo": hexadecimal(memo.0),
            }),
        ),
        Operation::Transfer(Transfer { to, amount, memo }) => (
            "Transfer",
            json!({
                "to": decimal(*to),
                "amount": decimal(*amount),
                "memo": hexadecimal(memo.0),
            }),
        ),
        Operation::Withdraw(withdraw) => (
            "Withdraw",
            json!({
                "amount": decimal(withdraw.amount()),
                "memo": hexadecimal(withdraw.memo.0),
            }),
        ),
        Operation::RegisterLicense(register) => (
            "RegisterLicense",
            json!({
                "price": decimal(register.price),
                "derivative_shares": decimal(register.derivative_shares),
                "lineage": decimal(register.lineage.get()),
                "provenance": hexadecimal(register.provenance.0),
                "holders": holders(&register.shares),
            }),
        ),
    }
}

fn read_operation(name: &str, fields: &Value) -> Operation {
    let integer = |field: &str| read_integer(&fields[field]);
    let memo = || read_bytes32(&fields["memo"]);
    match name {
        "Pay" => pay(read_u32(&fields["license"]), integer("uses"), integer("amount"), memo()),
        "Transfer" => transfer(read_u32(&fields["to"]), integer("amount"), memo()),
        "Withdraw" => withdraw(integer("amount"), memo()),
        "RegisterLicense" => Operation::RegisterLicense(RegisterLicense {
            price: Price::new(integer("price")).expect("in range"),
            derivative_shares: Shares::new(integer("derivative_shares")).expect("in range"),
            lineage: Lineage::new(read_u32(&fields["lineage"])).expect("in range"),
            provenance: read_bytes32(&fields["provenance"]),
            shares: read_holders(&fields["holders"]),
        }),
        other => panic!("no operation is called {other}"),
    }
}

fn case(number: u8, intent: Intent) -> Value {
    let domain = DOMAIN.digest();
    let secret = SecretKey::from_seed(&seed(number));
    let (name, fields) = fields(&intent.operation);
    let signed = intent.clone().sign(&secret, &domain);
    let id = intent.id(&domain);
    let message = intent.message();
    let e = challenge(&domain, &signed.signature.r, secret.public_key(), &message);
    json!({
        "operation": name,
        "account": decimal(intent.account),
        "nonce": decimal(intent.nonce),
        "fee": decimal(intent.fee),
        "valid_until": decimal(intent.valid_until),
        "fields": fields,
        "bytes": hexadecimal(intent.to_bytes()),
        "message": elements(&message),
        "id": digest(&id.0),
        "id_bytes": hexadecimal(id.0.to_bytes()),
        "seed": hexadecimal(seed(number)),
        "public_key": hexadecimal(secret.public_key().to_bytes()),
        "challenge": elements(&e.elements()),
        "signature": hexadecimal(signed.signature.to_bytes()),
        "signed_bytes": hexadecimal(signed.to_bytes()),
    })
}

fn opening(number: u8) -> Value {
    let domain = DOMAIN.digest();
    let secret = SecretKey::from_seed(&seed(number));
    let owner = Address(core::array::from_fn(|i| number.wrapping_mul(17) ^ i as u8));
    let identity = AccountIdentity { key: *secret.public_key(), owner };
    let signature = AccountIdentity::sign_opening(&secret, owner, &domain);
    json!({
        "seed": hexadecimal(seed(number)),
        "public_key": hexadecimal(identity.key.to_bytes()),
        "owner": hexadecimal(owner.0),
        "opening_domain": digest(&identity.opening_domain(&domain)),
        "signature": hexadecimal(signature.to_bytes()),
    })
}

fn request(number: u8) -> Value {
    let domain = DOMAIN.digest();
    let secret = SecretKey::from_seed(&seed(number));
    let (method, target, body) = match number % 3 {
        0 => ("GET", "/v1/webhooks?account=7", ""),
        1 => ("POST", "/v1/webhooks", "{\"url\":\"https://ä.example/hook\"}"),
        _ => ("DELETE", "/v1/webhooks/0x00", ""),
    };
    let request = AccountRequest {
        account: AccountId::from(u32::MAX - u32::from(number)),
        time: UnixTime::new(1_800_000_000 + u64::from(number)).expect("in range"),
        content: AccountRequest::content_of(method, target, body.as_bytes()),
    };
    json!({
        "seed": hexadecimal(seed(number)),
        "public_key": hexadecimal(secret.public_key().to_bytes()),
        "account": decimal(request.account.get()),
        "time": decimal(request.time.get()),
        "method": method,
        "target": target,
        "body": body,
        "content": hexadecimal(request.content.0),
        "signing_domain": digest(&request.signing_domain(&domain)),
        "signature": hexadecimal(request.sign(&secret, &domain).to_bytes()),
    })
}

fn vectors() -> Value {
    let requests: Vec<Value> = (103..106).map(request).collect();
    let openings: Vec<Value> = (100..103).map(opening).collect();
    let cases: Vec<Value> = (0..).zip(intents()).map(|(i, intent)| case(i, intent)).collect();
    json!({
        "note": "Signed intents. Integers and elements as decimal strings, bytes as 0x-hexadecimal. \
                 bytes: the intent; signed_bytes: the same with its signature behind it. message: \
                 the 14 elements signed. id: 4 elements, id_bytes the same as 32 bytes. challenge: \
                 the receipts-tree leaf. packed: a share table's line as one element. openings: \
                 requests for an account; signature is of 14 zeros, for opening_domain. \
                 requests: of an account to a node; signature is of 14 zeros, for signing_domain.",
        "regenerate": REGENERATE,
        "domain": {
            "chain_id": decimal(DOMAIN.chain_id),
            "contract": hexadecimal(DOMAIN.contract.0),
            "digest": digest(&DOMAIN.digest()),
        },
        "intents": cases,
        "openings": openings,
        "requests": requests,
    })
}

#[test]
fn message_vectors_are_stored() {
    compare("messages.json", STORED, &vectors());
}

#[test]
fn message_vectors_hold() {
    let file = parse(STORED);
    let domain = Domain {
        chain_id: read_integer(&file["domain"]["chain_id"]),
        contract: read_address(&file["domain"]["contract"]),
    };
    let domain = domain.digest();
    assert_eq!(domain, read_digest(&file["domain"]["digest"]));
    let mut count = [0; 4];
    for case in cases(&file, "intents") {
        let operation = read_operation(read_text(&case["operation"]), &case["fields"]);
        count[usize::from(operation.kind().number()) - 1] += 1;
        let intent = Intent {
            account: AccountId::from(read_u32(&case["account"])),
            nonce: Nonce::new(read_integer(&case["nonce"])).expect("in range"),
            fee: Fee::new(read_integer(&case["fee"])).expect("in range"),
            valid_until: UnixTime::new(read_integer(&case["valid_until"])).expect("in range"),
            operation,
        };
        let bytes = read_bytes(&case["bytes"]);
        assert_eq!(Intent::from_bytes(&bytes).as_ref(), Ok(&intent));
        assert_eq!(intent.to_bytes(), bytes);
        let message = intent.message();
        assert_eq!(message[..], read_elements(&case["message"]));
        assert_eq!(intent.id(&domain).0, read_digest(&case["id"]));
        assert_eq!(Digest::from_bytes(&read_array(&case["id_bytes"])), Some(intent.id(&domain).0));
        let signed = SignedIntent::from_bytes(&read_bytes(&case["signed_bytes"])).expect("decodes");
        assert_eq!(signed.intent, intent);
        assert_eq!(signed.signature.to_bytes()[..], read_bytes(&case["signature"]));
        let key = PublicKey::from_bytes(&read_array(&case["public_key"])).expect("canonical");
        assert_eq!(verify(&key, &domain, &message, &signed.signature), Ok(()));
        let e = challenge(&domain, &signed.signature.r, &key, &message);
        assert_eq!(e.elements()[..], read_elements(&case["challenge"]));
        let secret = SecretKey::from_seed(&read_array(&case["seed"]));
        assert_eq!(intent.sign(&secret, &domain), signed);
    }
    assert!(count.iter().all(|count| *count >= 3), "three of every operation: {count:?}");
    for case in cases(&file, "openings") {
        let key = PublicKey::from_bytes(&read_array(&case["public_key"])).expect("canonical");
        let identity = AccountIdentity { key, owner: read_address(&case["owner"]) };
        let opening = read_digest(&case["opening_domain"]);
        assert_eq!(identity.opening_domain(&domain), opening);
        let signature = Signature::from_bytes(&read_array(&case["signature"])).expect("decodes");
        assert_eq!(identity.verify_opening(&domain, &signature), Ok(()));
        assert_eq!(verify(&key, &opening, &[Felt::ZERO; 14], &signature), Ok(()));
        let secret = SecretKey::from_seed(&read_array(&case["seed"]));
        let again = AccountIdentity::sign_opening(&secret, identity.owner, &domain);
        assert_eq!(again, signature);
    }
    for case in cases(&file, "requests") {
        let key = PublicKey::from_bytes(&read_array(&case["public_key"])).expect("canonical");
        let [method, target, body] =
            ["method", "target", "body"].map(|field| read_text(&case[field]));
        let request = AccountRequest {
            account: AccountId::from(read_u32(&case["account"])),
            time: UnixTime::new(read_integer(&case["time"])).expect("in range"),
            content: AccountRequest::content_of(method, target, body.as_bytes()),
        };
        assert_eq!(request.content.0[..], read_bytes(&case["content"]));
        let signing = read_digest(&case["signing_domain"]);
        assert_eq!(request.signing_domain(&domain), signing);
        let signature = Signature::from_bytes(&read_array(&case["signature"])).expect("decodes");
        assert_eq!(request.verify(&key, &domain, &signature), Ok(()));
        assert_eq!(verify(&key, &signing, &[Felt::ZERO; 14], &signature), Ok(()));
        let secret = SecretKey::from_seed(&read_array(&case["seed"]));
        assert_eq!(request.sign(&secret, &domain), signature);
    }
}
