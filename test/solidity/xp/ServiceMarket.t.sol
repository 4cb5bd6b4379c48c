// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {IEpochRedistributor} from "../../../contracts/xp/interfaces/IEpochRedistributor.sol";
import {IFeeTiers} from "../../../contracts/xp/interfaces/IFeeTiers.sol";
import {IReputation} from "../../../contracts/xp/interfaces/IReputation.sol";
import {ServiceMarket} from "../../../contracts/xp/ServiceMarket.sol";
import {Job, JobAcceptance, JobOutcomes, JobShares, JobState} from "../../../contracts/xp/types/Job.sol";
import {JobAssignment, MAX_AGENT_ID, packAssignment} from "../../../contracts/xp/types/JobAssignment.sol";
import {XP} from "../../../contracts/xp/XP.sol";
import {MarketHook} from "../../harness/xp/MarketHook.sol";
import {MarketRegistry} from "../../harness/xp/MarketRegistry.sol";
import {MisbehavingToken} from "../../harness/xp/MisbehavingToken.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant AGENT = 1;
address constant TREASURY = address(0x7EA5);
address constant CLIENT = address(0xC11E);
address constant OWNER = address(0x0111);
address constant WALLET = address(0xA111);

/// @dev A market in a token of 18 decimals, this contract as governance and arbiter, one agent.
abstract contract ServiceMarketSetUp is Test {
    MisbehavingToken internal token;
    MarketRegistry internal registry;
    MarketHook internal tiers;
    MarketHook internal reputation;
    MarketHook internal redistributor;
    ServiceMarket internal market;
    AccessManager internal manager;

    function _deployMarket() internal {
        vm.warp(START);
        token = new MisbehavingToken(18);
        registry = new MarketRegistry();
        manager = new AccessManager(address(this));
        XP xp = new XP(address(manager));
        market = new ServiceMarket(token, registry, xp, TREASURY, address(manager));
        tiers = new MarketHook();
        reputation = new MarketHook();
        redistributor = new MarketHook();
        market.setFeeTiers(IFeeTiers(address(tiers)));
        market.setReputation(IReputation(address(reputation)));
        market.setRedistributor(IEpochRedistributor(address(redistributor)));
        registry.set(AGENT, OWNER, WALLET, address(0));
    }

    /// @dev `who` can pay whatever a fuzzer asks for.
    function _endow(address who) internal {
        token.mint(who, 1 << 160);
        vm.prank(who);
        token.approve(address(market), type(uint256).max);
    }
}

