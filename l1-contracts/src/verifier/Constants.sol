// SPDX-License-Identifier: MIT OR Apache-2.0
// Written from the circuit by `cargo run --release -p farthing-recursion --example verifier`.
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
            mstore(add(M_CAPS, 0x0), 0x09d6d7ee9c39c128e202db4d8edabef9dcbb6ce2f7bbc06f114a000000000000)
            mstore(add(M_CAPS, 0x20), 0xa9d48c423aa404b159b80576b44feb14799392ea10b4ee04cb91000000000000)
            mstore(add(M_CAPS, 0x40), 0xd732fc1eac1d5cb879b21246d759869462c8d6a8ea9af0ce9e92000000000000)
            mstore(add(M_CAPS, 0x60), 0x89148b83cfa49c4543c1ac3c6856e21a04fce47c0bbf2d282725000000000000)
            mstore(add(M_CAPS, 0x80), 0x32ddaf8b8c35ff929686696830fa63fc608cba5ab0bfcde27675000000000000)
            mstore(add(M_CAPS, 0xa0), 0x3983b795aafc5dd3075316eadfae43b759114bac3d17ca2d6814000000000000)
            mstore(add(M_CAPS, 0xc0), 0xaabf2da6afc369fb990e4bfd4686078fa76dc590f101510f44cb000000000000)
            mstore(add(M_CAPS, 0xe0), 0x16874cca2e2ca5bbdd0586c2ee210a88d2612e469969f6760a6f000000000000)
            mstore(add(M_CAPS, 0x100), 0x2a41e29c7da9405ccd8134a628a1c32778dfafbf66bd914967d3000000000000)
            mstore(add(M_CAPS, 0x120), 0xab345791fbbd9a87b92686fcdce2830f439d6d5ea0215c28225f000000000000)
            mstore(add(M_CAPS, 0x140), 0xadec1b18f950552080b9089f5f9d787bc6fc1b332d0444f0905a000000000000)
            mstore(add(M_CAPS, 0x160), 0xdbca6b54dfba8bc2ff090e7a6c791746f351aac7482cce0b4e5f000000000000)
            mstore(add(M_CAPS, 0x180), 0xa7fdba1dcf59a0131b2a2bc883663ee050897b5922cf77faae47000000000000)
            mstore(add(M_CAPS, 0x1a0), 0x73bf6d4cafff6257b12e764a0038c90d41a7d296ac49834fb370000000000000)
            mstore(add(M_CAPS, 0x1c0), 0x08fcf127c9b943e77b9bc645c68c50c7eed3c7cbf96d1dd40a64000000000000)
            mstore(add(M_CAPS, 0x1e0), 0xb25099506cf927384168d4fde8a2538dd5479ec28389b9537fce000000000000)
        }
    }
    /// @notice The parameters of FRI and the digest of the circuit, first in the transcript.
    function prefix() internal pure {
        assembly {
            mstore(add(M_BUFFER, 0x20), 0x0000000000000008000000000000000400000000000000160000000000000001)
            mstore(add(M_BUFFER, 0x40), 0x0000000000000003000000000000000600000000000000120000000000000000)
            mstore(add(M_BUFFER, 0x60), 0x000000000000000c00000000000000030000000000000003d9071c81a0a0cfa7)
            mstore(add(M_BUFFER, 0x80), 0x5b62e1840d93f987294163cdd55e9ac70d9e0000000000000000000000000000)
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
