// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

import {XmeGovernor} from "../../../contracts/xme/XmeGovernor.sol";
import {GovernorTestVotes} from "../../harness/xme/GovernorTestVotes.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant SUNSET_DELAY = 40 days;
uint256 constant TIMELOCK_DELAY = 2 days;
uint256 constant VOTING = 7 days;
uint256 constant GRACE = 14 days;
uint256 constant MIN_QUORUM = 10_000_000e18;

/// @dev What a proposal can reach only through the timelock: it counts how often each of them was carried out.
contract GovernedLedger {
    address private immutable _timelock;

    mapping(uint256 entry => uint256) public times;
    uint256 public total;

    constructor(address timelock) {
        _timelock = timelock;
    }

    function write(uint256 entry) external {
        require(msg.sender == _timelock, "not the timelock");
        times[entry]++;
        total++;
    }
}

/// @dev The governor with the real timelock, whose roles it alone holds.
abstract contract XmeGovernorSetUp is Test {
    GovernorTestVotes internal votes;
    TimelockController internal timelock;
    XmeGovernor internal governor;
    GovernedLedger internal ledger;
    address internal guardian = address(0x6a7d);

    function _deployGovernor() internal {
        vm.warp(START);
        votes = new GovernorTestVotes(false);
        timelock = new TimelockController(TIMELOCK_DELAY, new address[](0), new address[](0), address(this));
        governor = new XmeGovernor(votes, timelock, guardian, uint48(START + SUNSET_DELAY));
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        timelock.grantRole(timelock.EXECUTOR_ROLE(), address(governor));
        timelock.grantRole(timelock.CANCELLER_ROLE(), address(governor));
        timelock.renounceRole(timelock.DEFAULT_ADMIN_ROLE(), address(this));
        ledger = new GovernedLedger(address(timelock));
    }

    function _calls(uint256 entry) internal view returns (address[] memory, uint256[] memory, bytes[] memory) {
        return _callsOn(ledger, entry);
    }
}

/// @dev One call that writes `entry`.
function _callsOn(
    GovernedLedger ledger,
    uint256 entry
) pure returns (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) {
    targets = new address[](1);
    values = new uint256[](1);
    calldatas = new bytes[](1);
    targets[0] = address(ledger);
    calldatas[0] = abi.encodeCall(GovernedLedger.write, (entry));
}

