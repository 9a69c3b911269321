//! Two rows of the intents table with the statement, as its constraints read them.

use p3_field::PrimeCharacteristicRing;

use super::columns::IntentColumns;
use crate::gadgets::columns::Row;

/// Two rows, the statement, and what they say.
pub(super) struct Intents<'a, E> {
    pub(super) columns: &'a IntentColumns,
    pub(super) row: Row<E>,
    pub(super) next: Row<E>,
    pub(super) public: Vec<E>,
}

impl<E: PrimeCharacteristicRing> Intents<'_, E> {
    /// One for an intent, zero for padding.
    pub(super) fn active(&self, row: &Row<E>) -> E {
        self.columns.kinds().map(|(_, column)| row.at(column)).into_iter().sum()
    }
}
