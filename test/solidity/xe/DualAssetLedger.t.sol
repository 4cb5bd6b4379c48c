// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {AssetFace} from "../../../contracts/xe/AssetFace.sol";
import {AssetId} from "../../../contracts/xe/AssetId.sol";
import {DualAssetLedger} from "../../../contracts/xe/DualAssetLedger.sol";
import {BlockType} from "../../../contracts/xe/types/BlockType.sol";
import {Lease, LeaseRates, LeaseTerms} from "../../../contracts/xe/types/Lease.sol";
import {LeaseState} from "../../../contracts/xe/types/LeaseState.sol";
import {LedgerBlock} from "../../../contracts/xe/types/LedgerBlock.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant UNIT = 1e18;
uint256 constant ACTORS = 5;
bytes8 constant XE = 0x5845000000000000;
bytes8 constant XUSD = 0x5855534400000000;

function actorAt(uint256 index) pure returns (address) {
    return address(uint160(0xA11CE0 + (index % ACTORS)));
}

/// @dev The real ledger, with this contract as governance and arbiter.
abstract contract LedgerSetUp is Test {
    DualAssetLedger internal ledger;
    AssetFace internal xe;
    AssetFace internal xusd;
    AccessManager internal manager;

    function _deployLedger(uint256 initial) internal {
        vm.warp(START);
        manager = new AccessManager(address(this));
        ledger = new DualAssetLedger(address(manager), true, actorAt(0), initial);
        (xe, xusd) = (ledger.xe(), ledger.xusd());
    }
}