/// @notice Fuzz tests of the governor: whatever the votes and the times, a decision needs its quorum, its majority and its moment.
contract XmeGovernorTest is XmeGovernorSetUp {
    address private constant ADA = address(0xada);
    address private constant BEN = address(0xbe9);
    address private constant CLEO = address(0xc1e0);

    function setUp() external {
        _deployGovernor();
    }

    function testFuzz_AQuorumIsFourPercentRoundedUpAndAtLeastTenMillion(uint256 supply) external {
        supply = bound(supply, 0, 1e27);
        votes.mint(ADA, supply);
        vm.warp(START + 1);
        uint256 quorum = governor.quorum(START);
        vm.assertGe(quorum, MIN_QUORUM, "a quorum below ten million");
        vm.assertGe(quorum * 100, supply * 4, "a quorum below four percent");
        if (quorum > MIN_QUORUM) vm.assertLt((quorum - 1) * 100, supply * 4, "a quorum of more than four percent");
    }

    function testFuzz_TheOutcomeNeedsQuorumAndMajority(uint256 against, uint256 inFavour, uint256 abstaining) external {
        against = bound(against, 0, 3e26);
        inFavour = bound(inFavour, 1_000_000e18, 3e26);
        abstaining = bound(abstaining, 0, 3e26);
        votes.mint(ADA, inFavour);
        votes.mint(BEN, against);
        votes.mint(CLEO, abstaining);
        (uint256 proposalId, uint256 deadline) = _propose(1);
        _vote(ADA, proposalId, 1);
        _vote(BEN, proposalId, 0);
        _vote(CLEO, proposalId, 2);
        vm.warp(deadline + 1);
        uint256 needed = ((against + inFavour + abstaining) * 4 + 99) / 100;
        if (needed < MIN_QUORUM) needed = MIN_QUORUM;
        bool carried = inFavour + abstaining >= needed && inFavour > against;
        vm.assertTrue(
            governor.state(proposalId) ==
                (carried ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Defeated),
            "another outcome than the votes"
        );
    }

    function testFuzz_ADecisionIsCarriedOutInItsWindowsAlone(uint256 queuedAfter, uint256 executedAfter) external {
        queuedAfter = bound(queuedAfter, 0, 2 * GRACE);
        executedAfter = bound(executedAfter, 0, 2 * (TIMELOCK_DELAY + GRACE));
        votes.mint(ADA, MIN_QUORUM);
        (uint256 proposalId, uint256 deadline) = _propose(2);
        _vote(ADA, proposalId, 1);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _calls(2);
        vm.warp(deadline + queuedAfter);
        bool canQueue = queuedAfter != 0 && queuedAfter <= GRACE;
        if (!canQueue) vm.expectRevert();
        governor.queue(targets, values, calldatas, keccak256(""));
        vm.warp(deadline + queuedAfter + executedAfter);
        bool canExecute = canQueue && executedAfter >= TIMELOCK_DELAY && executedAfter <= TIMELOCK_DELAY + GRACE;
        if (!canExecute) vm.expectRevert();
        governor.execute(targets, values, calldatas, keccak256(""));
        vm.assertEq(ledger.times(2), canExecute ? 1 : 0, "carried out outside its windows, or not inside");
    }

    function testFuzz_OnlyTheGuardianCancelsAndOnlyBeforeTheSunset(
        address caller,
        uint256 time,
        bool asGuardian
    ) external {
        time = bound(time, START + 1, START + 2 * SUNSET_DELAY);
        if (asGuardian) caller = guardian;
        votes.mint(ADA, MIN_QUORUM);
        vm.warp(time - 1);
        // Proposed in the second before, whatever the second.
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _calls(3);
        vm.warp(time);
        vm.prank(ADA);
        uint256 proposalId = governor.propose(targets, values, calldatas, "");
        bool can = caller == guardian && time < START + SUNSET_DELAY;
        if (!can) {
            vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, proposalId, caller));
        }
        vm.prank(caller);
        governor.cancel(targets, values, calldatas, keccak256(""));
        vm.assertTrue(
            governor.state(proposalId) == (can ? IGovernor.ProposalState.Canceled : IGovernor.ProposalState.Pending),
            "cancelled by others or after the sunset"
        );
    }

    /// @dev Ada proposes to write `entry`; afterwards the vote is open.
    function _propose(uint256 entry) private returns (uint256 proposalId, uint256 deadline) {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _calls(entry);
        vm.warp(START + 1);
        vm.prank(ADA);
        proposalId = governor.propose(targets, values, calldatas, "");
        deadline = governor.proposalDeadline(proposalId);
        vm.warp(deadline - VOTING + 1);
    }

    function _vote(address voter, uint256 proposalId, uint8 support) private {
        vm.prank(voter);
        governor.castVote(proposalId, support);
    }
}

