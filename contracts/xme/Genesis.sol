// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {IGenesis} from "./interfaces/IGenesis.sol";
import {
    IAirdropRecipient,
    IEmissionRecipient,
    ISaleRecipient,
    ISeederRecipient,
    ITimelock,
    ITokenRecipient,
    ITreasuryBacked,
    IVestingRecipient
} from "./interfaces/IRecipients.sol";
import {XME} from "./XME.sol";
import {XMEX} from "./XMEX.sol";

/// @title Genesis, where every XME and XMEX comes from
/// @notice Creates both tokens and hands all of them out once, by a table that is part of the code.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 8, "Token Allocation & Release". The contracts that receive tokens need the tokens'
///      addresses first, so genesis holds everything until they stand; then the deployer names them in one call of `allocate`. What each kind
///      gets is fixed here, and each is asked whether it is made for its share, so that a mistake in the deployment cannot send tokens to a
///      wrong place: a contract for the other token, a wallet with another schedule, an airdrop in the sale's place.
///
///      Limits, in the open. It guards against mistakes, not against a deployer who writes a contract that answers as the right one would;
///      that is what verified source code and the table of roles are for. A timelock cannot be asked for all its members, so genesis cannot
///      see other administrators, nor whether anybody may propose; and its delay can be lowered later, by a proposal. Only the deployer can call `allocate` and nobody can do anything
///      else, so if it is never called, the tokens stay here for ever and a new genesis has to be deployed.
///      Deploy it with a plain creation: through a factory, the factory would be the deployer.
///
///      Invariant: before `allocate` this holds both supplies, after it nothing, and it has no further function. No reentrancy guard: it is
///      done with its one storage slot before it calls anything that can call back.
contract Genesis is IGenesis {
    using SafeERC20 for IERC20;

    /// @notice The contracts that receive tokens, beside the timelock, which is known from construction.
    struct Recipients {
        address publicSale;
        address airdrop;
        address teamVesting;
        address privateSaleVesting;
        address liquiditySeeder;
        address emissionVault;
    }

    /// @notice All XME; the shares below add up to it.
    /// @dev Source section 8: "XME Total Supply: 1 Billion (Fixed)".
    uint256 public constant XME_SUPPLY = 1_000_000_000e18;

    /// @notice XME for the treasury.
    /// @dev Source section 8: "Ecosystem & Treasury 25%".
    uint256 public constant XME_FOR_TREASURY = (XME_SUPPLY * 25) / 100;

    /// @notice XME for the public sale.
    /// @dev Source section 8: "Public Sale 25%".
    uint256 public constant XME_FOR_PUBLIC_SALE = (XME_SUPPLY * 25) / 100;

    /// @notice XME for the airdrop.
    /// @dev Source section 8: "User Incentive Airdrop 15%".
    uint256 public constant XME_FOR_AIRDROP = (XME_SUPPLY * 15) / 100;

    /// @notice XME for the team and its advisers.
    /// @dev Source section 8: "Core Team & Advisors 15%".
    uint256 public constant XME_FOR_TEAM = (XME_SUPPLY * 15) / 100;

    /// @notice XME for the private sale.
    /// @dev Source section 8: "Private Sale 10%".
    uint256 public constant XME_FOR_PRIVATE_SALE = (XME_SUPPLY * 10) / 100;

    /// @notice XME for the pool.
    /// @dev Source section 8: "Liquidity Provision 10%".
    uint256 public constant XME_FOR_LIQUIDITY = (XME_SUPPLY * 10) / 100;

    /// @notice All XMEX; the shares below add up to it.
    /// @dev Source section 8: "XMEX Total Supply: 100 Billion (Initial Total)".
    uint256 public constant XMEX_SUPPLY = 100_000_000_000e18;

    /// @notice XMEX for the emission vault.
    /// @dev Source section 8: "The vast majority (90%) will serve as ecosystem incentives".
    uint256 public constant XMEX_FOR_EMISSION = (XMEX_SUPPLY * 90) / 100;

    /// @notice XMEX for the treasury.
    /// @dev Choice: the source leaves a tenth open; half of it gives the treasury something to fund rounds and grants with.
    uint256 public constant XMEX_FOR_TREASURY = (XMEX_SUPPLY * 5) / 100;

    /// @notice XMEX for the pool.
    /// @dev Choice: the other half of the open tenth, because a pool of XME needs a second side.
    uint256 public constant XMEX_FOR_LIQUIDITY = (XMEX_SUPPLY * 5) / 100;

    /// @notice How long after genesis the team gets nothing.
    /// @dev Choice: one year, the market's usual cliff for a team; the source names no schedule.
    uint256 public constant TEAM_CLIFF = 365 days;

    /// @notice How long the team's share vests in all.
    /// @dev Choice: four years of 365 days, the market's usual length for a team.
    uint256 public constant TEAM_DURATION = 4 * 365 days;

    /// @notice How long after genesis the private buyers get nothing.
    /// @dev Choice: half a year of 365 days; they paid, so it is half the team's.
    uint256 public constant PRIVATE_SALE_CLIFF = 365 days / 2;

    /// @notice How long the private buyers' share vests in all.
    /// @dev Choice: two years of 365 days, half the team's.
    uint256 public constant PRIVATE_SALE_DURATION = 2 * 365 days;

    /// @notice The shortest delay with which the treasury's timelock may start.
    /// @dev Choice: two days, the delay of X.me's governance.
    uint256 public constant MIN_TIMELOCK_DELAY = 2 days;

    /// @notice The longest delay, in seconds, with which the treasury's timelock may start.
    /// @dev Choice: thirty days; a delay mistyped by some digits would keep treasury and governance still for ever.
    uint256 public constant MAX_TIMELOCK_DELAY = 30 days;

    /// @notice The least gas with which `allocate` starts.
    /// @dev Choice: a tool sends what it estimates, and anybody can make a pool that costs less to begin with, then move its price while the
    ///      call is pending. With this floor no estimate can be too low: the dearest case, creating the pool, takes 5.5 million, and the
    ///      longest way of a price 4.1 million.
    uint256 public constant MIN_ALLOCATE_GAS = 8_000_000;

    /// @dev OpenZeppelin TimelockController's roles; AccessControl's first administrator is zero.
    bytes32 private constant _TIMELOCK_ADMINISTRATOR = 0;
    bytes32 private constant _PROPOSER = keccak256("PROPOSER_ROLE");
    bytes32 private constant _EXECUTOR = keccak256("EXECUTOR_ROLE");
    bytes32 private constant _CANCELLER = keccak256("CANCELLER_ROLE");

    /// @dev OpenZeppelin AccessManager: the role that governs all others.
    uint64 private constant _ADMINISTRATOR = 0;

    /// @notice The governance token.
    IERC20 public immutable xme;

    /// @notice The utility token.
    IERC20 public immutable xmex;

    /// @notice The timelock that is the treasury.
    address public immutable timelock;

    /// @notice The account that deployed this and may call `allocate` once.
    address public immutable deployer;

    /// @notice The account that the team's wallet must pay.
    address public immutable teamBeneficiary;

    /// @notice The account that the private buyers' wallet must pay.
    address public immutable privateSaleBeneficiary;

    /// @notice The time, in seconds, of the block that this was deployed in, from which both wallets must vest.
    /// @dev Choice: the birth of the tokens is the one time that nobody picks, and the same for both.
    uint256 public immutable genesisTime;

    /// @notice Whether everything has been handed out.
    bool public allocated;

    /// @notice `recipient` received `amount` of `token` at genesis.
    event Allocated(IERC20 indexed token, address indexed recipient, uint256 amount);

    /// @notice Thrown when anybody but the deployer calls `allocate`.
    error Genesis_NotDeployer(address caller, address deployer);

    /// @notice Thrown by a second `allocate`.
    error Genesis_AlreadyAllocated();

    /// @notice Thrown when `allocate` starts with so little gas that it might run out of it.
    error Genesis_TooLittleGas(uint256 gasLeft, uint256 minimum);

    /// @notice Thrown at construction when the timelock is not the administrator of its own roles, so that no proposal could change them.
    error Genesis_TimelockNotItsAdministrator(address timelock);

    /// @notice Thrown when tokens would be handed out while the deployer, who is to hold nothing afterwards, still has a role of the timelock.
    error Genesis_DeployerHasTimelockRole(address timelock, bytes32 role, address deployer);

    /// @notice Thrown at construction when the timelock would let its proposers act too fast.
    error Genesis_TimelockDelayTooShort(uint256 delay, uint256 minimum);

    /// @notice Thrown at construction when the timelock would keep the treasury waiting too long.
    error Genesis_TimelockDelayTooLong(uint256 delay, uint256 maximum);

    /// @notice Thrown at construction for a beneficiary that is zero.
    error Genesis_BeneficiaryIsZero();

    /// @notice Thrown at construction for a beneficiary that is the deployer, who is to hold nothing afterwards.
    error Genesis_BeneficiaryIsDeployer(address deployer);

    /// @notice Thrown when a recipient's address holds no contract.
    error Genesis_NoCode(address recipient);

    /// @notice Thrown when one address is named for two shares.
    error Genesis_RecipientTwice(address recipient);

    /// @notice Thrown when a recipient does not answer the question that tells its kind.
    error Genesis_WrongKind(address recipient, bytes4 getter);

    /// @notice Thrown when a recipient is made for another token.
    error Genesis_WrongToken(address recipient, address token, address expected);

    /// @notice Thrown when a recipient would send what is left to another address than the timelock.
    error Genesis_WrongTreasury(address recipient, address treasury, address expected);

    /// @notice Thrown when a sale or an airdrop has ended already, so that everything would go to the treasury.
    error Genesis_AlreadyOver(address recipient, uint256 end);

    /// @notice Thrown when the emission vault would release another amount than it gets.
    error Genesis_WrongAllocation(address recipient, uint256 allocation, uint256 expected);

    /// @notice Thrown when the emission vault obeys an access manager of which the timelock is no administrator.
    error Genesis_WrongAuthority(address recipient, address authority, address timelock);

    /// @notice Thrown when the deployer is still an administrator of the access manager that the emission vault obeys.
    error Genesis_DeployerIsAdministrator(address recipient, address authority, address deployer);

    /// @notice Thrown when a seeder waits for another genesis.
    error Genesis_WrongGenesis(address recipient, address genesis, address expected);

    /// @notice Thrown when a vesting wallet pays another account.
    error Genesis_WrongVestingOwner(address recipient, address owner, address expected);

    /// @notice Thrown when a vesting wallet starts at another time.
    error Genesis_WrongVestingStart(address recipient, uint256 start, uint256 expected);

    /// @notice Thrown when a vesting wallet's cliff ends at another time.
    error Genesis_WrongVestingCliff(address recipient, uint256 cliff, uint256 expected);

    /// @notice Thrown when a vesting wallet's schedule has another length.
    error Genesis_WrongVestingDuration(address recipient, uint256 duration, uint256 expected);

    /// @dev `timelock_` becomes the treasury; the beneficiaries are fixed here, in the open, before any wallet exists.
    ///      Reverts with `Genesis_NoCode`, `Genesis_WrongKind`, `Genesis_TimelockDelayTooShort`, `Genesis_TimelockDelayTooLong`,
    ///      `Genesis_TimelockNotItsAdministrator`, `Genesis_BeneficiaryIsZero` and `Genesis_BeneficiaryIsDeployer`.
    constructor(address timelock_, address teamBeneficiary_, address privateSaleBeneficiary_) {
        _requireTimelock(timelock_);
        _requireBeneficiary(teamBeneficiary_);
        _requireBeneficiary(privateSaleBeneficiary_);

        xme = new XME();
        xmex = new XMEX();
        timelock = timelock_;
        deployer = msg.sender;
        teamBeneficiary = teamBeneficiary_;
        privateSaleBeneficiary = privateSaleBeneficiary_;
        genesisTime = block.timestamp;
    }

    /// @notice Hands out every XME and XMEX to `recipients` and the treasury and opens the pool; only the deployer, only once.
    /// @dev All recipients are checked before anything moves, and the pool opens before anybody else holds a token (see `LiquiditySeeder`).
    ///      Governance is put together before it, because the governor counts a token that is made here: the deployer administers the
    ///      timelock and the access manager until then, and must have given up both by now.
    ///      Cost: one slot here, eight balances, the pool's creation.
    ///      Reverts with `Genesis_NotDeployer`, `Genesis_AlreadyAllocated`, `Genesis_TooLittleGas`, each error of the checks
    ///      (`Genesis_DeployerHasTimelockRole`, `Genesis_DeployerIsAdministrator`, `Genesis_NoCode`,
    ///      `Genesis_RecipientTwice`, `Genesis_WrongKind`, `Genesis_WrongToken`, `Genesis_WrongTreasury`, `Genesis_AlreadyOver`,
    ///      `Genesis_WrongAllocation`, `Genesis_WrongAuthority`, `Genesis_WrongGenesis`, `Genesis_WrongVestingOwner`, `Genesis_WrongVestingStart`, `Genesis_WrongVestingCliff`,
    ///      `Genesis_WrongVestingDuration`) and those of the seeder.
    function allocate(Recipients calldata recipients) external {
        if (msg.sender != deployer) revert Genesis_NotDeployer(msg.sender, deployer);
        if (allocated) revert Genesis_AlreadyAllocated();
        uint256 gasLeft = gasleft();
        if (gasLeft < MIN_ALLOCATE_GAS) revert Genesis_TooLittleGas(gasLeft, MIN_ALLOCATE_GAS);
        allocated = true;

        _requirePowerlessDeployer();
        _requireDistinctContracts(recipients);
        _requirePublicSale(recipients.publicSale);
        _requireAirdrop(recipients.airdrop);
        _requireVesting(recipients.teamVesting, teamBeneficiary, TEAM_CLIFF, TEAM_DURATION);
        _requireVesting(
            recipients.privateSaleVesting,
            privateSaleBeneficiary,
            PRIVATE_SALE_CLIFF,
            PRIVATE_SALE_DURATION
        );
        _requireSeeder(recipients.liquiditySeeder);
        _requireEmissionVault(recipients.emissionVault);

        _send(xme, recipients.liquiditySeeder, XME_FOR_LIQUIDITY);
        _send(xmex, recipients.liquiditySeeder, XMEX_FOR_LIQUIDITY);
        ISeederRecipient(recipients.liquiditySeeder).seed();

        _send(xme, timelock, XME_FOR_TREASURY);
        _send(xme, recipients.publicSale, XME_FOR_PUBLIC_SALE);
        _send(xme, recipients.airdrop, XME_FOR_AIRDROP);
        _send(xme, recipients.teamVesting, XME_FOR_TEAM);
        _send(xme, recipients.privateSaleVesting, XME_FOR_PRIVATE_SALE);
        _send(xmex, recipients.emissionVault, XMEX_FOR_EMISSION);
        _send(xmex, timelock, XMEX_FOR_TREASURY);
    }

    function _send(IERC20 token, address recipient, uint256 amount) private {
        token.safeTransfer(recipient, amount);
        emit Allocated(token, recipient, amount);
    }

    function _requireTimelock(address timelock_) private view {
        if (timelock_.code.length == 0) revert Genesis_NoCode(timelock_);
        uint256 delay = _read(timelock_, ITimelock.getMinDelay.selector);
        if (delay < MIN_TIMELOCK_DELAY) revert Genesis_TimelockDelayTooShort(delay, MIN_TIMELOCK_DELAY);
        if (delay > MAX_TIMELOCK_DELAY) revert Genesis_TimelockDelayTooLong(delay, MAX_TIMELOCK_DELAY);
        if (!_hasTimelockRole(timelock_, _TIMELOCK_ADMINISTRATOR, timelock_)) {
            revert Genesis_TimelockNotItsAdministrator(timelock_);
        }
    }

    /// @dev A deployer who administers the treasury's timelock, or proposes to it, could take everything after all.
    function _requirePowerlessDeployer() private view {
        bytes32[4] memory roles = [_TIMELOCK_ADMINISTRATOR, _PROPOSER, _EXECUTOR, _CANCELLER];
        for (uint256 i = 0; i < roles.length; i++) {
            if (_hasTimelockRole(timelock, roles[i], deployer)) {
                revert Genesis_DeployerHasTimelockRole(timelock, roles[i], deployer);
            }
        }
    }

    function _hasTimelockRole(address timelock_, bytes32 role, address account) private view returns (bool) {
        return _ask(timelock_, abi.encodeCall(IAccessControl.hasRole, (role, account)), 1) != 0;
    }

    function _requireBeneficiary(address beneficiary) private view {
        if (beneficiary == address(0)) revert Genesis_BeneficiaryIsZero();
        if (beneficiary == msg.sender) revert Genesis_BeneficiaryIsDeployer(msg.sender);
    }

    /// @dev The timelock, too, must not stand for a second share: its tokens would then answer to nobody's schedule.
    function _requireDistinctContracts(Recipients calldata recipients) private view {
        address[7] memory all = [
            timelock,
            recipients.publicSale,
            recipients.airdrop,
            recipients.teamVesting,
            recipients.privateSaleVesting,
            recipients.liquiditySeeder,
            recipients.emissionVault
        ];
        for (uint256 i = 0; i < all.length; i++) {
            if (all[i].code.length == 0) revert Genesis_NoCode(all[i]);
            for (uint256 j = 0; j < i; j++) {
                if (all[i] == all[j]) revert Genesis_RecipientTwice(all[i]);
            }
        }
    }

    /// @dev An airdrop has no `end`, and a vesting wallet, which has one, no `treasury`: that tells a sale from both.
    function _requirePublicSale(address recipient) private view {
        _requireToken(recipient, xme);
        _requireTreasury(recipient);
        _requireNotOver(recipient, ISaleRecipient.end.selector);
    }

    function _requireAirdrop(address recipient) private view {
        _requireToken(recipient, xme);
        _requireTreasury(recipient);
        _requireNotOver(recipient, IAirdropRecipient.deadline.selector);
    }

    function _requireVesting(
        address recipient,
        address beneficiary,
        uint256 cliffSeconds,
        uint256 durationSeconds
    ) private view {
        _requireToken(recipient, xme);
        address owner = _readAddress(recipient, IVestingRecipient.owner.selector);
        if (owner != beneficiary) revert Genesis_WrongVestingOwner(recipient, owner, beneficiary);
        uint256 start = _read(recipient, IVestingRecipient.start.selector);
        if (start != genesisTime) revert Genesis_WrongVestingStart(recipient, start, genesisTime);
        uint256 cliff = _read(recipient, IVestingRecipient.cliff.selector);
        if (cliff != genesisTime + cliffSeconds) {
            revert Genesis_WrongVestingCliff(recipient, cliff, genesisTime + cliffSeconds);
        }
        uint256 duration = _read(recipient, IVestingRecipient.duration.selector);
        if (duration != durationSeconds) revert Genesis_WrongVestingDuration(recipient, duration, durationSeconds);
    }

    /// @dev A seeder takes tokens and treasury from its genesis, so the right genesis is enough.
    function _requireSeeder(address recipient) private view {
        address genesis = _readAddress(recipient, ISeederRecipient.genesis.selector);
        if (genesis != address(this)) revert Genesis_WrongGenesis(recipient, genesis, address(this));
    }

    function _requireEmissionVault(address recipient) private view {
        _requireToken(recipient, xmex);
        uint256 allocation = _read(recipient, IEmissionRecipient.ALLOCATION.selector);
        if (allocation != XMEX_FOR_EMISSION) {
            revert Genesis_WrongAllocation(recipient, allocation, XMEX_FOR_EMISSION);
        }
        address authority = _readAddress(recipient, IAccessManaged.authority.selector);
        if (!_isAdministrator(authority, timelock)) revert Genesis_WrongAuthority(recipient, authority, timelock);
        if (_isAdministrator(authority, deployer))
            revert Genesis_DeployerIsAdministrator(recipient, authority, deployer);
    }

    function _isAdministrator(address authority, address account) private view returns (bool) {
        return _ask(authority, abi.encodeCall(IAccessManager.hasRole, (_ADMINISTRATOR, account)), 2) != 0;
    }

    function _requireNotOver(address recipient, bytes4 getter) private view {
        uint256 end = _read(recipient, getter);
        if (end <= block.timestamp) revert Genesis_AlreadyOver(recipient, end);
    }

    function _requireToken(address recipient, IERC20 expected) private view {
        address token = _readAddress(recipient, ITokenRecipient.token.selector);
        if (token != address(expected)) revert Genesis_WrongToken(recipient, token, address(expected));
    }

    function _requireTreasury(address recipient) private view {
        address treasury = _readAddress(recipient, ITreasuryBacked.treasury.selector);
        if (treasury != timelock) revert Genesis_WrongTreasury(recipient, treasury, timelock);
    }

    function _readAddress(address account, bytes4 getter) private view returns (address) {
        return address(uint160(_read(account, getter)));
    }

    function _read(address account, bytes4 getter) private view returns (uint256) {
        return _ask(account, abi.encodePacked(getter), 1);
    }

    /// @dev The first word of an answer. Anything else than success with as many words as expected means another kind of contract.
    function _ask(address account, bytes memory question, uint256 words) private view returns (uint256) {
        (bool success, bytes memory answer) = account.staticcall(question);
        if (!success || answer.length != 32 * words) revert Genesis_WrongKind(account, bytes4(question));
        return abi.decode(answer, (uint256));
    }
}
