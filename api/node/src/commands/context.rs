//! Settings, client and signer, as commands share them.

use std::fmt::Result as FmtResult;
use std::path::{Path, PathBuf};

use farthing_client::{Client, Signer};
use farthing_protocol::{AccountId, SecretKey};
use serde::Serialize;

use crate::cli::Global;
use crate::error::CliError;
use crate::keyfile::read_key;
use crate::note::note;
use crate::output;
use crate::redact::hide;
use crate::settings::Settings;

/// The default address of a node.
const NODE_DEFAULT: &str = "http://127.0.0.1:8080";

/// State that commands share.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) json: bool,
    node: String,
    key: Option<PathBuf>,
    account: Option<u32>,
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
            settings,
        })
    }

    pub(crate) fn client(&self) -> Result<Client, CliError> {
        Ok(Client::new(&self.node)?)
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
        Ok(client.signer(self.account()?, self.key()?).await?)
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
            true => note(&serde_json::json!({ "warning": text }).to_string()),
            false => note(&format!("warning: {text}")),
        }
    }
}
