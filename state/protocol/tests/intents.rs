//! Intents: their bytes, their messages, and every reason to refuse bytes as an intent.

use farthing_protocol::{
    AccountId, Address, Amount, Bytes32, DecodeError, Domain, Fee, Felt, Holder, HolderShares,
    Intent, LicenseId, LicenseStatus, LicenseVersion, Licensee, Lineage, MESSAGE_ELEMENTS, Nonce,
    Operation, Pay, Price, RegisterLicense, SIGNATURE_BYTES, SecretKey, ShareTable,
    ShareTableError, Shares, ShortDigest, SignatureEncodingError, SignedIntent, Transfer, UnixTime,
    UpdateLicense, Uses, Withdraw, WithdrawError, canonical, verify,
};
use proptest::prelude::*;

/// Bytes before an operation's own: kind, account, nonce, fee, valid until.
const HEAD: usize = 1 + 4 + 8 + 4 + 8;

fn intent(operation: Operation) -> Intent {
    Intent {
        account: AccountId::from(7),
        nonce: Nonce::new(1_700_000_000_000_000).expect("in range"),
        fee: Fee::new(12).expect("in range"),
        valid_until: UnixTime::new(1_700_000_600).expect("in range"),
        operation,
    }
}

fn memo() -> Bytes32 {
    Bytes32(core::array::from_fn(|i| i as u8 + 0x40))
}

/// A recipient, the same in every intent of this file.
fn recipient() -> ShortDigest {
    ShortDigest::try_from([1, 2, 3]).expect("canonical")
}

fn pay() -> Intent {
    intent(Operation::Pay(Pay {
        license: LicenseId::from(3),
        uses: Uses::new(20).expect("in range"),
        amount: Amount::new(5_000).expect("in range"),
        recipient: recipient(),
        memo: memo(),
    }))
}

fn transfer() -> Intent {
    let amount = Amount::new(77).expect("in range");
    let (to, recipient) = (AccountId::from(8), recipient());
    intent(Operation::Transfer(Transfer { to, amount, recipient, memo: memo() }))
}

fn withdraw() -> Intent {
    let amount = Amount::new(9_000).expect("in range");
    intent(Operation::Withdraw(Withdraw::new(amount, memo()).expect("whole units")))
}

fn line(holder: Holder, shares: u64) -> HolderShares {
    HolderShares { holder, shares: Shares::new(shares).expect("in range") }
}

fn register() -> Intent {
    let shares = ShareTable::new(vec![
        line(Holder::Account(AccountId::from(7)), 300_000),
        line(Holder::Account(AccountId::from(9)), 200_000),
        line(Holder::License(LicenseId::from(2)), 500_000),
    ]);
    intent(Operation::RegisterLicense(RegisterLicense {
        price: Price::new(250).expect("in range"),
        derivative_shares: Shares::new(100_000).expect("in range"),
        lineage: Lineage::new(2).expect("in range"),
        provenance: memo(),
        shares: shares.expect("a table"),
        recipient: recipient(),
    }))
}

fn version() -> LicenseVersion {
    LicenseVersion {
        price: Price::new(300).expect("in range"),
        derivative_shares: Shares::new(100_000).expect("in range"),
        status: LicenseStatus::Paused,
        licensee: Licensee::new(9).expect("in range"),
        provenance: memo(),
    }
}

fn update() -> Intent {
    let (license, recipient) = (LicenseId::from(3), recipient());
    intent(Operation::UpdateLicense(UpdateLicense { license, recipient, version: version() }))
}

fn all() -> [Intent; 5] {
    [pay(), transfer(), withdraw(), register(), update()]
}

fn domain() -> farthing_protocol::Digest {
    Domain { chain_id: 1, contract: Address([0xC0; 20]) }.digest()
}

fn secret() -> SecretKey {
    SecretKey::from_seed(&[5; 32])
}

/// The error of decoding after the bytes of `intent` have been changed.
fn changed(intent: &Intent, change: impl FnOnce(&mut Vec<u8>)) -> Option<DecodeError> {
    let mut bytes = intent.to_bytes();
    assert_eq!(Intent::from_bytes(&bytes).as_ref(), Ok(intent));
    change(&mut bytes);
    Intent::from_bytes(&bytes).err()
}

