//! `farthing pay`: a license, or an account.

use farthing_client::dto::{IntentBody, WireIntentId};
use farthing_protocol::{AccountId, Holder, LicenseId, Uses};

use super::context::Context;
use crate::cli::PayArgs;
use crate::error::CliError;
use crate::note::note;
use crate::output;

pub(crate) async fn run(context: &Context, args: PayArgs) -> Result<(), CliError> {
    let mut client = context.client()?;
    let named = args.recipient.map(|recipient| recipient.0);
    let signer = context.signer(&client).await?;
    let memo = args.memo.map_or_else(Default::default, |memo| memo.0);
    let signed = match (args.license, args.to, args.amount) {
        (Some(license), ..) => {
            let (license, uses) = (LicenseId::from(license), Uses::new(args.uses.into())?);
            if let Some(recipient) = named {
                client = client.with_recipient(Holder::License(license), recipient);
            }
            client.sign_pay(&signer, license, uses, memo).await?
        }
        (None, Some(to), Some(amount)) => {
            let to = AccountId::from(to);
            if let Some(recipient) = named {
                client = client.with_recipient(Holder::Account(to), recipient);
            }
            client.sign_transfer(&signer, to, amount.0, memo).await?
        }
        _ => {
            let how = "name a license, or --to ACCOUNT with --amount TOKENS";
            return Err(CliError::Missing { what: "the recipient", how });
        }
    };
    if args.dry_run {
        let body = serde_json::to_string(&IntentBody::from(&signed)).map_err(CliError::Json)?;
        let id = WireIntentId::from(signed.intent.id(&signer.domain()));
        // The body alone, for pipes; its name is for people.
        output::result(&body)?;
        note(&format!("signed {id}, not sent"));
        return Ok(());
    }
    context.submit(&client, &signer, &signed, args.idempotency_key.as_deref(), &args.wait).await
}
