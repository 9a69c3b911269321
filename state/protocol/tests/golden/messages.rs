//! `vectors/messages.json`: signed intents of every operation.

use farthing_protocol::{
    AccountId, AccountIdentity, AccountRequest, Address, Amount, Bytes32, Digest, Domain, Fee,
    Felt, Holder, HolderShares, Intent, LicenseId, LicenseStatus, LicenseVersion, Licensee,
    Lineage, Nonce, Operation, Pay, Price, PublicKey, RegisterLicense, SecretKey, ShareTable,
    Shares, ShortDigest, Signature, SignedIntent, Tag, Transfer, UnixTime, UpdateLicense, Uses,
    Withdraw, challenge, hash, verify,
};
use p3_field::PrimeCharacteristicRing;
use serde_json::{Value, json};

use crate::json::{
    REGENERATE, cases, compare, decimal, digest, elements, hexadecimal, parse, read_address,
    read_array, read_bytes, read_bytes32, read_digest, read_elements, read_integer,
    read_short_digest, read_text, read_u32, short_digest,
};

const STORED: &str = include_str!("../../vectors/messages.json");

const DOMAIN: Domain = Domain { chain_id: 31_337, contract: Address([0xFA; 20]) };

/// The largest memo and provenance.
const ONES: Bytes32 = Bytes32([0xFF; 32]);

fn seed(case: u8) -> [u8; 32] {
    core::array::from_fn(|i| case.wrapping_mul(29).wrapping_add(i as u8))
}

fn memo(case: u8) -> Bytes32 {
    Bytes32(core::array::from_fn(|i| case ^ (7 * i) as u8))
}

/// The recipient that stands for a holder in the vectors.
pub(crate) fn recipient(holder: Holder) -> ShortDigest {
    let (kind, id) = match holder {
        Holder::Account(id) => (0, id.get()),
        Holder::License(id) => (1, id.get()),
    };
    hash(Tag::AccountIdentity, &[Felt::from_u64(kind), Felt::from_u32(id)]).into()
}

fn addressed(mut operation: Operation) -> Operation {
    assert!(operation.address(|holder| Some(recipient(holder))));
    operation
}

fn amount(value: u64) -> Amount {
    Amount::new(value).expect("in range")
}

fn pay(license: u32, uses: u64, nano: u64, memo: Bytes32) -> Operation {
    let uses = Uses::new(uses).expect("in range");
    let (license, recipient) = (LicenseId::from(license), ShortDigest::default());
    Operation::Pay(Pay { license, uses, amount: amount(nano), recipient, memo })
}

fn transfer(to: u32, nano: u64, memo: Bytes32) -> Operation {
    let (to, recipient) = (AccountId::from(to), ShortDigest::default());
    Operation::Transfer(Transfer { to, amount: amount(nano), recipient, memo })
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
        recipient: ShortDigest::default(),
    })
}

/// A version of these numbers: price, derivative shares, status, licensee.
pub(crate) fn version(numbers: [u64; 4], provenance: Bytes32) -> LicenseVersion {
    let [price, derivative, status, licensee] = numbers;
    LicenseVersion {
        price: Price::new(price).expect("in range"),
        derivative_shares: Shares::new(derivative).expect("in range"),
        status: LicenseStatus::from_number(status).expect("a status"),
        licensee: Licensee::new(licensee).expect("in range"),
        provenance,
    }
}

/// Reads the fields of a version.
pub(crate) fn read_version(fields: &Value) -> LicenseVersion {
    let numbers = ["price", "derivative_shares", "status", "licensee"];
    let numbers = numbers.map(|field| read_integer(&fields[field]));
    version(numbers, read_bytes32(&fields["provenance"]))
}

fn update(license: u32, version: LicenseVersion) -> Operation {
    let (license, recipient) = (LicenseId::from(license), ShortDigest::default());
    Operation::UpdateLicense(UpdateLicense { license, recipient, version })
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
        pay(u32::MAX, 1 << 23, top, ONES),
        transfer(0, 0, Bytes32::default()),
        transfer(8, 1, memo(2)),
        transfer(u32::MAX, top, ONES),
        withdraw(1_000, Bytes32::default()),
        withdraw(12_345_000, memo(3)),
        withdraw(top / 1_000 * 1_000, ONES),
        register(0, 0, 1, &[(account(0), 1_000_000)]),
        register(250, 100_000, 4, &[(account(7), 1), (license(0), 333_333), (license(2), 666_666)]),
        register((1 << 40) - 1, 1_000_000, 64, &sixteen),
        update(0, version([0, 0, 1, 0], Bytes32::default())),
        update(3, version([300, 100_000, 1, 9], memo(5))),
        update(u32::MAX, version([(1 << 40) - 1, 1_000_000, 2, (1 << 31) - 1], ONES)),
        update(3, version([250, 50_000, 2, 0], memo(6))),
        update(3, version([250, 0, 3, 0], memo(6))),
        update(u32::MAX, version([0, 0, 3, 0], ONES)),
    ]
}