/// @dev Voters, a guardian and strangers on one governor, while time passes; it keeps its own books of every proposal.
contract XmeGovernorHandler is Test {
    struct Book {
        uint256 proposalId;
        uint256 against;
        uint256 inFavour;
        uint256 abstaining;
        uint256 queuedAt;
        bool executed;
        bool cancelled;
    }

    uint256 private constant VOTERS = 6;

    GovernorTestVotes private _votes;
    TimelockController private _timelock;
    XmeGovernor private _governor;
    GovernedLedger private _ledger;
    address private _guardian;
    uint256 private _sunset;

    Book[] private _books;
    mapping(uint256 entry => mapping(address voter => bool)) private _voted;

    uint256 public calls;
    uint256 public executions;
    uint256 public cancellations;
    uint256 public queued;
    uint256 public votesCast;
    uint256 public refusals;
    bool public forbiddenPassed;

    constructor(
        GovernorTestVotes votes_,
        TimelockController timelock_,
        XmeGovernor governor_,
        GovernedLedger ledger_,
        address guardian_
    ) {
        (_votes, _timelock, _governor, _ledger, _guardian) = (votes_, timelock_, governor_, ledger_, guardian_);
        _sunset = governor_.sunset();
        for (uint256 i = 0; i < VOTERS; i++) _votes.mint(_voter(i), 3_000_000e18 * (i + 1));
        vm.warp(block.timestamp + 1);
    }

    /// @dev After each call one of the handler's own, in turn, on the latest proposal, so that even a short run reaches every state.
    modifier thenOneMore(uint256 seed) {
        _;
        uint256 turn = calls++ % 13;
        if (turn == 0) _cancelAndPropose(seed);
        else if (turn < 6) _vote(_books.length - 1, turn - 1 + (seed % 2), seed % 4 == 0 ? 0 : 1);
        else if (turn == 6) _pass(9 days);
        else if (turn == 7) _queue(_books.length - 1);
        else if (turn == 8) _executeAnyhow(_books.length - 1, seed);
        else if (turn == 9) _pass(TIMELOCK_DELAY + (seed % 2 == 0 ? 0 : GRACE + 1));
        else if (turn == 10) _execute(_books.length - 1);
        else if (turn == 11) _cancel(_books.length - 1, _guardian);
        else _decide(seed);
        _pass(turn == 0 ? 1 days + 1 : 1 hours);
    }

    function propose(uint256 seed) external thenOneMore(seed) {
        if (seed % 3 == 0) _propose(seed);
    }

    function vote(uint256 which, uint256 voter, uint8 support) external thenOneMore(which) {
        if (_books.length != 0) _vote(which % _books.length, voter, support % 3);
    }

    function queue(uint256 which) external thenOneMore(which) {
        if (_books.length != 0) _queue(which % _books.length);
    }

    function execute(uint256 which) external thenOneMore(which) {
        if (_books.length != 0) _execute(which % _books.length);
    }

    function executeThroughTheTimelock(uint256 which) external thenOneMore(which) {
        if (_books.length != 0) _executeAnyhow(which % _books.length, which);
    }

    function cancel(uint256 which, address caller) external thenOneMore(which) {
        if (_books.length != 0 && which % 5 == 0) _cancel(which % _books.length, which % 2 == 0 ? _guardian : caller);
    }

    function stake(uint256 voter, uint256 amount) external thenOneMore(amount) {
        _votes.mint(_voter(voter), amount % 2_000_000e18);
    }

    function unstake(uint256 voter, uint256 amount) external thenOneMore(amount) {
        address account = _voter(voter);
        _votes.burn(account, bound(amount, 0, _votes.balanceOf(account) / 4));
    }

    function pass(uint256 seconds_) external thenOneMore(seconds_) {
        if (seconds_ % 4 == 0) _pass(bound(seconds_, 1, 20 days));
    }

    function books() external view returns (Book[] memory) {
        return _books;
    }

    function _propose(uint256 seed) private {
        uint256 entry = _books.length;
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _callsOn(_ledger, entry);
        address proposer = _voter(seed);
        // Where a voter has unstaked too much, somebody else proposes.
        if (_votes.getVotes(proposer) < _governor.proposalThreshold()) {
            proposer = _voter(VOTERS - 1);
            _votes.mint(proposer, _governor.proposalThreshold());
            vm.warp(block.timestamp + 1);
        }
        vm.prank(proposer);
        Book storage book = _books.push();
        book.proposalId = _governor.propose(targets, values, calldatas, "");
    }

    function _vote(uint256 entry, uint256 voter, uint256 support) private {
        Book storage book = _books[entry];
        address account = _voter(voter);
        bool open = _governor.state(book.proposalId) == IGovernor.ProposalState.Active;
        vm.prank(account);
        try _governor.castVote(book.proposalId, uint8(support)) returns (uint256 weight) {
            if (!open || _voted[entry][account]) forbiddenPassed = true;
            _voted[entry][account] = true;
            if (support == 0) book.against += weight;
            else if (support == 1) book.inFavour += weight;
            else book.abstaining += weight;
            votesCast++;
        } catch {
            refusals++;
        }
    }

    function _queue(uint256 entry) private {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _callsOn(_ledger, entry);
        try _governor.queue(targets, values, calldatas, keccak256("")) {
            _books[entry].queuedAt = block.timestamp;
            queued++;
        } catch {
            refusals++;
        }
    }

    function _execute(uint256 entry) private {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _callsOn(_ledger, entry);
        try _governor.execute(targets, values, calldatas, keccak256("")) {
            Book storage book = _books[entry];
            uint256 eta = book.queuedAt + TIMELOCK_DELAY;
            bool inTime = book.queuedAt != 0 && block.timestamp >= eta && block.timestamp <= eta + GRACE;
            if (!inTime || book.executed || book.cancelled) forbiddenPassed = true;
            book.executed = true;
            executions++;
        } catch {
            refusals++;
        }
    }

    function _executeAnyhow(uint256 entry, uint256 seed) private {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _callsOn(_ledger, entry);
        bytes32 salt = bytes20(address(_governor)) ^ keccak256("");
        vm.prank(seed % 2 == 0 ? _guardian : _voter(seed));
        try _timelock.executeBatch(targets, values, calldatas, 0, salt) {
            forbiddenPassed = true;
        } catch {
            refusals++;
        }
    }

    function _cancel(uint256 entry, address caller) private {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = _callsOn(_ledger, entry);
        vm.prank(caller);
        try _governor.cancel(targets, values, calldatas, keccak256("")) {
            if (caller != _guardian || block.timestamp >= _sunset) forbiddenPassed = true;
            _books[entry].cancelled = true;
            cancellations++;
        } catch {
            refusals++;
        }
    }

    /// @dev The first of a run comes before the sunset, whatever happened in between.
    function _cancelAndPropose(uint256 seed) private {
        _propose(seed);
        _cancel(_books.length - 1, _guardian);
        _propose(seed);
    }

    /// @dev A decision from first to last, without anything in between.
    function _decide(uint256 seed) private {
        _propose(seed);
        uint256 entry = _books.length - 1;
        _pass(1 days + 1);
        for (uint256 i = 0; i < VOTERS; i++) _vote(entry, i, 1);
        _pass(VOTING);
        _queue(entry);
        _pass(TIMELOCK_DELAY);
        _execute(entry);
    }

    function _pass(uint256 seconds_) private {
        vm.warp(block.timestamp + seconds_);
    }

    function _voter(uint256 number) private pure returns (address) {
        return address(uint160(0xa000 + (number % VOTERS)));
    }
}

