// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorPreventLateQuorum} from "@openzeppelin/contracts/governance/extensions/GovernorPreventLateQuorum.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

import {TimelockedGovernor} from "../common/TimelockedGovernor.sol";

/// @title Governor of XE/XUSD, what holders of XUSD decide
/// @notice Lets accounts propose, vote with the XUSD that is delegated to them, and carry out what they decided, through a timelock.
/// @dev Source, "Delegation weight": "Only XUSD contributes to consensus weight", and "Compute users who hold XUSD for leases also have governance
///      power." Choice: what is governed is the ledger's rates, the minting of XUSD, and who its arbiter is.
///
///      The quorum is 4 % of the XUSD supply at the snapshot and at least `minQuorum`. Choice: both the floor and what it takes to propose are
///      the deployment's and never change, since the supply has no fixed size that they could be a part of.
///
///      Nobody cancels, not even a proposer, so that a copy of a proposal sent first by somebody else is worth as much as the original.
///
///      Limits, in the open: XUSD is minted by what is decided here, so whoever holds a majority of a quorum can give itself more. What is pending
///      or in escrow counts in the supply and votes for nobody. Where the ledger has a faucet, votes are to be had for nothing, and this governor
///      decides what whoever has the most accounts wants. `relay`, `updateTimelock` and `setLateQuorumVoteExtension` answer to a proposal.
contract XeGovernor is TimelockedGovernor {
    /// @notice The XUSD, in wei, that a quorum is at least, however few exist.
    uint256 public immutable minQuorum;

    uint256 private immutable _threshold;

    /// @notice Thrown at construction when the address of the votes holds no contract.
    error XeGovernor_VotesHaveNoCode(address votes);

    /// @notice Thrown at construction when the votes do not count time in seconds, as `blockTime` is counted.
    error XeGovernor_VotesClockIsNotTime(address votes, uint256 votesClock, uint256 blockTime);

    /// @notice Thrown at construction when the timelock's address holds no contract.
    error XeGovernor_TimelockHasNoCode(address timelock);

    /// @notice Thrown at construction when a quorum would have no floor, so that next to nothing could decide while there is no XUSD.
    error XeGovernor_MinQuorumIsZero();

    /// @notice Thrown at construction when proposing would take more votes than the least quorum, so that some who can decide cannot propose.
    error XeGovernor_ThresholdAboveMinQuorum(uint256 threshold, uint256 minQuorum);

    /// @dev `votes` is the ledger; `timelock_` has to give this contract its proposer, executor and canceller roles. `minQuorum_` and `threshold`
    ///      in wei of XUSD.
    ///      Reverts with `XeGovernor_VotesHaveNoCode`, `XeGovernor_VotesClockIsNotTime`, `XeGovernor_TimelockHasNoCode`,
    ///      `XeGovernor_MinQuorumIsZero` and `XeGovernor_ThresholdAboveMinQuorum`.
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
        if (threshold > minQuorum_) revert XeGovernor_ThresholdAboveMinQuorum(threshold, minQuorum_);
        minQuorum = minQuorum_;
        _threshold = threshold;
    }

    /// @notice Nobody can cancel a proposal: this always fails.
    /// @dev Reverts with `GovernorUnableToCancel`, `GovernorNonexistentProposal` and `GovernorUnexpectedProposalState`.
    function cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) public override returns (uint256 proposalId) {
        return super.cancel(targets, values, calldatas, descriptionHash);
    }

    /// @notice The votes, in wei of XUSD, that an account needs to propose.
    function proposalThreshold() public view override returns (uint256) {
        return _threshold;
    }

    function _quorumFloor() internal view override returns (uint256) {
        return minQuorum;
    }

    /// @dev In place of OpenZeppelin's rule, which lets the proposer cancel what is pending.
    function _validateCancel(uint256, address) internal pure override returns (bool) {
        return false;
    }
}
