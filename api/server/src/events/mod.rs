//! Events for clients: a [`stream`] over a connection that stays open, from a [`position`] on.

mod position;
mod stream;

pub(crate) use position::{parse_position, position_text};
pub(crate) use stream::open_stream;
