// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {PlainText} from "./PlainText.sol";
import {SpendingCategory} from "./types/SpendingCategory.sol";

/// @title Platform items: virtual goods, collectibles, identities and event tickets
/// @notice Shows in your wallet what you bought on X.me; how many of an item there can be and whether it can change hands never changes.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 5.2: "buying virtual goods", "personalized digital collectibles or … other Web3
///      identities", "XMEX as a participation credential". An ERC-1155 token, one number for each item, from 1 up. The platform's catalogue lists an
///      item with its terms of sale; `Spending` sells it, and alone mints it.
///
///      An item that was listed keeps its category, seller, supply, start of sale and period; price and end of sale can change. Choice: the
///      token itself keeps the supply, so that it holds whoever may mint. A soulbound item stays with the account that bought it, whatever was
///      approved; the account can burn it. What is burned does not make room for more.
///
///      An item with a period lasts so long from the purchase, and buying it again adds to that: the time is the account's, so only what is
///      soulbound can have one. The balance then says how often it was bought. An item without a period lasts.
///
///      Limits, in the open: the chain says who has an item, the platform honours it, and the description lies where its URI leads. Governance can
///      give the minter's role to a contract that asks no price; neither it nor the catalogue can take an item, move one, or mint above a supply.
///
///      A contract that gets an item is asked whether it takes it, as ERC-1155 demands, after all is written; a contract that cannot answer
///      cannot buy.
///
///      Invariants: minted ≤ supply for each item; Σ balances = minted − burned; a balance of a soulbound item never moves.
contract PlatformItems is AccessManaged, ERC1155 {
    using SafeCast for uint256;

    /// @dev What the catalogue says of a new item: `price` of one in wei of XMEX, times and `period` in seconds. Without a `seller` it is the
    ///      platform's sale.
    struct ItemTerms {
        SpendingCategory category;
        address seller;
        uint256 price;
        uint256 supply;
        bool soulbound;
        uint256 start;
        uint256 end;
        uint256 period;
        string uri;
    }

    /// @dev Two slots, of which minting writes one: `price` in gwei of XMEX, times and `period` in seconds. An item that was never listed has no
    ///      supply.
    struct Item {
        address seller;
        uint64 price;
        SpendingCategory category;
        bool soulbound;
        uint40 start;
        uint40 end;
        uint32 period;
        uint40 supply;
        uint40 minted;
    }

    /// @notice The shortest, in seconds, that an item with a period lasts.
    /// @dev Choice: a day.
    uint256 public constant MIN_PERIOD = 1 days;

    /// @notice The longest, in seconds, that an item with a period lasts.
    /// @dev Choice: ten years, near enough that a period typed in milliseconds is refused.
    uint256 public constant MAX_PERIOD = 3_650 days;

    /// @notice The most characters of an item's URI.
    /// @dev Choice: as for policies, eight words of storage; content addresses need less than a hundred characters.
    uint256 public constant MAX_URI_LENGTH = 256;

    uint256 private constant _GWEI = 1 gwei;

    /// @notice The number of items ever listed, which is also the last one's number.
    uint256 public itemCount;

    mapping(uint256 id => Item) private _items;
    mapping(uint256 id => string) private _uris;

    /// @notice The time, in seconds, until which an item with a period lasts for an account.
    mapping(uint256 id => mapping(address account => uint256 time)) public lastsUntil;

    /// @notice The catalogue has the new item `id`, by `terms`.
    event ItemListed(uint256 indexed id, ItemTerms terms);

    /// @notice The item `id` costs `price` from now on, and is sold until `end`.
    event SaleChanged(uint256 indexed id, uint256 price, uint256 end);

    /// @notice The item `id` lasts until `until` for `account`.
    event Extended(uint256 indexed id, address indexed account, uint256 until);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error PlatformItems_AuthorityHasNoCode(address authority);

    /// @notice Thrown when an item would be listed in a category that has none.
    error PlatformItems_NotItemCategory(SpendingCategory category);

    /// @notice Thrown for an item of which there could be none.
    error PlatformItems_SupplyIsZero();

    /// @notice Thrown for an item without a price.
    error PlatformItems_PriceIsZero();

    /// @notice Thrown when a price is not a whole number of gwei, 1e9 wei.
    error PlatformItems_NotWholeGwei(uint256 price);

    /// @notice Thrown when the sale of an item would end before it starts.
    error PlatformItems_EndNotAfterStart(uint256 start, uint256 end);

    /// @notice Thrown when an item that can change hands would have a period.
    error PlatformItems_PeriodOfTransferable(uint256 period);

    /// @notice Thrown when a period is not within its bounds.
    error PlatformItems_PeriodOutOfRange(uint256 period, uint256 minPeriod, uint256 maxPeriod);

    /// @notice Thrown for an item that was never listed.
    error PlatformItems_UnknownItem(uint256 id);

    /// @notice Thrown when an item is not sold at this time.
    error PlatformItems_OutsideSale(uint256 id, uint256 start, uint256 end);

    /// @notice Thrown when none would be bought or burned.
    error PlatformItems_AmountIsZero();

    /// @notice Thrown when more is asked for than the supply has `left`.
    error PlatformItems_AboveSupply(uint256 id, uint256 amount, uint256 left);

    /// @notice Thrown when an item would change hands that cannot.
    error PlatformItems_Soulbound(uint256 id);

    /// @dev `initialAuthority` is X.me's access manager, where `Spending` gets the role that `mint` is mapped to, and the platform's catalogue the one
    ///      that `list` and `setSale` are. Reverts with `PlatformItems_AuthorityHasNoCode`.
    constructor(address initialAuthority) AccessManaged(initialAuthority) ERC1155("") {
        if (initialAuthority.code.length == 0) revert PlatformItems_AuthorityHasNoCode(initialAuthority);
    }

    // ----------------------------------------------------------------- actions

    /// @notice Burns `amount` of the item `id` that you hold.
    /// @dev What is burned does not make room for more, and does not shorten how long the rest lasts. Reverts with `PlatformItems_AmountIsZero` and
    ///      `ERC1155InsufficientBalance`.
    function burn(uint256 id, uint256 amount) external {
        _requireSome(amount);
        _burn(msg.sender, id, amount);
    }

    // ------------------------------------------------------------------- views

    /// @notice What `amount` of the item `id` cost now, and until when the item lasts for `account` then.
    /// @dev In wei of XMEX, and in seconds; zero where the item has no period. Reverts with `PlatformItems_UnknownItem`, `PlatformItems_AmountIsZero`,
    ///      `PlatformItems_OutsideSale` and `PlatformItems_AboveSupply`.
    function quote(uint256 id, uint256 amount, address account) external view returns (uint256 price, uint256 until) {
        (price, , ) = offerOf(id, amount);
        until = _untilWith(id, _items[id].period, amount, account);
    }

    /// @notice What `amount` of the item `id` cost now, on which account of spending, and whose sale it is.
    /// @dev In wei of XMEX; without a seller it is the platform's. Reverts as `quote`.
    function offerOf(
        uint256 id,
        uint256 amount
    ) public view returns (uint256 price, SpendingCategory category, address seller) {
        Item memory item = _requireItem(id);
        _requireLeft(id, item, amount);
        if (block.timestamp < item.start || block.timestamp >= item.end) {
            revert PlatformItems_OutsideSale(id, item.start, item.end);
        }
        return (uint256(item.price) * _GWEI * amount, item.category, item.seller);
    }

    /// @notice The item `id`: its terms of sale, and how many of it were minted.
    /// @dev Price in wei of XMEX, times and period in seconds; what was burned counts as minted. Reverts with `PlatformItems_UnknownItem`.
    function itemOf(uint256 id) external view returns (ItemTerms memory terms, uint256 minted) {
        Item memory item = _requireItem(id);
        terms = ItemTerms({
            category: item.category,
            seller: item.seller,
            price: uint256(item.price) * _GWEI,
            supply: item.supply,
            soulbound: item.soulbound,
            start: item.start,
            end: item.end,
            period: item.period,
            uri: _uris[id]
        });
        minted = item.minted;
    }

    /// @notice Where the item `id` is described.
    /// @dev Reverts with `PlatformItems_UnknownItem`.
    function uri(uint256 id) public view override returns (string memory) {
        _requireItem(id);
        return _uris[id];
    }

    // -------------------------------------------------------------- restricted

    /// @notice Lists a new item by `terms`; only the catalogue's keeper may.
    /// @dev Returns its number `id`. Goods, collectibles (with identities) and tickets are items. At most 2^40 − 1 of each.
    ///      Reverts with `AccessManagedUnauthorized`, `PlatformItems_NotItemCategory`, `PlatformItems_SupplyIsZero`, `PlatformItems_PriceIsZero`,
    ///      `PlatformItems_NotWholeGwei`, `PlatformItems_EndNotAfterStart`, `PlatformItems_PeriodOfTransferable`,
    ///      `PlatformItems_PeriodOutOfRange`, `PlainText_LengthOutOfRange`, `PlainText_UnfitCharacter` and `SafeCastOverflowedUintDowncast`.
    function list(ItemTerms calldata terms) external restricted returns (uint256 id) {
        if (terms.category < SpendingCategory.Goods || terms.category > SpendingCategory.Ticket) {
            revert PlatformItems_NotItemCategory(terms.category);
        }
        if (terms.supply == 0) revert PlatformItems_SupplyIsZero();
        if (terms.period != 0) _requirePeriod(terms.period, terms.soulbound);
        _requireSale(terms.start, terms.end);
        PlainText.requireUri(terms.uri, MAX_URI_LENGTH);

        id = ++itemCount;
        _items[id] = Item({
            seller: terms.seller,
            price: _inGwei(terms.price),
            category: terms.category,
            soulbound: terms.soulbound,
            start: terms.start.toUint40(),
            end: terms.end.toUint40(),
            period: uint32(terms.period),
            supply: terms.supply.toUint40(),
            minted: 0
        });
        _uris[id] = terms.uri;
        emit ItemListed(id, terms);
        emit URI(terms.uri, id);
    }

    /// @notice Sells the item `id` for `price` until `end`; only the catalogue's keeper may.
    /// @dev In wei of XMEX and in seconds; an end that has passed closes the sale, also of an item whose sale has not begun. Two cold slots.
    ///      Reverts with `AccessManagedUnauthorized`, `PlatformItems_UnknownItem`, `PlatformItems_PriceIsZero`, `PlatformItems_NotWholeGwei`,
    ///      `PlatformItems_EndNotAfterStart` and `SafeCastOverflowedUintDowncast`.
    function setSale(uint256 id, uint256 price, uint256 end) external restricted {
        uint256 start = _requireItem(id).start;
        if (end > block.timestamp) _requireSale(start, end);
        _items[id].price = _inGwei(price);
        _items[id].end = end.toUint40();
        emit SaleChanged(id, price, end);
    }

    /// @notice Gives `to` `amount` of the item `id`; only spending may.
    /// @dev Returns the time, in seconds, `until` which the item lasts then; zero where it has no period. Whether it is on sale is for spending to ask.
    ///      All is written before the recipient is asked. Cost: two cold slots, the recipient's one or two, and the access manager's.
    ///      Reverts with `AccessManagedUnauthorized`, `PlatformItems_UnknownItem`, `PlatformItems_AmountIsZero`, `PlatformItems_AboveSupply`,
    ///      `ERC1155InvalidReceiver` and the recipient's own errors.
    function mint(address to, uint256 id, uint256 amount) external restricted returns (uint256 until) {
        Item memory item = _requireItem(id);
        _requireLeft(id, item, amount);
        _items[id].minted = item.minted + uint40(amount);
        until = _untilWith(id, item.period, amount, to);
        if (until != 0) {
            lastsUntil[id][to] = until;
            emit Extended(id, to, until);
        }
        _mint(to, id, amount, "");
    }

    // --------------------------------------------------------------- internals

    /// @dev Every change of a balance comes through here, whoever asks; minting has no sender and burning no recipient.
    function _update(address from, address to, uint256[] memory ids, uint256[] memory values) internal override {
        if (from != address(0) && to != address(0)) {
            for (uint256 i = 0; i < ids.length; i++) {
                if (_items[ids[i]].soulbound) revert PlatformItems_Soulbound(ids[i]);
            }
        }
        super._update(from, to, ids, values);
    }

    function _untilWith(uint256 id, uint256 period, uint256 amount, address account) private view returns (uint256) {
        return period == 0 ? 0 : Math.max(block.timestamp, lastsUntil[id][account]) + period * amount;
    }

    function _requireItem(uint256 id) private view returns (Item memory item) {
        item = _items[id];
        if (item.supply == 0) revert PlatformItems_UnknownItem(id);
    }

    function _requireLeft(uint256 id, Item memory item, uint256 amount) private pure {
        _requireSome(amount);
        uint256 left = item.supply - item.minted;
        if (amount > left) revert PlatformItems_AboveSupply(id, amount, left);
    }

    function _requireSome(uint256 amount) private pure {
        if (amount == 0) revert PlatformItems_AmountIsZero();
    }

    function _requireSale(uint256 start, uint256 end) private pure {
        if (end <= start) revert PlatformItems_EndNotAfterStart(start, end);
    }

    function _requirePeriod(uint256 period, bool soulbound) private pure {
        if (!soulbound) revert PlatformItems_PeriodOfTransferable(period);
        if (period < MIN_PERIOD || period > MAX_PERIOD) {
            revert PlatformItems_PeriodOutOfRange(period, MIN_PERIOD, MAX_PERIOD);
        }
    }

    function _inGwei(uint256 price) private pure returns (uint64) {
        if (price == 0) revert PlatformItems_PriceIsZero();
        if (price % _GWEI != 0) revert PlatformItems_NotWholeGwei(price);
        return (price / _GWEI).toUint64();
    }
}
