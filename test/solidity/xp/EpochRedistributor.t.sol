// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EpochRedistributor} from "../../../contracts/xp/EpochRedistributor.sol";
import {IAgentRegistry} from "../../../contracts/xp/interfaces/IAgentRegistry.sol";
import {IEpochPredecessor} from "../../../contracts/xp/interfaces/IEpochPredecessor.sol";
import {EpochState} from "../../../contracts/xp/types/EpochAccount.sol";
import {EpochClaim} from "../../../contracts/xp/types/EpochClaim.sol";
import {XP} from "../../../contracts/xp/XP.sol";
import {EpochRegistry} from "../../harness/xp/EpochRegistry.sol";
import {EpochToken} from "../../harness/xp/EpochToken.sol";
import {Test} from "../support/Test.sol";

uint256 constant DOLLAR = 1e6;
uint256 constant KAPPA = 20e18;
uint256 constant SUPPLY = 1e26;
uint64 constant MINTER = 1;
uint256 constant RIVAL = 900;

/// @dev A job as the market tells of it.
struct Job {
    uint256 agentId;
    address client;
    uint256 volume;
    uint256 fee;
    uint256 trustWad;
}

/// @dev One random number of many from the same `seed`.
function dice(uint256 seed, uint256 position) pure returns (uint256) {
    return uint256(keccak256(abi.encode(seed, position)));
}

function clientAt(uint256 number) pure returns (address) {
    return address(uint160(0xC000 + number));
}

/// @dev A flywheel of its own: real XP and access manager, agents of `holder`, and the caller as market.
contract EpochWorld {
    XP public immutable xp;
    EpochRegistry public immutable registry;
    AccessManager public immutable manager;
    EpochToken public immutable token;
    address private immutable _market;
    EpochRedistributor public redistributor;

    constructor(address market) {
        _market = market;
        manager = new AccessManager(address(this));
        xp = new XP(address(manager));
        registry = new EpochRegistry();
        token = new EpochToken(6);
        bytes4[] memory mint = new bytes4[](1);
        mint[0] = XP.mint.selector;
        manager.setTargetFunctionRole(address(xp), mint, MINTER);
        succeed();
    }

    /// @notice Deploys a redistributor that replaces the one there is.
    function succeed() public {
        redistributor = new EpochRedistributor(
            xp,
            _market,
            IAgentRegistry(address(registry)),
            IEpochPredecessor(address(redistributor)),
            token,
            address(manager)
        );
        manager.grantRole(MINTER, address(redistributor), 0);
    }

    /// @notice Sets κ as governance.
    function setKappa(uint256 kappa) external {
        redistributor.setKappa(kappa);
    }
}

