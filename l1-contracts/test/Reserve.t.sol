// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {DevToken} from "../src/dev/DevToken.sol";
import {IRollup} from "../src/interfaces/IRollup.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {FeeToken} from "./mocks/Tokens.sol";
import {Payers} from "./support/Payers.sol";
import {Test} from "./support/Test.sol";

/// @title Does everything that can be done, in any order, and keeps the books
/// @dev L2 is one account, number 5, that gets every deposit and makes every withdrawal: an honest prover's.
contract Everybody is Payers {
    using Poseidon2 for Poseidon2.Context;

    struct Deposit {
        uint256 nano;
        bool refunded;
    }

    struct Payout {
        uint64 batch;
        uint32 index;
        uint256 units;
        bool claimed;
        bytes32[] path;
    }

    /// @dev What account 5 holds in the final state, in nano.
    uint256 public balance;
    bool public escaped;
    Deposit[] public deposits;
    /// @dev Whether an entry is a deposit: its place among them, counted from 1.
    uint256[] private entries;
    Payout[] private payouts;
    mapping(uint64 index => uint32) private exitAccounts;
    bytes32 private licensesRoot;
    bytes32[32] private siblings;
    /// @dev How often each thing was done: a campaign that does nothing shows nothing.
    mapping(string what => uint256) public done;

    constructor(DevToken token_) {
        vm.warp(NOW);
        deployRollup(token_);
        bytes32 empty = 0;
        for (uint256 level = 0; level < 32; ++level) {
            siblings[level] = empty;
            empty = Poseidon2.context().compress(empty, empty);
        }
        licensesRoot = empty;
    }

    /// @dev The operator's account is not account 5: begin with a state that has that one alone.
    function begin() external {
        settleState(operatorRecord(), 0, 0);
    }

    function reserve() external view returns (uint256 held, uint256 owed) {
        held = token.balanceOf(address(rollup)) * 1_000;
        if (!escaped) owed = balance;
        for (uint256 i = 0; i < payouts.length; ++i) {
            if (!payouts[i].claimed) owed += payouts[i].units * 1_000;
        }
        uint256 consumed = rollup.queueNext();
        for (uint256 i = consumed; i < entries.length; ++i) {
            if (entries[i] == 0) continue;
            Deposit memory made = deposits[entries[i] - 1];
            if (!made.refunded) owed += made.nano;
        }
    }

    function unconsumed() external view returns (uint256 counted, uint256 owed) {
        counted = rollup.unconsumedDeposits() * 1_000;
        for (uint256 i = rollup.queueNext(); i < entries.length; ++i) {
            if (entries[i] == 0) continue;
            Deposit memory made = deposits[entries[i] - 1];
            if (!made.refunded) owed += made.nano;
        }
    }

    function unclaimed() external view returns (uint256 counted, uint256 owed, uint256 held) {
        (counted, held) = (rollup.outstanding(), token.balanceOf(address(rollup)));
        for (uint256 i = 0; i < payouts.length; ++i) {
            if (!payouts[i].claimed) owed += payouts[i].units;
        }
    }

    // -------------------------------------------------------------------------------------------------- what is done

    function deposit(uint256 units) external {
        if (rollup.frozen() || block.timestamp < rollup.pausedUntil()) return;
        units = bound(units, 200, 1e9);
        uint256 before = token.balanceOf(address(rollup));
        rollup.deposit(ALICE, someKey(), units);
        deposits.push(Deposit({nano: (token.balanceOf(address(rollup)) - before) * 1_000, refunded: false}));
        entries.push(deposits.length);
        ++done["deposit"];
    }

    /// @dev A payer's deposit, by permit or by authorization.
    function signedDeposit(uint256 units, bool authorized) external {
        if (rollup.frozen() || block.timestamp < rollup.pausedUntil()) return;
        units = bound(units, 200, 1e9);
        token.mint(PAYER, units);
        uint256 before = token.balanceOf(address(rollup));
        if (authorized) {
            bytes32 salt = bytes32(entries.length);
            IRollup.Authorization memory signed = authorizationFor(ALICE, someKey(), units, salt);
            rollup.depositWithAuthorization(ALICE, someKey(), units, signed);
        } else {
            IRollup.Permit memory permit = permitFor(units, block.timestamp);
            vm.prank(PAYER);
            rollup.depositWithPermit(ALICE, someKey(), units, permit);
        }
        deposits.push(Deposit({nano: (token.balanceOf(address(rollup)) - before) * 1_000, refunded: false}));
        entries.push(deposits.length);
        ++done[authorized ? "authorization" : "permit"];
    }

    function forcedExit(uint32 whose) external {
        if (rollup.frozen()) return;
        exitAccounts[rollup.requestForcedExit(whose)] = whose;
        entries.push(0);
        ++done["forcedExit"];
    }

    /// @dev A batch that consumes some entries, refuses some deposits and withdraws something.
    function settle(uint256 seed) external {
        if (rollup.frozen() || block.timestamp < rollup.pausedUntil()) return;
        uint64 from = rollup.queueNext();
        uint64 to = from + uint64(bound(seed, 0, entries.length - from));
        bytes memory data;
        uint256 held = balance;
        uint32 count = 0;
        bytes32[] memory leaves = new bytes32[](to - from + 2);
        for (uint64 i = from; i < to; ++i) {
            if (entries[i] == 0) {
                data = bytes.concat(data, exitRecord(0, exitAccounts[i], address(this)));
                continue;
            }
            uint256 nano = deposits[entries[i] - 1].nano;
            bool refused = (seed >> 8 >> (i - from) % 64) & 3 == 0;
            data = bytes.concat(data, depositRecord(refused ? 2 : 1, 5, ALICE, uint56(nano), someKey()));
            if (refused) {
                leaves[count] = pay(count, nano / 1_000);
                ++count;
            } else {
                held += nano;
            }
        }
        for (uint256 i = 0; i < 2; ++i) {
            uint256 units = bound(uint256(keccak256(abi.encode(seed, i))), 0, held / 1_000);
            held -= units * 1_000;
            data = bytes.concat(data, withdrawal(ALICE, uint56(units)));
            leaves[count] = pay(count, units);
            ++count;
        }
        assembly ("memory-safe") {
            mstore(leaves, count)
        }
        for (uint256 i = 0; i < count; ++i) {
            bytes32[] memory copied = abi.decode(abi.encode(leaves), (bytes32[]));
            payouts[payouts.length - count + i].path = pathOf(copied, i);
        }
        settleState(bytes.concat(data, operatorRecord()), to, held);
        ++done["settle"];
    }

    function claim(uint256 seed) external {
        if (payouts.length == 0) return;
        Payout storage payout = payouts[seed % payouts.length];
        if (payout.claimed) {
            vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        } else {
            ++done["claim"];
        }
        rollup.claim(payout.batch, 0, payout.index, ALICE, payout.units, payout.path);
        payout.claimed = true;
    }

    /// @dev All that may be claimed, and what was claimed before.
    function claimMany() external {
        IRollup.Claim[] memory claims = new IRollup.Claim[](payouts.length);
        for (uint256 i = 0; i < payouts.length; ++i) {
            Payout storage payout = payouts[i];
            claims[i] = IRollup.Claim(payout.batch, 0, payout.index, ALICE, payout.units, payout.path);
            payout.claimed = true;
        }
        rollup.claimMany(claims);
        ++done["claimMany"];
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
    }

    function pause() external {
        vm.prank(GUARDIAN);
        try rollup.pause() {
            ++done["pause"];
        } catch {}
    }

    function freeze() external {
        try rollup.freeze() {
            ++done["freeze"];
        } catch {}
    }

    function escape() external {
        if (!rollup.frozen()) return;
        if (escaped) {
            vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        } else {
            ++done["escape"];
        }
        rollup.escape(account(balance), licensesRoot);
        escaped = true;
    }

    /// @dev The account alone, under the proof of several: it is paid once, and passed over after that.
    function escapeMany() external {
        if (!rollup.frozen()) return;
        IRollup.AccountProof memory proof = account(balance);
        IRollup.AccountLeaf[] memory accounts = new IRollup.AccountLeaf[](1);
        accounts[0] = IRollup.AccountLeaf(proof.id, proof.key, proof.owner, proof.balance, proof.nonce);
        bytes32[] memory path = new bytes32[](32);
        for (uint256 level = 0; level < 32; ++level) {
            path[level] = siblings[level];
        }
        rollup.escapeMany(accounts, path, licensesRoot);
        escaped = true;
        ++done["escapeMany"];
    }

    function refund(uint256 seed) external {
        if (!rollup.frozen() || entries.length == 0) return;
        uint64 index = uint64(seed % entries.length);
        if (entries[index] == 0) return;
        Deposit storage made = deposits[entries[index] - 1];
        if (index < rollup.queueNext()) {
            vm.expectRevert(abi.encodeWithSelector(IRollup.NoSuchEntry.selector, index));
        } else if (made.refunded) {
            vm.expectPartialRevert(IRollup.AlreadyPaid.selector);
        } else {
            made.refunded = true;
            ++done["refund"];
        }
        rollup.refund(index, ALICE, someKey(), uint64(made.nano));
    }

    // --------------------------------------------------------------------------------------------------------- how

    function pay(uint32 index, uint256 units) private returns (bytes32) {
        bytes32[] memory none;
        payouts.push(
            Payout({batch: rollup.nextBatch(), index: index, units: units, claimed: false, path: none})
        );
        return leaf(index, ALICE, units);
    }

    function account(uint256 nano) private view returns (IRollup.AccountProof memory) {
        return IRollup.AccountProof({
            id: 5, key: someKey(), owner: ALICE, balance: uint64(nano), nonce: 1, siblings: siblings
        });
    }

    function settleState(bytes memory data, uint64 to, uint256 held) private {
        bytes32 accountsRoot = this.accountsRootOf(account(held));
        IRollup.Batch memory batch = nextBatch(data, to);
        batch.newRoot = Poseidon2.context().compress(accountsRoot, licensesRoot);
        commit(batch, data);
        prove(batch);
        balance = held;
    }

    function accountsRootOf(IRollup.AccountProof calldata proof) external pure returns (bytes32) {
        return StateTree.accountsRoot(Poseidon2.context(), proof);
    }
}

