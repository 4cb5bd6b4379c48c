// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IAgentRegistry} from "../../../contracts/xp/interfaces/IAgentRegistry.sol";
import {IServiceMarket} from "../../../contracts/xp/interfaces/IServiceMarket.sol";
import {Reputation} from "../../../contracts/xp/Reputation.sol";
import {XP} from "../../../contracts/xp/XP.sol";
import {ReputationAgents} from "../../harness/xp/ReputationAgents.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant MAX_SUPPLY = 100_000_000e18;
uint256 constant SEVEN_DAYS = 604_800;
uint256 constant AGENTS = 3;
uint256 constant BACKERS = 4;
/// @dev The call of a run after which its handler goes the whole way from a lock to a withdrawal.
uint256 constant WALK = 24;

/// @dev What every test of reputation stands on: real XP, agents that are what a test says, and this contract as XP's admin.
abstract contract ReputationSetUp {
    XP internal xp;
    ReputationAgents internal agents;
    Reputation internal reputation;

    function _deployReputation() internal {
        xp = new XP(address(new AccessManager(address(this))));
        agents = new ReputationAgents();
        reputation = new Reputation(xp, IAgentRegistry(address(agents)), IServiceMarket(address(agents)));
        for (uint256 agentId = 1; agentId <= AGENTS; agentId++) agents.register(agentId, START);
    }
}

