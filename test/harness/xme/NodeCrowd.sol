// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {NodeStaking} from "../../../contracts/xme/NodeStaking.sol";

/// @notice One of many: an account that does what its crowd says.
contract NodeMember {
    NodeStaking private immutable _staking;
    address private immutable _crowd;

    error NodeMember_NotCrowd(address caller);

    constructor(NodeStaking staking) {
        _staking = staking;
        _crowd = msg.sender;
        staking.xme().approve(address(staking), type(uint256).max);
        staking.xmex().approve(address(staking), type(uint256).max);
    }

    function act(bytes calldata call_) external returns (bool, bytes memory) {
        if (msg.sender != _crowd) revert NodeMember_NotCrowd(msg.sender);
        // solhint-disable-next-line avoid-low-level-calls
        return address(_staking).call(call_);
    }
}

/// @notice What one member of a crowd does.
struct NodeAct {
    uint256 member;
    bytes call_;
}

/// @notice Lets any number of accounts call node staking in one transaction, each for itself.
contract NodeCrowd {
    NodeStaking private immutable _staking;

    NodeMember[] private _members;

    /// @notice The call number `index` of a run was refused with `reason`.
    event Refused(uint256 index, bytes4 reason);

    constructor(NodeStaking staking) {
        _staking = staking;
    }

    /// @notice Adds `count` members with `xmeEach` and `xmexEach` of what the crowd holds.
    function populate(uint256 count, uint256 xmeEach, uint256 xmexEach) external {
        for (uint256 i = 0; i < count; i++) {
            NodeMember member = new NodeMember(_staking);
            _members.push(member);
            _staking.xme().transfer(address(member), xmeEach);
            _staking.xmex().transfer(address(member), xmexEach);
        }
    }

    function run(NodeAct[] calldata acts) external {
        for (uint256 i = 0; i < acts.length; i++) {
            (bool isDone, bytes memory answer) = _members[acts[i].member].act(acts[i].call_);
            if (!isDone) emit Refused(i, bytes4(answer));
        }
    }

    function members() external view returns (NodeMember[] memory) {
        return _members;
    }
}

/// @notice An account that delegates once, while it is made, and has no code afterwards.
contract NodePasserby {
    constructor(NodeStaking staking, IERC20 xmex, uint256 nodeId, uint256 amount) {
        NodePassersby(msg.sender).fund(xmex, amount);
        xmex.approve(address(staking), amount);
        staking.delegate(nodeId, amount);
        assembly ("memory-safe") {
            return(0, 0)
        }
    }
}

/// @notice Lets any number of accounts delegate, each on its own, because nobody can delegate for another.
contract NodePassersby {
    function delegate(NodeStaking staking, uint256 nodeId, uint256 count, uint256 amountEach) external {
        IERC20 xmex = staking.xmex();
        for (uint256 i = 0; i < count; i++) new NodePasserby(staking, xmex, nodeId, amountEach);
    }

    function fund(IERC20 xmex, uint256 amount) external {
        xmex.transfer(msg.sender, amount);
    }
}
