// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {EmissionVault} from "../../../contracts/xme/EmissionVault.sol";
import {SocialMining} from "../../../contracts/xme/SocialMining.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {IConsumption} from "../../../contracts/xme/interfaces/IConsumption.sol";
import {IUserGrowth} from "../../../contracts/xme/interfaces/IUserGrowth.sol";
import {
    EpochLedger,
    MiningAccount,
    MiningAccounts,
    StoredLedger,
    StoredMiner
} from "../../../contracts/xme/types/MiningAccount.sol";
import {Test} from "../support/Test.sol";

uint256 constant WEEK = 7 days;
uint256 constant FIRST = 2_900;
uint256 constant LIMIT = 1_000e18;
uint256 constant FLOOR = 100_000e18;
uint256 constant CAP = 10_000_000e18;
/// @dev After so many calls every random life walks the whole way once.
uint256 constant WALK = 15;

/// @dev User growth and spending as both should be.
contract HonestSources is IUserGrowth, IConsumption {
    mapping(address account => uint256) private _percents;
    mapping(uint256 week => uint256) public consumedIn;

    function setPercent(address account, uint256 percent) external {
        _percents[account] = percent;
    }

    function setConsumed(uint256 week, uint256 consumed) external {
        consumedIn[week] = consumed;
    }

    function dailyLimitPercentOf(address account) external view returns (uint256) {
        uint256 percent = _percents[account];
        return percent == 0 ? 100 : percent;
    }
}

/// @dev A list of four accounts, as a tree that OpenZeppelin's proofs are for.
struct List {
    address[4] accounts;
    uint256[4] points;
    uint64 total;
    bytes32 root;
}

/// @dev What every test of social mining stands on: real token, vault and access manager, and this contract as governance, publisher and striker.
abstract contract SocialMiningSetUp is Test {
    XMEX internal xmex;
    EmissionVault internal vault;
    SocialMining internal mining;
    HonestSources internal sources;
    AccessManager internal manager;

    function _deploy() internal {
        vm.warp(FIRST * WEEK);
        xmex = new XMEX();
        manager = new AccessManager(address(this));
        uint16[8] memory sharesBps;
        sharesBps[0] = 6_000;
        sharesBps[1] = 4_000;
        vault = new EmissionVault(xmex, address(manager), block.timestamp, sharesBps);
        uint16[13] memory weights;
        weights[0] = 1;
        mining = new SocialMining(
            xmex,
            vault,
            0,
            SocialMining.Parameters(CAP, FLOOR, 5_000),
            LIMIT,
            weights,
            address(manager)
        );
        vault.setDrawer(0, address(mining));
        sources = new HonestSources();
        mining.setSources(sources, sources);
        xmex.transfer(address(vault), 9e28);
    }

    function _listOf(address[4] memory accounts, uint256[4] memory points) internal pure returns (List memory list) {
        uint256 total = 0;
        for (uint256 i = 0; i < 4; i++) total += points[i];
        (list.accounts, list.points, list.total) = (accounts, points, uint64(total));
        list.root = _pair(_pair(_leaf(list, 0), _leaf(list, 1)), _pair(_leaf(list, 2), _leaf(list, 3)));
    }

    function _proof(List memory list, uint256 row) internal pure returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        proof[0] = _leaf(list, row ^ 1);
        uint256 other = row < 2 ? 2 : 0;
        proof[1] = _pair(_leaf(list, other), _leaf(list, other + 1));
    }

    function _leaf(List memory list, uint256 row) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(list.accounts[row], list.points[row]))));
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }

    function _publish(uint256 epoch, List memory list) internal {
        mining.publish(epoch, list.root, list.total, "", 0);
    }

    function actorOf(uint256 index) public pure returns (address) {
        return address(uint160(0xac7000 + (index % 6)));
    }

    /// @dev Four of the six actors, and points of every size.
    function _listFromSeed(uint256 seed) internal pure returns (List memory) {
        address[4] memory accounts;
        uint256[4] memory points;
        for (uint256 i = 0; i < 4; i++) {
            accounts[i] = actorOf((seed % 6) + i);
            uint256 dice = uint256(keccak256(abi.encode(seed, i)));
            points[i] = 1 + ((dice >> 8) % 10 ** (1 + (dice % 18)));
        }
        return _listOf(accounts, points);
    }
}

