//! The wire format: every operation survives JSON, every value has one spelling.

use farthing_client::Signer;
use farthing_client::dto::{
    Decimal, Hex, IntentBatch, IntentBody, OpenAccountBody, PathBody, TextError, WireAddress,
    WireAmount, WireBytes32, WireDigest, WireFelt, WireNano, WirePublicKey, WireSignature,
};
use farthing_protocol::{
    AccountId, Amount, Bytes32, Digest, Holder, HolderShares, LicenseId, LicenseStatus,
    LicenseVersion, Licensee, Lineage, MODULUS, Nano, Operation, Pay, Price, RegisterLicense,
    SecretKey, ShareTable, Shares, ShortDigest, SignedIntent, Transfer, UpdateLicense, Uses,
    Withdraw,
};
use serde_json::{Value, json};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn operations() -> TestResult<Vec<Operation>> {
    let memo = Bytes32(core::array::from_fn(|i| i as u8));
    let recipient = ShortDigest::try_from([1, 2, MODULUS - 1])?;
    let lines = vec![
        HolderShares { holder: Holder::Account(AccountId::MAX), shares: Shares::new(400_000)? },
        HolderShares { holder: Holder::License(LicenseId::from(3)), shares: Shares::new(600_000)? },
    ];
    Ok(vec![
        Operation::Pay(Pay {
            license: LicenseId::MAX,
            uses: Uses::MAX,
            amount: Amount::MAX,
            recipient,
            memo,
        }),
        Operation::Transfer(Transfer {
            to: AccountId::from(0),
            amount: Amount::MIN,
            recipient,
            memo,
        }),
        Operation::Withdraw(Withdraw::new(Amount::new(1_000)?, memo)?),
        Operation::RegisterLicense(RegisterLicense {
            price: Price::MAX,
            derivative_shares: Shares::MAX,
            lineage: Lineage::new(64)?,
            provenance: memo,
            shares: ShareTable::new(lines)?,
            recipient,
        }),
        update(LicenseStatus::Paused, Licensee::new((1 << 31) - 1)?, recipient)?,
        update(LicenseStatus::Retired, Licensee::ANYBODY, recipient)?,
    ])
}

fn update(
    status: LicenseStatus,
    licensee: Licensee,
    recipient: ShortDigest,
) -> TestResult<Operation> {
    let (derivative_shares, provenance) = (Shares::new(7)?, Bytes32([9; 32]));
    let version =
        LicenseVersion { price: Price::new(3)?, derivative_shares, status, licensee, provenance };
    Ok(Operation::UpdateLicense(UpdateLicense { license: LicenseId::from(5), recipient, version }))
}

fn signer() -> Signer {
    Signer::new(AccountId::from(7), SecretKey::from_seed(&[1; 32]), Digest::ZERO)
}

#[test]
fn every_operation_survives_json() -> TestResult {
    for operation in operations()? {
        let signed = signer().sign(operation)?;
        let text = serde_json::to_string(&IntentBody::from(&signed))?;
        let body: IntentBody = serde_json::from_str(&text)?;
        assert_eq!(SignedIntent::try_from(body)?, signed, "{text}");
    }
    Ok(())
}

#[test]
fn an_unknown_a_missing_and_a_changed_field_are_refused() -> TestResult {
    for operation in operations()? {
        let whole = serde_json::to_value(IntentBody::from(&signer().sign(operation)?))?;
        assert!(serde_json::from_value::<IntentBody>(whole.clone()).is_ok());
        for pointer in pointers(&whole, "") {
            let (parent, name) = pointer.rsplit_once('/').ok_or("a pointer")?;
            let mut missing = whole.clone();
            if let Some(Value::Object(fields)) = missing.pointer_mut(parent) {
                fields.remove(name);
                assert!(serde_json::from_value::<IntentBody>(missing).is_err(), "{pointer}");
                let mut more = whole.clone();
                if let Some(Value::Object(fields)) = more.pointer_mut(parent) {
                    fields.insert("more".to_owned(), json!(1));
                }
                assert!(serde_json::from_value::<IntentBody>(more).is_err(), "{parent}");
            }
            for other in [json!(null), json!(-1), json!(1.5), json!("x"), json!([[]])] {
                // Null stands for every account.
                if other.is_null() && name == "licensee" {
                    continue;
                }
                let mut changed = whole.clone();
                *changed.pointer_mut(&pointer).ok_or("a field")? = other;
                assert!(serde_json::from_value::<IntentBody>(changed).is_err(), "{pointer}");
            }
        }
    }
    Ok(())
}

/// The operator's account cannot be a licensee, whose number stands for every account.
#[test]
fn a_licensee_is_an_account_with_a_number_for_it() -> TestResult {
    let operation = update(LicenseStatus::Active, Licensee::new(1)?, ShortDigest::default())?;
    let mut body = serde_json::to_value(IntentBody::from(&signer().sign(operation)?))?;
    for (licensee, fits) in [(0, false), (1, true), (0x7fff_ffff, true), (0x8000_0000_u32, false)] {
        body["operation"]["update_license"]["licensee"] = json!(licensee);
        let read: IntentBody = serde_json::from_value(body.clone())?;
        assert_eq!(SignedIntent::try_from(read).is_ok(), fits, "{licensee}");
    }
    Ok(())
}

