//! The contracts' ABI and bytecode, from the committed artifacts.

#![expect(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated; IRollup.sol documents every item"
)]

use alloy::sol;

sol! {
    #[sol(rpc, all_derives)]
    Rollup,
    "../artifacts/Rollup.json"
}

sol! {
    #[sol(rpc)]
    RollupTimelock,
    "../artifacts/RollupTimelock.json"
}

sol! {
    #[sol(rpc)]
    Verifier,
    "../artifacts/Verifier.json"
}

sol! {
    #[sol(rpc)]
    DevToken,
    "../artifacts/DevToken.json"
}
