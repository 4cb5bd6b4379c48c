// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";

import {AssetFace} from "./AssetFace.sol";
import {AssetId} from "./AssetId.sol";
import {Blocks} from "./Blocks.sol";
import {IDualAssetLedger} from "./interfaces/IDualAssetLedger.sol";
import {BlockType} from "./types/BlockType.sol";
import {Lease, LeaseRates, LeaseTerms} from "./types/Lease.sol";
import {LeaseState} from "./types/LeaseState.sol";
import {LedgerBlock} from "./types/LedgerBlock.sol";

/// @title Dual-asset ledger, XE and XUSD on one chain of blocks for each account
/// @notice Holds XE and XUSD, moves them by send and receive, and leases compute: consumers pay XUSD, providers stake XUSD and earn XE.
/// @dev Source: "Two native assets -- XE and XUSD -- coexist on the same block lattice, tracked independently per account."
///
///      Every account has its own chain: each block names the hash of the one before it, its asset and the account's balance of that asset after
///      it (`Blocks`). Stored are the head of each chain and the two balances; the blocks are events, from which anybody rebuilds a chain and
///      checks it against its head. The block before is read here and not given by the caller, so that nobody's next block can be made invalid by
///      sending something. Choice: every change of a balance is a block of its asset, but for the stake that comes back with a settlement, which
///      the source calls a side effect.
///
///      Choice, for what the source leaves open about leases:
///
///          lease       the consumer's cost is held here
///          cancel      as long as nobody accepted, the consumer takes it back
///          accept      the provider's stake is held, the consumer's cost is burned, and the term begins
///          object      before the term ends the consumer may object, with a bond as high as the stake
///          rule        within 7 days after that an arbiter upholds: bond back, stake burned, no XE; or rejects: the bond is the provider's
///          silence     nobody ruled within the 7 days: the bond goes back, and the lease goes on as if nobody had objected
///          settle      after the term, with no objection open: XE as much as the cost for the provider, and the stake comes back
///
///      XUSD comes from an initial amount, from governance by `mint`, and from the faucet where it is switched on, for ever or never, at
///      construction. Where it is, anybody gets any amount of XUSD and of votes with enough accounts: such a network is for development only.
///
///      Votes are OpenZeppelin's (ERC-5805, by time): the XUSD balances of whoever delegates to an account. Source: "XE balances are excluded".
///      What is pending or in escrow is the ledger's own and votes for nobody. Choice: nobody delegates unless asked to, as in OpenZeppelin; whoever
///      never did pays nothing for the votes of others.
///
///      Limits, in the open: an account may accept its own lease, as two accounts of one owner might anyway; XE is then what burning XUSD and
///      waiting brings. Whether compute was delivered is known to nobody here: without an objection, or with a silent arbiter, the provider is paid.
///      The consumer's cost is burned at the acceptance and comes back in no case. `Multicall` is for own calls in one transaction.
///
///      Invariants: for each asset Σ balances + held = supply, and held = Σ pending + open costs + stakes and bonds of running leases; XE ever
///      minted = Σ costs of settled leases ≤ XUSD ever burned; votes = Σ XUSD of delegators; each head is the hash of its chain's last block.
///      Only the two faces are ever called, which call nobody: no guard is needed.
contract DualAssetLedger is IDualAssetLedger, AccessManaged, Votes, Multicall {
    using Blocks for LedgerBlock;
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @dev Two slots: the hash of the account's last block, zero before the first; then both balances, in wei, and whether the account's XUSD
    ///      count for a delegate, so that a transfer between two accounts without one does not have to look them up.
    struct Account {
        bytes32 head;
        uint120 xe;
        uint120 xusd;
        bool delegating;
    }

    /// @dev One slot: what a send left for its destination.
    struct Pending {
        bytes8 asset;
        uint120 amount;
    }

    /// @dev Two slots, arranged by what changes together: a settlement mints XE and gives XUSD back. In wei. `xusdMinted` never falls.
    struct Totals {
        uint120 xeSupply;
        uint120 xusdHeld;
        uint120 xeHeld;
        uint120 xusdMinted;
    }

    /// @notice What the faucet gives, in wei of XUSD.
    /// @dev Source, table "Asset rules by block type": "Faucet: mints 100 XUSD".
    uint256 public constant CLAIM_AMOUNT = 100e18;

    /// @notice The time, in seconds, between two claims of an account.
    /// @dev Source, table "Asset rules by block type": "rate limited to once per 24h per account".
    uint256 public constant CLAIM_INTERVAL = 24 hours;

    /// @notice The shortest term of a lease, in seconds.
    /// @dev Choice: one hour, the least that is charged.
    uint256 public constant MIN_DURATION = 1 hours;

    /// @notice The longest term of a lease, in seconds.
    /// @dev Choice: a year; nothing here should outlive the prices that it was sold at by more.
    uint256 public constant MAX_DURATION = 365 days;

    /// @notice The most virtual CPUs of one lease.
    /// @dev Choice: more than any one machine has.
    uint256 public constant MAX_VCPUS = 4_096;

    /// @notice The most memory of one lease, in MB.
    /// @dev Choice: 64 TB.
    uint256 public constant MAX_MEMORY_MB = 64 * 1_024 * 1_024;

    /// @notice The most disk of one lease, in GB.
    /// @dev Choice: 4 PB.
    uint256 public constant MAX_DISK_GB = 4 * 1_024 * 1_024;

    /// @notice The highest rate, in thousandths of one XUSD per hour.
    /// @dev Choice: 1,000 XUSD; a rate typed in wei is refused.
    uint256 public constant MAX_RATE = 1_000_000;

    /// @notice The time, in seconds, that the arbiter has for an objection.
    /// @dev Choice: seven days.
    uint256 public constant RULING_PERIOD = 7 days;

    /// @dev Leases count in whole XUSD and XE, as the source does; both have 18 decimals here.
    uint256 private constant UNIT = 1e18;

    /// @dev The most XUSD ever minted, in wei: what a balance can hold. XE is minted for XUSD that was burned, so it cannot be more.
    uint256 private constant MAX_MINTED = type(uint120).max;

    /// @notice XE as an ERC-20 token.
    AssetFace public immutable xe;

    /// @notice XUSD as an ERC-20 token.
    AssetFace public immutable xusd;

    /// @notice Whether the faucet is open, for ever.
    bool public immutable faucet;

    Totals private _totals;
    LeaseRates private _rates;
    Checkpoints.Trace208 private _xusdSupply;
    mapping(address account => Account) private _accounts;
    mapping(address account => uint256) private _claimedAt;
    mapping(address to => mapping(bytes32 source => Pending)) private _pending;
    mapping(bytes32 id => Lease) private _leases;

    /// @notice `account`'s chain grew by a block of type `blockType` with the hash `hash`, after which it has `balance` of `asset`.
    /// @dev `balance` in wei. `link` is what the block is about: see `BlockType`. The block before it is the one that this account's event before
    ///      names, and for the first `genesisOf(account)`.
    event BlockAdded(
        address indexed account,
        bytes32 indexed hash,
        bytes32 indexed link,
        BlockType blockType,
        bytes8 asset,
        uint256 balance
    );

    /// @notice `consumer` paid `cost` of XUSD for a lease of `vCpus`, `memoryMB` and `diskGB` for `duration` seconds, open to `provider`.
    /// @dev `cost` in wei; `provider` is zero where anybody may accept. `id` is the hash of the consumer's block.
    event LeaseOpened(
        bytes32 indexed id,
        address indexed consumer,
        address indexed provider,
        uint256 vCpus,
        uint256 memoryMB,
        uint256 diskGB,
        uint256 duration,
        uint256 cost
    );

    /// @notice The consumer took the `cost` of the lease `id` back, in XUSD; nobody had accepted it.
    event LeaseCancelled(bytes32 indexed id, uint256 cost);

    /// @notice `provider` accepted the lease `id` with `stake` of XUSD; it ends at `endsAt`, and the consumer's `cost` is burned.
    event LeaseAccepted(bytes32 indexed id, address indexed provider, uint256 stake, uint256 cost, uint256 endsAt);

    /// @notice The consumer objected to the lease `id` with a `bond` of XUSD; the arbiter can rule until `rulingEndsAt`.
    event LeaseObjected(bytes32 indexed id, uint256 bond, uint256 rulingEndsAt);

    /// @notice The arbiter ruled on the lease `id`: where `upheld`, the consumer got the `bond` back and the provider's stake is burned; else the
    ///         provider got the bond.
    event LeaseRuled(bytes32 indexed id, bool upheld, uint256 bond);

    /// @notice Nobody ruled on the lease `id` in time, and the consumer got the `bond` back.
    event LeaseObjectionLapsed(bytes32 indexed id, uint256 bond);

    /// @notice `provider` earned `emission` of XE with the lease `id` and got its `stake` of XUSD back.
    event LeaseSettled(bytes32 indexed id, address indexed provider, uint256 emission, uint256 stake);

    /// @notice Leases cost, in thousandths of one XUSD per hour, `perVCpu` for each vCPU, `perMemoryGB` for memory and `perDiskGB` for disk.
    event RatesSet(uint256 perVCpu, uint256 perMemoryGB, uint256 perDiskGB);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error DualAssetLedger_AuthorityHasNoCode(address authority);

    /// @notice Thrown for an asset that is neither XE nor XUSD, both left-aligned and padded with zeros.
    error DualAssetLedger_UnknownAsset(bytes8 asset);

    /// @notice Thrown for a type that no block has.
    error DualAssetLedger_UnknownBlockType(BlockType blockType);

    /// @notice Thrown for a block in an asset that blocks of its type never have.
    error DualAssetLedger_WrongAsset(BlockType blockType, bytes8 asset);

    /// @notice Thrown when nothing would be sent or minted.
    error DualAssetLedger_AmountIsZero();

    /// @notice Thrown when the destination is the zero address, the ledger itself or one of the faces, from where nothing ever comes back.
    error DualAssetLedger_InvalidDestination(address to);

    /// @notice Thrown when `account` has less of `asset` than is `needed`.
    error DualAssetLedger_BalanceTooLow(address account, bytes8 asset, uint256 balance, uint256 needed);

    /// @notice Thrown when nothing with the hash `source` is pending for `to`: it was received already, or was never sent there.
    error DualAssetLedger_NothingPending(address to, bytes32 source);

    /// @notice Thrown when anything but a face moves an asset as one.
    error DualAssetLedger_NotAFace(address caller);

    /// @notice Thrown when XUSD is claimed where there is no faucet.
    error DualAssetLedger_NoFaucet();

    /// @notice Thrown when `account` claims again before `availableAt`.
    error DualAssetLedger_ClaimTooEarly(address account, uint256 availableAt, uint256 blockTime);

    /// @notice Thrown when more XUSD would be minted than can ever be.
    error DualAssetLedger_MintedTooMuch(uint256 amount, uint256 available);

    /// @notice Thrown for a rate above the highest.
    error DualAssetLedger_RateTooHigh(uint256 rate, uint256 maxRate);

    /// @notice Thrown for a lease of nothing.
    error DualAssetLedger_NothingLeased();

    /// @notice Thrown for more virtual CPUs than one lease can have.
    error DualAssetLedger_TooManyVCpus(uint256 vCpus, uint256 maxVCpus);

    /// @notice Thrown for more memory than one lease can have.
    error DualAssetLedger_TooMuchMemory(uint256 memoryMB, uint256 maxMemoryMB);

    /// @notice Thrown for more disk than one lease can have.
    error DualAssetLedger_TooMuchDisk(uint256 diskGB, uint256 maxDiskGB);

    /// @notice Thrown for a term that is too short or too long.
    error DualAssetLedger_DurationOutOfRange(uint256 duration, uint256 minDuration, uint256 maxDuration);

    /// @notice Thrown when a lease costs more than the consumer wants to pay.
    error DualAssetLedger_CostAboveMaximum(uint256 cost, uint256 maxCost);

    /// @notice Thrown when the lease `id` stands elsewhere than the call needs, or there is no such lease.
    error DualAssetLedger_WrongLeaseState(bytes32 id, LeaseState state);

    /// @notice Thrown when anybody but the lease's consumer does what only that one may.
    error DualAssetLedger_NotConsumer(bytes32 id, address caller, address consumer);

    /// @notice Thrown when a lease is accepted that is open to another provider only.
    error DualAssetLedger_NotProvider(bytes32 id, address caller, address provider);

    /// @notice Thrown when a lease is settled before its term ends.
    error DualAssetLedger_TermNotOver(bytes32 id, uint256 endsAt, uint256 blockTime);

    /// @notice Thrown when somebody objects after the term.
    error DualAssetLedger_TermIsOver(bytes32 id, uint256 endsAt, uint256 blockTime);

    /// @notice Thrown when an objection waits for the arbiter, who has until `rulingEndsAt`.
    error DualAssetLedger_RulingOpen(bytes32 id, uint256 rulingEndsAt, uint256 blockTime);

    /// @notice Thrown when the arbiter rules on a lease of which it is the consumer or the provider.
    error DualAssetLedger_PartyCannotRule(bytes32 id, address party);

    /// @notice Thrown when the arbiter rules too late.
    error DualAssetLedger_RulingIsOver(bytes32 id, uint256 rulingEndsAt, uint256 blockTime);

    /// @dev `faucet_` is fixed for ever. `amount`, in wei of XUSD, is minted to `recipient`; none where it is zero. The rates are the source's,
    ///      table "Cost formula": 20, 10 and 1, "dummy values for development".
    ///      Reverts with `DualAssetLedger_AuthorityHasNoCode`, `DualAssetLedger_InvalidDestination` and `DualAssetLedger_MintedTooMuch`.
    constructor(
        address initialAuthority,
        bool faucet_,
        address recipient,
        uint256 amount
    ) AccessManaged(initialAuthority) EIP712("XE Ledger", "1") {
        if (initialAuthority.code.length == 0) revert DualAssetLedger_AuthorityHasNoCode(initialAuthority);
        xe = new AssetFace("XE");
        xusd = new AssetFace("XUSD");
        faucet = faucet_;
        _setRates(LeaseRates({perVCpu: 20, perMemoryGB: 10, perDiskGB: 1}));
        if (amount != 0) _mint(recipient, amount, BlockType.Mint);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Sending and receiving
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Sends `amount` of your `asset` to `to`, where it is pending until anybody carries out the receive for `to`.
    /// @dev In wei. Returns the hash of the block, by which the receive names it. A send cannot be called back. Cost: two slots of the sender,
    ///      one for what is pending and one total.
    ///      Reverts with `DualAssetLedger_UnknownAsset`, `DualAssetLedger_AmountIsZero`, `DualAssetLedger_InvalidDestination` and
    ///      `DualAssetLedger_BalanceTooLow`.
    function send(bytes8 asset, address to, uint256 amount) external returns (bytes32 hash) {
        _checkAsset(asset);
        if (amount == 0) revert DualAssetLedger_AmountIsZero();
        _checkDestination(to);
        hash = _take(asset, amount, BlockType.Send, _destinationLink(to));
        _pending[to][hash] = Pending({asset: asset, amount: uint120(amount)});
    }

    /// @notice Receives for `to` what the send `source` left for it, in the asset of the send.
    /// @dev Source: "receive | Must match the send | Automatically determined by the pending send's asset". Open to all, in any order, once.
    ///      Returns the hash of the block in `to`'s chain. Cost: two slots of `to`, one total, and a refund for what was pending.
    ///      Reverts with `DualAssetLedger_NothingPending`.
    function receivePending(address to, bytes32 source) external returns (bytes32 hash) {
        Pending memory sent = _pending[to][source];
        if (sent.amount == 0) revert DualAssetLedger_NothingPending(to, source);
        delete _pending[to][source];
        hash = _give(to, sent.asset, sent.amount, BlockType.Receive, source);
    }

    /// @notice Moves `amount` of the calling face's asset from `from` to `to`, as a send and its receive in one step.
    /// @dev In wei. Only the two faces can call it; they check allowances and announce the transfer. A transfer of nothing leaves no block.
    ///      Cost: two slots of each side, and checkpoints where a side has a delegate.
    ///      Reverts with `DualAssetLedger_NotAFace`, `ERC20InvalidReceiver` and `ERC20InsufficientBalance`, as ERC-6093 calls it.
    function transferByFace(address from, address to, uint256 amount) external {
        bytes8 asset;
        if (msg.sender == address(xusd)) asset = AssetId.XUSD;
        else if (msg.sender == address(xe)) asset = AssetId.XE;
        else revert DualAssetLedger_NotAFace(msg.sender);
        if (_isOwn(to)) revert IERC20Errors.ERC20InvalidReceiver(to);
        if (amount == 0) return;
        Account storage sender = _accounts[from];
        uint256 balance = _balance(sender, asset);
        if (amount > balance) revert IERC20Errors.ERC20InsufficientBalance(from, balance, amount);

        Account storage receiver = _accounts[to];
        bytes32 source = _append(sender, BlockType.Send, from, asset, _destinationLink(to), balance - amount);
        _credit(receiver, to, asset, amount, BlockType.Receive, source);
        if (asset == AssetId.XUSD) {
            address fromDelegate = sender.delegating ? delegates(from) : address(0);
            address toDelegate = receiver.delegating ? delegates(to) : address(0);
            if (fromDelegate != toDelegate) _moveDelegateVotes(fromDelegate, toDelegate, amount);
        }
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Faucet
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Claims 100 XUSD from the faucet, once in 24 hours.
    /// @dev Source, table "Asset rules by block type". Only for the caller. Returns the hash of the block.
    ///      Reverts with `DualAssetLedger_NoFaucet`, `DualAssetLedger_ClaimTooEarly` and `DualAssetLedger_MintedTooMuch`.
    function claim() external returns (bytes32 hash) {
        if (!faucet) revert DualAssetLedger_NoFaucet();
        uint256 availableAt = claimableAt(msg.sender);
        if (block.timestamp < availableAt) {
            revert DualAssetLedger_ClaimTooEarly(msg.sender, availableAt, block.timestamp);
        }
        _claimedAt[msg.sender] = block.timestamp;
        return _mint(msg.sender, CLAIM_AMOUNT, BlockType.Claim);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Leases
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Leases what `terms` ask for and pays its cost in XUSD, at most `maxCost`; `provider` may accept, or anybody where it is zero.
    /// @dev Source, "Lease economics and asset flow", step 1. `maxCost` in wei. Returns the lease's `id`, which is the hash of the block, and the
    ///      `cost`, in wei, that `quoteLease` says in the same block; later rates change nothing of it. The link commits to terms, provider and cost.
    ///      Cost: two slots of the consumer, two of the lease, one total.
    ///      Reverts with `DualAssetLedger_CostAboveMaximum`, `DualAssetLedger_BalanceTooLow` and the errors of `quoteLease`.
    function lease(
        LeaseTerms calldata terms,
        address provider,
        uint256 maxCost
    ) external returns (bytes32 id, uint256 cost) {
        uint256 units = _costOf(terms);
        cost = units * UNIT;
        if (cost > maxCost) revert DualAssetLedger_CostAboveMaximum(cost, maxCost);

        id = _take(AssetId.XUSD, cost, BlockType.Lease, leaseLink(terms, provider, cost));
        Lease storage opened = _leases[id];
        opened.consumer = msg.sender;
        opened.cost = uint56(units);
        opened.duration = uint32(terms.duration);
        opened.state = LeaseState.Open;
        opened.provider = provider;
        opened.since = uint48(block.timestamp);
        emit LeaseOpened(id, msg.sender, provider, terms.vCpus, terms.memoryMB, terms.diskGB, terms.duration, cost);
    }

    /// @notice Takes the cost of your lease `id` back, as long as nobody has accepted it.
    /// @dev Choice: the source knows no way back; without one an unanswered lease would be lost. Returns the `cost`, in wei of XUSD.
    ///      Reverts with `DualAssetLedger_WrongLeaseState` and `DualAssetLedger_NotConsumer`.
    function cancelLease(bytes32 id) external returns (uint256 cost) {
        Lease storage opened = _leaseIn(id, LeaseState.Open);
        _checkConsumer(id, opened);
        _enter(opened, LeaseState.Cancelled);
        cost = opened.cost * UNIT;
        emit LeaseCancelled(id, cost);
        _give(msg.sender, AssetId.XUSD, cost, BlockType.LeaseCancel, id);
    }

    /// @notice Accepts the lease `id` with your stake of XUSD, a fifth of its cost; its term begins, and the consumer's payment is burned.
    /// @dev Source, step 2: "Debits: -stake XUSD (cost/5)", and "The provider's stake is cost / 5 (min 1)". Returns the `stake`, in wei, and the time
    ///      the term ends. The cost is part of what `id` is the hash of, so the stake cannot change under way. Cost: two slots of the provider, two
    ///      of the lease, one total, and the checkpoint of the supply.
    ///      Reverts with `DualAssetLedger_WrongLeaseState`, `DualAssetLedger_NotProvider` and `DualAssetLedger_BalanceTooLow`.
    function acceptLease(bytes32 id) external returns (uint256 stake, uint256 endsAt) {
        Lease storage opened = _leaseIn(id, LeaseState.Open);
        address provider = opened.provider;
        if (provider != address(0) && provider != msg.sender) {
            revert DualAssetLedger_NotProvider(id, msg.sender, provider);
        }
        uint256 cost = opened.cost * UNIT;
        stake = _stakeOf(opened);
        endsAt = block.timestamp + opened.duration;

        _enter(opened, LeaseState.Running);
        opened.provider = msg.sender;
        opened.endsAt = uint48(endsAt);
        emit LeaseAccepted(id, msg.sender, stake, cost, endsAt);
        _take(AssetId.XUSD, stake, BlockType.LeaseAccept, id);
        _burnHeld(cost);
    }

    /// @notice Objects to the lease `id` before its term ends, with a bond of XUSD as high as the provider's stake, for the arbiter to rule on.
    /// @dev Choice. Only the consumer; again after a rejection or a silence, each time with a new bond, so that a provider who stops delivering
    ///      later can still be objected to. Returns the `bond`, in wei, and the time until which the arbiter can rule.
    ///      Reverts with `DualAssetLedger_WrongLeaseState`, `DualAssetLedger_NotConsumer`, `DualAssetLedger_TermIsOver` and
    ///      `DualAssetLedger_BalanceTooLow`.
    function objectToLease(bytes32 id) external returns (uint256 bond, uint256 rulingEndsAt) {
        Lease storage running = _leaseIn(id, LeaseState.Running);
        _checkConsumer(id, running);
        if (block.timestamp >= running.endsAt) {
            revert DualAssetLedger_TermIsOver(id, running.endsAt, block.timestamp);
        }
        _enter(running, LeaseState.Objected);
        bond = _stakeOf(running);
        rulingEndsAt = block.timestamp + RULING_PERIOD;
        emit LeaseObjected(id, bond, rulingEndsAt);
        _take(AssetId.XUSD, bond, BlockType.LeaseObject, id);
    }

    /// @notice Gives the consumer the bond of the lease `id` back when the arbiter has been silent for seven days; the lease goes on.
    /// @dev Choice. Open to all, so that a bond never waits for anybody; `settleLease` does it by itself. Returns the `bond`, in wei of XUSD.
    ///      Reverts with `DualAssetLedger_WrongLeaseState` and `DualAssetLedger_RulingOpen`.
    function lapseObjection(bytes32 id) external returns (uint256 bond) {
        return _lapse(id, _leaseIn(id, LeaseState.Objected));
    }

    /// @notice Settles the lease `id` after its term: its provider earns XE as much as the cost and gets its stake of XUSD back.
    /// @dev Source, step 3: "Asset: XE, Credits: +emission XE, Side effect: +stake XUSD returned", and "The XE emission at settlement equals the
    ///      cost." Choice: open to all, since both go to the provider. Returns both in wei, as `previewSettle` says in the same block. Cost: two
    ///      slots of the provider, one of the lease, one total.
    ///      Reverts with `DualAssetLedger_WrongLeaseState`, `DualAssetLedger_TermNotOver` and `DualAssetLedger_RulingOpen`.
    function settleLease(bytes32 id) external returns (uint256 emission, uint256 stake) {
        (emission, stake) = previewSettle(id);
        Lease storage ended = _leases[id];
        if (ended.state == LeaseState.Objected) _lapse(id, ended);
        _enter(ended, LeaseState.Settled);

        address provider = ended.provider;
        Account storage account = _accounts[provider];
        _totals.xeSupply = (_totals.xeSupply + emission).toUint120();
        account.xusd = (account.xusd + stake).toUint120();
        _totals.xusdHeld = (_totals.xusdHeld - stake).toUint120();
        emit LeaseSettled(id, provider, emission, stake);
        _credit(account, provider, AssetId.XE, emission, BlockType.LeaseSettle, id);
        _moveVotes(account, provider, stake, false);
        xe.announce(address(0), provider, emission);
        xusd.announce(address(this), provider, stake);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Views and previews
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice The cost of what `terms` ask for and the provider's stake, both in wei of XUSD, at the rates of now.
    /// @dev Source, "Cost formula": perHourMilli = vCPUs × 20 + ⌈memoryMB / 1024⌉ × 10 + diskGB × 1; hours = ⌈duration / 3600⌉;
    ///      cost = ⌈perHourMilli × hours / 1000⌉, "minimum 1"; stake = cost / 5, "min 1", rounded down, all in whole XUSD.
    ///      Reverts with `DualAssetLedger_NothingLeased`, `DualAssetLedger_TooManyVCpus`, `DualAssetLedger_TooMuchMemory`,
    ///      `DualAssetLedger_TooMuchDisk` and `DualAssetLedger_DurationOutOfRange`.
    function quoteLease(LeaseTerms calldata terms) external view returns (uint256 cost, uint256 stake) {
        uint256 units = _costOf(terms);
        return (units * UNIT, _stakeUnits(units) * UNIT);
    }

    /// @notice What a provider stakes to accept the lease `id`, and what its consumer puts up to object to it, in wei of XUSD.
    /// @dev Fixed when the lease was opened. Reverts with `DualAssetLedger_WrongLeaseState` where there is no such lease.
    function stakeOf(bytes32 id) external view returns (uint256 stake) {
        Lease storage entry = _leases[id];
        if (entry.state == LeaseState.None) revert DualAssetLedger_WrongLeaseState(id, LeaseState.None);
        return _stakeOf(entry);
    }

    /// @notice What settling the lease `id` now would give its provider, in wei of XE and of XUSD.
    /// @dev Reverts as `settleLease` would.
    function previewSettle(bytes32 id) public view returns (uint256 emission, uint256 stake) {
        Lease storage ended = _leases[id];
        LeaseState state = ended.state;
        if (state != LeaseState.Running && state != LeaseState.Objected) {
            revert DualAssetLedger_WrongLeaseState(id, state);
        }
        if (block.timestamp < ended.endsAt) revert DualAssetLedger_TermNotOver(id, ended.endsAt, block.timestamp);
        if (state == LeaseState.Objected) {
            uint256 rulingEndsAt = ended.since + RULING_PERIOD;
            if (block.timestamp < rulingEndsAt) {
                revert DualAssetLedger_RulingOpen(id, rulingEndsAt, block.timestamp);
            }
        }
        return (ended.cost * UNIT, _stakeOf(ended));
    }

    /// @notice The lease `id` as it stands; all zero where there is none.
    function leaseOf(bytes32 id) external view returns (Lease memory) {
        return _leases[id];
    }

    /// @notice The prices of new leases, in thousandths of one XUSD per hour.
    function rates() external view returns (LeaseRates memory) {
        return _rates;
    }

    /// @notice The link of a lease's first block: the hash of its `terms`, of the `provider` it is open to and of its `cost`, in wei.
    /// @dev keccak256 of the ABI encoding of the six, in this order, 32 bytes each.
    function leaseLink(LeaseTerms calldata terms, address provider, uint256 cost) public pure returns (bytes32) {
        return keccak256(abi.encode(terms, provider, cost));
    }

    /// @notice The hash of the last block of `account`'s chain; zero before the first.
    function headOf(address account) external view returns (bytes32) {
        return _accounts[account].head;
    }

    /// @notice What the first block of `account`'s chain names as the block before it.
    /// @dev keccak256 of the ABI encoding of chain id, ledger and account, so that no chain is valid on another network, ledger or account.
    function genesisOf(address account) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), account));
    }

    /// @notice The canonical encoding of `block_`, 125 bytes, and its hash.
    /// @dev See `Blocks`. Whether such a block exists is not looked at.
    ///      Reverts with `DualAssetLedger_UnknownBlockType`, `DualAssetLedger_UnknownAsset` and `DualAssetLedger_WrongAsset`.
    function encodeBlock(LedgerBlock calldata block_) external pure returns (bytes memory encoding, bytes32 hash) {
        if (block_.blockType == BlockType.None) revert DualAssetLedger_UnknownBlockType(block_.blockType);
        _checkAsset(block_.asset);
        if (!Blocks.isInItsAsset(block_)) revert DualAssetLedger_WrongAsset(block_.blockType, block_.asset);
        encoding = Blocks.encode(block_);
        hash = keccak256(encoding);
    }

    /// @notice Whether an asset of this `name` is valid.
    /// @dev Source, "Valid assets": `IsValidAsset`. A name with zeros behind it is another name.
    function isValidAsset(string calldata name) external pure returns (bool) {
        bytes32 hash = keccak256(bytes(name));
        return hash == keccak256("XE") || hash == keccak256("XUSD");
    }

    /// @notice `account`'s balance of `asset`, in wei; the ledger's own is all that is pending or in escrow.
    /// @dev Reverts with `DualAssetLedger_UnknownAsset`.
    function balanceOf(address account, bytes8 asset) external view returns (uint256) {
        _checkAsset(asset);
        if (account == address(this)) return asset == AssetId.XE ? _totals.xeHeld : _totals.xusdHeld;
        return _balance(_accounts[account], asset);
    }

    /// @notice All that exists of `asset`, in wei: what was minted less what was burned.
    /// @dev Reverts with `DualAssetLedger_UnknownAsset`.
    function totalSupply(bytes8 asset) external view returns (uint256) {
        _checkAsset(asset);
        return asset == AssetId.XE ? _totals.xeSupply : _getTotalSupply();
    }

    /// @notice All XUSD that was ever minted, in wei, burned or not.
    function xusdMinted() external view returns (uint256) {
        return _totals.xusdMinted;
    }

    /// @notice What the send `source` left for `to`: the asset and the amount, in wei; zero where nothing is pending.
    function pendingOf(address to, bytes32 source) external view returns (bytes8 asset, uint256 amount) {
        Pending storage sent = _pending[to][source];
        return (sent.asset, sent.amount);
    }

    /// @notice The time, in seconds, from which `account` can claim from the faucet again; zero before its first claim.
    function claimableAt(address account) public view returns (uint256) {
        uint256 claimedAt = _claimedAt[account];
        return claimedAt == 0 ? 0 : claimedAt + CLAIM_INTERVAL;
    }

    /// @notice The XUSD supply, in wei, at the end of the second `timepoint`.
    /// @dev What is pending or in escrow counts. Reverts with `ERC5805FutureLookup`.
    function getPastTotalSupply(uint256 timepoint) public view override returns (uint256) {
        return _xusdSupply.upperLookupRecent(_validateTimepoint(timepoint));
    }

    /// @notice The clock that votes go by: seconds.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    /// @notice The clock that votes go by, as ERC-6372 writes it.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Governance and arbiter
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @notice Rules on the objection to the lease `id`: where `upheld`, the consumer gets the bond back, the provider's stake is burned and no XE
    ///         is earned; else the provider gets the bond.
    /// @dev Choice. Only the arbiter, within seven days, and never on a lease of its own: what a second account of the arbiter's leases is known
    ///      to nobody here. After a rejection the lease goes on.
    ///      Reverts with `DualAssetLedger_WrongLeaseState`, `DualAssetLedger_PartyCannotRule`, `DualAssetLedger_RulingIsOver` and
    ///      `AccessManagedUnauthorized`.
    function rule(bytes32 id, bool upheld) external restricted {
        Lease storage objected = _leaseIn(id, LeaseState.Objected);
        if (msg.sender == objected.consumer || msg.sender == objected.provider) {
            revert DualAssetLedger_PartyCannotRule(id, msg.sender);
        }
        uint256 rulingEndsAt = objected.since + RULING_PERIOD;
        if (block.timestamp >= rulingEndsAt) revert DualAssetLedger_RulingIsOver(id, rulingEndsAt, block.timestamp);
        uint256 bond = _stakeOf(objected);
        emit LeaseRuled(id, upheld, bond);
        if (upheld) {
            _enter(objected, LeaseState.Upheld);
            _give(objected.consumer, AssetId.XUSD, bond, BlockType.LeaseBond, id);
            _burnHeld(bond);
        } else {
            _enter(objected, LeaseState.Running);
            _give(objected.provider, AssetId.XUSD, bond, BlockType.LeaseBond, id);
        }
    }

    /// @notice Sets the prices of leases that are opened from now on.
    /// @dev In thousandths of one XUSD per hour. Source: "Final economic parameters are pending design review." Governance only.
    ///      Reverts with `DualAssetLedger_RateTooHigh` and `AccessManagedUnauthorized`.
    function setRates(LeaseRates calldata newRates) external restricted {
        _setRates(newRates);
    }

    /// @notice Mints `amount` of XUSD to `to`.
    /// @dev In wei. Choice: governance only; without it there is no XUSD beyond the initial amount where there is no faucet. Returns the hash of
    ///      the block in `to`'s chain.
    ///      Reverts with `DualAssetLedger_AmountIsZero`, `DualAssetLedger_InvalidDestination`, `DualAssetLedger_MintedTooMuch` and
    ///      `AccessManagedUnauthorized`.
    function mint(address to, uint256 amount) external restricted returns (bytes32 hash) {
        if (amount == 0) revert DualAssetLedger_AmountIsZero();
        return _mint(to, amount, BlockType.Mint);
    }

    /* ------------------------------------------------------------------------------------------------------------------------------------
       Internals
       ------------------------------------------------------------------------------------------------------------------------------------ */

    /// @dev Sets the `balance` of `account`, whose storage is `holder`, and adds the block that says so to its chain. No balance is above the
    ///      supply, which fits.
    function _append(
        Account storage holder,
        BlockType blockType,
        address account,
        bytes8 asset,
        bytes32 link,
        uint256 balance
    ) private returns (bytes32 hash) {
        bytes32 previous = holder.head;
        if (previous == 0) previous = genesisOf(account);
        hash = LedgerBlock(blockType, account, asset, previous, link, balance).hash();
        holder.head = hash;
        if (asset == AssetId.XE) holder.xe = uint120(balance);
        else holder.xusd = uint120(balance);
        emit BlockAdded(account, hash, link, blockType, asset, balance);
    }

    function _credit(
        Account storage holder,
        address account,
        bytes8 asset,
        uint256 amount,
        BlockType blockType,
        bytes32 link
    ) private returns (bytes32 hash) {
        return _append(holder, blockType, account, asset, link, _balance(holder, asset) + amount);
    }

    /// @dev What leaves the caller belongs to the ledger from now on.
    function _take(bytes8 asset, uint256 amount, BlockType blockType, bytes32 link) private returns (bytes32 hash) {
        Account storage holder = _accounts[msg.sender];
        uint256 balance = _balance(holder, asset);
        if (amount > balance) revert DualAssetLedger_BalanceTooLow(msg.sender, asset, balance, amount);
        hash = _append(holder, blockType, msg.sender, asset, link, balance - amount);
        if (asset == AssetId.XE) {
            _totals.xeHeld = (_totals.xeHeld + amount).toUint120();
        } else {
            _totals.xusdHeld = (_totals.xusdHeld + amount).toUint120();
            _moveVotes(holder, msg.sender, amount, true);
        }
        _face(asset).announce(msg.sender, address(this), amount);
    }

    /// @dev What comes to `to` belonged to the ledger until now.
    function _give(
        address to,
        bytes8 asset,
        uint256 amount,
        BlockType blockType,
        bytes32 link
    ) private returns (bytes32 hash) {
        Account storage holder = _accounts[to];
        hash = _credit(holder, to, asset, amount, blockType, link);
        if (asset == AssetId.XE) {
            _totals.xeHeld = (_totals.xeHeld - amount).toUint120();
        } else {
            _totals.xusdHeld = (_totals.xusdHeld - amount).toUint120();
            _moveVotes(holder, to, amount, false);
        }
        _face(asset).announce(address(this), to, amount);
    }

    function _mint(address to, uint256 amount, BlockType blockType) private returns (bytes32 hash) {
        _checkDestination(to);
        uint256 available = MAX_MINTED - _totals.xusdMinted;
        if (amount > available) revert DualAssetLedger_MintedTooMuch(amount, available);
        _totals.xusdMinted += uint120(amount);
        _xusdSupply.push(clock(), (_getTotalSupply() + amount).toUint208());
        Account storage holder = _accounts[to];
        hash = _credit(holder, to, AssetId.XUSD, amount, blockType, 0);
        _moveVotes(holder, to, amount, false);
        xusd.announce(address(0), to, amount);
    }

    /// @dev `amount` of XUSD that `account`, whose storage is `holder`, lost or got, counts for its delegate no more or from now on.
    function _moveVotes(Account storage holder, address account, uint256 amount, bool lost) private {
        if (!holder.delegating) return;
        address delegatee = delegates(account);
        if (lost) _moveDelegateVotes(delegatee, address(0), amount);
        else _moveDelegateVotes(address(0), delegatee, amount);
    }

    /// @dev Burns `amount` of the XUSD that the ledger holds.
    function _burnHeld(uint256 amount) private {
        _totals.xusdHeld = (_totals.xusdHeld - amount).toUint120();
        _xusdSupply.push(clock(), (_getTotalSupply() - amount).toUint208());
        xusd.announce(address(this), address(0), amount);
    }

    function _enter(Lease storage entry, LeaseState state) private {
        entry.state = state;
        entry.since = uint48(block.timestamp);
    }

    function _lapse(bytes32 id, Lease storage objected) private returns (uint256 bond) {
        uint256 rulingEndsAt = objected.since + RULING_PERIOD;
        if (block.timestamp < rulingEndsAt) revert DualAssetLedger_RulingOpen(id, rulingEndsAt, block.timestamp);
        _enter(objected, LeaseState.Running);
        bond = _stakeOf(objected);
        emit LeaseObjectionLapsed(id, bond);
        _give(objected.consumer, AssetId.XUSD, bond, BlockType.LeaseBond, id);
    }

    function _setRates(LeaseRates memory newRates) private {
        uint256 highest = Math.max(Math.max(newRates.perVCpu, newRates.perMemoryGB), newRates.perDiskGB);
        if (highest > MAX_RATE) revert DualAssetLedger_RateTooHigh(highest, MAX_RATE);
        _rates = newRates;
        emit RatesSet(newRates.perVCpu, newRates.perMemoryGB, newRates.perDiskGB);
    }

    /// @dev OpenZeppelin's, and whether a transfer has to look the delegate up.
    function _delegate(address account, address delegatee) internal override {
        super._delegate(account, delegatee);
        _accounts[account].delegating = delegatee != address(0);
    }

    /// @dev Source: "only XUSD balance is counted".
    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _accounts[account].xusd;
    }

    function _getTotalSupply() internal view override returns (uint256) {
        return _xusdSupply.latest();
    }

    function _balance(Account storage holder, bytes8 asset) private view returns (uint256) {
        return asset == AssetId.XE ? holder.xe : holder.xusd;
    }

    function _face(bytes8 asset) private view returns (AssetFace) {
        return asset == AssetId.XE ? xe : xusd;
    }

    /// @dev In whole XUSD. At the highest rates, resources and duration it is less than 3.8e13, which fits into a lease.
    function _costOf(LeaseTerms calldata terms) private view returns (uint256) {
        uint256 vCpus = terms.vCpus;
        uint256 memoryMB = terms.memoryMB;
        uint256 diskGB = terms.diskGB;
        uint256 duration = terms.duration;
        if (vCpus > MAX_VCPUS) revert DualAssetLedger_TooManyVCpus(vCpus, MAX_VCPUS);
        if (memoryMB > MAX_MEMORY_MB) revert DualAssetLedger_TooMuchMemory(memoryMB, MAX_MEMORY_MB);
        if (diskGB > MAX_DISK_GB) revert DualAssetLedger_TooMuchDisk(diskGB, MAX_DISK_GB);
        if (vCpus + memoryMB + diskGB == 0) revert DualAssetLedger_NothingLeased();
        if (duration < MIN_DURATION || duration > MAX_DURATION) {
            revert DualAssetLedger_DurationOutOfRange(duration, MIN_DURATION, MAX_DURATION);
        }
        LeaseRates memory current = _rates;
        uint256 perHourMilli =
            vCpus * current.perVCpu + Math.ceilDiv(memoryMB, 1_024) * current.perMemoryGB + diskGB * current.perDiskGB;
        return Math.max(1, Math.ceilDiv(perHourMilli * Math.ceilDiv(duration, 1 hours), 1_000));
    }

    function _stakeUnits(uint256 cost) private pure returns (uint256) {
        return Math.max(1, cost / 5);
    }

    function _stakeOf(Lease storage entry) private view returns (uint256) {
        return _stakeUnits(entry.cost) * UNIT;
    }

    function _leaseIn(bytes32 id, LeaseState state) private view returns (Lease storage entry) {
        entry = _leases[id];
        if (entry.state != state) revert DualAssetLedger_WrongLeaseState(id, entry.state);
    }

    function _checkConsumer(bytes32 id, Lease storage entry) private view {
        address consumer = entry.consumer;
        if (msg.sender != consumer) revert DualAssetLedger_NotConsumer(id, msg.sender, consumer);
    }

    function _checkAsset(bytes8 asset) private pure {
        if (!AssetId.isValid(asset)) revert DualAssetLedger_UnknownAsset(asset);
    }

    function _checkDestination(address to) private view {
        if (to == address(0) || _isOwn(to)) revert DualAssetLedger_InvalidDestination(to);
    }

    /// @dev The ledger and its faces: what they had would be lost.
    function _isOwn(address to) private view returns (bool) {
        return to == address(this) || to == address(xe) || to == address(xusd);
    }

    function _destinationLink(address to) private pure returns (bytes32) {
        return bytes32(uint256(uint160(to)));
    }
}