/// The error of decoding after the big-endian word of `N` bytes at `at` has been replaced.
fn put<const N: usize>(intent: &Intent, at: usize, value: u64) -> Option<DecodeError> {
    changed(intent, |bytes| bytes[at..at + N].copy_from_slice(&value.to_be_bytes()[8 - N..]))
}

/// The quantity that is out of range, and the value given.
fn out_of_range(error: Option<DecodeError>) -> Option<(&'static str, u64)> {
    match error? {
        DecodeError::OutOfRange(error) => Some((error.quantity, error.got)),
        other => panic!("expected a range error, got {other:?}"),
    }
}

#[test]
fn every_operation_survives_its_bytes() {
    for intent in all() {
        assert_eq!(Intent::from_bytes(&intent.to_bytes()).as_ref(), Ok(&intent));
        let signed = intent.clone().sign(&secret(), &domain());
        let bytes = signed.to_bytes();
        assert_eq!(bytes.len(), intent.to_bytes().len() + SIGNATURE_BYTES);
        assert_eq!(SignedIntent::from_bytes(&bytes), Ok(signed.clone()));
        let message = intent.message();
        let key = *secret().public_key();
        assert_eq!(verify(&key, &domain(), &message, &signed.signature), Ok(()));
    }
}

#[test]
fn lengths_are_fixed_but_for_the_share_table() {
    let lengths = all().map(|intent| intent.to_bytes().len() - HEAD);
    assert_eq!(
        lengths,
        [
            4 + 4 + 8 + 24 + 32,
            4 + 8 + 24 + 32,
            8 + 32,
            8 + 4 + 1 + 32 + 1 + 3 * 9 + 24,
            4 + 8 + 4 + 1 + 4 + 32 + 24,
        ]
    );
}

#[test]
fn the_head_has_fixed_places() {
    let bytes = pay().to_bytes();
    assert_eq!(bytes[0], 1);
    assert_eq!(bytes[1..5], 7u32.to_be_bytes());
    assert_eq!(bytes[5..13], 1_700_000_000_000_000u64.to_be_bytes());
    assert_eq!(bytes[13..17], 12u32.to_be_bytes());
    assert_eq!(bytes[17..25], 1_700_000_600u64.to_be_bytes());
    assert_eq!(all().map(|intent| intent.to_bytes()[0]), [1, 2, 3, 4, 5]);
    assert_eq!(all().map(|intent| intent.operation.kind().number()), [1, 2, 3, 4, 5]);
}

#[test]
fn every_prefix_is_truncated_and_every_suffix_trails() {
    for intent in all() {
        let bytes = intent.to_bytes();
        for length in 0..bytes.len() {
            let error = Intent::from_bytes(&bytes[..length]);
            assert!(matches!(error, Err(DecodeError::Truncated { .. })), "{length}: {error:?}");
        }
        let longer = [&bytes[..], &[0; 3]].concat();
        assert_eq!(Intent::from_bytes(&longer), Err(DecodeError::TrailingBytes { count: 3 }));

        let signed = intent.sign(&secret(), &domain()).to_bytes();
        for length in 0..signed.len() {
            let error = SignedIntent::from_bytes(&signed[..length]);
            assert!(matches!(error, Err(DecodeError::Truncated { .. })), "{length}: {error:?}");
        }
        let longer = [&signed[..], &[0]].concat();
        assert_eq!(SignedIntent::from_bytes(&longer), Err(DecodeError::TrailingBytes { count: 1 }));
        assert_eq!(Intent::from_bytes(&signed), Err(DecodeError::TrailingBytes { count: 80 }));
    }
    assert_eq!(Intent::from_bytes(&[]), Err(DecodeError::Truncated { expected: 1, got: 0 }));
    assert_eq!(Intent::from_bytes(&[1, 0]), Err(DecodeError::Truncated { expected: 4, got: 1 }));
}

