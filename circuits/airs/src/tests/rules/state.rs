//! Forgeries of the tables of the state, whose cells are changed by hand and all else follows.

use p3_field::{Field, PrimeCharacteristicRing};

use farthing_protocol::{
    AccountId, BatchWitness, Felt, Holder, Lineage, Operation, QuadraticFelt, TREE_DEPTH,
    canonical, compress, position,
};

use super::additions::Forged;
use super::edits::BATCHES;
use super::lie::Lie;
use crate::accounts::AccountColumns;
use crate::columns::{Ends, Row};
use crate::licenses::LicenseColumns;
use crate::merkle::{self, ACTIVE, INDEX, LEFT, LEVEL, PARENT, RIGHT, ROOT, TREE};
use crate::poseidon2::SBox;
use crate::queue::QueueColumns;
use crate::registrations::RegistrationColumns;
use crate::royalty_split::SplitColumns;
use crate::tests::state::batches::settled_world;
use crate::tests::state::forge::{Forgery, replace_intent, reseal};
use crate::tests::state::lies::license;
use crate::tests::state::world::{World, account_holder, deposit, parent, pay, register, secret};
use crate::withdrawals::WithdrawalColumns;

/// Every forgery of this page.
pub(crate) const ALL: &[Forged] = &[
    ("withdrawals: ends taken back", || two_firsts("withdrawals", WithdrawalColumns::new().ends)),
    ("accounts: ends taken back", || two_firsts("accounts", AccountColumns::new().ends)),
    ("registrations: ends taken back", || {
        two_firsts("registrations", RegistrationColumns::new().ends)
    }),
    ("licenses: ends taken back", || two_firsts("licenses", LicenseColumns::new().ends)),
    ("queue: an end taken back", queue_last_taken_back),
    ("accounts: a table without padding", accounts_without_padding),
    ("queue: an entry behind padding", || behind_padding("queue", 3)),
    ("withdrawals: one behind padding", || behind_padding("withdrawals", 1)),
    ("accounts: one behind padding", || behind_padding("accounts", 3)),
    ("registrations: one behind padding", || behind_padding("registrations", 3)),
    ("licenses: one behind padding", || behind_padding("licenses", 2)),
    ("royalty split: a license behind padding", || behind_padding("royalty_split", split_start())),
    ("an account that is open and is not", open_and_absent),
    ("no account at all", no_account),
    ("an absent account with an owner", absent_owner),
    ("accounts: records change places", || records_change_places("accounts")),
    ("queue: records change places", || records_change_places("queue")),
    ("an exit swept by two and minus one", half_sweeps),
    ("an exit swept by a refusal", sweep_of_a_refusal),
    ("an opened account before the entries", opened_first),
    ("a deposit of 2⁴⁶ credited", too_large_credited),
    ("a deposit too large for an account", too_large_for_somebody),
    ("a deposit refused to the poor", too_rich),
    ("an exit without effect", exit_without_effect),
    ("an intent withdrawn as minus one exit", half_withdrawals),
    ("parents of another license", parents_of_another),
    ("a lineage that begins lower", lineage_begins_lower),
    ("a license that starts anew twice", wraps_twice),
    ("nodes taken back", nodes_taken_back),
    ("a change that padding takes", change_taken_by_padding),
    ("a tree of 31 levels", tree_of_31_levels),
    ("account 2³²", alias_of_the_operator),
    ("the accounts in the licenses' place", trees_change_places),
    ("a permutation that shows two outputs less one", two_outputs_less_one),
    ("a permutation that shows two outputs", two_outputs),
    ("public data without an end", data_without_end),
    ("public data's ends taken back", data_first_taken_back),
    ("a limb that is not there", absent_limb),
    ("an evaluation that begins higher", sum_begins_higher),
    ("another tag of public data", other_tag),
    ("shares on padding", shares_on_padding),
    ("a split without an end, the table full", open_split_in_a_full_table),
    ("a split without an end", open_split),
    ("a second block of five lines", short_second_block),
    ("a first block without a second", first_row_is_late),
    ("lines that are counted from two", first_count),
    ("a window that is filled from two", first_filled),
    ("a share of another's, low half", floor_low),
    ("a share of another's, high half", floor_high),
    ("a nano that nobody spends", first_spent),
    ("a share table of another sum", other_total),
    ("another length of a share table", other_capacity),
    ("nine lines in a block", nine_lines_in_a_block),
    ("money that nobody paid", vault_dealt_out),
    ("a balance below zero", overdraft),
    ("what is kept is minus one", kept_below_zero),
    ("what is kept is a whole unit", kept_of_a_unit),
];

