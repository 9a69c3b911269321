//! Accounts table: one row per touched account, ids strictly ascending, account 0 first.
//!
//! | columns | meaning | bound by |
//! | --- | --- | --- |
//! | first, last | the table's ends; the last row is padding | fixed on both rows, zero between |
//! | existed, opened, absent | open before the batch, opened in it, or not open at all | boolean, one or none |
//! | signer | an intent of it is settled | boolean; signer bus |
//! | exits | a forced exit empties it | boolean; withdrawals take its sweep, once |
//! | identity opened | key and owner are opened | boolean; set for signers, opened accounts, and rows that identity or owner lookups ask for |
//! | id | its number: first 0 | merkle table: < 2³² |
//! | gap | id − the one above − 1 < 2³² | range |
//! | identity (4) | digest of key and owner | leaf hash |
//! | key (5), owner (3) | if identity opened, else free; owner zero if absent | identity hash |
//! | old balance, old nonce | before; zero if it was not open | leaf hash |
//! | balance | after: < 2⁶² | range |
//! | named | nano credited by transfers | flow bus; zero if it is not open |
//! | swept | nano of a forced exit, else 0 | withdrawals: a multiple of 1000, what is kept < 1000 |
//! | nonce | after: < 2⁶²; the old one if it does not sign | range, signer bus |
//! | old leaf, new leaf (4 each) | zero where not open | hash bus, node bus |
//! | second | second limb of its record | constraint |
//! | position | of its record in public data | counts up from where the section starts |
//! | owner, identity, holder lookups | how often others look it up | link bus; zero where the row cannot provide it |
//!
//! **Money.** The row takes `balance + swept − old balance` off the flow bus: what transfers credit
//! under the identity of the row, the rest under its number alone. As an integer the sum
//! of its flows lies between −(2⁶² + 2⁴⁸), all debits of 2¹⁶ intents, and 2⁶² + 2⁶⁰ + 2⁴⁸ + 2¹⁸, all
//! credits: of payments and transfers (what licenses pass on is what they were paid), of deposits, of
//! fees, of what the licenses had in their vaults. `balance + swept` is below 2⁶², so neither side
//! comes near the modulus and the equation holds over the integers.
//!
//! A transfer of nothing, or a fee of nothing, to an account that is not open moves nothing and is
//! not seen here. That no two accounts have one identity is not proven: both would belong to the
//! same key and owner.

mod air;
mod trace;

use crate::class::LeafClass;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
use crate::tables::{LeafBuilder, LeafTable, Part};

pub(crate) use air::AccountColumns;
pub(crate) use trace::{AccountLookups, trace};

/// Low bits of a balance in a record's second limb.
pub(crate) const BALANCE_LOW_BITS: usize =
    farthing_protocol::layout::account::BALANCE_LOW.bits as usize;
/// Low bits of a nonce, and of what a license received, in a record's last limb.
pub(crate) const LOW_BITS: usize = farthing_protocol::layout::signer::NONCE_LOW.bits as usize;
/// Bits of ids, and of differences of ids.
pub(crate) const ID_BITS: usize = 32;

/// Touched accounts.
#[derive(Clone, Debug)]
pub(crate) struct AccountTable(AccountColumns);

impl LeafTable for AccountTable {
    const NAME: &'static str = "accounts";
    const PART: Part = Part::State;
    const READS_NEXT_ROW: bool = true;

    fn new(_: &LeafClass, _: SBox) -> Self {
        Self(AccountColumns::new())
    }

    fn log_heights(class: &LeafClass) -> Vec<usize> {
        vec![class.state.log_accounts]
    }

    fn columns(&self) -> &dyn Layout {
        &self.0
    }

    fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
        air::eval(&self.0, builder);
    }
}