fn intents() -> Vec<Intent> {
    let nonces = [1, 1_700_000_000_000_000, (1 << 62) - 1];
    let times = [0, 1_700_000_600, (1 << 40) - 1];
    let fees = [0, 12, u32::MAX];
    let accounts = [0, 7, u32::MAX];
    operations()
        .into_iter()
        .map(addressed)
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

/// The recipients of a share table's lines.
pub(crate) fn recipients(table: &ShareTable) -> Value {
    let lines = table.holders().iter();
    lines.map(|line| short_digest(&recipient(line.holder))).collect::<Vec<_>>().into()
}

/// The holder chain of a share table from the vectors' recipients.
pub(crate) fn chain_of(table: &ShareTable, recipients: &Value) -> Digest {
    let recipients = recipients.as_array().expect("a list");
    assert_eq!(recipients.len(), table.holders().len());
    let mut chain = [Felt::ZERO; 4];
    for (line, recipient) in table.holders().iter().zip(recipients).rev() {
        let mut elements = chain.to_vec();
        elements.push(Felt::new(line.packed()));
        elements.extend(read_short_digest(recipient).elements());
        chain = hash(Tag::HolderChain, &elements).elements();
    }
    Digest::new(chain)
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
        Operation::Pay(Pay { license, uses, amount, recipient, memo }) => (
            "Pay",
            json!({
                "license": decimal(*license),
                "uses": decimal(*uses),
                "amount": decimal(*amount),
                "recipient": short_digest(recipient),
                "memo": hexadecimal(memo.0),
            }),
        ),
        Operation::Transfer(Transfer { to, amount, recipient, memo }) => (
            "Transfer",
            json!({
                "to": decimal(*to),
                "amount": decimal(*amount),
                "recipient": short_digest(recipient),
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
                "recipients": recipients(&register.shares),
                "chain": digest(&register.shares.holder_chain(|h| Some(recipient(h))).expect("all")),
                "recipient": short_digest(&register.recipient),
            }),
        ),
        Operation::UpdateLicense(UpdateLicense { license, recipient, version }) => (
            "UpdateLicense",
            json!({
                "license": decimal(*license),
                "price": decimal(version.price),
                "derivative_shares": decimal(version.derivative_shares),
                "status": decimal(version.status.number()),
                "licensee": decimal(version.licensee.get()),
                "provenance": hexadecimal(version.provenance.0),
                "recipient": short_digest(recipient),
            }),
        ),
    }
}

fn read_operation(name: &str, fields: &Value) -> Operation {
    let integer = |field: &str| read_integer(&fields[field]);
    let memo = || read_bytes32(&fields["memo"]);
    let mut operation = match name {
        "Pay" => pay(read_u32(&fields["license"]), integer("uses"), integer("amount"), memo()),
        "Transfer" => transfer(read_u32(&fields["to"]), integer("amount"), memo()),
        "Withdraw" => withdraw(integer("amount"), memo()),
        "RegisterLicense" => Operation::RegisterLicense(RegisterLicense {
            price: Price::new(integer("price")).expect("in range"),
            derivative_shares: Shares::new(integer("derivative_shares")).expect("in range"),
            lineage: Lineage::new(read_u32(&fields["lineage"])).expect("in range"),
            provenance: read_bytes32(&fields["provenance"]),
            shares: read_holders(&fields["holders"]),
            recipient: ShortDigest::default(),
        }),
        "UpdateLicense" => update(read_u32(&fields["license"]), read_version(fields)),
        other => panic!("no operation is called {other}"),
    };
    match &mut operation {
        Operation::Pay(pay) => pay.recipient = read_short_digest(&fields["recipient"]),
        Operation::Transfer(body) => body.recipient = read_short_digest(&fields["recipient"]),
        Operation::Withdraw(_) => {}
        Operation::RegisterLicense(register) => {
            let chain = chain_of(&register.shares, &fields["recipients"]);
            assert_eq!(chain, read_digest(&fields["chain"]));
            register.recipient = chain.into();
            assert_eq!(register.recipient, read_short_digest(&fields["recipient"]));
        }
        Operation::UpdateLicense(body) => {
            body.recipient = read_short_digest(&fields["recipient"]);
        }
    }
    operation
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
                 the 14 elements signed. recipient: the first three elements of an identity, an origin or a \
                 holder chain, 24 bytes; recipients: those of the holders, line by line. id: 4 elements, id_bytes the same as 32 bytes. challenge: \
                 the receipts-tree leaf. status: 1 active, 2 paused, 3 retired; licensee: 0 is none. packed: a share table's line as one element. openings: \
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

/// The elements that an update signs, from its fields.
fn update_message(case: &Value) -> Vec<Felt> {
    let fields = &case["fields"];
    let [of, of_case] = [fields, case].map(|from| move |field: &str| read_integer(&from[field]));
    let quantity = of("derivative_shares") + (of("status") << 20);
    let mut elements = vec![
        Felt::new((5 << 56) + (quantity << 32) + of_case("fee")),
        Felt::new(of_case("account")),
        Felt::new(of("license") + (of("licensee") << 32)),
        Felt::new(of("price")),
        Felt::new(of_case("valid_until")),
        Felt::new(of_case("nonce")),
    ];
    elements.extend(read_short_digest(&fields["recipient"]).elements());
    elements.extend(read_bytes32(&fields["provenance"]).felts());
    elements
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
    let mut count = [0; 5];
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
        if let Operation::UpdateLicense(_) = &intent.operation {
            assert_eq!(message[..], update_message(case));
        }
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
