// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title The only way to change a rollup
/// @notice An OpenZeppelin TimelockController whose delay cannot fall below the one it was made with. Proposals come
/// from the governor; anybody executes them when their time has come. Nobody administers it from outside.
contract RollupTimelock is TimelockController {
    /// @notice The least delay, in seconds.
    uint256 public immutable FLOOR;

    constructor(uint256 floor, address[] memory proposers, address[] memory executors)
        TimelockController(floor, proposers, executors, address(0))
    {
        FLOOR = floor;
    }

    /// @notice The delay of new proposals.
    /// @return The delay set, or the floor if that is longer.
    function getMinDelay() public view override returns (uint256) {
        uint256 delay = super.getMinDelay();
        return delay < FLOOR ? FLOOR : delay;
    }
}
