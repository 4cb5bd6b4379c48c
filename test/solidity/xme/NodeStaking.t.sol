// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";
import {NodeStaking} from "../../../contracts/xme/NodeStaking.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {Node, PoolState} from "../../../contracts/xme/types/Node.sol";
import {
    Delegator,
    NodeStake,
    NodeStates,
    Pool,
    Position,
    StoredDelegator,
    StoredPool,
    StoredPosition,
    StoredStake
} from "../../../contracts/xme/types/NodeState.sol";
import {Test} from "../support/Test.sol";

uint256 constant MONTH = 30 days;
uint256 constant BEGIN = 700 * MONTH;
uint256 constant SCALE = 1e27;
/// @dev Carries all XMEX at the highest level.
uint256 constant BOND = 100_000_000e18;
/// @dev After so many calls every random life walks the whole way once.
uint256 constant WALK = 12;

/// @dev What every test of node staking stands on: real tokens and access manager, no vault, and this contract as governance and operator.
abstract contract NodeStakingSetUp is Test {
    XME internal xme;
    XMEX internal xmex;
    NodeStaking internal staking;

    address internal constant ADA = address(0xada);
    address internal constant BEN = address(0xbe4);

    function _deploy() internal {
        vm.warp(BEGIN);
        xme = new XME();
        xmex = new XMEX();
        AccessManager manager = new AccessManager(address(this));
        staking = new NodeStaking(xme, xmex, EmissionVault(address(0)), 0, address(manager));
        xme.approve(address(staking), type(uint256).max);
        xmex.approve(address(staking), type(uint256).max);
    }

    function _openNode(uint256 commissionBps) internal returns (uint256 nodeId) {
        nodeId = staking.openNode(BOND, commissionBps, "");
        staking.setLevel(nodeId, 5);
    }

    function _delegate(address account, uint256 nodeId, uint256 amount) internal returns (uint256 shares) {
        xmex.transfer(account, amount);
        vm.startPrank(account);
        xmex.approve(address(staking), amount);
        shares = staking.delegate(nodeId, amount);
        vm.stopPrank();
    }
}

