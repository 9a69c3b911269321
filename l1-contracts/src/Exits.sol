// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {IRollup} from "./interfaces/IRollup.sol";
import {Goldilocks} from "./libraries/Goldilocks.sol";
import {PayoutTree} from "./libraries/PayoutTree.sol";
import {Poseidon2} from "./libraries/Poseidon2.sol";
import {StateTree} from "./libraries/StateTree.sol";
import {Intake} from "./Intake.sol";

/// @title Ways out
/// @dev None of them asks the operator, and none can be paused. Each marks what it pays before it pays.
abstract contract Exits is Intake {
    using BitMaps for BitMaps.BitMap;
    using SafeERC20 for IERC20;
    using Poseidon2 for Poseidon2.Context;

    /// @inheritdoc IRollup
    function claim(
        uint64 batch,
        uint32 chunk,
        uint32 index,
        address owner,
        uint256 units,
        bytes32[] calldata path
    ) external nonReentrant {
        require(!claimed[batch].get(index), AlreadyPaid());
        pay(batch, chunk, index, owner, units, path);
    }

    /// @inheritdoc IRollup
    function claimMany(Claim[] calldata claims) external nonReentrant {
        for (uint256 i = 0; i < claims.length; ++i) {
            Claim calldata c = claims[i];
            if (claimed[c.batch].get(c.index)) continue;
            pay(c.batch, c.chunk, c.index, c.owner, c.units, c.path);
        }
    }

    /// @inheritdoc IRollup
    function freeze() external notFrozen {
        uint64 index = queueNext;
        require(index < queueLength && block.timestamp > deadline(index), DeadlineNotPassed());
        frozen = true;
        emit Frozen(index, stateRoot);
    }

    /// @inheritdoc IRollup
    function escape(AccountProof calldata account, bytes32 licensesRoot) external nonReentrant {
        require(frozen, NotFrozen());
        require(!escaped.get(account.id), AlreadyPaid());
        Poseidon2.Context ctx = Poseidon2.context();
        requireFinal(ctx, StateTree.accountsRoot(ctx, account), licensesRoot);
        payOut(account.id, account.owner, account.balance);
    }

    /// @inheritdoc IRollup
    function escapeMany(AccountLeaf[] calldata accounts, bytes32[] calldata siblings, bytes32 licensesRoot)
        external
        nonReentrant
    {
        require(frozen, NotFrozen());
        Poseidon2.Context ctx = Poseidon2.context();
        requireFinal(ctx, StateTree.accountsRoot(ctx, accounts, siblings), licensesRoot);
        for (uint256 i = 0; i < accounts.length; ++i) {
            AccountLeaf calldata account = accounts[i];
            if (escaped.get(account.id)) continue;
            payOut(account.id, account.owner, account.balance);
        }
    }

    /// @inheritdoc IRollup
    function refund(uint64 index, address owner, uint64[5] calldata key, uint64 nano) external nonReentrant {
        require(frozen, NotFrozen());
        require(index >= queueNext && index < queueLength, NoSuchEntry(index));
        bytes32 chain = keccak256(bytes.concat(queueChain(index), depositEntry(owner, key, nano)));
        Entry storage entry = queue[index];
        require(chain == entry.chain && nano < 1 << 56, InvalidClaim());
        require(!entry.refunded, AlreadyPaid());
        entry.refunded = true;
        uint256 units = nano / NANO_PER_UNIT;
        refundedUnits += units;
        requireReserve(units);
        emit DepositRefunded(index, owner, units);
        TOKEN.safeTransfer(owner, units);
    }

    /// @dev The roots of both trees lead to the final state root.
    function requireFinal(Poseidon2.Context ctx, bytes32 accountsRoot, bytes32 licensesRoot) private view {
        Goldilocks.requireDigest(licensesRoot);
        require(ctx.compress(accountsRoot, licensesRoot) == stateRoot, WrongPath());
    }

    /// @dev Pays the balance of an account that has not left.
    function payOut(uint32 account, address owner, uint64 nano) private {
        escaped.set(account);
        uint256 units = nano / NANO_PER_UNIT;
        requireReserve(unconsumedDeposits() + units);
        emit Escaped(account, owner, nano, units);
        TOKEN.safeTransfer(owner, units);
    }

    /// @dev Pays a payout that was not claimed.
    function pay(
        uint64 batch,
        uint32 chunk,
        uint32 index,
        address owner,
        uint256 units,
        bytes32[] calldata path
    ) private {
        // The root of a chunk without payouts is zero, which no leaf hashes to.
        bytes32 root = payoutRoot(finalBatch[batch], chunk);
        bytes32 leaf = PayoutTree.leaf(index, owner, units);
        require(root != 0 && MerkleProof.verifyCalldata(path, root, leaf), InvalidClaim());
        claimed[batch].set(index);
        outstanding -= units;
        emit Claimed(batch, index, owner, units);
        TOKEN.safeTransfer(owner, units);
    }
}
