// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";

/// @notice A contract account that buys, and may call again or refuse when an item arrives, for tests of spending.
contract SpendingBuyer is ERC1155Holder {
    bool private _refuses;
    address private _callback;
    bytes private _data;

    /// @notice What the call back answered or was refused with.
    bytes public answer;
    bool public answered;

    /// @notice Thrown when it was told to refuse.
    error Refused();

    function setRefuses(bool refuses) external {
        _refuses = refuses;
    }

    function callBack(address target, bytes calldata data) external {
        (_callback, _data) = (target, data);
    }

    function execute(address target, bytes calldata data) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory result) = target.call(data);
        if (done) return;
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }

    function onERC1155Received(
        address operator,
        address from,
        uint256 id,
        uint256 value,
        bytes memory data
    ) public override returns (bytes4) {
        if (_refuses) revert Refused();
        if (_callback != address(0)) {
            // solhint-disable-next-line avoid-low-level-calls
            (answered, answer) = _callback.call(_data);
        }
        return super.onERC1155Received(operator, from, id, value, data);
    }
}
