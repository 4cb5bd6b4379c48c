// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title GovernorTestVotes, votes out of nothing
/// @notice Counts votes as vXME does, by the second and self-delegated at first. Unlike vXME it also moves, so that votes can be lent.
contract GovernorTestVotes is ERC20Permit, ERC20Votes {
    bool private immutable _countsBlocks;

    constructor(bool countsBlocks) ERC20("Test votes", "TEST") ERC20Permit("Test votes") {
        _countsBlocks = countsBlocks;
    }

    function mint(address account, uint256 amount) external {
        _mint(account, amount);
        if (delegates(account) == address(0)) _delegate(account, account);
    }

    function burn(address account, uint256 amount) external {
        _burn(account, amount);
    }

    function clock() public view override returns (uint48) {
        return _countsBlocks ? uint48(block.number) : uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
