// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {MerkleAirdrop} from "../../../contracts/xme/MerkleAirdrop.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {Test} from "../support/Test.sol";

uint256 constant NOW = 1_800_000_000;
uint256 constant DEADLINE = NOW + 90 days;

/// @dev One row of the list.
struct Row {
    uint256 index;
    address account;
    uint256 amount;
}

/// @dev The same hashes as the contract's, written out in full: the oracle for OpenZeppelin's optimised ones.
function leafOf(Row memory row) pure returns (bytes32) {
    return keccak256(abi.encodePacked(keccak256(abi.encode(row.index, row.account, row.amount))));
}

function parentOf(bytes32 one, bytes32 other) pure returns (bytes32) {
    return one < other ? keccak256(abi.encodePacked(one, other)) : keccak256(abi.encodePacked(other, one));
}

/// @dev A list whose rows reach over several words of the bitmap, and its tree: `nodes[1]` is the root, leaves start at `nodes[rows.length]`.
abstract contract AirdropList {
    Row[] internal rows;
    bytes32[] internal nodes;

    function _makeList(uint256 size, uint256 seed) internal returns (bytes32) {
        for (uint256 i = 0; i < size; i++) {
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            rows.push(Row(i * 5, address(uint160(dice)), (dice % 1_000_000e18) + 1));
        }
        bytes32[] memory tree = new bytes32[](2 * size);
        for (uint256 i = 0; i < size; i++) tree[size + i] = leafOf(rows[i]);
        for (uint256 i = size - 1; i > 0; i--) tree[i] = parentOf(tree[2 * i], tree[2 * i + 1]);
        nodes = tree;
        return tree[1];
    }

    function _proofOf(uint256 position) internal view returns (bytes32[] memory proof) {
        uint256 depth = 0;
        for (uint256 node = rows.length + position; node > 1; node /= 2) depth++;
        proof = new bytes32[](depth);
        uint256 node_ = rows.length + position;
        for (uint256 i = 0; i < depth; i++) {
            proof[i] = nodes[node_ ^ 1];
            node_ /= 2;
        }
    }
}

/// @notice Fuzz tests of the airdrop: every row of a list pays once, and nothing that is not a row pays at all.
contract MerkleAirdropTest is Test, AirdropList {
    XME private _xme;
    MerkleAirdrop private _airdrop;

    function setUp() external {
        vm.warp(NOW);
        _xme = new XME();
        _airdrop = new MerkleAirdrop(_xme, address(0x7EA5), _makeList(150, 1), DEADLINE);
        _xme.transfer(address(_airdrop), 150_000_000e18);
    }

    function test_EveryRowPaysOnceInAnyOrder() external {
        for (uint256 i = 0; i < rows.length; i++) {
            uint256 position = (i * 77 + 31) % rows.length;
            Row memory row = rows[position];
            vm.assertFalse(_airdrop.isClaimed(row.index), "a row that nobody claimed counts as claimed");
            _airdrop.claim(row.index, row.account, row.amount, _proofOf(position));
            vm.assertEq(_xme.balanceOf(row.account), row.amount, "a row paid another amount than its own");
        }
        for (uint256 index = 0; index < rows.length * 5; index++) {
            vm.assertEq(_airdrop.isClaimed(index), index % 5 == 0, "a neighbouring row counts as claimed");
        }
    }

    function testFuzz_NoRowPaysTwice(uint256 position) external {
        position = bound(position, 0, rows.length - 1);
        Row memory row = rows[position];
        _airdrop.claim(row.index, row.account, row.amount, _proofOf(position));
        vm.expectRevert(abi.encodeWithSelector(MerkleAirdrop.MerkleAirdrop_AlreadyClaimed.selector, row.index));
        _airdrop.claim(row.index, row.account, row.amount, _proofOf(position));
    }

    function testFuzz_NothingElseThanARowPays(uint256 position, Row memory forged, uint8 mask) external {
        position = bound(position, 0, rows.length - 1);
        Row memory row = rows[position];
        if (mask & 1 != 0) row.index = forged.index;
        if (mask & 2 != 0) row.account = forged.account;
        if (mask & 4 != 0) row.amount = forged.amount;
        vm.assume(leafOf(row) != leafOf(rows[position]));
        vm.expectRevert(
            abi.encodeWithSelector(
                MerkleAirdrop.MerkleAirdrop_InvalidProof.selector,
                row.index,
                row.account,
                row.amount
            )
        );
        _airdrop.claim(row.index, row.account, row.amount, _proofOf(position));
    }

    function testFuzz_AProofWithOneBitWrongIsRefused(uint256 position, uint256 level, uint8 bit) external view {
        position = bound(position, 0, rows.length - 1);
        Row memory row = rows[position];
        bytes32[] memory proof = _proofOf(position);
        vm.assertTrue(_airdrop.isListed(row.index, row.account, row.amount, proof), "the true proof is refused");
        proof[level % proof.length] ^= bytes32(uint256(1) << bit);
        vm.assertFalse(_airdrop.isListed(row.index, row.account, row.amount, proof), "a false proof is accepted");
    }

    function testFuzz_AgreesWithThePlainHashesAtAnyDepth(Row memory row, bytes32[] memory proof) external {
        bytes32 root = leafOf(row);
        for (uint256 i = 0; i < proof.length; i++) root = parentOf(root, proof[i]);
        MerkleAirdrop airdrop = new MerkleAirdrop(_xme, address(0x7EA5), root, DEADLINE);
        vm.assertTrue(airdrop.isListed(row.index, row.account, row.amount, proof), "the plain hashes disagree");
    }
}

