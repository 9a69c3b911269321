//! Resources of a batch that a step takes, from its effects.

use farthing_protocol::{Holder, LicenseId};

use super::meter::{ResourceMeter, ResourceUsage};
use super::running::RunningState;
use crate::rules::{Effect, Effects, RuleView};

/// The usage of a step with these effects; all that they name has been loaded. The ancestors of a
/// license paid are left out if the batch touches the license already.
pub(super) fn usage_of(
    effects: &Effects,
    running: &RunningState,
    meter: &ResourceMeter,
) -> ResourceUsage {
    let mut usage = ResourceUsage::default();
    for effect in effects.iter() {
        match effect {
            Effect::Debit { account, .. } => usage.signer = Some(*account),
            Effect::Credit { account, .. } | Effect::Deposit { account, .. } => {
                usage.accounts.push(*account);
                usage.credits += 1;
            }
            // One credit for all of them, which every batch has.
            Effect::Fee(_) => {}
            Effect::PayLicense { license, .. } => {
                usage.credits += 1;
                if !meter.touches_license(*license) {
                    touch_license(*license, running, &mut usage);
                }
            }
            Effect::RegisterLicense { license, new } => {
                let shares = &new.terms.shares;
                let holders = shares.holders();
                usage.licenses.push((*license, holders.len() as u32));
                usage.registers = Some(holders.len() as u32);
                usage.parents = shares.parents().count() as u32;
                for line in holders {
                    match line.holder {
                        Holder::Account(account) => usage.accounts.push(account),
                        Holder::License(parent) => touch_license(parent, running, &mut usage),
                    }
                }
            }
            Effect::UpdateLicense { license, .. } => {
                usage.updates += 1;
                if !meter.touches_license(*license) {
                    touch_license(*license, running, &mut usage);
                }
            }
            Effect::Withdraw { .. } => usage.withdrawals += 1,
            Effect::OpenAccount(opened) => {
                usage.accounts.push(opened.id);
                usage.opened += 1;
            }
            Effect::Touch { account } => usage.accounts.push(*account),
            Effect::Exit { account } => {
                usage.accounts.push(*account);
                usage.withdrawals += 1;
            }
        }
    }
    usage
}

/// Adds `license` and its ancestors, with all their holders.
fn touch_license(license: LicenseId, running: &RunningState, usage: &mut ResourceUsage) {
    let mut pending = vec![license];
    while let Some(id) = pending.pop() {
        let Some(license) = running.license(id) else { continue };
        let holders = license.terms.shares.holders();
        if usage.licenses.iter().any(|(touched, _)| *touched == id) {
            continue;
        }
        usage.licenses.push((id, holders.len() as u32));
        for line in holders {
            match line.holder {
                Holder::Account(account) => usage.accounts.push(account),
                Holder::License(parent) => pending.push(parent),
            }
        }
    }
}
