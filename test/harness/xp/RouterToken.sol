// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title RouterToken, a payment token that does what a good one does not
/// @notice Calls somebody in the middle of a transfer, keeps a part of what is sent, or says that a transfer failed.
contract RouterToken is ERC20("Router token", "RTR") {
    address public callee;
    bytes public hook;
    uint256 public feeBps;
    bool public isSilent;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setHook(address callee_, bytes calldata hook_) external {
        callee = callee_;
        hook = hook_;
    }

    function setFee(uint256 feeBps_) external {
        feeBps = feeBps_;
    }

    function setSilent(bool isSilent_) external {
        isSilent = isSilent_;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (isSilent) return false;
        if (callee != address(0)) Address.functionCall(callee, hook);
        super.transferFrom(from, to, amount);
        if (feeBps > 0) _burn(to, (amount * feeBps) / 10_000);
        return true;
    }
}
