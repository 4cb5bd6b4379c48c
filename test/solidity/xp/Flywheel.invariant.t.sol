// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {AgentRegistry} from "../../../contracts/xp/AgentRegistry.sol";
import {EpochRedistributor} from "../../../contracts/xp/EpochRedistributor.sol";
import {FeeTiers} from "../../../contracts/xp/FeeTiers.sol";
import {IEpochPredecessor} from "../../../contracts/xp/interfaces/IEpochPredecessor.sol";
import {IFeeTiers} from "../../../contracts/xp/interfaces/IFeeTiers.sol";
import {Reputation} from "../../../contracts/xp/Reputation.sol";
import {ServiceMarket} from "../../../contracts/xp/ServiceMarket.sol";
import {TestDollar} from "../../../contracts/xp/TestDollar.sol";
import {EpochAccount, EpochState} from "../../../contracts/xp/types/EpochAccount.sol";
import {EpochClaim} from "../../../contracts/xp/types/EpochClaim.sol";
import {Job, JobState} from "../../../contracts/xp/types/Job.sol";
import {XP} from "../../../contracts/xp/XP.sol";
import {XPMarket} from "../../../contracts/xp/XPMarket.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant WHOLE = 1e18;
uint256 constant DOLLAR = 1e6;
uint256 constant WEEK = 7 days;
uint256 constant MONTH = 30 days;
uint256 constant BASIC = 250;
address constant ARBITER = address(0xA4B17E4);
address constant ROUTER = address(0x4073E4);
address constant TREASURY = address(0x73EA5);

/// @dev One random number of many from the same `seed`.
function dice(uint256 seed, uint256 position) pure returns (uint256) {
    return uint256(keccak256(abi.encode(seed, position)));
}

/// @dev The source's table.
function sourceTable() pure returns (FeeTiers.Tier[] memory table) {
    table = new FeeTiers.Tier[](5);
    table[0] = FeeTiers.Tier(10_000e18, 200);
    table[1] = FeeTiers.Tier(50_000e18, 150);
    table[2] = FeeTiers.Tier(250_000e18, 100);
    table[3] = FeeTiers.Tier(1_000_000e18, 50);
    table[4] = FeeTiers.Tier(5_000_000e18, 25);
}

/// @notice All contracts of the flywheel as the deployment wires them, and whoever governs it.
contract FlywheelWorld {
    uint64 private constant MINTER_ROLE = 1;
    uint64 private constant ARBITER_ROLE = 2;
    uint64 private constant ROUTER_ROLE = 3;

    AccessManager private immutable _manager;
    XP public immutable xp;
    AgentRegistry public immutable registry;
    TestDollar public immutable dollar;
    ServiceMarket public immutable market;
    Reputation public immutable reputation;
    XPMarket public immutable exchange;
    FeeTiers public tiers;
    EpochRedistributor public redistributor;

    constructor() {
        _manager = new AccessManager(address(this));
        xp = new XP(address(_manager));
        registry = new AgentRegistry();
        dollar = new TestDollar();
        market = new ServiceMarket(dollar, registry, xp, TREASURY, address(_manager));
        reputation = new Reputation(xp, registry, market);
        exchange = new XPMarket(xp, dollar);
        _map(address(xp), XP.mint.selector, MINTER_ROLE);
        _map(address(market), ServiceMarket.rule.selector, ARBITER_ROLE);
        _manager.grantRole(ARBITER_ROLE, ARBITER, 0);
        _manager.grantRole(ROUTER_ROLE, ROUTER, 0);
        market.setReputation(reputation);
        replaceTiers(sourceTable());
        replaceRedistributor();
    }

    /// @notice Ends the sale of tiers where it is, and opens a successor that sells `table` and keeps what was bought.
    function replaceTiers(FeeTiers.Tier[] memory table) public {
        FeeTiers old = tiers;
        if (address(old) != address(0)) old.setTable(new FeeTiers.Tier[](0));
        tiers = new FeeTiers(xp, registry, IFeeTiers(address(old)), address(_manager), table);
        _map(address(tiers), FeeTiers.burnForTierFor.selector, ROUTER_ROLE);
        market.setFeeTiers(tiers);
    }

    /// @notice Names a redistributor that replaces the latest one.
    function replaceRedistributor() public {
        IEpochPredecessor old = IEpochPredecessor(address(redistributor));
        redistributor = new EpochRedistributor(xp, address(market), registry, old, dollar, address(_manager));
        _manager.grantRole(MINTER_ROLE, address(redistributor), 0);
        market.setRedistributor(redistributor);
    }

    function setTable(FeeTiers.Tier[] calldata table) external {
        tiers.setTable(table);
    }

    function setKappa(EpochRedistributor target, uint256 kappa) external {
        target.setKappa(kappa);
    }

    function setTreasury(address treasury) external {
        market.setTreasury(treasury);
    }

    function setBondBps(uint256 bondBps) external {
        market.setBondBps(bondBps);
    }

    function _map(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        _manager.setTargetFunctionRole(target, selectors, role);
    }
}