/// @notice Fuzz tests: identifiers, encoding, the source's formula, and faces as tokens.
contract DualAssetLedgerTest is LedgerSetUp {
    function setUp() external {
        _deployLedger(1e9 * UNIT);
    }

    function testFuzz_KnowsTwoAssetsAndNoOther(bytes8 asset, uint8 position) external {
        // A random identifier is hardly ever near: change one bit of a valid one as well.
        bytes8 near = XUSD ^ bytes8(uint64(1) << (position % 64));
        for (uint256 i = 0; i < 2; ++i) {
            bytes8 tried = i == 0 ? asset : near;
            bool isValid = tried == XE || tried == XUSD;
            vm.assertEq(AssetId.isValid(tried), isValid, "valid");
            if (isValid) continue;
            vm.expectRevert(abi.encodeWithSelector(DualAssetLedger.DualAssetLedger_UnknownAsset.selector, tried));
            // solhint-disable-next-line multiple-sends
            ledger.send(tried, actorAt(1), 1);
            vm.expectRevert(abi.encodeWithSelector(DualAssetLedger.DualAssetLedger_UnknownAsset.selector, tried));
            ledger.balanceOf(actorAt(1), tried);
        }
    }

    function testFuzz_DecodesWhatItEncodesWithoutTrailingZeros(bytes8 asset) external pure {
        string memory name = AssetId.decode(asset);
        vm.assertTrue(AssetId.encode(name) == asset, "round trip");
        bytes memory decoded = bytes(name);
        vm.assertTrue(decoded.length == 0 || decoded[decoded.length - 1] != 0, "a zero at its end");
    }

    function testFuzz_EncodesEachFieldWhereItBelongs(
        uint8 type_,
        address account,
        bool isXe,
        bytes32 previous,
        bytes32 link,
        uint256 balance
    ) external {
        BlockType blockType = BlockType(bound(type_, 1, 10));
        LedgerBlock memory block_ = LedgerBlock(blockType, account, isXe ? XE : XUSD, previous, link, balance);
        bool isEither = blockType == BlockType.Send || blockType == BlockType.Receive;
        if (!isEither && isXe != (blockType == BlockType.LeaseSettle)) {
            vm.expectRevert(
                abi.encodeWithSelector(DualAssetLedger.DualAssetLedger_WrongAsset.selector, blockType, block_.asset)
            );
            ledger.encodeBlock(block_);
            return;
        }
        (bytes memory encoding, bytes32 hash) = ledger.encodeBlock(block_);
        vm.assertEq(encoding.length, 125, "length");
        vm.assertEq(hash, keccak256(encoding), "hash");
        vm.assertEq(_number(encoding, 0, 1), uint256(block_.blockType), "type");
        vm.assertEq(_number(encoding, 1, 20), uint160(block_.account), "account");
        vm.assertEq(_number(encoding, 21, 8), uint64(block_.asset), "asset");
        vm.assertEq(_number(encoding, 29, 32), uint256(block_.previous), "previous");
        vm.assertEq(_number(encoding, 61, 32), uint256(block_.link), "link");
        vm.assertEq(_number(encoding, 93, 32), block_.balance, "balance");
    }

    function testFuzz_QuotesTheSourcesFormula(LeaseTerms memory terms, LeaseRates memory rates) external {
        terms.vCpus = bound(terms.vCpus, 0, 4_096);
        terms.memoryMB = bound(terms.memoryMB, 0, 64 * 1_024 * 1_024);
        terms.diskGB = bound(terms.diskGB, 0, 4 * 1_024 * 1_024);
        terms.duration = bound(terms.duration, 1 hours, 365 days);
        if (terms.vCpus + terms.memoryMB + terms.diskGB == 0) terms.vCpus = 1;
        rates.perVCpu = uint32(bound(rates.perVCpu, 0, 1_000_000));
        rates.perMemoryGB = uint32(bound(rates.perMemoryGB, 0, 1_000_000));
        rates.perDiskGB = uint32(bound(rates.perDiskGB, 0, 1_000_000));
        ledger.setRates(rates);

        uint256 gigabytes = terms.memoryMB / 1_024;
        if (terms.memoryMB % 1_024 != 0) ++gigabytes;
        uint256 hours_ = terms.duration / 3_600;
        if (terms.duration % 3_600 != 0) ++hours_;
        uint256 milli =
            hours_ * (terms.vCpus * rates.perVCpu + gigabytes * rates.perMemoryGB + terms.diskGB * rates.perDiskGB);
        uint256 cost = milli / 1_000;
        if (milli % 1_000 != 0) ++cost;
        if (cost == 0) cost = 1;
        uint256 stake = cost / 5;
        if (stake == 0) stake = 1;

        (uint256 quoted, uint256 quotedStake) = ledger.quoteLease(terms);
        vm.assertEq(quoted, cost * UNIT, "cost");
        vm.assertEq(quotedStake, stake * UNIT, "stake");
        address consumer = actorAt(1);
        ledger.mint(consumer, quoted);
        vm.prank(consumer);
        (, uint256 charged) = ledger.lease(terms, address(0), quoted);
        vm.assertEq(charged, quoted, "quote and charge");
        vm.assertEq(ledger.balanceOf(consumer, XUSD), 0, "left");
    }

    function testFuzz_RefusesMoreOfAnythingThanALeaseCanHave(LeaseTerms memory terms, uint8 which) external view {
        terms.vCpus = which % 4 == 0 ? bound(terms.vCpus, 4_097, type(uint256).max) : 1;
        terms.memoryMB = which % 4 == 1 ? bound(terms.memoryMB, 64 * 1_024 * 1_024 + 1, type(uint256).max) : 1;
        terms.diskGB = which % 4 == 2 ? bound(terms.diskGB, 4 * 1_024 * 1_024 + 1, type(uint256).max) : 1;
        if (which % 4 != 3) terms.duration = 1 hours;
        else if (terms.duration >= 1 hours && terms.duration <= 365 days) terms.duration = 365 days + 1;
        bytes4[4] memory errors = [
            DualAssetLedger.DualAssetLedger_TooManyVCpus.selector,
            DualAssetLedger.DualAssetLedger_TooMuchMemory.selector,
            DualAssetLedger.DualAssetLedger_TooMuchDisk.selector,
            DualAssetLedger.DualAssetLedger_DurationOutOfRange.selector
        ];
        try ledger.quoteLease(terms) {
            vm.assertTrue(false, "quoted");
        } catch (bytes memory reason) {
            // forge-lint: disable-next-line(unsafe-typecast)
            vm.assertTrue(bytes4(reason) == errors[which % 4], "another refusal");
        }
    }

    function testFuzz_MovesByFacesWhatThereIsAndNothingElse(uint256 to, uint256 amount, bool isXe) external {
        if (isXe) _earn(actorAt(0));
        AssetFace face = isXe ? xe : xusd;
        AssetFace other = isXe ? xusd : xe;
        (address from, address receiver) = (actorAt(0), actorAt(to));
        uint256 had = face.balanceOf(from);
        uint256 others = other.balanceOf(from);
        amount = bound(amount, 0, had + had / 4);
        vm.prank(from);
        if (amount > had) {
            vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, from, had, amount));
            face.transfer(receiver, amount);
            return;
        }
        vm.assertTrue(face.transfer(receiver, amount), "true");
        vm.assertEq(face.balanceOf(from), receiver == from ? had : had - amount, "sender");
        if (receiver != from) vm.assertEq(face.balanceOf(receiver), amount, "receiver");
        vm.assertEq(other.balanceOf(from), others, "the other asset");
        vm.assertEq(other.balanceOf(receiver), receiver == from ? others : 0, "the receiver's other asset");
    }

    /// @dev A lease of one's own, settled.
    function _earn(address who) private {
        vm.prank(who);
        (bytes32 id, ) = ledger.lease(LeaseTerms(4_096, 0, 0, 365 days), address(0), type(uint256).max);
        vm.prank(who);
        ledger.acceptLease(id);
        vm.warp(block.timestamp + 365 days);
        ledger.settleLease(id);
    }

    function _number(bytes memory encoding, uint256 at, uint256 length) private pure returns (uint256 value) {
        for (uint256 i = 0; i < length; ++i) value = (value << 8) | uint8(encoding[at + i]);
    }
}

