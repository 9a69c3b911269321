//! The schema: reading of a document out of JSON.

use crate::cid::{Cid, Codec};
use crate::document::{
    C2pa, Content, Creator, Document, Identifier, IdentifierScheme, Model, TrainingData, Work,
    WorkKind,
};
use crate::error::{FieldProblem, ManifestError};
use crate::json::{INTEGER_MAX, Json};
use crate::reader::{At, Members, Path};
use crate::syntax::{
    TEXT_BYTES_MAX, address, amount, asset, country, currency, date, line, media_type, name, party,
    sha256, token, url,
};
use crate::terms::{
    Approval, Attribution, Derivatives, LegalBasis, LegalTerms, Network, Price, Term, Unit, Usage,
    User,
};

/// The `type` of every manifest.
pub(crate) const TYPE: &str = "AILicense";
/// The `version` of this schema.
pub(crate) const VERSION: u64 = 1;
/// All shares of a license.
const SHARES: u64 = 1_000_000;
/// Creators of a work.
const CREATORS_MAX: usize = 64;
/// Files of a work.
const CONTENT_MAX: usize = 256;
/// Licenses that a work derives from: a license has at most 16 holders.
const BASE_MAX: usize = 16;
/// Data sets of a model.
const TRAINING_DATA_MAX: usize = 256;
/// Countries: ISO 3166-1 has 249.
const COUNTRIES_MAX: usize = 250;
/// A notice of ten years.
const NOTICE_DAYS_MAX: u64 = 3_650;
/// The letters, digits and signs of a number in a register.
const IDENTIFIER_BYTES_MAX: usize = 128;

type Read<T> = Result<T, ManifestError>;

pub(crate) fn read_document(json: &Json) -> Read<Document> {
    At { value: json, path: Path::Root }.object(|members| {
        members.required("type", |at| token(at, "\"AILicense\"", |text| text == TYPE))?;
        members.required("version", |at| at.integer(VERSION, VERSION))?;
        let document = Document {
            work: members.required("work", work)?,
            model: members.optional("model", model)?,
            permits: members.required("permits", |at| at.list(Usage::ALL.len(), usage))?,
            prohibits: members.list("prohibits", Usage::ALL.len(), usage)?,
            geo: members.list("geo", COUNTRIES_MAX, country)?,
            users: members.list("users", User::ALL.len(), |at| at.name(User::ALL, User::name))?,
            attribution: members.optional("attribution", attribution)?,
            price: members.required("price", price)?,
            derivatives: members.required("derivatives", derivatives)?,
            term: members.optional("term", term)?,
            legal: members.optional("legal", legal)?,
            network: members.optional("network", network)?,
        };
        // A wider use may be permitted with an exception, never the other way round.
        let contradicts = |permitted: &Usage| {
            document.prohibits.iter().any(|prohibited| prohibited.includes(*permitted))
        };
        match document.permits.iter().any(contradicts) {
            true => {
                Err(members.refuse("prohibits", FieldProblem::Contradicts { other: "permits" }))
            }
            false => Ok(document),
        }
    })
}

fn usage(at: At<'_>) -> Read<Usage> {
    at.name(Usage::ALL, Usage::name)
}

fn license(at: At<'_>) -> Read<u32> {
    number(at, 0, u32::MAX.into())
}

fn number(at: At<'_>, least: u64, most: u64) -> Read<u32> {
    let got = at.integer(least, most)?;
    u32::try_from(got).map_err(|_| at.refuse(FieldProblem::Range { got, least, most }))
}

fn work(at: At<'_>) -> Read<Work> {
    at.object(|members| {
        Ok(Work {
            kind: members.required("kind", |at| at.name(WorkKind::ALL, WorkKind::name))?,
            title: members.required("title", name)?,
            url: members.required("url", url)?,
            creators: members.required("creators", |at| at.list(CREATORS_MAX, creator))?,
            content: members.list("content", CONTENT_MAX, content)?,
            c2pa: members.optional("c2pa", c2pa)?,
            identifiers: members.optional("identifiers", identifiers)?.unwrap_or_default(),
        })
    })
}

fn creator(at: At<'_>) -> Read<Creator> {
    at.object(|members| {
        Ok(Creator { name: members.required("name", name)?, id: members.optional("id", party)? })
    })
}

fn content(at: At<'_>) -> Read<Content> {
    at.object(|members| {
        let content = Content {
            cid: members.optional("cid", cid)?,
            sha256: members.optional("sha256", sha256)?,
            media_type: members.optional("mediaType", media_type)?,
            bytes: members.optional("bytes", |at| at.integer(0, INTEGER_MAX))?,
        };
        match (content.cid, content.sha256) {
            (None, None) => {
                Err(members.refuse_all(FieldProblem::NoMember { names: "cid, sha256" }))
            }
            (Some(cid), Some(hash)) if cid.codec() == Codec::Raw && cid.hash() != hash => {
                Err(members.refuse("sha256", FieldProblem::Contradicts { other: "cid" }))
            }
            _ => Ok(content),
        }
    })
}

fn cid(at: At<'_>) -> Read<Cid> {
    let expected = "a CID of version 1 in base32, of codec raw or dag-pb, with SHA-256";
    Cid::parse(at.text()?).ok_or_else(|| at.refuse(FieldProblem::Syntax { expected }))
}

