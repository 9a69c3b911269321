//! Makes everything else follow from a lie in a table of the state: digests of leaves, the trees and
//! their roots, the balance of money, answers, positions, public data, permutations.
//!
//! The messages that a table sends stay as they are; the tables that receive them are filled again.
//! The attacker chooses the state before the batch: old balances and vaults make up for missing money.

use std::collections::{BTreeMap, HashMap};

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};

use farthing_protocol::{
    Digest, Felt, QuadraticFelt, RATE, TREE_DEPTH, WIDTH, canonical, compress, permute, position,
};

use crate::buses::{FlowKind, StateLink};
use crate::check::Message;
use crate::gadgets::sbox::SBox;
use crate::tables::shared::poseidon2::{self, HashRequests};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::merkle::MerkleColumns;
use crate::tables::state::public_data::PublicDataColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tables::state::royalty_split::SplitColumns;
use crate::tables::state::withdrawals::WithdrawalColumns;
use core::ops::Range;

use super::forged_leaf::ForgedLeaf;

/// The tables of the state that hash, with the columns of each digest in the order of its sending.
fn digests(table: &str) -> Vec<Range<usize>> {
    match table {
        "accounts" => {
            let c = AccountColumns::new();
            vec![c.identity, c.old_leaf, c.new_leaf]
        }
        "licenses" => {
            let c = LicenseColumns::new();
            vec![c.terms, c.old_leaf, c.new_leaf]
        }
        "registrations" => {
            let c = RegistrationColumns::new();
            vec![c.capacity, c.origin]
        }
        _ => Vec::new(),
    }
}

impl ForgedLeaf {
    /// Makes all that can follow from the tables that own records follow from them.
    pub(crate) fn follow(&mut self) {
        self.place_records();
        self.balance_money();
        self.answer();
        self.hash_leaves();
        self.rebuild_trees();
        self.publish();
        self.permute();
    }

    /// All that a table sends, row by row.
    fn sent(&self, name: &str) -> Vec<Vec<Message>> {
        let checker = self.checker();
        let table = self.place(name);
        (0..self.height(table)).map(|row| checker.messages(&self.traces, table, row)).collect()
    }

    /// Positions count up by what each row owns.
    pub(crate) fn place_records(&mut self) {
        let mut at = Felt::ZERO;
        let (q, w) = (QueueColumns::new(), WithdrawalColumns::new());
        let (a, l) = (AccountColumns::new(), LicenseColumns::new());
        let r = RegistrationColumns::new();
        let eight = Felt::from_u64(crate::tables::state::registrations::RECORD_LIMBS);
        let small = |n: u64| Felt::from_u64(n);
        for row in self.rows("queue") {
            row[q.position] = at;
            at += (row[q.credited] + row[q.refused_by_balance] + row[q.too_large])
                * small(crate::tables::state::queue::DEPOSIT_LIMBS)
                + (row[q.exits] + row[q.denied]) * small(crate::tables::state::queue::EXIT_LIMBS)
                + row[q.opened] * small(crate::tables::state::queue::OPENED_LIMBS);
        }
        for row in self.rows("withdrawals") {
            row[w.position] = at;
            at += (row[w.intent] + row[w.exit])
                * small(crate::tables::state::withdrawals::RECORD_LIMBS);
        }
        for row in self.rows("accounts") {
            row[a.position] = at;
            at += (row[a.existed] + row[a.opened]).double() + row[a.signer];
        }
        let mut moved: HashMap<Felt, Felt> = HashMap::new();
        for row in self.rows("registrations") {
            if row[r.own] == Felt::ONE {
                moved.insert(row[r.license], at - row[r.position]);
            }
            row[r.position] = at;
            at += row[r.own] * (row[r.holders] + eight) + row[r.update] * eight;
        }
        let s = SplitColumns::new();
        for row in self.rows("royalty_split") {
            if row[s.new] == Felt::ONE {
                row[s.position] += moved.get(&row[s.license]).copied().unwrap_or_default();
            }
        }
        for row in self.rows("licenses") {
            row[l.position] = at;
            at +=
                (row[l.existed] + row[l.new]) * small(crate::tables::state::licenses::RECORD_LIMBS);
        }
    }

