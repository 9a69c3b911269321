//! Reasons to refuse bytes as a manifest.

use thiserror::Error;

/// Reason to refuse bytes as a manifest.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The document is larger than the limit.
    #[error("the manifest has {got} bytes, at most {most} are allowed")]
    TooLarge {
        /// Bytes of the document.
        got: usize,
        /// The limit.
        most: usize,
    },
    /// The document is not JSON of the kind that manifests use.
    #[error("not the JSON of a manifest: {0}")]
    Json(#[source] serde_json::Error),
    /// A member does not match the schema.
    #[error("{path}: {problem}")]
    Field {
        /// The member, such as `work.content[2].sha256`.
        path: String,
        /// The rule that it breaks.
        problem: FieldProblem,
    },
}

/// Rule that a member breaks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FieldProblem {
    /// The member is missing.
    #[error("is missing")]
    Missing,
    /// The schema has no such member.
    #[error("is not a member of the schema")]
    Unknown,
    /// The value has another type.
    #[error("expected {expected}")]
    Type {
        /// The type.
        expected: &'static str,
    },
    /// The text does not follow its syntax.
    #[error("expected {expected}")]
    Syntax {
        /// The syntax, in words.
        expected: &'static str,
    },
    /// The text is not one of the names.
    #[error("expected one of {names}")]
    Name {
        /// The names.
        names: String,
    },
    /// The text is longer than the limit.
    #[error("has {got} bytes, at most {most} are allowed")]
    Long {
        /// Bytes of the text.
        got: usize,
        /// The limit.
        most: usize,
    },
    /// The text has a character that is not printed, or that changes the direction of others.
    #[error("has the character U+{character:04X}, which is not allowed")]
    Character {
        /// The code point.
        character: u32,
    },
    /// The text begins or ends with white space, or is empty.
    #[error("is empty, or has white space at an end")]
    Blank,
    /// The number is out of range.
    #[error("is {got}, expected {least} to {most}")]
    Range {
        /// The number.
        got: u64,
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// The list has too few or too many items. Empty lists are left out.
    #[error("has {got} items, expected {least} to {most}")]
    Count {
        /// Items of the list.
        got: usize,
        /// The least.
        least: usize,
        /// The most.
        most: usize,
    },
    /// The list names an item twice.
    #[error("repeats an item of its list")]
    Repeated,
    /// The member contradicts another one.
    #[error("contradicts {other}")]
    Contradicts {
        /// The other member.
        other: &'static str,
    },
    /// The object needs at least one of its members.
    #[error("expected at least one of {names}")]
    NoMember {
        /// Members, one of which is needed.
        names: &'static str,
    },
}
