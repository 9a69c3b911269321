// SPDX-License-Identifier: MIT OR Apache-2.0
// Written from the circuit by `cargo xtask codegen keys`.
pragma solidity ^0.8.30;

// The circuit and its proofs.
uint256 constant STATEMENT_BYTES = 176;
uint256 constant PROOF_BYTES = 89428;
uint256 constant LOG_ROWS = 12;
uint256 constant LOG_DOMAIN = 20;
uint256 constant DOMAIN_SIZE = 1048576;
uint256 constant QUERIES = 18;
uint256 constant POW_BITS = 22;
uint256 constant DEPTH = 16;
uint256 constant FOLDS = 2;
uint256 constant LOG_ARITY = 3;
uint256 constant ARITY_BYTES = 128;
uint256 constant CHUNKS = 10;
uint256 constant RATE_BYTES = 256;
uint256 constant DIGEST_BYTES = 26;
uint256 constant DIGEST_UNUSED_BITS = 48;
uint256 constant CAP_BYTES = 416;
uint256 constant CAP_WORDS_BYTES = 512;
uint256 constant LEAF_FIXED = 85;
uint256 constant LEAF_WIRES = 135;
uint256 constant LEAF_PERMUTATION = 20;
uint256 constant LEAF_QUOTIENT = 16;
uint256 constant PREFIX_BYTES = 120;

// Places in the proof.
uint256 constant P_WIRES_CAP = 0;
uint256 constant P_PERMUTATION_CAP = 416;
uint256 constant P_QUOTIENT_CAP = 832;
uint256 constant P_OPENINGS = 1248;
uint256 constant P_FOLD_CAPS = 5376;
uint256 constant P_FINAL_POLY = 6208;
uint256 constant P_NONCE = 7232;
uint256 constant P_QUERIES = 7240;
uint256 constant OPENINGS_BYTES = 4128;
uint256 constant FINAL_BYTES = 1032;

// Places of gates among all, and of their selectors; the groups that selectors tell apart.
uint256 constant UNUSED_SELECTOR = 4294967295;
uint256 constant NOOP_ROW = 0;
uint256 constant NOOP_SELECTOR = 0;
uint256 constant NOOP_FIRST = 0;
uint256 constant NOOP_END = 6;
uint256 constant CONSTANT_ROW = 1;
uint256 constant CONSTANT_SELECTOR = 0;
uint256 constant CONSTANT_FIRST = 0;
uint256 constant CONSTANT_END = 6;
uint256 constant PUBLIC_INPUT_ROW = 2;
uint256 constant PUBLIC_INPUT_SELECTOR = 0;
uint256 constant PUBLIC_INPUT_FIRST = 0;
uint256 constant PUBLIC_INPUT_END = 6;
uint256 constant BASE_SUM_ROW = 3;
uint256 constant BASE_SUM_SELECTOR = 0;
uint256 constant BASE_SUM_FIRST = 0;
uint256 constant BASE_SUM_END = 6;
uint256 constant REDUCING_EXTENSION_ROW = 4;
uint256 constant REDUCING_EXTENSION_SELECTOR = 0;
uint256 constant REDUCING_EXTENSION_FIRST = 0;
uint256 constant REDUCING_EXTENSION_END = 6;
uint256 constant REDUCING_ROW = 5;
uint256 constant REDUCING_SELECTOR = 0;
uint256 constant REDUCING_FIRST = 0;
uint256 constant REDUCING_END = 6;
uint256 constant ARITHMETIC_EXTENSION_ROW = 6;
uint256 constant ARITHMETIC_EXTENSION_SELECTOR = 1;
uint256 constant ARITHMETIC_EXTENSION_FIRST = 6;
uint256 constant ARITHMETIC_EXTENSION_END = 10;
uint256 constant ARITHMETIC_ROW = 7;
uint256 constant ARITHMETIC_SELECTOR = 1;
uint256 constant ARITHMETIC_FIRST = 6;
uint256 constant ARITHMETIC_END = 10;
uint256 constant MUL_EXTENSION_ROW = 8;
uint256 constant MUL_EXTENSION_SELECTOR = 1;
uint256 constant MUL_EXTENSION_FIRST = 6;
uint256 constant MUL_EXTENSION_END = 10;
uint256 constant RANDOM_ACCESS_ROW = 9;
uint256 constant RANDOM_ACCESS_SELECTOR = 1;
uint256 constant RANDOM_ACCESS_FIRST = 6;
uint256 constant RANDOM_ACCESS_END = 10;
uint256 constant INTERPOLATION_ROW = 10;
uint256 constant INTERPOLATION_SELECTOR = 2;
uint256 constant INTERPOLATION_FIRST = 10;
uint256 constant INTERPOLATION_END = 12;
uint256 constant POSEIDON2_ROW = 11;
uint256 constant POSEIDON2_SELECTOR = 2;
uint256 constant POSEIDON2_FIRST = 10;
uint256 constant POSEIDON2_END = 12;

