//! Signatures of webhooks: HMAC-SHA256 of time and body under a secret that node and receiver share.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;

/// The header that carries the signatures.
pub const WEBHOOK_SIGNATURE_HEADER: &str = "Farthing-Webhook-Signature";

/// Seconds by which a receiver's clock and the time of an attempt may differ, usually.
pub const WEBHOOK_TOLERANCE_SECONDS: u64 = 300;

/// Bytes of HMAC-SHA256.
const MAC_BYTES: usize = 32;
/// The most digits of a time.
const TIME_DIGITS_MAX: usize = 12;

/// The reason for which a webhook is not to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// The header is not `t=…,v1=…`.
    #[error("the signature header is malformed: expected t=UNIX_SECONDS,v1=HEX")]
    Malformed,
    /// No signature is by one of the secrets.
    #[error("no signature of the webhook is by a secret that this receiver knows")]
    Mismatch,
    /// The signature is right, and too far from the receiver's clock: somebody may send it again.
    #[error("the webhook was signed at {time}, the clock says {now}")]
    Stale {
        /// The time of the signature.
        time: u64,
        /// The receiver's.
        now: u64,
    },
}

/// The value of [`WEBHOOK_SIGNATURE_HEADER`]: a time, and a signature for each secret. Two secrets
/// are in use while one replaces the other.
pub fn webhook_signature<'s>(
    secrets: impl IntoIterator<Item = &'s str>,
    time: u64,
    body: &[u8],
) -> String {
    let time = time.to_string();
    let mut header = format!("t={time}");
    for mac in secrets.into_iter().filter_map(|secret| mac(secret, &time, body)) {
        header.push_str(",v1=");
        header.push_str(&hex::encode(mac.finalize().into_bytes()));
    }
    header
}

/// Checks the value of [`WEBHOOK_SIGNATURE_HEADER`] against the body as it arrived, byte for byte.
/// `now` is in unix seconds. Signatures are compared in constant time; an empty secret matches
/// nothing.
///
/// # Errors
/// [`WebhookError::Malformed`] first, then [`WebhookError::Mismatch`], then [`WebhookError::Stale`].
pub fn verify_webhook<'s>(
    header: &str,
    body: &[u8],
    secrets: impl IntoIterator<Item = &'s str>,
    now: u64,
    tolerance_seconds: u64,
) -> Result<(), WebhookError> {
    let (text, signatures) = parse(header).ok_or(WebhookError::Malformed)?;
    let time: u64 = text.parse().map_err(|_| WebhookError::Malformed)?;
    let macs: Vec<_> = secrets.into_iter().filter_map(|secret| mac(secret, text, body)).collect();
    let matches = |mac: &Hmac<Sha256>, given: &[u8; MAC_BYTES]| {
        // It compares in constant time.
        mac.clone().verify_slice(given).is_ok()
    };
    if !macs.iter().any(|mac| signatures.iter().any(|given| matches(mac, given))) {
        return Err(WebhookError::Mismatch);
    }
    match time.abs_diff(now) <= tolerance_seconds {
        true => Ok(()),
        false => Err(WebhookError::Stale { time, now }),
    }
}

/// HMAC of the time as it is written, a full stop, and the body; `None` for an empty secret.
fn mac(secret: &str, time: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    let secret = Some(secret.as_bytes()).filter(|secret| !secret.is_empty())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    for part in [time.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(mac)
}

/// The time's text and the signatures of version 1; `None` if there is not one time and a signature.
/// Signatures of other versions, and of other forms, are passed over.
fn parse(header: &str) -> Option<(&str, Vec<[u8; MAC_BYTES]>)> {
    let mut time = None;
    let (mut any, mut signatures) = (false, Vec::new());
    for part in header.split(',') {
        match part.split_once('=')? {
            ("t", text) => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let good = digits && (1..=TIME_DIGITS_MAX).contains(&text.len());
                if !good || time.replace(text).is_some() {
                    return None;
                }
            }
            ("v1", text) => {
                any = true;
                signatures.extend(read_mac(text));
            }
            _ => {}
        }
    }
    time.filter(|_| any).map(|time| (time, signatures))
}

fn read_mac(text: &str) -> Option<[u8; MAC_BYTES]> {
    let lower = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    hex::decode(text).ok().filter(|_| lower)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../../conformance/webhooks.json");

    #[derive(serde::Deserialize)]
    struct Vectors {
        signed: Vec<Signed>,
        checks: Vec<Check>,
    }

    #[derive(serde::Deserialize)]
    struct Signed {
        secrets: Vec<String>,
        time: u64,
        body: String,
        header: String,
    }

    #[derive(serde::Deserialize)]
    struct Check {
        about: String,
        header: String,
        body: String,
        secrets: Vec<String>,
        now: u64,
        tolerance: u64,
        result: String,
    }

    fn texts(secrets: &[String]) -> impl Iterator<Item = &str> {
        secrets.iter().map(String::as_str)
    }

    #[test]
    fn vectors_hold() -> Result<(), serde_json::Error> {
        let Vectors { signed, checks } = serde_json::from_str(VECTORS)?;
        for Signed { secrets, time, body, header } in &signed {
            let made = webhook_signature(texts(secrets), *time, body.as_bytes());
            assert_eq!(made, *header);
            for secret in texts(secrets) {
                assert_eq!(verify_webhook(header, body.as_bytes(), [secret], *time, 0), Ok(()));
            }
        }
        for Check { about, header, body, secrets, now, tolerance, result } in &checks {
            let got = verify_webhook(header, body.as_bytes(), texts(secrets), *now, *tolerance);
            let got = match got {
                Ok(()) => "ok",
                Err(WebhookError::Malformed) => "malformed",
                Err(WebhookError::Mismatch) => "mismatch",
                Err(WebhookError::Stale { .. }) => "stale",
            };
            assert_eq!(got, result, "{about}");
        }
        let results: std::collections::BTreeSet<&str> =
            checks.iter().map(|check| check.result.as_str()).collect();
        assert_eq!(results.len(), 4, "every result");
        Ok(())
    }
}
