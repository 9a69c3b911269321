//! Events told to clients: [`stream`] over a connection that stays open, from a [`place`] on.

mod place;
mod stream;

pub(crate) use place::{parse_place, place_text};
pub(crate) use stream::open_stream;
