// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {Stream, Streams} from "../common/Streams.sol";
import {EmissionVault} from "./EmissionVault.sol";
import {IXmeIncome, IXmexIncome} from "./interfaces/IIncome.sol";
import {INodeStaking} from "./interfaces/INodeStaking.sol";
import {Node, PoolState} from "./types/Node.sol";
import {
    Delegator,
    NodeBond,
    NodeStake,
    Pool,
    Position,
    StoredDelegator,
    StoredPool,
    StoredPosition,
    StoredStake
} from "./types/NodeState.sol";

/// @title Node staking, where XMEX holders stand behind community nodes and share what the platform earns
/// @notice Delegate XMEX to nodes whose operators bonded XME: income in XMEX compounds by itself, income in XME is there to be claimed.
/// @dev X.me Dual-Token Economic Model Whitepaper, sections 7.1 to 7.5 and 2.3: users "delegate XMEX to Community Nodes"; "delegation supports
///      unbinding (a short cooling-off period)"; "the total amount of delegation a node can receive is related to its own commitment/node
///      level"; "a monthly compound interest model"; "by staking XMEX, users can obtain XME".
///
///      The pool. All delegations are shares of one pool with one price P, in wei × 1e27. XMEX that arrives in one month streams into the price
///      over the next, second by second, so it compounds without a transaction; a month is thirty days. A delegation of x brings ⌊x·1e27/P⌋ pool
///      shares to its node, which holds G of them and divides them among K shares of its own: the delegator gets ⌊those·K/G⌋, or as many where K is
///      zero. Whoever touches a node settles its commission: fee = ⌊⌊G·(P − p)/1e27⌋·commission/10,000⌋ since the last touch at price p goes over
///      to the operator as ⌊fee·1e27/P⌋ of the pool shares. Taking back k node shares takes ⌊G·k/K⌋ pool shares out, and what they are worth, rounded
///      down, becomes a debt that earns nothing more and is paid after the unbonding period.
///
///      The dividend. XME that arrives in one month streams over the next to the same pool shares, by an accumulator of its own on two levels: what
///      a node's pool shares earn goes to its delegators by node shares, what the operator's commission shares earn goes to the operator.
///      XME streams in whole gwei, 1e-9 XME; less than one gwei waits for more.
///
///      Why a node share cannot be inflated or worthless. G ≤ K ≤ G·P/1e27 at every moment: a first delegation makes them equal, a fee takes from G
///      alone and less than it earned, a later delegation adds at their ratio, and taking back leaves G the larger part of each division. So
///      a node share is worth at least one wei and at most one pool share, K is zero exactly when G is, and nobody can give to G without
///      getting K; the price itself rises by less than 1e8 wei a month even if all XMEX streamed past a single wei, for income is
///      divided by a thousand XMEX at least. What a node share is worth never falls either, but for rounding: a fee is taken in whole pool
///      shares, so that what views say of a whole node may step back by one of those when one has become due.
///
///      The cap. A node's bond and level bound what its delegations may be worth after a new one. Earnings may grow past it, and a cap that falls
///      forces nobody out. There is no slashing: the source names no fault, and a bond that cannot be lost still measures commitment by what
///      it keeps idle. A level is governance's word on a node and moves nobody's XMEX.
///
///      Choices: an account has one unbonding request, and asking for more starts its wait anew, so that it costs one slot however many nodes it
///      leaves; XMEX moves from node to node by waiting in between, so that stake cannot run ahead of a commission; a closed node lets go at
///      once whoever delegated an unbonding period ago, in whole days, and makes others wait until then, so that no stake is there for less;
///      the operator of a node does not change; what is delegated to an account's name is counted in thousandths of XMEX, so that it fits beside
///      the shares.
///
///      Limits, in the open: a commission announced in the last second of a month applies in the next, before anybody can have left,
///      but only to what is earned from then on, never above 20 %, and undelegating ends it at once. What the emission vault accrues in a month streams in
///      the next if anybody calls `collectIncome` before the month is over, or else a month later, from the first touch on.
///      Who delegates to a node that is then closed waits as if for an undelegation, and up to a day more, without earning. Where
///      governance lengthens the unbonding period, it does so for those who wait there too.
///      A vault that has not named this contract its drawer, or cannot pay, pays nothing and stops nobody. Each delegation or withdrawal may
///      leave less than the price of a pool share, in wei, behind for ever, and what is sent here by a plain transfer stays too.
///
///      Invariants: XMEX balance ≥ all pool shares at the price + what closed nodes hold + unbonding + unstreamed; XME balance ≥ bonds + bonds
///      leaving + owed + unstreamed; the price never falls; nobody earns but by rate × time. Cost depends neither on the number of nodes or
///      delegators nor on idle time; looking up the price of a past month is logarithmic and happens once for a change of commission.
///
///      Both tokens are plain ERC-20s without fees and callbacks, and the vault calls nobody but XMEX, so no guard is needed.
contract NodeStaking is AccessManaged, INodeStaking, IXmeIncome, IXmexIncome {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using Streams for Stream;

    /// @notice The length, in seconds, of a month.
    /// @dev Source section 7.3: "monthly". Choice: thirty days, counted from the Unix epoch, so that all months are equally long.
    uint256 public constant MONTH = 30 days;

    /// @notice The fewest pool shares that income is divided by.
    /// @dev Choice: a thousand XMEX, with which no accumulator overflows and no first delegator captures a stream; see `Streams`.
    uint256 public constant MINIMUM_SHARES = 1_000e18;

    /// @notice The largest commission, in basis points of what delegations earn in XMEX.
    /// @dev Choice: 20 %, so that four fifths always reach the delegators.
    uint256 public constant MAX_COMMISSION_BPS = 2_000;

    /// @notice The smallest bond, in wei of XME, that an open node may have.
    /// @dev Choice: a thousand XME, a millionth of all, so that nodes are not opened by the thousand.
    uint256 public constant MIN_BOND = 1_000e18;

    /// @notice XMEX that each XME of bond carries at level 0; each level doubles it.
    /// @dev Choice: there are a hundred times as many XMEX as XME, so a bond carries its own share of the other token.
    uint256 public constant CAP_PER_BOND = 100;

    /// @notice The highest level of a node.
    /// @dev Choice: five doublings, 3,200 XMEX for each XME.
    uint256 public constant MAX_LEVEL = 5;

    /// @notice The shortest unbonding period, in seconds, that governance can set.
    /// @dev Source section 7.2: "a short cooling-off period". Choice: a day.
    uint256 public constant MIN_UNBONDING_PERIOD = 1 days;

    /// @notice The longest unbonding period, in seconds, that governance can set.
    /// @dev Source section 7.2: "a short cooling-off period". Choice: a month.
    uint256 public constant MAX_UNBONDING_PERIOD = 30 days;

    uint256 private constant _BPS = 10_000;

    /// @dev XME streams in these; 64 bits hold all XME.
    uint256 private constant _GWEI = 1 gwei;

    /// @dev Principal is counted in these, in wei; 48 bits hold twice all XMEX.
    uint256 private constant _PRINCIPAL_UNIT = 1e15;

    /// @dev Caps are kept in hundreds of XMEX, in wei: what one XME carries at level 0.
    uint256 private constant _CAP_UNIT = CAP_PER_BOND * 1e18;

    /// @notice The token that operators bond and that dividends are paid in: XME.
    IERC20 public immutable xme;

    /// @notice The token that is delegated: XMEX.
    IERC20 public immutable xmex;

    /// @notice The emission vault that one stream of is for delegators; zero where there is none.
    EmissionVault public immutable vault;

    /// @notice The vault's stream that is for delegators.
    uint256 public immutable emissionStream;

    StoredPool private _pool;

    /// @dev The price at the beginning of a month; where a month has none, that of the last one before it.
    Checkpoints.Trace208 private _priceAtMonth;

    mapping(uint256 nodeId => StoredStake) private _stakes;
    mapping(uint256 nodeId => NodeBond) private _bonds;
    mapping(uint256 nodeId => mapping(address account => StoredPosition)) private _positions;
    mapping(address account => StoredDelegator) private _delegators;

    /// @notice The number of nodes ever opened; they are numbered from 1.
    uint128 public nodeCount;

    /// @notice The time, in seconds, from asking XMEX or a bond back to taking it, for requests made from now on.
    /// @dev Choice: seven days at first.
    uint128 public unbondingPeriod = 7 days;

    /// @notice `operator` opened the node `nodeId` with `bond` of XME, a commission of `commissionBps` and a description at `uri`.
    event NodeOpened(uint256 indexed nodeId, address indexed operator, uint256 bond, uint256 commissionBps, string uri);

    /// @notice The node `nodeId` is now described at `uri`.
    event NodeDescribed(uint256 indexed nodeId, string uri);

    /// @notice The operator added `amount` of XME to the bond of the node `nodeId`.
    event BondAdded(uint256 indexed nodeId, uint256 amount);

    /// @notice The operator asked `amount` of XME back from the bond of the node `nodeId`, to be taken from `availableAt` on.
    event BondRemoved(uint256 indexed nodeId, uint256 amount, uint256 availableAt);

    /// @notice The operator took `amount` of XME, all that had left the bond of the node `nodeId`, to `to`.
    event BondWithdrawn(uint256 indexed nodeId, address indexed to, uint256 amount);

    /// @notice The commission of the node `nodeId` will be `commissionBps` from the month `fromMonth` on.
    event CommissionAnnounced(uint256 indexed nodeId, uint256 commissionBps, uint256 fromMonth);

    /// @notice The operator turned `poolShares` of commission of the node `nodeId` into `amount` of XMEX, to be taken from `availableAt` on.
    event CommissionUndelegated(uint256 indexed nodeId, uint256 poolShares, uint256 amount, uint256 availableAt);

    /// @notice The operator closed the node `nodeId`: `delegated` of XMEX are there for its delegators, and `commission` of XMEX and `bond` of XME
    ///         for the operator from `availableAt` on.
    event NodeClosed(uint256 indexed nodeId, uint256 delegated, uint256 commission, uint256 bond, uint256 availableAt);

    /// @notice Governance gave the node `nodeId` the level `level`.
    event LevelChanged(uint256 indexed nodeId, uint256 level);

    /// @notice `account` delegated `amount` of XMEX to the node `nodeId` and got `shares` of it.
    event Delegated(uint256 indexed nodeId, address indexed account, uint256 amount, uint256 shares);

    /// @notice `account` gave back `shares` of the node `nodeId` for `amount` of XMEX, which can be taken, with all else that it has unbonding, from
    ///         `availableAt` on.
    event Undelegated(
        uint256 indexed nodeId,
        address indexed account,
        uint256 shares,
        uint256 amount,
        uint256 availableAt
    );

    /// @notice `account` took `amount` of XMEX, all that it had unbonding, to `to`.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    /// @notice `account` took its `amount` of XMEX out of the closed node `nodeId`, for `shares`, to `to`.
    event ClosedNodeLeft(
        uint256 indexed nodeId,
        address indexed account,
        address indexed to,
        uint256 shares,
        uint256 amount
    );

    /// @notice `account` took `amount` of XME, all that it had earned, to `to`.
    event XmeClaimed(address indexed account, address indexed to, uint256 amount);

    /// @notice `from` gave `amount` of XMEX, which streams to delegators in the next month.
    event XmexIncomeAdded(address indexed from, uint256 amount);

    /// @notice `from` gave `amount` of XME, which streams to delegators in the next month.
    event XmeIncomeAdded(address indexed from, uint256 amount);

    /// @notice The emission vault gave `amount` of XMEX, which streams to delegators in the next month.
    event EmissionDrawn(uint256 amount);

    /// @notice A pool share was worth `price` of XMEX, with 27 decimals, when the month `month` began.
    event MonthBegan(uint256 indexed month, uint256 price);

    /// @notice Requests wait for `period` seconds from now on, in place of `previousPeriod`.
    event UnbondingPeriodChanged(uint256 previousPeriod, uint256 period);

    /// @notice Thrown at construction when the address of a token holds no contract.
    error NodeStaking_TokenHasNoCode(address token);

    /// @notice Thrown at construction when both tokens are the same.
    error NodeStaking_TokensAreTheSame(address token);

    /// @notice Thrown at construction when the vault's address is not zero and holds no contract.
    error NodeStaking_VaultHasNoCode(address vault);

    /// @notice Thrown at construction when the vault releases another token than XMEX.
    error NodeStaking_VaultTokenMismatch(address vaultToken, address xmex);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error NodeStaking_AuthorityHasNoCode(address authority);

    /// @notice Thrown for a node that was never opened.
    error NodeStaking_UnknownNode(uint256 nodeId);

    /// @notice Thrown when the node was closed by its operator.
    error NodeStaking_NodeIsClosed(uint256 nodeId);

    /// @notice Thrown when delegators would leave a node at once that is not closed; use `undelegate`.
    error NodeStaking_NodeIsOpen(uint256 nodeId);

    /// @notice Thrown when anybody but the node's operator manages it.
    error NodeStaking_NotOperator(uint256 nodeId, address caller, address operator);

    /// @notice Thrown when a commission is above what is allowed.
    error NodeStaking_CommissionTooHigh(uint256 commissionBps, uint256 maxCommissionBps);

    /// @notice Thrown when an open node would have less bonded than is required.
    error NodeStaking_BondTooSmall(uint256 bond, uint256 minBond);

    /// @notice Thrown when more is asked back than is bonded.
    error NodeStaking_AboveBond(uint256 nodeId, uint256 amount, uint256 bond);

    /// @notice Thrown when a level is above the highest.
    error NodeStaking_LevelTooHigh(uint256 level, uint256 maxLevel);

    /// @notice Thrown when an unbonding period is not within its bounds.
    error NodeStaking_UnbondingPeriodOutOfRange(uint256 period, uint256 minPeriod, uint256 maxPeriod);

    /// @notice Thrown when nothing is named.
    error NodeStaking_AmountIsZero();

    /// @notice Thrown when what is named is so little that it rounds down to nothing.
    error NodeStaking_AmountTooSmall(uint256 amount);

    /// @notice Thrown when a delegation would lift a node above its cap.
    error NodeStaking_AboveCap(uint256 nodeId, uint256 delegated, uint256 cap);

    /// @notice Thrown when more shares are given back than the caller has.
    error NodeStaking_AboveShares(uint256 nodeId, address account, uint256 shares, uint256 available);

    /// @notice Thrown when there is nothing for the caller to take.
    error NodeStaking_NothingToTake(address account);

    /// @notice Thrown when something is taken before `availableAt`.
    error NodeStaking_StillWaiting(uint256 availableAt, uint256 blockTime);

    /// @notice Thrown when tokens would be taken to this contract itself, where they would be nobody's.
    error NodeStaking_RecipientIsNodeStaking();

    /// @dev `vault_` may be zero; else `emissionStream_` is one of its streams, and governance makes this contract the stream's drawer.
    ///      `initialAuthority` is X.me's access manager.
    ///      Reverts with `NodeStaking_TokenHasNoCode`, `NodeStaking_TokensAreTheSame`, `NodeStaking_VaultHasNoCode`,
    ///      `NodeStaking_VaultTokenMismatch`, `NodeStaking_AuthorityHasNoCode` and the vault's `EmissionVault_UnknownStream`.
    constructor(
        IERC20 xme_,
        IERC20 xmex_,
        EmissionVault vault_,
        uint256 emissionStream_,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        if (address(xme_).code.length == 0) revert NodeStaking_TokenHasNoCode(address(xme_));
        if (address(xmex_).code.length == 0) revert NodeStaking_TokenHasNoCode(address(xmex_));
        if (address(xme_) == address(xmex_)) revert NodeStaking_TokensAreTheSame(address(xme_));
        if (initialAuthority.code.length == 0) revert NodeStaking_AuthorityHasNoCode(initialAuthority);
        if (address(vault_) != address(0)) {
            if (address(vault_).code.length == 0) revert NodeStaking_VaultHasNoCode(address(vault_));
            address vaultToken = address(vault_.token());
            if (vaultToken != address(xmex_)) revert NodeStaking_VaultTokenMismatch(vaultToken, address(xmex_));
            vault_.drawerOf(emissionStream_);
        }
        xme = xme_;
        xmex = xmex_;
        vault = vault_;
        emissionStream = emissionStream_;
        Pool memory pool;
        pool.price = Streams.SCALE;
        pool.last = block.timestamp;
        _pool.store(pool);
    }

    // ---------------------------------------------------------------------------------------------------------------------- Operators

    /// @notice Opens a node with `bond` of your XME, a commission of `commissionBps` and a description at `uri`; you are its operator for good.
    /// @dev Returns its number. In wei and basis points; `uri` is only announced. Needs an allowance. Starts at level 0.
    ///      Reverts with `NodeStaking_CommissionTooHigh`, `NodeStaking_BondTooSmall`, `SafeCastOverflowedUintDowncast` above 96 bits and the token's
    ///      own errors.
    function openNode(uint256 bond, uint256 commissionBps, string calldata uri) external returns (uint256 nodeId) {
        return _openNode(bond, commissionBps, uri);
    }

    /// @notice Opens a node as `openNode` does with `bond`, `commissionBps` and `uri`, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `bond` of XME. Somebody else may have used it already, which does no harm: only the
    ///      allowance counts. Reverts as `openNode`.
    function openNodeWithPermit(
        uint256 bond,
        uint256 commissionBps,
        string calldata uri,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 nodeId) {
        _tryPermit(xme, bond, deadline, v, r, s);
        return _openNode(bond, commissionBps, uri);
    }

    /// @notice Describes your node `nodeId` at `uri` from now on.
    /// @dev Only announced, not kept. Reverts with `NodeStaking_UnknownNode` and `NodeStaking_NotOperator`.
    function describeNode(uint256 nodeId, string calldata uri) external {
        _requireOperator(nodeId);
        emit NodeDescribed(nodeId, uri);
    }

    /// @notice Adds `amount` of your XME to the bond of your node `nodeId`, which lifts its cap.
    /// @dev In wei. Needs an allowance.
    ///      Reverts with `NodeStaking_AmountIsZero`, `NodeStaking_UnknownNode`, `NodeStaking_NotOperator`, `NodeStaking_NodeIsClosed` and the
    ///      token's own errors.
    function addBond(uint256 nodeId, uint256 amount) external {
        _addBond(nodeId, amount);
    }

    /// @notice Adds `amount` to the bond of your node `nodeId` as `addBond` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount` of XME, as in `openNodeWithPermit`. Reverts as `addBond`.
    function addBondWithPermit(
        uint256 nodeId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _tryPermit(xme, amount, deadline, v, r, s);
        _addBond(nodeId, amount);
    }

    /// @notice Asks `amount` of XME back from the bond of your node `nodeId`, which lowers its cap now and starts the wait anew for all of its bond
    ///         that is leaving.
    /// @dev In wei. Always open to the operator down to the smallest bond; nobody is forced out by the lower cap.
    ///      Reverts with `NodeStaking_AmountIsZero`, `NodeStaking_UnknownNode`, `NodeStaking_NotOperator`, `NodeStaking_NodeIsClosed`,
    ///      `NodeStaking_AboveBond` and `NodeStaking_BondTooSmall`.
    function removeBond(uint256 nodeId, uint256 amount) external {
        if (amount == 0) revert NodeStaking_AmountIsZero();
        NodeBond memory bond = _requireOperator(nodeId);
        _requireOpen(nodeId);
        if (amount > bond.bond) revert NodeStaking_AboveBond(nodeId, amount, bond.bond);
        _requireBond(bond.bond - amount);

        uint256 availableAt = block.timestamp + unbondingPeriod;
        bond.bond -= amount.toUint96();
        bond.leaving += amount.toUint96();
        bond.availableAt = availableAt.toUint40();
        _storeBond(nodeId, bond);
        emit BondRemoved(nodeId, amount, availableAt);
    }

    /// @notice Takes all of the XME that has left the bond of your node `nodeId` to `to`.
    /// @dev Returns the `amount`, in wei, that `nodeOf` says in the same block. Possible from the second `availableAt` on, for ever.
    ///      Reverts with `NodeStaking_RecipientIsNodeStaking`, `NodeStaking_UnknownNode`, `NodeStaking_NotOperator`, `NodeStaking_NothingToTake`,
    ///      `NodeStaking_StillWaiting` and the token's own errors.
    function withdrawBond(uint256 nodeId, address to) external returns (uint256 amount) {
        _requireRecipient(to);
        NodeBond memory bond = _requireOperator(nodeId);
        amount = bond.leaving;
        _requireDue(amount, bond.availableAt);
        _bonds[nodeId].leaving = 0;
        _bonds[nodeId].availableAt = 0;
        emit BondWithdrawn(nodeId, to, amount);
        xme.safeTransfer(to, amount);
    }

    /// @notice Announces that the commission of your node `nodeId` is `commissionBps` from next month on.
    /// @dev In basis points. Takes the place of a change announced this month. What was earned until then is settled at the present one.
    ///      Reverts with `NodeStaking_CommissionTooHigh`, `NodeStaking_UnknownNode`, `NodeStaking_NotOperator` and `NodeStaking_NodeIsClosed`.
    function setCommission(uint256 nodeId, uint256 commissionBps) external {
        _requireCommission(commissionBps);
        _requireOperator(nodeId);
        Pool memory pool;
        _touch(pool);
        NodeStake memory node;
        _settleOpen(node, pool, nodeId);
        uint256 fromMonth = _month() + 1;
        node.nextCommissionBps = commissionBps;
        node.nextCommissionMonth = fromMonth;
        _pool.store(pool);
        _stakes[nodeId].store(node);
        emit CommissionAnnounced(nodeId, commissionBps, fromMonth);
    }

    /// @notice Turns `poolShares` of commission of your node `nodeId` into XMEX, which earns no more and can be taken with `withdraw` when it has waited.
    /// @dev In pool shares; the largest number means all. Returns what they are worth, in wei, rounded down; starts the wait anew for all of yours that
    ///      is unbonding. Reverts with `NodeStaking_UnknownNode`, `NodeStaking_NotOperator`, `NodeStaking_NodeIsClosed`, `NodeStaking_AmountIsZero`
    ///      and `NodeStaking_AboveShares`.
    function undelegateCommission(uint256 nodeId, uint256 poolShares) external returns (uint256 amount) {
        _requireOperator(nodeId);
        Pool memory pool;
        _touch(pool);
        NodeStake memory node;
        _settleOpen(node, pool, nodeId);
        poolShares = _requireShares(nodeId, poolShares, node.commissionShares);
        amount = _worth(poolShares, pool.price);
        node.commissionShares -= poolShares;
        pool.shares -= poolShares;
        Delegator memory delegator;
        _delegators[msg.sender].readInto(delegator);
        _startUnbonding(delegator, amount);
        _pool.store(pool);
        _stakes[nodeId].store(node);
        _delegators[msg.sender].store(delegator);
        emit CommissionUndelegated(nodeId, poolShares, amount, delegator.availableAt);
    }

    /// @notice Closes your node `nodeId` for good: what it holds stops earning, its delegators can take theirs, at once if they delegated an unbonding
    ///         period ago, and your bond and commission can be taken when they have waited.
    /// @dev Always open to the operator. Delegations are worth what `nodeOf` says in the same block, rounded down as a whole. Starts the wait anew
    ///      for all of the bond that is leaving, and for all of yours that is unbonding if there is a commission.
    ///      Reverts with `NodeStaking_UnknownNode`, `NodeStaking_NotOperator` and `NodeStaking_NodeIsClosed`.
    function closeNode(uint256 nodeId) external {
        NodeBond memory bond = _requireOperator(nodeId);
        Pool memory pool;
        _touch(pool);
        NodeStake memory node;
        _settleOpen(node, pool, nodeId);
        uint256 delegated = _worth(node.poolShares, pool.price);
        uint256 commission = _worth(node.commissionShares, pool.price);
        uint256 released = bond.bond;
        uint256 availableAt = block.timestamp + unbondingPeriod;

        pool.shares -= node.poolShares + node.commissionShares;
        node.poolShares = delegated;
        node.commissionShares = 0;
        node.capInHundreds = 0;
        node.nextCommissionMonth = 0;
        bond.leaving += bond.bond;
        bond.bond = 0;
        bond.availableAt = availableAt.toUint40();
        Delegator memory delegator;
        _delegators[msg.sender].readInto(delegator);
        _startUnbonding(delegator, commission);
        _delegators[msg.sender].store(delegator);
        _pool.store(pool);
        _stakes[nodeId].store(node);
        _bonds[nodeId] = bond;
        emit NodeClosed(nodeId, delegated, commission, released, availableAt);
    }

    // --------------------------------------------------------------------------------------------------------------------- Delegators

    /// @notice Delegates `amount` of your XMEX to the node `nodeId`; it earns from this second on.
    /// @dev In wei. Returns the node shares that `previewDelegate` says in the same block; nothing but income moves their price, by less than anybody
    ///      could gain, so there is no limit to name. Needs an allowance. Cost: eight slots here, however many delegate and however long nobody
    ///      called, and the token's transfer; the first call of a month also records the price and draws from the vault.
    ///      Reverts with `NodeStaking_AmountIsZero`, `NodeStaking_UnknownNode`, `NodeStaking_NodeIsClosed`, `NodeStaking_AmountTooSmall`,
    ///      `NodeStaking_AboveCap`, `SafeCastOverflowedUintDowncast` above 104 bits and the token's own errors.
    function delegate(uint256 nodeId, uint256 amount) external returns (uint256 shares) {
        return _delegate(nodeId, amount);
    }

    /// @notice Delegates `amount` of your XMEX to the node `nodeId` as `delegate` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount` of XMEX. Somebody else may have used it already, which does no harm: only the
    ///      allowance counts. Reverts as `delegate`.
    function delegateWithPermit(
        uint256 nodeId,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 shares) {
        _tryPermit(xmex, amount, deadline, v, r, s);
        return _delegate(nodeId, amount);
    }

    /// @notice Gives back `shares` of the node `nodeId`: they stop earning now, their XMEX can be taken with `withdraw` after the unbonding period, and
    ///         the wait starts anew for all of yours that is unbonding.
    /// @dev In node shares; the largest number means all. Returns what `previewUndelegate` says in the same block, in wei, rounded down twice: to
    ///      whole pool shares, and to whole wei. XME earned so far stays owed. Always open to delegators of an open node: all of an account's shares
    ///      can be given back even where they are not worth one pool share, which then brings nothing and starts no wait.
    ///      Reverts with `NodeStaking_UnknownNode`, `NodeStaking_NodeIsClosed`, `NodeStaking_AmountIsZero`, `NodeStaking_AboveShares` and, where
    ///      a part is not worth one pool share, `NodeStaking_AmountTooSmall`.
    function undelegate(uint256 nodeId, uint256 shares) external returns (uint256 amount) {
        Pool memory pool;
        _touch(pool);
        NodeStake memory node;
        _settleOpen(node, pool, nodeId);
        Position memory position;
        _positions[nodeId][msg.sender].readInto(position);
        Delegator memory delegator;
        _delegators[msg.sender].readInto(delegator);
        shares = _requireShares(nodeId, shares, position.shares);
        uint256 poolShares = (shares * node.poolShares) / node.shares;
        if (poolShares == 0 && shares != position.shares) revert NodeStaking_AmountTooSmall(shares);
        amount = _worth(poolShares, pool.price);

        _settleXme(position, delegator, node);
        _takeOut(position, delegator, shares);
        node.poolShares -= poolShares;
        node.shares -= shares;
        pool.shares -= poolShares;
        _startUnbonding(delegator, amount);
        _pool.store(pool);
        _storeDelegation(nodeId, node, position, delegator);
        emit Undelegated(nodeId, msg.sender, shares, amount, delegator.availableAt);
    }

    /// @notice Takes all of your XMEX that has waited for the unbonding period to `to`.
    /// @dev Returns the `amount`, in wei, that `unbondingOf` says in the same block. Possible from the second `availableAt` on, for ever.
    ///      Reverts with `NodeStaking_RecipientIsNodeStaking`, `NodeStaking_NothingToTake`, `NodeStaking_StillWaiting` and the token's own errors.
    function withdraw(address to) external returns (uint256 amount) {
        _requireRecipient(to);
        Delegator memory delegator;
        _delegators[msg.sender].readInto(delegator);
        amount = delegator.unbonding;
        _requireDue(amount, delegator.availableAt);
        delegator.unbonding = 0;
        delegator.availableAt = 0;
        _delegators[msg.sender].store(delegator);
        emit Withdrawn(msg.sender, to, amount);
        xmex.safeTransfer(to, amount);
    }

    /// @notice Takes all of your XMEX out of the closed node `nodeId` to `to`, once an unbonding period has passed since you last delegated to it.
    /// @dev Returns the `amount`, in wei, that `worthOf` says in the same block; rounds down, and the last to leave gets what is left. XME earned there stays
    ///      owed. Possible from the second that `leavableAt` says on, which nobody else can put off. Reverts with
    ///      `NodeStaking_RecipientIsNodeStaking`, `NodeStaking_UnknownNode`, `NodeStaking_NodeIsOpen`, `NodeStaking_NothingToTake`,
    ///      `NodeStaking_StillWaiting` and the token's own errors.
    function leaveClosedNode(uint256 nodeId, address to) external returns (uint256 amount) {
        _requireRecipient(to);
        NodeStake memory node;
        _stakes[nodeId].readInto(node);
        if (node.capInHundreds != 0) revert NodeStaking_NodeIsOpen(nodeId);
        _requireKnown(nodeId);
        Position memory position;
        _positions[nodeId][msg.sender].readInto(position);
        Delegator memory delegator;
        _delegators[msg.sender].readInto(delegator);
        uint256 shares = position.shares;
        _requireDue(shares, _leavableAt(position));
        amount = (shares * node.poolShares) / node.shares;

        _settleXme(position, delegator, node);
        _takeOut(position, delegator, shares);
        node.poolShares -= amount;
        node.shares -= shares;
        _storeDelegation(nodeId, node, position, delegator);
        emit ClosedNodeLeft(nodeId, msg.sender, to, shares, amount);
        xmex.safeTransfer(to, amount);
    }

    /// @notice Takes all XME that you are owed, with what you have earned at the nodes `nodeIds` until now, to `to`.
    /// @dev Returns the `amount`, in wei, that `xmeOwedTo` says in the same block for the same nodes; what you earned at other nodes stays there. An
    ///      operator names the own node to take what its commission has earned. Each position rounds down to a gwei. Cost: four or five slots for each node.
    ///      Reverts with `NodeStaking_RecipientIsNodeStaking`, `NodeStaking_UnknownNode`, `NodeStaking_NothingToTake` and the token's own errors.
    function claimXme(uint256[] calldata nodeIds, address to) external returns (uint256 amount) {
        _requireRecipient(to);
        Pool memory pool;
        _touch(pool);
        _pool.store(pool);
        Delegator memory delegator;
        _delegators[msg.sender].readInto(delegator);
        for (uint256 i = 0; i < nodeIds.length; i++) {
            uint256 nodeId = nodeIds[i];
            address operator = _requireKnown(nodeId);
            NodeStake memory node;
            _settle(node, pool, nodeId);
            Position memory position;
            _positions[nodeId][msg.sender].readInto(position);
            if (position.shares != 0) {
                _settleXme(position, delegator, node);
                _positions[nodeId][msg.sender].store(position);
            }
            if (operator == msg.sender) {
                delegator.xmeOwed += node.commissionXme;
                node.commissionXme = 0;
            }
            _stakes[nodeId].store(node);
        }
        amount = delegator.xmeOwed * _GWEI;
        if (amount == 0) revert NodeStaking_NothingToTake(msg.sender);
        delegator.xmeOwed = 0;
        _delegators[msg.sender].store(delegator);
        emit XmeClaimed(msg.sender, to, amount);
        xme.safeTransfer(to, amount);
    }

    // ------------------------------------------------------------------------------------------------------------------------- Income

    /// @inheritdoc IXmexIncome
    /// @dev In wei; needs an allowance. Open to anybody. Where nobody delegates, income waits for a month in which somebody does.
    ///      Reverts with `NodeStaking_AmountIsZero`, `SafeCastOverflowedUintDowncast` above 104 bits and the token's own errors.
    function addXmexIncome(uint256 amount) external {
        if (amount == 0) revert NodeStaking_AmountIsZero();
        Pool memory pool;
        _touch(pool);
        _addXmex(pool, amount);
        _pool.store(pool);
        emit XmexIncomeAdded(msg.sender, amount);
        xmex.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IXmeIncome
    /// @dev In wei; needs an allowance. Open to anybody. Streams in whole gwei; what is left over waits for the next income.
    ///      Reverts with `NodeStaking_AmountIsZero`, the token's own errors and, above 64 bits of gwei, `NodeStates_ValueTooWide` or
    ///      `SafeCastOverflowedUintDowncast`.
    function addXmeIncome(uint256 amount) external {
        if (amount == 0) revert NodeStaking_AmountIsZero();
        Pool memory pool;
        _touch(pool);
        uint256 waiting = pool.xmeRest + amount;
        Stream memory stream = Stream(0, pool.xmeActive.toUint104(), pool.xmeNext.toUint104());
        stream.add(waiting / _GWEI);
        pool.xmeNext = stream.next;
        pool.xmeRest = waiting % _GWEI;
        _pool.store(pool);
        emit XmeIncomeAdded(msg.sender, amount);
        xme.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Draws what the emission vault has accrued for delegators, which streams in the next month.
    /// @dev Open to anybody. Returns the `amount` drawn, in wei; zero where the vault has none for this contract or refuses. The first call of a month
    ///      to anything that moves shares or income draws as well.
    function collectIncome() external returns (uint256 amount) {
        Pool memory pool;
        amount = _touch(pool);
        amount += _draw(pool);
        _pool.store(pool);
    }

    // -------------------------------------------------------------------------------------------------------------------------- Views

    /// @notice The node `nodeId` as it stands now.
    /// @dev Reverts with `NodeStaking_UnknownNode`.
    function nodeOf(uint256 nodeId) external view returns (Node memory shown) {
        shown.operator = _requireKnown(nodeId);
        Pool memory pool;
        _advance(pool);
        NodeStake memory node;
        _settle(node, pool, nodeId);
        shown.isOpen = node.capInHundreds != 0;
        shown.commissionBps = node.commissionBps;
        shown.nextCommissionMonth = node.nextCommissionMonth;
        shown.nextCommissionBps = node.nextCommissionMonth == 0 ? node.commissionBps : node.nextCommissionBps;
        shown.delegated = shown.isOpen ? _worth(node.poolShares, pool.price) : node.poolShares;
        shown.cap = node.capInHundreds * _CAP_UNIT;
        shown.capLeft = Math.saturatingSub(shown.cap, shown.delegated);
        shown.shares = node.shares;
        shown.commissionShares = node.commissionShares;
        shown.commission = _worth(node.commissionShares, pool.price);
        shown.commissionXme = node.commissionXme * _GWEI;

        NodeBond memory bond = _bonds[nodeId];
        shown.level = bond.level;
        shown.bond = bond.bond;
        shown.bondLeaving = bond.leaving;
        shown.bondAvailableAt = bond.availableAt;
    }

    /// @notice The shares that `account` has of the node `nodeId`.
    function sharesOf(uint256 nodeId, address account) external view returns (uint256) {
        return _positionOf(nodeId, account).shares;
    }

    /// @notice XMEX, in wei, that the shares of `account` at the node `nodeId` are worth now.
    /// @dev Rounds down as `undelegate` or, at a closed node, `leaveClosedNode` does. Reverts with `NodeStaking_UnknownNode`.
    function worthOf(uint256 nodeId, address account) external view returns (uint256) {
        return previewUndelegate(nodeId, _positionOf(nodeId, account).shares);
    }

    /// @notice XMEX, in wei, that `account` put into the node `nodeId` and has not asked back, without what it earned.
    /// @dev In thousandths of XMEX, rounded down at each delegation; falls in proportion to the shares given back.
    function principalOf(uint256 nodeId, address account) external view returns (uint256) {
        return _positionOf(nodeId, account).principal * _PRINCIPAL_UNIT;
    }

    /// @inheritdoc INodeStaking
    /// @dev In wei: the sum of `principalOf` over all nodes, in thousandths of XMEX. Cost: one slot.
    function delegatedPrincipalOf(address account) external view returns (uint256) {
        return _delegatorOf(account).principal * _PRINCIPAL_UNIT;
    }

    /// @notice The time, in seconds, from which `account` can take its XMEX out of the node `nodeId` by `leaveClosedNode` if that is closed.
    /// @dev The unbonding period that is in force, counted from the first day of UTC that began no earlier than the last delegation of `account` there.
    ///      Zero where it has none.
    function leavableAt(uint256 nodeId, address account) external view returns (uint256) {
        Position memory position = _positionOf(nodeId, account);
        return position.shares == 0 ? 0 : _leavableAt(position);
    }

    /// @notice What `account` has asked back: the `amount` of XMEX, in wei, and the time `availableAt`, in seconds, from which it can be taken.
    /// @dev Both are zero where nothing is unbonding.
    function unbondingOf(address account) external view returns (uint256 amount, uint256 availableAt) {
        Delegator memory delegator;
        _delegators[account].readInto(delegator);
        return (delegator.unbonding, delegator.availableAt);
    }

    /// @notice XME, in wei, that `account` would get now by claiming at the nodes `nodeIds`.
    /// @dev A node that is named twice counts once. Reverts with `NodeStaking_UnknownNode`.
    function xmeOwedTo(address account, uint256[] calldata nodeIds) external view returns (uint256) {
        Pool memory pool;
        _advance(pool);
        Delegator memory delegator;
        _delegators[account].readInto(delegator);
        for (uint256 i = 0; i < nodeIds.length; i++) {
            uint256 nodeId = nodeIds[i];
            address operator = _requireKnown(nodeId);
            bool isRepeated = false;
            for (uint256 j = 0; j < i; j++) if (nodeIds[j] == nodeId) isRepeated = true;
            if (isRepeated) continue;
            NodeStake memory node;
            _settle(node, pool, nodeId);
            _settleXme(_positionOf(nodeId, account), delegator, node);
            if (operator == account) delegator.xmeOwed += node.commissionXme;
        }
        return delegator.xmeOwed * _GWEI;
    }

    /// @notice The shares that delegating `amount` of XMEX to the node `nodeId` would bring now, if its cap allows.
    /// @dev Zero where the amount is too small, which `delegate` refuses. Reverts with `NodeStaking_UnknownNode` and `NodeStaking_NodeIsClosed`.
    function previewDelegate(uint256 nodeId, uint256 amount) external view returns (uint256 shares) {
        Pool memory pool;
        _advance(pool);
        NodeStake memory node;
        _settleOpen(node, pool, nodeId);
        (, shares) = _sharesFor(node, amount.toUint104(), pool.price);
    }

    /// @notice XMEX, in wei, that giving back `shares` of the node `nodeId` would bring now, whoever has them.
    /// @dev Zero for none, and where the shares are not worth one pool share. Reverts with `NodeStaking_UnknownNode` and, above all that there are,
    ///      `NodeStaking_AboveShares`.
    function previewUndelegate(uint256 nodeId, uint256 shares) public view returns (uint256) {
        _requireKnown(nodeId);
        Pool memory pool;
        _advance(pool);
        NodeStake memory node;
        _settle(node, pool, nodeId);
        if (shares > node.shares) revert NodeStaking_AboveShares(nodeId, address(0), shares, node.shares);
        if (shares == 0) return 0;
        uint256 poolShares = (shares * node.poolShares) / node.shares;
        return node.capInHundreds == 0 ? poolShares : _worth(poolShares, pool.price);
    }

    /// @notice The pool of all delegations as it stands now.
    function poolState() external view returns (PoolState memory state) {
        Pool memory pool;
        _advance(pool);
        state.price = pool.price;
        state.shares = pool.shares;
        state.xmeGrowth = pool.xmeGrowth;
        state.xmexActive = pool.xmexActive;
        state.xmexNext = pool.xmexNext;
        state.xmeActive = pool.xmeActive * _GWEI;
        state.xmeNext = pool.xmeNext * _GWEI + pool.xmeRest;
    }

    /// @notice The price of a pool share, in XMEX with 27 decimals, when the month `month` began, so far as it has been recorded.
    /// @dev A month is `MONTH` seconds and counts from the Unix epoch. Where nobody called in a month, the record is made later; the price of the last
    ///      month recorded before it, else zero.
    function priceAtMonth(uint48 month) external view returns (uint256) {
        return _priceAtMonth.upperLookupRecent(month);
    }

    // --------------------------------------------------------------------------------------------------------------------- Governance

    /// @notice Gives the node `nodeId` the level `level`, which sets its cap; only governance may.
    /// @dev A lower cap forces nobody out. Reverts with `AccessManagedUnauthorized`, `NodeStaking_LevelTooHigh`, `NodeStaking_UnknownNode` and
    ///      `NodeStaking_NodeIsClosed`.
    function setLevel(uint256 nodeId, uint256 level) external restricted {
        if (level > MAX_LEVEL) revert NodeStaking_LevelTooHigh(level, MAX_LEVEL);
        _requireOpen(nodeId);
        NodeBond memory bond = _bonds[nodeId];
        bond.level = level.toUint8();
        _storeBond(nodeId, bond);
        emit LevelChanged(nodeId, level);
    }

    /// @notice Lets requests made from now on wait for `period` seconds; only governance may.
    /// @dev Requests made before keep their time; at closed nodes the new period counts, from the last delegation on. Reverts with `AccessManagedUnauthorized` and `NodeStaking_UnbondingPeriodOutOfRange`.
    function setUnbondingPeriod(uint256 period) external restricted {
        if (period < MIN_UNBONDING_PERIOD || period > MAX_UNBONDING_PERIOD) {
            revert NodeStaking_UnbondingPeriodOutOfRange(period, MIN_UNBONDING_PERIOD, MAX_UNBONDING_PERIOD);
        }
        emit UnbondingPeriodChanged(unbondingPeriod, period);
        unbondingPeriod = period.toUint128();
    }

    // ---------------------------------------------------------------------------------------------------------------------- Internals

    function _openNode(uint256 bond, uint256 commissionBps, string calldata uri) private returns (uint256 nodeId) {
        _requireCommission(commissionBps);
        _requireBond(bond);
        Pool memory pool;
        _touch(pool);
        nodeId = ++nodeCount;
        NodeBond memory opened;
        opened.operator = msg.sender;
        opened.bond = bond.toUint96();
        NodeStake memory node;
        node.capInHundreds = _capInHundreds(opened);
        node.price = pool.price;
        node.commissionBps = commissionBps;
        node.poolXmeGrowth = pool.xmeGrowth;
        _pool.store(pool);
        _bonds[nodeId] = opened;
        _stakes[nodeId].store(node);
        emit NodeOpened(nodeId, msg.sender, bond, commissionBps, uri);
        xme.safeTransferFrom(msg.sender, address(this), bond);
    }

    function _addBond(uint256 nodeId, uint256 amount) private {
        if (amount == 0) revert NodeStaking_AmountIsZero();
        NodeBond memory bond = _requireOperator(nodeId);
        _requireOpen(nodeId);
        bond.bond = (bond.bond + amount).toUint96();
        _storeBond(nodeId, bond);
        emit BondAdded(nodeId, amount);
        xme.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _delegate(uint256 nodeId, uint256 amount) private returns (uint256 shares) {
        if (amount == 0) revert NodeStaking_AmountIsZero();
        Pool memory pool;
        _touch(pool);
        NodeStake memory node;
        _settleOpen(node, pool, nodeId);
        uint256 poolShares;
        (poolShares, shares) = _sharesFor(node, amount.toUint104(), pool.price);
        if (poolShares == 0) revert NodeStaking_AmountTooSmall(amount);
        StoredPosition storage storedPosition = _positions[nodeId][msg.sender];
        Position memory position;
        storedPosition.readInto(position);
        StoredDelegator storage storedDelegator = _delegators[msg.sender];
        Delegator memory delegator;
        storedDelegator.readInto(delegator);

        _settleXme(position, delegator, node);
        unchecked {
            uint256 principal = amount / _PRINCIPAL_UNIT;
            position.shares += shares;
            position.principal += principal;
            position.sinceDay = Math.ceilDiv(block.timestamp, 1 days);
            delegator.principal += principal;
            node.poolShares += poolShares;
            node.shares += shares;
            pool.shares += poolShares;
            uint256 delegated = _worth(node.poolShares, pool.price);
            uint256 cap = node.capInHundreds * _CAP_UNIT;
            if (delegated > cap) revert NodeStaking_AboveCap(nodeId, delegated, cap);
        }
        _pool.store(pool);
        _stakes[nodeId].store(node);
        storedPosition.store(position);
        storedDelegator.store(delegator);
        emit Delegated(nodeId, msg.sender, amount, shares);
        xmex.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev The pool, advanced to the present second. Where a month began, records its price, and that of the month after it if the price still
    ///      rose in between: later ones began with the same. Then draws, before anything is stored: the vault calls nobody back.
    function _touch(Pool memory pool) private returns (uint256 drawn) {
        _advance(pool);
        uint256 month = _month();
        if (pool.since == month) return 0;
        _recordPrice(pool.since + 1, pool.firstPrice);
        if (month > pool.since + 1 && pool.price != pool.firstPrice) _recordPrice(pool.since + 2, pool.price);
        return _draw(pool);
    }

    function _recordPrice(uint256 month, uint256 price) private {
        _priceAtMonth.push(month.toUint48(), price.toUint208());
        emit MonthBegan(month, price);
    }

    /// @dev A vault that refuses takes nothing away: nobody can starve it of gas either, for what follows needs more than the part it leaves.
    function _draw(Pool memory pool) private returns (uint256 amount) {
        if (address(vault) == address(0) || vault.drawerOf(emissionStream) != address(this)) return 0;
        try vault.drawAvailable(emissionStream, address(this)) returns (uint256 drawn) {
            amount = drawn;
        } catch {
            return 0;
        }
        if (amount == 0) return 0;
        _addXmex(pool, amount);
        emit EmissionDrawn(amount);
    }

    /// @dev The node's three slots, and one each of the caller's there and everywhere.
    function _storeDelegation(
        uint256 nodeId,
        NodeStake memory node,
        Position memory position,
        Delegator memory delegator
    ) private {
        _stakes[nodeId].store(node);
        _positions[nodeId][msg.sender].store(position);
        _delegators[msg.sender].store(delegator);
    }

    /// @dev With the cap that follows from it.
    function _storeBond(uint256 nodeId, NodeBond memory bond) private {
        _bonds[nodeId] = bond;
        NodeStake memory node;
        _stakes[nodeId].readInto(node);
        node.capInHundreds = _capInHundreds(bond);
        _stakes[nodeId].store(node);
    }

    function _addXmex(Pool memory pool, uint256 amount) private pure {
        Stream memory stream = Stream(0, uint104(pool.xmexActive), uint104(pool.xmexNext));
        stream.add(amount);
        pool.xmexNext = stream.next;
    }

    function _advance(Pool memory pool) private view {
        _pool.readInto(pool);
        unchecked {
            pool.since = pool.last / MONTH;
            uint256 first;
            uint256 later;
            (pool.xmexActive, pool.xmexNext, first, later) = Streams.advanced(
                pool.last,
                pool.xmexActive,
                pool.xmexNext,
                block.timestamp,
                MONTH,
                pool.shares,
                MINIMUM_SHARES
            );
            pool.firstPrice = pool.price + first;
            pool.price = pool.firstPrice + later;

            if (pool.xmeActive | pool.xmeNext != 0) {
                (pool.xmeActive, pool.xmeNext, first, later) = Streams.advanced(
                    pool.last,
                    pool.xmeActive,
                    pool.xmeNext,
                    block.timestamp,
                    MONTH,
                    pool.shares,
                    MINIMUM_SHARES
                );
                pool.xmeGrowth += first + later;
            }
            pool.last = block.timestamp;
        }
    }

    /// @dev The node as `_settle`, which must be open.
    function _settleOpen(NodeStake memory node, Pool memory pool, uint256 nodeId) private view {
        _settle(node, pool, nodeId);
        _requireOpen(nodeId, node.capInHundreds);
    }

    /// @dev The node, settled at the pool's price: XME first, by the shares as they were, then the commission, in two steps where a change of it fell
    ///      in between. A closed node stands still.
    function _settle(NodeStake memory node, Pool memory pool, uint256 nodeId) private view {
        _stakes[nodeId].readInto(node);
        if (node.capInHundreds == 0) return;
        unchecked {
            uint256 growth = pool.xmeGrowth - node.poolXmeGrowth;
            if (growth != 0) {
                if (node.shares != 0) node.xmeGrowth += (node.poolShares * growth) / node.shares;
                node.commissionXme += (node.commissionShares * growth) / Streams.SCALE;
                node.poolXmeGrowth = pool.xmeGrowth;
            }
        }
        uint256 changeMonth = node.nextCommissionMonth;
        if (changeMonth != 0 && changeMonth <= _month()) {
            _settleCommission(node, _priceWhenBegan(pool, changeMonth));
            node.commissionBps = node.nextCommissionBps;
            node.nextCommissionMonth = 0;
        }
        _settleCommission(node, pool.price);
    }

    function _positionOf(uint256 nodeId, address account) private view returns (Position memory position) {
        _positions[nodeId][account].readInto(position);
    }

    function _delegatorOf(address account) private view returns (Delegator memory delegator) {
        _delegators[account].readInto(delegator);
    }

    /// @dev Recorded, or passed since the pool was last advanced.
    function _priceWhenBegan(Pool memory pool, uint256 month) private view returns (uint256) {
        if (month <= pool.since) return _priceAtMonth.upperLookupRecent(month.toUint48());
        return month == pool.since + 1 ? pool.firstPrice : pool.price;
    }

    /// @dev Both fee and shares round down, so that delegators keep the rest. The price never falls, and a fee is below what earned it.
    function _settleCommission(NodeStake memory node, uint256 price) private pure {
        unchecked {
            uint256 earned = _worth(node.poolShares, price - node.price);
            uint256 feeShares = (((earned * node.commissionBps) / _BPS) * Streams.SCALE) / price;
            node.poolShares -= feeShares;
            node.commissionShares += feeShares;
            node.price = price;
        }
    }

    /// @dev Rounds down to a gwei. What a node has earned never falls.
    function _settleXme(Position memory position, Delegator memory delegator, NodeStake memory node) private pure {
        unchecked {
            uint256 growth = node.xmeGrowth - position.xmeGrowth;
            delegator.xmeOwed += (position.shares * growth) / Streams.SCALE;
            position.xmeGrowth = node.xmeGrowth;
        }
    }

    /// @dev What is left of the principal rounds down; a position without shares is an empty slot.
    function _takeOut(Position memory position, Delegator memory delegator, uint256 shares) private pure {
        uint256 left = position.shares - shares;
        uint256 principal = (position.principal * left) / position.shares;
        delegator.principal -= position.principal - principal;
        position.principal = principal;
        position.shares = left;
        if (left == 0) (position.xmeGrowth, position.sinceDay) = (0, 0);
    }

    /// @dev Nothing starts no wait.
    function _startUnbonding(Delegator memory delegator, uint256 amount) private view {
        if (amount == 0) return;
        delegator.unbonding += amount;
        delegator.availableAt = block.timestamp + unbondingPeriod;
    }

    /// @dev Both round down.
    function _sharesFor(
        NodeStake memory node,
        uint256 amount,
        uint256 price
    ) private pure returns (uint256 poolShares, uint256 shares) {
        unchecked {
            poolShares = (amount * Streams.SCALE) / price;
            shares = node.shares == 0 ? poolShares : (poolShares * node.shares) / node.poolShares;
        }
    }

    /// @dev Rounds down. Shares have 104 bits and prices 128.
    function _worth(uint256 poolShares, uint256 price) private pure returns (uint256) {
        unchecked {
            return (poolShares * price) / Streams.SCALE;
        }
    }

    /// @dev Rounds up to a day.
    function _leavableAt(Position memory position) private view returns (uint256) {
        return position.sinceDay * 1 days + unbondingPeriod;
    }

    /// @dev Rounds down to hundreds of XMEX. A cap above 32 bits of them is four times all XMEX, and so no cap. Never zero for an open node.
    function _capInHundreds(NodeBond memory bond) private pure returns (uint256) {
        return Math.min((uint256(bond.bond) << bond.level) / 1e18, type(uint32).max);
    }

    function _month() private view returns (uint256) {
        return block.timestamp / MONTH;
    }

    function _tryPermit(IERC20 token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    function _requireOpen(uint256 nodeId, uint256 capInHundreds) private view {
        if (capInHundreds != 0) return;
        _requireKnown(nodeId);
        revert NodeStaking_NodeIsClosed(nodeId);
    }

    function _requireOpen(uint256 nodeId) private view {
        NodeStake memory node;
        _stakes[nodeId].readInto(node);
        _requireOpen(nodeId, node.capInHundreds);
    }

    function _requireKnown(uint256 nodeId) private view returns (address operator) {
        operator = _bonds[nodeId].operator;
        if (operator == address(0)) revert NodeStaking_UnknownNode(nodeId);
    }

    function _requireOperator(uint256 nodeId) private view returns (NodeBond memory bond) {
        address operator = _requireKnown(nodeId);
        if (msg.sender != operator) revert NodeStaking_NotOperator(nodeId, msg.sender, operator);
        return _bonds[nodeId];
    }

    /// @dev The shares that are meant, of those `available` to the caller.
    function _requireShares(uint256 nodeId, uint256 shares, uint256 available) private view returns (uint256) {
        if (shares == type(uint256).max) shares = available;
        if (shares == 0) revert NodeStaking_AmountIsZero();
        if (shares > available) revert NodeStaking_AboveShares(nodeId, msg.sender, shares, available);
        return shares;
    }

    function _requireDue(uint256 amount, uint256 availableAt) private view {
        if (amount == 0) revert NodeStaking_NothingToTake(msg.sender);
        if (block.timestamp < availableAt) revert NodeStaking_StillWaiting(availableAt, block.timestamp);
    }

    function _requireRecipient(address to) private view {
        if (to == address(this)) revert NodeStaking_RecipientIsNodeStaking();
    }

    function _requireCommission(uint256 commissionBps) private pure {
        if (commissionBps > MAX_COMMISSION_BPS) {
            revert NodeStaking_CommissionTooHigh(commissionBps, MAX_COMMISSION_BPS);
        }
    }

    function _requireBond(uint256 bond) private pure {
        if (bond < MIN_BOND) revert NodeStaking_BondTooSmall(bond, MIN_BOND);
    }
}
