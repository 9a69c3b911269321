//! Modules of a crate depend on each other in one direction.
//!
//! Compared are the children of one module: a child depends on another if anything in it, tests
//! apart, names an item of the other. What a parent re-exports counts as the child's that has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

/// Folders of the crates.
const CRATES: [&str; 15] = [
    "state/protocol",
    "state/ledger",
    "circuits/airs",
    "circuits/plonky2",
    "circuits/recursion",
    "l1-contracts/bindings",
    "aggregator",
    "api/manifest",
    "api/types",
    "api/client",
    "api/server",
    "api/node",
    "benches/conventional",
    "benches",
    "xtask",
];

type ModulePath = Vec<String>;

/// A module of a crate: the paths that it names, and the names that it re-exports.
#[derive(Default)]
struct Module {
    named: BTreeSet<ModulePath>,
    exports: BTreeMap<String, ModulePath>,
}

/// The modules of a crate by their paths.
#[derive(Default)]
struct Crate(BTreeMap<ModulePath, Module>);

impl Crate {
    fn read(source: &Path) -> Self {
        let mut modules = Self::default();
        for root in ["lib.rs", "main.rs"] {
            let file = source.join(root);
            if file.is_file() {
                modules.add_file(Vec::new(), &file, source);
            }
        }
        modules
    }

    fn add_file(&mut self, path: ModulePath, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).expect("a source");
        let syntax = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.add(path, &syntax.items, folder);
    }

    fn add(&mut self, path: ModulePath, items: &[Item], folder: &Path) {
        let mut reader = Reader { path: path.clone(), module: Module::default(), children: vec![] };
        items.iter().for_each(|item| reader.visit_item(item));
        let Reader { module, children, .. } = reader;
        self.0.entry(path.clone()).or_default().merge(module);
        for child in children {
            let name = child.ident.to_string();
            let below = folder.join(&name);
            let path = joined(&path, std::slice::from_ref(&name));
            match &child.content {
                Some((_, items)) => self.add(path, items, &below),
                None => self.add_file(path, &source_of(folder, &name), &below),
            }
        }
    }

    /// The module that has what a path names.
    fn home(&self, path: &[String], depth: usize) -> ModulePath {
        let known = (0..=path.len()).rev().find(|end| self.0.contains_key(&path[..*end]));
        let end = known.unwrap_or(0);
        let (module, rest) = path.split_at(end);
        let export = rest.first().and_then(|name| self.0.get(module)?.exports.get(name));
        match export {
            // A name may be exported under itself by several parents, never endlessly.
            Some(target) if depth > 0 => self.home(&joined(target, &rest[1..]), depth - 1),
            _ => module.to_vec(),
        }
    }

    /// By parent: which of its children depend on which.
    fn arrows(&self) -> BTreeMap<ModulePath, BTreeSet<(String, String)>> {
        let mut arrows: BTreeMap<ModulePath, BTreeSet<_>> = BTreeMap::new();
        for (from, module) in &self.0 {
            for named in &module.named {
                let home = self.home(named, 8);
                let shared = from.iter().zip(&home).take_while(|(a, b)| a == b).count();
                if let (Some(a), Some(b)) = (from.get(shared), home.get(shared)) {
                    let parent = from[..shared].to_vec();
                    arrows.entry(parent).or_default().insert((a.clone(), b.clone()));
                }
            }
        }
        arrows
    }
}

impl Module {
    fn merge(&mut self, other: Self) {
        self.named.extend(other.named);
        self.exports.extend(other.exports);
    }
}

fn source_of(folder: &Path, name: &str) -> PathBuf {
    let beside = folder.join(format!("{name}.rs"));
    if beside.is_file() { beside } else { folder.join(name).join("mod.rs") }
}

fn joined(path: &[String], rest: &[String]) -> ModulePath {
    path.iter().chain(rest).cloned().collect()
}

/// Reads one module; its children are read after it.
struct Reader {
    path: ModulePath,
    module: Module,
    children: Vec<ItemMod>,
}

