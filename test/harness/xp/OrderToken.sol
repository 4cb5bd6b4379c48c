// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A payment token without permits that does one bad thing at a time: keeps a fee, returns false, refuses an account, or calls back.
contract OrderToken is ERC20 {
    uint8 private immutable _decimals;

    uint256 public feeBps;
    bool public returnsFalse;
    address public refused;

    address public callbackTarget;
    bytes public callback;
    bool public callbackPassed;
    bytes public callbackAnswer;

    error OrderToken_Refused(address account);
    error OrderToken_CallFailed(bytes answer);

    constructor(uint8 decimals_) ERC20("Order Token", "OT") {
        _decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function takeFee(uint256 feeBps_) external {
        feeBps = feeBps_;
    }

    function returnFalse(bool returnsFalse_) external {
        returnsFalse = returnsFalse_;
    }

    function refuse(address account) external {
        refused = account;
    }

    /// @notice Makes the next transfer call `target` with `data` first, once, and keep what it answers.
    function callBack(address target, bytes calldata data) external {
        callbackTarget = target;
        callback = data;
    }

    /// @notice Lets the token itself trade: it calls `target` with `data` now.
    function act(address target, bytes calldata data) external returns (bytes memory) {
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, bytes memory answer) = target.call(data);
        if (!passed) revert OrderToken_CallFailed(answer);
        return answer;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !returnsFalse && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !returnsFalse && super.transferFrom(from, to, amount);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (refused != address(0) && (from == refused || to == refused)) revert OrderToken_Refused(refused);
        if (callbackTarget != address(0)) {
            address target = callbackTarget;
            callbackTarget = address(0);
            // solhint-disable-next-line avoid-low-level-calls
            (callbackPassed, callbackAnswer) = target.call(callback);
        }
        uint256 fee = from == address(0) ? 0 : (amount * feeBps) / 10_000;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}
