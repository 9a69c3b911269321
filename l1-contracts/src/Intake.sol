// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IERC3009} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IRollup} from "./interfaces/IRollup.sol";
import {RollupState} from "./RollupState.sol";

/// @title The queue: what L1 asks of L2
/// @dev An entry is recorded as the hash of all entries up to it (state/SPEC.md section 10).
abstract contract Intake is RollupState {
    using SafeERC20 for IERC20;

    uint8 private constant DEPOSIT = 1;
    uint8 private constant FORCED_EXIT = 2;

    /// @notice A deposit of so much nano would be refused by L2: the largest is 70,368.744176 tokens.
    uint256 public constant DEPOSIT_LIMIT_NANO = 1 << 46;
    /// @notice With more than so much nano in it, L2 could not credit anybody: 2⁶² − 2⁶⁰, about 3.4·10⁹ tokens.
    uint256 public constant SUPPLY_LIMIT_NANO = (1 << 62) - (1 << 60);

    /// @inheritdoc IRollup
    function deposit(address owner, uint64[5] calldata key, uint256 units)
        external
        nonReentrant
        notFrozen
        notPaused
        returns (uint64 index)
    {
        uint256 before = pull(units);
        return credit(owner, key, msg.sender, before);
    }

    /// @inheritdoc IRollup
    function depositWithPermit(address owner, uint64[5] calldata key, uint256 units, Permit calldata permit)
        external
        nonReentrant
        notFrozen
        notPaused
        returns (uint64 index)
    {
        // A third party may have sent the permit already: the token then refuses it, and the allowance is there.
        try IERC20Permit(address(TOKEN)).permit(
            msg.sender, address(this), units, permit.deadline, permit.v, permit.r, permit.s
        ) {} catch {}
        uint256 before = pull(units);
        return credit(owner, key, msg.sender, before);
    }

    /// @inheritdoc IRollup
    function depositWithAuthorization(
        address owner,
        uint64[5] calldata key,
        uint256 units,
        Authorization calldata authorization
    ) external nonReentrant notFrozen notPaused returns (uint64 index) {
        uint256 before = TOKEN.balanceOf(address(this));
        // The nonce is the only part of the signature that the payer chooses freely. It names the account: otherwise a
        // third party that sees the signature could have another account credited.
        bytes32 nonce = keccak256(abi.encode(owner, key, authorization.salt));
        redeem(authorization, units, nonce);
        return credit(owner, key, authorization.payer, before);
    }

    /// @inheritdoc IRollup
    function requestForcedExit(uint32 account) external notFrozen returns (uint64 index) {
        bytes32 chain;
        (index, chain) = append(abi.encodePacked(FORCED_EXIT, msg.sender, account), 0);
        emit ForcedExitRequested(index, msg.sender, account, chain);
    }

    /// @dev Takes tokens that the caller approved; the balance before.
    function pull(uint256 units) private returns (uint256 before) {
        before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(msg.sender, address(this), units);
    }

    /// @dev Takes tokens that a payer authorized. The token compares the signature with all of this.
    function redeem(Authorization calldata authorization, uint256 units, bytes32 nonce) private {
        IERC3009(address(TOKEN)).receiveWithAuthorization(
            authorization.payer,
            address(this),
            units,
            authorization.validAfter,
            authorization.validBefore,
            nonce,
            authorization.v,
            authorization.r,
            authorization.s
        );
    }

    /// @dev Records a deposit of what has arrived since the balance was `before`.
    function credit(address owner, uint64[5] calldata key, address payer, uint256 before)
        private
        returns (uint64 index)
    {
        require(mayOwn(owner), WrongOwner(owner));
        uint256 balance = TOKEN.balanceOf(address(this));
        uint256 received = balance - before;
        require(
            received >= LEAST_DEPOSIT && received < DEPOSIT_LIMIT_NANO / NANO_PER_UNIT, DepositOutOfRange(received)
        );
        require(balance <= SUPPLY_LIMIT_NANO / NANO_PER_UNIT, SupplyLimit(balance));
        uint64 nano = uint64(received * NANO_PER_UNIT);
        bytes32 chain;
        (index, chain) = append(depositEntry(owner, key, nano), received);
        emit Deposited(index, owner, payer, key, nano, chain);
    }

    /// @dev Neither zero, nor the rollup, nor the token: these could not be paid, or would keep what they are paid.
    function mayOwn(address owner) internal view returns (bool) {
        return owner != address(0) && owner != address(this) && owner != address(TOKEN);
    }

    /// @dev A deposit's bytes: kind, owner (20), nano (7), key (5 × 8).
    function depositEntry(address owner, uint64[5] calldata key, uint64 nano) internal pure returns (bytes memory) {
        return abi.encodePacked(DEPOSIT, owner, uint56(nano), key[0], key[1], key[2], key[3], key[4]);
    }

    /// @dev Records an entry; `units` are those that it deposits.
    function append(bytes memory entry, uint256 units) private returns (uint64 index, bytes32 chain) {
        index = queueLength;
        chain = keccak256(bytes.concat(queueChain(index), entry));
        // Far below 2¹²⁸: all entries together deposit less than 2⁶⁴ × 2⁴⁶ nano.
        uint128 deposited = depositedBefore(index) + uint128(units);
        queue[index] = Entry(chain, uint64(block.timestamp), false, deposited);
        queueLength = index + 1;
    }
}
