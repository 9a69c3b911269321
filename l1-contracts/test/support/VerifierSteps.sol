// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Poseidon2} from "../../src/libraries/Poseidon2.sol";
import {Gates} from "../../src/verifier/Gates.sol";
import {HashGate} from "../../src/verifier/HashGate.sol";
import {Openings} from "../../src/verifier/Openings.sol";
import {Queries} from "../../src/verifier/Queries.sol";
import {Transcript} from "../../src/verifier/Transcript.sol";
import "../../src/verifier/Constants.sol";

/// The verifier's steps, one at a time, with what only a dishonest prover could bring about: a step is tested on its
/// own, where in the whole another one would refuse first.
contract VerifierSteps {
    /// A word of memory, before the identity is evaluated or before the queries, or none.
    struct Change {
        uint256 spot;
        uint256 value;
    }

    function hashStatement(bytes calldata statement) external pure returns (bool) {
        Poseidon2.Context ctx = Poseidon2.context();
        Transcript.hashStatement(ctx, place(statement));
        return true;
    }

    function replay(bytes calldata statement, bytes calldata proof) external pure returns (bool) {
        Poseidon2.Context ctx = Poseidon2.context();
        Transcript.hashStatement(ctx, place(statement));
        Transcript.replay(place(proof));
        return true;
    }

    /// A nonce whose work is one bit less than what is needed: the first 21 of 22 bits are zero, the last is not.
    function shortNonce(bytes calldata statement, bytes calldata proof) external pure returns (uint256 nonce) {
        Poseidon2.Context ctx = Poseidon2.context();
        Transcript.hashStatement(ctx, place(statement));
        Transcript.replay(place(proof));
        assembly {
            // The last block that was absorbed: the chain before it, then the nonce alone.
            let at := add(M_BUFFER, sub(FINAL_BYTES, 8))
            for {} 1 { nonce := add(nonce, 1) } {
                mstore(add(at, 0x20), shl(192, nonce))
                let work := mod(shr(128, keccak256(at, 0x28)), P)
                if eq(shr(sub(64, POW_BITS), work), 1) { break }
            }
        }
    }

    function unpack(bytes calldata proof) external pure returns (bool) {
        Openings.unpack(place(proof));
        return true;
    }

    /// The identity with the challenges of an honest proof and one word of openings changed.
    function identity(bytes calldata statement, bytes calldata proof, Change calldata change)
        external
        view
        returns (bool)
    {
        Poseidon2.Context ctx = challenges(statement, proof);
        write(change);
        Gates.evaluate();
        HashGate.evaluate(ctx);
        Openings.evaluatePermutation();
        Openings.checkQuotient();
        return true;
    }

    /// The identity off by an amount, or X times it, in one of its two equations: the first coefficient of that quotient
    /// is changed by that amount over the vanishing polynomial.
    function identityOff(
        bytes calldata statement,
        bytes calldata proof,
        uint256 equation,
        uint256 coefficient,
        uint256 amount
    ) external view returns (bool) {
        Poseidon2.Context ctx = challenges(statement, proof);
        Gates.evaluate();
        HashGate.evaluate(ctx);
        Openings.evaluatePermutation();
        (uint256 a, uint256 b) = (word(M_VANISHING), word(M_VANISHING + 0x20));
        // 1/(a + bX) = (a - bX)/(a^2 - 7b^2), and X times that is (aX - 7b)/(a^2 - 7b^2).
        uint256 norm = addmod(mulmod(a, a, P), P - mulmod(7, mulmod(b, b, P), P), P);
        uint256 inverse = mulmod(power(norm, P - 2), amount, P);
        (uint256 d0, uint256 d1) = coefficient == 0 ? (a, P - b) : (P - mulmod(7, b, P), a);
        uint256 spot = M_QUOTIENT + equation * QUOTIENT_BYTES;
        write(Change(spot, addmod(word(spot), mulmod(d0, inverse, P), P)));
        write(Change(spot + 0x20, addmod(word(spot + 0x20), mulmod(d1, inverse, P), P)));
        Openings.checkQuotient();
        return true;
    }

    function power(uint256 base, uint256 exponent) private pure returns (uint256 result) {
        result = 1;
        for (; exponent != 0; exponent >>= 1) {
            if (exponent & 1 == 1) result = mulmod(result, base, P);
            base = mulmod(base, base, P);
        }
    }

    function word(uint256 spot) private pure returns (uint256 value) {
        assembly {
            value := mload(spot)
        }
    }

    /// The queries of `answers` with the challenges of an honest proof and one word changed.
    function queries(bytes calldata statement, bytes calldata proof, bytes calldata answers, Change calldata change)
        external
        view
        returns (bool)
    {
        challenges(statement, proof);
        write(change);
        Queries.prepare();
        Queries.check(place(answers));
        return true;
    }

    /// Queries without challenges, all at place 0, against a cap of one digest for each tree: for polynomials that
    /// vanish.
    function vanishing(bytes calldata answers, bytes32[] calldata digests, Change calldata change)
        external
        view
        returns (bool)
    {
        Poseidon2.context();
        for (uint256 i; i < digests.length; i++) {
            bytes32 digest = digests[i];
            for (uint256 spot = M_CAPS + i * CAP_WORDS_BYTES; spot < M_CAPS + (i + 1) * CAP_WORDS_BYTES; spot += 0x20) {
                assembly {
                    mstore(spot, digest)
                }
            }
        }
        assembly {
            mstore(M_ZETA, 3)
            mstore(add(M_ZETA, 0x20), 5)
        }
        write(change);
        Queries.prepare();
        Queries.check(place(answers));
        return true;
    }

    function challenges(bytes calldata statement, bytes calldata proof) private pure returns (Poseidon2.Context ctx) {
        ctx = Poseidon2.context();
        Transcript.hashStatement(ctx, place(statement));
        Transcript.replay(place(proof));
        Openings.unpack(place(proof));
    }

    function write(Change memory change) private pure {
        (uint256 spot, uint256 value) = (change.spot, change.value);
        if (spot == 0) return;
        assembly {
            mstore(spot, value)
        }
    }

    function place(bytes calldata data) private pure returns (uint256 spot) {
        assembly {
            spot := data.offset
        }
    }
}
