//! The figures in `SOUNDNESS.md` and `README.md` are those that are computed.
//!
//! `cargo xtask codegen security` writes them.

use std::fmt::Write as _;
use std::fs;

use farthing_airs::{FriSettings, LeafClass, LeafKey, Profile, least_bits};

use super::candidates::{Candidate, candidates, contract_key};
use super::tests::{common, layers};
use super::*;

const SOUNDNESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../SOUNDNESS.md");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md");

/// Bits as they are printed: rounded down, so that none is claimed that is not there.
fn shown(bits: f64) -> String {
    format!("{:.1}", (bits * 10.0).floor() / 10.0)
}

/// The bits of all sources together.
fn sum(sources: &[ErrorSource]) -> f64 {
    -sources.iter().map(|source| (-source.bits).exp2()).sum::<f64>().log2()
}

/// Every class under every setting: each on its own tables.
fn leaf_bits() -> String {
    let settings = [
        ("default", FriSettings::of(Profile::Proven)),
        ("`low_blowup`", FriSettings::low_blowup()),
        ("`degree_three`", FriSettings::degree_three()),
    ];
    let mut page = String::new();
    for (name, settings) in settings {
        for class in LeafClass::ALL {
            let key = LeafKey::new(class, settings).expect("setup");
            let Security { proven, proven_2025, .. } = key.security();
            if page.is_empty() {
                let names: Vec<&str> = proven.iter().map(|source| source.name).collect();
                let columns = names.join(" | ");
                let _ = writeln!(
                    page,
                    "| settings | class | {columns} | least | sum | least, 2025 | sum, 2025 |"
                );
                let _ = writeln!(page, "|{}", " --- |".repeat(names.len() + 6));
            }
            let bits: Vec<String> = proven.iter().map(|source| shown(source.bits)).collect();
            let _ = writeln!(
                page,
                "| {name} | {} | {} | **{}** | {} | **{}** | {} |",
                class.batch.name,
                bits.join(" | "),
                shown(least_bits(&proven)),
                shown(sum(&proven)),
                shown(least_bits(&proven_2025)),
                shown(sum(&proven_2025)),
            );
        }
    }
    page
}

fn layer_bits() -> String {
    let all = layers(Profile::Proven).map(|(name, config, log_rows, collisions)| {
        (name, log_rows, of_circuit(&common(config, log_rows), collisions))
    });
    let mut page = String::from("| source |");
    for (name, log_rows, _) in &all {
        let _ = write!(page, " {name}, {} rows |", 1 << log_rows);
    }
    let _ = write!(page, "\n|{}\n", " --- |".repeat(1 + all.len()));
    for source in &all[0].2.proven {
        let _ = write!(page, "| {} |", source.name);
        for (.., security) in &all {
            let bits = |theorem| {
                let of = security.proven_by(theorem).iter().find(|one| one.name == source.name);
                of.map_or_else(String::new, |one| shown(one.bits))
            };
            let [newer, older] = ProximityTheorem::ALL.map(bits);
            let _ = write!(page, " {newer} · {older} |");
        }
        page.push('\n');
    }
    page.push_str("| **least** |");
    for (.., security) in &all {
        let (newer, older) = (security.proven_bits(), security.proven_2025_bits());
        let _ = write!(page, " **{}** · **{}** |", shown(newer), shown(older));
    }
    page.push('\n');
    page
}

fn candidate_table() -> String {
    let key = contract_key();
    let mut page = String::from(
        "| enough by | blow-up | queries | work, bits | arity | cap | proof, bytes | more | 2026 | 2025 |\n",
    );
    let _ = writeln!(page, "|{}", " --- |".repeat(10));
    let fri = &key.data.common.config.fri_config;
    let security = key.security();
    let now = Candidate {
        log_blowup: fri.rate_bits,
        queries: fri.num_query_rounds,
        work: fri.proof_of_work_bits,
        log_arity: key.data.common.fri_params.reduction_arity_bits[0],
        log_cap: fri.cap_height,
        bytes: key.proof_bytes(),
        bits: security.proven_bits(),
        older_bits: security.proven_2025_bits(),
    };
    let mut row = |enough: &str, one: &Candidate| {
        let more = 100.0 * (one.bytes as f64 / now.bytes as f64 - 1.0);
        let _ = writeln!(
            page,
            "| {enough} | 2^{} | {} | {} | 2^{} | 2^{} | {} | {more:+.1} % | {} | {} |",
            one.log_blowup,
            one.queries,
            one.work,
            one.log_arity,
            one.log_cap,
            one.bytes,
            shown(one.bits),
            shown(one.older_bits),
        );
    };
    row("in use", &now);
    for one in candidates(ProximityTheorem::Bchks25) {
        row("2025/2055", &one);
    }
    page
}

fn weakest_layer() -> String {
    let bits = |theorem| {
        let all = layers(Profile::Proven).into_iter().map(|(_, config, log_rows, collisions)| {
            least_bits(of_circuit(&common(config, log_rows), collisions).proven_by(theorem))
        });
        shown(all.fold(f64::INFINITY, f64::min))
    };
    let [newer, older] = ProximityTheorem::ALL.map(bits);
    format!(
        "The weakest layer has {newer} bits by the theorem of eprint 2026/2056, {older} by the weaker one of \
         eprint 2025/2055 ([figures](circuits/SOUNDNESS.md#12-recursion)).\n"
    )
}

/// Asserts that the text between the marks of a name is this one.
fn assert_kept(file: &str, name: &str, text: &str) {
    let page = fs::read_to_string(file).expect("a page");
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let (before, rest) = page.split_once(&begin).expect("where it begins");
    let (kept, after) = rest.split_once(&end).expect("where it ends");
    if std::env::var_os("FARTHING_REGENERATE").is_some_and(|value| value == "1") {
        fs::write(file, format!("{before}{begin}{text}{end}{after}")).expect("written");
        return;
    }
    let command = "cargo xtask codegen security";
    assert_eq!(kept, text, "{file}, {name}: `{command}` writes it");
}

#[test]
fn the_pages_have_these_figures() {
    assert_kept(SOUNDNESS, "leaf bits", &leaf_bits());
    assert_kept(SOUNDNESS, "layer bits", &layer_bits());
    assert_kept(SOUNDNESS, "final layer", &candidate_table());
    assert_kept(README, "weakest layer", &weakest_layer());
}