// The field, and roots of unity.
uint256 constant P = 18446744069414584321;
uint256 constant P2 = 36893488138829168642;
uint256 constant COSET_GENERATOR = 14293326489335486720;
uint256 constant INVERSE_COSET_GENERATOR = 12816621545846906060;
uint256 constant ROOT_ROWS = 4355325209153869931;
uint256 constant INVERSE_ROWS = 18442240469788262401;
uint256 constant ROOT_DOMAIN = 1971462654193939361;
uint256 constant INVERSE_ROOT_DOMAIN = 6451340039662992847;
uint256 constant ROOT_ARITY = 16777216;
uint256 constant INVERSE_ROOT_ARITY = 18446742969902956801;
uint256 constant INVERSE_ARITY = 16140901060737761281;
uint256 constant ROOT_16 = 4096;
uint256 constant INVERSE_16 = 17293822565076172801;

// Places in memory. An element of GF(p^2) takes two words.
uint256 constant MEMORY_MAP = 0x800;
uint256 constant M_BETAS = 0x800;
uint256 constant M_GAMMAS = 0x840;
uint256 constant M_ALPHAS = 0x880;
uint256 constant M_ZETA = 0x8c0;
uint256 constant M_BATCH = 0x900;
uint256 constant M_FOLD_CHALLENGES = 0x940;
uint256 constant M_STATEMENT_HASH = 0x9c0;
uint256 constant M_FILTER = 0xa40;
uint256 constant M_ZETA_N = 0xa80;
uint256 constant M_VANISHING = 0xac0;
uint256 constant M_COMBINED = 0xb00;
uint256 constant M_COMBINED_NEXT = 0xb40;
uint256 constant M_NEXT_ZETA = 0xb80;
uint256 constant M_PLACES = 0xbc0;
uint256 constant M_ROOTS = 0xe20;
uint256 constant M_CAPS = 0x1320;
uint256 constant M_OPENINGS = 0x1f20;
uint256 constant M_CONSTANTS = 0x1fe0;
uint256 constant M_SIGMAS = 0x2060;
uint256 constant M_WIRES = 0x3460;
uint256 constant M_ZS = 0x5620;
uint256 constant M_PARTIAL_PRODUCTS = 0x56a0;
uint256 constant M_QUOTIENT = 0x5b20;
uint256 constant M_NEXT_ZS = 0x5f20;
uint256 constant M_FINAL_POLY = 0x5fa0;
uint256 constant M_FINAL_POLY_END = 0x6fa0;
uint256 constant M_POWERS = 0x6fa0;
uint256 constant M_CONSTRAINTS = 0x6fa0;
uint256 constant M_GATES = 0x7520;
uint256 constant M_CONSTRAINTS_END = 0x93e0;
uint256 constant M_DIAGONAL = 0x93e0;
uint256 constant M_STATE = 0x9560;
uint256 constant M_POWERS_END = 0xafa0;
uint256 constant M_FOLD_FACTORS = 0xafa0;
uint256 constant M_COSET = 0xb320;
uint256 constant M_SCRATCH = 0xb420;
uint256 constant M_BUFFER = 0xb6a0;
uint256 constant CHUNK_BYTES = 512;
uint256 constant QUOTIENT_BYTES = 512;
uint256 constant FOLD_FACTORS_BYTES = 448;

