// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice What XMEX is spent on; source sections 5.2 and 6.4.
enum SpendingCategory {
    Unlock,
    Membership,
    Tip,
    Boost,
    HotSpot,
    AiService,
    Goods,
    Collectible,
    Ticket,
    Growth
}