/// @notice Fuzz tests of reputation: the logarithm by what makes it one, and the wait to the second.
contract ReputationTest is Test, ReputationSetUp {
    address private constant _OTHER = address(0xBEEF);

    function setUp() external {
        vm.warp(START);
        _deployReputation();
        xp.mint(address(this), MAX_SUPPLY / 2);
        xp.approve(address(reputation), type(uint256).max);
        xp.mint(_OTHER, MAX_SUPPLY / 2);
        vm.prank(_OTHER);
        xp.approve(address(reputation), type(uint256).max);
    }

    /// @dev Only a logarithm turns products into sums, only one that never falls is continuous, and only that to base ten gives ten for ten.
    function testFuzz_AProductGivesWhatItsFactorsGiveTogether(uint256 one, uint256 other) external view {
        one = bound(one, 1e18, 1_000e18);
        other = bound(other, 1e18, (1_000e18 * 1e18) / one);
        uint256 together = reputation.bonusFor((one * other) / 1e18);
        uint256 apart = reputation.bonusFor(one) + reputation.bonusFor(other);
        // the product is cut by up to a wei, worth 10 / ln 10 < 5 units, and each bonus is up to two units below the real number
        vm.assertApproxEqAbs(together, apart, 6, "a product does not give what its factors give");
    }

    function testFuzz_TenTimesTheXpGivesExactlyTenPointsMore(uint256 xpLocked) external view {
        xpLocked = bound(xpLocked, 1e18, 100e18);
        uint256 bonus = reputation.bonusFor(xpLocked);
        vm.assertEq(reputation.bonusFor(10 * xpLocked), bonus + 10e18, "ten times the XP gives another bonus");
    }

    function testFuzz_TheLargerNeverGivesLess(uint256 smaller, uint256 step) external view {
        smaller = bound(smaller, 0, 1_100e18);
        step = step % 2 == 0 ? bound(step, 0, 10) : bound(step, 0, MAX_SUPPLY);
        vm.assertLe(reputation.bonusFor(smaller), reputation.bonusFor(smaller + step), "more XP gives less trust");
    }

    function testFuzz_TrustIsAtMost100(uint256 accepted, uint256 settled, uint256 locked, uint256 age) external {
        locked = bound(locked, 1, MAX_SUPPLY / 2);
        agents.setVolumes(1, accepted, settled);
        reputation.lock(1, locked);
        vm.warp(START + bound(age, 0, 1_000 * 365 days));
        (uint256 success, uint256 bonus, uint256 ageWad) = reputation.partsOf(1);
        vm.assertLe(success, 50e18, "success gives more than 50");
        vm.assertLe(bonus, 30e18, "locked XP gives more than 30");
        vm.assertLe(ageWad, 20e18, "age gives more than 20");
        vm.assertEq(bonus, reputation.bonusFor(locked), "the bonus is not that of the lock");
        vm.assertEq(reputation.trustOf(1), success + bonus + ageWad, "trust is not the sum of its parts");
    }

    function testFuzz_WaitsSevenDaysToTheSecond(uint256 locked, uint256 unlocked, uint256 elapsed) external {
        locked = bound(locked, 1, MAX_SUPPLY / 2);
        unlocked = bound(unlocked, 1, locked);
        elapsed = bound(elapsed, 0, 2 * SEVEN_DAYS);
        reputation.lock(1, locked);
        reputation.unlock(1, unlocked);
        vm.assertEq(reputation.lockedTo(1), locked - unlocked, "what waits still counts");
        vm.warp(START + elapsed);
        if (elapsed < SEVEN_DAYS) {
            vm.assertEq(reputation.withdrawable(1, address(this)), 0, "something can be taken too early");
            vm.expectRevert(
                abi.encodeWithSelector(
                    Reputation.Reputation_StillWaiting.selector,
                    uint256(1),
                    address(this),
                    START + SEVEN_DAYS,
                    START + elapsed
                )
            );
            reputation.withdraw(1, address(1));
        } else {
            vm.assertEq(reputation.withdrawable(1, address(this)), unlocked, "not all of it can be taken");
            vm.assertEq(reputation.withdraw(1, address(1)), unlocked, "it says another amount");
            vm.assertEq(xp.balanceOf(address(1)), unlocked, "it pays another amount");
        }
    }

    function testFuzz_WaitsForAllFromTheLatestUnlock(uint256 first, uint256 second, uint256 between) external {
        first = bound(first, 1, MAX_SUPPLY / 4);
        second = bound(second, 1, MAX_SUPPLY / 4);
        between = bound(between, 0, 30 days);
        reputation.lock(1, first + second);
        reputation.unlock(1, first);
        vm.warp(START + between);
        reputation.unlock(1, second);
        vm.warp(START + between + SEVEN_DAYS - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                Reputation.Reputation_StillWaiting.selector,
                uint256(1),
                address(this),
                START + between + SEVEN_DAYS,
                START + between + SEVEN_DAYS - 1
            )
        );
        reputation.withdraw(1, address(1));
        vm.warp(START + between + SEVEN_DAYS);
        vm.assertEq(reputation.withdraw(1, address(1)), first + second, "both did not wait together");
    }

    function testFuzz_NobodyTakesWhatIsAnothers(uint256 own, uint256 others, uint256 excess) external {
        own = bound(own, 1, MAX_SUPPLY / 2);
        others = bound(others, 1, MAX_SUPPLY / 2);
        reputation.lock(1, own);
        vm.prank(_OTHER);
        reputation.lock(1, others);
        excess = bound(excess, 1, type(uint256).max - own);
        vm.expectRevert(
            abi.encodeWithSelector(
                Reputation.Reputation_AboveLocked.selector,
                uint256(1),
                address(this),
                own + excess,
                own
            )
        );
        reputation.unlock(1, own + excess);
        reputation.unlock(1, own);
        vm.warp(START + SEVEN_DAYS);
        reputation.withdraw(1, address(this));
        vm.assertEq(xp.balanceOf(address(reputation)), others, "another's XP has left");
        vm.assertEq(reputation.lockedTo(1), others, "another's XP counts no more");
    }
}

