// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IERC5192} from "../common/interfaces/IERC5192.sol";
import {PlainText} from "./PlainText.sol";

/// @title Badge, what staked XME shows of you
/// @notice Gives an account that holds enough vXME one badge that cannot be transferred, and says which privileges go with it now.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 4.1, "Exclusive Identity Privileges: Staking XME is a prerequisite for obtaining top-tier
///      identities and privileges on the platform. This includes unique 'Badges', priority participation in new feature Beta testing, and
///      opportunities for close communication with creators." A soulbound ERC-721 token (ERC-5192), at most one for an account, whose number is
///      the account's address. Its tier is never stored: it is what the account's vXME buys in the table at the moment of asking, so unstaking,
///      or a change of the table, shows at once. A badge below the lowest tier stays with its holder, inactive and without privileges.
///
///      Choice: the table that a deployment starts with, which governance may change:
///
///          Supporter      1,000 vXME  the badge
///          Insider       10,000 vXME  beta access
///          Patron       100,000 vXME  beta access, creator line
///
///      Choice: each account mints its own, so that nobody gets one unasked; a badge needs no vXME to be kept or burned.
///      Choice: privileges are text, "beta access", "creator line", for the platform to honour; only an active badge has them.
///
///      Limits, in the open: the chain says who has a privilege, the platform grants it. vXME cannot be transferred or lent, but a stake counts from
///      its first second, so whoever asks should ask more than once where a privilege is worth a wait of seven days for the stake.
///      Marketplaces may show an old picture, since no event can follow a balance. Governance can take every privilege by changing the
///      table, or through the access manager replace the authority or close this target for itself; it cannot take a badge.
///
///      No foreign code but vXME's `balanceOf` is called, by a static call, and no receiver is asked: the account asked for the badge itself.
///
///      Invariants: an account has one badge or none, and the number of a badge is its holder's address, for ever; nobody is ever approved; minima
///      ascend.
contract Badge is IERC5192, ERC721, AccessManaged {
    using Strings for uint256;

    /// @dev `minimum` in wei of vXME.
    struct Tier {
        string name;
        uint256 minimum;
        string[] entitlements;
    }

    /// @notice The most tiers that the table may have.
    /// @dev Choice: bounds what asking for a tier costs.
    uint256 public constant MAX_TIERS = 8;

    /// @notice The most privileges that a tier may name.
    /// @dev Choice: bounds what asking for one costs.
    uint256 public constant MAX_ENTITLEMENTS = 8;

    /// @notice The most characters of the name of a tier or of a privilege.
    /// @dev Choice: what fits the width of the picture, and one word of storage but one character.
    uint256 public constant MAX_LABEL_LENGTH = 32;

    /// @notice The staked token whose balance decides: vXME.
    IERC20 public immutable vXme;

    Tier[] private _tiers;

    /// @notice From now on a badge is worth what `tiers` say, from the lowest to the highest.
    event TiersChanged(Tier[] tiers);

    /// @notice Thrown at construction when vXME's address holds no contract.
    error Badge_VotingXmeHasNoCode(address vXme);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error Badge_AuthorityHasNoCode(address authority);

    /// @notice Thrown when `account` has its badge already.
    error Badge_AlreadyMinted(address account);

    /// @notice Thrown when `account` holds less vXME than the lowest tier needs.
    error Badge_BelowLowestTier(address account, uint256 held, uint256 minimum);

    /// @notice Thrown when the badge `tokenId` would be transferred or its transfer be allowed to somebody.
    error Badge_Soulbound(uint256 tokenId);

    /// @notice Thrown for a table of no tiers or of more than `maxTiers`.
    error Badge_TierCountOutOfRange(uint256 tiers, uint256 maxTiers);

    /// @notice Thrown for a tier, counted from 1, that names more than `maxEntitlements` privileges.
    error Badge_TooManyEntitlements(uint256 tier, uint256 entitlements, uint256 maxEntitlements);

    /// @notice Thrown for a tier, counted from 1, that does not need more vXME than the one before it, or needs none.
    error Badge_MinimumNotAscending(uint256 tier, uint256 previousMinimum, uint256 minimum);

    /// @dev `vXme_` is X.me's voting token, with 18 decimals, `initialAuthority` its access manager.
    ///      Reverts with `Badge_VotingXmeHasNoCode` and `Badge_AuthorityHasNoCode`.
    constructor(IERC20 vXme_, address initialAuthority) ERC721("X.me Badge", "BADGE") AccessManaged(initialAuthority) {
        if (address(vXme_).code.length == 0) revert Badge_VotingXmeHasNoCode(address(vXme_));
        if (initialAuthority.code.length == 0) revert Badge_AuthorityHasNoCode(initialAuthority);
        vXme = vXme_;
        _addTier("Supporter", 1_000e18);
        _addTier("Insider", 10_000e18).entitlements.push("beta access");
        Tier storage patron = _addTier("Patron", 100_000e18);
        patron.entitlements.push("beta access");
        patron.entitlements.push("creator line");
        emit TiersChanged(_tiers);
    }

    /// @notice Gives you your badge, which shows your vXME and can never be transferred.
    /// @dev Returns its number, the caller's address. Two slots. Needs the vXME of the lowest tier now.
    ///      Reverts with `Badge_AlreadyMinted` and `Badge_BelowLowestTier`.
    function mint() external returns (uint256 tokenId) {
        tokenId = tokenIdOf(msg.sender);
        if (_ownerOf(tokenId) != address(0)) revert Badge_AlreadyMinted(msg.sender);
        uint256 held = vXme.balanceOf(msg.sender);
        uint256 minimum = _tiers[0].minimum;
        if (held < minimum) revert Badge_BelowLowestTier(msg.sender, held, minimum);
        _mint(msg.sender, tokenId);
        emit Locked(tokenId);
    }

    /// @notice Destroys your badge; you may mint it again.
    /// @dev Two slots, refunded. Reverts with `ERC721NonexistentToken`.
    function burn() external {
        _burn(tokenIdOf(msg.sender));
    }

    /// @notice The number of the badge of `account`, minted or not: its address as a number.
    function tokenIdOf(address account) public pure returns (uint256) {
        return uint160(account);
    }

    /// @notice The tier, counted from 1, that the vXME of `account` reaches now, with or without a badge; zero where it reaches none.
    /// @dev Up to `MAX_TIERS` cold slots, and vXME's own.
    function tierOf(address account) public view returns (uint256 tier) {
        uint256 held = vXme.balanceOf(account);
        tier = _tiers.length;
        while (tier != 0 && held < _tiers[tier - 1].minimum) tier--;
    }

    /// @notice Whether the holder of the badge `tokenId` holds the vXME of any tier now.
    /// @dev Reverts with `ERC721NonexistentToken`.
    function isActive(uint256 tokenId) external view returns (bool) {
        return tierOf(_requireOwned(tokenId)) != 0;
    }

    /// @notice The privileges that `account` has now; none without a badge or below the lowest tier.
    function entitlementsOf(address account) public view returns (string[] memory entitlements) {
        uint256 tier = _ownerOf(tokenIdOf(account)) == address(0) ? 0 : tierOf(account);
        if (tier != 0) entitlements = _tiers[tier - 1].entitlements;
    }

    /// @notice Whether `account` has the privilege `entitlement` now, by an active badge.
    /// @dev Compared letter by letter.
    function hasEntitlement(address account, string calldata entitlement) external view returns (bool) {
        string[] memory entitlements = entitlementsOf(account);
        for (uint256 i = 0; i < entitlements.length; i++) {
            if (Strings.equal(entitlements[i], entitlement)) return true;
        }
        return false;
    }

    /// @notice The table of tiers, from the lowest to the highest.
    /// @dev Minima in wei of vXME.
    function tiers() external view returns (Tier[] memory) {
        return _tiers;
    }

    /// @inheritdoc IERC5192
    /// @dev Always true. Reverts with `ERC721NonexistentToken`.
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    /// @notice The badge `tokenId` as a wallet shows it now: a JSON document with a picture, both in the answer itself.
    /// @dev Names are checked when governance sets them and need no escape. Reverts with `ERC721NonexistentToken`.
    function tokenURI(uint256 tokenId) public view override returns (string memory) {
        address holder = _requireOwned(tokenId);
        uint256 tier = tierOf(holder);
        string memory label = tier == 0 ? "Inactive" : _tiers[tier - 1].name;
        string memory attributes = string.concat(
            _attribute("Tier", label),
            ",",
            _attribute("Active", tier == 0 ? "no" : "yes")
        );
        string[] memory entitlements = entitlementsOf(holder);
        for (uint256 i = 0; i < entitlements.length; i++) {
            attributes = string.concat(attributes, ",", _attribute("Entitlement", entitlements[i]));
        }
        // solhint-disable quotes
        string memory json = string.concat(
            '{"name":"X.me Badge: ',
            label,
            '","description":"What staked XME shows of its holder. It cannot be transferred, and is active only while the vXME is held.",',
            '"image":"data:image/svg+xml;base64,',
            Base64.encode(bytes(_svg(holder, tier, label))),
            '","attributes":[',
            attributes,
            "]}"
        );
        // solhint-enable quotes
        return string.concat("data:application/json;base64,", Base64.encode(bytes(json)));
    }

    /// @notice Whether this contract has the interface `interfaceId`: ERC-721, its metadata, ERC-5192 and ERC-165.
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @notice Refused: a badge cannot be transferred, so nobody can be allowed to.
    /// @dev Reverts with `Badge_Soulbound`.
    function approve(address, uint256 tokenId) public pure override {
        revert Badge_Soulbound(tokenId);
    }

    /// @notice Refused: a badge cannot be transferred, so nobody can be allowed to.
    /// @dev Reverts with `Badge_Soulbound`, for the caller's badge.
    function setApprovalForAll(address, bool) public view override {
        revert Badge_Soulbound(tokenIdOf(msg.sender));
    }

    /// @notice Makes badges worth what `newTiers` say, from the lowest to the highest; only governance may.
    /// @dev Minima in wei of vXME. Holds for all badges at once. Cost grows with the table alone, which is bounded.
    ///      Reverts with `AccessManagedUnauthorized`, `Badge_TierCountOutOfRange`, `Badge_MinimumNotAscending`, `Badge_TooManyEntitlements`,
    ///      `PlainText_LengthOutOfRange` and `PlainText_UnfitCharacter`.
    function setTiers(Tier[] calldata newTiers) external restricted {
        if (newTiers.length == 0 || newTiers.length > MAX_TIERS) {
            revert Badge_TierCountOutOfRange(newTiers.length, MAX_TIERS);
        }
        delete _tiers;
        uint256 previous = 0;
        for (uint256 i = 0; i < newTiers.length; i++) {
            Tier calldata tier = newTiers[i];
            if (tier.minimum <= previous) revert Badge_MinimumNotAscending(i + 1, previous, tier.minimum);
            previous = tier.minimum;
            uint256 entitlements = tier.entitlements.length;
            if (entitlements > MAX_ENTITLEMENTS) {
                revert Badge_TooManyEntitlements(i + 1, entitlements, MAX_ENTITLEMENTS);
            }
            PlainText.requireLabel(tier.name, MAX_LABEL_LENGTH);
            Tier storage added = _addTier(tier.name, tier.minimum);
            for (uint256 j = 0; j < entitlements; j++) {
                PlainText.requireLabel(tier.entitlements[j], MAX_LABEL_LENGTH);
                added.entitlements.push(tier.entitlements[j]);
            }
        }
        emit TiersChanged(newTiers);
    }

    /// @dev Every transfer comes through here, whoever asks; minting has no owner before it and burning none after it.
    function _update(address to, uint256 tokenId, address auth) internal override returns (address from) {
        if (to != address(0) && _ownerOf(tokenId) != address(0)) revert Badge_Soulbound(tokenId);
        return super._update(to, tokenId, auth);
    }

    function _addTier(string memory name, uint256 minimum) private returns (Tier storage added) {
        added = _tiers.push();
        added.name = name;
        added.minimum = minimum;
    }

    function _attribute(string memory trait, string memory value) private pure returns (string memory) {
        // solhint-disable-next-line quotes
        return string.concat('{"trait_type":"', trait, '","value":"', value, '"}');
    }

    /// @dev A ring in the colour of the tier, grey where there is none, the tier's name and the holder's address.
    function _svg(address holder, uint256 tier, string memory label) private pure returns (string memory) {
        string memory colour =
            tier == 0 ? "#6b7280" : string.concat("hsl(", ((tier * 360) / (MAX_TIERS + 1)).toString(), ",70%,60%)");
        return
            string.concat(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 400' font-family='sans-serif' fill='#fff' text-anchor='middle'>",
                "<rect width='400' height='400' rx='24' fill='#111827'/>",
                "<circle cx='200' cy='150' r='84' fill='none' stroke-width='12' stroke='",
                colour,
                "'/><text x='200' y='168' font-size='52'>X.me</text><text x='200' y='296' font-size='20'>",
                label,
                "</text><text x='200' y='346' font-size='13'>",
                Strings.toChecksumHexString(holder),
                "</text></svg>"
            );
    }
}