    fn unbalanced(&self, bus: &str, tables: &[&str]) -> BTreeMap<Vec<u64>, Felt> {
        let mut balance = BTreeMap::<Vec<u64>, Felt>::new();
        for name in tables {
            if !self.has(name) {
                continue;
            }
            for sent in self.sent(name).into_iter().flatten().filter(|sent| sent.bus == bus) {
                let message = sent.message.iter().map(|element| canonical(*element)).collect();
                *balance.entry(message).or_default() += sent.count;
            }
        }
        balance.retain(|_, count| *count != Felt::ZERO);
        balance
    }

    /// Old balances, vaults and what licenses received before take up what the flows lack.
    pub(crate) fn balance_money(&mut self) {
        let tables = ["intents", "queue", "royalty_split", "accounts", "licenses"];
        let (a, l) = (AccountColumns::new(), LicenseColumns::new());
        for (message, lacking) in self.unbalanced("flow", &tables) {
            let [space, id, price, licensee, r0, r1, r2] =
                [0, 1, 2, 3, 4, 5, 6].map(|i| Felt::new(message[i]));
            let named = |name: &[Felt]| name[..3] == [r0, r1, r2];
            let space_named = Felt::from_u64(FlowKind::Named as u64);
            if space == Felt::ZERO || space == space_named {
                let mut rows = self.rows("accounts").into_iter();
                let row = rows.find(|row| row[a.existed] == Felt::ONE && row[a.id] == id);
                let Some(row) = row else { continue };
                if space == space_named {
                    if !named(&row[a.identity.clone()]) {
                        continue;
                    }
                    row[a.named] += lacking;
                }
                row[a.old_balance] -= lacking;
                continue;
            }
            let mut rows = self.rows("licenses").into_iter();
            let Some(row) = rows.find(|row| row[l.existed] == Felt::ONE && row[l.id] == id) else {
                continue;
            };
            let income = if space == Felt::ONE {
                let same = row[l.price] == price && row[l.licensee] == licensee;
                if !same || !named(&row[l.recipient.clone()]) {
                    continue;
                }
                row[l.uses] += lacking;
                price * lacking
            } else {
                row[l.derived] += lacking;
                lacking
            };
            row[l.vault] -= income;
            row[l.old_received] -= income;
        }
    }

    /// Rows that are asked say how often.
    pub(crate) fn answer(&mut self) {
        let tables =
            ["queue", "withdrawals", "registrations", "royalty_split", "accounts", "licenses"];
        let (a, l) = (AccountColumns::new(), LicenseColumns::new());
        for (message, lacking) in self.unbalanced("link", &tables) {
            let id = Felt::new(message[1]);
            let (table, column) = match message[0] {
                link if link == StateLink::Identity as u64 => ("accounts", a.identity_lookups),
                link if link == StateLink::Owner as u64 => ("accounts", a.owner_lookups),
                link if link == StateLink::Standing as u64 => ("licenses", l.standing_lookups),
                link if link == StateLink::Holder as u64 && message[1] == 0 => {
                    ("accounts", a.holder_lookups)
                }
                link if link == StateLink::Holder as u64 => ("licenses", l.holder_lookups),
                _ => continue,
            };
            let id =
                if message[0] == StateLink::Holder as u64 { Felt::new(message[2]) } else { id };
            let [column_of_id, first] =
                if table == "accounts" { [a.id, a.existed] } else { [l.id, l.existed] };
            let place = self.place(table);
            for row in 0..self.height(place) {
                let cells = self.at(place, row);
                let active = cells[first]
                    + cells[first + 1]
                    + if table == "accounts" { cells[a.absent] } else { Felt::ZERO };
                if active == Felt::ZERO || cells[column_of_id] != id {
                    continue;
                }
                cells[column] += lacking;
                let checker = self.checker();
                let answers = checker.messages(&self.traces, place, row).into_iter().any(|sent| {
                    sent.bus == "link"
                        && sent.message.iter().map(|e| canonical(*e)).eq(message.iter().copied())
                });
                let cells = self.at(place, row);
                if answers || cells[column] == Felt::ZERO {
                    break;
                }
                cells[column] -= lacking;
            }
        }
    }

