// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice A node as callers see it, as it stands in the block of the call.
struct Node {
    /// Who opened it, bonds for it and takes its commission.
    address operator;
    /// Whether it takes delegations; a closed node never opens again.
    bool isOpen;
    /// What governance made of it, from 0 up; each level doubles what the bond carries.
    uint256 level;
    /// XME, in wei, that the operator has bonded.
    uint256 bond;
    /// XME, in wei, of the bond that waits for the operator to take it.
    uint256 bondLeaving;
    /// The time, in seconds, from which it can be taken.
    uint256 bondAvailableAt;
    /// The operator's part, in basis points, of what delegations earn in XMEX now.
    uint256 commissionBps;
    /// The part from the month `nextCommissionMonth` on; the same as now where no change is announced.
    uint256 nextCommissionBps;
    /// The month, counted from the Unix epoch, that an announced change starts with; zero where none is.
    uint256 nextCommissionMonth;
    /// XMEX, in wei, that all delegations are worth; of a closed node, what its delegators have not taken yet.
    uint256 delegated;
    /// XMEX, in wei, that they may be worth after a new delegation.
    uint256 cap;
    /// XMEX, in wei, that can be delegated now.
    uint256 capLeft;
    /// The shares of all its delegators.
    uint256 shares;
    /// The operator's commission, in shares of the pool.
    uint256 commissionShares;
    /// The same in wei of XMEX.
    uint256 commission;
    /// XME, in wei, that the commission has earned and the operator has not claimed.
    uint256 commissionXme;
}

/// @notice The pool of all delegations as callers see it, as it stands in the block of the call.
struct PoolState {
    /// What a pool share is worth, in XMEX with 27 decimals.
    uint256 price;
    /// All pool shares: those behind delegations and those of operators.
    uint256 shares;
    /// What one pool share has earned in XME since the beginning, in gwei with 27 decimals.
    uint256 xmeGrowth;
    /// XMEX, in wei, that streams in the rest of this month.
    uint256 xmexActive;
    /// XMEX, in wei, that streams next month.
    uint256 xmexNext;
    /// XME, in wei, that streams in the rest of this month.
    uint256 xmeActive;
    /// XME, in wei, that streams next month, with what is less than a gwei and waits for more.
    uint256 xmeNext;
}