/// @notice Fuzz tests of the market: whatever the amounts and the times, money is conserved and windows never overlap.
contract ServiceMarketTest is ServiceMarketSetUp {
    function setUp() external {
        _deployMarket();
        _endow(CLIENT);
        _endow(OWNER);
    }

    function testFuzz_PacksAnAssignmentWithoutLoss(
        address payee,
        uint256 agentId,
        uint256[3] memory values,
        uint8 state,
        uint256 until
    ) external pure {
        vm.assume(payee != address(0));
        agentId = bound(agentId, 0, MAX_AGENT_ID);
        uint256 deadline = bound(values[0], 0, (1 << 34) - 1);
        uint256 bondBps = bound(values[1], 1, 5_000);
        uint256 feeBps = bound(values[2], 1, 250);
        JobAssignment assignment = packAssignment(payee, agentId, deadline, bondBps, feeBps);
        vm.assertTrue(assignment.exists(), "exists");
        vm.assertEq(assignment.until(), deadline, "deadline");
        vm.assertTrue(assignment.state() == JobState.Accepted, "accepted");
        JobState next = JobState(bound(state, 2, 9));
        until = bound(until, 0, (1 << 34) - 1);
        assignment = assignment.moved(next, until);
        vm.assertEq(assignment.payee(), payee, "payee");
        vm.assertEq(assignment.agentId(), agentId, "agent");
        vm.assertEq(assignment.until(), until, "until");
        vm.assertEq(assignment.bondBps(), bondBps, "bond");
        vm.assertEq(assignment.feeBps(), feeBps, "fee");
        vm.assertTrue(assignment.state() == next, "state");
    }

    function testFuzz_EveryOutcomeSharesOutPaymentAndBonds(uint96 payment, uint256 feeBps, uint256 bondBps) external {
        (uint256 jobId, JobAcceptance memory acceptance) = _accepted(payment, feeBps, bondBps);
        uint256 paid = market.jobOf(jobId).payment;
        JobOutcomes memory outcomes = market.outcomesOf(jobId);
        uint256 bond = acceptance.bond;
        vm.assertEq(_sum(outcomes.settled), paid + bond, "settled");
        vm.assertEq(_sum(outcomes.refunded), paid + bond, "refunded");
        vm.assertEq(_sum(outcomes.ruledForAgent), paid + 2 * bond, "ruled for the agent");
        vm.assertEq(_sum(outcomes.ruledForClient), paid + 2 * bond, "ruled for the client");
        vm.assertEq(_sum(outcomes.split), paid + 2 * bond, "split");
        vm.assertEq(outcomes.settled.toTreasury, acceptance.fee, "the fee is not the one announced");
        vm.assertEq(outcomes.settled.toPayee, acceptance.net + bond, "the net is not the one announced");
        vm.assertEq(outcomes.ruledForAgent.toTreasury, acceptance.fee, "a ruling has another fee");
        vm.assertEq(outcomes.refunded.toPayee + outcomes.refunded.toTreasury, 0, "a refund costs something");
        vm.assertEq(
            outcomes.ruledForClient.toPayee + outcomes.ruledForClient.toTreasury,
            0,
            "a refund costs something"
        );
        uint256 toClient = outcomes.split.toClient;
        vm.assertEq(toClient, paid - paid / 2, "the client's half");
        vm.assertLe(outcomes.split.toPayee, toClient, "the payee's half is larger");
    }

    function testFuzz_FeeAndBondAreRoundedUpByLessThanOneUnit(
        uint96 payment,
        uint256 feeBps,
        uint256 bondBps
    ) external {
        bondBps = bound(bondBps, 1, 5_000);
        feeBps = bound(feeBps, 1, 250);
        (uint256 jobId, JobAcceptance memory acceptance) = _accepted(payment, feeBps, bondBps);
        uint256 paid = market.jobOf(jobId).payment;
        vm.assertGe(acceptance.fee * 10_000, paid * feeBps, "the fee is rounded down");
        vm.assertLt((acceptance.fee - 1) * 10_000, paid * feeBps, "the fee is a unit too high");
        vm.assertGe(acceptance.bond * 10_000, paid * bondBps, "the bond is rounded down");
        vm.assertLt((acceptance.bond - 1) * 10_000, paid * bondBps, "the bond is a unit too high");
        vm.assertLe(acceptance.fee, paid, "the fee is above the payment");
    }

    function testFuzz_AtEveryMomentExactlyOneSideOfTheWindowIsOpen(uint256 elapsed, uint256 stage) external {
        (uint256 jobId, ) = _accepted(1_000, 100, 500);
        stage = bound(stage, 0, 2);
        if (stage > 0) {
            vm.prank(OWNER);
            market.deliver(jobId, "");
        }
        if (stage > 1) {
            vm.prank(CLIENT);
            market.reject(jobId, "");
        }
        Job memory job = market.jobOf(jobId);
        vm.warp(block.timestamp + bound(elapsed, 0, 2 * (job.until - block.timestamp)));
        bool over = block.timestamp > job.until;
        vm.assertEq(market.jobOf(jobId).overdue, over, "overdue");
        address insider =
            stage == 0
                ? OWNER
                : stage == 1
                    ? CLIENT
                    : address(this);
        bytes memory within =
            stage == 0
                ? abi.encodeCall(market.deliver, (jobId, ""))
                : stage == 1
                    ? abi.encodeCall(market.reject, (jobId, ""))
                    : abi.encodeCall(market.rule, (jobId, true));
        bytes memory afterwards =
            stage == 0
                ? abi.encodeCall(market.refund, (jobId))
                : stage == 1
                    ? abi.encodeCall(market.settle, (jobId))
                    : abi.encodeCall(market.split, (jobId));
        // what is refused changes nothing, so the one that is refused goes first
        _try(over ? insider : address(0xBAD), over ? within : afterwards, false);
        _try(over ? address(0xBAD) : insider, over ? afterwards : within, true);
    }

    function testFuzz_AWrongAmountIsNeverTaken(uint96 payment, int128 distortion) external {
        uint256 amount = bound(payment, 1, type(uint96).max);
        vm.assume(distortion != 0 && distortion > -int256(amount) - 1);
        token.distort(distortion);
        vm.prank(CLIENT);
        vm.expectRevert(
            abi.encodeWithSelector(
                ServiceMarket.ServiceMarket_WrongAmountReceived.selector,
                amount,
                uint256(0),
                uint256(int256(amount) + distortion)
            )
        );
        market.open(0, amount, 0, block.timestamp, 1 days, "");
    }

    function _try(address caller, bytes memory data, bool expected) private {
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = address(market).call(data);
        vm.assertEq(success, expected, expected ? "what should pass was refused" : "what should be refused passed");
    }

    /// @dev A job of `payment`, accepted for the agent with the fee and the bond given.
    function _accepted(
        uint256 payment,
        uint256 feeBps,
        uint256 bondBps
    ) private returns (uint256 jobId, JobAcceptance memory acceptance) {
        market.setBondBps(bound(bondBps, 1, 5_000));
        tiers.behave(MarketHook.Kind.Word, bound(feeBps, 1, 250));
        vm.prank(CLIENT);
        jobId = market.open(AGENT, bound(payment, 1, type(uint96).max), 0, block.timestamp, 30 days, "");
        acceptance = market.previewAccept(jobId, AGENT);
        vm.prank(OWNER);
        market.accept(jobId, AGENT, 250);
    }

    function _sum(JobShares memory shares) private pure returns (uint256) {
        return shares.toPayee + shares.toClient + shares.toTreasury;
    }
}

