// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What others ask of the registry of content
interface IContentRegistry {
    /// @notice The account that owns the content `contentId` now.
    function ownerOf(uint256 contentId) external view returns (address);

    /// @notice The account that registered the content `contentId`.
    function creatorOf(uint256 contentId) external view returns (address);

    /// @notice What unlocking the content `contentId` costs, in wei of XMEX; zero where it is not locked.
    function unlockPriceOf(uint256 contentId) external view returns (uint256);
}
