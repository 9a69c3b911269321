// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {Exits} from "./Exits.sol";
import {Governance} from "./Governance.sol";
import {Poseidon2} from "./libraries/Poseidon2.sol";
import {StateTree} from "./libraries/StateTree.sol";
import {Statement} from "./libraries/Statement.sol";
import {RollupTimelock} from "./RollupTimelock.sol";
import {Settlement} from "./Settlement.sol";

/// @title Farthing's rollup
/// @notice See IRollup. Nothing can be replaced in place: the verifier, the operator and the guardian change through
/// the timelock that the constructor makes, everything else never.
contract Rollup is Exits, Settlement, Governance {
    /// @notice Who and what a rollup is made with.
    struct Config {
        /// @dev The settlement token, of 6 decimals.
        address token;
        /// @dev The verifier of block proofs.
        address verifier;
        /// @dev Who commits and proves.
        address operator;
        /// @dev Who may pause; zero for nobody.
        address guardian;
        /// @dev Who proposes changes to the timelock.
        address governor;
        /// @dev The L2 key of account 0.
        uint64[5] operatorKey;
        /// @dev The L1 owner of account 0, to whom fees are withdrawn.
        address operatorOwner;
        /// @dev The least deposit, in base units: an entry costs the operator work.
        uint64 leastDeposit;
    }

    /// @dev The settlement token's decimals: a base unit is 1000 nano.
    uint8 private constant DECIMALS = 6;

    /// @notice Makes a rollup whose state is the operator's empty account.
    /// @param config Who and what.
    constructor(Config memory config) {
        uint8 decimals = IERC20Metadata(config.token).decimals();
        require(decimals == DECIMALS, WrongDecimals(decimals));
        require(config.operator != address(0) && config.governor != address(0), ZeroAddress());
        TOKEN = IERC20(config.token);
        CHAIN_ID = block.chainid;
        require(mayOwn(config.operatorOwner), WrongOwner(config.operatorOwner));
        require(
            config.leastDeposit != 0 && config.leastDeposit < DEPOSIT_LIMIT_NANO / NANO_PER_UNIT,
            DepositOutOfRange(config.leastDeposit)
        );
        LEAST_DEPOSIT = config.leastDeposit;
        address[] memory governors = new address[](1);
        governors[0] = config.governor;
        // The zero address as executor: anybody.
        TIMELOCK = address(new RollupTimelock(UPGRADE_DELAY, governors, new address[](1)));
        useVerifier(config.verifier);
        operator = config.operator;
        guardian = config.guardian;
        Poseidon2.Context ctx = Poseidon2.context();
        DOMAIN = Statement.domainDigest(ctx, uint64(block.chainid), address(this));
        stateRoot = StateTree.genesisRoot(ctx, config.operatorKey, config.operatorOwner);
        lastTimestamp = uint64(block.timestamp) - FIRST_BATCH_LEAD;
        emit Genesis(config.operatorKey, config.operatorOwner, stateRoot);
        emit OperatorChanged(config.operator);
        emit GuardianChanged(config.guardian);
    }
}
