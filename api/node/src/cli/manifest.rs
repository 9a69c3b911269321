//! Arguments of `farthing manifest`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser as _, ValueParser};
use clap::{Args, Subcommand};
use farthing_client::dto::{WireAddress, WireBytes32};
use farthing_manifest::{
    Approval, Cid, Creator, Date, LegalBasis, TrainingData, Unit, Usage, User, View, WorkKind,
};

use super::help::{
    MANIFEST_CHECK_HELP, MANIFEST_EXPORT_HELP, MANIFEST_GET_HELP, MANIFEST_HASH_HELP,
    MANIFEST_NEW_HELP, MANIFEST_PUBLISH_HELP,
};
use super::{address, path_value};
use crate::tokens::Tokens;

/// Commands of `farthing manifest`. The first four need no node.
#[derive(Debug, Subcommand)]
pub(crate) enum ManifestCommand {
    /// Writes a manifest.
    #[command(after_help = MANIFEST_NEW_HELP)]
    New(Box<NewManifestArgs>),
    /// Checks a manifest, and files against it.
    #[command(after_help = MANIFEST_CHECK_HELP)]
    Check(CheckManifestArgs),
    /// Shows the hash of a manifest: the provenance of its license.
    #[command(after_help = MANIFEST_HASH_HELP)]
    Hash(ManifestFile),
    /// Writes a manifest in another licence language, or its canonical bytes.
    #[command(after_help = MANIFEST_EXPORT_HELP)]
    Export(ExportManifestArgs),
    /// Gives a manifest to a node, which serves it under its hash.
    #[command(after_help = MANIFEST_PUBLISH_HELP)]
    Publish(ManifestFile),
    /// Fetches a manifest from a node, and checks that it has the hash.
    #[command(after_help = MANIFEST_GET_HELP)]
    Get(GetManifestArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ManifestFile {
    /// The manifest.
    #[arg(value_parser = path_value())]
    pub(crate) manifest: PathBuf,
}

/// Arguments of `farthing manifest new`.
#[derive(Debug, Args)]
pub(crate) struct NewManifestArgs {
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) terms: TermsArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: PathBuf,
}

/// The work.
#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// The kind of the work.
    #[arg(long, value_parser = named(WorkKind::ALL, WorkKind::name, WorkKind::of))]
    pub(crate) kind: WorkKind,
    /// The title.
    #[arg(long)]
    pub(crate) title: String,
    /// The URL of the work, or of a page about it: https, ipfs or ar.
    #[arg(long)]
    pub(crate) url: String,
    /// A person or organization that made it: NAME, or "NAME <ID>" with a DID or an https URL;
    /// repeatable.
    #[arg(long = "creator", value_name = "NAME", required = true, value_parser = creator)]
    pub(crate) creators: Vec<Creator>,
    /// A file of the work, whose SHA-256 the manifest has; repeatable.
    #[arg(long = "content", value_name = "FILE", value_parser = path_value())]
    pub(crate) content: Vec<PathBuf>,
    /// The CID of a file or folder of the work, of version 1; repeatable.
    #[arg(long = "cid", value_name = "CID", value_parser = cid)]
    pub(crate) cids: Vec<Cid>,
    /// The C2PA manifest store of the work, such as a .c2pa file: the manifest commits to its SHA-256.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) c2pa: Option<PathBuf>,
}

/// Facts of a model.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    /// The version of the model, if the work is one.
    #[arg(long, value_name = "VERSION")]
    pub(crate) model_version: Option<String>,
    /// A license that the model derives from; repeatable.
    #[arg(long, value_name = "LICENSE", requires = "model_version")]
    pub(crate) base: Vec<u32>,
    /// The URL of the model card.
    #[arg(long, value_name = "URL", requires = "model_version")]
    pub(crate) card: Option<String>,
    /// Data on which it was trained: TITLE=BASIS, or LICENSE=BASIS with the number of a license; BASIS is
    /// licensed, public-domain, opt-out-respected or own; repeatable.
    #[arg(long = "data", value_name = "DATA=BASIS", requires = "model_version", value_parser = training_data)]
    pub(crate) training_data: Vec<TrainingData>,
}

