// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IRankToken} from "./XRankLens.sol";

/// @notice The one function by which a crowd joins.
interface IRankClaim {
    function claimRank(uint256 term) external;
}

/// @notice A user that exists only long enough to claim a rank in two tokens.
contract XRankClaimer {
    /// @notice The two tokens recorded different positions for the same claim.
    error XRankClaimer_PositionsDiffer(uint256 rank);

    constructor(address peer, address ours, uint256 term) {
        IRankClaim(peer).claimRank(term);
        IRankClaim(ours).claimRank(term);
        if (_position(peer) != _position(ours)) revert XRankClaimer_PositionsDiffer(IRankToken(peer).globalRank() - 1);
        assembly ("memory-safe") {
            return(0, 0)
        }
    }

    function _position(address token) private view returns (bytes32) {
        (address user, uint256 term, uint256 maturity, uint256 rank, uint256 amplifier, uint256 eaaRate) = IRankToken(
            token
        ).userMints(address(this));
        return keccak256(abi.encode(user, term, maturity, rank, amplifier, eaaRate));
    }
}

/// @notice Moves the global rank of two tokens on by letting many new users claim in one transaction.
contract XRankCrowd {
    /// @notice Lets `size` new users claim a rank for `term` days in `peer`, then in `ours`.
    function join(address peer, address ours, uint256 term, uint256 size) external {
        for (uint256 i = 0; i < size; ++i) new XRankClaimer(peer, ours, term);
    }
}
