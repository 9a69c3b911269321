// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {RollupTimelock} from "../src/RollupTimelock.sol";
import {EchoVerifier, YesVerifier} from "./mocks/Verifiers.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Who may change what, and when
contract GovernanceTest is Fixture {
    function timelock() private view returns (RollupTimelock) {
        return RollupTimelock(payable(rollup.timelock()));
    }

    function test_theDelayIsLongerThanTheExitWindow() public view {
        assertTrue(timelock().getMinDelay() > rollup.EXIT_WINDOW(), "longer");
        assertTrue(
            rollup.EXIT_WINDOW() >= rollup.FREEZE_DELAY() + rollup.PAUSE_MAX() + 7 days, "a week to notice"
        );
        assertEq(timelock().getMinDelay(), rollup.UPGRADE_DELAY());
        // An entry recorded in a pause, or waiting in one, has its deadline before the next.
        assertTrue(
            rollup.PAUSE_INTERVAL() > rollup.FREEZE_DELAY() + 2 * rollup.PAUSE_MAX(), "one pause an entry"
        );
    }

    function test_onlyTheTimelockChangesAnything() public {
        address yes = address(new YesVerifier());
        address[4] memory others = [address(this), OPERATOR, GUARDIAN, GOVERNOR];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory refused = abi.encodeWithSelector(IRollup.Unauthorized.selector, others[i]);
            vm.startPrank(others[i]);
            vm.expectRevert(refused);
            rollup.setVerifier(yes);
            vm.expectRevert(refused);
            rollup.setOperator(ALICE);
            vm.expectRevert(refused);
            rollup.setGuardian(ALICE);
            vm.stopPrank();
        }
    }

    function change(bytes memory call) private {
        RollupTimelock lock = timelock();
        uint256 delay = lock.getMinDelay();
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        vm.warp(block.timestamp + delay - 1);
        vm.expectRevert();
        lock.execute(address(rollup), 0, call, 0, 0);
        vm.warp(block.timestamp + 1);
        // Anybody executes.
        lock.execute(address(rollup), 0, call, 0, 0);
    }

    function test_theTimelockChangesEverything() public {
        address yes = address(new YesVerifier());
        change(abi.encodeCall(IRollup.setVerifier, (yes)));
        assertEq(rollup.verifier(), yes);
        change(abi.encodeCall(IRollup.setOperator, (ALICE)));
        assertEq(rollup.operator(), ALICE);
        change(abi.encodeCall(IRollup.setGuardian, (address(0))));
        assertEq(rollup.guardian(), address(0));
    }

    function test_onlyTheGovernorProposes() public {
        RollupTimelock lock = timelock();
        uint256 delay = lock.getMinDelay();
        vm.expectRevert();
        lock.schedule(address(rollup), 0, abi.encodeCall(IRollup.setOperator, (ALICE)), 0, 0, delay);
        vm.prank(GOVERNOR);
        vm.expectRevert();
        lock.schedule(address(rollup), 0, abi.encodeCall(IRollup.setOperator, (ALICE)), 0, 0, delay - 1);
    }

    /// @dev The timelock may lengthen its delay, and never shorten it below the floor.
    function test_theDelayDoesNotShrink() public {
        RollupTimelock lock = timelock();
        uint256 delay = lock.getMinDelay();
        bytes memory call = abi.encodeWithSignature("updateDelay(uint256)", 0);
        vm.prank(GOVERNOR);
        lock.schedule(address(lock), 0, call, 0, 0, delay);
        vm.warp(block.timestamp + delay);
        lock.execute(address(lock), 0, call, 0, 0);
        assertEq(lock.getMinDelay(), delay);
        vm.prank(GOVERNOR);
        vm.expectRevert();
        lock.schedule(address(rollup), 0, abi.encodeCall(IRollup.setOperator, (ALICE)), 0, 0, delay - 1);
    }

    /// @dev A change that nobody executed in time must be announced again.
    function test_proposalsExpire() public {
        RollupTimelock lock = timelock();
        uint256 delay = lock.getMinDelay();
        bytes memory call = abi.encodeCall(IRollup.setOperator, (ALICE));
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        bytes32 id = lock.hashOperation(address(rollup), 0, call, 0, 0);
        vm.warp(NOW + delay + lock.READY_PERIOD());
        assertTrue(lock.isOperationReady(id), "the last second");
        vm.warp(NOW + delay + lock.READY_PERIOD() + 1);
        assertTrue(!lock.isOperation(id), "as if it had never been");
        vm.expectRevert();
        lock.execute(address(rollup), 0, call, 0, 0);
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        vm.expectRevert();
        lock.execute(address(rollup), 0, call, 0, 0);
        vm.warp(block.timestamp + delay);
        lock.execute(address(rollup), 0, call, 0, 0);
        assertEq(rollup.operator(), ALICE);
        vm.warp(block.timestamp + 365 days);
        assertTrue(lock.isOperationDone(id), "done stays done");
    }

    function test_aVerifierIsAContract() public {
        vm.prank(rollup.timelock());
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAContract.selector, ALICE));
        rollup.setVerifier(ALICE);
        vm.prank(rollup.timelock());
        vm.expectPartialRevert(IRollup.ZeroAddress.selector);
        rollup.setOperator(address(0));
    }

    /// @dev An account that delegates has code, and another tomorrow, without the timelock.
    function test_aDelegatedAccountIsNoVerifier() public {
        address account = address(0x7702);
        vm.etch(account, abi.encodePacked(hex"ef0100", address(new YesVerifier())));
        vm.prank(rollup.timelock());
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAContract.selector, account));
        rollup.setVerifier(account);
    }

    /// @dev What was announced is what verifies: another code at the same address does not.
    function test_aVerifierKeepsItsCode() public {
        YesVerifier yes = new YesVerifier();
        vm.expectEmit(true, true, true, true);
        emit IRollup.VerifierChanged(address(yes), address(yes).codehash);
        vm.prank(rollup.timelock());
        rollup.setVerifier(address(yes));
        assertEq(rollup.verifierCodehash(), address(yes).codehash);
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        commit(batch, operatorRecord());
        bytes memory code = address(yes).code;
        bytes memory other = address(new EchoVerifier()).code;
        vm.etch(address(yes), other);
        vm.prank(OPERATOR);
        vm.expectRevert(
            abi.encodeWithSelector(IRollup.WrongVerifierCode.selector, keccak256(code), keccak256(other))
        );
        rollup.prove(list(batch), "");
        vm.etch(address(yes), code);
        vm.prank(OPERATOR);
        rollup.prove(list(batch), "");
    }

    /// @dev The guardian of the day cancels, no other: a governor's stolen key changes nothing if he sees it.
    function test_theGuardianCancels() public {
        RollupTimelock lock = timelock();
        uint256 delay = lock.getMinDelay();
        bytes memory call = abi.encodeCall(IRollup.setOperator, (ALICE));
        bytes32 id = lock.hashOperation(address(rollup), 0, call, 0, 0);
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        vm.prank(ALICE);
        vm.expectRevert();
        lock.cancel(id);
        vm.prank(GUARDIAN);
        lock.cancel(id);
        assertTrue(!lock.isOperation(id), "cancelled");
        // He proposes nothing.
        vm.prank(GUARDIAN);
        vm.expectRevert();
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        // Nor does he cancel when he is no longer the guardian.
        vm.prank(address(lock));
        rollup.setGuardian(BOB);
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        vm.prank(GUARDIAN);
        vm.expectRevert();
        lock.cancel(id);
        vm.prank(BOB);
        lock.cancel(id);
        vm.prank(GOVERNOR);
        lock.schedule(address(rollup), 0, call, 0, 0, delay);
        vm.prank(GOVERNOR);
        lock.cancel(id);
    }

    function test_pausesAreShortAndRare() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.Unauthorized.selector, address(this)));
        rollup.pause();
        vm.prank(GUARDIAN);
        vm.expectEmit(true, true, true, true);
        emit IRollup.Paused(uint64(NOW + 2 days));
        rollup.pause();
        vm.warp(NOW + 14 days - 1);
        vm.prank(GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IRollup.PauseTooSoon.selector, NOW + 14 days));
        rollup.pause();
        vm.warp(NOW + 14 days);
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.expectRevert(abi.encodeWithSelector(IRollup.Unauthorized.selector, address(this)));
        rollup.unpause();
        vm.prank(GUARDIAN);
        rollup.unpause();
        rollup.deposit(ALICE, someKey(), 1);
    }
}
