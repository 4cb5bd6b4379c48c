// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {VotingXME} from "../../../contracts/xme/VotingXME.sol";

/// @notice One of many: an account that stakes once, while it is made, and has no code afterwards.
contract VotesCrowdMember {
    constructor(VotingXME voting, IERC20 xme, uint256 amount) {
        VotesCrowd(msg.sender).fund(xme, amount);
        xme.approve(address(voting), amount);
        voting.stake(amount);
    }
}

/// @notice Lets any number of accounts stake, each on its own, because nobody can stake for another.
contract VotesCrowd {
    function stake(VotingXME voting, uint256 count, uint256 amountEach) external {
        IERC20 xme = voting.xme();
        for (uint256 i = 0; i < count; i++) new VotesCrowdMember(voting, xme, amountEach);
    }

    function fund(IERC20 xme, uint256 amount) external {
        xme.transfer(msg.sender, amount);
    }
}
