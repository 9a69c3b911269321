//! Building blocks of the tables: columns and rows, range-checked numbers, gated constraints, field
//! and group arithmetic.

pub(crate) mod boundary;
pub(crate) mod columns;
pub(crate) mod decomposition;
pub(crate) mod fp5;
pub(crate) mod gate;
pub(crate) mod group_law;
pub(crate) mod layout;
pub(crate) mod sbox;
