// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "./interfaces/IRollup.sol";
import {LimbPolynomial} from "./libraries/LimbPolynomial.sol";
import {Poseidon2} from "./libraries/Poseidon2.sol";
import {CHUNK_LIMBS, LIMB_BYTES} from "./libraries/PublicDataLayout.sol";
import {PublicDataReader} from "./libraries/PublicDataReader.sol";
import {Statement} from "./libraries/Statement.sol";
import {RollupState} from "./RollupState.sol";

/// @title Batches become final
/// @dev Committing is a statement about bytes and has no order; proving puts committed batches behind the final state.
/// A batch is committed under a name that binds its header and its bytes, so what one commits never stands in the way
/// of another.
abstract contract Settlement is RollupState {
    using PublicDataReader for PublicDataReader.Progress;

    /// @inheritdoc IRollup
    function commit(Batch calldata batch, uint32 firstLimb, bytes calldata part) external notFrozen operatorOrLate {
        bytes32 id = batchId(batch);
        require(committedDigest[id] == 0, AlreadyCommitted(id));
        uint256 latest = uint256(batch.timestamp) + BATCH_AGE_MAX;
        require(block.timestamp <= latest, BatchTooOld(batch.timestamp, latest));
        PublicDataReader.Progress memory progress = begin(id, batch, firstLimb);
        requireLength(batch.limbs, firstLimb, part.length);
        uint256[32] memory statement = Statement.header(DOMAIN, batch);
        (statement[28], statement[29]) = Statement.challenge(statement, batch.dataHash);
        takePart(id, progress, part, LimbPolynomial.powers(statement[28], statement[29]));
        emit PublicData(id, msg.sender, firstLimb, part);
        if (progress.limbs < batch.limbs) {
            staged[id][msg.sender] = progress;
            return;
        }
        requireComplete(batch, progress);
        (statement[30], statement[31]) = (progress.y0, progress.y1);
        bytes32 digest = Statement.batchDigest(Poseidon2.context(), statement);
        committedDigest[id] = digest;
        committed[id] = Committed({by: msg.sender, payoutUnits: progress.payoutUnits});
        if (firstLimb != 0) delete staged[id][msg.sender];
        emit BatchCommitted(id, msg.sender, batch.number, digest, batch);
    }

    /// @inheritdoc IRollup
    function prove(Batch[] calldata batches, bytes calldata proof)
        external
        nonReentrant
        notFrozen
        notPaused
        operatorOrLate
    {
        require(block.chainid == CHAIN_ID, WrongChain(block.chainid));
        uint256 count = batches.length;
        require(count != 0, EmptyBlock());
        uint64 first = nextBatch;
        bytes32 oldRoot = stateRoot;
        uint64 queueFrom = queueNext;
        bytes32[] memory digests = join(batches, first, oldRoot, queueFrom);
        Batch calldata last = batches[count - 1];
        require(last.timestamp <= block.timestamp, WrongTime(last.timestamp));
        bytes memory statement = abi.encodePacked(
            Statement.PROTOCOL_VERSION,
            DOMAIN,
            first,
            uint64(count),
            last.timestamp,
            oldRoot,
            last.newRoot,
            queueFrom,
            last.queueTo,
            Statement.batchesRoot(Poseidon2.context(), digests)
        );
        verify(statement, proof);
        (stateRoot, nextBatch) = (last.newRoot, first + uint64(count));
        (lastTimestamp, queueNext) = (last.timestamp, last.queueTo);
        // A stranger's block takes a number, which voids every other proof. It must serve those who wait, and those who
        // will be late within a day: else entries recorded for the purpose would allow one such block after another.
        require(msg.sender == operator || !isWaiting(RESCUE_AGE), StillLate(queueNext));
        requireReserve(unconsumedDeposits());
        emit BlockProven(first, uint32(count), last.newRoot, last.queueTo);
    }

    /// @dev The verifier's answer, of the code with which it was announced.
    function verify(bytes memory statement, bytes calldata proof) private view {
        bytes32 codehash = address(blockVerifier).codehash;
        require(codehash == verifierCodehash, WrongVerifierCode(verifierCodehash, codehash));
        require(blockVerifier.verify(statement, proof), InvalidProof());
    }

    /// @dev The first part's progress, or that of the parts before.
    function begin(bytes32 id, Batch calldata batch, uint32 firstLimb)
        private
        view
        returns (PublicDataReader.Progress memory progress)
    {
        if (firstLimb == 0) {
            (uint64 from, uint64 to) = (batch.queueFrom, batch.queueTo);
            require(from <= to && to <= queueLength && to - from <= type(uint32).max, WrongQueueRange(from, to));
            progress.entriesLeft = uint32(to - from);
            progress.chain = queueChain(from);
        } else {
            progress = staged[id][msg.sender];
            require(progress.limbs == firstLimb, WrongPart(progress.limbs, firstLimb));
        }
    }

    /// @dev A part is all the rest, or a whole number of chunks of it.
    function requireLength(uint256 limbs, uint256 firstLimb, uint256 length) private pure {
        uint256 rest = (limbs - firstLimb) * LIMB_BYTES;
        bool whole = length != 0 && length < rest && length % PublicDataReader.CHUNK_BYTES == 0;
        require(length == rest || whole, WrongPartLength(length));
    }

    /// @dev Takes a part chunk by chunk. The root of a chunk's payouts is remembered under its number.
    function takePart(bytes32 id, PublicDataReader.Progress memory progress, bytes calldata part, uint256 powers)
        private
    {
        uint256 buffer = progress.newBuffer();
        uint256 from = 0;
        do {
            uint256 to = from + PublicDataReader.CHUNK_BYTES;
            if (to > part.length) to = part.length;
            uint32 chunk = uint32(progress.limbs / CHUNK_LIMBS);
            // Zero too: an attempt that this sender gave up may have left another.
            payoutRoots[id][msg.sender][chunk] = progress.take(buffer, powers, part[from:to]);
            from = to;
        } while (from < part.length);
    }

    /// @dev The bytes have the hash that the header names, and say of the queue what the queue says.
    function requireComplete(Batch calldata batch, PublicDataReader.Progress memory progress) private view {
        require(progress.hash == batch.dataHash, WrongDataHash(batch.dataHash, progress.hash));
        require(progress.done, WrongRecord(progress.next));
        require(
            progress.entriesLeft == 0 && progress.chain == queueChain(batch.queueTo), WrongQueueEntries()
        );
    }

    /// @dev Batches that follow on one another, and on the final state; makes them final, which a revert undoes.
    function join(Batch[] calldata batches, uint64 number, bytes32 root, uint64 queueFrom)
        private
        returns (bytes32[] memory digests)
    {
        digests = new bytes32[](batches.length);
        uint64 time = lastTimestamp;
        for (uint256 i = 0; i < batches.length; ++i) {
            Batch calldata batch = batches[i];
            require(batch.number == number, WrongNumber(number, batch.number));
            require(batch.oldRoot == root, WrongRoot(root, batch.oldRoot));
            require(batch.queueFrom == queueFrom, WrongQueueStart(queueFrom, batch.queueFrom));
            require(batch.timestamp >= time, WrongTime(batch.timestamp));
            bytes32 id = batchId(batch);
            digests[i] = committedDigest[id];
            require(digests[i] != 0, NotCommitted(id));
            finalBatch[number] = id;
            outstanding += committed[id].payoutUnits;
            emit BatchFinalized(number, id);
            (number, root, queueFrom, time) = (number + 1, batch.newRoot, batch.queueTo, batch.timestamp);
        }
    }
}