/// @notice Fuzz tests of the redistributor: what the formula promises, whatever is worked, burned and claimed.
contract EpochRedistributorTest is Test {
    EpochWorld private _world;
    /// @dev A second history beside the first.
    EpochWorld private _other;

    function setUp() external {
        vm.warp(1_800_000_000);
        _world = new EpochWorld(address(this));
        _other = new EpochWorld(address(this));
    }

    function testFuzz_SplittingInProportionGainsNothing(uint256 seed, uint8[4] memory weights, uint8 jobs) external {
        uint256 identities = 2 + (seed % 3);
        uint256 whole = 0;
        for (uint256 i = 0; i < identities; i++) whole += 1 + (weights[i] % 8);
        uint256 scale = _scale(seed);
        for (uint256 j = 0; j <= jobs % 10; j++) {
            Job memory unit = _job(dice(seed, j), 0, scale);
            _record(_world, _times(unit, 1, whole));
            for (uint256 i = 0; i < identities; i++) _record(_other, _times(unit, 2 + i, 1 + (weights[i] % 8)));
        }
        _rivals(seed, scale);
        _nextEpoch();
        uint256 together = _preview(_world, 1);
        uint256 apart = 0;
        for (uint256 i = 0; i < identities; i++) apart += _preview(_other, 2 + i);
        vm.assertLe(apart, together, "a split in proportion won something");
        vm.assertEq(together == 0, _world.redistributor().workOf(1, 1).fees == 0, "the whole won nothing for its fees");
    }

    function testFuzz_SplittingByClientsWithoutFailuresGainsNothing(uint256 seed, uint8 jobs) external {
        uint256 identities = 2 + (seed % 4);
        uint256 scale = _scale(seed);
        for (uint256 j = 0; j <= jobs % 20; j++) {
            Job memory one = _job(dice(seed, j), 1, scale);
            if (one.fee == 0) one.fee = one.volume / 40 + 1;
            _record(_world, one);
            one.agentId = 1 + (uint160(one.client) % identities);
            _record(_other, one);
        }
        _rivals(seed, scale);
        _nextEpoch();
        uint256 apart = 0;
        for (uint256 i = 0; i < identities; i++) apart += _preview(_other, 1 + i);
        vm.assertLe(apart, _preview(_world, 1), "a split by clients won something");
        vm.assertGt(_preview(_world, 1), 0, "the whole won nothing");
    }

    function testFuzz_NobodyGetsMoreThanKappaTimesFeesAndAllTogetherNoMoreThanReleased(
        uint256 seed,
        uint8 jobs,
        uint72 kappa
    ) external {
        kappa = uint72(bound(kappa, 0, 1_000e18));
        _world.setKappa(kappa);
        uint256 scale = _scale(seed);
        for (uint256 j = 0; j <= jobs % 24; j++) _record(_world, _job(dice(seed, j), 1 + (dice(seed, j) % 6), scale));
        _nextEpoch();
        uint256 fees = 0;
        uint256 sum = 0;
        for (uint256 agent = 1; agent <= 6; agent++) {
            uint256 own = _world.redistributor().workOf(agent, 1).fees;
            vm.assertLe(_preview(_world, agent) * DOLLAR, kappa * own, "an agent gets more than its cap");
            fees += own;
            sum += _preview(_world, agent);
        }
        _world.redistributor().finalise();
        uint256 released = _world.redistributor().accountOf(1).released;
        vm.assertLe(sum, released, "all together get more than what is released");
        vm.assertLe(released * DOLLAR, kappa * fees, "more is released than the fees allow");
        vm.assertLe(released, _world.redistributor().fundedBy(1), "more is released than the pool");
    }

    function testFuzz_WhatAnEpochPaysAndLeavesIsItsPool(uint256 seed, uint8 jobs, uint96 burned) external {
        EpochRedistributor redistributor = _world.redistributor();
        uint256 pool = redistributor.runningPool();
        uint256 scale = _scale(seed);
        _world.registry().registerMany(address(this), 6);
        for (uint256 j = 0; j <= jobs % 16; j++) _record(_world, _job(dice(seed, j), 1 + (dice(seed, j) % 6), scale));
        vm.assertEq(redistributor.runningPool(), pool, "work moved the pool of its epoch");
        _nextEpoch();
        redistributor.finalise();
        uint256 paid = 0;
        for (uint256 agent = 1; agent <= 6; agent++) {
            if (_preview(_world, agent) != 0) paid += redistributor.claim(agent, 1, address(this));
        }
        burned = uint96(bound(burned, 0, paid));
        _world.xp().burn(burned);
        uint256 withheld = redistributor.accountOf(1).remaining;
        uint256 growth = redistributor.fundedBy(2) - redistributor.fundedBy(1);
        uint256 left = redistributor.runningPool() - growth;
        vm.assertEq(paid + withheld + left, pool, "the pool was not kept");
        vm.assertEq(_world.xp().balanceOf(address(redistributor)), withheld, "the balance is not what remains");
        _record(_world, Job(1, clientAt(1), 0, 0, 0));
        _nextEpoch();
        growth += redistributor.fundedBy(3) - redistributor.fundedBy(2);
        vm.assertEq(redistributor.runningPool(), left + growth + burned, "what was burned is not in the next pool");
        vm.warp(block.timestamp + 60 weeks);
        redistributor.expire(1);
        _nextEpoch();
        vm.assertEq(redistributor.runningPool() + paid - burned, SUPPLY, "what was withheld has not returned");
    }

    function testFuzz_OrderAndTimeOfClaimsChangeNothing(uint256 seed, uint8 idle) external {
        _world.registry().registerMany(address(this), 5);
        _other.registry().registerMany(address(this), 5);
        uint256 scale = _scale(seed);
        EpochClaim[] memory claims = new EpochClaim[](10);
        uint256[] memory early = new uint256[](10);
        for (uint256 round = 0; round < 2; round++) {
            uint256 epoch = _world.xp().currentEpoch();
            for (uint256 agent = 1; agent <= 5; agent++) {
                Job memory one = _job(dice(seed, round * 5 + agent), agent, scale);
                if (one.fee == 0) one.fee = 1 + one.volume / 40;
                _record(_world, one);
                _record(_other, one);
                claims[round * 5 + agent - 1] = EpochClaim(agent, epoch);
            }
            vm.warp(block.timestamp + (1 + uint256(idle)) * 1 weeks);
            for (uint256 i = round * 5; i < round * 5 + 5; i++) early[i] = _claim(_world, claims[i]);
        }
        vm.warp(block.timestamp + (dice(seed, 99) % 200) * 1 weeks);
        uint256 first = dice(seed, 98) % 10;
        uint256 stride = [uint256(1), 3, 7, 9][dice(seed, 97) % 4];
        for (uint256 i = 0; i < 10; i++) {
            uint256 next = (first + i * stride) % 10;
            vm.assertEq(_claim(_other, claims[next]), early[next], "a claim depends on its turn");
        }
        vm.assertEq(_other.xp().totalSupply(), _world.xp().totalSupply(), "the supply depends on the claims' order");
    }

    function testFuzz_DustClientsRaiseNothing(uint256 seed, uint8 crowd, uint256 dust) external {
        dust = bound(dust, 1, DOLLAR - 1);
        uint256 scale = _scale(seed);
        _rivals(seed, scale);
        Job memory regular = Job(1, clientAt(1), 50 * DOLLAR, 2 * DOLLAR, dice(seed, 1) % 100e18);
        _record(_world, regular);
        _record(_other, regular);
        for (uint256 i = 0; i < uint256(crowd) % 40; i++) {
            Job memory one = Job(1, clientAt(1_000 + i), dust * 40, dust, regular.trustWad);
            _record(_world, one);
            one.client = regular.client;
            _record(_other, one);
        }
        _nextEpoch();
        for (uint256 i = 0; i < 4; i++) {
            uint256 agent = i == 0 ? 1 : RIVAL + i - 1;
            vm.assertEq(_preview(_world, agent), _preview(_other, agent), "dust clients moved a share");
        }
    }

    function testFuzz_TrustRaisedLateCountsForTheLastFeeOnly(uint96[2] memory fees, uint256[2] memory trusts) external {
        uint256 total = 0;
        for (uint256 i = 0; i < 2; i++) {
            fees[i] = fees[i] / 4;
            trusts[i] = bound(trusts[i], 0, 100e18);
            _record(_world, Job(1, clientAt(1), 0, fees[i], trusts[i]));
            _record(_other, Job(1 + i, clientAt(1), 0, fees[i], trusts[i]));
            total += _other.redistributor().workOf(1 + i, 1).feesByTrust;
        }
        vm.assertEq(_world.redistributor().workOf(1, 1).feesByTrust, total, "trust reached another fee");
    }

    function testFuzz_AFailedJobNeverRaisesAnything(uint256 seed, uint96 failed) external {
        uint256 scale = _scale(seed);
        for (uint256 j = 0; j < 4; j++) _record(_world, _job(dice(seed, j), 1, scale));
        _rivals(seed, scale);
        uint256 before = _world.redistributor().estimateOf(1);
        uint256 success = _world.redistributor().sumsOf(1).feesBySuccess;
        _record(_world, Job(1, clientAt(20), failed / 2, 0, 100e18));
        vm.assertLe(_world.redistributor().estimateOf(1), before, "a failure won something");
        vm.assertLe(_world.redistributor().sumsOf(1).feesBySuccess, success, "a failure raised the sum");
    }

    function testFuzz_NothingRecordedEverLocksAnything(
        uint256[5] memory volumes,
        uint256[5] memory fees,
        uint256[5] memory trusts
    ) external {
        EpochRedistributor redistributor = _world.redistributor();
        _world.registry().registerMany(address(this), 5);
        for (uint256 i = 0; i < 5; i++) {
            // the wild ones are refused at once; half of them are brought near the edge
            if (volumes[i] % 2 == 0) volumes[i] = volumes[i] >> 160;
            if (fees[i] % 2 == 0) fees[i] = fees[i] >> (160 + (fees[i] % 3));
            if (trusts[i] % 2 == 0) trusts[i] = trusts[i] % (100e18 + 1);
            try redistributor.record(1 + (i % 3), clientAt(i), volumes[i], fees[i], trusts[i]) {} catch {}
        }
        redistributor.record(5, clientAt(5), 0, 0, 0);
        _nextEpoch();
        redistributor.record(4, clientAt(4), 40 * DOLLAR, DOLLAR, 100e18);
        uint256 released = redistributor.accountOf(1).released;
        uint256 paid = 0;
        for (uint256 agent = 1; agent <= 5; agent++) {
            uint256 preview = _preview(_world, agent);
            if (preview == 0) {
                vm.expectRevert(
                    abi.encodeWithSelector(EpochRedistributor.EpochRedistributor_NothingToClaim.selector, agent, 1)
                );
                redistributor.claim(agent, 1, address(this));
            } else {
                vm.assertEq(redistributor.claim(agent, 1, address(this)), preview, "a claim is not its preview");
                paid += preview;
            }
        }
        vm.warp(block.timestamp + 60 weeks);
        vm.assertEq(redistributor.expire(1) + paid, released, "something is locked");
        vm.assertEq(redistributor.claim(4, 2, address(this)), 20e18, "the next epoch does not pay");
    }

    function _claim(EpochWorld world, EpochClaim memory one) private returns (uint256) {
        return world.redistributor().claim(one.agentId, one.epoch, address(this));
    }

    function _preview(EpochWorld world, uint256 agent) private view returns (uint256) {
        return world.redistributor().previewClaim(agent, 1);
    }

    function _nextEpoch() private {
        vm.warp(block.timestamp + 1 weeks);
    }

    /// @dev The same three other agents in both worlds.
    function _rivals(uint256 seed, uint256 scale) private {
        for (uint256 i = 0; i < 6; i++) {
            Job memory one = _job(dice(seed, 50 + i), RIVAL + (i % 3), scale);
            _record(_world, one);
            _record(_other, one);
        }
    }

    /// @dev Volumes from a cent to ten million dollars, so that sometimes κ × fees and sometimes the pool is what is released.
    function _scale(uint256 seed) private pure returns (uint256) {
        return 10 ** (4 + (dice(seed, 12_345) % 10));
    }

    /// @dev A job of one of 14 clients with up to `scale` of volume; one in four failed.
    function _job(uint256 seed, uint256 agent, uint256 scale) private pure returns (Job memory) {
        uint256 volume = 1 + (seed % scale);
        uint256 fee = (seed >> 64) % 4 == 0 ? 0 : (volume + 39) / 40;
        return Job(agent, clientAt((seed >> 72) % 14), volume, fee, (seed >> 80) % 100e18);
    }

    /// @dev `times` the job, of `agent`.
    function _times(Job memory one, uint256 agent, uint256 times) private pure returns (Job memory) {
        return Job(agent, one.client, one.volume * times, one.fee * times, one.trustWad);
    }

    function _record(EpochWorld world, Job memory one) private {
        world.redistributor().record(one.agentId, one.client, one.volume, one.fee, one.trustWad);
    }
}

