//! Numbers of new accounts and licenses: one above the largest. Once the largest number is used,
//! the least unused number is taken.

/// The count of all numbers.
const NUMBERS: u64 = 1 << 32;

/// The first number from `next` on that is not used, and not less than `least`; if there is none,
/// the first from `least` on. `None` if all of these are used.
///
/// `next` is one above the last number given out, so that the first look-up nearly always ends the
/// search. A batch of another prover may have used any number, the largest included.
pub(crate) fn unused<E>(
    next: u64,
    least: u64,
    mut is_used: impl FnMut(u32) -> Result<bool, E>,
) -> Result<Option<u32>, E> {
    let first = next.max(least).min(NUMBERS);
    for number in (first..NUMBERS).chain(least..first) {
        let Ok(number) = u32::try_from(number) else { continue };
        if !is_used(number)? {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use farthing_protocol::{
        Address, BatchClass, Bytes32, Deposit, Domain, Fee, Holder, HolderShares, Intent,
        LicenseId, Lineage, Nonce, Operation, Price, QueueEntry, RegisterLicense, ShareTable,
        Shares, ShortDigest, UnixTime,
    };
    use farthing_testkit::{identity, key};

    use super::*;
    use crate::genesis::Genesis;
    use crate::header::StateHeader;
    use crate::ledger::Ledger;
    use crate::precheck::Checked;
    use crate::sealed::Durability;

    type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

    const CLASS: BatchClass = BatchClass::TINY;

    #[test]
    fn the_least_left_out_follows_the_last() {
        let found = |next: u64, least: u64, used: &[u32]| {
            let is_used = |number| Ok::<_, Infallible>(used.contains(&number));
            let Ok(found) = unused(next, least, is_used);
            found
        };
        assert_eq!(found(3, 0, &[0, 1, 2]), Some(3));
        assert_eq!(found(3, 0, &[0, 1, 2, 3, 4]), Some(5));
        assert_eq!(found(NUMBERS, 0, &[0, 1, u32::MAX]), Some(2));
        assert_eq!(found(NUMBERS, 7, &[0, 1, 7, u32::MAX]), Some(8));
        assert_eq!(found(NUMBERS - 1, 0, &[u32::MAX]), Some(0));
        assert_eq!(found(NUMBERS, NUMBERS, &[u32::MAX]), None);
        assert_eq!(found(NUMBERS, NUMBERS - 1, &[u32::MAX]), None);
    }

    /// The operator registers a license whose shares all go to `holder`.
    fn register(ledger: &mut Ledger, nonce: u64, holder: Holder, lineage: u32) -> TestResult<u32> {
        let shares = ShareTable::new(vec![HolderShares { holder, shares: Shares::MAX }])?;
        let register = RegisterLicense {
            price: Price::MIN,
            derivative_shares: Shares::ZERO,
            lineage: Lineage::new(lineage)?,
            provenance: Bytes32::default(),
            shares,
            recipient: ShortDigest::default(),
        };
        let mut operation = Operation::RegisterLicense(register);
        assert!(ledger.address(&mut operation)?);
        let intent = Intent {
            account: farthing_protocol::AccountId::OPERATOR,
            nonce: Nonce::new(nonce)?,
            fee: Fee::MIN,
            valid_until: UnixTime::MAX,
            operation,
        };
        let signed = intent.sign(&key(1), &ledger.domain_digest());
        let Checked::Fresh(checked) = ledger.check(&[signed])?.remove(0)? else {
            return Err("a new intent is known".into());
        };
        let admission = ledger.admit(UnixTime::MIN, &[checked])?.remove(0)?;
        Ok(admission.registers.ok_or("no number")?.get())
    }

    #[test]
    fn a_ledger_goes_on_when_the_last_number_is_used() -> TestResult {
        // Somebody else's batches used the largest numbers of both trees.
        let dir = tempfile::tempdir()?;
        let domain = Domain { chain_id: 1, contract: Address([1; 20]) };
        let genesis = Genesis { domain, operator: identity(1) };
        let mut ledger = Ledger::create(dir.path(), genesis, CLASS, Durability::Buffered)?;
        let last = u64::from(u32::MAX);
        let header =
            StateHeader { next_account: last, next_license: last, ..*ledger.sealed().header() };
        ledger.sealed_mut().advance(header);
        let now = UnixTime::MIN;
        let opened = ledger.open_account(now, identity(2))??;
        assert_eq!(opened.id.get(), u32::MAX);
        let operator = Holder::Account(farthing_protocol::AccountId::OPERATOR);
        assert_eq!(register(&mut ledger, 1, operator, 1)?, u32::MAX);
        let sealed = ledger.seal()?.ok_or("nothing sealed")?.witness;

        let dir = tempfile::tempdir()?;
        let batches = [(sealed.statement, sealed.public_data)];
        let mut ledger = Ledger::restore(dir.path(), genesis, CLASS, batches)?;
        let opened = [3, 4].map(|seed| ledger.open_account(now, identity(seed)));
        for (opened, expected) in opened.into_iter().zip([1, 2]) {
            assert_eq!(opened??.id.get(), expected);
        }
        // A deposit of a new identity is consumed: the queue goes on.
        let identity = identity(5);
        let deposit = Deposit::new(identity.owner, identity.key.to_words(), 1_000)?;
        let consumed = ledger.consume(now, ledger.queue_next(), &[QueueEntry::Deposit(deposit)])?;
        assert_eq!(consumed, (1, None));
        assert_eq!(ledger.account_of(&identity)?.map(|id| id.get()), Some(3));
        assert_eq!(register(&mut ledger, 2, operator, 1)?, 0);
        let parent = Holder::License(LicenseId::from(0));
        assert_eq!(register(&mut ledger, 3, parent, 2)?, 1);
        // Nothing is above the largest number: it has no derivatives.
        let parent = Holder::License(LicenseId::MAX);
        assert!(register(&mut ledger, 4, parent, 2).is_err());

        // The same after a restart, and the batch settles.
        drop(ledger);
        let mut ledger = Ledger::open(dir.path(), CLASS, Durability::Buffered)?;
        assert_eq!(register(&mut ledger, 5, operator, 1)?, 2);
        ledger.seal()?.ok_or("nothing sealed")?;
        assert!(ledger.reserve()?.is_full());
        assert_eq!(ledger.compute_root()?, ledger.root());
        Ok(())
    }
}
