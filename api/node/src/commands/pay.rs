//! `farthing pay`: a license, or an account.

use farthing_client::dto::{IntentBody, WireIntentId};
use farthing_protocol::{AccountId, LicenseId, Uses};

use super::context::Context;
use crate::cli::PayArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: PayArgs) -> Result<(), CliError> {
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let memo = args.memo.map_or_else(Default::default, |memo| memo.0);
    let signed = match (args.license, args.to, args.amount) {
        (Some(license), ..) => {
            let uses = Uses::new(args.uses.into())?;
            client.sign_pay(&signer, LicenseId::from(license), uses, memo).await?
        }
        (None, Some(to), Some(amount)) => {
            client.sign_transfer(&signer, AccountId::from(to), amount.0, memo).await?
        }
        _ => {
            let how = "name a license, or --to ACCOUNT with --amount TOKENS";
            return Err(CliError::Missing { what: "who is paid", how });
        }
    };
    if args.dry_run {
        let body = serde_json::to_string(&IntentBody::from(&signed)).map_err(CliError::Json)?;
        let id = WireIntentId::from(signed.intent.id(&signer.domain()));
        // The body alone, for pipes; its name is for people.
        println!("{body}");
        eprintln!("signed {id}, not sent");
        return Ok(());
    }
    let accepted = client.submit(&signed).await?;
    context.follow(&client, &accepted, &args.wait).await
}
