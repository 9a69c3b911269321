//! RSL 1.0. Payment is by use; RSL leaves the split among sources open, which the ledger defines.

use super::xml::Xml;
use crate::document::Document;
use crate::terms::{Usage, User};

const NAMESPACE: &str = "https://rslstandard.org/rsl";

pub(super) fn render(document: &Document) -> String {
    let mut xml = Xml::new();
    xml.open("rsl", &[("xmlns", NAMESPACE)]);
    xml.open("content", &[("url", &literal(&document.work.url))]);
    license(&mut xml, document);
    let creators: Vec<_> = document.work.creators.iter().map(|one| one.name.as_str()).collect();
    xml.element("copyright", &[], &creators.join(", "));
    if let Some(terms) = terms(document) {
        xml.element("terms", &[], terms);
    }
    xml.finish()
}

fn license(xml: &mut Xml, document: &Document) {
    xml.open("license", &[]);
    let usages = |list: &[Usage]| -> Vec<_> { list.iter().map(|usage| usage.name()).collect() };
    let users: Vec<_> = document.users.iter().copied().map(User::name).collect();
    let geo: Vec<_> = document.geo.iter().map(String::as_str).collect();
    list(xml, "permits", "usage", &usages(&document.permits));
    list(xml, "permits", "user", &users);
    list(xml, "permits", "geo", &geo);
    list(xml, "prohibits", "usage", &usages(&document.prohibits));
    payment(xml, document);
    xml.close();
}

fn list(xml: &mut Xml, element: &'static str, kind: &str, values: &[&str]) {
    if !values.is_empty() {
        xml.element(element, &[("type", kind)], &values.join(","));
    }
}

/// RSL knows amounts in currencies of ISO 4217 alone: without one there is only the reference to the terms.
fn payment(xml: &mut Xml, document: &Document) {
    let amount = document.price.tokens().zip(document.price.currency.as_deref());
    let terms = terms(document);
    if amount.is_none() && terms.is_none() {
        return xml.element("payment", &[("type", "use")], "");
    }
    xml.open("payment", &[("type", "use")]);
    if let Some(terms) = terms {
        xml.element("custom", &[], terms);
    }
    if let Some((tokens, currency)) = amount {
        xml.element("amount", &[("currency", currency)], &tokens);
    }
    xml.close();
}

fn terms(document: &Document) -> Option<&str> {
    document.legal.as_ref()?.terms.as_deref()
}

/// A URL that is meant letter by letter: RSL reads `*` and `$` as robots.txt does.
fn literal(url: &str) -> String {
    url.replace('*', "%2A").replace('$', "%24")
}
