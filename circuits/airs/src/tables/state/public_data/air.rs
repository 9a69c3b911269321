//! Constraints of the public data table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, Tag, WIDTH, capacity_of, position};

use crate::buses::{LIMB, Section, StateLink, receive_link, send_absorb, send_digest};
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::{Many, One, columns};

use super::LIMBS_PER_ROW;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct PublicDataColumns, row PublicDataCells {
        index: One,
        first: One,
        end: One,
        limbs: Many<LIMBS_PER_ROW>,
        present: Many<LIMBS_PER_ROW>,
        capacity: Many<DIGEST_ELEMENTS>,
        next_capacity: Many<DIGEST_ELEMENTS>,
        sum: Many<2>,
    }
}

/// X² in GF(p²) = GF(p)[X]/(X² − 7).
const NON_RESIDUE: u64 = 7;

/// An element of GF(p²).
type Quadratic<E> = [E; 2];

fn times<E: PrimeCharacteristicRing>([a0, a1]: &Quadratic<E>, [b0, b1]: &Quadratic<E>) -> [E; 2] {
    let seven = E::from_u64(NON_RESIDUE);
    let product = a0.clone() * b0.clone() + seven * a1.clone() * b1.clone();
    [product, a0.clone() * b1.clone() + a1.clone() * b0.clone()]
}

impl<V: Copy> PublicDataCells<V> {
    fn active(&self) -> V {
        let [first, ..] = self.present;
        first
    }
}

/// Two rows with the statement.
struct Table<V, E> {
    row: PublicDataCells<V>,
    next: PublicDataCells<V>,
    public: Vec<E>,
}

impl<V: Copy, E: PrimeCharacteristicRing> Table<V, E> {
    /// 1, r, r² … r⁸.
    fn powers(&self) -> Vec<Quadratic<E>> {
        let r = core::array::from_fn(|i| self.public[position::CHALLENGE.start + i].clone());
        let mut powers = vec![[E::ONE, E::ZERO]];
        for i in 0..LIMBS_PER_ROW {
            powers.push(times(&powers[i], &r));
        }
        powers
    }

    fn number(&self) -> E {
        self.public[position::PUBLIC_DATA_LIMBS].clone()
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &PublicDataColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let table = &Table {
        row: columns.row(main.current_slice()),
        next: columns.row(main.next_slice()),
        public: builder.public_values().iter().map(|v| (*v).into()).collect(),
    };
    assert_order(table, builder);
    assert_number(table, builder);
    assert_sum(table, builder);
    assert_evaluation(table, builder);
    assert_sponge_starts_and_goes_on(table, builder);
    absorb(table, builder);
    receive_limbs(table, builder);
    receive_end(table, builder);
}

/// Full blocks, the last one perhaps not full, padding.
fn assert_order<AB: AirBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let (row, next) = (&table.row, &table.next);
    let one = AB::Expr::ONE;
    builder.on_first_row().assert_zero(row.index);
    builder.on_first_row().assert_one(row.first);
    builder.on_first_row().assert_one(row.active());
    let going_on = row.active() - row.end;
    let mut transition = builder.on_transition();
    transition.assert_eq(next.index, row.index + one.clone());
    transition.assert_zero(next.first);
    transition.assert_eq(next.active(), going_on.clone());
    builder.on_last_row().assert_zero(going_on.clone());
    builder.assert_bool(row.end);
    builder.assert_bool(going_on.clone());
    let [.., last] = row.present;
    builder.assert_zero(going_on * (one.clone() - last));
    for (i, (present, limb)) in row.present.into_iter().zip(row.limbs).enumerate() {
        builder.assert_bool(present);
        builder.assert_zero((one.clone() - present) * limb);
        if i > 0 {
            builder.assert_zero((one.clone() - row.present[i - 1]) * present);
        }
    }
}

fn assert_number<AB: AirBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let row = &table.row;
    let before = row.index * AB::Expr::from_usize(LIMBS_PER_ROW);
    let number = row.present.into_iter().fold(before, |sum, present| sum + present);
    builder.assert_zero(row.end * (number - table.number()));
}

fn assert_sum<AB: AirBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let powers = table.powers();
    let block = |row: &PublicDataCells<AB::Var>| -> Quadratic<AB::Expr> {
        core::array::from_fn(|k| {
            let limbs = row.limbs.into_iter().zip(powers.iter().rev().skip(1));
            limbs.map(|(limb, power)| limb * power[k].clone()).sum()
        })
    };
    let before = times(&table.row.sum.map(Into::into), &powers[LIMBS_PER_ROW]);
    let (first, after) = (block(&table.row), block(&table.next));
    for k in 0..2 {
        builder.on_first_row().assert_eq(table.row.sum[k], first[k].clone());
        let sum = before[k].clone() + after[k].clone();
        builder.on_transition().assert_eq(table.next.sum[k], sum);
    }
}

/// The sum counts the last block's absent limbs as zeros: it is y·r^absent.
fn assert_evaluation<AB: AirBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let row = &table.row;
    let y = core::array::from_fn(|i| table.public[position::EVALUATION.start + i].clone());
    let powers = table.powers();
    for k in 0..2 {
        let expected: AB::Expr = (0..LIMBS_PER_ROW)
            .map(|absent| {
                let last = LIMBS_PER_ROW - 1 - absent;
                let behind =
                    if absent == 0 { AB::Expr::ZERO } else { row.present[last + 1].into() };
                let [p0, p1] = times(&y, &powers[absent]);
                (row.present[last] - behind) * if k == 0 { p0 } else { p1 }
            })
            .sum();
        builder.assert_zero(row.end * (row.sum[k] - expected));
    }
}

fn assert_sponge_starts_and_goes_on<AB: AirBuilder<F = Felt>>(
    table: &Table<AB::Var, AB::Expr>,
    builder: &mut AB,
) {
    let [tag, _, z0, z1] = capacity_of(Tag::PublicData, 0).map(AB::Expr::from);
    let start = [tag, table.number(), z0, z1];
    for (i, start) in start.into_iter().enumerate() {
        builder.on_first_row().assert_eq(table.row.capacity[i], start);
        builder.on_transition().assert_eq(table.next.capacity[i], table.row.next_capacity[i]);
    }
}

fn absorb<AB: InteractionBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let row = &table.row;
    let input: [AB::Expr; WIDTH] = core::array::from_fn(|i| {
        if i < LIMBS_PER_ROW { row.limbs[i].into() } else { row.capacity[i - LIMBS_PER_ROW].into() }
    });
    let going_on = row.active() - row.end;
    send_absorb(builder, input.clone(), row.next_capacity.map(Into::into), going_on);
    let commitment =
        core::array::from_fn(|i| table.public[position::PUBLIC_DATA.start + i].clone());
    send_digest(builder, input, commitment, row.end.into());
}

fn receive_limbs<AB: InteractionBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let row = &table.row;
    for (i, (limb, present)) in row.limbs.into_iter().zip(row.present).enumerate() {
        let start = row.index * AB::Expr::from_usize(LIMBS_PER_ROW);
        let message = [start + AB::Expr::from_usize(i), limb.into()];
        LIMB.receive(builder, message, Count::bounded(present.into(), 1));
    }
}

/// The last section ends where the public data does.
fn receive_end<AB: InteractionBuilder>(table: &Table<AB::Var, AB::Expr>, builder: &mut AB) {
    let end = [AB::Expr::from_u64(Section::End as u64), table.number()];
    receive_link(builder, StateLink::Section, end, table.row.first);
}
