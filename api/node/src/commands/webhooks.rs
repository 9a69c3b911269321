//! `farthing webhooks`: registers, lists, deletes, rotates secrets, tests, sends again.

use std::fmt::{Result as FmtResult, Write as _};
use std::time::Duration;

use farthing_client::dto::{
    DeliveryBody, DeliveryState, EventFilterBody, WebhookBody, WebhookSecretBody,
};
use farthing_protocol::{AccountId, LicenseId};

use super::context::Context;
use super::pages::all_pages;
use crate::cli::{RegisterWebhookArgs, WebhooksCommand};
use crate::error::CliError;

pub(crate) async fn run(context: &Context, command: WebhooksCommand) -> Result<(), CliError> {
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    match command {
        WebhooksCommand::Register(args) => {
            let RegisterWebhookArgs { url, types, paid_account, license } = args;
            let filter = EventFilterBody {
                types,
                account: paid_account.map(AccountId::from),
                license: license.map(LicenseId::from),
                block: None,
            };
            let made = client.register_webhook(&signer, &url, filter).await?;
            context.print(&made, |out| write_secret(out, &made))
        }
        WebhooksCommand::List => {
            let webhooks = client.webhooks(&signer).await?;
            context.print(&webhooks, |out| webhooks.iter().try_for_each(|one| write(out, one)))
        }
        WebhooksCommand::Delete(arg) => {
            let gone = client.delete_webhook(&signer, arg.webhook).await?;
            context.print(&gone, |out| writeln!(out, "webhook {} is deleted", gone.id))
        }
        WebhooksCommand::Rotate { webhook, keep_seconds } => {
            let keep = keep_seconds.map(|seconds| Duration::from_secs(seconds.into()));
            let made = client.rotate_webhook_secret(&signer, webhook.webhook, keep).await?;
            context.print(&made, |out| write_secret(out, &made))
        }
        WebhooksCommand::Test(arg) => {
            let queued = client.test_webhook(&signer, arg.webhook).await?;
            context.print(&queued, |out| write_delivery(out, &queued))
        }
        WebhooksCommand::Deliveries(arg) => {
            let id = arg.webhook;
            let deliveries =
                all_pages(async |cursor| client.webhook_deliveries(&signer, id, cursor).await);
            let deliveries = deliveries.await?;
            context.print(&deliveries, |out| {
                deliveries.iter().try_for_each(|one| write_delivery(out, one))
            })
        }
        WebhooksCommand::Resend { webhook, event } => {
            let queued = client.resend_event(&signer, webhook.webhook, event).await?;
            context.print(&queued, |out| write_delivery(out, &queued))
        }
    }
}

fn write_secret(out: &mut String, made: &WebhookSecretBody) -> FmtResult {
    write(out, &made.webhook)?;
    writeln!(out, "secret {}", made.secret)
}

fn write(out: &mut String, webhook: &WebhookBody) -> FmtResult {
    let WebhookBody { id, url, pending, .. } = webhook;
    writeln!(out, "webhook {id}  {url}  {pending} pending")
}

fn write_delivery(out: &mut String, delivery: &DeliveryBody) -> FmtResult {
    let state = match delivery.state {
        DeliveryState::Pending => "pending",
        DeliveryState::Delivered => "delivered",
        DeliveryState::GivenUp => "given up",
    };
    let DeliveryBody { event, kind, attempts, .. } = delivery;
    write!(out, "event {event}  {kind}  {state}  {attempts} attempts")?;
    if let Some(status) = delivery.status {
        write!(out, "  status {status}")?;
    }
    writeln!(out)
}
