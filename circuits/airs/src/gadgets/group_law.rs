//! One complete addition: constraints and witness.

use core::ops::Range;

use p3_air::AirBuilder;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};

use farthing_protocol::{AffinePoint, AffineSum, FP5_ELEMENTS, Felt, Fp5};

use crate::gadgets::columns::ColumnCounter;
use crate::gadgets::fp5::{Five, PointExpr, add, assert_slope, scale, sub, sum_on_line};
use crate::gadgets::layout::ColumnKind;

/// An element of the group; `None` is the neutral element.
pub(crate) type Element = Option<AffinePoint>;

/// Case of a sum. In the constraints: one-hot flags in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// By chord or tangent.
    Add = 0,
    /// The operands are opposite.
    Cancel = 1,
    /// The right operand is neutral.
    TakeLeft = 2,
    /// The left operand is neutral, or there is none.
    TakeRight = 3,
}

/// Cases of an addition.
pub(crate) const CASES: usize = 4;

/// Columns of a group element: a neutral flag and two coordinates that are zero where it is set.
#[derive(Clone, Debug)]
pub(crate) struct ElementColumns {
    pub(crate) neutral: usize,
    pub(crate) x: Range<usize>,
    pub(crate) y: Range<usize>,
}

/// Cells of a group element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ElementCells<V> {
    pub(crate) neutral: V,
    pub(crate) x: [V; FP5_ELEMENTS],
    pub(crate) y: [V; FP5_ELEMENTS],
}

impl ColumnKind for ElementColumns {
    type Size = ();
    type Columns = Self;
    type Cells<V> = ElementCells<V>;

    fn declare(counter: &mut ColumnCounter, (): ()) -> Self {
        Self {
            neutral: counter.one(),
            x: counter.many(FP5_ELEMENTS),
            y: counter.many(FP5_ELEMENTS),
        }
    }

    fn read<V: Copy>(columns: &Self, row: &[V]) -> ElementCells<V> {
        ElementCells {
            neutral: row[columns.neutral],
            x: core::array::from_fn(|i| row[columns.x.start + i]),
            y: core::array::from_fn(|i| row[columns.y.start + i]),
        }
    }
}

impl ElementColumns {
    /// Writes an element into a row.
    pub(crate) fn write(&self, row: &mut [Felt], element: &Element) {
        row[self.neutral] = Felt::from_bool(element.is_none());
        if let Some(point) = element {
            write_point(row, &self.x, &self.y, point);
        }
    }
}

impl<V: Copy> ElementCells<V> {
    /// The element.
    pub(crate) fn element<E: PrimeCharacteristicRing>(&self) -> ElementExpr<E>
    where
        V: Into<E>,
    {
        ElementExpr {
            neutral: self.neutral.into(),
            point: PointExpr { x: self.x.map(Into::into), y: self.y.map(Into::into) },
        }
    }
}

/// A group element in a row.
#[derive(Clone)]
pub(crate) struct ElementExpr<E> {
    pub(crate) neutral: E,
    pub(crate) point: PointExpr<E>,
}

impl<E: PrimeCharacteristicRing> ElementExpr<E> {
    /// Flag and coordinates, as messages carry them.
    pub(crate) fn message(self) -> impl Iterator<Item = E> {
        core::iter::once(self.neutral).chain(self.point.coordinates())
    }
}

/// The columns that witness an addition.
#[derive(Clone, Debug)]
pub(crate) struct AdditionColumns {
    pub(crate) slope: Range<usize>,
    pub(crate) cases: Range<usize>,
}

/// Cells that witness an addition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdditionCells<V> {
    slope: [V; FP5_ELEMENTS],
    cases: [V; CASES],
}

impl ColumnKind for AdditionColumns {
    type Size = ();
    type Columns = Self;
    type Cells<V> = AdditionCells<V>;

    fn declare(counter: &mut ColumnCounter, (): ()) -> Self {
        Self { slope: counter.many(FP5_ELEMENTS), cases: counter.many(CASES) }
    }

    fn read<V: Copy>(columns: &Self, row: &[V]) -> AdditionCells<V> {
        AdditionCells {
            slope: core::array::from_fn(|i| row[columns.slope.start + i]),
            cases: core::array::from_fn(|i| row[columns.cases.start + i]),
        }
    }
}

impl AdditionColumns {
    /// Writes how a sum was formed.
    pub(crate) fn write(&self, row: &mut [Felt], sum: &Sum) {
        write_fp5(row, &self.slope, &sum.slope);
        row[self.cases.start + sum.case as usize] = Felt::ONE;
    }
}

impl<V: Copy> AdditionCells<V> {
    /// The flags are booleans whose sum is `active`; where `load` is one the right operand is
    /// taken.
    pub(crate) fn assert_cases<AB: AirBuilder<Var = V>>(
        &self,
        builder: &mut AB,
        active: AB::Expr,
        load: AB::Expr,
    ) {
        let cases: [AB::Expr; CASES] = self.cases.map(Into::into);
        builder.assert_bools(cases.clone());
        builder.assert_zero(load * (AB::Expr::ONE - cases[Case::TakeRight as usize].clone()));
        builder.assert_eq(cases.into_iter().sum::<AB::Expr>(), active);
    }