/// @dev Many backers of a few agents: they lock, unlock, relock, withdraw, ask for too much; others give XP outright; time passes.
contract ReputationHandler is Test {
    Reputation private _reputation;
    ReputationAgents private _agents;
    XP private _xp;

    mapping(address backer => uint256 xp) public putIn;
    mapping(address backer => uint256 xp) public takenOut;
    uint256 public donated;
    uint256 public calls;
    uint256 public locks;
    uint256 public unlocks;
    uint256 public relocks;
    uint256 public withdrawals;
    uint256 public refusals;
    bool public leftTooEarly;
    bool public refusedCallPassed;

    constructor(Reputation reputation_, ReputationAgents agents_, XP xp_) {
        _reputation = reputation_;
        _agents = agents_;
        _xp = xp_;
    }

    /// @dev After each call the handler makes one more of its own, in turn, and once it walks the whole way, so that a run meets every kind
    /// whatever its dice are; and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + 1 days);
        if (calls == WALK) _walk(seed);
        uint256 turn = calls++ % 8;
        if (turn == 0 || turn == 1) _lock(seed, seed >> 32);
        if (turn == 2 || turn == 3) _unlock(seed, seed >> 32);
        if (turn == 4) _relock(seed, seed >> 32);
        if (turn == 5) _askTooMuch(seed, seed >> 32);
        if (turn >= 6) _withdraw(seed);
    }

    function backerOf(uint256 seed) public pure returns (address) {
        return address(uint160(0xB0B000 + (seed % BACKERS)));
    }

    function lock(uint256 seed, uint256 amount) external thenOneMore(amount) {
        _lock(seed, amount);
    }

    function unlock(uint256 seed, uint256 amount) external thenOneMore(amount) {
        _unlock(seed, amount);
    }

    function relock(uint256 seed, uint256 amount) external thenOneMore(amount) {
        _relock(seed, amount);
    }

    function withdraw(uint256 seed) external thenOneMore(seed) {
        _withdraw(seed);
    }

    function askTooMuch(uint256 seed, uint256 excess) external thenOneMore(excess) {
        _askTooMuch(seed, excess);
    }

    function donate(uint256 amount) external thenOneMore(amount) {
        amount = bound(amount, 0, 1_000e18);
        donated += amount;
        _xp.transfer(address(_reputation), amount);
    }

    function work(uint256 seed, uint128 accepted, uint128 failed) external thenOneMore(seed) {
        _agents.setVolumes(_agentOf(seed), accepted, uint256(accepted) + failed);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 20 days));
    }

    function _agentOf(uint256 seed) private pure returns (uint256) {
        return 1 + ((seed >> 8) % AGENTS);
    }

    function _walk(uint256 seed) private {
        _lock(seed, 3e18);
        _unlock(seed, 2e18);
        _relock(seed, 1e18);
        _unlock(seed, 1e18);
        _askTooMuch(seed, 1);
        vm.warp(block.timestamp + SEVEN_DAYS);
        _withdraw(seed);
    }

    function _lock(uint256 seed, uint256 amount) private {
        address backer = backerOf(seed);
        amount = bound(amount, 1, amount % 2 == 0 ? 2_000e18 : 3e18);
        putIn[backer] += amount;
        vm.prank(backer);
        _reputation.lock(_agentOf(seed), amount);
        locks++;
    }

    function _unlock(uint256 seed, uint256 amount) private {
        address backer = backerOf(seed);
        (uint256 locked, , ) = _reputation.backingOf(_agentOf(seed), backer);
        if (locked == 0) return;
        vm.prank(backer);
        _reputation.unlock(_agentOf(seed), bound(amount, 1, locked));
        unlocks++;
    }

    function _relock(uint256 seed, uint256 amount) private {
        // from this pair on, the first that has something to lock again
        for (uint256 i = 0; i < AGENTS * BACKERS; i++) {
            uint256 agentId = 1 + (((seed >> 8) + i / BACKERS) % AGENTS);
            address backer = backerOf((seed % BACKERS) + i);
            (, uint256 pending, ) = _reputation.backingOf(agentId, backer);
            if (pending == 0) continue;
            vm.prank(backer);
            _reputation.relock(agentId, bound(amount, 1, pending));
            relocks++;
            return;
        }
    }

    function _withdraw(uint256 seed) private {
        for (uint256 i = 0; i < AGENTS * BACKERS; i++) {
            uint256 agentId = 1 + (((seed >> 8) + i / BACKERS) % AGENTS);
            address backer = backerOf((seed % BACKERS) + i);
            (, uint256 pending, uint256 availableAt) = _reputation.backingOf(agentId, backer);
            vm.prank(backer);
            try _reputation.withdraw(agentId, backer) returns (uint256 amount) {
                if (block.timestamp < availableAt || amount != pending || amount == 0) leftTooEarly = true;
                takenOut[backer] += amount;
                withdrawals++;
                return;
            } catch {
                if (pending != 0 && block.timestamp >= availableAt) refusedCallPassed = true;
                refusals++;
            }
        }
    }

    function _askTooMuch(uint256 seed, uint256 excess) private {
        address backer = backerOf(seed);
        (uint256 locked, uint256 pending, ) = _reputation.backingOf(_agentOf(seed), backer);
        excess = bound(excess, 1, MAX_SUPPLY);
        vm.prank(backer);
        try _reputation.unlock(_agentOf(seed), locked + excess) {
            refusedCallPassed = true;
        } catch {
            refusals++;
        }
        vm.prank(backer);
        try _reputation.relock(_agentOf(seed), pending + excess) {
            refusedCallPassed = true;
        } catch {
            refusals++;
        }
    }
}

