//! Effects of the steps of a batch, and the one way to apply them.

use farthing_protocol::{
    AccountId, Amount, Fee, License, LicenseId, LicenseVersion, Nano, OpenedAccount,
};

/// One change that a step makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Takes nano-units from an account.
    Debit { account: AccountId, amount: Nano },
    /// Adds nano-units to an account.
    Credit { account: AccountId, amount: Amount },
    /// Adds the fee of an intent to the operator's account.
    Fee(Fee),
    /// Adds a payment to what a license received.
    PayLicense { license: LicenseId, amount: Amount },
    /// Registers a license.
    RegisterLicense { license: LicenseId, new: License },
    /// Sets a license's version from the next batch on.
    UpdateLicense { license: LicenseId, version: LicenseVersion },
    /// Makes a claim on L1 for the account's owner; a debit goes with it.
    Withdraw { account: AccountId, amount: Amount },
    /// Opens an account.
    OpenAccount(OpenedAccount),
    /// Adds a deposit to an account.
    Deposit { account: AccountId, amount: Amount },
    /// Has a record of the account in the batch, although nothing about it changes.
    Touch { account: AccountId },
    /// Withdraws the balance that the batch leaves on the account.
    Exit { account: AccountId },
}

/// The effects of a step, in the order in which they are applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects(Vec<Effect>);

/// State or sums that effects change: the running state of admission, the sums of execution.
pub(crate) trait EffectTarget {
    type Error;

    fn touch(&mut self, account: AccountId) -> Result<(), Self::Error>;
    fn open(&mut self, opened: OpenedAccount) -> Result<(), Self::Error>;
    fn debit(&mut self, account: AccountId, amount: Nano) -> Result<(), Self::Error>;
    fn credit(&mut self, account: AccountId, amount: Nano) -> Result<(), Self::Error>;
    /// Counts a deposit that is credited apart.
    fn add_deposited(&mut self, amount: Amount) -> Result<(), Self::Error>;
    fn pay(&mut self, license: LicenseId, amount: Amount) -> Result<(), Self::Error>;
    fn register(&mut self, license: LicenseId, new: &License) -> Result<(), Self::Error>;
    fn update(&mut self, license: LicenseId, version: &LicenseVersion) -> Result<(), Self::Error>;
    fn withdraw(&mut self, account: AccountId, amount: Amount) -> Result<(), Self::Error>;
    fn exit(&mut self, account: AccountId) -> Result<(), Self::Error>;
}

impl Effects {
    pub(crate) fn new(effects: impl IntoIterator<Item = Effect>) -> Self {
        Self(effects.into_iter().collect())
    }

    /// These effects, then `others`.
    pub(super) fn then(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Effect> {
        self.0.iter()
    }

    /// The license that is registered.
    pub(crate) fn registered(&self) -> Option<LicenseId> {
        self.0.iter().find_map(|effect| match effect {
            Effect::RegisterLicense { license, .. } => Some(*license),
            _ => None,
        })
    }

    /// Returns true if an account or a license is credited, even with an amount of 0; a fee of 0 is
    /// not a credit.
    pub(crate) fn has_credit(&self) -> bool {
        self.0.iter().any(|effect| match effect {
            Effect::Credit { .. } | Effect::PayLicense { .. } | Effect::Deposit { .. } => true,
            Effect::Fee(fee) => *fee != Fee::MIN,
            _ => false,
        })
    }

    /// Applies every effect in order; stops at the first error.
    pub(crate) fn apply<T: EffectTarget>(&self, target: &mut T) -> Result<(), T::Error> {
        self.0.iter().try_for_each(|effect| match effect {
            Effect::Debit { account, amount } => target.debit(*account, *amount),
            Effect::Credit { account, amount } => target.credit(*account, (*amount).into()),
            Effect::Fee(fee) => target.credit(AccountId::OPERATOR, (*fee).into()),
            Effect::PayLicense { license, amount } => target.pay(*license, *amount),
            Effect::RegisterLicense { license, new } => target.register(*license, new),
            Effect::UpdateLicense { license, version } => target.update(*license, version),
            Effect::Withdraw { account, amount } => target.withdraw(*account, *amount),
            Effect::OpenAccount(opened) => target.open(*opened),
            Effect::Deposit { account, amount } => {
                target.credit(*account, (*amount).into())?;
                target.add_deposited(*amount)
            }
            Effect::Touch { account } => target.touch(*account),
            Effect::Exit { account } => target.exit(*account),
        })
    }
}
