// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {FeeToken, ReentrantToken} from "./mocks/Tokens.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Claims, freezing, escapes and refunds
/// @dev Escapes from a state with money in it, and everything that a wrong one may say, are in bindings/tests/lifecycle.rs.
contract ExitsTest is Fixture {
    using Poseidon2 for Poseidon2.Context;

    /// @dev A final batch that pays out 1, 2, … units to ALICE, and the leaves.
    function payOut(uint256 count) internal returns (bytes32[] memory leaves) {
        bytes memory data;
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            data = bytes.concat(data, withdrawal(ALICE, uint56(i + 1)));
            leaves[i] = leaf(i, ALICE, i + 1);
        }
        settle(bytes.concat(data, operatorRecord()), 0);
    }

    function copy(bytes32[] memory leaves) internal pure returns (bytes32[] memory copied) {
        copied = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            copied[i] = leaves[i];
        }
    }

    function test_everyPayoutIsClaimedOnce(uint8 seed) public {
        uint256 count = bound(seed, 1, 40);
        token.mint(address(rollup), 1e6);
        bytes32[] memory leaves = payOut(count);
        uint256 sum = 0;
        for (uint32 i = 0; i < count; ++i) {
            bytes32[] memory path = pathOf(copy(leaves), i);
            vm.prank(BOB);
            rollup.claim(0, 0, i, ALICE, i + 1, path);
            sum += i + 1;
            assertEq(token.balanceOf(ALICE), sum);
            assertTrue(rollup.isClaimed(0, i), "claimed");
            vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
            rollup.claim(0, 0, i, ALICE, i + 1, path);
        }
    }

    function test_onlyFinalBatchesPay() public {
        token.mint(address(rollup), 1e6);
        bytes memory data = bytes.concat(withdrawal(ALICE, 5), operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 0);
        commit(batch, data);
        bytes32[] memory none = new bytes32[](0);
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.claim(0, 0, 0, ALICE, 5, none);
        prove(batch);
        rollup.claim(0, 0, 0, ALICE, 5, none);
    }

    /// @dev Every word of a claim is in the leaf or leads to it.
    function test_claimsAreWhatTheBatchSaid() public {
        token.mint(address(rollup), 1e6);
        bytes32[] memory leaves = payOut(5);
        bytes32[] memory path = pathOf(copy(leaves), 2);
        refuseClaim(0, 0, 2, BOB, 3, path);
        refuseClaim(0, 0, 2, ALICE, 4, path);
        refuseClaim(0, 0, 3, ALICE, 3, path);
        refuseClaim(0, 1, 2, ALICE, 3, path);
        refuseClaim(1, 0, 2, ALICE, 3, path);
        refuseClaim(0, 0, 2, ALICE, 3, new bytes32[](0));
        path[1] ^= bytes32(uint256(1));
        refuseClaim(0, 0, 2, ALICE, 3, path);
        path[1] ^= bytes32(uint256(1));
        rollup.claim(0, 0, 2, ALICE, 3, path);
    }

    function refuseClaim(
        uint64 batch,
        uint32 chunk,
        uint32 index,
        address owner,
        uint256 units,
        bytes32[] memory path
    ) private {
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.claim(batch, chunk, index, owner, units, path);
    }

    /// @dev A refused deposit goes back to its owner like a withdrawal; a credited one does not.
    function test_aRefusedDepositGoesBack() public {
        rollup.deposit(ALICE, someKey(), 5);
        rollup.deposit(BOB, someKey(), 7);
        rollup.deposit(ALICE, someKey(), 9);
        bytes memory data = bytes.concat(
            depositRecord(1, 3, ALICE, 5000, someKey()),
            depositRecord(2, 3, BOB, 7000, someKey()),
            depositRecord(0, 0, ALICE, 9000, someKey()),
            withdrawal(ALICE, 4),
            operatorRecord()
        );
        settle(data, 3);
        bytes32[] memory leaves = new bytes32[](3);
        (leaves[0], leaves[1], leaves[2]) = (leaf(0, BOB, 7), leaf(1, ALICE, 9), leaf(2, ALICE, 4));
        rollup.claim(0, 0, 0, BOB, 7, pathOf(copy(leaves), 0));
        rollup.claim(0, 0, 1, ALICE, 9, pathOf(copy(leaves), 1));
        rollup.claim(0, 0, 2, ALICE, 4, pathOf(copy(leaves), 2));
        assertEq(token.balanceOf(BOB), 7);
        assertEq(token.balanceOf(ALICE), 13);
    }

    function test_neitherPauseNorFrostStopsAClaim() public {
        token.mint(address(rollup), 10);
        bytes32[] memory leaves = payOut(2);
        vm.prank(GUARDIAN);
        rollup.pause();
        rollup.claim(0, 0, 0, ALICE, 1, pathOf(copy(leaves), 0));
        freezeRollup();
        rollup.claim(0, 0, 1, ALICE, 2, pathOf(copy(leaves), 1));
    }

    function test_aTokenCannotClaimWithinAClaim() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        token.mint(address(rollup), 10);
        bytes32[] memory leaves = payOut(2);
        bytes32[] memory path = pathOf(copy(leaves), 1);
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.claim, (0, 0, 1, ALICE, 2, path)));
        rollup.claim(0, 0, 0, ALICE, 1, pathOf(copy(leaves), 0));
        assertTrue(!reentrant.reentered(), "claim within claim");
        assertEq(token.balanceOf(ALICE), 1);
    }

    function test_aTokenCannotRefundOrEscapeWithinARefund() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        rollup.deposit(ALICE, someKey(), 5);
        rollup.deposit(ALICE, someKey(), 7);
        vm.warp(NOW + 7 days + 1);
        rollup.freeze();
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.refund, (1, ALICE, someKey(), 7_000)));
        rollup.refund(0, ALICE, someKey(), 5_000);
        assertTrue(!reentrant.reentered(), "refund within refund");
        (IRollup.AccountProof memory proof, bytes32 empty) = operatorProof();
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.escape, (proof, empty)));
        rollup.refund(1, ALICE, someKey(), 7_000);
        assertTrue(!reentrant.reentered(), "escape within refund");
        rollup.escape(proof, empty);
    }

    function test_feesOfATokenAreTheReceivers() public {
        deployRollup(new FeeToken());
        rollup.deposit(ALICE, someKey(), 1000);
        bytes memory data = bytes.concat(depositRecord(2, 1, ALICE, 990_000, someKey()), operatorRecord());
        settle(data, 1);
        rollup.claim(0, 0, 0, ALICE, 990, new bytes32[](0));
        assertEq(token.balanceOf(address(rollup)), 0);
    }

    // ------------------------------------------------------------------------------------------------- freezing

    function test_onlyAMissedDeadlineFreezes() public {
        vm.warp(NOW + 100 days);
        vm.expectPartialRevert(IRollup.DeadlineNotPassed.selector);
        rollup.freeze();
        rollup.requestForcedExit(1);
        vm.warp(NOW + 107 days);
        vm.expectPartialRevert(IRollup.DeadlineNotPassed.selector);
        rollup.freeze();
        // Served, at the last moment.
        settle(bytes.concat(exitRecord(0, 1, address(this)), operatorRecord()), 1);
        vm.warp(NOW + 200 days);
        vm.expectPartialRevert(IRollup.DeadlineNotPassed.selector);
        rollup.freeze();
        rollup.requestForcedExit(1);
        vm.warp(NOW + 207 days + 1);
        vm.expectEmit(true, true, true, true);
        emit IRollup.Frozen(1, rollup.stateRoot());
        vm.prank(BOB);
        rollup.freeze();
        assertTrue(rollup.frozen(), "frozen");
    }

    function test_noPauseStopsTheFrost() public {
        rollup.requestForcedExit(1);
        vm.warp(NOW + 7 days + 1);
        vm.prank(GUARDIAN);
        rollup.pause();
        rollup.freeze();
    }

    // ------------------------------------------------------------------------------------------------- escapes

    /// @dev The operator's account in the first state: nothing on it.
    function operatorProof() internal pure returns (IRollup.AccountProof memory proof, bytes32 empty) {
        Poseidon2.Context ctx = Poseidon2.context();
        (proof.key, proof.owner) = (someKey(), OPERATOR);
        for (uint256 level = 0; level < 32; ++level) {
            proof.siblings[level] = empty;
            empty = ctx.compress(empty, empty);
        }
    }

    function test_anEscapeNeedsFrost() public {
        (IRollup.AccountProof memory proof, bytes32 empty) = operatorProof();
        vm.expectPartialRevert(IRollup.NotFrozen.selector);
        rollup.escape(proof, empty);
        freezeRollup();
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.expectEmit(true, true, true, true);
        emit IRollup.Escaped(0, OPERATOR, 0, 0);
        rollup.escape(proof, empty);
        assertTrue(rollup.hasEscaped(0), "escaped");
        vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        rollup.escape(proof, empty);
    }

    /// @dev A state in which account 5 holds `balance`, and its licenses' root.
    function poorState(uint64 balance)
        internal
        pure
        returns (IRollup.AccountProof memory proof, bytes32 licensesRoot)
    {
        Poseidon2.Context ctx = Poseidon2.context();
        (proof.id, proof.key, proof.owner) = (5, someKey(), ALICE);
        (proof.balance, proof.nonce) = (balance, 17);
        bytes32 empty = 0;
        for (uint256 level = 0; level < 32; ++level) {
            proof.siblings[level] = empty;
            empty = ctx.compress(empty, empty);
        }
        licensesRoot = root(77);
    }

    /// @dev Makes such a state final, and freezes the rollup.
    function freezeWith(IRollup.AccountProof memory proof, bytes32 licensesRoot) internal {
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        batch.newRoot = Poseidon2.context().compress(this.accountsRootOf(proof), licensesRoot);
        commit(batch, operatorRecord());
        prove(batch);
        freezeRollup();
    }

    function test_anAccountLeavesWithItsBalance(uint64 balance) public {
        balance = uint64(bound(balance, 0, (1 << 62) - 1));
        (IRollup.AccountProof memory proof, bytes32 licensesRoot) = poorState(balance);
        freezeWith(proof, licensesRoot);
        token.mint(address(rollup), balance / 1000);
        vm.expectEmit(true, true, true, true);
        emit IRollup.Escaped(5, ALICE, balance, balance / 1000);
        rollup.escape(proof, licensesRoot);
        assertEq(token.balanceOf(ALICE), balance / 1000);
        assertEq(token.balanceOf(address(rollup)), 0);
    }

    function test_escapesAreFromTheFinalState() public {
        (IRollup.AccountProof memory proof, bytes32 licensesRoot) = poorState(5000);
        freezeWith(proof, licensesRoot);
        token.mint(address(rollup), 1e6);
        proof.balance += 1;
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escape(proof, licensesRoot);
        proof.balance -= 1;
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escape(proof, root(3));
        // Another encoding of the same licenses' root.
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        rollup.escape(proof, bytes32(uint256(licensesRoot) + 0xffffffff00000001));
        rollup.escape(proof, licensesRoot);
        assertEq(token.balanceOf(ALICE), 5);
    }

    function accountsRootOf(IRollup.AccountProof calldata proof) external pure returns (bytes32) {
        return StateTree.accountsRoot(Poseidon2.context(), proof);
    }

    function test_escapesAreCanonical() public {
        (IRollup.AccountProof memory proof,) = poorState(1);
        uint64 p = 0xffffffff00000001;
        IRollup.AccountProof memory wrong = abi.decode(abi.encode(proof), (IRollup.AccountProof));
        wrong.balance += p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.accountsRootOf(wrong);
        wrong = abi.decode(abi.encode(proof), (IRollup.AccountProof));
        wrong.nonce += p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.accountsRootOf(wrong);
        wrong = abi.decode(abi.encode(proof), (IRollup.AccountProof));
        wrong.key[0] += p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.accountsRootOf(wrong);
        wrong = abi.decode(abi.encode(proof), (IRollup.AccountProof));
        wrong.siblings[9] = bytes32(type(uint256).max);
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.accountsRootOf(wrong);
    }

    // -------------------------------------------------------------------------------------------------- refunds

    function test_onlyDepositsThatNobodyConsumedAreRefunded() public {
        rollup.deposit(ALICE, someKey(), 5);
        rollup.deposit(BOB, someKey(), 7);
        rollup.requestForcedExit(1);
        settle(bytes.concat(depositRecord(1, 3, ALICE, 5000, someKey()), operatorRecord()), 1);
        vm.expectPartialRevert(IRollup.NotFrozen.selector);
        rollup.refund(1, BOB, someKey(), 7000);
        vm.warp(NOW + 7 days + 1);
        rollup.freeze();
        vm.expectRevert(abi.encodeWithSelector(IRollup.NoSuchEntry.selector, 0));
        rollup.refund(0, ALICE, someKey(), 5000);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NoSuchEntry.selector, 3));
        rollup.refund(3, ALICE, someKey(), 5000);
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.refund(1, ALICE, someKey(), 7000);
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.refund(1, BOB, someKey(), 8000);
        // The same seven bytes and one above them.
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.refund(1, BOB, someKey(), (1 << 56) + 7000);
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.refund(2, address(this), someKey(), 0);
        vm.expectEmit(true, true, true, true);
        emit IRollup.DepositRefunded(1, BOB, 7);
        vm.prank(ALICE);
        rollup.refund(1, BOB, someKey(), 7000);
        assertEq(token.balanceOf(BOB), 7);
        assertTrue(rollup.isRefunded(1), "refunded");
        vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        rollup.refund(1, BOB, someKey(), 7000);
    }
}
