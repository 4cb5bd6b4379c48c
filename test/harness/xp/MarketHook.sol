// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IEpochRedistributor} from "../../../contracts/xp/interfaces/IEpochRedistributor.sol";
import {IServiceMarket} from "../../../contracts/xp/interfaces/IServiceMarket.sol";

/// @notice Fee tiers, reputation or redistributor, whichever the market takes it for, that behaves as it is told to.
/// @dev The fallback answers every function, with bytes of any shape. Views reach it by a static call, so only `record` writes.
contract MarketHook {
    /// @dev Word: `value` as one word. Bytes: `value` bytes. Demanding: one, if it got `value` of gas, or nothing. Volumes: the agent's accepted
    ///      volume as the market tells it at that moment.
    enum Kind {
        Word,
        Bytes,
        Revert,
        RevertBytes,
        Burn,
        Demanding,
        Volumes,
        CallBack
    }

    struct Record {
        address market;
        uint256 agentId;
        address client;
        uint256 volume;
        uint256 fee;
        uint256 trustWad;
        uint256 gasGot;
    }

    Kind private _kind;
    uint256 private _value;
    bytes private _callback;
    Record[] private _records;

    bool public calledBack;
    bytes public callbackAnswer;

    error MarketHook_Refused();

    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata input) external returns (bytes memory) {
        uint256 gasGot = gasleft();
        Kind kind = _kind;
        if (kind == Kind.Revert) revert MarketHook_Refused();
        if (kind == Kind.RevertBytes) revert(string(new bytes(_value)));
        if (kind == Kind.Burn) while (true) {}
        if (bytes4(input) == IEpochRedistributor.record.selector) _record(input[4:], gasGot);
        if (kind == Kind.Demanding) return gasGot < _value ? new bytes(0) : abi.encode(1);
        if (kind == Kind.Bytes) return new bytes(_value);
        if (kind == Kind.Volumes) {
            (uint256 accepted, ) = IServiceMarket(msg.sender).volumesOf(abi.decode(input[4:], (uint256)));
            return abi.encode(accepted);
        }
        return abi.encode(_value);
    }

    function behave(Kind kind, uint256 value) external {
        (_kind, _value) = (kind, value);
    }

    /// @notice From now on `record` calls the market back with `callback`.
    function callBack(bytes calldata callback) external {
        (_kind, _callback, calledBack) = (Kind.CallBack, callback, false);
    }

    /// @notice Makes the hook itself a party: a client, say.
    function act(address target, bytes calldata data) external {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = target.call(data);
        require(success, "MarketHook: act failed");
    }

    function records() external view returns (Record[] memory) {
        return _records;
    }

    function _record(bytes calldata arguments, uint256 gasGot) private {
        (uint256 agentId, address client, uint256 volume, uint256 fee, uint256 trustWad) = abi.decode(
            arguments,
            (uint256, address, uint256, uint256, uint256)
        );
        _records.push(Record(msg.sender, agentId, client, volume, fee, trustWad, gasGot));
        // solhint-disable-next-line avoid-low-level-calls
        if (_kind == Kind.CallBack) (calledBack, callbackAnswer) = msg.sender.call(_callback);
    }
}