#[test]
fn unknown_kinds_are_refused() {
    for kind in (0..=u8::MAX).filter(|kind| !(1..=5).contains(kind)) {
        let error = changed(&pay(), |bytes| bytes[0] = kind);
        assert_eq!(error, Some(DecodeError::UnknownKind { what: "operation", got: kind }));
    }
    let holder = HEAD + 8 + 4 + 1 + 32 + 1;
    for kind in 2..=u8::MAX {
        let error = changed(&register(), |bytes| bytes[holder] = kind);
        assert_eq!(error, Some(DecodeError::UnknownKind { what: "holder", got: kind }));
    }
    for status in (0..=u8::MAX).filter(|status| !(1..=3).contains(status)) {
        let error = changed(&update(), |bytes| bytes[HEAD + 4 + 8 + 4] = status);
        assert_eq!(error, Some(DecodeError::UnknownKind { what: "license status", got: status }));
    }
}

#[test]
fn every_quantity_has_its_range() {
    for intent in all() {
        assert_eq!(out_of_range(put::<8>(&intent, 5, (1 << 62) - 1)), None);
        assert_eq!(out_of_range(put::<8>(&intent, 5, 1 << 62)), Some(("Nonce", 1 << 62)));
        assert_eq!(out_of_range(put::<8>(&intent, 17, (1 << 40) - 1)), None);
        assert_eq!(out_of_range(put::<8>(&intent, 17, 1 << 40)), Some(("UnixTime", 1 << 40)));
    }
    // Intent, place, largest value, quantity.
    let amounts = [(pay(), HEAD + 8), (transfer(), HEAD + 4)];
    for (intent, at) in amounts {
        assert_eq!(out_of_range(put::<8>(&intent, at, (1 << 46) - 1)), None);
        assert_eq!(out_of_range(put::<8>(&intent, at, 1 << 46)), Some(("Amount", 1 << 46)));
        assert_eq!(out_of_range(put::<8>(&intent, at, u64::MAX)), Some(("Amount", u64::MAX)));
    }
    assert_eq!(out_of_range(put::<8>(&withdraw(), HEAD, 1 << 46)), Some(("Amount", 1 << 46)));
    assert_eq!(out_of_range(put::<4>(&pay(), HEAD + 4, 0)), Some(("Uses", 0)));
    assert_eq!(out_of_range(put::<4>(&pay(), HEAD + 4, 1 << 23)), None);
    let error = put::<4>(&pay(), HEAD + 4, (1 << 23) + 1);
    assert_eq!(out_of_range(error), Some(("Uses", (1 << 23) + 1)));

    let register = register();
    assert_eq!(out_of_range(put::<8>(&register, HEAD, (1 << 40) - 1)), None);
    assert_eq!(out_of_range(put::<8>(&register, HEAD, 1 << 40)), Some(("Price", 1 << 40)));
    let error = put::<4>(&register, HEAD + 8, 1_000_001);
    assert_eq!(out_of_range(error), Some(("Shares", 1_000_001)));
    for lineage in [0, 65, 255] {
        let error = put::<1>(&register, HEAD + 12, lineage);
        assert_eq!(out_of_range(error), Some(("Lineage", lineage)));
    }
    let error = put::<4>(&register, HEAD + 8 + 4 + 1 + 32 + 1 + 5, 1_000_001);
    assert_eq!(out_of_range(error), Some(("Shares", 1_000_001)));

    let update = update();
    assert_eq!(out_of_range(put::<4>(&update, HEAD, u32::MAX.into())), None);
    assert_eq!(out_of_range(put::<8>(&update, HEAD + 4, (1 << 40) - 1)), None);
    assert_eq!(out_of_range(put::<8>(&update, HEAD + 4, 1 << 40)), Some(("Price", 1 << 40)));
    assert_eq!(out_of_range(put::<4>(&update, HEAD + 12, 1_000_000)), None);
    let error = put::<4>(&update, HEAD + 12, 1_000_001);
    assert_eq!(out_of_range(error), Some(("Shares", 1_000_001)));
    assert_eq!(out_of_range(put::<4>(&update, HEAD + 17, 0)), None);
    assert_eq!(out_of_range(put::<4>(&update, HEAD + 17, (1 << 31) - 1)), None);
    let error = put::<4>(&update, HEAD + 17, 1 << 31);
    assert_eq!(out_of_range(error), Some(("Licensee", 1 << 31)));
}

