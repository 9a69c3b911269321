//! `Distribute`: every license that a batch touches passes on its vault and its income. Holder i of
//! a license with V = vault + received gets ⌊V · sharesᵢ / 1,000,000⌋; the remainder, less than the
//! number of holders, stays in the vault. A parent receives its part in the same batch: parents
//! have smaller numbers, so licenses are distributed from the largest number down.

use std::collections::BTreeMap;

use farthing_protocol::{AccountId, Holder, LicenseId, Nano, SHARES_TOTAL, ShareTable};

/// A license to distribute: what it held and received, then what it keeps.
pub(crate) struct Distribution<'a> {
    pub(crate) shares: &'a ShareTable,
    /// Before: the old vault. After: the remainder.
    pub(crate) vault: u64,
    /// From payments; parents' part of a derivative is added.
    pub(crate) received: u64,
}

/// Distributes every license given; calls `credit` for every account that holds shares of one, also
/// for an amount of 0. `None` if a sum passes the largest balance, or a parent is missing.
pub(crate) fn distribute(
    licenses: &mut BTreeMap<LicenseId, Distribution<'_>>,
    mut credit: impl FnMut(AccountId, Nano) -> Option<()>,
) -> Option<()> {
    let descending: Vec<LicenseId> = licenses.keys().rev().copied().collect();
    for id in descending {
        let license = licenses.get_mut(&id)?;
        let total = license.vault.checked_add(license.received)?;
        let total = Nano::new(total).ok()?.get();
        let shares = license.shares;
        let mut kept = total;
        for line in shares.holders() {
            let part = part(total, line.shares.get());
            kept -= part;
            match line.holder {
                Holder::Account(account) => credit(account, Nano::new(part).ok()?)?,
                Holder::License(parent) if parent < id => {
                    let parent = licenses.get_mut(&parent)?;
                    parent.received = parent.received.checked_add(part)?;
                }
                Holder::License(_) => return None,
            }
        }
        licenses.get_mut(&id)?.vault = kept;
    }
    Some(())
}

/// The parts of a license's income.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedOut {
    /// Each holder's part, in the table's order.
    pub parts: Vec<(Holder, Nano)>,
    /// The rest that stays in the vault.
    pub remainder: Nano,
}

/// Splits `total`, a license's vault and what it received, over its holders.
pub fn share_out(shares: &ShareTable, total: Nano) -> SharedOut {
    let mut remainder = total;
    let parts = shares.holders().iter().map(|line| {
        let part = Nano::new(part(total.get(), line.shares.get())).unwrap_or(Nano::ZERO);
        // Floors of shares that sum to a whole never pass it.
        remainder = remainder.checked_sub(part).unwrap_or(Nano::ZERO);
        (line.holder, part)
    });
    let parts = parts.collect();
    SharedOut { parts, remainder }
}

/// ⌊total · shares / 1,000,000⌋.
fn part(total: u64, shares: u32) -> u64 {
    (u128::from(total) * u128::from(shares) / u128::from(SHARES_TOTAL)) as u64
}

#[cfg(test)]
mod tests {
    use farthing_protocol::{HolderShares, Shares};

    use super::*;

    fn table(lines: &[(Holder, u64)]) -> Option<ShareTable> {
        let lines = lines
            .iter()
            .map(|(holder, n)| {
                Some(HolderShares { holder: *holder, shares: Shares::new(*n).ok()? })
            })
            .collect::<Option<_>>()?;
        ShareTable::new(lines).ok()
    }

    fn account(id: u32) -> Holder {
        Holder::Account(AccountId::from(id))
    }

    #[test]
    fn parts_are_floors_and_the_remainder_stays() -> Result<(), &'static str> {
        let table = table(&[(account(1), 333_333), (account(2), 333_333), (account(3), 333_334)])
            .ok_or("table")?;
        let mut licenses = BTreeMap::new();
        licenses.insert(LicenseId::from(5), Distribution { shares: &table, vault: 1, received: 9 });
        let mut credits = Vec::new();
        distribute(&mut licenses, |id, part| {
            credits.push((id.get(), part.get()));
            Some(())
        })
        .ok_or("distributes")?;
        assert_eq!(credits, [(1, 3), (2, 3), (3, 3)]);
        assert_eq!(licenses[&LicenseId::from(5)].vault, 1);
        Ok(())
    }

    #[test]
    fn sharing_out_alone_gives_what_distribution_gives() -> Result<(), &'static str> {
        let table = table(&[(account(1), 333_333), (account(2), 333_333), (account(3), 333_334)])
            .ok_or("table")?;
        let shared = share_out(&table, Nano::from(10));
        let parts: Vec<u64> = shared.parts.iter().map(|(_, part)| part.get()).collect();
        assert_eq!((parts, shared.remainder.get()), (vec![3, 3, 3], 1));
        let all = share_out(&table, Nano::MAX);
        let sum: u64 = all.parts.iter().map(|(_, part)| part.get()).sum();
        assert_eq!(sum + all.remainder.get(), Nano::MAX.get());
        Ok(())
    }

    #[test]
    fn parts_are_exact_at_the_largest_sum() {
        assert_eq!(part((1 << 62) - 1, 1_000_000), (1 << 62) - 1);
        assert_eq!(part((1 << 62) - 1, 1), ((1u64 << 62) - 1) / 1_000_000);
    }

    #[test]
    fn a_chain_passes_everything_up_in_one_batch() -> Result<(), &'static str> {
        let root = table(&[(account(9), 1_000_000)]).ok_or("root")?;
        let derived =
            table(&[(account(1), 400_000), (Holder::License(LicenseId::from(0)), 600_000)])
                .ok_or("derived")?;
        let mut licenses = BTreeMap::new();
        licenses.insert(LicenseId::from(0), Distribution { shares: &root, vault: 0, received: 10 });
        licenses
            .insert(LicenseId::from(3), Distribution { shares: &derived, vault: 0, received: 101 });
        let mut credits = Vec::new();
        distribute(&mut licenses, |id, part| {
            credits.push((id.get(), part.get()));
            Some(())
        })
        .ok_or("distributes")?;
        assert_eq!(credits, [(1, 40), (9, 70)]);
        assert_eq!(licenses[&LicenseId::from(3)].vault, 1);
        Ok(())
    }
}
