// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title What user growth asks of social mining
interface ISocialMining {
    /// @notice Whether `account` has ever had a claim of social mining credited.
    function hasClaimed(address account) external view returns (bool);

    /// @notice XMEX that social mining has ever credited to `account`, in whole XMEX.
    /// @dev Each claim counts rounded down. Never falls.
    function creditedOf(address account) external view returns (uint256 xmexInWhole);
}
