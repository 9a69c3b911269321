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
        IRollup.LicenseProof[] memory none = new IRollup.LicenseProof[](0);
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.escape, (proof, empty, none)));
        rollup.refund(1, ALICE, someKey(), 7_000);
        assertTrue(!reentrant.reentered(), "escape within refund");
        rollup.escape(proof, empty, none);
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
        IRollup.LicenseProof[] memory none = new IRollup.LicenseProof[](0);
        vm.expectPartialRevert(IRollup.NotFrozen.selector);
        rollup.escape(proof, empty, none);
        freezeRollup();
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.expectEmit(true, true, true, true);
        emit IRollup.Escaped(0, OPERATOR, 0, 0);
        rollup.escape(proof, empty, none);
        assertTrue(rollup.hasEscaped(0), "escaped");
        vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        rollup.escape(proof, empty, none);
    }

    /// @dev A state in which account 5 holds `balance` and shares of license 1.
    function poorState(uint64 balance, uint64 vault, uint64 shares)
        internal
        pure
        returns (IRollup.AccountProof memory proof, IRollup.LicenseProof[] memory licenses)
    {
        Poseidon2.Context ctx = Poseidon2.context();
        (proof.id, proof.key, proof.owner) = (5, someKey(), ALICE);
        (proof.balance, proof.nonce) = (balance, 17);
        licenses = new IRollup.LicenseProof[](1);
        licenses[0].id = 1;
        licenses[0].lines = new uint64[](2);
        licenses[0].lines[0] = shares << 32 | 5;
        licenses[0].lines[1] = uint64(1) << 52 | (1_000_000 - shares) << 32 | 5;
        (licenses[0].origin, licenses[0].vault, licenses[0].price) = (root(3), vault, 10);
        (licenses[0].received, licenses[0].status) = (1 << 61, 1);
        bytes32 empty = 0;
        for (uint256 level = 0; level < 32; ++level) {
            proof.siblings[level] = empty;
            licenses[0].siblings[level] = empty;
            empty = ctx.compress(empty, empty);
        }
    }

    function test_anAccountLeavesWithItsPartsOfVaults(uint64 balance, uint8 vault, uint32 shares) public {
        balance = uint64(bound(balance, 0, (1 << 62) - 1));
        vault = uint8(bound(vault, 0, 15));
        shares = uint32(bound(shares, 1, 999_999));
        (IRollup.AccountProof memory proof, IRollup.LicenseProof[] memory licenses) =
            poorState(balance, vault, shares);
        bytes32 licensesRoot = this.licensesRootOf(licenses[0]);
        bytes32 newRoot = Poseidon2.context().compress(this.accountsRootOf(proof), licensesRoot);
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 0);
        batch.newRoot = newRoot;
        commit(batch, data);
        prove(batch);
        freezeRollup();
        uint256 nano = balance + uint256(vault) * shares / 1_000_000;
        token.mint(address(rollup), nano / 1000);
        vm.expectEmit(true, true, true, true);
        emit IRollup.Escaped(5, ALICE, nano, nano / 1000);
        rollup.escape(proof, licensesRoot, licenses);
        assertEq(token.balanceOf(ALICE), nano / 1000);
        assertEq(token.balanceOf(address(rollup)), 0);
    }

    function test_escapesAreFromTheFinalState() public {
        (IRollup.AccountProof memory proof, IRollup.LicenseProof[] memory licenses) =
            poorState(5000, 15, 500_000);
        bytes32 licensesRoot = this.licensesRootOf(licenses[0]);
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        batch.newRoot = Poseidon2.context().compress(this.accountsRootOf(proof), licensesRoot);
        commit(batch, operatorRecord());
        prove(batch);
        freezeRollup();
        token.mint(address(rollup), 1e6);
        proof.balance += 1;
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escape(proof, licensesRoot, licenses);
        proof.balance -= 1;
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escape(proof, root(3), licenses);
        licenses[0].vault -= 1;
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escape(proof, licensesRoot, licenses);
        licenses[0].vault += 1;
        IRollup.LicenseProof[] memory twice = new IRollup.LicenseProof[](2);
        (twice[0], twice[1]) = (licenses[0], licenses[0]);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAscending.selector, 1));
        rollup.escape(proof, licensesRoot, twice);
        rollup.escape(proof, licensesRoot, licenses);
        assertEq(token.balanceOf(ALICE), 5);
    }

    function accountsRootOf(IRollup.AccountProof calldata proof) external pure returns (bytes32) {
        return StateTree.accountsRoot(Poseidon2.context(), proof);
    }

    function licensesRootOf(IRollup.LicenseProof calldata license) external pure returns (bytes32) {
        return StateTree.licensesRoot(Poseidon2.context(), license);
    }

    /// @dev A line of the parent license with the account's number is not the account's.
    function test_aParentIsNotAHolder() public {
        (, IRollup.LicenseProof[] memory licenses) = poorState(0, 15, 500_000);
        licenses[0].lines[0] = uint64(500_000) << 32 | 6;
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAHolder.selector, 1));
        this.partOf(licenses[0], 5);
    }

    function partOf(IRollup.LicenseProof calldata license, uint32 account) external pure returns (uint256) {
        return StateTree.partOfVault(license, account);
    }

    function test_escapesAreCanonical() public {
        (IRollup.AccountProof memory proof, IRollup.LicenseProof[] memory licenses) = poorState(1, 1, 1);
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
        bytes memory honest = abi.encode(licenses[0]);
        IRollup.LicenseProof memory license = abi.decode(honest, (IRollup.LicenseProof));
        license.vault += p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
        license = abi.decode(honest, (IRollup.LicenseProof));
        license.price += p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
        license = abi.decode(honest, (IRollup.LicenseProof));
        license.received = p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
        license = abi.decode(honest, (IRollup.LicenseProof));
        license.status += p;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
        license = abi.decode(honest, (IRollup.LicenseProof));
        license.lines[1] = type(uint64).max;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
        license = abi.decode(honest, (IRollup.LicenseProof));
        license.lines = new uint64[](17);
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
        license = abi.decode(honest, (IRollup.LicenseProof));
        license.origin = bytes32(type(uint256).max);
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.licensesRootOf(license);
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
