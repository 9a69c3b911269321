//! Settings, client and signer, as commands share them.

use std::fmt::Result as FmtResult;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use farthing_client::{Client, RecipientCheck, Signer};
use farthing_protocol::{AccountId, Holder, SecretKey};
use serde::Serialize;

use crate::cli::Global;
use crate::error::CliError;
use crate::keyfile::read_key;
use crate::output;
use crate::redact::hide;
use crate::settings::Settings;

/// Where a node listens unless told otherwise.
const NODE_DEFAULT: &str = "http://127.0.0.1:8080";
/// How far a nonce, which is a time in microseconds, may be ahead of the clock: nodes refuse more.
const NONCE_AHEAD_MAX: Duration = Duration::from_secs(24 * 3_600);

/// What commands share.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) json: bool,
    node: String,
    key: Option<PathBuf>,
    account: Option<u32>,
    trust_operator: bool,
}

impl Context {
    /// Flags and environment before the file.
    pub(crate) fn new(global: Global) -> Result<Self, CliError> {
        let settings = Settings::read(global.config.as_deref())?;
        let client = &settings.client;
        client.node.iter().chain(&settings.l1.url).for_each(|url| hide(url));
        Ok(Self {
            json: global.json,
            node: global
                .node
                .or_else(|| client.node.clone())
                .unwrap_or_else(|| NODE_DEFAULT.to_owned()),
            key: global.key.or_else(|| client.key.clone()),
            account: global.account.or(client.account),
            trust_operator: global.trust_operator || client.trust_operator,
            settings,
        })
    }

    pub(crate) fn client(&self) -> Result<Client, CliError> {
        let check = match self.trust_operator {
            true => RecipientCheck::Trusted,
            false => RecipientCheck::Final,
        };
        Ok(Client::new(&self.node)?.with_recipient_check(check))
    }

    /// Waits until the recipients are final, and says so if that takes time; with an operator that
    /// is trusted, not at all.
    pub(crate) async fn await_final(
        &self,
        client: &Client,
        recipients: &[Holder],
    ) -> Result<(), CliError> {
        if self.trust_operator {
            return Ok(());
        }
        for recipient in recipients {
            if !client.is_final(*recipient).await? {
                let name = match recipient {
                    Holder::Account(id) => format!("account {id}"),
                    Holder::License(id) => format!("license {id}"),
                };
                self.warn(&format!(
                    "{name} is not final on L1: waiting until nobody else can get its number \
                     (--trust-operator does not wait)"
                ));
                break;
            }
        }
        Ok(client.check_recipients(recipients.iter().copied()).await?)
    }

    pub(crate) fn key_path(&self) -> Option<&Path> {
        self.key.as_deref()
    }

    pub(crate) fn key(&self) -> Result<SecretKey, CliError> {
        Ok(read_key(self.key_path())?)
    }

    pub(crate) fn account(&self) -> Result<AccountId, CliError> {
        let how = "give --account NUMBER, or set FARTHING_ACCOUNT";
        let account = self.account.ok_or(CliError::Missing { what: "the account", how })?;
        Ok(AccountId::from(account))
    }

    /// Signs for --account by --key, for the node's deployment.
    pub(crate) async fn signer(&self, client: &Client) -> Result<Signer, CliError> {
        signer(client, self.account()?, self.key()?).await
    }

    /// Prints JSON, or what `text` writes. Flushed: what a program waits for is there.
    pub(crate) fn print(
        &self,
        value: &impl Serialize,
        text: impl FnOnce(&mut String) -> FmtResult,
    ) -> Result<(), CliError> {
        if self.json {
            return output::result(&serde_json::to_string_pretty(value).map_err(CliError::Json)?);
        }
        let mut lines = String::new();
        text(&mut lines)?;
        output::result(lines.trim_end_matches('\n'))
    }

    /// Prints a warning, for people or as a line of JSON.
    pub(crate) fn warn(&self, text: &str) {
        match self.json {
            true => output::note(&serde_json::json!({ "warning": text }).to_string()),
            false => output::note(&format!("warning: {text}")),
        }
    }
}

/// A signer for an account of the node. An account whose last nonce is a day ahead of the clock is
/// refused before anything is signed: the node would refuse it, and every later intent.
pub(crate) async fn signer(
    client: &Client,
    account: AccountId,
    key: SecretKey,
) -> Result<Signer, CliError> {
    let nonce = client.account(account).await?.nonce.0.get();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| CliError::Clock)?;
    check_nonce(account, nonce, now)?;
    Ok(client.signer(account, key).await?)
}

fn check_nonce(account: AccountId, nonce: u64, now: Duration) -> Result<(), CliError> {
    let micros = |time: Duration| u64::try_from(time.as_micros()).map_err(|_| CliError::Clock);
    match nonce >= micros(now.saturating_add(NONCE_AHEAD_MAX))? {
        true => Err(CliError::NonceAhead { account, nonce, now: micros(now)? }),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_a_day_ahead_of_the_clock_is_refused() {
        let (account, now) = (AccountId::from(7), Duration::from_secs(1_800_000_000));
        let day = 24 * 3_600 * 1_000_000;
        let at = 1_800_000_000_000_000;
        for (nonce, good) in [(0, true), (at, true), (at + day - 1, true), (at + day, false)] {
            assert_eq!(check_nonce(account, nonce, now).is_ok(), good, "{nonce}");
        }
        let brick = check_nonce(account, (1 << 62) - 1, now);
        assert!(matches!(brick, Err(CliError::NonceAhead { .. })));
    }
}
