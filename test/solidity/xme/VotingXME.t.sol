// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";
import {VotingXME} from "../../../contracts/xme/VotingXME.sol";
import {XME} from "../../../contracts/xme/XME.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {Test} from "../support/Test.sol";

uint256 constant SEVEN_DAYS = 604_800;
uint256 constant THIRTY_DAYS = 2_592_000;
/// @dev The beginning of a month.
uint256 constant START = 700 * THIRTY_DAYS;
uint256 constant STREAM = 3;
uint256 constant HOLDERS = 5;

/// @dev What every test of vXME stands on: real tokens, a funded vault that pays one of its streams to vXME, this contract as governance.
abstract contract VotingXMESetUp {
    XME internal xme;
    XMEX internal xmex;
    AccessManager internal manager;
    EmissionVault internal vault;
    VotingXME internal voting;

    function _deployVoting() internal {
        xme = new XME();
        xmex = new XMEX();
        manager = new AccessManager(address(this));
        uint16[8] memory sharesBps;
        sharesBps[STREAM] = 10_000;
        vault = new EmissionVault(xmex, address(manager), START, sharesBps);
        voting = new VotingXME(xme, xmex, vault, STREAM);
        xmex.transfer(address(vault), 9e28);
    }

    function _holder(uint256 index) internal pure returns (address) {
        return address(uint160(0xA11CE000 + (index % HOLDERS)));
    }
}

