//! Honest batches are proven.

use farthing_protocol::{
    AccountId, Amount, Bytes32, Fee, Holder, HolderShares, Intent, LicenseId, LicenseStatus,
    LicenseVersion, Licensee, Lineage, Nonce, Operation, Pay, Price, RegisterLicense, SEED_BYTES,
    SHARES_TOTAL, SecretKey, ShareTable, Shares, ShortDigest, Transfer, UnixTime, UpdateLicense,
    Uses, Withdraw,
};

use crate::check::Checker;
use crate::class::LeafClass;
use crate::config::{FriSettings, Profile};
use crate::prove::LeafKey;
use crate::tables::TraceError;
use crate::tables::signature::signature_traces;
use crate::tests::batches::{NOW, batch, domain, leaf, leaf_with};
use crate::witness::{SignedBatch, SignedRow};

/// Intents and signers: none, one, a full class of one, of several, of distinct signers.
const SIZES: [(usize, usize); 6] = [(0, 0), (1, 1), (5, 2), (16, 1), (16, 4), (16, 16)];

fn assert_checks(class: &LeafClass, batch: &SignedBatch) {
    let (tables, statement, traces) = leaf(class, batch);
    let report = Checker::new(&tables, &statement).check(&traces);
    assert!(
        report.is_clean(),
        "{:?} {:#?}",
        report.culprits(),
        &report.violations.iter().take(5).collect::<Vec<_>>()
    );
}

#[test]
fn constraints_hold() {
    for (intents, signers) in SIZES {
        assert_checks(&LeafClass::TINY, &batch(1, intents, signers));
    }
}

fn assert_proven(settings: FriSettings, batch: &SignedBatch) {
    let key = LeafKey::of_signatures(&LeafClass::TINY, settings).expect("setup");
    let (_, statement, traces) = leaf_with(&LeafClass::TINY, settings.sbox, batch, |_| ());
    let proof = key.prove(&statement, &traces).expect("proof");
    key.verify(&statement, &proof).expect("valid");
}

#[test]
fn every_size_is_proven() {
    for (intents, signers) in SIZES {
        assert_proven(FriSettings::of(Profile::Proven), &batch(2, intents, signers));
    }
}

#[test]
fn every_setting_proves() {
    let batch = batch(2, 16, 4);
    for settings in [
        FriSettings::of(Profile::Conjectured),
        FriSettings::low_blowup(),
        FriSettings::degree_three(),
    ] {
        assert_proven(settings, &batch);
    }
}

/// The largest with `FARTHING_FULL` only.
#[test]
fn every_class_checks() {
    let full = farthing_testkit::full();
    let largest = full.then_some(&LeafClass::HUGE);
    for class in
        [&LeafClass::SMALL, &LeafClass::MEDIUM, &LeafClass::LARGE].into_iter().chain(largest)
    {
        assert_checks(class, &batch(3, 300, 40));
    }
}

#[test]
fn as_many_signers_as_the_class_holds() {
    let class = &LeafClass::SMALL;
    assert_checks(class, &batch(4, class.intents(), class.signers()));
}

/// The protocol's own types, signed by its own signer, in every kind.
#[test]
fn intents_of_the_protocol_are_proven() {
    let key = SecretKey::from_seed(&[7; SEED_BYTES]);
    let domain = domain();
    let amount = Amount::new(5_000).expect("in range");
    let recipient = ShortDigest::from(domain);
    let (memo, uses) = (Bytes32([9; 32]), Uses::new(10).expect("in range"));
    let version = LicenseVersion {
        price: Price::new(500).expect("in range"),
        derivative_shares: Shares::new(7).expect("in range"),
        status: LicenseStatus::Paused,
        licensee: Licensee::new(4).expect("in range"),
        provenance: memo,
    };
    let origin = RegisterLicense {
        price: Price::new(77).expect("in range"),
        derivative_shares: Shares::new(1_000).expect("in range"),
        lineage: Lineage::new(1).expect("in range"),
        provenance: memo,
        shares: ShareTable::new(vec![HolderShares {
            holder: Holder::Account(AccountId::from(4)),
            shares: Shares::new(SHARES_TOTAL.into()).expect("in range"),
        }])
        .expect("a table"),
        recipient,
    };
    let operations = [
        Operation::Pay(Pay { license: LicenseId::from(3), uses, amount, recipient, memo }),
        Operation::Transfer(Transfer { to: AccountId::from(4), amount, recipient, memo }),
        Operation::Withdraw(Withdraw::new(amount, memo).expect("whole units")),
        Operation::RegisterLicense(origin),
        Operation::UpdateLicense(UpdateLicense { license: LicenseId::from(3), recipient, version }),
    ];
    let old_nonce = Nonce::new(40).expect("in range");
    let rows = operations.into_iter().enumerate().map(|(i, operation)| {
        let paid = matches!(operation, Operation::Pay(_)).then_some(&version);
        let intent = Intent {
            account: AccountId::from(4),
            nonce: Nonce::new(41 + i as u64).expect("in range"),
            fee: Fee::new(3).expect("in range"),
            valid_until: UnixTime::new(NOW + 60).expect("in range"),
            operation,
        };
        let signed = intent.sign(&key, &domain);
        let row = SignedRow::new(&signed, key.public_key(), paid, old_nonce);
        assert_eq!(row.message(), signed.intent.message());
        row
    });
    let batch = SignedBatch { domain, timestamp: NOW, rows: rows.collect() };
    assert_checks(&LeafClass::TINY, &batch);
}

#[test]
fn too_much_for_the_class_is_an_error() {
    let class = &LeafClass::TINY;
    assert!(matches!(
        signature_traces(class, &batch(5, 17, 4)),
        Err(TraceError::Intents { most: 16, got: 17 })
    ));
    let class = &LeafClass::SMALL;
    assert!(matches!(
        signature_traces(class, &batch(5, 200, 200)),
        Err(TraceError::Signers { most: 127, got: 200 })
    ));
}
