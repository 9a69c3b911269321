//! `farthing withdraw`: to the account's owner on L1.

use farthing_protocol::Withdraw;

use super::context::Context;
use crate::cli::WithdrawArgs;
use crate::error::CliError;

pub(crate) async fn run(context: &Context, args: WithdrawArgs) -> Result<(), CliError> {
    let memo = args.memo.map_or_else(Default::default, |memo| memo.0);
    let withdraw = Withdraw::new(args.amount.0, memo)?;
    let client = context.client()?;
    let signer = context.signer(&client).await?;
    let signed = signer.withdraw(withdraw)?;
    context.submit(&client, &signer, &signed, None, &args.wait).await
}
