//! Earnings as wire types.

use farthing_aggregator::{
    AccountEarningsLine, EarningsPage as Found, LicenseEarningsLine, MovementKind,
};
use farthing_api_types::dto::{
    AccountEarningsLineBody, AccountEarningsPage, BatchRangeBody, DerivativeBody, EarningsLineBody,
    EarningsPage, MovementBody, MovementKindName, PayerBody,
};
use farthing_protocol::{BatchNumber, Nano};

use super::views::parts;

pub(crate) fn license_earnings(
    found: &Found<LicenseEarningsLine>,
    next_cursor: Option<String>,
) -> EarningsPage {
    EarningsPage {
        items: found.lines.iter().map(license_line).collect(),
        next_cursor,
        not_kept: ranges(&found.not_kept),
    }
}

fn license_line(line: &LicenseEarningsLine) -> EarningsLineBody {
    let LicenseEarningsLine { batch, time, split, sources } = line;
    let payers = sources.payers.iter().map(|total| PayerBody {
        account: total.payer,
        payments: total.payments,
        uses: total.uses,
        amount: total.amount.into(),
    });
    let derivatives = sources
        .derivatives
        .iter()
        .map(|(license, amount)| DerivativeBody { license: *license, amount: (*amount).into() });
    EarningsLineBody {
        batch: (*batch).into(),
        time: *time,
        vault_before: split.vault_before.into(),
        received: split.received.into(),
        payers: payers.collect(),
        derivatives: derivatives.collect(),
        parts: parts(&split.parts),
        vault_after: split.vault_after.into(),
    }
}

pub(crate) fn account_earnings(
    found: &Found<AccountEarningsLine>,
    next_cursor: Option<String>,
) -> AccountEarningsPage {
    AccountEarningsPage {
        items: found.lines.iter().map(account_line).collect(),
        next_cursor,
        not_kept: ranges(&found.not_kept),
    }
}

fn account_line(line: &AccountEarningsLine) -> AccountEarningsLineBody {
    let AccountEarningsLine { batch, time, movements, .. } = line;
    AccountEarningsLineBody {
        batch: (*batch).into(),
        time: *time,
        balance_before: movements.before.into(),
        balance_after: movements.after.into(),
        movements: movements.movements.iter().map(|one| movement(line, one)).collect(),
    }
}

fn movement(line: &AccountEarningsLine, (kind, amount): &(MovementKind, Nano)) -> MovementBody {
    let (name, license, account) = match *kind {
        MovementKind::Royalty(license) => (MovementKindName::Royalty, Some(license), None),
        MovementKind::TransferIn(from) => (MovementKindName::TransferIn, None, Some(from)),
        MovementKind::Deposit => (MovementKindName::Deposit, None, None),
        MovementKind::FeeIncome => (MovementKindName::FeeIncome, None, None),
        MovementKind::Payment(license) => (MovementKindName::Payment, Some(license), None),
        MovementKind::TransferOut(to) => (MovementKindName::TransferOut, None, Some(to)),
        MovementKind::Withdrawal => (MovementKindName::Withdrawal, None, None),
        MovementKind::Fee => (MovementKindName::Fee, None, None),
    };
    let royalty = match kind {
        MovementKind::Royalty(license) => line.royalties.get(license),
        _ => None,
    };
    MovementBody {
        kind: name,
        amount: (*amount).into(),
        license,
        account,
        received: royalty.map(|royalty| royalty.received.into()),
        shares: royalty.map(|royalty| royalty.shares),
    }
}

fn ranges(not_kept: &[(BatchNumber, BatchNumber)]) -> Vec<BatchRangeBody> {
    let range = |(first, end): &(BatchNumber, BatchNumber)| BatchRangeBody {
        first: (*first).into(),
        end: (*end).into(),
    };
    not_kept.iter().map(range).collect()
}
