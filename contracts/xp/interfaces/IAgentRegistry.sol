// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What the other contracts of the flywheel ask of the agent registry
interface IAgentRegistry {
    /// @notice The owner of `agentId`.
    /// @dev Reverts with ERC-721's `ERC721NonexistentToken` where there is no such agent.
    function ownerOf(uint256 agentId) external view returns (address);

    /// @notice How many agents `owner` has.
    function balanceOf(address owner) external view returns (uint256);

    /// @notice Whether `spender` owns `agentId` or is approved for it, alone or with all of its owner's.
    /// @dev Reverts with ERC-721's `ERC721NonexistentToken` where there is no such agent.
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool);

    /// @notice The wallet that consented to receive what `agentId` earns; zero where there is none.
    function getAgentWallet(uint256 agentId) external view returns (address);

    /// @notice The time, in seconds, at which `agentId` was registered; zero where there is no such agent.
    function registeredAt(uint256 agentId) external view returns (uint256);
}
