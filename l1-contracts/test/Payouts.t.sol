// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {RollupTimelock} from "../src/RollupTimelock.sol";
import {ReentrantToken} from "./mocks/Tokens.sol";
import {YesVerifier} from "./mocks/Verifiers.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Payouts of final batches are covered, whatever comes later
contract PayoutsTest is Fixture {
    using Poseidon2 for Poseidon2.Context;

    address private constant MALLORY = address(0xbad);
    bytes32[] private none;

    /// @dev One who can prove whatever he likes.
    function believeEverything() private {
        RollupTimelock lock = RollupTimelock(payable(rollup.timelock()));
        bytes memory call = abi.encodeCall(IRollup.setVerifier, (address(new YesVerifier())));
        uint256 delay = lock.getMinDelay();
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        vm.warp(block.timestamp + delay);
        lock.execute(address(rollup), 0, call, 0, 0);
    }

    function proveAnything(bytes memory data, bytes32 newRoot) private {
        IRollup.Batch memory batch = nextBatch(data, rollup.queueNext());
        batch.newRoot = newRoot;
        commit(batch, data);
        vm.prank(OPERATOR);
        rollup.prove(list(batch), "");
    }

    function depositAndWithdraw() private {
        rollup.deposit(ALICE, someKey(), 1_000);
        settle(
            bytes.concat(
                depositRecord(1, 1, ALICE, 1_000_000, someKey()), withdrawal(ALICE, 1_000), operatorRecord()
            ),
            1
        );
    }

    /// @dev Refused deposits and withdrawals of every batch of a block.
    function test_outstandingIsWhatIsFinalAndNotClaimed() public {
        rollup.deposit(ALICE, someKey(), 500);
        rollup.deposit(BOB, someKey(), 70);
        bytes memory data = bytes.concat(
            depositRecord(1, 3, ALICE, 500_000, someKey()),
            depositRecord(2, 3, BOB, 70_000, someKey()),
            withdrawal(ALICE, 6),
            operatorRecord()
        );
        bytes memory more = bytes.concat(withdrawal(ALICE, 100), operatorRecord());
        IRollup.Batch[] memory batches = new IRollup.Batch[](2);
        batches[0] = nextBatch(data, 2);
        batches[1] = following(batches[0], more, 2);
        commit(batches[0], data);
        commit(batches[1], more);
        assertEq(rollup.outstanding(), 0);
        bytes memory proof = proofOf(batches);
        vm.prank(OPERATOR);
        rollup.prove(batches, proof);
        assertEq(rollup.outstanding(), 70 + 6 + 100);
        bytes32[] memory path = new bytes32[](1);
        path[0] = leaf(1, ALICE, 6);
        rollup.claim(0, 0, 0, BOB, 70, path);
        assertEq(rollup.outstanding(), 106);
    }

    /// @dev Withdrawals on both sides of a chunk's end, in two transactions.
    function test_outstandingCountsEveryPart() public {
        token.mint(address(rollup), 300);
        settleInParts(withdrawals());
        assertEq(rollup.outstanding(), 300);
        rollup.claim(0, 1, 1_024, BOB, 200, none);
        assertEq(rollup.outstanding(), 100);
    }

    /// @dev A chunk of withdrawals of nothing, the last of 100 units, and one more of 200.
    function withdrawals() private pure returns (bytes memory data) {
        data = new bytes(CHUNK_BYTES);
        for (uint256 i = 0; i < CHUNK_BYTES; i += 28) {
            data[i] = 0x04;
        }
        data[CHUNK_BYTES - 1] = 0x64;
        return bytes.concat(data, withdrawal(BOB, 200), operatorRecord());
    }

    function settleInParts(bytes memory data) private {
        IRollup.Batch memory batch = nextBatch(data, 0);
        commitPart(batch, data, 0, CHUNK_BYTES);
        commitPart(batch, data, CHUNK_BYTES, data.length);
        prove(batch);
    }

    function test_aBlockPaysWhatIsThere() public {
        token.mint(address(rollup), 100);
        bytes memory data = bytes.concat(withdrawal(MALLORY, 100), withdrawal(BOB, 1), operatorRecord());
        IRollup.Batch memory batch = nextBatch(data, 0);
        commit(batch, data);
        bytes memory proof = proofOf(list(batch));
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 101, 100));
        rollup.prove(list(batch), proof);
        token.mint(address(rollup), 1);
        prove(batch);
        assertEq(rollup.outstanding(), 101);
    }

    /// @dev A withdrawal that is final is out of reach of another verifier.
    function test_anotherVerifierTakesNoFinalPayout() public {
        depositAndWithdraw();
        believeEverything();
        bytes memory theft = bytes.concat(withdrawal(MALLORY, 1), operatorRecord());
        IRollup.Batch memory batch = nextBatch(theft, 1);
        commit(batch, theft);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 1_001, 1_000));
        rollup.prove(list(batch), "");
        rollup.claim(0, 0, 0, ALICE, 1_000, none);
        assertEq(token.balanceOf(ALICE), 1_000);
    }

    /// @dev Nor is it in reach of accounts that a false state has, once the rollup is frozen.
    function test_aFalseStateEscapesWithNoFinalPayout() public {
        depositAndWithdraw();
        believeEverything();
        IRollup.AccountProof memory rich;
        (rich.id, rich.key, rich.owner, rich.balance) = (5, someKey(), MALLORY, 1_000_000);
        bytes32 licensesRoot = root(3);
        bytes32 accountsRoot = this.accountsRootOf(rich);
        proveAnything(operatorRecord(), Poseidon2.context().compress(accountsRoot, licensesRoot));
        freezeRollup();
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 2_000, 1_000));
        rollup.escape(rich, licensesRoot);
        rollup.claim(0, 0, 0, ALICE, 1_000, none);
        assertEq(token.balanceOf(ALICE), 1_000);
        assertEq(rollup.outstanding(), 0);
    }

    function accountsRootOf(IRollup.AccountProof calldata proof) external pure returns (bytes32) {
        return StateTree.accountsRoot(Poseidon2.context(), proof);
    }

    /// @dev The same for refunds, if somebody else has taken from the deposits.
    function test_aRefundTakesNoFinalPayout() public {
        depositAndWithdraw();
        rollup.deposit(BOB, someKey(), 50);
        vm.warp(block.timestamp + 7 days + 1);
        rollup.freeze();
        vm.prank(address(rollup));
        token.transfer(MALLORY, 30);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 1_050, 1_020));
        rollup.refund(1, BOB, someKey(), 50_000);
        rollup.claim(0, 0, 0, ALICE, 1_000, none);
        vm.expectPartialRevert(IRollup.ReserveTooSmall.selector);
        rollup.refund(1, BOB, someKey(), 50_000);
    }

    /// @dev Deposits that no batch consumed are out of reach of a false state: of its escapes, and of its payouts.
    function test_aFalseStateTakesNoUnconsumedDeposit() public {
        depositAndWithdraw();
        believeEverything();
        rollup.claim(0, 0, 0, ALICE, 1_000, none);
        IRollup.AccountProof memory rich;
        (rich.id, rich.key, rich.owner, rich.balance) = (5, someKey(), MALLORY, 70_000);
        bytes32 licensesRoot = root(3);
        bytes32 accountsRoot = this.accountsRootOf(rich);
        proveAnything(operatorRecord(), Poseidon2.context().compress(accountsRoot, licensesRoot));
        rollup.deposit(BOB, someKey(), 50);
        rollup.deposit(ALICE, someKey(), 20);
        assertEq(rollup.unconsumedDeposits(), 70);
        bytes memory theft = bytes.concat(withdrawal(MALLORY, 1), operatorRecord());
        IRollup.Batch memory batch = nextBatch(theft, 1);
        commit(batch, theft);
        vm.prank(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 71, 70));
        rollup.prove(list(batch), "");
        vm.warp(uint256(rollup.deadline(1)) + 1);
        rollup.freeze();
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 140, 70));
        rollup.escape(rich, licensesRoot);
        rollup.refund(2, ALICE, someKey(), 20_000);
        assertEq(rollup.unconsumedDeposits(), 50);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 120, 50));
        rollup.escape(rich, licensesRoot);
        rollup.refund(1, BOB, someKey(), 50_000);
        assertEq(rollup.unconsumedDeposits(), 0);
        assertEq(token.balanceOf(BOB), 50);
        // What is nobody's deposit is what a false state can take.
        token.mint(address(rollup), 70);
        rollup.escape(rich, licensesRoot);
        assertEq(token.balanceOf(MALLORY), 70);
    }

    /// @dev Consumed deposits, refused ones too, and forced exits are none of them.
    function test_unconsumedDepositsAreThoseOfTheQueue() public {
        assertEq(rollup.unconsumedDeposits(), 0);
        rollup.deposit(ALICE, someKey(), 500);
        rollup.requestForcedExit(7);
        rollup.deposit(BOB, someKey(), 70);
        assertEq(rollup.unconsumedDeposits(), 570);
        settle(bytes.concat(depositRecord(2, 3, ALICE, 500_000, someKey()), operatorRecord()), 1);
        assertEq(rollup.unconsumedDeposits(), 70);
        assertEq(rollup.outstanding(), 500);
        rollup.deposit(BOB, someKey(), 3);
        assertEq(rollup.unconsumedDeposits(), 73);
    }

    /// @dev In a shortage depositors are paid one after the other, as long as there is money for one.
    function test_aShortageStopsNoRefundThatIsCovered() public {
        rollup.deposit(ALICE, someKey(), 60);
        rollup.deposit(BOB, someKey(), 50);
        vm.warp(uint256(rollup.deadline(0)) + 1);
        rollup.freeze();
        vm.prank(address(rollup));
        token.transfer(MALLORY, 40);
        rollup.refund(0, ALICE, someKey(), 60_000);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 50, 10));
        rollup.refund(1, BOB, someKey(), 50_000);
    }

    /// @dev In the middle of a claim the balance still has what is being paid.
    function test_aTokenCannotProveWithinAClaim() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        depositAndWithdraw();
        bytes memory data = operatorRecord();
        IRollup.Batch memory batch = nextBatch(data, 1);
        commit(batch, data);
        bytes memory proof = proofOf(list(batch));
        vm.prank(rollup.timelock());
        rollup.setOperator(address(reentrant));
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.prove, (list(batch), proof)));
        rollup.claim(0, 0, 0, ALICE, 1_000, none);
        assertTrue(!reentrant.reentered(), "proof within a claim");
    }

    // ---------------------------------------------------------------------------------------------- many at once

    function test_manyClaimsAtOnce() public {
        token.mint(address(rollup), 100);
        settle(bytes.concat(withdrawal(ALICE, 1), withdrawal(BOB, 2), operatorRecord()), 0);
        settle(bytes.concat(withdrawal(BOB, 4), operatorRecord()), 0);
        IRollup.Claim[] memory claims = new IRollup.Claim[](3);
        bytes32[] memory path = new bytes32[](1);
        path[0] = leaf(1, BOB, 2);
        claims[0] = IRollup.Claim(0, 0, 0, ALICE, 1, path);
        path = new bytes32[](1);
        path[0] = leaf(0, ALICE, 1);
        claims[1] = IRollup.Claim(0, 0, 1, BOB, 2, path);
        claims[2] = IRollup.Claim(1, 0, 0, BOB, 4, none);
        // Somebody is first with one of them.
        rollup.claim(1, 0, 0, BOB, 4, none);
        rollup.claimMany(claims);
        assertEq(token.balanceOf(ALICE), 1);
        assertEq(token.balanceOf(BOB), 6);
        assertEq(rollup.outstanding(), 0);
        rollup.claimMany(claims);
        assertEq(token.balanceOf(BOB), 6);
    }

    function test_oneOfManyIsNoPayout() public {
        token.mint(address(rollup), 100);
        settle(bytes.concat(withdrawal(ALICE, 1), operatorRecord()), 0);
        IRollup.Claim[] memory claims = new IRollup.Claim[](2);
        claims[0] = IRollup.Claim(0, 0, 0, ALICE, 1, none);
        claims[1] = IRollup.Claim(0, 0, 1, BOB, 2, none);
        vm.expectPartialRevert(IRollup.InvalidClaim.selector);
        rollup.claimMany(claims);
        assertTrue(!rollup.isClaimed(0, 0), "nothing happened");
        // The same one twice is paid once.
        claims[1] = claims[0];
        rollup.claimMany(claims);
        assertEq(token.balanceOf(ALICE), 1);
    }

    function test_aTokenCannotClaimManyWithinAClaim() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        depositAndWithdraw();
        IRollup.Claim[] memory claims = new IRollup.Claim[](1);
        claims[0] = IRollup.Claim(0, 0, 0, ALICE, 1_000, none);
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.claimMany, (claims)));
        rollup.claim(0, 0, 0, ALICE, 1_000, none);
        assertTrue(!reentrant.reentered(), "many within one");
    }
}