/// @notice Fuzz tests of vXME: each second's income by hand, the wait to the second, and votes that leave no trace of a moment.
contract VotingXMETest is Test, VotingXMESetUp {
    address private constant _ADA = address(0xADA);
    address private constant _BEN = address(0xBE7);

    function setUp() external {
        vm.warp(START);
        _deployVoting();
        for (uint256 i = 0; i < 2; i++) {
            address holder = i == 0 ? _ADA : _BEN;
            xme.transfer(holder, 4e26);
            vm.prank(holder);
            xme.approve(address(voting), type(uint256).max);
        }
        xmex.approve(address(voting), type(uint256).max);
    }

    /// @dev Ada is there from the beginning of the month; Ben comes and goes. With at least the minimum staked, each second pays
    ///      income / month, and of each second each has the part that their stake is of all.
    function testFuzz_PaysEachSecondToThoseWhoHaveStakeInIt(
        uint256 income,
        uint256 ofAda,
        uint256 ofBen,
        uint256 comes,
        uint256 goes
    ) external {
        income = bound(income, 0, 1e28);
        ofAda = bound(ofAda, 1_000e18, 4e26);
        ofBen = bound(ofBen, 1, 4e26);
        comes = bound(comes, 0, THIRTY_DAYS);
        goes = bound(goes, comes, THIRTY_DAYS);
        _stake(_ADA, ofAda);
        voting.addXmexIncome(income);
        vm.warp(START + THIRTY_DAYS + comes);
        _stake(_BEN, ofBen);
        vm.warp(START + THIRTY_DAYS + goes);
        vm.prank(_BEN);
        voting.requestUnstake(ofBen);
        vm.warp(START + 2 * THIRTY_DAYS);

        uint256 ofBenExactly = (((income * (goes - comes)) / THIRTY_DAYS) * ofBen) / (ofAda + ofBen);
        vm.assertApproxEqAbs(voting.earned(_BEN), ofBenExactly, 10, "Ben earned other seconds than his own");
        vm.assertApproxEqAbs(voting.earned(_ADA), income - ofBenExactly, 10, "Ada earned something else than the rest");
        vm.assertLe(voting.earned(_ADA) + voting.earned(_BEN), income, "more was earned than came in");
    }

    function testFuzz_RefusesBeforeSevenDaysHavePassed(uint256 amount, uint256 waited) external {
        amount = bound(amount, 1, 4e26);
        waited = bound(waited, 0, 2 * SEVEN_DAYS);
        _stake(_ADA, amount);
        vm.startPrank(_ADA);
        voting.requestUnstake(amount);
        vm.warp(START + waited);
        if (waited < SEVEN_DAYS) {
            vm.assertEq(voting.previewWithdraw(_ADA), 0, "the preview does not wait");
            vm.expectRevert(
                abi.encodeWithSelector(
                    VotingXME.VotingXME_StillWaiting.selector,
                    _ADA,
                    START + SEVEN_DAYS,
                    START + waited
                )
            );
            voting.withdraw(_ADA);
            vm.warp(START + SEVEN_DAYS);
        }
        vm.assertEq(voting.previewWithdraw(_ADA), amount, "the preview says something else");
        vm.assertEq(voting.withdraw(_ADA), amount, "something else came back");
        vm.assertEq(xme.balanceOf(_ADA), 4e26, "not all of it came back");
    }

    function testFuzz_WaitsForBothRequestsFromTheLater(uint256 first, uint256 second, uint256 between) external {
        first = bound(first, 1, 2e26);
        second = bound(second, 1, 2e26);
        between = bound(between, 0, 2 * SEVEN_DAYS);
        _stake(_ADA, first + second);
        vm.startPrank(_ADA);
        voting.requestUnstake(first);
        vm.warp(START + between);
        voting.requestUnstake(second);
        (uint256 pending, uint256 availableAt) = voting.pendingUnstake(_ADA);
        vm.assertEq(pending, first + second, "not both wait");
        vm.assertEq(availableAt, START + between + SEVEN_DAYS, "they do not wait from the later");
        vm.warp(availableAt - 1);
        vm.assertEq(voting.previewWithdraw(_ADA), 0, "the first can be taken while the second waits");
    }

    function testFuzz_RefusesMoreThanOnesOwn(uint256 own, uint256 others, uint256 excess) external {
        own = bound(own, 1, 4e26);
        others = bound(others, 1, 4e26);
        excess = bound(excess, 1, type(uint256).max - own);
        _stake(_ADA, own);
        _stake(_BEN, others);
        vm.prank(_BEN);
        voting.requestUnstake(others / 2 + 1);
        vm.startPrank(_ADA);
        vm.expectRevert(abi.encodeWithSelector(VotingXME.VotingXME_AboveStaked.selector, _ADA, own + excess, own));
        voting.requestUnstake(own + excess);
        voting.requestUnstake(own);
        vm.expectRevert(abi.encodeWithSelector(VotingXME.VotingXME_AbovePending.selector, _ADA, own + excess, own));
        voting.restake(own + excess);
        voting.restake(own);
        vm.assertEq(voting.balanceOf(_ADA), own, "the last wei could not be staked again");
    }

    function testFuzz_CountsForASecondWhatWasLeftAtItsEnd(uint256[6] memory seeds) external {
        _stake(_BEN, 1e24);
        vm.warp(START + 10);
        for (uint256 i = 0; i < seeds.length; i++) {
            vm.startPrank(_ADA);
            uint256 amount = bound(seeds[i] >> 8, 1, 1e25);
            uint256 staked = voting.balanceOf(_ADA);
            if (seeds[i] % 3 == 0) voting.delegate(seeds[i] % 2 == 0 ? _BEN : _ADA);
            else if (seeds[i] % 3 == 1 && staked != 0) voting.requestUnstake(amount > staked ? staked : amount);
            else voting.stake(amount);
            vm.stopPrank();
        }
        (uint256 ofAda, uint256 ofBen) = (voting.getVotes(_ADA), voting.getVotes(_BEN));
        vm.expectRevert();
        voting.getPastVotes(_ADA, START + 10);
        vm.warp(START + 11);
        vm.assertEq(voting.getPastVotes(_ADA, START + 9), 0, "votes before there was stake");
        vm.assertEq(voting.getPastVotes(_BEN, START + 9), 1e24, "a vote before was changed");
        vm.assertEq(voting.getPastVotes(_ADA, START + 10), ofAda, "a moment within the second left a trace");
        vm.assertEq(voting.getPastVotes(_BEN, START + 10), ofBen, "a moment within the second left a trace at Ben's");
        uint256 supply = voting.balanceOf(_ADA) + voting.balanceOf(_BEN);
        vm.assertEq(voting.getPastTotalSupply(START + 10), supply, "the supply of the second is another");
        vm.assertEq(supply, voting.totalSupply(), "the supply is not the sum of what is held");
    }

    function testFuzz_PaysWhatThePreviewSaysAndNobodyLessForIt(
        uint256 ofAda,
        uint256 ofBen,
        uint256[4] memory seeds
    ) external {
        ofAda = bound(ofAda, 1_000e18, 4e26);
        ofBen = bound(ofBen, 1, 4e26);
        _stake(_ADA, ofAda);
        _stake(_BEN, ofBen);
        voting.addXmexIncome(5e27);
        vm.warp(START + THIRTY_DAYS);
        for (uint256 i = 0; i < seeds.length; i++) {
            vm.warp(block.timestamp + bound(seeds[i] >> 8, 1, THIRTY_DAYS / 4));
            if (seeds[i] % 3 == 0) voting.advance();
            if (seeds[i] % 3 == 1) voting.addXmexIncome(0);
            uint256 preview = voting.previewClaim(_BEN);
            if (seeds[i] % 3 != 2 || preview == 0) continue;
            uint256 before = xmex.balanceOf(_BEN);
            vm.prank(_BEN);
            vm.assertEq(voting.claim(_BEN), preview, "a claim paid something else than its preview");
            vm.assertEq(xmex.balanceOf(_BEN) - before, preview, "something else arrived");
            vm.assertEq(voting.previewClaim(_BEN), 0, "something was left");
        }
        uint256 elapsed = block.timestamp - START - THIRTY_DAYS;
        uint256 streamed = (5e27 * elapsed) / THIRTY_DAYS;
        uint256 share = (streamed * ofAda) / (ofAda + ofBen);
        vm.assertApproxEqAbs(voting.earned(_ADA), share, 20, "Ada earned another part for what others called");
        uint256 paid = xmex.balanceOf(_BEN) + voting.earned(_BEN);
        vm.assertApproxEqAbs(paid, streamed - share, 20, "Ben won or lost by claiming often");
    }

    function testFuzz_RefusesToTransferOrApprove(address to, uint256 amount) external {
        _stake(_ADA, 1e24);
        vm.startPrank(_ADA);
        bytes4 refusal = VotingXME.VotingXME_NotTransferable.selector;
        vm.expectRevert(refusal);
        voting.transfer(to, amount);
        vm.expectRevert(refusal);
        voting.approve(to, amount);
        vm.expectRevert(refusal);
        voting.transferFrom(_ADA, to, amount);
        vm.assertEq(voting.allowance(_ADA, to), 0, "something was approved");
    }

    function testFuzz_DrawsFromTheVaultOrFails(uint256 gas_, uint256 call) external {
        vault.setDrawer(STREAM, address(voting));
        _stake(_ADA, 1e24);
        vm.warp(START + THIRTY_DAYS + 1);
        gas_ = bound(gas_, 1_000, 300_000);
        bytes memory data =
            call % 3 == 0
                ? abi.encodeCall(voting.advance, ())
                : call % 3 == 1
                    ? abi.encodeCall(voting.requestUnstake, (1e18))
                    : abi.encodeCall(voting.stake, (1e18));
        vm.prank(_ADA);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(voting).call{gas: gas_}(data);
        vm.assertEq(vault.available(STREAM) == 0, done, "it went on without the draw");
    }

    function _stake(address holder, uint256 amount) private {
        vm.prank(holder);
        voting.stake(amount);
    }
}