#[test]
fn a_share_table_in_an_intent_keeps_its_rules() {
    let count = HEAD + 8 + 4 + 1 + 32;
    let error = changed(&register(), |bytes| {
        bytes[count] = 0;
        bytes.truncate(count + 1);
    });
    assert_eq!(error, Some(ShareTableError::NoHolders.into()));
    // Too many holders wins over missing bytes.
    let error = changed(&register(), |bytes| bytes[count] = 17);
    assert_eq!(error, Some(ShareTableError::TooManyHolders { got: 17, max: 16 }.into()));
    // The recipient behind the table is read as two lines and a part of one.
    let error = changed(&register(), |bytes| bytes[count] = 16);
    assert_eq!(error, Some(DecodeError::Truncated { expected: 4, got: 1 }));
    let error = put::<4>(&register(), count + 1 + 5, 300_001);
    let expected = ShareTableError::WrongSum { expected: 1_000_000, got: 1_000_001 };
    assert_eq!(error, Some(expected.into()));
}

#[test]
fn a_withdrawal_is_of_whole_units() {
    let withdraw = |amount| {
        Withdraw::new(Amount::new(amount).expect("in range"), memo()).map(|w| w.amount().get())
    };
    assert_eq!(withdraw(0), Err(WithdrawError::Nothing { min: 1_000 }));
    let not_whole = |got| Err(WithdrawError::NotWholeUnits { got, multiple: 1_000 });
    for amount in [1, 999, 1_001, (1 << 46) - 1] {
        assert_eq!(withdraw(amount), not_whole(amount));
    }
    assert_eq!(withdraw(1_000), Ok(1_000));
    let most = ((1 << 46) - 1) / 1_000 * 1_000;
    assert_eq!(withdraw(most), Ok(most));

    let decoded = |amount| put::<8>(&self::withdraw(), HEAD, amount);
    assert_eq!(decoded(0), Some(WithdrawError::Nothing { min: 1_000 }.into()));
    let expected = WithdrawError::NotWholeUnits { got: 1, multiple: 1_000 };
    assert_eq!(decoded(1), Some(expected.into()));
    // The range of an amount comes first.
    assert!(matches!(decoded(u64::MAX), Some(DecodeError::OutOfRange(_))));
}

#[test]
fn serde_keeps_the_rules_too() {
    let intent = withdraw();
    let json = serde_json::to_string(&intent).expect("serializes");
    assert_eq!(serde_json::from_str::<Intent>(&json).ok(), Some(intent));
    for amount in ["0", "1", "8999"] {
        let bad = json.replace("9000", amount);
        assert_ne!(bad, json);
        assert!(serde_json::from_str::<Intent>(&bad).is_err());
    }
    let intent = register();
    let json = serde_json::to_string(&intent).expect("serializes");
    assert_eq!(serde_json::from_str::<Intent>(&json).ok(), Some(intent));
    assert!(serde_json::from_str::<Intent>(&json.replace("300000", "300001")).is_err());
    let intent = update();
    let json = serde_json::to_string(&intent).expect("serializes");
    assert_eq!(serde_json::from_str::<Intent>(&json).ok(), Some(intent));
    let licensee = "\"licensee\":9";
    assert!(json.contains(licensee));
    let bad = json.replace(licensee, "\"licensee\":2147483648");
    assert!(serde_json::from_str::<Intent>(&bad).is_err());
}

