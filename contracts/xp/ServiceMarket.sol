// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";
import {IEpochRedistributor} from "./interfaces/IEpochRedistributor.sol";
import {IFeeTiers} from "./interfaces/IFeeTiers.sol";
import {IReputation} from "./interfaces/IReputation.sol";
import {IServiceMarket} from "./interfaces/IServiceMarket.sol";
import {IUndecodedHooks} from "./interfaces/IUndecodedHooks.sol";
import {IXP} from "./interfaces/IXP.sol";
import {Job, JobAcceptance, JobOutcomes, JobShares, JobState} from "./types/Job.sol";
import {JobAssignment, MAX_AGENT_ID, packAssignment} from "./types/JobAssignment.sol";

/// @title Service market, where agents are paid and everything the flywheel measures comes from
/// @notice Holds a client's payment while an agent does the job, and pays whoever the outcome says.
/// @dev XP Flywheel, "How It Actually Works": "Perform Work" → "Earn XP + Payment". Volume, success and fees, by which XP is shared out, are those
///      of jobs paid here.
///
///      A job's life, each state with the one call that silence leaves open to anybody:
///
///      | state     | until                | by then                                       | afterwards, anybody                             |
///      | --------- | -------------------- | --------------------------------------------- | ----------------------------------------------- |
///      | Open      | openUntil            | `accept` (agent), `cancel` (client)           | `cancel`: payment back                          |
///      | Accepted  | + deliverWithin      | `deliver` (agent)                             | `refund`: payment and the agent's bond to client |
///      | Delivered | + `REVIEW_WINDOW`    | `settle`, `reject` (client)                   | `settle`: payment and bond to the payee         |
///      | Rejected  | + `ARBITRATION_WINDOW` | `rule` (arbiter): the winner takes both bonds | `split`: half each, both bonds to the treasury  |
///
///      The last second of a window belongs to what the window is for; from the next second on it is only the other call. (The client may cancel
///      and settle after the window too, as anybody may.) So at every moment somebody without privileges can end a job, or will be able to
///      by waiting, and nothing is locked for ever.
///
///      Money: everything is credited here and taken out by `withdraw`, so that nobody's failure to receive stops another's job. For each job
///      to agent + fee + refund = payment, and both bonds go where the table says. The fee is rounded up, in favour of the treasury; of an odd
///      payment that is split the client gets the unit more. Invariant: the token's balance here ≥ payments in escrow + bonds + credits + fees
///      owed; tokens that arrive by a plain transfer belong to nobody and stay.
///
///      Fixed when somebody enters: the client's terms and the bond at `open`; fee, payee and deadline at `accept`. What governance changes
///      later applies to jobs opened, or accepted, after it.
///
///      Hooks: fee tiers, reputation and the redistributor are replaceable, so none of them can stop a payout. Each is called with a fixed
///      amount of gas that is made sure of first, answers of any shape are taken, and failure means: the base fee, no trust, an event. Their cost
///      is at most that amount.
///
///      Limits, in the open:
///      - The arbiter can give a rejected job's payment and both bonds to either side, and nothing else; it cannot touch jobs that nobody
///        rejects. Client and arbiter together can take an agent's work and its bond; agent and arbiter together the payment and the client's bond.
///        An execution delay that the access manager puts on the arbiter's role has to fit into `ARBITRATION_WINDOW`.
///      - A silent client pays at the end of `REVIEW_WINDOW`, whatever was delivered. Rejecting costs a bond, so that it is not free to stall.
///      - Anybody can accept a job open to any agent, post the bond and do nothing; `minTrust`, the bond and naming one agent are the client's means.
///      - "Nobody hires their own agent" is checked by address at acceptance. Two addresses of one person pass, and an agent may be sold to its
///        client in mid-job: volume can be washed at the price of the fee, see the redistributor.
///      - The payee is fixed at acceptance and gets everything, the bond too, whoever posted it; who moves an agent in mid-job hands over the right
///        to deliver and its record, not the pay. A payee that can make no call here could not withdraw: operators, look at `previewAccept`.
///      - Governance names the treasury, the hooks and the bond. Through fee tiers it sets fees, never above `BASE_FEE_BPS` and never above
///        what the agent allowed for an accepted job. It can move nobody's escrow or credit.
///      - The registry, XP and the token are trusted to be what they are at deployment. A token that freezes this contract freezes what is in it;
///        one that freezes an account does not hinder it from withdrawing to another.
///
///      Storage: a job takes two slots when it is opened and one more when it is accepted; every later step writes that third one alone.
contract ServiceMarket is IServiceMarket, AccessManaged, ReentrancyGuardTransient {
    using Math for uint256;
    using SafeCast for uint256;
    using SafeERC20 for IERC20Metadata;

    // ------------------------------------------------------------------ types

    /// @dev `client` and `payment` share the first slot, the client's other terms the second, the third is written at acceptance.
    ///      `cancel` clears the first two; a job that is known and has no client is a cancelled one.
    struct StoredJob {
        address client;
        uint96 payment;
        uint40 agentId;
        uint40 openUntil;
        uint32 deliverWithin;
        uint16 bondBps;
        uint8 minTrust;
        JobAssignment assignment;
    }

    /// @dev One slot.
    struct Volumes {
        uint128 accepted;
        uint128 settled;
    }

    /// @dev One slot, read by each settlement; `successorFrom` is zero while no successor waits.
    struct Redistribution {
        address redistributor;
        uint48 successorFrom;
    }

    // -------------------------------------------------------------- constants

    /// @notice The fee, in basis points of a job's payment, of an agent whose owner burned no XP; nobody pays more.
    /// @dev Source, "Fee Tier System": Basic, 2.5 %.
    uint256 public constant BASE_FEE_BPS = 250;

    /// @notice The bond of each side, in basis points of a job's payment, until governance changes it.
    /// @dev Choice: 5 %, the source has no bonds; twice the base fee, so that an abandoned job costs the agent more than a finished one.
    uint256 public constant DEFAULT_BOND_BPS = 500;

    /// @notice The highest bond, in basis points of a job's payment, that governance can set.
    /// @dev Choice: above half the payment small operators could no longer take jobs.
    uint256 public constant MAX_BOND_BPS = 5_000;

    /// @notice The time, in seconds, that a client has to reject a delivery.
    /// @dev Choice: three days, long enough for a weekend.
    uint256 public constant REVIEW_WINDOW = 3 days;

    /// @notice The time, in seconds, that the arbiter has to rule on a rejected delivery.
    /// @dev Choice: seven days, one epoch.
    uint256 public constant ARBITRATION_WINDOW = 7 days;

    /// @notice The shortest time, in seconds, that a client can give an agent to deliver.
    /// @dev Choice: one hour, so that a congested chain alone does not cost an agent its bond.
    uint256 public constant MIN_DELIVER_WITHIN = 1 hours;

    /// @notice The longest time, in seconds, that a client can give an agent to deliver.
    /// @dev Choice: one year; a time typed in milliseconds is refused.
    uint256 public constant MAX_DELIVER_WITHIN = 365 days;

    /// @notice The longest time, in seconds, for which a job can stay open to acceptance.
    /// @dev Choice: one year; the client can cancel earlier.
    uint256 public constant MAX_OPEN_FOR = 365 days;

    /// @notice The highest trust, in whole points, that a client can ask of an agent.
    /// @dev Source, "Trust Score Calculation": "Max 100".
    uint256 public constant MAX_TRUST = 100;

    /// @notice The largest payment of a job, in units of the payment token.
    uint256 public constant MAX_PAYMENT = type(uint96).max;

    /// @notice The gas that the fee tiers and reputation each get to answer.
    /// @dev Choice: several times what theirs take.
    uint256 public constant READ_HOOK_GAS = 100_000;

    /// @notice The gas that the redistributor gets to record a job.
    /// @dev Choice: more than its worst case, in which it ends an epoch, mints, and opens the next.
    uint256 public constant RECORD_HOOK_GAS = 400_000;

    /// @dev What the market itself takes between making sure of a hook's gas and the call, a cold account's 2,600 included, several times over.
    uint256 private constant _HOOK_RESERVE = 10_000;

    uint256 private constant _FULL_BPS = 10_000;
    uint256 private constant _MAX_DECIMALS = 18;
    uint256 private constant _WORD = 32;

    /// @dev A point of trust, and the most there can be.
    uint256 private constant _TRUST_POINT = 1e18;
    uint256 private constant _MAX_TRUST_WAD = MAX_TRUST * _TRUST_POINT;

    // ------------------------------------------------------------- immutables

    /// @notice The token that jobs are paid in.
    IERC20Metadata public immutable token;

    /// @notice One whole unit of the payment token: ten to the power of its decimals.
    uint256 public immutable unit;

    /// @notice The registry of the agents that can be hired.
    IAgentRegistry public immutable registry;

    /// @notice XP, whose epochs a change of redistributor waits for.
    IXP public immutable xp;

    // ---------------------------------------------------------------- storage

    /// @notice The account that fees go to, and the bonds of disputes that nobody ruled on.
    address public treasury;

    /// @notice The bond, in basis points of the payment, of jobs opened from now on.
    uint16 public bondBps;

    /// @notice The number of jobs ever opened; ids count from 1, so it is the latest one's.
    uint64 public jobCount;

    /// @notice The reputation that trust is asked of; zero where there is none.
    /// @dev Shares its slot with the fees owed: a settlement needs both.
    IReputation public reputation;
    uint96 private _feesOwed;

    /// @dev What no longer fits into `_feesOwed`; only a token with a supply far above 2^96 units ever gets here.
    uint256 private _feesBeyond;

    /// @notice The fee tiers that fees are asked of; zero where there are none.
    IFeeTiers public feeTiers;

    Redistribution private _redistribution;
    address private _successor;

    mapping(uint256 jobId => StoredJob job) private _jobs;
    mapping(uint256 agentId => Volumes volumes) private _volumes;

    /// @notice Units of the payment token that each account can withdraw.
    mapping(address account => uint256 amount) public creditOf;

    // ----------------------------------------------------------------- events

    /// @notice `client` opened job `jobId` for agent `agentId`, or for any where it is zero, with `payment` in escrow and `terms` as the hash of
    ///         what is to be done.
    event JobOpened(
        uint256 indexed jobId,
        address indexed client,
        uint256 indexed agentId,
        uint256 payment,
        uint256 minTrust,
        uint256 openUntil,
        uint256 deliverWithin,
        uint256 bondBps,
        bytes32 terms
    );

    /// @notice Job `jobId`, which nobody had accepted, was cancelled, and `payment` credited to `client`.
    event JobCancelled(uint256 indexed jobId, address indexed client, uint256 payment);

    /// @notice `caller` accepted job `jobId` for agent `agentId` and posted `bond`; everything goes to `payee`, less a fee of `feeBps`.
    event JobAccepted(
        uint256 indexed jobId,
        uint256 indexed agentId,
        address indexed payee,
        address caller,
        uint256 feeBps,
        uint256 bond,
        uint256 deadline
    );

    /// @notice `caller` delivered job `jobId`, with `result` as the hash of what was done; the client can reject it until `reviewUntil`.
    event JobDelivered(uint256 indexed jobId, address indexed caller, bytes32 result, uint256 reviewUntil);

    /// @notice The client rejected what was delivered for job `jobId` and posted `bond`; the arbiter can rule until `arbitrationUntil`.
    event JobRejected(uint256 indexed jobId, bytes32 reason, uint256 bond, uint256 arbitrationUntil);

    /// @notice Job `jobId` of agent `agentId` ended as `outcome` says: `toPayee` and `toClient` were credited, `toTreasury` is owed to the treasury.
    event JobEnded(
        uint256 indexed jobId,
        uint256 indexed agentId,
        JobState outcome,
        uint256 toPayee,
        uint256 toClient,
        uint256 toTreasury
    );

    /// @notice `redistributor` failed to record job `jobId`, which therefore earns no XP; the money is not affected.
    event RecordFailed(uint256 indexed jobId, address indexed redistributor);

    /// @notice `account` sent `amount` of its credit to `to`.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);

    /// @notice `amount` of fees and forfeited bonds went to `treasury`.
    event FeesCollected(address indexed treasury, uint256 amount);

    /// @notice `treasury` took the place of `previousTreasury`.
    event TreasuryChanged(address indexed previousTreasury, address indexed treasury);

    /// @notice Jobs opened from now on need bonds of `bondBps` of the payment.
    event BondChanged(uint256 bondBps);

    /// @notice Fees of jobs accepted from now on are asked of `feeTiers` instead of `previousFeeTiers`.
    event FeeTiersChanged(address indexed previousFeeTiers, address indexed feeTiers);

    /// @notice Trust is from now on asked of `reputation` instead of `previousReputation`.
    event ReputationChanged(address indexed previousReputation, address indexed reputation);

    /// @notice Jobs that end from epoch `fromEpoch` on are recorded by `redistributor`, those before by `previousRedistributor`.
    event RedistributorChanged(
        address indexed previousRedistributor,
        address indexed redistributor,
        uint256 indexed fromEpoch
    );

    // ----------------------------------------------------------------- errors

    /// @notice Thrown at construction when the payment token's address holds no contract.
    error ServiceMarket_TokenHasNoCode(address token);

    /// @notice Thrown at construction for a payment token that does not tell its decimals.
    error ServiceMarket_TokenWithoutDecimals(address token);

    /// @notice Thrown at construction for a payment token with more than 18 decimals.
    error ServiceMarket_TooManyDecimals(uint256 decimals);

    /// @notice Thrown at construction when the registry's address holds no contract.
    error ServiceMarket_RegistryHasNoCode(address registry);

    /// @notice Thrown at construction when the address of XP holds no contract.
    error ServiceMarket_XpHasNoCode(address xp);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever govern.
    error ServiceMarket_AuthorityHasNoCode(address authority);

    /// @notice Thrown for a treasury that could not receive: zero, or the market itself.
    error ServiceMarket_InvalidTreasury(address treasury);

    /// @notice Thrown for fee tiers, a reputation or a redistributor at an address without a contract; zero means none.
    error ServiceMarket_HookHasNoCode(address hook);

    /// @notice Thrown for a bond of nothing, or above the `maximum`, in basis points.
    error ServiceMarket_BondOutOfRange(uint256 bondBps, uint256 maximum);

    /// @notice Thrown when a job is opened for nothing or for more than the `maximum`.
    error ServiceMarket_PaymentOutOfRange(uint256 payment, uint256 maximum);

    /// @notice Thrown when more trust is asked for than there can be.
    error ServiceMarket_TrustOutOfRange(uint256 minTrust, uint256 maximum);

    /// @notice Thrown when a job would be open to acceptance until a time before now or after `latest`.
    error ServiceMarket_OpenUntilOutOfRange(uint256 openUntil, uint256 blockTime, uint256 latest);

    /// @notice Thrown when the time to deliver is shorter than the `minimum` or longer than the `maximum`, in seconds.
    error ServiceMarket_DeliverWithinOutOfRange(uint256 deliverWithin, uint256 minimum, uint256 maximum);

    /// @notice Thrown for an agent whose number is above the `maximum` that a job can name.
    error ServiceMarket_AgentOutOfRange(uint256 agentId, uint256 maximum);

    /// @notice Thrown when a client would hire an agent that is theirs or would pay or be run by them.
    error ServiceMarket_OwnAgent(uint256 agentId, address client);

    /// @notice Thrown for a job that was never opened.
    error ServiceMarket_UnknownJob(uint256 jobId);

    /// @notice Thrown when a job's present `state` does not allow what was asked for.
    error ServiceMarket_WrongState(uint256 jobId, JobState state);

    /// @notice Thrown when the window for what was asked for is over since `until`.
    error ServiceMarket_TooLate(uint256 jobId, uint256 until);

    /// @notice Thrown when what was asked for is open to the caller only after `until`.
    error ServiceMarket_TooEarly(uint256 jobId, uint256 until);

    /// @notice Thrown when anybody but the job's client asks for what only the client can do.
    error ServiceMarket_NotClient(uint256 jobId, address caller);

    /// @notice Thrown when the caller neither owns `agentId` nor is approved for it, nor is the job's payee where that is enough.
    error ServiceMarket_NotAgent(uint256 agentId, address caller);

    /// @notice Thrown when a job is for another agent.
    error ServiceMarket_OtherAgentWanted(uint256 jobId, uint256 agentId, uint256 wanted);

    /// @notice Thrown when the agent's fee is above what the caller allows; both in basis points.
    error ServiceMarket_FeeAboveMaximum(uint256 feeBps, uint256 maxFeeBps);

    /// @notice Thrown when a job asks for trust and nobody can tell that of the agent.
    error ServiceMarket_TrustUnknown(uint256 agentId);

    /// @notice Thrown when the agent's trust is below what the job asks for; both with 18 decimals.
    error ServiceMarket_TrustTooLow(uint256 agentId, uint256 trustWad, uint256 minTrustWad);

    /// @notice Thrown when the gas left could not guarantee a hook what it is entitled to; call again with a higher gas limit.
    error ServiceMarket_TooLittleGas(uint256 gasLeft, uint256 gasNeeded);

    /// @notice Thrown when the token did not bring exactly the `amount` asked for, as where it takes a fee on transfers.
    error ServiceMarket_WrongAmountReceived(uint256 amount, uint256 balanceBefore, uint256 balanceAfter);

    /// @notice Thrown when the account has no credit.
    error ServiceMarket_NothingToWithdraw(address account);

    /// @notice Thrown when a credit would be sent where it is lost: to zero, or to the market itself.
    error ServiceMarket_InvalidRecipient(address to);

    /// @notice Thrown when nothing is owed to the treasury.
    error ServiceMarket_NothingToCollect();

    // ------------------------------------------------------------ construction

    /// @dev `token_` is what jobs are paid in; `initialAuthority` is the flywheel's access manager. Hooks are set by governance afterwards; without
    ///      them every fee is the base fee and nobody has trust.
    ///      Reverts with `ServiceMarket_TokenHasNoCode`, `ServiceMarket_TokenWithoutDecimals`, `ServiceMarket_TooManyDecimals`,
    ///      `ServiceMarket_RegistryHasNoCode`, `ServiceMarket_XpHasNoCode`, `ServiceMarket_AuthorityHasNoCode` and
    ///      `ServiceMarket_InvalidTreasury`.
    constructor(
        IERC20Metadata token_,
        IAgentRegistry registry_,
        IXP xp_,
        address treasury_,
        address initialAuthority
    ) AccessManaged(initialAuthority) {
        if (address(token_).code.length == 0) revert ServiceMarket_TokenHasNoCode(address(token_));
        if (address(registry_).code.length == 0) revert ServiceMarket_RegistryHasNoCode(address(registry_));
        if (address(xp_).code.length == 0) revert ServiceMarket_XpHasNoCode(address(xp_));
        if (initialAuthority.code.length == 0) revert ServiceMarket_AuthorityHasNoCode(initialAuthority);
        token = token_;
        unit = 10 ** _decimalsOf(token_);
        registry = registry_;
        xp = xp_;
        _setTreasury(treasury_);
        _setBond(DEFAULT_BOND_BPS);
    }

    // ---------------------------------------------------------------- actions

    /// @notice Opens a job for agent `agentId`, or any where it is zero, and puts your `payment` in escrow; an agent with at least `minTrust` points
    ///         can accept it until `openUntil` and then has `deliverWithin` seconds.
    /// @dev `payment` in units of the token, `minTrust` in whole points from 0 to 100, `openUntil` in Unix seconds, `terms` the hash of what is to be
    ///      done, known to both sides. Returns the job's number. Needs an allowance of `payment`. Cost: two new slots, one more written, the
    ///      token's transfer.
    ///      Reverts with `ServiceMarket_PaymentOutOfRange`, `ServiceMarket_TrustOutOfRange`, `ServiceMarket_OpenUntilOutOfRange`,
    ///      `ServiceMarket_DeliverWithinOutOfRange`, `ServiceMarket_AgentOutOfRange`, `ServiceMarket_OwnAgent`,
    ///      `ServiceMarket_WrongAmountReceived`, the registry's `ERC721NonexistentToken` and the token's own errors.
    function open(
        uint256 agentId,
        uint256 payment,
        uint256 minTrust,
        uint256 openUntil,
        uint256 deliverWithin,
        bytes32 terms
    ) external nonReentrant returns (uint256 jobId) {
        return _open(agentId, payment, minTrust, openUntil, deliverWithin, terms);
    }

    /// @notice Opens a job for agent `agentId`, or any where it is zero, and puts your `payment` in escrow, with your signature as its allowance; an
    ///         agent with at least `minTrust` points can accept it until `openUntil` and then has `deliverWithin` seconds.
    /// @dev As `open`; `deadline`, `v`, `r` and `s` are an ERC-2612 permit of exactly `payment` to the market. A permit that fails, for instance
    ///      because somebody else handed it in first, is passed over: the allowance decides. Reverts as `open`.
    function openWithPermit(
        uint256 agentId,
        uint256 payment,
        uint256 minTrust,
        uint256 openUntil,
        uint256 deliverWithin,
        bytes32 terms,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant returns (uint256 jobId) {
        _tryPermit(payment, deadline, v, r, s);
        return _open(agentId, payment, minTrust, openUntil, deliverWithin, terms);
    }

    /// @notice Cancels job `jobId`, which nobody has accepted, and credits the payment to its client; the client may at any time, anybody once it is
    ///         no longer open to acceptance.
    /// @dev It counts for nothing. Frees two slots. Reverts with `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState` and `ServiceMarket_TooEarly`.
    function cancel(uint256 jobId) external nonReentrant {
        StoredJob storage job = _openJob(jobId);
        address client = job.client;
        uint256 payment = job.payment;
        if (msg.sender != client && block.timestamp <= job.openUntil) {
            revert ServiceMarket_TooEarly(jobId, job.openUntil);
        }
        delete _jobs[jobId];
        creditOf[client] += payment;
        emit JobCancelled(jobId, client, payment);
    }

    /// @notice Accepts job `jobId` for your agent `agentId` and posts the bond; fee and payee are fixed now, and the call fails above `maxFeeBps`.
    /// @dev For the agent's owner or who is approved for it; the bond is the caller's, needs an allowance, and comes back to the payee: the
    ///      agent's wallet, or its owner where it has none. The fee is the owner's tier. `previewAccept` tells all of it beforehand.
    ///      Cost: one new slot, the registry's and the hooks' answers, the token's transfer.
    ///      Reverts with the errors of `previewAccept`, `ServiceMarket_NotAgent`, `ServiceMarket_OwnAgent`, `ServiceMarket_FeeAboveMaximum`,
    ///      `ServiceMarket_WrongAmountReceived` and the token's own errors.
    function accept(uint256 jobId, uint256 agentId, uint256 maxFeeBps) external nonReentrant {
        _accept(jobId, agentId, maxFeeBps);
    }

    /// @notice Accepts job `jobId` for your agent `agentId` and posts the bond, with your signature as its allowance; fee and payee are fixed now,
    ///         and the call fails above `maxFeeBps`.
    /// @dev As `accept`; `deadline`, `v`, `r` and `s` are an ERC-2612 permit of exactly the bond to the market, passed over where it fails.
    ///      Reverts as `accept`.
    function acceptWithPermit(
        uint256 jobId,
        uint256 agentId,
        uint256 maxFeeBps,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        StoredJob storage job = _jobs[jobId];
        _tryPermit(_bondOf(job.payment, job.bondBps), deadline, v, r, s);
        _accept(jobId, agentId, maxFeeBps);
    }

    /// @notice Delivers job `jobId` by its deadline, with `result` as the hash of what you did; the client then has three days to reject it.
    /// @dev For the payee, and for who owns the agent now or is approved for it. Cost: one slot.
    ///      Reverts with `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState`, `ServiceMarket_NotAgent` and `ServiceMarket_TooLate`.
    function deliver(uint256 jobId, bytes32 result) external nonReentrant {
        (StoredJob storage job, JobAssignment assignment) = _jobIn(jobId, JobState.Accepted);
        uint256 agentId = assignment.agentId();
        if (msg.sender != assignment.payee() && !registry.isAuthorizedOrOwner(msg.sender, agentId)) {
            revert ServiceMarket_NotAgent(agentId, msg.sender);
        }
        _requireWithin(jobId, assignment);
        uint256 reviewUntil = block.timestamp + REVIEW_WINDOW;
        job.assignment = assignment.moved(JobState.Delivered, reviewUntil);
        emit JobDelivered(jobId, msg.sender, result, reviewUntil);
    }

    /// @notice Pays the agent's side for job `jobId`, which it has delivered; the client may at once, anybody once the review is over.
    /// @dev Credits payment less fee and the agent's bond to the payee. Cost: the job's slot, the payee's credit, fees owed, the agent's volumes,
    ///      then the hooks. Reverts with `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState`, `ServiceMarket_TooEarly` and
    ///      `ServiceMarket_TooLittleGas`.
    function settle(uint256 jobId) external nonReentrant {
        (StoredJob storage job, JobAssignment assignment) = _jobIn(jobId, JobState.Delivered);
        if (msg.sender != job.client) _requireOver(jobId, assignment);
        _end(jobId, job, assignment, JobState.Settled);
    }

    /// @notice Rejects what was delivered for your job `jobId`, with `reason` as the hash of why, and posts the same bond as the agent; the arbiter
    ///         then has seven days to rule.
    /// @dev For the client, within the review. Where the arbiter stays silent the payment is split and both bonds are lost. Needs an allowance of the
    ///      bond, see `jobOf`. Cost: one slot, the token's transfer.
    ///      Reverts with `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState`, `ServiceMarket_NotClient`, `ServiceMarket_TooLate`,
    ///      `ServiceMarket_WrongAmountReceived` and the token's own errors.
    function reject(uint256 jobId, bytes32 reason) external nonReentrant {
        _reject(jobId, reason);
    }

    /// @notice Rejects what was delivered for your job `jobId`, with `reason` as the hash of why, and posts the same bond as the agent, with your
    ///         signature as its allowance; the arbiter then has seven days to rule.
    /// @dev As `reject`; `deadline`, `v`, `r` and `s` are an ERC-2612 permit of exactly the bond to the market, passed over where it fails.
    ///      Reverts as `reject`.
    function rejectWithPermit(
        uint256 jobId,
        bytes32 reason,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        StoredJob storage job = _jobs[jobId];
        _tryPermit(_bondOf(job.payment, job.bondBps), deadline, v, r, s);
        _reject(jobId, reason);
    }

    /// @notice Returns the payment of job `jobId`, which the agent has not delivered by its deadline, to the client, and the agent's bond with it;
    ///         anybody may call this.
    /// @dev It counts as failed. Cost as `settle`. Reverts with `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState`, `ServiceMarket_TooEarly` and
    ///      `ServiceMarket_TooLittleGas`.
    function refund(uint256 jobId) external nonReentrant {
        (StoredJob storage job, JobAssignment assignment) = _jobIn(jobId, JobState.Accepted);
        _requireOver(jobId, assignment);
        _end(jobId, job, assignment, JobState.Refunded);
    }

    /// @notice Splits the payment of job `jobId`, on which the arbiter has not ruled in time, evenly, and sends both bonds to the treasury; anybody
    ///         may call this.
    /// @dev The fee is taken from the payee's half, which rounds down. It counts for nothing. Reverts with `ServiceMarket_UnknownJob`,
    ///      `ServiceMarket_WrongState` and `ServiceMarket_TooEarly`.
    function split(uint256 jobId) external nonReentrant {
        (StoredJob storage job, JobAssignment assignment) = _jobIn(jobId, JobState.Rejected);
        _requireOver(jobId, assignment);
        _end(jobId, job, assignment, JobState.Split);
    }

    /// @notice Sends all of your credit to `to`.
    /// @dev Returns the `amount`, in units of the token. Cost: one slot, which is freed, and the token's transfer.
    ///      Reverts with `ServiceMarket_InvalidRecipient`, `ServiceMarket_NothingToWithdraw` and the token's own errors, after which the credit
    ///      stands.
    function withdraw(address to) external nonReentrant returns (uint256 amount) {
        if (to == address(0) || to == address(this)) revert ServiceMarket_InvalidRecipient(to);
        amount = creditOf[msg.sender];
        if (amount == 0) revert ServiceMarket_NothingToWithdraw(msg.sender);
        creditOf[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @notice Sends all fees and forfeited bonds that wait here to the treasury; anybody may call this.
    /// @dev To the treasury of now, also where they were earned under another. Returns the `amount`, in units of the token.
    ///      Reverts with `ServiceMarket_NothingToCollect` and the token's own errors.
    function collectFees() external nonReentrant returns (uint256 amount) {
        amount = feesOwed();
        if (amount == 0) revert ServiceMarket_NothingToCollect();
        _feesOwed = 0;
        if (_feesBeyond != 0) _feesBeyond = 0;
        emit FeesCollected(treasury, amount);
        token.safeTransfer(treasury, amount);
    }

    // ------------------------------------------------------------------ views

    /// @notice Job `jobId`: its terms, its state, the end of the running window, and whether that is over.
    /// @dev Amounts in units of the token, times in Unix seconds. Reverts with `ServiceMarket_UnknownJob`.
    function jobOf(uint256 jobId) external view returns (Job memory shown) {
        StoredJob storage job = _jobs[jobId];
        JobAssignment assignment = job.assignment;
        bool accepted = assignment.exists();
        shown.state = _stateOf(jobId);
        shown.client = job.client;
        shown.payment = job.payment;
        shown.agentId = accepted ? assignment.agentId() : job.agentId;
        shown.minTrust = job.minTrust;
        shown.openUntil = job.openUntil;
        shown.deliverWithin = job.deliverWithin;
        shown.bond = _bondOf(job.payment, job.bondBps);
        shown.payee = assignment.payee();
        shown.feeBps = assignment.feeBps();
        shown.until = accepted ? assignment.until() : job.openUntil;
        bool waiting =
            shown.state == JobState.Open ||
                shown.state == JobState.Accepted ||
                shown.state == JobState.Delivered ||
                shown.state == JobState.Rejected;
        shown.overdue = waiting && block.timestamp > shown.until;
    }

    /// @notice What agent `agentId` takes on if it accepts job `jobId` now: bond, fee, payee, what it gets and by when it has to deliver.
    /// @dev Equals what `accept` does in the same block. Amounts in units of the token, the fee rounded up. Whether the caller may accept for the
    ///      agent, and is not the client, only `accept` checks.
    ///      Reverts with `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState`, `ServiceMarket_TooLate`, `ServiceMarket_AgentOutOfRange`,
    ///      `ServiceMarket_OtherAgentWanted`, `ServiceMarket_OwnAgent`, `ServiceMarket_TrustUnknown`, `ServiceMarket_TrustTooLow`,
    ///      `ServiceMarket_TooLittleGas` and the registry's `ERC721NonexistentToken`.
    function previewAccept(uint256 jobId, uint256 agentId) external view returns (JobAcceptance memory acceptance) {
        (acceptance, ) = _previewAccept(jobId, agentId);
    }

    /// @notice How the money of job `jobId`, which an agent has accepted, is shared out in each outcome.
    /// @dev In units of the token, bonds included. Of a job that has ended it still tells all five.
    ///      Reverts with `ServiceMarket_UnknownJob` and `ServiceMarket_WrongState` where nobody has accepted it.
    function outcomesOf(uint256 jobId) external view returns (JobOutcomes memory outcomes) {
        JobAssignment assignment = _jobs[jobId].assignment;
        if (!assignment.exists()) revert ServiceMarket_WrongState(jobId, _stateOf(jobId));
        uint256 payment = _jobs[jobId].payment;
        outcomes.settled = _sharesIn(JobState.Settled, payment, assignment);
        outcomes.refunded = _sharesIn(JobState.Refunded, payment, assignment);
        outcomes.ruledForAgent = _sharesIn(JobState.RuledForAgent, payment, assignment);
        outcomes.ruledForClient = _sharesIn(JobState.RuledForClient, payment, assignment);
        outcomes.split = _sharesIn(JobState.Split, payment, assignment);
    }

    /// @inheritdoc IServiceMarket
    /// @dev A job ruled or settled for the agent counts in both, one refunded or ruled for the client in `settled` alone, any other in neither.
    function volumesOf(uint256 agentId) external view returns (uint256 accepted, uint256 settled) {
        Volumes storage volumes = _volumes[agentId];
        return (volumes.accepted, volumes.settled);
    }

    /// @notice Units of the payment token that wait here for the treasury.
    function feesOwed() public view returns (uint256) {
        return _feesOwed + _feesBeyond;
    }

    /// @notice The redistributor that records jobs which end now; zero where there is none.
    function redistributor() public view returns (address) {
        return _successorIsDue(_redistribution) ? _successor : _redistribution.redistributor;
    }

    /// @notice The redistributor that takes over at the beginning of epoch `fromEpoch`; where none waits, both are zero.
    function nextRedistributor() external view returns (address successor, uint256 fromEpoch) {
        Redistribution memory redistribution = _redistribution;
        if (redistribution.successorFrom == 0 || _successorIsDue(redistribution)) return (address(0), 0);
        return (_successor, redistribution.successorFrom);
    }

    // ------------------------------------------------------------- restricted

    /// @notice Decides job `jobId`, whose delivery the client rejected: the payment goes to the agent's side if `forAgent` is true and back to the
    ///         client if not, with both bonds; only the arbiter may.
    /// @dev For the agent it pays and counts as `settle`, for the client it counts as failed. Cost as `settle`.
    ///      Reverts with `AccessManagedUnauthorized`, `ServiceMarket_UnknownJob`, `ServiceMarket_WrongState`, `ServiceMarket_TooLate` and
    ///      `ServiceMarket_TooLittleGas`.
    function rule(uint256 jobId, bool forAgent) external restricted nonReentrant {
        (StoredJob storage job, JobAssignment assignment) = _jobIn(jobId, JobState.Rejected);
        _requireWithin(jobId, assignment);
        _end(jobId, job, assignment, forAgent ? JobState.RuledForAgent : JobState.RuledForClient);
    }

    /// @notice Sends fees and forfeited bonds, those that wait here too, to `newTreasury` from now on; only governance may.
    /// @dev Reverts with `AccessManagedUnauthorized` and `ServiceMarket_InvalidTreasury`.
    function setTreasury(address newTreasury) external restricted {
        _setTreasury(newTreasury);
    }

    /// @notice Asks bonds of `newBondBps` basis points of the payment for jobs opened from now on; only governance may.
    /// @dev Reverts with `AccessManagedUnauthorized` and `ServiceMarket_BondOutOfRange`.
    function setBondBps(uint256 newBondBps) external restricted {
        _setBond(newBondBps);
    }

    /// @notice Asks `newFeeTiers` for the fees of jobs accepted from now on; zero means that all pay the base fee; only governance may.
    /// @dev Reverts with `AccessManagedUnauthorized` and `ServiceMarket_HookHasNoCode`.
    function setFeeTiers(IFeeTiers newFeeTiers) external restricted {
        _requireHook(address(newFeeTiers));
        emit FeeTiersChanged(address(feeTiers), address(newFeeTiers));
        feeTiers = newFeeTiers;
    }

    /// @notice Asks `newReputation` for trust from now on; zero means that nobody has any; only governance may.
    /// @dev Reverts with `AccessManagedUnauthorized` and `ServiceMarket_HookHasNoCode`.
    function setReputation(IReputation newReputation) external restricted {
        _requireHook(address(newReputation));
        emit ReputationChanged(address(reputation), address(newReputation));
        reputation = newReputation;
    }

    /// @notice Has `newRedistributor` record jobs: at once where none does, otherwise from the next epoch on; zero means none; only governance may.
    /// @dev The present one keeps the running epoch to its end, so that what was earned in it is shared out once and in one place. A successor that
    ///      waits already is replaced; naming the present one again calls the change off.
    ///      Reverts with `AccessManagedUnauthorized` and `ServiceMarket_HookHasNoCode`.
    function setRedistributor(IEpochRedistributor newRedistributor) external restricted {
        _requireHook(address(newRedistributor));
        address present = redistributor();
        uint256 epoch = xp.currentEpoch();
        if (present == address(0)) {
            _redistribution = Redistribution(address(newRedistributor), 0);
        } else {
            epoch++;
            _redistribution = Redistribution(present, epoch.toUint48());
            _successor = address(newRedistributor);
        }
        emit RedistributorChanged(present, address(newRedistributor), epoch);
    }

    // -------------------------------------------------------------- internals

    function _open(
        uint256 agentId,
        uint256 payment,
        uint256 minTrust,
        uint256 openUntil,
        uint256 deliverWithin,
        bytes32 terms
    ) private returns (uint256 jobId) {
        if (payment == 0 || payment > MAX_PAYMENT) revert ServiceMarket_PaymentOutOfRange(payment, MAX_PAYMENT);
        if (minTrust > MAX_TRUST) revert ServiceMarket_TrustOutOfRange(minTrust, MAX_TRUST);
        if (openUntil < block.timestamp || openUntil > block.timestamp + MAX_OPEN_FOR) {
            revert ServiceMarket_OpenUntilOutOfRange(openUntil, block.timestamp, block.timestamp + MAX_OPEN_FOR);
        }
        if (deliverWithin < MIN_DELIVER_WITHIN || deliverWithin > MAX_DELIVER_WITHIN) {
            revert ServiceMarket_DeliverWithinOutOfRange(deliverWithin, MIN_DELIVER_WITHIN, MAX_DELIVER_WITHIN);
        }
        _requireAgentInRange(agentId);
        if (agentId != 0 && registry.ownerOf(agentId) == msg.sender) revert ServiceMarket_OwnAgent(agentId, msg.sender);

        uint16 bondBpsOfNow = bondBps;
        jobId = ++jobCount;
        StoredJob storage job = _jobs[jobId];
        job.client = msg.sender;
        job.payment = uint96(payment);
        job.agentId = uint40(agentId);
        job.openUntil = uint40(openUntil);
        job.deliverWithin = uint32(deliverWithin);
        job.bondBps = bondBpsOfNow;
        job.minTrust = uint8(minTrust);
        emit JobOpened(jobId, msg.sender, agentId, payment, minTrust, openUntil, deliverWithin, bondBpsOfNow, terms);

        _pull(payment);
    }

    function _accept(uint256 jobId, uint256 agentId, uint256 maxFeeBps) private {
        (JobAcceptance memory acceptance, address owner) = _previewAccept(jobId, agentId);
        StoredJob storage job = _jobs[jobId];
        if (msg.sender == job.client) revert ServiceMarket_OwnAgent(agentId, msg.sender);
        if (msg.sender != owner && !registry.isAuthorizedOrOwner(msg.sender, agentId)) {
            revert ServiceMarket_NotAgent(agentId, msg.sender);
        }
        if (acceptance.feeBps > maxFeeBps) revert ServiceMarket_FeeAboveMaximum(acceptance.feeBps, maxFeeBps);

        job.assignment = packAssignment(acceptance.payee, agentId, acceptance.deadline, job.bondBps, acceptance.feeBps);
        emit JobAccepted(
            jobId,
            agentId,
            acceptance.payee,
            msg.sender,
            acceptance.feeBps,
            acceptance.bond,
            acceptance.deadline
        );

        _pull(acceptance.bond);
    }

    function _previewAccept(
        uint256 jobId,
        uint256 agentId
    ) private view returns (JobAcceptance memory acceptance, address owner) {
        StoredJob storage job = _openJob(jobId);
        address client = job.client;
        if (block.timestamp > job.openUntil) revert ServiceMarket_TooLate(jobId, job.openUntil);
        _requireAgentInRange(agentId);
        if (job.agentId != 0 && agentId != job.agentId) {
            revert ServiceMarket_OtherAgentWanted(jobId, agentId, job.agentId);
        }
        owner = registry.ownerOf(agentId);
        address payee = registry.getAgentWallet(agentId);
        if (payee == address(0)) payee = owner;
        if (client == owner || client == payee) revert ServiceMarket_OwnAgent(agentId, client);
        if (job.minTrust != 0) _requireTrust(agentId, job.minTrust * _TRUST_POINT);

        uint256 payment = job.payment;
        acceptance.bond = _bondOf(payment, job.bondBps);
        acceptance.feeBps = _feeBpsOf(owner);
        acceptance.fee = _feeOf(payment, acceptance.feeBps);
        acceptance.payee = payee;
        acceptance.net = payment - acceptance.fee;
        acceptance.deadline = block.timestamp + job.deliverWithin;
    }

    function _reject(uint256 jobId, bytes32 reason) private {
        (StoredJob storage job, JobAssignment assignment) = _jobIn(jobId, JobState.Delivered);
        if (msg.sender != job.client) revert ServiceMarket_NotClient(jobId, msg.sender);
        _requireWithin(jobId, assignment);
        uint256 bond = _bondOf(job.payment, assignment.bondBps());
        uint256 arbitrationUntil = block.timestamp + ARBITRATION_WINDOW;
        job.assignment = assignment.moved(JobState.Rejected, arbitrationUntil);
        emit JobRejected(jobId, reason, bond, arbitrationUntil);

        _pull(bond);
    }

    /// @dev Shares out the money, counts the volume and, last of all, tells the redistributor. The assignment then says when it ended.
    function _end(uint256 jobId, StoredJob storage job, JobAssignment assignment, JobState outcome) private {
        address client = job.client;
        uint256 payment = job.payment;
        uint256 agentId = assignment.agentId();
        JobShares memory shares = _sharesIn(outcome, payment, assignment);

        job.assignment = assignment.moved(outcome, block.timestamp);
        if (shares.toPayee != 0) creditOf[assignment.payee()] += shares.toPayee;
        if (shares.toClient != 0) creditOf[client] += shares.toClient;
        if (shares.toTreasury != 0) _oweFees(shares.toTreasury);
        emit JobEnded(jobId, agentId, outcome, shares.toPayee, shares.toClient, shares.toTreasury);
        if (outcome == JobState.Split) return;

        bool success = outcome == JobState.Settled || outcome == JobState.RuledForAgent;
        Volumes memory volumes = _volumes[agentId];
        if (success) volumes.accepted += uint128(payment);
        volumes.settled += uint128(payment);
        _volumes[agentId] = volumes;
        _record(jobId, agentId, client, payment, success ? shares.toTreasury : 0);
    }

    /// @dev `fee` is zero exactly where the job failed, as the redistributor expects: fees round up from at least one basis point.
    function _record(uint256 jobId, uint256 agentId, address client, uint256 payment, uint256 fee) private {
        address hook = _promotedRedistributor();
        if (hook == address(0)) return;
        uint256 trustWad = 0;
        if (fee != 0) (, trustWad) = _trustOf(agentId);
        _requireGasFor(RECORD_HOOK_GAS);
        if (hook.code.length != 0) {
            try IEpochRedistributor(hook).record{gas: RECORD_HOOK_GAS}(agentId, client, payment, fee, trustWad) {
                return;
            } catch {}
        }
        emit RecordFailed(jobId, hook);
    }

    function _promotedRedistributor() private returns (address) {
        Redistribution memory redistribution = _redistribution;
        if (!_successorIsDue(redistribution)) return redistribution.redistributor;
        address successor = _successor;
        _redistribution = Redistribution(successor, 0);
        return successor;
    }

    function _successorIsDue(Redistribution memory redistribution) private view returns (bool) {
        return redistribution.successorFrom != 0 && xp.currentEpoch() >= redistribution.successorFrom;
    }

    function _oweFees(uint256 amount) private {
        uint256 owed = _feesOwed + amount;
        if (owed > type(uint96).max) {
            _feesBeyond += owed;
            owed = 0;
        }
        _feesOwed = uint96(owed);
    }

    /// @dev The fee of `owner`, in basis points. What the tiers cannot answer, or not within 1 to the base fee, is the base fee. Zero is no answer:
    ///      the redistributor tells a success by its fee.
    function _feeBpsOf(address owner) private view returns (uint256 feeBps) {
        address hook = address(feeTiers);
        if (hook == address(0)) return BASE_FEE_BPS;
        _requireGasFor(READ_HOOK_GAS);
        if (hook.code.length == 0) return BASE_FEE_BPS;
        try IUndecodedHooks(hook).feeBpsOf{gas: READ_HOOK_GAS}(owner) {
            bool answered;
            (answered, feeBps) = _answer();
            if (!answered || feeBps == 0 || feeBps > BASE_FEE_BPS) feeBps = BASE_FEE_BPS;
        } catch {
            feeBps = BASE_FEE_BPS;
        }
    }

    /// @dev The trust of an agent, with 18 decimals and never above 100; unknown is zero.
    function _trustOf(uint256 agentId) private view returns (bool known, uint256 trustWad) {
        address hook = address(reputation);
        if (hook == address(0)) return (false, 0);
        _requireGasFor(READ_HOOK_GAS);
        if (hook.code.length == 0) return (false, 0);
        try IUndecodedHooks(hook).trustOf{gas: READ_HOOK_GAS}(agentId) {
            (known, trustWad) = _answer();
            if (trustWad > _MAX_TRUST_WAD) trustWad = _MAX_TRUST_WAD;
        } catch {}
    }

    /// @dev What the call just made answered, where it is one word. Nothing else is copied, however long it is.
    function _answer() private pure returns (bool answered, uint256 value) {
        answered = LowLevelCall.returnDataSize() == _WORD;
        if (answered) value = abi.decode(LowLevelCall.returnData(), (uint256));
    }

    function _requireTrust(uint256 agentId, uint256 minTrustWad) private view {
        (bool known, uint256 trustWad) = _trustOf(agentId);
        if (!known) revert ServiceMarket_TrustUnknown(agentId);
        if (trustWad < minTrustWad) revert ServiceMarket_TrustTooLow(agentId, trustWad, minTrustWad);
    }

    /// @dev A call gets at most 63/64 of what is left, and silently so; a caller who could starve a hook could choose the outcome.
    function _requireGasFor(uint256 hookGas) private view {
        uint256 needed = hookGas + hookGas / 63 + _HOOK_RESERVE;
        if (gasleft() < needed) revert ServiceMarket_TooLittleGas(gasleft(), needed);
    }

    function _requireHook(address hook) private view {
        if (hook != address(0) && hook.code.length == 0) revert ServiceMarket_HookHasNoCode(hook);
    }

    function _setTreasury(address newTreasury) private {
        if (newTreasury == address(0) || newTreasury == address(this)) {
            revert ServiceMarket_InvalidTreasury(newTreasury);
        }
        emit TreasuryChanged(treasury, newTreasury);
        treasury = newTreasury;
    }

    function _setBond(uint256 newBondBps) private {
        if (newBondBps == 0 || newBondBps > MAX_BOND_BPS) revert ServiceMarket_BondOutOfRange(newBondBps, MAX_BOND_BPS);
        bondBps = uint16(newBondBps);
        emit BondChanged(newBondBps);
    }

    function _tryPermit(uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {}
    }

    /// @dev Takes `amount` from the caller; a token that brings another amount, or none and says so, is refused.
    function _pull(uint256 amount) private {
        uint256 balanceBefore = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 balanceAfter = token.balanceOf(address(this));
        if (balanceAfter < balanceBefore || balanceAfter - balanceBefore != amount) {
            revert ServiceMarket_WrongAmountReceived(amount, balanceBefore, balanceAfter);
        }
    }

    /// @dev A job that nobody has accepted or cancelled.
    function _openJob(uint256 jobId) private view returns (StoredJob storage job) {
        job = _jobs[jobId];
        if (job.client == address(0) || job.assignment.exists()) {
            revert ServiceMarket_WrongState(jobId, _stateOf(jobId));
        }
    }

    /// @dev A job in `expected`, a state of accepted jobs.
    function _jobIn(
        uint256 jobId,
        JobState expected
    ) private view returns (StoredJob storage job, JobAssignment assignment) {
        job = _jobs[jobId];
        assignment = job.assignment;
        if (assignment.state() != expected) revert ServiceMarket_WrongState(jobId, _stateOf(jobId));
    }

    function _stateOf(uint256 jobId) private view returns (JobState) {
        if (jobId == 0 || jobId > jobCount) revert ServiceMarket_UnknownJob(jobId);
        StoredJob storage job = _jobs[jobId];
        JobAssignment assignment = job.assignment;
        if (assignment.exists()) return assignment.state();
        return job.client == address(0) ? JobState.Cancelled : JobState.Open;
    }

    function _requireWithin(uint256 jobId, JobAssignment assignment) private view {
        uint256 until = assignment.until();
        if (block.timestamp > until) revert ServiceMarket_TooLate(jobId, until);
    }

    function _requireOver(uint256 jobId, JobAssignment assignment) private view {
        uint256 until = assignment.until();
        if (block.timestamp <= until) revert ServiceMarket_TooEarly(jobId, until);
    }

    function _requireAgentInRange(uint256 agentId) private pure {
        if (agentId > MAX_AGENT_ID) revert ServiceMarket_AgentOutOfRange(agentId, MAX_AGENT_ID);
    }

    function _decimalsOf(IERC20Metadata token_) private view returns (uint256) {
        try token_.decimals() returns (uint8 decimals) {
            if (decimals > _MAX_DECIMALS) revert ServiceMarket_TooManyDecimals(decimals);
            return decimals;
        } catch {
            revert ServiceMarket_TokenWithoutDecimals(address(token_));
        }
    }

    /// @dev All that is here for a job, payment and bonds, goes somewhere: the three sum to it in every outcome.
    function _sharesIn(
        JobState outcome,
        uint256 payment,
        JobAssignment assignment
    ) private pure returns (JobShares memory shares) {
        uint256 bond = _bondOf(payment, assignment.bondBps());
        if (outcome == JobState.Refunded) {
            shares.toClient = payment + bond;
        } else if (outcome == JobState.RuledForClient) {
            shares.toClient = payment + 2 * bond;
        } else if (outcome == JobState.Split) {
            uint256 half = payment / 2;
            uint256 fee = _feeOf(half, assignment.feeBps());
            shares.toPayee = half - fee;
            shares.toClient = payment - half;
            shares.toTreasury = fee + 2 * bond;
        } else {
            uint256 fee = _feeOf(payment, assignment.feeBps());
            shares.toPayee = payment - fee + (outcome == JobState.RuledForAgent ? 2 * bond : bond);
            shares.toTreasury = fee;
        }
    }

    /// @dev Rounds up, so that no payment is too small for a bond.
    function _bondOf(uint256 payment, uint256 bondBps_) private pure returns (uint256) {
        return (payment * bondBps_).ceilDiv(_FULL_BPS);
    }

    /// @dev Rounds up, in favour of the treasury; never above `amount`.
    function _feeOf(uint256 amount, uint256 feeBps) private pure returns (uint256) {
        return (amount * feeBps).ceilDiv(_FULL_BPS);
    }
}
