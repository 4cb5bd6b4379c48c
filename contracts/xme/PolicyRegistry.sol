// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {PlainText} from "./PlainText.sol";

/// @title Policy registry, what was decided about what runs off-chain
/// @notice Keeps, for each policy of the platform, every version that governance decided: the hash of its text and where to find it.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 4.1: "The scope of governance includes but is not limited to: adjusting key economic
///      parameters, determining content recommendation algorithms, adjusting incentive model parameters, protocol upgrades, etc." What of it
///      does not run on a chain, such as the recommendation algorithm, incentive parameters, or the treasury's policy, is decided here:
///      the platform reads the latest version and anybody can hold it to that.
///
///      A name stands for one policy for ever and its versions count from 1; none is ever changed or removed. Choice: a policy is not retired but
///      followed by a version that says so, so that there is always one answer to what holds.
///      Choice: names and URIs are printable ASCII, so that two names which look the same are the same.
///
///      Limits, in the open: the chain keeps the hash, not the text, which somebody has to host; whether the platform follows a policy is seen by
///      comparing, not enforced. Through the access manager governance can replace the authority or close this target, for itself alone.
///
///      Invariants: versions of a policy are 1, 2, 3 …, their times never fall, and what was once readable stays so, unchanged.
contract PolicyRegistry is AccessManaged {
    /// @dev `updatedAt`, in seconds, is when it became the latest. Two slots and those of the URI.
    struct Policy {
        bytes32 contentHash;
        uint48 updatedAt;
        string uri;
    }

    /// @notice The most characters of a policy's name.
    /// @dev Choice: two words of storage.
    uint256 public constant MAX_NAME_LENGTH = 64;

    /// @notice The most characters of a URI.
    /// @dev Choice: an `ipfs://` URI with a path, or an ordinary web address, fits several times.
    uint256 public constant MAX_URI_LENGTH = 256;

    string[] private _names;

    mapping(string name => Policy[]) private _versions;

    /// @notice Governance decided `version` of the policy `name`: the text at `uri` whose hash is `contentHash`.
    event PolicyPublished(
        string indexed indexedName,
        uint256 indexed version,
        string name,
        bytes32 contentHash,
        string uri
    );

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error PolicyRegistry_AuthorityHasNoCode(address authority);

    /// @notice Thrown when a version of the policy `name` is published without a hash of its text.
    error PolicyRegistry_HashIsZero(string name);

    /// @notice Thrown for a policy of which no version was ever published.
    error PolicyRegistry_UnknownPolicy(string name);

    /// @notice Thrown for a version that the policy `name` does not have; its versions are 1 to `latest`.
    error PolicyRegistry_UnknownVersion(string name, uint256 version, uint256 latest);

    /// @notice Thrown for the name of a policy by an `index` that is not below `count`.
    error PolicyRegistry_IndexOutOfRange(uint256 index, uint256 count);

    /// @dev `initialAuthority` is X.me's access manager. Reverts with `PolicyRegistry_AuthorityHasNoCode`.
    constructor(address initialAuthority) AccessManaged(initialAuthority) {
        if (initialAuthority.code.length == 0) revert PolicyRegistry_AuthorityHasNoCode(initialAuthority);
    }

    /// @notice The latest version of the policy `name`: its number, the hash of its text, where that is, and since when it holds.
    /// @dev `updatedAt` in seconds. Reverts with `PolicyRegistry_UnknownPolicy`.
    function policy(
        string calldata name
    ) external view returns (uint256 version, bytes32 contentHash, string memory uri, uint256 updatedAt) {
        version = _versions[name].length;
        if (version == 0) revert PolicyRegistry_UnknownPolicy(name);
        (contentHash, uri, updatedAt) = policyAt(name, version);
    }

    /// @notice The `version` of the policy `name`: the hash of its text, where that is, and since when it held.
    /// @dev `updatedAt` in seconds. Reverts with `PolicyRegistry_UnknownVersion`.
    function policyAt(
        string calldata name,
        uint256 version
    ) public view returns (bytes32 contentHash, string memory uri, uint256 updatedAt) {
        Policy[] storage versions = _versions[name];
        if (version == 0 || version > versions.length) {
            revert PolicyRegistry_UnknownVersion(name, version, versions.length);
        }
        Policy storage found = versions[version - 1];
        return (found.contentHash, found.uri, found.updatedAt);
    }

    /// @notice The number of versions of the policy `name`, which is the number of the latest; zero where there is none.
    function versionOf(string calldata name) external view returns (uint256) {
        return _versions[name].length;
    }

    /// @notice The number of policies.
    function count() external view returns (uint256) {
        return _names.length;
    }

    /// @notice The name of the policy with the number `index`, counted from 0 in the order of their first versions.
    /// @dev Reverts with `PolicyRegistry_IndexOutOfRange`.
    function nameAt(uint256 index) external view returns (string memory) {
        if (index >= _names.length) revert PolicyRegistry_IndexOutOfRange(index, _names.length);
        return _names[index];
    }

    /// @notice Makes the text at `uri`, whose hash is `contentHash`, the next version of the policy `name`; only governance may.
    /// @dev Choice: `contentHash` is the keccak256 of the file's bytes. The first version brings the policy into being. Returns its number. Two slots,
    ///      and those of the URI and, at first, of the name.
    ///      Reverts with `AccessManagedUnauthorized`, `PolicyRegistry_HashIsZero`, `PlainText_LengthOutOfRange` and `PlainText_UnfitCharacter`.
    function publish(
        string calldata name,
        bytes32 contentHash,
        string calldata uri
    ) external restricted returns (uint256 version) {
        PlainText.requireLabel(name, MAX_NAME_LENGTH);
        PlainText.requireUri(uri, MAX_URI_LENGTH);
        if (contentHash == 0) revert PolicyRegistry_HashIsZero(name);
        Policy[] storage versions = _versions[name];
        if (versions.length == 0) _names.push(name);
        versions.push(Policy({contentHash: contentHash, updatedAt: uint48(block.timestamp), uri: uri}));
        version = versions.length;
        emit PolicyPublished(name, version, name, contentHash, uri);
    }
}
