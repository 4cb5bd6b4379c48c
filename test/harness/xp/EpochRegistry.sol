// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice A registry that knows whose an agent is, and nothing else.
contract EpochRegistry is ERC721("Agents", "AGENT") {
    uint256 private _count;

    /// @notice Registers `count` agents more, all of `owner`.
    function registerMany(address owner, uint256 count) external {
        for (uint256 i = 0; i < count; i++) _mint(owner, ++_count);
    }

    /// @notice Whether `spender` owns `agentId` or is approved for it.
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return _isAuthorized(_requireOwned(agentId), spender, agentId);
    }
}
