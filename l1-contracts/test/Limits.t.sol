// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Limits of time: late operators, old batches, pauses
contract LimitsTest is Fixture {
    address private constant MALLORY = address(0xbad);

    function exitData(uint8 outcome, address requester) private pure returns (bytes memory) {
        return bytes.concat(exitRecord(outcome, 1, requester), operatorRecord());
    }

    function commitAs(address who, IRollup.Batch memory batch, bytes memory data) private {
        vm.prank(who);
        rollup.commit(batch, 0, data);
    }

    // --------------------------------------------------------------------------------------- in the operator's place

    /// @dev A block that consumes nothing takes a number, which voids every proof that is ready. Nobody but the
    /// operator makes one.
    function test_aStrangersBlockLeavesNobodyLate() public {
        vm.prank(ALICE);
        rollup.requestForcedExit(1);
        vm.warp(NOW + 3 days + 1);
        bytes memory data = exitData(1, ALICE);
        IRollup.Batch memory honest = nextBatch(data, 1);
        commit(honest, data);
        bytes memory proof = proofOf(list(honest));

        IRollup.Batch memory empty = nextBatch(operatorRecord(), 0);
        commitAs(MALLORY, empty, operatorRecord());
        bytes memory emptyProof = proofOf(list(empty));
        vm.prank(MALLORY);
        vm.expectRevert(abi.encodeWithSelector(IRollup.StillLate.selector, 0));
        rollup.prove(list(empty), emptyProof);

        vm.prank(OPERATOR);
        rollup.prove(list(honest), proof);
        assertEq(rollup.queueNext(), 1);
    }

    /// @dev Some of the late entries are not enough, nor all: entries recorded one after the other would let a stranger
    /// prove one block after the other, with an entry in each.
    function test_aStrangerConsumesAllThatIsLateWithinADay() public {
        vm.startPrank(ALICE);
        rollup.requestForcedExit(1);
        vm.warp(NOW + 1 days);
        rollup.requestForcedExit(1);
        vm.warp(NOW + 1 days + 1);
        rollup.requestForcedExit(1);
        vm.stopPrank();
        vm.warp(NOW + 3 days + 1);
        bytes memory one = exitData(1, ALICE);
        bytes memory two = bytes.concat(exitRecord(1, 1, ALICE), exitData(1, ALICE));
        IRollup.Batch memory short = nextBatch(one, 1);
        IRollup.Batch memory enough = nextBatch(two, 2);
        commitAs(MALLORY, short, one);
        commitAs(MALLORY, enough, two);
        bytes memory shortProof = proofOf(list(short));
        bytes memory proof = proofOf(list(enough));
        vm.prank(MALLORY);
        vm.expectRevert(abi.encodeWithSelector(IRollup.StillLate.selector, 1));
        rollup.prove(list(short), shortProof);
        vm.prank(MALLORY);
        rollup.prove(list(enough), proof);
        // The third is two days old, to the second: the next such block is a day away.
        vm.warp(NOW + 4 days + 1);
        assertTrue(!rollup.operatorIsLate(), "a day later");
        vm.warp(NOW + 4 days + 2);
        assertTrue(rollup.operatorIsLate(), "the third");
    }

    /// @dev The operator may catch up block by block.
    function test_theOperatorMayStayLate() public {
        rollup.requestForcedExit(1);
        vm.warp(NOW + 6 days);
        settle(operatorRecord(), 0);
        assertTrue(rollup.operatorIsLate(), "still");
        assertEq(rollup.nextBatch(), 1);
    }

    // ------------------------------------------------------------------------------------------------ old batches

    function test_aBatchIsCommittedWithinThreeDays() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        vm.warp(NOW + 3 days + 1);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BatchTooOld.selector, NOW, NOW + 3 days));
        rollup.commit(batch, 0, data);
        vm.warp(NOW + 3 days);
        commit(batch, data);
        // Proving may take as long as it does.
        vm.warp(NOW + 300 days);
        prove(batch);
    }

    /// @dev No batch is dated back to the time of an intent that expired: the clock of L2 follows L1's.
    function test_batchesOfThePastAreNotCommitted() public {
        bytes memory data = operatorRecord();
        settle(data, 0);
        vm.warp(NOW + 365 days);
        IRollup.Batch memory batch = nextBatch(data, 0);
        batch.timestamp = uint64(NOW);
        vm.prank(OPERATOR);
        vm.expectPartialRevert(IRollup.BatchTooOld.selector);
        rollup.commit(batch, 0, data);
        batch.timestamp = 0;
        vm.prank(OPERATOR);
        vm.expectPartialRevert(IRollup.BatchTooOld.selector);
        rollup.commit(batch, 0, data);
    }

    /// @dev Every part: the data of a batch that can settle are all known three days after its time.
    function test_everyPartComesWithinThreeDays() public {
        bytes memory data = bytes.concat(operatorRecord(), new bytes(CHUNK_BYTES));
        IRollup.Batch memory batch = nextBatch(data, 0);
        commitPart(batch, data, 0, CHUNK_BYTES);
        vm.warp(NOW + 3 days + 1);
        vm.expectPartialRevert(IRollup.BatchTooOld.selector);
        this.commitRest(batch, data);
        vm.warp(NOW + 3 days);
        this.commitRest(batch, data);
        assertTrue(rollup.committedDigest(rollup.batchId(batch)) != 0, "committed");
    }

    /// @dev External, so that a revert can be expected of it.
    function commitRest(IRollup.Batch memory batch, bytes memory data) external {
        commitPart(batch, data, CHUNK_BYTES, data.length);
    }

    function test_theFirstBatchIsNotOlderThanTheRollup() public {
        assertEq(rollup.lastTimestamp(), NOW - 1 hours);
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        batch.timestamp = uint64(NOW - 1 hours - 1);
        commit(batch, data);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongTime.selector, NOW - 1 hours - 1));
        rollup.prove(list(batch), "");
        batch.timestamp += 1;
        commit(batch, data);
        prove(batch);
        assertEq(rollup.lastTimestamp(), NOW - 1 hours);
    }

    // ----------------------------------------------------------------------------------------------------- pauses

    function pause() private {
        vm.prank(GUARDIAN);
        rollup.pause();
    }

    /// @dev Whenever a pause begins before the deadline, there is as much time after it as there was before.
    function test_aPauseFreezesNothing(uint32 age, uint32 length) public {
        age = uint32(bound(age, 0, 7 days));
        length = uint32(bound(length, 0, 2 days));
        rollup.requestForcedExit(1);
        vm.warp(NOW + age);
        pause();
        vm.warp(NOW + age + length);
        vm.prank(GUARDIAN);
        rollup.unpause();
        assertEq(rollup.deadline(0), NOW + 7 days + length);
        vm.warp(NOW + 7 days + length);
        vm.expectPartialRevert(IRollup.DeadlineNotPassed.selector);
        rollup.freeze();
        settle(exitData(0, address(this)), 1);
        assertEq(rollup.queueNext(), 1);
    }

    function test_aPauseMakesNobodyLate(uint32 age) public {
        age = uint32(bound(age, 0, 3 days));
        rollup.requestForcedExit(1);
        vm.warp(NOW + age);
        assertTrue(!rollup.operatorIsLate(), "before");
        pause();
        vm.warp(NOW + 5 days);
        assertTrue(!rollup.operatorIsLate(), "as punctual as before");
        vm.warp(NOW + 5 days + 1);
        assertTrue(rollup.operatorIsLate(), "late by his own time");
    }

    /// @dev A pause gives nothing back: late stays late, and a missed deadline missed.
    function test_aPauseComesTooLate() public {
        rollup.requestForcedExit(1);
        vm.warp(NOW + 3 days + 1);
        pause();
        assertTrue(rollup.operatorIsLate(), "late");
        assertEq(rollup.deadline(0), NOW + 9 days);
        vm.warp(NOW + 9 days + 1);
        rollup.freeze();
        deployRollup(token);
        rollup.requestForcedExit(1);
        uint256 missed = NOW + 9 days + 1 + 7 days + 1;
        vm.warp(missed);
        pause();
        assertEq(rollup.deadline(0), missed - 1);
        rollup.freeze();
    }

    /// @dev A request in the middle of a pause has its time from the pause's end on.
    function test_anEntryRecordedInAPause() public {
        pause();
        vm.warp(NOW + 12 hours);
        rollup.requestForcedExit(1);
        assertEq(rollup.deadline(0), NOW + 2 days + 7 days);
        vm.warp(NOW + 5 days);
        assertTrue(!rollup.operatorIsLate(), "three days after the pause");
        vm.warp(NOW + 5 days + 1);
        assertTrue(rollup.operatorIsLate(), "late");
    }

    /// @dev A pause that was over before an entry, and one that follows its deadline, are none of its business.
    function test_otherPausesDoNotCount() public {
        pause();
        vm.warp(NOW + 2 days);
        rollup.requestForcedExit(1);
        assertEq(rollup.deadline(0), NOW + 9 days);
        vm.warp(NOW + 14 days);
        pause();
        assertEq(rollup.deadline(0), NOW + 9 days);
        rollup.freeze();
    }

    function test_anEndedPauseIsNotEndedAgain() public {
        rollup.requestForcedExit(1);
        pause();
        vm.warp(NOW + 1 days);
        vm.prank(GUARDIAN);
        rollup.unpause();
        assertEq(rollup.pausedUntil(), NOW + 1 days);
        vm.warp(NOW + 2 days);
        vm.prank(GUARDIAN);
        rollup.unpause();
        assertEq(rollup.pausedUntil(), NOW + 1 days);
        assertEq(rollup.deadline(0), NOW + 8 days);
    }
}
