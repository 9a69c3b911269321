//! Batches to prove.

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use farthing_protocol::{
    Digest, Felt, Fp5, MESSAGE_ELEMENTS, OperationKind, PROTOCOL_VERSION, Point,
    STATEMENT_ELEMENTS, Scalar, Tag, canonical, hash, hash_in,
};

use crate::class::LeafClass;
use crate::gadgets::sbox::SBox;
use crate::prove::Statement;
use crate::tables::Table;
use crate::tables::finish_traces;
use crate::tables::signature::signature_traces_with_weights;
use crate::tables::signature::weights::WeightSource;
use crate::tests::state_stub::{self, StateStub};
use crate::witness::{SignedBatch, SignedRow};
use farthing_protocol::position::{CLASS, DOMAIN, INTENTS, RECEIPTS_ROOT, TIMESTAMP, VERSION};

/// When the batches here are sealed.
pub(crate) const NOW: u64 = 1_800_000_000;

/// A key pair.
#[derive(Clone, Copy)]
pub(crate) struct Signer {
    pub(crate) secret: Scalar,
    pub(crate) key: Fp5,
}

impl Signer {
    pub(crate) fn new(secret: Scalar) -> Self {
        Self { secret, key: Point::generator().mul(&secret).encode() }
    }

    /// Signs with this nonce scalar.
    pub(crate) fn sign(&self, domain: &Digest, k: &Scalar, row: &mut SignedRow) {
        row.key = self.key;
        row.r = Point::generator().mul(k).encode();
        let e = challenge(domain, row);
        row.s = *k + e * self.secret;
    }
}

/// The challenge as an integer.
pub(crate) fn challenge(domain: &Digest, row: &SignedRow) -> Scalar {
    challenge_of(domain, row, &row.message())
}

/// The same for another message.
pub(crate) fn challenge_of(
    domain: &Digest,
    row: &SignedRow,
    message: &[Felt; MESSAGE_ELEMENTS],
) -> Scalar {
    let absorbed: Vec<Felt> = row
        .r
        .as_basis_coefficients_slice()
        .iter()
        .chain(row.key.as_basis_coefficients_slice())
        .chain(message)
        .copied()
        .collect();
    Scalar::from_words_256(hash_in(domain, &absorbed).elements().map(canonical))
}

pub(crate) fn domain() -> Digest {
    hash(Tag::Domain, &[Felt::ONE])
}

pub(crate) fn scalar(rng: &mut impl Rng) -> Scalar {
    Scalar::from_wide(core::array::from_fn(|_| rng.random()))
}

/// An unsigned intent of each kind in turn.
pub(crate) fn intent(rng: &mut impl Rng, i: usize, account: u64) -> SignedRow {
    let kind = [
        OperationKind::Pay,
        OperationKind::Transfer,
        OperationKind::Pay,
        OperationKind::Withdraw,
        OperationKind::RegisterLicense,
        OperationKind::UpdateLicense,
    ][i % 6];
    let price = rng.random_range(0..1 << 20);
    let uses = rng.random_range(1..=1 << 10);
    let payload: [Felt; 5] = core::array::from_fn(|_| Felt::new(rng.random::<u64>() >> 1));
    let recipient = match kind {
        OperationKind::Withdraw => [Felt::ZERO; 3],
        _ => core::array::from_fn(|_| Felt::new(rng.random::<u64>() >> 1)),
    };
    let (target, amount, quantity, price) = match kind {
        OperationKind::Pay => (rng.random_range(0..100), price * uses, uses, price),
        OperationKind::Transfer => (rng.random_range(0..100), rng.random_range(0..1 << 46), 0, 0),
        OperationKind::Withdraw => (0, 1000 * rng.random_range(1..1 << 36), 0, 0),
        OperationKind::RegisterLicense | OperationKind::UpdateLicense => {
            let (target, price) = (rng.random_range(0..1 << 63), rng.random_range(0..1 << 40));
            (target, price, rng.random_range(0..1 << 22), 0)
        }
    };
    SignedRow {
        kind,
        account,
        target,
        amount,
        quantity,
        fee: rng.random_range(0..1 << 32),
        valid_until: NOW + rng.random_range(0..1 << 30),
        nonce: 0,
        recipient,
        payload,
        price,
        licensee: if kind == OperationKind::Pay && i.is_multiple_of(4) { account } else { 0 },
        old_nonce: 0,
        key: Fp5::ZERO,
        r: Fp5::ZERO,
        s: Scalar::ZERO,
    }
}

/// `intents` honest intents of `signers` signers, as equal in number as may be.
pub(crate) fn batch(seed: u64, intents: usize, signers: usize) -> SignedBatch {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let keys: Vec<Signer> = (0..signers).map(|_| Signer::new(scalar(&mut rng))).collect();
    let domain = domain();
    let mut rows: Vec<SignedRow> = (0..intents)
        .map(|i| {
            let account = i * signers / intents;
            intent(&mut rng, i, account as u64 + 3)
        })
        .collect();
    for group in rows.chunk_by_mut(|a, b| a.account == b.account) {
        let old_nonce = rng.random_range(0..1 << 40);
        let mut nonce = old_nonce;
        for row in group {
            nonce += rng.random_range(1..1 << 30);
            row.old_nonce = old_nonce;
            row.nonce = nonce;
            let k = scalar(&mut rng);
            keys[row.account as usize - 3].sign(&domain, &k, row);
        }
    }
    SignedBatch { domain, timestamp: NOW, rows }
}

/// The tables, statement and traces of a batch, honest or not.
pub(crate) type Leaf = (Vec<Table>, Statement, Vec<RowMajorMatrix<Felt>>);

/// The statement and traces of a batch, honest or not.
pub(crate) fn leaf(class: &LeafClass, batch: &SignedBatch) -> Leaf {
    leaf_weighed(class, batch, |_| ())
}

/// The same with weights of the prover's choice.
pub(crate) fn leaf_weighed(
    class: &LeafClass,
    batch: &SignedBatch,
    override_weights: impl FnOnce(&mut [WeightSource]),
) -> Leaf {
    leaf_with(class, SBox::Direct, batch, override_weights)
}

/// The same with S-boxes of either kind.
pub(crate) fn leaf_with(
    class: &LeafClass,
    sbox: SBox,
    batch: &SignedBatch,
    override_weights: impl FnOnce(&mut [WeightSource]),
) -> Leaf {
    let tables = Table::with_state_stub(class, sbox);
    let signature = signature_traces_with_weights(class, batch, override_weights)
        .expect("the batch fits its class");
    let mut statement = [Felt::ZERO; STATEMENT_ELEMENTS];
    statement[VERSION] = Felt::from_u32(PROTOCOL_VERSION);
    statement[DOMAIN].copy_from_slice(&batch.domain.elements());
    statement[CLASS] = Felt::from_u8(class.batch.id);
    statement[TIMESTAMP] = Felt::new(batch.timestamp);
    statement[RECEIPTS_ROOT].copy_from_slice(&signature.receipts_root.elements());
    statement[INTENTS] = Felt::from_usize(batch.rows.len());
    let mut traces = signature.traces;
    traces.put::<StateStub>(state_stub::trace(class, batch));
    let traces = finish_traces(class, sbox, &tables, traces).expect("the batch fits its class");
    (tables, statement, traces)
}
