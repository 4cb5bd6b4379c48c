// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {VotingXME} from "../../../contracts/xme/VotingXME.sol";

/// @notice Reads in one call all that there is to see of many accounts.
contract VotesLens {
    struct Holder {
        uint256 staked;
        uint256 pending;
        uint256 availableAt;
        uint256 withdrawable;
        uint256 earned;
        uint256 claimable;
        uint256 votes;
        address delegate;
    }

    struct All {
        uint256 timestamp;
        uint256 supply;
        uint256 xme;
        uint256 xmex;
        uint256 active;
        uint256 next;
        uint256 perSecond;
        uint256 endsAt;
        Holder[] holders;
    }

    function read(VotingXME voting, address[] calldata accounts) external view returns (All memory all) {
        all.timestamp = block.timestamp;
        all.supply = voting.totalSupply();
        all.xme = voting.xme().balanceOf(address(voting));
        all.xmex = voting.xmex().balanceOf(address(voting));
        (all.active, all.next, all.perSecond, all.endsAt) = voting.distribution();
        all.holders = new Holder[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) all.holders[i] = _read(voting, accounts[i]);
    }

    function _read(VotingXME voting, address account) private view returns (Holder memory holder) {
        holder.staked = voting.balanceOf(account);
        (holder.pending, holder.availableAt) = voting.pendingUnstake(account);
        holder.withdrawable = voting.previewWithdraw(account);
        holder.earned = voting.earned(account);
        holder.claimable = voting.previewClaim(account);
        holder.votes = voting.getVotes(account);
        holder.delegate = voting.delegates(account);
    }
}
