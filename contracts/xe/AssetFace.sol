// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {AssetId} from "./AssetId.sol";
import {IDualAssetLedger} from "./interfaces/IDualAssetLedger.sol";

/// @title ERC-20 face of one asset of the ledger
/// @notice Shows one asset of the ledger to wallets as an ERC-20 token; balances stand in the ledger alone.
/// @dev Choice: the source knows accounts and blocks only, and wallets know ERC-20 only. OpenZeppelin's ERC-20 with ERC-2612 permits, whose
///      balances are the ledger's. A transfer is a send and its receive in one step. Whatever else moves the asset in the ledger shows up as a
///      `Transfer` here too: what is pending or in escrow belongs to the ledger's own address, what is minted comes from the zero address and what
///      is burned goes there, so that the transfers to an address less those from it are its balance.
///
///      ERC-20 says that transfers of zero "MUST be treated as normal transfers and fire the `Transfer` event": so they do here, and leave no
///      block, because the ledger knows no send of nothing. A transfer to the ledger's own address is refused; nobody could get it out again.
///
///      The ledger creates both faces and there is no other way to get one that it listens to. No owner, no role, no pause.
contract AssetFace is ERC20Permit {
    /// @notice The ledger that holds the balances.
    IDualAssetLedger public immutable ledger;

    /// @notice The asset's identifier in the ledger, left-aligned UTF-8.
    bytes8 public immutable asset;

    /// @notice Thrown when anybody but the ledger would announce a movement.
    error AssetFace_NotLedger(address caller);

    /// @dev `name_` is the asset's name and its symbol. The deployer is the ledger.
    constructor(string memory name_) ERC20(name_, name_) ERC20Permit(name_) {
        ledger = IDualAssetLedger(msg.sender);
        asset = AssetId.encode(name_);
    }

    /// @notice Announces that `value` moved from `from` to `to` in the ledger; only the ledger can.
    /// @dev In wei. Moves nothing. Reverts with `AssetFace_NotLedger`.
    function announce(address from, address to, uint256 value) external {
        if (msg.sender != address(ledger)) revert AssetFace_NotLedger(msg.sender);
        emit Transfer(from, to, value);
    }

    /// @notice The balance of `account`, in wei.
    /// @dev That of the ledger's own address is all that is pending or in escrow.
    function balanceOf(address account) public view override returns (uint256) {
        return ledger.balanceOf(account, asset);
    }

    /// @notice All that exists, in wei: what was minted less what was burned.
    function totalSupply() public view override returns (uint256) {
        return ledger.totalSupply(asset);
    }

    /// @dev OpenZeppelin has refused the zero address on both sides by now, and there is no mint and no burn here.
    function _update(address from, address to, uint256 value) internal override {
        ledger.transferByFace(from, to, value);
        emit Transfer(from, to, value);
    }
}
