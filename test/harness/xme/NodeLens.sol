// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {NodeStaking} from "../../../contracts/xme/NodeStaking.sol";
import {Node, PoolState} from "../../../contracts/xme/types/Node.sol";

/// @notice What one account has, everywhere and at each of the nodes asked for.
struct NodeAccountSeen {
    uint256 unbonding;
    uint256 availableAt;
    uint256 principal;
    uint256 xmeOwed;
    uint256[] shares;
    uint256[] principals;
    uint256[] worths;
    uint256[] leavableAt;
}

/// @notice What node staking shows of the pool, and of the nodes and accounts asked for, in one call.
struct NodesSeen {
    PoolState pool;
    uint256 nodeCount;
    Node[] nodes;
    NodeAccountSeen[] accounts;
    uint256 xmexBalance;
    uint256 xmeBalance;
}

/// @notice Reads node staking as a whole, or the parts that somebody touched.
contract NodeLens {
    function look(
        NodeStaking staking,
        uint256[] calldata nodes,
        address[] calldata accounts,
        uint256[][] calldata nodeIds
    ) external view returns (NodesSeen memory seen) {
        seen.pool = staking.poolState();
        seen.xmexBalance = staking.xmex().balanceOf(address(staking));
        seen.xmeBalance = staking.xme().balanceOf(address(staking));
        seen.nodeCount = staking.nodeCount();
        seen.nodes = new Node[](nodes.length);
        for (uint256 i = 0; i < seen.nodes.length; i++) seen.nodes[i] = staking.nodeOf(nodes[i]);
        seen.accounts = new NodeAccountSeen[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) seen.accounts[i] = _look(staking, accounts[i], nodeIds[i]);
    }

    function _look(
        NodeStaking staking,
        address account,
        uint256[] calldata nodeIds
    ) private view returns (NodeAccountSeen memory seen) {
        (seen.unbonding, seen.availableAt) = staking.unbondingOf(account);
        seen.principal = staking.delegatedPrincipalOf(account);
        seen.xmeOwed = staking.xmeOwedTo(account, nodeIds);
        seen.shares = new uint256[](nodeIds.length);
        seen.principals = new uint256[](nodeIds.length);
        seen.worths = new uint256[](nodeIds.length);
        seen.leavableAt = new uint256[](nodeIds.length);
        for (uint256 i = 0; i < nodeIds.length; i++) {
            seen.shares[i] = staking.sharesOf(nodeIds[i], account);
            seen.principals[i] = staking.principalOf(nodeIds[i], account);
            seen.leavableAt[i] = staking.leavableAt(nodeIds[i], account);
            if (seen.shares[i] != 0) seen.worths[i] = staking.worthOf(nodeIds[i], account);
        }
    }
}