pub(super) fn everything() -> Lie {
    BATCHES["everything"].clone()
}

pub(super) fn empty() -> Lie {
    BATCHES["empty"].clone()
}

pub(super) fn sealed(step: impl FnOnce(&mut World)) -> Lie {
    let mut world = settled_world();
    step(&mut world);
    let mut lie = Lie::from(&world.seal());
    lie.follow();
    lie
}

/// Rows 40 and 41 are padding in every table of ends.
fn two_firsts(table: &str, ends: Ends) -> Lie {
    let mut lie = everything();
    lie.row(table, 40)[ends.first] = Felt::ONE;
    lie.row(table, 41)[ends.first] = -Felt::ONE;
    lie
}

fn queue_last_taken_back() -> Lie {
    let mut lie = everything();
    let last = QueueColumns::new().ends.last;
    lie.row("queue", 40)[last] = Felt::ONE;
    lie.row("queue", 41)[last] = -Felt::ONE;
    lie
}

/// The last account is not open, so it has no record whose end would be missed.
fn accounts_without_padding() -> Lie {
    let mut lie = empty();
    let c = AccountColumns::new();
    let height = lie.rows("accounts").len();
    for i in 1..height {
        let row = lie.row("accounts", i);
        row[c.absent] = Felt::ONE;
        row[c.id] = Felt::from_usize(i);
        c.gap.write(row, &[0]);
    }
    lie.follow();
    lie
}

/// A row of padding before row `at` of a table; what stands in it follows the row above.
fn behind_padding(table: &str, at: usize) -> Lie {
    let mut lie = everything();
    let place = lie.place(table);
    let height = lie.height(place);
    let last = if table == "royalty_split" { height } else { height - 1 };
    let padding = lie.at(place, last - 1).to_vec();
    for row in (at..last - 1).rev() {
        let moved = lie.at(place, row).to_vec();
        lie.at(place, row + 1).copy_from_slice(&moved);
    }
    let (above, below) = (lie.at(place, at - 1).to_vec(), lie.at(place, at + 1).to_vec());
    let row = lie.at(place, at);
    row.copy_from_slice(&padding);
    let (a, l, r) = (AccountColumns::new(), LicenseColumns::new(), RegistrationColumns::new());
    match table {
        "queue" => {
            let number = QueueColumns::new().number;
            row[number] = below[number];
        }
        "accounts" => row[a.id] = above[a.id],
        "licenses" => row[l.id] = above[l.id],
        "registrations" => row[r.license] = above[r.license],
        _ => {}
    }
    lie.follow();
    lie
}

/// Where the second license's lines begin.
fn split_start() -> usize {
    let end = SplitColumns::new().end;
    1 + everything().find("royalty_split", end)
}

/// The operator's row sends its change twice, and each of its nodes stands there twice.
fn open_and_absent() -> Lie {
    let mut lie = empty();
    lie.row("accounts", 0)[AccountColumns::new().absent] = Felt::ONE;
    lie.follow();
    let nodes: Vec<Vec<Felt>> = lie
        .rows("merkle")
        .into_iter()
        .filter(|row| row[ACTIVE] == Felt::ONE)
        .map(|row| row.to_vec())
        .collect();
    for (i, node) in nodes.iter().enumerate() {
        lie.row("merkle", nodes.len() + i).copy_from_slice(node);
    }
    lie.permute();
    lie
}

/// A deposit too large has a record; nothing else is there, and nothing binds the roots.
fn no_account() -> Lie {
    let mut lie = sealed(|world| world.consume(deposit(1, 1 << 46)));
    let c = AccountColumns::new();
    let padding = lie.row("accounts", 40).to_vec();
    let row = lie.row("accounts", 0);
    row.copy_from_slice(&padding);
    row[c.ends.first] = Felt::ONE;
    lie.follow();
    lie
}

fn absent_owner() -> Lie {
    let mut lie = everything();
    let (a, q) = (AccountColumns::new(), QueueColumns::new());
    let row = lie.find("accounts", a.absent);
    let cells = lie.row("accounts", row);
    cells[a.owner.start] = Felt::TWO;
    let id = cells[a.id];
    for row in lie.rows("queue") {
        if row[q.denied] == Felt::ONE && row[q.account] == id {
            row[q.true_owner.start] = Felt::TWO;
        }
    }
    lie
}

