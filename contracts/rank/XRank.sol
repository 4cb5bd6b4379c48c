// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ABDKMath64x64} from "abdk-libraries-solidity/ABDKMath64x64.sol";

import {IBurnableToken} from "./interfaces/IBurnableToken.sol";
import {IBurnRedeemable} from "./interfaces/IBurnRedeemable.sol";
import {IRankedMintingToken} from "./interfaces/IRankedMintingToken.sol";
import {IStakingToken} from "./interfaces/IStakingToken.sol";
import {Counters, packCounters} from "./types/Counters.sol";
import {Mint, NO_MINT, packMint} from "./types/Mint.sol";
import {Stake, NO_STAKE, packStake} from "./types/Stake.sol";

/// @title XRank
/// @notice XRANK is free to mint: take a rank, wait the number of days you chose, mint. The more people take a rank after you, the more
/// you get; come late and you lose part of it. Minted tokens can be staked for a yield. Nobody owns this contract and nobody can change it.
/// @dev Source: "Whats XEN Tokenomics?"; where that page is silent, the code of XEN Crypto decides, and each such place is marked "XEN's code".
/// Functions, events, getters and constants are XEN Crypto's, so software written for XEN works unchanged; revert strings became custom errors.
///
/// Units: tokens in base units of 1e-18 XRANK unless "whole tokens" is said; terms in days; times in Unix seconds; percentages in whole percent.
/// Rounding: every division rounds down, as XEN does. Rewards lose their fraction; days of delay and steps of AMP, EAA and APY count once they are full.
///
/// Storage: a mint, a stake and the four counters take one slot each. The widths hold in every reachable state:
/// - `globalRank` has 40 bits: 2^40 ranks at 50,000 gas each fill Ethereum blocks of 60 million gas for three centuries. Past it `claimRank` refuses,
///   and every open position can still be ended. `activeMinters` never exceeds the ranks given; `activeStakes` is checked by itself.
/// - a mint pays at most ⌊40 · 3,000 · 700 · 1.1⌋ = 92,400,000 whole tokens (log2 below 40, hence a term of at most 700 days), so all 2^40 of them
///   pay less than 2^127 base units. From there to `totalXenStaked`'s 2^136 the supply would have to grow 512-fold by staking, three centuries of
///   everything staked at 2 % a year. It is checked too: past it a new stake refuses.
/// - a stake's amount is part of `totalXenStaked`; a term is at most 1,000, AMP at most 3,000, EAA at most 100, APY at most 20;
///   40 bits of seconds last to the year 36812.
contract XRank is ERC20Permit, IRankedMintingToken, IStakingToken, IBurnableToken {
    using ABDKMath64x64 for int128;
    using ABDKMath64x64 for uint256;

    // ------------------------------------------------------------------ types

    /// @notice A mint as callers see it; all zero where the account has none.
    struct MintInfo {
        address user;
        uint256 term;
        uint256 maturityTs;
        uint256 rank;
        uint256 amplifier;
        uint256 eaaRate;
    }

    /// @notice A stake as callers see it; all zero where the account has none.
    struct StakeInfo {
        uint256 term;
        uint256 maturityTs;
        uint256 amount;
        uint256 apy;
    }

    // -------------------------------------------------------------- constants

    /// @notice Seconds in a day.
    uint256 public constant SECONDS_IN_DAY = 86_400;
    /// @notice Days in the year that the yield is counted by.
    /// @dev Source section "APY rewards".
    uint256 public constant DAYS_IN_YEAR = 365;
    /// @notice The first rank that is given.
    /// @dev XEN's code.
    uint256 public constant GENESIS_RANK = 1;
    /// @notice A term in seconds must be above this, so one day is the shortest.
    /// @dev XEN's code.
    uint256 public constant MIN_TERM = 1 days - 1;
    /// @notice The longest mint term, in seconds, while `TERM_AMPLIFIER_THRESHOLD` is not passed.
    /// @dev Source section "Free mint".
    uint256 public constant MAX_TERM_START = 100 days;
    /// @notice The longest mint term there will ever be and the longest stake, in seconds.
    /// @dev Mint: XEN's code; stake: source section "APY rewards".
    uint256 public constant MAX_TERM_END = 1_000 days;
    /// @notice Days that each doubling of the global rank adds to the longest mint term.
    /// @dev Source section "Free mint".
    uint256 public constant TERM_AMPLIFIER = 15;
    /// @notice The global rank above which the longest mint term grows.
    /// @dev Source section "Free mint".
    uint256 public constant TERM_AMPLIFIER_THRESHOLD = 5_000;
    /// @notice The reward amplifier (AMP) on the first day.
    /// @dev Source section "Rewards amplifier (AMP)".
    uint256 public constant REWARD_AMPLIFIER_START = 3_000;
    /// @notice The reward amplifier (AMP) at its plateau.
    /// @dev Source section "Rewards amplifier (AMP)".
    uint256 public constant REWARD_AMPLIFIER_END = 1;
    /// @notice The early adopter amplification (EAA) of the first rank, in tenths of a percent.
    /// @dev Source section "Early Adopter Amplification (EEA)".
    uint256 public constant EAA_PM_START = 100;
    /// @notice What the EAA loses at each step, in tenths of a percent.
    /// @dev Source section "Early Adopter Amplification (EEA)".
    uint256 public constant EAA_PM_STEP = 1;
    /// @notice Ranks in a step of the EAA.
    /// @dev Source section "Early Adopter Amplification (EEA)".
    uint256 public constant EAA_RANK_STEP = 100_000;
    /// @notice Full days late from which the late penalty stays at its highest.
    /// @dev Source section "Free mint", table of penalties.
    uint256 public constant WITHDRAWAL_WINDOW_DAYS = 7;
    /// @notice The highest late penalty, in percent.
    /// @dev Source section "Free mint", table of penalties.
    uint256 public constant MAX_PENALTY_PCT = 99;
    /// @notice A stake must be above this.
    /// @dev XEN's code.
    uint256 public constant XEN_MIN_STAKE = 0;
    /// @notice A proof of burn must be above this.
    /// @dev XEN's code.
    uint256 public constant XEN_MIN_BURN = 0;
    /// @notice The yearly yield of a stake begun in the first 90 days, in percent.
    /// @dev Source section "APY rewards".
    uint256 public constant XEN_APY_START = 20;
    /// @notice Days after which the yearly yield loses one percentage point.
    /// @dev Source section "APY rewards".
    uint256 public constant XEN_APY_DAYS_STEP = 90;
    /// @notice The lowest yearly yield, in percent.
    /// @dev Source section "APY rewards".
    uint256 public constant XEN_APY_END = 2;
    /// @notice Whose work this is.
    string public constant AUTHORS = "Xonomy, after XEN Crypto by @MrJackLevin @lbelyaev faircrypto.org";

    uint256 private constant MIN_TERM_DAYS = 1;
    uint256 private constant MAX_TERM_START_DAYS = MAX_TERM_START / SECONDS_IN_DAY;
    uint256 private constant MAX_TERM_END_DAYS = MAX_TERM_END / SECONDS_IN_DAY;

    // ---------------------------------------------------------------- storage

    /// @notice When the contract was deployed; AMP and APY fall from here on.
    uint256 public immutable genesisTs;

    /// @dev Internal, not private, for one reason: a test's subclass can start at a later rank in its constructor.
    Counters internal _counters;
    mapping(address account => Mint) private _mints;
    mapping(address account => Stake) private _stakes;

    /// @notice What each account has burned through proof-of-burn contracts so far.
    mapping(address account => uint256) public userBurns;

    // ----------------------------------------------------------------- errors

    /// @notice A mint takes at least `minimum` days, not `term`.
    error XRank_TermBelowMinimum(uint256 term, uint256 minimum);
    /// @notice A mint takes at most `maximum` days at the current global rank, not `term`.
    error XRank_TermAboveMaximum(uint256 term, uint256 maximum);
    /// @notice `account` has a mint under way already, with `rank`, mature after `maturityTs`.
    error XRank_MintInProgress(address account, uint256 rank, uint256 maturityTs);
    /// @notice `account` has no mint: claim a rank first.
    error XRank_NoMint(address account);
    /// @notice The mint can be ended after `maturityTs`; it is `timestamp` now.
    error XRank_MintNotMature(uint256 maturityTs, uint256 timestamp);
    /// @notice A reward cannot be shared with the zero address.
    error XRank_ShareWithZeroAddress();
    /// @notice A share of zero percent is no share: use `claimMintReward`.
    error XRank_ShareOfZeroPercent();
    /// @notice At most 100 percent can be shared, not `pct`.
    error XRank_ShareAbove100Percent(uint256 pct);
    /// @notice At most 100 percent can be staked, not `pct`.
    error XRank_StakeAbove100Percent(uint256 pct);
    /// @notice A stake must be above `minimum`, and `amount` is not.
    error XRank_StakeNotAboveMinimum(uint256 amount, uint256 minimum);
    /// @notice A stake takes at least `minimum` days, not `term`.
    error XRank_StakeTermBelowMinimum(uint256 term, uint256 minimum);
    /// @notice A stake takes at most `maximum` days, not `term`.
    error XRank_StakeTermAboveMaximum(uint256 term, uint256 maximum);
    /// @notice `account` has a stake of `amount` already, mature after `maturityTs`.
    error XRank_StakeExists(address account, uint256 amount, uint256 maturityTs);
    /// @notice `account` has no stake.
    error XRank_NoStake(address account);
    /// @notice A proof of burn must be above `minimum`, and `amount` is not.
    error XRank_BurnNotAboveMinimum(uint256 amount, uint256 minimum);
    /// @notice Only a contract that says it supports `IBurnRedeemable` may burn for a user, and `caller` does not.
    error XRank_CallerNotBurnRedeemable(address caller);
    /// @notice `spender` is allowed `allowance`, which cannot be lowered by `subtractedValue`.
    error XRank_AllowanceBelowDecrease(address spender, uint256 allowance, uint256 subtractedValue);

    /// @notice Starts the economy with no tokens, no owner and the clock at now.
    constructor() ERC20("X Rank", "XRANK") ERC20Permit("X Rank") {
        genesisTs = block.timestamp;
        _counters = packCounters(GENESIS_RANK, 0, 0, 0);
    }

    // ---------------------------------------------------------- user's actions

    /// @notice Takes the next rank and starts a wait of `term` days, after which the reward can be minted; AMP and EAA are fixed now.
    /// @dev Two cold slots, one of them new. The logarithm is needed only above 100 days, which are always allowed.
    /// Errors: `XRank_TermBelowMinimum`, `XRank_TermAboveMaximum`, `XRank_MintInProgress`, `Counters_RanksExhausted`.
    function claimRank(uint256 term) external {
        Counters counters = _counters;
        uint256 rank = counters.globalRank();
        if (term < MIN_TERM_DAYS) revert XRank_TermBelowMinimum(term, MIN_TERM_DAYS);
        if (term > MAX_TERM_START_DAYS) {
            uint256 maximum = _maxTermDays(rank);
            if (term > maximum) revert XRank_TermAboveMaximum(term, maximum);
        }
        Mint open = _mints[msg.sender];
        if (open.exists()) revert XRank_MintInProgress(msg.sender, open.rank(), open.maturityTs());

        _counters = counters.withMintOpened();
        uint256 maturityTs = block.timestamp + term * SECONDS_IN_DAY;
        _mints[msg.sender] = packMint(rank, maturityTs, term, getCurrentAMP(), _eaaRate(rank));
        emit RankClaimed(msg.sender, term, rank);
    }

    /// @notice Ends your mint after its term and gives you the reward, less the penalty for full days of delay.
    /// @dev Four cold slots, one of them freed. Errors: `XRank_NoMint`, `XRank_MintNotMature`.
    function claimMintReward() external {
        Counters counters = _counters;
        uint256 rewardAmount = _endMint(counters);
        _counters = counters.withMintEnded();
        _mint(msg.sender, rewardAmount);
        emit MintClaimed(msg.sender, rewardAmount);
    }

    /// @notice Ends your mint after its term and gives `pct` percent of the reward to `other`, the rest to you.
    /// @dev Five cold slots, one of them freed. The part of `other` rounds down. `pct` 100 leaves you zero, and the empty transfer is logged all the
    /// same, as XEN does.
    /// Errors: `XRank_ShareWithZeroAddress`, `XRank_ShareOfZeroPercent`, `XRank_ShareAbove100Percent`, `XRank_NoMint`, `XRank_MintNotMature`.
    function claimMintRewardAndShare(address other, uint256 pct) external {
        if (other == address(0)) revert XRank_ShareWithZeroAddress();
        if (pct == 0) revert XRank_ShareOfZeroPercent();
        if (pct > 100) revert XRank_ShareAbove100Percent(pct);
        Counters counters = _counters;
        uint256 rewardAmount = _endMint(counters);
        _counters = counters.withMintEnded();
        uint256 sharedReward = (rewardAmount * pct) / 100;
        _mintOwnPart(rewardAmount - sharedReward);
        _mint(other, sharedReward);
        emit MintClaimed(msg.sender, rewardAmount);
    }

    /// @notice Ends your mint after its term, stakes `pct` percent of the reward for `term` days and gives you the rest.
    /// @dev Five cold slots, one of them freed and one new. The staked part rounds down; it is never minted until the stake ends.
    /// Errors: `XRank_StakeAbove100Percent`, `XRank_NoMint`, `XRank_MintNotMature`, `XRank_StakeNotAboveMinimum` (so `pct` 0 is refused),
    /// `XRank_StakeTermBelowMinimum`, `XRank_StakeTermAboveMaximum`, `XRank_StakeExists`, `Counters_StakedAboveMaximum`, `Counters_StakesExhausted`.
    function claimMintRewardAndStake(uint256 pct, uint256 term) external {
        if (pct > 100) revert XRank_StakeAbove100Percent(pct);
        Counters counters = _counters;
        uint256 rewardAmount = _endMint(counters);
        uint256 stakedReward = (rewardAmount * pct) / 100;
        _mintOwnPart(rewardAmount - stakedReward);
        emit MintClaimed(msg.sender, rewardAmount);
        _openStake(counters.withMintEnded(), stakedReward, term);
    }

    /// @notice Locks `amount` of your tokens for `term` days at today's yearly yield: they are burned now and minted back when you withdraw.
    /// @dev Four cold slots, one of them new. The burn comes first because its balance check is XEN's first check.
    /// Errors: `ERC20InsufficientBalance`, `XRank_StakeNotAboveMinimum`, `XRank_StakeTermBelowMinimum`, `XRank_StakeTermAboveMaximum`,
    /// `XRank_StakeExists`, `Counters_StakedAboveMaximum`, `Counters_StakesExhausted`.
    function stake(uint256 amount, uint256 term) external {
        _burn(msg.sender, amount);
        _openStake(_counters, amount, term);
    }

    /// @notice Ends your stake: after its term you get the amount and its yield, before that the amount alone.
    /// @dev Four cold slots, one of them freed. Error: `XRank_NoStake`.
    function withdraw() external {
        Stake open = _stakes[msg.sender];
        uint256 reward = _stakeReward(msg.sender, open);
        uint256 amount = open.amount();
        _stakes[msg.sender] = NO_STAKE;
        _counters = _counters.withStakeEnded(amount);
        _mint(msg.sender, amount + reward);
        emit Withdrawn(msg.sender, amount, reward);
    }

    /// @notice Burns `amount` of `user`'s tokens through a contract that `user` allowed to spend them, and records it in `userBurns`.
    /// @dev Called by proof-of-burn contracts, never by a wallet. All effects come before `onTokenBurned`; as in XEN there is no guard, so the callback may
    /// call anything here, `burn` included, as far as balance and allowance reach.
    /// Errors: `XRank_BurnNotAboveMinimum`, `XRank_CallerNotBurnRedeemable`, `ERC20InsufficientAllowance`, `ERC20InsufficientBalance`, and whatever
    /// the callback reverts with.
    function burn(address user, uint256 amount) external {
        if (amount <= XEN_MIN_BURN) revert XRank_BurnNotAboveMinimum(amount, XEN_MIN_BURN);
        if (!_isBurnRedeemable(msg.sender)) revert XRank_CallerNotBurnRedeemable(msg.sender);
        _spendAllowance(user, msg.sender, amount);
        _burn(user, amount);
        userBurns[user] += amount;
        IBurnRedeemable(msg.sender).onTokenBurned(user, amount);
    }

    /// @notice Lets `spender` spend `addedValue` more of your tokens than before.
    /// @dev XEN inherits it from OpenZeppelin 4; the current one dropped it. Errors: Panic 0x11 where the sum overflows, `ERC20InvalidSpender`.
    function increaseAllowance(address spender, uint256 addedValue) external returns (bool) {
        _approve(msg.sender, spender, allowance(msg.sender, spender) + addedValue);
        return true;
    }

    /// @notice Lets `spender` spend `subtractedValue` less of your tokens than before.
    /// @dev XEN inherits it from OpenZeppelin 4; the current one dropped it. Errors: `XRank_AllowanceBelowDecrease`, `ERC20InvalidSpender`.
    function decreaseAllowance(address spender, uint256 subtractedValue) external returns (bool) {
        uint256 current = allowance(msg.sender, spender);
        if (current < subtractedValue) revert XRank_AllowanceBelowDecrease(spender, current, subtractedValue);
        unchecked {
            _approve(msg.sender, spender, current - subtractedValue);
        }
        return true;
    }

    // ------------------------------------------------------------------ views

    /// @notice What `claimMintReward` would give `account` in this block, in base units.
    /// @dev Two cold slots. Errors, those of the call: `XRank_NoMint`, `XRank_MintNotMature`.
    function previewMintReward(address account) external view returns (uint256) {
        return _mintReward(account, _mints[account], _counters.globalRank());
    }

    /// @notice The yield that `withdraw` would give `account` in this block beside the staked amount, in base units: zero until maturity has passed.
    /// @dev One cold slot. Error, that of the call: `XRank_NoStake`.
    function previewStakeReward(address account) external view returns (uint256) {
        return _stakeReward(account, _stakes[account]);
    }

    /// @notice The part of a mint reward, in percent, that is lost by ending it `daysLate` full days late: 0, 1, 3, 8, 17, 35, 72, then 99 for ever.
    function penaltyPct(uint256 daysLate) public pure returns (uint256) {
        if (daysLate >= WITHDRAWAL_WINDOW_DAYS) return MAX_PENALTY_PCT;
        unchecked {
            return (uint256(1) << (daysLate + 3)) / WITHDRAWAL_WINDOW_DAYS - 1;
        }
    }

    /// @notice The reward in whole tokens, before any penalty, of a mint that `rankDelta` ranks followed, with AMP `amplifier`, over `term` days, with
    /// `eaa` = 1,000 + the EAA in tenths of a percent.
    /// @dev ⌊log2(`rankDelta`) · `amplifier` · `term` · `eaa` / 1,000⌋ in signed 64.64 fixed point, operation by operation as XEN's code.
    /// Refuses without a reason, as XEN does, where ABDKMath64x64 does: `rankDelta` 0, an argument above 2^63 − 1, a product of 2^63 or more.
    function getGrossReward(
        uint256 rankDelta,
        uint256 amplifier,
        uint256 term,
        uint256 eaa
    ) public pure returns (uint256) {
        int128 log = rankDelta.fromUInt().log_2();
        int128 reward = log.mul(amplifier.fromUInt()).mul(term.fromUInt()).mul(eaa.fromUInt());
        return reward.div(uint256(1_000).fromUInt()).toUInt();
    }

    /// @notice The mint of `account`; all zero where there is none.
    function userMints(
        address account
    )
        external
        view
        returns (address user, uint256 term, uint256 maturityTs, uint256 rank, uint256 amplifier, uint256 eaaRate)
    {
        MintInfo memory info = _mintInfo(account);
        return (info.user, info.term, info.maturityTs, info.rank, info.amplifier, info.eaaRate);
    }

    /// @notice The stake of `account`; all zero where there is none.
    function userStakes(
        address account
    ) external view returns (uint256 term, uint256 maturityTs, uint256 amount, uint256 apy) {
        StakeInfo memory info = _stakeInfo(account);
        return (info.term, info.maturityTs, info.amount, info.apy);
    }

    /// @notice The caller's own mint; all zero where there is none.
    function getUserMint() external view returns (MintInfo memory) {
        return _mintInfo(msg.sender);
    }

    /// @notice The caller's own stake; all zero where there is none.
    function getUserStake() external view returns (StakeInfo memory) {
        return _stakeInfo(msg.sender);
    }

    /// @notice The next rank to be given.
    function globalRank() external view returns (uint256) {
        return _counters.globalRank();
    }

    /// @notice The number of open mints.
    function activeMinters() external view returns (uint256) {
        return _counters.activeMinters();
    }

    /// @notice The number of open stakes.
    function activeStakes() external view returns (uint256) {
        return _counters.activeStakes();
    }

    /// @notice The sum of all open stakes, in base units, yield not counted.
    function totalXenStaked() external view returns (uint256) {
        return _counters.totalXenStaked();
    }

    /// @notice The reward amplifier (AMP) that a rank claimed now would get.
    function getCurrentAMP() public view returns (uint256) {
        uint256 decrease = (block.timestamp - genesisTs) / SECONDS_IN_DAY;
        if (decrease >= REWARD_AMPLIFIER_START - REWARD_AMPLIFIER_END) return REWARD_AMPLIFIER_END;
        return REWARD_AMPLIFIER_START - decrease;
    }

    /// @notice The early adopter amplification (EAA) that a rank claimed now would get, in tenths of a percent.
    function getCurrentEAAR() external view returns (uint256) {
        return _eaaRate(_counters.globalRank());
    }

    /// @notice The yearly yield that a stake begun now would get, in percent.
    function getCurrentAPY() public view returns (uint256) {
        uint256 decrease = (block.timestamp - genesisTs) / (XEN_APY_DAYS_STEP * SECONDS_IN_DAY);
        if (decrease >= XEN_APY_START - XEN_APY_END) return XEN_APY_END;
        return XEN_APY_START - decrease;
    }

    /// @notice The longest mint term that a rank claimed now may choose, in seconds.
    function getCurrentMaxTerm() external view returns (uint256) {
        return _maxTermDays(_counters.globalRank()) * SECONDS_IN_DAY;
    }

    // -------------------------------------------------------------- internals

    /// @dev OpenZeppelin 5 logs an approval only where it is given; XEN logs it where it is spent as well, so allowances can be rebuilt from logs alone.
    function _approve(address owner, address spender, uint256 value, bool) internal override {
        super._approve(owner, spender, value, true);
    }

    /// @dev Ends the caller's mint; whoever calls this takes it off the counters.
    function _endMint(Counters counters) private returns (uint256 rewardAmount) {
        rewardAmount = _mintReward(msg.sender, _mints[msg.sender], counters.globalRank());
        _mints[msg.sender] = NO_MINT;
    }

    /// @dev What is left to the caller of a reward. Nothing left is logged, as XEN does, but does not touch the two slots that would stay as they are.
    function _mintOwnPart(uint256 amount) private {
        if (amount == 0) emit Transfer(address(0), msg.sender, 0);
        else _mint(msg.sender, amount);
    }

    /// @dev Opens a stake of the caller and writes `counters` back with it.
    function _openStake(Counters counters, uint256 amount, uint256 term) private {
        if (amount <= XEN_MIN_STAKE) revert XRank_StakeNotAboveMinimum(amount, XEN_MIN_STAKE);
        if (term < MIN_TERM_DAYS) revert XRank_StakeTermBelowMinimum(term, MIN_TERM_DAYS);
        if (term > MAX_TERM_END_DAYS) revert XRank_StakeTermAboveMaximum(term, MAX_TERM_END_DAYS);
        Stake open = _stakes[msg.sender];
        if (open.exists()) revert XRank_StakeExists(msg.sender, open.amount(), open.maturityTs());

        _counters = counters.withStakeOpened(amount);
        _stakes[msg.sender] = packStake(amount, block.timestamp + term * SECONDS_IN_DAY, term, getCurrentAPY());
        emit Staked(msg.sender, amount, term);
    }

    /// @dev The reward of `open`, a mint of `account`, in base units, with the penalty taken off in whole tokens and rounded down, as XEN's code does.
    function _mintReward(address account, Mint open, uint256 rank) private view returns (uint256) {
        if (!open.exists()) revert XRank_NoMint(account);
        uint256 maturityTs = open.maturityTs();
        if (block.timestamp <= maturityTs) revert XRank_MintNotMature(maturityTs, block.timestamp);
        uint256 rankDelta = Math.max(rank - open.rank(), 2);
        uint256 grossReward = getGrossReward(rankDelta, open.amplifier(), open.term(), 1_000 + open.eaaRate());
        uint256 penalty = penaltyPct((block.timestamp - maturityTs) / SECONDS_IN_DAY);
        return ((grossReward * (100 - penalty)) / 100) * 1 ether;
    }

    /// @dev The yield of `open`, a stake of `account`, in base units; both divisions round down, as XEN's code does.
    function _stakeReward(address account, Stake open) private view returns (uint256) {
        if (!open.exists()) revert XRank_NoStake(account);
        if (block.timestamp <= open.maturityTs()) return 0;
        uint256 rate = (open.apy() * open.term() * 1_000_000) / DAYS_IN_YEAR;
        return (open.amount() * rate) / 100_000_000;
    }

    /// @dev 100 + ⌊15 · log2(`rank`)⌋ days above the threshold, at most 1,000.
    function _maxTermDays(uint256 rank) private pure returns (uint256) {
        if (rank <= TERM_AMPLIFIER_THRESHOLD) return MAX_TERM_START_DAYS;
        uint256 extension = rank.fromUInt().log_2().mul(TERM_AMPLIFIER.fromUInt()).toUInt();
        return Math.min(MAX_TERM_START_DAYS + extension, MAX_TERM_END_DAYS);
    }

    /// @dev 100 − ⌊`rank` / 100,000⌋, not below zero: a step down at each full 100,000, as the source's brackets say and XEN's code does.
    function _eaaRate(uint256 rank) private pure returns (uint256) {
        return Math.saturatingSub(EAA_PM_START, (EAA_PM_STEP * rank) / EAA_RANK_STEP);
    }

    function _mintInfo(address account) private view returns (MintInfo memory) {
        Mint open = _mints[account];
        return
            MintInfo({
                user: open.exists() ? account : address(0),
                term: open.term(),
                maturityTs: open.maturityTs(),
                rank: open.rank(),
                amplifier: open.amplifier(),
                eaaRate: open.eaaRate()
            });
    }

    function _stakeInfo(address account) private view returns (StakeInfo memory) {
        Stake open = _stakes[account];
        return StakeInfo({term: open.term(), maturityTs: open.maturityTs(), amount: open.amount(), apy: open.apy()});
    }

    /// @dev Accepts exactly the callers that XEN accepts: the answer must be a well-formed `true`. All gas is forwarded, as there.
    function _isBurnRedeemable(address caller) private view returns (bool) {
        (bool success, bytes memory answer) = caller.staticcall(
            abi.encodeCall(IERC165.supportsInterface, (type(IBurnRedeemable).interfaceId))
        );
        return success && answer.length >= 32 && abi.decode(answer, (uint256)) == 1;
    }
}
