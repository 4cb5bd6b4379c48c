// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @notice An account by contract that anybody moves, and that answers no question about tokens.
contract ContentSilentAccount {
    function send(address to, bytes calldata data) external {
        Address.functionCall(to, data);
    }
}