/// @dev Uses the ledger as many accounts at any time, and keeps books of its own: balances, heads, what is pending and in escrow, votes.
contract LedgerHandler is Test {
    struct Sent {
        address to;
        bytes32 source;
        bytes8 asset;
        uint256 amount;
    }

    DualAssetLedger private _ledger;
    AssetFace private _xe;
    AssetFace private _xusd;

    mapping(address account => bytes32) public head;
    mapping(address account => mapping(bytes8 asset => uint256)) public balance;
    mapping(address account => address) public delegateOf;
    mapping(bytes8 asset => uint256) public supply;
    mapping(bytes8 asset => uint256) public held;
    uint256 public settledCosts;
    Sent[] private _sent;
    bytes32[] private _leases;
    mapping(bytes32 id => uint256) public paidOut;

    uint256 public calls;
    uint256 public received;
    uint256 public spent;
    uint256 public settled;
    uint256 public cancelled;
    uint256 public upheld;
    uint256 public rejected;
    uint256 public lapsed;
    uint256 public refused;
    bool public wrong;
    string public what;

    constructor(DualAssetLedger ledger_, uint256 initial) {
        _ledger = ledger_;
        (_xe, _xusd) = (ledger_.xe(), ledger_.xusd());
        supply[XUSD] = initial;
        balance[actorAt(0)][XUSD] = initial;
        head[actorAt(0)] = ledger_.headOf(actorAt(0));
    }

    /// @dev After each call one of the handler's own, in turn, each whole: so that even the shortest run walks leases to all of their ends.
    modifier thenOneMore(uint256 seed) {
        _;
        uint256 turn = calls % 6;
        uint256 round = calls++ / 6;
        if (turn == 0) _claim(round);
        if (turn == 1) _mint(0, 1_000_000 * UNIT);
        if (turn == 2) {
            _send(0, seed, 1 + (seed % 1_000), false);
            _receive(_sent.length - 1);
        }
        if (turn == 3) _walk(seed, round);
        if (turn == 4) {
            _lease(0, seed, 1);
            _cancel(_newest());
        }
        if (turn == 5) {
            _transfer(round, seed, seed >> 32, true);
            _transferFrom(0, seed >> 8, seed >> 16, 1 + (seed % 1_000), round % 2 == 1);
        }
    }

    /// @dev A lease of the first actor's, accepted by another, objected to, ended in one of three ways, and settled where it goes on.
    function _walk(uint256 seed, uint256 round) private {
        _mint(1, 1_000_000 * UNIT);
        _lease(0, seed, 1);
        bytes32 id = _newest();
        _accept(1, id);
        _object(id);
        _end(id, round);
        vm.warp(block.timestamp + 12 days);
        _settle(id);
    }

    function claim(uint256 who) external thenOneMore(who) {
        _claim(who);
    }

    function mint(uint256 who, uint256 amount) external thenOneMore(amount) {
        _mint(who, bound(amount, 1, 1e6 * UNIT));
    }

    function send(uint256 who, uint256 to, uint256 amount, bool isXe) external thenOneMore(amount) {
        _send(who, to, amount, isXe);
    }

    function receivePending(uint256 which) external thenOneMore(which) {
        _receive(which);
    }

    function transfer(uint256 who, uint256 to, uint256 amount, bool isXe) external thenOneMore(amount) {
        _transfer(who, to, amount, isXe);
    }

    function transferFrom(
        uint256 who,
        uint256 spender,
        uint256 to,
        uint256 amount,
        bool isXe
    ) external thenOneMore(amount) {
        _transferFrom(who, spender, to, amount, isXe);
    }

    function delegate(uint256 who, uint256 to) external thenOneMore(to) {
        address delegatee = to % 4 == 0 ? address(0) : actorAt(to);
        vm.prank(actorAt(who));
        _ledger.delegate(delegatee);
        delegateOf[actorAt(who)] = delegatee;
    }

    function lease(uint256 who, uint256 size, uint256 provider) external thenOneMore(size) {
        _lease(who, size, provider);
    }

    function accept(uint256 who, uint256 which) external thenOneMore(which) {
        if (_leases.length != 0) _accept(who, _leases[which % _leases.length]);
    }

    function cancel(uint256 which) external thenOneMore(which) {
        if (_leases.length != 0) _cancel(_leases[which % _leases.length]);
    }

    function object(uint256 which) external thenOneMore(which) {
        if (_leases.length != 0) _object(_leases[which % _leases.length]);
    }

    function end(uint256 which, uint256 how) external thenOneMore(how) {
        if (_leases.length != 0) _end(_leases[which % _leases.length], how);
    }

    function settle(uint256 which) external thenOneMore(which) {
        if (_leases.length != 0) _settle(_leases[which % _leases.length]);
    }

    function wait_(uint256 time) external thenOneMore(time) {
        vm.warp(block.timestamp + bound(time, 1, 20 days));
    }

    function setRates(LeaseRates memory rates) external thenOneMore(rates.perVCpu) {
        rates.perVCpu = uint32(bound(rates.perVCpu, 0, 2_000));
        rates.perMemoryGB = uint32(bound(rates.perMemoryGB, 0, 2_000));
        rates.perDiskGB = uint32(bound(rates.perDiskGB, 0, 2_000));
        _ledger.setRates(rates);
    }

    /// @dev Ends everything that can be ended, as anybody could: nothing may stay behind.
    function windUp() external {
        for (uint256 i = 0; i < _leases.length; ++i) {
            bytes32 id = _leases[i];
            Lease memory entry = _ledger.leaseOf(id);
            if (entry.state == LeaseState.Open) _cancel(id);
            if (entry.state != LeaseState.Running && entry.state != LeaseState.Objected) continue;
            uint256 due = entry.endsAt;
            if (entry.state == LeaseState.Objected && entry.since + 7 days > due) due = entry.since + 7 days;
            if (block.timestamp < due) vm.warp(due);
            _settle(id);
        }
        while (_sent.length != 0) _receive(0);
    }

    function _mint(uint256 who, uint256 amount) private {
        address to = actorAt(who);
        _ledger.mint(to, amount);
        (supply[XUSD], balance[to][XUSD]) = (supply[XUSD] + amount, balance[to][XUSD] + amount);
        _block(BlockType.Mint, to, XUSD, 0);
    }

    function _claim(uint256 who) private {
        address account = actorAt(who);
        if (block.timestamp < _ledger.claimableAt(account)) {
            vm.prank(account);
            try _ledger.claim() {
                _fail("claimed too early");
            } catch {
                ++refused;
            }
            return;
        }
        vm.prank(account);
        _ledger.claim();
        supply[XUSD] += 100 * UNIT;
        balance[account][XUSD] += 100 * UNIT;
        _block(BlockType.Claim, account, XUSD, 0);
    }

    function _send(uint256 who, uint256 to, uint256 amount, bool isXe) private {
        (address from, address receiver, bytes8 asset) = (actorAt(who), actorAt(to), isXe ? XE : XUSD);
        if (balance[from][asset] == 0) return;
        amount = bound(amount, 1, balance[from][asset]);
        vm.prank(from);
        bytes32 source = _ledger.send(asset, receiver, amount);
        // The books follow what was done.
        // solhint-disable reentrancy
        balance[from][asset] -= amount;
        held[asset] += amount;
        // solhint-enable reentrancy
        _block(BlockType.Send, from, asset, bytes32(uint256(uint160(receiver))));
        if (head[from] != source) _fail("another hash of a send");
        _sent.push(Sent(receiver, source, asset, amount));
    }

    function _receive(uint256 which) private {
        if (_sent.length == 0) return;
        which %= _sent.length;
        Sent memory sent = _sent[which];
        _sent[which] = _sent[_sent.length - 1];
        _sent.pop();
        _ledger.receivePending(sent.to, sent.source);
        balance[sent.to][sent.asset] += sent.amount;
        held[sent.asset] -= sent.amount;
        _block(BlockType.Receive, sent.to, sent.asset, sent.source);
        ++received;
        try _ledger.receivePending(sent.to, sent.source) {
            _fail("received twice");
        } catch {
            ++refused;
        }
    }

    function _transfer(uint256 who, uint256 to, uint256 amount, bool isXe) private {
        (address from, address receiver, bytes8 asset) = (actorAt(who), actorAt(to), isXe ? XE : XUSD);
        amount = bound(amount, 0, balance[from][asset]);
        vm.prank(from);
        if (!(isXe ? _xe : _xusd).transfer(receiver, amount)) _fail("transferred without true");
        _transferred(from, receiver, asset, amount);
    }

    /// @dev All that is allowed at once; one wei more, by the same spender, is refused before and after.
    function _transferFrom(uint256 who, uint256 by, uint256 to, uint256 amount, bool isXe) private {
        (address from, address receiver, address spender) = (actorAt(who), actorAt(to), actorAt(by));
        AssetFace face = isXe ? _xe : _xusd;
        amount = bound(amount, 0, balance[from][isXe ? XE : XUSD]);
        vm.prank(from);
        face.approve(spender, amount);
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(spender);
            try face.transferFrom(from, receiver, i == 0 ? amount + 1 : 1) {
                _fail("transferred more than allowed");
            } catch {
                ++refused;
            }
            if (i == 1) continue;
            vm.prank(spender);
            if (!face.transferFrom(from, receiver, amount)) _fail("transferred without true");
            if (face.allowance(from, spender) != 0) _fail("allowance left");
            _transferred(from, receiver, isXe ? XE : XUSD, amount);
        }
        if (amount != 0) ++spent;
    }

    function _transferred(address from, address receiver, bytes8 asset, uint256 amount) private {
        if (amount == 0) return;
        balance[from][asset] -= amount;
        _block(BlockType.Send, from, asset, bytes32(uint256(uint160(receiver))));
        bytes32 source = head[from];
        balance[receiver][asset] += amount;
        _block(BlockType.Receive, receiver, asset, source);
    }

    function _lease(uint256 who, uint256 size, uint256 provider) private {
        address consumer = actorAt(who);
        LeaseTerms memory terms = LeaseTerms(1 + (size % 16), size % 65_536, size % 1_000, 1 hours + (size % 12 days));
        (uint256 cost, ) = _ledger.quoteLease(terms);
        if (cost > balance[consumer][XUSD]) return;
        address named = provider % 3 == 0 ? actorAt(provider / 3) : address(0);
        vm.prank(consumer);
        (bytes32 id, uint256 charged) = _ledger.lease(terms, named, cost);
        if (charged != cost) _fail("charged another cost than quoted");
        balance[consumer][XUSD] -= cost;
        held[XUSD] += cost;
        _block(BlockType.Lease, consumer, XUSD, _ledger.leaseLink(terms, named, cost));
        if (head[consumer] != id) _fail("another hash of a lease");
        _leases.push(id);
    }

    function _accept(uint256 who, bytes32 id) private {
        if (id == 0) return;
        Lease memory entry = _ledger.leaseOf(id);
        address provider = entry.provider == address(0) ? actorAt(who) : entry.provider;
        uint256 stake = _stakeOf(entry);
        if (entry.state != LeaseState.Open || balance[provider][XUSD] < stake) {
            _refuse(abi.encodeCall(DualAssetLedger.acceptLease, (id)), provider, "accepted");
            return;
        }
        vm.prank(provider);
        _ledger.acceptLease(id);
        balance[provider][XUSD] -= stake;
        held[XUSD] = held[XUSD] + stake - entry.cost * UNIT;
        supply[XUSD] -= entry.cost * UNIT;
        _block(BlockType.LeaseAccept, provider, XUSD, id);
    }

    function _cancel(bytes32 id) private {
        if (id == 0) return;
        Lease memory entry = _ledger.leaseOf(id);
        if (entry.state != LeaseState.Open) {
            _refuse(abi.encodeCall(DualAssetLedger.cancelLease, (id)), entry.consumer, "cancelled");
            return;
        }
        vm.prank(entry.consumer);
        _ledger.cancelLease(id);
        balance[entry.consumer][XUSD] += entry.cost * UNIT;
        held[XUSD] -= entry.cost * UNIT;
        _block(BlockType.LeaseCancel, entry.consumer, XUSD, id);
        ++paidOut[id];
        ++cancelled;
    }

    function _object(bytes32 id) private {
        if (id == 0) return;
        Lease memory entry = _ledger.leaseOf(id);
        uint256 bond = _stakeOf(entry);
        bool isOpen = entry.state == LeaseState.Running && block.timestamp < entry.endsAt;
        if (!isOpen || balance[entry.consumer][XUSD] < bond) {
            _refuse(abi.encodeCall(DualAssetLedger.objectToLease, (id)), entry.consumer, "objected");
            return;
        }
        vm.prank(entry.consumer);
        _ledger.objectToLease(id);
        balance[entry.consumer][XUSD] -= bond;
        held[XUSD] += bond;
        _block(BlockType.LeaseObject, entry.consumer, XUSD, id);
    }

    /// @dev Upheld, rejected, or by silence.
    function _end(bytes32 id, uint256 how) private {
        if (id == 0) return;
        Lease memory entry = _ledger.leaseOf(id);
        uint256 bond = _stakeOf(entry);
        if (entry.state != LeaseState.Objected) {
            _refuse(abi.encodeCall(DualAssetLedger.lapseObjection, (id)), entry.consumer, "lapsed");
            return;
        }
        if (how % 3 == 2 && block.timestamp < entry.since + 7 days) {
            _refuse(abi.encodeCall(DualAssetLedger.lapseObjection, (id)), entry.consumer, "lapsed early");
            vm.warp(entry.since + 7 days);
        }
        address paid = entry.consumer;
        if (block.timestamp >= entry.since + 7 days) {
            try _ledger.rule(id, true) {
                _fail("ruled too late");
            } catch {
                ++refused;
            }
            _ledger.lapseObjection(id);
            ++lapsed;
        } else if (how % 3 == 0) {
            _ledger.rule(id, true);
            supply[XUSD] -= bond;
            held[XUSD] -= bond;
            ++paidOut[id];
            ++upheld;
        } else {
            _ledger.rule(id, false);
            paid = entry.provider;
            ++rejected;
        }
        balance[paid][XUSD] += bond;
        held[XUSD] -= bond;
        _block(BlockType.LeaseBond, paid, XUSD, id);
    }

    function _settle(bytes32 id) private {
        if (id == 0) return;
        Lease memory entry = _ledger.leaseOf(id);
        uint256 stake = _stakeOf(entry);
        bool hasEnded = block.timestamp >= entry.endsAt;
        bool isOpen = entry.state == LeaseState.Objected && block.timestamp < entry.since + 7 days;
        if ((entry.state != LeaseState.Running && entry.state != LeaseState.Objected) || !hasEnded || isOpen) {
            _refuse(abi.encodeCall(DualAssetLedger.settleLease, (id)), entry.provider, "settled");
            return;
        }
        _ledger.settleLease(id);
        if (entry.state == LeaseState.Objected) {
            balance[entry.consumer][XUSD] += stake;
            held[XUSD] -= stake;
            _block(BlockType.LeaseBond, entry.consumer, XUSD, id);
            ++lapsed;
        }
        uint256 cost = entry.cost * UNIT;
        balance[entry.provider][XE] += cost;
        balance[entry.provider][XUSD] += stake;
        held[XUSD] -= stake;
        supply[XE] += cost;
        settledCosts += cost;
        _block(BlockType.LeaseSettle, entry.provider, XE, id);
        ++paidOut[id];
        ++settled;
    }

    function _refuse(bytes memory call, address as_, string memory why) private {
        vm.prank(as_);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(_ledger).call(call);
        if (done) _fail(why);
        else ++refused;
    }

    /// @dev The block that has to be in `account`'s chain now, written by hand.
    function _block(BlockType type_, address account, bytes8 asset, bytes32 link) private {
        bytes32 previous = head[account];
        if (previous == 0) previous = keccak256(abi.encode(block.chainid, address(_ledger), account));
        uint256 after_ = balance[account][asset];
        head[account] = keccak256(abi.encodePacked(uint8(type_), account, asset, previous, link, after_));
    }

    function _newest() private view returns (bytes32) {
        return _leases.length == 0 ? bytes32(0) : _leases[_leases.length - 1];
    }

    function _stakeOf(Lease memory entry) private pure returns (uint256) {
        return (entry.cost < 5 ? 1 : entry.cost / 5) * UNIT;
    }

    function _fail(string memory why) private {
        (wrong, what) = (true, why);
    }

    function pending(bytes8 asset) external view returns (uint256 sum) {
        for (uint256 i = 0; i < _sent.length; ++i) if (_sent[i].asset == asset) sum += _sent[i].amount;
    }

    function leases() external view returns (bytes32[] memory) {
        return _leases;
    }
}

