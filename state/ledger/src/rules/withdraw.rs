//! `Withdraw`: no rule beyond the range of its amount and the signer's funds, which are checked
//! elsewhere.

use std::convert::Infallible;

use farthing_protocol::Withdraw;

use super::{Effect, Effects, References, Rule, RuleContext, RuleView};

impl Rule for Withdraw {
    type Error = Infallible;

    fn references(&self) -> References {
        References::default()
    }

    fn check(&self, context: RuleContext, _view: &impl RuleView) -> Result<Effects, Infallible> {
        let RuleContext { signer, .. } = context;
        Ok(Effects::new([Effect::Withdraw { account: signer, amount: self.amount() }]))
    }
}
