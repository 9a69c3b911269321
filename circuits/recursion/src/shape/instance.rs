//! The shape of one table, and the numbers of the buses.

use std::collections::HashMap;

use p3_air::Air;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::symbolic::get_log_num_quotient_chunks_for_domain;
use p3_commit::Pcs;
use p3_lookup::{InteractionSymbolicBuilder, Kind, LogUpGadget, Lookup};
use p3_uni_stark::StarkGenericConfig;

use farthing_airs::{Challenge, Challenger};
use farthing_protocol::Felt;

use super::{ShapeError, System};

/// One table.
#[derive(Clone, Debug)]
pub(crate) struct InstanceShape {
    /// log₂ of its rows.
    pub(crate) log_height: usize,
    /// Its columns and public values.
    pub(crate) layout: AirLayout,
    /// log₂ of the chunks of its quotient.
    pub(crate) log_chunks: usize,
    /// The bus of each fraction column.
    pub(crate) buses: Vec<usize>,
    /// Points at which its columns are opened.
    pub(crate) main_points: usize,
    /// Points at which its preprocessed columns are opened.
    pub(crate) preprocessed_points: usize,
}

impl InstanceShape {
    /// Fraction columns.
    pub(crate) fn lookups(&self) -> usize {
        self.buses.len()
    }

    /// Extension columns of the lookup argument: an accumulator and the fractions.
    pub(crate) fn permutation_columns(&self) -> usize {
        if self.buses.is_empty() { 0 } else { self.buses.len() + 1 }
    }

    /// Chunks of the quotient.
    pub(crate) fn chunks(&self) -> usize {
        1 << self.log_chunks
    }
}

/// Buses in the order of their first message, as p3's transcript numbers them; a lookup within
/// a table is a bus of its own.
#[derive(Default)]
pub(super) struct Buses {
    global: HashMap<String, (usize, usize)>,
    longest: usize,
    len: usize,
}

impl Buses {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Elements of the longest message; p3 counts at least one.
    pub(super) fn longest_message(&self) -> usize {
        self.longest.max(1)
    }

    /// The number of a lookup's bus.
    fn number(&mut self, table: usize, lookup: &Lookup<Felt>) -> Result<usize, ShapeError> {
        let expected = lookup.elements.first().map_or(0, Vec::len);
        let same = |got: usize, expected: usize| {
            if got == expected { Ok(()) } else { Err(ShapeError::Message { table, expected, got }) }
        };
        for message in &lookup.elements {
            same(message.len(), expected)?;
        }
        self.longest = self.longest.max(expected);
        let fresh = self.len;
        let number = match &lookup.kind {
            Kind::Local => fresh,
            Kind::Global(name) => {
                let (number, width) =
                    *self.global.entry(name.to_string()).or_insert((fresh, expected));
                same(expected, width)?;
                number
            }
        };
        self.len = self.len.max(number + 1);
        Ok(number)
    }
}

/// The shape of table `table` of a system.
pub(super) fn instance<A>(
    system: &System<'_, A>,
    table: usize,
    buses: &mut Buses,
) -> Result<InstanceShape, ShapeError>
where
    A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
{
    let air = &system.tables[table];
    let unsupported = |what| Err(ShapeError::Unsupported { table, what });
    if !air.public_boundary_io().is_empty() {
        return unsupported("public values bound outside its constraints");
    }
    if air.num_periodic_columns() > 0 {
        return unsupported("periodic columns");
    }
    if air.width() == 0 {
        return unsupported("no columns");
    }
    let log_height = system.log_heights[table];
    let layout = AirLayout {
        preprocessed_width: preprocessed_width(system, table)?,
        main_width: air.width(),
        num_public_values: air.num_public_values(),
        ..Default::default()
    };
    let lookups = &system.common.lookups[table];
    let config = system.settings.config();
    // Heights beyond the field's two-adicity are refused before any table is looked at.
    let domain =
        Pcs::<Challenge, Challenger>::natural_domain_for_degree(config.pcs(), 1 << log_height);
    let log_chunks = get_log_num_quotient_chunks_for_domain::<_, Challenge, A, _>(
        air,
        layout,
        domain,
        lookups,
        config.is_zk(),
        &LogUpGadget::new(),
    );
    Ok(InstanceShape {
        log_height,
        layout,
        log_chunks,
        buses: lookups
            .iter()
            .map(|lookup| buses.number(table, lookup))
            .collect::<Result<_, _>>()?,
        main_points: 1 + usize::from(!air.main_next_row_columns().is_empty()),
        preprocessed_points: 1 + usize::from(!air.preprocessed_next_row_columns().is_empty()),
    })
}

/// Preprocessed columns of a table; the commitment has to be to as many, of its height.
fn preprocessed_width<A>(system: &System<'_, A>, table: usize) -> Result<usize, ShapeError>
where
    A: Air<InteractionSymbolicBuilder<Felt, Challenge>>,
{
    let declared = system.tables[table].preprocessed_width();
    let global = system.common.preprocessed.as_ref();
    let Some((global, meta)) =
        global.and_then(|all| all.instances[table].as_ref().map(|m| (all, m)))
    else {
        return if declared == 0 { Ok(0) } else { Err(ShapeError::Preprocessed { table }) };
    };
    let committed = meta.width == declared
        && declared > 0
        && meta.degree_bits == system.log_heights[table]
        && global.matrix_to_instance.get(meta.matrix_index) == Some(&table);
    if committed { Ok(declared) } else { Err(ShapeError::Preprocessed { table }) }
}
