// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Fixture} from "./support/Fixture.sol";
import {Vm} from "./support/Test.sol";

/// @title Logs that tell what happened, where no other test looks at them
contract EventsTest is Fixture {
    /// @dev The rollup logged this since the recording began.
    function expectLog(bytes32[] memory topics, bytes memory data) private {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        bytes32 wanted = keccak256(abi.encode(topics, data));
        for (uint256 i = 0; i < logs.length; ++i) {
            bool own = logs[i].emitter == address(rollup);
            if (own && keccak256(abi.encode(logs[i].topics, logs[i].data)) == wanted) return;
        }
        revert("no such log");
    }

    function single(bytes32 topic) private pure returns (bytes32[] memory topics) {
        topics = new bytes32[](1);
        topics[0] = topic;
    }

    function test_aForcedExitIsLogged() public {
        bytes32 chain = keccak256(abi.encodePacked(bytes32(0), uint8(2), ALICE, uint32(7)));
        vm.expectEmit(true, true, true, true);
        emit IRollup.ForcedExitRequested(0, ALICE, 7, chain);
        vm.prank(ALICE);
        rollup.requestForcedExit(7);
    }

    function test_aCommitmentIsLogged() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        bytes32 id = rollup.batchId(batch);
        vm.recordLogs();
        commit(batch, data);
        bytes32[] memory topics = new bytes32[](4);
        topics[0] = IRollup.BatchCommitted.selector;
        (topics[1], topics[2]) = (id, bytes32(uint256(uint160(OPERATOR))));
        expectLog(topics, abi.encode(rollup.committedDigest(id), batch));
    }

    function test_aClaimIsLogged() public {
        token.mint(address(rollup), 77);
        settle(bytes.concat(withdrawal(ALICE, 77), operatorRecord()), 0);
        vm.expectEmit(true, true, true, true);
        emit IRollup.Claimed(0, 0, ALICE, 77);
        rollup.claim(0, 0, 0, ALICE, 77, new bytes32[](0));
    }

    function test_theEndOfAPauseIsLogged() public {
        vm.startPrank(GUARDIAN);
        rollup.pause();
        vm.expectEmit(true, true, true, true);
        emit IRollup.Unpaused();
        rollup.unpause();
        vm.stopPrank();
    }

    function test_changesOfRolesAreLogged() public {
        vm.startPrank(rollup.timelock());
        vm.expectEmit(true, true, true, true);
        emit IRollup.OperatorChanged(ALICE);
        rollup.setOperator(ALICE);
        vm.expectEmit(true, true, true, true);
        emit IRollup.GuardianChanged(BOB);
        rollup.setGuardian(BOB);
        vm.stopPrank();
        assertEq(rollup.operator(), ALICE);
        assertEq(rollup.guardian(), BOB);
    }

    function test_theFirstRolesAreLogged() public {
        vm.recordLogs();
        deployRollup(token);
        expectLog(single(IRollup.OperatorChanged.selector), abi.encode(OPERATOR));
    }

    function test_theFirstGuardianIsLogged() public {
        vm.recordLogs();
        deployRollup(token);
        expectLog(single(IRollup.GuardianChanged.selector), abi.encode(GUARDIAN));
    }
}