/// @dev Five holders and whoever else comes: they stake, leave, claim, delegate and give, governance names other drawers, time passes.
contract VotingXMEHandler is Test {
    XME private _xme;
    XMEX private _xmex;
    EmissionVault private _vault;
    VotingXME private _voting;
    address[] private _holders;

    mapping(address holder => uint256) public putIn;
    mapping(address holder => uint256) public takenOut;
    mapping(address holder => uint256) public lastRequest;
    uint256 public xmeDonated;
    uint256 public xmexDonated;
    uint256 public income;
    uint256 public claimed;
    uint256 public calls;
    uint256 public stakes;
    uint256 public requests;
    uint256 public withdrawals;
    uint256 public claims;
    uint256 public draws;
    uint256 public refusals;
    uint256 public segments;
    bool public refusedCallPassed;
    bool public leftEarly;
    bool public userWasBlocked;
    bool public previewWasWrong;

    constructor(VotingXME voting_, EmissionVault vault_, address[] memory holders_) {
        _voting = voting_;
        _vault = vault_;
        _xme = XME(address(voting_.xme()));
        _xmex = XMEX(address(voting_.xmex()));
        _holders = holders_;
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes. One holder
    ///      takes a whole round of turns, so that what was staked in one can be asked back in a later one, and taken when ten days have passed.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + 5 days + (seed % 3 days));
        uint256 turn = calls % 7;
        uint256 who = calls++ / 7;
        if (turn == 0) _stake(who, seed >> 8);
        if (turn == 1) _addIncome(seed >> 8);
        if (turn == 2) _requestUnstake(who, seed >> 8);
        if (turn == 3) _claim(who);
        if (turn == 4) _withdraw(who);
        if (turn == 5) _takeTooMuch(who);
        if (turn == 6) _vault.setDrawer(STREAM, address(_voting));
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 200 days));
    }

    function stake(uint256 who, uint256 amount) external thenOneMore(amount) {
        _stake(who, amount);
    }

    function requestUnstake(uint256 who, uint256 amount) external thenOneMore(amount) {
        _requestUnstake(who, amount);
    }

    function restake(uint256 who, uint256 amount) external thenOneMore(amount) {
        address holder = _someone(who);
        (uint256 pending, ) = _voting.pendingUnstake(holder);
        if (pending == 0) return;
        _call(holder, abi.encodeCall(_voting.restake, (bound(amount, 1, pending))));
    }

    function withdraw(uint256 who) external thenOneMore(who) {
        _withdraw(who);
    }

    function claim(uint256 who) external thenOneMore(who) {
        _claim(who);
    }

    function delegate(uint256 who, uint256 to) external thenOneMore(to) {
        address delegatee = to % 7 == 0 ? address(0) : _someone(to);
        _call(_someone(who), abi.encodeWithSignature("delegate(address)", delegatee));
    }

    function addIncome(uint256 amount) external thenOneMore(amount) {
        _addIncome(amount);
    }

    function advance() external thenOneMore(calls) {
        _call(address(this), abi.encodeCall(_voting.advance, ()));
    }

    function donate(uint256 amount) external thenOneMore(amount) {
        uint256 xme = bound(amount, 0, _atMost(1e22, _xme.balanceOf(address(this))));
        uint256 xmex = bound(amount >> 8, 0, _atMost(1e24, _xmex.balanceOf(address(this))));
        (xmeDonated, xmexDonated) = (xmeDonated + xme, xmexDonated + xmex);
        _xme.transfer(address(_voting), xme);
        _xmex.transfer(address(_voting), xmex);
    }

    function setDrawer(uint256 seed) external thenOneMore(seed) {
        _vault.setDrawer(STREAM, seed % 4 == 0 ? address(this) : address(_voting));
    }

    function takeTooMuch(uint256 who) external thenOneMore(who) {
        _takeTooMuch(who);
    }

    function _stake(uint256 who, uint256 amount) private {
        address holder = _someone(who);
        uint256 balance = _xme.balanceOf(holder);
        if (balance == 0) return;
        amount = bound(amount, 1, balance);
        _call(holder, abi.encodeCall(_voting.stake, (amount)));
        putIn[holder] += amount;
        stakes++;
    }

    function _requestUnstake(uint256 who, uint256 amount) private {
        address holder = _someone(who);
        uint256 staked = _voting.balanceOf(holder);
        if (staked == 0) return;
        _call(holder, abi.encodeCall(_voting.requestUnstake, (bound(amount, 1, staked))));
        lastRequest[holder] = block.timestamp;
        requests++;
    }

    function _withdraw(uint256 who) private {
        address holder = _someone(who);
        uint256 preview = _voting.previewWithdraw(holder);
        if (preview == 0) return _refused(holder, abi.encodeCall(_voting.withdraw, (holder)));
        if (block.timestamp < lastRequest[holder] + SEVEN_DAYS) leftEarly = true;
        uint256 before = _xme.balanceOf(holder);
        _call(holder, abi.encodeCall(_voting.withdraw, (holder)));
        if (_xme.balanceOf(holder) - before != preview) previewWasWrong = true;
        takenOut[holder] += preview;
        withdrawals++;
    }

    function _claim(uint256 who) private {
        address holder = _someone(who);
        uint256 preview = _voting.previewClaim(holder);
        if (preview == 0) return _refused(holder, abi.encodeCall(_voting.claim, (holder)));
        uint256 before = _xmex.balanceOf(holder);
        _call(holder, abi.encodeCall(_voting.claim, (holder)));
        if (_xmex.balanceOf(holder) - before != preview) previewWasWrong = true;
        claimed += preview;
        claims++;
    }

    function _addIncome(uint256 amount) private {
        amount = bound(amount, 0, _atMost(1e27, _xmex.balanceOf(address(this))));
        income += amount;
        _call(address(this), abi.encodeCall(_voting.addXmexIncome, (amount)));
    }

    function _takeTooMuch(uint256 who) private {
        address holder = _someone(who);
        (uint256 pending, ) = _voting.pendingUnstake(holder);
        _refused(holder, abi.encodeCall(_voting.requestUnstake, (_voting.balanceOf(holder) + 1)));
        _refused(holder, abi.encodeCall(_voting.restake, (pending + 1)));
        _refused(holder, abi.encodeCall(_voting.transfer, (address(this), 1)));
    }

    /// @dev What nothing may stop, whoever draws from the vault. Counts what the vault gave.
    function _call(address caller, bytes memory data) private {
        uint256 before = _xmex.balanceOf(address(_vault));
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(_voting).call(data);
        if (!done) userWasBlocked = true;
        uint256 drawn = before - _xmex.balanceOf(address(_vault));
        income += drawn;
        if (drawn != 0) draws++;
        segments += 2;
    }

    function _refused(address caller, bytes memory data) private {
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(_voting).call(data);
        if (done) refusedCallPassed = true;
        else refusals++;
    }

    function _someone(uint256 seed) private view returns (address) {
        return _holders[seed % _holders.length];
    }

    function _atMost(uint256 limit, uint256 balance) private pure returns (uint256) {
        return balance < limit ? balance : limit;
    }
}

