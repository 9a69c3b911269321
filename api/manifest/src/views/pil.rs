//! Terms of the Programmable IP License (PIL), under the names of its contract. Addresses that Farthing
//! cannot know are zero, and `unmapped` names the parts of the manifest that PIL has no term for: a
//! registrant fills in the former and must not forget the latter.

use serde_json::{Value, json};

use super::uri;
use crate::document::Document;
use crate::manifest::Manifest;
use crate::terms::{Approval, User};

const ZERO_ADDRESS: &str = "0x0000000000000000000000000000000000000000";
/// PIL's revenue shares are parts of 10⁸, those of the manifest parts of 10⁶.
const SHARE_SCALE: u32 = 100;

pub(super) fn render(manifest: &Manifest) -> Value {
    let document = manifest.document();
    json!({
        "manifest": uri(manifest),
        "terms": terms(document),
        "unmapped": unmapped(document),
    })
}

fn terms(document: &Document) -> Value {
    let derivatives = &document.derivatives;
    let commercial = document.users.is_empty() || document.users.contains(&User::Commercial);
    let attribution = document.attribution.as_ref().is_some_and(|one| one.required);
    let shares = if commercial { derivatives.shares.saturating_mul(SHARE_SCALE) } else { 0 };
    let uri = document.legal.as_ref().and_then(|legal| legal.terms.as_deref());
    let currency = document.price.asset.as_deref().and_then(|asset| asset.split_once("/erc20:"));
    json!({
        "transferable": false,
        "royaltyPolicy": ZERO_ADDRESS,
        "defaultMintingFee": "0",
        "expiration": "0",
        "commercialUse": commercial,
        "commercialAttribution": commercial && attribution,
        "commercializerChecker": ZERO_ADDRESS,
        "commercializerCheckerData": "0x",
        "commercialRevShare": shares,
        "commercialRevCeiling": "0",
        "derivativesAllowed": derivatives.allowed,
        "derivativesAttribution": derivatives.allowed && attribution,
        "derivativesApproval": derivatives.approval == Approval::Licensor,
        "derivativesReciprocal": derivatives.reciprocal,
        "derivativeRevCeiling": "0",
        "currency": currency.map_or(ZERO_ADDRESS, |(_, address)| address),
        "uri": uri.unwrap_or_default(),
    })
}

/// Parts of the manifest without a term: a price by use (PIL's fee is paid once), uses, countries, days.
fn unmapped(document: &Document) -> Vec<&'static str> {
    let parts = [
        ("price", true),
        ("permits", true),
        ("prohibits", !document.prohibits.is_empty()),
        ("geo", !document.geo.is_empty()),
        ("term", document.term.is_some()),
    ];
    parts.into_iter().filter_map(|(name, given)| given.then_some(name)).collect()
}
