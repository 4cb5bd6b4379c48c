// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Vesting, the wallet that gives the team and the private buyers their XME little by little
/// @notice Holds tokens for one beneficiary: nothing before the cliff, then in proportion to the time passed, everything at the end.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 8 (the shares; the schedules are choices, see `Genesis`). OpenZeppelin's
///      VestingWalletCliff decides what is released: ⌊(balance + released) × (now − start) / duration⌋, rounded down, from the cliff on.
///      Anybody may call `release`; it pays the owner. Tokens sent later follow the same schedule as if they had been here from the start.
///      Beyond OpenZeppelin's wallet it names its token, so that genesis can refuse a wallet made for another one, hands over ownership in
///      two steps and never gives it up, because either mistake would lock the rest of the tokens for ever (choice).
contract Vesting is VestingWalletCliff, Ownable2Step {
    /// @notice The token that this wallet was made for.
    /// @dev Only a statement: `release` works for any token that was sent here.
    IERC20 public immutable token;

    /// @notice Thrown by `renounceOwnership`: without an owner nothing could ever be released.
    error Vesting_OwnerRequired();

    /// @notice Thrown at construction when the token's address holds no contract.
    error Vesting_TokenWithoutCode(address token);

    /// @dev `cliffSeconds` counts from `startTimestamp`. Reverts with `Vesting_TokenWithoutCode`, OpenZeppelin's `OwnableInvalidOwner` for
    ///      a zero `beneficiary` and `InvalidCliffDuration` for a cliff after the end.
    constructor(
        IERC20 token_,
        address beneficiary,
        uint64 startTimestamp,
        uint64 cliffSeconds,
        uint64 durationSeconds
    ) VestingWallet(beneficiary, startTimestamp, durationSeconds) VestingWalletCliff(cliffSeconds) {
        if (address(token_).code.length == 0) revert Vesting_TokenWithoutCode(address(token_));
        token = token_;
    }

    /// @notice Offers this wallet to `newOwner`, who must accept it; until then the present owner keeps it.
    /// @dev Reverts with OpenZeppelin's `OwnableUnauthorizedAccount` for anybody but the owner.
    function transferOwnership(address newOwner) public override(Ownable, Ownable2Step) {
        super.transferOwnership(newOwner);
    }

    /// @notice Always fails: a vesting wallet without an owner would keep its tokens for ever.
    /// @dev Reverts with `Vesting_OwnerRequired`.
    function renounceOwnership() public pure override {
        revert Vesting_OwnerRequired();
    }

    function _transferOwnership(address newOwner) internal override(Ownable, Ownable2Step) {
        super._transferOwnership(newOwner);
    }
}