/// @notice Whatever happens, in any order and at any time: the ledger agrees with the handler's books, and nothing is stuck or paid twice.
contract DualAssetLedgerInvariants is LedgerSetUp {
    uint256 private constant _INITIAL = 1e6 * UNIT;

    LedgerHandler private _handler;

    function setUp() external {
        _deployLedger(_INITIAL);
        _handler = new LedgerHandler(ledger, _INITIAL);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        targetContract(address(_handler));
    }

    function invariant_BalancesAndHeldAreTheSupplyOfEachAsset() external view {
        for (uint256 a = 0; a < 2; ++a) {
            bytes8 asset = a == 0 ? XE : XUSD;
            AssetFace face = a == 0 ? xe : xusd;
            uint256 sum;
            for (uint256 i = 0; i < ACTORS; ++i) {
                address account = actorAt(i);
                vm.assertEq(ledger.balanceOf(account, asset), _handler.balance(account, asset), "balance");
                vm.assertEq(face.balanceOf(account), _handler.balance(account, asset), "balance of the face");
                sum += _handler.balance(account, asset);
            }
            vm.assertEq(ledger.balanceOf(address(ledger), asset), _handler.held(asset), "held");
            vm.assertEq(face.totalSupply(), _handler.supply(asset), "supply");
            vm.assertEq(sum + _handler.held(asset), _handler.supply(asset), "sum");
        }
    }

    function invariant_HeadsAreTheHashesOfChains() external view {
        for (uint256 i = 0; i < ACTORS; ++i) {
            vm.assertEq(ledger.headOf(actorAt(i)), _handler.head(actorAt(i)), "head");
        }
    }

    function invariant_VotesAreTheXusdOfDelegators() external view {
        for (uint256 d = 0; d < ACTORS; ++d) {
            uint256 votes;
            for (uint256 i = 0; i < ACTORS; ++i) {
                if (_handler.delegateOf(actorAt(i)) == actorAt(d)) votes += _handler.balance(actorAt(i), XUSD);
            }
            vm.assertEq(ledger.getVotes(actorAt(d)), votes, "votes");
        }
    }

    function invariant_XeIsMintedForSettledCostsAlone() external view {
        vm.assertEq(ledger.totalSupply(XE), _handler.settledCosts(), "minted");
        vm.assertLe(ledger.totalSupply(XE), ledger.xusdMinted() - ledger.totalSupply(XUSD), "more than was burned");
    }

    function invariant_NothingIsPaidTwiceOrAgainstTheRules() external view {
        vm.assertFalse(_handler.wrong(), _handler.what());
        bytes32[] memory ids = _handler.leases();
        for (uint256 i = 0; i < ids.length; ++i) vm.assertLe(_handler.paidOut(ids[i]), 1, "ended twice");
    }

    function invariant_HeldIsWhatLeasesAndSendsHaveLeft() external view {
        uint256 held;
        bytes32[] memory ids = _handler.leases();
        for (uint256 i = 0; i < ids.length; ++i) {
            Lease memory entry = ledger.leaseOf(ids[i]);
            uint256 stake = (entry.cost < 5 ? 1 : entry.cost / 5) * UNIT;
            if (entry.state == LeaseState.Open) held += entry.cost * UNIT;
            if (entry.state == LeaseState.Running) held += stake;
            if (entry.state == LeaseState.Objected) held += 2 * stake;
        }
        vm.assertEq(
            ledger.balanceOf(address(ledger), XUSD),
            held + _handler.pending(XUSD),
            "held for leases and sends"
        );
        vm.assertEq(ledger.balanceOf(address(ledger), XE), _handler.pending(XE), "held for sends");
    }

    /// @dev In the end everything is ended by whoever likes, and nothing stays.
    function afterInvariant() external {
        vm.assertGt(_handler.received(), 0, "nothing was received");
        vm.assertGt(_handler.spent(), 0, "nothing was spent for another");
        vm.assertGt(_handler.settled(), 0, "nothing was settled");
        vm.assertGt(_handler.cancelled(), 0, "nothing was cancelled");
        vm.assertGt(_handler.upheld() + _handler.rejected() + _handler.lapsed(), 0, "no objection ended");
        vm.assertGt(_handler.refused(), 0, "nothing was refused");
        _handler.windUp();
        vm.assertEq(ledger.balanceOf(address(ledger), XE), 0, "XE is stuck");
        vm.assertEq(ledger.balanceOf(address(ledger), XUSD), 0, "XUSD is stuck");
        vm.assertFalse(_handler.wrong(), _handler.what());
    }
}
