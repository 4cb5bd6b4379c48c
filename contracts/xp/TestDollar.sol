// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Test dollar, what jobs are paid in where no real dollar is at stake
/// @notice A dollar for local chains and testnets: anybody may take as many as they like, so it is worth nothing.
/// @dev Choice: six decimals, as the dollars in use have, so that nothing that is tested with it assumes eighteen. The source prices everything
///      in dollars; on a chain with value the deployment names a real token instead.
contract TestDollar is ERC20, ERC20Permit {
    /// @notice The most, in units of a millionth, that one call of the faucet gives.
    /// @dev Choice: a hundred million dollars, enough for the source's largest fleet in one call.
    uint256 public constant FAUCET_LIMIT = 100_000_000e6;

    /// @notice Thrown when more is asked of the faucet than it gives at once.
    error TestDollar_AboveFaucetLimit(uint256 amount, uint256 limit);

    constructor() ERC20("Xonomy Test Dollar", "TUSD") ERC20Permit("Xonomy Test Dollar") {}

    /// @notice Gives `amount` of test dollars to `to`, for nothing.
    /// @dev In units of a millionth; at most `FAUCET_LIMIT` at once, as often as you like. Reverts with `TestDollar_AboveFaucetLimit`.
    function faucet(address to, uint256 amount) external {
        if (amount > FAUCET_LIMIT) revert TestDollar_AboveFaucetLimit(amount, FAUCET_LIMIT);
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