/// The terms of the license.
#[derive(Debug, Args)]
pub(crate) struct TermsArgs {
    /// A use that is permitted; repeatable.
    #[arg(long = "permit", required = true, value_parser = named(Usage::ALL, Usage::name, Usage::of))]
    pub(crate) permits: Vec<Usage>,
    /// A use that is prohibited; repeatable.
    #[arg(long = "prohibit", value_parser = named(Usage::ALL, Usage::name, Usage::of))]
    pub(crate) prohibits: Vec<Usage>,
    /// A country of use, by ISO 3166-1; repeatable [default: all].
    #[arg(long, value_name = "COUNTRY")]
    pub(crate) geo: Vec<String>,
    /// A kind of user; repeatable [default: all].
    #[arg(long = "user", value_parser = named(User::ALL, User::name, User::of))]
    pub(crate) users: Vec<User>,
    /// The credit that a use must give.
    #[arg(long, value_name = "TEXT")]
    pub(crate) attribution: Option<String>,
    /// The unit of which a use is counted.
    #[arg(long, value_parser = named(Unit::ALL, Unit::name, Unit::of))]
    pub(crate) unit: Unit,
    /// The price of a use, in tokens. Payments are at the ledger's price, which may change.
    #[arg(long, value_name = "TOKENS")]
    pub(crate) price: Option<Tokens>,
    /// The token, as CAIP-19 names it: eip155:CHAIN/erc20:0x…
    #[arg(long)]
    pub(crate) asset: Option<String>,
    /// The ISO 4217 currency of which a token stands for one unit.
    #[arg(long)]
    pub(crate) currency: Option<String>,
    /// Forbids derivatives.
    #[arg(long, conflicts_with_all = ["derivative_shares", "reciprocal", "approval"])]
    pub(crate) no_derivatives: bool,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[arg(long, default_value_t = 0, value_name = "SHARES")]
    pub(crate) derivative_shares: u32,
    /// Derivatives must be under the same terms.
    #[arg(long)]
    pub(crate) reciprocal: bool,
    /// The consent that a derivative needs.
    #[arg(long, default_value = "none", value_parser = named(Approval::ALL, Approval::name, Approval::of))]
    pub(crate) approval: Approval,
    /// The first day of the license.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) from: Option<Date>,
    /// The last day of the license.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) until: Option<Date>,
    /// The licensor cannot revoke the license.
    #[arg(long)]
    pub(crate) irrevocable: bool,
    /// The days between a revocation and its effect.
    #[arg(long, value_name = "DAYS", conflicts_with = "irrevocable")]
    pub(crate) notice_days: Option<u32>,
    /// The law that applies.
    #[arg(long, value_name = "LAW")]
    pub(crate) jurisdiction: Option<String>,
    /// The URL of the full terms.
    #[arg(long, value_name = "URL")]
    pub(crate) terms_url: Option<String>,
    /// The full terms, whose SHA-256 the manifest has.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) terms: Option<PathBuf>,
    /// The contact for questions of law.
    #[arg(long)]
    pub(crate) contact: Option<String>,
}

/// The rollup of the license.
#[derive(Debug, Args)]
pub(crate) struct NetworkArgs {
    /// L1's chain id.
    #[arg(long, value_name = "NUMBER", requires = "contract")]
    pub(crate) chain_id: Option<u64>,
    /// The rollup contract.
    #[arg(long, value_name = "ADDRESS", requires = "chain_id", value_parser = address)]
    pub(crate) contract: Option<WireAddress>,
    /// The license, if it is registered already.
    #[arg(long, value_name = "NUMBER", requires = "contract")]
    pub(crate) license: Option<u32>,
}

/// Arguments of `farthing manifest check`.
#[derive(Debug, Args)]
pub(crate) struct CheckManifestArgs {
    #[command(flatten)]
    pub(crate) file: ManifestFile,
    /// The provenance of a license, which must be the hash of the manifest.
    #[arg(long, value_name = "BYTES")]
    pub(crate) provenance: Option<WireBytes32>,
    /// A file that must be one of the work's; repeatable.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) content: Vec<PathBuf>,
    /// The C2PA manifest store to which the manifest must commit.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) c2pa: Option<PathBuf>,
    /// The full terms, whose SHA-256 the manifest must have.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) terms: Option<PathBuf>,
}

