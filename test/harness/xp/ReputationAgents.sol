// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice Stands for the agent registry and the service market towards Reputation: it says whatever age and volumes a test wants.
contract ReputationAgents {
    struct Volumes {
        uint256 accepted;
        uint256 settled;
    }

    mapping(uint256 agentId => uint256 timestamp) public registeredAt;
    mapping(uint256 agentId => Volumes) public volumesOf;

    function register(uint256 agentId, uint256 timestamp) external {
        registeredAt[agentId] = timestamp;
    }

    function setVolumes(uint256 agentId, uint256 accepted, uint256 settled) external {
        volumesOf[agentId] = Volumes(accepted, settled);
    }
}
