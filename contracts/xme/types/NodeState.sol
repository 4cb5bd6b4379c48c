// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Streams} from "../../common/Streams.sol";

using NodeStates for StoredPool global;
using NodeStates for StoredStake global;
using NodeStates for StoredPosition global;
using NodeStates for StoredDelegator global;

/// @dev Three slots. `growth`, from the lowest bit: 128 bits of what one pool share has earned since the beginning, in wei × 1e27, 96 of what
///      it has earned in XME, in gwei × 1e27, and 32 of XME income, in wei, that waits to become a whole gwei. `xmex`: 40 bits of the time that
///      both streams were advanced to, and the XMEX stream in wei, 104 that stream and 104 that wait. `units`: 104 bits of pool shares, and the
///      XME stream in gwei, 64 that stream and 64 that wait.
struct StoredPool {
    uint256 growth;
    uint256 xmex;
    uint256 units;
}

/// @dev Three slots. `shares`: 104 bits of pool shares, 104 of node shares, 32 of the cap, 16 of the next commission. `price`: 128 bits of price, 96 of
///      commission shares, 16 of the commission, 16 of the next one's month. `dividend`: 96 bits of the node's growth, 96 of the pool's, 64
///      of what the commission is owed.
struct StoredStake {
    uint256 shares;
    uint256 price;
    uint256 dividend;
}

/// @dev One slot: 97 bits of shares and 47 of principal, either of which holds all XMEX one and a half times, 96 of growth, and 16 of the day, which
///      last until the year 2149.
struct StoredPosition {
    uint256 word;
}

/// @dev One slot: 48 bits of principal, 64 of XME, 104 unbonding, 40 of the time.
struct StoredDelegator {
    uint256 word;
}

/// @dev Two slots. XME in wei, the time in seconds.
struct NodeBond {
    address operator;
    uint96 bond;
    uint96 leaving;
    uint40 availableAt;
    uint8 level;
}

/// @dev The pool. `price` of a pool share in wei × 1e27; both streams stand at the time `last`, in wei of XMEX and gwei of XME. `since` is the
///      month that the pool was last advanced in before the present call, and `firstPrice` the price where that month ended, if it has.
struct Pool {
    uint256 price;
    uint256 xmeGrowth;
    uint256 xmeRest;
    uint256 shares;
    uint256 last;
    uint256 xmexActive;
    uint256 xmexNext;
    uint256 xmeActive;
    uint256 xmeNext;
    uint256 since;
    uint256 firstPrice;
}

/// @dev All that a delegation needs of its node. `poolShares` are those that `shares` stand for; of a closed node they are wei of XMEX.
///      `capInHundreds` of whole XMEX is zero where the node is closed or was never opened. `price` is the pool's at the last touch,
///      `commissionShares` the operator's pool shares, `commissionXme` in gwei what they earned, `xmeGrowth` what one of `shares` has earned since
///      the beginning, in gwei × 1e27, and `poolXmeGrowth` the pool's at the last touch. `nextCommissionMonth` is zero where no change waits.
struct NodeStake {
    uint256 poolShares;
    uint256 shares;
    uint256 capInHundreds;
    uint256 nextCommissionBps;
    uint256 price;
    uint256 commissionShares;
    uint256 commissionBps;
    uint256 nextCommissionMonth;
    uint256 xmeGrowth;
    uint256 poolXmeGrowth;
    uint256 commissionXme;
}

/// @dev One account at one node. `xmeGrowth` is the node's when the account was last settled; `principal` in thousandths of XMEX; `sinceDay` is the first
///      day, counted from the Unix epoch, that began no earlier than the last delegation.
struct Position {
    uint256 shares;
    uint256 xmeGrowth;
    uint256 principal;
    uint256 sinceDay;
}

/// @dev One account at all nodes. `principal` in thousandths of XMEX, `xmeOwed` in gwei, `unbonding` in wei of XMEX, the time in seconds.
struct Delegator {
    uint256 principal;
    uint256 xmeOwed;
    uint256 unbonding;
    uint256 availableAt;
}