/// @notice A market, its agents and its governance over years, with every refusal tried. Failed expectations are kept in `fault`.
contract EpochHandler is Test {
    uint256 public constant AGENTS = 8;
    uint256 private constant ACTORS = 4;

    EpochWorld public world;
    XP private _xp;

    /// @notice Epochs with a record, in order, and what is known of each from outside.
    uint256[] public epochs;
    mapping(uint256 epoch => EpochRedistributor) public recorder;
    mapping(uint256 epoch => uint256) public poolOf;
    mapping(uint256 epoch => uint256) public kappaOf;
    mapping(uint256 epoch => uint256) public feesOf;
    mapping(uint256 epoch => mapping(uint256 agent => uint256)) public feesOfAgent;
    mapping(uint256 epoch => uint256) public claimedOf;
    mapping(uint256 epoch => mapping(uint256 agent => uint256)) public claimedByAgent;
    mapping(uint256 epoch => uint256) public expiredOf;
    uint256 public burned;

    uint256 public calls;
    uint256 public jobs;
    uint256 public claims;
    uint256 public burns;
    uint256 public expiries;
    uint256 public refusals;
    uint256 public successors;
    string public fault;

    /// @notice Deploys the flywheel, to which this handler is the market and so must have code.
    function begin() external {
        if (address(world) != address(0)) return;
        world = new EpochWorld(address(this));
        _xp = world.xp();
        for (uint256 i = 0; i < AGENTS; i++) world.registry().registerMany(_actor(i), 1);
    }

    /// @dev After each call one more in turn, so that a short run too meets every kind and passes the year after which epochs expire.
    modifier thenOneMore(uint256 seed) {
        _;
        uint256 turn = calls++ % 16;
        if (turn % 4 == 0) _work(seed, 3);
        if (turn % 4 == 3) vm.warp(block.timestamp + (8 + (seed % 12)) * 1 weeks);
        if (turn % 4 == 1) _claimAny(seed);
        if (turn % 4 == 2) _misbehave(seed);
        if (turn == 6) _succeed();
        if (turn % 8 == 7) _expireAny();
        if (turn == 9) _burn(seed);
    }

    function work(uint256 seed, uint8 count) external thenOneMore(seed) {
        _work(seed, 1 + (count % 6));
    }

    function wait_(uint256 time) external thenOneMore(time) {
        vm.warp(block.timestamp + bound(time, 0, 3 weeks));
    }

    function claim(uint256 seed) external thenOneMore(seed) {
        _claimAny(seed);
    }

    function burn(uint256 seed) external thenOneMore(seed) {
        _burn(seed);
    }

    function expire(uint256 seed) external thenOneMore(seed) {
        _expireAny();
    }

    function finalise(uint256 seed) external thenOneMore(seed) {
        uint256 pending = world.redistributor().pendingRelease();
        uint256 minted = _xp.totalMinted();
        world.redistributor().finalise();
        _check(_xp.totalMinted() == minted + pending, "finalising mints what is pending");
        world.redistributor().finalise();
        _check(_xp.totalMinted() == minted + pending, "finalising again mints nothing");
    }

    function setKappa(uint256 kappa) external thenOneMore(kappa) {
        world.setKappa(bound(kappa, 1e18, 1_000e18));
    }

    function transferAgent(uint256 seed) external thenOneMore(seed) {
        uint256 agent = 1 + (seed % AGENTS);
        address owner = world.registry().ownerOf(agent);
        vm.prank(owner);
        world.registry().transferFrom(owner, _actor(seed >> 8), agent);
    }

    function epochCount() external view returns (uint256) {
        return epochs.length;
    }

    function _work(uint256 seed, uint256 count) private {
        EpochRedistributor redistributor = world.redistributor();
        uint256 epoch = _xp.currentEpoch();
        uint256 open = redistributor.openEpoch();
        // the market lets a predecessor finish its epoch
        if (open == epoch) redistributor = recorder[epoch];
        if (address(recorder[epoch]) == address(0)) {
            uint256 paid = 0;
            for (uint256 i = 0; i < epochs.length; i++) paid += _releasedOf(epochs[i]);
            poolOf[epoch] = redistributor.fundedBy(epoch) + burned - paid - _xp.burnedIn(epoch);
            kappaOf[epoch] = redistributor.kappa();
            recorder[epoch] = redistributor;
            epochs.push(epoch);
        }
        uint256 scale = 10 ** (4 + (dice(seed, 77) % 10));
        for (uint256 i = 0; i < count; i++) {
            uint256 one = dice(seed, i);
            uint256 agent = 1 + (one % AGENTS);
            uint256 volume = 1 + ((one >> 8) % scale);
            uint256 fee = (one >> 240) % 5 == 0 ? 0 : (volume + 39) / 40;
            redistributor.record(agent, clientAt((one >> 200) % 12), volume, fee, (one >> 100) % 100e18);
            feesOf[epoch] += fee;
            feesOfAgent[epoch][agent] += fee;
            jobs++;
        }
        _check(redistributor.openEpoch() == epoch, "the running epoch is open once it has a job");
        _check(redistributor.runningPool() == poolOf[epoch], "the pool is what may exist and does not");
    }

    /// @dev What an epoch released, or will: the claims of all its agents, and what is left.
    function _releasedOf(uint256 epoch) private view returns (uint256) {
        uint256 cap = (kappaOf[epoch] * feesOf[epoch]) / DOLLAR;
        return cap < poolOf[epoch] ? cap : poolOf[epoch];
    }

    function _claimAny(uint256 seed) private {
        for (uint256 i = 0; i < epochs.length; i++) {
            uint256 epoch = epochs[((seed % epochs.length) + i) % epochs.length];
            for (uint256 a = 0; a < AGENTS; a++) {
                uint256 agent = 1 + ((((seed >> 8) % AGENTS) + a) % AGENTS);
                uint256 preview = recorder[epoch].previewClaim(agent, epoch);
                if (preview != 0) return _claim(agent, epoch, preview);
            }
        }
    }

    function _claim(uint256 agent, uint256 epoch, uint256 preview) private {
        address owner = world.registry().ownerOf(agent);
        uint256 balance = _xp.balanceOf(owner);
        vm.prank(owner);
        recorder[epoch].claim(agent, epoch, owner);
        _check(_xp.balanceOf(owner) == balance + preview, "a claim pays its preview");
        claimedOf[epoch] += preview;
        claimedByAgent[epoch][agent] += preview;
        claims++;
        _refuseClaim(owner, agent, epoch);
    }

    function _burn(uint256 seed) private {
        for (uint256 i = 0; i < ACTORS; i++) {
            address owner = _actor((seed % ACTORS) + i);
            uint256 balance = _xp.balanceOf(owner);
            if (balance == 0) continue;
            uint256 amount = bound(seed, 1, balance);
            vm.prank(owner);
            _xp.burn(amount);
            burned += amount;
            burns++;
            return;
        }
    }

    function _expireAny() private {
        for (uint256 i = 0; i < epochs.length; i++) {
            uint256 epoch = epochs[i];
            EpochRedistributor redistributor = recorder[epoch];
            if (redistributor.accountOf(epoch).state == EpochState.Expired) continue;
            if (_xp.currentEpoch() <= epoch + 52) {
                try redistributor.expire(epoch) {
                    _check(false, "an epoch expires only after a year");
                } catch {
                    refusals++;
                }
                return;
            }
            uint256 amount = redistributor.expire(epoch);
            expiredOf[epoch] = amount;
            burned += amount;
            expiries++;
            for (uint256 agent = 1; agent <= AGENTS; agent++) {
                _refuseClaim(world.registry().ownerOf(agent), agent, epoch);
            }
            return;
        }
    }

    function _succeed() private {
        world.succeed();
        successors++;
    }

    /// @dev A stranger claims, a stranger records, and everybody claims from the running epoch.
    function _misbehave(uint256 seed) private {
        uint256 epoch = _xp.currentEpoch();
        if (epochs.length != 0) _refuseClaim(address(0xBAD), 1 + (seed % AGENTS), epochs[seed % epochs.length]);
        if (address(recorder[epoch]) != address(0)) {
            for (uint256 agent = 1; agent <= AGENTS; agent++) {
                _refuseClaim(world.registry().ownerOf(agent), agent, epoch);
            }
        }
        EpochRedistributor redistributor = world.redistributor();
        vm.prank(address(0xBAD));
        try redistributor.record(1, address(0xBAD), 1, 1, 0) {
            _check(false, "only the market records");
        } catch {
            refusals++;
        }
    }

    function _refuseClaim(address caller, uint256 agent, uint256 epoch) private {
        EpochRedistributor redistributor = recorder[epoch];
        vm.prank(caller);
        try redistributor.claim(agent, epoch, caller) {
            _check(false, "what cannot be claimed is refused");
        } catch {
            refusals++;
        }
    }

    function _check(bool holds, string memory expectation) private {
        if (!holds && bytes(fault).length == 0) fault = expectation;
    }

    function _actor(uint256 seed) private pure returns (address) {
        return address(uint160(0x1000 + (seed % ACTORS)));
    }
}

