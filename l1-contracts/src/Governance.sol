// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "./interfaces/IRollup.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {RollupState} from "./RollupState.sol";

/// @title What can be changed, by whom, and when
abstract contract Governance is RollupState {
    /// @inheritdoc IRollup
    function pause() external {
        require(msg.sender == guardian, Unauthorized(msg.sender));
        require(block.timestamp >= pauseAllowedFrom, PauseTooSoon(pauseAllowedFrom));
        pausedUntil = uint64(block.timestamp) + PAUSE_MAX;
        pauseAllowedFrom = uint64(block.timestamp) + PAUSE_INTERVAL;
        emit Paused(pausedUntil);
    }

    /// @inheritdoc IRollup
    function unpause() external {
        require(msg.sender == guardian || msg.sender == TIMELOCK, Unauthorized(msg.sender));
        pausedUntil = 0;
        emit Unpaused();
    }

    /// @inheritdoc IRollup
    function setVerifier(address newVerifier) external onlyTimelock {
        require(newVerifier.code.length != 0, ZeroAddress());
        blockVerifier = IVerifier(newVerifier);
        emit VerifierChanged(newVerifier);
    }

    /// @inheritdoc IRollup
    function setOperator(address newOperator) external onlyTimelock {
        require(newOperator != address(0), ZeroAddress());
        operator = newOperator;
        emit OperatorChanged(newOperator);
    }

    /// @inheritdoc IRollup
    function setGuardian(address newGuardian) external onlyTimelock {
        guardian = newGuardian;
        emit GuardianChanged(newGuardian);
    }
}