/// @notice Design section 7, invariant 3: balance ≥ locked + pending; 0 ≤ trust ≤ 100e18.
contract ReputationInvariantTest is Test, ReputationSetUp {
    ReputationHandler private _handler;

    function setUp() external {
        vm.warp(START);
        _deployReputation();
        _handler = new ReputationHandler(reputation, agents, xp);
        xp.mint(address(_handler), 1_000_000e18);
        for (uint256 i = 0; i < BACKERS; i++) {
            address backer = _handler.backerOf(i);
            xp.mint(backer, 1_000_000e18);
            vm.prank(backer);
            xp.approve(address(reputation), type(uint256).max);
        }
        targetContract(address(_handler));
    }

    function invariant_TheBalanceIsWhatIsLockedPendingAndGiven() external view {
        uint256 held = _handler.donated();
        for (uint256 agentId = 1; agentId <= AGENTS; agentId++) {
            for (uint256 i = 0; i < BACKERS; i++) {
                (uint256 locked, uint256 pending, ) = reputation.backingOf(agentId, _handler.backerOf(i));
                held += locked + pending;
            }
        }
        vm.assertEq(xp.balanceOf(address(reputation)), held, "the balance is not locked + pending + given");
    }

    function invariant_AnAgentsLockIsTheSumOfItsBackers() external view {
        for (uint256 agentId = 1; agentId <= AGENTS; agentId++) {
            uint256 sum = 0;
            for (uint256 i = 0; i < BACKERS; i++) {
                (uint256 locked, , ) = reputation.backingOf(agentId, _handler.backerOf(i));
                sum += locked;
            }
            (, uint256 bonus, ) = reputation.partsOf(agentId);
            vm.assertEq(reputation.lockedTo(agentId), sum, "an agent's lock is not its backers'");
            vm.assertEq(bonus, reputation.bonusFor(sum), "an agent's bonus is not that of its lock");
        }
    }

    function invariant_EachBackerHasTheirOwnInThere() external view {
        for (uint256 i = 0; i < BACKERS; i++) {
            address backer = _handler.backerOf(i);
            uint256 inThere = 0;
            for (uint256 agentId = 1; agentId <= AGENTS; agentId++) {
                (uint256 locked, uint256 pending, ) = reputation.backingOf(agentId, backer);
                inThere += locked + pending;
            }
            vm.assertEq(inThere + _handler.takenOut(backer), _handler.putIn(backer), "a backer has another's XP");
            vm.assertEq(xp.balanceOf(backer) + inThere, 1_000_000e18, "XP came or went by another way");
        }
    }

    function invariant_TrustIsNeverAbove100() external view {
        for (uint256 agentId = 1; agentId <= AGENTS; agentId++) {
            vm.assertLe(reputation.trustOf(agentId), 100e18, "trust is above 100");
        }
    }

    function invariant_NothingLeavesBeforeItsWaitIsOver() external view {
        vm.assertFalse(_handler.leftTooEarly(), "XP left before its wait was over, or another amount");
        vm.assertFalse(_handler.refusedCallPassed(), "a call went the other way than it should");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.locks(), 0, "nothing was locked");
        vm.assertGt(_handler.unlocks(), 0, "nothing was unlocked");
        vm.assertGt(_handler.relocks(), 0, "nothing was locked again");
        vm.assertGt(_handler.withdrawals(), 0, "nothing was withdrawn");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
    }
}