/// @title How node staking lays its state into slots
/// @notice Reads and writes whole slots, so that a delegation writes each of its eight once.
/// @dev Choice: packed by hand because the compiler writes a packed struct field by field, which costs a delegation a tenth more. Every amount that
///      adds up is checked against its width, and one beyond it reverts with `NodeStates_ValueTooWide`. The rest need no check: a part is no
///      wider than its whole, which is stored in the same call, `Streams` keeps what streams in 104 bits, and rates, months, times and caps
///      are bounded where they are set.
library NodeStates {
    uint256 private constant _MASK_16 = type(uint16).max;
    uint256 private constant _MASK_32 = type(uint32).max;
    uint256 private constant _MASK_40 = type(uint40).max;
    uint256 private constant _MASK_47 = type(uint48).max >> 1;
    uint256 private constant _MASK_48 = type(uint48).max;
    uint256 private constant _MASK_64 = type(uint64).max;
    uint256 private constant _MASK_96 = type(uint96).max;
    uint256 private constant _MASK_97 = type(uint104).max >> 7;
    uint256 private constant _MASK_104 = type(uint104).max;
    uint256 private constant _MASK_128 = type(uint128).max;

    /// @notice Thrown when an amount does not fit its place, which takes more than there is of either token.
    error NodeStates_ValueTooWide();

    /// @dev As it was stored; `since` and `firstPrice` stay as they are.
    function readInto(StoredPool storage stored, Pool memory pool) internal view {
        uint256 word = stored.growth;
        pool.price = Streams.SCALE + (word & _MASK_128);
        pool.xmeGrowth = (word >> 128) & _MASK_96;
        pool.xmeRest = word >> 224;
        word = stored.xmex;
        pool.last = word & _MASK_40;
        pool.xmexActive = (word >> 40) & _MASK_104;
        pool.xmexNext = (word >> 144) & _MASK_104;
        word = stored.units;
        pool.shares = word & _MASK_104;
        pool.xmeActive = (word >> 104) & _MASK_64;
        pool.xmeNext = (word >> 168) & _MASK_64;
    }

    function store(StoredPool storage stored, Pool memory pool) internal {
        unchecked {
            uint256 growth = pool.price - Streams.SCALE;
            _require(
                (growth >> 128) |
                    (pool.xmeGrowth >> 96) |
                    (pool.shares >> 104) |
                    ((pool.xmeActive | pool.xmeNext) >> 64)
            );
            stored.growth = growth | (pool.xmeGrowth << 128) | (pool.xmeRest << 224);
            stored.xmex = pool.last | (pool.xmexActive << 40) | (pool.xmexNext << 144);
            stored.units = pool.shares | (pool.xmeActive << 104) | (pool.xmeNext << 168);
        }
    }

    function readInto(StoredStake storage stored, NodeStake memory node) internal view {
        uint256 word = stored.shares;
        node.poolShares = word & _MASK_104;
        node.shares = (word >> 104) & _MASK_104;
        node.capInHundreds = (word >> 208) & _MASK_32;
        node.nextCommissionBps = word >> 240;
        word = stored.price;
        node.price = word & _MASK_128;
        node.commissionShares = (word >> 128) & _MASK_96;
        node.commissionBps = (word >> 224) & _MASK_16;
        node.nextCommissionMonth = word >> 240;
        word = stored.dividend;
        node.xmeGrowth = word & _MASK_96;
        node.poolXmeGrowth = (word >> 96) & _MASK_96;
        node.commissionXme = word >> 192;
    }

    function store(StoredStake storage stored, NodeStake memory node) internal {
        _require(
            ((node.poolShares | node.shares) >> 104) |
                (node.price >> 128) |
                ((node.commissionShares | node.xmeGrowth) >> 96) |
                (node.commissionXme >> 64)
        );
        stored.shares =
            node.poolShares |
            (node.shares << 104) |
            (node.capInHundreds << 208) |
            (node.nextCommissionBps << 240);
        stored.price =
            node.price |
            (node.commissionShares << 128) |
            (node.commissionBps << 224) |
            (node.nextCommissionMonth << 240);
        stored.dividend = node.xmeGrowth | (node.poolXmeGrowth << 96) | (node.commissionXme << 192);
    }

    function readInto(StoredPosition storage stored, Position memory position) internal view {
        uint256 word = stored.word;
        position.shares = word & _MASK_97;
        position.xmeGrowth = (word >> 97) & _MASK_96;
        position.principal = (word >> 193) & _MASK_47;
        position.sinceDay = word >> 240;
    }

    function store(StoredPosition storage stored, Position memory position) internal {
        _require((position.shares >> 97) | (position.principal >> 47));
        stored.word =
            position.shares |
            (position.xmeGrowth << 97) |
            (position.principal << 193) |
            (position.sinceDay << 240);
    }

    function readInto(StoredDelegator storage stored, Delegator memory delegator) internal view {
        uint256 word = stored.word;
        delegator.principal = word & _MASK_48;
        delegator.xmeOwed = (word >> 48) & _MASK_64;
        delegator.unbonding = (word >> 112) & _MASK_104;
        delegator.availableAt = word >> 216;
    }

    function store(StoredDelegator storage stored, Delegator memory delegator) internal {
        _require((delegator.principal >> 48) | (delegator.xmeOwed >> 64) | (delegator.unbonding >> 104));
        stored.word =
            delegator.principal |
            (delegator.xmeOwed << 48) |
            (delegator.unbonding << 112) |
            (delegator.availableAt << 216);
    }

    function _require(uint256 excess) private pure {
        if (excess != 0) revert NodeStates_ValueTooWide();
    }
}
