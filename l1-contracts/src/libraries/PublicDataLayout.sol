// SPDX-License-Identifier: MIT OR Apache-2.0
// Written from the record layouts of state/protocol by
// `FARTHING_REGENERATE=1 cargo test --workspace --release --test public_data_layout`.
pragma solidity ^0.8.30;

// Bytes of a limb; limbs of a chunk, the unit of hashing, of transactions and of payout trees.
uint256 constant LIMB_BYTES = 7;
uint256 constant CHUNK_LIMBS = 4096;

// Kinds of records and their limbs.
uint256 constant DEPOSIT = 1;
uint256 constant DEPOSIT_LIMBS = 11;
uint256 constant FORCED_EXIT = 2;
uint256 constant FORCED_EXIT_LIMBS = 4;
uint256 constant OPENED_ACCOUNT = 3;
uint256 constant OPENED_ACCOUNT_LIMBS = 10;
uint256 constant WITHDRAWAL = 4;
uint256 constant WITHDRAWAL_LIMBS = 4;
uint256 constant ACCOUNT = 5;
uint256 constant ACCOUNT_LIMBS = 2;
uint256 constant ACCOUNT_THAT_SIGNED = 6;
uint256 constant ACCOUNT_THAT_SIGNED_LIMBS = 3;
uint256 constant NEW_LICENSE = 7;
uint256 constant NEW_LICENSE_LIMBS = 8;
uint256 constant LICENSE = 8;
uint256 constant LICENSE_LIMBS = 2;
uint256 constant UPDATED_LICENSE = 9;
uint256 constant UPDATED_LICENSE_LIMBS = 8;

// Outcomes of a deposit.
uint256 constant NO_EFFECT = 0;
uint256 constant CREDITED = 1;
uint256 constant REFUSED_BY_BALANCE = 2;

// Shifts of bytes in a record's first word.
uint256 constant KIND_SHIFT = 248;
uint256 constant OUTCOME_SHIFT = 240;

// First bytes of fields; the low bytes of a key's words follow on their top bytes.
uint256 constant DEPOSIT_OWNER = 8;
uint256 constant DEPOSIT_AMOUNT = 28;
uint256 constant DEPOSIT_KEY = 37;
uint256 constant FORCED_EXIT_ACCOUNT = 2;
uint256 constant FORCED_EXIT_REQUESTER = 8;
uint256 constant WITHDRAWAL_OWNER = 1;
uint256 constant WITHDRAWAL_BASE_UNITS = 21;
uint256 constant DEPOSIT_KEY_WORDS = 42;
