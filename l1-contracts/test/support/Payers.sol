// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../../src/interfaces/IRollup.sol";
import {Fixture} from "./Fixture.sol";

/// @title A payer who signs, and what they sign for the token
abstract contract Payers is Fixture {
    uint256 internal constant PAYER_KEY = 0xfa27;
    address internal immutable PAYER = vm.addr(PAYER_KEY);

    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant RECEIVE = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );

    function sign(bytes32 message) private view returns (uint8 v, bytes32 r, bytes32 s) {
        return vm.sign(PAYER_KEY, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message)));
    }

    function permitFor(uint256 units, uint256 deadline) internal view returns (IRollup.Permit memory permit) {
        permit.deadline = deadline;
        uint256 nonce = token.nonces(PAYER);
        (permit.v, permit.r, permit.s) =
            sign(keccak256(abi.encode(PERMIT, PAYER, address(rollup), units, nonce, deadline)));
    }

    function authorizationNonce(address owner, uint64[5] memory key, bytes32 salt) internal pure returns (bytes32) {
        return keccak256(abi.encode(owner, key[0], key[1], key[2], key[3], key[4], salt));
    }

    /// @dev Valid for an hour on either side of now.
    function authorizationFor(address owner, uint64[5] memory key, uint256 units, bytes32 salt)
        internal
        view
        returns (IRollup.Authorization memory a)
    {
        (a.payer, a.salt) = (PAYER, salt);
        (a.validAfter, a.validBefore) = (block.timestamp - 1 hours, block.timestamp + 1 hours);
        bytes32 nonce = authorizationNonce(owner, key, salt);
        (a.v, a.r, a.s) = sign(
            keccak256(abi.encode(RECEIVE, PAYER, address(rollup), units, a.validAfter, a.validBefore, nonce))
        );
    }
}
