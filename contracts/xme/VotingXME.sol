// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {Stream, Streams} from "../common/Streams.sol";
import {EmissionVault} from "./EmissionVault.sol";
import {IXmexIncome} from "./interfaces/IIncome.sol";

/// @title vXME, XME staked for votes and dividends
/// @notice Stake XME one to one for votes that cannot be transferred and a share of XMEX income; it comes back seven days after you ask for it.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 4.1: "Community members can obtain vXME (voting power) by staking XME" and "holders
///      can receive XMEX rewards (staking rewards)".
///
///      Votes are OpenZeppelin's: ERC-5805 with checkpoints by timestamp (ERC-6372), so that a vote counts what was held before it, and XME lent
///      for one block counts for nothing. Choice: the first stake of an account without a delegate makes the account its own, because votes that
///      nobody switched on would be lost to the quorum. Whoever delegates to the zero address later is left so by further stakes, until all is
///      unstaked and a first stake comes again. `delegateBySig` takes signatures of plain accounts only, not of contracts (ERC-1271). Of ERC-20
///      there are the getters and `Transfer`, for wallets and explorers. Balances stand here and not in OpenZeppelin's ERC-20: next to what waits
///      and to the accumulator, the balance and the supply cost no slots of their own.
///
///      Leaving: XME asked back is no vXME any more. Votes and dividends stop with the request and the XME waits seven days, so that nobody votes
///      with XME that is about to be sold. Choice: one waiting amount for each account, and each further request starts the wait anew for all of
///      it, as for XP behind an agent; one slot and no list. `restake` takes the way back at any time.
///
///      Dividends: XMEX that arrives in one month streams evenly over the next to all vXME by what each account holds, whoever it delegates to
///      (`Streams`). Choice: a month is 30 days, counted from the Unix epoch. Income comes from anybody by `addXmexIncome` and, where this
///      contract is the drawer of a stream of the emission vault, from there: the first call of a month draws all that the stream has. A vault
///      that names another drawer, or cannot pay, gives nothing and stops nobody.
///
///      Limits, in the open: what is staked late earns its own seconds only, also of a month that others filled. While less than `MIN_UNITS` is
///      staked, it earns its part of `MIN_UNITS`, and the rest waits for the month after. What the vault holds while nobody calls streams only
///      after somebody does; `advance` is open to all. Nobody can stake for another account, since that would choose its delegate. There is no
///      owner, no role and no pause. XME or XMEX sent here by a plain transfer belongs to nobody and stays for ever.
///
///      Invariants: XME balance ≥ supply + Σ pending; XMEX balance ≥ Σ earned + `active` + `next` of `distribution()`; Σ votes ≤ supply. Both
///      tokens have no fees and no callbacks, so state is written before they move and no guard is needed.
contract VotingXME is IERC20Metadata, Votes, IXmexIncome {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;
    using Streams for Stream;

    /// @dev One slot, written by every stake and unstake: what one vXME has earned since the beginning, in wei × 1e27, and all vXME, in wei. The
    ///      accumulator begins at one, so that whoever staked before there was income has a slot that is not empty, and claims at the usual cost.
    struct Totals {
        uint128 accumulator;
        uint128 supply;
    }

    /// @dev Two slots: XMEX, in wei, earned until the accumulator stood at `accumulator` and not claimed; then XME, in wei, staked and waiting, and
    ///      the time, in seconds, from which what waits can be taken.
    struct Account {
        uint128 owed;
        uint128 accumulator;
        uint104 staked;
        uint104 pending;
        uint40 availableAt;
    }

    /// @notice The time, in seconds, over which the XMEX of one month streams in the next.
    /// @dev Choice: 30 days; calendar months would give some seconds a higher rate than others.
    uint256 public constant MONTH = 30 days;

    /// @notice The time, in seconds, from asking XME back to taking it.
    /// @dev Choice: as long as a vote of the governor is open, so that whoever asks XME back during a vote still has it here when the vote ends,
    ///      but for the two days at most by which a late quorum extends it.
    uint256 public constant UNSTAKE_DELAY = 7 days;

    /// @notice The least vXME, with 18 decimals, by which XMEX is divided.
    /// @dev Choice: 1,000, a millionth of all XME; a single wei staked can neither take a whole month's income nor make a number overflow.
    uint256 public constant MIN_UNITS = 1_000e18;

    /// @notice The token that is staked: XME.
    IERC20 public immutable xme;

    /// @notice The token that is earned: XMEX.
    IERC20 public immutable xmex;

    /// @notice The emission vault that XMEX is drawn from; zero where there is none.
    EmissionVault public immutable vault;

    /// @notice The stream of the emission vault that is drawn from.
    uint256 public immutable emissionStream;

    Stream private _income;
    Totals private _totals;
    mapping(address account => Account) private _accounts;

    /// @notice `account` staked `amount` of XME.
    event Staked(address indexed account, uint256 amount);

    /// @notice `account` asked `amount` of XME back, and can take it, with all that waited already, from `availableAt` on.
    event UnstakeRequested(address indexed account, uint256 amount, uint256 availableAt);

    /// @notice `account` staked `amount` of XME again, of what was waiting.
    event Restaked(address indexed account, uint256 amount);

    /// @notice `account` took `amount` of XME, all that was waiting, to `to`.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    /// @notice `account` took `amount` of XMEX, all that it had earned, to `to`.
    event Claimed(address indexed account, address indexed to, uint256 amount);

    /// @notice `from` gave `amount` of XMEX, which streams in the month after this one.
    event XmexIncomeAdded(address indexed from, uint256 amount);

    /// @notice Thrown at construction when XME's address holds no contract.
    error VotingXME_XmeHasNoCode(address xme);

    /// @notice Thrown at construction when XMEX's address holds no contract.
    error VotingXME_XmexHasNoCode(address xmex);

    /// @notice Thrown at construction when XME and XMEX are the same, so that dividends would be paid from the stake.
    error VotingXME_TokensAreTheSame(address token);

    /// @notice Thrown at construction when the emission vault's address is not zero and holds no contract.
    error VotingXME_VaultHasNoCode(address vault);

    /// @notice Thrown at construction when the emission vault releases another token than XMEX.
    error VotingXME_VaultReleasesAnotherToken(address vault, address token);

    /// @notice Thrown at construction for a stream that the emission vault does not have.
    error VotingXME_UnknownEmissionStream(uint256 emissionStream);

    /// @notice Thrown when vXME would be transferred or approved; only XME that was unstaked can move.
    error VotingXME_NotTransferable();

    /// @notice Thrown when no XME is named.
    error VotingXME_AmountIsZero();

    /// @notice Thrown when more is asked back than `account` has staked.
    error VotingXME_AboveStaked(address account, uint256 amount, uint256 staked);

    /// @notice Thrown when more is staked again than `account` has waiting.
    error VotingXME_AbovePending(address account, uint256 amount, uint256 pending);

    /// @notice Thrown when `account` has nothing waiting; start with `requestUnstake`.
    error VotingXME_NothingPending(address account);

    /// @notice Thrown when XME is taken before `availableAt`.
    error VotingXME_StillWaiting(address account, uint256 availableAt, uint256 blockTime);

    /// @notice Thrown when `account` has earned nothing since it last claimed.
    error VotingXME_NothingEarned(address account);

    /// @notice Thrown when a token would be taken to this contract itself, where it would be nobody's.
    error VotingXME_RecipientIsVotingXME();

    /// @dev All four are fixed for ever. `vault_` may be zero, and `emissionStream_` then means nothing; else governance makes this contract the
    ///      stream's drawer, before or after, and may name another later.
    ///      Reverts with `VotingXME_XmeHasNoCode`, `VotingXME_XmexHasNoCode`, `VotingXME_TokensAreTheSame`, `VotingXME_VaultHasNoCode`,
    ///      `VotingXME_VaultReleasesAnotherToken` and `VotingXME_UnknownEmissionStream`.
    constructor(
        IERC20 xme_,
        IERC20 xmex_,
        EmissionVault vault_,
        uint256 emissionStream_
    ) EIP712("X.me Voting Power", "1") {
        if (address(xme_).code.length == 0) revert VotingXME_XmeHasNoCode(address(xme_));
        if (address(xmex_).code.length == 0) revert VotingXME_XmexHasNoCode(address(xmex_));
        if (address(xme_) == address(xmex_)) revert VotingXME_TokensAreTheSame(address(xme_));
        if (address(vault_) != address(0)) {
            if (address(vault_).code.length == 0) revert VotingXME_VaultHasNoCode(address(vault_));
            address released = address(vault_.token());
            if (released != address(xmex_)) revert VotingXME_VaultReleasesAnotherToken(address(vault_), released);
            if (emissionStream_ >= vault_.STREAMS()) revert VotingXME_UnknownEmissionStream(emissionStream_);
        }
        xme = xme_;
        xmex = xmex_;
        vault = vault_;
        emissionStream = emissionStream_;
        _income.last = block.timestamp.toUint40();
        _totals.accumulator = 1;
    }

    /// @notice Stakes `amount` of your XME for as much vXME; only you can take it back, seven days after you ask for it with `requestUnstake`.
    /// @dev In wei. Needs an allowance. What is waiting already goes on waiting. Cost: four slots here, those of OpenZeppelin's checkpoints, the
    ///      token's transfer, and in the first call of a month the vault's draw.
    ///      Reverts with `VotingXME_AmountIsZero`, `SafeCastOverflowedUintDowncast` above 2^104 wei and the token's own errors.
    function stake(uint256 amount) external {
        _stake(amount);
    }

    /// @notice Stakes `amount` of your XME as `stake` does, with your signature in place of an allowance.
    /// @dev The signature is an ERC-2612 permit for exactly `amount`. Somebody else may have used it already, which does no harm: only the
    ///      allowance counts. Reverts as `stake`.
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        try IERC20Permit(address(xme)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(amount);
    }

    /// @notice Asks `amount` of your XME back: its votes and dividends end now, it can be taken in seven days, and the wait starts anew for all of
    ///         yours that waits.
    /// @dev In wei. Always open to the holder; what was earned stays to be claimed. Cost: as `stake`, without the transfer.
    ///      Reverts with `VotingXME_AmountIsZero` and `VotingXME_AboveStaked`.
    function requestUnstake(uint256 amount) external {
        if (amount == 0) revert VotingXME_AmountIsZero();
        Account storage account = _accounts[msg.sender];
        uint256 staked = account.staked;
        if (amount > staked) revert VotingXME_AboveStaked(msg.sender, amount, staked);

        _settle(account);
        uint256 availableAt = block.timestamp + UNSTAKE_DELAY;
        account.staked = (staked - amount).toUint104();
        account.pending = (account.pending + amount).toUint104();
        account.availableAt = availableAt.toUint40();
        _totals.supply = (_totals.supply - amount).toUint128();
        emit UnstakeRequested(msg.sender, amount, availableAt);
        emit Transfer(msg.sender, address(0), amount);
        _transferVotingUnits(msg.sender, address(0), amount);
    }

    /// @notice Stakes `amount` of your XME that waits again; it votes and earns from now on.
    /// @dev In wei, whether the wait is over or not; the rest goes on waiting as before. Cost: as `requestUnstake`.
    ///      Reverts with `VotingXME_AmountIsZero` and `VotingXME_AbovePending`.
    function restake(uint256 amount) external {
        if (amount == 0) revert VotingXME_AmountIsZero();
        Account storage account = _accounts[msg.sender];
        uint256 pending = account.pending;
        if (amount > pending) revert VotingXME_AbovePending(msg.sender, amount, pending);

        _settle(account);
        account.pending = (pending - amount).toUint104();
        if (amount == pending) account.availableAt = 0;
        emit Restaked(msg.sender, amount);
        _mint(account, amount);
    }

    /// @notice Takes all of your XME that has waited seven days to `to`.
    /// @dev Returns the `amount`, in wei, that `previewWithdraw` says in the same block. Possible from the second `availableAt` on, for ever.
    ///      Cost: one cold slot and the token's transfer.
    ///      Reverts with `VotingXME_RecipientIsVotingXME`, `VotingXME_NothingPending`, `VotingXME_StillWaiting` and the token's own errors.
    function withdraw(address to) external returns (uint256 amount) {
        if (to == address(this)) revert VotingXME_RecipientIsVotingXME();
        Account storage account = _accounts[msg.sender];
        amount = account.pending;
        uint256 availableAt = account.availableAt;
        if (amount == 0) revert VotingXME_NothingPending(msg.sender);
        if (block.timestamp < availableAt) revert VotingXME_StillWaiting(msg.sender, availableAt, block.timestamp);

        account.pending = 0;
        account.availableAt = 0;
        emit Withdrawn(msg.sender, to, amount);
        xme.safeTransfer(to, amount);
    }

    /// @notice Takes all XMEX that you have earned to `to`.
    /// @dev Returns the `amount`, in wei, that `previewClaim` says in the same block; rounds down, and never expires. Cost: three slots here and
    ///      one read, the token's transfer, and in the first call of a month the vault's draw.
    ///      Reverts with `VotingXME_RecipientIsVotingXME`, `VotingXME_NothingEarned` and the token's own errors.
    function claim(address to) external returns (uint256 amount) {
        if (to == address(this)) revert VotingXME_RecipientIsVotingXME();
        Account storage account = _accounts[msg.sender];
        amount = _settle(account);
        if (amount == 0) revert VotingXME_NothingEarned(msg.sender);

        account.owed = 0;
        emit Claimed(msg.sender, to, amount);
        xmex.safeTransfer(to, amount);
    }

    /// @inheritdoc IXmexIncome
    /// @dev Anybody may; zero is allowed, so that nobody who splits a payment need look for it. Cost: two slots here and the token's transfer.
    ///      Reverts with `SafeCastOverflowedUintDowncast` above 2^104 wei and the token's own errors.
    function addXmexIncome(uint256 amount) external {
        _advance(amount);
        emit XmexIncomeAdded(msg.sender, amount);
        xmex.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Brings the dividends up to now and, in the first call of a month, draws from the emission vault.
    /// @dev Every stake, unstake, claim and income does the same first; this is for a month in which there is none. Anybody may; twice in a month
    ///      does nothing that once does not. Cost: two slots here, and the vault's draw. Never reverts.
    function advance() external {
        _advance(0);
    }

    /// @notice XMEX, in wei, that `account` has earned and not claimed.
    /// @dev Rounds down.
    function earned(address account) public view returns (uint256) {
        (, uint256 accumulator) = _advanced();
        return _earned(_accounts[account], accumulator);
    }

    /// @notice XMEX, in wei, that `claim` would send `account` now.
    function previewClaim(address account) external view returns (uint256) {
        return earned(account);
    }

    /// @notice XME, in wei, that `withdraw` would send `account` now.
    function previewWithdraw(address account) external view returns (uint256) {
        Account storage holder = _accounts[account];
        return block.timestamp < holder.availableAt ? 0 : holder.pending;
    }

    /// @notice XME, in wei, of `account` that waits, and the time, in seconds, from which it can be taken.
    /// @dev `availableAt` is zero where nothing waits.
    function pendingUnstake(address account) external view returns (uint256 amount, uint256 availableAt) {
        Account storage holder = _accounts[account];
        return (holder.pending, holder.availableAt);
    }

    /// @notice XMEX, in wei, that has yet to stream this month, `active`, at `perSecond` until `endsAt`, and in the month after it, `next`.
    /// @dev `perSecond` rounds down; it is for all holders together and for no fewer than `MIN_UNITS` of vXME. `next` knows nothing of what the
    ///      emission vault would give.
    function distribution() external view returns (uint256 active, uint256 next, uint256 perSecond, uint256 endsAt) {
        (Stream memory income, ) = _advanced();
        endsAt = (block.timestamp / MONTH + 1) * MONTH;
        return (income.active, income.next, income.active / (endsAt - block.timestamp), endsAt);
    }

    /// @notice The name that wallets show.
    function name() external pure returns (string memory) {
        return "X.me Voting Power";
    }

    /// @notice The symbol that wallets show.
    function symbol() external pure returns (string memory) {
        return "vXME";
    }

    /// @notice The decimals of vXME, those of XME.
    function decimals() external pure returns (uint8) {
        return 18;
    }

    /// @notice All vXME, in wei, which is all XME that is staked and not asked back.
    function totalSupply() external view returns (uint256) {
        return _totals.supply;
    }

    /// @notice The vXME, in wei, of `account`, which earns dividends whoever votes with it.
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account].staked;
    }

    /// @notice Zero, because nobody can be allowed to transfer vXME.
    function allowance(address, address) external pure returns (uint256) {
        return 0;
    }

    /// @notice Refuses: vXME cannot be transferred.
    /// @dev Always reverts with `VotingXME_NotTransferable`.
    function transfer(address, uint256) external pure returns (bool) {
        revert VotingXME_NotTransferable();
    }

    /// @notice Refuses: vXME cannot be transferred.
    /// @dev Always reverts with `VotingXME_NotTransferable`.
    function transferFrom(address, address, uint256) external pure returns (bool) {
        revert VotingXME_NotTransferable();
    }

    /// @notice Refuses: vXME cannot be transferred, so nobody can be allowed to.
    /// @dev Always reverts with `VotingXME_NotTransferable`.
    function approve(address, uint256) external pure returns (bool) {
        revert VotingXME_NotTransferable();
    }

    /// @notice The time, in seconds, by which votes are counted.
    function clock() public view override returns (uint48) {
        return block.timestamp.toUint48();
    }

    /// @notice Says that votes are counted by time, in the words of ERC-6372.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice The account that votes with the vXME of `account`; zero where nobody does.
    /// @dev The zero address, which OpenZeppelin asks for whenever votes come or go, has none: that needs no slot.
    function delegates(address account) public view override returns (address) {
        return account == address(0) ? address(0) : super.delegates(account);
    }

    function _stake(uint256 amount) private {
        if (amount == 0) revert VotingXME_AmountIsZero();
        Account storage account = _accounts[msg.sender];
        _settle(account);
        emit Staked(msg.sender, amount);
        _mint(account, amount);
        xme.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Gives the caller, whose `account` is settled, `amount` of vXME, in wei. A delegate is chosen before there are votes, which move once.
    function _mint(Account storage account, uint256 amount) private {
        uint256 staked = account.staked;
        if (staked == 0 && delegates(msg.sender) == address(0)) _delegate(msg.sender, msg.sender);
        account.staked = (staked + uint256(amount.toUint104())).toUint104();
        _totals.supply = (_totals.supply + amount).toUint128();
        emit Transfer(address(0), msg.sender, amount);
        _transferVotingUnits(address(0), msg.sender, amount);
    }

    /// @dev Writes down what the caller has earned until now, and returns it; before anything that changes the caller's vXME.
    function _settle(Account storage account) private returns (uint256 owed) {
        uint256 accumulator = _advance(0);
        owed = _earned(account, accumulator);
        account.owed = owed.toUint128();
        account.accumulator = accumulator.toUint128();
    }

    /// @dev Brings the stream to now, adds `amount`, in wei, and what the vault gives, and returns the accumulator. The draw comes before the
    ///      writes, whose cost is more than the 64th of the gas that a draw without enough of it would leave: nobody can make it fail on purpose.
    function _advance(uint256 amount) private returns (uint256 accumulator) {
        Stream memory income;
        (income, accumulator) = _advanced();
        if (_income.last / MONTH != block.timestamp / MONTH) amount += _draw();
        income.add(amount);
        _income = income;
        _totals.accumulator = accumulator.toUint128();
    }

    /// @dev What the vault gives, in wei; zero where it has nothing, gives to another drawer, or cannot pay.
    function _draw() private returns (uint256) {
        if (address(vault) == address(0) || vault.drawerOf(emissionStream) != address(this)) return 0;
        try vault.drawAvailable(emissionStream, address(this)) returns (uint256 amount) {
            if (amount != 0) emit XmexIncomeAdded(address(vault), amount);
            return amount;
        } catch {
            return 0;
        }
    }

    function _advanced() private view returns (Stream memory income, uint256 accumulator) {
        Totals storage totals = _totals;
        (Stream memory now_, uint256 growth, uint256 growthAfter) = _income.advanced(
            block.timestamp,
            MONTH,
            totals.supply,
            MIN_UNITS
        );
        return (now_, totals.accumulator + growth + growthAfter);
    }

    function _earned(Account storage account, uint256 accumulator) private view returns (uint256) {
        return account.owed + Streams.earned(account.staked, accumulator - account.accumulator);
    }

    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _accounts[account].staked;
    }
}
