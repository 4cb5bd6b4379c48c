// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IConsumption} from "../../../contracts/xme/interfaces/IConsumption.sol";
import {IUserGrowth} from "../../../contracts/xme/interfaces/IUserGrowth.sol";

/// @notice User growth and spending, whichever social mining takes it for, that behaves as it is told to.
/// @dev The fallback answers every function, with bytes of any shape.
contract MiningSource {
    /// @dev Word: what was set for the account or the week, in one word. Bytes: `value` bytes. Demanding: what was set, if it got `value` of gas,
    ///      or nothing. Padded: what was set, and `value` bytes after it.
    enum Kind {
        Word,
        Bytes,
        Revert,
        RevertBytes,
        Burn,
        Demanding,
        Padded
    }

    Kind private _kind;
    uint256 private _value;
    mapping(address account => uint256) private _percents;
    mapping(uint256 week => uint256) private _consumed;

    error MiningSource_Refused();

    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata input) external returns (bytes memory) {
        uint256 gasGot = gasleft();
        if (_kind == Kind.Revert) revert MiningSource_Refused();
        if (_kind == Kind.RevertBytes) revert(string(new bytes(_value)));
        if (_kind == Kind.Burn) while (true) {}
        if (_kind == Kind.Bytes) return new bytes(_value);
        if (_kind == Kind.Demanding && gasGot < _value) return new bytes(0);
        if (bytes4(input) == IUserGrowth.dailyLimitPercentOf.selector) {
            return _padded(_percents[abi.decode(input[4:], (address))]);
        }
        if (bytes4(input) == IConsumption.consumedIn.selector) {
            return _padded(_consumed[abi.decode(input[4:], (uint256))]);
        }
        revert MiningSource_Refused();
    }

    function behave(Kind kind, uint256 value) external {
        (_kind, _value) = (kind, value);
    }

    function setPercent(address account, uint256 percent) external {
        _percents[account] = percent;
    }

    function setConsumed(uint256 week, uint256 consumed) external {
        _consumed[week] = consumed;
    }

    function _padded(uint256 answer) private view returns (bytes memory) {
        return bytes.concat(abi.encode(answer), new bytes(_kind == Kind.Padded ? _value : 0));
    }
}