    /// `sum = left + right` as the flags say, or `sum = left` where `keep` is one, or
    /// neutral flag and coordinates all zero where no flag is set.
    ///
    /// `chained` is one where `left` is the operand and zero where the row starts over, which is
    /// when [`Case::TakeRight`] may ignore it. Each case has its own condition, so that no
    /// witness but the true one passes: Add and Cancel need two points, taking one operand needs
    /// the other to be neutral. Degree 3.
    pub(crate) fn assert_sum<AB: AirBuilder<Var = V>>(
        &self,
        builder: &mut AB,
        chained: &AB::Expr,
        keep: &AB::Expr,
        left: &ElementExpr<AB::Expr>,
        right: &ElementExpr<AB::Expr>,
        sum: &ElementExpr<AB::Expr>,
    ) {
        let [by_slope, cancel, take_left, take_right]: [AB::Expr; CASES] =
            self.cases.map(Into::into);
        let slope: Five<AB::Expr> = self.slope.map(Into::into);
        let two_points = by_slope.clone() + cancel.clone();
        builder.assert_zero(two_points.clone() * left.neutral.clone());
        builder.assert_zero(two_points * right.neutral.clone());
        builder.assert_zero(take_left.clone() * (AB::Expr::ONE - right.neutral.clone()));
        builder.assert_zero(
            chained.clone() * take_right.clone() * (AB::Expr::ONE - left.neutral.clone()),
        );
        let take_left = take_left + keep.clone();
        builder.assert_eq(
            sum.neutral.clone(),
            cancel.clone()
                + take_left.clone() * left.neutral.clone()
                + take_right.clone() * right.neutral.clone(),
        );
        assert_slope(builder, &by_slope, &slope, &left.point, &right.point);
        let third = sum_on_line(&slope, &left.point, &right.point, &sum.point.x);
        let choose = |a: &Five<AB::Expr>, b: &Five<AB::Expr>, c: &Five<AB::Expr>| {
            add(&add(&scale(&take_left, a), &scale(&take_right, b)), &scale(&by_slope, c))
        };
        let x = choose(&left.point.x, &right.point.x, &third.x);
        let y = choose(&left.point.y, &right.point.y, &third.y);
        builder.assert_zeros(sub(&sum.point.x, &x));
        builder.assert_zeros(sub(&sum.point.y, &y));
        assert_opposite(builder, &cancel, &left.point, &right.point);
    }
}

/// If `on` is one, the points are opposite.
pub(crate) fn assert_opposite<AB: AirBuilder>(
    builder: &mut AB,
    on: &AB::Expr,
    a: &PointExpr<AB::Expr>,
    b: &PointExpr<AB::Expr>,
) {
    builder.assert_zeros(scale(on, &sub(&a.x, &b.x)));
    builder.assert_zeros(scale(on, &add(&a.y, &b.y)));
}

/// A sum and how it was formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum {
    pub(crate) element: Element,
    pub(crate) slope: Fp5,
    pub(crate) case: Case,
}

/// All `pairs.0 + pairs.1`, with one inversion.
pub(crate) fn add_all(pairs: &[(Element, Element)]) -> Vec<Sum> {
    let points: Vec<_> =
        pairs.iter().filter_map(|(left, right)| Some(((*left)?, (*right)?))).collect();
    let mut sums = AffinePoint::add_all(&points).into_iter();
    let taken = |element: &Element, case| Sum { element: *element, slope: Fp5::ZERO, case };
    pairs
        .iter()
        .map(|(left, right)| match (left, right) {
            (_, None) => taken(left, Case::TakeLeft),
            (None, _) => taken(right, Case::TakeRight),
            (Some(_), Some(_)) => match sums.next() {
                Some(AffineSum::Add { sum, slope }) => {
                    Sum { element: Some(sum), slope, case: Case::Add }
                }
                Some(AffineSum::Cancel) | None => taken(&None, Case::Cancel),
            },
        })
        .collect()
}

/// Loading `element` where there is no left operand.
pub(crate) fn load(element: Element) -> Sum {
    Sum { element, slope: Fp5::ZERO, case: Case::TakeRight }
}

/// Writes the coefficients of an element of GF(p⁵).
pub(crate) fn write_fp5(row: &mut [Felt], columns: &Range<usize>, value: &Fp5) {
    row[columns.clone()].copy_from_slice(value.as_basis_coefficients_slice());
}

/// Writes a point's coordinates.
pub(crate) fn write_point(
    row: &mut [Felt],
    x: &Range<usize>,
    y: &Range<usize>,
    point: &AffinePoint,
) {
    write_fp5(row, x, &point.x());
    write_fp5(row, y, &point.y());
}
