// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "./interfaces/IRollup.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {RollupState} from "./RollupState.sol";

/// @title What can be changed, by whom, and when
abstract contract Governance is RollupState {
    /// @dev The first bytes of the code of an account that delegates; a contract's code never begins with 0xef.
    bytes2 private constant DELEGATION = 0xef01;

    /// @inheritdoc IRollup
    function pause() external {
        require(msg.sender == guardian, Unauthorized(msg.sender));
        uint64 earliest = pauseBegan + PAUSE_INTERVAL;
        require(block.timestamp >= earliest, PauseTooSoon(earliest));
        pauseBegan = uint64(block.timestamp);
        pausedUntil = uint64(block.timestamp) + PAUSE_MAX;
        emit Paused(pausedUntil);
    }

    /// @inheritdoc IRollup
    function unpause() external {
        require(msg.sender == guardian || msg.sender == TIMELOCK, Unauthorized(msg.sender));
        // The time that was spent in the pause stays known: it counts in no limit.
        if (block.timestamp < pausedUntil) pausedUntil = uint64(block.timestamp);
        emit Unpaused();
    }

    /// @inheritdoc IRollup
    function setVerifier(address newVerifier) external onlyTimelock {
        useVerifier(newVerifier);
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

    /// @dev Takes a verifier: a contract. An account that delegates to one (EIP-7702) changes its code when it likes.
    function useVerifier(address newVerifier) internal {
        bytes2 head;
        assembly ("memory-safe") {
            mstore(0x00, 0)
            extcodecopy(newVerifier, 0x00, 0x00, 2)
            head := mload(0x00)
        }
        require(newVerifier.code.length != 0 && head != DELEGATION, NotAContract(newVerifier));
        blockVerifier = IVerifier(newVerifier);
        verifierCodehash = newVerifier.codehash;
        emit VerifierChanged(newVerifier, verifierCodehash);
    }
}
