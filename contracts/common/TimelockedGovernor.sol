// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title What the governors of X.me and of XE have in common
/// @notice Lets accounts propose, vote and carry out what they decided, through a timelock.
/// @dev OpenZeppelin's Governor, with its words and its parts; a governor adds whose votes count, the floor of its quorum, what it takes to propose,
///      and who may cancel. The life of a proposal, in seconds:
///
///          proposed   by `proposalThreshold()` votes of the second before
///          + 1 day    snapshot: who had how many votes then; voting opens with the next second
///          + 7 days   voting closes; where the quorum came late, not before 2 days after it came
///          queued     by anybody, within 14 days, if the quorum was reached by "for" and "abstain", and "for" is above "against"
///          + delay    of the timelock
///          executed   by anybody, within 14 days
///
///      Votes are those of the end of the snapshot's second, so what is borrowed, or moved from account to account, within a block or after
///      the snapshot votes once. Choice: what is not queued or not executed in time expires, because a decision is about its time: without an
///      end anybody could carry it out years later, in a world nobody voted on.
///
///      Nothing but the governor may hold its timelock's proposer, executor and canceller roles: with another executor, one open to all above
///      all, the end of the 14 days would not bind, since what expired here stays scheduled in the timelock.
///
///      Neither ether nor tokens belong here: deposits of ether, ERC-721 and ERC-1155 are refused, and `relay` moves what was forced in.
///      No guard against reentrancy: a proposal is marked as executed before its calls.
///
///      Invariants: nothing executes that did not reach its quorum with more "for" than "against"; nothing executes before its voting, and the
///      timelock's delay after it, or later than 14 days after that.
abstract contract TimelockedGovernor is
    GovernorCountingSimple,
    GovernorVotes,
    GovernorTimelockControl,
    GovernorPreventLateQuorum
{
    /// @notice The part of all that could vote, in basis points, that a quorum is at least.
    /// @dev Choice: 4 %, what OpenZeppelin's wizard and many governors have.
    uint256 public constant QUORUM_BPS = 400;

    /// @notice The time, in seconds, within which what was decided has to be queued, and what was queued executed.
    /// @dev Choice: two weeks, as in Compound's timelock; long enough to try again where a call fails at first.
    uint256 public constant GRACE_PERIOD = 14 days;

    /// @dev Choice: a day to get votes together, delegate or unstake.
    uint256 private constant VOTING_DELAY = 1 days;

    /// @dev Choice: a week, so that a weekend is always in it.
    uint256 private constant VOTING_PERIOD = 7 days;

    /// @dev Choice: two days to answer a quorum that came in the last minute.
    uint48 internal constant LATE_QUORUM_EXTENSION = 2 days;

    uint256 private constant TOTAL_BPS = 10_000;

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Proposing, voting, carrying out
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Proposes that the timelock calls `targets` with `values` and `calldatas`, for the reasons in `description`.
    /// @dev The caller needs `proposalThreshold()` votes in the second before. `values` in wei of ether, out of the timelock. A `description` that
    ///      ends with "#proposer=" and an address is refused from any other; without that anybody may send the same first, which changes only who
    ///      is named as the proposer. Returns the number of the proposal, the hash of all four. Cost: one slot here, and the event.
    ///      Reverts with `GovernorRestrictedProposer`, `GovernorInsufficientProposerVotes`, `GovernorInvalidProposalLength` and, where it was
    ///      proposed before, `GovernorUnexpectedProposalState`.
    function propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description
    ) public override returns (uint256 proposalId) {
        return super.propose(targets, values, calldatas, description);
    }

    /// @notice Votes with all your votes on `proposalId`: `support` is 0 against, 1 for, 2 to abstain.
    /// @dev Once for each account, with the votes at the snapshot; zero votes are counted as zero. Returns them. Two slots, three where the quorum
    ///      comes with it.
    ///      Reverts with `GovernorNonexistentProposal`, `GovernorUnexpectedProposalState`, `GovernorAlreadyCastVote` and `GovernorInvalidVoteType`.
    function castVote(uint256 proposalId, uint8 support) public override returns (uint256 weight) {
        return super.castVote(proposalId, support);
    }

    /// @notice Votes with all your votes on `proposalId`, and says why: `support` is 0 against, 1 for, 2 to abstain.
    /// @dev As `castVote`; `reason` is only told.
    function castVoteWithReason(
        uint256 proposalId,
        uint8 support,
        string calldata reason
    ) public override returns (uint256 weight) {
        return super.castVoteWithReason(proposalId, support, reason);
    }

    /// @notice Votes with all your votes on `proposalId`, with `reason` and `params`: `support` is 0 against, 1 for, 2 to abstain.
    /// @dev As `castVote`; `reason` and `params` are only told.
    function castVoteWithReasonAndParams(
        uint256 proposalId,
        uint8 support,
        string calldata reason,
        bytes memory params
    ) public override returns (uint256 weight) {
        return super.castVoteWithReasonAndParams(proposalId, support, reason, params);
    }

    /// @notice Casts the vote on `proposalId` that `voter` signed; anybody may send it.
    /// @dev `signature` over the EIP-712 `Ballot` with the voter's next nonce, by its key or, for a contract, by ERC-1271; valid until the vote ends or
    ///      the nonce is used. As `castVote`; reverts with `GovernorInvalidSignature` too.
    function castVoteBySig(
        uint256 proposalId,
        uint8 support,
        address voter,
        bytes memory signature
    ) public override returns (uint256 weight) {
        return super.castVoteBySig(proposalId, support, voter, signature);
    }

    /// @notice Casts the vote on `proposalId` that `voter` signed together with `reason` and `params`; anybody may send it.
    /// @dev As `castVoteBySig`, over the EIP-712 `ExtendedBallot`.
    function castVoteWithReasonAndParamsBySig(
        uint256 proposalId,
        uint8 support,
        address voter,
        string calldata reason,
        bytes memory params,
        bytes memory signature
    ) public override returns (uint256 weight) {
        return super.castVoteWithReasonAndParamsBySig(proposalId, support, voter, reason, params, signature);
    }

    /// @notice Queues in the timelock what was decided; anybody may, within 14 days after the vote.
    /// @dev Starts the timelock's delay. Returns the number of the proposal. Three slots here and in the timelock.
    ///      Reverts with `GovernorNonexistentProposal` and `GovernorUnexpectedProposalState`.
    function queue(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public override returns (uint256 proposalId) {
        return super.queue(targets, values, calldatas, descriptionHash);
    }

    /// @notice Carries out what was decided, through the timelock; anybody may, within 14 days after its delay.
    /// @dev All calls or none. Ether sent along goes to the timelock and stays there where the calls do not spend it. Returns the number of the
    ///      proposal.
    ///      Reverts with `GovernorNonexistentProposal`, `GovernorUnexpectedProposalState`, `TimelockUnexpectedOperationState` before the delay is
    ///      over, and with what a call reverts with.
    function execute(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public payable override returns (uint256 proposalId) {
        return super.execute(targets, values, calldatas, descriptionHash);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Views
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Where `proposalId` stands: 0 pending, 1 active, 2 cancelled, 3 defeated, 4 succeeded, 5 queued, 6 expired, 7 executed.
    /// @dev Reverts with `GovernorNonexistentProposal`.
    function state(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (ProposalState current) {
        current = super.state(proposalId);
        bool waits = current == ProposalState.Succeeded || current == ProposalState.Queued;
        if (waits && clock() > proposalExpiry(proposalId)) return ProposalState.Expired;
    }

    /// @notice The last second in which `proposalId` can be queued or, once it is queued, executed.
    /// @dev Moves with the deadline while that can still be extended; zero where there is no such proposal.
    function proposalExpiry(uint256 proposalId) public view returns (uint256) {
        uint256 from = proposalEta(proposalId);
        if (from == 0) from = proposalDeadline(proposalId);
        return from == 0 ? 0 : from + GRACE_PERIOD;
    }

    /// @notice The votes, with 18 decimals, that "for" and "abstain" need together on a proposal whose snapshot is `timepoint`.
    /// @dev The larger of 4 % of all that could vote at `timepoint`, rounded up, and the floor. Reverts for a `timepoint` that is not over.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return Math.max(Math.ceilDiv(token().getPastTotalSupply(timepoint) * QUORUM_BPS, TOTAL_BPS), _quorumFloor());
    }

    /// @notice The time, in seconds, from a proposal to its snapshot.
    function votingDelay() public pure override returns (uint256) {
        return VOTING_DELAY;
    }

    /// @notice The time, in seconds, from a proposal's snapshot to the end of its vote, where no late quorum extends it.
    function votingPeriod() public pure override returns (uint256) {
        return VOTING_PERIOD;
    }

    /// @notice The time, in seconds since the Unix epoch, that all times here are counted in.
    function clock() public view override(Governor, GovernorVotes) returns (uint48) {
        return Time.timestamp();
    }

    /// @notice How `clock` counts, as ERC-6372 writes it.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(Governor, GovernorVotes) returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice What a vote may be and what counts for the quorum, as OpenZeppelin writes it.
    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() public pure override(IGovernor, GovernorCountingSimple) returns (string memory) {
        return super.COUNTING_MODE();
    }

    /// @notice The name of this governor, in which votes are signed.
    function name() public view override returns (string memory) {
        return super.name();
    }

    /// @notice The version of this governor, in which votes are signed.
    function version() public view override returns (string memory) {
        return super.version();
    }

    /// @notice The time, in seconds, whose votes count on `proposalId`; zero where there is no such proposal.
    function proposalSnapshot(uint256 proposalId) public view override returns (uint256) {
        return super.proposalSnapshot(proposalId);
    }

    /// @notice The last second in which votes on `proposalId` are taken; zero where there is no such proposal.
    /// @dev A late quorum moves it.
    function proposalDeadline(
        uint256 proposalId
    ) public view override(Governor, GovernorPreventLateQuorum) returns (uint256) {
        return super.proposalDeadline(proposalId);
    }

    /// @notice The time, in seconds, from which `proposalId` can be executed; zero until it is queued.
    function proposalEta(uint256 proposalId) public view override returns (uint256) {
        return super.proposalEta(proposalId);
    }

    /// @notice Who proposed `proposalId`; zero where there is no such proposal.
    function proposalProposer(uint256 proposalId) public view override returns (address) {
        return super.proposalProposer(proposalId);
    }

    /// @notice True: what is decided here waits in the timelock before it is executed.
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @notice The votes, with 18 decimals, on `proposalId` so far.
    function proposalVotes(
        uint256 proposalId
    ) public view override returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        return super.proposalVotes(proposalId);
    }

    /// @notice Whether `account` has voted on `proposalId`.
    function hasVoted(
        uint256 proposalId,
        address account
    ) public view override(IGovernor, GovernorCountingSimple) returns (bool) {
        return super.hasVoted(proposalId, account);
    }

    /// @notice The votes, with 18 decimals, of `account` at `timepoint`, in seconds, which has to be over.
    function getVotes(address account, uint256 timepoint) public view override returns (uint256) {
        return super.getVotes(account, timepoint);
    }

    /// @notice The votes, with 18 decimals, of `account` at `timepoint`, in seconds, whatever `params` are.
    function getVotesWithParams(
        address account,
        uint256 timepoint,
        bytes memory params
    ) public view override returns (uint256) {
        return super.getVotesWithParams(account, timepoint, params);
    }

    /// @notice The number of the proposal of `targets`, `values`, `calldatas` and the hash of its description, proposed or not.
    function hashProposal(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public pure override returns (uint256) {
        return super.hashProposal(targets, values, calldatas, descriptionHash);
    }

    /// @notice The number of the proposal of `targets`, `values`, `calldatas` and the hash of its description; the same as `hashProposal`.
    function getProposalId(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public view override returns (uint256) {
        return super.getProposalId(targets, values, calldatas, descriptionHash);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Governance itself, by a proposal that names this contract as a target
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Calls `target` with `value` and `data` from this contract, to move what was sent here by mistake; only a proposal can.
    /// @dev Reverts with `GovernorOnlyExecutor`, and with what the call reverts with.
    function relay(address target, uint256 value, bytes calldata data) public payable override {
        super.relay(target, value, data);
    }

    /// @notice Makes `newTimelock` carry out what is decided from now on; only a proposal can.
    /// @dev What the timelock holds and all its roles stay where they are: without them the new timelock can do nothing. What is queued in the old one counts as
    ///      cancelled. Reverts with `GovernorOnlyExecutor`.
    function updateTimelock(TimelockController newTimelock) public override {
        super.updateTimelock(newTimelock);
    }

    /// @notice Lets a vote go on for at least `newVoteExtension` seconds after its quorum is reached; only a proposal can.
    /// @dev From zero to the voting period. Reverts with `GovernorOnlyExecutor` and `GovernorPreventLateQuorumVoteExtensionTooLarge`.
    function setLateQuorumVoteExtension(uint48 newVoteExtension) public override {
        super.setLateQuorumVoteExtension(newVoteExtension);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Internals
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @dev The votes, with 18 decimals, that a quorum is at least, however few there are.
    function _quorumFloor() internal view virtual returns (uint256);

    function _tallyUpdated(uint256 proposalId) internal override(Governor, GovernorPreventLateQuorum) {
        super._tallyUpdated(proposalId);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal virtual override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
