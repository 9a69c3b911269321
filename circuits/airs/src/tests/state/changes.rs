//! Lies about a batch of everything.

use farthing_protocol::{AccountChange, AccountId, BatchWitness, LicenseChange, LicenseId, Nano};

use super::batches::everything;
use super::forgery::{Forgery, reseal};

/// A touched account.
pub(crate) fn account(witness: &mut BatchWitness, id: u32) -> &mut AccountChange {
    let found = witness.accounts.iter_mut().find(|change| change.id == AccountId::from(id));
    found.expect("touched")
}

/// A touched license.
pub(crate) fn license(witness: &mut BatchWitness, id: u32) -> &mut LicenseChange {
    let found = witness.licenses.iter_mut().find(|change| change.id == LicenseId::from(id));
    found.expect("touched")
}

/// Adds to what an account holds after the batch.
pub(crate) fn add(witness: &mut BatchWitness, id: u32, nano: i64) {
    let new = account(witness, id).new.as_mut().expect("open");
    new.balance = Nano::new(new.balance.get().wrapping_add_signed(nano)).expect("a balance");
}

/// `change`s a batch of everything, and the whole proof follows.
pub(crate) fn lie(change: impl FnOnce(&mut BatchWitness)) -> Forgery {
    let mut witness = everything();
    change(&mut witness);
    reseal(&mut witness, false);
    Forgery::of(&witness)
}

/// The same about the state before the batch, whose root stands.
pub(crate) fn lie_about_the_past(change: impl FnOnce(&mut BatchWitness)) -> Forgery {
    let mut witness = everything();
    change(&mut witness);
    reseal(&mut witness, true);
    Forgery::of(&witness)
}
