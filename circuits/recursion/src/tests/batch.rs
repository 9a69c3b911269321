//! Signed batches of the tiny class and the table that stands in for those of the state.

use std::collections::BTreeMap;

use p3_air::{AirBuilder, BaseAir, WindowAccess};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::{Count, InteractionBuilder, PermutationCheckBus};
use p3_matrix::dense::RowMajorMatrix;

use farthing_airs::{
    FriSettings, LeafClass, Part, SignedBatch, SignedRow, Table, finish_traces, signature_traces,
};
use farthing_protocol::{
    BatchHeader, BatchNumber, BatchStatement, Digest, Felt, OperationKind, Point, QueueIndex,
    Scalar, Tag, UnixTime, canonical, hash, hash_in,
};

use super::table::{Honest, TestTable};

/// When the batches here are sealed.
const NOW: u64 = 1_800_000_000;

const SINK_LOG_HEIGHT: usize = 6;
/// Elements of a message of a signer.
const SIGNER: usize = 8;
/// Elements of a flow: space, id, price, licensee, recipient.
const FLOW: usize = 7;
/// A message of each, and their counts.
pub(super) const SINK_COLUMNS: usize = 1 + SIGNER + 1 + FLOW;

/// The spaces of flows of an account's balance: by number alone, and under a recipient.
const ACCOUNT: u64 = 0;
const NAMED: u64 = 3;

/// Receives what the leaf's tables send to the state's.
pub(super) fn sink_eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(builder: &mut AB) {
    let main = builder.main();
    let (signer, flow) = main.current_slice().split_at(1 + SIGNER);
    for (bus, cells) in [("signer", signer), ("flow", flow)] {
        let count = Count::provided(cells[0].into());
        PermutationCheckBus::new(bus).receive(builder, cells[1..].to_vec(), count);
    }
}

/// Header values of a batch beside its intents; the signature half says nothing about most of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchInfo {
    pub(crate) transfers: usize,
    pub(crate) domain: u64,
    pub(crate) number: u64,
    pub(crate) timestamp: u64,
    pub(crate) roots: [u64; 2],
    pub(crate) queue: [u64; 2],
}

impl BatchInfo {
    /// The `i`th of consecutive batches.
    pub(crate) fn nth(i: u64) -> Self {
        Self {
            transfers: 3,
            domain: 1,
            number: 10 + i,
            timestamp: NOW + i / 2,
            roots: [i, i + 1],
            queue: [2 * i, 2 * i + 2],
        }
    }

    fn domain(&self) -> Digest {
        hash(Tag::Domain, &[Felt::new(self.domain)])
    }
}

/// A leaf of signed transfers.
pub(crate) fn leaf(settings: &FriSettings, info: &BatchInfo) -> (BatchStatement, Honest) {
    let class = LeafClass::TINY;
    let batch = transfer_batch(info);
    let tables = signature_tables(&class, settings);
    let signature = signature_traces(&class, &batch).expect("the batch fits");
    let statement = statement(info, signature.receipts_root);
    let mut traces =
        finish_traces(&class, settings.sbox, &tables, signature.traces).expect("the batch fits");
    traces.push(sink_trace(&batch));
    let mut log_heights: Vec<usize> = tables.iter().map(Table::log_height).collect();
    log_heights.push(SINK_LOG_HEIGHT);
    let mut tables: Vec<TestTable> =
        tables.into_iter().map(|table| TestTable::Leaf(Box::new(table))).collect();
    tables.push(TestTable::Sink);
    let elements = statement.elements();
    let public_values = tables
        .iter()
        .map(|table| if table.num_public_values() > 0 { elements.to_vec() } else { Vec::new() })
        .collect();
    (statement, Honest { tables, log_heights, public_values, traces })
}

/// The tables of intents and signatures, and those that serve them.
fn signature_tables(class: &LeafClass, settings: &FriSettings) -> Vec<Table> {
    let tables = Table::of_class(class, settings.sbox).into_iter();
    tables.filter(|table| table.part() != Part::State).collect()
}

