// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {IRollup} from "./interfaces/IRollup.sol";
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
        // The root of a chunk without payouts is zero, which no leaf hashes to.
        bytes32 root = payoutRoot(finalBatch[batch], chunk);
        bytes32 leaf = PayoutTree.leaf(index, owner, units);
        require(root != 0 && MerkleProof.verifyCalldata(path, root, leaf), InvalidClaim());
        require(!claimed[batch].get(index), AlreadyPaid());
        claimed[batch].set(index);
        emit Claimed(batch, index, owner, units);
        TOKEN.safeTransfer(owner, units);
    }

    /// @inheritdoc IRollup
    function freeze() external notFrozen {
        uint64 index = queueNext;
        require(index < queueLength && block.timestamp > deadline(index), DeadlineNotPassed());
        frozen = true;
        emit Frozen(index, stateRoot);
    }

    /// @inheritdoc IRollup
    function escape(AccountProof calldata account, bytes32 licensesRoot, LicenseProof[] calldata licenses)
        external
        nonReentrant
    {
        require(frozen, NotFrozen());
        require(!escaped.get(account.id), AlreadyPaid());
        Poseidon2.Context ctx = Poseidon2.context();
        bytes32 accountsRoot = StateTree.accountsRoot(ctx, account);
        require(ctx.compress(accountsRoot, licensesRoot) == stateRoot, WrongPath());
        uint256 nano = account.balance;
        for (uint256 i = 0; i < licenses.length; ++i) {
            LicenseProof calldata license = licenses[i];
            require(i == 0 || license.id > licenses[i - 1].id, NotAscending(license.id));
            require(StateTree.licensesRoot(ctx, license) == licensesRoot, WrongPath());
            nano += StateTree.partOfVault(license, account.id);
        }
        escaped.set(account.id);
        uint256 units = nano / NANO_PER_UNIT;
        emit Escaped(account.id, account.owner, nano, units);
        TOKEN.safeTransfer(account.owner, units);
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
        emit DepositRefunded(index, owner, units);
        TOKEN.safeTransfer(owner, units);
    }
}
