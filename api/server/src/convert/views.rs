//! The aggregator's views as wire types.

use farthing_aggregator::{
    AccountView, BatchView, Block, FinalAccount, Info, IntentView, L1Inclusion, LeastFees,
    LicenseVersionView, LicenseView, PayoutView, Quote, Receipt, RoyaltySplit,
};
use farthing_api_types::dto::{
    AccountBody, AccountProofBody, AdmissionBody, BatchBody, BlockBody, ClaimBody, CreditBody,
    DropReasonName, IntentAccepted, IntentBody, IntentStatus, L1Location, LeastFeesBody,
    LicenseBody, LicenseVersionLineBody, PartBody, PathBody, PayoutBody, PayoutReasonName,
    QuoteBody, QuoteLineBody, ReceiptBlock, ReceiptBody,
};
use farthing_l1::PayoutReason;
use farthing_ledger::{AccountProof, Admission, DropReason, MerklePath};
use farthing_protocol::{
    AccountId, AccountState, Digest, Holder, LicenseId, LicenseState, LicenseVersion, Nano,
    TREE_DEPTH,
};
use thiserror::Error;

use crate::http::ApiError;

pub(super) fn location(inclusion: &L1Inclusion) -> L1Location {
    L1Location { transaction: inclusion.transaction.0.into(), block: inclusion.l1_block }
}

pub(crate) fn accepted(admission: &Admission) -> IntentAccepted {
    IntentAccepted {
        id: admission.id.into(),
        batch: admission.batch.into(),
        registers: admission.registers,
        repeated: admission.repeated,
    }
}

pub(crate) fn status(view: &IntentView) -> IntentStatus {
    IntentStatus {
        id: view.id.into(),
        account: view.account,
        nonce: view.nonce.into(),
        status: view.stage,
        batch: view.batch.into(),
        registers: view.registers,
        block: view.block.map(Into::into),
        l1: view.inclusion.as_ref().map(location),
        dropped: view.dropped.map(drop_reason),
    }
}

const fn drop_reason(reason: DropReason) -> DropReasonName {
    match reason {
        DropReason::NamesChanged => DropReasonName::NamesChanged,
        DropReason::NonceSettled => DropReasonName::NonceSettled,
        DropReason::Expired => DropReasonName::Expired,
        DropReason::InsufficientFunds => DropReasonName::InsufficientFunds,
        DropReason::Refused => DropReasonName::Refused,
    }
}

pub(crate) fn account(view: &AccountView) -> AccountBody {
    let settled = view.settled.unwrap_or(AccountState::NEW);
    AccountBody {
        id: view.id,
        key: view.identity.key.into(),
        owner: view.identity.owner.into(),
        recipient: view.identity.recipient().into(),
        balance: settled.balance.into(),
        spendable: view.pending.balance.into(),
        nonce: view.pending.nonce.into(),
        settled_nonce: view.settled_nonce.into(),
        finalized: view.finalized,
    }
}

/// A path of another length than the tree has levels, which no store gives.
#[derive(Debug, Error)]
#[error("the path of account {account} has {got} siblings, expected {TREE_DEPTH}")]
struct PathLength {
    account: AccountId,
    got: usize,
}

pub(crate) fn account_proof(
    found: FinalAccount,
    info: &Info,
) -> Result<AccountProofBody, ApiError> {
    let FinalAccount { id, proof, block } = found;
    let state_root = proof.state_root();
    let AccountProof { account, path, licenses_root } = proof;
    let siblings: [Digest; TREE_DEPTH] = path.siblings.try_into().map_err(|got: Vec<Digest>| {
        ApiError::internal(&PathLength { account: id, got: got.len() })
    })?;
    Ok(AccountProofBody {
        chain_id: info.domain.chain_id,
        contract: info.domain.contract.into(),
        id,
        key: account.identity.key.into(),
        owner: account.identity.owner.into(),
        balance: account.state.balance.into(),
        nonce: account.state.nonce.into(),
        siblings: siblings.map(Into::into),
        licenses_root: licenses_root.into(),
        state_root: state_root.into(),
        batch: block.as_ref().map(|block| block.last_batch().into()),
        block: block.as_ref().map(|block| block.number.into()),
        l1: block.and_then(|block| block.state.finalized()).as_ref().map(location),
    })
}

pub(crate) fn license(view: &LicenseView) -> LicenseBody {
    let state = view.settled.unwrap_or(LicenseState::new(view.version));
    let LicenseVersion { price, derivative_shares, status, licensee, provenance } = view.version;
    let terms = &view.terms;
    LicenseBody {
        id: view.id,
        recipient: terms.recipient().into(),
        licensor: terms.licensor,
        price: price.into(),
        derivative_shares,
        status: status.into(),
        licensee: licensee.account(),
        lineage: terms.lineage,
        provenance: provenance.into(),
        registered_provenance: view.registered_provenance.into(),
        holders: terms.shares.holders().iter().map(|line| (*line).into()).collect(),
        vault: state.vault.into(),
        received: state.received.into(),
        next: view.next.map(Into::into),
        finalized: view.finalized,
    }
}

