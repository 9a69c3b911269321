//! A campaign of batches that aim at edges: each step is an operation at an edge of its own, with the answer that a model of
//! the rules has for it, every field of an error included. What is admitted has to be settled as the model says, and its
//! traces have to satisfy every constraint: no batch is admitted and cannot be proven. The table of steps, edges and answers
//! has to be full, and the test names a cell that no step hit.
//!
//! Answers that no history here can come to have tests of their own:
//!
//! | answer | why not here | test |
//! | --- | --- | --- |
//! | the supply limit, a deposit refused by its account's balance | as much money takes thousands of batches | `state/ledger/tests/reserve.rs`, `queue_attacks.rs` |
//! | a nonce that is undecided, a dropped intent | the ledger is rebuilt from L1, or moved | `state/ledger/tests/{restore, rebase}.rs` |
//! | no number left for an account or a license | 2³² of them | `state/ledger/src/numbers.rs` |
//! | values outside a type's range, share tables | no intent has them | `state/protocol/tests/` |

mod aims;
mod model;
mod table;
mod walk;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use farthing_protocol::BatchClass;

use super::test_ledger::{deposit, exit, identity, pay, transfer};
use aims::{EDGES, FULL, OPERATIONS, OTHERS, OWN, cells, own};
use table::{Cell, Table};
use walk::{Plan, STRANGERS, WIDE, Walk};

/// Batches of a history, whose first four make people and licenses.
const BATCHES_PER_HISTORY: usize = 25;
const HISTORIES: usize = 24;
/// 10,000 batches.
const HISTORIES_IN_FULL: usize = 400;

/// An edge to aim at.
#[derive(Clone, Copy)]
enum Aim {
    /// Of an operation, what every intent has.
    Edge(usize, usize),
    /// The last intent of an operation once more.
    Again(usize),
    /// Of one operation alone.
    Own(usize),
    /// A step that no account signs.
    Other(usize),
}

impl Aim {
    fn all() -> Vec<Self> {
        let operations = 0..OPERATIONS.len();
        let edges = operations
            .clone()
            .flat_map(|operation| (0..EDGES.len()).map(move |edge| Self::Edge(operation, edge)));
        edges
            .chain(operations.map(Self::Again))
            .chain((0..OWN.len()).map(Self::Own))
            .chain((0..OTHERS.len()).map(Self::Other))
            .collect()
    }

    const fn cell(self) -> Cell {
        match self {
            Self::Edge(operation, edge) => (OPERATIONS[operation], EDGES[edge].0, EDGES[edge].1),
            Self::Again(operation) => (OPERATIONS[operation], "again", "known"),
            Self::Own(own) => (OPERATIONS[OWN[own].0], OWN[own].1, OWN[own].2),
            Self::Other(other) => (OTHERS[other].0, OTHERS[other].1, OTHERS[other].2),
        }
    }

    /// Takes the step; what was answered, or nothing if the world is not such that it can be taken.
    fn take(self, walk: &mut Walk) -> Option<&'static str> {
        let plan = match self {
            Self::Edge(operation, edge) => {
                let mut plan = walk.plan(operation)?;
                EDGES[edge].2(walk, &mut plan)?;
                plan
            }
            Self::Own(place) => own(walk, &OWN[place])?,
            Self::Other(other) => return OTHERS[other].3(walk),
            Self::Again(operation) => {
                let signed = walk.admitted[operation].clone()?;
                let account = signed.intent.account.get() as usize;
                let person = walk.model.accounts[account].signer?;
                return Some(walk.submit_signed(&signed, person));
            }
        };
        Some(walk.submit(&plan))
    }
}

impl Walk {
    /// One step, at the edge that was hit least of a few; whether the batch has room for more.
    fn step(&mut self, aims: &[Aim]) -> bool {
        let few: [Aim; 4] = core::array::from_fn(|_| aims[self.rng.random_range(0..aims.len())]);
        let least = few.into_iter().min_by_key(|aim| self.table.hits(aim.cell()));
        let aim = least.expect("four");
        let Some(answer) = aim.take(self) else { return true };
        let cell = aim.cell();
        if answer == "batch full" {
            return false;
        }
        assert_eq!(answer, cell.2, "{cell:?}");
        self.hit(cell);
        true
    }

