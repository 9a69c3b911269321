// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IVerifier} from "./interfaces/IVerifier.sol";
import {Poseidon2} from "./libraries/Poseidon2.sol";
import {Gates} from "./verifier/Gates.sol";
import {HashGate} from "./verifier/HashGate.sol";
import {Openings} from "./verifier/Openings.sol";
import {Queries} from "./verifier/Queries.sol";
import {Transcript} from "./verifier/Transcript.sol";
import {MEMORY_MAP, PROOF_BYTES, STATEMENT_BYTES} from "./verifier/Constants.sol";

/// @title Verifier of Farthing's block proofs
/// @notice Verifies the last plonky2 proof of a block completely: transcript, proof of work, every gate, permutation
/// argument, quotient, openings, Merkle paths, folds and final polynomial, for the one circuit whose constants are in
/// `verifier/Constants.sol`. It has no owner and no state.
/// @dev Whatever is not a valid proof gives `false`, wrong lengths and elements that are not reduced too: a step that
/// refuses ends the call, so the end is reached by valid proofs only. Memory is used at fixed places, as `verifier/Constants.sol` lays it out; nothing
/// is allocated behind the hash's context. No assembly here is tagged memory-safe, so the compiler keeps out of it.
contract Verifier is IVerifier {
    /// @inheritdoc IVerifier
    function verify(bytes calldata statement, bytes calldata proof) external view returns (bool) {
        if (statement.length != STATEMENT_BYTES || proof.length != PROOF_BYTES) return false;
        Poseidon2.Context ctx = Poseidon2.context();
        uint256 free;
        uint256 statementPlace;
        uint256 proofPlace;
        assembly {
            free := mload(0x40)
            statementPlace := statement.offset
            proofPlace := proof.offset
        }
        assert(free <= MEMORY_MAP);

        Transcript.hashStatement(ctx, statementPlace);
        Transcript.replay(proofPlace);
        Openings.unpack(proofPlace);
        Gates.evaluate();
        HashGate.evaluate(ctx);
        Openings.evaluatePermutation();
        Openings.checkQuotient();
        Queries.prepare();
        Queries.check(proofPlace);
        return true;
    }
}
