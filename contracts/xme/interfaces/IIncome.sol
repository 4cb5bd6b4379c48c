// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice A module that streams XMEX income to its stakers.
interface IXmexIncome {
    /// @notice Takes `amount` of your XMEX and streams it to stakers in the next month.
    /// @dev In wei; needs an allowance.
    function addXmexIncome(uint256 amount) external;
}

/// @notice A module that streams XME income to its stakers.
interface IXmeIncome {
    /// @notice Takes `amount` of your XME and streams it to stakers in the next month.
    /// @dev In wei; needs an allowance.
    function addXmeIncome(uint256 amount) external;
}
