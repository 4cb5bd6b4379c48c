// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title XeVotesBorrower, votes for the length of one transaction
/// @notice Borrows XUSD, calls the governor with its votes, and gives it back before the transaction ends.
contract XeVotesBorrower {
    /// @notice What the governor answered to the last call, and the votes that this contract had at that moment.
    bool public success;
    bytes public answer;
    uint256 public votesInHand;

    function borrowAndCall(
        IGovernor governor,
        IVotes ledger,
        IERC20 xusd,
        address lender,
        uint256 amount,
        bytes calldata data
    ) external {
        ledger.delegate(address(this));
        xusd.transferFrom(lender, address(this), amount);
        votesInHand = ledger.getVotes(address(this));
        // solhint-disable-next-line avoid-low-level-calls
        (success, answer) = address(governor).call(data);
        xusd.transfer(lender, amount);
    }
}
