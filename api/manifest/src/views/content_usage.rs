//! Preferences for crawlers. Both lines name only what the manifest says.

use std::fmt::Write as _;

use crate::document::Document;
use crate::terms::Usage;

/// Categories of `draft-ietf-aipref-vocab`, in the order of their names.
const CATEGORIES: [(&str, Usage); 2] = [("search", Usage::Search), ("train-ai", Usage::AiTrain)];
/// Signals of `Content-Signal`.
const SIGNALS: [(&str, Usage); 3] =
    [("ai-input", Usage::AiInput), ("ai-train", Usage::AiTrain), ("search", Usage::Search)];

pub(super) fn render(document: &Document) -> String {
    let mut out = String::new();
    line(&mut out, "Content-Usage", &named(document, &CATEGORIES, ["n", "y"]));
    line(&mut out, "Content-Signal", &named(document, &SIGNALS, ["no", "yes"]));
    out
}

fn named(document: &Document, names: &[(&str, Usage)], words: [&str; 2]) -> Vec<String> {
    let [no, yes] = words;
    let said = names.iter().filter_map(|(name, usage)| Some((name, document.allows(*usage)?)));
    said.map(|(name, allowed)| format!("{name}={}", if allowed { yes } else { no })).collect()
}

fn line(out: &mut String, name: &str, items: &[String]) {
    if !items.is_empty() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{name}: {}", items.join(", "));
    }
}