/// @notice Design section 7, invariant 1, over years of work, burns, claims, expiries, transfers of agents and replaced redistributors.
contract EpochRedistributorInvariantTest is Test {
    EpochHandler private _handler;
    XP private _xp;

    function setUp() external {
        vm.warp(1_800_000_000);
        _handler = new EpochHandler();
        _handler.begin();
        _xp = _handler.world().xp();
        targetContract(address(_handler));
    }

    function invariant_SupplyIsMintedLessBurnedAndNeverAboveWhatMayExist() external view {
        vm.assertEq(_xp.totalBurned(), _handler.burned(), "XP was burned by another way");
        vm.assertEq(_xp.totalSupply(), _xp.totalMinted() - _handler.burned(), "the supply is not minted less burned");
        uint256 funded = _handler.world().redistributor().fundedBy(_xp.currentEpoch());
        uint256 pending = _handler.world().redistributor().pendingRelease();
        vm.assertLe(_xp.totalSupply() + pending, funded, "more exists than may");
        vm.assertLe(funded, SUPPLY, "more may exist than a hundred million");
    }

    function invariant_WhatIsReleasedIsClaimedBurnedAtExpiryOrRemains() external view {
        uint256 minted = 0;
        for (uint256 i = 0; i < _handler.epochCount(); i++) {
            uint256 epoch = _handler.epochs(i);
            (uint256 released, uint256 remaining, bool open) = _accountOf(epoch);
            if (open) {
                vm.assertEq(remaining, _handler.poolOf(epoch), "an open epoch has another pool");
                continue;
            }
            minted += released;
            uint256 cap = (_handler.kappaOf(epoch) * _handler.feesOf(epoch)) / DOLLAR;
            vm.assertEq(released, cap < _handler.poolOf(epoch) ? cap : _handler.poolOf(epoch), "another release");
            uint256 gone = _handler.claimedOf(epoch) + _handler.expiredOf(epoch);
            vm.assertEq(gone + remaining, released, "claimed, expired and remaining are not what was released");
        }
        vm.assertEq(minted, _xp.totalMinted(), "XP was minted by another way");
    }

    function invariant_NoAgentGetsMoreThanKappaTimesItsFees() external view {
        for (uint256 i = 0; i < _handler.epochCount(); i++) {
            uint256 epoch = _handler.epochs(i);
            for (uint256 agent = 1; agent <= _handler.AGENTS(); agent++) {
                uint256 cap = (_handler.kappaOf(epoch) * _handler.feesOfAgent(epoch, agent)) / DOLLAR;
                vm.assertLe(_handler.claimedByAgent(epoch, agent), cap, "an agent got more than its cap");
            }
        }
    }

    function invariant_AtMostOneEpochIsOpenAndTheBalancesAreWhatRemains() external view {
        uint256 open = 0;
        uint256 remains = 0;
        uint256 held = 0;
        address previous = address(0);
        for (uint256 i = 0; i < _handler.epochCount(); i++) {
            uint256 epoch = _handler.epochs(i);
            (, uint256 remaining, bool isOpen) = _accountOf(epoch);
            if (isOpen) open++;
            else remains += remaining;
            address holder = address(_handler.recorder(epoch));
            if (holder == previous) continue;
            held += _xp.balanceOf(holder);
            previous = holder;
        }
        vm.assertLe(open, 1, "two epochs are open");
        vm.assertEq(held, remains, "the balances are not what remains");
    }

    function invariant_NothingUnexpectedHappened() external view {
        vm.assertEq(_handler.fault(), "", "an expectation failed");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.jobs(), 8, "hardly anything was worked");
        vm.assertGt(_handler.claims(), 2, "hardly anything was claimed");
        vm.assertGt(_handler.burns(), 0, "nothing was burned");
        vm.assertGt(_handler.expiries(), 0, "nothing expired");
        vm.assertGt(_handler.successors(), 0, "nothing was replaced");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(_handler.epochCount(), 4, "hardly any epoch was worked in");
    }

    function _accountOf(uint256 epoch) private view returns (uint256 released, uint256 remaining, bool open) {
        EpochRedistributor redistributor = _handler.recorder(epoch);
        released = redistributor.accountOf(epoch).released;
        remaining = redistributor.accountOf(epoch).remaining;
        open = redistributor.accountOf(epoch).state == EpochState.Open;
    }
}
