// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../interfaces/IRollup.sol";
import {LimbPolynomial} from "./LimbPolynomial.sol";
import {PayoutTree} from "./PayoutTree.sol";
import "./PublicDataLayout.sol";

/// @title Public data of a batch, chunk by chunk (state/SPEC.md section 12)
/// @dev Reads what concerns L1: queue entries and withdrawals. It need not check the format, nor anything behind the
/// withdrawals: the circuit's limbs are well formed, and these bytes are the circuit's limbs if both evaluate to the same.
/// A record may begin in one chunk and end in the next, so the end of the last chunk is kept.
library PublicDataReader {
    /// @dev Bytes of a chunk: 28 KiB.
    uint256 internal constant CHUNK_BYTES = CHUNK_LIMBS * LIMB_BYTES;

    /// @dev What is kept of the last chunk: three words, more than any record that is read (11 limbs).
    uint256 private constant TAIL_BYTES = 0x60;
    /// @dev A chunk in memory: the tail of the one before, the bytes, and 64 zeros behind them.
    uint256 private constant BUFFER_BYTES = 0x70a0;

    /// @dev Nano of a base unit.
    uint256 private constant NANO_PER_UNIT = 1000;

    /// @notice How far the reading of a batch has come; kept between transactions.
    struct Progress {
        /// @dev Limbs taken.
        uint32 limbs;
        /// @dev Limb where the next record to read begins.
        uint32 next;
        /// @dev Queue entries still to come.
        uint32 entriesLeft;
        /// @dev Payouts found.
        uint32 payouts;
        /// @dev The records that concern L1 are all read.
        bool done;
        /// @dev The value so far.
        uint64 y0;
        uint64 y1;
        /// @dev The sum of the payouts found, in base units: less than 2⁵⁶ each.
        uint96 payoutUnits;
        /// @dev The hash chain over the chunks taken.
        bytes32 hash;
        /// @dev The queue's hash chain behind the entries read.
        bytes32 chain;
        /// @dev The end of the last chunk.
        bytes32[3] tail;
    }

    /// @notice Memory for a chunk.
    /// @dev Takes all memory from the free pointer on for payouts of one chunk while reading.
    function newBuffer(Progress memory progress) internal pure returns (uint256 buffer) {
        bytes32[3] memory tail = progress.tail;
        assembly ("memory-safe") {
            buffer := mload(0x40)
            mstore(0x40, add(buffer, BUFFER_BYTES))
            mcopy(buffer, tail, TAIL_BYTES)
        }
    }

    /// @notice Takes the next chunk: hashes it, evaluates it and reads its records.
    /// @param powers From `LimbPolynomial.powers`.
    /// @param data The chunk: a full one, or the last.
    /// @return payoutRoot The root of its payouts; zero if there are none.
    function take(Progress memory progress, uint256 buffer, uint256 powers, bytes calldata data)
        internal
        pure
        returns (bytes32 payoutRoot)
    {
        uint256 start = buffer + TAIL_BYTES;
        uint256 first = progress.limbs;
        uint256 limbs = data.length / LIMB_BYTES;
        bytes32 hash = progress.hash;
        assembly ("memory-safe") {
            calldatacopy(start, data.offset, data.length)
            mstore(add(start, data.length), 0)
            // keccak256(chunk) of the first chunk, keccak256(hash ‖ chunk) of any other.
            let before := sub(start, 0x20)
            let kept := mload(before)
            mstore(before, hash)
            let follows := shl(5, iszero(iszero(first)))
            hash := keccak256(sub(start, follows), add(data.length, follows))
            mstore(before, kept)
        }
        progress.hash = hash;
        (uint256 y0, uint256 y1) = LimbPolynomial.evaluate(powers, progress.y0, progress.y1, start, limbs);
        (progress.y0, progress.y1) = (uint64(y0), uint64(y1));
        progress.limbs = uint32(first + limbs);
        if (!progress.done) payoutRoot = readRecords(progress, start, first);
        bytes32[3] memory tail = progress.tail;
        assembly ("memory-safe") {
            mcopy(buffer, sub(add(start, data.length), TAIL_BYTES), TAIL_BYTES)
            mcopy(tail, buffer, TAIL_BYTES)
        }
    }

    /// @dev Reads records up to the chunk's end. `first` is the chunk's first limb, which stands at `start`.
    function readRecords(Progress memory progress, uint256 start, uint256 first) private pure returns (bytes32) {
        uint256 end = start + (progress.limbs - first) * LIMB_BYTES;
        // Below `start` if the record began in the chunk before.
        uint256 ptr = start + progress.next * LIMB_BYTES - first * LIMB_BYTES;
        uint256 leaves;
        assembly ("memory-safe") {
            leaves := mload(0x40)
        }
        uint256 nextLeaf = leaves;
        while (ptr < end) {
            (uint256 limbs, address owner, uint256 units, bool pays) = readRecord(progress, ptr, end);
            if (limbs == 0) break;
            if (pays) {
                // The free pointer moves on, since hashing a leaf takes memory behind it.
                assembly ("memory-safe") {
                    mstore(0x40, add(nextLeaf, 0x20))
                }
                bytes32 leaf = PayoutTree.leaf(progress.payouts++, owner, units);
                progress.payoutUnits += uint96(units);
                assembly ("memory-safe") {
                    mstore(nextLeaf, leaf)
                    nextLeaf := add(nextLeaf, 0x20)
                }
            }
            ptr += limbs * LIMB_BYTES;
        }
        progress.next = uint32(first + (ptr + CHUNK_BYTES - start) / LIMB_BYTES - CHUNK_LIMBS);
        if (nextLeaf == leaves) return 0;
        bytes32 payoutRoot = PayoutTree.root(leaves, (nextLeaf - leaves) / 0x20);
        assembly ("memory-safe") {
            mstore(0x40, leaves)
        }
        return payoutRoot;
    }

    /// @dev Reads the record at `at`; no limbs if it ends behind `end` or none of its kind is read.
    function readRecord(Progress memory progress, uint256 ptr, uint256 end)
        private
        pure
        returns (uint256 limbs, address owner, uint256 units, bool pays)
    {
        uint256 head;
        assembly ("memory-safe") {
            head := mload(ptr)
        }
        uint256 kind = head >> KIND_SHIFT;
        if (progress.entriesLeft != 0) {
            if (kind == DEPOSIT) limbs = DEPOSIT_LIMBS;
            else if (kind == FORCED_EXIT) limbs = FORCED_EXIT_LIMBS;
            else revert IRollup.WrongRecord(recordLimb(progress, ptr, end));
            if (ptr + limbs * LIMB_BYTES > end) return (0, address(0), 0, false);
            progress.chain = kind == DEPOSIT ? chainDeposit(progress.chain, ptr) : chainForcedExit(progress.chain, ptr);
            --progress.entriesLeft;
            pays = kind == DEPOSIT && (head >> OUTCOME_SHIFT) & 0xff != CREDITED;
            if (pays) (owner, units) = (ownerAt(ptr + DEPOSIT_OWNER), amountAt(ptr + DEPOSIT_AMOUNT) / NANO_PER_UNIT);
        } else if (kind == OPENED_ACCOUNT) {
            return (OPENED_ACCOUNT_LIMBS, address(0), 0, false);
        } else if (kind == WITHDRAWAL) {
            if (ptr + WITHDRAWAL_LIMBS * LIMB_BYTES > end) return (0, address(0), 0, false);
            return (WITHDRAWAL_LIMBS, ownerAt(ptr + WITHDRAWAL_OWNER), amountAt(ptr + WITHDRAWAL_BASE_UNITS), true);
        } else {
            progress.done = true;
        }
    }

    /// @dev Twenty bytes of memory.
    function ownerAt(uint256 ptr) private pure returns (address owner) {
        assembly ("memory-safe") {
            owner := shr(96, mload(ptr))
        }
    }

    /// @dev Seven bytes of memory.
    function amountAt(uint256 ptr) private pure returns (uint256 amount) {
        assembly ("memory-safe") {
            amount := shr(200, mload(ptr))
        }
    }

    /// @dev keccak256(chain ‖ 1, owner (20), amount (7), key (5 × 8)) of a deposit's record. The record has the top bytes
    /// of the key's words together, then seven bytes of each word.
    function chainDeposit(bytes32 chain, uint256 ptr) private pure returns (bytes32 next) {
        assembly ("memory-safe") {
            let out := mload(0x40)
            mstore(out, chain)
            mstore8(add(out, 0x20), DEPOSIT)
            mstore(add(out, 0x21), mload(add(ptr, DEPOSIT_OWNER)))
            let word := add(out, 60)
            for { let i := 0 } lt(i, 5) { i := add(i, 1) } {
                mstore8(word, byte(0, mload(add(ptr, add(DEPOSIT_KEY, i)))))
                mstore(add(word, 1), mload(add(ptr, add(DEPOSIT_KEY_WORDS, mul(LIMB_BYTES, i)))))
                word := add(word, 8)
            }
            next := keccak256(out, 100)
        }
    }

    /// @dev keccak256(chain ‖ 2, requester (20), account (4)) of a forced exit's record.
    function chainForcedExit(bytes32 chain, uint256 ptr) private pure returns (bytes32 next) {
        assembly ("memory-safe") {
            let out := mload(0x40)
            mstore(out, chain)
            mstore8(add(out, 0x20), FORCED_EXIT)
            mstore(add(out, 0x21), mload(add(ptr, FORCED_EXIT_REQUESTER)))
            mstore(add(out, 0x35), mload(add(ptr, FORCED_EXIT_ACCOUNT)))
            next := keccak256(out, 57)
        }
    }

    /// @dev The limb at which a record stands, for errors.
    function recordLimb(Progress memory progress, uint256 ptr, uint256 end) private pure returns (uint32) {
        return uint32(progress.limbs - (end - ptr) / LIMB_BYTES);
    }
}