fn c2pa(at: At<'_>) -> Read<C2pa> {
    at.object(|members| {
        Ok(C2pa {
            store_sha256: members.required("storeSha256", sha256)?,
            url: members.optional("url", url)?,
        })
    })
}

fn identifiers(at: At<'_>) -> Read<Vec<Identifier>> {
    at.object(|members| {
        let mut found = Vec::new();
        for scheme in IdentifierScheme::ALL {
            let value = members.optional(scheme.name(), identifier)?;
            found.extend(value.map(|value| Identifier { scheme: *scheme, value }));
        }
        match found.is_empty() {
            true => {
                Err(members.refuse_all(FieldProblem::NoMember { names: "doi, isbn, isrc, iswc" }))
            }
            false => Ok(found),
        }
    })
}

fn identifier(at: At<'_>) -> Read<String> {
    let expected = "1 to 128 letters, digits or any of - . / ( ) : ; _";
    token(at, expected, |text| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-./():;_".contains(&byte);
        (1..=IDENTIFIER_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
    })
}

fn model(at: At<'_>) -> Read<Model> {
    at.object(|members| {
        Ok(Model {
            version: members.required("version", name)?,
            base: members.list("base", BASE_MAX, license)?,
            card: members.optional("card", url)?,
            training_data: members.list("trainingData", TRAINING_DATA_MAX, training_data)?,
        })
    })
}

fn training_data(at: At<'_>) -> Read<TrainingData> {
    at.object(|members| {
        let data = TrainingData {
            license: members.optional("license", license)?,
            title: members.optional("title", name)?,
            summary: members.optional("summary", url)?,
            sha256: members.optional("sha256", sha256)?,
            legal_basis: members
                .required("legalBasis", |at| at.name(LegalBasis::ALL, LegalBasis::name))?,
        };
        match (data.license, &data.title) {
            (None, None) => {
                Err(members.refuse_all(FieldProblem::NoMember { names: "license, title" }))
            }
            _ => Ok(data),
        }
    })
}

fn attribution(at: At<'_>) -> Read<Attribution> {
    at.object(|members| {
        Ok(Attribution {
            required: members.required("required", |at| at.bool())?,
            text: members.optional("text", |at| line(at, TEXT_BYTES_MAX))?,
        })
    })
}

fn price(at: At<'_>) -> Read<Price> {
    at.object(|members| {
        Ok(Price {
            unit: members.required("unit", |at| at.name(Unit::ALL, Unit::name))?,
            amount_nano: members.optional("amountNano", amount)?,
            asset: members.optional("asset", asset)?,
            currency: members.optional("currency", currency)?,
        })
    })
}

fn derivatives(at: At<'_>) -> Read<Derivatives> {
    at.object(|members| {
        let derivatives = Derivatives {
            allowed: members.required("allowed", |at| at.bool())?,
            shares: members.optional("shares", |at| number(at, 1, SHARES))?.unwrap_or(0),
            reciprocal: members.required("reciprocal", |at| at.bool())?,
            approval: members.required("approval", |at| at.name(Approval::ALL, Approval::name))?,
        };
        forbidden(members, &derivatives)?;
        Ok(derivatives)
    })
}

/// Refuses terms of derivatives that may not exist.
fn forbidden(members: &Members<'_>, derivatives: &Derivatives) -> Read<()> {
    let has_terms =
        derivatives.shares > 0 || derivatives.reciprocal || derivatives.approval != Approval::None;
    match !derivatives.allowed && has_terms {
        true => Err(members.refuse(
            "allowed",
            FieldProblem::Contradicts { other: "shares, reciprocal or approval" },
        )),
        false => Ok(()),
    }
}

fn term(at: At<'_>) -> Read<Term> {
    at.object(|members| {
        let term = Term {
            from: members.optional("from", date)?,
            until: members.optional("until", date)?,
            revocable: members.required("revocable", |at| at.bool())?,
            notice_days: members.optional("noticeDays", |at| number(at, 1, NOTICE_DAYS_MAX))?,
        };
        if term.from.zip(term.until).is_some_and(|(from, until)| until < from) {
            return Err(members.refuse("until", FieldProblem::Contradicts { other: "from" }));
        }
        if !term.revocable && term.notice_days.is_some() {
            let problem = FieldProblem::Contradicts { other: "revocable" };
            return Err(members.refuse("noticeDays", problem));
        }
        Ok(term)
    })
}

fn legal(at: At<'_>) -> Read<LegalTerms> {
    at.object(|members| {
        let legal = LegalTerms {
            jurisdiction: members.optional("jurisdiction", name)?,
            terms: members.optional("terms", url)?,
            terms_sha256: members.optional("termsSha256", sha256)?,
            contact: members.optional("contact", name)?,
        };
        match legal == LegalTerms::default() {
            true => Err(members.refuse_all(FieldProblem::NoMember {
                names: "jurisdiction, terms, termsSha256, contact",
            })),
            false => Ok(legal),
        }
    })
}

fn network(at: At<'_>) -> Read<Network> {
    at.object(|members| {
        Ok(Network {
            chain_id: members.required("chainId", |at| at.integer(1, INTEGER_MAX))?,
            contract: members.required("contract", address)?,
            license: members.optional("license", license)?,
        })
    })
}