/// @dev Claims, repeats, forgeries and time, on a list across five words of the bitmap.
contract MerkleAirdropHandler is Test, AirdropList {
    MerkleAirdrop public airdrop;

    uint256 public paid;
    uint256 public swept;
    uint256 public calls;
    uint256 public claims;
    uint256 public refusals;
    bool public wentWrong;
    mapping(uint256 position => bool) public hasClaimed;

    constructor(XME xme, address treasury) {
        airdrop = new MerkleAirdrop(xme, treasury, _makeList(64, 2), DEADLINE);
    }

    function size() external view returns (uint256) {
        return rows.length;
    }

    function rowAt(uint256 position) external view returns (Row memory) {
        return rows[position];
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets both answers.
    modifier thenOneMore(uint256 seed) {
        _;
        if (calls++ % 2 == 0) _claim(seed % rows.length);
        else _claimForged(seed % rows.length, seed);
    }

    function claim(uint256 position) external thenOneMore(position / 2) {
        _claim(position % rows.length);
    }

    function claimFour(uint256 position) external thenOneMore(position) {
        for (uint256 i = 0; i < 4; i++) _claim(((position % rows.length) + i) % rows.length);
    }

    function claimForged(uint256 position, uint256 amount) external thenOneMore(amount) {
        _claimForged(position % rows.length, amount);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 12 days));
    }

    function sweepUnclaimed(uint256 seed) external thenOneMore(seed) {
        try airdrop.sweepUnclaimed() returns (uint256 amount) {
            swept += amount;
            if (block.timestamp < DEADLINE) wentWrong = true;
        } catch {
            refusals++;
            if (block.timestamp >= DEADLINE) wentWrong = true;
        }
    }

    function _claimForged(uint256 position, uint256 amount) private {
        Row memory row = rows[position];
        if (amount == row.amount) amount++;
        try airdrop.claim(row.index, row.account, amount, _proofOf(position)) {
            wentWrong = true;
        } catch {
            refusals++;
        }
    }

    function _claim(uint256 position) private {
        Row memory row = rows[position];
        bool possible = block.timestamp < DEADLINE && !hasClaimed[position];
        try airdrop.claim(row.index, row.account, row.amount, _proofOf(position)) {
            if (!possible) wentWrong = true;
            hasClaimed[position] = true;
            paid += row.amount;
            claims++;
        } catch {
            if (possible) wentWrong = true;
            refusals++;
        }
    }
}

/// @notice What must be true of the airdrop at every moment.
contract MerkleAirdropInvariantTest is Test {
    address private constant _TREASURY = address(0x7EA5);

    XME private _xme;
    MerkleAirdrop private _airdrop;
    MerkleAirdropHandler private _handler;

    function setUp() external {
        vm.warp(NOW);
        _xme = new XME();
        _handler = new MerkleAirdropHandler(_xme, _TREASURY);
        _airdrop = _handler.airdrop();
        _xme.transfer(address(_airdrop), 150_000_000e18);
        targetContract(address(_handler));
    }

    function invariant_ARowIsPaidExactlyWhenItIsClaimed() external view {
        for (uint256 i = 0; i < _handler.size(); i++) {
            Row memory row = _handler.rowAt(i);
            vm.assertEq(_airdrop.isClaimed(row.index), _handler.hasClaimed(i), "the bitmap is wrong");
            vm.assertEq(_xme.balanceOf(row.account), _handler.hasClaimed(i) ? row.amount : 0, "a row paid wrongly");
        }
        vm.assertFalse(_handler.wentWrong(), "a refusal went through, or a right was refused");
    }

    function invariant_XmeIsPaidSweptOrStillHere() external view {
        vm.assertEq(
            _xme.balanceOf(address(_airdrop)) + _handler.paid() + _handler.swept(),
            150_000_000e18,
            "XME went by another way"
        );
        vm.assertEq(_xme.balanceOf(_TREASURY), _handler.swept(), "what was swept went elsewhere");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.claims(), 0, "nothing was claimed");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
    }
}