pub(crate) fn license_version(view: &LicenseVersionView) -> LicenseVersionLineBody {
    let LicenseVersionView { batch, version, stage } = *view;
    let LicenseVersion { price, derivative_shares, status, licensee, provenance } = version;
    LicenseVersionLineBody {
        batch: batch.into(),
        stage,
        price: price.into(),
        derivative_shares,
        status: status.into(),
        licensee: licensee.account(),
        provenance: provenance.into(),
    }
}

pub(super) fn parts(parts: &[(Holder, Nano)]) -> Vec<PartBody> {
    let part = |(holder, amount): &(Holder, Nano)| PartBody {
        holder: (*holder).into(),
        amount: (*amount).into(),
    };
    parts.iter().map(part).collect()
}

pub(crate) fn admission(info: &Info) -> AdmissionBody {
    let LeastFees { pay, transfer, withdraw, register_license, update_license } =
        info.rules.least_fees;
    AdmissionBody {
        nonce_ahead_seconds_max: info.rules.nonce_ahead_max.as_secs(),
        validity_seconds_max: info.rules.validity_max.as_secs(),
        least_fees: LeastFeesBody {
            pay: pay.into(),
            transfer: transfer.into(),
            withdraw: withdraw.into(),
            register_license: register_license.into(),
            update_license: update_license.into(),
        },
        accounts_per_minute: info.openings.per_minute,
        accounts_burst: info.openings.burst,
        unproven_batches_max: info.unproven_batches_max,
    }
}

pub(crate) fn quote(quote: &Quote, info: &Info) -> QuoteBody {
    let line = |(license, split): &(LicenseId, RoyaltySplit)| QuoteLineBody {
        license: *license,
        vault_before: split.vault_before.into(),
        received: split.received.into(),
        parts: parts(&split.parts),
        vault_after: split.vault_after.into(),
    };
    let credits = quote.credits.iter();
    QuoteBody {
        license: quote.license,
        uses: quote.uses,
        amount: quote.amount.into(),
        recipient: quote.recipient.into(),
        price: quote.version.price.into(),
        status: quote.version.status.into(),
        licensee: quote.version.licensee.account(),
        next: quote.next.map(Into::into),
        least_fee: info.rules.least_fees.pay.into(),
        lines: quote.lines.iter().map(line).collect(),
        credits: credits
            .map(|(account, amount)| CreditBody { account: *account, amount: (*amount).into() })
            .collect(),
    }
}

pub(crate) fn batch(view: &BatchView) -> BatchBody {
    let summary = &view.summary;
    BatchBody {
        number: summary.statement.header.number.into(),
        status: view.stage,
        block: view.block.map(Into::into),
        statement: (&summary.statement).into(),
        digest: summary.statement.digest().into(),
        queue_entries: summary.queue_entries,
        opened: summary.opened,
        accounts: summary.accounts,
        licenses: summary.licenses,
        withdrawals: summary.withdrawals,
        public_data_bytes: summary.public_data_bytes,
    }
}

pub(crate) fn block(block: &Block) -> BlockBody {
    BlockBody {
        number: block.number.into(),
        status: block.state.stage(),
        statement: (&block.statement).into(),
        l1: block.state.inclusion().map(location),
    }
}

fn path(path: &MerklePath) -> PathBody {
    let siblings = path.siblings.iter().map(|sibling| (*sibling).into()).collect();
    PathBody { index: path.index, siblings }
}

pub(crate) fn receipt(receipt: &Receipt, info: &Info) -> ReceiptBody {
    ReceiptBody {
        id: receipt.signed.intent.id(&info.domain_digest).into(),
        chain_id: info.domain.chain_id,
        contract: info.domain.contract.into(),
        intent: IntentBody::from(&receipt.signed),
        key: receipt.key.into(),
        receipt_path: path(&receipt.path),
        batch: (&receipt.statement).into(),
        block: receipt.block.as_ref().map(|block| ReceiptBlock {
            number: block.number.into(),
            batch_path: path(&block.path),
            statement: (&block.statement).into(),
            l1: block.inclusion.as_ref().map(location),
        }),
    }
}

pub(super) const fn payout_reason(reason: PayoutReason) -> PayoutReasonName {
    match reason {
        PayoutReason::Withdrawal => PayoutReasonName::Withdrawal,
        PayoutReason::RefusedDeposit => PayoutReasonName::RefusedDeposit,
    }
}

pub(crate) fn payout(view: &PayoutView, info: &Info) -> PayoutBody {
    let payout = &view.payout;
    PayoutBody {
        owner: payout.owner.into(),
        batch: payout.batch.into(),
        index: payout.index,
        chunk: payout.chunk,
        base_units: payout.units.into(),
        reason: payout_reason(payout.reason),
        status: view.stage,
        claim: view.claim.as_ref().map(|claim| ClaimBody {
            chain_id: info.domain.chain_id,
            contract: info.domain.contract.into(),
            path: claim.path.iter().map(|sibling| (*sibling).into()).collect(),
        }),
    }
}
