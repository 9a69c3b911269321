//! Constraints of the public data table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{DIGEST_ELEMENTS, Felt, Tag, WIDTH, capacity_of, position};

use crate::buses::{LIMB, Section, StateLink, receive_link, send_absorb, send_digest};
use crate::gadgets::columns::Row;
use crate::gadgets::gate::OnRows;

use super::LIMBS_PER_ROW;

pub(super) const INDEX: usize = 0;
pub(crate) const FIRST: usize = 1;
pub(crate) const END: usize = 2;
pub(crate) const LIMBS: Range<usize> = 3..3 + LIMBS_PER_ROW;
pub(crate) const PRESENT: Range<usize> = LIMBS.end..LIMBS.end + LIMBS_PER_ROW;
pub(crate) const CAPACITY: Range<usize> = PRESENT.end..PRESENT.end + DIGEST_ELEMENTS;
pub(crate) const NEXT_CAPACITY: Range<usize> = CAPACITY.end..CAPACITY.end + DIGEST_ELEMENTS;
pub(crate) const SUM: Range<usize> = NEXT_CAPACITY.end..NEXT_CAPACITY.end + 2;
/// Columns of the main trace.
pub(crate) const COLUMNS: usize = SUM.end;

/// X² in GF(p²) = GF(p)[X]/(X² − 7).
const NON_RESIDUE: u64 = 7;

/// An element of GF(p²).
type Quadratic<E> = [E; 2];

fn times<E: PrimeCharacteristicRing>([a0, a1]: &Quadratic<E>, [b0, b1]: &Quadratic<E>) -> [E; 2] {
    let seven = E::from_u64(NON_RESIDUE);
    let product = a0.clone() * b0.clone() + seven * a1.clone() * b1.clone();
    [product, a0.clone() * b1.clone() + a1.clone() * b0.clone()]
}

struct PublicDataRow<'a, E> {
    row: &'a Row<E>,
    next: &'a Row<E>,
    public: Vec<E>,
}

impl<E: PrimeCharacteristicRing> PublicDataRow<'_, E> {
    /// 1, r, r² … r⁸.
    fn powers(&self) -> Vec<Quadratic<E>> {
        let r = core::array::from_fn(|i| self.public[position::CHALLENGE.start + i].clone());
        let mut powers = vec![[E::ONE, E::ZERO]];
        for i in 0..LIMBS_PER_ROW {
            powers.push(times(&powers[i], &r));
        }
        powers
    }

    fn active(&self, row: &Row<E>) -> E {
        row.at(PRESENT.start)
    }

    fn number(&self) -> E {
        self.public[position::PUBLIC_DATA_LIMBS].clone()
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(builder: &mut AB) {
    let main = builder.main();
    let table = PublicDataRow {
        row: &Row::<AB::Expr>::new(main.current_slice()),
        next: &Row::<AB::Expr>::new(main.next_slice()),
        public: builder.public_values().iter().map(|v| (*v).into()).collect(),
    };
    assert_order(&table, builder);
    assert_number(&table, builder);
    assert_sum(&table, builder);
    assert_evaluation(&table, builder);
    assert_sponge_starts_and_goes_on(&table, builder);
    absorb(&table, builder);
    receive_limbs(&table, builder);
    receive_end(&table, builder);
}

/// Full blocks, the last one perhaps not full, padding.
fn assert_order<AB: AirBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let (row, next) = (table.row, table.next);
    let one = AB::Expr::ONE;
    builder.on_first_row().assert_zero(row.at(INDEX));
    builder.on_first_row().assert_one(row.at(FIRST));
    builder.on_first_row().assert_one(table.active(row));
    let going_on = table.active(row) - row.at(END);
    let mut transition = builder.on_transition();
    transition.assert_eq(next.at(INDEX), row.at(INDEX) + one.clone());
    transition.assert_zero(next.at(FIRST));
    transition.assert_eq(table.active(next), going_on.clone());
    builder.on_last_row().assert_zero(going_on.clone());
    builder.assert_bool(row.at(END));
    builder.assert_bool(going_on.clone());
    builder.assert_zero(going_on * (one.clone() - row.at(PRESENT.end - 1)));
    for (i, (present, limb)) in PRESENT.zip(LIMBS).enumerate() {
        builder.assert_bool(row.at(present));
        builder.assert_zero((one.clone() - row.at(present)) * row.at(limb));
        if i > 0 {
            builder.assert_zero((one.clone() - row.at(present - 1)) * row.at(present));
        }
    }
}

