// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IXP} from "./interfaces/IXP.sol";

/// @title XP, reputation that can be traded, locked and burned
/// @notice Earned by agents for paid work, burned for a lower fee; what is burned in a week is earned again in later ones.
/// @dev XP Flywheel, whole; this contract is its token and its clock. Who may create XP is the access manager's to say, and it is the
///      redistributor alone; how much of it can exist is said here, whoever may mint.
///
///      It also keeps the week: epochs of seven days, counted from 1 at the deployment. That the redistributor knows what was burned before
///      the running epoch, whenever it asks, burns are counted for each epoch.
///
///      Invariants: totalSupply = totalMinted − totalBurned ≤ 100,000,000 XP; Σ mintedIn = totalMinted and Σ burnedIn = totalBurned.
///      Cost of a burn beside the token's own: one slot; the first burn of an epoch also writes down those of the last epoch with any, into a
///      slot that exists already where XP was minted in that epoch, as the redistributor does in every week with work.
contract XP is IXP, ERC20, ERC20Burnable, ERC20Permit, AccessManaged {
    using SafeCast for uint256;

    /// @dev One slot. 112 bits hold the maximum supply fifty million times over, minted and burned again and again.
    struct Burns {
        uint112 total;
        uint112 inLatestEpoch;
        uint32 latestEpoch;
    }

    /// @dev One slot, in wei of XP. What was minted is written at once, what was burned by the first burn of a later epoch.
    struct Flow {
        uint128 minted;
        uint128 burned;
    }

    /// @notice XP, in wei, that will ever exist at one time.
    /// @dev Choice: a hundred million; the source gives no supply, only that there is "no inflation needed".
    uint256 public constant MAX_SUPPLY = 100_000_000e18;

    /// @notice The length, in seconds, of an epoch.
    /// @dev Source, "The Burn-Redistribute Cycle": "Week 1 … Week 2".
    uint256 public constant EPOCH_LENGTH = 7 days;

    /// @notice The time, in seconds, at which epoch 1 began: that of the deployment.
    uint256 public immutable start;

    Burns private _burns;

    /// @dev Burns only of epochs before the latest one with burns.
    mapping(uint256 epoch => Flow) private _flows;

    /// @notice Thrown when a mint would bring the supply above its maximum.
    error XP_SupplyExceeded(uint256 amount, uint256 room);

    /// @notice Thrown at construction when the authority's address holds no contract, so that nobody could ever mint.
    error XP_AuthorityHasNoCode(address authority);

    /// @dev `initialAuthority` is the flywheel's access manager. Reverts with `XP_AuthorityHasNoCode`.
    constructor(
        address initialAuthority
    ) ERC20("Xonomy XP", "XP") ERC20Permit("Xonomy XP") AccessManaged(initialAuthority) {
        if (initialAuthority.code.length == 0) revert XP_AuthorityHasNoCode(initialAuthority);
        start = block.timestamp;
    }

    /// @inheritdoc IXP
    /// @dev Only the role that the access manager maps to it, which the redistributor holds.
    ///      Reverts with `AccessManagedUnauthorized`, `XP_SupplyExceeded` and the token's own errors.
    function mint(address to, uint256 amount) external restricted {
        uint256 room = MAX_SUPPLY - totalSupply();
        if (amount > room) revert XP_SupplyExceeded(amount, room);
        _flows[currentEpoch()].minted += amount.toUint128();
        _mint(to, amount);
    }

    /// @notice Destroys `amount` of your XP, for nothing in return.
    /// @dev In wei. It counts for the pool like every burn. Reverts with the token's own errors.
    function burn(uint256 amount) public override(IXP, ERC20Burnable) {
        super.burn(amount);
    }

    /// @notice Destroys `amount` of the XP of `account`, which must have allowed you to.
    /// @dev In wei. Reverts with the token's own errors.
    function burnFrom(address account, uint256 amount) public override(IXP, ERC20Burnable) {
        super.burnFrom(account, amount);
    }

    /// @inheritdoc IXP
    function currentEpoch() public view returns (uint256) {
        return (block.timestamp - start) / EPOCH_LENGTH + 1;
    }

    /// @notice The time, in seconds, at which `epoch` begins, past or future; the one before it ends there.
    /// @dev Epochs count from 1; for epoch 0 it reverts with a panic.
    function epochStart(uint256 epoch) external view returns (uint256) {
        return start + (epoch - 1) * EPOCH_LENGTH;
    }

    /// @inheritdoc IXP
    function totalMinted() external view returns (uint256) {
        return totalSupply() + _burns.total;
    }

    /// @inheritdoc IXP
    function totalBurned() external view returns (uint256) {
        return _burns.total;
    }

    /// @inheritdoc IXP
    function burnedIn(uint256 epoch) external view returns (uint256) {
        return epoch == _burns.latestEpoch ? _burns.inLatestEpoch : _flows[epoch].burned;
    }

    /// @notice XP, in wei, created in `epoch`.
    function mintedIn(uint256 epoch) external view returns (uint256) {
        return _flows[epoch].minted;
    }

    /// @dev Counts burns; every way to burn comes through here.
    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (to == address(0)) _countBurn(amount);
    }

    function _countBurn(uint256 amount) private {
        Burns memory burns = _burns;
        uint256 epoch = currentEpoch();
        if (epoch != burns.latestEpoch) {
            if (burns.inLatestEpoch != 0) _flows[burns.latestEpoch].burned = burns.inLatestEpoch;
            burns.latestEpoch = epoch.toUint32();
            burns.inLatestEpoch = 0;
        }
        burns.inLatestEpoch += amount.toUint112();
        burns.total += amount.toUint112();
        _burns = burns;
    }
}