/// @title The circuit's key and other tables, as code that writes them to memory
library Tables {
    /// @notice The commitment to selectors, constants and sigmas.
    function caps() internal pure {
        assembly {
            mstore(add(M_CAPS, 0x0), 0x1e294377e9a48baa68b74f6b158941d435edcc085cdaa0ddbcdd000000000000)
            mstore(add(M_CAPS, 0x20), 0xa184a263dd86c322a3075fe7021004bee2eae4b5f1f4344840a0000000000000)
            mstore(add(M_CAPS, 0x40), 0x19a452d93f450d2648dc7d763a021bf6e6e65768e52bfbfd5963000000000000)
            mstore(add(M_CAPS, 0x60), 0xa1084128b82e4abc61f2f1f510246af6498731a448f6fd2f4318000000000000)
            mstore(add(M_CAPS, 0x80), 0x3935131003d03175a09a28918676e3db29f363e8d128fef5dc3c000000000000)
            mstore(add(M_CAPS, 0xa0), 0xcab2e8a4370879bae124c99e68d085dd0b49b5eb7086b7e7be10000000000000)
            mstore(add(M_CAPS, 0xc0), 0x0c011cf56ad4d5ba38c15c4d764f6a3b1d5b88a084fc5ea55e5e000000000000)
            mstore(add(M_CAPS, 0xe0), 0x95dce1f956b75405a20f1e1c8e46b1a0e69b10d33ddd38cc1ecb000000000000)
            mstore(add(M_CAPS, 0x100), 0x17853c654a13b7fb7caac968667d73677d980433693acff4b8de000000000000)
            mstore(add(M_CAPS, 0x120), 0xbc7860d8fd395fd2b348442aa9dd8eb7e32142a71fb253cd008d000000000000)
            mstore(add(M_CAPS, 0x140), 0x8e9c8bd3a3f6df72dd66ff31a5f3cda94c56286ab5871c5115ef000000000000)
            mstore(add(M_CAPS, 0x160), 0xb7a6c93701d10a6862e817b6a78bda0d52b79b1cf48c2d4db700000000000000)
            mstore(add(M_CAPS, 0x180), 0x33fd0633507ec33b0343b519968aacdfcf94b6e1779a15ae5a0a000000000000)
            mstore(add(M_CAPS, 0x1a0), 0x9127380e65108636888ead85b92069c713b1e66f9c8e9e18fcac000000000000)
            mstore(add(M_CAPS, 0x1c0), 0x20d655e798009dfa938b0d18a15520cf7f1281b77abe5276400d000000000000)
            mstore(add(M_CAPS, 0x1e0), 0x4fab37b5abc09596326ad681effc2c4a676dd068135b83d43f6a000000000000)
        }
    }
    /// @notice The parameters of FRI and the digest of the circuit, first in the transcript.
    function prefix() internal pure {
        assembly {
            mstore(add(M_BUFFER, 0x20), 0x0000000000000008000000000000000400000000000000160000000000000001)
            mstore(add(M_BUFFER, 0x40), 0x0000000000000003000000000000000600000000000000120000000000000000)
            mstore(add(M_BUFFER, 0x60), 0x000000000000000c00000000000000030000000000000003c87180865716e869)
            mstore(add(M_BUFFER, 0x80), 0x6d2f93f229ddf46261b895c098bf007375cf0000000000000000000000000000)
        }
    }
    /// @notice The diagonal of the internal matrix of Poseidon2.
    function diagonal() internal pure {
        assembly {
            mstore(add(M_DIAGONAL, 0x0), 0xfffffffeffffffff)
            mstore(add(M_DIAGONAL, 0x20), 0x1)
            mstore(add(M_DIAGONAL, 0x40), 0x2)
            mstore(add(M_DIAGONAL, 0x60), 0x7fffffff80000001)
            mstore(add(M_DIAGONAL, 0x80), 0x3)
            mstore(add(M_DIAGONAL, 0xa0), 0x4)
            mstore(add(M_DIAGONAL, 0xc0), 0x7fffffff80000000)
            mstore(add(M_DIAGONAL, 0xe0), 0xfffffffefffffffe)
            mstore(add(M_DIAGONAL, 0x100), 0xfffffffefffffffd)
            mstore(add(M_DIAGONAL, 0x120), 0xbfffffff40000001)
            mstore(add(M_DIAGONAL, 0x140), 0x3fffffffc0000000)
            mstore(add(M_DIAGONAL, 0x160), 0xdfffffff20000001)
        }
    }
}
