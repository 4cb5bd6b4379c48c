// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Stream} from "../../common/Streams.sol";

/// @dev One slot. `xmexGrowth` is what one pool share has earned since the beginning, in wei × 1e27, and `xmeGrowth` in gwei × 1e27; `xmeRest` in
///      wei, below one gwei, is income that waits to become a whole gwei.
struct PoolGrowth {
    uint128 xmexGrowth;
    uint96 xmeGrowth;
    uint32 xmeRest;
}

/// @dev One slot. All pool shares, and the XME stream in gwei; its `last` is that of the XMEX stream, because both always advance together.
struct PoolUnits {
    uint104 shares;
    uint64 xmeActive;
    uint64 xmeNext;
}

/// @dev The pool in memory, advanced to the present second. `price` of a pool share in wei × 1e27; `since` is the month it was last advanced in
///      before, and `firstPrice` the price where that month ended, if it has.
struct Pool {
    uint256 price;
    uint256 xmeGrowth;
    uint256 xmeRest;
    uint256 shares;
    Stream xmex;
    Stream xme;
    uint256 since;
    uint256 firstPrice;
}

/// @dev Three slots, all that a delegation needs of its node. `poolShares` are those that `shares` stand for; of a closed node they are wei of
///      XMEX. `capInHundreds` of whole XMEX is zero where the node is closed or was never opened. `price` is the pool's at the last touch,
///      `commissionShares` the operator's pool shares, `commissionXme` in gwei what they earned, `xmeGrowth` what one of `shares` has earned since
///      the beginning, in gwei × 1e27, and `poolXmeGrowth` the pool's at the last touch. `nextCommissionMonth` is zero where no change waits.
struct NodeStake {
    uint104 poolShares;
    uint104 shares;
    uint32 capInHundreds;
    uint16 nextCommissionBps;
    uint128 price;
    uint96 commissionShares;
    uint16 commissionBps;
    uint16 nextCommissionMonth;
    uint96 xmeGrowth;
    uint96 poolXmeGrowth;
    uint64 commissionXme;
}

/// @dev Two slots. XME in wei, the time in seconds.
struct NodeBond {
    address operator;
    uint96 bond;
    uint96 leaving;
    uint40 availableAt;
    uint8 level;
}

/// @dev One slot: one account at one node. `xmeGrowth` is the node's when the account was last settled; `principal` in thousandths of XMEX.
struct Position {
    uint104 shares;
    uint96 xmeGrowth;
    uint48 principal;
}

/// @dev One slot: one account at all nodes. `principal` in thousandths of XMEX, `xmeOwed` in gwei, `unbonding` in wei of XMEX, the time in seconds.
struct Delegator {
    uint48 principal;
    uint64 xmeOwed;
    uint104 unbonding;
    uint40 availableAt;
}