/// Arguments of `farthing manifest export`.
#[derive(Debug, Args)]
pub(crate) struct ExportManifestArgs {
    #[command(flatten)]
    pub(crate) file: ManifestFile,
    /// The form.
    #[arg(long = "as", value_name = "FORM", value_parser = form())]
    pub(crate) form: Form,
    /// The file to write; an existing file is replaced [default: standard output].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: Option<PathBuf>,
}

/// Arguments of `farthing manifest get`.
#[derive(Debug, Args)]
pub(crate) struct GetManifestArgs {
    /// The hash: the provenance of a license.
    pub(crate) hash: WireBytes32,
    /// The file to write; it must not exist [default: standard output].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: Option<PathBuf>,
}

/// A form of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The bytes whose SHA-256 is the hash.
    Canonical,
    View(View),
}

/// The name of the canonical form.
const CANONICAL: &str = "canonical";

fn form() -> ValueParser {
    let names = View::ALL.iter().map(|view| view.name()).chain([CANONICAL]);
    // Other names are refused before.
    let form = |name: String| View::of(&name).map_or(Form::Canonical, Form::View);
    ValueParser::new(PossibleValuesParser::new(names).map(form))
}

/// A value with a name.
fn named<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    of: fn(&str) -> Option<T>,
) -> ValueParser {
    let names = PossibleValuesParser::new(all.iter().copied().map(name));
    let value = move |name: String| of(&name).ok_or("not one of the names");
    ValueParser::new(names.try_map(value))
}

/// `NAME`, or `NAME <ID>`.
fn creator(text: &str) -> Result<Creator, &'static str> {
    let named = text.strip_suffix('>').and_then(|text| text.split_once(" <"));
    let (name, id) = named.map_or((text, None), |(name, id)| (name, Some(id.to_owned())));
    Ok(Creator { name: name.to_owned(), id })
}

fn cid(text: &str) -> Result<Cid, &'static str> {
    Cid::parse(text)
        .ok_or("expected a CID of version 1 in base32, of codec raw or dag-pb, with SHA-256")
}

fn date(text: &str) -> Result<Date, &'static str> {
    Date::parse(text).ok_or("expected a day: YYYY-MM-DD")
}

/// `TITLE=BASIS`, or `LICENSE=BASIS`.
fn training_data(text: &str) -> Result<TrainingData, String> {
    let names = || LegalBasis::ALL.iter().map(|basis| basis.name()).collect::<Vec<_>>().join(", ");
    let (data, basis) = text.rsplit_once('=').unwrap_or((text, ""));
    let legal_basis = LegalBasis::of(basis)
        .ok_or_else(|| format!("expected DATA=BASIS, and BASIS one of {}", names()))?;
    let license = data.parse().ok();
    let title = license.is_none().then(|| data.to_owned());
    Ok(TrainingData { license, title, summary: None, sha256: None, legal_basis })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_creator_may_have_an_id() {
        let parts = |text| creator(text).map(|creator| (creator.name, creator.id));
        assert_eq!(parts("Ada"), Ok(("Ada".to_owned(), None)));
        let id = Some("did:key:z1".to_owned());
        assert_eq!(parts("Ada Lovelace <did:key:z1>"), Ok(("Ada Lovelace".to_owned(), id)));
        assert_eq!(parts("<3"), Ok(("<3".to_owned(), None)));
    }

    #[test]
    fn data_have_a_license_or_a_title() {
        let data = training_data("3=licensed").expect("data");
        assert_eq!((data.license, data.title), (Some(3), None));
        let data = training_data("a=b=public-domain").expect("data");
        assert_eq!((data.license, data.title.as_deref()), (None, Some("a=b")));
        for text in ["", "3", "3=", "3=free"] {
            assert!(training_data(text).is_err(), "{text}");
        }
    }
}
