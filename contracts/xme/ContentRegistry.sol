// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {IContentRegistry} from "./interfaces/IContentRegistry.sol";
import {PlainText} from "./PlainText.sol";

/// @title Content registry, whose content it is
/// @notice Registers the hash of your content as a token that is yours, which nobody can freeze, take away or delete.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 5.3: "Content published by creators will be hashed on-chain, becoming digital assets they
///      own … your ownership of the content belongs to you forever, and will not be frozen or deleted due to platform decisions". An ERC-721 token
///      for each hash, with a royalty for its creator (ERC-2981) and a price in XMEX for which spending unlocks it.
///
///      Nobody governs it: no role, no owner of the contract, no pause, no upgrade, and no way to destroy a token, not even for whoever owns it.
///      The owner alone moves its price and its document; the owner, or whom the owner approved, transfers it. Hash, creator, time and royalty never
///      change.
///
///      Choice: the number of a token is the hash itself. Whoever has the content can compute it, offline and before it is registered; a chain
///      that reorganises cannot give the number to another content; and no table from hashes to numbers has to be written. It is long in decimal,
///      which only logs notice. Zero is no content.
///      Choice: which hash is up to the creator. X.me's tools take SHA-256 of the file, for which every system has a program.
///
///      Commit and reveal: a hash that is sent to be registered can be read, and taken, before it is in a block. So its creator first commits to
///      keccak256(hash, creator, salt, chain, this contract), which tells nothing, and registers with hash and salt a minute to a day
///      later. Whoever reads them then would have to commit first and wait as long, and a commitment copied from another binds the other
///      alone. Commitments are kept for each account apart, so that nobody can use up, renew or outdate those of somebody else. What is priced and
///      described by a registration is the sender's own, so a commitment does not bind it.
///
///      Limits, in the open: the chain says who was first, not who made it. Whoever has the content before its creator registers it can be
///      first, and one changed bit makes another hash. Who can keep a registration out of all blocks for a minute can still be first with the hash;
///      a creator whom that concerns registers before anybody has the content. A royalty is announced; whether a market pays it is the
///      market's doing. A transfer takes price and document along, for the new owner to change. A document is where its URI leads, and the
///      hash, not the document, says what the content is. A creator's account that is lost stays the creator.
///
///      No foreign code is called: a registration does not ask its sender whether it can receive a token, since it asked for it itself, so a
///      contract that registers should be able to transfer. `safeTransferFrom` asks the receiver, as the standard has it, once everything is written.
///
///      Invariants: a token is registered once, by its creator, and exists for ever; its creator, hash, time and royalty never change; price and
///      document change only by a call of its owner at that time.
contract ContentRegistry is IContentRegistry, IERC2981, ERC721URIStorage, Multicall {
    /// @dev What a content is: `contentHash` is its number as bytes, `unlockPrice` in wei of XMEX, `registeredAt` in seconds.
    struct Content {
        bytes32 contentHash;
        address creator;
        address owner;
        uint256 registeredAt;
        uint256 unlockPrice;
        uint256 royaltyBps;
        string uri;
    }

    /// @dev What never changes: one slot.
    struct Origin {
        address creator;
        uint40 registeredAt;
        uint16 royaltyBps;
    }

    /// @notice The least age, in seconds, of a commitment that can be revealed.
    /// @dev Choice: as the registrar of ENS has it, some blocks of any chain, so that who first sees a hash in its reveal cannot come in front.
    uint256 public constant MIN_COMMITMENT_AGE = 1 minutes;

    /// @notice The greatest age, in seconds, of a commitment that can be revealed.
    /// @dev Choice: as the registrar of ENS has it; a salt that leaked long ago is worth nothing.
    uint256 public constant MAX_COMMITMENT_AGE = 1 days;

    /// @notice The highest royalty, in basis points of a sale's price.
    /// @dev Choice: 10 %, the most that markets commonly honour.
    uint256 public constant MAX_ROYALTY_BPS = 1_000;

    /// @notice The step, in wei of XMEX, that an unlock price is a whole number of.
    /// @dev Choice: a gwei, which spending's 10,000 basis points divide.
    uint256 public constant PRICE_STEP = 1 gwei;

    /// @notice The highest unlock price, in wei of XMEX: some eighteen billion.
    /// @dev Choice: what 64 bits of steps hold, near a fifth of all XMEX.
    uint256 public constant MAX_UNLOCK_PRICE = type(uint64).max * PRICE_STEP;

    /// @notice The most characters of a document's URI.
    /// @dev Choice: as in `PolicyRegistry`; any content address and most web addresses fit.
    uint256 public constant MAX_URI_LENGTH = 256;

    uint256 private constant _TOTAL_BPS = 10_000;

    mapping(uint256 contentId => Origin) private _origins;

    /// @dev In steps; apart from what never changes, so that content without a price costs no slot for it.
    mapping(uint256 contentId => uint256 steps) private _unlockPrices;

    mapping(address account => mapping(bytes32 commitment => uint256 time)) private _committedAt;

    /// @notice `account` made `commitment` at `time`, which it can reveal from a minute to a day later.
    event Committed(address indexed account, bytes32 indexed commitment, uint256 time);

    /// @notice `creator` registered `contentHash` at `time` as the token `contentId`, with a royalty of `royaltyBps` for good.
    event ContentRegistered(
        uint256 indexed contentId,
        address indexed creator,
        bytes32 contentHash,
        uint256 time,
        uint256 royaltyBps
    );

    /// @notice From now on `contentId` is unlocked for `unlockPrice` of XMEX, or needs no unlocking where that is zero.
    event UnlockPriceChanged(uint256 indexed contentId, address indexed owner, uint256 unlockPrice);

    /// @notice From now on the document that describes `contentId` is at `uri`, or there is none where that is empty.
    event DocumentMoved(uint256 indexed contentId, address indexed owner, string uri);

    /// @notice Thrown for a hash of zero, which stands for no content.
    error ContentRegistry_HashIsZero();

    /// @notice Thrown when the content `contentId` has been registered already, by `creator`.
    error ContentRegistry_AlreadyRegistered(uint256 contentId, address creator);

    /// @notice Thrown when `account` made no such `commitment`, or has revealed it.
    error ContentRegistry_NotCommitted(address account, bytes32 commitment);

    /// @notice Thrown when `commitment` can be revealed only at `revealableFrom` or later.
    error ContentRegistry_CommitmentTooYoung(bytes32 commitment, uint256 revealableFrom, uint256 blockTime);

    /// @notice Thrown when `commitment` could be revealed only until `revealableUntil`; make it again.
    error ContentRegistry_CommitmentExpired(bytes32 commitment, uint256 revealableUntil, uint256 blockTime);

    /// @notice Thrown for a royalty above `highest`.
    error ContentRegistry_RoyaltyTooHigh(uint256 royaltyBps, uint256 highest);

    /// @notice Thrown for an unlock price that is not a whole number of steps.
    error ContentRegistry_PriceNotInSteps(uint256 unlockPrice, uint256 step);

    /// @notice Thrown for an unlock price above `highest`.
    error ContentRegistry_PriceTooHigh(uint256 unlockPrice, uint256 highest);

    /// @notice Thrown when anybody but `owner` changes the price or the document of `contentId`.
    error ContentRegistry_NotOwner(uint256 contentId, address caller, address owner);

    constructor() ERC721("X.me Content", "CONTENT") {}

    /// @notice Commits you to register, a minute to a day from now, the content that `commitment` hides.
    /// @dev `commitmentOf` computes it; compute it where nobody listens. Making it once more begins its age anew. One new slot, which the
    ///      registration frees.
    function commit(bytes32 commitment) external {
        _committedAt[msg.sender][commitment] = block.timestamp;
        emit Committed(msg.sender, commitment, block.timestamp);
    }

    /// @notice Registers `contentHash` as yours for ever by your commitment with `salt`, described at `uri`, unlocked for `unlockPrice` of XMEX, with
    ///         `royaltyBps` of each sale for you.
    /// @dev Returns the token's number, the hash itself. `unlockPrice` in wei, a whole number of gwei, zero where it needs no unlocking; `uri` may
    ///      be empty. Both can be changed later, the royalty cannot. Cost: two new slots, the balance, one where there is a price, those of the URI.
    ///      Reverts with `ContentRegistry_HashIsZero`, `ContentRegistry_AlreadyRegistered`, `ContentRegistry_NotCommitted`,
    ///      `ContentRegistry_CommitmentTooYoung`, `ContentRegistry_CommitmentExpired`, `ContentRegistry_RoyaltyTooHigh` and the errors of
    ///      `setUnlockPrice` and `setTokenURI`.
    function register(
        bytes32 contentHash,
        bytes32 salt,
        string calldata uri,
        uint256 unlockPrice,
        uint256 royaltyBps
    ) external returns (uint256 contentId) {
        contentId = contentIdOf(contentHash);
        address creator = _origins[contentId].creator;
        if (creator != address(0)) revert ContentRegistry_AlreadyRegistered(contentId, creator);
        if (royaltyBps > MAX_ROYALTY_BPS) revert ContentRegistry_RoyaltyTooHigh(royaltyBps, MAX_ROYALTY_BPS);
        _reveal(commitmentOf(contentHash, msg.sender, salt));

        _origins[contentId] = Origin(msg.sender, uint40(block.timestamp), uint16(royaltyBps));
        _mint(msg.sender, contentId);
        emit ContentRegistered(contentId, msg.sender, contentHash, block.timestamp, royaltyBps);
        if (unlockPrice != 0) _setUnlockPrice(contentId, unlockPrice);
        if (bytes(uri).length != 0) _moveDocument(contentId, uri);
    }

    /// @notice Makes your content `contentId` cost `unlockPrice` of XMEX to unlock from now on, or nothing.
    /// @dev In wei, a whole number of gwei; zero where it needs no unlocking. What was unlocked before stays so. One cold slot.
    ///      Reverts with `ERC721NonexistentToken`, `ContentRegistry_NotOwner`, `ContentRegistry_PriceTooHigh` and
    ///      `ContentRegistry_PriceNotInSteps`.
    function setUnlockPrice(uint256 contentId, uint256 unlockPrice) external {
        _requireOwner(contentId);
        _setUnlockPrice(contentId, unlockPrice);
    }

    /// @notice Moves the document that describes your content `contentId` to `uri`.
    /// @dev Empty where there is to be none. The slots that the URI fills.
    ///      Reverts with `ERC721NonexistentToken`, `ContentRegistry_NotOwner`, `PlainText_LengthOutOfRange` and `PlainText_UnfitCharacter`.
    function setTokenURI(uint256 contentId, string calldata uri) external {
        _requireOwner(contentId);
        _moveDocument(contentId, uri);
    }

    /// @notice The number of the token for `contentHash`, registered or not: the hash as a number.
    /// @dev Reverts with `ContentRegistry_HashIsZero`.
    function contentIdOf(bytes32 contentHash) public pure returns (uint256 contentId) {
        if (contentHash == 0) revert ContentRegistry_HashIsZero();
        return uint256(contentHash);
    }

    /// @notice The commitment with which `account` can register `contentHash` here, hidden by `salt`.
    /// @dev keccak256 of hash, account, salt, chain id and this contract, as ABI words. Whoever answers this call learns all of it; X.me's tools
    ///      compute it without asking.
    function commitmentOf(bytes32 contentHash, address account, bytes32 salt) public view returns (bytes32) {
        return keccak256(abi.encode(contentHash, account, salt, block.chainid, address(this)));
    }

    /// @notice The first and the last second in which `account` can reveal `commitment`; zero for both where it made none, or has revealed it.
    function revealableBetween(
        address account,
        bytes32 commitment
    ) external view returns (uint256 revealableFrom, uint256 revealableUntil) {
        uint256 time = _committedAt[account][commitment];
        return time == 0 ? (0, 0) : (time + MIN_COMMITMENT_AGE, time + MAX_COMMITMENT_AGE);
    }

    /// @notice Whether the content `contentId` has been registered.
    function isRegistered(uint256 contentId) external view returns (bool) {
        return _origins[contentId].creator != address(0);
    }

    /// @notice All that is known of the content `contentId`.
    /// @dev Reverts with `ERC721NonexistentToken`.
    function contentOf(uint256 contentId) external view returns (Content memory) {
        Origin memory origin = _originOf(contentId);
        return
            Content({
                contentHash: bytes32(contentId),
                creator: origin.creator,
                owner: ownerOf(contentId),
                registeredAt: origin.registeredAt,
                unlockPrice: unlockPriceOf(contentId),
                royaltyBps: origin.royaltyBps,
                uri: tokenURI(contentId)
            });
    }

    /// @inheritdoc IContentRegistry
    /// @dev Reverts with `ERC721NonexistentToken`.
    function ownerOf(uint256 contentId) public view override(ERC721, IERC721, IContentRegistry) returns (address) {
        return super.ownerOf(contentId);
    }

    /// @inheritdoc IContentRegistry
    /// @dev Never changes. Reverts with `ERC721NonexistentToken`.
    function creatorOf(uint256 contentId) external view returns (address) {
        return _originOf(contentId).creator;
    }

    /// @inheritdoc IContentRegistry
    /// @dev Reverts with `ERC721NonexistentToken`.
    function unlockPriceOf(uint256 contentId) public view returns (uint256) {
        _requireOwned(contentId);
        return _unlockPrices[contentId] * PRICE_STEP;
    }

    /// @notice Who is owed a royalty when the content `contentId` is sold for `salePrice`, and how much: its creator, in the unit of the price.
    /// @dev Rounds down, in the buyer's favour. Reverts with `ERC721NonexistentToken`.
    function royaltyInfo(
        uint256 contentId,
        uint256 salePrice
    ) external view returns (address receiver, uint256 royaltyAmount) {
        Origin memory origin = _originOf(contentId);
        return (origin.creator, Math.mulDiv(salePrice, origin.royaltyBps, _TOTAL_BPS));
    }

    /// @notice Whether this contract has the interface `interfaceId`: ERC-721, its metadata, ERC-4906, ERC-2981 and ERC-165.
    function supportsInterface(bytes4 interfaceId) public view override(ERC721URIStorage, IERC165) returns (bool) {
        return interfaceId == type(IERC2981).interfaceId || super.supportsInterface(interfaceId);
    }

    function _reveal(bytes32 commitment) private {
        uint256 time = _committedAt[msg.sender][commitment];
        if (time == 0) revert ContentRegistry_NotCommitted(msg.sender, commitment);
        uint256 from = time + MIN_COMMITMENT_AGE;
        if (block.timestamp < from) revert ContentRegistry_CommitmentTooYoung(commitment, from, block.timestamp);
        uint256 until = time + MAX_COMMITMENT_AGE;
        if (block.timestamp > until) revert ContentRegistry_CommitmentExpired(commitment, until, block.timestamp);
        delete _committedAt[msg.sender][commitment];
    }

    function _setUnlockPrice(uint256 contentId, uint256 unlockPrice) private {
        if (unlockPrice > MAX_UNLOCK_PRICE) revert ContentRegistry_PriceTooHigh(unlockPrice, MAX_UNLOCK_PRICE);
        if (unlockPrice % PRICE_STEP != 0) revert ContentRegistry_PriceNotInSteps(unlockPrice, PRICE_STEP);
        _unlockPrices[contentId] = unlockPrice / PRICE_STEP;
        emit UnlockPriceChanged(contentId, msg.sender, unlockPrice);
    }

    function _moveDocument(uint256 contentId, string calldata uri) private {
        if (bytes(uri).length != 0) PlainText.requireUri(uri, MAX_URI_LENGTH);
        _setTokenURI(contentId, uri);
        emit DocumentMoved(contentId, msg.sender, uri);
    }

    /// @dev A token without a creator does not exist, because none is ever destroyed.
    function _originOf(uint256 contentId) private view returns (Origin memory origin) {
        origin = _origins[contentId];
        if (origin.creator == address(0)) revert ERC721NonexistentToken(contentId);
    }

    function _requireOwner(uint256 contentId) private view {
        address owner = _requireOwned(contentId);
        if (msg.sender != owner) revert ContentRegistry_NotOwner(contentId, msg.sender, owner);
    }
}
