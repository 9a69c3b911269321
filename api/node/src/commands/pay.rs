//! `farthing pay`: a license, or an account.

use farthing_protocol::{AccountId, LicenseId, Uses};

use super::context::Context;
use crate::cli::PayArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: PayArgs) -> Result<(), CliError> {
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let memo = args.memo.map_or_else(Default::default, |memo| memo.0);
    let accepted = match (args.license, args.to, args.amount) {
        (Some(license), ..) => {
            let uses = Uses::new(args.uses.into())?;
            client.pay(&signer, LicenseId::from(license), uses, memo).await?
        }
        (None, Some(to), Some(amount)) => {
            client.transfer(&signer, AccountId::from(to), amount.0, memo).await?
        }
        _ => {
            let how = "name a license, or --to ACCOUNT with --amount TOKENS";
            return Err(CliError::Missing { what: "who is paid", how });
        }
    };
    context.follow(&client, &accepted, &args.wait).await
}
