// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";

/// @title GenesisWrappedEther, the wrapped ether of local chains
/// @notice One token for each wei held here. Uniswap's periphery wants such a contract at construction; on a public network it is there already.
/// @dev The functions of WETH9 that Uniswap V3's periphery knows; Uniswap's npm packages hold no artifact of it.
contract GenesisWrappedEther is ERC20("Wrapped Ether", "WETH") {
    receive() external payable {
        deposit();
    }

    /// @notice Turns the ether sent along into as many tokens.
    function deposit() public payable {
        _mint(msg.sender, msg.value);
    }

    /// @notice Turns `amount` of the caller's tokens back into ether.
    function withdraw(uint256 amount) external {
        _burn(msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }
}
