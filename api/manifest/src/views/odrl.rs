//! An ODRL 2.2 offer. Uses are the terms of RSL, which the profile names: ODRL has none for AI.

use serde_json::{Value, json};

use super::uri;
use crate::document::Document;
use crate::manifest::Manifest;
use crate::terms::{Usage, User};

const CONTEXT: &str = "http://www.w3.org/ns/odrl.jsonld";
/// The vocabulary of the uses.
const PROFILE: &str = "https://rslstandard.org/rsl";

pub(super) fn render(manifest: &Manifest) -> Value {
    let document = manifest.document();
    let permissions: Vec<_> =
        document.permits.iter().map(|usage| permission(document, *usage)).collect();
    let mut offer = json!({
        "@context": CONTEXT,
        "@type": "Offer",
        "uid": uri(manifest),
        "profile": PROFILE,
        "permission": permissions,
    });
    if !document.prohibits.is_empty() {
        let rules = document.prohibits.iter().map(|usage| rule(document, *usage));
        offer["prohibition"] = rules.collect();
    }
    offer
}

fn rule(document: &Document, usage: Usage) -> Value {
    json!({
        "target": document.work.url,
        "assigner": assigners(document),
        "action": format!("{PROFILE}#{}", usage.name()),
    })
}

fn permission(document: &Document, usage: Usage) -> Value {
    let mut permission = rule(document, usage);
    let constraints = constraints(document);
    if !constraints.is_empty() {
        permission["constraint"] = constraints.into();
    }
    permission["duty"] = duties(document).into();
    permission
}

fn assigners(document: &Document) -> Value {
    let party = |name: &str, id: Option<&str>| match id {
        Some(id) => json!({ "@type": "Party", "uid": id, "vcard:fn": name }),
        None => json!({ "@type": "Party", "vcard:fn": name }),
    };
    document.work.creators.iter().map(|one| party(&one.name, one.id.as_deref())).collect()
}

fn constraints(document: &Document) -> Vec<Value> {
    let mut constraints = Vec::new();
    if !document.geo.is_empty() {
        constraints.push(constraint("spatial", "isAnyOf", json!(document.geo)));
    }
    if !document.users.is_empty() {
        let users: Vec<_> = document.users.iter().copied().map(User::name).collect();
        constraints.push(constraint("recipient", "isAnyOf", json!(users)));
    }
    let term = document.term.as_ref();
    let days =
        [(term.and_then(|term| term.from), "gteq"), (term.and_then(|term| term.until), "lteq")];
    for (day, operator) in days {
        let Some(day) = day else { continue };
        let day = json!({ "@value": day.to_string(), "@type": "xsd:date" });
        constraints.push(constraint("dateTime", operator, day));
    }
    constraints
}

fn constraint(left: &str, operator: &str, right: Value) -> Value {
    json!({ "leftOperand": left, "operator": operator, "rightOperand": right })
}

fn duties(document: &Document) -> Vec<Value> {
    let price = &document.price;
    let mut compensate = json!({ "action": "compensate" });
    if let Some(tokens) = price.tokens() {
        let amount = json!({ "@value": tokens, "@type": "xsd:decimal" });
        let mut amount = constraint("payAmount", "eq", amount);
        let currency = price.currency.as_ref().map(|code| format!("urn:iso:std:iso:4217:{code}"));
        if let Some(unit) = price.asset.clone().or(currency) {
            amount["unit"] = unit.into();
        }
        compensate["constraint"] = json!([amount]);
    }
    let mut duties = vec![compensate];
    if document.attribution.as_ref().is_some_and(|attribution| attribution.required) {
        duties.push(json!({ "action": "attribute" }));
    }
    duties
}
