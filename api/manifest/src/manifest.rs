//! A manifest: a document that follows the schema, and its canonical bytes.

use std::fmt;

use crate::canonical::canonical;
use crate::document::Document;
use crate::error::ManifestError;
use crate::json::Json;
use crate::schema::read_document;
use crate::sha256::Sha256;
use crate::writer::document_json;

/// The bytes of a document, as it is written and in canonical form: enough for the longest lists of a
/// model's data, and little to store.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// A document that follows the schema. Nothing in it is known to be true: it is what the person who made
/// it says.
#[derive(Clone, PartialEq, Eq)]
pub struct Manifest {
    document: Document,
    canonical: String,
}

impl Manifest {
    /// Checks untrusted bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if they are too large, are not JSON as manifests use it, or do not follow the
    /// schema.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        limit(bytes.len())?;
        Self::read(&serde_json::from_slice(bytes).map_err(ManifestError::Json)?)
    }

    /// Checks a document.
    ///
    /// # Errors
    ///
    /// Returns an error if it does not follow the schema.
    pub fn new(document: &Document) -> Result<Self, ManifestError> {
        Self::read(&document_json(document))
    }

    fn read(json: &Json) -> Result<Self, ManifestError> {
        let canonical = canonical(json);
        limit(canonical.len())?;
        Ok(Self { document: read_document(json)?, canonical })
    }

    /// The content.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// The canonical form by RFC 8785; its bytes are UTF-8.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The SHA-256 of the canonical bytes: the license's provenance.
    pub fn hash(&self) -> Sha256 {
        Sha256::of(self.canonical.as_bytes())
    }
}

impl fmt::Debug for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Manifest").field(&self.hash()).field(&self.document).finish()
    }
}

fn limit(got: usize) -> Result<(), ManifestError> {
    match got <= MANIFEST_BYTES_MAX {
        true => Ok(()),
        false => Err(ManifestError::TooLarge { got, most: MANIFEST_BYTES_MAX }),
    }
}
