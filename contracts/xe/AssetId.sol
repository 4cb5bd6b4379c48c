// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title Identifiers of the ledger's assets
/// @notice The eight bytes that name an asset in a block, and the two names that are valid.
/// @dev Source, "Asset encoding": "an 8-byte field … left-aligned UTF-8, zero-padded to 8 bytes". "XE" is 58 45 00 00 00 00 00 00 and "XUSD" is
///      58 55 53 44 00 00 00 00. "Valid assets": any other identifier is refused, also one that differs from these in its padding only.
library AssetId {
    /// @dev Source, table "Asset encoding".
    bytes8 internal constant XE = 0x5845000000000000;

    /// @dev Source, table "Asset encoding".
    bytes8 internal constant XUSD = 0x5855534400000000;

    /// @notice Thrown for a name that does not fit into eight bytes.
    error AssetId_NameTooLong(string name);

    /// @dev The source's `IsValidAsset`, on the identifier.
    function isValid(bytes8 asset) internal pure returns (bool) {
        return asset == XE || asset == XUSD;
    }

    /// @dev The identifier of `name`, left-aligned and padded with zeros, valid or not. Reverts with `AssetId_NameTooLong`.
    function encode(string memory name) internal pure returns (bytes8 asset) {
        if (bytes(name).length > 8) revert AssetId_NameTooLong(name);
        return bytes8(bytes(name));
    }

    /// @dev Source: "When decoding, trailing zero bytes are trimmed to recover the original string." Zeros within the name stay.
    function decode(bytes8 asset) internal pure returns (string memory name) {
        uint256 length = 8;
        while (length != 0 && asset[length - 1] == 0) --length;
        bytes memory trimmed = new bytes(length);
        for (uint256 i = 0; i < length; ++i) trimmed[i] = asset[i];
        return string(trimmed);
    }
}