/// @title The contract holds what it owes, whatever is done in whatever order
abstract contract ReserveInvariant is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Everybody internal everybody;

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(everybody);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = Everybody.deposit.selector;
        selectors[1] = Everybody.forcedExit.selector;
        selectors[2] = Everybody.settle.selector;
        selectors[3] = Everybody.claim.selector;
        selectors[4] = Everybody.pass.selector;
        selectors[5] = Everybody.pause.selector;
        selectors[6] = Everybody.freeze.selector;
        selectors[7] = Everybody.escape.selector;
        selectors[8] = Everybody.refund.selector;
        selectors[9] = Everybody.claimMany.selector;
        selectors[10] = Everybody.signedDeposit.selector;
        selectors[11] = Everybody.escapeMany.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(everybody), selectors);
    }

    function invariant_theReserveIsFull() public view {
        (uint256 held, uint256 owed) = everybody.reserve();
        assertTrue(held >= owed, "reserve");
    }

    /// @dev The contract's own sum of what is not claimed is that of the books, and covered.
    function invariant_outstandingIsCounted() public view {
        (uint256 counted, uint256 unclaimed, uint256 held) = everybody.unclaimed();
        assertEq(counted, unclaimed);
        assertTrue(counted <= held, "covered");
    }

    /// @dev So is its sum of the deposits that no batch consumed.
    function invariant_unconsumedDepositsAreCounted() public view {
        (uint256 counted, uint256 owed) = everybody.unconsumed();
        assertEq(counted, owed);
    }

    /// @dev Money neither appears: what the contract holds and does not owe is the dust of an escape, below one unit.
    function invariant_nothingIsLost() public view {
        (uint256 held, uint256 owed) = everybody.reserve();
        assertTrue(held < owed + 1_000, "surplus");
    }
}

