//! A lying prover: changes what a batch says and makes everything else follow from the lie.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use p3_matrix::dense::RowMajorMatrix;

use farthing_ledger::receipt_root;
use farthing_protocol::{
    AccountDiff, AccountId, AccountState, BatchStatement, BatchWitness, Digest, Felt, Holder,
    LicenseDiff, LicenseId, NewLicense, NodeChange, Operation, PublicData, Record, RegisterLicense,
    ShortDigest, SignedIntent, TREE_DEPTH, UpdateLicense, UpdatedLicense, challenge, compress,
    license_origin,
};

use crate::check::Checker;
use crate::class::LeafClass;
use crate::config::{FriSettings, Profile};
use crate::gadgets::sbox::SBox;
use crate::leaf::signed_batch;
use crate::prove::{LeafKey, Statement};
use crate::tables::signature::signature_traces;
use crate::tables::state::royalty_split::SplitGroup;
use crate::tables::state::state_traces_with_splits;
use crate::tables::{Table, Traces, count_ranges, finish_traces};
use crate::witness::SignedBatch;

/// The key of the tiny class.
pub(crate) static KEY: LazyLock<LeafKey> = LazyLock::new(|| {
    LeafKey::new(&LeafClass::TINY, FriSettings::of(Profile::Conjectured)).expect("setup")
});

/// Tables, statement and traces of a lie.
pub(crate) struct Forgery {
    pub(crate) tables: Vec<Table>,
    pub(crate) statement: Statement,
    pub(crate) traces: Vec<RowMajorMatrix<Felt>>,
}

impl Forgery {
    /// The traces of `witness`, honest or not.
    pub(crate) fn of(witness: &BatchWitness) -> Self {
        Self::of_class(&LeafClass::TINY, witness)
    }

    /// The same in tables of another class.
    pub(crate) fn of_class(class: &LeafClass, witness: &BatchWitness) -> Self {
        Self::built(class, witness, |_| (), |_| (), |_| ())
    }

    /// The same with other intent rows than the witness gives.
    pub(crate) fn with_intents(
        witness: &BatchWitness,
        change: impl FnOnce(&mut SignedBatch),
    ) -> Self {
        Self::built(&LeafClass::TINY, witness, change, |_| (), |_| ())
    }