impl Reader {
    /// A path from here as one from the crate's root.
    fn absolute(&self, segments: &[String]) -> Option<ModulePath> {
        let mut path = self.path.clone();
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" => return Some(rest.to_vec()),
            "self" => {}
            "super" => {
                path.pop();
                let up = rest.iter().take_while(|segment| *segment == "super").count();
                path.truncate(path.len().saturating_sub(up));
                return Some(joined(&path, &rest[up..]));
            }
            name if self.children.iter().any(|child| child.ident == name) => path.push(name.into()),
            _ => return None,
        }
        Some(joined(&path, rest))
    }

    fn name(&mut self, segments: &[String]) {
        self.module.named.extend(self.absolute(segments));
    }

    fn use_tree(&mut self, before: &[String], tree: &UseTree, exported: bool) {
        match tree {
            UseTree::Path(path) => {
                let before = joined(before, &[path.ident.to_string()]);
                self.use_tree(&before, &path.tree, exported);
            }
            UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.use_tree(before, tree, exported));
            }
            UseTree::Name(name) => self.use_name(before, &name.ident, &name.ident, exported),
            UseTree::Rename(name) => self.use_name(before, &name.ident, &name.rename, exported),
            UseTree::Glob(_) => self.name(before),
        }
    }

    fn use_name(&mut self, before: &[String], ident: &syn::Ident, name: &syn::Ident, out: bool) {
        let segments = match ident.to_string().as_str() {
            "self" => before.to_vec(),
            ident => joined(before, &[ident.to_owned()]),
        };
        self.name(&segments);
        if out && let Some(path) = self.absolute(&segments) {
            self.module.exports.insert(name.to_string(), path);
        }
    }

    /// Paths in what a macro is given.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 || path.is_empty() => {
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    self.name(&path);
                    (path, colons) = (vec![ident.to_string()], 0);
                    continue;
                }
                _ => {}
            }
            self.name(&path);
            (path, colons) = (Vec::new(), 0);
        }
        self.name(&path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !of_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.children.push(item.clone());
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let exported = !matches!(item.vis, syn::Visibility::Inherited);
        self.use_tree(&[], &item.tree, exported);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, macro_: &'ast syn::Macro) {
        self.tokens(macro_.tokens.clone());
        visit::visit_macro(self, macro_);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Returns true if an item is compiled for tests only.
fn of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// Sets of children that all depend on each other, each sorted.
fn circles(arrows: &BTreeSet<(String, String)>) -> BTreeSet<Vec<String>> {
    let mut reach: BTreeSet<(String, String)> = arrows.clone();
    loop {
        let further: Vec<_> = reach
            .iter()
            .flat_map(|(a, b)| {
                let on = arrows.iter().filter(move |(from, _)| from == b);
                on.map(move |(_, to)| (a.clone(), to.clone()))
            })
            .filter(|pair| !reach.contains(pair))
            .collect();
        if further.is_empty() {
            break;
        }
        reach.extend(further);
    }
    let both = |a: &String, b: &String| {
        reach.contains(&(a.clone(), b.clone())) && reach.contains(&(b.clone(), a.clone()))
    };
    let names: BTreeSet<&String> = arrows.iter().flat_map(|(a, b)| [a, b]).collect();
    let circle = |a: &&String| names.iter().filter(|b| both(a, b)).map(|b| (*b).clone()).collect();
    names.iter().map(circle).filter(|circle: &Vec<String>| circle.len() > 1).collect()
}

#[test]
fn no_modules_depend_on_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let mut found = BTreeSet::new();
    for name in CRATES {
        for (parent, arrows) in Crate::read(&root.join(name).join("src")).arrows() {
            for circle in circles(&arrows) {
                found.insert((name.to_owned(), parent.join("::"), circle));
            }
        }
    }
    assert_eq!(found, BTreeSet::new(), "crate, module, children that depend on each other");
}

#[test]
fn a_circle_is_found_and_a_chain_is_not() {
    let arrow = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let chain = BTreeSet::from([arrow("a", "b"), arrow("b", "c"), arrow("a", "c")]);
    assert!(circles(&chain).is_empty());
    let circle =
        BTreeSet::from([arrow("a", "b"), arrow("b", "c"), arrow("c", "a"), arrow("d", "a")]);
    let expected: Vec<String> = ["a", "b", "c"].map(String::from).into();
    assert_eq!(circles(&circle), BTreeSet::from([expected]));
}
