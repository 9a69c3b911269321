// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @title Poseidon2 over Goldilocks, width 12, as state/SPEC.md section 4 defines it
/// @dev A `Context` is memory for twelve state words and the round constants; make one and use it for many hashes.
/// State words between rounds are congruent to the elements, not reduced: they stay below 2²⁰⁰, and whatever multiplies
/// reduces first. Inputs must be below p; callers check what comes from outside.
library Poseidon2 {
    /// @dev Points to 12 state words, then the round constants, 8 bytes each.
    type Context is uint256;

    /// @dev p = 2⁶⁴ − 2³² + 1.
    uint256 internal constant P = 0xffffffff00000001;

    /// @dev Where the constants begin: behind 12 words.
    uint256 private constant CONSTANTS = 0x180;
    /// @dev 4·12 + 22 + 4·12 constants of 8 bytes, and zeros up to a word and beyond: loads are of 32 bytes.
    uint256 private constant CONTEXT_BYTES = 0x180 + 0x3c0 + 0x20;

    // Tags of the sponge: SPEC section 4.
    uint256 internal constant TAG_DOMAIN = 1;
    uint256 internal constant TAG_ACCOUNT_IDENTITY = 2;
    uint256 internal constant TAG_ACCOUNT_LEAF = 3;
    uint256 internal constant TAG_SHARE_TABLE = 5;
    uint256 internal constant TAG_LICENSE_LEAF = 6;
    uint256 internal constant TAG_BATCH_STATEMENT = 7;
    uint256 internal constant TAG_LICENSE_TERMS = 14;

    /// @notice A new context.
    function context() internal pure returns (Context ctx) {
        assembly ("memory-safe") {
            ctx := mload(0x40)
            mstore(0x40, add(ctx, CONTEXT_BYTES))
            let table := add(ctx, CONSTANTS)
            mstore(add(table, 0x00), 0x13dcf33aba214f4630b3b654a1da6d831fc634ada6159b56937459964dc03466)
            mstore(add(table, 0x20), 0xedd2ef2ca7949924ede9affde0e22f688515b9d6bac9282d6b5c07b4e9e900d8)
            mstore(add(table, 0x40), 0x1ec66368838c8a089042367d80d1fbab400283564a3c37994a00be0466bca75e)
            mstore(add(table, 0x60), 0x7913beee58e3817ff545e88532237d9022f8cb87360420056f04990e247a2623)
            mstore(add(table, 0x80), 0xfe22e87ba37c38cdd20e32c85ffe2815117227674048fe734e9fb7ea98a6b145)
            mstore(add(table, 0xa0), 0xe0866c232b8af08b00bbc779168849647031c0fb990d7116240a9e87cf35108f)
            mstore(add(table, 0xc0), 0x2e6363a5a12244b35e1c3787d1b5011c4132660e2a196e8b3a013b648d3d4327)
            mstore(add(table, 0xe0), 0xf79839f49888ea43fe85658ebafe1439b6889825a14240bd578453605541382b)
            mstore(add(table, 0x100), 0x4508cda8f6b63ce99c3ef35848684c910812bde23c87178cfe49638f7f722c14)
            mstore(add(table, 0x120), 0x8e3f688ce885cbf5b8e110acf746a87db4b2e8973a6dabef9e714c5da3d462ec)
            mstore(add(table, 0x140), 0x6438f9033d3d0c1524312f7cf1a2719923f843bb47acbf719183f11a34be9f01)
            mstore(add(table, 0x160), 0x839062fbb9d45dbf24b56e7e6c2e43fae1683da61c962a72a95c63971a19bfa7)
            mstore(add(table, 0x180), 0x4adf842aa75d4316f8fbb871aa4ab4eb68e85b6eb2dd6aeb07a0b06b2d270380)
            mstore(add(table, 0x1a0), 0xd94e0228bd282de48bdd91d3250c5278209c68b88bba778fb5e18cdab77f3877)
            mstore(add(table, 0x1c0), 0xb296a3e808da93fa8370ecbda11a327e3f9075283775dad8b78095bb23c6aa84)
            mstore(add(table, 0x1e0), 0x3f36b9fe72ad4e5f69bc96780b10b5533f1d341f2eb7b8814e939e9815838818)
            mstore(add(table, 0x200), 0xda366b3ae2a31604bc89db1e7287d5096102f411f9ef565958725c5e7ac1f0ab)
            mstore(add(table, 0x220), 0x0df5856c798883e7f7bb62a8da4c961bc68be7c94882a24daf996d5d5cdaedd9)
            mstore(add(table, 0x240), 0x9717f025e7daf6a56436679e6e7216f48a223d99047af267bb512e35a133ba9a)
            mstore(add(table, 0x260), 0xfbbf44097671aa03f04058ebf6811e615cca84703fac7ffb9b55c7945de6469f)
            mstore(add(table, 0x280), 0x8e05bf09808e934f2ea900de876307d77748fff2b38dfb896b99a676dd3b5d81)
            mstore(add(table, 0x2a0), 0xac4bb7c627cf7c13adb6ebe5e9e2f5ba2d33378cafa24ae31e5b73807543f8c2)
            mstore(add(table, 0x2c0), 0x09208814bfebb10f782e64b6bb5b93ddadd5a48eac90b50fadd4c54c736ea4b1)
            mstore(add(table, 0x2e0), 0xd58dbb86ed817fd86d5ed1a533f34ddd28686aa3e36b7cb9591abd3476689f36)
            mstore(add(table, 0x300), 0x047d766678f13875a2a11112625f5b4921fd10a3f8304958f9b40711443b0280)
            mstore(add(table, 0x320), 0xd2697eb8b2bde88e3493790b51731b3f11caf9dd737640237acfb8f72878164e)
            mstore(add(table, 0x340), 0x744ec4db23cefc261e00e58f422c634021dd28d906a62ddaf32a46ab5f465b5f)
            mstore(add(table, 0x360), 0xbfce13201f3f7e6bf30d2e7adb5304e2ecdf4ee4abad48e9f94e82182d395019)
            mstore(add(table, 0x380), 0x4ee52e3744d887c5a1341c7cac0083b22302fb26c30c834aaea3c587273bf7d3)
            mstore(add(table, 0x3a0), 0xf798e24961823ec7962deba3e9a2cd9400000000000000000000000000000000)
            mstore(add(table, 0x3c0), 0)
        }
    }

    /// @notice `compress(left, right)`: the parent of two nodes.
    function compress(Context ctx, bytes32 left, bytes32 right) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            mstore(ctx, shr(192, left))
            mstore(add(ctx, 0x20), and(shr(128, left), 0xffffffffffffffff))
            mstore(add(ctx, 0x40), and(shr(64, left), 0xffffffffffffffff))
            mstore(add(ctx, 0x60), and(left, 0xffffffffffffffff))
            mstore(add(ctx, 0x80), shr(192, right))
            mstore(add(ctx, 0xa0), and(shr(128, right), 0xffffffffffffffff))
            mstore(add(ctx, 0xc0), and(shr(64, right), 0xffffffffffffffff))
            mstore(add(ctx, 0xe0), and(right, 0xffffffffffffffff))
            mstore(add(ctx, 0x100), 0)
            mstore(add(ctx, 0x120), 0)
            mstore(add(ctx, 0x140), 0)
            mstore(add(ctx, 0x160), 0)
        }
        permute(ctx);
        return digestOf(ctx);
    }

    /// @notice `hash(tag; m)` of `length` elements, one word each, from `elements` on in memory.
    function hash(Context ctx, uint256 tag, uint256 elements, uint256 length)
        internal
        pure
        returns (bytes32)
    {
        assembly ("memory-safe") {
            mstore(add(ctx, 0x100), tag)
            mstore(add(ctx, 0x120), length)
            mstore(add(ctx, 0x140), 0)
            mstore(add(ctx, 0x160), 0)
        }
        uint256 end = elements + 0x20 * length;
        do {
            assembly ("memory-safe") {
                for { let i := 0 } lt(i, 0x100) { i := add(i, 0x20) } {
                    let ptr := add(elements, i)
                    mstore(add(ctx, i), mul(lt(ptr, end), mload(ptr)))
                }
            }
            permute(ctx);
            elements += 0x100;
        } while (elements < end);
        return digestOf(ctx);
    }

    /// @dev The first four elements of the state, reduced.
    function digestOf(Context ctx) private pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            digest := or(
                or(shl(192, mod(mload(ctx), P)), shl(128, mod(mload(add(ctx, 0x20)), P))),
                or(shl(64, mod(mload(add(ctx, 0x40)), P)), mod(mload(add(ctx, 0x60)), P))
            )
        }
    }

    /// @notice The permutation, on the context's state; leaves words that are congruent to the result.
    function permute(Context ctx) internal pure {
        assembly ("memory-safe") {
            /// M4 of four words.
            function mix(x0, x1, x2, x3) -> y0, y1, y2, y3 {
                let t := add(add(x0, x1), add(x2, x3))
                y0 := add(add(t, x0), shl(1, x1))
                y1 := add(add(t, x1), shl(1, x2))
                y2 := add(add(t, x2), shl(1, x3))
                y3 := add(add(t, x3), shl(1, x0))
            }
            /// The seventh power of a word plus the constant on top of another. The fourth power of what is below p
            /// fits a word.
            function sbox(word, constants) -> z {
                let x := addmod(word, shr(192, constants), P)
                z := mul(x, x)
                z := mulmod(mul(z, x), mul(z, z), P)
            }
            /// S-boxes and M4 of a block of four words; the constants of a block fill one load.
            function block_round(b, rc) -> y0, y1, y2, y3 {
                let c := mload(rc)
                y0 := sbox(mload(b), c)
                y1 := sbox(mload(add(b, 0x20)), shl(64, c))
                y2 := sbox(mload(add(b, 0x40)), shl(128, c))
                y3 := sbox(mload(add(b, 0x60)), shl(192, c))
                y0, y1, y2, y3 := mix(y0, y1, y2, y3)
                mstore(b, y0)
                mstore(add(b, 0x20), y1)
                mstore(add(b, 0x40), y2)
                mstore(add(b, 0x60), y3)
            }
            /// Adds the sums of columns to a block.
            function add_columns(b, c0, c1, c2, c3) {
                mstore(b, add(mload(b), c0))
                mstore(add(b, 0x20), add(mload(add(b, 0x20)), c1))
                mstore(add(b, 0x40), add(mload(add(b, 0x40)), c2))
                mstore(add(b, 0x60), add(mload(add(b, 0x60)), c3))
            }
            /// Four external rounds with the constants from `rc` on.
            function external_rounds(s, rc) {
                let s1 := add(s, 0x80)
                let s2 := add(s, 0x100)
                for { let end := add(rc, 0x180) } lt(rc, end) { rc := add(rc, 0x60) } {
                    let c0, c1, c2, c3 := block_round(s, rc)
                    {
                        let y0, y1, y2, y3 := block_round(s1, add(rc, 0x20))
                        c0 := add(c0, y0)
                        c1 := add(c1, y1)
                        c2 := add(c2, y2)
                        c3 := add(c3, y3)
                    }
                    {
                        let y0, y1, y2, y3 := block_round(s2, add(rc, 0x40))
                        c0 := add(c0, y0)
                        c1 := add(c1, y1)
                        c2 := add(c2, y2)
                        c3 := add(c3, y3)
                    }
                    add_columns(s, c0, c1, c2, c3)
                    add_columns(s1, c0, c1, c2, c3)
                    add_columns(s2, c0, c1, c2, c3)
                }
            }
            /// M4 of a block, in place.
            function mix_block(b) -> y0, y1, y2, y3 {
                y0, y1, y2, y3 := mix(mload(b), mload(add(b, 0x20)), mload(add(b, 0x40)), mload(add(b, 0x60)))
                mstore(b, y0)
                mstore(add(b, 0x20), y1)
                mstore(add(b, 0x40), y2)
                mstore(add(b, 0x60), y3)
            }

            // The external layer in front of the rounds.
            {
                let c0, c1, c2, c3 := mix_block(ctx)
                for { let b := add(ctx, 0x80) } lt(b, add(ctx, 0x180)) { b := add(b, 0x80) } {
                    let y0, y1, y2, y3 := mix_block(b)
                    c0 := add(c0, y0)
                    c1 := add(c1, y1)
                    c2 := add(c2, y2)
                    c3 := add(c3, y3)
                }
                add_columns(ctx, c0, c1, c2, c3)
                add_columns(add(ctx, 0x80), c0, c1, c2, c3)
                add_columns(add(ctx, 0x100), c0, c1, c2, c3)
            }
            external_rounds(ctx, add(ctx, CONSTANTS))
            // 22 internal rounds: xᵢ ← dᵢ·xᵢ + Σ x. Small multiples need no reduction: such a word grows by less than five
            // bits a round.
            {
                let rc := add(ctx, 0x300)
                let x0 := mload(ctx)
                let x1 := mload(add(ctx, 0x20))
                let x2 := mload(add(ctx, 0x40))
                let x3 := mload(add(ctx, 0x60))
                let x4 := mload(add(ctx, 0x80))
                let x5 := mload(add(ctx, 0xa0))
                let x6 := mload(add(ctx, 0xc0))
                let x7 := mload(add(ctx, 0xe0))
                let x8 := mload(add(ctx, 0x100))
                let x9 := mload(add(ctx, 0x120))
                let x10 := mload(add(ctx, 0x140))
                let x11 := mload(add(ctx, 0x160))
                for { let end := add(rc, 0xb0) } lt(rc, end) { rc := add(rc, 8) } {
                    x0 := sbox(x0, mload(rc))
                    let sum := add(
                        add(add(add(x0, x1), add(x2, x3)), add(add(x4, x5), add(x6, x7))),
                        add(add(x8, x9), add(x10, x11))
                    )
                    x0 := add(sum, mulmod(x0, 0xfffffffeffffffff, P))
                    x1 := add(sum, x1)
                    x2 := add(sum, shl(1, x2))
                    x3 := add(sum, mulmod(x3, 0x7fffffff80000001, P))
                    x4 := add(sum, mul(x4, 3))
                    x5 := add(sum, shl(2, x5))
                    x6 := add(sum, mulmod(x6, 0x7fffffff80000000, P))
                    x7 := add(sum, mulmod(x7, 0xfffffffefffffffe, P))
                    x8 := add(sum, mulmod(x8, 0xfffffffefffffffd, P))
                    x9 := add(sum, mulmod(x9, 0xbfffffff40000001, P))
                    x10 := add(sum, mulmod(x10, 0x3fffffffc0000000, P))
                    x11 := add(sum, mulmod(x11, 0xdfffffff20000001, P))
                }
                mstore(ctx, x0)
                mstore(add(ctx, 0x20), x1)
                mstore(add(ctx, 0x40), x2)
                mstore(add(ctx, 0x60), x3)
                mstore(add(ctx, 0x80), x4)
                mstore(add(ctx, 0xa0), x5)
                mstore(add(ctx, 0xc0), x6)
                mstore(add(ctx, 0xe0), x7)
                mstore(add(ctx, 0x100), x8)
                mstore(add(ctx, 0x120), x9)
                mstore(add(ctx, 0x140), x10)
                mstore(add(ctx, 0x160), x11)
            }
            external_rounds(ctx, add(ctx, 0x3b0))
        }
    }
}