#[test]
fn signatures_in_bytes_are_canonical() {
    let bytes = pay().sign(&secret(), &domain()).to_bytes();
    let r = bytes.len() - SIGNATURE_BYTES;
    let decode = |range: core::ops::Range<usize>, byte| {
        let mut bytes = bytes.clone();
        bytes[range].fill(byte);
        SignedIntent::from_bytes(&bytes).err()
    };
    let element = SignatureEncodingError::NonCanonicalElement { index: 1 };
    assert_eq!(decode(r + 8..r + 16, 0xFF), Some(element.into()));
    assert_eq!(decode(r..r + 40, 0), Some(SignatureEncodingError::NeutralNonce.into()));
    let response = SignatureEncodingError::ResponseTooLarge;
    assert_eq!(decode(r + 40..r + 80, 0xFF), Some(response.into()));
    // The intent's own errors come before the signature's.
    let mut both = bytes.clone();
    both[5] = 0xFF;
    both[r..].fill(0xFF);
    assert_eq!(out_of_range(SignedIntent::from_bytes(&both).err()).map(|(q, _)| q), Some("Nonce"));
}

#[test]
fn the_message_has_fixed_places() {
    let words = |intent: &Intent| intent.message().map(canonical);
    let of = |kind: u64, quantity: u64, [target, amount]: [u64; 2], recipient: [u64; 3]| {
        let head = kind << 56 | quantity << 32 | 12;
        let fixed = [head, 7, target, amount, 1_700_000_600, 1_700_000_000_000_000];
        let parts = [&fixed[..], &recipient, &memo().limbs()].concat();
        <[u64; MESSAGE_ELEMENTS]>::try_from(parts).expect("fourteen")
    };
    assert_eq!(words(&pay()), of(1, 20, [3, 5_000], [1, 2, 3]));
    assert_eq!(words(&transfer()), of(2, 0, [8, 77], [1, 2, 3]));
    assert_eq!(words(&withdraw()), of(3, 0, [0, 9_000], [0; 3]));
    assert_eq!(words(&register()), of(4, 100_000, [2, 250], [1, 2, 3]));
    assert_eq!(words(&update()), of(5, 2 << 20 | 100_000, [9 << 32 | 3, 300], [1, 2, 3]));
}

#[test]
fn the_most_uses_are_no_other_kind() {
    let Intent { operation: Operation::Pay(most), .. } = pay() else { panic!("kind") };
    let most = Operation::Pay(Pay { uses: Uses::MAX, ..most });
    let [head, ..] = intent(most).message().map(canonical);
    assert_eq!((head >> 56, head >> 32 & 0xFF_FFFF, head & 0xFFFF_FFFF), (1, 1 << 23, 12));
}

/// No two updates have one message: the largest values of each field leave those beside it alone.
#[test]
fn the_fields_of_an_update_do_not_meet() {
    let Intent { operation: Operation::UpdateLicense(least), .. } = update() else {
        panic!("kind")
    };
    for status in [LicenseStatus::Active, LicenseStatus::Paused, LicenseStatus::Retired] {
        let version = LicenseVersion {
            price: Price::MAX,
            derivative_shares: Shares::MAX,
            status,
            licensee: Licensee::new((1 << 31) - 1).expect("in range"),
            ..least.version
        };
        let license = LicenseId::from(u32::MAX);
        let most = UpdateLicense { license, version, ..least };
        let [head, account, target, amount, ..] =
            intent(Operation::UpdateLicense(most)).message().map(canonical);
        assert_eq!((head >> 56, head & 0xFFFF_FFFF), (5, 12));
        let quantity = head >> 32 & 0xFF_FFFF;
        assert_eq!((quantity >> 20, quantity & 0xF_FFFF), (status.number().into(), 1_000_000));
        assert_eq!((account, amount), (7, (1 << 40) - 1));
        assert_eq!((target >> 32, target & 0xFFFF_FFFF), ((1 << 31) - 1, u32::MAX.into()));
    }
}

