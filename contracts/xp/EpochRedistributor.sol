// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IEpochPredecessor} from "./interfaces/IEpochPredecessor.sol";
import {IEpochRedistributor} from "./interfaces/IEpochRedistributor.sol";
import {IXP} from "./interfaces/IXP.sol";
import {EpochAccount, EpochState} from "./types/EpochAccount.sol";
import {EpochClaim} from "./types/EpochClaim.sol";
import {EpochSums} from "./types/EpochSums.sol";
import {EpochWork, RATE_ONE} from "./types/EpochWork.sol";

/// @title Epoch redistributor, the turn of the flywheel
/// @notice Pays each week's XP to the agents that worked in it: what was burned before, and in the first year what starts the wheel.
/// @dev XP Flywheel, "XP Distribution Formula" and "The Burn-Redistribute Cycle": what was burned in week 1 is redistributed in week 2 "based on
///      value creation". The pool of an epoch is all XP that may exist by then and does not: S(epoch) + burned before it − minted so far. So
///      nothing is ever lost: what an epoch does not pay is in the pool of the next.
///
///      The source's shares do not sum to one and call themselves parts "of total pool", so what is released has four parts, each shared out
///      in full. Choice: every score is weighted by the fees paid, since scores alone would pay most of it to whoever registers most agents:
///
///          xp = min(κ × f, released × (40 % × f / Σf + 30 % × f·s / Σ(f·s) + 20 % × f·d / Σ(f·d) + 10 % × f·t / Σ(f·t)))
///          f  fees paid in the epoch        s  accepted / (settled + 1,000) volume in the epoch
///          d  clients, ten at most          t  trust at the time of each fee
///
///      An epoch costs nothing while nothing happens in it. Its first record fixes its pool, after finalising the one before that had any: a
///      keeper is not needed, and idle epochs, late claims and their order change nothing. At most one epoch is open at any time.
///
///      Rounding: all down, in the pool's favour. What the cap and the rounding withhold stays here until the epoch expires, is then burned,
///      and so returns to the pool.
///
///      Limits, in the open:
///      – Above a price of 1 / κ, 0.05 payment units for each XP at first, paying fees for pretended work is a way to buy XP; below, it loses.
///      – An agent's failures weigh on its own success and trust only. Moved to a second identity they let the success part grow by failed /
///        (accepted + 1,000) and the trust part by up to failed / accepted, never above κ × fees. docs/xp.md has the numbers.
///      – Success and clients are an epoch's. Work of several weeks that is settled in one is measured together, which can earn more.
///      – A release that XP refuses to mint is lost to that epoch's agents: it stays in the pool. Only governance can bring that about, by taking
///        away the right to mint while an epoch is open; an epoch that waited for the right instead would stop all later ones.
///      – A replaced redistributor keeps its right to mint until `openEpoch` is zero. It must not be recorded into again: its pool would not
///        know of its successor's open epoch. Going back means another successor.
///      – Whoever else may mint XP takes from the pools, and whoever mints while an epoch is open from that one's release at the most.
///      – A record that does not fit is refused, and the market goes on without it: an epoch holds fees, an agent's epoch volume, up to 2^96 − 1.
///      – XP sent here by a plain transfer stays for ever.
///
///      Invariants: supply ≤ S(epoch) ≤ 100,000,000 XP where nobody else mints; released ≤ min(pool, κ × Σf); what an agent gets ≤ κ × its fees;
///      claimed + burned at expiry + remaining = released; the balance covers all that remains.
///
///      XP, registry and predecessor are this project's and call nobody back; state is written before they are called, so no guard is needed.
contract EpochRedistributor is IEpochPredecessor, AccessManaged {
    using SafeCast for uint256;

    /// @dev What a client paid an agent in the latest epoch in which it did, as far as it was needed to know whether it counts.
    struct ClientFees {
        uint48 epoch;
        uint96 fees;
    }

    /// @notice The epochs over which what may exist grows to the maximum.
    /// @dev Choice: a year. A flywheel that starts with no XP has nothing to burn.
    uint256 public constant BOOTSTRAP_EPOCHS = 52;

    /// @notice Volume, in whole payment units, that counts as settled from the start of every agent's epoch.
    /// @dev Choice: so that one small job does not make a perfect success rate, and failures moved to a second identity win little.
    uint256 public constant PRIOR_VOLUME = 1_000;

    /// @notice Fees, in whole payment units, that a client must have paid to an agent in an epoch to count among its clients.
    /// @dev Choice: a client that is pretended costs at least this.
    uint256 public constant CLIENT_FEE_FLOOR = 1;

    /// @notice The clients in an epoch beyond which more do not count.
    /// @dev Choice: the source divides by the average over all agents, which dust agents would lower at will; a target cannot be moved.
    uint256 public constant CLIENT_TARGET = 10;

    /// @notice The highest trust, with 18 decimals, that a record can have.
    /// @dev Source, "Trust Score Calculation": "Max 100".
    uint256 public constant MAX_TRUST_WAD = 100e18;

    /// @notice XP, in wei, for each whole payment unit of fee that an epoch releases and an agent earns at the most, at deployment.
    /// @dev Source: 250 of fees earn 5,000 XP, and 375 earn 7,500.
    uint256 public constant INITIAL_KAPPA = 20e18;

    /// @notice The most XP, in wei, for each whole payment unit of fee that governance can set.
    /// @dev Choice: fifty times the source's.
    uint256 public constant MAX_KAPPA = 1_000e18;

    /// @notice The epochs after which what was not claimed may be burned.
    /// @dev Choice: a year.
    uint256 public constant EXPIRY_EPOCHS = 52;

    /// @notice Gas that minting a release gets, whatever it takes.
    /// @dev Choice: twice what the first mint takes, and so little that a record that loses it all still ends within what the market gives. It
    ///      must be there, so that nobody can make a mint fail by sending too little.
    uint256 public constant MINT_GAS = 150_000;

    /// @dev What passes between the check of the gas and the call that needs it.
    uint256 private constant CALL_RESERVE = 10_000;

    /// @dev n(105 − n) at its end.
    uint256 private constant BOOTSTRAP_DIVISOR = 2_756;

    /// @dev From trust, 100e18 at the most, to a rate.
    uint256 private constant TRUST_DIVISOR = MAX_TRUST_WAD / RATE_ONE;

    /// @notice The token that is redistributed, which also keeps the epochs.
    IXP public immutable xp;

    /// @notice The only account that records settled jobs: the service market.
    address public immutable market;

    /// @notice The registry that says whose an agent is.
    IAgentRegistry public immutable registry;

    /// @notice The redistributor that this one replaces; zero where there is none.
    IEpochPredecessor public immutable predecessor;

    /// @notice One whole unit of the token that jobs are paid in.
    uint256 public immutable paymentUnit;

    uint256 private immutable _maxSupply;

    /// @notice XP, in wei, for each whole payment unit of fee, that epochs opened from now on release at the most.
    uint72 public kappa;

    /// @dev The last epoch with a record, in one slot with `kappa`; zero where there is none.
    uint48 private _latestEpoch;

    mapping(uint256 epoch => EpochAccount account) private _accounts;

    mapping(uint256 epoch => EpochSums sums) private _sums;

    mapping(uint256 epoch => mapping(uint256 agentId => EpochWork work)) private _works;

    /// @dev Kept over epochs, so that a client met again costs no new slot.
    mapping(uint256 agentId => mapping(address client => ClientFees paid)) private _clientFees;

    /// @notice The first job of `epoch` was recorded: `pool` of XP, in wei, is what it may release, `kappa` in wei for each unit of fee the most.
    event EpochOpened(uint256 indexed epoch, uint256 pool, uint256 kappa);

    /// @notice The market settled a job of `agentId` for `client`, of `volume` and `fee` in payment units; `fee` is zero where it failed.
    event Recorded(
        uint256 indexed epoch,
        uint256 indexed agentId,
        address indexed client,
        uint256 volume,
        uint256 fee,
        uint256 trustWad
    );

    /// @notice `epoch` is over and `released` of XP, in wei, was minted for its agents, out of its `pool`.
    event EpochFinalised(uint256 indexed epoch, uint256 pool, uint256 released);

    /// @notice XP refused to mint `amount`, in wei, for `epoch`, which so releases nothing; the pool of the next epoch has it.
    event ReleaseRefused(uint256 indexed epoch, uint256 amount);

    /// @notice `amount` of XP, in wei, that `agentId` earned in `epoch` was paid to `to`.
    event Claimed(uint256 indexed agentId, uint256 indexed epoch, address indexed to, uint256 amount);

    /// @notice `burned` of XP, in wei, that nobody claimed for `epoch` was destroyed and is in the next pool.
    event EpochExpired(uint256 indexed epoch, uint256 burned);

    /// @notice Epochs opened from now on release `kappa` of XP at the most, in wei for each unit of fee, instead of `previousKappa`.
    event KappaChanged(uint256 previousKappa, uint256 kappa);

    /// @notice Thrown at construction when an address that must be a contract's holds none.
    error EpochRedistributor_HasNoCode(address account);

    /// @notice Thrown at construction when the payment token does not say its decimals.
    error EpochRedistributor_NoDecimals(address token);

    /// @notice Thrown at construction when the payment token has more than `maximum` decimals.
    error EpochRedistributor_TooManyDecimals(uint256 decimals, uint256 maximum);

    /// @notice Thrown when anybody but the market records a job.
    error EpochRedistributor_NotMarket(address caller);

    /// @notice Thrown when a record's trust is above 100.
    error EpochRedistributor_TrustAboveMaximum(uint256 trustWad, uint256 maximum);

    /// @notice Thrown when a job's volume does not fit beside what the agent has settled in the epoch.
    error EpochRedistributor_TooMuchVolume(uint256 agentId, uint256 settledVolume, uint256 volume);

    /// @notice Thrown when a job's fee does not fit beside the fees of the epoch.
    error EpochRedistributor_TooMuchFees(uint256 epoch, uint256 fees, uint256 fee);

    /// @notice Thrown when the redistributor that this one replaces still records `epoch`, so that this one must wait for the next.
    error EpochRedistributor_PredecessorStillOpen(uint256 epoch);

    /// @notice Thrown when a transaction brings less gas than minting might need.
    error EpochRedistributor_TooLittleGas(uint256 gasLeft, uint256 needed);

    /// @notice Thrown when anybody but the agent's owner or an account approved for it claims.
    error EpochRedistributor_NotAuthorized(uint256 agentId, address caller);

    /// @notice Thrown when XP would be claimed to the redistributor itself, where it would stay for ever.
    error EpochRedistributor_RecipientIsRedistributor();

    /// @notice Thrown when an agent earned nothing in an epoch, or has been paid.
    error EpochRedistributor_NothingToClaim(uint256 agentId, uint256 epoch);

    /// @notice Thrown when what is asked for has to wait for the end of `epoch`.
    error EpochRedistributor_EpochNotOver(uint256 epoch, uint256 currentEpoch);

    /// @notice Thrown when what was left of `epoch` has been burned.
    error EpochRedistributor_EpochExpired(uint256 epoch);

    /// @notice Thrown when `epoch` can be claimed from for longer.
    error EpochRedistributor_NotYetExpired(uint256 epoch, uint256 expiresInEpoch);

    /// @notice Thrown when nothing was recorded in `epoch`.
    error EpochRedistributor_NothingRecorded(uint256 epoch);

    /// @notice Thrown when governance asks for more than `maximum`.
    error EpochRedistributor_KappaAboveMaximum(uint256 kappa, uint256 maximum);

    /// @dev `predecessor_` is zero for the first redistributor. `paymentToken` is the market's, `initialAuthority` the flywheel's access manager,
    ///      which must also let this contract mint. Reverts with `EpochRedistributor_HasNoCode`, `EpochRedistributor_NoDecimals` and
    ///      `EpochRedistributor_TooManyDecimals`.
    constructor(
        IXP xp_,
        address market_,
        IAgentRegistry registry_,
        IEpochPredecessor predecessor_,
        IERC20Metadata paymentToken,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        _requireCode(address(xp_));
        _requireCode(market_);
        _requireCode(address(registry_));
        if (address(predecessor_) != address(0)) _requireCode(address(predecessor_));
        _requireCode(address(paymentToken));
        _requireCode(initialAuthority);
        xp = xp_;
        market = market_;
        registry = registry_;
        predecessor = predecessor_;
        paymentUnit = 10 ** _decimalsOf(paymentToken);
        _maxSupply = xp_.MAX_SUPPLY();
        kappa = uint72(INITIAL_KAPPA);
        emit KappaChanged(0, INITIAL_KAPPA);
    }

    /// @inheritdoc IEpochRedistributor
    /// @dev Only the market. Adds to the agent's terms and to the sums: both of two slots, and one of the client's until it counts or ten others
    ///      do. A failed job changes the success of all its fees in the epoch, so the old terms are taken out and the new ones put in.
    ///      An epoch's first record opens it, after finalising the one before. The client of a failed job does not count.
    ///      Reverts with `EpochRedistributor_NotMarket`, `EpochRedistributor_TrustAboveMaximum`, `EpochRedistributor_TooMuchVolume`,
    ///      `EpochRedistributor_TooMuchFees`, `EpochRedistributor_PredecessorStillOpen` and `EpochRedistributor_TooLittleGas`.
    function record(uint256 agentId, address client, uint256 volume, uint256 fee, uint256 trustWad) external {
        if (msg.sender != market) revert EpochRedistributor_NotMarket(msg.sender);
        if (trustWad > MAX_TRUST_WAD) revert EpochRedistributor_TrustAboveMaximum(trustWad, MAX_TRUST_WAD);
        uint256 epoch = xp.currentEpoch();
        if (_accounts[epoch].state == EpochState.Unopened) _open(epoch);

        EpochWork memory work = _works[epoch][agentId];
        EpochSums memory sums = _sums[epoch];
        if (volume > type(uint96).max - work.settledVolume) {
            revert EpochRedistributor_TooMuchVolume(agentId, work.settledVolume, volume);
        }
        if (fee > type(uint96).max - sums.fees) revert EpochRedistributor_TooMuchFees(epoch, sums.fees, fee);

        uint256 priorVolume = _priorVolume();
        sums.remove(work, priorVolume);
        work.settledVolume += uint96(volume);
        if (fee != 0) {
            work.acceptedVolume += uint96(volume);
            work.fees += uint96(fee);
            work.feesByTrust += uint136(fee * (trustWad / TRUST_DIVISOR));
            if (work.clients < CLIENT_TARGET && _reachesFloor(agentId, client, epoch, fee)) work.clients++;
        }
        sums.add(work, priorVolume);
        _works[epoch][agentId] = work;
        _sums[epoch] = sums;
        emit Recorded(epoch, agentId, client, volume, fee, trustWad);
    }

    /// @inheritdoc IEpochRedistributor
    /// @dev Open to anybody and never needed: the next record and the first claim do it too. Where nothing was recorded here yet, it finalises
    ///      the predecessor. Reverts with `EpochRedistributor_TooLittleGas`.
    function finalise() external {
        uint256 latest = _latestEpoch;
        if (latest == 0) {
            if (address(predecessor) != address(0)) predecessor.finalise();
        } else if (_accounts[latest].state == EpochState.Open && latest < xp.currentEpoch()) {
            _finalise(latest);
        }
    }

    /// @notice Sends the XP that `agentId` earned in `epoch` to `to`; its owner of now may, and whom that one approved for it.
    /// @dev Returns the `amount` in wei. Once, any time after the end of the epoch and until it expires; in any order, and what others claim changes
    ///      nothing. Frees the agent's two slots. Cost: four cold slots here, then registry and token. The first claim of an epoch may also have
    ///      to finalise it. Reverts with `EpochRedistributor_NotAuthorized`, `EpochRedistributor_RecipientIsRedistributor`,
    ///      `EpochRedistributor_EpochNotOver`, `EpochRedistributor_EpochExpired`, `EpochRedistributor_NothingToClaim`,
    ///      `EpochRedistributor_TooLittleGas`, ERC-721's `ERC721NonexistentToken` and the token's own errors.
    function claim(uint256 agentId, uint256 epoch, address to) external returns (uint256 amount) {
        if (to == address(this)) revert EpochRedistributor_RecipientIsRedistributor();
        amount = _claim(agentId, epoch, to);
        xp.transfer(to, amount);
    }

    /// @notice Sends the XP of all `claims`, of any of your agents and epochs, to `to`.
    /// @dev Returns their sum, `amount`, in wei. All or none: the first that cannot be paid reverts, also one that is in the list twice. Does
    ///      nothing for an empty list. Reverts as `claim`.
    function claimMany(EpochClaim[] calldata claims, address to) external returns (uint256 amount) {
        if (to == address(this)) revert EpochRedistributor_RecipientIsRedistributor();
        for (uint256 i = 0; i < claims.length; i++) amount += _claim(claims[i].agentId, claims[i].epoch, to);
        if (amount != 0) xp.transfer(to, amount);
    }

    /// @notice Burns what nobody claimed for `epoch` in the 52 epochs after it, so that it returns to the pool.
    /// @dev Open to anybody. Returns what was `burned`, in wei; it counts as burned now, so the next epoch that opens has it. Claims are paid
    ///      until somebody calls this. Reverts with `EpochRedistributor_NothingRecorded`, `EpochRedistributor_EpochExpired`,
    ///      `EpochRedistributor_NotYetExpired` and `EpochRedistributor_TooLittleGas`.
    function expire(uint256 epoch) external returns (uint256 burned) {
        EpochState state = _accounts[epoch].state;
        if (state == EpochState.Unopened) revert EpochRedistributor_NothingRecorded(epoch);
        if (state == EpochState.Expired) revert EpochRedistributor_EpochExpired(epoch);
        uint256 expiresIn = epoch + EXPIRY_EPOCHS + 1;
        if (xp.currentEpoch() < expiresIn) revert EpochRedistributor_NotYetExpired(epoch, expiresIn);
        if (state == EpochState.Open) _finalise(epoch);
        burned = _accounts[epoch].remaining;
        _accounts[epoch].remaining = 0;
        _accounts[epoch].state = EpochState.Expired;
        emit EpochExpired(epoch, burned);
        if (burned != 0) xp.burn(burned);
    }

    /// @notice XP, in wei, that claiming for `agentId` and `epoch` would pay now; zero where it would revert.
    /// @dev Also right where the epoch has yet to be finalised; it then supposes that this contract may mint.
    function previewClaim(uint256 agentId, uint256 epoch) external view returns (uint256) {
        EpochState state = _accounts[epoch].state;
        if (state == EpochState.Open && epoch >= xp.currentEpoch()) return 0;
        return _earned(agentId, epoch, _releasedOf(epoch));
    }

    /// @notice XP, in wei, that `agentId` would have earned in the running epoch if that ended now; every further job of anybody changes it.
    function estimateOf(uint256 agentId) external view returns (uint256) {
        uint256 epoch = xp.currentEpoch();
        return _earned(agentId, epoch, _releasedOf(epoch));
    }

    /// @notice XP, in wei, that the running epoch can release: its pool, or what that would be if its first job were recorded now.
    function runningPool() external view returns (uint256) {
        uint256 epoch = xp.currentEpoch();
        return
            _accounts[epoch].state == EpochState.Unopened
                ? _poolOf(epoch, pendingRelease())
                : _accounts[epoch].remaining;
    }

    /// @inheritdoc IEpochPredecessor
    function openEpoch() external view returns (uint256) {
        uint256 latest = _latestEpoch;
        if (latest == 0) return address(predecessor) == address(0) ? 0 : predecessor.openEpoch();
        return _accounts[latest].state == EpochState.Open ? latest : 0;
    }

    /// @inheritdoc IEpochPredecessor
    function pendingRelease() public view returns (uint256) {
        uint256 latest = _latestEpoch;
        if (latest == 0) return address(predecessor) == address(0) ? 0 : predecessor.pendingRelease();
        bool due = _accounts[latest].state == EpochState.Open && latest < xp.currentEpoch();
        return due ? _releasedOf(latest) : 0;
    }

    /// @notice The most XP, in wei, that may exist by `epoch`.
    /// @dev S = 1e26 × n(105 − n) / 2,756 with n = min(epoch, 52), rounded down. Choice: it grows by less every week, and by nothing after a year.
    function fundedBy(uint256 epoch) public view returns (uint256) {
        uint256 n = Math.min(epoch, BOOTSTRAP_EPOCHS);
        return (_maxSupply * (n * (2 * BOOTSTRAP_EPOCHS + 1 - n))) / BOOTSTRAP_DIVISOR;
    }

    /// @notice What `epoch` released, what of it remains, and at which `kappa`.
    /// @dev XP in wei. While the epoch is open, nothing is released and what remains is its pool.
    function accountOf(uint256 epoch) external view returns (EpochAccount memory) {
        return _accounts[epoch];
    }

    /// @notice The sums over all agents by which the shares in `epoch` are measured.
    /// @dev In payment units, and these × 1e12 or × clients.
    function sumsOf(uint256 epoch) external view returns (EpochSums memory) {
        return _sums[epoch];
    }

    /// @notice What `agentId` did in `epoch`; nothing once it has claimed.
    /// @dev In payment units, and these × 1e12.
    function workOf(uint256 agentId, uint256 epoch) external view returns (EpochWork memory) {
        return _works[epoch][agentId];
    }

    /// @notice Lets epochs opened from now on release `newKappa` of XP at the most, in wei for each whole unit of fee; only governance may.
    /// @dev Zero releases nothing, and the pools keep it all. The open epoch keeps its own.
    ///      Reverts with `AccessManagedUnauthorized` and `EpochRedistributor_KappaAboveMaximum`.
    function setKappa(uint256 newKappa) external restricted {
        if (newKappa > MAX_KAPPA) revert EpochRedistributor_KappaAboveMaximum(newKappa, MAX_KAPPA);
        emit KappaChanged(kappa, newKappa);
        kappa = uint72(newKappa);
    }

    /// @dev Fixes the pool of `epoch`, in which nothing was recorded, once all that earlier epochs release is minted.
    function _open(uint256 epoch) private {
        uint256 latest = _latestEpoch;
        if (latest == 0) {
            _closePredecessor();
        } else if (_accounts[latest].state == EpochState.Open) {
            _finalise(latest);
        }
        uint256 pool = _poolOf(epoch, 0);
        uint72 kappa_ = kappa;
        _latestEpoch = epoch.toUint48();
        _accounts[epoch] = EpochAccount(0, pool.toUint88(), kappa_, EpochState.Open);
        emit EpochOpened(epoch, pool, kappa_);
    }

    /// @dev A predecessor that does not answer lets nothing be recorded here: better than minting twice. It cannot, being one of these.
    function _closePredecessor() private {
        if (address(predecessor) == address(0)) return;
        predecessor.finalise();
        uint256 stillOpen = predecessor.openEpoch();
        if (stillOpen != 0) revert EpochRedistributor_PredecessorStillOpen(stillOpen);
    }

    /// @dev `epoch` is open and over. It is final before XP is called, so that nothing can mint for it twice.
    function _finalise(uint256 epoch) private {
        uint256 pool = _accounts[epoch].remaining;
        uint256 released = _releasedOf(epoch);
        _setFinal(epoch, released);
        if (released != 0 && !_mint(released)) {
            emit ReleaseRefused(epoch, released);
            released = 0;
            _setFinal(epoch, 0);
        }
        emit EpochFinalised(epoch, pool, released);
    }

    function _setFinal(uint256 epoch, uint256 released) private {
        EpochAccount storage account = _accounts[epoch];
        account.released = released.toUint88();
        account.remaining = released.toUint88();
        account.state = EpochState.Final;
    }

    /// @dev Says whether it was minted. Only a call with all its gas may fail for good.
    function _mint(uint256 amount) private returns (bool) {
        uint256 needed = (MINT_GAS * 64) / 63 + CALL_RESERVE;
        if (gasleft() < needed) revert EpochRedistributor_TooLittleGas(gasleft(), needed);
        try xp.mint{gas: MINT_GAS}(address(this), amount) {
            return true;
        } catch {
            return false;
        }
    }

    function _claim(uint256 agentId, uint256 epoch, address to) private returns (uint256 amount) {
        if (!registry.isAuthorizedOrOwner(msg.sender, agentId)) {
            revert EpochRedistributor_NotAuthorized(agentId, msg.sender);
        }
        EpochState state = _accounts[epoch].state;
        if (state == EpochState.Expired) revert EpochRedistributor_EpochExpired(epoch);
        if (state == EpochState.Open) {
            uint256 current = xp.currentEpoch();
            if (epoch >= current) revert EpochRedistributor_EpochNotOver(epoch, current);
            _finalise(epoch);
        }
        EpochAccount storage account = _accounts[epoch];
        amount = _earned(agentId, epoch, account.released);
        if (amount == 0) revert EpochRedistributor_NothingToClaim(agentId, epoch);
        delete _works[epoch][agentId];
        account.remaining -= uint88(amount);
        emit Claimed(agentId, epoch, to, amount);
    }

    /// @dev Whether this fee is the one that brings what `client` paid `agentId` in `epoch` to the floor. Once there, nothing is written.
    function _reachesFloor(uint256 agentId, address client, uint256 epoch, uint256 fee) private returns (bool) {
        ClientFees storage paid = _clientFees[agentId][client];
        uint256 floor = CLIENT_FEE_FLOOR * paymentUnit;
        uint256 before = paid.epoch == epoch ? paid.fees : 0;
        if (before >= floor) return false;
        paid.epoch = epoch.toUint48();
        paid.fees = (before + fee).toUint96();
        return before + fee >= floor;
    }

    /// @dev max(0, S + burned before `epoch` − minted), `unminted` counted as minted.
    function _poolOf(uint256 epoch, uint256 unminted) private view returns (uint256) {
        uint256 funded = fundedBy(epoch) + xp.totalBurned() - xp.burnedIn(epoch);
        return Math.saturatingSub(funded, xp.totalMinted() + unminted);
    }

    /// @dev What `epoch` released, or would if it ended now: min(pool, ⌊κ × Σf⌋, room for more XP), in wei. Zero where it never opened.
    function _releasedOf(uint256 epoch) private view returns (uint256) {
        EpochAccount memory account = _accounts[epoch];
        if (account.state != EpochState.Open) return account.released;
        uint256 cap = _cap(account.kappa, _sums[epoch].fees);
        return Math.min(Math.min(account.remaining, cap), _maxSupply - xp.totalSupply());
    }

    /// @dev What `agentId` gets of `released`, in wei; zero where it paid no fee, has claimed, or the epoch expired.
    function _earned(uint256 agentId, uint256 epoch, uint256 released) private view returns (uint256) {
        EpochAccount memory account = _accounts[epoch];
        EpochWork memory work = _works[epoch][agentId];
        if (work.fees == 0 || account.state == EpochState.Expired) return 0;
        uint256 share = _sums[epoch].shareOf(work, released, _priorVolume());
        return Math.min(share, _cap(account.kappa, work.fees));
    }

    /// @dev ⌊κ × fees⌋, in wei.
    function _cap(uint256 kappa_, uint256 fees) private view returns (uint256) {
        return (kappa_ * fees) / paymentUnit;
    }

    function _priorVolume() private view returns (uint256) {
        return PRIOR_VOLUME * paymentUnit;
    }

    function _decimalsOf(IERC20Metadata token) private view returns (uint256) {
        try token.decimals() returns (uint8 decimals) {
            if (decimals > 18) revert EpochRedistributor_TooManyDecimals(decimals, 18);
            return decimals;
        } catch {
            revert EpochRedistributor_NoDecimals(address(token));
        }
    }

    function _requireCode(address account) private view {
        if (account.code.length == 0) revert EpochRedistributor_HasNoCode(account);
    }
}