/// @notice Six people who own agents, hire those of the others, and trade, lock and burn XP; an arbiter, a router and governance. Beside each step
/// it keeps its own books, from the steps' arguments and the rules alone. `fault` is the first expectation that failed.
contract Flywheel is Test {
    /// @dev A job that has not ended, in its own books.
    struct Shadow {
        JobState state;
        address client;
        address payee;
        address owner;
        uint256 agent;
        uint256 wanted;
        uint256 payment;
        uint256 bond;
        uint256 feeBps;
        uint256 deliverWithin;
        uint256 until;
    }

    struct Bought {
        uint256 feeBps;
        uint256 since;
        uint256 end;
        uint256 prepaid;
    }

    struct Offer {
        uint256 id;
        address maker;
        uint256 remaining;
        uint256 price;
        bool isBid;
    }

    uint256 private constant PEOPLE = 6;
    uint256 private constant MOST_AGENTS = 8;
    /// @dev Each replaced contract stays in the way of the next, and governance does not replace one every week.
    uint256 private constant MOST_REPLACEMENTS = 5;
    address private constant PASSER_BY = address(0x9A55E4);
    bytes32 private constant CONSENT = keccak256(
        "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"
    );

    FlywheelWorld public immutable world;
    XP private immutable _xp;
    AgentRegistry private immutable _registry;
    TestDollar private immutable _dollar;
    ServiceMarket private immutable _market;
    Reputation private immutable _reputation;
    XPMarket private immutable _exchange;
    address[] private _people;
    uint256 public agents;
    string public fault;
    mapping(string deed => uint256) public times;

    // jobs, in units of the test dollar
    mapping(uint256 jobId => Shadow) private _jobs;
    uint256[] private _live;
    uint256 private _bondBps = 500;
    address public treasury = TREASURY;
    uint256 public jobs;
    uint256 public held;
    uint256 public credits;
    uint256 public owed;
    mapping(address account => uint256) public creditOf;
    mapping(uint256 agent => uint256) public acceptedOf;
    mapping(uint256 agent => uint256) public settledOf;

    // epochs, in wei of XP and units of fee
    uint256[] public epochs;
    EpochRedistributor private _present;
    EpochRedistributor private _next;
    uint256 private _nextFrom;
    uint256 private _burnedBefore;
    uint256 private _redistributors = 1;
    mapping(EpochRedistributor => uint256) private _kappaAt;
    mapping(uint256 epoch => EpochRedistributor) public recorderOf;
    mapping(uint256 epoch => uint256) public poolOf;
    mapping(uint256 epoch => uint256) public kappaOf;
    mapping(uint256 epoch => uint256) public feesOf;
    mapping(uint256 epoch => uint256) public claimedOf;
    mapping(uint256 epoch => uint256) public expiredOf;
    mapping(uint256 epoch => bool) public isExpired;
    mapping(uint256 epoch => mapping(uint256 agent => uint256)) public feesOfAgent;
    mapping(uint256 epoch => mapping(uint256 agent => uint256)) public claimedByAgent;
    mapping(uint256 epoch => mapping(uint256 agent => address)) private _ownerThen;

    // burns, in wei
    uint256 public burned;
    mapping(uint256 epoch => uint256) public burnedIn;
    uint256 public burnedForTiers;
    uint256 public pricesLessCredits;

    FeeTiers[] private _sellers;
    FeeTiers.Tier[] private _table;
    mapping(FeeTiers => mapping(address account => Bought)) private _bought;

    // reputation and orders
    uint256 public locked;
    uint256 public pending;
    mapping(uint256 agent => uint256) public lockedTo;
    mapping(uint256 agent => mapping(address backer => uint256)) private _lockedBy;
    mapping(uint256 agent => mapping(address backer => uint256)) private _pendingOf;
    mapping(uint256 agent => mapping(address backer => uint256)) private _availableAt;
    Offer[] private _offers;
    uint256 private _orders;

    /// @dev Four people register an agent each.
    constructor(FlywheelWorld world_) {
        world = world_;
        _xp = world.xp();
        _registry = world.registry();
        _dollar = world.dollar();
        _market = world.market();
        _reputation = world.reputation();
        _exchange = world.exchange();
        _present = world.redistributor();
        _kappaAt[_present] = 20 * WHOLE;
        _open(sourceTable());
        for (uint256 i = 0; i < PEOPLE; i++) {
            address person = vm.addr(i + 1);
            _people.push(person);
            _allow(person);
            if (i < 4) _register(person);
        }
    }

    /// @notice Does the deed `which` of the `group`, as far as `seed` leaves it open; what it needs first, it does first.
    function step(uint256 group, uint256 which, uint256 seed) external returns (string memory deed) {
        if (group == 0) deed = _agentStep(which, seed);
        else if (group == 1) deed = _jobStep(which, seed);
        else if (group == 2) deed = _endStep(which, seed);
        else if (group == 3) deed = _payoutStep(which, seed);
        else if (group == 4) deed = _redistributionStep(which, seed);
        else if (group == 5) deed = _reputationStep(which, seed);
        else if (group == 6) deed = _tierStep(which, seed);
        else if (group == 7) deed = _tradeStep(which, seed);
        else if (group == 8) deed = _governanceStep(which, seed);
        else deed = _waitStep(which, seed);
        times[deed]++;
    }

    /// @notice Everybody ends what they began and takes what is theirs; what nobody claimed for a year expires.
    function windDown() external {
        while (_live.length != 0) _endLate(_live[_live.length - 1]);
        while (_offers.length != 0) _takeBackOrder(_offers.length - 1, _offers[_offers.length - 1].maker);
        for (uint256 i = 0; i < PEOPLE; i++) {
            address person = _people[i];
            _withdraw(person);
            for (uint256 agent = 1; agent <= agents; agent++) {
                if (_lockedBy[agent][person] != 0) _unlock(agent, person, _lockedBy[agent][person]);
            }
        }
        for (uint256 i = 0; i < PEOPLE * agents; i++) {
            if (_pendingOf[1 + i / PEOPLE][_person(i)] != 0) _takeBack(1 + i / PEOPLE, _person(i));
        }
        if (owed != 0) _collectFees();
        for (uint256 i = 0; i < epochs.length; i++) if (!isExpired[epochs[i]]) _expireEpoch(epochs[i]);
    }

    /// @notice Keeps the first failure.
    function blame(string memory failure) public {
        if (bytes(fault).length == 0) fault = failure;
    }

    // ------------------------------------------------------------------ agents

    function _agentStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            if (agents == MOST_AGENTS) return "";
            _register(_person(seed));
            return "registered";
        }
        if (which == 1 || which == 2) {
            uint256 jobId = _inState(JobState.Accepted, seed);
            uint256 agent = _jobs[jobId].agent;
            _transfer(agent, seed);
            if (which == 1) return "transferred in mid-job";
            // it may have been on its way back
            if (_registry.ownerOf(agent) == _jobs[jobId].owner) _transfer(agent, seed);
            // by the new owner, for the payee of the old one
            _deliver(jobId, 0);
            _settle(jobId);
            return "served under another owner";
        }
        uint256 agentId = _agent(seed);
        if (which == 3) {
            _setWallet(agentId, 1 + ((seed >> 8) % PEOPLE));
            return "set a wallet";
        }
        vm.prank(_registry.ownerOf(agentId));
        _registry.unsetAgentWallet(agentId);
        return "unset a wallet";
    }

    /// @dev The wallet is that of the person with `key`, who consents.
    function _setWallet(uint256 agentId, uint256 key) private {
        address owner = _registry.ownerOf(agentId);
        uint256 deadline = block.timestamp + 60;
        bytes32 consent = keccak256(abi.encode(CONSENT, agentId, vm.addr(key), owner, deadline));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", _registry.DOMAIN_SEPARATOR(), consent));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        vm.prank(owner);
        _registry.setAgentWallet(agentId, vm.addr(key), deadline, abi.encodePacked(r, s, v));
    }

    function _register(address person) private {
        vm.prank(person);
        _check(_registry.register() == ++agents, "agents are numbered from one");
    }

    function _transfer(uint256 agentId, uint256 seed) private {
        address owner = _registry.ownerOf(agentId);
        address to = _person(seed >> 16);
        if (to == owner) to = _person((seed >> 16) + 1);
        vm.prank(owner);
        _registry.transferFrom(owner, to, agentId);
        _check(_registry.getAgentWallet(agentId) == address(0), "a transfer takes the wallet");
    }

    // -------------------------------------------------------------------- jobs

    function _jobStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) return _openJob(seed);
        if (which == 1) {
            uint256 jobId = _inState(JobState.Open, seed);
            _accept(jobId, _agentFor(jobId, seed));
            return "accepted";
        }
        if (which == 2) {
            _deliver(_inState(JobState.Accepted, seed), seed);
            return "delivered";
        }
        if (which == 3) {
            _reject(_inState(JobState.Delivered, seed));
            return "rejected";
        }
        return _tooLittleTrust(seed);
    }

    /// @dev For one agent or any, at times with trust asked for; it may well be that nobody can accept it.
    function _openJob(uint256 seed) private returns (string memory) {
        address client = _person(seed);
        uint256 wanted = (seed >> 8) % 2 == 0 ? 0 : _agent(seed >> 16);
        if (wanted != 0 && _registry.ownerOf(wanted) == client) wanted = 0;
        uint256 trust = (seed >> 24) % 3 == 0 ? (seed >> 32) % 60 : 0;
        _open(client, wanted, _payment(seed), trust, 1 + ((seed >> 40) % 9 days));
        return "opened";
    }

    function _open(address client, uint256 wanted, uint256 payment, uint256 trust, uint256 openFor) private {
        // the faucet gives no more at a time
        uint256 half = payment / 2;
        _dollar.faucet(client, half);
        _dollar.faucet(client, payment - half);
        uint256 within = 1 hours + (payment % 20 days);
        vm.prank(client);
        uint256 jobId = _market.open(wanted, payment, trust, block.timestamp + openFor, within, bytes32(payment));
        _check(jobId == ++jobs, "jobs are numbered from one");
        Shadow storage job = _jobs[jobId];
        job.client = client;
        job.wanted = wanted;
        job.payment = payment;
        job.bond = (payment * _bondBps + 9_999) / 10_000;
        job.deliverWithin = within;
        job.until = block.timestamp + openFor;
        _live.push(jobId);
        held += payment;
    }

    function _accept(uint256 jobId, uint256 agentId) private {
        Shadow storage job = _jobs[jobId];
        address owner = _registry.ownerOf(agentId);
        address wallet = _registry.getAgentWallet(agentId);
        _dollar.faucet(owner, job.bond);
        vm.prank(owner);
        _market.accept(jobId, agentId, BASIC);
        job.state = JobState.Accepted;
        job.agent = agentId;
        job.owner = owner;
        job.payee = wallet == address(0) ? owner : wallet;
        job.feeBps = feeOf(owner);
        job.until = block.timestamp + job.deliverWithin;
        held += job.bond;
        _check(_market.jobOf(jobId).feeBps == job.feeBps, "the fee is that of the owner's tier");
        _check(_market.jobOf(jobId).payee == job.payee, "the payee is the wallet, or else the owner");
    }

    function _deliver(uint256 jobId, uint256 seed) private {
        Shadow storage job = _jobs[jobId];
        address owner = _registry.ownerOf(job.agent);
        vm.prank(seed % 2 == 0 ? owner : job.payee);
        _market.deliver(jobId, bytes32(seed));
        job.state = JobState.Delivered;
        job.until = block.timestamp + 3 days;
    }

    function _reject(uint256 jobId) private {
        Shadow storage job = _jobs[jobId];
        _dollar.faucet(job.client, job.bond);
        vm.prank(job.client);
        _market.reject(jobId, "no");
        job.state = JobState.Rejected;
        job.until = block.timestamp + 7 days;
        held += job.bond;
    }

    /// @dev An agent with less trust than is asked for is refused, and with as much is not.
    function _tooLittleTrust(uint256 seed) private returns (string memory) {
        uint256 jobId = _fresh(seed);
        uint256 agentId = _agentFor(jobId, seed);
        uint256 trust = _reputation.trustOf(agentId) / WHOLE;
        if (trust >= 100) return "";
        _open(_jobs[jobId].client, agentId, 1 + (seed % DOLLAR), trust + 1, 1 days);
        bytes memory acceptance = abi.encodeCall(ServiceMarket.accept, (jobs, agentId, BASIC));
        _refused(
            _registry.ownerOf(agentId),
            address(_market),
            acceptance,
            ServiceMarket.ServiceMarket_TrustTooLow.selector
        );
        _open(_jobs[jobId].client, agentId, 1 + (seed % DOLLAR), trust, 1 days);
        _accept(jobs, agentId);
        return "refused and took by trust";
    }

    // -------------------------------------------------------------------- ends

    function _endStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            _settle(_inState(JobState.Delivered, seed));
            return "settled by the client";
        }
        if (which == 1) {
            _endLate(_inState(JobState.Delivered, seed));
            return "settled by anybody";
        }
        if (which == 2 || which == 3) {
            uint256 jobId = _inState(JobState.Rejected, seed);
            vm.prank(ARBITER);
            _market.rule(jobId, which == 2);
            _end(jobId, which == 2 ? JobState.RuledForAgent : JobState.RuledForClient);
            return which == 2 ? "ruled for the agent" : "ruled for the client";
        }
        if (which == 4) {
            _endLate(_inState(JobState.Rejected, seed));
            return "split";
        }
        if (which == 5) {
            _endLate(_inState(JobState.Accepted, seed));
            return "refunded";
        }
        _openJob(seed);
        if (which == 7) {
            _endLate(jobs);
            return "cancelled by anybody";
        }
        vm.prank(_jobs[jobs].client);
        _market.cancel(jobs);
        _cancelled(jobs);
        return "cancelled by the client";
    }

    function _settle(uint256 jobId) private {
        vm.prank(_jobs[jobId].client);
        _market.settle(jobId);
        _end(jobId, JobState.Settled);
    }

    /// @dev Once the running window is over, anybody ends the job in the one way that is left.
    function _endLate(uint256 jobId) private {
        _pass(jobId);
        JobState state = _jobs[jobId].state;
        vm.prank(PASSER_BY);
        if (state == JobState.Open) {
            _market.cancel(jobId);
            _cancelled(jobId);
        } else if (state == JobState.Accepted) {
            _market.refund(jobId);
            _end(jobId, JobState.Refunded);
        } else if (state == JobState.Delivered) {
            _market.settle(jobId);
            _end(jobId, JobState.Settled);
        } else {
            _market.split(jobId);
            _end(jobId, JobState.Split);
        }
    }

    function _cancelled(uint256 jobId) private {
        _pay(_jobs[jobId].client, _jobs[jobId].payment);
        held -= _jobs[jobId].payment;
        _forget(jobId, JobState.Cancelled);
    }

    /// @dev Shares out what was held for the job, and compares with what the market credited.
    function _end(uint256 jobId, JobState outcome) private {
        Shadow storage job = _jobs[jobId];
        uint256 toAgent = 0;
        if (outcome == JobState.Settled || outcome == JobState.RuledForAgent) toAgent = job.payment;
        if (outcome == JobState.Split) toAgent = job.payment / 2;
        uint256 refund = job.payment - toAgent;
        // what is left to the agent is rounded down
        uint256 fee = toAgent - (toAgent * (10_000 - job.feeBps)) / 10_000;
        uint256 bonds = job.state == JobState.Rejected ? 2 * job.bond : job.bond;
        held -= job.payment + bonds;
        bool failed = outcome == JobState.Refunded || outcome == JobState.RuledForClient;
        _pay(job.payee, toAgent - fee + (failed || outcome == JobState.Split ? 0 : bonds));
        _pay(job.client, refund + (failed ? bonds : 0));
        owed += fee + (outcome == JobState.Split ? bonds : 0);
        _check(_market.feesOwed() == owed, "fee and forfeited bonds are owed to the treasury");
        _check(_market.creditOf(job.payee) == creditOf[job.payee], "the agent's side gets its payment and bond");
        _check(_market.creditOf(job.client) == creditOf[job.client], "the client gets refund and bond");
        Job memory shown = _market.jobOf(jobId);
        _check(shown.feeBps == job.feeBps && shown.payee == job.payee, "fee and payee stay as they were accepted");
        if (outcome != JobState.Split) {
            settledOf[job.agent] += job.payment;
            if (!failed) acceptedOf[job.agent] += job.payment;
            _record(job.agent, failed ? 0 : fee);
        }
        if (feeOf(job.owner) > job.feeBps) times["ended after its tier"]++;
        if (_registry.ownerOf(job.agent) != job.owner) times["ended under another owner"]++;
        _forget(jobId, outcome);
    }

    function _pay(address account, uint256 amount) private {
        creditOf[account] += amount;
        credits += amount;
    }

    function _forget(uint256 jobId, JobState outcome) private {
        _jobs[jobId].state = outcome;
        _check(_market.jobOf(jobId).state == outcome, "the job says how it ended");
        for (uint256 i = 0; i < _live.length; i++) {
            if (_live[i] != jobId) continue;
            _live[i] = _live[_live.length - 1];
            _live.pop();
            return;
        }
    }

    // ------------------------------------------------------------------ epochs

    /// @dev What the redistributor should now know, by the rules: the first record fixes pool and κ.
    function _record(uint256 agentId, uint256 fee) private {
        uint256 epoch = _epoch();
        if (_nextFrom != 0 && epoch >= _nextFrom) (_present, _nextFrom) = (_next, 0);
        if (address(recorderOf[epoch]) == address(0)) _openEpoch(epoch);
        feesOf[epoch] += fee;
        feesOfAgent[epoch][agentId] += fee;
        if (fee != 0) _ownerThen[epoch][agentId] = _registry.ownerOf(agentId);
        _check(_present.openEpoch() == epoch, "the epoch is open once it has a job");
        _check(_present.sumsOf(epoch).fees == feesOf[epoch], "the job is recorded");
        _check(_present.runningPool() == poolOf[epoch], "the pool is what the last one left and what came since");
    }

    /// @dev Its pool: what the last epoch with a job did not pay, what may exist since then, and what was burned since then and before this epoch.
    function _openEpoch(uint256 epoch) private {
        uint256 last = epochs.length == 0 ? 0 : epochs[epochs.length - 1];
        uint256 left = poolOf[last] - releasedOf(last);
        uint256 burnedBefore = burned - burnedIn[epoch];
        poolOf[epoch] = left + (funded(epoch) - funded(last)) + (burnedBefore - _burnedBefore);
        kappaOf[epoch] = _kappaAt[_present];
        recorderOf[epoch] = _present;
        epochs.push(epoch);
        if (left != 0) times["left something to the next pool"]++;
        else if (last != 0) times["left nothing to the next pool"]++;
        if (epoch > last + 1) times["worked after idle epochs"]++;
        if (burnedBefore != _burnedBefore) times["had burned XP in its pool"]++;
        if (last != 0 && address(recorderOf[last]) != address(_present)) times["worked under a successor"]++;
        _burnedBefore = burnedBefore;
    }

    /// @notice min(pool, κ × fees), in wei.
    function releasedOf(uint256 epoch) public view returns (uint256) {
        uint256 cap = (kappaOf[epoch] * feesOf[epoch]) / DOLLAR;
        return cap < poolOf[epoch] ? cap : poolOf[epoch];
    }

    /// @notice What may exist by `epoch`: 52, 51, 50, … of 1,378 parts a week.
    function funded(uint256 epoch) public pure returns (uint256) {
        uint256 parts = 0;
        for (uint256 n = 1; n <= epoch && n <= 52; n++) parts += 53 - n;
        return (100_000_000 * WHOLE * parts) / 1_378;
    }

    function epochCount() external view returns (uint256) {
        return epochs.length;
    }

    function _epoch() private view returns (uint256) {
        return (block.timestamp - START) / WEEK + 1;
    }

    function _redistributionStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            (uint256 agentId, uint256 epoch) = _claimable(seed);
            return _claim(agentId, epoch, seed) ? "claimed by another owner" : "claimed";
        }
        if (which == 1) {
            (uint256 agentId, uint256 epoch) = _claimable(seed);
            for (uint256 i = 0; _registry.ownerOf(agentId) == _ownerThen[epoch][agentId]; i++) {
                _transfer(agentId, seed + (i << 16));
            }
            _check(_claim(agentId, epoch, seed), "whoever owns the agent claims");
            return "claimed by another owner";
        }
        if (which == 2) return _claimMany(seed);
        if (which == 3) {
            _work(seed, 1e9);
            EpochRedistributor latest = world.redistributor();
            uint256 amount = latest.pendingRelease();
            uint256 minted = _xp.totalMinted();
            latest.finalise();
            latest.finalise();
            _check(_xp.totalMinted() == minted + amount, "finalising mints what is pending, once");
            _check(amount != 0, "a week's work waits to be paid");
            return "finalised";
        }
        if (which == 4) {
            _earnWholePool(seed);
            return "earned a whole pool";
        }
        return _expire();
    }

    /// @dev An agent with something to claim, from a random one on, in one of the last epochs; after some work where there is none.
    function _claimable(uint256 seed) private returns (uint256 agentId, uint256 epoch) {
        (agentId, epoch) = _claimableIn(seed, 3);
        if (agentId != 0) return (agentId, epoch);
        _work(seed, 1e11);
        (agentId, epoch) = _claimableIn(seed, 1);
        _check(agentId != 0, "a week's work can be claimed");
    }

    function _claimableIn(uint256 seed, uint256 last) private view returns (uint256 agentId, uint256 epoch) {
        for (uint256 i = epochs.length; i > 0 && i + last > epochs.length; i--) {
            epoch = epochs[i - 1];
            if (epoch >= _epoch() || isExpired[epoch]) continue;
            for (uint256 a = 0; a < agents; a++) {
                agentId = 1 + ((seed + a) % agents);
                if (recorderOf[epoch].previewClaim(agentId, epoch) != 0) return (agentId, epoch);
            }
        }
        return (0, 0);
    }

    /// @dev A job well done, and the next epoch.
    function _work(uint256 seed, uint256 payment) private {
        if (_recorder().runningPool() < 1_000 * WHOLE) _fillPool();
        uint256 jobId = _openToAll(_person(seed), payment + (seed % payment), seed);
        _accept(jobId, _agentFor(jobId, seed));
        _deliver(jobId, seed);
        _settle(jobId);
        vm.warp(START + _epoch() * WEEK + (seed % WEEK));
    }

    /// @dev Nearly all XP that may exist is with people, who burn some, or was never claimed, and expires.
    function _fillPool() private {
        uint256 before = burned;
        _burnOwn(ROUTER, _xp.balanceOf(ROUTER));
        for (uint256 i = 0; i < PEOPLE; i++) _burnOwn(_people[i], _xp.balanceOf(_people[i]) / 10);
        for (uint256 i = 0; i < epochs.length && burned < before + 1_000 * WHOLE; i++) {
            if (!isExpired[epochs[i]]) _expireEpoch(epochs[i]);
        }
        vm.warp(START + _epoch() * WEEK);
    }

    /// @dev At the highest κ, a hundred million dollars of work release all XP that may ever exist, also at the lowest fee.
    function _earnWholePool(uint256 seed) private {
        vm.warp(START + _epoch() * WEEK);
        EpochRedistributor recorder = _recorder();
        uint256 kappa = _kappaAt[recorder];
        _setKappa(recorder, 1_000 * WHOLE);
        _work(seed, 100_000_000 * DOLLAR);
        _setKappa(recorder, kappa);
        uint256 last = epochs[epochs.length - 1];
        _check(releasedOf(last) == poolOf[last], "enough fees release a whole pool");
    }

    /// @dev Who records the running epoch.
    function _recorder() private view returns (EpochRedistributor) {
        return _nextFrom != 0 && _epoch() >= _nextFrom ? _next : _present;
    }

    function _claim(uint256 agentId, uint256 epoch, uint256 seed) private returns (bool sold) {
        address owner = _registry.ownerOf(agentId);
        address to = _person(seed >> 24);
        EpochRedistributor recorder = recorderOf[epoch];
        uint256 amount = recorder.previewClaim(agentId, epoch);
        uint256 balance = _xp.balanceOf(to);
        bytes memory claim = abi.encodeCall(EpochRedistributor.claim, (agentId, epoch, to));
        bytes4 notTheirs = EpochRedistributor.EpochRedistributor_NotAuthorized.selector;
        _refused(PASSER_BY, address(recorder), claim, notTheirs);
        vm.prank(owner);
        recorder.claim(agentId, epoch, to);
        _check(_xp.balanceOf(to) == balance + amount, "a claim pays its preview");
        _count(agentId, epoch, amount);
        _refused(owner, address(recorder), claim, EpochRedistributor.EpochRedistributor_NothingToClaim.selector);
        return owner != _ownerThen[epoch][agentId];
    }

    /// @dev One agent's whole past, as far as it has not claimed it.
    function _claimMany(uint256 seed) private returns (string memory) {
        (uint256 agentId, uint256 latest) = _claimable(seed);
        EpochRedistributor recorder = recorderOf[latest];
        EpochClaim[] memory claims = new EpochClaim[](epochs.length);
        uint256 count = 0;
        uint256 sum = 0;
        for (uint256 i = epochs.length; i > 0 && count < 4; i--) {
            uint256 epoch = epochs[i - 1];
            if (address(recorderOf[epoch]) != address(recorder) || epoch >= _epoch()) continue;
            uint256 amount = recorder.previewClaim(agentId, epoch);
            if (amount == 0) continue;
            claims[count++] = EpochClaim(agentId, epoch);
            sum += amount;
            _count(agentId, epoch, amount);
        }
        EpochClaim[] memory wanted = new EpochClaim[](count);
        for (uint256 i = 0; i < count; i++) wanted[i] = claims[i];
        address owner = _registry.ownerOf(agentId);
        uint256 balance = _xp.balanceOf(owner);
        vm.prank(owner);
        recorder.claimMany(wanted, owner);
        _check(_xp.balanceOf(owner) == balance + sum, "claims pay the sum of their previews");
        return "claimed many";
    }

    function _count(uint256 agentId, uint256 epoch, uint256 amount) private {
        claimedOf[epoch] += amount;
        claimedByAgent[epoch][agentId] += amount;
        uint256 cap = (kappaOf[epoch] * feesOfAgent[epoch][agentId]) / DOLLAR;
        _check(amount <= cap, "nobody gets more than their cap");
        times[amount == cap ? "was paid its cap" : "was paid less than its cap"]++;
    }

    function _expire() private returns (string memory) {
        if (epochs.length == 0) return "";
        for (uint256 i = 0; i < epochs.length; i++) {
            uint256 epoch = epochs[i];
            if (isExpired[epoch]) continue;
            _expireEpoch(epoch);
            return "expired";
        }
        return "";
    }

    /// @dev As soon as it may be.
    function _expireEpoch(uint256 epoch) private {
        if (_epoch() < epoch + 53) vm.warp(START + (epoch + 52) * WEEK);
        expiredOf[epoch] = releasedOf(epoch) - claimedOf[epoch];
        isExpired[epoch] = true;
        vm.prank(PASSER_BY);
        _check(recorderOf[epoch].expire(epoch) == expiredOf[epoch], "what nobody claimed expires");
        _burn(expiredOf[epoch]);
    }

    function _burn(uint256 amount) private {
        burned += amount;
        burnedIn[_epoch()] += amount;
    }

    // ----------------------------------------------------------------- payouts

    function _payoutStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            if (credits == 0) _work(seed, DOLLAR);
            for (uint256 i = 0; i < PEOPLE; i++) if (_withdraw(_person(seed + i))) return "withdrew";
            return "";
        }
        if (owed == 0) _work(seed, DOLLAR);
        _collectFees();
        return "collected fees";
    }

    function _withdraw(address person) private returns (bool) {
        uint256 credit = creditOf[person];
        if (credit == 0) return false;
        uint256 balance = _dollar.balanceOf(person);
        vm.prank(person);
        _market.withdraw(person);
        _check(_dollar.balanceOf(person) == balance + credit, "a withdrawal pays all credit");
        credits -= credit;
        creditOf[person] = 0;
        return true;
    }

    function _collectFees() private {
        uint256 balance = _dollar.balanceOf(treasury);
        vm.prank(PASSER_BY);
        _market.collectFees();
        _check(_dollar.balanceOf(treasury) == balance + owed, "the treasury gets all that it is owed");
        owed = 0;
    }

    // -------------------------------------------------------------- reputation

    function _reputationStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            (address backer, uint256 amount) = _funded(seed, _amount(seed));
            _lock(_agent(seed >> 8), backer, amount);
            return "locked";
        }
        if (which == 1) {
            (uint256 agentId, address backer) = _backing(seed);
            _unlock(agentId, backer, 1 + (seed % _lockedBy[agentId][backer]));
            return "unlocked";
        }
        (uint256 agent, address who) = _backing(seed);
        if (_pendingOf[agent][who] == 0) _unlock(agent, who, 1 + (seed % _lockedBy[agent][who]));
        if (which == 2) {
            uint256 amount = 1 + (seed % _pendingOf[agent][who]);
            vm.prank(who);
            _reputation.relock(agent, amount);
            _pendingOf[agent][who] -= amount;
            pending -= amount;
            _addLock(agent, who, amount);
            return "locked again";
        }
        if (block.timestamp < _availableAt[agent][who]) {
            vm.warp(_availableAt[agent][who] - 1);
            bytes memory withdrawal = abi.encodeCall(Reputation.withdraw, (agent, who));
            _refused(who, address(_reputation), withdrawal, Reputation.Reputation_StillWaiting.selector);
        }
        _takeBack(agent, who);
        return "took back";
    }

    function _takeBack(uint256 agentId, address backer) private {
        if (block.timestamp < _availableAt[agentId][backer]) vm.warp(_availableAt[agentId][backer]);
        uint256 balance = _xp.balanceOf(backer);
        vm.prank(backer);
        _reputation.withdraw(agentId, backer);
        _check(_xp.balanceOf(backer) == balance + _pendingOf[agentId][backer], "what waited is taken");
        pending -= _pendingOf[agentId][backer];
        _pendingOf[agentId][backer] = 0;
    }

    function _lock(uint256 agentId, address backer, uint256 amount) private {
        vm.prank(backer);
        _reputation.lock(agentId, amount);
        _addLock(agentId, backer, amount);
    }

    function _unlock(uint256 agentId, address backer, uint256 amount) private {
        vm.prank(backer);
        _reputation.unlock(agentId, amount);
        locked -= amount;
        lockedTo[agentId] -= amount;
        _lockedBy[agentId][backer] -= amount;
        pending += amount;
        _pendingOf[agentId][backer] += amount;
        _availableAt[agentId][backer] = block.timestamp + 7 days;
    }

    function _addLock(uint256 agentId, address backer, uint256 amount) private {
        locked += amount;
        lockedTo[agentId] += amount;
        _lockedBy[agentId][backer] += amount;
    }

    /// @dev Somebody with XP locked to an agent.
    function _backing(uint256 seed) private returns (uint256 agentId, address backer) {
        for (uint256 i = 0; i < agents * PEOPLE; i++) {
            agentId = 1 + ((seed + i) % agents);
            backer = _person((seed + i) / agents);
            if (_lockedBy[agentId][backer] != 0) return (agentId, backer);
        }
        uint256 amount;
        (backer, amount) = _funded(seed, _amount(seed));
        _lock(agentId, backer, amount);
    }

    // ------------------------------------------------------------------- tiers

    function _tierStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 4) {
            (address burner, uint256 amount) = _funded(seed, _amount(seed));
            _burnOwn(burner, amount);
            return "burned for nothing";
        }
        address account = _registry.ownerOf(_agent(seed));
        if (which == 5) return _expireInMidJob(account, seed);
        uint256 tier = _tierOf(account);
        if (which == 0 || which == 3 || tier == 0 || (which == 2 && tier == _table.length)) {
            _withoutTier(account);
            tier = which == 2 ? 1 : 1 + (seed % _table.length);
            if (!_buy(account, tier, which == 3)) return "";
            if (which == 3) return "bought a tier by the router";
            if (which == 0) return "bought a tier";
            tier = _tierOf(account);
            vm.warp(block.timestamp + (seed % 20 days));
        }
        uint256 end = _bought[_seller()][account].end;
        if (which == 1 && end > block.timestamp + MONTH) vm.warp(end - MONTH);
        // what a renewal prepaid is credited too
        if (which == 2 && seed % 2 == 0 && end <= block.timestamp + MONTH) _buy(account, tier, false);
        uint256 higher = which - 1;
        if (!_buy(account, tier + higher, false)) {
            // too dear for all together
            _withoutTier(account);
            _sellCheaply();
            if (!_buy(account, 1, false) || !_buy(account, 1 + higher, false)) return "";
        }
        return which == 1 ? "renewed a tier" : "upgraded a tier";
    }

    /// @dev A job accepted at a low fee, which ends when its agent's owner has no tier any more.
    function _expireInMidJob(address account, uint256 seed) private returns (string memory) {
        if (feeOf(account) == BASIC && !_buy(account, 1, false)) return "";
        uint256 agentId = 0;
        for (uint256 i = 1; i <= agents; i++) if (_registry.ownerOf(i) == account) agentId = i;
        address wallet = _registry.getAgentWallet(agentId);
        address client = _person(seed >> 8);
        for (uint256 i = 1; client == account || client == wallet; i++) client = _person((seed >> 8) + i);
        _open(client, agentId, _payment(seed), 0, 1 days);
        uint256 jobId = jobs;
        _accept(jobId, agentId);
        _deliver(jobId, seed);
        _check(_jobs[jobId].feeBps < BASIC, "a tier lowers the fee");
        vm.warp(block.timestamp + 60 days);
        _check(feeOf(account) == BASIC, "no tier runs further than 60 days");
        _endLate(jobId);
        return "expired in mid-job";
    }

    /// @dev Lets what the account has run out.
    function _withoutTier(address account) private {
        if (feeOf(account) < BASIC) vm.warp(block.timestamp + 60 days);
    }

    /// @dev The tier of the present table that the account has, zero where none.
    function _tierOf(address account) private view returns (uint256) {
        Bought storage bought = _bought[_seller()][account];
        if (block.timestamp >= bought.end || feeOf(account) < bought.feeBps) return 0;
        for (uint256 i = 0; i < _table.length; i++) if (_table[i].feeBps == bought.feeBps) return i + 1;
        return 0;
    }

    /// @dev By the account itself, or by the router with its own XP. Where people have too little XP for it, governance first makes it cheap.
    function _buy(address account, uint256 tier, bool routed) private returns (bool) {
        address payer = routed ? ROUTER : account;
        FeeTiers.Tier memory wanted = _table[tier - 1];
        if (_gather(payer, wanted.price) < wanted.price) {
            if (feeOf(account) < BASIC) return false;
            _sellCheaply();
            (tier, wanted) = (1, _table[0]);
            if (_gather(payer, wanted.price) < wanted.price) return false;
        }
        FeeTiers seller = _seller();
        Bought storage bought = _bought[seller][account];
        uint256 credit = 0;
        uint256 prepaid = wanted.price;
        uint256 end = block.timestamp + MONTH;
        if (block.timestamp < bought.end) {
            // what was used up rounds up
            uint256 span = bought.end - bought.since;
            uint256 used = (bought.prepaid * (block.timestamp - bought.since) + span - 1) / span;
            uint256 unused = bought.prepaid - used;
            if (bought.feeBps == wanted.feeBps) {
                prepaid += unused;
                end = bought.end + MONTH;
            } else {
                credit = unused < wanted.price ? unused : wanted.price;
            }
        }
        uint256 before = _xp.totalBurned();
        vm.prank(payer);
        if (routed) seller.burnForTierFor(account, tier, wanted.feeBps, wanted.price);
        else seller.burnForTier(tier, wanted.feeBps, wanted.price);
        uint256 amount = _xp.totalBurned() - before;
        _check(amount == wanted.price - credit, "a tier burns its price less the credit");
        burnedForTiers += amount;
        pricesLessCredits += wanted.price - credit;
        _burn(wanted.price - credit);
        _bought[seller][account] = Bought(wanted.feeBps, block.timestamp, end, prepaid);
        return true;
    }

    function _burnOwn(address account, uint256 amount) private {
        vm.prank(account);
        _xp.burn(amount);
        _burn(amount);
    }

    function _sellCheaply() private {
        FeeTiers.Tier[] memory table = new FeeTiers.Tier[](2);
        table[0] = FeeTiers.Tier(uint96(WHOLE), 200);
        table[1] = FeeTiers.Tier(uint96(2 * WHOLE), 150);
        world.setTable(table);
        _open(table);
    }

    /// @notice The lowest fee of the tiers that run, in the present contract and all that it replaced.
    function feeOf(address account) public view returns (uint256 feeBps) {
        feeBps = BASIC;
        for (uint256 i = 0; i < _sellers.length; i++) {
            Bought storage bought = _bought[_sellers[i]][account];
            if (block.timestamp < bought.end && bought.feeBps < feeBps) feeBps = bought.feeBps;
        }
    }

    function _seller() private view returns (FeeTiers) {
        return _sellers[_sellers.length - 1];
    }

    /// @dev The books of a new table, or of a new contract too.
    function _open(FeeTiers.Tier[] memory table) private {
        FeeTiers seller = world.tiers();
        if (_sellers.length == 0 || address(_seller()) != address(seller)) {
            _sellers.push(seller);
            for (uint256 i = 0; i < _people.length; i++) _allow(_people[i]);
            vm.prank(ROUTER);
            _xp.approve(address(seller), type(uint256).max);
        }
        delete _table;
        for (uint256 i = 0; i < table.length; i++) _table.push(table[i]);
    }

    // ------------------------------------------------------------------- trade

    function _tradeStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            _ask(seed);
            return "asked";
        }
        if (which == 1) {
            _bid(seed);
            return "bid";
        }
        if (which == 2 || which == 3) {
            uint256 position = _offer(which == 3, seed);
            _fill(position, seed);
            return which == 2 ? "filled an ask" : "filled a bid";
        }
        _takeBackOrder(_offer(seed % 2 == 0, seed), _person(seed));
        return "took back an order";
    }

    function _takeBackOrder(uint256 position, address to) private {
        vm.prank(_offers[position].maker);
        _exchange.cancel(_offers[position].id, to);
        _offers[position] = _offers[_offers.length - 1];
        _offers.pop();
    }

    function _ask(uint256 seed) private {
        (address maker, uint256 amount) = _funded(seed, _amount(seed));
        uint256 price = 1 + (seed % DOLLAR);
        vm.prank(maker);
        _offers.push(Offer(_exchange.ask(amount, price), maker, amount, price, false));
    }

    function _bid(uint256 seed) private {
        uint256 amount = _amount(seed);
        uint256 price = 1 + (seed % DOLLAR);
        address maker = _person(seed);
        _dollar.faucet(maker, (amount * price) / WHOLE + 1);
        vm.prank(maker);
        _offers.push(Offer(_exchange.bid(amount, price), maker, amount, price, true));
    }

    function _fill(uint256 position, uint256 seed) private {
        Offer storage offer = _offers[position];
        uint256 amount = 1 + (seed % offer.remaining);
        if (seed % 3 == 0) amount = offer.remaining;
        address taker = _person(seed);
        if (taker == offer.maker) taker = _person(seed + 1);
        if (offer.isBid) {
            uint256 gathered = _gather(taker, amount);
            if (gathered < amount) amount = gathered;
            if (amount == 0) return;
        }
        _dollar.faucet(taker, (amount * offer.price) / WHOLE + 1);
        uint256 payment =
            offer.isBid
                ? cost(offer.remaining, offer.price) - cost(offer.remaining - amount, offer.price)
                : cost(amount, offer.price);
        // Who wants more than is left gets that; of a bid they are then held to a part of what they ask for.
        uint256 wanted = amount == offer.remaining && seed % 2 == 0 ? amount + (seed >> 128) : amount;
        uint256 limit = wanted == amount || offer.isBid ? payment : type(uint256).max;
        vm.prank(taker);
        (uint256 filled, uint256 paid) = _exchange.fill(offer.id, wanted, limit);
        _check(filled == amount, "a fill takes what is wanted, or what is left");
        _check(paid == payment, "the payer's side rounds up");
        offer.remaining -= amount;
        if (offer.remaining != 0) return;
        _offers[position] = _offers[_offers.length - 1];
        _offers.pop();
    }

    function _offer(bool isBid, uint256 seed) private returns (uint256) {
        for (uint256 i = 0; i < _offers.length; i++) {
            uint256 position = (i + (seed % _offers.length)) % _offers.length;
            if (_offers[position].isBid == isBid) return position;
        }
        if (isBid) _bid(seed);
        else _ask(seed);
        return _offers.length - 1;
    }

    /// @notice What `amount` of XP costs at `price`, rounded up.
    function cost(uint256 amount, uint256 price) public pure returns (uint256) {
        uint256 exact = amount * price;
        return exact % WHOLE == 0 ? exact / WHOLE : exact / WHOLE + 1;
    }

    /// @notice What open orders hold: XP of asks, payment of bids.
    function inOrders() external view returns (uint256 xpHeld, uint256 dollarsHeld) {
        for (uint256 i = 0; i < _offers.length; i++) {
            Offer storage offer = _offers[i];
            if (offer.isBid) dollarsHeld += cost(offer.remaining, offer.price);
            else xpHeld += offer.remaining;
        }
    }

    // -------------------------------------------------------------- governance

    function _governanceStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            FeeTiers.Tier[] memory table = _randomTable(seed);
            world.setTable(table);
            _open(table);
            return "changed the table";
        }
        if (which == 1) {
            if (_sellers.length > MOST_REPLACEMENTS) return "";
            FeeTiers.Tier[] memory table = _randomTable(seed);
            world.replaceTiers(table);
            _open(table);
            return "replaced the fee tiers";
        }
        if (which == 2) {
            if (_redistributors++ > MOST_REPLACEMENTS) return "";
            if (_nextFrom != 0 && _epoch() >= _nextFrom) _present = _next;
            world.replaceRedistributor();
            _next = world.redistributor();
            _nextFrom = _epoch() + 1;
            _kappaAt[_next] = 20 * WHOLE;
            return "replaced the redistributor";
        }
        if (which == 3) {
            EpochRedistributor target = seed % 2 == 0 ? world.redistributor() : _present;
            uint256 kappa = 1 + ((seed >> 8) % ((seed >> 4) % 4 == 0 ? 1_000 : 40)) * WHOLE;
            _setKappa(target, kappa);
            return "changed kappa";
        }
        if (which == 4) {
            treasury = address(uint160(TREASURY) + uint160(seed % 3));
            world.setTreasury(treasury);
            return "changed the treasury";
        }
        if (which == 5) {
            _bondBps = 1 + (seed % 5_000);
            world.setBondBps(_bondBps);
            return "changed the bond";
        }
        _refuseStranger(_inState(JobState.Delivered, seed));
        return "refused a stranger";
    }

    /// @dev Whoever is nobody here neither governs, nor mints, nor speaks for a client, an agent, a backer or the market.
    function _refuseStranger(uint256 jobId) private {
        bytes4 unauthorized = IAccessManaged.AccessManagedUnauthorized.selector;
        address market = address(_market);
        _refused(PASSER_BY, address(_xp), abi.encodeCall(XP.mint, (PASSER_BY, 1)), unauthorized);
        _refused(PASSER_BY, market, abi.encodeCall(ServiceMarket.setBondBps, (1)), unauthorized);
        _refused(PASSER_BY, market, abi.encodeCall(ServiceMarket.setFeeTiers, (_seller())), unauthorized);
        _refused(PASSER_BY, market, abi.encodeCall(ServiceMarket.setRedistributor, (_present)), unauthorized);
        _refused(PASSER_BY, market, abi.encodeCall(ServiceMarket.rule, (jobId, true)), unauthorized);
        _refused(
            PASSER_BY,
            address(_seller()),
            abi.encodeCall(FeeTiers.burnForTierFor, (PASSER_BY, 1, 0, 0)),
            unauthorized
        );
        _refused(PASSER_BY, address(_present), abi.encodeCall(EpochRedistributor.setKappa, (0)), unauthorized);
        bytes memory forged = abi.encodeCall(EpochRedistributor.record, (1, PASSER_BY, 1, 1, 0));
        _refused(PASSER_BY, address(_present), forged, EpochRedistributor.EpochRedistributor_NotMarket.selector);
        bytes memory rejection = abi.encodeCall(ServiceMarket.reject, (jobId, "no"));
        _refused(PASSER_BY, market, rejection, ServiceMarket.ServiceMarket_NotClient.selector);
        bytes memory settlement = abi.encodeCall(ServiceMarket.settle, (jobId));
        _refused(PASSER_BY, market, settlement, ServiceMarket.ServiceMarket_TooEarly.selector);
        bytes memory unlocking = abi.encodeCall(Reputation.unlock, (1, 1));
        _refused(PASSER_BY, address(_reputation), unlocking, Reputation.Reputation_AboveLocked.selector);
    }

    function _setKappa(EpochRedistributor target, uint256 kappa) private {
        world.setKappa(target, kappa);
        _kappaAt[target] = kappa;
    }

    /// @dev Two to six tiers that cost from a little to more than anybody has, with fees that other tables have too.
    function _randomTable(uint256 seed) private pure returns (FeeTiers.Tier[] memory table) {
        table = new FeeTiers.Tier[](2 + (seed % 5));
        uint256 price = 0;
        uint256 feeBps = BASIC;
        for (uint256 i = 0; i < table.length; i++) {
            price += 1 + (dice(seed, i) % (dice(seed, i) % 2 == 0 ? 10_000 * WHOLE : WHOLE));
            feeBps -= dice(seed, i) % 3 == 0 ? 40 : 25;
            table[i] = FeeTiers.Tier(uint96(price), uint16(feeBps));
        }
    }

    // -------------------------------------------------------------------- time

    function _waitStep(uint256 which, uint256 seed) private returns (string memory) {
        if (which == 0) {
            vm.warp(block.timestamp + 1 + (seed % 600));
            return "waited for minutes";
        }
        if (which == 1) {
            vm.warp(block.timestamp + 1 hours + (seed % 12 days));
            return "waited for days";
        }
        vm.warp(block.timestamp + (2 + (seed % 25)) * WEEK + ((seed >> 8) % WEEK));
        return "let epochs pass idle";
    }

    // ----------------------------------------------------------------- helpers

    /// @dev A job in `state` whose window runs, an existing one if there is; otherwise a new one is brought there.
    function _inState(JobState state, uint256 seed) private returns (uint256 jobId) {
        for (uint256 i = 0; i < _live.length; i++) {
            jobId = _live[(i + (seed % _live.length)) % _live.length];
            Shadow storage job = _jobs[jobId];
            if (job.state != state || block.timestamp > job.until) continue;
            if (state == JobState.Open && (_market.jobOf(jobId).minTrust != 0 || _agentFor(jobId, seed) == 0)) continue;
            return jobId;
        }
        jobId = _fresh(seed);
        if (state == JobState.Open) return jobId;
        _accept(jobId, _agentFor(jobId, seed));
        if (state == JobState.Accepted) return jobId;
        _deliver(jobId, seed);
        if (state == JobState.Delivered) return jobId;
        _reject(jobId);
    }

    /// @dev An open job that any agent of others may accept.
    function _fresh(uint256 seed) private returns (uint256) {
        return _openToAll(_person(seed), _payment(seed), seed);
    }

    function _openToAll(address client, uint256 payment, uint256 seed) private returns (uint256 jobId) {
        _open(client, 0, payment, 0, 7 days);
        jobId = jobs;
        // all agents may be the client's own
        if (_agentFor(jobId, seed) == 0) _register(_person(seed + 1));
    }

    /// @dev An agent that may accept the job, from a random one on; zero where there is none.
    function _agentFor(uint256 jobId, uint256 seed) private view returns (uint256 agentId) {
        Shadow storage job = _jobs[jobId];
        for (uint256 i = 0; i < agents; i++) {
            agentId = 1 + ((i + (seed >> 4)) % agents);
            if (job.wanted != 0 && agentId != job.wanted) continue;
            address owner = _registry.ownerOf(agentId);
            if (owner != job.client && _registry.getAgentWallet(agentId) != job.client) return agentId;
        }
        return 0;
    }

    /// @dev Passes the end of the running window.
    function _pass(uint256 jobId) private {
        uint256 until = _jobs[jobId].until;
        if (block.timestamp <= until) vm.warp(until + 1);
    }

    /// @dev Somebody who has some XP, as much as `wanted` where all together have that.
    function _funded(uint256 seed, uint256 wanted) private returns (address person, uint256 amount) {
        person = _person(seed);
        amount = _gather(person, wanted);
    }

    /// @dev Brings together what people have, for `person`; first they earn some where there is none.
    function _gather(address person, uint256 wanted) private returns (uint256) {
        if (_liquid(person) < wanted) {
            (uint256 agentId, uint256 epoch) = _claimable(wanted);
            _claim(agentId, epoch, wanted);
        }
        for (uint256 i = 0; i < PEOPLE; i++) {
            uint256 own = _xp.balanceOf(person);
            if (own >= wanted) return wanted;
            address other = _people[i];
            uint256 balance = _xp.balanceOf(other);
            if (other == person || balance == 0) continue;
            vm.prank(other);
            _xp.transfer(person, balance < wanted - own ? balance : wanted - own);
        }
        uint256 gathered = _xp.balanceOf(person);
        return gathered < wanted ? gathered : wanted;
    }

    function _liquid(address person) private view returns (uint256 sum) {
        sum = _xp.balanceOf(person);
        for (uint256 i = 0; i < PEOPLE; i++) if (_people[i] != person) sum += _xp.balanceOf(_people[i]);
    }

    function _allow(address person) private {
        address[4] memory spenders = [
            address(_market),
            address(_exchange),
            address(_reputation),
            address(world.tiers())
        ];
        for (uint256 i = 0; i < 4; i++) {
            vm.prank(person);
            _xp.approve(spenders[i], type(uint256).max);
            vm.prank(person);
            _dollar.approve(spenders[i], type(uint256).max);
        }
    }

    function _person(uint256 seed) private view returns (address) {
        return _people[seed % PEOPLE];
    }

    function _agent(uint256 seed) private view returns (uint256) {
        return 1 + (seed % agents);
    }

    /// @dev From a millionth of a dollar to a hundred million dollars.
    function _payment(uint256 seed) private pure returns (uint256) {
        return 1 + (dice(seed, 7) % 10 ** (dice(seed, 8) % 15));
    }

    /// @dev From a wei to ten thousand XP.
    function _amount(uint256 seed) private pure returns (uint256) {
        return 1 + (dice(seed, 9) % 10 ** (dice(seed, 10) % 23));
    }

    function _refused(address caller, address target, bytes memory call, bytes4 why) private {
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory reason) = target.call(call);
        _check(!done && bytes4(reason) == why, "what is not allowed is refused, and for its own reason");
    }

    function _check(bool holds, string memory expectation) private {
        if (!holds) blame(expectation);
    }

    // ----------------------------------------------------------- for the tests

    /// @notice Nobody's money and nobody's XP is anywhere but with them.
    function checkNothingStayed() external view {
        vm.assertEq(_dollar.balanceOf(address(_market)), 0, "payments stayed in the market");
        vm.assertEq(_dollar.balanceOf(address(_exchange)), 0, "payments stayed in orders");
        vm.assertEq(_xp.balanceOf(address(_exchange)), 0, "XP stayed in orders");
        vm.assertEq(_xp.balanceOf(address(_reputation)), 0, "XP stayed locked");
        for (uint256 i = 0; i < epochs.length; i++) {
            vm.assertEq(_xp.balanceOf(address(recorderOf[epochs[i]])), 0, "XP stayed at a redistributor");
        }
        uint256 sum = _xp.balanceOf(ROUTER);
        for (uint256 i = 0; i < PEOPLE; i++) sum += _xp.balanceOf(_people[i]);
        vm.assertEq(sum, _xp.totalSupply(), "XP is with nobody");
    }

    /// @notice Every epoch released what its pool and its fees allow, and all of it is claimed, expired or at its redistributor.
    function checkEpochs() external view {
        uint256 minted = 0;
        uint256 remains = 0;
        uint256 balances = 0;
        address previous = address(0);
        uint256 count = epochs.length;
        for (uint256 i = 0; i < count; i++) {
            uint256 epoch = epochs[i];
            EpochRedistributor recorder = recorderOf[epoch];
            EpochAccount memory account = recorder.accountOf(epoch);
            if (address(recorder) != previous) {
                vm.assertEq(balances, remains, "a redistributor holds other than what remains");
                balances += _xp.balanceOf(address(recorder));
                previous = address(recorder);
            }
            if (account.state == EpochState.Open) {
                vm.assertEq(i + 1, count, "an earlier epoch is open");
                vm.assertEq(account.remaining, poolOf[epoch], "an open epoch has another pool");
                continue;
            }
            uint256 released = releasedOf(epoch);
            vm.assertEq(account.released, released, "an epoch released other than pool and fees allow");
            uint256 gone = claimedOf[epoch] + expiredOf[epoch];
            vm.assertEq(gone + account.remaining, released, "claimed, expired and remaining are not what was released");
            minted += released;
            remains += account.remaining;
        }
        vm.assertEq(balances, remains, "a redistributor holds other than what remains");
        vm.assertEq(minted, _xp.totalMinted(), "XP was minted by another way");
    }

    /// @notice In the `last` epochs, and in these taken together: no agent gets more than κ × its fees, nor do several, nor all more than is
    /// released.
    function checkAgents(uint256 last) external view {
        uint256 count = epochs.length;
        uint256[] memory got = new uint256[](agents);
        uint256[] memory caps = new uint256[](agents);
        for (uint256 i = count < last ? 0 : count - last; i < count; i++) {
            uint256 epoch = epochs[i];
            (uint256 together, uint256 fees) = (0, 0);
            for (uint256 agent = 1; agent <= agents; agent++) {
                uint256 own = claimedByAgent[epoch][agent] + recorderOf[epoch].previewClaim(agent, epoch);
                uint256 cap = kappaOf[epoch] * feesOfAgent[epoch][agent];
                vm.assertLe(own * DOLLAR, cap, "an agent gets more than its fees allow");
                together += own;
                fees += feesOfAgent[epoch][agent];
                vm.assertLe(together * DOLLAR, kappaOf[epoch] * fees, "agents together get more than their fees allow");
                got[agent - 1] += own;
                caps[agent - 1] += cap;
            }
            vm.assertEq(fees, feesOf[epoch], "fees are those of all agents");
            vm.assertLe(together, releasedOf(epoch), "all together get more than is released");
        }
        for (uint256 i = 0; i < got.length; i++) {
            vm.assertLe(got[i] * DOLLAR, caps[i], "an agent gets more in all epochs than its fees allow");
        }
    }

    /// @notice Compares jobs, and agents' volumes and trust, with the books; `all` of them or those jobs that have not ended.
    function checkJobs(bool all) external view {
        uint256 count = all ? jobs : _live.length;
        for (uint256 i = 0; i < count; i++) {
            uint256 jobId = all ? i + 1 : _live[i];
            Shadow storage job = _jobs[jobId];
            Job memory shown = _market.jobOf(jobId);
            vm.assertEq(uint256(shown.state), uint256(job.state), "a job is in another state");
            vm.assertEq(shown.feeBps, job.feeBps, "the fee of an accepted job changed");
            vm.assertEq(shown.payee, job.payee, "the payee of an accepted job changed");
        }
        for (uint256 i = 0; i < PEOPLE; i++) {
            vm.assertEq(_market.creditOf(_people[i]), creditOf[_people[i]], "a credit is another");
        }
    }

    /// @notice Compares what everybody pays with the tiers in the books.
    function checkTiers() external view {
        FeeTiers seller = _seller();
        for (uint256 i = 0; i < PEOPLE; i++) {
            address person = _people[i];
            vm.assertEq(seller.feeBpsOf(person), feeOf(person), "a fee is not that of the tiers bought");
            FeeTiers.BoughtTier memory bought = seller.boughtTierOf(person);
            vm.assertLe(bought.end, block.timestamp + 60 days, "a tier runs further than 60 days");
            vm.assertEq(bought.end, _bought[seller][person].end, "a tier ends at another time");
            vm.assertEq(bought.prepaid, _bought[seller][person].prepaid, "another amount is prepaid");
        }
    }
}

