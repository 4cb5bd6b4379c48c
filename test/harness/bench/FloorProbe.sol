// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title FloorNeighbour, the other account that the probe touches
contract FloorNeighbour {
    uint256 private _value;

    event NeighbourWrote(uint256 value);

    error FloorNeighbour_Refused();

    function read() external view returns (uint256) {
        return _value;
    }

    function write(uint256 value) external {
        _value = value;
    }

    /// @dev Everything that a revert undoes: a new slot, a log, a write further down.
    function writeAndRevert(FloorNeighbour further) external {
        _value = 7;
        emit NeighbourWrote(7);
        further.write(7);
        revert FloorNeighbour_Refused();
    }

    /// @dev A frame that fails without an opcode of its own that says so.
    function writeAndRunOut() external {
        _value = 7;
        while (true) _value++;
    }
}

/// @title FloorLibrary, code that runs in the storage of its caller
library FloorLibrary {
    struct Box {
        uint256 value;
    }

    function put(Box storage box, uint256 value) external {
        box.value = value;
    }
}

/// @title FloorProbe, calls whose lowest possible cost can be added up by hand
/// @dev Every function has its sum in the test beside it. Assembly where Solidity would touch more than is meant.
contract FloorProbe {
    using FloorLibrary for FloorLibrary.Box;

    // solhint-disable-next-line private-vars-leading-underscore
    uint256[16] public slots;
    FloorLibrary.Box private _box;
    FloorNeighbour private immutable _NEIGHBOUR;
    FloorNeighbour private immutable _FURTHER;

    constructor(FloorNeighbour neighbour, FloorNeighbour further) {
        _NEIGHBOUR = neighbour;
        _FURTHER = further;
        for (uint256 i = 8; i < 16; i++) slots[i] = 1;
    }

    function nothing(bytes calldata) external {}

    function readTwice(uint256 i) external view returns (uint256) {
        uint256 first = slots[i];
        uint256 second;
        assembly ("memory-safe") {
            second := sload(add(slots.slot, i))
        }
        return first + second;
    }

    function write(uint256 i, uint256 value) external {
        slots[i] = value;
    }

    function writeTwice(uint256 i, uint256 first, uint256 second) external {
        assembly ("memory-safe") {
            sstore(add(slots.slot, i), first)
            sstore(add(slots.slot, i), second)
        }
    }

    // The calls below that take no arguments do so that their calldata, which EIP-7623 prices higher, stays out of sight.

    function clearOne() external {
        slots[8] = 0;
    }

    function changeThenClear() external {
        assembly ("memory-safe") {
            sstore(add(slots.slot, 8), 5)
            sstore(add(slots.slot, 8), 0)
        }
    }

    function clear(uint256 from, uint256 to) external {
        for (uint256 i = from; i < to; i++) slots[i] = 0;
    }

    function logs() external {
        assembly ("memory-safe") {
            log0(0, 0)
            log2(0, 32, 1, 2)
            log4(0, 5, 1, 2, 3, 4)
        }
    }

    function warmAddresses() external view returns (uint256 sum) {
        sum = slots[0] + msg.sender.balance + address(this).balance + block.coinbase.balance + address(1).balance;
        sum += address(0x11).balance + msg.sender.code.length;
    }

    function coldAddress(address account) external view returns (uint256 sum) {
        sum = account.balance + account.code.length + uint256(account.codehash);
    }

    function neighbourReads() external view returns (uint256) {
        return _NEIGHBOUR.read() + _NEIGHBOUR.read() + slots[0];
    }

    function neighbourWrites(uint256 value) external {
        _NEIGHBOUR.write(value);
    }

    function libraryWrites(uint256 value) external {
        _box.put(value);
    }

    function neighbourReverts() public returns (bool success) {
        try _NEIGHBOUR.writeAndRevert(_FURTHER) {
            success = true;
        } catch {
            success = false;
        }
    }

    function neighbourRunsOut() external returns (bool success) {
        try _NEIGHBOUR.writeAndRunOut{gas: 100_000}() {
            success = true;
        } catch {
            success = false;
        }
    }

    function neighbourRevertsThenWrites() external returns (bool success) {
        success = neighbourReverts();
        _NEIGHBOUR.write(7);
    }

    function makes() external returns (address) {
        return address(new FloorNeighbour());
    }
}
