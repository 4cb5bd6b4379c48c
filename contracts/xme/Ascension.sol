// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Ascension, the channel from XMEX to XME
/// @notice Lock XMEX for ever in a weekly round and take your share of the round's XME when it is over.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 5.2, "Value Ascension Channel: We provide a liquidity mining platform for XMEX holders, who
///      can choose to exchange it for XME … this process will permanently lock XMEX". Choice: the source names no rate, so there is none that somebody
///      sets. Each round offers a budget of XME that the treasury, or anybody, has funded, and all XMEX put in shares it, within a maximum and a floor.
///
///      A round is a week of seven days counted from the Unix epoch, as the epochs of social mining are. It begins with its first deposit, which takes
///
///          budget = min(free, base × min(4, weeks since the last round))
///
///      out of the one number `free` and fixes both rates, so that no change by governance reaches a round that has begun. A deposit that would bring the
///      deposits above budget ÷ floor rate is refused: whoever deposits knows the worst that can come. Once the week is over the round pays
///
///          paid = min(budget, deposits × maximum rate)
///
///      to its depositors in proportion, and the rest is free again for the rounds to come. Weeks without a deposit cost nothing, change nothing,
///      and leave their budgets to the next round, up to four.
///
///      Exactness: deposits are whole gwei of XMEX and rates whole billionths of an XME for an XMEX, so that deposits × rate is a whole number of wei.
///      Only the shares in a budget that is paid in full are rounded, down, and never below deposit × floor rate. What that leaves, less
///      than a wei for each depositor of the round, stays here as nobody's.
///
///      One slot for a round, one for an account: what an account is due from an earlier round is worked out when it deposits in a later one or
///      claims, and added up. So claiming takes all rounds at once, costs the same for one or a hundred, and waits for ever.
///
///      Limits, in the open: who deposits in the last second of a round knows what it pays, and all get the same rate. A deposit of a gwei begins a
///      round as a large one does; it takes no more than its maximum rate, the rest is free again, but the next round counts weeks from it, and XME
///      that is funded after it waits for the next round. Whoever fills a round leaves no place for others, and all of it at the floor. XME that was
///      funded leaves only to depositors, not even governance takes it back; and governance may set base and rates as it likes within the bounds,
///      also a base of zero, which closes the channel but for the round that is open and all claims. XME or XMEX sent here by a plain
///      transfer belongs to nobody and stays for ever.
///
///      Invariants: XME balance ≥ free + budget of the open round + reserved − claimed, equal where nobody sent XME here outright; for each round
///      paid ≤ budget, paid ≤ deposits × maximum rate, and nobody's share is less than deposit × floor rate; XMEX balance ≥ Σ deposits, for
///      nothing takes XMEX out.
///
///      XME and XMEX are plain ERC-20s without fees and callbacks, so state is written before they move and no guard is needed.
contract Ascension is AccessManaged {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    // ------------------------------------------------------------------ types

    /// @dev What rounds that begin from now on offer: the budget in wei of XME for each week since the last round, and both rates, in XME for an XMEX
    ///      with 18 decimals.
    struct Terms {
        uint256 baseBudget;
        uint256 maxRateWad;
        uint256 floorRateWad;
    }

    /// @dev A round as it is shown. `budget` and `paid` in wei of XME, `deposits` and `capacity` in wei of XMEX, rates in XME for an XMEX with 18
    ///      decimals. `paid` is what it pays with these deposits, and final once its week is over; `capacity` is all that it can take.
    struct Round {
        uint256 budget;
        uint256 deposits;
        uint256 maxRateWad;
        uint256 floorRateWad;
        uint256 capacity;
        uint256 paid;
    }

    /// @dev An account as it is shown: its last round, what it put into that, in wei of XMEX, and the least that this brings, in wei of XME; and
    ///      what it can claim now.
    struct Position {
        uint256 round;
        uint256 deposits;
        uint256 guaranteed;
        uint256 claimable;
    }

    /// @dev One slot: deposits in gwei, of which all XMEX is less than 2^67, budget in wei, of which all XME is less than 2^90, rates in steps. A round
    ///      has begun where the budget is not zero.
    struct StoredRound {
        uint80 deposits;
        uint96 budget;
        uint32 maxRate;
        uint32 floorRate;
    }

    /// @dev One slot: the last round, deposits in it in gwei, and in wei what earlier ones brought.
    struct StoredPosition {
        uint32 round;
        uint80 deposits;
        uint96 credit;
    }

    /// @dev One slot, in wei, as it was before the last round was settled, which the first deposit of the next one does.
    struct Pool {
        uint96 free;
        uint128 reserved;
        uint32 lastRound;
    }

    /// @dev One slot, rates in steps.
    struct StoredTerms {
        uint96 baseBudget;
        uint32 maxRate;
        uint32 floorRate;
    }

    // -------------------------------------------------------------- constants

    /// @notice The length, in seconds, of a round.
    /// @dev Choice: a week, counted from the Unix epoch, so that it begins on Thursday at 00:00 UTC.
    uint256 public constant ROUND = 1 weeks;

    /// @notice The most weeks whose budgets a round has.
    /// @dev Choice: four, so that a quiet month is not lost to those who come after it, and a quiet year is not one round's.
    uint256 public constant MAX_WEEKS = 4;

    /// @notice The step, in wei of XMEX, that a deposit is a whole number of.
    /// @dev Choice: a gwei, as all of X.me's modules count XMEX.
    uint256 public constant DEPOSIT_STEP = 1 gwei;

    /// @notice The step, in XME for an XMEX with 18 decimals, that rates are a whole number of.
    /// @dev Choice: a billionth, so that a deposit in steps times a rate in steps is a whole number of wei.
    uint256 public constant RATE_STEP = 1e9;

    /// @notice The highest rate, in XME for an XMEX with 18 decimals: one for one.
    /// @dev Choice: there is a hundred times as much XMEX as XME, so a rate above this is a typing error.
    uint256 public constant MAX_RATE_WAD = 1e18;

    /// @notice The highest base budget, in wei of XME.
    /// @dev Source section 8: all XME there is, "1 Billion"; more is a typing error.
    uint256 public constant MAX_BASE_BUDGET = 1_000_000_000e18;

    // ------------------------------------------------------------- immutables

    /// @notice The token that is paid: XME.
    IERC20 public immutable xme;

    /// @notice The token that is locked for ever: XMEX.
    IERC20 public immutable xmex;

    // ---------------------------------------------------------------- storage

    Pool private _pool;
    StoredTerms private _terms;

    mapping(uint256 round => StoredRound) private _rounds;
    mapping(address account => StoredPosition) private _positions;

    // ----------------------------------------------------------------- events

    /// @notice `from` funded the channel with `amount` of XME, for rounds to come.
    event Funded(address indexed from, uint256 amount);

    /// @notice `round` began with `budget` of XME, and leaves `free` for later ones; it pays `maxRateWad` for an XMEX at most and `floorRateWad` at least.
    event RoundOpened(uint256 indexed round, uint256 budget, uint256 maxRateWad, uint256 floorRateWad, uint256 free);

    /// @notice `round` is over and pays `paid` of XME for `deposits` of XMEX; `returned` is free again.
    event RoundSettled(uint256 indexed round, uint256 deposits, uint256 paid, uint256 returned);

    /// @notice `account` locked `amount` of XMEX for ever in `round`, which brings it `guaranteed` of XME or more.
    event Deposited(uint256 indexed round, address indexed account, uint256 amount, uint256 guaranteed);

    /// @notice `account` was paid `amount` of XME, all that its rounds that are over had brought.
    event Claimed(address indexed account, uint256 amount);

    /// @notice Rounds that begin from now on offer `terms`.
    event TermsChanged(Terms terms);

    // ----------------------------------------------------------------- errors

    /// @notice Thrown at construction when XME's address holds no contract.
    error Ascension_XmeHasNoCode(address xme);

    /// @notice Thrown at construction when XMEX's address holds no contract.
    error Ascension_XmexHasNoCode(address xmex);

    /// @notice Thrown at construction when XME and XMEX are one token.
    error Ascension_TokensAreTheSame(address token);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error Ascension_AuthorityHasNoCode(address authority);

    /// @notice Thrown for a deposit or funding of zero.
    error Ascension_AmountIsZero();

    /// @notice Thrown for a deposit that is not a whole number of steps.
    error Ascension_AmountNotInSteps(uint256 amount, uint256 step);

    /// @notice Thrown when `round` cannot begin, because nothing is `free` or the base budget is zero.
    error Ascension_NoBudget(uint256 round, uint256 free, uint256 baseBudget);

    /// @notice Thrown when `round` can take only `capacity` of XMEX more.
    error Ascension_AboveCapacity(uint256 round, uint256 amount, uint256 capacity);

    /// @notice Thrown when `round` promises only `guaranteed` of XME, less than the depositor asks for.
    error Ascension_BelowMinimum(uint256 round, uint256 guaranteed, uint256 minXmeOut);

    /// @notice Thrown when `account` has nothing to claim now.
    error Ascension_NothingToClaim(address account);

    /// @notice Thrown for a base budget above `highest`.
    error Ascension_BaseBudgetTooHigh(uint256 baseBudget, uint256 highest);

    /// @notice Thrown for rates of which the floor is zero, above the maximum, or the maximum above `highest`.
    error Ascension_RatesOutOfRange(uint256 maxRateWad, uint256 floorRateWad, uint256 highest);

    /// @notice Thrown for a rate that is not a whole number of steps.
    error Ascension_RateNotInSteps(uint256 rateWad, uint256 step);

    /// @dev `terms_` are those of the first round, `initialAuthority` is X.me's access manager. The first round has the budgets of the weeks since
    ///      construction, its own included.
    ///      Reverts with `Ascension_XmeHasNoCode`, `Ascension_XmexHasNoCode`, `Ascension_TokensAreTheSame`, `Ascension_AuthorityHasNoCode` and the
    ///      errors of `setTerms`.
    constructor(
        IERC20 xme_,
        IERC20 xmex_,
        Terms memory terms_,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        if (address(xme_).code.length == 0) revert Ascension_XmeHasNoCode(address(xme_));
        if (address(xmex_).code.length == 0) revert Ascension_XmexHasNoCode(address(xmex_));
        if (address(xme_) == address(xmex_)) revert Ascension_TokensAreTheSame(address(xme_));
        if (initialAuthority.code.length == 0) revert Ascension_AuthorityHasNoCode(initialAuthority);
        xme = xme_;
        xmex = xmex_;
        _pool.lastRound = (currentRound() - 1).toUint32();
        _setTerms(terms_);
    }

    // --------------------------------------------------------- users' actions

    /// @notice Locks `amount` of your XMEX for ever in this week's round, for `minXmeOut` of XME at least, which you claim when the week is over.
    /// @dev In wei; `amount` a whole number of gwei. Returns `guaranteed`, amount × floor rate, exact, which `previewDeposit` says in the same
    ///      block. A deposit that is carried out in a later week than meant is bound by `minXmeOut` alone. Needs an allowance. Cost: two cold
    ///      slots here and that of the account's round before; three more and two events for the first of a round; then the token's transfer.
    ///      Reverts with `Ascension_AmountIsZero`, `Ascension_AmountNotInSteps`, `Ascension_NoBudget`, `Ascension_AboveCapacity`,
    ///      `Ascension_BelowMinimum`, `SafeCastOverflowedUintDowncast` above all XMEX there is and the token's own errors.
    function deposit(uint256 amount, uint256 minXmeOut) external returns (uint256 guaranteed) {
        return _deposit(amount, minXmeOut);
    }

    /// @notice Locks `amount` of your XMEX for `minXmeOut` of XME at least, as `deposit` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount`. Somebody else may have used it already, which does no harm: only the
    ///      allowance counts. Reverts as `deposit`.
    function depositWithPermit(
        uint256 amount,
        uint256 minXmeOut,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 guaranteed) {
        _permit(xmex, amount, deadline, v, r, s);
        return _deposit(amount, minXmeOut);
    }

    /// @notice Pays `account` the XME that all its rounds that are over have brought; anybody may call this for it.
    /// @dev Returns the `amount`, in wei, that `claimable` says in the same block. Cost: two cold slots here, however many the rounds, then the
    ///      token's transfer. Reverts with `Ascension_NothingToClaim`.
    function claim(address account) external returns (uint256 amount) {
        StoredPosition memory position = _positions[account];
        bool over = position.round < currentRound();
        amount = over ? position.credit + _shareOf(position) : position.credit;
        if (amount == 0) revert Ascension_NothingToClaim(account);

        if (over) delete _positions[account];
        else _positions[account].credit = 0;
        emit Claimed(account, amount);
        xme.safeTransfer(account, amount);
    }

    /// @notice Gives `amount` of your XME to the rounds to come, for good.
    /// @dev In wei; open to anybody, and never to be taken back. A round that has begun does not get any of it. Needs an allowance. Cost: one cold
    ///      slot here, then the token's transfer. Reverts with `Ascension_AmountIsZero` and the token's own errors.
    function fund(uint256 amount) external {
        _fund(amount);
    }

    /// @notice Gives `amount` of your XME to the rounds to come as `fund` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount`, as in `depositWithPermit`. Reverts as `fund`.
    function fundWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        _permit(xme, amount, deadline, v, r, s);
        _fund(amount);
    }

    // ----------------------------------------------------- views and previews

    /// @notice The number of the round of this week, begun or not: weeks since the Unix epoch.
    function currentRound() public view returns (uint256) {
        return block.timestamp / ROUND;
    }

    /// @notice XME, in wei, that depositing `amount` of XMEX now brings at least.
    /// @dev Exact. Reverts with `Ascension_AmountIsZero`, `Ascension_AmountNotInSteps`, `Ascension_NoBudget` and `Ascension_AboveCapacity`.
    function previewDeposit(uint256 amount) external view returns (uint256 guaranteed) {
        uint256 round = currentRound();
        return _guarantee(round, _present(round), _requireUnits(amount));
    }

    /// @notice XME, in wei, that `claim` would pay `account` now.
    /// @dev The share in a budget that is paid in full rounds down; all else is exact.
    function claimable(address account) public view returns (uint256) {
        StoredPosition memory position = _positions[account];
        return position.round < currentRound() ? position.credit + _shareOf(position) : position.credit;
    }

    /// @notice The round of this week as it has begun, or as a deposit would begin it now.
    /// @dev All zero but for the rates where there is no budget to begin it with.
    function presentRound() external view returns (Round memory) {
        return _show(_present(currentRound()));
    }

    /// @notice The round `round`: what it offers, what was put in, and what it pays.
    /// @dev All zero where it has not begun, or never did.
    function roundOf(uint256 round) external view returns (Round memory) {
        return _show(_rounds[round]);
    }

    /// @notice What `account` put into its last round, what that brings at least, and what it can claim now.
    /// @dev All but the claim is zero where it has claimed since that round was over.
    function positionOf(address account) external view returns (Position memory) {
        StoredPosition memory position = _positions[account];
        return
            Position({
                round: position.round,
                deposits: position.deposits * DEPOSIT_STEP,
                guaranteed: uint256(position.deposits) * _rounds[position.round].floorRate,
                claimable: claimable(account)
            });
    }

    /// @notice XME, in wei, that rounds to come can have.
    function free() public view returns (uint256) {
        Pool memory pool = _pool;
        (, uint256 returned) = _outcome(pool.lastRound);
        return pool.free + returned;
    }

    /// @notice XME, in wei, that is set aside for the round of this week; zero where it has not begun.
    function openBudget() external view returns (uint256) {
        return _rounds[currentRound()].budget;
    }

    /// @notice XME, in wei, that all rounds that are over have paid or owe, claimed or not.
    function reserved() external view returns (uint256) {
        Pool memory pool = _pool;
        (uint256 paid, ) = _outcome(pool.lastRound);
        return pool.reserved + paid;
    }

    /// @notice What rounds that begin from now on offer.
    function terms() external view returns (Terms memory) {
        StoredTerms memory stored = _terms;
        return Terms(stored.baseBudget, stored.maxRate * RATE_STEP, stored.floorRate * RATE_STEP);
    }

    // ------------------------------------------------------------- governance

    /// @notice Makes rounds that begin from now on offer `newTerms`; only governance may.
    /// @dev The round of this week too, where nobody has deposited in it yet. A base budget of zero lets none begin. One cold slot.
    ///      Reverts with `AccessManagedUnauthorized`, `Ascension_BaseBudgetTooHigh`, `Ascension_RatesOutOfRange` and
    ///      `Ascension_RateNotInSteps`.
    function setTerms(Terms calldata newTerms) external restricted {
        _setTerms(newTerms);
    }

    // -------------------------------------------------------------- internals

    function _permit(IERC20 token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
    }

    function _deposit(uint256 amount, uint256 minXmeOut) private returns (uint256 guaranteed) {
        uint256 units = _requireUnits(amount);
        uint256 round = currentRound();
        StoredRound memory present = _rounds[round];
        if (present.budget == 0) present = _open(round);
        guaranteed = _guarantee(round, present, units);
        if (guaranteed < minXmeOut) revert Ascension_BelowMinimum(round, guaranteed, minXmeOut);

        uint80 added = units.toUint80();
        present.deposits += added;
        _rounds[round] = present;
        StoredPosition memory position = _positions[msg.sender];
        if (position.round != round) {
            position.credit += _shareOf(position).toUint96();
            position.round = uint32(round);
            position.deposits = 0;
        }
        position.deposits += added;
        _positions[msg.sender] = position;
        emit Deposited(round, msg.sender, amount, guaranteed);
        xmex.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _fund(uint256 amount) private {
        if (amount == 0) revert Ascension_AmountIsZero();
        _pool.free = (_pool.free + amount).toUint96();
        emit Funded(msg.sender, amount);
        xme.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Settles the last round and begins this one. The caller writes the round, or refuses one without a budget.
    function _open(uint256 round) private returns (StoredRound memory opened) {
        Pool memory pool = _pool;
        (uint256 paid, uint256 returned) = _outcome(pool.lastRound);
        if (paid != 0) {
            emit RoundSettled(pool.lastRound, _rounds[pool.lastRound].deposits * DEPOSIT_STEP, paid, returned);
        }
        uint256 free_ = pool.free + returned;
        opened = _offer(round, pool.lastRound, free_);
        free_ -= opened.budget;
        _pool = Pool({free: uint96(free_), reserved: pool.reserved + uint128(paid), lastRound: uint32(round)});
        emit RoundOpened(round, opened.budget, opened.maxRate * RATE_STEP, opened.floorRate * RATE_STEP, free_);
    }

    function _setTerms(Terms memory newTerms) private {
        if (newTerms.baseBudget > MAX_BASE_BUDGET) {
            revert Ascension_BaseBudgetTooHigh(newTerms.baseBudget, MAX_BASE_BUDGET);
        }
        (uint256 maxRateWad, uint256 floorRateWad) = (newTerms.maxRateWad, newTerms.floorRateWad);
        if (floorRateWad == 0 || floorRateWad > maxRateWad || maxRateWad > MAX_RATE_WAD) {
            revert Ascension_RatesOutOfRange(maxRateWad, floorRateWad, MAX_RATE_WAD);
        }
        _terms = StoredTerms({
            baseBudget: uint96(newTerms.baseBudget),
            maxRate: _rateSteps(maxRateWad),
            floorRate: _rateSteps(floorRateWad)
        });
        emit TermsChanged(newTerms);
    }

    function _rateSteps(uint256 rateWad) private pure returns (uint32) {
        if (rateWad % RATE_STEP != 0) revert Ascension_RateNotInSteps(rateWad, RATE_STEP);
        return uint32(rateWad / RATE_STEP);
    }

    function _requireUnits(uint256 amount) private pure returns (uint256 units) {
        if (amount == 0) revert Ascension_AmountIsZero();
        if (amount % DEPOSIT_STEP != 0) revert Ascension_AmountNotInSteps(amount, DEPOSIT_STEP);
        return amount / DEPOSIT_STEP;
    }

    /// @dev What `units` more bring at least, exact, because a step of XMEX times a step of the rate is a wei of XME.
    function _guarantee(uint256 round, StoredRound memory present, uint256 units) private view returns (uint256) {
        if (present.budget == 0) revert Ascension_NoBudget(round, free(), _terms.baseBudget);
        uint256 left = _capacity(present) - present.deposits;
        if (units > left) revert Ascension_AboveCapacity(round, units * DEPOSIT_STEP, left * DEPOSIT_STEP);
        return units * present.floorRate;
    }

    /// @dev The round of this week, begun or as it would begin now.
    function _present(uint256 round) private view returns (StoredRound memory present) {
        present = _rounds[round];
        if (present.budget == 0) present = _offer(round, _pool.lastRound, free());
    }

    /// @dev What a round that begins now offers; `round` is later than `lastRound`.
    function _offer(uint256 round, uint256 lastRound, uint256 free_) private view returns (StoredRound memory offered) {
        StoredTerms memory stored = _terms;
        uint256 budget = stored.baseBudget * Math.min(round - lastRound, MAX_WEEKS);
        offered.budget = uint96(Math.min(budget, free_));
        offered.maxRate = stored.maxRate;
        offered.floorRate = stored.floorRate;
    }

    /// @dev What the last round pays and what returns, once it is over; zero for both before, and where it never began.
    function _outcome(uint256 lastRound) private view returns (uint256 paid, uint256 returned) {
        if (lastRound == currentRound()) return (0, 0);
        StoredRound memory last = _rounds[lastRound];
        paid = _paid(last);
        returned = last.budget - paid;
    }

    /// @dev What earlier deposits bring, once their round is over; zero where there are none. Rounds down, to deposit × floor rate at the least:
    ///      paid in full, deposits ≤ ⌊budget ÷ floor rate⌋ and so budget ÷ deposits ≥ floor rate; paid by the maximum rate, it is exact.
    function _shareOf(StoredPosition memory position) private view returns (uint256) {
        if (position.deposits == 0) return 0;
        StoredRound memory round = _rounds[position.round];
        return (_paid(round) * position.deposits) / round.deposits;
    }

    function _paid(StoredRound memory round) private pure returns (uint256) {
        return Math.min(round.budget, uint256(round.deposits) * round.maxRate);
    }

    /// @dev In steps; rounds down, so that the floor rate holds.
    function _capacity(StoredRound memory round) private pure returns (uint256) {
        return round.floorRate == 0 ? 0 : round.budget / round.floorRate;
    }

    function _show(StoredRound memory round) private pure returns (Round memory) {
        return
            Round({
                budget: round.budget,
                deposits: round.deposits * DEPOSIT_STEP,
                maxRateWad: round.maxRate * RATE_STEP,
                floorRateWad: round.floorRate * RATE_STEP,
                capacity: _capacity(round) * DEPOSIT_STEP,
                paid: _paid(round)
            });
    }
}
