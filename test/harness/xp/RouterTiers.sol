// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {FeeTiers} from "../../../contracts/xp/FeeTiers.sol";
import {IXP} from "../../../contracts/xp/interfaces/IXP.sol";

/// @title RouterTiers, fee tiers that cost what the test says
/// @notice Stands in for the fee tiers where a test of the router needs a cost that no table gives, or one that changes meanwhile.
contract RouterTiers {
    IXP public immutable xp;

    uint256 public cost;
    uint256 public credit;

    event Burned(address indexed account, uint256 tier, uint256 maxFeeBps, uint256 maxBurn, uint256 burned);

    error RouterTiers_NotForSale(uint256 tier);

    constructor(IXP xp_) {
        xp = xp_;
    }

    function setCost(uint256 cost_, uint256 credit_) external {
        cost = cost_;
        credit = credit_;
    }

    function burnForTierFor(
        address account,
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxBurn
    ) external returns (uint256 burned) {
        burned = quote(account, tier, 0, 0).burn;
        if (burned > 0) xp.burnFrom(msg.sender, burned);
        emit Burned(account, tier, maxFeeBps, maxBurn, burned);
    }

    function quote(address, uint256 tier, uint256, uint256) public view returns (FeeTiers.Quote memory terms) {
        if (tier == 0) revert RouterTiers_NotForSale(tier);
        terms.burn = cost;
        terms.credit = credit;
    }
}
