// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice An order to sell or to buy XP, in two slots; all zero where there is none.
/// @dev First slot: the maker, what is left of the order in wei of XP, and which way it goes. Second: the price, in units of the payment
///      token for one whole XP. Only `remaining` ever changes.
struct Order {
    address maker;
    uint88 remaining;
    bool isBid;
    uint128 price;
}
