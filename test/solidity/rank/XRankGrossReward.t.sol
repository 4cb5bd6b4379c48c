// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {XRank} from "../../../contracts/rank/XRank.sol";
import {Test} from "../support/Test.sol";
import {XenPeer} from "./XenPeer.sol";

/// @notice XRANK's gross reward beside that of XEN Crypto's prebuilt bytecode, on inputs of every magnitude.
contract XRankGrossRewardTest is Test {
    /// @dev With the 256 runs of a normal fuzz test: 102,400 inputs.
    uint256 private constant INPUTS_IN_A_RUN = 400;

    address private _xrank;
    address private _xen;

    function setUp() external {
        _xen = address(new XenPeer().XEN());
        _xrank = address(new XRank());
    }

    /// @dev The runner prints the `seed` of a run that fails.
    function testFuzz_GrossRewardIsXensOnInputsOfEveryMagnitude(uint256 seed) external view {
        uint256 answered;
        for (uint256 i = 0; i < INPUTS_IN_A_RUN; ++i) {
            bytes memory data = _input(uint256(keccak256(abi.encode(seed, i))));
            (bool success, bytes memory peer) = _xen.staticcall(data);
            (bool ourSuccess, bytes memory ours) = _xrank.staticcall(data);
            vm.assertEq(ourSuccess, success, "both answer or both refuse");
            vm.assertEq(ours, peer, "the same answer");
            if (success) ++answered;
        }
        vm.assertGt(answered, INPUTS_IN_A_RUN / 4, "enough inputs are answered");
        vm.assertLt(answered, INPUTS_IN_A_RUN, "some inputs are refused");
    }

    /// @dev The rank difference has any order of magnitude up to 2^64; the others are mostly such as a mint can have, else of any magnitude to 2^32.
    function _input(uint256 word) private pure returns (bytes memory) {
        uint256 rankDelta = _magnitude(uint64(word), uint8(word >> 64) % 65);
        uint256 amplifier = uint64(word >> 72);
        uint256 term = uint64(word >> 136);
        uint256 eaa = uint32(word >> 200);
        uint256 choice = word >> 248;
        amplifier = choice & 3 == 0 ? _magnitude(amplifier, amplifier % 33) : 1 + (amplifier % 3_000);
        term = choice & 12 == 0 ? _magnitude(term, term % 33) : 1 + (term % 1_000);
        eaa = choice & 48 == 0 ? _magnitude(eaa, eaa % 33) : 1_000 + (eaa % 101);
        return abi.encodeCall(XRank.getGrossReward, (rankDelta, amplifier, term, eaa));
    }

    /// @dev A number of exactly `bits` bits, its lower ones from `random`.
    function _magnitude(uint256 random, uint256 bits) private pure returns (uint256) {
        if (bits == 0) return 0;
        uint256 highest = 1 << (bits - 1);
        return highest | (random & (highest - 1));
    }
}
