//! Two rows of the intents table with the statement, as its constraints read them.

use crate::schedule::Schedule;

use super::columns::IntentCells;

/// Two rows, the statement, and the cuts of scalars.
pub(super) struct Intents<'a, V, E> {
    pub(super) schedule: &'a Schedule,
    pub(super) row: IntentCells<V>,
    pub(super) next: IntentCells<V>,
    pub(super) public: Vec<E>,
}
