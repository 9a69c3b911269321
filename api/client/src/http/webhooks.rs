//! Webhooks of an account, which signs every call.

use std::time::Duration;

use farthing_api_types::dto::{
    DeliveryBody, EventFilterBody, Page, RegisterWebhookBody, ResendBody, RotateSecretBody,
    TestWebhookBody, WebhookBody, WebhookList, WebhookSecretBody, WireBytes32,
};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::verbs::with_cursor;
use super::{Call, Client, ClientError};
use crate::signer::Signer;

const WEBHOOKS: &str = "/v1/webhooks";

impl Client {
    /// Registers a webhook; the answer has its secret, and is the only one that does. If the answer is
    /// lost, the next try is refused as `request_repeated`: find the webhook by [`Client::webhooks`],
    /// and rotate its secret.
    pub async fn register_webhook(
        &self,
        signer: &Signer,
        url: &str,
        filter: EventFilterBody,
    ) -> Result<WebhookSecretBody, ClientError> {
        let body = RegisterWebhookBody { url: url.to_owned(), filter };
        self.post_signed(signer, WEBHOOKS.to_owned(), &body).await
    }

    /// The account's webhooks.
    pub async fn webhooks(&self, signer: &Signer) -> Result<Vec<WebhookBody>, ClientError> {
        let list: WebhookList =
            self.call_signed(signer, Method::GET, WEBHOOKS.to_owned(), None).await?;
        Ok(list.items)
    }

    /// A webhook.
    pub async fn webhook(
        &self,
        signer: &Signer,
        id: WireBytes32,
    ) -> Result<WebhookBody, ClientError> {
        self.call_signed(signer, Method::GET, format!("{WEBHOOKS}/{id}"), None).await
    }

    /// Deletes a webhook and its pending deliveries.
    pub async fn delete_webhook(
        &self,
        signer: &Signer,
        id: WireBytes32,
    ) -> Result<WebhookBody, ClientError> {
        self.call_signed(signer, Method::DELETE, format!("{WEBHOOKS}/{id}"), None).await
    }

    /// Makes a new secret; the old one signs too for `keep`, a day if that is not given.
    pub async fn rotate_webhook_secret(
        &self,
        signer: &Signer,
        id: WireBytes32,
        keep: Option<Duration>,
    ) -> Result<WebhookSecretBody, ClientError> {
        let seconds = |keep: Duration| u32::try_from(keep.as_secs()).unwrap_or(u32::MAX);
        let body = RotateSecretBody { keep_seconds: keep.map(seconds) };
        self.post_signed(signer, format!("{WEBHOOKS}/{id}/rotate"), &body).await
    }

    /// Posts a test event to a webhook.
    pub async fn test_webhook(
        &self,
        signer: &Signer,
        id: WireBytes32,
    ) -> Result<DeliveryBody, ClientError> {
        self.post_signed(signer, format!("{WEBHOOKS}/{id}/test"), &TestWebhookBody {}).await
    }

    /// Events queued for a webhook, the newest first.
    pub async fn webhook_deliveries(
        &self,
        signer: &Signer,
        id: WireBytes32,
        cursor: Option<&str>,
    ) -> Result<Page<DeliveryBody>, ClientError> {
        let path = with_cursor(format!("{WEBHOOKS}/{id}/deliveries"), cursor);
        self.call_signed(signer, Method::GET, path, None).await
    }

    /// Posts an event again that was queued before.
    pub async fn resend_event(
        &self,
        signer: &Signer,
        id: WireBytes32,
        event: WireBytes32,
    ) -> Result<DeliveryBody, ClientError> {
        let body = ResendBody { event };
        self.post_signed(signer, format!("{WEBHOOKS}/{id}/resend"), &body).await
    }

    async fn post_signed<T: DeserializeOwned>(
        &self,
        signer: &Signer,
        path: String,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        // The DTOs have string keys only: they always serialize.
        let body = serde_json::to_vec(body)
            .map_err(|error| ClientError::UnexpectedAnswer { status: 0, source: Some(error) })?;
        self.call_signed(signer, Method::POST, path, Some(body)).await
    }

    /// A call that the account's key signs.
    pub(super) async fn call_signed<T: DeserializeOwned>(
        &self,
        signer: &Signer,
        method: Method,
        path: String,
        body: Option<Vec<u8>>,
    ) -> Result<T, ClientError> {
        let content = body.as_deref().unwrap_or_default();
        let signature = signer.sign_request(method.as_str(), &path, content)?;
        let signature = Some(signature);
        self.call(Call { method, path, body, wait: Duration::ZERO, key: None, signature }).await
    }
}
