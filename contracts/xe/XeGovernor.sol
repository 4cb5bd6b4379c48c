// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

import {TimelockedGovernor} from "../common/TimelockedGovernor.sol";

/// @title Governor of XE, what holders of XUSD decide
/// @notice Lets holders of XUSD propose, vote and carry out what they decided, through the timelock that administers XE.
/// @dev Source: votes go by XUSD, "XE balances are excluded", and "Final economic parameters are pending design review." Choice: that review, and
///      all else that the ledger leaves to governance, is a vote: prices of leases, new XUSD, and who the arbiter is.
///      Votes are the ledger's: XUSD of whoever delegates. What is pending or in escrow votes for nobody. How a proposal is made, voted on and
///      carried out: `TimelockedGovernor`.
///
///      The quorum is 4 % of all XUSD at the snapshot, and at least `minQuorum`. Choice: this floor and the threshold are the deployment's, since
///      XUSD has no fixed supply that they could be parts of: leases burn it, and a faucet or governance mints it. Neither can be zero.
///
///      Choice: nobody can cancel, not even a proposer, so that a copy of a proposal sent first by somebody else is worth as much as the original.
///
///      Limits, in the open: whoever holds a majority of a quorum decides everything that the timelock may do, minting without end included.
///      Where the ledger's faucet is open, anybody gets a quorum with enough accounts: such a network is for development only. All XUSD counts
///      for the quorum, also what is not delegated. Where leases have burned so much that less than `minQuorum` is left, nothing can be decided
///      any more, new XUSD included, unless the faucet is open: lower the floor in time. That, as every other number, is another governor, to which
///      the timelock gives the roles of this one. Three functions of this contract answer to a proposal: `relay`, `updateTimelock`, with which
///      governance can leave its timelock and lock itself out, and `setLateQuorumVoteExtension`, within the voting period.
///
///      Nothing but this contract may hold the timelock's proposer and executor roles, and nobody its canceller role: with another executor, one
///      open to all above all, the end of the 14 days would not bind, since what expired here stays scheduled in the timelock.
///
///      Neither ether nor tokens belong here: deposits of ether, ERC-721 and ERC-1155 are refused, and `relay` moves what was forced in.
///      No guard against reentrancy: a proposal is marked as executed before its calls.
///
///      Invariants: nothing executes that did not reach its quorum with more "for" than "against"; nothing executes before its voting, and the
///      timelock's delay after it, or later than 14 days after that; nothing is cancelled.
contract XeGovernor is TimelockedGovernor {
    /// @notice The votes, in wei of XUSD, that a quorum is at least, however little XUSD there is.
    uint256 public immutable minQuorum;

    uint256 private immutable _threshold;

    /// @notice Thrown at construction when the address of the votes holds no contract.
    error XeGovernor_VotesHaveNoCode(address votes);

    /// @notice Thrown at construction when the votes do not count time in seconds, as `blockTime` is counted.
    error XeGovernor_VotesClockIsNotTime(address votes, uint256 votesClock, uint256 blockTime);

    /// @notice Thrown at construction when the timelock's address holds no contract.
    error XeGovernor_TimelockHasNoCode(address timelock);

    /// @notice Thrown at construction when a quorum would need no votes while there is no XUSD.
    error XeGovernor_MinQuorumIsZero();

    /// @notice Thrown at construction when anybody could propose, or only whoever has more than `minQuorum`.
    error XeGovernor_ThresholdOutOfRange(uint256 threshold, uint256 minQuorum);

    /// @dev `votes` is the ledger, `timelock_` XE's administrator, which has to give this contract its proposer and executor roles. `minQuorum_` and
    ///      `threshold`, the votes that an account needs to propose, in wei of XUSD, neither zero, and the threshold not above the quorum.
    ///      Reverts with `XeGovernor_VotesHaveNoCode`, `XeGovernor_VotesClockIsNotTime`, `XeGovernor_TimelockHasNoCode`,
    ///      `XeGovernor_MinQuorumIsZero` and `XeGovernor_ThresholdOutOfRange`.
    constructor(
        IERC5805 votes,
        TimelockController timelock_,
        uint256 minQuorum_,
        uint256 threshold
    )
        Governor("XE Governor")
        GovernorVotes(votes)
        GovernorTimelockControl(timelock_)
        GovernorPreventLateQuorum(LATE_QUORUM_EXTENSION)
    {
        if (address(votes).code.length == 0) revert XeGovernor_VotesHaveNoCode(address(votes));
        uint256 votesClock = votes.clock();
        if (votesClock != block.timestamp) {
            revert XeGovernor_VotesClockIsNotTime(address(votes), votesClock, block.timestamp);
        }
        if (address(timelock_).code.length == 0) revert XeGovernor_TimelockHasNoCode(address(timelock_));
        if (minQuorum_ == 0) revert XeGovernor_MinQuorumIsZero();
        if (threshold == 0 || threshold > minQuorum_) revert XeGovernor_ThresholdOutOfRange(threshold, minQuorum_);
        minQuorum = minQuorum_;
        _threshold = threshold;
    }

    /// @notice Refuses: nobody can cancel a proposal.
    /// @dev Here because OpenZeppelin's interface has it; a view, because it changes nothing. Reverts with `GovernorUnableToCancel`.
    function cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public view override returns (uint256 proposalId) {
        return _cancel(targets, values, calldatas, descriptionHash);
    }

    /// @notice The votes, in wei of XUSD, that an account needs to propose.
    function proposalThreshold() public view override returns (uint256) {
        return _threshold;
    }

    function _quorumFloor() internal view override returns (uint256) {
        return minQuorum;
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal view override returns (uint256) {
        revert GovernorUnableToCancel(getProposalId(targets, values, calldatas, descriptionHash), _msgSender());
    }
}
