// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @title Plain text, that means the same wherever it is shown
/// @notice Refuses text that JSON, SVG or a terminal would read as anything but itself.
/// @dev Printable ASCII alone, so no control character, no right-to-left mark and no letter that looks like another. Text that passes stands in a
///      JSON string and in an XML element or attribute as it is, without any escape.
library PlainText {
    /// @dev The printable characters, 0x20 to 0x7e, each as the bit of its number.
    uint256 private constant PRINTABLE = (1 << 0x7f) - (1 << 0x20);

    /// @dev The characters with a meaning in JSON or XML: " & ' < > and the backslash.
    uint256 private constant MARKUP = (1 << 0x22) | (1 << 0x26) | (1 << 0x27) | (1 << 0x3c) | (1 << 0x3e) | (1 << 0x5c);

    /// @dev Beside those, what RFC 3986 leaves out of a URI: ^ ` { | } and the space. It allows & and '.
    uint256 private constant NOT_IN_URI =
        (1 << 0x20) |
            (1 << 0x22) |
            (1 << 0x3c) |
            (1 << 0x3e) |
            (1 << 0x5c) |
            (1 << 0x5e) |
            (1 << 0x60) |
            (1 << 0x7b) |
            (1 << 0x7c) |
            (1 << 0x7d);

    uint256 private constant LABEL = PRINTABLE & ~MARKUP;
    uint256 private constant URI = PRINTABLE & ~NOT_IN_URI;

    bytes1 private constant SPACE = " ";

    /// @notice Thrown for a text of no characters, or of more than `maxLength`.
    error PlainText_LengthOutOfRange(uint256 length, uint256 maxLength);

    /// @notice Thrown for a character, at `position` counted from 0, that such a text may not have there.
    error PlainText_UnfitCharacter(bytes1 character, uint256 position);

    /// @dev A label of 1 to `maxLength` characters: printable ASCII but " & ' < > and the backslash, with no space at its ends.
    ///      Reverts with `PlainText_LengthOutOfRange` and `PlainText_UnfitCharacter`.
    function requireLabel(string calldata text, uint256 maxLength) internal pure {
        bytes calldata characters = bytes(text);
        _require(characters, maxLength, LABEL);
        uint256 last = characters.length - 1;
        if (characters[0] == SPACE) revert PlainText_UnfitCharacter(SPACE, 0);
        if (characters[last] == SPACE) revert PlainText_UnfitCharacter(SPACE, last);
    }

    /// @dev A text of 1 to `maxLength` characters that RFC 3986 allows in a URI; whether it leads anywhere is not asked.
    ///      Reverts with `PlainText_LengthOutOfRange` and `PlainText_UnfitCharacter`.
    function requireUri(string calldata text, uint256 maxLength) internal pure {
        _require(bytes(text), maxLength, URI);
    }

    function _require(bytes calldata characters, uint256 maxLength, uint256 allowed) private pure {
        uint256 length = characters.length;
        if (length == 0 || length > maxLength) revert PlainText_LengthOutOfRange(length, maxLength);
        for (uint256 i = 0; i < length; i++) {
            if ((allowed >> uint8(characters[i])) & 1 == 0) revert PlainText_UnfitCharacter(characters[i], i);
        }
    }
}
