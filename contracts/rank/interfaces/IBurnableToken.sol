// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title IBurnableToken
/// @notice A token that another contract may burn for a user who allowed it to.
/// @dev The signature is XEN Crypto's, so the ERC-165 interface id is XEN's as well.
interface IBurnableToken {
    /// @notice Burns `amount` of `user`'s tokens; the caller must be an allowed `IBurnRedeemable` contract.
    function burn(address user, uint256 amount) external;
}
