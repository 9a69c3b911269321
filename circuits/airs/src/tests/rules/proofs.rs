//! Forgeries that are really proven: the weakened tables accept the proof, the whole ones refuse it.

use std::collections::BTreeMap;

use p3_batch_stark::{ProverData, StarkInstance, prove_batch, verify_batch};

use super::forged_leaf::ForgedLeaf;
use super::verdict::{Refusal, Verdict, Weakening, verdict};
use super::{by_hand, register};
use crate::config::{FriSettings, Profile};
use crate::prove::public_values;
use crate::rules::FreeTable;
use crate::tables::count_ranges;

/// Forgeries proven for real; with `FARTHING_FULL` one in three of all by hand.
const PROVEN: usize = 4;
const FULL_STEP: usize = 3;

/// Tells whether a proof is made of the lie's traces, and valid.
fn accepts(tables: &[FreeTable], lie: &ForgedLeaf) -> bool {
    let settings = FriSettings::of(Profile::Conjectured);
    let config = settings.config();
    let log_heights: Vec<usize> = tables.iter().map(|free| free.table.log_height()).collect();
    let budgets = vec![settings.lookup_degree; tables.len()];
    let data = ProverData::from_airs_and_degrees_with_lookup_budgets(
        &config,
        tables,
        &log_heights,
        &budgets,
        settings.log_blowup,
    )
    .expect("setup");
    let public: Vec<_> =
        tables.iter().map(|free| public_values(&free.table, &lie.statement)).collect();
    let instances: Vec<_> = tables
        .iter()
        .zip(&lie.traces)
        .zip(&public)
        .map(|((air, trace), public)| StarkInstance { air, trace, public_values: public.clone() })
        .collect();
    let proof = prove_batch(&config, &instances, &data);
    proof.is_ok_and(|proof| verify_batch(&config, tables, &proof, &public, &data.common).is_ok())
}

fn whole(lie: &ForgedLeaf) -> Vec<FreeTable> {
    let whole = |table: &crate::tables::Table| FreeTable {
        table: table.clone(),
        more: 0,
        free: BTreeMap::new(),
    };
    lie.tables.iter().map(whole).collect()
}

fn assert_needed(name: &str, lie: &mut ForgedLeaf, Refusal { rule, without }: &Refusal) {
    assert!(!accepts(&whole(lie), lie), "{name}");
    let register = register();
    let (tables, mut weak) = match without {
        Weakening::LeftOut => {
            let tables = register.without(&lie.tables, rule);
            let weak = ForgedLeaf { tables, ..lie.clone() };
            (whole(&weak), weak)
        }
        Weakening::Free(words) => {
            let tables = register.freed(&lie.tables, rule);
            let weak = lie.reworded(&tables, words);
            (tables, weak)
        }
    };
    count_ranges(&weak.tables, &mut weak.traces);
    assert!(accepts(&tables, &weak), "{name}: without {rule}");
}

/// With the rule weakened a forgery has a valid proof; with it none.
#[test]
fn weakened_circuits_accept() {
    let register = register();
    let forgeries = by_hand();
    let full = farthing_testkit::full();
    let step = if full { FULL_STEP } else { forgeries.len() / PROVEN };
    // The last one is a message that says something else.
    for (name, forge) in forgeries.iter().rev().step_by(step) {
        let mut lie = forge();
        let Verdict::Alone(refusals) = verdict(&register, &mut lie) else { panic!("{name}") };
        assert_needed(name, &mut lie, &refusals[0]);
    }
}
