//! Configuration of an aggregator.

use std::path::PathBuf;
use std::time::Duration;

use farthing_ledger::Genesis;
use farthing_protocol::BatchClass;

use crate::fault::Faults;
use crate::sequencer::{AdmissionRules, OpeningQuota};

/// The ledger's folder under the data folder.
pub(crate) const LEDGER_FOLDER: &str = "ledger";
/// The aggregator's own.
pub(crate) const NODE_FOLDER: &str = "node";

/// Configuration of an aggregator.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of everything durable.
    pub data: PathBuf,
    /// The first state of the ledger.
    pub genesis: Genesis,
    /// The class of the batches to seal.
    pub class: BatchClass,
    /// Rules by which intents become batches.
    pub sequencer: SequencerConfig,
    /// Rules by which batches become blocks.
    pub blocks: BlockConfig,
    /// Points at which a test lets the process die.
    pub faults: Faults,
}

/// Rules by which intents become batches.
#[derive(Clone, Copy, Debug)]
pub struct SequencerConfig {
    /// A batch is sealed at this age, if it is not full before.
    pub seal_age: Duration,
    /// Size of the mempool, in intents. Further intents are refused at once, which bounds memory.
    pub waiting_max: u32,
    /// Rules for intents beyond the protocol.
    pub rules: AdmissionRules,
    /// Accounts opened by request.
    pub openings: OpeningQuota,
    /// Batches that may wait for a proof. A node with a prover acknowledges nothing new while there
    /// are this many.
    pub unproven_batches_max: u32,
    /// Largest lead of the node's clock over L1's at which new intents are acknowledged.
    pub clock_ahead_max: Duration,
}

impl Default for SequencerConfig {
    fn default() -> Self {
        Self {
            seal_age: Duration::from_secs(60),
            waiting_max: WAITING_MAX,
            rules: AdmissionRules::default(),
            openings: OpeningQuota::default(),
            unproven_batches_max: UNPROVEN_BATCHES_MAX,
            clock_ahead_max: CLOCK_AHEAD_MAX,
        }
    }
}

/// Intents that may wait: two seconds of the rate aimed at, 5,000 a second, and room for bursts;
/// at 1 KB each it is 32 MB.
const WAITING_MAX: u32 = 32_768;

/// Batches that may wait for a proof: eight hours of one a minute, far less than the days after
/// which L1 takes a batch no more.
const UNPROVEN_BATCHES_MAX: u32 = 512;

/// The most that a clock may be ahead of L1's: blocks of Ethereum are seconds old, and a machine
/// that asks for the time is right within one.
const CLOCK_AHEAD_MAX: Duration = Duration::from_secs(600);

/// Rules by which batches become blocks.
#[derive(Clone, Copy, Debug)]
pub struct BlockConfig {
    /// Maximum number of batches in a block.
    pub batches_max: u32,
    /// A block is formed when its first batch has waited this long, if it is not full before.
    pub age: Duration,
}

impl Default for BlockConfig {
    fn default() -> Self {
        Self { batches_max: 4, age: Duration::from_secs(300) }
    }
}

impl Config {
    /// Configuration with the default rules and limits.
    pub fn new(data: PathBuf, genesis: Genesis, class: BatchClass) -> Self {
        Self {
            data,
            genesis,
            class,
            sequencer: SequencerConfig::default(),
            blocks: BlockConfig::default(),
            faults: Faults::NONE,
        }
    }
}