/// The records of rows 1 and 2.
fn records_change_places(table: &str) -> Lie {
    let mut lie = everything();
    let column = match table {
        "queue" => QueueColumns::new().position,
        _ => AccountColumns::new().position,
    };
    let [one, two, three] = [1, 2, 3].map(|row| lie.row(table, row)[column]);
    lie.row(table, 2)[column] = one;
    lie.row(table, 1)[column] = one + (three - two);
    lie.publish();
    lie.permute();
    lie
}

/// Entries 3 and 5 of a batch of everything exit from account 3, entry 4 is a stranger's.
fn half_sweeps() -> Lie {
    let mut lie = everything();
    let c = QueueColumns::new();
    lie.row("queue", 3)[c.sweeps] = Felt::TWO;
    lie.row("queue", 5)[c.sweeps] = -Felt::ONE;
    lie
}

fn sweep_of_a_refusal() -> Lie {
    let mut lie = everything();
    let c = QueueColumns::new();
    assert_eq!(lie.row("queue", 4)[c.denied], Felt::ONE);
    lie.row("queue", 3)[c.sweeps] = Felt::ZERO;
    lie.row("queue", 4)[c.sweeps] = Felt::ONE;
    lie
}

fn opened_first() -> Lie {
    let mut lie = everything();
    let c = QueueColumns::new();
    let at = lie.find("queue", c.opened);
    let opened = lie.row("queue", at).to_vec();
    let first = lie.row("queue", 0)[c.number];
    for row in (0..at).rev() {
        let moved = lie.row("queue", row).to_vec();
        lie.row("queue", row + 1).copy_from_slice(&moved);
    }
    let row = lie.row("queue", 0);
    row.copy_from_slice(&opened);
    row[c.number] = first;
    lie.row("queue", 1)[c.ends.first] = Felt::ZERO;
    lie.row("queue", 0)[c.ends.first] = Felt::ONE;
    lie.follow();
    lie
}

/// Writes a balance and the limb that tells it.
pub(super) fn set_balance(row: &mut [Felt], balance: u64) {
    let c = AccountColumns::new();
    c.balance.write(row, &[balance]);
    let low = Felt::new(balance & ((1 << crate::accounts::BALANCE_LOW_BITS) - 1));
    let high = c.nonce.part(&Row::<Felt>::new(&*row), crate::accounts::LOW_BITS..62);
    let signer = row[c.signer];
    row[c.second] = low + signer * (low * Felt::from_u64((1 << 8) - 1) + high);
}

fn balance_of(lie: &mut Lie, row: usize) -> u64 {
    let c = AccountColumns::new();
    canonical(c.balance.value(&Row::<Felt>::new(&*lie.row("accounts", row))))
}

/// Entry 1 of a batch of everything, 2⁴⁶ for account 1, whose row has its number.
fn too_large_credited() -> Lie {
    let mut lie = everything();
    let c = QueueColumns::new();
    let like = lie.row("queue", 2).to_vec();
    assert_eq!(like[c.credited], Felt::ONE);
    let row = lie.row("queue", 1);
    (row[c.too_large], row[c.credited]) = (Felt::ZERO, Felt::ONE);
    (row[c.account], row[c.old_balance]) = (Felt::ONE, like[c.old_balance]);
    row[c.slack.columns.clone()].copy_from_slice(&like[c.slack.columns.clone()]);
    row[c.head] = like[c.head];
    let balance = balance_of(&mut lie, 1);
    set_balance(lie.row("accounts", 1), balance + (1 << 46));
    lie.follow();
    lie
}

fn too_large_for_somebody() -> Lie {
    let mut lie = everything();
    let c = QueueColumns::new();
    let row = lie.row("queue", 1);
    row[c.account] = Felt::from_u8(5);
    row[c.head] += Felt::from_u64(5 << 8);
    lie.follow();
    lie
}

/// The largest deposit, refused to account 1.
fn too_rich() -> Lie {
    let mut lie = everything();
    let c = QueueColumns::new();
    let row = lie.row("queue", 2);
    (row[c.credited], row[c.too_rich]) = (Felt::ZERO, Felt::ONE);
    row[c.head] += Felt::from_u64(1 << 40);
    let balance = balance_of(&mut lie, 1);
    set_balance(lie.row("accounts", 1), balance - ((1 << 46) - 1));
    lie.follow();
    lie
}

