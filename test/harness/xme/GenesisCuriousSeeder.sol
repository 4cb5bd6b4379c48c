// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Genesis} from "../../../contracts/xme/Genesis.sol";
import {IGenesis} from "../../../contracts/xme/interfaces/IGenesis.sol";
import {ISeederRecipient} from "../../../contracts/xme/interfaces/IRecipients.sol";

/// @title GenesisCuriousSeeder, a seeder that looks back
/// @notice Opens no pool, but notes what genesis says of itself at the moment in which it hands control to somebody else.
contract GenesisCuriousSeeder is ISeederRecipient {
    IGenesis public immutable genesis;

    /// @notice Whether genesis had marked itself as done before it called `seed`.
    bool public sawAllocated;

    constructor(IGenesis genesis_) {
        genesis = genesis_;
    }

    function seed() external {
        sawAllocated = Genesis(address(genesis)).allocated();
    }
}
