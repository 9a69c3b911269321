//! Writing of a document as JSON: the reverse of the schema.

use crate::document::{Content, Creator, Document, Model, TrainingData, Work};
use crate::json::Json;
use crate::schema::{TYPE, VERSION};
use crate::terms::{Approval, LegalTerms, Network, Price, Term, Usage, User};

pub(crate) fn document_json(document: &Document) -> Json {
    let attribution = document.attribution.as_ref().map(|attribution| {
        Json::object([
            ("required", Some(Json::Bool(attribution.required))),
            ("text", text(&attribution.text)),
        ])
    });
    let derivatives = &document.derivatives;
    let derivatives = Json::object([
        ("allowed", Some(Json::Bool(derivatives.allowed))),
        ("shares", (derivatives.shares > 0).then(|| Json::Integer(derivatives.shares.into()))),
        ("reciprocal", Some(Json::Bool(derivatives.reciprocal))),
        ("approval", Some(Json::text(Approval::name(derivatives.approval)))),
    ]);
    // An empty list of permits stays one: the schema refuses it.
    let permits = Json::list(&document.permits, usage).unwrap_or(Json::List(Vec::new()));
    Json::object([
        ("type", Some(Json::text(TYPE))),
        ("version", Some(Json::Integer(VERSION))),
        ("work", Some(work(&document.work))),
        ("model", document.model.as_ref().map(model)),
        ("permits", Some(permits)),
        ("prohibits", Json::list(&document.prohibits, usage)),
        ("geo", Json::list(&document.geo, |country| Json::text(country))),
        ("users", Json::list(&document.users, |user| Json::text(User::name(*user)))),
        ("attribution", attribution),
        ("price", Some(price(&document.price))),
        ("derivatives", Some(derivatives)),
        ("term", document.term.as_ref().map(term)),
        ("legal", document.legal.as_ref().map(legal)),
        ("network", document.network.as_ref().map(network)),
    ])
}

fn usage(usage: &Usage) -> Json {
    Json::text(usage.name())
}

fn text<T: std::fmt::Display>(value: &Option<T>) -> Option<Json> {
    value.as_ref().map(Json::text)
}

fn integer(value: Option<impl Into<u64>>) -> Option<Json> {
    value.map(|value| Json::Integer(value.into()))
}

fn work(work: &Work) -> Json {
    let c2pa = work.c2pa.as_ref().map(|c2pa| {
        Json::object([
            ("storeSha256", Some(Json::text(c2pa.store_sha256))),
            ("url", text(&c2pa.url)),
        ])
    });
    let identifiers = work.identifiers.iter();
    let identifiers = identifiers.map(|one| (one.scheme.name().to_owned(), Json::text(&one.value)));
    let identifiers = (!work.identifiers.is_empty()).then(|| Json::Object(identifiers.collect()));
    Json::object([
        ("kind", Some(Json::text(work.kind.name()))),
        ("title", Some(Json::text(&work.title))),
        ("url", Some(Json::text(&work.url))),
        ("creators", Some(Json::List(work.creators.iter().map(creator).collect()))),
        ("content", Json::list(&work.content, content)),
        ("c2pa", c2pa),
        ("identifiers", identifiers),
    ])
}

fn creator(creator: &Creator) -> Json {
    Json::object([("name", Some(Json::text(&creator.name))), ("id", text(&creator.id))])
}

fn content(content: &Content) -> Json {
    Json::object([
        ("cid", text(&content.cid)),
        ("sha256", text(&content.sha256)),
        ("mediaType", text(&content.media_type)),
        ("bytes", integer(content.bytes)),
    ])
}

fn model(model: &Model) -> Json {
    Json::object([
        ("version", Some(Json::text(&model.version))),
        ("base", Json::list(&model.base, |license| Json::Integer((*license).into()))),
        ("card", text(&model.card)),
        ("trainingData", Json::list(&model.training_data, training_data)),
    ])
}

fn training_data(data: &TrainingData) -> Json {
    Json::object([
        ("license", integer(data.license)),
        ("title", text(&data.title)),
        ("summary", text(&data.summary)),
        ("sha256", text(&data.sha256)),
        ("legalBasis", Some(Json::text(data.legal_basis.name()))),
    ])
}

fn price(price: &Price) -> Json {
    Json::object([
        ("unit", Some(Json::text(price.unit.name()))),
        ("amountNano", text(&price.amount_nano)),
        ("asset", text(&price.asset)),
        ("currency", text(&price.currency)),
    ])
}

fn term(term: &Term) -> Json {
    Json::object([
        ("from", text(&term.from)),
        ("until", text(&term.until)),
        ("revocable", Some(Json::Bool(term.revocable))),
        ("noticeDays", integer(term.notice_days)),
    ])
}

fn legal(legal: &LegalTerms) -> Json {
    Json::object([
        ("jurisdiction", text(&legal.jurisdiction)),
        ("terms", text(&legal.terms)),
        ("termsSha256", text(&legal.terms_sha256)),
        ("contact", text(&legal.contact)),
    ])
}

fn network(network: &Network) -> Json {
    Json::object([
        ("chainId", Some(Json::Integer(network.chain_id))),
        ("contract", Some(Json::text(&network.contract))),
        ("license", integer(network.license)),
    ])
}
