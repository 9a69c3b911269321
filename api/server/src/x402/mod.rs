//! Payments by x402: the checks of a facilitator beyond admission, and x402's words for refusals.
//!
//! **The first claimer wins, without a separate store.** A settlement is the admission of its
//! intent, which the ledger writes durably once and distinguishes from a repeat for ever. The first
//! `settle` admits and succeeds. Every later one finds the intent admitted, also after a crash
//! between the two. A second store could only disagree with the ledger. The buyer's payment
//! identifier needs no store either: the intent's signed memo commits to it, so the intent alone
//! distinguishes its own repeat.

mod payment;
mod refusal;

use farthing_aggregator::Info;
use farthing_api_types::dto::{
    SupportedBody, SupportedExtra, SupportedKindBody, WireDigest, X402_DECIMALS, X402_NAMESPACE,
    X402_PAYMENT_IDENTIFIER, X402_SCHEME, X402_VERSION,
};

pub(crate) use payment::{Payment, wrong_version};
pub(crate) use refusal::{DUPLICATE, Refusal};

/// Digits of the deployment's digest in a network's name: CAIP-2 allows 32.
const NETWORK_DIGITS: usize = 32;

/// The deployment's name among networks.
pub(crate) fn network(info: &Info) -> String {
    let digest = WireDigest::from(info.domain_digest).to_string();
    let digits: String = digest.chars().skip("0x".len()).take(NETWORK_DIGITS).collect();
    format!("{X402_NAMESPACE}:{digits}")
}

/// Schemes, networks and extensions that this node takes.
pub(crate) fn supported(info: &Info) -> SupportedBody {
    let kind = SupportedKindBody {
        x402_version: X402_VERSION,
        scheme: X402_SCHEME.to_owned(),
        network: network(info),
        extra: SupportedExtra {
            asset: info.rules.token.map(Into::into),
            decimals: X402_DECIMALS,
            chain_id: info.domain.chain_id,
            contract: info.domain.contract.into(),
            least_fee: info.rules.least_fees.pay.into(),
        },
    };
    SupportedBody {
        kinds: vec![kind],
        extensions: vec![X402_PAYMENT_IDENTIFIER.to_owned()],
        signers: [(format!("{X402_NAMESPACE}:*"), Vec::new())].into(),
    }
}
