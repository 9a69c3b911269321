//! A ledger and the rollup that settles it, on a chain in this process.
//!
//! The verifier here is none: it accepts a proof that is the keccak hash of the statement it is
//! given. So a block is accepted if and only if the contract's statement is the one that Rust
//! expects, bit for bit. The real verifier has tests of its own.

#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test file includes the module whole and uses its part of it"
)]

pub mod pages;
pub mod revm_l1;
pub mod rules;

use alloy::primitives::{Address, Bytes, U256, hex, keccak256};
use alloy::sol_types::SolConstructor;
use farthing_l1::abi::{DevToken, IRollup, Rollup};
use farthing_l1::{RollupConfig, commit_parts, to_batch};
use farthing_ledger::{Checked, Durability, Genesis, Ledger, SealedBatch};
use farthing_protocol::{
    AccountId, AccountIdentity, Address as Owner, BatchClass, BlockStatement, Bytes32, Digest,
    Domain, Fee, Intent, Nonce, Operation, PROTOCOL_VERSION, UnixTime,
};
use tempfile::TempDir;

use revm_l1::{Reverted, RevmL1};
use rules::Rules;

pub use farthing_testkit::TestResult;
pub use farthing_testkit::{account, identity, key, license, owner, pay, register, withdraw};

pub const CHAIN_ID: u64 = 31_337;
pub const NOW: u64 = 1_800_000_000;
pub const DAY: u64 = 86_400;

/// CALLDATACOPY of the 176 bytes of the statement, KECCAK256, EQ with the first word of the proof.
const ECHO_VERIFIER: [u8; 39] = hex!(
    "601c80600b6000396000f3" // returns the 28 bytes behind it
    "60b06064600037" // memory 0 to 176: the statement
    "60b0600020" // its hash
    "602435602401351460005260206000f3" // whether it is the proof's first word
);

pub fn operator() -> Address {
    Address::repeat_byte(0x0e)
}

pub fn bank() -> Address {
    Address::repeat_byte(0xba)
}

/// A file of `l1-contracts/test/data`.
pub fn fixture(name: &str) -> TestResult<Vec<u8>> {
    Ok(std::fs::read(pages::contracts().join("test/data").join(name))?)
}

/// A rollup of `operator` with account 0 of the testkit.
pub fn config(token: Address, verifier: Address) -> RollupConfig {
    RollupConfig {
        token,
        verifier,
        operator: operator(),
        guardian: Address::repeat_byte(0x0a),
        governor: Address::repeat_byte(0x90),
        operator_account: identity(0),
        least_deposit: 1,
    }
}

/// The block statement's 22 elements, 8 bytes each.
pub fn statement_bytes(s: &BlockStatement) -> Vec<u8> {
    let mut bytes = u64::from(PROTOCOL_VERSION).to_be_bytes().to_vec();
    bytes.extend(s.domain.to_bytes());
    for element in [s.first_batch.get(), u64::from(s.batches), s.timestamp.get()] {
        bytes.extend(element.to_be_bytes());
    }
    bytes.extend(s.old_root.to_bytes());
    bytes.extend(s.new_root.to_bytes());
    for element in [s.queue_from.get(), s.queue_to.get()] {
        bytes.extend(element.to_be_bytes());
    }
    bytes.extend(s.batches_root.to_bytes());
    bytes
}

/// The proof that the verifier here accepts.
pub fn echo_proof(statement: &BlockStatement) -> Bytes {
    keccak256(statement_bytes(statement)).to_vec().into()
}

pub struct TestRollup {
    pub l1: RevmL1,
    pub token: Address,
    pub rollup: Address,
    pub ledger: Ledger,
    pub genesis: Genesis,
    pub class: BatchClass,
    pub dir: TempDir,
    pub domain: Digest,
    pub now: u64,
    /// Batches sealed and not yet proven.
    pub sealed: Vec<SealedBatch>,
    nonces: Vec<u64>,
}

impl TestRollup {
    /// A rollup under today's rules.
    pub fn new(class: BatchClass) -> TestResult<Self> {
        Self::under(Rules::Osaka, class)
    }

    pub fn under(rules: Rules, class: BatchClass) -> TestResult<Self> {
        let mut l1 = RevmL1::new(rules, CHAIN_ID, NOW);
        let token = l1.deploy(operator(), DevToken::BYTECODE.clone())?;
        let verifier = l1.deploy(operator(), ECHO_VERIFIER.to_vec().into())?;
        let config = config(token, verifier);
        let arguments = Rollup::constructorCall { config: config.into() }.abi_encode();
        let initcode = [Rollup::BYTECODE.as_ref(), &arguments].concat();
        let rollup = l1.deploy(operator(), initcode.into())?;
        let domain = Domain { chain_id: CHAIN_ID, contract: Owner(rollup.into_array()) };
        let genesis = Genesis { domain, operator: identity(0) };
        let dir = tempfile::tempdir()?;
        let ledger = Ledger::create(dir.path(), genesis, class, Durability::Buffered)?;
        let mut test = Self {
            l1,
            token,
            rollup,
            domain: ledger.domain_digest(),
            ledger,
            genesis,
            class,
            dir,
            now: NOW,
            sealed: Vec::new(),
            nonces: vec![0; 1 << 12],
        };
        let (mint, approve) = (U256::from(1u64 << 52), U256::MAX);
        test.on_token(bank(), &DevToken::mintCall { to: bank(), units: mint })?;
        test.on_token(bank(), &DevToken::approveCall { spender: rollup, value: approve })?;
        Ok(test)
    }

    fn on_token<C: alloy::sol_types::SolCall>(
        &mut self,
        from: Address,
        call: &C,
    ) -> TestResult<()> {
        self.l1.must(from, self.token, call)?;
        Ok(())
    }

