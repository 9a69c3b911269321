//! Forgeries of the registrations table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{BatchClass, BatchCounts, BatchWitness, Felt, Lineage, Operation};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::everything;
use crate::class::{LeafClass, StateHeights};
use crate::gadgets::sbox::SBox;
use crate::tables::Table;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tests::state::batches::settled_world;
use crate::tests::state::forgery::{Forgery, register_as, replace_intent, reseal};
use crate::tests::state::test_ledger::{
    TestLedger, account_holder, deposit, parent, register, secret,
};

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("parents of another license", parents_of_another),
    ("a lineage that begins lower", lineage_begins_lower),
    ("a parent taken back", parent_taken_back),
    ("a table full of parents", full_table),
];

/// License 2 has a parent and says a lineage of one, license 3 has none and says two.
fn parents_of_another() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(77, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    world.admit(1, 1, 0, register(1, 0, 1, &[(account_holder(1), 1_000_000)]));
    let mut witness = world.seal();
    for (place, id, lineage) in [(0, 2, 1), (1, 3, 2)] {
        with_lineage(&mut witness, place, id, lineage);
    }
    reseal(&mut witness, false);
    let mut lie = ForgedLeaf::from(Forgery::of(&witness));
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
pub(super) fn with_lineage(witness: &mut BatchWitness, place: usize, id: u32, lineage: u32) {
    let mut intent = witness.intents[place].signed.intent.clone();
    let Operation::RegisterLicense(register) = &mut intent.operation else { panic!("registers") };
    register.lineage = Lineage::new(lineage).expect("a lineage");
    register_as(witness, id, 1, register);
    let signed = intent.sign(&secret(1), &witness.statement.header.domain);
    replace_intent(witness, place, signed);
}

/// It says three, its parent one.
fn lineage_begins_lower() -> ForgedLeaf {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(77, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    let mut witness = world.seal();
    with_lineage(&mut witness, 0, 2, 3);
    reseal(&mut witness, false);
    let mut lie = ForgedLeaf::from(Forgery::of(&witness));
    let c = RegistrationColumns::new();
    c.left.write(lie.row("registrations", 0), &[1]);
    c.left.write(lie.row("registrations", 1), &[0]);
    lie
}

/// Behind the last license, of a lineage of zero.
fn parent_taken_back() -> ForgedLeaf {
    let mut lie = everything();
    let c = RegistrationColumns::new();
    let rows = lie.rows("registrations");
    let padding = |row: &&mut [Felt]| row[c.own] + row[c.parent] == Felt::ZERO;
    let at = rows.iter().position(padding).expect("padding");
    let license = rows[at - 1][c.license];
    for (row, count) in [(at, Felt::ONE), (at + 1, -Felt::ONE)] {
        let row = lie.row("registrations", row);
        (row[c.parent], row[c.license], row[c.other]) = (count, license, license - Felt::ONE);
    }
    lie
}

/// Sixteen licenses of three parents each: the table has no row of padding, and a parent no record.
fn full_table() -> ForgedLeaf {
    let capacity = BatchCounts { registrations: 16, ..BatchClass::TINY.capacity };
    let mut world = TestLedger::of_class(BatchClass { capacity, ..BatchClass::TINY });
    world.consume(deposit(1, 50_000_000));
    for _ in 0..3 {
        world.admit(1, 1, 0, register(1, 0, 1, &[(account_holder(1), 1_000_000)]));
    }
    world.seal();
    let lines = [0, 1, 2].map(|id| (parent(id), 100_000));
    let lines: Vec<_> = [(account_holder(1), 700_000)].into_iter().chain(lines).collect();
    for _ in 0..16 {
        world.admit(1, 1, 0, register(1, 0, 4, &lines));
    }
    let tiny = LeafClass::TINY;
    let log_registrations = tiny.state.log_registrations + 1;
    let state = StateHeights { log_registrations, ..tiny.state.clone() };
    let taller = LeafClass { state, ..tiny.clone() };
    let mut forgery = Forgery::of_class(&taller, &world.seal());
    let tables = Table::of_class(&tiny, SBox::Direct);
    let place = tables.iter().position(|table| table.name() == "registrations").expect("a table");
    let trace = &mut forgery.traces[place];
    trace.values.truncate(trace.values.len() / 2);
    let last = trace.values.len() - trace.width;
    trace.values[last + RegistrationColumns::new().ends.last] = Felt::ONE;
    ForgedLeaf::new(&tiny, tables, forgery.statement, forgery.traces)
}
