//! The document of a manifest: a work, the model that it is, and the terms of its license.

use crate::cid::{Cid, Codec};
use crate::sha256::Sha256;
use crate::terms::{
    Attribution, Derivatives, LegalBasis, LegalTerms, Network, Price, Term, Usage, User, names,
};

/// The content of a manifest. [`Manifest::new`](crate::Manifest::new) checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The work.
    pub work: Work,
    /// Facts of the model, if the work is one.
    pub model: Option<Model>,
    /// Uses that the license permits: at least one.
    pub permits: Vec<Usage>,
    /// Uses that it prohibits.
    pub prohibits: Vec<Usage>,
    /// ISO 3166-1 countries in which it may be used; empty: everywhere.
    pub geo: Vec<String>,
    /// Kinds of users that may use it; empty: all.
    pub users: Vec<User>,
    /// The credit that a use must give.
    pub attribution: Option<Attribution>,
    /// The price of a use.
    pub price: Price,
    /// Terms of derivatives.
    pub derivatives: Derivatives,
    /// The time for which the license is granted.
    pub term: Option<Term>,
    /// The law behind the license.
    pub legal: Option<LegalTerms>,
    /// The rollup that has the license.
    pub network: Option<Network>,
}

impl Document {
    /// Returns true or false if the license permits or prohibits a use, by this name or a wider one, and
    /// `None` if it says neither.
    pub fn allows(&self, usage: Usage) -> Option<bool> {
        let names = |list: &[Usage]| list.iter().any(|named| named.includes(usage));
        match (names(&self.prohibits), names(&self.permits)) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            (false, false) => None,
        }
    }
}

names! {
    /// The kind of a work.
    WorkKind {
        /// A model.
        Model = "model",
        /// An adapter of a model, such as a LoRA.
        Adapter = "adapter",
        /// A data set.
        Dataset = "dataset",
        /// A picture or another work of art.
        Artwork = "artwork",
        /// A voice.
        Voice = "voice",
        /// Music or another recording.
        Audio = "audio",
        /// A film or another moving picture.
        Video = "video",
        /// A text.
        Text = "text",
        /// Source code.
        Code = "code",
    }
}

/// The work that a license is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The kind of the work.
    pub kind: WorkKind,
    /// The title.
    pub title: String,
    /// The URL of the work, or of a page about it.
    pub url: String,
    /// The people and organizations that made it: at least one.
    pub creators: Vec<Creator>,
    /// The files of the work.
    pub content: Vec<Content>,
    /// The C2PA manifest store of the work.
    pub c2pa: Option<C2pa>,
    /// Numbers that registers gave to the work.
    pub identifiers: Vec<Identifier>,
}

/// A person or an organization that made a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creator {
    /// The name.
    pub name: String,
    /// A DID, or a URL such as that of an ORCID or an ISNI.
    pub id: Option<String>,
}

/// A file or folder of a work, by hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The content identifier.
    pub cid: Option<Cid>,
    /// The SHA-256 of the file. A manifest has the CID, the hash, or both.
    pub sha256: Option<Sha256>,
    /// The media type.
    pub media_type: Option<String>,
    /// The bytes of the file.
    pub bytes: Option<u64>,
}

impl Content {
    /// Returns true if this is a file with the SHA-256 `hash`.
    pub fn is(&self, hash: Sha256) -> bool {
        let raw = self.cid.filter(|cid| cid.codec() == Codec::Raw).map(Cid::hash);
        self.sha256.or(raw) == Some(hash)
    }
}

/// The commitment to a C2PA manifest store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct C2pa {
    /// The SHA-256 of the store's bytes.
    pub store_sha256: Sha256,
    /// The URL of the store.
    pub url: Option<String>,
}

names! {
    /// A register of works.
    IdentifierScheme {
        /// Digital object identifiers.
        Doi = "doi",
        /// Books.
        Isbn = "isbn",
        /// Recordings.
        Isrc = "isrc",
        /// Musical works.
        Iswc = "iswc",
    }
}

/// A number that a register gave to a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The register.
    pub scheme: IdentifierScheme,
    /// The number.
    pub value: String,
}

/// Facts of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The version of the model.
    pub version: String,
    /// Licenses of this rollup that the model derives from.
    pub base: Vec<u32>,
    /// The URL of the model card.
    pub card: Option<String>,
    /// The data on which it was trained.
    pub training_data: Vec<TrainingData>,
}

/// Data on which a model was trained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingData {
    /// The license of this rollup under which they are.
    pub license: Option<u32>,
    /// The title of the data. An entry has the license, the title, or both.
    pub title: Option<String>,
    /// The URL of a summary of the data.
    pub summary: Option<String>,
    /// The SHA-256 of the data.
    pub sha256: Option<Sha256>,
    /// The ground on which they were used.
    pub legal_basis: LegalBasis,
}
