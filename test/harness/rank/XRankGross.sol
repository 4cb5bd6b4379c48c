// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @notice Asks two rank tokens for the same gross rewards and says where they first differ.
contract XRankGross {
    /// @dev What stands for a refusal among the results: no gross reward reaches it.
    uint256 private constant REFUSED = type(uint256).max;

    /// @notice Compares `getGrossReward` for `inputs`, each with the four arguments in their order.
    /// @return differing The index of the first input on which the two differ; the number of inputs if there is none.
    /// @return results The peer's answers up to there; the largest number stands for a refusal.
    function compare(
        address peer,
        address ours,
        uint256[4][] calldata inputs
    ) external view returns (uint256 differing, uint256[] memory results) {
        results = new uint256[](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            bytes memory data = abi.encodePacked(
                bytes4(keccak256("getGrossReward(uint256,uint256,uint256,uint256)")),
                inputs[i]
            );
            results[i] = _ask(peer, data);
            if (results[i] != _ask(ours, data)) return (i, results);
        }
        return (inputs.length, results);
    }

    function _ask(address token, bytes memory data) private view returns (uint256) {
        (bool success, bytes memory result) = token.staticcall(data);
        return success ? abi.decode(result, (uint256)) : REFUSED;
    }
}
