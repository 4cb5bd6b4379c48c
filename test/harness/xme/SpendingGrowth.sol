// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IGrowthShop} from "../../../contracts/xme/interfaces/IGrowthShop.sol";

/// @notice A growth module that remembers what it was told, or refuses it, for tests of spending.
contract SpendingGrowth is IGrowthShop {
    mapping(address account => uint256) public accelerated;
    mapping(address account => uint256) public protected_;
    mapping(address account => mapping(uint256 privilege => bool)) public unlocked;

    bool private _refuses;
    address private _callback;
    bytes private _data;

    /// @notice Thrown when it was told to refuse.
    error Refused();

    function setRefuses(bool refuses) external {
        _refuses = refuses;
    }

    /// @notice From now on it calls `target` with `data` first.
    function callBack(address target, bytes calldata data) external {
        (_callback, _data) = (target, data);
    }

    function accelerate(address account, uint256 days_) external {
        _enter();
        accelerated[account] += days_;
    }

    function protect(address account, uint256 days_) external {
        _enter();
        protected_[account] += days_;
    }

    function unlockPrivilege(address account, uint256 privilege) external {
        _enter();
        unlocked[account][privilege] = true;
    }

    function _enter() private {
        if (_refuses) revert Refused();
        if (_callback == address(0)) return;
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = _callback.call(_data);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }
}
