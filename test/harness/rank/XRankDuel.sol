// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {XRankActor} from "./XRankActor.sol";
import {XRankLens} from "./XRankLens.sol";

/// @notice What only XRANK has: the outcome of a call before it is made.
interface IRankPreviews {
    function previewMintReward(address account) external view returns (uint256);
    function previewStakeReward(address account) external view returns (uint256);
}

/// @notice Makes the same calls, by the same actors, to two rank tokens in the same transaction, and tells the whole state of both after each call.
contract XRankDuel {
    struct Call {
        uint256 actor;
        bytes data;
    }

    /// @dev What a caller reads about itself; XEN's `getUserMint` and `getUserStake`.
    bytes private constant GET_USER_MINT = abi.encodeWithSignature("getUserMint()");
    bytes private constant GET_USER_STAKE = abi.encodeWithSignature("getUserStake()");

    /// @dev What is told of one call, kept in memory because the stack has no room for it.
    struct Outcome {
        bool peerSuccess;
        bytes peerResult;
        bool oursSuccess;
        bytes oursResult;
        bytes[2] previews;
        bytes peer;
        bytes ours;
        bytes peerOwn;
        bytes oursOwn;
    }

    address private immutable _PEER;
    address private immutable _OURS;
    bool private immutable _WITH_MAX_TERM;
    uint256 private immutable _SPENDERS;
    XRankLens private immutable _LENS;
    address[] private _actors;

    /// @notice One call made to both tokens. The logs before it, back to the call before, are the events of the two.
    /// @param previews What XRANK's previews said of the actor just before the call: its mint's reward and its stake's, or why not.
    /// @param peerState Everything that the lens reads of the peer after the call.
    /// @param oursState The same of the token under test; empty where it is equal to the peer's.
    /// @param peerOwn What the peer tells the actor about itself after the call.
    /// @param oursOwn The same of the token under test.
    event Called(
        bool peerSuccess,
        bytes peerResult,
        bool oursSuccess,
        bytes oursResult,
        bytes[2] previews,
        bytes peerState,
        bytes oursState,
        bytes peerOwn,
        bytes oursOwn
    );

    constructor(
        address peer,
        address ours,
        XRankLens lens,
        bool withMaxTerm,
        XRankActor.Kind[] memory kinds,
        uint256 spenders
    ) {
        _PEER = peer;
        _OURS = ours;
        _LENS = lens;
        _WITH_MAX_TERM = withMaxTerm;
        _SPENDERS = spenders;
        for (uint256 i = 0; i < kinds.length; ++i) _actors.push(address(new XRankActor(kinds[i])));
    }

    /// @notice Makes `calls` one after the other, each to both tokens.
    function run(Call[] calldata calls) external {
        address[] memory all = _actors;
        for (uint256 i = 0; i < calls.length; ++i) _run(XRankActor(all[calls[i].actor]), calls[i].data, all);
    }

    /// @notice The users, in the order in which calls number them.
    function actors() external view returns (address[] memory) {
        return _actors;
    }

    /// @notice Everything that the lens reads of the peer now.
    function peerState() external view returns (bytes memory) {
        return _LENS.read(_PEER, _actors, _SPENDERS, _WITH_MAX_TERM);
    }

    function _run(XRankActor actor, bytes calldata data, address[] memory all) private {
        Outcome memory outcome;
        outcome.previews = [
            _preview(abi.encodeCall(IRankPreviews.previewMintReward, (address(actor)))),
            _preview(abi.encodeCall(IRankPreviews.previewStakeReward, (address(actor))))
        ];
        (outcome.peerSuccess, outcome.peerResult) = actor.act(_PEER, data);
        (outcome.oursSuccess, outcome.oursResult) = actor.act(_OURS, data);
        outcome.peer = _LENS.read(_PEER, all, _SPENDERS, _WITH_MAX_TERM);
        outcome.ours = _LENS.read(_OURS, all, _SPENDERS, _WITH_MAX_TERM);
        if (keccak256(outcome.peer) == keccak256(outcome.ours)) outcome.ours = "";
        outcome.peerOwn = _own(actor, _PEER);
        outcome.oursOwn = _own(actor, _OURS);
        _tell(outcome);
    }

    function _tell(Outcome memory outcome) private {
        emit Called(
            outcome.peerSuccess,
            outcome.peerResult,
            outcome.oursSuccess,
            outcome.oursResult,
            outcome.previews,
            outcome.peer,
            outcome.ours,
            outcome.peerOwn,
            outcome.oursOwn
        );
    }

    function _preview(bytes memory data) private view returns (bytes memory result) {
        (, result) = _OURS.staticcall(data);
    }

    function _own(XRankActor actor, address token) private view returns (bytes memory) {
        return abi.encode(actor.peek(token, GET_USER_MINT), actor.peek(token, GET_USER_STAKE));
    }
}