/// The statement of a batch.
fn statement(info: &BatchInfo, receipts_root: Digest) -> BatchStatement {
    let [old_root, new_root] = info.roots.map(|root| hash(Tag::Domain, &[Felt::new(77 + root)]));
    let [queue_from, queue_to] = info.queue.map(|i| QueueIndex::new(i).expect("in range"));
    let header = BatchHeader {
        domain: info.domain(),
        class: LeafClass::TINY.batch.id,
        number: BatchNumber::new(info.number).expect("in range"),
        timestamp: UnixTime::new(info.timestamp).expect("in range"),
        old_root,
        new_root,
        receipts_root,
        intents: info.transfers as u32,
        queue_from,
        queue_to,
        public_data: hash(Tag::PublicData, &[Felt::new(info.number)]),
        public_data_limbs: 3,
    };
    BatchStatement::new(header, &[1, 2, info.number])
}

/// Signed transfers, two by each account.
fn transfer_batch(info: &BatchInfo) -> SignedBatch {
    let domain = info.domain();
    let rows = (0..info.transfers as u64).map(|i| {
        let account = 3 + i / 2;
        let scalar = |salt| Scalar::from_wide([account, salt, 7, 11, 13, 17, 19, 23]);
        transfer(&domain, account, 1 + i % 2, &scalar(1), &scalar(100 + i))
    });
    SignedBatch { domain, timestamp: info.timestamp, rows: rows.collect() }
}

fn transfer(domain: &Digest, account: u64, nonce: u64, secret: &Scalar, k: &Scalar) -> SignedRow {
    let mut row = SignedRow {
        kind: OperationKind::Transfer,
        account,
        target: 1,
        licensee: 0,
        amount: 1_000_000 + account,
        quantity: 0,
        fee: 5,
        valid_until: NOW + 60,
        nonce,
        recipient: [Felt::ZERO; 3],
        payload: [Felt::ZERO; 5],
        price: 0,
        old_nonce: 0,
        key: Point::generator().mul(secret).encode(),
        r: Point::generator().mul(k).encode(),
        s: Scalar::ZERO,
    };
    let r: &[Felt] = row.r.as_basis_coefficients_slice();
    let key: &[Felt] = row.key.as_basis_coefficients_slice();
    let absorbed = [r, key, &row.message()].concat();
    let e = Scalar::from_words_256(hash_in(domain, &absorbed).elements().map(canonical));
    row.s = *k + e * *secret;
    row
}

fn sink_trace(batch: &SignedBatch) -> RowMajorMatrix<Felt> {
    let mut rows = vec![Felt::ZERO; SINK_COLUMNS << SINK_LOG_HEIGHT];
    let mut flows = BTreeMap::<(u64, u64), Felt>::new();
    let groups = batch.rows.chunk_by(|a, b| a.account == b.account);
    for (group, row) in groups.zip(rows.chunks_exact_mut(SINK_COLUMNS)) {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        row[0] = Felt::ONE;
        row[1] = Felt::new(first.account);
        row[2..7].copy_from_slice(first.key.as_basis_coefficients_slice());
        row[7..9].copy_from_slice(&[Felt::new(first.old_nonce), Felt::new(last.nonce)]);
        for intent in group {
            let (amount, fee) = (Felt::new(intent.amount), Felt::new(intent.fee));
            *flows.entry((ACCOUNT, intent.account)).or_default() -= amount + fee;
            *flows.entry((NAMED, intent.target)).or_default() += amount;
            *flows.entry((ACCOUNT, 0)).or_default() += fee;
        }
    }
    for (((space, id), count), row) in flows.into_iter().zip(rows.chunks_exact_mut(SINK_COLUMNS)) {
        // Price, licensee and recipient are zero.
        row[1 + SIGNER..][..3].copy_from_slice(&[count, Felt::new(space), Felt::new(id)]);
    }
    RowMajorMatrix::new(rows, SINK_COLUMNS)
}