#[test]
fn recipients_are_named_all_or_not_at_all() {
    let named = |holder: Holder| match holder {
        Holder::Account(id) => ShortDigest::try_from([0, id.get().into(), 5]).ok(),
        Holder::License(id) => ShortDigest::try_from([1, id.get().into(), 5]).ok(),
    };
    let address = |intent: Intent, known: &dyn Fn(Holder) -> Option<ShortDigest>| {
        let mut operation = intent.operation;
        let all = operation.address(known);
        let recipient = match operation {
            Operation::Pay(Pay { recipient, .. })
            | Operation::Transfer(Transfer { recipient, .. })
            | Operation::RegisterLicense(RegisterLicense { recipient, .. })
            | Operation::UpdateLicense(UpdateLicense { recipient, .. }) => Some(recipient),
            Operation::Withdraw(_) => None,
        };
        (all, recipient)
    };
    assert_eq!(address(pay(), &named), (true, ShortDigest::try_from([1, 3, 5]).ok()));
    assert_eq!(address(transfer(), &named), (true, ShortDigest::try_from([0, 8, 5]).ok()));
    assert_eq!(address(withdraw(), &named), (true, None));
    assert_eq!(address(update(), &named), (true, ShortDigest::try_from([1, 3, 5]).ok()));
    let (all, chain) = address(register(), &named);
    assert!(all && chain.is_some_and(|chain| chain != recipient()));
    let accounts = |holder| named(holder).filter(|_| matches!(holder, Holder::Account(_)));
    assert_eq!(address(register(), &accounts), (false, Some(recipient())));
    assert_eq!(address(pay(), &accounts), (false, Some(recipient())));
    assert_eq!(address(update(), &accounts), (false, Some(recipient())));
}

#[test]
fn names_differ_by_domain_and_by_every_element() {
    let other = Domain { chain_id: 2, contract: Address([0xC0; 20]) }.digest();
    let message = pay().message();
    let id = pay().id(&domain());
    assert_eq!(Intent::id_of(&domain(), &message), id);
    assert_ne!(pay().id(&other), id);
    for index in 0..MESSAGE_ELEMENTS {
        let mut changed = message;
        changed[index] += Felt::new(1);
        assert_ne!(Intent::id_of(&domain(), &changed), id, "element {index}");
    }
}

#[test]
fn debits_are_amount_and_fee() {
    assert_eq!(all().map(|intent| intent.debit().get()), [5_012, 89, 9_012, 12, 12]);
    let largest = Intent {
        fee: Fee::MAX,
        operation: Operation::Transfer(Transfer {
            to: AccountId::from(0),
            amount: Amount::MAX,
            recipient: recipient(),
            memo: memo(),
        }),
        ..transfer()
    };
    assert_eq!(largest.debit().get(), (1 << 46) + (1 << 32) - 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_intent_survives_its_bytes(
        (account, nonce, fee, valid_until) in (any::<u32>(), 0..1u64 << 62, any::<u32>(), 0..1u64 << 40),
        (kind, target, amount, uses) in (0..3, any::<u32>(), 0..1u64 << 46, 1..=1u64 << 23),
        memo: [u8; 32],
    ) {
        let memo = Bytes32(memo);
        let of = |amount| Amount::new(amount).expect("in range");
        let operation = match kind {
            0 => Operation::Pay(Pay {
                license: LicenseId::from(target),
                uses: Uses::new(uses).expect("in range"),
                amount: of(amount),
                recipient: recipient(),
                memo,
            }),
            1 => Operation::Transfer(Transfer {
                to: AccountId::from(target),
                amount: of(amount),
                recipient: recipient(),
                memo,
            }),
            _ => {
                let whole = (amount / 1_000 * 1_000).max(1_000);
                Operation::Withdraw(Withdraw::new(of(whole), memo).expect("whole units"))
            }
        };
        let intent = Intent {
            account: AccountId::from(account),
            nonce: Nonce::new(nonce).expect("in range"),
            fee: Fee::new(fee.into()).expect("in range"),
            valid_until: UnixTime::new(valid_until).expect("in range"),
            operation,
        };
        prop_assert_eq!(Intent::from_bytes(&intent.to_bytes()), Ok(intent));
    }

    /// An intent that decodes after any change of one byte has the changed bytes.
    #[test]
    fn one_intent_has_one_encoding(which in 0..5usize, position: prop::sample::Index, byte: u8) {
        let mut bytes = all()[which].to_bytes();
        let at = position.index(bytes.len());
        bytes[at] = byte;
        if let Ok(intent) = Intent::from_bytes(&bytes) {
            prop_assert_eq!(intent.to_bytes(), bytes);
        }
    }
}
