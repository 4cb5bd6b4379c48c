// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Public sale of XME
/// @notice Sells XME at one fixed price, up to a cap for each wallet, from a start to an end; what is left goes to the treasury.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 8, "Public Sale 25%". The source gives no terms; price, cap and window are fixed at
///      construction and nobody can change them, stop the sale or take anything out but for the treasury.
///      Choice: payment is the chain's own currency, because every chain has it, it needs no approval and the sale then trusts no other token.
///
///      Limits, in the open: a cap for each wallet is not a cap for each person; the price in the chain's currency moves with that currency;
///      what somebody buys for a wallet counts against that wallet's cap, so a gift takes exactly its own amount of room and no more.
///
///      Invariants: bought by each wallet ≤ cap; Σ bought = total sold; XME received − sold − swept = XME here; what was paid for each
///      purchase ≥ XME × price. Everything unsold and every wei paid can only go to the treasury, and no one's failure to receive stops
///      another's purchase.
contract PublicSale is ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice The furthest, in seconds, that the end may lie after construction.
    /// @dev Choice: a time typed in milliseconds cannot keep the unsold XME here for ever.
    uint256 public constant MAX_END_DISTANCE = 2 * 365 days;

    /// @dev The price is for one whole XME.
    uint256 private constant _ONE_XME = 1e18;

    /// @notice The token for sale: XME.
    IERC20 public immutable token;

    /// @notice The account that the proceeds and the unsold XME go to.
    address public immutable treasury;

    /// @notice The price of one whole XME, in wei of the chain's currency.
    uint256 public immutable price;

    /// @notice The most XME, in wei, that one wallet can get here.
    uint256 public immutable walletCap;

    /// @notice The time, in seconds, from which XME is sold.
    uint256 public immutable start;

    /// @notice The time, in seconds, from which nothing is sold any more.
    uint256 public immutable end;

    /// @notice XME, in wei, sold so far.
    uint256 public totalSold;

    /// @notice XME, in wei, that each wallet got here.
    mapping(address beneficiary => uint256 xme) public bought;

    /// @notice `buyer` paid `cost` wei for `xmeOut` wei of XME, which `beneficiary` received.
    event Bought(address indexed buyer, address indexed beneficiary, uint256 xmeOut, uint256 cost);

    /// @notice `amount` wei of the chain's currency went to the treasury.
    event ProceedsWithdrawn(uint256 amount);

    /// @notice `amount` wei of XME that nobody bought went to the treasury.
    event UnsoldSwept(uint256 amount);

    /// @notice Thrown at construction when the token's address holds no contract.
    error PublicSale_TokenHasNoCode(address token);

    /// @notice Thrown at construction for a treasury that is zero.
    error PublicSale_TreasuryIsZero();

    /// @notice Thrown at construction for a price of zero.
    error PublicSale_PriceIsZero();

    /// @notice Thrown at construction for a cap of zero.
    error PublicSale_WalletCapIsZero();

    /// @notice Thrown at construction when the window is empty.
    error PublicSale_EndNotAfterStart(uint256 start, uint256 end);

    /// @notice Thrown at construction when the end has passed already or lies after `latest`.
    error PublicSale_EndOutOfRange(uint256 end, uint256 blockTime, uint256 latest);

    /// @notice Thrown when XME is asked for before the start.
    error PublicSale_NotStarted(uint256 start);

    /// @notice Thrown when XME is asked for at the end or later.
    error PublicSale_Ended(uint256 end);

    /// @notice Thrown for a beneficiary that could not hold what it gets: zero, or the sale itself.
    error PublicSale_InvalidBeneficiary(address beneficiary);

    /// @notice Thrown when no XME is asked for.
    error PublicSale_NothingWanted();

    /// @notice Thrown when the sale has not received its XME from genesis yet; try again later.
    error PublicSale_NotFunded();

    /// @notice Thrown when all XME is sold.
    error PublicSale_SoldOut();

    /// @notice Thrown when `beneficiary` has got all of `walletCap` already.
    error PublicSale_WalletCapReached(address beneficiary, uint256 walletCap);

    /// @notice Thrown when the cap or the rest gives `xmeOut`, less than the buyer accepts; accept less.
    error PublicSale_BelowMinimum(uint256 xmeOut, uint256 minXmeOut);

    /// @notice Thrown when the value sent does not cover the cost.
    error PublicSale_PaymentTooLow(uint256 sent, uint256 cost);

    /// @notice Thrown when the buyer cannot take `change` back; send the cost exactly.
    error PublicSale_ChangeRefused(address buyer, uint256 change);

    /// @notice Thrown when currency is sent without a call; call `buy`.
    error PublicSale_PlainTransfer();

    /// @notice Thrown when the treasury does not take the proceeds, which then stay here.
    error PublicSale_TreasuryRefused(address treasury, uint256 amount);

    /// @notice Thrown when the unsold XME is asked for before the end.
    error PublicSale_NotEnded(uint256 end);

    /// @dev `price_` in wei of the chain's currency for one whole XME, `walletCap_` in wei of XME, times in seconds. A start in the past is
    ///      allowed, so that an interrupted deployment can be resumed with its first parameters.
    ///      Reverts with `PublicSale_TokenHasNoCode`, `PublicSale_TreasuryIsZero`, `PublicSale_PriceIsZero`, `PublicSale_WalletCapIsZero`,
    ///      `PublicSale_EndNotAfterStart` and `PublicSale_EndOutOfRange`.
    constructor(IERC20 token_, address treasury_, uint128 price_, uint128 walletCap_, uint256 start_, uint256 end_) {
        if (address(token_).code.length == 0) revert PublicSale_TokenHasNoCode(address(token_));
        if (treasury_ == address(0)) revert PublicSale_TreasuryIsZero();
        if (price_ == 0) revert PublicSale_PriceIsZero();
        if (walletCap_ == 0) revert PublicSale_WalletCapIsZero();
        if (end_ <= start_) revert PublicSale_EndNotAfterStart(start_, end_);
        uint256 latest = block.timestamp + MAX_END_DISTANCE;
        if (end_ <= block.timestamp || end_ > latest) revert PublicSale_EndOutOfRange(end_, block.timestamp, latest);
        token = token_;
        treasury = treasury_;
        price = price_;
        walletCap = walletCap_;
        start = start_;
        end = end_;
    }

    /// @dev Keeps a wallet that sends currency without a call from losing it. Reverts with `PublicSale_PlainTransfer`, always.
    receive() external payable {
        revert PublicSale_PlainTransfer();
    }

    /// @notice Buys `xmeWanted` of XME for `beneficiary` at the fixed price, or what its cap and the sale have left of it, but not less than
    ///         `minXmeOut`; change comes back.
    /// @dev Amounts in wei of XME. The cap counts the beneficiary, whoever buys, so a gift or another purchase that comes first can make this one
    ///      smaller but, above `minXmeOut`, never make it fail. The cost is rounded up, so that no split of a purchase is cheaper. A buyer that
    ///      is a contract and takes no currency sends the cost exactly, and then needs the whole amount. Returns what `quote` says in the same block.
    ///      Cost: two cold slots here, then the token's transfer and, if there is any, the change.
    ///      Reverts with the errors of `quote`, `PublicSale_BelowMinimum`, `PublicSale_PaymentTooLow` and `PublicSale_ChangeRefused`.
    function buy(
        address beneficiary,
        uint256 xmeWanted,
        uint256 minXmeOut
    ) external payable nonReentrant returns (uint256 xmeOut, uint256 cost) {
        (xmeOut, cost) = quote(beneficiary, xmeWanted);
        if (xmeOut < minXmeOut) revert PublicSale_BelowMinimum(xmeOut, minXmeOut);
        if (msg.value < cost) revert PublicSale_PaymentTooLow(msg.value, cost);

        bought[beneficiary] += xmeOut;
        totalSold += xmeOut;
        emit Bought(msg.sender, beneficiary, xmeOut, cost);

        token.safeTransfer(beneficiary, xmeOut);
        uint256 change = msg.value - cost;
        if (change != 0) {
            (bool taken, ) = msg.sender.call{value: change}("");
            if (!taken) revert PublicSale_ChangeRefused(msg.sender, change);
        }
    }

    /// @notice Sends everything paid so far to the treasury; anybody may call this at any time.
    /// @dev Also carries away currency that was forced in. Reverts with `PublicSale_TreasuryRefused`.
    function withdrawProceeds() external nonReentrant returns (uint256 amount) {
        amount = address(this).balance;
        emit ProceedsWithdrawn(amount);
        (bool taken, ) = treasury.call{value: amount}("");
        if (!taken) revert PublicSale_TreasuryRefused(treasury, amount);
    }

    /// @notice Sends the XME that nobody bought to the treasury; anybody may call this once the sale is over.
    /// @dev Reverts with `PublicSale_NotEnded`.
    function sweepUnsold() external nonReentrant returns (uint256 amount) {
        if (block.timestamp < end) revert PublicSale_NotEnded(end);
        amount = token.balanceOf(address(this));
        emit UnsoldSwept(amount);
        token.safeTransfer(treasury, amount);
    }

    /// @notice What `buy` gives now: the XME for `beneficiary` and its cost in wei, for `xmeWanted` asked for.
    /// @dev `xmeOut` is the least of `xmeWanted`, the room under the beneficiary's cap and what is left for sale; the cost rounds up.
    ///      Reverts with `PublicSale_NotStarted`, `PublicSale_Ended`, `PublicSale_InvalidBeneficiary`, `PublicSale_NothingWanted`,
    ///      `PublicSale_NotFunded`, `PublicSale_SoldOut` and `PublicSale_WalletCapReached`.
    function quote(address beneficiary, uint256 xmeWanted) public view returns (uint256 xmeOut, uint256 cost) {
        if (block.timestamp < start) revert PublicSale_NotStarted(start);
        if (block.timestamp >= end) revert PublicSale_Ended(end);
        if (beneficiary == address(0) || beneficiary == address(this)) {
            revert PublicSale_InvalidBeneficiary(beneficiary);
        }
        if (xmeWanted == 0) revert PublicSale_NothingWanted();
        uint256 left = remaining();
        if (left == 0) {
            if (totalSold == 0) revert PublicSale_NotFunded();
            revert PublicSale_SoldOut();
        }
        uint256 room = roomOf(beneficiary);
        if (room == 0) revert PublicSale_WalletCapReached(beneficiary, walletCap);

        xmeOut = xmeWanted < left ? xmeWanted : left;
        if (xmeOut > room) xmeOut = room;
        cost = (xmeOut * price + _ONE_XME - 1) / _ONE_XME;
    }

    /// @notice XME, in wei, that the cap still leaves `beneficiary`.
    function roomOf(address beneficiary) public view returns (uint256) {
        return walletCap - bought[beneficiary];
    }

    /// @notice XME, in wei, that is left for sale.
    function remaining() public view returns (uint256) {
        return token.balanceOf(address(this));
    }
}
