// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {DevToken} from "../../src/dev/DevToken.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Takes one part in a hundred of every transfer
contract FeeToken is DevToken {
    function _update(address from, address to, uint256 units) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : units / 100;
        super._update(from, to, units - fee);
        if (fee != 0) super._update(from, address(0xfee), fee);
    }
}

/// @title Calls somebody in the middle of every transfer
contract ReentrantToken is DevToken {
    address public target;
    bytes public data;
    bool public reentered;
    bytes public answer;

    function attack(address target_, bytes calldata data_) external {
        (target, data, reentered) = (target_, data_, false);
    }

    function _update(address from, address to, uint256 units) internal override {
        super._update(from, to, units);
        if (target != address(0)) {
            address once = target;
            target = address(0);
            (reentered, answer) = once.call(data);
        }
    }
}

/// @title Has another number of decimals
contract WideToken is ERC20("Wide", "W") {}

/// @title A token of 5 decimals
contract NarrowToken is ERC20("Narrow", "N") {
    function decimals() public pure override returns (uint8) {
        return 5;
    }
}

/// @title Has neither permits nor authorizations, and takes every call that it does not know
contract PlainToken is ERC20("Plain", "P") {
    fallback() external {}

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 units) external {
        _mint(to, units);
    }
}