    /// Digests follow from what they are of, wherever they are hashed.
    pub(crate) fn hash_leaves(&mut self) {
        for name in ["registrations", "accounts", "licenses"] {
            let (table, columns) = (self.place(name), digests(name));
            let lines = self.checker().lines(&self.traces, table).messages;
            let first = lines.iter().position(|sent| sent.bus == "hash").expect("it hashes");
            for row in 0..self.height(table) {
                for (i, columns) in columns.iter().enumerate() {
                    let sent = self.checker().messages(&self.traces, table, row);
                    if let Some(hash) = sent.iter().find(|sent| sent.number == first + i) {
                        let output = output(&hash.message);
                        self.at(table, row)[columns.clone()].copy_from_slice(&output[..4]);
                    }
                }
            }
        }
    }

    /// Both trees, filled in from the leaves that change, and the statement's roots.
    pub(crate) fn rebuild_trees(&mut self) {
        self.climb_to(TREE_DEPTH, None);
    }

    /// The same in trees of another depth, as if an account had not sent its change.
    pub(crate) fn climb_to(&mut self, depth: usize, skipped: Option<u64>) {
        let mut trees: [BTreeMap<u64, [Digest; 2]>; 2] = Default::default();
        for name in ["accounts", "licenses"] {
            for sent in self.sent(name).into_iter().flatten().filter(|sent| sent.bus == "node") {
                let (tree, index) = (canonical(sent.message[0]), canonical(sent.message[2]));
                let skipped = tree == 0 && skipped == Some(index);
                if index >> TREE_DEPTH == 0 && !skipped {
                    let digest =
                        |at: usize| Digest::new(core::array::from_fn(|i| sent.message[3 + at + i]));
                    trees[tree as usize].insert(index, [digest(0), digest(4)]);
                }
            }
        }
        let (table, c) = (self.place("merkle"), MerkleColumns::new());
        self.traces[table].values.fill(Felt::ZERO);
        let mut at = 0;
        let mut roots = [[Digest::ZERO; 2]; 2];
        let touched = [0, 1].map(|tree: usize| !trees[tree].is_empty());
        for (tree, leaves) in trees.into_iter().enumerate() {
            let mut level = leaves;
            for height in 0..depth {
                let mut parents = BTreeMap::new();
                let indices: std::collections::BTreeSet<u64> =
                    level.keys().map(|index| index / 2).collect();
                for index in indices {
                    let child = |side: u64| level.get(&(2 * index + side)).copied();
                    let children = [child(0), child(1)];
                    let row = self.at(table, at);
                    let parent = write_node(&c, row, children);
                    row[c.tree] = Felt::from_usize(tree);
                    row[c.level] = Felt::from_usize(height);
                    row[c.index] = Felt::new(index);
                    parents.insert(index, parent);
                    at += 1;
                }
                level = parents;
            }
            if let Some(root) = level.get(&0) {
                roots[tree] = *root;
            }
        }
        let children = [0, 1].map(|tree: usize| touched[tree].then_some(roots[tree]));
        let row = self.at(table, at);
        let root = write_node(&c, row, children);
        row[c.root] = Felt::ONE;
        row[c.level] = Felt::from_usize(depth);
        for (place, digest) in [position::OLD_ROOT, position::NEW_ROOT].into_iter().zip(root) {
            self.statement[place].copy_from_slice(&digest.elements());
        }
    }

    /// Public data of the limbs that are sent, as far as they stand at positions from 0 on, and what
    /// the statement says of them.
    pub(crate) fn publish(&mut self) {
        let limbs = self.limbs();
        self.publish_limbs(&limbs);
    }

