// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {IRollup} from "./interfaces/IRollup.sol";

/// @title The only way to change a rollup
/// @notice An OpenZeppelin TimelockController whose delay cannot fall below the one it was made with. Proposals come
/// from the governor; the governor and the rollup's guardian cancel them; anybody executes them when their time has
/// come, and before it has gone. Nobody administers it from outside.
contract RollupTimelock is TimelockController {
    /// @notice How long a proposal whose time has come may be executed. After that it is as if it had never been made;
    /// the same may be proposed anew, with the whole delay.
    uint256 public constant READY_PERIOD = 7 days;
    /// @notice The least delay, in seconds.
    uint256 public immutable FLOOR;
    /// @notice The rollup, which made it.
    IRollup public immutable ROLLUP;

    constructor(uint256 floor, address[] memory proposers, address[] memory executors)
        TimelockController(floor, proposers, executors, address(0))
    {
        FLOOR = floor;
        ROLLUP = IRollup(msg.sender);
    }

    /// @notice The delay of new proposals.
    /// @return The delay set, or the floor if that is longer.
    function getMinDelay() public view override returns (uint256) {
        uint256 delay = super.getMinDelay();
        return delay < FLOOR ? FLOOR : delay;
    }

    /// @notice What has become of a proposal.
    /// @param id The proposal.
    /// @return `Unset` too if its time has gone.
    function getOperationState(bytes32 id) public view override returns (OperationState) {
        OperationState state = super.getOperationState(id);
        bool expired = state == OperationState.Ready && block.timestamp > getTimestamp(id) + READY_PERIOD;
        return expired ? OperationState.Unset : state;
    }

    /// @dev The guardian of the day cancels too, without a role: a stolen key of the governor changes nothing then.
    function _checkRole(bytes32 role, address account) internal view override {
        if (role == CANCELLER_ROLE && account == ROLLUP.guardian()) return;
        super._checkRole(role, account);
    }
}
