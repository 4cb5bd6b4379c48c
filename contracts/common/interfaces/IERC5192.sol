// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title Minimal soulbound tokens (ERC-5192)
/// @notice Tells whether a token of an ERC-721 contract can be transferred.
/// @dev Its interface id is 0xb45a3c0e. The standard's words.
interface IERC5192 {
    /// @notice Emitted when `tokenId` can no longer be transferred.
    event Locked(uint256 tokenId);

    /// @notice Emitted when `tokenId` can be transferred again.
    event Unlocked(uint256 tokenId);

    /// @notice Whether `tokenId` cannot be transferred.
    /// @dev Reverts where there is no such token.
    function locked(uint256 tokenId) external view returns (bool);
}