/// An array with a struct's values in the order of its fields says the same to a derived
/// `Deserialize`; here it is refused, wherever an object stands.
#[test]
fn an_array_does_not_stand_for_an_object() -> TestResult {
    let mut bodies = Vec::new();
    for operation in operations()? {
        bodies.push(serde_json::to_value(IntentBody::from(&signer().sign(operation)?))?);
    }
    let mut refused = 0;
    for whole in &bodies {
        for pointer in pointers(whole, "").iter().map(String::as_str).chain([""]) {
            let mut changed = whole.clone();
            let target = changed.pointer_mut(pointer).ok_or("a value")?;
            let Value::Object(fields) = target else { continue };
            *target = fields.values().cloned().collect();
            let text = changed.to_string();
            assert!(serde_json::from_str::<IntentBody>(&text).is_err(), "{pointer} of {text}");
            refused += 1;
        }
    }
    assert!(refused > 12, "{refused}");
    // With the fields in order: what the derived code alone would take.
    let order = ["account", "nonce", "fee", "valid_until", "operation", "signature"];
    let array: Value = order.iter().map(|name| bodies[1][name].clone()).collect();
    assert!(serde_json::from_value::<IntentBody>(array.clone()).is_err());
    assert!(serde_json::from_value::<IntentBatch>(json!([[bodies[1]]])).is_err());
    assert!(serde_json::from_value::<IntentBatch>(json!({ "intents": [array] })).is_err());
    let orders: [(usize, &str, &[&str]); 5] = [
        (0, "pay", &["license", "uses", "amount", "memo"]),
        (1, "transfer", &["to", "amount", "memo"]),
        (2, "withdraw", &["amount", "memo"]),
        (
            3,
            "register_license",
            &["price", "derivative_shares", "lineage", "provenance", "holders"],
        ),
        (
            4,
            "update_license",
            &["license", "price", "derivative_shares", "status", "licensee", "provenance"],
        ),
    ];
    for (body, kind, order) in orders {
        let mut changed = bodies[body].clone();
        let inner = &mut changed["operation"][kind];
        *inner = order.iter().map(|name| inner[name].clone()).collect();
        assert!(serde_json::from_value::<IntentBody>(changed).is_err(), "{kind}");
    }
    let account =
        json!([WirePublicKey::from(*signer().public_key()), format!("0x{}", "11".repeat(20))]);
    assert!(serde_json::from_value::<OpenAccountBody>(account).is_err());
    let path = json!([1, []]);
    assert!(serde_json::from_value::<PathBody>(path).is_err());
    assert!(serde_json::from_value::<PathBody>(json!({ "index": 1, "siblings": [] })).is_ok());
    Ok(())
}

/// The pointer of every value below `value`.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let below = |name: String, value: &Value| {
        let pointer = format!("{at}/{name}");
        let mut all = pointers(value, &pointer);
        all.push(pointer);
        all
    };
    match value {
        Value::Object(fields) => fields.iter().flat_map(|(n, v)| below(n.clone(), v)).collect(),
        Value::Array(items) => {
            (0..).zip(items).flat_map(|(n, v): (u32, _)| below(n.to_string(), v)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_number_has_one_spelling_and_a_range() {
    let parse = |text: &str| text.parse::<WireNano>();
    assert_eq!(parse("0"), Ok(Decimal(Nano::ZERO)));
    assert_eq!(parse("4611686018427387903"), Ok(Decimal(Nano::MAX)));
    for bad in ["", "00", "01", "+1", "-1", "1.0", "1e3", " 1", "1 ", "0x1", "１", "1_000"] {
        assert_eq!(parse(bad), Err(TextError::NotDecimal), "{bad}");
    }
    for large in ["4611686018427387904", "18446744073709551616", &"9".repeat(100)] {
        assert!(matches!(parse(large), Err(TextError::OutOfRange(_))), "{large}");
    }
    assert!(serde_json::from_value::<WireAmount>(json!(5)).is_err(), "a string, not a number");
    assert!("70368744177664".parse::<WireAmount>().is_err());
}

#[test]
fn an_address_in_mixed_case_carries_its_checksum() {
    let right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    let address = right.parse::<WireAddress>();
    assert!(address.is_ok());
    assert_eq!(right.to_lowercase().parse(), address);
    let upper = format!("0x{}", right.trim_start_matches("0x").to_uppercase());
    assert_eq!(upper.parse(), address);
    for wrong in [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0x5bAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    ] {
        assert!(matches!(wrong.parse::<WireAddress>(), Err(TextError::Checksum(_))), "{wrong}");
        assert!(serde_json::from_value::<WireAddress>(json!(wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn bytes_have_a_length_and_are_canonical() {
    let digits = "ab".repeat(32);
    assert_eq!(format!("0x{digits}").parse(), Ok(Hex(Bytes32([0xab; 32]))));
    assert_eq!(format!("0x{}", "AB".repeat(32)).parse(), Ok(Hex(Bytes32([0xab; 32]))));
    let parse = |text: &str| text.parse::<WireBytes32>();
    for bad in ["", "0", digits.as_str(), "0xabc", "0xzz", "0X00"] {
        assert_eq!(parse(bad), Err(TextError::NotHexadecimal), "{bad}");
    }
    assert_eq!(parse("0xabab"), Err(TextError::Length { expected: 32, got: 2 }));
    let modulus = format!("0x{MODULUS:016x}");
    assert!(matches!(modulus.parse::<WireFelt>(), Err(TextError::NotCanonical { .. })));
    let digest = format!("{modulus}{}", "00".repeat(24));
    assert!(matches!(digest.parse::<WireDigest>(), Err(TextError::NotCanonical { .. })));
    let signature = format!("0x{}", "00".repeat(80));
    assert!(matches!(signature.parse::<WireSignature>(), Err(TextError::NotCanonical { .. })));
}
