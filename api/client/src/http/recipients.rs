//! Recipients by the names that intents sign.
//!
//! An intent signs the number of an account or a license, and its recipient: the identity of the
//! account, the origin of the license. It settles only if both belong together, so a number that the
//! operator gives to somebody else is not paid. The client signs for the recipients that it was told; of
//! others it takes the node's word the first time, and keeps it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use farthing_protocol::{Holder, ShortDigest};

use super::{Client, ClientError};

/// Recipients that the client has signed for or was told of, shared by its clones.
#[derive(Clone, Debug, Default)]
pub(super) struct Recipients(Arc<Mutex<HashMap<Holder, ShortDigest>>>);

impl Recipients {
    /// The recipient known before; else `named`, which is known from now on.
    fn first(&self, holder: Holder, named: ShortDigest) -> ShortDigest {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(holder).or_insert(named)
    }

    fn put(&self, holder: Holder, recipient: ShortDigest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(holder, recipient);
    }
}

impl Client {
    /// Signs for `holder` only under this recipient, which its owner gave: the node is not trusted for
    /// it.
    #[must_use]
    pub fn with_recipient(self, holder: Holder, recipient: ShortDigest) -> Self {
        self.recipients.put(holder, recipient);
        self
    }

    /// The recipient of an account or a license: as it was told, else as the node names it.
    pub async fn recipient(&self, holder: Holder) -> Result<ShortDigest, ClientError> {
        let named = match holder {
            Holder::Account(id) => self.account(id).await?.recipient.0,
            Holder::License(id) => self.license(id).await?.recipient.0,
        };
        self.known_recipient(holder, named)
    }

    /// Compares the node's answer with what is known.
    pub(super) fn known_recipient(
        &self,
        holder: Holder,
        named: ShortDigest,
    ) -> Result<ShortDigest, ClientError> {
        let expected = self.recipients.first(holder, named);
        match named == expected {
            true => Ok(named),
            false => Err(ClientError::RecipientChanged { holder, expected, got: named }),
        }
    }
}
