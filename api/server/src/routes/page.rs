//! Pages of lists: `cursor` and `limit`.

use farthing_api_types::ProblemCode;
use farthing_api_types::dto::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX, Page};

use crate::cursor::{Cursor, List};
use crate::http::{ApiError, Query};

/// A page that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageQuery {
    list: List,
    subject: u32,
    /// The number at which it begins.
    pub(super) number: u64,
    /// The index within `number` at which it begins.
    pub(super) index: u32,
    /// The most items that it has.
    pub(super) limit: usize,
}

impl PageQuery {
    /// Takes `cursor` and `limit` from the query. `first` is where the list begins.
    pub(super) fn take(
        query: &mut Query,
        list: List,
        subject: u32,
        first: u64,
    ) -> Result<Self, ApiError> {
        let limit: u32 = query.take("limit")?.unwrap_or(PAGE_ITEMS_DEFAULT);
        if !(1..=PAGE_ITEMS_MAX).contains(&limit) {
            let detail = format_args!("limit: expected 1 to {PAGE_ITEMS_MAX}");
            return Err(ApiError::because(ProblemCode::InvalidQuery, detail));
        }
        let refused = |_| ApiError::new(ProblemCode::InvalidCursor);
        let cursor: Option<String> = query.take("cursor")?;
        let (number, index) = match cursor {
            None => (first, 0),
            Some(text) => {
                let cursor: Cursor = text.parse().map_err(refused)?;
                let cursor = cursor.for_list(list, subject).map_err(refused)?;
                (cursor.number, cursor.index)
            }
        };
        Ok(Self { list, subject, number, index, limit: limit as usize })
    }

    /// One more than fits: whether there is a next page.
    pub(super) const fn ask_for(&self) -> usize {
        self.limit + 1
    }

    /// The page of what was found, and the cursor of the first item that did not fit.
    pub(super) fn page<V, T>(
        &self,
        mut found: Vec<V>,
        position: impl Fn(&V) -> (u64, u32),
        body: impl Fn(&V) -> T,
    ) -> Page<T> {
        let next = found.get(self.limit).map(&position);
        found.truncate(self.limit);
        Page {
            items: found.iter().map(body).collect(),
            next_cursor: next.map(|(number, index)| {
                Cursor::new(self.list, self.subject, number, index).to_string()
            }),
        }
    }

    /// The cursor of a page that begins at `number`.
    pub(super) fn cursor(&self, number: u64) -> String {
        Cursor::new(self.list, self.subject, number, 0).to_string()
    }

    /// A number out of the cursor; a cursor that was not made here may hold any.
    pub(super) fn start<T: TryFrom<u64>>(&self) -> Result<T, ApiError> {
        T::try_from(self.number).map_err(|_| ApiError::new(ProblemCode::InvalidCursor))
    }
}