/// @dev Many hands on one market: clients, agents, an arbiter, a governance that changes everything it can, hooks that fail, and passing time.
contract ServiceMarketHandler is Test {
    uint256 private constant _ACTORS = 4;

    ServiceMarket private immutable _MARKET;
    MisbehavingToken private immutable _TOKEN;
    MarketRegistry private immutable _REGISTRY;
    MarketHook[3] private _hooks;

    uint256[] public living;
    mapping(JobState state => uint256 times) public ended;
    mapping(address account => uint256 amount) public credited;
    mapping(uint256 jobId => JobOutcomes outcomes) private _announced;

    uint256 public donated;
    uint256 public feesEver;
    uint256 public feesCollected;
    uint256 public accepted;
    uint256 public settled;
    uint256 public calls;
    bool public unlike;

    constructor(ServiceMarket market_, MisbehavingToken token_, MarketRegistry registry_, MarketHook[3] memory hooks) {
        (_MARKET, _TOKEN, _REGISTRY) = (market_, token_, registry_);
        for (uint256 i = 0; i < 3; i++) _hooks[i] = hooks[i];
    }

    /// @dev After each call of the runner the handler makes others of its own, in turn, so that even a short run meets every outcome.
    modifier thenMore(uint256 seed) {
        _;
        uint256 turn = calls++ % 7;
        if (turn == 0) _finish(_advance(_open(seed), 0), false);
        if (turn == 1) _finish(_advance(_open(seed), 1), true);
        if (turn == 2) _finish(_advance(_open(seed), 2), true);
        if (turn == 3) _rule(_advance(_open(seed), 3), true);
        if (turn == 4) _rule(_advance(_open(seed), 3), false);
        if (turn == 5) _finish(_advance(_open(seed), 3), true);
        if (turn == 6) _advance(_open(seed), seed % 4);
    }

    function actor(uint256 seed) public pure returns (address) {
        return address(uint160(0xAC7000 + (seed % _ACTORS)));
    }

    function actors() external pure returns (uint256) {
        return _ACTORS;
    }

    function livingCount() external view returns (uint256) {
        return living.length;
    }

    function open(uint256 seed) external thenMore(seed) {
        _open(seed);
    }

    function advance(uint256 seed) external thenMore(seed) {
        if (living.length != 0) _advance(living[seed % living.length], (seed >> 128) % 4);
    }

    function finish(uint256 seed, bool late) external thenMore(seed) {
        if (living.length != 0) _finish(living[seed % living.length], late);
    }

    function withdraw(uint256 seed) external thenMore(seed) {
        address account = actor(seed);
        uint256 credit = _MARKET.creditOf(account);
        if (credit == 0) return;
        uint256 before = _TOKEN.balanceOf(account);
        vm.prank(account);
        _MARKET.withdraw(account);
        credited[account] -= _TOKEN.balanceOf(account) - before;
    }

    function collectFees(uint256 seed) external thenMore(seed) {
        if (_MARKET.feesOwed() != 0) feesCollected += _MARKET.collectFees();
    }

    function govern(uint256 seed) external thenMore(seed) {
        _MARKET.setBondBps(bound(seed, 1, 5_000));
        _MARKET.setTreasury(address(uint160(0x7EA5000 + (seed % 8))));
        _hooks[seed % 3].behave(MarketHook.Kind((seed >> 8) % 7), (seed >> 16) % 300);
    }

    function moveAgent(uint256 seed) external thenMore(seed) {
        _REGISTRY.set(AGENT, actor(seed), actor(seed >> 16), actor(seed >> 32));
    }

    function donate(uint256 amount) external thenMore(amount) {
        amount = bound(amount, 0, 1e24);
        donated += amount;
        _TOKEN.mint(address(_MARKET), amount);
    }

    function wait_(uint256 seconds_) external thenMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 20 days));
    }

    function _open(uint256 seed) private returns (uint256 jobId) {
        uint256 payment = bound(seed, 1, 1 << (1 + ((seed >> 96) % 90)));
        vm.prank(actor(seed >> 8));
        jobId = _MARKET.open(0, payment, 0, block.timestamp + (seed % 5 days), 1 hours + (seed % 9 days), "");
        living.push(jobId);
    }

    /// @dev Brings a job up to `steps` steps further, as far as its state and its windows let it.
    function _advance(uint256 jobId, uint256 steps) private returns (uint256) {
        for (uint256 i = 0; i < steps; i++) {
            Job memory job = _MARKET.jobOf(jobId);
            if (job.overdue) break;
            if (job.state == JobState.Open) {
                address owner = _REGISTRY.ownerOf(AGENT);
                address wallet = _REGISTRY.getAgentWallet(AGENT);
                if (job.client == owner || job.client == wallet) {
                    owner = actor(uint160(job.client) + 1);
                    _REGISTRY.set(AGENT, owner, actor(uint160(job.client) + 2), owner);
                }
                vm.prank(owner);
                _MARKET.accept(jobId, AGENT, 250);
                _announced[jobId] = _MARKET.outcomesOf(jobId);
            } else if (job.state == JobState.Accepted) {
                vm.prank(job.payee);
                _MARKET.deliver(jobId, "");
            } else if (job.state == JobState.Delivered) {
                vm.prank(job.client);
                _MARKET.reject(jobId, "");
            }
        }
        return jobId;
    }

    /// @dev Ends a job: by its client where that is possible, or `late` by a stranger, when everybody else was silent.
    function _finish(uint256 jobId, bool late) private {
        Job memory job = _MARKET.jobOf(jobId);
        bool byClient = !late && (job.state == JobState.Open || job.state == JobState.Delivered);
        if (!byClient && block.timestamp <= job.until) vm.warp(job.until + 1);
        vm.prank(byClient ? job.client : address(0x57A6E6));
        if (job.state == JobState.Open) {
            _MARKET.cancel(jobId);
            credited[job.client] += job.payment;
            _remove(jobId, JobState.Cancelled);
        } else if (job.state == JobState.Accepted) {
            _MARKET.refund(jobId);
            _count(jobId, job, _announced[jobId].refunded, JobState.Refunded);
        } else if (job.state == JobState.Delivered) {
            _MARKET.settle(jobId);
            _count(jobId, job, _announced[jobId].settled, JobState.Settled);
        } else {
            _MARKET.split(jobId);
            _count(jobId, job, _announced[jobId].split, JobState.Split);
        }
    }

    function _rule(uint256 jobId, bool forAgent) private {
        Job memory job = _MARKET.jobOf(jobId);
        if (job.state != JobState.Rejected || job.overdue) return;
        _MARKET.rule(jobId, forAgent);
        JobOutcomes storage announced = _announced[jobId];
        if (forAgent) _count(jobId, job, announced.ruledForAgent, JobState.RuledForAgent);
        else _count(jobId, job, announced.ruledForClient, JobState.RuledForClient);
    }

    /// @dev Counts what was announced when the job was accepted, whatever governance has changed since.
    function _count(uint256 jobId, Job memory job, JobShares memory shares, JobState outcome) private {
        credited[job.payee] += shares.toPayee;
        credited[job.client] += shares.toClient;
        feesEver += shares.toTreasury;
        bool success = outcome == JobState.Settled || outcome == JobState.RuledForAgent;
        if (success) accepted += job.payment;
        if (outcome != JobState.Split) settled += job.payment;
        _remove(jobId, outcome);
    }

    function _remove(uint256 jobId, JobState outcome) private {
        if (_MARKET.jobOf(jobId).state != outcome) unlike = true;
        ended[outcome]++;
        for (uint256 i = 0; i < living.length; i++) {
            if (living[i] != jobId) continue;
            living[i] = living[living.length - 1];
            living.pop();
            return;
        }
    }
}