    /// The limbs that are sent, as far as they stand at positions from 0 on.
    pub(crate) fn limbs(&self) -> Vec<u64> {
        let owners =
            ["queue", "withdrawals", "accounts", "registrations", "royalty_split", "licenses"];
        let sent = self.unbalanced("limb", &owners).into_keys();
        let limbs: BTreeMap<u64, u64> = sent.map(|message| (message[0], message[1])).collect();
        (0..).map_while(|i| limbs.get(&i).copied()).collect()
    }

    /// The same of these limbs.
    pub(crate) fn publish_limbs(&mut self, limbs: &[u64]) {
        let most =
            crate::tables::state::public_data::LIMBS_PER_ROW << self.class.state.log_public_data;
        let limbs = &limbs[..limbs.len().min(most)];
        let challenge = core::array::from_fn(|i| self.statement[position::CHALLENGE.start + i]);
        let log_height = self.class.state.log_public_data;
        let trace = crate::tables::state::public_data::trace(
            limbs,
            challenge,
            log_height,
            &mut HashRequests::default(),
        );
        let table = self.place("public_data");
        self.traces[table] = trace;
        let r = QuadraticFelt::from_basis_coefficients_fn(|i| challenge[i]);
        let y = limbs.iter().fold(QuadraticFelt::ZERO, |sum, limb| sum * r + Felt::new(*limb));
        let y: &[Felt] = y.as_basis_coefficients_slice();
        self.statement[position::EVALUATION].copy_from_slice(y);
        self.statement[position::PUBLIC_DATA_LIMBS] = Felt::from_usize(limbs.len());
        let mut sent = self.sent("public_data").into_iter().flatten();
        if let Some(last) = sent.rfind(|sent| sent.bus == "hash") {
            let digest = output(&last.message);
            self.statement[position::PUBLIC_DATA].copy_from_slice(&digest[..4]);
        }
    }

    /// The sponge of public data goes on from its first capacity, up to the commitment if there is an
    /// end.
    pub(crate) fn responge(&mut self) {
        let (table, c) = (self.place("public_data"), PublicDataColumns::new());
        for row in 0..self.height(table) {
            let cells = self.at(table, row);
            if cells[c.present.start] == Felt::ZERO {
                continue;
            }
            let mut state: [Felt; WIDTH] = core::array::from_fn(|i| {
                if i < RATE { cells[c.limbs.start + i] } else { cells[c.capacity.start + i - RATE] }
            });
            permute(&mut state);
            if cells[c.end] == Felt::ONE {
                self.statement[position::PUBLIC_DATA].copy_from_slice(&state[..4]);
                continue;
            }
            cells[c.next_capacity.clone()].copy_from_slice(&state[RATE..]);
            if row + 1 < self.height(table) {
                self.at(table, row + 1)[c.capacity.clone()].copy_from_slice(&state[RATE..]);
            }
        }
    }

    /// Hash inputs of the royalty split, with the row.
    pub(crate) fn split_hashes(&self) -> Vec<(usize, Message)> {
        let rows = self.sent("royalty_split").into_iter().enumerate();
        let hashes = rows.flat_map(|(row, sent)| sent.into_iter().map(move |sent| (row, sent)));
        hashes.filter(|(_, sent)| sent.bus == "hash").collect()
    }

    /// Share tables' digests, and if `absorbs` the capacities behind a first block, follow from lines
    /// and cuts, in the licenses too.
    pub(crate) fn resplit(&mut self, absorbs: bool) {
        let (c, l) = (SplitColumns::new(), LicenseColumns::new());
        let shapes: &[u64] = if absorbs { &[1, 0] } else { &[0] };
        for shape in shapes {
            for (row, hash) in self.split_hashes() {
                if canonical(hash.message[0]) != *shape {
                    continue;
                }
                let license = self.row("royalty_split", row)[c.license];
                let output = output(&hash.message);
                let columns = if *shape == 1 { c.capacity.clone() } else { c.digest.clone() };
                for row in self.rows("royalty_split") {
                    if row[c.active] == Felt::ONE && row[c.license] == license {
                        row[columns.clone()].copy_from_slice(&output[..4]);
                    }
                }
                if *shape == 0 {
                    for row in self.rows("licenses") {
                        if row[l.existed] == Felt::ONE && row[l.id] == license {
                            row[l.share_table.clone()].copy_from_slice(&output[..4]);
                        }
                    }
                }
            }
        }
    }

