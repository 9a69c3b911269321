// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";

/// @title A token for development
/// @notice Anybody makes as much of it as he likes. For tests and demos on a local chain; worth nothing anywhere. It
/// takes permits (EIP-2612) and authorizations (EIP-3009), as USDC does.
contract DevToken is ERC20("Farthing development token", "DEV"), ERC20Permit("Farthing development token"), ERC3009 {
    /// @notice As many decimals as the settlement token has.
    /// @return Six.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @notice Makes tokens.
    /// @param to Who gets them.
    /// @param units How many base units.
    function mint(address to, uint256 units) external {
        _mint(to, units);
    }
}