/// @notice What the runner calls: any deed at random, and at first the next two in turn with it, so that a short run meets every kind too.
contract FlywheelHandler {
    /// @notice The sum of all groups' sizes.
    uint256 public constant DEEDS = 51;

    Flywheel private immutable _FLYWHEEL;
    uint256 private _turn;
    uint256 public calls;

    constructor(Flywheel flywheel) {
        _FLYWHEEL = flywheel;
    }

    function moveAgents(uint256 seed) external {
        _do(0, seed);
    }

    function work(uint256 seed) external {
        _do(1, seed);
    }

    function endJobs(uint256 seed) external {
        _do(2, seed);
    }

    function payOut(uint256 seed) external {
        _do(3, seed);
    }

    function redistribute(uint256 seed) external {
        _do(4, seed);
    }

    function lock(uint256 seed) external {
        _do(5, seed);
    }

    function burn(uint256 seed) external {
        _do(6, seed);
    }

    function trade(uint256 seed) external {
        _do(7, seed);
    }

    function govern(uint256 seed) external {
        _do(8, seed);
    }

    function wait(uint256 seed) external {
        _do(9, seed);
    }

    /// @notice How many deeds a group has.
    function sizeOf(uint256 group) public pure returns (uint256) {
        return [5, 5, 8, 2, 6, 4, 6, 5, 7, 3][group];
    }

    function _do(uint256 group, uint256 seed) private {
        seed = dice(seed, ++calls);
        _step(group, seed % sizeOf(group), seed >> 8);
        for (uint256 i = 0; i < 2 && _turn < DEEDS; i++) {
            uint256 which = _turn++;
            uint256 inTurn = 0;
            while (which >= sizeOf(inTurn)) which -= sizeOf(inTurn++);
            _step(inTurn, which, dice(seed, i));
        }
    }

    /// @dev A deed that reverts as a whole is a fault: none is asked for what is not possible.
    function _step(uint256 group, uint256 which, uint256 seed) private {
        try _FLYWHEEL.step(group, which, seed) {} catch (bytes memory reason) {
            string memory name = string.concat(Strings.toString(group), ".", Strings.toString(which));
            _FLYWHEEL.blame(string.concat("deed ", name, " failed: ", Strings.toHexString(uint32(bytes4(reason)))));
        }
    }
}

