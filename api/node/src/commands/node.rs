//! `farthing node`: aggregator and REST server until a signal.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Config, L1Config, Profile, plonky2_backend};
use farthing_ledger::Genesis;
use farthing_protocol::{AccountIdentity, BatchClass};
use farthing_provers::Dispatcher;
use farthing_server::Server;
use tokio::signal::unix::{SignalKind, signal};

use super::context::Context;
use super::l1::L1Choice;
use super::nats::nats_config;
use crate::circuits::circuits_folder;
use crate::cli::{NodeArgs, OwnArgs};
use crate::error::CliError;

/// The default folder of a node's data.
const DATA_DEFAULT: &str = "farthing-data";

/// The time for which a start waits for L1 before it serves clients.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) async fn run(context: &Context, args: NodeArgs) -> Result<(), CliError> {
    let l1 = L1Choice::new(context, &args.l1);
    let config = config(context, &l1, &args.own)?;
    let data = config.data.clone();
    let prover = match args.no_prover {
        true => None,
        false => Some(plonky2_backend(
            circuits_folder(args.circuits)?,
            Profile::Proven,
            vec![config.class],
        )),
    };
    let l1 = l1_config(context, &l1, &args.own)?;
    let fleet = match nats_config(context, &args.nats)? {
        Some(_) if prover.is_none() => {
            return Err(CliError::Missing {
                what: "the prover that verifies what others make",
                how: "leave --no-prover out, or [nats] url",
            });
        }
        Some(nats) => Some(Arc::new(Dispatcher::start(&nats).await?) as _),
        None => None,
    };
    let parts = Components { prover, fleet, l1, ..Components::default() };
    if parts.l1.is_none() {
        tracing::warn!("no L1 is configured: nothing is settled, and no deposit arrives");
    }
    let aggregator = Aggregator::start(config, parts)?;
    // A node on the wrong rollup does not listen. If L1 is away, readiness says so.
    match aggregator.checked(CHECK_TIMEOUT).await {
        Ok(true) => {}
        Ok(false) => tracing::warn!("L1 does not answer: the node checks it later"),
        Err(refusal) => {
            aggregator.stop().await;
            return Err(CliError::OtherL1(refusal));
        }
    }
    let mut server = context.settings.server.clone();
    server.listen = args.listen.unwrap_or(server.listen);
    let server = Server::bind(aggregator.clone(), server, &data).await?;
    tracing::info!(address = %server.address(), data = %data.display(), "the node listens for requests");
    let mut signals = Signals::new()?;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        // A sender that is gone ends the server too.
        let _ = ended.await;
    }));
    let by_itself = tokio::select! {
        () = aggregator.stopped() => true,
        () = signals.any() => false,
    };
    drop(end);
    // What the server has taken is answered before the sequencer stops.
    let _ = serving.await;
    aggregator.stop().await;
    tracing::info!("the node has stopped");
    match aggregator.refusal() {
        Some(refusal) => Err(CliError::OtherL1(refusal)),
        None if by_itself => Err(CliError::Stopped),
        None => Ok(()),
    }
}

/// The aggregator's configuration, from flags, environment and file.
pub(super) fn config(context: &Context, l1: &L1Choice, own: &OwnArgs) -> Result<Config, CliError> {
    let file = &context.settings.node;
    let genesis = Genesis { domain: l1.require_domain()?, operator: operator(context, own)? };
    let class = batch_class(context, own)?;
    let mut config = Config::new(data_folder(context, own), genesis, class);
    if let Some(seconds) = file.seal_seconds {
        config.sequencer.seal_age = Duration::from_secs(seconds);
    }
    if let Some(seconds) = file.block_seconds {
        config.blocks.age = Duration::from_secs(seconds);
    }
    config.blocks.batches_max = file.block_batches.unwrap_or(config.blocks.batches_max);
    file.admission.apply(&mut config.sequencer);
    config.sequencer.rules.token = context.settings.l1.token.map(|token| token.0);
    Ok(config)
}

/// The folder of everything durable.
pub(super) fn data_folder(context: &Context, own: &OwnArgs) -> PathBuf {
    let data = own.data.clone().or_else(|| context.settings.node.data.clone());
    data.unwrap_or_else(|| PathBuf::from(DATA_DEFAULT))
}

/// The class of the batches.
pub(super) fn batch_class(context: &Context, own: &OwnArgs) -> Result<BatchClass, CliError> {
    match own.class.clone().or_else(|| context.settings.node.class.clone()) {
        None => Ok(BatchClass::LARGE),
        Some(got) => BatchClass::from_name(&got).ok_or(CliError::Class { got }),
    }
}

/// Account 0, if both of its parts are given.
pub(super) fn given_operator(context: &Context, own: &OwnArgs) -> Option<AccountIdentity> {
    let file = &context.settings.node;
    let key = own.operator_key.or(file.operator_key)?;
    let owner = own.operator_owner.or(file.operator_owner)?;
    Some(AccountIdentity { key: key.0, owner: owner.0 })
}

fn operator(context: &Context, own: &OwnArgs) -> Result<AccountIdentity, CliError> {
    let how = "give --operator-key and --operator-owner of the contract's deployment";
    given_operator(context, own).ok_or(CliError::Missing { what: "the operator's account", how })
}

/// The settler's configuration; `None` without a URL.
pub(super) fn l1_config(
    context: &Context,
    l1: &L1Choice,
    own: &OwnArgs,
) -> Result<Option<L1Config>, CliError> {
    if l1.url.is_none() {
        return Ok(None);
    }
    let file = &context.settings.l1;
    let how = "give --deployed-at NUMBER, or set FARTHING_DEPLOYED_AT";
    let deployed_at = own.deployed_at.or(file.deployed_at);
    let deployed_at =
        deployed_at.ok_or(CliError::Missing { what: "the block of the deployment", how })?;
    let mut config = L1Config::new(l1.url()?, l1.contract()?, deployed_at);
    config.operator = l1.wallet()?;
    config.verifier = file.verifier_codehash.map(|hash| hash.0);
    config.confirmations = file.confirmations.unwrap_or(config.confirmations);
    Ok(Some(config))
}

/// The signals by which a process is asked to end.
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    pub(crate) fn new() -> Result<Self, CliError> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(CliError::Signal)?,
            terminate: signal(SignalKind::terminate()).map_err(CliError::Signal)?,
        })
    }

    /// Waits for one of them.
    pub(crate) async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
