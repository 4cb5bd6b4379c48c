// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {XRank} from "../../../contracts/rank/XRank.sol";
import {Test} from "../support/Test.sol";

/// @notice The cheatcodes that bring the prebuilt bytecode of an npm package into a test.
interface ArtifactCheats {
    function parseBytes(string calldata hexadecimal) external pure returns (bytes memory);
    function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
    function readFile(string calldata path) external view returns (string memory);
    function replace(
        string calldata text,
        string calldata from,
        string calldata to
    ) external pure returns (string memory);
}

/// @notice XEN Crypto's prebuilt bytecode, and with it what positions in XRANK are worth: the peer's logarithm and the source's table, none of XRANK's code.
contract XenPeer is Test {
    string private constant ARTIFACT = "node_modules/@faircrypto/xen-crypto/build/contracts/XENCrypto.json";
    /// @dev Where the bytecode leaves room for a library that `getGrossReward` does not use.
    string private constant LIBRARY = "__XENMath_______________________________";
    string private constant ANY_ADDRESS = "0000000000000000000000000000000000000001";

    /// @notice The deployed bytecode. Its `getGrossReward` has the signature of XRANK's, so XRANK's type serves to call it.
    XRank public immutable XEN;

    constructor() {
        ArtifactCheats cheats = ArtifactCheats(address(vm));
        string memory linkable = cheats.parseJsonString(cheats.readFile(ARTIFACT), ".bytecode");
        bytes memory initcode = cheats.parseBytes(cheats.replace(linkable, LIBRARY, ANY_ADDRESS));
        address xen;
        assembly ("memory-safe") {
            xen := create(0, add(initcode, 32), mload(initcode))
        }
        vm.assertTrue(xen != address(0), "XEN's bytecode deploys");
        XEN = XRank(xen);
    }

    /// @notice What the mature mint of `account` is worth now, in base units.
    /// @dev "0 days = 0% / 1 = 1% / 2 = 3% / 3 = 8% / 4 = 17% / 5 = 35% / 6 = 72% / 7 = 99%" of "Whats XEN Tokenomics?", "Free mint".
    function mintReward(XRank token, address account) external view returns (uint256) {
        uint8[8] memory penalties = [0, 1, 3, 8, 17, 35, 72, 99];
        (, uint256 term, uint256 maturityTs, uint256 rank, uint256 amp, uint256 eaa) = token.userMints(account);
        uint256 followers = token.globalRank() - rank;
        uint256 gross = XEN.getGrossReward(followers < 2 ? 2 : followers, amp, term, 1_000 + eaa);
        uint256 daysLate = (block.timestamp - maturityTs) / 1 days;
        return ((gross * (100 - penalties[daysLate < 7 ? daysLate : 7])) / 100) * 1e18;
    }

    /// @notice Whether `reward`, in base units, is what the stake of `account` yields now.
    /// @dev "amount * APY * term / 100 * 365", short of it by less than a millionth of a percent of the amount and one unit; nothing until maturity has passed.
    function isStakeReward(XRank token, address account, uint256 reward) external view returns (bool) {
        (uint256 term, uint256 maturityTs, uint256 amount, uint256 apy) = token.userStakes(account);
        if (block.timestamp <= maturityTs) return reward == 0;
        uint256 exact = (amount * apy * term) / 36_500;
        return reward <= exact && exact <= reward + amount / 1e8 + 1;
    }
}
