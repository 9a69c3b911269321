//! L1 in this process: any account, no fees.

use alloy::primitives::{Address, Bytes, Log, TxKind};
use alloy::sol_types::{SolCall, SolError};
use revm::context::result::{ExecutionResult, Output};
use revm::context::{BlockEnv, CfgEnv, Context, Journal, TxEnv};
use revm::database::InMemoryDB;
use revm::{ExecuteCommitEvm, MainBuilder, MainContext, MainnetEvm};

use super::TestResult;
use super::rules::{BLOCK_GAS_MAX, Rules};

type Inner = Context<BlockEnv, TxEnv, CfgEnv, InMemoryDB, Journal<InMemoryDB>, ()>;

/// A chain that mines every transaction at once.
pub struct RevmL1 {
    evm: MainnetEvm<Inner>,
    rules: Rules,
    /// Logs of all transactions, in order.
    pub logs: Vec<Log>,
    /// Gas of the last transaction, as its receipt would say.
    pub gas: u64,
    /// The part of it that paid for new state under EIP-8037; zero before Amsterdam.
    pub state_gas: u64,
}

/// Data of a revert.
#[derive(Debug)]
pub struct Reverted(pub Bytes);

impl Reverted {
    /// Returns true if the revert is the error `E`.
    pub fn is<E: SolError>(&self) -> bool {
        self.0.starts_with(&E::SELECTOR)
    }
}

impl RevmL1 {
    /// An empty chain at `now`.
    pub fn new(rules: Rules, chain_id: u64, now: u64) -> Self {
        let mut cfg = CfgEnv::new_with_spec(rules.spec());
        cfg.chain_id = chain_id;
        let context = Context::mainnet()
            .with_db(InMemoryDB::default())
            .with_cfg(cfg)
            .modify_block_chained(|block| {
                block.timestamp = now.try_into().unwrap_or_default();
                block.gas_limit = BLOCK_GAS_MAX;
            });
        Self { evm: context.build_mainnet(), rules, logs: Vec::new(), gas: 0, state_gas: 0 }
    }

    /// The time of the next transaction.
    pub fn warp(&mut self, now: u64) {
        self.evm.ctx.block.timestamp = now.try_into().unwrap_or_default();
    }

    fn transact(&mut self, from: Address, to: TxKind, data: Bytes) -> TestResult<ExecutionResult> {
        let nonce = {
            use revm::DatabaseRef;
            let account = self.evm.ctx.journaled_state.database.basic_ref(from)?;
            account.map_or(0, |account| account.nonce)
        };
        let tx = TxEnv::builder()
            .caller(from)
            .kind(to)
            .data(data)
            .nonce(nonce)
            .chain_id(Some(self.evm.ctx.cfg.chain_id))
            .gas_limit(self.rules.gas_limit_max())
            .gas_price(0)
            .build()
            .map_err(|error| format!("{error:?}"))?;
        let result = self.evm.transact_commit(tx)?;
        self.gas = result.gas().tx_gas_used();
        self.state_gas = result.gas().state_gas_spent_final();
        Ok(result)
    }

    /// Deploys a contract.
    pub fn deploy(&mut self, from: Address, initcode: Bytes) -> TestResult<Address> {
        match self.transact(from, TxKind::Create, initcode)? {
            ExecutionResult::Success { output: Output::Create(_, Some(at)), logs, .. } => {
                self.logs.extend(logs);
                Ok(at)
            }
            other => Err(format!("not deployed: {other:?}").into()),
        }
    }

    /// Calls a contract in a transaction; what it returns, or how it reverted.
    pub fn call<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> TestResult<Result<C::Return, Reverted>> {
        match self.transact(from, TxKind::Call(to), call.abi_encode().into())? {
            ExecutionResult::Success { output, logs, .. } => {
                self.logs.extend(logs);
                Ok(Ok(C::abi_decode_returns(output.data())?))
            }
            ExecutionResult::Revert { output, .. } => Ok(Err(Reverted(output))),
            halt => Err(format!("halted: {halt:?}").into()),
        }
    }

    /// Calls a contract and expects it not to revert.
    pub fn must<C: SolCall>(
        &mut self,
        from: Address,
        to: Address,
        call: &C,
    ) -> TestResult<C::Return> {
        let answer = self.call(from, to, call)?;
        answer.map_err(|reverted| format!("{}: {}", C::SIGNATURE, reverted.0).into())
    }
}
