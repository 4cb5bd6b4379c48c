// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Emission vault, the line that XMEX incentives never cross
/// @notice Holds ninety billion XMEX and releases them evenly over eight years to the modules that reward the community.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 8: 90 % "will serve as ecosystem incentives, publicly distributed … over the next
///      eight years". What unlocks is shared by eight streams, one for each incentive module, by shares that always sum to 100 %. Governance
///      sets the shares and names each stream's drawer; only the drawer takes from its stream, and only what the stream has accrued: "On-Demand
///      Release Allocation" means that undrawn XMEX stays here, not that more can ever be drawn.
///
///      Limits, in the open: governance can redirect everything accrued and not yet drawn, by naming another drawer, itself too; its timelock
///      makes that visible before it happens. Through the access manager it can also replace the authority, or close this target, which stops
///      governance's own calls but no drawer. Nobody can draw above the line or bring back what was drawn.
///
///      Exactness: what unlocks is counted in XMEX per basis point, ⌊9e24 × elapsed / 8 years⌋, so that every stream's accrual is a whole
///      multiple of it and nothing is ever rounded a second time. Σ accrued = unlocked to the wei at every moment, no dust is left between the
///      streams, and after eight years the unlocked amount is ninety billion exactly. Counted so, the vault is below the ideal line by less than
///      10,000 wei.
///
///      Invariants: for each stream drawn − returned ≤ accrued; Σ (drawn − returned) ≤ unlocked ≤ 9e28 × elapsed / 8 years; accrued never
///      falls; a change of shares alone leaves everything accrued before it where it was; the balance covers all that can still be drawn.
///
///      The token is XMEX, which has no fees and no callbacks, so state is written before it moves and no guard is needed.
///      XMEX sent here by a plain transfer is credited to no stream and stays for ever; `returnTo` is the way to give something back.
contract EmissionVault is AccessManaged {
    using SafeCast for int256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev `drawer`, `shareSince` and `shareBps` share the first slot, the amounts the second.
    struct Stream {
        address drawer;
        uint48 shareSince;
        uint16 shareBps;
        uint128 accruedBefore;
        int128 netDrawn;
    }

    /// @notice The number of streams; a stream without share and drawer is simply not in use.
    /// @dev Choice: a fixed small number bounds the cost of a change of shares; six modules are planned.
    uint256 public constant STREAMS = 8;

    /// @notice All XMEX that this vault will ever release, with 18 decimals.
    /// @dev Source section 8: 90 % of "100 Billion".
    uint256 public constant ALLOCATION = 90_000_000_000e18;

    /// @notice The length, in seconds, of the release.
    /// @dev Source section 8: "over the next eight years". Choice: a year is 365 days, as in the vesting schedules of genesis.
    uint256 public constant DURATION = 8 * 365 days;

    /// @notice What all shares sum to: one hundred percent in basis points.
    uint256 public constant TOTAL_SHARE_BPS = 10_000;

    /// @notice The furthest, in seconds, that the start may lie from the time of construction, on either side.
    /// @dev Choice: far enough back for a deployment that was interrupted and resumed with its first parameters, and far enough ahead for an
    ///      announced start; near enough that a time typed in milliseconds, or zero, cannot lock or release years at once.
    uint256 public constant MAX_START_DISTANCE = 30 days;

    /// @notice The token that is released: XMEX.
    IERC20 public immutable token;

    /// @notice The time, in seconds, from which XMEX unlocks.
    uint256 public immutable start;

    Stream[STREAMS] private _streams;

    /// @notice From now on new XMEX is shared by `sharesBps`, one entry for each stream, in basis points.
    event SharesChanged(uint16[STREAMS] sharesBps);

    /// @notice `drawer` took the place of `previousDrawer` as the only account that may draw from `stream`.
    event DrawerChanged(uint256 indexed stream, address indexed previousDrawer, address indexed drawer);

    /// @notice `drawer` sent `amount` of XMEX from `stream` to `to`.
    event Drawn(uint256 indexed stream, address indexed drawer, address indexed to, uint256 amount);

    /// @notice `from` gave `amount` of XMEX back to `stream`, which may release it again.
    event Returned(uint256 indexed stream, address indexed from, uint256 amount);

    /// @notice Thrown at construction when the token's address holds no contract.
    error EmissionVault_TokenHasNoCode(address token);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error EmissionVault_AuthorityHasNoCode(address authority);

    /// @notice Thrown at construction when the start lies further than `maxDistance` seconds from `blockTime`, on either side.
    error EmissionVault_StartOutOfRange(uint256 start, uint256 blockTime, uint256 maxDistance);

    /// @notice Thrown when shares do not sum to 10,000 basis points.
    error EmissionVault_ShareSumNot100Percent(uint256 sumBps);

    /// @notice Thrown for a stream that does not exist; streams are numbered from 0 to 7.
    error EmissionVault_UnknownStream(uint256 stream);

    /// @notice Thrown when anybody but the stream's drawer draws.
    error EmissionVault_NotDrawer(uint256 stream, address caller, address drawer);

    /// @notice Thrown when XMEX would be drawn to this vault itself, where no stream could release it.
    error EmissionVault_RecipientIsVault(uint256 stream);

    /// @notice Thrown when more is drawn than the stream has.
    error EmissionVault_AboveAvailable(uint256 stream, uint256 amount, uint256 available);

    /// @dev `initialAuthority` is X.me's access manager, `sharesBps` the first shares, one for each stream; drawers are named later by governance,
    ///      and until then what a stream accrues waits for it.
    ///      Reverts with `EmissionVault_TokenHasNoCode`, `EmissionVault_AuthorityHasNoCode`, `EmissionVault_StartOutOfRange` and
    ///      `EmissionVault_ShareSumNot100Percent`.
    constructor(
        IERC20 token_,
        address initialAuthority,
        uint256 start_,
        uint16[STREAMS] memory sharesBps
    ) AccessManaged(initialAuthority) {
        if (address(token_).code.length == 0) revert EmissionVault_TokenHasNoCode(address(token_));
        if (initialAuthority.code.length == 0) revert EmissionVault_AuthorityHasNoCode(initialAuthority);
        if (start_ > block.timestamp + MAX_START_DISTANCE || start_ + MAX_START_DISTANCE < block.timestamp) {
            revert EmissionVault_StartOutOfRange(start_, block.timestamp, MAX_START_DISTANCE);
        }
        token = token_;
        start = start_;
        _requireFullShares(sharesBps);
        for (uint256 i = 0; i < STREAMS; i++) {
            _streams[i].shareBps = sharesBps[i];
            _streams[i].shareSince = uint48(start_);
        }
        emit SharesChanged(sharesBps);
    }

    /// @notice Sends `amount` of XMEX from `stream` to `to`; only the stream's drawer may.
    /// @dev `amount` in wei of XMEX; zero is allowed. Cost: two cold slots here, then the token's transfer.
    ///      Reverts with `EmissionVault_UnknownStream`, `EmissionVault_NotDrawer`, `EmissionVault_RecipientIsVault` and
    ///      `EmissionVault_AboveAvailable`.
    function draw(uint256 stream, address to, uint256 amount) external {
        Stream storage drawn = _streamDrawnBy(msg.sender, stream, to);
        uint256 free = _available(drawn);
        if (amount > free) revert EmissionVault_AboveAvailable(stream, amount, free);
        _draw(drawn, stream, to, amount);
    }

    /// @notice Sends all XMEX that `stream` has available to `to`; only the stream's drawer may.
    /// @dev Returns the `amount` sent, in wei of XMEX; where it is zero, nothing happens. Cost as `draw`.
    ///      Reverts with `EmissionVault_UnknownStream`, `EmissionVault_NotDrawer` and `EmissionVault_RecipientIsVault`.
    function drawAvailable(uint256 stream, address to) external returns (uint256 amount) {
        Stream storage drawn = _streamDrawnBy(msg.sender, stream, to);
        amount = _available(drawn);
        if (amount != 0) _draw(drawn, stream, to, amount);
    }

    /// @notice Gives `amount` of your XMEX to `stream`, which may release it again.
    /// @dev Open to anybody, because XMEX also flows back from modules that draw nothing, and never refused for its size: what a stream gets
    ///      back may exceed what it drew, since each wei that can leave again has come in. Needs an allowance. Cost: one cold slot here.
    ///      Reverts with `EmissionVault_UnknownStream` and the token's own errors.
    function returnTo(uint256 stream, uint256 amount) external {
        _requireStream(stream);
        Stream storage returned = _streams[stream];
        returned.netDrawn = (int256(returned.netDrawn) - amount.toInt256()).toInt128();
        emit Returned(stream, msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice XMEX, in wei, unlocked so far for all streams together.
    function unlocked() external view returns (uint256) {
        return unlockedAt(block.timestamp);
    }

    /// @notice XMEX, in wei, unlocked for all streams together by the time `timestamp`, past or future.
    /// @dev ⌊9e24 × elapsed / 8 years⌋ × 10,000: rounds down, by less than 10,000 wei.
    function unlockedAt(uint256 timestamp) public view returns (uint256) {
        return _unlockedPerBasisPoint(timestamp) * TOTAL_SHARE_BPS;
    }

    /// @notice XMEX, in wei, that `stream` has accrued since the start, drawn or not.
    /// @dev Exact; the accruals of all streams sum to `unlocked()`. Reverts with `EmissionVault_UnknownStream`.
    function accrued(uint256 stream) external view returns (uint256) {
        _requireStream(stream);
        return _accrued(_streams[stream]);
    }

    /// @notice XMEX, in wei, that the drawer of `stream` can draw now.
    /// @dev Accrued − drawn + returned. Reverts with `EmissionVault_UnknownStream`.
    function available(uint256 stream) external view returns (uint256) {
        _requireStream(stream);
        return _available(_streams[stream]);
    }

    /// @notice XMEX, in wei, drawn from `stream` less what was returned to it; negative where more came back than was drawn.
    /// @dev Never above `accrued(stream)`. Reverts with `EmissionVault_UnknownStream`.
    function netDrawn(uint256 stream) external view returns (int256) {
        _requireStream(stream);
        return _streams[stream].netDrawn;
    }

    /// @notice The only account that may draw from `stream`; zero where governance has named none.
    /// @dev Reverts with `EmissionVault_UnknownStream`.
    function drawerOf(uint256 stream) external view returns (address) {
        _requireStream(stream);
        return _streams[stream].drawer;
    }

    /// @notice The share of each stream in what unlocks from now on, in basis points.
    function shares() external view returns (uint16[STREAMS] memory sharesBps) {
        for (uint256 i = 0; i < STREAMS; i++) sharesBps[i] = _streams[i].shareBps;
    }

    /// @notice Shares what unlocks from now on by `sharesBps`, one entry for each stream in basis points; only governance may.
    /// @dev What was accrued before stays with its stream and drawable, also where the new share is zero. Settles the streams whose share
    ///      changes: at most eight, two cold slots each.
    ///      Reverts with `AccessManagedUnauthorized` and `EmissionVault_ShareSumNot100Percent`.
    function setShares(uint16[STREAMS] calldata sharesBps) external restricted {
        _requireFullShares(sharesBps);
        for (uint256 i = 0; i < STREAMS; i++) {
            Stream storage changed = _streams[i];
            if (changed.shareBps == sharesBps[i]) continue;
            changed.accruedBefore = _accrued(changed).toUint128();
            changed.shareSince = uint48(block.timestamp);
            changed.shareBps = sharesBps[i];
        }
        emit SharesChanged(sharesBps);
    }

    /// @notice Makes `drawer` the only account that may draw from `stream`, in place of the present one; only governance may.
    /// @dev The new drawer takes over what the old one left undrawn; what was drawn stays where it went. Zero leaves the stream without a
    ///      drawer, accruing. One cold slot.
    ///      Reverts with `AccessManagedUnauthorized` and `EmissionVault_UnknownStream`.
    function setDrawer(uint256 stream, address drawer) external restricted {
        _requireStream(stream);
        emit DrawerChanged(stream, _streams[stream].drawer, drawer);
        _streams[stream].drawer = drawer;
    }

    function _draw(Stream storage drawn, uint256 stream, address to, uint256 amount) private {
        drawn.netDrawn = (int256(drawn.netDrawn) + amount.toInt256()).toInt128();
        emit Drawn(stream, msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    function _streamDrawnBy(address caller, uint256 stream, address to) private view returns (Stream storage drawn) {
        _requireStream(stream);
        drawn = _streams[stream];
        if (caller != drawn.drawer) revert EmissionVault_NotDrawer(stream, caller, drawn.drawer);
        if (to == address(this)) revert EmissionVault_RecipientIsVault(stream);
    }

    /// @dev Cannot fall below zero, because nothing above it is ever drawn and accruals never fall.
    function _available(Stream storage stream) private view returns (uint256) {
        return (_accrued(stream).toInt256() - stream.netDrawn).toUint256();
    }

    function _accrued(Stream storage stream) private view returns (uint256) {
        uint256 perBasisPoint = _unlockedPerBasisPoint(block.timestamp) - _unlockedPerBasisPoint(stream.shareSince);
        return stream.accruedBefore + stream.shareBps * perBasisPoint;
    }

    /// @dev Rounds down.
    function _unlockedPerBasisPoint(uint256 timestamp) private view returns (uint256) {
        if (timestamp <= start) return 0;
        uint256 elapsed = timestamp - start;
        if (elapsed > DURATION) elapsed = DURATION;
        return ((ALLOCATION / TOTAL_SHARE_BPS) * elapsed) / DURATION;
    }

    function _requireStream(uint256 stream) private pure {
        if (stream >= STREAMS) revert EmissionVault_UnknownStream(stream);
    }

    function _requireFullShares(uint16[STREAMS] memory sharesBps) private pure {
        uint256 sumBps = 0;
        for (uint256 i = 0; i < STREAMS; i++) sumBps += sharesBps[i];
        if (sumBps != TOTAL_SHARE_BPS) revert EmissionVault_ShareSumNot100Percent(sumBps);
    }
}
