//! Table of contents of the intents table's constraints.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionBuilder;

use farthing_protocol::position::{CLASS, VERSION};
use farthing_protocol::{Felt, PROTOCOL_VERSION};

use crate::buses::check_ranges;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::Layout;
use crate::schedule::Schedule;

use super::columns::IntentColumns;
use super::rows::Intents;
use super::{groups, message, signature};

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    schedule: &Schedule,
    columns: &IntentColumns,
    class_id: u8,
    builder: &mut AB,
) {
    let main = builder.main();
    let table = Intents {
        schedule,
        row: columns.row(main.current_slice()),
        next: columns.row(main.next_slice()),
        public: builder.public_values().iter().map(|value| (*value).into()).collect(),
    };

    assert_version_and_class(&table, class_id, builder);
    message::assert_kind(&table, builder);
    message::assert_unused_fields_are_zero(&table, builder);
    message::assert_pay(&table, builder);
    message::assert_licensee(&table, builder);
    message::assert_withdraw(&table, builder);
    message::send_flows(&table, builder);
    message::send_withdrawal(&table, builder);
    message::send_registration(&table, builder);

    groups::assert_intents_come_first(&table, builder);
    groups::assert_number_of_intents(&table, builder);
    groups::assert_group_is_one_signer(&table, builder);
    groups::assert_nonces_rise(&table, builder);
    groups::assert_scalars_add_up(&table, builder);
    groups::send_group(&table, builder);

    signature::assert_point(&table, builder);
    signature::assert_challenge_is_canonical(&table, builder);
    signature::hash_challenge(&table, builder);
    signature::send_receipt(&table, builder);
    signature::receive_weight(&table, builder);
    signature::send_terms(&table, builder);

    check_ranges(builder, main.current_slice(), &columns.numbers());
}

/// The statement names the protocol and the class that prove it.
fn assert_version_and_class<AB: AirBuilder>(
    table: &Intents<'_, AB::Var, AB::Expr>,
    class_id: u8,
    builder: &mut AB,
) {
    let mut first = builder.on_first_row();
    first.assert_eq(table.public[CLASS].clone(), AB::Expr::from_u8(class_id));
    first.assert_eq(table.public[VERSION].clone(), AB::Expr::from_u32(PROTOCOL_VERSION));
}
