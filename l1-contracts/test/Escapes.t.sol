// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {FeeToken, ReentrantToken} from "./mocks/Tokens.sol";
import {Fixture} from "./support/Fixture.sol";

/// @title Escapes of several accounts under one multiproof
/// @dev The tree is built node by node here, and the siblings are looked up in it.
contract EscapesTest is Fixture {
    using Poseidon2 for Poseidon2.Context;

    uint256 private constant DEPTH = 32;

    /// @dev Nodes that are not those of an empty subtree, by level and number on it.
    mapping(uint256 level => mapping(uint256 index => bytes32)) private nodes;
    bytes32[DEPTH + 1] private empty;
    bytes32 private licensesRoot;

    function setUp() public override {
        super.setUp();
        licensesRoot = root(77);
        Poseidon2.Context ctx = Poseidon2.context();
        for (uint256 level = 0; level < DEPTH; ++level) {
            empty[level + 1] = ctx.compress(empty[level], empty[level]);
        }
    }

    // ------------------------------------------------------------------------------------------------- the tree

    function account(uint32 id) private pure returns (IRollup.AccountLeaf memory made) {
        (made.id, made.key, made.owner) = (id, someKey(), ownerOf(id));
        (made.balance, made.nonce) = (1_000 * (uint64(id % 97) + 1) + 7, id);
    }

    function ownerOf(uint32 id) private pure returns (address) {
        return address(uint160(0xacc0000000000) + id);
    }

    function unitsOf(uint32 id) private pure returns (uint256) {
        return id % 97 + 1;
    }

    function list(uint32[4] memory ids) private pure returns (IRollup.AccountLeaf[] memory accounts) {
        accounts = new IRollup.AccountLeaf[](4);
        for (uint256 i = 0; i < 4; ++i) {
            accounts[i] = account(ids[i]);
        }
    }

    function node(uint256 level, uint256 index) private view returns (bytes32) {
        bytes32 made = nodes[level][index];
        return made == 0 ? empty[level] : made;
    }

    /// @dev The accounts tree with these leaves, written one after the other.
    function plant(IRollup.AccountLeaf[] memory accounts) private returns (bytes32) {
        Poseidon2.Context ctx = Poseidon2.context();
        for (uint256 i = 0; i < accounts.length; ++i) {
            IRollup.AccountLeaf memory a = accounts[i];
            uint256 index = a.id;
            nodes[0][index] = StateTree.accountLeaf(ctx, a.key, a.owner, a.balance, a.nonce);
            for (uint256 level = 0; level < DEPTH; ++level) {
                index >>= 1;
                nodes[level + 1][index] = ctx.compress(node(level, 2 * index), node(level, 2 * index + 1));
            }
        }
        return nodes[DEPTH][0];
    }

    /// @dev By the definition: on each level the siblings of known nodes that are not known, from left to right.
    function siblingsOf(IRollup.AccountLeaf[] memory accounts) private view returns (bytes32[] memory siblings) {
        bytes32[] memory found = new bytes32[](accounts.length * DEPTH);
        uint256 length = 0;
        for (uint256 level = 0; level < DEPTH; ++level) {
            uint256 last = type(uint256).max;
            for (uint256 i = 0; i < accounts.length; ++i) {
                uint256 index = accounts[i].id >> level;
                if (index == last) continue;
                last = index;
                bool known = false;
                for (uint256 j = 0; j < accounts.length; ++j) {
                    known = known || accounts[j].id >> level == index ^ 1;
                }
                if (!known) found[length++] = node(level, index ^ 1);
            }
        }
        siblings = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) {
            siblings[i] = found[i];
        }
    }

    /// @dev A frozen rollup whose final state has these accounts, and the money for all.
    function freezeWith(IRollup.AccountLeaf[] memory accounts) private {
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        batch.newRoot = Poseidon2.context().compress(plant(accounts), licensesRoot);
        commit(batch, operatorRecord());
        prove(batch);
        freezeRollup();
        for (uint256 i = 0; i < accounts.length; ++i) {
            token.mint(address(rollup), accounts[i].balance / 1_000);
        }
    }

    // --------------------------------------------------------------------------------------------------- escapes

    /// @dev Up to eight accounts, in one corner of the tree or all over it; some of them leave together.
    function test_accountsLeaveTogether(uint256 seed, uint8 spread) public {
        uint256 count = bound(seed, 1, 8);
        uint256 width = 3 + uint256(spread) % 30;
        IRollup.AccountLeaf[] memory all = new IRollup.AccountLeaf[](count);
        IRollup.AccountLeaf[] memory leaving = new IRollup.AccountLeaf[](count);
        uint256 next = 0;
        uint256 chosen = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 step = (1 << width) / count;
            uint256 id = next + uint256(keccak256(abi.encode(seed, i))) % step;
            next += step;
            all[i] = account(uint32(id));
            if (i == 0 || uint256(keccak256(abi.encode(seed, i, "leaves"))) % 3 != 0) leaving[chosen++] = all[i];
        }
        assembly ("memory-safe") {
            mstore(leaving, chosen)
        }
        freezeWith(all);
        for (uint256 i = 0; i < chosen; ++i) {
            uint32 id = leaving[i].id;
            vm.expectEmit(true, true, true, true);
            emit IRollup.Escaped(id, ownerOf(id), leaving[i].balance, unitsOf(id));
        }
        vm.prank(BOB);
        rollup.escapeMany(leaving, siblingsOf(leaving), licensesRoot);
        uint256 left = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint32 id = all[i].id;
            uint256 paid = token.balanceOf(ownerOf(id));
            assertEq(paid, rollup.hasEscaped(id) ? unitsOf(id) : 0);
            left += rollup.hasEscaped(id) ? 0 : unitsOf(id);
        }
        assertEq(token.balanceOf(address(rollup)), left);
    }

    function test_manyEscapesNeedFrost() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        vm.expectPartialRevert(IRollup.NotFrozen.selector);
        rollup.escapeMany(accounts, new bytes32[](0), licensesRoot);
        freezeWith(accounts);
        vm.prank(GUARDIAN);
        rollup.pause();
        rollup.escapeMany(accounts, siblingsOf(accounts), licensesRoot);
    }

    /// @dev Each is paid once, also if somebody was first with one of them.
    function test_accountsThatHaveLeftArePassedOver() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        freezeWith(accounts);
        IRollup.AccountLeaf[] memory first = new IRollup.AccountLeaf[](1);
        first[0] = accounts[1];
        bytes32[] memory path = siblingsOf(first);
        bytes32[] memory siblings = siblingsOf(accounts);
        IRollup.AccountProof memory alone;
        (alone.id, alone.key, alone.owner) = (first[0].id, first[0].key, first[0].owner);
        (alone.balance, alone.nonce) = (first[0].balance, first[0].nonce);
        for (uint256 i = 0; i < DEPTH; ++i) {
            alone.siblings[i] = path[i];
        }
        rollup.escape(alone, licensesRoot);
        rollup.escapeMany(accounts, siblings, licensesRoot);
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(token.balanceOf(accounts[i].owner), unitsOf(accounts[i].id));
        }
        assertEq(token.balanceOf(address(rollup)), 0);
        token.mint(address(rollup), 1_000);
        rollup.escapeMany(accounts, siblings, licensesRoot);
        rollup.escapeMany(first, path, licensesRoot);
        assertEq(token.balanceOf(address(rollup)), 1_000);
        vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        rollup.escape(alone, licensesRoot);
    }

    function test_accountsAscend() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        freezeWith(accounts);
        bytes32[] memory siblings = siblingsOf(accounts);
        (accounts[1], accounts[2]) = (accounts[2], accounts[1]);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongOrder.selector, 2));
        rollup.escapeMany(accounts, siblings, licensesRoot);
        // The same one twice.
        accounts = list([uint32(1), 2, 2, 9]);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongOrder.selector, 2));
        rollup.escapeMany(accounts, siblings, licensesRoot);
    }

    function test_aMultiproofHasItsSiblingsAndNoMore() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        freezeWith(accounts);
        bytes32[] memory siblings = siblingsOf(accounts);
        bytes32[] memory more = new bytes32[](siblings.length + 1);
        bytes32[] memory fewer = new bytes32[](siblings.length - 1);
        for (uint256 i = 0; i < siblings.length; ++i) {
            more[i] = siblings[i];
            if (i < fewer.length) fewer[i] = siblings[i];
        }
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escapeMany(accounts, more, licensesRoot);
        vm.expectRevert();
        rollup.escapeMany(accounts, fewer, licensesRoot);
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escapeMany(new IRollup.AccountLeaf[](0), new bytes32[](0), licensesRoot);
        rollup.escapeMany(accounts, siblings, licensesRoot);
    }

    /// @dev One wrong word of one leaf, one wrong sibling, another root of licenses: no account is paid.
    function test_aMultiproofIsFromTheFinalState() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        freezeWith(accounts);
        token.mint(address(rollup), 1_000);
        bytes32[] memory siblings = siblingsOf(accounts);
        for (uint256 i = 0; i < 4; ++i) {
            for (uint256 word = 0; word < 5; ++word) {
                IRollup.AccountLeaf[] memory wrong = list([uint32(1), 2, 3, 9]);
                if (word == 0) wrong[i].balance += 1_000;
                if (word == 1) wrong[i].nonce += 1;
                if (word == 2) wrong[i].owner = BOB;
                if (word == 3) wrong[i].key[i] += 1;
                // Still in order.
                if (word == 4) wrong[3].id += 1;
                vm.expectPartialRevert(IRollup.WrongPath.selector);
                rollup.escapeMany(wrong, siblings, licensesRoot);
            }
        }
        for (uint256 i = 0; i < siblings.length; ++i) {
            siblings[i] ^= bytes32(uint256(1));
            vm.expectPartialRevert(IRollup.WrongPath.selector);
            rollup.escapeMany(accounts, siblings, licensesRoot);
            siblings[i] ^= bytes32(uint256(1));
        }
        vm.expectPartialRevert(IRollup.WrongPath.selector);
        rollup.escapeMany(accounts, siblings, root(3));
        rollup.escapeMany(accounts, siblings, licensesRoot);
        assertEq(token.balanceOf(BOB), 0);
    }

    function test_aMultiproofIsCanonical() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        freezeWith(accounts);
        bytes32[] memory siblings = siblingsOf(accounts);
        uint64 p = 0xffffffff00000001;
        for (uint256 word = 0; word < 3; ++word) {
            IRollup.AccountLeaf[] memory wrong = list([uint32(1), 2, 3, 9]);
            if (word == 0) wrong[2].balance += p;
            if (word == 1) wrong[2].nonce += p;
            if (word == 2) wrong[2].key[0] += p;
            vm.expectPartialRevert(IRollup.NotCanonical.selector);
            rollup.escapeMany(wrong, siblings, licensesRoot);
        }
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        rollup.escapeMany(accounts, siblings, bytes32(uint256(licensesRoot) + p));
        siblings[0] = bytes32(type(uint256).max);
        vm.expectPartialRevert(IRollup.NotCanonical.selector);
        rollup.escapeMany(accounts, siblings, licensesRoot);
    }

    /// @dev All accounts are paid, or none: the deposits of others are not reached by the last one.
    function test_manyEscapesReachNoDeposit() public {
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        bytes32[] memory siblings = new bytes32[](0);
        rollup.deposit(BOB, someKey(), 5);
        IRollup.Batch memory batch = nextBatch(operatorRecord(), 0);
        batch.newRoot = Poseidon2.context().compress(plant(accounts), licensesRoot);
        commit(batch, operatorRecord());
        prove(batch);
        freezeRollup();
        siblings = siblingsOf(accounts);
        // The accounts hold 19 units.
        token.mint(address(rollup), 18);
        vm.expectRevert(abi.encodeWithSelector(IRollup.ReserveTooSmall.selector, 15, 14));
        rollup.escapeMany(accounts, siblings, licensesRoot);
        assertTrue(!rollup.hasEscaped(1), "nothing happened");
        token.mint(address(rollup), 1);
        rollup.escapeMany(accounts, siblings, licensesRoot);
        rollup.refund(0, BOB, someKey(), 5_000);
    }

    function test_feesOfATokenAreTheirs() public {
        deployRollup(new FeeToken());
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        accounts[0].balance = 1_000_000;
        freezeWith(accounts);
        rollup.escapeMany(accounts, siblingsOf(accounts), licensesRoot);
        assertEq(token.balanceOf(accounts[0].owner), 990);
        assertEq(token.balanceOf(address(rollup)), 0);
    }

    function test_aTokenCannotEscapeWithinAnEscape() public {
        ReentrantToken reentrant = new ReentrantToken();
        deployRollup(reentrant);
        IRollup.AccountLeaf[] memory accounts = list([uint32(1), 2, 3, 9]);
        freezeWith(accounts);
        bytes32[] memory siblings = siblingsOf(accounts);
        reentrant.attack(
            address(rollup), abi.encodeCall(IRollup.escapeMany, (accounts, siblings, licensesRoot))
        );
        rollup.escapeMany(accounts, siblings, licensesRoot);
        assertTrue(!reentrant.reentered(), "escapes within escapes");
        assertEq(token.balanceOf(address(rollup)), 0);
    }
}
