// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IAgentRegistry} from "../../../contracts/xp/interfaces/IAgentRegistry.sol";

/// @notice A registry in which anybody may say whose an agent is.
contract MarketRegistry is IAgentRegistry {
    struct Agent {
        address owner;
        address wallet;
        address operator;
        uint256 registeredAt;
    }

    mapping(uint256 agentId => Agent agent) private _agents;
    mapping(address owner => uint256 agents) public balanceOf;

    /// @notice Makes `agentId` an agent of `owner` with `wallet` and `operator`, each zero for none, whatever it was before.
    function set(uint256 agentId, address owner, address wallet, address operator) external {
        Agent storage agent = _agents[agentId];
        if (agent.owner != address(0)) balanceOf[agent.owner]--;
        balanceOf[owner]++;
        _agents[agentId] = Agent(owner, wallet, operator, block.timestamp);
    }

    function ownerOf(uint256 agentId) public view returns (address) {
        address owner = _agents[agentId].owner;
        if (owner == address(0)) revert IERC721Errors.ERC721NonexistentToken(agentId);
        return owner;
    }

    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return spender == ownerOf(agentId) || spender == _agents[agentId].operator;
    }

    function getAgentWallet(uint256 agentId) external view returns (address) {
        return _agents[agentId].wallet;
    }

    function registeredAt(uint256 agentId) external view returns (uint256) {
        return _agents[agentId].registeredAt;
    }
}
