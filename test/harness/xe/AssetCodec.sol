// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AssetId} from "../../../contracts/xe/AssetId.sol";

/// @title AssetCodec, the library of asset identifiers as it is
contract AssetCodec {
    function encode(string memory name) external pure returns (bytes8) {
        return AssetId.encode(name);
    }

    function decode(bytes8 asset) external pure returns (string memory) {
        return AssetId.decode(asset);
    }

    function isValid(bytes8 asset) external pure returns (bool) {
        return AssetId.isValid(asset);
    }
}
