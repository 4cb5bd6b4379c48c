// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IAgentRegistry} from "../../../contracts/xp/interfaces/IAgentRegistry.sol";

/// @notice As much of a registry as the fee tiers need: agents that somebody owns.
contract TiersAgents is IAgentRegistry, ERC721 {
    uint256 public agents;
    mapping(uint256 agentId => uint256 time) public registeredAt;

    constructor() ERC721("Agents", "AGENT") {}

    function register(address owner) external returns (uint256 agentId) {
        agentId = ++agents;
        registeredAt[agentId] = block.timestamp;
        _mint(owner, agentId);
    }

    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return _isAuthorized(_requireOwned(agentId), spender, agentId);
    }

    function getAgentWallet(uint256) external pure returns (address) {
        return address(0);
    }

    function ownerOf(uint256 agentId) public view override(IAgentRegistry, ERC721) returns (address) {
        return super.ownerOf(agentId);
    }

    function balanceOf(address owner) public view override(IAgentRegistry, ERC721) returns (uint256) {
        return super.balanceOf(owner);
    }
}
