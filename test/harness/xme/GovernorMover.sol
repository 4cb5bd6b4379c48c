// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// @title GovernorMover, votes that change hands within a block
/// @notice Owns votes and delegates them to each account of a list, one after the other, in one transaction.
contract GovernorMover {
    function delegateToEach(IVotes votes, address[] calldata delegatees) external {
        for (uint256 i = 0; i < delegatees.length; i++) votes.delegate(delegatees[i]);
    }
}
