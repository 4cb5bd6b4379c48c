// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {VotingXME} from "../../../contracts/xme/VotingXME.sol";

/// @notice Has XME for the length of one transaction, as from a flash loan, and tries to make votes of it.
contract VotesBorrower {
    uint256 public votesNow;
    uint256 public votesBefore;
    uint256 public votesAfterRequest;
    bytes public answerToVote;
    bytes public answerToWithdrawal;

    /// @dev Stakes `amount` of the caller's XME, votes in a vote whose snapshot is this second and in one whose snapshot is the second before,
    ///      asks the XME back and tries to take it.
    function voteWith(VotingXME voting, uint256 amount) external {
        IERC20 xme = voting.xme();
        xme.transferFrom(msg.sender, address(this), amount);
        xme.approve(address(voting), amount);
        voting.stake(amount);
        votesNow = voting.getVotes(address(this));
        votesBefore = voting.getPastVotes(address(this), block.timestamp - 1);
        (, answerToVote) = address(voting).staticcall(
            abi.encodeCall(voting.getPastVotes, (address(this), block.timestamp))
        );
        voting.requestUnstake(amount);
        votesAfterRequest = voting.getVotes(address(this));
        // solhint-disable-next-line avoid-low-level-calls
        (, answerToWithdrawal) = address(voting).call(abi.encodeCall(voting.withdraw, (msg.sender)));
    }
}