/// @notice Fuzz tests of social mining: whatever a list says, a budget is the most that it pays, and a day's limit the most of a day.
contract SocialMiningTest is SocialMiningSetUp {
    StoredMiner private _storedMiner;
    StoredLedger private _storedLedger;

    function setUp() external {
        _deploy();
    }

    function testFuzz_NoListIsPaidMoreThanItsBudget(
        uint256 seed,
        uint256 lie,
        uint256 consumed,
        uint8[6] memory order
    ) external {
        sources.setConsumed(FIRST, bound(consumed, 0, 1e29));
        List memory list = _listFromSeed(seed);
        list.total = uint64(bound(lie, 1, list.total));
        vm.warp((FIRST + 2) * WEEK);
        _publish(FIRST + 1, list);
        vm.warp(block.timestamp + 72 hours);
        uint256 budget = mining.drawBudget(FIRST + 1);
        vm.assertEq(xmex.balanceOf(address(mining)), budget, "another amount was drawn");
        uint256 points = 0;
        uint256 credited = 0;
        for (uint256 i = 0; i < order.length; i++) {
            uint256 row = order[i] % 4;
            address account = list.accounts[row];
            try mining.claim(FIRST + 1, account, list.points[row], _proof(list, row)) returns (
                uint256 amount,
                uint256
            ) {
                points += list.points[row];
                credited += amount;
                vm.assertLe(amount * list.total, budget * list.points[row], "a claim was credited more than its part");
            } catch {}
        }
        vm.assertLe(points, list.total, "more points were claimed than published");
        vm.assertLe(credited, budget, "more was credited than the budget");
        vm.warp((FIRST + 2) * WEEK + 52 weeks);
        int256 net = vault.netDrawn(0);
        if (credited < budget) mining.returnUnclaimed(FIRST + 1);
        vm.assertEq(net - vault.netDrawn(0), int256(budget - credited), "the rest did not return to the wei");
        vm.assertEq(vault.netDrawn(0), int256(credited), "the stream lost more than was credited");
    }

    function testFuzz_BudgetIsTheLeastOfItsThreeBounds(
        uint256 cap,
        uint256 floor,
        uint16 ratio,
        uint256 consumed,
        uint256 left
    ) external {
        cap = bound(cap, 1, type(uint64).max) * 1 gwei;
        floor = bound(floor, 0, cap / 1 gwei) * 1 gwei;
        consumed = bound(consumed, 0, 1e29);
        mining.setParameters(SocialMining.Parameters(cap, floor, ratio));
        sources.setConsumed(FIRST, consumed);
        List memory list = _listFromSeed(left);
        vm.warp((FIRST + 2) * WEEK);
        _publish(FIRST + 1, list);
        vm.warp(block.timestamp + bound(uint256(keccak256(abi.encode(left))), 72 hours, 52 weeks - 1));
        vault.setDrawer(0, address(this));
        vault.draw(0, address(this), vault.available(0) - bound(left, 1 gwei, vault.available(0)));
        vault.setDrawer(0, address(mining));
        uint256 expected = floor + (consumed * ratio) / 10_000;
        if (expected > cap) expected = cap;
        expected = _shortened(expected / 1 gwei, vault.available(0) / 1 gwei) * 1 gwei;
        vm.assertEq(mining.budgetOf(FIRST + 1), expected, "the budget is not the least of the three");
        if (expected == 0) {
            vm.expectRevert(abi.encodeWithSelector(SocialMining.SocialMining_NoBudget.selector, FIRST + 1));
            mining.drawBudget(FIRST + 1);
        } else {
            vm.assertEq(mining.drawBudget(FIRST + 1), expected, "another budget was drawn");
        }
    }

    /// @dev What `available` makes of what is `planned`, both in gwei: nothing where a larger part is short than has passed of the 52 weeks.
    function _shortened(uint256 planned, uint256 available) private view returns (uint256) {
        if (available >= planned) return planned;
        uint256 passed = block.timestamp - (FIRST + 2) * WEEK;
        return (planned - available) * 52 weeks > planned * passed ? 0 : available;
    }

    function testFuzz_ADayPaysItsLimitAndNeverMore(uint256 limit, uint16 percent, uint256[6] memory waits) external {
        limit = bound(limit, 1, 1e15) * 1 gwei;
        address account = actorOf(1);
        sources.setPercent(account, bound(percent, 100, 1_000));
        mining.setDailyLimit(limit);
        limit = (limit * bound(percent, 100, 1_000)) / 100;
        limit -= limit % 1 gwei;
        address[4] memory accounts = [account, actorOf(2), actorOf(3), actorOf(4)];
        List memory list = _listOf(accounts, [uint256(97), 1, 1, 1]);
        vm.warp((FIRST + 1) * WEEK);
        _publish(FIRST, list);
        vm.warp(block.timestamp + 72 hours);
        (uint256 credited, ) = mining.claim(FIRST, account, 97, _proof(list, 0));
        uint256 day = block.timestamp / 1 days;
        uint256 dayBegan = credited;
        for (uint256 i = 0; i < waits.length; i++) {
            vm.warp(block.timestamp + bound(waits[i], 0, 40 hours));
            if (block.timestamp / 1 days != day) {
                day = block.timestamp / 1 days;
                dayBegan = mining.creditOf(account);
            }
            _withdrawAsPreviewed(account);
            uint256 ninetieth = (dayBegan + 90 gwei - 1) / 90;
            uint256 most = limit > ninetieth ? limit : ninetieth;
            uint256 paid = dayBegan - mining.creditOf(account);
            vm.assertLe(paid, most, "a day paid more than its limit");
            vm.assertTrue(paid + 1 gwei > most || mining.creditOf(account) == 0, "a day paid less than its limit");
        }
        vm.assertEq(xmex.balanceOf(account) + mining.creditOf(account), credited, "credit was lost");
    }

    function _withdrawAsPreviewed(address account) private {
        uint256 preview = mining.previewWithdraw(account);
        uint256 before = xmex.balanceOf(account);
        if (preview != 0) mining.withdraw(account);
        vm.assertEq(xmex.balanceOf(account) - before, preview, "the preview is wrong");
    }

    function testFuzz_EachEpochOfAYearIsClaimedOnce(uint8[20] memory order) external {
        List memory list = _listFromSeed(7);
        for (uint256 i = 0; i < 52; i++) {
            vm.warp((FIRST + i + 1) * WEEK);
            _publish(FIRST + i, list);
        }
        vm.warp(block.timestamp + 72 hours);
        address account = list.accounts[0];
        bool[52] memory claimed;
        for (uint256 i = 0; i < order.length; i++) {
            uint256 week = order[i] % 52;
            if (claimed[week]) {
                vm.expectRevert(
                    abi.encodeWithSelector(SocialMining.SocialMining_AlreadyClaimed.selector, FIRST + week, account)
                );
            }
            mining.claim(FIRST + week, account, list.points[0], _proof(list, 0));
            claimed[week] = true;
        }
        for (uint256 i = 0; i < 52; i++) {
            vm.assertEq(mining.hasClaimedIn(account, FIRST + i), claimed[i], "a claim was forgotten or made up");
        }
    }

    function testFuzz_StruckPaysNothing(uint256 seed, uint256 later) external {
        List memory list = _listFromSeed(seed);
        vm.warp((FIRST + 1) * WEEK);
        _publish(FIRST, list);
        vm.warp(block.timestamp + bound(later, 0, 72 hours - 1));
        mining.strike(FIRST);
        vm.warp(block.timestamp + bound(later >> 128, 0, 52 weeks));
        for (uint256 row = 0; row < 4; row++) {
            vm.expectRevert();
            mining.claim(FIRST, list.accounts[row], list.points[row], _proof(list, row));
        }
        vm.assertEq(vault.netDrawn(0), 0, "a struck root drew a budget");
    }

    function testFuzz_AccountAndLedgerSurviveTheirSlots(
        MiningAccount memory account,
        EpochLedger memory ledger
    ) external {
        account.claims %= 2 ** 53;
        account.newestEpoch %= 2 ** 16;
        account.lastPaidDay %= 2 ** 16;
        account.credit %= 2 ** 67;
        account.paid %= 2 ** 67;
        account.creditedInWhole %= 2 ** 37;
        _storedMiner.store(account);
        vm.assertEq(keccak256(abi.encode(_storedMiner.read())), keccak256(abi.encode(account)), "an account changed");
        ledger.budget %= 2 ** 64;
        ledger.credited %= 2 ** 64;
        ledger.totalPoints %= 2 ** 64;
        ledger.claimedPoints %= 2 ** 64;
        _storedLedger.store(ledger);
        vm.assertEq(keccak256(abi.encode(_storedLedger.read())), keccak256(abi.encode(ledger)), "a ledger changed");
    }

    function storeAccount(MiningAccount memory account) external {
        _storedMiner.store(account);
    }

    function storeLedger(EpochLedger memory ledger) external {
        _storedLedger.store(ledger);
    }

    function test_RefusesEachValueThatIsTooWide() external {
        for (uint256 i = 0; i < 3; i++) {
            MiningAccount memory account;
            account.credit = i == 0 ? 2 ** 67 : 0;
            account.paid = i == 1 ? 2 ** 67 : 0;
            account.creditedInWhole = i == 2 ? 2 ** 37 : 0;
            vm.expectRevert(MiningAccounts.MiningAccounts_ValueTooWide.selector);
            this.storeAccount(account);
        }
        for (uint256 i = 0; i < 4; i++) {
            EpochLedger memory ledger;
            ledger.budget = i == 0 ? 2 ** 64 : 0;
            ledger.credited = i == 1 ? 2 ** 64 : 0;
            ledger.totalPoints = i == 2 ? 2 ** 64 : 0;
            ledger.claimedPoints = i == 3 ? 2 ** 64 : 0;
            vm.expectRevert(MiningAccounts.MiningAccounts_ValueTooWide.selector);
            this.storeLedger(ledger);
        }
    }
}