/// Account 3 keeps its money although its owner's exits have an effect.
fn exit_without_effect() -> Lie {
    let mut lie = everything();
    let (q, w, a) = (QueueColumns::new(), WithdrawalColumns::new(), AccountColumns::new());
    for row in lie.rows("queue") {
        row[q.sweeps] = Felt::ZERO;
        row[q.exiting] = Felt::ZERO;
    }
    let exit = lie.find("withdrawals", w.exit);
    let padding = lie.row("withdrawals", 40).to_vec();
    let below = lie.row("withdrawals", exit + 1).to_vec();
    assert_eq!(below[w.intent] + below[w.exit], Felt::ZERO);
    lie.row("withdrawals", exit).copy_from_slice(&padding);
    for row in lie.rows("withdrawals") {
        row[w.exiting] = Felt::ZERO;
    }
    let row = lie.find("accounts", a.exits);
    let balance = balance_of(&mut lie, row);
    let cells = lie.row("accounts", row);
    let swept = canonical(cells[a.swept]);
    (cells[a.exits], cells[a.swept]) = (Felt::ZERO, Felt::ZERO);
    set_balance(cells, balance + swept);
    lie.follow();
    lie
}

/// The record of the first withdrawal is an exit's, which a row without a record takes back.
fn half_withdrawals() -> Lie {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let intent = lie.find("withdrawals", c.intent);
    let row = lie.row("withdrawals", intent);
    let amount = canonical(row[c.amount]);
    c.units.write(row, &[amount / 1_000]);
    let kept = canonical(c.kept.value(&Row::<Felt>::new(&*row)));
    c.held.write(row, &[amount + kept]);
    let mut taken_back = row.to_vec();
    (row[c.intent], row[c.exit]) = (Felt::ZERO, Felt::ONE);
    taken_back[c.exit] = -Felt::ONE;
    let rows = lie.rows("withdrawals");
    let mut active = rows.iter().map(|row| row[c.intent] + row[c.exit] != Felt::ZERO);
    let first = intent + active.by_ref().skip(intent).position(|active| !active).expect("padding");
    let ends = [c.ends.first, c.ends.last];
    for column in ends {
        taken_back[column] = lie.row("withdrawals", first)[column];
    }
    lie.row("withdrawals", first).copy_from_slice(&taken_back);
    lie.follow();
    lie
}