/// @notice Design section 7, invariant 7: XME balance ≥ supply + unstaking; XMEX balance ≥ earned + unstreamed; Σ votes ≤ supply.
contract VotingXMEInvariantTest is Test, VotingXMESetUp {
    VotingXMEHandler private _handler;

    function setUp() external {
        vm.warp(START);
        _deployVoting();
        address[] memory holders = new address[](HOLDERS);
        for (uint256 i = 0; i < HOLDERS; i++) holders[i] = _holder(i);
        _handler = new VotingXMEHandler(voting, vault, holders);
        for (uint256 i = 0; i < HOLDERS; i++) {
            xme.transfer(holders[i], 1e26);
            vm.prank(holders[i]);
            xme.approve(address(voting), type(uint256).max);
        }
        vault.setDrawer(STREAM, address(voting));
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        xme.transfer(address(_handler), 1e26);
        xmex.transfer(address(_handler), 9e27);
        vm.prank(address(_handler));
        xmex.approve(address(voting), type(uint256).max);
        targetContract(address(_handler));
    }

    function invariant_XmeIsWhatIsStakedAndWhatWaits() external view {
        uint256 pending = 0;
        uint256 staked = 0;
        for (uint256 i = 0; i < HOLDERS; i++) {
            (uint256 waits, ) = voting.pendingUnstake(_holder(i));
            pending += waits;
            staked += voting.balanceOf(_holder(i));
        }
        vm.assertEq(voting.totalSupply(), staked, "the supply is not what all hold");
        uint256 balance = xme.balanceOf(address(voting)) - _handler.xmeDonated();
        vm.assertEq(balance, staked + pending, "XME is not what is staked and what waits");
    }

    function invariant_XmexCoversWhatIsEarnedAndWhatHasYetToStream() external view {
        uint256 promised = 0;
        for (uint256 i = 0; i < HOLDERS; i++) promised += voting.earned(_holder(i));
        (uint256 active, uint256 next, , ) = voting.distribution();
        uint256 balance = xmex.balanceOf(address(voting)) - _handler.xmexDonated();
        vm.assertGe(balance, promised + active + next, "XMEX does not cover what is promised");
        uint256 dust = balance - promised - active - next;
        vm.assertLe(dust, 2 * _handler.segments() + HOLDERS + 2, "more than dust belongs to nobody");
    }

    function invariant_VotesComeFromStake() external view {
        uint256 votes = 0;
        for (uint256 i = 0; i < HOLDERS; i++) {
            uint256 expected = 0;
            for (uint256 j = 0; j < HOLDERS; j++) {
                if (voting.delegates(_holder(j)) == _holder(i)) expected += voting.balanceOf(_holder(j));
            }
            vm.assertEq(voting.getVotes(_holder(i)), expected, "votes are not the stake of those who delegate");
            votes += expected;
        }
        vm.assertLe(votes, voting.totalSupply(), "more votes than stake");
        vm.assertEq(voting.getVotes(address(0)), 0, "nobody votes");
    }

    function invariant_EachHasInThereWhatTheyPutInAndDidNotTakeOut() external view {
        for (uint256 i = 0; i < HOLDERS; i++) {
            address holder = _holder(i);
            (uint256 pending, ) = voting.pendingUnstake(holder);
            uint256 expected = _handler.putIn(holder) - _handler.takenOut(holder);
            vm.assertEq(voting.balanceOf(holder) + pending, expected, "somebody has more or less than their own");
        }
    }

    function invariant_NobodyIsPaidMoreThanCameIn() external view {
        uint256 balance = xmex.balanceOf(address(voting)) - _handler.xmexDonated();
        vm.assertEq(balance + _handler.claimed(), _handler.income(), "XMEX came or went another way");
        vm.assertLe(_handler.claimed(), _handler.income(), "more was paid than came in");
        vm.assertFalse(_handler.previewWasWrong(), "a call paid something else than its preview");
    }

    function invariant_NothingLeavesBeforeItsWaitIsOver() external view {
        vm.assertFalse(_handler.leftEarly(), "XME could leave early");
        vm.assertFalse(_handler.refusedCallPassed(), "a refused call went through");
        vm.assertFalse(_handler.userWasBlocked(), "a call that must go through did not");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.stakes(), 0, "nothing was staked");
        vm.assertGt(_handler.requests(), 0, "nothing was asked back");
        vm.assertGt(_handler.withdrawals(), 0, "nothing was taken");
        vm.assertGt(_handler.claims(), 0, "nothing was claimed");
        vm.assertGt(_handler.draws(), 0, "nothing was drawn");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
    }
}