    /// Fills one kind of rows to the last; what else needs one is refused.
    fn fill(&mut self, rows: &'static str) {
        let refused: &[&'static str] = match rows {
            "intents" => {
                let Some((account, person)) = self.account_with(1_000) else { return };
                self.until_full(|walk, _| {
                    let plan = walk.plan_of(account, person, transfer(account, 1));
                    walk.submit(&plan)
                });
                &OPERATIONS
            }
            "signers" => {
                let signers: Vec<(u32, u8)> = (1..=16).map(|i| (u32::from(i), i)).collect();
                if signers.iter().any(|(id, _)| !self.able(*id)) {
                    return;
                }
                self.until_full(|walk, i| {
                    let (account, person) = signers[i % signers.len()];
                    let plan = walk.plan_of(account, person, transfer(0, 0));
                    walk.submit(&Plan { fee: 0, ..plan })
                });
                &OPERATIONS
            }
            "queue_entries" => {
                self.until_full(|walk, i| walk.try_consume(deposit(1 + i as u8 % 20, 9)));
                &["deposit", "exit"]
            }
            "opened" => {
                let free =
                    |walk: &Self, person: &u8| walk.model.account_of(&identity(*person)).is_none();
                let free: Vec<u8> = STRANGERS.filter(|person| free(self, person)).collect();
                let needed = BatchClass::TINY.capacity.opened as usize + 1;
                if free.len() < needed + 1 {
                    return;
                }
                self.until_full(|walk, i| walk.try_open(identity(free[i]), Some(free[i])));
                &["open"]
            }
            "holders" => {
                let Some((account, person)) = self.account_with(1_000) else { return };
                self.until_full(|walk, i| {
                    let license = WIDE.clone().nth(i).map_or((0, 100), |wide| (wide, wide.into()));
                    let plan = walk.plan_of(account, person, pay(license.0, 1, license.1));
                    walk.submit(&plan)
                });
                &["pay"]
            }
            _ => {
                if self.account_with(2_000_000).is_none() {
                    return;
                }
                self.until_full(|walk, _| {
                    let plan = walk.plan(3).expect("an account with money");
                    walk.submit(&plan)
                });
                &["register"]
            }
        };
        let full = self.full.expect("the batch is full");
        assert_eq!(full.resource, if rows == "signers" { "intents" } else { rows });
        for step in refused {
            let answer = match *step {
                "deposit" => Some(self.try_consume(deposit(1, 1))),
                "exit" => Some(self.try_consume(exit(1, 1))),
                "open" => aims::open_stranger(self),
                operation => {
                    let operation = OPERATIONS.iter().position(|one| *one == operation);
                    let plan = self.plan(operation.expect("an operation"));
                    plan.map(|plan| self.submit(&plan))
                }
            };
            if let Some(answer) = answer {
                assert_eq!(answer, "batch full", "{step} in a batch with all its {rows}");
                self.hit((step, "full", "batch full"));
            }
        }
        let (counts, capacity) = (self.seal(), BatchClass::TINY.capacity);
        let (filled, all) = match rows {
            "intents" => (counts.intents, capacity.intents),
            "signers" => (counts.signers, capacity.signers),
            "queue_entries" => (counts.queue_entries, capacity.queue_entries),
            "opened" => (counts.opened, capacity.opened),
            "holders" => (counts.holders, capacity.holders),
            _ => (counts.registrations, capacity.registrations),
        };
        assert_eq!(filled, all, "{rows}");
        self.hit(("seal", rows, "last row"));
    }

    /// Takes one step after another until there is no room.
    fn until_full(&mut self, step: impl Fn(&mut Self, usize) -> &'static str) {
        for i in 0..64 {
            match step(self, i) {
                "batch full" => return,
                "admitted" | "consumed" | "opened" => {}
                other => panic!("step {i}: {other}"),
            }
        }
        panic!("there is always room");
    }
}

/// The cells that a history hits.
fn history(seed: u64) -> Table {
    let mut walk = Walk::new(ChaCha8Rng::seed_from_u64(seed));
    let aims = Aim::all();
    let mut batches = 4;
    while batches < BATCHES_PER_HISTORY {
        if walk.rng.random_ratio(1, 4) {
            let before = walk.world.ledger.next_batch();
            let rows = FULL[walk.rng.random_range(0..FULL.len())];
            walk.fill(rows);
            batches += usize::from(walk.world.ledger.next_batch() != before);
            continue;
        }
        for _ in 0..walk.rng.random_range(1..24) {
            if !walk.step(&aims) {
                break;
            }
        }
        walk.seal();
        batches += 1;
    }
    walk.table
}

/// With `FARTHING_FULL` 10,000 batches, five minutes on two cores:
///
/// `FARTHING_FULL=1 cargo test --release -p farthing-airs --lib differential -- --nocapture`
#[test]
fn every_answer_is_the_models_and_every_batch_can_be_proven() {
    let full = farthing_testkit::full();
    let histories = if full { HISTORIES_IN_FULL } else { HISTORIES };
    let begin = std::time::Instant::now();
    let table = (0..histories as u64)
        .into_par_iter()
        .map(history)
        .reduce(Table::default, |one, other| one.add(other));
    let cells = cells();
    let hits: usize = cells.iter().map(|cell| table.hits(*cell)).sum();
    let batches = histories * BATCHES_PER_HISTORY;
    println!("{batches} batches, {} cells, {hits} hits, {:.0?}", cells.len(), begin.elapsed());
    let empty: Vec<_> = cells.iter().filter(|cell| table.hits(**cell) == 0).collect();
    assert!(empty.is_empty(), "no step hit {empty:#?}");
}