fn assert_number<AB: AirBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let row = table.row;
    let before = row.at(INDEX) * AB::Expr::from_usize(LIMBS_PER_ROW);
    let number = row.all(&PRESENT).iter().cloned().fold(before, |sum, present| sum + present);
    builder.assert_zero(row.at(END) * (number - table.number()));
}

fn assert_sum<AB: AirBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let powers = table.powers();
    let block = |row: &Row<AB::Expr>| -> Quadratic<AB::Expr> {
        core::array::from_fn(|k| {
            let limbs = row.all(&LIMBS).iter().zip(powers.iter().rev().skip(1));
            limbs.map(|(limb, power)| limb.clone() * power[k].clone()).sum()
        })
    };
    let before = times(&table.row.array(&SUM), &powers[LIMBS_PER_ROW]);
    let (first, after) = (block(table.row), block(table.next));
    for k in 0..2 {
        builder.on_first_row().assert_eq(table.row.at(SUM.start + k), first[k].clone());
        let sum = before[k].clone() + after[k].clone();
        builder.on_transition().assert_eq(table.next.at(SUM.start + k), sum);
    }
}

/// The sum counts the last block's absent limbs as zeros: it is y·r^absent.
fn assert_evaluation<AB: AirBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let row = table.row;
    let y = core::array::from_fn(|i| table.public[position::EVALUATION.start + i].clone());
    let powers = table.powers();
    for k in 0..2 {
        let expected: AB::Expr = (0..LIMBS_PER_ROW)
            .map(|absent| {
                let last = PRESENT.end - 1 - absent;
                let behind = if absent == 0 { AB::Expr::ZERO } else { row.at(last + 1) };
                let [p0, p1] = times(&y, &powers[absent]);
                (row.at(last) - behind) * if k == 0 { p0 } else { p1 }
            })
            .sum();
        builder.assert_zero(row.at(END) * (row.at(SUM.start + k) - expected));
    }
}

fn assert_sponge_starts_and_goes_on<AB: AirBuilder<F = Felt>>(
    table: &PublicDataRow<'_, AB::Expr>,
    builder: &mut AB,
) {
    let [tag, _, z0, z1] = capacity_of(Tag::PublicData, 0).map(AB::Expr::from);
    let start = [tag, table.number(), z0, z1];
    for ((i, next), start) in CAPACITY.zip(NEXT_CAPACITY).zip(start) {
        builder.on_first_row().assert_eq(table.row.at(i), start);
        builder.on_transition().assert_eq(table.next.at(i), table.row.at(next));
    }
}

fn absorb<AB: InteractionBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let row = table.row;
    let input: [AB::Expr; WIDTH] = core::array::from_fn(|i| {
        if i < LIMBS_PER_ROW {
            row.at(LIMBS.start + i)
        } else {
            row.at(CAPACITY.start + i - LIMBS_PER_ROW)
        }
    });
    let going_on = table.active(row) - row.at(END);
    send_absorb(builder, input.clone(), row.array(&NEXT_CAPACITY), going_on);
    let commitment =
        core::array::from_fn(|i| table.public[position::PUBLIC_DATA.start + i].clone());
    send_digest(builder, input, commitment, row.at(END));
}

fn receive_limbs<AB: InteractionBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let row = table.row;
    for (i, (limb, present)) in LIMBS.zip(PRESENT).enumerate() {
        let start = row.at(INDEX) * AB::Expr::from_usize(LIMBS_PER_ROW);
        let message = [start + AB::Expr::from_usize(i), row.at(limb)];
        LIMB.receive(builder, message, Count::bounded(row.at(present), 1));
    }
}

/// The last section ends where the public data does.
fn receive_end<AB: InteractionBuilder>(table: &PublicDataRow<'_, AB::Expr>, builder: &mut AB) {
    let end = [AB::Expr::from_u64(Section::End as u64), table.number()];
    receive_link(builder, StateLink::Section, end, table.row.at(FIRST));
}