/// @notice Design section 7, invariant 2: balance ≥ escrow + bonds + credits + fees owed; each job: to agent + fee + refund = payment.
contract ServiceMarketInvariantTest is ServiceMarketSetUp {
    ServiceMarketHandler private _handler;

    function setUp() external {
        _deployMarket();
        tiers.behave(MarketHook.Kind.Word, 100);
        _handler = new ServiceMarketHandler(market, token, registry, [tiers, reputation, redistributor]);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        for (uint256 i = 0; i < _handler.actors(); i++) _endow(_handler.actor(i));
        registry.set(AGENT, _handler.actor(0), address(0), address(0));
        targetContract(address(_handler));
    }

    function invariant_TheBalanceCoversAllThatIsOwed() external view {
        uint256 owed = market.feesOwed();
        for (uint256 i = 0; i < _handler.livingCount(); i++) {
            Job memory job = market.jobOf(_handler.living(i));
            uint256 bonds =
                job.state == JobState.Open
                    ? 0
                    : job.state == JobState.Rejected
                        ? 2
                        : 1;
            owed += job.payment + bonds * job.bond;
        }
        for (uint256 i = 0; i < _handler.actors(); i++) owed += market.creditOf(_handler.actor(i));
        vm.assertEq(token.balanceOf(address(market)), owed + _handler.donated(), "balance and debts differ");
    }

    function invariant_CreditsAndFeesAreWhatWasAnnounced() external view {
        for (uint256 i = 0; i < _handler.actors(); i++) {
            address account = _handler.actor(i);
            vm.assertEq(market.creditOf(account), _handler.credited(account), "a credit is another than announced");
        }
        vm.assertEq(
            market.feesOwed() + _handler.feesCollected(),
            _handler.feesEver(),
            "fees are others than announced"
        );
        vm.assertFalse(_handler.unlike(), "a job ended in another state");
    }

    function invariant_VolumesCountWhatWasAcceptedAndWhatFailed() external view {
        (uint256 accepted, uint256 settled) = market.volumesOf(AGENT);
        vm.assertEq(accepted, _handler.accepted(), "accepted volume");
        vm.assertEq(settled, _handler.settled(), "settled volume");
        vm.assertLe(accepted, settled, "more was accepted than settled");
    }

    function afterInvariant() external view {
        for (uint256 state = uint256(JobState.Settled); state <= uint256(JobState.Split); state++) {
            vm.assertGt(_handler.ended(JobState(state)), 0, "an outcome was never reached");
        }
        vm.assertGt(_handler.ended(JobState.Cancelled), 0, "nothing was cancelled");
        vm.assertGt(_handler.livingCount(), 0, "nothing lives");
    }
}