/// @title With an honest token
contract ReserveTest is ReserveInvariant {
    function setUp() public {
        everybody = new Everybody(new DevToken());
        everybody.begin();
    }

    /// @dev A sequence that does everything, so that the campaign's calls are known to work.
    function test_everyCallIsReached() public {
        everybody.deposit(5_000);
        everybody.signedDeposit(7_777, true);
        everybody.settle(2 | 3 << 8 | 0 << 10);
        everybody.settle(uint256(keccak256("more")));
        for (uint256 i = 0; i < 6; ++i) {
            everybody.claim(i);
        }
        everybody.settle(uint256(keccak256("still more")));
        everybody.claimMany();
        everybody.pause();
        everybody.pass(2 days - 1);
        everybody.pass(2 days - 1);
        everybody.deposit(1_000);
        everybody.signedDeposit(1_000, false);
        for (uint256 i = 0; i < 4; ++i) {
            everybody.pass(2 days - 1);
        }
        everybody.freeze();
        everybody.refund(2);
        everybody.refund(2);
        everybody.escape();
        everybody.escape();
        everybody.escapeMany();
        string[11] memory all = [
            "deposit",
            "authorization",
            "permit",
            "settle",
            "claim",
            "claimMany",
            "pause",
            "freeze",
            "escape",
            "escapeMany",
            "refund"
        ];
        for (uint256 i = 0; i < all.length; ++i) {
            assertTrue(everybody.done(all[i]) > 0, all[i]);
        }
        invariant_theReserveIsFull();
        invariant_outstandingIsCounted();
        invariant_unconsumedDepositsAreCounted();
        invariant_nothingIsLost();
    }
}

/// @title With a token that takes a fee
contract FeeReserveTest is ReserveInvariant {
    function setUp() public {
        everybody = new Everybody(new FeeToken());
        everybody.begin();
    }
}
