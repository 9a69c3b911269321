// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @title Poseidon2 over Goldilocks, width 12, as state/SPEC.md section 4 defines it
/// @dev A `Context` is memory for twelve state words and the round constants; make one and use it for many hashes.
/// State words are congruent to the elements, not reduced, and below 2⁷¹. Inputs from outside must be below p: callers
/// check them.
///
/// In external rounds a word holds three elements, 85 bits each: word j has the elements j, j + 4 and j + 8 from the
/// lowest bits up, so that the linear layer acts on three at once. The sum of a word's lanes is its remainder modulo
/// 2⁸⁵ − 1.
library Poseidon2 {
    /// @dev Points to 12 state words, then the constants of the external rounds, four packed words a round, then those
    /// of the internal rounds, 8 bytes each.
    type Context is uint256;

    /// @dev p = 2⁶⁴ − 2³² + 1.
    uint256 internal constant P = 0xffffffff00000001;

    /// @dev Where constants begin: behind 12 words, behind four rounds, behind eight.
    uint256 internal constant FIRST_ROUNDS = 0x180;
    uint256 internal constant LAST_ROUNDS = 0x380;
    uint256 internal constant INTERNAL_ROUNDS = 0x580;
    uint256 private constant INTERNAL_ROUNDS_END = 0x630;
    /// @dev Ends with zeros, as the last constant is read with a load of 32 bytes.
    uint256 private constant CONTEXT_BYTES = 0x580 + 0xc0;

    /// @dev Of three lanes of 85 bits: the lowest, all ones; a one in each.
    uint256 private constant LANE = 0x1fffffffffffffffffffff;
    uint256 private constant LANES = 0x4000000000000000000002000000000000000000001;
    /// @dev Of two lanes of 128 bits: the lower, all ones.
    uint256 private constant HALF = 0xffffffffffffffffffffffffffffffff;
    /// @dev 2⁶⁶·p, which makes a sum of upper lanes positive: they are above −2¹²⁷.
    uint256 private constant OFFSET = 0x3fffffffc000000040000000000000000;
    /// @dev 2p, and 8⁻¹¹.
    uint256 private constant P2 = 0x1fffffffe00000002;
    uint256 private constant INVERSE = 0x7fffffff00000001;

    // Tags of the sponge: SPEC section 4.
    uint256 internal constant TAG_DOMAIN = 1;
    uint256 internal constant TAG_ACCOUNT_IDENTITY = 2;
    uint256 internal constant TAG_ACCOUNT_LEAF = 3;
    uint256 internal constant TAG_BATCH_STATEMENT = 7;

    /// @notice A new context.
    function context() internal pure returns (Context ctx) {
        assembly ("memory-safe") {
            ctx := mload(0x40)
            mstore(0x40, add(ctx, CONTEXT_BYTES))
            let table := add(ctx, FIRST_ROUNDS)
            mstore(add(table, 0x00), 0x0000007b198da20e32282000001dba5de594f2932480000013dcf33aba214f46)
            mstore(add(table, 0x20), 0x0000024108d9f60347eeac00001dbd35ffbc1c45ed00000030b3b654a1da6d83)
            mstore(add(table, 0x40), 0x000001000a0d5928f0de64000010a2b73ad7592505a000001fc634ada6159b56)
            mstore(add(table, 0x60), 0x0000012802f8119af29d7800000d6b80f69d3d201b000000937459964dc03466)
            mstore(add(table, 0x80), 0x0000038219b08cae2bc22c00001fc45d0f746f8719a000007913beee58e3817f)
            mstore(add(table, 0xa0), 0x00000002ef1de45a21259000001a41c6590bffc502a00000f545e88532237d90)
            mstore(add(table, 0xc0), 0x000001c0c703ee6435c4580000022e44ece8091fce60000022f8cb8736042005)
            mstore(add(table, 0xe0), 0x000000902a7a1f3cd4423c000009d3f6fd5314d628a000006f04990e247a2623)
            mstore(add(table, 0x100), 0x000001142336a3dad8f3a400001ef3073e93111d486000002e6363a5a12244b3)
            mstore(add(table, 0x120), 0x00000270fbcd6121a1324400001fd0acb1d75fc2872000005e1c3787d1b5011c)
            mstore(add(table, 0x140), 0x000000204af788f21c5e30000016d11304b4284817a000004132660e2a196e8b)
            mstore(add(table, 0x160), 0x000003f9258e3dfdc8b05000000af08a6c0aa827056000003a013b648d3d4327)
            mstore(add(table, 0x180), 0x0000020e418beee75176fc00000c871f2067a7a182a000008e3f688ce885cbf5)
            mstore(add(table, 0x1a0), 0x00000092d5b9f9b0b90fe80000048625ef9e344e33200000b8e110acf746a87d)
            mstore(add(table, 0x1c0), 0x00000385a0f6987258a9c80000047f087768f597ee200000b4b2e8973a6dabef)
            mstore(add(table, 0x1e0), 0x000002a5718e5c6866fe9c000012307e234697d3e02000009e714c5da3d462ec)
            mstore(add(table, 0x200), 0x000001732a11c0feb1ffec0000114447b3208f5e4ce00000c68be7c94882a24d)
            mstore(add(table, 0x220), 0x0000026d571e5177991a7c0000176a25c6b4267753400000af996d5d5cdaedd9)
            mstore(add(table, 0x240), 0x0000023816fc26023a4d3c00001f77e8812ece35406000009717f025e7daf6a5)
            mstore(add(table, 0x260), 0x000000baa4037a1d8c1f5c00001e080b1d7ed023cc2000006436679e6e7216f4)
            mstore(add(table, 0x280), 0x000002b756923ab242d43c000005a666f195f4495c6000007748fff2b38dfb89)
            mstore(add(table, 0x2a0), 0x000002b7531531cdba92c4000003cb6e700ea87f184000006b99a676dd3b5d81)
            mstore(add(table, 0x2c0), 0x0000035636ee1bb605ff6000000124110297fd7621e00000ac4bb7c627cf7c13)
            mstore(add(table, 0x2e0), 0x000001b57b4694cfcd377400000f05cc96d76b727ba00000adb6ebe5e9e2f5ba)
            mstore(add(table, 0x300), 0x000000472be775cdd9008c0000043fa2147f06092b00000028686aa3e36b7cb9)
            mstore(add(table, 0x320), 0x000001eb3ee3dca1e0593800001f3680e228876050000000591abd3476689f36)
            mstore(add(table, 0x340), 0x000001d13b136c8f3bf09800001a4d2fd71657bd11c00000047d766678f13875)
            mstore(add(table, 0x360), 0x0000007803963d08b18d00000006926f216a2e6367e00000a2a11112625f5b49)
            mstore(add(table, 0x380), 0x0000008c0bec9b0c320d2800001d9be9dc9575a91d20000021dd28d906a62dda)
            mstore(add(table, 0x3a0), 0x000002ba8f161c9cefdf4c00001f29d04305a72a03200000f32a46ab5f465b5f)
            mstore(add(table, 0x3c0), 0x000003de6389258608fb1c000009dca5c6e89b10f8a00000bfce13201f3f7e6b)
            mstore(add(table, 0x3e0), 0x00000258b7ae8fa68b365000001426838f95801076400000f30d2e7adb5304e2)
            mstore(add(table, 0x400), 0x4adf842aa75d4316f8fbb871aa4ab4eb68e85b6eb2dd6aeb07a0b06b2d270380)
            mstore(add(table, 0x420), 0xd94e0228bd282de48bdd91d3250c5278209c68b88bba778fb5e18cdab77f3877)
            mstore(add(table, 0x440), 0xb296a3e808da93fa8370ecbda11a327e3f9075283775dad8b78095bb23c6aa84)
            mstore(add(table, 0x460), 0x3f36b9fe72ad4e5f69bc96780b10b5533f1d341f2eb7b8814e939e9815838818)
            mstore(add(table, 0x480), 0xda366b3ae2a31604bc89db1e7287d5096102f411f9ef565958725c5e7ac1f0ab)
            mstore(add(table, 0x4a0), 0x0df5856c798883e7f7bb62a8da4c961b00000000000000000000000000000000)
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
            /// The seventh power of what is below 2⁷⁷, as a word below 2⁷¹ is after one mix: its third power, below 2²³¹,
            /// fits a word.
            function seventh(x) -> z {
                z := mul(x, x)
                z := mulmod(mul(z, x), mulmod(z, z, P), P)
            }
            /// S-boxes of a packed word.
            function sboxes(w) -> z {
                z := seventh(and(w, LANE))
                z := or(z, shl(85, seventh(and(shr(85, w), LANE))))
                z := or(z, shl(170, seventh(shr(170, w))))
            }
            /// The external layer: M4 on every lane, then each lane plus the sum of all. Lanes grow by less than 6 bits.
            function mix(x0, x1, x2, x3) -> y0, y1, y2, y3 {
                let t := add(add(x0, x1), add(x2, x3))
                y0 := add(add(t, x0), shl(1, x1))
                y1 := add(add(t, x1), shl(1, x2))
                y2 := add(add(t, x2), shl(1, x3))
                y3 := add(add(t, x3), shl(1, x0))
                y0 := add(y0, mul(mod(y0, LANE), LANES))
                y1 := add(y1, mul(mod(y1, LANE), LANES))
                y2 := add(y2, mul(mod(y2, LANE), LANES))
                y3 := add(y3, mul(mod(y3, LANE), LANES))
            }
            function external_rounds(x0, x1, x2, x3, rc) -> y0, y1, y2, y3 {
                for { let end := add(rc, 0x200) } lt(rc, end) { rc := add(rc, 0x80) } {
                    x0 := sboxes(add(x0, mload(rc)))
                    x1 := sboxes(add(x1, mload(add(rc, 0x20))))
                    x2 := sboxes(add(x2, mload(add(rc, 0x40))))
                    x3 := sboxes(add(x3, mload(add(rc, 0x60))))
                    x0, x1, x2, x3 := mix(x0, x1, x2, x3)
                }
                y0 := x0
                y1 := x1
                y2 := x2
                y3 := x3
            }
            function pack(s) -> w {
                w := or(mload(s), or(shl(85, mload(add(s, 0x80))), shl(170, mload(add(s, 0x100)))))
            }
            function unpack(s, w) {
                mstore(s, and(w, LANE))
                mstore(add(s, 0x80), and(shr(85, w), LANE))
                mstore(add(s, 0x100), shr(170, w))
            }
            /// The elements of a pair after eleven rounds.
            function reduce(pair) -> z {
                z := mulmod(and(pair, HALF), INVERSE, P)
                z := or(z, shl(128, mulmod(sub(OFFSET, sar(128, pair)), INVERSE, P)))
            }

            let w0, w1, w2, w3 :=
                mix(pack(ctx), pack(add(ctx, 0x20)), pack(add(ctx, 0x40)), pack(add(ctx, 0x60)))
            w0, w1, w2, w3 := external_rounds(w0, w1, w2, w3, add(ctx, FIRST_ROUNDS))

            // 22 internal rounds: xᵢ ← dᵢ·xᵢ + S, S = Σ x, with d = −2, 1, 2, 1/2, 3, 4, −1/2, −3, −4, 1/4, −1/4, 1/8.
            // But for x₀ the words hold 8ʳ·xᵢ after r rounds, so that every factor 8·dᵢ is an integer and nothing need be
            // reduced for eleven rounds. Elements with opposite factors ±k share a word: the lower lane a has k, the
            // upper one is b·(−1)ʳ, so that both are multiplied by k and get S, or S and −S, added.
            let x0 := and(w0, LANE)
            let x1 := mod(and(w1, LANE), P)
            let x2 := mod(and(w2, LANE), P)
            let x11 := mod(shr(170, w3), P)
            // Elements 3 and 6, 4 and 7, 5 and 8, 9 and 10.
            {
                let a := or(mod(and(w3, LANE), P), shl(128, mod(and(shr(85, w2), LANE), P)))
                let b := or(mod(and(shr(85, w0), LANE), P), shl(128, mod(and(shr(85, w3), LANE), P)))
                let c := or(mod(and(shr(85, w1), LANE), P), shl(128, mod(shr(170, w0), P)))
                let d := or(mod(shr(170, w1), P), shl(128, mod(shr(170, w2), P)))
                w0 := a
                w1 := b
                w2 := c
                w3 := d
            }
            // Twice eleven rounds, written out: the words fill the stack.
            for { let rc := add(ctx, INTERNAL_ROUNDS) } lt(rc, add(ctx, INTERNAL_ROUNDS_END)) { rc := add(
                rc,
                0x58
            ) } {
                let s
                x0 := seventh(add(x0, shr(192, mload(rc))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(add(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, x0)))
                s := mod(add(s, OFFSET), P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(3, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := sub(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x8)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(sub(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(3, x0))))
                s := mulmod(add(s, OFFSET), 0xdfffffff20000001, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(6, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := or(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x10)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(add(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(6, x0))))
                s := mulmod(add(s, OFFSET), 0xfbffffff04000001, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(9, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := sub(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x18)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(sub(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(9, x0))))
                s := mulmod(add(s, OFFSET), 0xff7fffff00800001, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(12, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := or(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x20)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(add(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(12, x0))))
                s := mulmod(add(s, OFFSET), 0xffefffff00100001, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(15, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := sub(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x28)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(sub(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(15, x0))))
                s := mulmod(add(s, OFFSET), 0xfffdffff00020001, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(18, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := or(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x30)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(add(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(18, x0))))
                s := mulmod(add(s, OFFSET), 0xffffbfff00004001, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(21, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := sub(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x38)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(sub(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(21, x0))))
                s := mulmod(add(s, OFFSET), 0xfffff7ff00000801, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(24, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := or(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x40)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(add(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(24, x0))))
                s := mulmod(add(s, OFFSET), 0xfffffeff00000101, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(27, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := sub(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x48)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(sub(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(27, x0))))
                s := mulmod(add(s, OFFSET), 0xffffffdf00000021, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(30, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := or(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x0 := seventh(add(x0, shr(192, mload(add(rc, 0x50)))))
                s := add(add(w0, w1), add(w2, w3))
                s := add(add(and(s, HALF), sar(128, s)), add(add(x1, x2), add(x11, shl(30, x0))))
                s := mulmod(add(s, OFFSET), 0xfffffffb00000005, P)
                x0 := sub(add(s, P2), shl(1, x0))
                s := shl(33, s)
                x1 := add(shl(3, x1), s)
                x2 := add(shl(4, x2), s)
                x11 := add(x11, s)
                s := sub(s, shl(128, s))
                w0 := add(shl(2, w0), s)
                w1 := add(mul(24, w1), s)
                w2 := add(shl(5, w2), s)
                w3 := add(shl(1, w3), s)

                x1 := mulmod(x1, INVERSE, P)
                x2 := mulmod(x2, INVERSE, P)
                x11 := mulmod(x11, INVERSE, P)
                w0 := reduce(w0)
                w1 := reduce(w1)
                w2 := reduce(w2)
                w3 := reduce(w3)
            }
            {
                let a := or(x0, or(shl(85, and(w1, HALF)), shl(170, shr(128, w2))))
                let b := or(x1, or(shl(85, and(w2, HALF)), shl(170, and(w3, HALF))))
                let c := or(x2, or(shl(85, shr(128, w0)), shl(170, shr(128, w3))))
                let d := or(and(w0, HALF), or(shl(85, shr(128, w1)), shl(170, x11)))
                w0, w1, w2, w3 := external_rounds(a, b, c, d, add(ctx, LAST_ROUNDS))
            }
            unpack(ctx, w0)
            unpack(add(ctx, 0x20), w1)
            unpack(add(ctx, 0x40), w2)
            unpack(add(ctx, 0x60), w3)
        }
    }
}
