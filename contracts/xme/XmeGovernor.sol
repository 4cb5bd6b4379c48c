// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

import {TimelockedGovernor} from "../common/TimelockedGovernor.sol";

/// @title Governor of X.me, what holders of vXME decide
/// @notice Lets holders of vXME propose, vote and carry out what they decided, through the timelock that is X.me's treasury and administrator.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 2.4: "substantive community co-governance … from proposals to data treasury usage,
///      covering everything", and section 4.1: "obtain vXME (voting power) by staking XME, directly participating in major platform decisions".
///      OpenZeppelin's Governor, with its words. The life of a proposal, in seconds:
///
///          proposed   by 1,000,000 votes of the second before
///          + 1 day    snapshot: who had how many votes then; voting opens with the next second
///          + 7 days   voting closes; where the quorum came late, not before 2 days after it came
///          queued     by anybody, within 14 days, if the quorum was reached by "for" and "abstain", and "for" is above "against"
///          + 2 days   the timelock's delay
///          executed   by anybody, within 14 days
///
///      Votes are those of the end of the snapshot's second, so what is borrowed, or moved from account to account, within a block or after
///      the snapshot votes once. Choice: what is not queued or not executed in time expires, because a decision is about its time: without an
///      end anybody could carry it out years later, in a world nobody voted on.
///
///      The quorum is 4 % of all vXME at the snapshot and at least 10,000,000 vXME, one percent of all XME: while hardly anybody has staked, no
///      small stake takes the treasury.
///
///      Section 2.4, "progressive decentralized governance, ensuring efficient operation in the early stages": until `sunset`, which nobody can
///      move, a guardian may cancel proposals, and nothing else. It is a veto on everything, also on its own removal; from `sunset` on nobody can
///      cancel, not even a proposer, so that a copy of a proposal sent first by somebody else is worth as much as the original.
///
///      Limits, in the open: whoever holds a majority of a quorum decides everything that the timelock may do, the treasury and the roles
///      included. Three functions of this contract answer to a proposal: `relay`, `updateTimelock`, with which governance can leave its timelock and
///      lock itself out, and `setLateQuorumVoteExtension`, within the voting period. All other numbers are constant; other numbers are another
///      governor, to which the timelock gives the roles of this one. The timelock's delay is the timelock's own and governance's to change; one
///      that no time reaches, as of centuries, locks the treasury and itself for ever.
///
///      Nothing but this contract may hold the timelock's proposer, executor and canceller roles: with another executor, one open to all above
///      all, the end of the 14 days would not bind, since what expired here stays scheduled in the timelock.
///
///      Neither ether nor tokens belong here: deposits of ether, ERC-721 and ERC-1155 are refused, and `relay` moves what was forced in.
///      No guard against reentrancy: a proposal is marked as executed before its calls.
///
///      Invariants: nothing executes that did not reach its quorum with more "for" than "against"; nothing executes before its voting, and the
///      timelock's delay after it, or later than 14 days after that; from `sunset` on nothing is cancelled.
contract XmeGovernor is TimelockedGovernor {
    /// @notice The votes, with 18 decimals, that a quorum is at least, however few are staked.
    /// @dev Choice: one percent of all XME.
    uint256 public constant MIN_QUORUM = 10_000_000e18;

    /// @notice The furthest, in seconds, that the sunset may lie ahead at construction.
    /// @dev Choice: "early stages", source section 2.4, end with the vesting of the team; a time typed in milliseconds is refused.
    uint256 public constant MAX_SUNSET_DISTANCE = 4 * 365 days;

    /// @dev Choice: a tenth of a percent of all XME, against proposals as spam.
    uint256 private constant PROPOSAL_THRESHOLD = 1_000_000e18;

    /// @notice The account that may cancel proposals until the sunset, and nothing else.
    address public immutable guardian;

    /// @notice The time, in seconds, from which nobody can cancel a proposal.
    uint48 public immutable sunset;

    /// @notice Thrown at construction when the address of the votes holds no contract.
    error XmeGovernor_VotesHaveNoCode(address votes);

    /// @notice Thrown at construction when the votes do not count time in seconds, as `blockTime` is counted.
    error XmeGovernor_VotesClockIsNotTime(address votes, uint256 votesClock, uint256 blockTime);

    /// @notice Thrown at construction when the timelock's address holds no contract.
    error XmeGovernor_TimelockHasNoCode(address timelock);

    /// @notice Thrown at construction when nobody would be the guardian.
    error XmeGovernor_GuardianIsZero();

    /// @notice Thrown at construction when the sunset does not lie after `blockTime`, or lies more than `maxDistance` seconds after it.
    error XmeGovernor_SunsetOutOfRange(uint256 sunset, uint256 blockTime, uint256 maxDistance);

    /// @dev `votes` is vXME, `timelock_` X.me's treasury, which has to give this contract its proposer, executor and canceller roles.
    ///      Reverts with `XmeGovernor_VotesHaveNoCode`, `XmeGovernor_VotesClockIsNotTime`, `XmeGovernor_TimelockHasNoCode`,
    ///      `XmeGovernor_GuardianIsZero` and `XmeGovernor_SunsetOutOfRange`.
    constructor(
        IERC5805 votes,
        TimelockController timelock_,
        address guardian_,
        uint48 sunset_
    )
        Governor("X.me Governor")
        GovernorVotes(votes)
        GovernorTimelockControl(timelock_)
        GovernorPreventLateQuorum(LATE_QUORUM_EXTENSION)
    {
        if (address(votes).code.length == 0) revert XmeGovernor_VotesHaveNoCode(address(votes));
        uint256 votesClock = votes.clock();
        if (votesClock != block.timestamp) {
            revert XmeGovernor_VotesClockIsNotTime(address(votes), votesClock, block.timestamp);
        }
        if (address(timelock_).code.length == 0) revert XmeGovernor_TimelockHasNoCode(address(timelock_));
        if (guardian_ == address(0)) revert XmeGovernor_GuardianIsZero();
        if (sunset_ <= block.timestamp || sunset_ > block.timestamp + MAX_SUNSET_DISTANCE) {
            revert XmeGovernor_SunsetOutOfRange(sunset_, block.timestamp, MAX_SUNSET_DISTANCE);
        }
        guardian = guardian_;
        sunset = sunset_;
    }

    /// @notice Cancels a proposal for ever; only the guardian may, and only before the sunset.
    /// @dev In any state but cancelled, expired and executed; what is queued leaves the timelock too. Returns the number of the proposal.
    ///      Reverts with `GovernorUnableToCancel`, `GovernorNonexistentProposal` and `GovernorUnexpectedProposalState`.
    function cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public override returns (uint256 proposalId) {
        return super.cancel(targets, values, calldatas, descriptionHash);
    }

    /// @notice The votes, with 18 decimals, that an account needs to propose.
    function proposalThreshold() public pure override returns (uint256) {
        return PROPOSAL_THRESHOLD;
    }

    /// @dev One percent of all XME.
    function _quorumFloor() internal pure override returns (uint256) {
        return MIN_QUORUM;
    }

    /// @dev In place of OpenZeppelin's rule, which also lets the proposer cancel what is pending.
    function _validateCancel(uint256, address caller) internal view override returns (bool) {
        return caller == guardian && block.timestamp < sunset;
    }
}
