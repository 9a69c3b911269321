//! One complete addition: constraints and witness.

use core::ops::Range;

use p3_air::AirBuilder;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};

use farthing_protocol::{AffinePoint, AffineSum, FP5_ELEMENTS, Felt, Fp5};

use crate::gadgets::columns::{ColumnCounter, Row};
use crate::gadgets::fp5::{Five, PointExpr, add, assert_slope, scale, sub, sum_on_line};

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

impl ElementColumns {
    pub(crate) fn new(columns: &mut ColumnCounter) -> Self {
        Self {
            neutral: columns.one(),
            x: columns.many(FP5_ELEMENTS),
            y: columns.many(FP5_ELEMENTS),
        }
    }

    /// The element in a row.
    pub(crate) fn of<E: Clone>(&self, row: &Row<E>) -> ElementExpr<E> {
        ElementExpr {
            neutral: row.at(self.neutral),
            point: PointExpr { x: row.array(&self.x), y: row.array(&self.y) },
        }
    }

    /// Writes an element into a row.
    pub(crate) fn write(&self, row: &mut [Felt], element: &Element) {
        row[self.neutral] = Felt::from_bool(element.is_none());
        if let Some(point) = element {
            write_point(row, &self.x, &self.y, point);
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

impl AdditionColumns {
    pub(crate) fn new(columns: &mut ColumnCounter) -> Self {
        Self { slope: columns.many(FP5_ELEMENTS), cases: columns.many(CASES) }
    }

    /// Writes how a sum was formed.
    pub(crate) fn write(&self, row: &mut [Felt], sum: &Sum) {
        write_fp5(row, &self.slope, &sum.slope);
        row[self.cases.start + sum.case as usize] = Felt::ONE;
    }

    /// The flags are booleans whose sum is `active`; where `load` is one the right operand is
    /// taken.
    pub(crate) fn assert_cases<AB: AirBuilder>(
        &self,
        builder: &mut AB,
        row: &Row<AB::Expr>,
        active: AB::Expr,
        load: AB::Expr,
    ) {
        let cases: [AB::Expr; CASES] = row.array(&self.cases);
        builder.assert_bools(cases.clone());
        builder.assert_zero(load * (AB::Expr::ONE - cases[Case::TakeRight as usize].clone()));
        builder.assert_eq(cases.into_iter().sum::<AB::Expr>(), active);
    }

    /// `sum = left + right` as the flags in `row` say, or `sum = left` where `keep` is one, or
    /// neutral flag and coordinates all zero where no flag is set.
    ///
    /// `chained` is one where `left` is the operand and zero where the row starts over, which is
    /// when [`Case::TakeRight`] may ignore it. Each case has its own condition, so that no
    /// witness but the true one passes: Add and Cancel need two points, taking one operand needs
    /// the other to be neutral. Degree 3.
    #[expect(clippy::too_many_arguments, reason = "an addition has three operands and three gates")]
    pub(crate) fn assert_sum<AB: AirBuilder>(
        &self,
        builder: &mut AB,
        row: &Row<AB::Expr>,
        chained: &AB::Expr,
        keep: &AB::Expr,
        left: &ElementExpr<AB::Expr>,
        right: &ElementExpr<AB::Expr>,
        sum: &ElementExpr<AB::Expr>,
    ) {
        let [by_slope, cancel, take_left, take_right] = row.array(&self.cases);
        let slope: Five<AB::Expr> = row.array(&self.slope);
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
