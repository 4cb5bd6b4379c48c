// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title BuybackToken, a token with the habits that tokens have
/// @notice Takes a fee on transfer, charges the sender on top, refuses an account or calls somebody meanwhile, as it is told.
contract BuybackToken is ERC20("Buyback Token", "BUY") {
    uint8 private immutable _decimals;
    uint256 public feeBps;
    uint256 public surcharge;
    address public refused;
    address public called;
    bytes public call;
    bytes public answer;

    error BuybackToken_Refused(address account);

    constructor(uint8 decimals_) {
        _decimals = decimals_;
        _mint(msg.sender, 1e36);
    }

    /// @notice From now on takes `feeBps_` of what is sent.
    function setFee(uint256 feeBps_) external {
        feeBps = feeBps_;
    }

    /// @notice From now on burns `surcharge_` of the sender's on top of each transfer.
    function setSurcharge(uint256 surcharge_) external {
        surcharge = surcharge_;
    }

    /// @notice From now on refuses `account`.
    function setRefused(address account) external {
        refused = account;
    }

    /// @notice Calls `target` with `data` in the next transfer, whatever comes of it.
    function setCall(address target, bytes calldata data) external {
        (called, call, answer) = (target, data, "");
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (to == refused && to != address(0)) revert BuybackToken_Refused(to);
        uint256 fee = from == address(0) || to == address(0) ? 0 : (value * feeBps) / 10_000;
        super._update(from, to, value - fee);
        if (fee != 0) super._update(from, address(0), fee);
        if (surcharge != 0 && from != address(0) && to != address(0)) super._update(from, address(0), surcharge);
        if (called != address(0)) {
            address target = called;
            called = address(0);
            // solhint-disable-next-line avoid-low-level-calls
            (, answer) = target.call(call);
        }
    }
}
