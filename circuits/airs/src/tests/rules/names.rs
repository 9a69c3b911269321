//! Names of rules that outlast a move of their lines: table, file, and the text of the line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::path::Path;

use crate::rules::Rule;

/// Every rule's name.
pub(crate) struct Names(BTreeMap<Rule, String>);

impl Names {
    pub(crate) fn new(rules: &BTreeSet<Rule>) -> Self {
        let mut files = BTreeMap::<&str, Vec<String>>::new();
        let mut used = BTreeMap::<String, usize>::new();
        let mut names = BTreeMap::new();
        for rule in rules {
            let lines = files.entry(rule.file).or_insert_with(|| {
                let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(rule.file);
                let text = read_to_string(path).expect("a source");
                text.lines().map(|line| line.trim().to_owned()).collect()
            });
            let text = &lines[rule.line as usize - 1];
            let name = format!("{} {:?} {} {text}", rule.table, rule.demand, rule.file);
            let count = used.entry(name.clone()).or_default();
            *count += 1;
            let name = if *count > 1 { format!("{name} #{count}") } else { name };
            names.insert(rule.clone(), name);
        }
        Self(names)
    }

    pub(crate) fn of(&self, rule: &Rule) -> String {
        self.0.get(rule).cloned().unwrap_or_else(|| rule.to_string())
    }
}
