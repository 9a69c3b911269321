//! Arguments of `farthing webhooks`.

use clap::{Args, Subcommand};
use farthing_client::dto::{EventType, WireBytes32};

#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// Registers a webhook of --account. Prints the secret that signs the posts, which is not shown again.
    #[command(
        after_help = "Example:\n  farthing webhooks register https://app.example/hook --type license.paid --license 3"
    )]
    Register(RegisterWebhookArgs),
    /// Lists the webhooks of --account.
    #[command(after_help = "Example:\n  farthing webhooks list --account 7 --key alice.key")]
    List,
    /// Deletes a webhook and its pending deliveries.
    #[command(after_help = "Example:\n  farthing webhooks delete 0xWEBHOOK")]
    Delete(WebhookArg),
    /// Makes a new secret and prints it; the old one signs too for a while.
    #[command(after_help = "Example:\n  farthing webhooks rotate 0xWEBHOOK --keep-seconds 3600")]
    Rotate {
        #[command(flatten)]
        webhook: WebhookArg,
        /// Seconds for which the old secret signs too, at most a week [default: 86400].
        #[arg(long, value_name = "SECONDS")]
        keep_seconds: Option<u32>,
    },
    /// Posts a test event to a webhook.
    #[command(after_help = "Example:\n  farthing webhooks test 0xWEBHOOK")]
    Test(WebhookArg),
    /// Lists the events that were queued for a webhook, the newest first.
    #[command(after_help = "Example:\n  farthing webhooks deliveries 0xWEBHOOK")]
    Deliveries(WebhookArg),
    /// Posts an event again that was queued before.
    #[command(after_help = "Example:\n  farthing webhooks resend 0xWEBHOOK 0xEVENT")]
    Resend {
        #[command(flatten)]
        webhook: WebhookArg,
        /// The event.
        #[arg(value_name = "EVENT")]
        event: WireBytes32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct WebhookArg {
    /// The webhook.
    #[arg(value_name = "WEBHOOK")]
    pub(crate) webhook: WireBytes32,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterWebhookArgs {
    /// The URL to which events are posted: https, with a public address.
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// Only events of this type; may be given several times.
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<EventType>,
    /// Only events that pay this account.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) paid_account: Option<u32>,
    /// Only payments of this license.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) license: Option<u32>,
}