/// @notice Design section 7, invariants 1 to 3, of the whole flywheel.
contract FlywheelInvariantTest is Test {
    Flywheel private _flywheel;
    FlywheelHandler private _handler;
    FlywheelWorld private _world;
    XP private _xp;

    function setUp() external {
        vm.warp(START);
        _world = new FlywheelWorld();
        _flywheel = new Flywheel(_world);
        _handler = new FlywheelHandler(_flywheel);
        _xp = _world.xp();
        targetContract(address(_handler));
    }

    /// @dev One function, since the runner plays all of its games for each.
    function invariant_TheFlywheelIsAsItsBooksSay() external view {
        _check(1);
        _flywheel.checkJobs(false);
    }

    /// @dev Each game is long enough for every kind of deed, and at its end nothing stays anywhere.
    function afterInvariant() external {
        _checkEveryDeedWasDone();
        vm.assertGt(_flywheel.epochCount(), 4, "hardly any epoch was worked in");
        _check(_flywheel.epochCount());
        _flywheel.checkJobs(true);
        _checkItCanBeLeft();
    }

    /// @dev What random games need not meet: this one is always the same.
    function test_OneLongGameMeetsTheRareTurnsToo() external {
        for (uint256 i = 0; i < 400; i++) {
            uint256 seed = dice(20, i);
            uint256 group = seed % 10;
            _flywheel.step(group, (seed >> 8) % _handler.sizeOf(group), seed >> 16);
            if (i % 16 == 0) _check(4);
        }
        _check(_flywheel.epochCount());
        _flywheel.checkJobs(true);
        _checkEveryDeedWasDone();
        _done(["left something to the next pool", "left nothing to the next pool", "had burned XP in its pool"]);
        _done(["worked after idle epochs", "worked under a successor", "was paid its cap"]);
        _done(["was paid less than its cap", "claimed", "refused and took by trust"]);
        _checkItCanBeLeft();
    }

    function _check(uint256 epochs) private view {
        vm.assertEq(_flywheel.fault(), "", "an expectation failed");
        _checkXp();
        _flywheel.checkEpochs();
        _flywheel.checkAgents(epochs);
        _checkMarket();
        _flywheel.checkTiers();
        _checkReputation();
        _checkOrders();
    }

    function _checkXp() private view {
        uint256 burned = _flywheel.burned();
        uint256 epoch = _xp.currentEpoch();
        uint256 funded = _flywheel.funded(epoch);
        vm.assertEq(_xp.totalBurned(), burned, "XP was burned by another way");
        vm.assertEq(_xp.burnedIn(epoch), _flywheel.burnedIn(epoch), "XP was burned in another epoch");
        vm.assertEq(_xp.totalSupply(), _xp.totalMinted() - burned, "the supply is not minted less burned");
        vm.assertLe(_xp.totalSupply() + _world.redistributor().pendingRelease(), funded, "more exists than may");
        vm.assertLe(funded, 1e26, "more may exist than a hundred million");
    }

    function _checkMarket() private view {
        uint256 due = _flywheel.held() + _flywheel.credits() + _flywheel.owed();
        vm.assertEq(_world.dollar().balanceOf(address(_world.market())), due, "the market has another balance");
        vm.assertEq(_world.market().feesOwed(), _flywheel.owed(), "another amount is owed to the treasury");
        vm.assertEq(_flywheel.burnedForTiers(), _flywheel.pricesLessCredits(), "tiers burn another amount");
    }

    function _checkReputation() private view {
        uint256 held = _flywheel.locked() + _flywheel.pending();
        vm.assertEq(_xp.balanceOf(address(_world.reputation())), held, "reputation has another balance");
        for (uint256 agent = 1; agent <= _flywheel.agents(); agent++) {
            vm.assertLe(_world.reputation().trustOf(agent), 100e18, "an agent has more than full trust");
            vm.assertEq(_world.reputation().lockedTo(agent), _flywheel.lockedTo(agent), "another lock");
            (uint256 accepted, uint256 settled) = _world.market().volumesOf(agent);
            vm.assertEq(accepted, _flywheel.acceptedOf(agent), "another volume was accepted");
            vm.assertEq(settled, _flywheel.settledOf(agent), "another volume was settled");
        }
    }

    function _checkOrders() private view {
        (uint256 xpHeld, uint256 dollarsHeld) = _flywheel.inOrders();
        address exchange = address(_world.exchange());
        vm.assertEq(_xp.balanceOf(exchange), xpHeld, "the XP market holds other than what is for sale");
        vm.assertEq(_world.dollar().balanceOf(exchange), dollarsHeld, "the XP market holds other than what is bid");
    }

    function _checkItCanBeLeft() private {
        _flywheel.windDown();
        _check(_flywheel.epochCount());
        _flywheel.checkJobs(true);
        _flywheel.checkNothingStayed();
    }

    function _checkEveryDeedWasDone() private view {
        _done(["registered", "transferred in mid-job", "served under another owner"]);
        _done(["ended under another owner", "set a wallet", "unset a wallet"]);
        _done(["opened", "accepted", "delivered"]);
        _done(["rejected", "settled by the client", "settled by anybody"]);
        _done(["ruled for the agent", "ruled for the client", "split"]);
        _done(["refunded", "cancelled by the client", "cancelled by anybody"]);
        _done(["withdrew", "collected fees", "claimed many"]);
        _done(["claimed by another owner", "finalised", "expired"]);
        _done(["earned a whole pool", "locked", "unlocked"]);
        _done(["locked again", "took back", "bought a tier"]);
        _done(["renewed a tier", "upgraded a tier", "bought a tier by the router"]);
        _done(["expired in mid-job", "ended after its tier", "burned for nothing"]);
        _done(["asked", "bid", "filled an ask"]);
        _done(["filled a bid", "took back an order", "changed the table"]);
        _done(["replaced the fee tiers", "replaced the redistributor", "changed kappa"]);
        _done(["changed the treasury", "changed the bond", "refused a stranger"]);
        _done(["waited for minutes", "waited for days", "let epochs pass idle"]);
    }

    function _done(string[3] memory deeds) private view {
        for (uint256 i = 0; i < deeds.length; i++) {
            vm.assertGt(_flywheel.times(deeds[i]), 0, string.concat("nobody ever ", deeds[i]));
        }
    }
}
