// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title IBurnRedeemable
/// @notice A contract that gives something to users who burn their tokens through it.
/// @dev The signatures are XEN Crypto's, so the ERC-165 interface id is XEN's as well: a contract written for XEN's proof of burn works unchanged.
interface IBurnRedeemable {
    /// @notice `user` burned `xenAmount` of `xenContract` and got `tokenAmount` of `tokenContract` for it.
    event Redeemed(
        address indexed user,
        address indexed xenContract,
        address indexed tokenContract,
        uint256 xenAmount,
        uint256 tokenAmount
    );

    /// @notice Tells the contract that `amount` base units of `user`'s tokens were burned through it.
    function onTokenBurned(address user, uint256 amount) external;
}
