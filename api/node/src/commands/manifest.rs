//! `farthing manifest`: makes, checks, hashes and exports manifests without a node; publishes and fetches
//! them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use farthing_client::dto::WireBytes32;
use farthing_manifest::{
    Attribution, C2pa, Content, Derivatives, Document, LegalTerms, MANIFEST_BYTES_MAX, Manifest,
    Model, Network, Price, Sha256, Term, Work, c2pa_store_hash,
};
use farthing_protocol::Bytes32;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::context::Context;
use crate::cli::{
    CheckManifestArgs, ExportManifestArgs, Form, GetManifestArgs, ManifestCommand, ModelArgs,
    NetworkArgs, NewManifestArgs, TermsArgs, WorkArgs,
};
use crate::error::CliError;
use crate::output;

/// The bytes of a C2PA manifest store that are read at most: stores hold thumbnails, not media.
const STORE_BYTES_MAX: u64 = 64 << 20;
/// The bytes that are read at once of a file to be hashed.
const CHUNK_BYTES: usize = 64 * 1024;

pub(crate) async fn run(context: &Context, command: ManifestCommand) -> Result<(), CliError> {
    match command {
        ManifestCommand::New(args) => new(context, *args),
        ManifestCommand::Check(args) => check(context, &args),
        ManifestCommand::Hash(file) => {
            let hash = provenance(&read_manifest(&file.manifest)?);
            context.print(&json!({ "hash": hash }), |out| writeln!(out, "{hash}"))
        }
        ManifestCommand::Export(args) => export(&args),
        ManifestCommand::Publish(file) => publish(context, &file.manifest).await,
        ManifestCommand::Get(args) => get(context, args).await,
    }
}

/// Reads and checks the manifest in a file.
pub(super) fn read_manifest(path: &Path) -> Result<Manifest, CliError> {
    // One byte more, so that a file that is too large is refused as such.
    let bytes = read_at_most(path, MANIFEST_BYTES_MAX as u64 + 1)?;
    let failed = |source| CliError::ManifestFile { path: path.to_owned(), source };
    Manifest::parse(&bytes).map_err(failed)
}

/// The hash of a manifest as the ledger has it.
pub(super) fn provenance(manifest: &Manifest) -> WireBytes32 {
    Bytes32(manifest.hash().to_bytes()).into()
}

fn new(context: &Context, args: NewManifestArgs) -> Result<(), CliError> {
    let NewManifestArgs { work, model, terms, network, out } = args;
    let document = document(work, model, terms, network)?;
    let manifest = Manifest::new(&document)?;
    write_new(&out, &pretty(&manifest)?)?;
    let hash = provenance(&manifest);
    context.print(&json!({ "hash": hash, "file": out }), |text| {
        writeln!(text, "manifest  {}", out.display())?;
        writeln!(text, "hash      {hash}")
    })
}

fn document(
    work: WorkArgs,
    model: ModelArgs,
    terms: TermsArgs,
    network: NetworkArgs,
) -> Result<Document, CliError> {
    let legal = LegalTerms {
        jurisdiction: terms.jurisdiction,
        terms: terms.terms_url,
        terms_sha256: terms.terms.as_deref().map(hash_of).transpose()?.map(|(hash, _)| hash),
        contact: terms.contact,
    };
    let has_term = terms.from.is_some()
        || terms.until.is_some()
        || terms.irrevocable
        || terms.notice_days.is_some();
    let term = Term {
        from: terms.from,
        until: terms.until,
        revocable: !terms.irrevocable,
        notice_days: terms.notice_days,
    };
    let network = network.chain_id.zip(network.contract).map(|(chain_id, contract)| Network {
        chain_id,
        contract: contract.to_string().to_lowercase(),
        license: network.license,
    });
    Ok(Document {
        work: work_of(work)?,
        model: model.model_version.map(|version| Model {
            version,
            base: model.base,
            card: model.card,
            training_data: model.training_data,
        }),
        permits: terms.permits,
        prohibits: terms.prohibits,
        geo: terms.geo,
        users: terms.users,
        attribution: terms.attribution.map(|text| Attribution { required: true, text: Some(text) }),
        price: Price {
            unit: terms.unit,
            amount_nano: terms.price.map(|price| price.0.get()),
            asset: terms.asset,
            currency: terms.currency,
        },
        derivatives: Derivatives {
            allowed: !terms.no_derivatives,
            shares: terms.derivative_shares,
            reciprocal: terms.reciprocal,
            approval: terms.approval,
        },
        term: has_term.then_some(term),
        legal: (legal != LegalTerms::default()).then_some(legal),
        network,
    })
}

fn work_of(args: WorkArgs) -> Result<Work, CliError> {
    let mut content = Vec::new();
    for path in &args.content {
        let (hash, bytes) = hash_of(path)?;
        content.push(Content {
            cid: None,
            sha256: Some(hash),
            media_type: None,
            bytes: Some(bytes),
        });
    }
    content.extend(args.cids.into_iter().map(|cid| Content {
        cid: Some(cid),
        sha256: None,
        media_type: None,
        bytes: None,
    }));
    let c2pa = args.c2pa.as_deref().map(store_hash).transpose()?;
    Ok(Work {
        kind: args.kind,
        title: args.title,
        url: args.url,
        creators: args.creators,
        content,
        c2pa: c2pa.map(|store_sha256| C2pa { store_sha256, url: None }),
        identifiers: Vec::new(),
    })
}

