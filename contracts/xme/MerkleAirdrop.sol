// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title Airdrop of XME to the first users
/// @notice Pays every account on a published list its XME once, until a deadline; what is left goes to the treasury.
/// @dev X.me Dual-Token Economic Model Whitepaper, section 8, "User Incentive Airdrop 15%". The list is the Merkle root fixed at construction: nobody
///      can change it, stop a claim or take anything out but for the treasury after the deadline.
///
///      The tree is OpenZeppelin's `StandardMerkleTree` with leaves (uint256 index, address account, uint256 amount), hashed twice, so that no
///      inner node can be passed off as a leaf. `index` is the row of the list and numbers one bit of a bitmap: 256 accounts share a slot.
///
///      Limits, in the open: the contract cannot add up the list. The tools that make it refuse a sum above the allocation; if a root exceeds it
///      all the same, the last claims fail for want of XME. Of two rows with one index only one can be claimed.
///
///      Invariants: each index pays at most once, exactly the listed amount to exactly the listed account, before the deadline; everything else
///      leaves only after it and only to the treasury. The token is XME, which has no callbacks, so state is written before it moves and no
///      guard is needed.
contract MerkleAirdrop {
    using SafeERC20 for IERC20;

    /// @notice The furthest, in seconds, that the deadline may lie after construction.
    /// @dev Choice: a time typed in milliseconds cannot keep the unclaimed XME here for ever.
    uint256 public constant MAX_DEADLINE_DISTANCE = 2 * 365 days;

    /// @notice The token that is given away: XME.
    IERC20 public immutable token;

    /// @notice The account that the unclaimed XME goes to.
    address public immutable treasury;

    /// @notice The root of the list.
    bytes32 public immutable merkleRoot;

    /// @notice The time, in seconds, from which nothing can be claimed any more.
    uint256 public immutable deadline;

    /// @dev Bit `index % 256` of word `index / 256` is set once the row is paid.
    mapping(uint256 word => uint256 bits) private _claimed;

    /// @notice Row `index` of the list was paid: `amount` wei of XME to `account`.
    event Claimed(uint256 indexed index, address indexed account, uint256 amount);

    /// @notice `amount` wei of XME that nobody claimed went to the treasury.
    event UnclaimedSwept(uint256 amount);

    /// @notice Thrown at construction when the token's address holds no contract.
    error MerkleAirdrop_TokenHasNoCode(address token);

    /// @notice Thrown at construction for a treasury that is zero.
    error MerkleAirdrop_TreasuryIsZero();

    /// @notice Thrown at construction for a root that is zero, with which nobody could claim.
    error MerkleAirdrop_RootIsZero();

    /// @notice Thrown at construction when the deadline has passed already or lies after `latest`.
    error MerkleAirdrop_DeadlineOutOfRange(uint256 deadline, uint256 blockTime, uint256 latest);

    /// @notice Thrown by a claim at the deadline or later.
    error MerkleAirdrop_Ended(uint256 deadline);

    /// @notice Thrown when row `index` has been paid already.
    error MerkleAirdrop_AlreadyClaimed(uint256 index);

    /// @notice Thrown when `index`, `account` and `amount` are no row of the list, or the proof is another row's.
    error MerkleAirdrop_InvalidProof(uint256 index, address account, uint256 amount);

    /// @notice Thrown when the unclaimed XME is asked for before the deadline.
    error MerkleAirdrop_NotEnded(uint256 deadline);

    /// @dev `deadline_` in seconds. Reverts with `MerkleAirdrop_TokenHasNoCode`, `MerkleAirdrop_TreasuryIsZero`, `MerkleAirdrop_RootIsZero` and
    ///      `MerkleAirdrop_DeadlineOutOfRange`.
    constructor(IERC20 token_, address treasury_, bytes32 merkleRoot_, uint256 deadline_) {
        if (address(token_).code.length == 0) revert MerkleAirdrop_TokenHasNoCode(address(token_));
        if (treasury_ == address(0)) revert MerkleAirdrop_TreasuryIsZero();
        if (merkleRoot_ == 0) revert MerkleAirdrop_RootIsZero();
        uint256 latest = block.timestamp + MAX_DEADLINE_DISTANCE;
        if (deadline_ <= block.timestamp || deadline_ > latest) {
            revert MerkleAirdrop_DeadlineOutOfRange(deadline_, block.timestamp, latest);
        }
        token = token_;
        treasury = treasury_;
        merkleRoot = merkleRoot_;
        deadline = deadline_;
    }

    /// @notice Pays `account` the `amount` of XME that row `index` of the list gives it; anybody may call this for it.
    /// @dev `amount` in wei of XME. Cost: one cold slot here, which 256 rows share, a pair of hashes and one for each level of the tree, then the
    ///      token's transfer.
    ///      Reverts with `MerkleAirdrop_Ended`, `MerkleAirdrop_AlreadyClaimed`, `MerkleAirdrop_InvalidProof` and the token's own errors.
    function claim(uint256 index, address account, uint256 amount, bytes32[] calldata proof) external {
        if (block.timestamp >= deadline) revert MerkleAirdrop_Ended(deadline);
        uint256 bits = _claimed[index >> 8];
        uint256 bit = 1 << (index & 0xff);
        if (bits & bit != 0) revert MerkleAirdrop_AlreadyClaimed(index);
        if (!isListed(index, account, amount, proof)) revert MerkleAirdrop_InvalidProof(index, account, amount);

        _claimed[index >> 8] = bits | bit;
        emit Claimed(index, account, amount);
        token.safeTransfer(account, amount);
    }

    /// @notice Sends the XME that nobody claimed to the treasury; anybody may call this from the deadline on.
    /// @dev Reverts with `MerkleAirdrop_NotEnded`.
    function sweepUnclaimed() external returns (uint256 amount) {
        if (block.timestamp < deadline) revert MerkleAirdrop_NotEnded(deadline);
        amount = token.balanceOf(address(this));
        emit UnclaimedSwept(amount);
        token.safeTransfer(treasury, amount);
    }

    /// @notice Whether row `index` of the list has been paid.
    function isClaimed(uint256 index) external view returns (bool) {
        return (_claimed[index >> 8] >> (index & 0xff)) & 1 != 0;
    }

    /// @notice Whether row `index` of the list gives `account` the `amount` of XME, as `proof` shows; true also once it has been paid.
    function isListed(
        uint256 index,
        address account,
        uint256 amount,
        bytes32[] calldata proof
    ) public view returns (bool) {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(index, account, amount))));
        return MerkleProof.verifyCalldata(proof, merkleRoot, leaf);
    }
}
