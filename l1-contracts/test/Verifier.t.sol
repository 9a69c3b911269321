// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Verifier} from "../src/Verifier.sol";
import {VerifierSteps} from "./support/VerifierSteps.sol";
import "../src/verifier/Constants.sol";

interface FileVm {
    function readFileBinary(string calldata path) external view returns (bytes memory);
    function snapshotValue(string calldata group, string calldata name, uint256 value) external;
}

/// A real proof of a block, and what becomes of it when any part is changed.
contract VerifierTest {
    FileVm private constant vm = FileVm(address(uint160(uint256(keccak256("hevm cheat code")))));

    Verifier private verifier;
    VerifierSteps private steps;
    bytes private statement;
    bytes private proof;

    function setUp() public {
        verifier = new Verifier();
        steps = new VerifierSteps();
        statement = vm.readFileBinary("test/data/final_statement.bin");
        proof = vm.readFileBinary("test/data/final_proof.bin");
    }

    function none() private pure returns (VerifierSteps.Change memory) {
        return VerifierSteps.Change(0, 0);
    }

    // ---------------------------------------------------------------------------------------------- the whole verifier

    function test_accepts_a_real_proof() public {
        bytes memory data = abi.encodeCall(Verifier.verify, (statement, proof));
        uint256 gas = gasleft();
        (bool ok, bytes memory result) = address(verifier).staticcall(data);
        gas -= gasleft();
        require(ok && abi.decode(result, (bool)), "refused");
        uint256 zeros;
        for (uint256 i; i < data.length; i++) {
            if (data[i] == 0) zeros++;
        }
        uint256 tokens = zeros + 4 * (data.length - zeros);
        uint256 floor = 21_000 + 10 * tokens;
        uint256 standard = 21_000 + 4 * tokens + gas;
        uint256 transaction = floor > standard ? floor : standard;
        vm.snapshotValue("verifier", "runtime bytes", address(verifier).code.length);
        vm.snapshotValue("verifier", "calldata bytes", data.length);
        vm.snapshotValue("verifier", "execution", gas);
        vm.snapshotValue("verifier", "transaction, floor of EIP-7623 included", transaction);
        require(address(verifier).code.length <= 24_576, "code size");
        require(transaction <= 4_000_000, "gas");
    }

    /// A changed byte of a data that is otherwise valid.
    function accepts(bytes memory data) private view returns (bool) {
        return accepts(address(verifier), data);
    }

    function accepts(address target, bytes memory data) private view returns (bool) {
        bool ok;
        uint256 result;
        assembly {
            ok := staticcall(30000000, target, add(data, 0x20), mload(data), 0, 0x20)
            result := mload(0)
        }
        return ok && result != 0;
    }

    /// Where the statement's and the proof's bytes are in a data.
    uint256 private constant STATEMENT_AT = 4 + 0x60;
    uint256 private constant PROOF_AT = 4 + 0x60 + 0xc0 + 0x20;

    function refuses_changes_in(uint256 from, uint256 size, uint256 count) private view {
        bytes memory data = abi.encodeCall(Verifier.verify, (statement, proof));
        for (uint256 i; i < count; i++) {
            uint256 spot = from + (uint256(keccak256(abi.encode(from, i))) % size);
            bytes1 honest = data[spot];
            data[spot] = honest ^ (bytes1(uint8(1)) << (i % 8));
            require(!accepts(data), "accepted");
            data[spot] = honest;
        }
        require(accepts(data), "undone");
    }

    function test_refuses_changed_statements() public view {
        bytes memory data = abi.encodeCall(Verifier.verify, (statement, proof));
        for (uint256 i; i < STATEMENT_BYTES; i++) {
            bytes1 honest = data[STATEMENT_AT + i];
            data[STATEMENT_AT + i] = honest ^ (bytes1(uint8(1)) << (i % 8));
            require(!accepts(data), "accepted");
            data[STATEMENT_AT + i] = honest;
        }
    }

    function test_refuses_changed_commitments() public view {
        refuses_changes_in(PROOF_AT + P_WIRES_CAP, P_OPENINGS, 60);
        refuses_changes_in(PROOF_AT + P_FOLD_CAPS, FOLDS * CAP_BYTES, 40);
    }

    function test_refuses_changed_openings() public view {
        refuses_changes_in(PROOF_AT + P_OPENINGS, OPENINGS_BYTES, 200);
        refuses_changes_in(PROOF_AT + P_FINAL_POLY, FINAL_BYTES, 60);
    }

    function test_refuses_changed_answers() public view {
        refuses_changes_in(PROOF_AT + P_QUERIES, PROOF_BYTES - P_QUERIES, 400);
    }

    function test_refuses_other_lengths() public view {
        (bytes memory s, bytes memory p) = (statement, proof);
        require(!verifier.verify(s, bytes.concat(p, hex"00")), "longer proof");
        require(!verifier.verify(bytes.concat(s, hex"00"), p), "longer statement");
        require(!verifier.verify("", p) && !verifier.verify(s, ""), "empty");
        assembly {
            mstore(p, sub(mload(p), 1))
        }
        require(!verifier.verify(s, p), "shorter proof");
        assembly {
            mstore(p, add(mload(p), 1))
            mstore(s, sub(mload(s), 8))
        }
        require(!verifier.verify(s, p), "shorter statement");
    }

    /// All bytes are there, but a length says one less.
    function test_refuses_other_lengths_of_the_same_bytes() public view {
        for (uint256 i; i < 3; i++) {
            bytes memory data = abi.encodeCall(verifier.verify, (statement, proof));
            // Places of the lengths' words: behind the selector, the statement's at 0x40, the proof's at 0x120.
            assembly {
                let length := add(add(data, 0x24), mul(eq(i, 1), 0x40))
                if eq(i, 2) { length := add(data, 0x144) }
                if i { mstore(length, sub(mload(length), 1)) }
            }
            (bool ok, bytes memory result) = address(verifier).staticcall(data);
            require(ok && abi.decode(result, (bool)) == (i == 0), "length");
        }
    }

    function test_refuses_other_orders() public view {
        bytes memory p = proof;
        uint256 size = (PROOF_BYTES - P_QUERIES) / QUERIES;
        for (uint256 i; i < size; i++) {
            (p[P_QUERIES + i], p[P_QUERIES + size + i]) = (p[P_QUERIES + size + i], p[P_QUERIES + i]);
        }
        require(!verifier.verify(statement, p), "queries exchanged");
        bytes memory s = statement;
        for (uint256 i; i < 32; i++) {
            (s[64 + i], s[96 + i]) = (s[96 + i], s[64 + i]);
        }
        require(!verifier.verify(s, proof), "roots exchanged");
        require(!verifier.verify(s, new bytes(PROOF_BYTES)), "nothing");
    }

    /// Proofs by provers who lie to the transcript alone: that the statement is another, refused by the quotient; that
    /// work was done.
    function test_refuses_forgeries() public view {
        bytes memory lie = vm.readFileBinary("test/data/forged_statement.bin");
        bytes memory forged = vm.readFileBinary("test/data/forged_proof.bin");
        bytes memory workless = vm.readFileBinary("test/data/workless_proof.bin");
        require(!verifier.verify(lie, forged), "a false statement");
        require(!verifier.verify(statement, workless), "no work");
        // The work of the first is done.
        require(steps.replay(lie, forged), "work");
    }

    /// With little gas nothing is accepted: not the right proof, and a forgery with none at all.
    function test_too_little_gas_accepts_nothing() public view {
        bytes memory right = abi.encodeCall(Verifier.verify, (statement, proof));
        bytes memory forged = abi.encodeCall(
            Verifier.verify,
            (
                vm.readFileBinary("test/data/forged_statement.bin"),
                vm.readFileBinary("test/data/forged_proof.bin")
            )
        );
        uint256 enough = gasleft();
        require(accepts(right), "refused");
        enough -= gasleft();
        for (uint256 i; i < 64; i++) {
            require(!acceptsWith(right, enough * i / 80), "accepted early");
            require(!acceptsWith(forged, enough * (i + 1) / 48), "forged");
        }
    }

    function acceptsWith(bytes memory data, uint256 gasLimit) private view returns (bool ok) {
        address target = address(verifier);
        uint256 result;
        assembly {
            ok := staticcall(gasLimit, target, add(data, 0x20), mload(data), 0, 0x20)
            result := mload(0)
        }
        return ok && result != 0;
    }

    // -------------------------------------------------------------------------------------------------- step by step

    /// The data with p, which is 0 not reduced, as one element.
    function unreduce(bytes memory data, uint256 spot) private pure returns (bytes memory) {
        return put(data, spot, P);
    }

    function put(bytes memory data, uint256 spot, uint256 element) private pure returns (bytes memory) {
        assembly {
            let word := add(add(data, 0x20), spot)
            mstore(word, or(shl(192, element), and(mload(word), sub(shl(192, 1), 1))))
        }
        return data;
    }

    function test_statement_elements_are_reduced() public view {
        require(steps.hashStatement(statement), "honest");
        for (uint256 spot; spot < STATEMENT_BYTES; spot += 8) {
            require(!steps.hashStatement(unreduce(statement, spot)), "not reduced");
        }
    }

    /// Every opening, every coefficient of the final polynomial, and the nonce.
    function test_openings_are_reduced() public view {
        uint256 proofAt = 4 + 0x40;
        bytes memory data = abi.encodeCall(steps.unpack, (proof));
        refusesUnreduced(data, proofAt + P_OPENINGS, OPENINGS_BYTES);
        refusesUnreduced(data, proofAt + P_FINAL_POLY, FINAL_BYTES);
    }

    function refusesUnreduced(bytes memory data, uint256 from, uint256 size) private view {
        for (uint256 spot = from; spot < from + size; spot += 8) {
            uint256 honest = elementAt(data, spot);
            unreduce(data, spot);
            require(!accepts(address(steps), data), "not reduced");
            put(data, spot, honest);
        }
        require(accepts(address(steps), data), "undone");
    }

    function elementAt(bytes memory data, uint256 spot) private pure returns (uint256 value) {
        assembly {
            value := shr(192, mload(add(add(data, 0x20), spot)))
        }
    }

    /// The work is done for all that the transcript absorbs: with a bit of any element of statement, caps, openings and
    /// final polynomial turned, another chain is left in the end, whose work is not done.
    function test_every_absorbed_element_is_in_the_work() public view {
        bytes memory data = abi.encodeCall(steps.replay, (statement, proof));
        refusesTurnedBits(data, STATEMENT_AT, STATEMENT_BYTES, 8);
        // A digest has an element of two bytes at its end.
        refusesTurnedBits(data, PROOF_AT + P_WIRES_CAP, P_OPENINGS, 2);
        refusesTurnedBits(data, PROOF_AT + P_OPENINGS, OPENINGS_BYTES, 8);
        refusesTurnedBits(data, PROOF_AT + P_FOLD_CAPS, FOLDS * CAP_BYTES, 2);
        refusesTurnedBits(data, PROOF_AT + P_FINAL_POLY, FINAL_BYTES, 8);
    }

    function refusesTurnedBits(bytes memory data, uint256 from, uint256 size, uint256 step) private view {
        for (uint256 spot = from + step - 1; spot < from + size; spot += step) {
            data[spot] ^= 0x01;
            require(!accepts(address(steps), data), "accepted");
            data[spot] ^= 0x01;
        }
        require(accepts(address(steps), data), "undone");
    }

    function test_work_is_needed() public view {
        require(steps.replay(statement, proof), "honest");
        bytes memory p = proof;
        p[P_NONCE + 7] ^= 0x01;
        require(!steps.replay(statement, p), "another nonce");
        p[P_NONCE + 7] ^= 0x03;
        require(!steps.replay(statement, p), "another nonce");
    }

    /// Work of one bit less than what is needed is not enough.
    function test_all_of_the_work_is_needed() public view {
        bytes memory p = bytes.concat(proof);
        put(p, P_NONCE, steps.shortNonce(statement, proof));
        require(!steps.replay(statement, p), "one bit less");
    }

    /// Each opening at zeta is in the identity, both of its coefficients.
    function test_every_opening_is_in_the_identity() public view {
        (bytes memory s, bytes memory p) = (statement, proof);
        require(steps.identity(s, p, none()), "honest");
        for (uint256 i; i < 2 * (OPENINGS_BYTES / 16); i++) {
            uint256 spot = M_OPENINGS + 0x20 * i;
            require(!steps.identity(s, p, VerifierSteps.Change(spot, 12_345)), "accepted");
        }
    }

    function test_every_challenge_is_in_the_identity() public view {
        for (uint256 spot = M_BETAS; spot < M_ZETA + 0x40; spot += 0x20) {
            require(!steps.identity(statement, proof, VerifierSteps.Change(spot, 12_345)), "challenge");
        }
        for (uint256 i; i < 4; i++) {
            VerifierSteps.Change memory change = VerifierSteps.Change(M_STATEMENT_HASH + 0x20 * i, 12_345);
            require(!steps.identity(statement, proof, change), "statement");
        }
    }

    function test_every_leaf_is_committed() public view {
        (bytes memory s, bytes memory p) = (statement, proof);
        require(steps.queries(s, p, p, none()), "honest");
        uint256 path = DEPTH * DIGEST_BYTES;
        uint256 spot = P_QUERIES;
        uint256[4] memory leaves = [LEAF_FIXED, LEAF_WIRES, LEAF_PERMUTATION, LEAF_QUOTIENT];
        for (uint256 i; i < 4; i++) {
            spot += 8 * leaves[i];
            // Of a path only the tree's check depends.
            refusesAnswer(s, p, spot);
            refusesAnswer(s, p, spot + path - 1);
            spot += path;
        }
        for (uint256 i; i < FOLDS; i++) {
            spot += ARITY_BYTES;
            path -= LOG_ARITY * DIGEST_BYTES;
            refusesAnswer(s, p, spot);
            refusesAnswer(s, p, spot + path - 1);
            spot += path;
        }
        refusesAnswer(s, p, PROOF_BYTES - 1);
    }

    function refusesAnswer(bytes memory s, bytes memory p, uint256 spot) private view {
        bytes memory answers = bytes.concat(p);
        answers[spot] ^= 0x01;
        require(!steps.queries(s, p, answers, none()), "accepted");
    }

    /// With every leaf committed: what is opened at zeta and g * zeta, what is folded, and what is left at the end.
    function test_openings_folds_and_final_polynomial_are_compared() public view {
        (bytes memory s, bytes memory p) = (statement, proof);
        for (uint256 spot = M_OPENINGS; spot < M_FINAL_POLY_END; spot += 0x20 * 29) {
            require(!steps.queries(s, p, p, VerifierSteps.Change(spot, 12_345)), "opening");
        }
        for (uint256 i; i < 4; i++) {
            require(!steps.queries(s, p, p, VerifierSteps.Change(M_NEXT_ZS + 0x20 * i, 12_345)), "at g * zeta");
        }
        for (uint256 spot = M_ZETA; spot < M_FOLD_CHALLENGES + 0x40 * FOLDS; spot += 0x20) {
            require(!steps.queries(s, p, p, VerifierSteps.Change(spot, 12_345)), "challenge");
        }
    }

    // ----------------------------------------------------------------------------- answers whose elements are not reduced

    uint256 private constant TREES = 4 + FOLDS;

    /// Answers for polynomials that vanish, with one element of every leaf of one tree another than 0, bits of its cap
    /// flipped, and one word of memory changed. A call, so that its memory is not kept.
    function vanishing(
        uint256 tree,
        uint256 element,
        uint256 value,
        VerifierSteps.Change calldata change,
        bytes26 flipped
    ) external view returns (bool) {
        bytes memory answer;
        bytes32[] memory digests = new bytes32[](TREES);
        uint256[4] memory leaves = [LEAF_FIXED, LEAF_WIRES, LEAF_PERMUTATION, LEAF_QUOTIENT];
        uint256 depth = DEPTH;
        for (uint256 i; i < TREES; i++) {
            bytes memory leaf = new bytes(i < 4 ? 8 * leaves[i] : ARITY_BYTES);
            if (i == tree) put(leaf, 8 * element, value);
            if (i >= 4) depth -= LOG_ARITY;
            bytes26 digest = bytes26(keccak256(leaf));
            answer = bytes.concat(answer, leaf);
            for (uint256 j; j < depth; j++) {
                answer = bytes.concat(answer, digest);
                digest = bytes26(keccak256(bytes.concat(digest, digest)));
            }
            digests[i] = i == tree ? digest ^ flipped : digest;
        }
        bytes memory answers = new bytes(P_QUERIES);
        for (uint256 i; i < QUERIES; i++) answers = bytes.concat(answers, answer);
        return steps.vanishing(answers, digests, change);
    }

    function accepts(uint256 tree, uint256 element, uint256 value) private view returns (bool) {
        return this.vanishing(tree, element, value, none(), 0);
    }

    function test_leaves_are_reduced() public view {
        require(accepts(TREES, 0, 0), "honest");
        uint256[4] memory leaves = [LEAF_FIXED, LEAF_WIRES, LEAF_PERMUTATION, LEAF_QUOTIENT];
        for (uint256 i; i < 4; i++) {
            for (uint256 j; j < 4; j++) require(!accepts(i, j, P), "one of four");
            require(!accepts(i, leaves[i] - 1, P), "the last");
        }
        for (uint256 i = 4; i < TREES; i++) {
            for (uint256 j; j < ARITY_BYTES / 8; j++) require(!accepts(i, j, P), "of a fold");
        }
    }

    /// Off by 1 or X at one place, all else right; and by 2^32 times that, which changes the high half alone. Folded, the
    /// eighth is left, of 8 a small number again.
    function test_both_coefficients_are_compared() public view {
        for (uint256 i; i < 2; i++) {
            for (uint256 amount = 1; amount < 1 << 33; amount <<= 32) {
                require(!accepts(4, i, amount), "what is folded");
                require(!accepts(4, i, 8 * amount), "what is folded, and what it leaves");
                VerifierSteps.Change memory change = VerifierSteps.Change(M_FINAL_POLY + 0x20 * i, amount);
                require(!this.vanishing(TREES, 0, 0, change, 0), "final polynomial");
                require(!steps.identityOff(statement, proof, 0, i, amount), "first equation");
                require(!steps.identityOff(statement, proof, 1, i, amount), "second equation");
            }
        }
    }

    /// The first bit of a cap's digests, and the last.
    function test_all_of_a_digest_is_compared() public view {
        for (uint256 i; i < TREES; i++) {
            require(!this.vanishing(i, 0, 0, none(), bytes26(uint208(1) << 207)), "first bit");
            require(!this.vanishing(i, 0, 0, none(), bytes26(uint208(1))), "last bit");
        }
    }
}
