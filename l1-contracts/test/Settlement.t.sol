// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {DevToken} from "../src/dev/DevToken.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Committing and proving
contract SettlementTest is Fixture {
    uint64 private constant P = 0xffffffff00000001;

    /// @dev Two deposits, a forced exit, an opened account, a withdrawal.
    function someData() internal returns (bytes memory) {
        rollup.deposit(ALICE, someKey(), 5);
        rollup.deposit(BOB, someKey(), 6);
        vm.prank(BOB);
        rollup.requestForcedExit(2);
        return bytes.concat(
            depositRecord(1, 1, ALICE, 5_000, someKey()),
            depositRecord(2, 2, BOB, 6_000, someKey()),
            exitRecord(1, 2, BOB),
            openedRecord(2),
            withdrawal(ALICE, 3),
            operatorRecord()
        );
    }

    function test_aBlockMovesTheState() public {
        bytes memory data = someData();
        IRollup.Batch memory batch = nextBatch(data, 3);
        bytes32 id = rollup.batchId(batch);
        vm.expectEmit(true, true, true, true);
        emit IRollup.PublicData(id, OPERATOR, 0, data);
        commit(batch, data);
        assertTrue(rollup.committedDigest(id) != 0, "committed");
        assertEq(rollup.nextBatch(), 0);
        vm.expectEmit(true, true, true, true);
        emit IRollup.BatchFinalized(0, id);
        vm.expectEmit(true, true, true, true);
        emit IRollup.BlockProven(0, 1, batch.newRoot, 3);
        prove(batch);
        assertEq(rollup.stateRoot(), batch.newRoot);
        assertEq(rollup.nextBatch(), 1);
        assertEq(rollup.queueNext(), 3);
        assertEq(rollup.lastTimestamp(), NOW);
        assertEq(rollup.finalBatch(0), id);
    }

    function test_anEmptyBatchIsABatch() public {
        settle(operatorRecord(), 0);
        settle(operatorRecord(), 0);
        assertEq(rollup.nextBatch(), 2);
    }

    // ------------------------------------------------------------------------------------------------- public data

    function expectCommitRevert(IRollup.Batch memory batch, bytes memory data, bytes4 selector) private {
        vm.prank(OPERATOR);
        vm.expectPartialRevert(selector);
        rollup.commit(batch, 0, data);
    }

    function test_everyByteIsHashed(uint256 place, uint8 change) public {
        bytes memory data = someData();
        IRollup.Batch memory batch = nextBatch(data, 3);
        vm.assume(change != 0);
        place = bound(place, 0, data.length - 1);
        data[place] = bytes1(uint8(data[place]) ^ change);
        vm.prank(OPERATOR);
        vm.expectRevert();
        rollup.commit(batch, 0, data);
    }

    /// @dev Whatever is changed in a queue record that the queue knows makes the chain another.
    function test_queueEntriesAreThoseOfTheQueue(uint256 place, uint8 change) public {
        bytes memory data = someData();
        vm.assume(change != 0);
        place = bound(place, 0, 77 + 77 + 28 - 1);
        data[place] = bytes1(uint8(data[place]) ^ change);
        // Outcome and account of deposits, the outcome of an exit and unused bytes are the circuit's.
        uint256 inRecord = place < 154 ? place % 77 : place - 154;
        bool free = place < 154
            ? (inRecord >= 1 && inRecord <= 7) || inRecord == 35 || inRecord == 36
            : inRecord == 1 || inRecord == 6 || inRecord == 7;
        IRollup.Batch memory batch = nextBatch(data, 3);
        vm.prank(OPERATOR);
        if (!free) vm.expectRevert();
        rollup.commit(batch, 0, data);
    }

    function test_queueEntriesInAnotherOrder() public {
        someData();
        bytes memory swapped = bytes.concat(
            depositRecord(2, 2, BOB, 6_000, someKey()),
            depositRecord(1, 1, ALICE, 5_000, someKey()),
            exitRecord(1, 2, BOB),
            operatorRecord()
        );
        expectCommitRevert(nextBatch(swapped, 3), swapped, IRollup.WrongQueueEntries.selector);
        bytes memory fewer = bytes.concat(
            depositRecord(1, 1, ALICE, 5_000, someKey()), depositRecord(2, 2, BOB, 6_000, someKey()), operatorRecord()
        );
        expectCommitRevert(nextBatch(fewer, 3), fewer, IRollup.WrongRecord.selector);
        commit(nextBatch(fewer, 2), fewer);
        bytes memory none = operatorRecord();
        expectCommitRevert(nextBatch(none, 1), none, IRollup.WrongRecord.selector);
    }

    function test_theQueueHasAnEnd() public {
        bytes memory data = someData();
        expectCommitRevert(nextBatch(data, 4), data, IRollup.WrongQueueRange.selector);
        IRollup.Batch memory batch = nextBatch(data, 0);
        batch.queueFrom = 1;
        expectCommitRevert(batch, data, IRollup.WrongQueueRange.selector);
    }

    function test_dataEndWithAnAccount() public {
        bytes memory data = withdrawal(ALICE, 3);
        expectCommitRevert(nextBatch(data, 0), data, IRollup.WrongRecord.selector);
        data = "";
        expectCommitRevert(nextBatch(data, 0), data, IRollup.WrongRecord.selector);
        // Cut off within a record.
        data = bytes.concat(withdrawal(ALICE, 3), slice(withdrawal(ALICE, 3), 0, 21));
        expectCommitRevert(nextBatch(data, 0), data, IRollup.WrongRecord.selector);
    }

    function test_lengthsAreTheHeaders() public {
        bytes memory data = bytes.concat(operatorRecord(), operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 0);
        bytes memory longer = bytes.concat(data, bytes7(0));
        expectCommitRevert(batch, longer, IRollup.WrongPartLength.selector);
        expectCommitRevert(batch, bytes.concat(data, bytes1(0)), IRollup.WrongPartLength.selector);
        expectCommitRevert(batch, operatorRecord(), IRollup.WrongPartLength.selector);
        expectCommitRevert(batch, "", IRollup.WrongPartLength.selector);
        commit(batch, data);
        expectCommitRevert(batch, data, IRollup.AlreadyCommitted.selector);
    }

    /// @dev A whole number of chunks, but more than the header says.
    function test_aChunkIsNoLongerThanTheHeaderSays() public {
        bytes memory data = bytes.concat(operatorRecord(), new bytes(CHUNK_BYTES - operatorRecord().length));
        IRollup.Batch memory batch = nextBatch(data, 0);
        --batch.limbs;
        expectCommitRevert(batch, data, IRollup.WrongPartLength.selector);
    }

    function test_elementsAreCanonical() public {
        bytes memory data = operatorRecord();
        bytes32 wrong = bytes32(uint256(P));
        for (uint256 i = 0; i < 4; ++i) {
            IRollup.Batch memory batch = nextBatch(data, 0);
            bytes32 element = wrong << (64 * i);
            batch.oldRoot = element;
            expectCommitRevert(batch, data, IRollup.NotCanonical.selector);
            batch = nextBatch(data, 0);
            batch.newRoot = element;
            expectCommitRevert(batch, data, IRollup.NotCanonical.selector);
            batch = nextBatch(data, 0);
            batch.receiptsRoot = element;
            expectCommitRevert(batch, data, IRollup.NotCanonical.selector);
            batch = nextBatch(data, 0);
            batch.publicData = element;
            expectCommitRevert(batch, data, IRollup.NotCanonical.selector);
        }
        IRollup.Batch memory number = nextBatch(data, 0);
        number.number = P;
        expectCommitRevert(number, data, IRollup.NotCanonical.selector);
        number = nextBatch(data, 0);
        number.timestamp = 1 << 40;
        expectCommitRevert(number, data, IRollup.WrongTime.selector);
    }

    // ------------------------------------------------------------------------------------------- several transactions

    function longData(uint256 opened) internal pure returns (bytes memory data) {
        data = new bytes(opened * 70);
        for (uint256 i = 0; i < opened; ++i) {
            data[70 * i] = 0x03;
        }
        // The withdrawal begins in the first chunk and ends in the second for 409 accounts: 4090 limbs, then 4.
        data = bytes.concat(data, withdrawal(ALICE, 11), withdrawal(BOB, 22), withdrawal(ALICE, 33), operatorRecord());
    }

    function test_partsMakeTheSameBatch(uint8 opened) public {
        bytes memory data = longData(400 + opened % 24);
        IRollup.Batch memory batch = nextBatch(data, 0);
        bytes32 id = rollup.batchId(batch);
        vm.prank(OPERATOR);
        rollup.commit(batch, 0, data);
        bytes32 digest = rollup.committedDigest(id);
        bytes32[2] memory roots = [rollup.payoutRoot(id, 0), rollup.payoutRoot(id, 1)];

        deployAgain();
        vm.prank(OPERATOR);
        rollup.commit(batch, 0, slice(data, 0, data.length > CHUNK_BYTES ? CHUNK_BYTES : data.length));
        if (data.length > CHUNK_BYTES) {
            assertEq(rollup.committedDigest(id), 0);
            assertEq(rollup.stagedLimbs(id, OPERATOR), 4_096);
            vm.prank(OPERATOR);
            rollup.commit(batch, 4_096, slice(data, CHUNK_BYTES, data.length - CHUNK_BYTES));
        }
        assertEq(rollup.stagedLimbs(id, OPERATOR), 0);
        // Another contract is another domain, so only the digest differs.
        assertTrue(rollup.committedDigest(id) != 0 && rollup.committedDigest(id) != digest, "domains");
        assertEq(rollup.payoutRoot(id, 0), roots[0]);
        assertEq(rollup.payoutRoot(id, 1), roots[1]);
    }

    function deployAgain() private {
        bytes32 before = rollup.stateRoot();
        deployRollup(new DevToken());
        assertEq(rollup.stateRoot(), before);
    }

    function test_aRecordMayCrossChunks() public {
        // 4090 limbs of opened accounts, withdrawals at 4090–4093, 4094–4097, 4098–4101.
        bytes memory data = longData(409);
        token.mint(address(rollup), 66);
        IRollup.Batch memory batch = settle(data, 0);
        bytes32 id = rollup.batchId(batch);
        assertEq(rollup.payoutRoot(id, 0), leaf(0, ALICE, 11));
        assertEq(rollup.payoutRoot(id, 1), pair(leaf(1, BOB, 22), leaf(2, ALICE, 33)));
    }

    function test_aDepositMayCrossChunks() public {
        // Deposits of 11 limbs: the 373rd begins at limb 4092.
        bytes memory data;
        for (uint256 i = 0; i < 380; ++i) {
            uint64[5] memory key = [uint64(i) << 56 | 5, 2, 3, 4, uint64(i)];
            rollup.deposit(ALICE, key, 5 + i);
            data = bytes.concat(data, depositRecord(i % 5 == 0 ? 2 : 1, 1, ALICE, uint56((5 + i) * 1_000), key));
        }
        data = bytes.concat(data, operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 380);
        vm.prank(OPERATOR);
        rollup.commit(batch, 0, slice(data, 0, CHUNK_BYTES));
        vm.prank(OPERATOR);
        rollup.commit(batch, 4_096, slice(data, CHUNK_BYTES, data.length - CHUNK_BYTES));
        prove(batch);
        assertEq(rollup.queueNext(), 380);
    }

    function test_partsComeInOrderFromOneSender() public {
        token.mint(address(rollup), 66);
        bytes memory data = longData(900);
        IRollup.Batch memory batch = nextBatch(data, 0);
        bytes memory first = slice(data, 0, CHUNK_BYTES);
        bytes memory second = slice(data, CHUNK_BYTES, CHUNK_BYTES);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongPart.selector, 0, 4_096));
        rollup.commit(batch, 4_096, second);
        vm.prank(OPERATOR);
        rollup.commit(batch, 0, first);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongPart.selector, 4_096, 8_192));
        rollup.commit(batch, 8_192, second);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongPart.selector, 4_096, 4_095));
        rollup.commit(batch, 4_095, second);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongPartLength.selector, 700));
        rollup.commit(batch, 4_096, slice(data, CHUNK_BYTES, 700));
        // The parts swapped: taken, and refused at the end.
        vm.prank(OPERATOR);
        rollup.commit(batch, 4_096, first);
        uint256 rest = data.length - 2 * CHUNK_BYTES;
        vm.prank(OPERATOR);
        vm.expectPartialRevert(IRollup.WrongDataHash.selector);
        rollup.commit(batch, 8_192, slice(data, 2 * CHUNK_BYTES, rest));
        // Anew, as it should be.
        vm.prank(OPERATOR);
        rollup.commit(batch, 0, bytes.concat(first, second));
        vm.prank(OPERATOR);
        rollup.commit(batch, 8_192, slice(data, 2 * CHUNK_BYTES, rest));
        prove(batch);
    }

    // -------------------------------------------------------------------------------------------------- proving

    function expectProveRevert(IRollup.Batch[] memory batches, bytes4 selector) private {
        vm.prank(OPERATOR);
        vm.expectPartialRevert(selector);
        rollup.prove(batches, new bytes(32));
    }

    function test_onlyTheRightProof() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        commit(batch, data);
        expectProveRevert(list(batch), IRollup.InvalidProof.selector);
        prove(batch);
    }

    function test_onlyCommittedBatches() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        expectProveRevert(list(batch), IRollup.NotCommitted.selector);
        commit(batch, data);
        // Each field is in the name under which it was committed.
        batch.intents += 1;
        expectProveRevert(list(batch), IRollup.NotCommitted.selector);
        (batch.intents, batch.class) = (3, 1);
        expectProveRevert(list(batch), IRollup.NotCommitted.selector);
    }

    function test_batchesFollowOnOneAnother() public {
        bytes memory data = someData();
        bytes memory rest = operatorRecord();
        IRollup.Batch memory first = nextBatch(data, 3);
        commit(first, data);
        IRollup.Batch[] memory batches = new IRollup.Batch[](2);
        batches[0] = first;
        expectProveRevert(new IRollup.Batch[](0), IRollup.EmptyBlock.selector);

        batches[1] = following(first, rest, 3);
        batches[1].number += 1;
        expectProveRevert(batches, IRollup.WrongNumber.selector);
        batches[1] = following(first, rest, 3);
        batches[1].oldRoot = root(5);
        expectProveRevert(batches, IRollup.WrongRoot.selector);
        batches[1] = following(first, rest, 3);
        batches[1].queueFrom = 2;
        expectProveRevert(batches, IRollup.WrongQueueStart.selector);
        batches[1] = following(first, rest, 3);
        batches[1].timestamp -= 1;
        expectProveRevert(batches, IRollup.WrongTime.selector);

        batches[1] = following(first, rest, 3);
        commit(batches[1], rest);
        bytes memory proof = proofOf(batches);
        vm.prank(OPERATOR);
        rollup.prove(batches, proof);
        assertEq(rollup.nextBatch(), 2);
        assertEq(rollup.stateRoot(), batches[1].newRoot);
        // Replayed.
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongNumber.selector, 2, 0));
        rollup.prove(batches, proof);
    }

    function test_theFirstBatchFollowsTheState() public {
        settle(operatorRecord(), 0);
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        batch.oldRoot = root(5);
        expectProveRevert(list(batch), IRollup.WrongRoot.selector);
        batch = nextBatch(data, 0);
        batch.timestamp -= 1;
        expectProveRevert(list(batch), IRollup.WrongTime.selector);
        batch = nextBatch(data, 0);
        batch.number = 0;
        expectProveRevert(list(batch), IRollup.WrongNumber.selector);
        rollup.requestForcedExit(1);
        batch = nextBatch(data, 1);
        batch.queueFrom = 1;
        expectProveRevert(list(batch), IRollup.WrongQueueStart.selector);
    }

    function test_noBatchOfTheFuture() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        batch.timestamp += 1;
        commit(batch, data);
        expectProveRevert(list(batch), IRollup.WrongTime.selector);
        vm.warp(NOW + 1);
        prove(batch);
    }

    function test_onlyOnItsOwnChain() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        commit(batch, data);
        bytes memory proof = proofOf(list(batch));
        uint256 own = block.chainid;
        for (uint256 other = own - 1; other <= own + 1; other += 2) {
            vm.chainId(other);
            vm.prank(OPERATOR);
            vm.expectRevert(abi.encodeWithSelector(IRollup.WrongChain.selector, other));
            rollup.prove(list(batch), proof);
        }
    }

    /// @dev A proof for one contract shows nothing to another: the domain is in the statement.
    function test_aProofIsForOneContract() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        commit(batch, data);
        bytes memory proof = proofOf(list(batch));
        deployRollup(new DevToken());
        commit(batch, data);
        vm.prank(OPERATOR);
        vm.expectPartialRevert(IRollup.InvalidProof.selector);
        rollup.prove(list(batch), proof);
    }

    // ----------------------------------------------------------------------------------------- who and when

    function test_onlyTheOperatorUnlessHeIsLate() public {
        rollup.requestForcedExit(1);
        bytes memory data = bytes.concat(exitRecord(0, 1, address(this)), operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 1);
        vm.expectPartialRevert(IRollup.OperatorIsNotLate.selector);
        rollup.commit(batch, 0, data);
        vm.warp(NOW + 3 days);
        vm.expectPartialRevert(IRollup.OperatorIsNotLate.selector);
        rollup.commit(batch, 0, data);
        commit(batch, data);
        bytes memory proof = proofOf(list(batch));
        vm.expectPartialRevert(IRollup.OperatorIsNotLate.selector);
        rollup.prove(list(batch), proof);
        vm.warp(NOW + 3 days + 1);
        assertTrue(rollup.operatorIsLate(), "late");
        rollup.prove(list(batch), proof);
        assertTrue(!rollup.operatorIsLate(), "served");
        bytes memory rest = operatorRecord();
        IRollup.Batch memory next = nextBatch(rest, 1);
        vm.expectPartialRevert(IRollup.OperatorIsNotLate.selector);
        rollup.commit(next, 0, rest);
    }

    function test_anybodyCommitsForHimself() public {
        rollup.requestForcedExit(1);
        vm.warp(NOW + 3 days + 1);
        bytes memory data = bytes.concat(exitRecord(0, 1, address(this)), longData(900));
        IRollup.Batch memory batch = nextBatch(data, 1);
        bytes32 id = rollup.batchId(batch);
        bytes memory first = slice(data, 0, CHUNK_BYTES);
        rollup.commit(batch, 0, first);
        first[CHUNK_BYTES - 1] = 0x55;
        vm.prank(ALICE);
        rollup.commit(batch, 0, first);
        assertEq(rollup.stagedLimbs(id, address(this)), 4_096);
        rollup.commit(batch, 4_096, slice(data, CHUNK_BYTES, data.length - CHUNK_BYTES));
        assertTrue(rollup.committedDigest(id) != 0, "committed");
    }

    /// @dev Whoever sends wrong chunks, the operator himself included, leaves no payouts behind.
    function test_payoutsAreThoseOfTheChunksCommitted() public {
        rollup.requestForcedExit(1);
        vm.warp(NOW + 3 days + 1);
        bytes memory data = bytes.concat(exitRecord(0, 1, address(this)), longData(900));
        bytes memory first = slice(data, 0, CHUNK_BYTES);
        bytes memory rest = slice(data, CHUNK_BYTES, data.length - CHUNK_BYTES);
        bytes memory forged = bytes.concat(exitRecord(0, 1, address(this)), withdrawal(BOB, 1e6), operatorRecord());
        forged = bytes.concat(forged, new bytes(CHUNK_BYTES - forged.length));
        IRollup.Batch memory batch = nextBatch(data, 1);
        bytes32 id = rollup.batchId(batch);
        // His own wrong chunk, given up; then another's between the right ones.
        rollup.commit(batch, 0, forged);
        rollup.commit(batch, 0, first);
        vm.prank(BOB);
        rollup.commit(batch, 0, forged);
        rollup.commit(batch, 4_096, rest);
        assertEq(rollup.committedBy(id), address(this));
        assertEq(rollup.payoutRoot(id, 0), 0);
        assertTrue(rollup.payoutRoot(id, 2) != 0, "the batch's own");
        bytes memory proof = proofOf(list(batch));
        token.mint(address(rollup), 1e6);
        rollup.prove(list(batch), proof);
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.claim(0, 0, 0, BOB, 1e6, new bytes32[](0));
    }

    function test_aPauseStopsProofs() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        vm.prank(GUARDIAN);
        rollup.pause();
        commit(batch, data);
        expectProveRevert(list(batch), IRollup.IsPaused.selector);
        vm.warp(NOW + 2 days);
        prove(batch);
    }

    function test_aFrozenRollupStandsStill() public {
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        commit(batch, data);
        freezeRollup();
        expectProveRevert(list(batch), IRollup.IsFrozen.selector);
        vm.expectPartialRevert(IRollup.IsFrozen.selector);
        rollup.commit(batch, 0, data);
    }
}
