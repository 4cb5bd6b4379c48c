// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice What XEN Crypto and XRANK both let anybody read.
interface IRankToken {
    function activeMinters() external view returns (uint256);
    function activeStakes() external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function balanceOf(address account) external view returns (uint256);
    function genesisTs() external view returns (uint256);
    function getCurrentAMP() external view returns (uint256);
    function getCurrentAPY() external view returns (uint256);
    function getCurrentEAAR() external view returns (uint256);
    function getCurrentMaxTerm() external view returns (uint256);
    function globalRank() external view returns (uint256);
    function totalSupply() external view returns (uint256);
    function totalXenStaked() external view returns (uint256);
    function userBurns(address account) external view returns (uint256);
    function userMints(
        address account
    )
        external
        view
        returns (address user, uint256 term, uint256 maturityTs, uint256 rank, uint256 amplifier, uint256 eaaRate);
    function userStakes(
        address account
    ) external view returns (uint256 term, uint256 maturityTs, uint256 amount, uint256 apy);
}

/// @notice Reads everything that XEN Crypto and XRANK say about themselves and about a set of actors in one call.
/// @dev The simulated chain records each opcode that runs, so that reading through Solidity's own calls and decoding takes several times as long.
///      Hence the one piece of assembly: answers are written where they belong, one word after the other.
contract XRankLens {
    uint256 private constant GLOBAL_WORDS = 10;
    uint256 private constant ACCOUNT_WORDS = 12;
    uint256 private constant MINT_WORDS = 6;
    uint256 private constant STAKE_WORDS = 4;

    /// @notice `token` refused the getter with this `selector`, or answered with another number of bytes than `size`.
    error XRankLens_BadAnswer(address token, bytes4 selector, uint256 size);

    /// @notice All counters and rates of `token`, then for each of `actors`: balance, burns, mint, stake, and what it allows the last `spenders` actors.
    /// @return words One word after the other.
    /// @dev XEN's rank-offset variants have no `getCurrentMaxTerm`; without `withMaxTerm` its word stays zero.
    function read(
        address token,
        address[] calldata actors,
        uint256 spenders,
        bool withMaxTerm
    ) external view returns (bytes memory words) {
        words = new bytes(32 * (GLOBAL_WORDS + actors.length * (ACCOUNT_WORDS + spenders)));
        uint256 at;
        assembly ("memory-safe") {
            at := add(words, 32)
        }
        at = _globals(token, at, withMaxTerm);
        for (uint256 i = 0; i < actors.length; ++i) {
            address actor = actors[i];
            at = _ask(token, at, IRankToken.balanceOf.selector, actor, address(0), 1);
            at = _ask(token, at, IRankToken.userBurns.selector, actor, address(0), 1);
            at = _ask(token, at, IRankToken.userMints.selector, actor, address(0), MINT_WORDS);
            at = _ask(token, at, IRankToken.userStakes.selector, actor, address(0), STAKE_WORDS);
            for (uint256 j = actors.length - spenders; j < actors.length; ++j) {
                at = _ask(token, at, IRankToken.allowance.selector, actor, actors[j], 1);
            }
        }
    }

    function _globals(address token, uint256 at, bool withMaxTerm) private view returns (uint256) {
        at = _ask(token, at, IRankToken.genesisTs.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.globalRank.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.activeMinters.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.activeStakes.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.totalXenStaked.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.totalSupply.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.getCurrentAMP.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.getCurrentEAAR.selector, address(0), address(0), 1);
        at = _ask(token, at, IRankToken.getCurrentAPY.selector, address(0), address(0), 1);
        if (!withMaxTerm) return at + 32;
        return _ask(token, at, IRankToken.getCurrentMaxTerm.selector, address(0), address(0), 1);
    }

    /// @dev Writes the answer of `size` words to `at`, inside the bytes that `read` has allocated, and returns where the next belongs. The call's
    ///      data lie in free memory.
    function _ask(
        address token,
        uint256 at,
        bytes4 selector,
        address first,
        address second,
        uint256 size
    ) private view returns (uint256) {
        bool good;
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, selector)
            mstore(add(data, 4), first)
            mstore(add(data, 36), second)
            good := staticcall(gas(), token, data, 68, at, mul(size, 32))
            good := and(good, eq(returndatasize(), mul(size, 32)))
        }
        if (!good) revert XRankLens_BadAnswer(token, selector, size * 32);
        return at + size * 32;
    }
}
