// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title IDualAssetLedger
/// @notice What the ERC-20 face of an asset asks of the ledger.
interface IDualAssetLedger {
    /// @notice `account`'s balance of `asset`, in wei.
    function balanceOf(address account, bytes8 asset) external view returns (uint256);

    /// @notice All that exists of `asset`, in wei.
    function totalSupply(bytes8 asset) external view returns (uint256);

    /// @notice Moves `amount` of the calling face's asset from `from` to `to`, as a send and its receive in one step.
    function transferByFace(address from, address to, uint256 amount) external;
}