fn check(context: &Context, args: &CheckManifestArgs) -> Result<(), CliError> {
    let manifest = read_manifest(&args.file.manifest)?;
    let (document, hash) = (manifest.document(), provenance(&manifest));
    if args.provenance.is_some_and(|expected| expected != hash) {
        return Err(CliError::OtherManifest { hash });
    }
    for path in &args.content {
        let (got, _) = hash_of(path)?;
        if !document.work.content.iter().any(|content| content.is(got)) {
            return Err(CliError::NotInManifest { path: path.clone(), member: "work.content" });
        }
    }
    if let Some(path) = &args.c2pa {
        let stored = document.work.c2pa.as_ref().map(|c2pa| c2pa.store_sha256);
        require(path, "work.c2pa", stored == Some(store_hash(path)?))?;
    }
    if let Some(path) = &args.terms {
        let stored = document.legal.as_ref().and_then(|legal| legal.terms_sha256);
        require(path, "legal.termsSha256", stored == Some(hash_of(path)?.0))?;
    }
    let work = &document.work;
    let (kind, title, files) = (work.kind.name(), &work.title, args.content.len());
    let summary = json!({ "hash": hash, "kind": kind, "title": title, "files_checked": files });
    context.print(&summary, |out| {
        writeln!(out, "valid     {kind} \"{title}\"")?;
        writeln!(out, "hash      {hash}")
    })
}

fn require(path: &Path, member: &'static str, holds: bool) -> Result<(), CliError> {
    match holds {
        true => Ok(()),
        false => Err(CliError::NotInManifest { path: path.to_owned(), member }),
    }
}

fn export(args: &ExportManifestArgs) -> Result<(), CliError> {
    let manifest = read_manifest(&args.file.manifest)?;
    let text = match args.form {
        Form::Canonical => manifest.canonical().to_owned(),
        Form::View(view) => view.render(&manifest),
    };
    match &args.out {
        // Exactly these bytes: the canonical ones have no line feed.
        Some(path) => std::fs::write(path, text).map_err(|source| file_error(path, source)),
        None => output::result(text.trim_end_matches('\n')),
    }
}

async fn publish(context: &Context, path: &Path) -> Result<(), CliError> {
    let manifest = read_manifest(path)?;
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let kept = client.keep_manifest(&signer, manifest.canonical()).await?;
    let hash = provenance(&manifest);
    if kept.hash != hash {
        return Err(CliError::OtherManifest { hash: kept.hash });
    }
    context.print(&kept, |out| {
        let verb = if kept.existed { "kept before" } else { "kept" };
        writeln!(out, "hash      {hash}")?;
        writeln!(out, "node      {verb}")
    })
}

async fn get(context: &Context, args: GetManifestArgs) -> Result<(), CliError> {
    let GetManifestArgs { hash, out } = args;
    let value = context.client()?.manifest(hash).await?;
    let manifest = Manifest::parse(value.to_string().as_bytes())
        .map_err(|source| CliError::ManifestAnswer { source })?;
    let got = provenance(&manifest);
    if got != hash {
        return Err(CliError::OtherManifest { hash: got });
    }
    let text = pretty(&manifest)?;
    let Some(path) = out else { return output::result(text.trim_end()) };
    write_new(&path, &text)?;
    context.print(&json!({ "hash": hash, "file": path }), |out| {
        writeln!(out, "manifest  {}", path.display())?;
        writeln!(out, "hash      {hash}")
    })
}

/// A manifest as people read it; the hash does not depend on white space.
fn pretty(manifest: &Manifest) -> Result<String, CliError> {
    let value: Value = serde_json::from_str(manifest.canonical()).map_err(CliError::Json)?;
    Ok(format!("{value:#}\n"))
}

fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let mut file = File::create_new(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => CliError::Exists { path: path.to_owned() },
        _ => file_error(path, source),
    })?;
    file.write_all(text.as_bytes()).map_err(|source| file_error(path, source))
}

fn file_error(path: &Path, source: std::io::Error) -> CliError {
    CliError::File { path: PathBuf::from(path), source }
}

fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.map_err(|source| file_error(path, source))?;
    Ok(bytes)
}

/// The hash of a C2PA manifest store.
fn store_hash(path: &Path) -> Result<Sha256, CliError> {
    let bytes = read_at_most(path, STORE_BYTES_MAX + 1)?;
    if bytes.len() as u64 > STORE_BYTES_MAX {
        return Err(CliError::LargeStore { path: path.to_owned(), most: STORE_BYTES_MAX });
    }
    c2pa_store_hash(&bytes).map_err(|source| CliError::C2pa { path: path.to_owned(), source })
}

/// The hash and the size of a file of any size.
fn hash_of(path: &Path) -> Result<(Sha256, u64), CliError> {
    let mut file = File::open(path).map_err(|source| file_error(path, source))?;
    let (mut hasher, mut bytes, mut chunk) = (sha2::Sha256::new(), 0, vec![0; CHUNK_BYTES]);
    loop {
        let read = file.read(&mut chunk).map_err(|source| file_error(path, source))?;
        if read == 0 {
            return Ok((Sha256::from_bytes(hasher.finalize().into()), bytes));
        }
        hasher.update(chunk.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
}
