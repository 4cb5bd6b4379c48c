// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title IRankedMintingToken
/// @notice A token that is minted for free by taking a rank and waiting.
/// @dev The signatures are XEN Crypto's, so the ERC-165 interface id is XEN's as well.
interface IRankedMintingToken {
    /// @notice `user` took `rank` and may mint once `term` days have passed.
    event RankClaimed(address indexed user, uint256 term, uint256 rank);

    /// @notice `user` ended a mint worth `rewardAmount` base units, shared and staked parts included.
    event MintClaimed(address indexed user, uint256 rewardAmount);

    /// @notice Takes the next rank and starts a wait of `term` days.
    function claimRank(uint256 term) external;

    /// @notice Ends the caller's wait and mints the reward.
    function claimMintReward() external;
}
