//! Constraints that hold on some rows only.
//!
//! p3's filtered builder multiplies by the same selectors. This one passes its caller on, so that a
//! builder that records constraints learns the line that makes each of them.

use p3_air::AirBuilder;
use p3_field::PrimeCharacteristicRing;

/// Gates by the place of a row.
pub(crate) trait OnRows: AirBuilder {
    /// Constraints of the first row.
    fn on_first_row(&mut self) -> Gated<'_, Self> {
        Gated { condition: self.is_first_row(), builder: self }
    }

    /// Constraints of the last row.
    fn on_last_row(&mut self) -> Gated<'_, Self> {
        Gated { condition: self.is_last_row(), builder: self }
    }

    /// Constraints of every row but the last.
    fn on_transition(&mut self) -> Gated<'_, Self> {
        Gated { condition: self.is_transition(), builder: self }
    }
}

impl<AB: AirBuilder> OnRows for AB {}

/// A builder whose constraints hold where a selector is not zero.
pub(crate) struct Gated<'a, AB: AirBuilder> {
    builder: &'a mut AB,
    condition: AB::Expr,
}

impl<AB: AirBuilder> Gated<'_, AB> {
    /// `x` is zero.
    #[track_caller]
    pub(crate) fn assert_zero(&mut self, x: impl Into<AB::Expr>) {
        self.builder.assert_zero(self.condition.clone() * x.into());
    }

    /// `x` is one.
    #[track_caller]
    pub(crate) fn assert_one(&mut self, x: impl Into<AB::Expr>) {
        self.assert_zero(x.into() - AB::Expr::ONE);
    }

    /// `x` and `y` are equal.
    #[track_caller]
    pub(crate) fn assert_eq(&mut self, x: impl Into<AB::Expr>, y: impl Into<AB::Expr>) {
        self.assert_zero(x.into() - y.into());
    }
}