    /// The same with other splits.
    pub(crate) fn with_splits(
        witness: &BatchWitness,
        override_splits: impl FnOnce(&mut [SplitGroup<'_>]),
    ) -> Self {
        Self::built(&LeafClass::TINY, witness, |_| (), override_splits, |_| ())
    }

    /// The same with other tables of the state, before the permutations are closed.
    pub(crate) fn with_state(witness: &BatchWitness, change: impl FnOnce(&mut Traces)) -> Self {
        Self::built(&LeafClass::TINY, witness, |_| (), |_| (), change)
    }

    fn built(
        class: &LeafClass,
        witness: &BatchWitness,
        intents: impl FnOnce(&mut SignedBatch),
        override_splits: impl FnOnce(&mut [SplitGroup<'_>]),
        change: impl FnOnce(&mut Traces),
    ) -> Self {
        let tables = Table::of_class(class, SBox::Direct);
        let mut batch = signed_batch(witness).expect("touched");
        intents(&mut batch);
        let mut state = state_traces_with_splits(class, witness, override_splits).expect("fits");
        change(&mut state);
        let mut traces = signature_traces(class, &batch).expect("points").traces;
        traces.append(state);
        let traces = finish_traces(class, SBox::Direct, &tables, traces).expect("fits");
        Self { tables, statement: witness.statement.elements(), traces }
    }

    fn place(&self, name: &str) -> usize {
        self.tables.iter().position(|table| table.name() == name).expect("a table")
    }

    /// The rows of a table.
    pub(crate) fn rows(&mut self, name: &str) -> Vec<&mut [Felt]> {
        let place = self.place(name);
        let width = self.traces[place].width;
        self.traces[place].values.chunks_exact_mut(width).collect()
    }

    /// A row of a table.
    pub(crate) fn row(&mut self, name: &str, row: usize) -> &mut [Felt] {
        let place = self.place(name);
        let width = self.traces[place].width;
        &mut self.traces[place].values[row * width..(row + 1) * width]
    }

    /// The tables whose constraints and the buses whose balance the lie breaks.
    pub(crate) fn culprits(&mut self) -> Vec<String> {
        count_ranges(&self.tables, &mut self.traces);
        Checker::new(&self.tables, &self.statement).check(&self.traces).culprits()
    }

    /// The lie breaks exactly these, and no proof of it is valid.
    pub(crate) fn assert_refused(mut self, expected: &[&str]) {
        assert_eq!(self.culprits(), expected);
        assert!(!self.is_proven());
    }

    /// It is not a lie, or one that is allowed: it breaks nothing and its proof is valid.
    pub(crate) fn assert_accepted(mut self) {
        assert_eq!(self.culprits(), [""; 0]);
        assert!(self.is_proven());
    }

    /// Tells whether its proof is made and valid.
    pub(crate) fn is_proven(&self) -> bool {
        let proof = KEY.prove(&self.statement, &self.traces);
        proof.is_ok_and(|proof| KEY.verify(&self.statement, &proof).is_ok())
    }
}

/// Makes trees, public data, receipts and statement follow from the rest of the witness. What it
/// says of the old state changes the old root, unless `keep_old_root`.
pub(crate) fn reseal(witness: &mut BatchWitness, keep_old_root: bool) {
    reseal_leaves(witness, keep_old_root, |_| ());
}

/// The leaves of a tree before and after, by id.
pub(crate) type Leaves = BTreeMap<u32, [Digest; 2]>;

/// The name of a touched account or license in signed messages.
pub(crate) fn recipient(witness: &BatchWitness, holder: Holder) -> Option<ShortDigest> {
    match holder {
        Holder::Account(id) => {
            let account = witness.accounts.iter().find(|change| change.id == id)?;
            Some(account.identity?.recipient())
        }
        Holder::License(id) => {
            let license = witness.licenses.iter().find(|change| change.id == id)?;
            Some(license.terms.recipient())
        }
    }
}

/// Names the holders of a registration as the batch knows them, and gives license `id` the terms that
/// `licensor` registers by it.
pub(crate) fn register_as(
    witness: &mut BatchWitness,
    id: u32,
    licensor: u32,
    register: &mut RegisterLicense,
) {
    let (id, licensor) = (LicenseId::from(id), AccountId::from(licensor));
    let chain = register.shares.holder_chain(|holder| recipient(witness, holder));
    // Holders that are not touched have no name that a proof could know.
    let chain = chain.unwrap_or_default();
    register.recipient = chain.into();
    let signer = recipient(witness, Holder::Account(licensor)).expect("a signer");
    let origin = license_origin(signer, &chain, &register.provenance);
    let change = witness.licenses.iter_mut().find(|change| change.id == id);
    let (change, registered) = (change.expect("the license"), register.registered(id, licensor));
    change.new.version = registered.version();
    change.terms = registered.terms(origin);
}

/// The same with other leaves of licenses.
pub(crate) fn reseal_leaves(
    witness: &mut BatchWitness,
    keep_old_root: bool,
    change: impl FnOnce(&mut Leaves),
) {
    let accounts = witness.accounts.iter().map(|change| {
        let digest = change.identity.map(|identity| identity.digest());
        let leaf = |state: Option<AccountState>| match (&digest, state) {
            (Some(digest), Some(state)) => state.leaf(digest),
            _ => Digest::ZERO,
        };
        (change.id.get(), [leaf(change.old), leaf(change.new)])
    });
    let (nodes, roots) = rebuild_paths(&witness.account_nodes, accounts.collect());
    (witness.account_nodes, witness.old_roots[0], witness.new_roots[0]) =
        (nodes, roots[0], roots[1]);
    let licenses = witness.licenses.iter().map(|change| {
        let digest = change.terms.digest();
        let old = change.old.map_or(Digest::ZERO, |old| old.leaf(&digest));
        (change.id.get(), [old, change.new.leaf(&digest)])
    });
    let mut licenses: Leaves = licenses.collect();
    change(&mut licenses);
    if !licenses.is_empty() {
        let (nodes, roots) = rebuild_paths(&witness.license_nodes, licenses);
        (witness.license_nodes, witness.old_roots[1], witness.new_roots[1]) =
            (nodes, roots[0], roots[1]);
    }
    restate(witness, keep_old_root);
}

/// The nodes above `leaves` with the siblings that the honest `nodes` show, and both roots.
fn rebuild_paths(nodes: &[NodeChange], leaves: Leaves) -> (Vec<NodeChange>, [Digest; 2]) {
    let honest: HashMap<(u8, u32), &NodeChange> =
        nodes.iter().map(|node| ((node.level, node.index), node)).collect();
    let mut rebuilt = Vec::new();
    let mut level = leaves;
    for height in 1..=TREE_DEPTH as u8 {
        let mut parents = BTreeMap::new();
        for index in level.keys().map(|index| index / 2) {
            let siblings = honest[&(height, index)].old;
            let child = |side: usize| level.get(&(2 * index + side as u32)).copied();
            let [left, right] = [0, 1].map(|side| child(side).unwrap_or([siblings[side]; 2]));
            let node = NodeChange {
                level: height,
                index,
                old: [left[0], right[0]],
                new: [left[1], right[1]],
            };
            let parent = [compress(&left[0], &right[0]), compress(&left[1], &right[1])];
            if parents.insert(index, parent).is_none() {
                rebuilt.push(node);
            }
        }
        level = parents;
    }
    (rebuilt, level[&0])
}

/// Makes public data, receipts and statement follow from the rest of the witness.
pub(crate) fn restate(witness: &mut BatchWitness, keep_old_root: bool) {
    let public_data = PublicData::from_records(&records(witness));
    let mut header = witness.statement.header;
    let challenges = witness.intents.iter().map(|intent| intent.challenge).collect();
    header.receipts_root = receipt_root(challenges).expect("few intents");
    header.intents = witness.intents.len() as u32;
    if !keep_old_root {
        header.old_root = compress(&witness.old_roots[0], &witness.old_roots[1]);
    }
    header.new_root = compress(&witness.new_roots[0], &witness.new_roots[1]);
    witness.statement.header = header;
    publish(witness, public_data);
}

/// Publishes other data than the records that the witness calls for.
pub(crate) fn publish(witness: &mut BatchWitness, public_data: PublicData) {
    let mut header = witness.statement.header;
    header.public_data = public_data.commitment();
    header.public_data_limbs = public_data.limbs().len() as u32;
    witness.statement = BatchStatement::new(header, public_data.limbs());
    witness.public_data = public_data;
}

/// The records that the witness calls for, in the format's order.
pub(crate) fn records(witness: &BatchWitness) -> Vec<Record> {
    let queue = witness.queue.iter().map(|(entry, outcome)| Record::Queue(*entry, *outcome));
    let opened = witness.opened.iter().map(|opened| Record::OpenedAccount(*opened));
    let withdrawals = witness.withdrawals.iter().map(|w| Record::Withdrawal(*w));
    let accounts = witness.accounts.iter().filter_map(|change| {
        let new = change.new?;
        let nonce = change.signed.then_some(new.nonce);
        Some(Record::Account(AccountDiff { id: change.id, balance: new.balance, nonce }))
    });
    let new = witness.licenses.iter().filter(|change| change.old.is_none()).map(|change| {
        Record::NewLicense(NewLicense::new(change.id, &change.terms, &change.new.version))
    });
    let updated =
        witness.intents.iter().filter_map(|intent| match intent.signed.intent.operation {
            Operation::UpdateLicense(UpdateLicense { license: id, version, .. }) => {
                Some(UpdatedLicense { id, version })
            }
            _ => None,
        });
    let mut updated: Vec<UpdatedLicense> = updated.collect();
    updated.sort_by_key(|updated| updated.id);
    let updated = updated.into_iter().map(Record::UpdatedLicense);
    let licenses = witness.licenses.iter().map(|change| {
        let vault = change.new.vault.get() as u8;
        Record::License(LicenseDiff { id: change.id, vault, received: change.new.received })
    });
    let accounts = queue.chain(opened).chain(withdrawals).chain(accounts);
    accounts.chain(new).chain(updated).chain(licenses).collect()
}

/// Puts another signed intent in the place of the one at `place`.
pub(crate) fn replace_intent(witness: &mut BatchWitness, place: usize, signed: SignedIntent) {
    let intent = &mut witness.intents[place];
    let domain = witness.statement.header.domain;
    let message = signed.intent.message();
    let challenge = challenge(&domain, &signed.signature.r, &intent.key, &message);
    intent.challenge = Digest::new(challenge.elements());
    intent.signed = signed;
}
