//! Recipients that are final before an intent names them.
//!
//! An intent signs the *number* of an account or a license. Until L1 has verified a block that
//! holds the number, the operator could still give it to somebody else: what was signed for one
//! would be paid to another. Once it is final its key and owner, or its terms, never change.

use std::time::{Duration, Instant};

use farthing_protocol::Holder;

use super::{Client, ClientError};

/// The time for which [`RecipientCheck::Final`] waits unless the client says otherwise: several blocks.
pub(super) const PATIENCE_DEFAULT: Duration = Duration::from_secs(60 * 60);
/// Between two looks at a recipient that is not final: blocks become final in minutes.
const LOOK_PAUSE: Duration = Duration::from_secs(2);

/// Which recipients the client signs for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecipientCheck {
    /// Those that are final on L1 by the node's word; the client waits until they are.
    #[default]
    Final,
    /// All that the node knows. Only where the operator is trusted to keep the numbers that it has
    /// given out, as on one's own development node.
    Trusted,
}

impl Client {
    /// Says which recipients to sign for; [`RecipientCheck::Final`] if nothing is said.
    #[must_use]
    pub const fn with_recipient_check(mut self, check: RecipientCheck) -> Self {
        self.recipients = check;
        self
    }

    /// Waits at most this long for recipients to become final; one hour if nothing is said.
    #[must_use]
    pub const fn with_recipient_timeout(mut self, timeout: Duration) -> Self {
        self.recipient_timeout = timeout;
        self
    }

    /// Waits until every one of `recipients` is final, if that is what the client signs for. Calls
    /// that sign do it themselves; this is for intents that a [`Signer`](crate::Signer) signs alone.
    pub async fn check_recipients(
        &self,
        recipients: impl IntoIterator<Item = Holder>,
    ) -> Result<(), ClientError> {
        if self.recipients == RecipientCheck::Trusted {
            return Ok(());
        }
        let start = Instant::now();
        for recipient in recipients {
            while !self.is_final(recipient).await? {
                let left = self.recipient_timeout.saturating_sub(start.elapsed());
                if left.is_zero() {
                    let waited = self.recipient_timeout;
                    return Err(ClientError::RecipientNotFinal { recipient, waited });
                }
                tokio::time::sleep(left.min(LOOK_PAUSE)).await;
            }
        }
        Ok(())
    }

    /// True if an account or a license is final, by the node's word.
    pub async fn is_final(&self, recipient: Holder) -> Result<bool, ClientError> {
        Ok(match recipient {
            Holder::Account(id) => self.account(id).await?.finalized,
            Holder::License(id) => self.license(id).await?.finalized,
        })
    }
}
