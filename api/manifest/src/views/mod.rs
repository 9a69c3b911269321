//! Views: a manifest in the licence languages of others. Each says less than the manifest, and points to it.

mod content_usage;
mod odrl;
mod pil;
mod rsl;
mod xml;

use crate::manifest::Manifest;

/// A licence language of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Really Simple Licensing 1.0, in XML.
    Rsl,
    /// An ODRL 2.2 offer, in JSON-LD.
    Odrl,
    /// Lines of a response's head or of robots.txt: `Content-Usage` of the IETF's AIPREF drafts, and
    /// `Content-Signal`.
    ContentUsage,
    /// Terms of the Programmable IP License, in JSON.
    Pil,
}

impl View {
    /// Every view.
    pub const ALL: &'static [Self] = &[Self::Rsl, Self::Odrl, Self::ContentUsage, Self::Pil];

    /// The name in paths and commands.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsl => "rsl",
            Self::Odrl => "odrl",
            Self::ContentUsage => "content-usage",
            Self::Pil => "pil",
        }
    }

    /// The view of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|view| view.name() == name)
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Rsl => "application/rsl+xml",
            Self::Odrl => "application/ld+json",
            Self::ContentUsage => "text/plain; charset=utf-8",
            Self::Pil => "application/json",
        }
    }

    /// Renders a manifest. The text ends with a line feed.
    pub fn render(self, manifest: &Manifest) -> String {
        match self {
            Self::Rsl => rsl::render(manifest.document()),
            Self::Odrl => lines(&odrl::render(manifest)),
            Self::ContentUsage => content_usage::render(manifest.document()),
            Self::Pil => lines(&pil::render(manifest)),
        }
    }
}

/// A URI of the manifest: its hash by RFC 6920.
fn uri(manifest: &Manifest) -> String {
    format!("nih:sha-256;{}", manifest.hash())
}

fn lines(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
