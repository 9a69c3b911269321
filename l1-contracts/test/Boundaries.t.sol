// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {RollupTimelock} from "../src/RollupTimelock.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Ranges to the last number, and comparisons of 32 bytes to the last byte
contract BoundariesTest is Fixture {
    using Poseidon2 for Poseidon2.Context;

    uint256 private constant P = 0xffffffff00000001;

    /// @dev One bit in the first eight bytes, or in the last.
    function bits() private pure returns (bytes32[2] memory) {
        return [bytes32(uint256(1) << 192), bytes32(uint256(1))];
    }

    // --------------------------------------------------------------------------------------------------- ranges

    function test_delaysAreTheseAndNoOthers() public view {
        RollupTimelock lock = RollupTimelock(payable(rollup.timelock()));
        assertEq(rollup.OPERATOR_GRACE(), 3 days);
        assertEq(rollup.RESCUE_AGE(), 2 days);
        assertEq(rollup.FREEZE_DELAY(), 7 days);
        assertEq(rollup.PAUSE_MAX(), 2 days);
        assertEq(rollup.PAUSE_INTERVAL(), 14 days);
        assertEq(rollup.EXIT_WINDOW(), 16 days);
        assertEq(rollup.UPGRADE_DELAY(), 17 days);
        assertEq(lock.getMinDelay(), 17 days);
        assertEq(lock.READY_PERIOD(), 7 days);
        assertEq(rollup.BATCH_AGE_MAX(), 3 days);
        assertEq(rollup.FIRST_BATCH_LEAD(), 1 hours);
    }

    /// @dev A pause at the last second of a limit counts, one a second later does not.
    function test_aPauseAtTheLastSecond() public {
        rollup.requestForcedExit(1);
        vm.warp(NOW + 3 days);
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.warp(NOW + 5 days);
        assertTrue(!rollup.operatorIsLate(), "at the last second of his three days");
        vm.warp(NOW + 14 days);
        deployRollup(token);
        rollup.requestForcedExit(1);
        vm.warp(NOW + 21 days);
        vm.prank(GUARDIAN);
        rollup.pause();
        assertEq(rollup.deadline(0), NOW + 23 days);
        deployRollup(token);
        rollup.requestForcedExit(1);
        vm.warp(NOW + 28 days + 1);
        vm.prank(GUARDIAN);
        rollup.pause();
        assertEq(rollup.deadline(0), NOW + 28 days);
    }

    /// @dev Long after a pause its end is before an entry's beginning.
    function test_aPauseOfLongAgo() public {
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.warp(NOW + 100 days);
        rollup.requestForcedExit(1);
        assertEq(rollup.deadline(0), NOW + 107 days);
    }

    function test_theTimelockEndsAPause() public {
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.prank(rollup.timelock());
        rollup.unpause();
        rollup.deposit(ALICE, someKey(), 1);
    }

    function test_timesEndJustBelowTheLimit() public {
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        batch.timestamp = (1 << 40) - 1;
        commit(batch, operatorRecord());
        batch.timestamp += 1;
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongTime.selector, 1 << 40));
        rollup.commit(batch, 0, operatorRecord());
    }

    function test_balancesAndNoncesEndJustBelowTheLimit() public {
        IRollup.AccountProof memory proof;
        (proof.balance, proof.nonce) = ((1 << 62) - 1, (1 << 62) - 1);
        this.accountsRootOf(proof);
        proof.balance += 1;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.accountsRootOf(proof);
        (proof.balance, proof.nonce) = (proof.balance - 1, proof.nonce + 1);
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.accountsRootOf(proof);
    }

    function accountsRootOf(IRollup.AccountProof calldata proof) external pure returns (bytes32) {
        return StateTree.accountsRoot(Poseidon2.context(), proof);
    }

    /// @dev p itself is the first word that is not canonical, at every place of every digest and every key.
    function test_canonicalWordsEndBelowP() public {
        IRollup.AccountProof memory proof;
        for (uint256 i = 0; i < 5; ++i) {
            proof.key[i] = uint64(P - 1);
            this.accountsRootOf(proof);
            proof.key[i] = uint64(P);
            vm.expectPartialRevert(IRollup.NotCanonical.selector);
            this.accountsRootOf(proof);
            proof.key[i] = 0;
        }
        for (uint256 i = 0; i < 4; ++i) {
            proof.siblings[i] = bytes32((P - 1) << (64 * i));
            this.accountsRootOf(proof);
            proof.siblings[i] = bytes32(P << (64 * i));
            vm.expectPartialRevert(IRollup.NotCanonical.selector);
            this.accountsRootOf(proof);
            proof.siblings[i] = 0;
        }
    }

    /// @dev A refused deposit whose record ends with the chunk is paid in that chunk.
    function test_aDepositMayEndWithItsChunk() public {
        bytes memory data = exitRecord(0, 1, address(this));
        rollup.requestForcedExit(1);
        for (uint256 i = 0; i < 372; ++i) {
            rollup.deposit(ALICE, someKey(), 7);
            data = bytes.concat(data, depositRecord(i == 371 ? 2 : 1, 3, ALICE, 7_000, someKey()));
        }
        assertEq(data.length, CHUNK_BYTES);
        IRollup.Batch memory batch = settle(bytes.concat(data, operatorRecord()), 373);
        assertEq(rollup.payoutRoot(rollup.batchId(batch), 0), leaf(0, ALICE, 7));
        assertEq(rollup.outstanding(), 7);
    }

    /// @dev Another kind of record that says the same as a forced exit, in a batch that ends with it and in a longer one.
    function test_queueRecordsHaveTheirKinds() public {
        rollup.requestForcedExit(9);
        bytes memory exit = exitRecord(0, 9, address(this));
        exit[0] = bytes1(uint8(7));
        bytes memory data = bytes.concat(exit, operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 1);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongRecord.selector, 0));
        rollup.commit(batch, 0, data);
        data = bytes.concat(data, new bytes(CHUNK_BYTES));
        batch = nextBatch(data, 1);
        bytes memory part = slice(data, 0, CHUNK_BYTES);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongRecord.selector, 0));
        rollup.commit(batch, 0, part);
    }

    /// @dev The queue's hash was in memory where payouts would be.
    function test_aChunkWithoutPayoutsHasNoRoot() public {
        rollup.requestForcedExit(9);
        rollup.requestForcedExit(9);
        bytes memory exit = exitRecord(0, 9, address(this));
        IRollup.Batch memory batch = settle(bytes.concat(exit, exit, operatorRecord()), 2);
        assertEq(rollup.payoutRoot(rollup.batchId(batch), 0), bytes32(0));
    }

    // ---------------------------------------------------------------------------------------------- all 32 bytes

    function test_allOfTheDataHash() public {
        bytes32[2] memory changes = bits();
        for (uint256 i = 0; i < 2; ++i) {
            IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
            batch.dataHash ^= changes[i];
            vm.prank(OPERATOR);
            vm.expectPartialRevert(IRollup.WrongDataHash.selector);
            rollup.commit(batch, 0, operatorRecord());
        }
    }

    function test_allOfTheOldRoot() public {
        bytes32[2] memory changes = bits();
        for (uint256 i = 0; i < 2; ++i) {
            IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
            batch.oldRoot ^= changes[i];
            vm.prank(OPERATOR);
            vm.expectPartialRevert(IRollup.WrongRoot.selector);
            rollup.prove(list(batch), "");
        }
    }

    /// @dev A final root that is the account's but for one bit.
    function test_allOfTheStateRoot() public {
        bytes32[2] memory changes = bits();
        for (uint256 i = 0; i < 2; ++i) {
            deployRollup(token);
            IRollup.AccountProof memory proof;
            (proof.id, proof.key, proof.owner) = (5, someKey(), ALICE);
            IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
            batch.newRoot = Poseidon2.context().compress(this.accountsRootOf(proof), root(3)) ^ changes[i];
            commit(batch, operatorRecord());
            prove(batch);
            freezeRollup();
            vm.expectPartialRevert(IRollup.WrongPath.selector);
            rollup.escape(proof, root(3));
        }
    }

    /// @dev Each field of an account, each word of its key and its id are in the root.
    function test_allOfAnAccount() public {
        IRollup.AccountProof memory right;
        (right.id, right.key, right.owner, right.balance, right.nonce) = (5, someKey(), ALICE, 7_000, 3);
        right.siblings[0] = root(8);
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        batch.newRoot = Poseidon2.context().compress(this.accountsRootOf(right), root(3));
        commit(batch, operatorRecord());
        prove(batch);
        freezeRollup();
        token.mint(address(rollup), 7);
        for (uint256 i = 0; i < 10; ++i) {
            IRollup.AccountProof memory wrong = abi.decode(abi.encode(right), (IRollup.AccountProof));
            if (i < 5) wrong.key[i] ^= 1;
            if (i == 5) wrong.owner = BOB;
            if (i == 6) wrong.balance -= 1;
            if (i == 7) wrong.nonce += 1;
            if (i == 8) wrong.id ^= 1;
            if (i == 9) wrong.siblings[0] ^= bytes32(uint256(1));
            vm.expectPartialRevert(IRollup.WrongPath.selector);
            rollup.escape(wrong, root(3));
        }
        rollup.escape(right, root(3));
        assertEq(token.balanceOf(ALICE), 7);
    }

    /// @dev Where the contract keeps `value`, which `call` reads.
    function slotOf(bytes32 value, bytes memory call) private returns (bytes32) {
        vm.record();
        (bool ok,) = address(rollup).staticcall(call);
        assertTrue(ok, "call");
        (bytes32[] memory reads,) = vm.accesses(address(rollup));
        for (uint256 i = 0; i < reads.length; ++i) {
            if (vm.load(address(rollup), reads[i]) == value) return reads[i];
        }
        revert("no such slot");
    }

    function test_allOfTheQueuesChain() public {
        bytes32[2] memory changes = bits();
        rollup.deposit(ALICE, someKey(), 5);
        bytes32 chain = rollup.queueChain(1);
        bytes32 slot = slotOf(chain, abi.encodeCall(IRollup.queueChain, (1)));
        bytes memory data = bytes.concat(depositRecord(1, 1, ALICE, 5_000, someKey()), operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 1);
        for (uint256 i = 0; i < 2; ++i) {
            vm.store(address(rollup), slot, chain ^ changes[i]);
            vm.prank(OPERATOR);
            vm.expectPartialRevert(IRollup.WrongQueueEntries.selector);
            rollup.commit(batch, 0, data);
        }
        vm.warp(NOW + 7 days + 1);
        rollup.freeze();
        for (uint256 i = 0; i < 2; ++i) {
            vm.store(address(rollup), slot, chain ^ changes[i]);
            vm.expectPartialRevert(IRollup.InvalidClaim.selector);
            rollup.refund(0, ALICE, someKey(), 5_000);
        }
        vm.store(address(rollup), slot, chain);
        rollup.refund(0, ALICE, someKey(), 5_000);
    }

    function test_allOfTheVerifiersCodehash() public {
        bytes32[2] memory changes = bits();
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        commit(batch, operatorRecord());
        bytes memory proof = proofOf(list(batch));
        bytes32 hash = rollup.verifierCodehash();
        bytes32 slot = slotOf(hash, abi.encodeCall(IRollup.verifierCodehash, ()));
        for (uint256 i = 0; i < 2; ++i) {
            vm.store(address(rollup), slot, hash ^ changes[i]);
            vm.prank(OPERATOR);
            vm.expectPartialRevert(IRollup.WrongVerifierCode.selector);
            rollup.prove(list(batch), proof);
        }
    }

    // -------------------------------------------------------------------------------------- the digest of a batch

    /// @dev The statement of a batch by its definition: r is of h and of every element of the header, y of every limb.
    function test_theDigestIsOfDataAndHeader() public {
        rollup.requestForcedExit(9);
        bytes memory data = bytes.concat(exitRecord(0, 9, address(this)), withdrawal(ALICE, 77), operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 1);
        batch.class = 2;
        batch.number = 12;
        commit(batch, data);
        uint256[32] memory e = header(batch);
        bytes memory words = bytes.concat(batch.dataHash);
        for (uint256 i = 0; i < 28; ++i) {
            words = bytes.concat(words, bytes8(uint64(e[i])));
        }
        uint256 d = uint256(keccak256(words));
        (e[28], e[29]) = ((d >> 128) % P, (d & type(uint128).max) % P);
        (e[30], e[31]) = evaluate(data, e[28], e[29]);
        uint256 place;
        assembly ("memory-safe") {
            place := e
        }
        bytes32 expected = Poseidon2.context().hash(Poseidon2.TAG_BATCH_STATEMENT, place, 32);
        assertEq(rollup.committedDigest(rollup.batchId(batch)), expected);
    }

    function header(IRollup.Batch memory batch) private view returns (uint256[32] memory e) {
        e[0] = Statement.PROTOCOL_VERSION;
        put(e, 1, rollup.domain());
        (e[5], e[6], e[7]) = (batch.class, batch.number, batch.timestamp);
        put(e, 8, batch.oldRoot);
        put(e, 12, batch.newRoot);
        put(e, 16, batch.receiptsRoot);
        (e[20], e[21], e[22]) = (batch.intents, batch.queueFrom, batch.queueTo);
        put(e, 23, batch.publicData);
        e[27] = batch.limbs;
    }

    function put(uint256[32] memory e, uint256 at, bytes32 digest) private pure {
        for (uint256 i = 0; i < 4; ++i) {
            e[at + i] = uint64(uint256(digest) >> (192 - 64 * i));
        }
    }

    /// @dev Horner's rule in GF(p)[X]/(X² − 7).
    function evaluate(bytes memory data, uint256 r0, uint256 r1) private pure returns (uint256 y0, uint256 y1) {
        for (uint256 i = 0; i < data.length; i += 7) {
            uint256 limb = 0;
            for (uint256 j = 0; j < 7; ++j) {
                limb = limb << 8 | uint8(data[i + j]);
            }
            (y0, y1) = (addmod(addmod(mulmod(y0, r0, P), mulmod(7 * y1, r1, P), P), limb, P),
                addmod(mulmod(y0, r1, P), mulmod(y1, r0, P), P));
        }
    }
}
