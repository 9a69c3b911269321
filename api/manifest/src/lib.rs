//! Provenance manifests: one JSON document says of which work a license is, made by whom from which data,
//! and under which terms it may be used. The SHA-256 of its canonical bytes is the license's provenance.
//!
//! [`Manifest::parse`] reads untrusted bytes. It refuses all that the schema does not name, and every
//! second way to say the same: members given twice, null, empty lists, numbers with a fraction. So a
//! document that this crate accepts has the same canonical bytes (RFC 8785) in every implementation of
//! that RFC. [`View`] renders a manifest in the licence languages of others.
//!
//! The crate does no I/O and depends on nothing of the node.

mod c2pa;
mod canonical;
mod cid;
mod document;
mod error;
mod json;
mod manifest;
mod reader;
mod schema;
mod sha256;
mod syntax;
mod terms;
mod views;
mod writer;

pub use c2pa::{C2paError, c2pa_store_hash};
pub use cid::{Cid, Codec};
pub use document::{
    C2pa, Content, Creator, Document, Identifier, IdentifierScheme, Model, TrainingData, Work,
    WorkKind,
};
pub use error::{FieldProblem, ManifestError};
pub use manifest::{MANIFEST_BYTES_MAX, Manifest};
pub use sha256::Sha256;
pub use syntax::Date;
pub use terms::{
    Approval, Attribution, Derivatives, LegalBasis, LegalTerms, Network, Price, Term, Unit, Usage,
    User,
};
pub use views::View;