/// @dev Many hands on social mining: lists are published, true and false, struck, drawn, claimed, paid and given back, and time passes.
contract SocialMiningHandler is SocialMiningSetUp {
    uint256 public calls;
    uint256 public publications;
    uint256 public strikes;
    uint256 public draws;
    uint256 public claims;
    uint256 public payments;
    uint256 public returns_;
    uint256 public received;
    bool public wasOverpaid;
    bool public struckHasPaid;
    bool public previewWasWrong;

    uint256[] private _epochs;
    mapping(uint256 epoch => List) private _lists;
    mapping(uint256 epoch => List) private _struck;

    constructor(XMEX xmex_, EmissionVault vault_, SocialMining mining_, HonestSources sources_) {
        (xmex, vault, mining, sources) = (xmex_, vault_, mining_, sources_);
    }

    /// @dev After each call of the runner, one more in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + (seed % 3 days));
        if (calls == WALK) _walk();
        uint256 turn = calls++ % 6;
        if (turn == 0) _publishFrom(seed, seed >> 64);
        if (turn == 1) _strikeOne(seed);
        if (turn == 2) _drawOne(seed);
        if (turn == 3) _claimOne(seed, seed >> 64);
        if (turn == 4) _withdrawFor(seed);
        if (turn == 5) _returnOne(seed);
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 20 days));
    }

    function publish(uint256 back, uint256 seed) external thenOneMore(seed) {
        _publishFrom(back, seed);
    }

    function strike(uint256 seed) external thenOneMore(seed) {
        if (seed % 4 == 0) _strikeOne(seed >> 8);
    }

    function claim(uint256 which, uint256 row) external thenOneMore(row) {
        _claimOne(which, row);
        _claimOne(which, row + 1);
    }

    function withdraw(uint256 actor) external thenOneMore(actor) {
        _withdrawFor(actor);
    }

    function returnUnclaimed(uint256 which) external thenOneMore(which) {
        _returnOne(which);
    }

    function consume(uint256 amount) external thenOneMore(amount) {
        sources.setConsumed(mining.currentEpoch(), bound(amount, 0, 1e26));
    }

    function govern(uint256 cap, uint256 floor, uint256 limit) external thenOneMore(limit) {
        cap = bound(cap, 1, 1e16) * 1 gwei;
        floor = bound(floor, 0, cap / 1 gwei) * 1 gwei;
        mining.setParameters(SocialMining.Parameters(cap, floor, limit % 65_536));
        mining.setDailyLimit(bound(limit, 1, 1e14) * 1 gwei);
        sources.setPercent(actorOf(limit), 100 + (limit % 901));
    }

    function epochs() external view returns (uint256[] memory) {
        return _epochs;
    }

    /// @dev From a false list to the last wei that goes back of the true one's budget.
    function _walk() private {
        mining.setParameters(SocialMining.Parameters(CAP, FLOOR, 5_000));
        mining.setDailyLimit(1 gwei);
        uint256 epoch = mining.currentEpoch() + 1;
        vm.warp((epoch + 1) * WEEK);
        List memory truth = _listFromSeed(epoch);
        _publishList(epoch, _listFromSeed(epoch + 1));
        vm.warp(block.timestamp + 1 hours);
        _strike(epoch);
        _publishList(epoch, truth);
        vm.warp(block.timestamp + 72 hours);
        mining.drawBudget(epoch);
        draws++;
        for (uint256 row = 0; row < 3; row++) _claim(epoch, row);
        for (uint256 i = 0; i < 5; i++) {
            vm.warp(block.timestamp + 1 days);
            for (uint256 actor = 0; actor < 6; actor++) _withdrawFor(actor);
        }
        vm.warp((epoch + 53) * WEEK);
        mining.returnUnclaimed(epoch);
        returns_++;
    }

    function _publishFrom(uint256 back, uint256 seed) private {
        uint256 now_ = mining.currentEpoch();
        uint256 epoch = now_ - 1 - (back % 4);
        if (epoch < mining.firstEpoch() || mining.epochOf(epoch).root != 0) return;
        if (block.timestamp >= mining.publishableUntil(epoch)) return;
        List memory list = _listFromSeed(seed % 1_000);
        if (seed % 3 == 0) list.total = uint64(1 + list.total / 2);
        _publishList(epoch, list);
    }

    function _publishList(uint256 epoch, List memory list) private {
        _publish(epoch, list);
        _lists[epoch] = list;
        if (_struck[epoch].root == 0) _epochs.push(epoch);
        publications++;
    }

    function _strikeOne(uint256 seed) private {
        if (_epochs.length == 0) return;
        uint256 epoch = _epochs[_epochs.length - 1 - (seed % _epochs.length) / 4];
        SocialMining.Epoch memory shown = mining.epochOf(epoch);
        if (shown.root == 0 || block.timestamp >= shown.claimableFrom || seed % 4 == 0) return;
        _strike(epoch);
    }

    function _strike(uint256 epoch) private {
        mining.strike(epoch);
        _struck[epoch] = _lists[epoch];
        strikes++;
    }

    function _drawOne(uint256 seed) private {
        if (_epochs.length == 0) return;
        uint256 epoch = _epochs[seed % _epochs.length];
        try mining.drawBudget(epoch) {
            draws++;
        } catch {}
    }

    function _claimOne(uint256 which, uint256 row) private {
        if (_epochs.length == 0) return;
        uint256 back = (which % 6) % _epochs.length;
        uint256 epoch = _epochs[_epochs.length - 1 - back];
        row = row % 4;
        _claimStruck(epoch, row);
        _claim(epoch, row);
    }

    /// @dev What was struck must never pay; the list that took its place may happen to be the same.
    function _claimStruck(uint256 epoch, uint256 row) private {
        List memory list = _struck[epoch];
        if (list.root == 0 || list.root == mining.epochOf(epoch).root) return;
        try mining.claim(epoch, list.accounts[row], list.points[row], _proof(list, row)) {
            struckHasPaid = true;
        } catch {}
    }

    function _claim(uint256 epoch, uint256 row) private {
        List memory list = _lists[epoch];
        address account = list.accounts[row];
        bytes32[] memory proof = _proof(list, row);
        uint256 before = xmex.balanceOf(account);
        try mining.previewClaim(epoch, account, list.points[row], proof) returns (uint256 credited, uint256 paid) {
            (uint256 didCredit, uint256 didPay) = mining.claim(epoch, account, list.points[row], proof);
            if (didCredit != credited || didPay != paid) previewWasWrong = true;
            if (xmex.balanceOf(account) - before != paid) previewWasWrong = true;
            received += paid;
            claims++;
            _watch(account, paid);
        } catch {
            try mining.claim(epoch, account, list.points[row], proof) {
                previewWasWrong = true;
            } catch {}
        }
    }

    function _withdrawFor(uint256 actor) private {
        address account = actorOf(actor);
        uint256 expected = mining.previewWithdraw(account);
        if (expected == 0) return;
        if (mining.withdraw(account) != expected) previewWasWrong = true;
        received += expected;
        payments++;
        _watch(account, expected);
    }

    /// @dev Right after a payment: what was paid today is within the limit, counted anew. In gwei.
    function _watch(address account, uint256 paidNow) private {
        if (paidNow == 0) return;
        MiningAccount memory known = mining.accountOf(account);
        uint256 limit = (mining.dailyLimit() * sources.dailyLimitPercentOf(account)) / 100 / 1 gwei;
        uint256 ninetieth = (known.credit + known.paid + 89) / 90;
        if (known.lastPaidDay != block.timestamp / 1 days) wasOverpaid = true;
        if (known.paid > limit && known.paid > ninetieth) wasOverpaid = true;
        if (known.paid < paidNow / 1 gwei) wasOverpaid = true;
    }

    function _returnOne(uint256 seed) private {
        if (_epochs.length == 0) return;
        try mining.returnUnclaimed(_epochs[seed % _epochs.length]) {
            returns_++;
        } catch {}
    }
}

