//! Every rule has a forged trace that it alone refuses: with the rule weakened the checker is clean.
//!
//! A rule is weakened by leaving it out; a message also by letting it say anything. The pages of the
//! tables make forgeries by hand, `messages` and `words` those that a bus alone refuses, `edits`
//! finds small ones by search. A rule without a forgery is redundant, with what implies it
//! (`redundant.txt`), or counted in `not_held.txt`, which is empty:
//! `cargo test --release -p farthing-airs scoreboard -- --nocapture`.

mod accounts;
mod bucket_reduction;
mod buckets;
mod combine;
mod edits;
mod follow;
pub(crate) mod forged_leaf;
mod half;
mod licenses;
mod lucky;
mod merkle;
mod messages;
mod names;
mod points;
mod poseidon2;
mod proofs;
mod public_data;
mod queue;
mod registrations;
mod roots;
mod royalty_split;
mod scoreboard;
mod sealed;
mod sections;
mod signatures;
mod state_messages;
mod sums;
mod updates;
mod verdict;
mod withdrawals;
mod words;

use crate::rules::Register;

use edits::BATCHES;
use forged_leaf::ForgedLeaf;

/// A forgery and what it does.
pub(crate) type Forged = (&'static str, fn() -> ForgedLeaf);

/// Lines of a list beside this page.
fn lines(name: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/rules").join(name);
    let text = std::fs::read_to_string(path).expect("a list");
    text.lines().map(ToOwned::to_owned).collect()
}

/// Forgeries made by hand.
fn by_hand() -> Vec<Forged> {
    let sums = [buckets::ALL, bucket_reduction::ALL, combine::ALL, lucky::ALL];
    let state = [
        sections::ALL,
        accounts::ALL,
        queue::ALL,
        withdrawals::ALL,
        registrations::ALL,
        licenses::ALL,
        updates::ALL,
        royalty_split::ALL,
        merkle::ALL,
        poseidon2::ALL,
        public_data::ALL,
    ];
    let messages = [messages::ALL, state_messages::ALL, words::ALL];
    [signatures::ALL.to_vec(), sums.concat(), state.concat(), messages.concat()].concat()
}

fn register() -> Register {
    let lie = &BATCHES["everything"];
    Register::new(&lie.tables, &lie.statement, &lie.traces)
}