/// @notice Fuzz tests of node staking: whatever the amounts and times, nobody gets more than theirs, and nobody is shut out.
contract NodeStakingTest is NodeStakingSetUp {
    StoredPool private _storedPool;
    StoredStake private _storedStake;
    StoredPosition private _storedPosition;
    StoredDelegator private _storedDelegator;

    function setUp() external {
        _deploy();
    }

    /// @dev A node with a history: the price and the ratio of node shares to pool shares are odd.
    function _nodeWithHistory(uint256 commissionBps, uint256 first, uint256 income, uint256 later) private {
        uint256 nodeId = _openNode(bound(commissionBps, 0, 2_000));
        _delegate(ADA, nodeId, bound(first, 1, 1e27));
        staking.addXmexIncome(bound(income, 1, 1e27));
        staking.addXmeIncome(bound(income, 1, 1e25));
        vm.warp(BEGIN + MONTH + bound(later, 0, 2 * MONTH));
    }

    function testFuzz_DelegatingAndLeavingAtOnceBringsNothingAndCostsDust(
        uint256 commissionBps,
        uint256 first,
        uint256 income,
        uint256 later,
        uint256 amount
    ) external {
        _nodeWithHistory(commissionBps, first, income, later);
        uint256 price = staking.poolState().price;
        amount = bound(amount, 3 * (price / SCALE + 1), 1e27);
        uint256 expected = staking.previewDelegate(1, amount);
        vm.assertEq(_delegate(BEN, 1, amount), expected, "the preview of a delegation is wrong");
        vm.assertGt(expected, 0, "a delegation brought nothing");
        uint256 value = staking.worthOf(1, BEN);
        vm.prank(BEN);
        vm.assertEq(staking.undelegate(1, type(uint256).max), value, "the preview of an undelegation is wrong");
        vm.assertLe(value, amount, "delegating and leaving paid");
        vm.assertLe(amount - value, 2 * (price / SCALE + 1), "delegating and leaving cost more than two pool shares");
        vm.assertEq(staking.delegatedPrincipalOf(BEN), 0, "principal was left");
    }

    function testFuzz_NeverLowersWhatOthersHave(
        uint256 commissionBps,
        uint256 first,
        uint256 income,
        uint256 later,
        uint256[3] memory amounts
    ) external {
        _nodeWithHistory(commissionBps, first, income, later);
        uint256 value = staking.worthOf(1, ADA);
        uint256 least = staking.poolState().price / SCALE + 1;
        for (uint256 i = 0; i < amounts.length; i++) {
            uint256 shares = _delegate(BEN, 1, bound(amounts[i], 2 * least, 1e26));
            vm.assertGe(staking.worthOf(1, ADA), value, "a delegation lowered what another has");
            shares = bound(amounts[i] >> 128, 1, shares);
            if (staking.previewUndelegate(1, shares) == 0) continue;
            vm.prank(BEN);
            staking.undelegate(1, shares);
            vm.assertGe(staking.worthOf(1, ADA), value, "an undelegation lowered what another has");
        }
    }

    function testFuzz_FirstDelegatorCannotInflateAShare(
        uint256 seed,
        uint256 gift,
        uint256 income,
        uint256 amount
    ) external {
        _openNode(2_000);
        _delegate(ADA, 1, bound(seed, 1, 1e18));
        xmex.transfer(address(staking), bound(gift, 0, 1e28));
        staking.addXmexIncome(bound(income, 1, 1e28));
        vm.warp(BEGIN + 2 * MONTH);
        uint256 price = staking.poolState().price;
        vm.assertLe(price, SCALE + (1e28 * SCALE) / staking.MINIMUM_SHARES(), "the price rose above the bound");
        amount = bound(amount, 1e18, 1e27);
        _delegate(BEN, 1, amount);
        vm.assertGe(staking.worthOf(1, BEN) + 2 * (price / SCALE + 1), amount, "a later delegator lost more than dust");
    }

    function testFuzz_RefusesWhatIsNotWorthAShare(uint256 income, uint256 amount) external {
        _openNode(0);
        _delegate(ADA, 1, 1e18);
        staking.addXmexIncome(bound(income, 1e22, 1e28));
        vm.warp(BEGIN + 2 * MONTH);
        uint256 price = staking.poolState().price;
        amount = bound(amount, 1, (price - 1) / SCALE);
        xmex.transfer(BEN, amount);
        vm.startPrank(BEN);
        xmex.approve(address(staking), amount);
        vm.expectRevert(abi.encodeWithSelector(NodeStaking.NodeStaking_AmountTooSmall.selector, amount));
        staking.delegate(1, amount);
        vm.stopPrank();
    }

    function testFuzz_LateStakeEarnsItsSecondsOnly(
        uint256 income,
        uint256 stake,
        uint256 late,
        uint256 elapsed
    ) external {
        income = bound(income, 1e18, 1e28);
        elapsed = bound(elapsed, 0, MONTH);
        _openNode(0);
        _delegate(ADA, 1, bound(stake, 1e21, 1e27));
        staking.addXmexIncome(income);
        staking.addXmeIncome(income / 100);
        vm.warp(BEGIN + 2 * MONTH - elapsed);
        uint256 amount = bound(late, 1e21, 1e27);
        _delegate(BEN, 1, amount);
        vm.warp(BEGIN + 2 * MONTH);
        vm.assertLe(staking.worthOf(1, BEN), amount + (income * elapsed) / MONTH + 1, "it earned XMEX before it came");
        uint256[] memory nodeIds = new uint256[](1);
        nodeIds[0] = 1;
        vm.assertLe(
            staking.xmeOwedTo(BEN, nodeIds),
            ((income / 100) * elapsed) / MONTH + 1 gwei,
            "it earned XME before it came"
        );
    }

    /// @dev Opening a node of one's own and closing it spares the wait, and wins no second that was not staked.
    function testFuzz_WhoOpensAndClosesANodeEarnsTheSecondsBetweenOnly(
        uint256 income,
        uint256 stake,
        uint256 amount,
        uint256 from,
        uint256 elapsed,
        uint256 commissionBps
    ) external {
        income = bound(income, 1e18, 1e27);
        from = bound(from, 0, 2 * MONTH);
        elapsed = elapsed % 4 == 0 ? 0 : bound(elapsed, 0, 2 * MONTH);
        _delegate(ADA, _openNode(1_000), bound(stake, 1e21, 1e27));
        staking.addXmexIncome(income);
        staking.addXmeIncome(income / 100);
        vm.warp(BEGIN + from);
        uint256 others = staking.poolState().shares;
        uint256 value = staking.worthOf(1, ADA);
        amount = bound(amount, 1e18, 1e27);
        _openNode(bound(commissionBps, 0, 2_000));
        _delegate(BEN, 2, amount);
        uint256 all = staking.poolState().shares;
        vm.warp(block.timestamp + elapsed);
        staking.closeNode(2);
        // a fee that has become due makes it step back by a pool share, see the handler
        vm.assertGe(
            staking.worthOf(1, ADA) + staking.poolState().price / SCALE + 3,
            value,
            "it took from who was there"
        );
        _waitToLeave(2, BEN);
        vm.prank(BEN);
        staking.leaveClosedNode(2, BEN);
        vm.assertGe(block.timestamp, BEGIN + from + 7 days, "stake was there for less than an unbonding period");
        _assertEarned(income, _within(from + elapsed) - _within(from), amount, all - others, all);
    }

    /// @dev What went to the second node and its operator, of `income` in `seconds_` of a month, for `part` of `all` pool shares.
    function _assertEarned(uint256 income, uint256 seconds_, uint256 amount, uint256 part, uint256 all) private view {
        (uint256 commission, ) = staking.unbondingOf(address(this));
        uint256 streamed = (income * seconds_) / MONTH + 2;
        vm.assertLe(
            xmex.balanceOf(BEN) + commission,
            amount + (streamed * part) / all + 1,
            "it earned XMEX of seconds that it was not there"
        );
        uint256[] memory nodeIds = new uint256[](1);
        nodeIds[0] = 2;
        streamed = ((income / 100) * seconds_) / MONTH + 2 gwei;
        vm.assertLe(
            staking.xmeOwedTo(BEN, nodeIds) + staking.nodeOf(2).commissionXme,
            (streamed * part) / all + 1 gwei,
            "it earned XME of seconds that it was not there"
        );
    }

    /// @dev How much of `elapsed` since the beginning lies in the month that the income streams in.
    function _within(uint256 elapsed) private pure returns (uint256) {
        if (elapsed <= MONTH) return 0;
        return elapsed < 2 * MONTH ? elapsed - MONTH : MONTH;
    }

    /// @dev The least that a share can be bought for, and the last share of a position, are where rounding could keep somebody.
    function testFuzz_EverybodyCanLeaveWithAllAtAnyTime(
        uint256 commissionBps,
        uint256 first,
        uint256 income,
        uint256 later,
        uint256 amount,
        bool isClosed
    ) external {
        _nodeWithHistory(commissionBps, first, income, later);
        uint256 least = staking.poolState().price / SCALE + 1;
        uint256 shares = _delegate(BEN, 1, amount % 2 == 0 ? least : bound(amount, least, 100 * least));
        if (shares > 1 && staking.previewUndelegate(1, shares - 1) != 0) {
            vm.prank(BEN);
            staking.undelegate(1, shares - 1);
        }
        vm.warp(block.timestamp + bound(amount, 0, 2 * MONTH));
        (uint256 unbonding, uint256 availableAt) = staking.unbondingOf(BEN);
        if (isClosed) staking.closeNode(1);
        uint256 value = staking.worthOf(1, ADA);
        _leave(BEN, isClosed);
        if (!isClosed) {
            (uint256 now_, uint256 thenAt) = staking.unbondingOf(BEN);
            if (now_ == unbonding) vm.assertEq(thenAt, availableAt, "nothing started a wait");
        }
        vm.assertGe(staking.worthOf(1, ADA), value, "who left took from who stayed");
        _leave(ADA, isClosed);
        Node memory node = staking.nodeOf(1);
        vm.assertEq(node.shares + node.delegated, 0, "something was left at the node");
        vm.assertEq(staking.poolState().shares, node.commissionShares, "pool shares were left");
        if (!isClosed) {
            uint256 poolShares = (1e18 * SCALE) / staking.poolState().price;
            vm.assertEq(_delegate(BEN, 1, 1e18), poolShares, "the node does not begin anew");
        }
    }

    /// @dev Refused in the last second before.
    function _waitToLeave(uint256 nodeId, address account) private {
        uint256 leavableAt = staking.leavableAt(nodeId, account);
        if (block.timestamp >= leavableAt) return;
        vm.warp(leavableAt - 1);
        vm.expectRevert(
            abi.encodeWithSelector(NodeStaking.NodeStaking_StillWaiting.selector, leavableAt, block.timestamp)
        );
        vm.prank(account);
        staking.leaveClosedNode(nodeId, account);
        vm.warp(leavableAt);
    }

    function _leave(address account, bool isClosed) private {
        if (isClosed) _waitToLeave(1, account);
        uint256 value = staking.worthOf(1, account);
        uint256 shares = staking.sharesOf(1, account);
        vm.prank(account);
        if (isClosed) {
            vm.assertEq(staking.leaveClosedNode(1, account), value, "the preview of leaving is wrong");
            vm.assertGe(value, shares, "a share was worth less than a wei");
        } else {
            vm.assertEq(staking.undelegate(1, type(uint256).max), value, "the preview of an undelegation is wrong");
        }
        vm.assertEq(staking.sharesOf(1, account), 0, "somebody was kept");
        vm.assertEq(staking.delegatedPrincipalOf(account), 0, "principal was left");
    }

    function testFuzz_PrincipalIsNeverMoreThanWasPutInOrThanItIsWorth(
        uint256 commissionBps,
        uint256 first,
        uint256 income,
        uint256 later,
        uint256[4] memory amounts
    ) external {
        _nodeWithHistory(commissionBps, first, income, later);
        uint256 put = 0;
        uint256 dust = 0;
        for (uint256 i = 0; i < amounts.length; i++) {
            uint256 least = staking.poolState().price / SCALE + 1;
            uint256 amount = bound(amounts[i], least, 1e26);
            _delegate(BEN, 1, amount);
            put += amount;
            dust += 2 * least;
            vm.warp(block.timestamp + ((amounts[i] >> 64) % 20 days));
            uint256 held = staking.sharesOf(1, BEN);
            uint256 shares = bound(amounts[i] >> 128, 1, held);
            if (shares == held || staking.previewUndelegate(1, shares) != 0) {
                vm.prank(BEN);
                staking.undelegate(1, shares);
                put = (put * (held - shares)) / held;
                dust += 2 * (staking.poolState().price / SCALE + 3);
            }
            uint256 principal = staking.delegatedPrincipalOf(BEN);
            vm.assertLe(principal, put, "principal is more than was put in and stayed");
            vm.assertLe(principal, staking.worthOf(1, BEN) + dust, "principal is more than it is worth");
        }
    }

    /// @dev All tokens there are stream past a single wei, month after month, for 250 years: nothing overflows, and whoever comes can leave.
    function test_LetsEverybodyComeAndGoAfterCenturiesOfAllThereIsPastOneWei() external {
        uint256 nodeId = _openNode(2_000);
        _delegate(ADA, nodeId, 1);
        staking.addXmexIncome(xmex.balanceOf(address(this)) - 1e24);
        staking.addXmeIncome(xme.balanceOf(address(this)));
        for (uint256 month = 2; month <= 3_001; month++) {
            vm.warp(BEGIN + month * MONTH - 1); // so that what nobody earned streams again next month
            staking.collectIncome();
        }
        uint256 price = staking.poolState().price;
        vm.assertGt(price, 2.9e11 * SCALE, "less streamed than there is");
        _delegate(BEN, nodeId, 1e24);
        vm.assertGe(staking.worthOf(nodeId, BEN), 1e24 - 2 * (price / SCALE + 1), "it took more than dust");
        _leave(ADA, false);
        vm.warp(block.timestamp + MONTH);
        _leave(BEN, false);
        uint256[] memory nodeIds = new uint256[](1);
        nodeIds[0] = nodeId;
        for (uint256 i = 0; i < 2; i++) {
            vm.prank(i == 0 ? ADA : BEN);
            vm.assertGt(staking.claimXme(nodeIds, i == 0 ? ADA : BEN), 0, "no XME was earned");
        }
        staking.undelegateCommission(nodeId, type(uint256).max);
        vm.assertEq(staking.poolState().shares, 0, "somebody stayed");
        vm.warp(block.timestamp + MONTH);
        vm.prank(ADA);
        vm.assertGe(staking.withdraw(ADA), price / SCALE, "the wei did not earn what it streamed");
        vm.prank(BEN);
        vm.assertGe(staking.withdraw(BEN), 1e24, "it earned nothing");
    }

    function testFuzz_CommissionIsItsPartAndNoMore(uint256 commissionBps, uint256 stake, uint256 income) external {
        commissionBps = bound(commissionBps, 0, 2_000);
        stake = bound(stake, 1e21, 1e27);
        income = bound(income, 1e18, 1e27);
        _openNode(commissionBps);
        _delegate(ADA, 1, stake);
        staking.addXmexIncome(income);
        vm.warp(BEGIN + 2 * MONTH);
        Node memory node = staking.nodeOf(1);
        vm.assertLe(node.commission, (income * commissionBps) / 10_000, "the commission took too much");
        vm.assertApproxEqAbs(
            node.commission,
            (income * commissionBps) / 10_000,
            2 * (staking.poolState().price / SCALE + 2),
            "the commission took too little"
        );
        vm.assertGe(
            node.delegated + node.commission + 4 * (staking.poolState().price / SCALE + 1),
            stake + income,
            "lost"
        );
    }

    function testFuzz_PoolAndNodeSurviveTheirSlots(Pool memory pool, NodeStake memory node) external {
        pool.price = SCALE + (pool.price % 2 ** 128);
        pool.xmeGrowth %= 2 ** 96;
        pool.xmeRest %= 1 gwei;
        pool.shares %= 2 ** 104;
        pool.last %= 2 ** 40;
        pool.xmexActive %= 2 ** 104;
        pool.xmexNext %= 2 ** 104;
        pool.xmeActive %= 2 ** 64;
        pool.xmeNext %= 2 ** 64;
        _storedPool.store(pool);
        Pool memory poolRead;
        (poolRead.since, poolRead.firstPrice) = (pool.since, pool.firstPrice);
        _storedPool.readInto(poolRead);
        vm.assertEq(keccak256(abi.encode(poolRead)), keccak256(abi.encode(pool)), "the pool changed");

        node.poolShares %= 2 ** 104;
        node.shares %= 2 ** 104;
        node.capInHundreds %= 2 ** 32;
        node.nextCommissionBps %= 2 ** 16;
        node.price %= 2 ** 128;
        node.commissionShares %= 2 ** 96;
        node.commissionBps %= 2 ** 16;
        node.nextCommissionMonth %= 2 ** 16;
        node.xmeGrowth %= 2 ** 96;
        node.poolXmeGrowth %= 2 ** 96;
        node.commissionXme %= 2 ** 64;
        _storedStake.store(node);
        NodeStake memory nodeRead;
        _storedStake.readInto(nodeRead);
        vm.assertEq(keccak256(abi.encode(nodeRead)), keccak256(abi.encode(node)), "the node changed");
    }

    function testFuzz_PositionAndDelegatorSurviveTheirSlots(
        Position memory position,
        Delegator memory delegator
    ) external {
        position.shares %= 2 ** 97;
        position.xmeGrowth %= 2 ** 96;
        position.principal %= 2 ** 47;
        position.sinceDay %= 2 ** 16;
        _storedPosition.store(position);
        Position memory positionRead;
        _storedPosition.readInto(positionRead);
        vm.assertEq(keccak256(abi.encode(positionRead)), keccak256(abi.encode(position)), "a position changed");

        delegator.principal %= 2 ** 48;
        delegator.xmeOwed %= 2 ** 64;
        delegator.unbonding %= 2 ** 104;
        delegator.availableAt %= 2 ** 40;
        _storedDelegator.store(delegator);
        Delegator memory delegatorRead;
        _storedDelegator.readInto(delegatorRead);
        vm.assertEq(keccak256(abi.encode(delegatorRead)), keccak256(abi.encode(delegator)), "an account changed");
    }

    function storePool(Pool memory pool) external {
        _storedPool.store(pool);
    }

    function storeStake(NodeStake memory node) external {
        _storedStake.store(node);
    }

    function storePosition(Position memory position) external {
        _storedPosition.store(position);
    }

    function storeDelegator(Delegator memory delegator) external {
        _storedDelegator.store(delegator);
    }

    function test_RefusesEachValueThatIsTooWide() external {
        bytes4 tooWide = NodeStates.NodeStates_ValueTooWide.selector;
        Pool memory pool;
        for (uint256 i = 0; i < 5; i++) {
            pool.price = SCALE + (i == 0 ? 2 ** 128 : 0);
            pool.xmeGrowth = i == 1 ? 2 ** 96 : 0;
            pool.shares = i == 2 ? 2 ** 104 : 0;
            pool.xmeActive = i == 3 ? 2 ** 64 : 0;
            pool.xmeNext = i == 4 ? 2 ** 64 : 0;
            vm.expectRevert(tooWide);
            this.storePool(pool);
        }
        for (uint256 i = 0; i < 6; i++) {
            NodeStake memory node;
            node.poolShares = i == 0 ? 2 ** 104 : 0;
            node.shares = i == 1 ? 2 ** 104 : 0;
            node.price = i == 2 ? 2 ** 128 : 0;
            node.commissionShares = i == 3 ? 2 ** 96 : 0;
            node.xmeGrowth = i == 4 ? 2 ** 96 : 0;
            node.commissionXme = i == 5 ? 2 ** 64 : 0;
            vm.expectRevert(tooWide);
            this.storeStake(node);
        }
        for (uint256 i = 0; i < 2; i++) {
            Position memory position;
            position.shares = i == 0 ? 2 ** 97 : 0;
            position.principal = i == 1 ? 2 ** 47 : 0;
            vm.expectRevert(tooWide);
            this.storePosition(position);
        }
        for (uint256 i = 0; i < 3; i++) {
            Delegator memory delegator;
            delegator.principal = i == 0 ? 2 ** 48 : 0;
            delegator.xmeOwed = i == 1 ? 2 ** 64 : 0;
            delegator.unbonding = i == 2 ? 2 ** 104 : 0;
            vm.expectRevert(tooWide);
            this.storeDelegator(delegator);
        }
    }
}

