//! What Farthing's proofs are compared with, measured in the same run: the conventional design, and
//! the physical floor of a leaf proof. Native execution, the third, is the ledger's own sealing.

pub mod conventional;
pub mod physical;
