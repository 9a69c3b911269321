// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {FeeToken, PlainToken, ReentrantToken} from "./mocks/Tokens.sol";
import {Payers} from "./support/Payers.sol";

/// @title Deposits with a permit (EIP-2612) and by an authorization (EIP-3009)
contract SignedDepositsTest is Payers {
    address private constant MALLORY = address(0xbad);
    bytes32 private constant SALT = bytes32(uint256(17));

    bytes4 private constant REFUSED_SIGNATURE = bytes4(keccak256("ERC3009InvalidSignature()"));
    bytes4 private constant REFUSED_NONCE = bytes4(keccak256("ERC3009UsedAuthorization(address,bytes32)"));
    bytes4 private constant REFUSED_TIME = bytes4(keccak256("ERC3009InvalidAuthorizationTime(uint256,uint256)"));
    bytes4 private constant REFUSED_RECEIVER = bytes4(keccak256("ERC20InvalidReceiver(address)"));
    bytes4 private constant NO_ALLOWANCE =
        bytes4(keccak256("ERC20InsufficientAllowance(address,uint256,uint256)"));
    bytes4 private constant REENTERED = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

    function setUp() public override {
        super.setUp();
        token.mint(PAYER, 1e9);
    }

    /// @dev Another token, with money for the payer.
    function deployFor(FeeToken other) private {
        deployRollup(other);
        other.mint(PAYER, 1e9);
    }

    // -------------------------------------------------------------------------------------------------- permits

    function test_aPermitReplacesAnApproval(uint256 units, address owner) public {
        units = bound(units, 1, 1e9);
        vm.assume(owner != address(0) && owner != address(rollup) && owner != address(token));
        IRollup.Permit memory permit = permitFor(units, NOW);
        vm.expectEmit(true, true, true, false);
        emit IRollup.Deposited(0, owner, PAYER, someKey(), uint64(units * 1_000), 0);
        vm.prank(PAYER);
        assertEq(rollup.depositWithPermit(owner, someKey(), units, permit), 0);
        assertEq(token.balanceOf(address(rollup)), units);
        assertEq(token.balanceOf(PAYER), 1e9 - units);
        assertEq(token.allowance(PAYER, address(rollup)), 0);
        assertEq(rollup.unconsumedDeposits(), units);
    }

    /// @dev Somebody who saw the permit sends it first. All that it does is the approval.
    function test_aPermitThatSomebodyElseSentIsGood() public {
        IRollup.Permit memory permit = permitFor(5, NOW);
        vm.prank(MALLORY);
        token.permit(PAYER, address(rollup), 5, permit.deadline, permit.v, permit.r, permit.s);
        vm.prank(PAYER);
        rollup.depositWithPermit(ALICE, someKey(), 5, permit);
        assertEq(rollup.unconsumedDeposits(), 5);
        // It is not good twice.
        vm.prank(PAYER);
        vm.expectPartialRevert(NO_ALLOWANCE);
        rollup.depositWithPermit(ALICE, someKey(), 5, permit);
    }

    /// @dev A permit pays for its signer alone: not with the permit of another, nor with the allowance of another.
    function test_aPermitOfAnotherPaysNothing() public {
        IRollup.Permit memory permit = permitFor(5, NOW);
        vm.prank(MALLORY);
        vm.expectPartialRevert(NO_ALLOWANCE);
        rollup.depositWithPermit(MALLORY, someKey(), 5, permit);
        vm.prank(PAYER);
        token.approve(address(rollup), 5);
        vm.prank(MALLORY);
        vm.expectPartialRevert(NO_ALLOWANCE);
        rollup.depositWithPermit(MALLORY, someKey(), 5, permit);
        assertEq(token.balanceOf(PAYER), 1e9);
    }

    /// @dev A permit that is late, or of another amount, is refused by the token; then the allowance decides.
    function test_aRefusedPermitLeavesTheAllowance() public {
        IRollup.Permit[2] memory refused = [permitFor(5, NOW - 1), permitFor(6, NOW)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(PAYER);
            vm.expectPartialRevert(NO_ALLOWANCE);
            rollup.depositWithPermit(ALICE, someKey(), 5, refused[i]);
        }
        vm.prank(PAYER);
        token.approve(address(rollup), 5);
        vm.prank(PAYER);
        rollup.depositWithPermit(ALICE, someKey(), 5, refused[0]);
        assertEq(rollup.unconsumedDeposits(), 5);
    }

    /// @dev A token that has no permits needs an approval, as for `deposit`.
    function test_aTokenWithoutPermitsNeedsAnApproval() public {
        PlainToken plain = new PlainToken();
        rollup = create(config(address(plain)));
        plain.mint(PAYER, 10);
        IRollup.Permit memory none;
        vm.prank(PAYER);
        vm.expectPartialRevert(NO_ALLOWANCE);
        rollup.depositWithPermit(ALICE, someKey(), 5, none);
        vm.prank(PAYER);
        plain.approve(address(rollup), 5);
        vm.prank(PAYER);
        rollup.depositWithPermit(ALICE, someKey(), 5, none);
        assertEq(plain.balanceOf(address(rollup)), 5);
    }

    // -------------------------------------------------------------------------------------------- authorizations

    function authorized(uint256 units) private view returns (IRollup.Authorization memory) {
        return authorizationFor(ALICE, someKey(), units, SALT);
    }

    function test_anAuthorizationPaysForItsAccount(uint256 units, address owner, uint64[5] memory key, bytes32 salt)
        public
    {
        units = bound(units, 1, 1e9);
        vm.assume(owner != address(0) && owner != address(rollup) && owner != address(token));
        IRollup.Authorization memory signed = authorizationFor(owner, key, units, salt);
        bytes memory entry = abi.encodePacked(
            uint8(1), owner, uint56(units * 1_000), key[0], key[1], key[2], key[3], key[4]
        );
        vm.expectEmit(true, true, true, true);
        emit IRollup.Deposited(
            0, owner, PAYER, key, uint64(units * 1_000), keccak256(bytes.concat(bytes32(0), entry))
        );
        vm.prank(BOB);
        assertEq(rollup.depositWithAuthorization(owner, key, units, signed), 0);
        assertEq(token.balanceOf(address(rollup)), units);
        assertEq(token.balanceOf(PAYER), 1e9 - units);
        assertEq(rollup.unconsumedDeposits(), units);
    }

    function refuse(
        address owner,
        uint64[5] memory key,
        uint256 units,
        IRollup.Authorization memory changed
    ) private {
        vm.prank(MALLORY);
        vm.expectPartialRevert(REFUSED_SIGNATURE);
        rollup.depositWithAuthorization(owner, key, units, changed);
    }

    /// @dev One who sees the signature cannot have another account credited, nor another amount paid.
    function test_anAuthorizationBindsAllOfADeposit() public {
        IRollup.Authorization memory signed = authorized(50);
        refuse(MALLORY, someKey(), 50, signed);
        for (uint256 i = 0; i < 5; ++i) {
            uint64[5] memory key = someKey();
            key[i] ^= 1;
            refuse(ALICE, key, 50, signed);
        }
        refuse(ALICE, someKey(), 49, signed);
        IRollup.Authorization memory changed = authorized(50);
        changed.salt = bytes32(uint256(18));
        refuse(ALICE, someKey(), 50, changed);
        changed = authorized(50);
        changed.payer = MALLORY;
        refuse(ALICE, someKey(), 50, changed);
        changed = authorized(50);
        changed.validAfter -= 1;
        refuse(ALICE, someKey(), 50, changed);
        changed = authorized(50);
        changed.validBefore += 1;
        refuse(ALICE, someKey(), 50, changed);
        changed = authorized(50);
        changed.v ^= 7;
        refuse(ALICE, someKey(), 50, changed);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
        assertEq(rollup.unconsumedDeposits(), 50);
    }

    function test_anAuthorizationPaysOnce() public {
        IRollup.Authorization memory signed = authorized(50);
        vm.prank(MALLORY);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
        vm.expectPartialRevert(REFUSED_NONCE);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
        // A second deposit for the same account has another salt.
        rollup.depositWithAuthorization(ALICE, someKey(), 50, authorizationFor(ALICE, someKey(), 50, bytes32(0)));
        assertEq(rollup.queueLength(), 2);
    }

    function receiveFromToken(IRollup.Authorization memory a, bytes32 nonce) private {
        token.receiveWithAuthorization(
            PAYER, address(rollup), 50, a.validAfter, a.validBefore, nonce, a.v, a.r, a.s
        );
    }

    function transferByToken(IRollup.Authorization memory a, bytes32 nonce) private {
        token.transferWithAuthorization(
            PAYER, address(rollup), 50, a.validAfter, a.validBefore, nonce, a.v, a.r, a.s
        );
    }

    /// @dev Tokens that came without an entry of the queue would be lost to the payer.
    function test_anAuthorizationCannotPayPastTheQueue() public {
        IRollup.Authorization memory signed = authorized(50);
        bytes32 nonce = authorizationNonce(ALICE, someKey(), SALT);
        vm.prank(MALLORY);
        vm.expectPartialRevert(REFUSED_RECEIVER);
        receiveFromToken(signed, nonce);
        vm.prank(MALLORY);
        vm.expectPartialRevert(REFUSED_SIGNATURE);
        transferByToken(signed, nonce);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
    }

    function test_anAuthorizationIsOfOneRollup() public {
        IRollup.Authorization memory signed = authorized(50);
        rollup = create(config(address(token)));
        vm.expectPartialRevert(REFUSED_SIGNATURE);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
    }

    function test_anAuthorizationHasATime() public {
        IRollup.Authorization memory signed = authorized(50);
        vm.warp(signed.validBefore);
        vm.expectPartialRevert(REFUSED_TIME);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
        vm.warp(signed.validAfter);
        vm.expectPartialRevert(REFUSED_TIME);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
        vm.warp(signed.validBefore - 1);
        rollup.depositWithAuthorization(ALICE, someKey(), 50, signed);
    }

    /// @dev A token that answers every call with nothing, authorizations too: nothing has arrived.
    function test_aTokenWithoutAuthorizationsCreditsNothing() public {
        PlainToken plain = new PlainToken();
        rollup = create(config(address(plain)));
        plain.mint(PAYER, 10);
        IRollup.Authorization memory none;
        none.payer = PAYER;
        vm.expectRevert(abi.encodeWithSelector(IRollup.DepositOutOfRange.selector, 0));
        rollup.depositWithAuthorization(ALICE, someKey(), 5, none);
    }

    // ----------------------------------------------------------------------------------- the same rules as a deposit

    function test_signedDepositsCreditWhatArrives() public {
        deployFor(new FeeToken());
        IRollup.Authorization memory signed = authorized(1_000);
        IRollup.Permit memory permit = permitFor(1_000, NOW);
        vm.expectEmit(true, true, true, false);
        emit IRollup.Deposited(0, ALICE, PAYER, someKey(), 990_000, 0);
        rollup.depositWithAuthorization(ALICE, someKey(), 1_000, signed);
        vm.expectEmit(true, true, true, false);
        emit IRollup.Deposited(1, ALICE, PAYER, someKey(), 990_000, 0);
        vm.prank(PAYER);
        rollup.depositWithPermit(ALICE, someKey(), 1_000, permit);
        assertEq(token.balanceOf(address(rollup)), 1_980);
        assertEq(rollup.unconsumedDeposits(), 1_980);
    }

    function test_signedDepositsHaveOwnersAndARange() public {
        IRollup.Authorization memory signed = authorizationFor(address(0), someKey(), 5, SALT);
        vm.expectPartialRevert(IRollup.WrongOwner.selector);
        rollup.depositWithAuthorization(address(0), someKey(), 5, signed);
        signed = authorized(0);
        vm.expectPartialRevert(IRollup.DepositOutOfRange.selector);
        rollup.depositWithAuthorization(ALICE, someKey(), 0, signed);
        IRollup.Permit memory permit = permitFor(5, NOW);
        vm.expectPartialRevert(IRollup.WrongOwner.selector);
        vm.prank(PAYER);
        rollup.depositWithPermit(address(token), someKey(), 5, permit);
        permit = permitFor(0, NOW);
        vm.expectPartialRevert(IRollup.DepositOutOfRange.selector);
        vm.prank(PAYER);
        rollup.depositWithPermit(ALICE, someKey(), 0, permit);
    }

    function refuseBoth(bytes4 because) private {
        IRollup.Permit memory permit = permitFor(5, type(uint256).max);
        vm.prank(PAYER);
        vm.expectPartialRevert(because);
        rollup.depositWithPermit(ALICE, someKey(), 5, permit);
        IRollup.Authorization memory signed = authorized(5);
        vm.expectPartialRevert(because);
        rollup.depositWithAuthorization(ALICE, someKey(), 5, signed);
    }

    function test_signedDepositsStopInAPauseAndInFrost() public {
        vm.prank(GUARDIAN);
        rollup.pause();
        refuseBoth(IRollup.IsPaused.selector);
        freezeRollup();
        refuseBoth(IRollup.IsFrozen.selector);
    }

    function test_aTokenCannotDepositWithinASignedDeposit() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        reentrant.mint(PAYER, 1e9);
        bytes memory again = abi.encodeCall(IRollup.deposit, (ALICE, someKey(), 0));
        reentrant.attack(address(rollup), again);
        rollup.depositWithAuthorization(ALICE, someKey(), 5, authorized(5));
        requireRefused(reentrant);
        reentrant.attack(address(rollup), again);
        IRollup.Permit memory permit = permitFor(5, NOW);
        vm.prank(PAYER);
        rollup.depositWithPermit(ALICE, someKey(), 5, permit);
        requireRefused(reentrant);
        assertEq(rollup.queueLength(), 2);
    }

    function test_aTokenCannotMakeASignedDepositWithinADeposit() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        reentrant.mint(PAYER, 1e9);
        IRollup.Authorization memory signed = authorized(5);
        reentrant.attack(
            address(rollup), abi.encodeCall(IRollup.depositWithAuthorization, (ALICE, someKey(), 5, signed))
        );
        rollup.deposit(ALICE, someKey(), 5);
        requireRefused(reentrant);
        IRollup.Permit memory none;
        reentrant.attack(address(rollup), abi.encodeCall(IRollup.depositWithPermit, (ALICE, someKey(), 0, none)));
        rollup.deposit(ALICE, someKey(), 5);
        requireRefused(reentrant);
        assertEq(rollup.queueLength(), 2);
    }

    function requireRefused(ReentrantToken reentrant) private view {
        assertTrue(!reentrant.reentered(), "a call within a deposit");
        assertEq(bytes32(bytes4(reentrant.answer())), bytes32(REENTERED));
    }
}
