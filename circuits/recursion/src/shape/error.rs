//! Why no circuit verifies proofs of some shape.

use p3_lookup::LookupError;
use thiserror::Error;

/// Systems that a verifier would refuse for every proof, or that these circuits do not support.
#[derive(Debug, Error)]
pub enum ShapeError {
    /// Tables, heights, lookups and preprocessed metadata are not equally many.
    #[error("{tables} tables, but {got} {what}")]
    Count {
        /// Name of the count.
        what: &'static str,
        /// Number of tables.
        tables: usize,
        /// Their number.
        got: usize,
    },
    /// There is nothing to verify.
    #[error("no tables")]
    Empty,
    /// The proof system's parameters give no soundness, or an arity without a gate.
    #[error("{what} cannot be {got}")]
    Parameter {
        /// Its name.
        what: &'static str,
        /// Its value.
        got: usize,
    },
    /// The table needs what p3's batch proofs or these circuits do not have.
    #[error("table {table} has {what}")]
    Unsupported {
        /// Its index.
        table: usize,
        /// Feature that it has.
        what: &'static str,
    },
    /// The preprocessed commitment is of another table.
    #[error("the preprocessed columns of table {table} are not those committed to")]
    Preprocessed {
        /// Its index.
        table: usize,
    },
    /// Messages of one bus have different lengths, so that one could pass for another.
    #[error("messages of a bus of table {table} have {got} and {expected} elements")]
    Message {
        /// Its index.
        table: usize,
        /// Elements of the bus's first message.
        expected: usize,
        /// Elements of this one.
        got: usize,
    },
    /// Multiplicities of lookups could wrap around the field.
    #[error("lookup counts are not bounded")]
    Multiplicity(#[source] LookupError),
    /// The table is too short to be folded, or to be bound by a Merkle cap: p3 leaves tables
    /// below the cap unhashed.
    #[error("table {table} has 2^{got} rows, at least 2^{expected} are needed")]
    Short {
        /// Its index.
        table: usize,
        /// log₂ of the least rows.
        expected: usize,
        /// log₂ of its rows.
        got: usize,
    },
    /// The tallest table exceeds the field's two-adicity.
    #[error("the tallest codeword has 2^{got} rows, at most 2^{most} are possible")]
    Tall {
        /// log₂ of the most rows.
        most: usize,
        /// log₂ of its rows.
        got: usize,
    },
}