/// License 2 has a parent and says a lineage of one, license 3 has none and says two.
fn parents_of_another() -> Lie {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(77, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    world.admit(1, 1, 0, register(1, 0, 1, &[(account_holder(1), 1_000_000)]));
    let mut witness = world.seal();
    for (place, id, lineage) in [(0, 2, 1), (1, 3, 2)] {
        with_lineage(&mut witness, place, id, lineage);
    }
    reseal(&mut witness, false);
    let mut lie = Lie::from(Forgery::of(&witness));
    let c = RegistrationColumns::new();
    let rows = [0, 2, 1].map(|row| lie.row("registrations", row).to_vec());
    for (i, (row, left)) in rows.iter().zip([0, 1, 0]).enumerate() {
        let cells = lie.row("registrations", i);
        cells.copy_from_slice(row);
        c.left.write(cells, &[left]);
        cells[c.ends.first] = Felt::from_bool(i == 0);
    }
    lie.follow();
    lie
}

/// Account 1 signs its registration with another lineage.
fn with_lineage(witness: &mut BatchWitness, place: usize, id: u32, lineage: u32) {
    let mut intent = witness.intents[place].signed.intent.clone();
    let Operation::RegisterLicense(register) = &mut intent.operation else { panic!("registers") };
    register.lineage = Lineage::new(lineage).expect("a lineage");
    license(witness, id).terms = register.terms(AccountId::from(1));
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(witness, place, signed);
}

/// It says three, its parent one.
fn lineage_begins_lower() -> Lie {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(77, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    let mut witness = world.seal();
    with_lineage(&mut witness, 0, 2, 3);
    reseal(&mut witness, false);
    let mut lie = Lie::from(Forgery::of(&witness));
    let c = RegistrationColumns::new();
    c.left.write(lie.row("registrations", 0), &[1]);
    c.left.write(lie.row("registrations", 1), &[0]);
    lie
}

fn wraps_twice() -> Lie {
    let mut lie = everything();
    let c = LicenseColumns::new();
    let row = lie.row("licenses", 0);
    row[c.wraps] = Felt::TWO;
    row[c.old_received] += Felt::from_u64(1 << 63);
    lie.follow();
    lie
}

fn nodes_taken_back() -> Lie {
    let mut lie = everything();
    let height = lie.rows("merkle").len();
    lie.row("merkle", height - 2)[ACTIVE] = Felt::ONE;
    lie.row("merkle", height - 1)[ACTIVE] = -Felt::ONE;
    lie
}

/// Account 5 has a new leaf, which a row that hashes nothing takes; the tree keeps the old one.
fn change_taken_by_padding() -> Lie {
    let mut lie = everything();
    let c = AccountColumns::new();
    let five = Felt::from_u8(5);
    let account = lie.rows("accounts").iter().position(|row| row[c.id] == five).expect("touched");
    let account = lie.row("accounts", account).to_vec();
    lie.climb_to(TREE_DEPTH, Some(5));
    let last = lie.rows("merkle").len() - 1;
    let row = lie.row("merkle", last);
    (row[merkle::TOUCHED + 1], row[INDEX]) = (Felt::ONE, Felt::TWO);
    row[RIGHT[0].clone()].copy_from_slice(&account[c.old_leaf.clone()]);
    row[RIGHT[1].clone()].copy_from_slice(&account[c.new_leaf.clone()]);
    lie.permute();
    lie
}

fn tree_of_31_levels() -> Lie {
    let mut lie = empty();
    lie.climb_to(TREE_DEPTH - 1, None);
    lie.permute();
    lie
}

/// The operator once more under the number 2³², whose path is its own.
fn alias_of_the_operator() -> Lie {
    let mut lie = empty();
    let c = AccountColumns::new();
    let mut alias = lie.row("accounts", 0).to_vec();
    alias[c.ends.first] = Felt::ZERO;
    alias[c.id] = Felt::from_u64(1 << 32);
    c.gap.write(&mut alias, &[(1 << 32) - 1]);
    lie.row("accounts", 1).copy_from_slice(&alias);
    lie.follow();
    let nodes: Vec<Vec<Felt>> = lie
        .rows("merkle")
        .into_iter()
        .filter(|row| row[ACTIVE] == Felt::ONE)
        .map(|row| row.to_vec())
        .collect();
    assert_eq!(nodes.len(), TREE_DEPTH + 1);
    for (i, mut node) in nodes.clone().into_iter().enumerate() {
        node[INDEX] = if node[ROOT] == Felt::ONE {
            Felt::TWO.inverse()
        } else {
            Felt::from_u64(1 << (31 - canonical(node[LEVEL])))
        };
        lie.row("merkle", nodes.len() + i).copy_from_slice(&node);
    }
    lie.permute();
    lie
}

/// No license is touched, so their root may be anything.
fn trees_change_places() -> Lie {
    let mut lie = empty();
    let root = lie.find("merkle", ROOT);
    let row = lie.row("merkle", root);
    row[TREE] = -Felt::ONE;
    row.swap(merkle::TOUCHED, merkle::TOUCHED + 1);
    for i in 0..2 {
        let [left, right] = [LEFT[i].clone(), RIGHT[i].clone()];
        let (old_left, old_right) = (row[left.clone()].to_vec(), row[right.clone()].to_vec());
        row[left].copy_from_slice(&old_right);
        row[right].copy_from_slice(&old_left);
    }
    let digest = |row: &[Felt], at: &core::ops::Range<usize>| {
        farthing_protocol::Digest::new(core::array::from_fn(|i| row[at.start + i]))
    };
    for (i, place) in [position::OLD_ROOT, position::NEW_ROOT].into_iter().enumerate() {
        let row = lie.row("merkle", root);
        let parent = compress(&digest(row, &LEFT[i]), &digest(row, &RIGHT[i])).elements();
        row[PARENT[i].clone()].copy_from_slice(&parent);
        lie.statement[place].copy_from_slice(&parent);
    }
    lie.permute();
    lie
}

/// Flags of the permutation's row: digest, absorb, squeeze.
fn flags(row: &mut [Felt]) -> &mut [Felt] {
    let start = SBox::Direct.columns() - 3;
    &mut row[start..]
}

fn two_outputs_less_one() -> Lie {
    let mut lie = empty();
    let height = lie.rows("poseidon2").len();
    let flags = flags(lie.row("poseidon2", height - 1));
    (flags[0], flags[1]) = (Felt::ONE, -Felt::ONE);
    lie
}

/// Two licenses of the same sixteen holders absorb the same block: one row shows it twice, and with it
/// the digest, added.
fn two_outputs() -> Lie {
    let mut lie = sixteen_holders(2, 5);
    let c = SplitColumns::new();
    let absorbed = |lie: &mut Lie| {
        let rows = lie.rows("poseidon2");
        let places = rows
            .into_iter()
            .enumerate()
            .filter_map(|(i, row)| (flags(row)[1] == Felt::ONE).then(|| (i, row[..12].to_vec())));
        places.collect::<Vec<_>>()
    };
    let sent = lie.split_hashes();
    let input: Vec<Felt> = sent
        .iter()
        .find(|(_, hash)| hash.message[0] == Felt::ONE)
        .expect("an absorbed block")
        .1
        .message[1..13]
        .to_vec();
    let mut state: [Felt; 12] = core::array::from_fn(|i| input[i]);
    farthing_protocol::permute(&mut state);
    let capacity: Vec<Felt> = (0..4).map(|i| state[i] + state[8 + i]).collect();
    for row in lie.rows("royalty_split") {
        if row[c.active] == Felt::ONE {
            row[c.capacity.clone()].copy_from_slice(&capacity);
        }
    }
    lie.resplit(false);
    lie.follow();
    let rows: Vec<usize> = absorbed(&mut lie)
        .into_iter()
        .filter(|(_, cells)| *cells == input)
        .map(|(i, _)| i)
        .collect();
    assert_eq!(rows.len(), 2);
    flags(lie.row("poseidon2", rows[0]))[0] = Felt::ONE;
    flags(lie.row("poseidon2", rows[1]))[1] = Felt::ZERO;
    lie
}

/// Two deposits too large and the operator: 24 limbs, three full blocks.
fn data_without_end() -> Lie {
    let mut lie = sealed(|world| {
        world.consume(deposit(1, 1 << 46));
        world.consume(deposit(1, 1 << 46));
    });
    let c = crate::public_data::END;
    let end = lie.find("public_data", c);
    assert_eq!(lie.row("public_data", end)[crate::public_data::PRESENT.end - 1], Felt::ONE);
    lie.row("public_data", end)[c] = Felt::ZERO;
    let commitment = position::PUBLIC_DATA;
    lie.statement[commitment].fill(Felt::from_u8(99));
    lie.responge();
    lie.permute();
    lie
}

fn data_first_taken_back() -> Lie {
    let mut lie = everything();
    let first = crate::public_data::FIRST;
    lie.row("public_data", 100)[first] = Felt::ONE;
    lie.row("public_data", 101)[first] = -Felt::ONE;
    lie
}

fn absent_limb() -> Lie {
    let mut lie = everything();
    let last = lie.rows("public_data").len() - 1;
    let row = lie.row("public_data", last);
    row[crate::public_data::LIMBS.end - 1] = Felt::ONE;
    row[crate::public_data::SUM.start] += Felt::ONE;
    lie
}

/// Whatever is added to the first sum is carried on, into the evaluation too.
fn sum_begins_higher() -> Lie {
    use p3_field::BasedVectorSpace;
    let mut lie = everything();
    let challenge = position::CHALLENGE.start;
    let r = QuadraticFelt::from_basis_coefficients_fn(|i| lie.statement[challenge + i]);
    let mut more = QuadraticFelt::ONE;
    let end = lie.find("public_data", crate::public_data::END);
    let present = crate::public_data::PRESENT;
    let absent = lie.row("public_data", end)[present].iter().filter(|p| **p == Felt::ZERO).count();
    let mut evaluation = QuadraticFelt::ZERO;
    for (i, row) in lie.rows("public_data").into_iter().enumerate() {
        let sum = crate::public_data::SUM;
        let honest = QuadraticFelt::from_basis_coefficients_fn(|k| row[sum.start + k]);
        let forged: QuadraticFelt = honest + more;
        row[sum].copy_from_slice(forged.as_basis_coefficients_slice());
        if i == end {
            evaluation = forged * r.exp_u64(absent as u64).inverse();
        }
        more *= r.exp_u64(8);
    }
    lie.statement[position::EVALUATION].copy_from_slice(evaluation.as_basis_coefficients_slice());
    lie
}

fn other_tag() -> Lie {
    let mut lie = everything();
    lie.row("public_data", 0)[crate::public_data::CAPACITY.start] += Felt::ONE;
    lie.responge();
    lie.permute();
    lie
}

fn shares_on_padding() -> Lie {
    let mut lie = everything();
    let c = SplitColumns::new();
    let last = lie.rows("royalty_split").len() - 1;
    let row = lie.row("royalty_split", last);
    row[c.shares.columns.start] = Felt::ONE;
    row[c.total] = Felt::ONE;
    lie
}

/// `licenses` licenses of sixteen holders each, paid for `uses` uses at 1,000 nano.
fn sixteen_holders(licenses: u32, uses: u64) -> Lie {
    holders(&vec![16; licenses as usize], uses, 1_000)
}

/// Licenses with as many holders as said, all paid.
fn holders(numbers: &[u32], uses: u64, price: u64) -> Lie {
    let mut world = World::new();
    for i in 1..=17 {
        world.consume(deposit(i, 1 << 45));
    }
    world.seal();
    for number in numbers {
        let each = 1_000_000 / number;
        let lines: Vec<(Holder, u32)> = (1..=*number)
            .map(|i| (account_holder(i), each + u32::from(i == 1) * (1_000_000 - each * number)))
            .collect();
        world.admit(1, 1, 0, register(price, 0, 1, &lines));
    }
    world.seal();
    for license in 0..numbers.len() as u32 {
        world.admit(17, 17, 0, pay(license, uses, price));
    }
    let mut lie = Lie::from(&world.seal());
    lie.follow();
    lie
}

/// The last license's lines once more, behind them and without an end.
fn split_again(mut lie: Lie) -> Lie {
    let c = SplitColumns::new();
    let rows = lie.rows("royalty_split");
    let used = rows.iter().filter(|row| row[c.active] == Felt::ONE).count();
    let license = rows[used - 1][c.license];
    let group: Vec<Vec<Felt>> = rows
        .into_iter()
        .take(used)
        .filter(|row| row[c.license] == license)
        .map(|row| row.to_vec())
        .collect();
    for (i, row) in group.iter().enumerate() {
        let cells = lie.row("royalty_split", used + i);
        cells.copy_from_slice(row);
        cells[c.end] = Felt::ZERO;
    }
    lie.follow();
    lie
}

fn open_split_in_a_full_table() -> Lie {
    let lie = sixteen_holders(7, 5);
    assert_eq!(1 << lie.class.state.log_royalty_split, 8 * 16);
    split_again(lie)
}

/// The row of padding behind it carries everything on: nothing is dealt, so it may.
fn open_split() -> Lie {
    let mut lie = split_again(holders(&[5, 5], 1, 0));
    let c = SplitColumns::new();
    let used = 3 * 5;
    let last = lie.row("royalty_split", used - 1).to_vec();
    c.gap.write(lie.row("royalty_split", used - 1), &[0]);
    let row = lie.row("royalty_split", used);
    let same = [c.license].into_iter().chain(c.capacity.clone()).chain(c.digest.clone());
    for column in same.chain([c.total, c.spent]) {
        row[column] = last[column];
    }
    // The line before account 1's is account 0's.
    row[c.position] = last[c.position] - Felt::ONE;
    row[c.count] = last[c.count] + Felt::ONE;
    row[c.filled.columns.start] = last[c.filled.columns.start] + Felt::ONE;
    let lines: Vec<Felt> = [c.packed(&Row::<Felt>::new(&last))]
        .into_iter()
        .chain(last[c.window.clone()].iter().copied())
        .collect();
    for (column, line) in c.window.clone().zip(lines) {
        row[column] = line;
    }
    lie
}

/// Thirteen lines: eight above, five below the cut.
fn short_second_block() -> Lie {
    let mut lie = holders(&[13], 5, 1_000);
    lie.cut_lines(0..13, Some(7));
    lie.resplit(true);
    lie.follow();
    lie
}

/// The first license has eight lines, a whole block.
fn first_row_is_late() -> Lie {
    let mut lie = holders(&[8], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..8 {
        lie.row("royalty_split", row)[c.late] = Felt::ONE;
    }
    lie.resplit(true);
    lie.follow();
    lie
}

fn first_count() -> Lie {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..5 {
        let row = lie.row("royalty_split", row);
        row[c.count] += Felt::ONE;
        row[c.capacity.start + 1] += Felt::ONE;
    }
    lie.resplit(false);
    lie.follow();
    lie
}

fn first_filled() -> Lie {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..5 {
        lie.row("royalty_split", row)[c.filled.columns.start] += Felt::ONE;
    }
    lie
}

/// The holder of the first row gives the one of the second a thousand nano.
fn floor_low() -> Lie {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    move_quotient(&mut lie, c.quotient_low.columns.start, Felt::from_u64(100), 100);
    lie.follow();
    lie
}

fn floor_high() -> Lie {
    let mut lie = holders(&[2], 1, (1 << 40) - 1);
    let c = SplitColumns::new();
    move_quotient(&mut lie, c.quotient_high.columns.start, Felt::ONE, 1 << 31);
    lie.follow();
    lie
}

fn move_quotient(lie: &mut Lie, column: usize, piece: Felt, nano: u64) {
    let spent = SplitColumns::new().spent;
    let row = lie.row("royalty_split", 0);
    row[column] -= piece;
    row[spent] -= Felt::from_u64(nano);
    lie.row("royalty_split", 1)[column] += piece;
}

/// The license keeps a nano more than is left.
fn first_spent() -> Lie {
    let mut lie = holders(&[5], 5, 1_000);
    let (c, l) = (SplitColumns::new(), LicenseColumns::new());
    for row in 0..5 {
        lie.row("royalty_split", row)[c.spent] -= Felt::ONE;
    }
    lie.row("licenses", 0)[l.kept.columns.start] += Felt::ONE;
    lie.follow();
    lie
}

/// The line of the last row, the first of the table, has a share less: nothing is paid.
fn other_total() -> Lie {
    let mut lie = holders(&[5], 1, 0);
    let c = SplitColumns::new();
    let row = lie.row("royalty_split", 4);
    let shares = canonical(c.shares.value(&Row::<Felt>::new(&*row)));
    c.shares.write(row, &[shares - 1]);
    row[c.total] -= Felt::ONE;
    lie.resplit(false);
    lie.follow();
    lie
}

fn other_capacity() -> Lie {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..5 {
        lie.row("royalty_split", row)[c.capacity.start] += Felt::ONE;
    }
    lie.resplit(false);
    lie.follow();
    lie
}

/// The uppermost line falls out of the hash.
fn nine_lines_in_a_block() -> Lie {
    let mut lie = holders(&[9], 5, 1_000);
    lie.cut_lines(0..9, None);
    lie.resplit(true);
    lie.follow();
    lie
}

/// License 0 deals out a million nano that is neither in its vault nor paid.
fn vault_dealt_out() -> Lie {
    let mut lie = holders(&[1], 5, 1_000);
    let (c, l) = (SplitColumns::new(), LicenseColumns::new());
    let more = 1_000_000;
    let total = canonical(lie.row("royalty_split", 0)[c.low]) + more;
    let row = lie.row("royalty_split", 0);
    row[c.low] = Felt::new(total);
    c.quotient_low.write(row, &[total]);
    row[c.spent] = Felt::new(total);
    l.low.write(lie.row("licenses", 0), &[total]);
    lie.follow();
    lie
}

/// Account 4 holds minus five nano.
fn overdraft() -> Lie {
    let mut lie = everything();
    let c = AccountColumns::new();
    let row = lie.row("accounts", 4);
    let low = c.balance.lookups().next().expect("a piece").0;
    row[c.balance.columns.clone()].fill(Felt::ZERO);
    row[low] = -Felt::from_u8(5);
    let high = c.nonce.part(&Row::<Felt>::new(&*row), crate::accounts::LOW_BITS..62);
    row[c.second] = -Felt::from_u8(5) + row[c.signer] * (high - Felt::from_u64(5 * ((1 << 8) - 1)));
    lie.follow();
    lie
}

fn kept_below_zero() -> Lie {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let row = lie.row("withdrawals", 40);
    row[c.kept.columns.start] = -Felt::ONE;
    row[c.kept_slack.columns.start] = Felt::from_u32(1_000);
    lie
}

fn kept_of_a_unit() -> Lie {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let row = lie.row("withdrawals", 40);
    row[c.kept.columns.start] = Felt::from_u32(1_000);
    row[c.kept_slack.columns.start] = -Felt::ONE;
    lie
}
