//! The constants that tell a circuit's gates apart.

use core::ops::Range;

use plonky2::plonk::circuit_data::CommonCircuitData;
use serde::Deserialize;

use crate::field::{D, F};

/// plonky2's `SelectorsInfo`, whose fields are private but serialised.
#[derive(Debug, Deserialize)]
pub struct GateSelectors {
    selector_indices: Vec<usize>,
    groups: Vec<Range<usize>>,
}

impl GateSelectors {
    /// The selectors of a circuit.
    pub fn of(common: &CommonCircuitData<F, D>) -> Result<Self, serde_json::Error> {
        serde_json::to_value(&common.selectors_info).and_then(serde_json::from_value)
    }

    /// Number of selectors.
    pub fn count(&self) -> usize {
        self.groups.len()
    }

    /// The selector of a gate, by its index, and the indices of the gates that share it.
    pub fn of_gate(&self, index: usize) -> Option<(usize, Range<usize>)> {
        let selector = *self.selector_indices.get(index)?;
        Some((selector, self.groups.get(selector)?.clone()))
    }
}
