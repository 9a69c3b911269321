//! What commands share: settings, the client, the signer.

use std::path::{Path, PathBuf};
use std::time::Duration;

use farthing_client::dto::{DropReasonName, IntentAccepted, IntentStage, IntentStatus};
use farthing_client::{Client, Signer};
use farthing_protocol::{AccountId, IntentId, SecretKey};
use serde::Serialize;

use crate::cli::{Global, WaitArgs};
use crate::error::CliError;
use crate::keyfile::read_key;
use crate::settings::Settings;

/// Where a node listens unless told otherwise.
const NODE_DEFAULT: &str = "http://127.0.0.1:8080";

/// What commands share.
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

    /// Says what was accepted, and waits for it if asked to.
    pub(crate) async fn follow(
        &self,
        client: &Client,
        accepted: &IntentAccepted,
        wait: &WaitArgs,
    ) -> Result<(), CliError> {
        let Some(stage) = wait.wait else {
            return self.print(accepted, || {
                println!("intent    {}", accepted.id);
                println!("batch     {}", accepted.batch);
                if let Some(license) = accepted.registers {
                    println!("license   {license}");
                }
            });
        };
        let status = wait_for(client, accepted.id.0, stage, wait.timeout).await?;
        self.print(&status, || print_status(&status))
    }

    /// JSON, or what `text` prints.
    pub(crate) fn print(
        &self,
        value: &impl Serialize,
        text: impl FnOnce(),
    ) -> Result<(), CliError> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(value).map_err(CliError::Json)?);
        } else {
            text();
        }
        Ok(())
    }
}

/// Waits until an intent has come so far; an error if it has not in time.
pub(crate) async fn wait_for(
    client: &Client,
    id: IntentId,
    expected: IntentStage,
    seconds: u64,
) -> Result<IntentStatus, CliError> {
    let status = client.wait(id, expected, Duration::from_secs(seconds)).await?;
    match status.status {
        IntentStage::Dropped => {
            let reason = status.dropped.map_or("unknown", DropReasonName::as_str);
            Err(CliError::Dropped { reason })
        }
        got if got < expected => Err(CliError::Waited { expected, got, seconds }),
        _ => Ok(status),
    }
}

/// An intent's status, for people.
pub(crate) fn print_status(status: &IntentStatus) {
    println!("intent    {}", status.id);
    println!("status    {}", status.status);
    println!("account   {}, nonce {}", status.account, status.nonce);
    println!("batch     {}", status.batch);
    if let Some(reason) = status.dropped {
        println!("dropped   {}", reason.as_str());
    }
    if let Some(license) = status.registers {
        println!("license   {license}");
    }
    if let Some(block) = status.block {
        println!("block     {block}");
    }
    if let Some(l1) = &status.l1 {
        println!("L1        transaction {} in block {}", l1.transaction, l1.block);
    }
}