/// @notice Design section 7, invariant 9: Σ points claimed ≤ total; credited ≤ budget; paid per day ≤ limit; struck pays nothing.
contract SocialMiningInvariantTest is SocialMiningSetUp {
    SocialMiningHandler private _handler;

    function setUp() external {
        _deploy();
        _handler = new SocialMiningHandler(xmex, vault, mining, sources);
        manager.grantRole(manager.ADMIN_ROLE(), address(_handler), 0);
        targetContract(address(_handler));
    }

    function invariant_PointsAndCreditsStayWithinTheirEpoch() external view {
        uint256[] memory epochs = _handler.epochs();
        for (uint256 i = 0; i < epochs.length; i++) {
            SocialMining.Epoch memory epoch = mining.epochOf(epochs[i]);
            vm.assertLe(epoch.claimedPoints, epoch.totalPoints, "more points were claimed than published");
            vm.assertLe(epoch.credited, epoch.budget, "more was credited than the budget");
        }
    }

    function invariant_BalanceIsCreditAndWhatIsLeftOfBudgets() external view {
        uint256 owed = 0;
        for (uint256 i = 0; i < 6; i++) owed += mining.creditOf(actorOf(i));
        uint256[] memory epochs = _handler.epochs();
        for (uint256 i = 0; i < epochs.length; i++) {
            SocialMining.Epoch memory epoch = mining.epochOf(epochs[i]);
            owed += epoch.budget - epoch.credited;
        }
        uint256 balance = xmex.balanceOf(address(mining));
        vm.assertEq(balance, owed, "XMEX is short, or nobody's");
        vm.assertEq(vault.netDrawn(0), int256(balance + _handler.received()), "the stream gave another amount");
    }

    function invariant_NobodyIsPaidAboveTheDaysLimit() external view {
        vm.assertFalse(_handler.wasOverpaid(), "somebody was paid more than the day's limit");
        uint256 received = 0;
        for (uint256 i = 0; i < 6; i++) received += xmex.balanceOf(actorOf(i));
        vm.assertEq(received, _handler.received(), "somebody was paid by another way");
    }

    function invariant_StruckPaysNothingAndPreviewsTellTheTruth() external view {
        vm.assertFalse(_handler.struckHasPaid(), "a struck list paid");
        vm.assertFalse(_handler.previewWasWrong(), "a preview was wrong");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.calls(), WALK, "nobody walked the whole way");
        vm.assertGe(_handler.publications(), 2, "hardly anything was published");
        vm.assertGt(_handler.strikes(), 0, "nothing was struck");
        vm.assertGt(_handler.draws(), 0, "nothing was drawn");
        vm.assertGe(_handler.claims(), 3, "hardly anybody claimed");
        vm.assertGt(_handler.payments(), 0, "nobody was paid on a later day");
        vm.assertGt(_handler.returns_(), 0, "nothing was given back");
        vm.assertGt(_handler.received(), 0, "nobody received anything");
    }
}
