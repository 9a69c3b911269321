// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Rollup} from "../src/Rollup.sol";
import {FeeToken, NarrowToken, ReentrantToken, WideToken} from "./mocks/Tokens.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Deposits and forced exits
contract IntakeTest is Fixture {
    function test_aDepositIsWhatArrives() public {
        uint64[5] memory key = someKey();
        bytes memory entry = abi.encodePacked(
            uint8(1), ALICE, uint56(5_000), key[0], key[1], key[2], key[3], key[4]
        );
        bytes32 chain = keccak256(bytes.concat(bytes32(0), entry));
        vm.expectEmit(true, true, true, true);
        emit IRollup.Deposited(0, ALICE, address(this), key, 5_000, chain);
        assertEq(rollup.deposit(ALICE, key, 5), 0);
        assertEq(rollup.queueLength(), 1);
        assertEq(rollup.queueChain(1), chain);
        assertEq(rollup.deadline(0), NOW + 7 days);
        assertEq(token.balanceOf(address(rollup)), 5);
    }

    function test_aForcedExitIsTheCallers() public {
        vm.prank(BOB);
        rollup.requestForcedExit(77);
        bytes32 first = keccak256(bytes.concat(bytes32(0), abi.encodePacked(uint8(2), BOB, uint32(77))));
        assertEq(rollup.queueChain(1), first);
        rollup.requestForcedExit(type(uint32).max);
        bytes memory second = abi.encodePacked(uint8(2), address(this), type(uint32).max);
        assertEq(rollup.queueChain(2), keccak256(bytes.concat(first, second)));
    }

    function test_amountsHaveARange(uint256 units) public {
        units = bound(units, 0, 1e12);
        uint256 limit = uint256(1 << 46) / 1_000;
        bool fits = units != 0 && units < limit;
        if (!fits) vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, units));
        rollup.deposit(ALICE, someKey(), units);
    }

    function test_amountsEndJustBelowTheLimit() public {
        uint256 limit = uint256(1 << 46) / 1_000;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, limit));
        rollup.deposit(ALICE, someKey(), limit);
        rollup.deposit(ALICE, someKey(), limit - 1);
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, 0));
        rollup.deposit(ALICE, someKey(), 0);
    }

    /// @dev Who is paid must be able to take it: not zero, and neither of the two contracts.
    function test_someAddressesOwnNothing() public {
        address[3] memory owners = [address(0), address(rollup), address(token)];
        for (uint256 i = 0; i < owners.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRollup.WrongOwner.selector, owners[i]));
            rollup.deposit(owners[i], someKey(), 1);
        }
    }

    function test_depositsHaveALeastAmount() public {
        Rollup.Config memory dear = config(address(token));
        dear.leastDeposit = 10_000;
        rollup = create(dear);
        token.approve(address(rollup), type(uint256).max);
        assertEq(rollup.leastDeposit(), 10_000);
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, 9_999));
        rollup.deposit(ALICE, someKey(), 9_999);
        assertEq(rollup.deposit(ALICE, someKey(), 10_000), 0);
    }

    /// @dev What arrives counts, not what was sent.
    function test_theLeastAmountIsOfWhatArrives() public {
        FeeToken fees = new FeeToken();
        Rollup.Config memory dear = config(address(fees));
        dear.leastDeposit = 10_000;
        rollup = create(dear);
        fees.mint(address(this), 1e9);
        fees.approve(address(rollup), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, 9_900));
        rollup.deposit(ALICE, someKey(), 10_000);
        rollup.deposit(ALICE, someKey(), 10_200);
    }

    function test_supplyHasALimit() public {
        uint256 limit = uint256((1 << 62) - (1 << 60)) / 1_000;
        token.mint(address(rollup), limit - 5);
        rollup.deposit(ALICE, someKey(), 5);
        vm.expectRevert(abi.encodeWithSelector(IRollup.SupplyLimit.selector, limit + 1));
        rollup.deposit(ALICE, someKey(), 1);
    }

    function test_aTokenThatTakesAFeeCreditsLess() public {
        deployRollup(new FeeToken());
        uint64[5] memory key = someKey();
        vm.expectEmit(true, true, true, false);
        emit IRollup.Deposited(0, ALICE, address(this), key, 990_000, 0);
        rollup.deposit(ALICE, key, 1_000);
        assertEq(token.balanceOf(address(rollup)), 990);
        bytes memory entry =
            abi.encodePacked(uint8(1), ALICE, uint56(990_000), key[0], key[1], key[2], key[3], key[4]);
        assertEq(rollup.queueChain(1), keccak256(bytes.concat(bytes32(0), entry)));
    }

    function test_aTokenCannotDepositWithinADeposit() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.deposit, (ALICE, someKey(), 0)));
        rollup.deposit(ALICE, someKey(), 1_000);
        assertTrue(!reentrant.reentered(), "deposit within deposit");
        assertEq(bytes32(bytes4(reentrant.answer())), bytes32(bytes4(keccak256("ReentrancyGuardReentrantCall()"))));
        assertEq(rollup.queueLength(), 1);
    }

    function test_onlyWhatIsThereHasAChain() public {
        rollup.requestForcedExit(1);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NoSuchEntry.selector, 2));
        rollup.queueChain(2);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NoSuchEntry.selector, 1));
        rollup.deadline(1);
    }

    function test_aPauseStopsDepositsOnly() public {
        vm.prank(GUARDIAN);
        rollup.pause();
        vm.expectRevert(abi.encodeWithSelector(IRollup.IsPaused.selector, NOW + 2 days));
        rollup.deposit(ALICE, someKey(), 1);
        rollup.requestForcedExit(1);
        vm.warp(NOW + 2 days);
        rollup.deposit(ALICE, someKey(), 1);
    }

    function test_nothingEntersAFrozenRollup() public {
        freezeRollup();
        vm.expectPartialRevert(IRollup.IsFrozen.selector);
        rollup.deposit(ALICE, someKey(), 1);
        vm.expectPartialRevert(IRollup.IsFrozen.selector);
        rollup.requestForcedExit(1);
        vm.expectPartialRevert(IRollup.IsFrozen.selector);
        rollup.freeze();
    }

    /// @dev Logs alone say what L2 begins with.
    function test_theFirstStateIsInALog() public {
        Rollup.Config memory config_ = config(address(token));
        bytes32 first = rollup.stateRoot();
        vm.expectEmit(true, true, true, true);
        emit IRollup.Genesis(config_.operatorKey, config_.operatorOwner, first);
        rollup = create(config_);
        assertEq(rollup.stateRoot(), first);
    }

    /// @dev External, so that a revert can be expected of it.
    function make(Rollup.Config memory wrong) external {
        create(wrong);
    }

    function test_aRollupIsMadeOfWhatItNeeds() public {
        address wide = address(new WideToken());
        Rollup.Config memory wrong = config(wide);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongDecimals.selector, 18));
        this.make(wrong);
        wrong = config(address(new NarrowToken()));
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongDecimals.selector, 5));
        this.make(wrong);
        wrong = config(address(token));
        wrong.operator = address(0);
        vm.expectPartialRevert(IRollup.ZeroAddress.selector);
        this.make(wrong);
        wrong = config(address(token));
        wrong.governor = address(0);
        vm.expectPartialRevert(IRollup.ZeroAddress.selector);
        this.make(wrong);
        wrong = config(address(token));
        wrong.verifier = ALICE;
        vm.expectRevert(abi.encodeWithSelector(IRollup.NotAContract.selector, ALICE));
        this.make(wrong);
        wrong = config(address(token));
        wrong.operatorOwner = address(0);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongOwner.selector, address(0)));
        this.make(wrong);
        wrong.operatorOwner = address(token);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongOwner.selector, address(token)));
        this.make(wrong);
        wrong = config(address(token));
        wrong.leastDeposit = 0;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, 0));
        this.make(wrong);
        wrong.leastDeposit = uint64(1 << 46) / 1_000;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, wrong.leastDeposit));
        this.make(wrong);
        wrong = config(address(token));
        wrong.operatorKey[2] = type(uint64).max;
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        this.make(wrong);
    }
}