    pub fn time(&self) -> UnixTime {
        UnixTime::new(self.now).unwrap_or(UnixTime::MAX)
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now += seconds;
        self.l1.warp(self.now);
    }

    pub fn token_balance(&mut self, of: Address) -> TestResult<u64> {
        let call = DevToken::balanceOfCall { account: of };
        Ok(self.l1.must(bank(), self.token, &call)?.to())
    }

    /// Pays into the queue for an account.
    pub fn deposit(&mut self, account: u32, units: u64) -> TestResult<()> {
        let AccountIdentity { key, owner } = identity(account);
        let call = Rollup::depositCall {
            owner: Address::from(owner.0),
            key: key.to_words(),
            units: U256::from(units),
        };
        self.l1.must(bank(), self.rollup, &call)?;
        Ok(())
    }

    /// Consumes queue entries from the contract's logs until the batch is full or none is left.
    pub fn consume(&mut self) -> TestResult<usize> {
        let entries = self.queue_entries()?;
        let from = self.ledger.queue_next();
        let entries = &entries[from.get() as usize..];
        let now = self.time();
        Ok(self.ledger.consume(now, from, entries)?.0)
    }

    fn queue_entries(&self) -> TestResult<Vec<farthing_protocol::QueueEntry>> {
        use Rollup::RollupEvents::{Deposited, ForcedExitRequested};
        use alloy::sol_types::SolEventInterface;
        let mut entries = Vec::new();
        let mut chain = Bytes32([0; 32]);
        for log in self.l1.logs.iter().filter(|log| log.address == self.rollup) {
            let queued = match Rollup::RollupEvents::decode_log(log)?.data {
                Deposited(log) => farthing_l1::queued_deposit(&log)?,
                ForcedExitRequested(log) => farthing_l1::queued_forced_exit(&log)?,
                _ => continue,
            };
            assert_eq!(queued.index.get(), entries.len() as u64);
            chain = queued.entry.chain(&chain);
            assert_eq!(queued.chain, chain, "the contract's chain is the protocol's");
            entries.push(queued.entry);
        }
        Ok(entries)
    }

    pub fn open(&mut self, accounts: std::ops::Range<u32>) -> TestResult<()> {
        let identities: Vec<_> = accounts.map(identity).collect();
        let now = self.time();
        for opened in self.ledger.open_accounts(now, &identities)? {
            opened?;
        }
        Ok(())
    }

    /// Signs an intent and expects it to be admitted.
    pub fn submit(&mut self, account: u32, fee: u64, mut operation: Operation) -> TestResult<()> {
        self.ledger.address(&mut operation)?;
        let nonce = &mut self.nonces[account as usize];
        *nonce += 1;
        let intent = Intent {
            account: AccountId::from(account),
            nonce: Nonce::new(*nonce)?,
            fee: Fee::new(fee)?,
            valid_until: UnixTime::new(self.now + 60)?,
            operation,
        };
        let signed = intent.sign(&key(account), &self.domain);
        let now = self.time();
        match self.ledger.check(std::slice::from_ref(&signed))?.remove(0)? {
            Checked::Duplicate(_) => Err("known".into()),
            Checked::Fresh(checked) => {
                self.ledger.admit(now, &[checked])?.remove(0)?;
                Ok(())
            }
        }
    }

    pub fn seal(&mut self) -> TestResult<()> {
        let now = self.time();
        let sealed = self.ledger.seal_always(now)?;
        self.sealed.push(sealed);
        Ok(())
    }

    pub fn batch(sealed: &SealedBatch) -> IRollup::Batch {
        to_batch(&sealed.witness.statement.header, sealed.witness.public_data.keccak())
    }

    /// Commits a sealed batch in parts of `chunks` chunks; returns the gas.
    pub fn commit(&mut self, sealed: &SealedBatch, chunks: usize) -> TestResult<u64> {
        let mut gas = 0;
        for part in commit_parts(&sealed.witness.public_data, chunks) {
            let call = Rollup::commitCall {
                batch: Self::batch(sealed),
                firstLimb: part.first_limb,
                part: part.bytes,
            };
            self.l1.must(operator(), self.rollup, &call)?;
            gas += self.l1.gas;
        }
        Ok(gas)
    }

    /// Proves committed batches as one block.
    pub fn prove(&mut self, sealed: &[SealedBatch]) -> TestResult<Result<(), Reverted>> {
        let statements: Vec<_> = sealed.iter().map(|s| s.witness.statement).collect();
        let call = Rollup::proveCall {
            batches: sealed.iter().map(Self::batch).collect(),
            proof: echo_proof(&BlockStatement::join(&statements)?),
        };
        Ok(self.l1.call(operator(), self.rollup, &call)?.map(|_| ()))
    }

    /// Asks for a proof of batches that do not join; no proof could be right.
    pub fn prove_unjoined(&mut self, sealed: &[SealedBatch]) -> TestResult<Result<(), Reverted>> {
        let batches = sealed.iter().map(Self::batch).collect();
        let call = Rollup::proveCall { batches, proof: vec![0; 32].into() };
        Ok(self.l1.call(operator(), self.rollup, &call)?.map(|_| ()))
    }

    /// Commits and proves all that is sealed, as one block.
    pub fn settle(&mut self) -> TestResult<()> {
        let sealed = std::mem::take(&mut self.sealed);
        for batch in &sealed {
            self.commit(batch, 4)?;
        }
        self.prove(&sealed)?.map_err(|reverted| format!("prove: {}", reverted.0))?;
        let root = self.l1.must(bank(), self.rollup, &Rollup::stateRootCall {})?;
        assert_eq!(root.0, self.ledger.root().to_bytes());
        Ok(())
    }
}
