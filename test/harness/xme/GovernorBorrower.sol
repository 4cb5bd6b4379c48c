// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";

/// @title GovernorBorrower, votes for the length of one transaction
/// @notice Borrows votes, calls the governor with them, and gives them back before the transaction ends.
contract GovernorBorrower {
    IGovernor private immutable _governor;
    ERC20Votes private immutable _votes;

    /// @notice What the governor answered to the last call, and the votes that this contract had at that moment.
    bool public success;
    bytes public answer;
    uint256 public votesInHand;

    constructor(IGovernor governor, ERC20Votes votes) {
        _governor = governor;
        _votes = votes;
        votes.delegate(address(this));
    }

    function borrowAndCall(address lender, uint256 amount, bytes calldata data) external {
        _votes.transferFrom(lender, address(this), amount);
        votesInHand = _votes.getVotes(address(this));
        // solhint-disable-next-line avoid-low-level-calls
        (success, answer) = address(_governor).call(data);
        _votes.transfer(lender, amount);
    }
}