    /// Cuts the lines of a license behind the row `cut` of it, or not at all.
    pub(crate) fn cut_lines(&mut self, rows: Range<usize>, cut: Option<usize>) {
        let c = SplitColumns::new();
        let mut window: Vec<Felt> = Vec::new();
        let count = Felt::from_usize(rows.len());
        for (i, row) in rows.enumerate() {
            let cells = self.row("royalty_split", row);
            cells[c.window.clone()].fill(Felt::ZERO);
            for (column, line) in c.window.clone().zip(&window) {
                cells[column] = *line;
            }
            cells[c.cut] = Felt::from_bool(cut == Some(i));
            cells[c.late] = Felt::from_bool(cut.is_some_and(|cut| i > cut));
            cells[c.filled.columns.start] = Felt::from_usize(window.len());
            let packed = c.row(cells).packed::<Felt>();
            window.insert(0, packed);
            if cut == Some(i) {
                window.clear();
            }
            if cut.is_none() {
                let tag = farthing_protocol::capacity_of(farthing_protocol::Tag::ShareTable, 0);
                cells[c.capacity.clone()].copy_from_slice(&[tag[0], count, tag[2], tag[3]]);
            }
        }
    }

    /// The permutations that all tables ask for.
    pub(crate) fn permute(&mut self) {
        let mut requests = HashRequests::default();
        let names: std::collections::BTreeSet<&str> =
            self.tables.iter().map(|table| table.name()).collect();
        let names =
            names.into_iter().filter(|name| !["poseidon2", "range", "buckets"].contains(name));
        for sent in names.flat_map(|name| self.sent(name)).flatten().filter(|s| s.bus == "hash") {
            let input: [Felt; WIDTH] = core::array::from_fn(|i| sent.message[1 + i]);
            let times = canonical(sent.count);
            for _ in 0..if times <= 4 { times } else { 0 } {
                match canonical(sent.message[0]) {
                    0 => drop(requests.digest(input)),
                    1 => drop(requests.absorb(input)),
                    _ => drop(requests.squeeze(input)),
                }
            }
        }
        let first = self.place("poseidon2");
        let traces = poseidon2::traces(&requests, SBox::Direct, self.class.log_poseidon2);
        for (i, trace) in traces.into_iter().enumerate() {
            self.traces[first + i] = trace;
        }
    }
}

/// Output of the permutation of a message on the hash bus.
pub(crate) fn output(message: &[Felt]) -> [Felt; RATE] {
    let mut state: [Felt; WIDTH] = core::array::from_fn(|i| message[1 + i]);
    permute(&mut state);
    core::array::from_fn(|i| match canonical(message[0]) {
        0 if i < 4 => state[i],
        1 if i < 4 => state[RATE + i],
        2 => state[i],
        _ => Felt::ZERO,
    })
}

/// Writes a node of these children, `None` an untouched one, and returns its digests.
fn write_node(
    c: &MerkleColumns,
    row: &mut [Felt],
    children: [Option<[Digest; 2]>; 2],
) -> [Digest; 2] {
    row[c.active] = Felt::ONE;
    for (side, child) in children.iter().enumerate() {
        row[c.touched.start + side] = Felt::from_bool(child.is_some());
    }
    let [left, right] = children.map(|child| child.unwrap_or([Digest::ZERO; 2]));
    core::array::from_fn(|i| {
        row[c.left[i].clone()].copy_from_slice(&left[i].elements());
        row[c.right[i].clone()].copy_from_slice(&right[i].elements());
        let parent = compress(&left[i], &right[i]);
        row[c.parent[i].clone()].copy_from_slice(&parent.elements());
        parent
    })
}
