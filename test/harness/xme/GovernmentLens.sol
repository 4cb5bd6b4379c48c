// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";

/// @title GovernmentLens, the emission at a glance
/// @notice Reads in one call all that there is to see of an emission vault.
contract GovernmentLens {
    struct StreamView {
        address drawer;
        uint256 shareBps;
        uint256 accrued;
        uint256 available;
        int256 netDrawn;
    }

    struct VaultView {
        uint256 timestamp;
        uint256 balance;
        uint256 unlocked;
        StreamView[] streams;
    }

    function read(EmissionVault vault) external view returns (VaultView memory all) {
        all.timestamp = block.timestamp;
        all.balance = vault.token().balanceOf(address(vault));
        all.unlocked = vault.unlocked();
        uint256 count = vault.STREAMS();
        all.streams = new StreamView[](count);
        uint16[8] memory shares = vault.shares();
        for (uint256 i = 0; i < count; i++) {
            all.streams[i] = StreamView({
                drawer: vault.drawerOf(i),
                shareBps: shares[i],
                accrued: vault.accrued(i),
                available: vault.available(i),
                netDrawn: vault.netDrawn(i)
            });
        }
    }
}
