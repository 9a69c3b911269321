//! Stands in for the tables of the state: takes up all that the signature half sends them.

use std::collections::BTreeMap;

use p3_air::WindowAccess;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::Count;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Felt, OperationKind, canonical};

use crate::buses::{Bus, FLOW, FLOW_MESSAGE, FlowKind, REGISTRATION, SIGNER, WITHDRAWAL};
use crate::class::{LOG_MIN_HEIGHT, LeafClass};
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};
use crate::witness::SignedBatch;

const BUSES: [(Bus, usize); 4] =
    [(SIGNER, 8), (FLOW, FLOW_MESSAGE), (WITHDRAWAL, 3), (REGISTRATION, 14)];
/// A count and a message for each bus.
const COLUMNS: usize = 4 + 8 + FLOW_MESSAGE + 3 + 14;

/// The stand-in as the registry lists it.
#[derive(Clone, Debug)]
pub(crate) struct StateStub;

impl Layout for StateStub {
    fn width(&self) -> usize {
        COLUMNS
    }
}

impl LeafTable for StateStub {
    const NAME: &'static str = "state_stub";
    const PART: Part = Part::Stub;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        // Flows name at most two accounts or licenses per intent, and account 0.
        vec![(class.log_intents + 2).max(LOG_MIN_HEIGHT)]
    }

    fn columns(&self) -> &dyn Layout {
        self
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        let main = builder.main();
        let mut cells = main.current_slice();
        for (bus, width) in BUSES {
            let (row, rest) = cells.split_at(1 + width);
            cells = rest;
            bus.receive(builder, row[1..].to_vec(), Count::provided(row[0].into()));
        }
    }
}

/// Messages that an honest batch sends.
pub(crate) fn trace(class: &LeafClass, batch: &SignedBatch) -> RowMajorMatrix<Felt> {
    let mut rows = Felt::zero_vec(COLUMNS << StateStub::log_height(class));
    let mut start = 0;
    for (messages, (_, width)) in messages(batch).into_iter().zip(BUSES) {
        for (row, (count, message)) in rows.chunks_exact_mut(COLUMNS).zip(messages) {
            row[start] = count;
            row[start + 1..start + 1 + width].copy_from_slice(&message);
        }
        start += 1 + width;
    }
    RowMajorMatrix::new(rows, COLUMNS)
}

type Messages = Vec<(Felt, Vec<Felt>)>;

fn messages(batch: &SignedBatch) -> [Messages; 4] {
    let word = Felt::new;
    let signers = batch.rows.chunk_by(|a, b| a.account == b.account).map(|group| {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        let mut message = vec![word(first.account)];
        message.extend_from_slice(first.key.as_basis_coefficients_slice());
        message.extend([word(first.old_nonce), word(last.nonce)]);
        (Felt::ONE, message)
    });
    let mut flows = BTreeMap::<[u64; FLOW_MESSAGE], Felt>::new();
    for row in &batch.rows {
        let account = |id| [FlowKind::Account as u64, id, 0, 0, 0, 0, 0];
        let [r0, r1, r2] = row.recipient.map(canonical);
        let named = |space: FlowKind, price, licensee| {
            [space as u64, row.target, price, licensee, r0, r1, r2]
        };
        let mut flow = |key, count| *flows.entry(key).or_default() += count;
        let moves =
            !matches!(row.kind, OperationKind::RegisterLicense | OperationKind::UpdateLicense);
        let amount = if moves { row.amount } else { 0 };
        flow(account(row.account), -(word(amount) + word(row.fee)));
        flow(account(0), word(row.fee));
        match row.kind {
            OperationKind::Pay => {
                flow(named(FlowKind::License, row.price, row.licensee), word(row.quantity));
            }
            OperationKind::Transfer => flow(named(FlowKind::Named, 0, 0), word(row.amount)),
            OperationKind::Withdraw
            | OperationKind::RegisterLicense
            | OperationKind::UpdateLicense => {}
        }
    }
    let flows = flows.into_iter().map(|(key, count)| (count, key.map(word).to_vec()));
    let of = |kind| batch.rows.iter().filter(move |row| row.kind == kind);
    let withdrawals = of(OperationKind::Withdraw)
        .map(|row| (Felt::ONE, vec![word(row.account), word(row.nonce), word(row.amount)]));
    let updates = of(OperationKind::UpdateLicense);
    let registrations = of(OperationKind::RegisterLicense).chain(updates).map(|row| {
        let update = u64::from(row.kind == OperationKind::UpdateLicense);
        let head = [update, row.account, row.nonce, row.target, row.quantity, row.amount].map(word);
        let message = head.into_iter().chain(row.recipient).chain(row.payload);
        (Felt::ONE, message.collect())
    });
    let messages = [
        signers.collect::<Messages>(),
        flows.collect(),
        withdrawals.collect(),
        registrations.collect(),
    ];
    debug_assert!(
        messages[1].iter().all(|(count, _)| canonical(*count) < farthing_protocol::MODULUS)
    );
    messages
}