/// @dev Many hands on node staking: delegators come and go, operators change commissions, bonds and their minds, income of every size arrives.
contract NodeStakingHandler is NodeStakingSetUp {
    uint256 private constant _ACTORS = 6;

    uint256 public calls;
    uint256 public delegations;
    uint256 public undelegations;
    uint256 public payments;
    uint256 public closures;
    bool public priceFell;
    bool public worthFell;

    address private immutable _test = msg.sender;
    uint256 private _lastPrice = SCALE;
    mapping(uint256 nodeId => uint256) private _lastWorth;
    mapping(uint256 nodeId => uint256) private _lastShares;

    constructor(XME xme_, XMEX xmex_, NodeStaking staking_) {
        xme = xme_;
        xmex = xmex_;
        staking = staking_;
        xme.approve(address(staking), type(uint256).max);
        xmex.approve(address(staking), type(uint256).max);
    }

    /// @dev After each call of the runner, one more in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + (seed % 6 days));
        if (calls == WALK) _walk();
        uint256 turn = calls++ % 5;
        if (turn == 0) _delegateAs(seed, seed >> 64, seed >> 128);
        if (turn == 1) _addIncome(seed);
        if (turn == 2) _undelegateAs(seed, seed >> 64, seed >> 128);
        if (turn == 3) _takeAs(seed);
        if (turn == 4 && calls % 20 == 0) _close(seed);
        _watch();
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 90 days));
    }

    function delegate(uint256 actor, uint256 nodeId, uint256 amount) external thenOneMore(amount) {
        _delegateAs(actor, nodeId, amount);
    }

    function undelegate(uint256 actor, uint256 nodeId, uint256 shares) external thenOneMore(shares) {
        _undelegateAs(actor, nodeId, shares);
    }

    function take(uint256 seed) external thenOneMore(seed) {
        _takeAs(seed);
    }

    function addIncome(uint256 seed) external thenOneMore(seed) {
        _addIncome(seed);
    }

    function open(uint256 commissionBps) external thenOneMore(commissionBps) {
        if (staking.nodeCount() < 5) _openWith(commissionBps);
    }

    function setCommission(uint256 nodeId, uint256 commissionBps) external thenOneMore(commissionBps) {
        nodeId = _nodeOf(nodeId);
        if (staking.nodeOf(nodeId).isOpen) staking.setCommission(nodeId, bound(commissionBps, 0, 2_000));
    }

    function undelegateCommission(uint256 nodeId, uint256 part) external thenOneMore(part) {
        nodeId = _nodeOf(nodeId);
        Node memory node = staking.nodeOf(nodeId);
        if (!node.isOpen || node.commissionShares == 0) return;
        staking.undelegateCommission(nodeId, bound(part, 1, node.commissionShares));
    }

    function changeBond(uint256 nodeId, uint256 amount) external thenOneMore(amount) {
        nodeId = _nodeOf(nodeId);
        Node memory node = staking.nodeOf(nodeId);
        if (!node.isOpen) return;
        if (amount % 2 == 0 && node.bond > staking.MIN_BOND()) {
            staking.removeBond(nodeId, bound(amount, 1, node.bond - staking.MIN_BOND()));
        } else {
            staking.addBond(nodeId, bound(amount, 1, 1e22));
        }
    }

    function close(uint256 nodeId) external thenOneMore(nodeId) {
        if (nodeId % 8 == 0) _close(nodeId >> 8);
    }

    /// @dev For the test, when a random life is over.
    function everybodyLeaves() external {
        if (msg.sender != _test) return;
        for (uint256 nodeId = 1; nodeId <= staking.nodeCount(); nodeId++) {
            for (uint256 i = 0; i < _ACTORS; i++) _undelegateAs(i, nodeId - 1, 0);
            Node memory node = staking.nodeOf(nodeId);
            if (node.isOpen) staking.closeNode(nodeId);
        }
        vm.warp(block.timestamp + 8 days);
        for (uint256 nodeId = 1; nodeId <= staking.nodeCount(); nodeId++) {
            for (uint256 i = 0; i < _ACTORS; i++) _undelegateAs(i, nodeId - 1, 0);
        }
        for (uint256 i = 0; i < _ACTORS; i++) _takeFor(actorOf(i));
        _takeFor(address(this));
        for (uint256 nodeId = 1; nodeId <= staking.nodeCount(); nodeId++) {
            if (staking.nodeOf(nodeId).bondLeaving != 0) staking.withdrawBond(nodeId, address(this));
        }
    }

    function actorOf(uint256 index) public pure returns (address) {
        return address(uint160(0xac7000 + (index % _ACTORS)));
    }

    function actors() external pure returns (uint256) {
        return _ACTORS;
    }

    /// @dev All nodes, for claims.
    function allNodes() public view returns (uint256[] memory nodeIds) {
        nodeIds = new uint256[](staking.nodeCount());
        for (uint256 i = 0; i < nodeIds.length; i++) nodeIds[i] = i + 1;
    }

    function _openWith(uint256 commissionBps) private {
        staking.openNode(1e22, bound(commissionBps, 0, 2_000), "");
    }

    /// @dev From a node's opening to the last wei that its bond, commission and delegators take out of it.
    function _walk() private {
        address account = actorOf(0);
        _openWith(1_000);
        uint256 nodeId = staking.nodeCount();
        _delegate(account, nodeId, 1e23);
        delegations++;
        staking.addXmexIncome(1e24);
        staking.addXmeIncome(1e22);
        staking.setCommission(nodeId, 2_000);
        vm.warp(block.timestamp + 2 * MONTH);
        uint256 half = staking.sharesOf(nodeId, account) / 2;
        vm.prank(account);
        staking.undelegate(nodeId, half);
        undelegations++;
        staking.removeBond(nodeId, 1e21);
        staking.undelegateCommission(nodeId, 1);
        vm.warp(block.timestamp + MONTH);
        staking.closeNode(nodeId);
        closures++;
        vm.startPrank(account);
        staking.withdraw(account);
        staking.leaveClosedNode(nodeId, account);
        staking.claimXme(allNodes(), account);
        vm.stopPrank();
        vm.warp(block.timestamp + MONTH);
        staking.withdraw(address(this));
        staking.withdrawBond(nodeId, address(this));
        payments += 5;
    }

    function _nodeOf(uint256 seed) private returns (uint256) {
        if (staking.nodeCount() == 0) _openWith(seed);
        return 1 + (seed % staking.nodeCount());
    }

    function _delegateAs(uint256 actor, uint256 nodeId, uint256 amount) private {
        nodeId = _nodeOf(nodeId);
        uint256 room = staking.nodeOf(nodeId).capLeft;
        uint256 least = staking.poolState().price / SCALE + 1;
        if (room <= 2 * least) return;
        amount = amount % 5 == 0 ? least : bound(amount, least, room - least);
        _delegate(actorOf(actor), nodeId, amount);
        delegations++;
    }

    function _undelegateAs(uint256 actor, uint256 nodeId, uint256 shares) private {
        nodeId = _nodeOf(nodeId);
        address account = actorOf(actor);
        uint256 held = staking.sharesOf(nodeId, account);
        if (held == 0) return;
        if (!staking.nodeOf(nodeId).isOpen) {
            if (block.timestamp < staking.leavableAt(nodeId, account)) return;
            vm.prank(account);
            staking.leaveClosedNode(nodeId, account);
            payments++;
            return;
        }
        shares = shares % 3 == 0 ? held : bound(shares, 1, held);
        if (shares != held && staking.previewUndelegate(nodeId, shares) == 0) return;
        vm.prank(account);
        staking.undelegate(nodeId, shares);
        undelegations++;
    }

    function _takeAs(uint256 seed) private {
        _takeFor(seed % 5 == 0 ? address(this) : actorOf(seed >> 8));
    }

    function _takeFor(address account) private {
        (uint256 amount, uint256 availableAt) = staking.unbondingOf(account);
        if (amount != 0 && block.timestamp >= availableAt) {
            vm.prank(account);
            staking.withdraw(account);
            payments++;
        }
        if (staking.xmeOwedTo(account, allNodes()) == 0) return;
        uint256[] memory nodeIds = allNodes();
        vm.prank(account);
        staking.claimXme(nodeIds, account);
        payments++;
    }

    function _addIncome(uint256 seed) private {
        staking.addXmexIncome(1 + ((seed >> 8) % 10 ** (1 + (seed % 27))));
        staking.addXmeIncome(1 + ((seed >> 16) % 10 ** (1 + (seed % 24))));
    }

    function _close(uint256 seed) private {
        uint256 nodeId = _nodeOf(seed);
        if (!staking.nodeOf(nodeId).isOpen) return;
        staking.closeNode(nodeId);
        if (staking.nodeCount() < 8) _openWith(seed);
        closures++;
    }

    /// @dev A fee is rounded down, to whole wei and then to whole pool shares, when it is settled, and shown as if it were at each look before
    ///      that: a later look rounds anew, so that what was seen was too much by less than a pool share and 1.2 wei. Those before a change of
    ///      commission are the same in both looks. What is shown is itself rounded down to a wei. Everything else is in favour of who stays.
    function _watch() private {
        PoolState memory pool = staking.poolState();
        if (pool.price < _lastPrice) priceFell = true;
        _lastPrice = pool.price;
        for (uint256 i = 1; i <= staking.nodeCount(); i++) {
            Node memory node = staking.nodeOf(i);
            uint256 rounding = _lastShares[i] + (pool.price / SCALE + 3) * node.shares;
            if (node.delegated * _lastShares[i] + rounding < _lastWorth[i] * node.shares) worthFell = true;
            _lastWorth[i] = node.delegated;
            _lastShares[i] = node.shares;
        }
    }
}

