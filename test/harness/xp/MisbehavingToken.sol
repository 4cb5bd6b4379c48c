// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A payment token that misbehaves as it is told to: brings more or less than asked, says no, freezes accounts, calls back.
contract MisbehavingToken is ERC20 {
    uint8 private immutable _DECIMALS;

    /// @notice What a transfer brings beyond its amount, burned from the receiver where negative.
    int256 public distortion;
    bool public saysNo;
    mapping(address account => bool frozen) public frozen;

    address private _target;
    bytes private _callback;

    /// @notice What came of the call made back during the latest transfer.
    bool public calledBack;
    bytes public callbackAnswer;

    error MisbehavingToken_Frozen(address account);
    error MisbehavingToken_NoDecimals();

    constructor(uint8 decimals_) ERC20("Misbehaving Token", "MBT") {
        _DECIMALS = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function distort(int256 distortion_) external {
        distortion = distortion_;
    }

    function sayNo(bool saysNo_) external {
        saysNo = saysNo_;
    }

    function freeze(address account, bool frozen_) external {
        frozen[account] = frozen_;
    }

    /// @notice From now on each transfer calls `target` with `callback`; nothing for no bytes.
    function callBack(address target, bytes calldata callback) external {
        (_target, _callback, calledBack) = (target, callback, false);
    }

    /// @notice Makes the token itself a party: a client, say.
    function act(address target, bytes calldata data) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = target.call(data);
        require(success, "MisbehavingToken: act failed");
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (saysNo) return false;
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (saysNo) return false;
        return super.transferFrom(from, to, amount);
    }

    /// @notice Reverts where the token was told to have 255 decimals.
    function decimals() public view override returns (uint8) {
        if (_DECIMALS == type(uint8).max) revert MisbehavingToken_NoDecimals();
        return _DECIMALS;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0) || to == address(0)) return;
        if (frozen[from]) revert MisbehavingToken_Frozen(from);
        if (frozen[to]) revert MisbehavingToken_Frozen(to);
        if (distortion > 0) _mint(to, uint256(distortion));
        if (distortion < 0) _burn(to, uint256(-distortion));
        // solhint-disable-next-line avoid-low-level-calls
        if (_callback.length != 0) (calledBack, callbackAnswer) = _target.call(_callback);
    }
}