/// @notice Design section 7, invariant 12: nothing executes below quorum; after the sunset nobody cancels.
contract XmeGovernorInvariantTest is XmeGovernorSetUp {
    XmeGovernorHandler private _handler;

    function setUp() external {
        _deployGovernor();
        _handler = new XmeGovernorHandler(votes, timelock, governor, ledger, guardian);
        targetContract(address(_handler));
    }

    function invariant_NothingExecutesBelowItsQuorumOrWithoutAMajority() external view {
        XmeGovernorHandler.Book[] memory books = _handler.books();
        uint256 executed = 0;
        for (uint256 i = 0; i < books.length; i++) {
            if (ledger.times(i) == 0) continue;
            executed++;
            uint256 needed = (votes.getPastTotalSupply(governor.proposalSnapshot(books[i].proposalId)) * 4 + 99) / 100;
            if (needed < MIN_QUORUM) needed = MIN_QUORUM;
            vm.assertGe(books[i].inFavour + books[i].abstaining, needed, "executed below its quorum");
            vm.assertGt(books[i].inFavour, books[i].against, "executed without a majority");
            vm.assertEq(ledger.times(i), 1, "executed more than once");
            vm.assertFalse(books[i].cancelled, "executed though cancelled");
        }
        vm.assertEq(ledger.total(), executed, "something else was executed");
        vm.assertEq(_handler.executions(), executed, "executed by another way than the governor");
    }

    function invariant_NothingForbiddenPasses() external view {
        vm.assertFalse(_handler.forbiddenPassed(), "out of time, by the wrong hand or after the sunset");
    }

    function invariant_TheGovernorCountsWhatWasCast() external view {
        XmeGovernorHandler.Book[] memory books = _handler.books();
        for (uint256 i = 0; i < books.length; i++) {
            (uint256 against, uint256 inFavour, uint256 abstaining) = governor.proposalVotes(books[i].proposalId);
            vm.assertEq(against, books[i].against, "votes against");
            vm.assertEq(inFavour, books[i].inFavour, "votes for");
            vm.assertEq(abstaining, books[i].abstaining, "votes that abstain");
        }
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.votesCast(), 0, "nobody voted");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(_handler.queued(), 0, "nothing was queued");
        vm.assertGt(_handler.executions(), 0, "nothing was executed");
        vm.assertGt(_handler.cancellations(), 0, "nothing was cancelled");
        vm.assertGt(block.timestamp, governor.sunset(), "the sunset was never reached");
    }
}