/// @notice Design section 7, invariant 8: balances cover what is owed, prices never fall, and a share stays between its bounds.
contract NodeStakingInvariantTest is NodeStakingSetUp {
    NodeStakingHandler private _handler;

    function setUp() external {
        _deploy();
        _handler = new NodeStakingHandler(xme, xmex, staking);
        xme.transfer(address(_handler), xme.balanceOf(address(this)));
        xmex.transfer(address(_handler), xmex.balanceOf(address(this)));
        targetContract(address(_handler));
    }

    function invariant_XmexCoversValueUnbondingAndUnstreamed() external view {
        PoolState memory pool = staking.poolState();
        (uint256 owed, ) = staking.unbondingOf(address(_handler));
        owed += pool.xmexActive + pool.xmexNext;
        for (uint256 i = 0; i < _handler.actors(); i++) {
            (uint256 unbonding, ) = staking.unbondingOf(_handler.actorOf(i));
            owed += unbonding;
        }
        for (uint256 nodeId = 1; nodeId <= staking.nodeCount(); nodeId++) {
            Node memory node = staking.nodeOf(nodeId);
            owed += node.delegated + node.commission;
            uint256 values = 0;
            uint256 shares = 0;
            for (uint256 i = 0; i < _handler.actors(); i++) {
                values += staking.worthOf(nodeId, _handler.actorOf(i));
                shares += staking.sharesOf(nodeId, _handler.actorOf(i));
            }
            vm.assertLe(values, node.delegated, "delegators have more than their node");
            vm.assertEq(shares, node.shares, "a node's shares are not its delegators'");
        }
        vm.assertGe(xmex.balanceOf(address(staking)), owed, "XMEX is short");
    }

    function invariant_XmeCoversBondsOwedAndUnstreamed() external view {
        PoolState memory pool = staking.poolState();
        uint256[] memory nodeIds = _handler.allNodes();
        uint256 owed = pool.xmeActive + pool.xmeNext + staking.xmeOwedTo(address(_handler), nodeIds);
        for (uint256 i = 0; i < _handler.actors(); i++) owed += staking.xmeOwedTo(_handler.actorOf(i), nodeIds);
        for (uint256 i = 0; i < nodeIds.length; i++) {
            Node memory node = staking.nodeOf(nodeIds[i]);
            owed += node.bond + node.bondLeaving;
        }
        vm.assertGe(xme.balanceOf(address(staking)), owed, "XME is short");
    }

    function invariant_NoPriceEverFalls() external view {
        vm.assertFalse(_handler.priceFell(), "the price of a pool share fell");
        vm.assertFalse(_handler.worthFell(), "the worth of a node share fell");
    }

    function invariant_NodeShareIsWorthAWeiAtLeastAndAPoolShareAtMost() external view {
        uint256 price = staking.poolState().price;
        for (uint256 nodeId = 1; nodeId <= staking.nodeCount(); nodeId++) {
            Node memory node = staking.nodeOf(nodeId);
            vm.assertGe(node.delegated, node.shares, "a node share is worth less than a wei");
            // who leaves a closed node leaves less than a wei to the others
            uint256 most = (node.shares * price) / SCALE + (node.isOpen ? 0 : _handler.payments());
            vm.assertLe(node.delegated, most, "a node share is worth more than a pool share");
            vm.assertEq(node.shares == 0, node.delegated == 0, "shares without value, or value without shares");
        }
    }

    function invariant_PrincipalIsTheSumOverNodes() external view {
        for (uint256 i = 0; i < _handler.actors(); i++) {
            uint256 sum = 0;
            for (uint256 nodeId = 1; nodeId <= staking.nodeCount(); nodeId++) {
                sum += staking.principalOf(nodeId, _handler.actorOf(i));
            }
            vm.assertEq(staking.delegatedPrincipalOf(_handler.actorOf(i)), sum, "principal is not the sum over nodes");
        }
    }

    /// @dev What each of the kinds was, and that all can be had back at the end: what stays is unstreamed, or dust.
    function afterInvariant() external {
        vm.assertGt(_handler.calls(), WALK, "nobody walked the whole way");
        vm.assertGt(_handler.delegations(), 0, "nobody delegated");
        vm.assertGt(_handler.undelegations(), 0, "nobody left");
        vm.assertGe(_handler.payments(), 5, "nobody was paid");
        vm.assertGt(_handler.closures(), 0, "no node was closed");
        vm.assertGt(staking.poolState().price, SCALE, "nothing was earned");

        _handler.everybodyLeaves();
        PoolState memory pool = staking.poolState();
        vm.assertEq(pool.shares, 0, "somebody could not leave");
        uint256 calls = 3 * _handler.calls() + 1_000;
        vm.assertLe(
            xmex.balanceOf(address(staking)),
            pool.xmexActive + pool.xmexNext + calls * (pool.price / SCALE + 4),
            "more than dust of XMEX was left"
        );
        vm.assertLe(
            xme.balanceOf(address(staking)),
            pool.xmeActive + pool.xmeNext + calls * 40 gwei,
            "more than dust of XME was left"
        );
    }
}
