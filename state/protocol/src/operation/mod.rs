//! Operations of signed intents: one file each, registered below.
//!
//! A new operation is a type that implements [`OperationBody`] and a line in `operations!`, which makes
//! the enum of all of them.

mod message;
mod pay;
mod register_license;
mod transfer;
mod update_license;
mod withdraw;

pub use message::{Message, PAYLOAD_ELEMENTS, message_head};
pub use pay::Pay;
pub use register_license::RegisterLicense;
pub use transfer::Transfer;
pub use update_license::{UPDATE_LICENSEE_SHIFT, UPDATE_STATUS_SHIFT, UpdateLicense};
pub use withdraw::Withdraw;

use serde::{Deserialize, Serialize};

use crate::codec::Reader;
use crate::error::DecodeError;
use crate::felt::Felt;
use crate::hash::ShortDigest;
use crate::license::Holder;
use crate::quantity::Amount;

/// The elements of a message that depend on its operation.
#[derive(Default)]
pub(crate) struct OperationFields {
    pub(crate) target: u64,
    pub(crate) quantity: u32,
    pub(crate) amount: Felt,
    pub(crate) recipient: ShortDigest,
    pub(crate) payload: [Felt; PAYLOAD_ELEMENTS],
}

/// Number, elements and canonical bytes of an operation.
pub(crate) trait OperationBody: Sized {
    /// The number in messages and bytes.
    const KIND: u8;
    /// The name in errors and reports.
    const NAME: &'static str;

    /// Nano-units that the operation takes from its account, the fee not counted.
    fn amount(&self) -> Amount;

    /// The elements of the message that depend on the operation.
    fn fields(&self) -> OperationFields;

    /// Appends the canonical bytes: fields in order, big-endian.
    fn write(&self, bytes: &mut Vec<u8>);

    /// Reads what [`OperationBody::write`] appends; never panics.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Operation of an intent.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Operation {
            $($(#[$doc])* $name($name),)*
        }

        /// Kinds of operation, with their numbers in messages and bytes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum OperationKind {
            $($(#[$doc])* $name = <$name as OperationBody>::KIND,)*
        }

        impl OperationKind {
            /// Every kind, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in errors and reports.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => <$name as OperationBody>::NAME,)*
                }
            }
        }

        impl Operation {
            /// The kind, whose number stands for the operation in messages and bytes.
            pub const fn kind(&self) -> OperationKind {
                match self {
                    $(Self::$name(_) => OperationKind::$name,)*
                }
            }

            /// Nano-units that the operation takes from its account, the fee not counted.
            pub fn amount(&self) -> Amount {
                match self {
                    $(Self::$name(body) => body.amount(),)*
                }
            }

            pub(crate) fn fields(&self) -> OperationFields {
                match self {
                    $(Self::$name(body) => body.fields(),)*
                }
            }

            pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
                match self {
                    $(Self::$name(body) => body.write(bytes),)*
                }
            }

            pub(crate) fn read(kind: u8, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                match kind {
                    $(<$name as OperationBody>::KIND => Ok(Self::$name($name::read(reader)?)),)*
                    got => Err(DecodeError::UnknownKind { what: "operation", got }),
                }
            }
        }

        $(
            impl From<$name> for Operation {
                fn from(body: $name) -> Self {
                    Self::$name(body)
                }
            }
        )*
    };
}

operations! {
    /// Pays a license.
    Pay,
    /// Pays an account.
    Transfer,
    /// Withdraws to L1.
    Withdraw,
    /// Registers a license.
    RegisterLicense,
    /// Changes a license.
    UpdateLicense,
}

impl Operation {
    /// Names the recipients as `recipient` knows them: the identity of an account, the origin of a
    /// license. Returns false, and changes nothing, if it does not know one.
    pub fn address(&mut self, mut recipient: impl FnMut(Holder) -> Option<ShortDigest>) -> bool {
        let (slot, found) = match self {
            Self::Pay(body) => (&mut body.recipient, recipient(Holder::License(body.license))),
            Self::Transfer(body) => (&mut body.recipient, recipient(Holder::Account(body.to))),
            Self::RegisterLicense(body) => {
                let chain = body.shares.holder_chain(recipient);
                (&mut body.recipient, chain.map(ShortDigest::from))
            }
            Self::UpdateLicense(body) => {
                (&mut body.recipient, recipient(Holder::License(body.license)))
            }
            Self::Withdraw(_) => return true,
        };
        if let Some(found) = found {
            *slot = found;
        }
        found.is_some()
    }
}

impl OperationKind {
    /// The number in messages and bytes.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl core::fmt::Display for OperationKind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
