// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {FeeTiers} from "../../../contracts/xp/FeeTiers.sol";
import {XP} from "../../../contracts/xp/XP.sol";
import {IAgentRegistry} from "../../../contracts/xp/interfaces/IAgentRegistry.sol";
import {IFeeTiers} from "../../../contracts/xp/interfaces/IFeeTiers.sol";
import {TiersAgents} from "../../harness/xp/TiersAgents.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant MONTH = 2_592_000;
uint256 constant BASIC = 250;
uint64 constant ROUTER_ROLE = 7;
bytes32 constant PERMIT_TYPE = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
);

/// @dev The source's table.
function sourceTable() pure returns (FeeTiers.Tier[] memory table) {
    table = new FeeTiers.Tier[](5);
    table[0] = FeeTiers.Tier(10_000e18, 200);
    table[1] = FeeTiers.Tier(50_000e18, 150);
    table[2] = FeeTiers.Tier(250_000e18, 100);
    table[3] = FeeTiers.Tier(1_000_000e18, 50);
    table[4] = FeeTiers.Tier(5_000_000e18, 25);
}

/// @dev One to five tiers, with prices that are no round numbers and fees that other tables often have too.
function tableFromSeed(uint256 seed) pure returns (FeeTiers.Tier[] memory table) {
    table = new FeeTiers.Tier[](1 + (seed % 5));
    uint256 price = 0;
    uint256 feeBps = BASIC;
    for (uint256 i = 0; i < table.length; i++) {
        uint256 dice = uint256(keccak256(abi.encode(seed, i)));
        price += 1 + (dice % (dice % 2 == 0 ? 30_000e18 : 1_000));
        feeBps -= feeBps > 50 && dice % 3 == 0 ? 50 : 25;
        table[i] = FeeTiers.Tier(uint96(price), uint16(feeBps));
    }
}

/// @dev Holds nothing: takes what a tier costs from whoever calls and burns it for them, as a router does with what it buys.
contract TierBuyerForOthers {
    function buy(FeeTiers tiers, uint256 tier, uint256 maxFeeBps) external returns (uint256 burned) {
        burned = tiers.quote(msg.sender, tier, 0, 0).burn;
        tiers.xp().transferFrom(msg.sender, address(this), burned);
        tiers.xp().approve(address(tiers), burned);
        tiers.burnForTierFor(msg.sender, tier, maxFeeBps, burned);
    }
}

/// @dev What every test stands on: the real XP and access manager, agents, the source's table, and this contract as governance and router's user.
abstract contract FeeTiersSetUp is Test {
    uint256 internal constant KEY = 0xA11CE;

    XP internal xp;
    TiersAgents internal agents;
    AccessManager internal manager;
    FeeTiers internal tiers;
    TierBuyerForOthers internal router;
    address internal alice = vm.addr(KEY);

    function _deploy() internal {
        vm.warp(START);
        manager = new AccessManager(address(this));
        xp = new XP(address(manager));
        agents = new TiersAgents();
        router = new TierBuyerForOthers();
        manager.grantRole(ROUTER_ROLE, address(router), 0);
        tiers = _newTiers(IFeeTiers(address(0)));
    }

    function _newTiers(IFeeTiers predecessor) internal returns (FeeTiers made) {
        made = new FeeTiers(xp, IAgentRegistry(agents), predecessor, address(manager), sourceTable());
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = FeeTiers.burnForTierFor.selector;
        manager.setTargetFunctionRole(address(made), selectors, ROUTER_ROLE);
    }

    /// @dev The signature of `alice` for `maxBurn`, without an end.
    function _permit(FeeTiers spender, uint256 maxBurn) internal view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 permit = keccak256(
            abi.encode(PERMIT_TYPE, alice, address(spender), maxBurn, xp.nonces(alice), type(uint256).max)
        );
        return vm.sign(KEY, keccak256(abi.encodePacked("\x19\x01", xp.DOMAIN_SEPARATOR(), permit)));
    }
}

/// @notice Fuzz tests of the tiers: whatever is bought, when and in which way, the credit is exact, the quote kept and the fee lasts to its end.
contract FeeTiersTest is FeeTiersSetUp {
    function setUp() external {
        _deploy();
        xp.mint(alice, 1e26);
        agents.register(alice);
        vm.prank(alice);
        xp.approve(address(tiers), type(uint256).max);
    }

    function testFuzz_CreditsTheUnusedPartRoundedDown(
        uint256 from,
        uint256 to,
        uint256 untilRenewal,
        uint256 untilUpgrade,
        uint256 seed
    ) external {
        FeeTiers.Tier[] memory table = seed % 2 == 0 ? sourceTable() : tableFromSeed(seed);
        vm.assume(table.length > 1);
        tiers.setTable(table);
        from = bound(from, 1, table.length - 1);
        to = bound(to, from + 1, table.length);
        _buy(from);
        if (seed % 4 < 2) {
            vm.warp(START + bound(untilRenewal, 0, MONTH - 1));
            _buy(from);
        }
        FeeTiers.BoughtTier memory before = tiers.boughtTierOf(alice);
        vm.warp(bound(untilUpgrade, before.since, before.end - 1));

        uint256 burned = _buy(to);

        uint256 price = table[to - 1].price;
        vm.assertLe(burned, price, "more than the price was burned");
        uint256 credit = price - burned;
        // The credit for the whole time prepaid would be `prepaid`: it is the largest number that the time left is worth, or the price.
        uint256 worth = uint256(before.prepaid) * (before.end - block.timestamp);
        uint256 length = before.end - before.since;
        vm.assertLe(credit * length, worth, "more was credited than is left");
        if (burned != 0) vm.assertGt((credit + 1) * length, worth, "less was credited than is left");
        FeeTiers.BoughtTier memory bought = tiers.boughtTierOf(alice);
        vm.assertEq(bought.prepaid, price, "an upgrade is not prepaid by its price");
        vm.assertEq(bought.end, block.timestamp + MONTH, "an upgrade does not run 30 days");
        vm.assertEq(bought.since, block.timestamp, "an upgrade does not run from now");
    }

    function testFuzz_RenewalKeepsWhatIsUnusedAndAddsThePrice(
        uint256 tier,
        uint256 elapsed,
        uint96 otherPrice
    ) external {
        tier = bound(tier, 1, 5);
        _buy(tier);
        FeeTiers.Tier[] memory table = new FeeTiers.Tier[](1);
        table[0] = FeeTiers.Tier(uint96(bound(otherPrice, 1, 5e25)), sourceTable()[tier - 1].feeBps);
        tiers.setTable(table);
        vm.warp(START + bound(elapsed, 0, MONTH - 1));
        uint256 paid = sourceTable()[tier - 1].price;
        uint256 used = paid * (block.timestamp - START);

        vm.assertEq(_buy(1), table[0].price, "a renewal does not cost the full price of now");

        FeeTiers.BoughtTier memory bought = tiers.boughtTierOf(alice);
        uint256 kept = bought.prepaid - table[0].price;
        vm.assertLe(used, (paid - kept) * MONTH, "more is kept than is unused");
        vm.assertGt(used + MONTH, (paid - kept) * MONTH, "less is kept than is unused");
        vm.assertEq(bought.since, block.timestamp, "what is prepaid does not stand for the time from now");
        vm.assertEq(bought.end, START + 2 * MONTH, "a renewal does not add 30 days");
    }

    function testFuzz_NoRenewalReachesBeyond60Days(uint256 tier, uint256 elapsed) external {
        tier = bound(tier, 1, 5);
        _buy(tier);
        _buy(tier);
        vm.assertEq(tiers.boughtTierOf(alice).end, START + 2 * MONTH, "a second price at once does not buy 60 days");
        vm.warp(START + bound(elapsed, 0, MONTH - 1));
        bytes memory refusal = abi.encodeWithSelector(
            FeeTiers.FeeTiers_TooFarAhead.selector,
            START + 3 * MONTH,
            block.timestamp + 2 * MONTH
        );
        vm.expectRevert(refusal);
        tiers.quote(alice, tier, 0, 0);
        vm.expectRevert(refusal);
        vm.prank(alice);
        tiers.burnForTier(tier, BASIC, type(uint256).max);
        vm.warp(START + MONTH);
        _buy(tier);
        vm.assertEq(tiers.boughtTierOf(alice).end, START + 3 * MONTH, "a renewal to 60 days ahead is refused");
    }

    function testFuzz_BurnsWhatQuoteSaysInEveryWayOfBuying(
        uint8[4] memory wanted,
        uint32[4] memory seconds_,
        uint8[4] memory ways
    ) external {
        vm.prank(alice);
        xp.approve(address(router), type(uint256).max);
        for (uint256 i = 0; i < wanted.length; i++) {
            vm.warp(block.timestamp + (seconds_[i] % (MONTH + MONTH / 4)));
            uint256 tier = 1 + (wanted[i] % 5);
            FeeTiers.Quote memory quoted;
            try tiers.quote(alice, tier, 0, 0) returns (FeeTiers.Quote memory answer) {
                quoted = answer;
            } catch (bytes memory refusal) {
                vm.expectRevert(refusal);
                vm.prank(alice);
                tiers.burnForTier(tier, BASIC, type(uint256).max);
                continue;
            }
            uint256 before = xp.totalBurned();
            uint256 burned = _buyIn(ways[i] % 4, tier, quoted.burn);
            vm.assertEq(burned, quoted.burn, "another amount was returned than quoted");
            vm.assertEq(xp.totalBurned() - before, quoted.burn, "another amount was burned than quoted");
            vm.assertEq(burned + quoted.credit, sourceTable()[tier - 1].price, "burn and credit are not the price");
            vm.assertEq(tiers.boughtTierOf(alice).end, quoted.end, "the tier runs to another end than quoted");
            vm.assertEq(xp.balanceOf(address(router)), 0, "the router kept XP");
        }
    }

    function testFuzz_RefusesEachMaximumBelowTheBurn(uint256 tier, uint256 elapsed, uint256 maxBurn) external {
        _buy(1);
        vm.warp(START + bound(elapsed, 0, 2 * MONTH));
        tier = bound(tier, 2, 5);
        uint256 burn = tiers.quote(alice, tier, 0, 0).burn;
        maxBurn = bound(maxBurn, 0, burn - 1);
        vm.expectRevert(abi.encodeWithSelector(FeeTiers.FeeTiers_AboveMaxBurn.selector, burn, maxBurn));
        vm.prank(alice);
        tiers.burnForTier(tier, BASIC, maxBurn);
        vm.prank(alice);
        vm.assertEq(tiers.burnForTier(tier, BASIC, burn), burn, "the burn itself is refused as a maximum");
    }

    function testFuzz_RefusesEachMaximumBelowTheFeeInEveryWayOfBuying(
        uint256 tier,
        uint256 seed,
        uint256 maxFeeBps,
        uint256 way
    ) external {
        FeeTiers.Tier[] memory table = seed % 2 == 0 ? sourceTable() : tableFromSeed(seed);
        tiers.setTable(table);
        tier = bound(tier, 1, table.length);
        uint256 feeBps = table[tier - 1].feeBps;
        FeeTiers.Quote memory quoted = tiers.quote(alice, tier, 0, 0);
        vm.assertEq(quoted.feeBps, feeBps, "another fee was quoted than the table's");
        maxFeeBps = bound(maxFeeBps, 0, feeBps - 1);
        bytes memory refusal = abi.encodeWithSelector(FeeTiers.FeeTiers_FeeAboveMaximum.selector, feeBps, maxFeeBps);
        (bool passed, bytes memory answer) = _tryToBuyIn(way % 3, tier, maxFeeBps, quoted.burn);
        vm.assertFalse(passed, "a fee above the maximum was sold");
        vm.assertEq(answer, refusal, "it was refused for another reason");
        vm.assertEq(xp.totalBurned(), 0, "a refusal burned");
        (passed, ) = _tryToBuyIn(way % 3, tier, feeBps, quoted.burn);
        vm.assertTrue(passed, "the fee itself is refused as a maximum");
        vm.assertEq(tiers.feeBpsOf(alice), feeBps, "another fee was sold");
    }

    function testFuzz_TheFeeLastsToTheSecondBeforeTheEnd(uint256 tier, uint256 renewedAt, uint256 after_) external {
        tier = bound(tier, 1, 5);
        _buy(tier);
        uint256 end = START + MONTH;
        if (renewedAt % 2 == 0) {
            vm.warp(START + bound(renewedAt, 0, MONTH - 1));
            _buy(tier);
            end += MONTH;
        }
        vm.warp(end - 1);
        vm.assertEq(tiers.feeBpsOf(alice), sourceTable()[tier - 1].feeBps, "the tier ended early");
        vm.warp(end);
        vm.assertEq(tiers.feeBpsOf(alice), BASIC, "the tier outlived its end");
        vm.warp(end + bound(after_, 0, 100 * MONTH));
        vm.assertEq(tiers.feeBpsOf(alice), BASIC, "the tier came back");
        vm.assertEq(_buy(1), 10_000e18, "an ended tier was credited");
        vm.assertEq(tiers.boughtTierOf(alice).end, block.timestamp + MONTH, "a first tier does not run 30 days");
    }

    function testFuzz_ABoughtTierKeepsItsFeeAcrossTablesAndReplacements(
        uint256 tier,
        uint256 seed,
        uint256 replacements,
        uint256 elapsed
    ) external {
        tier = bound(tier, 1, 5);
        _buy(tier);
        tiers.setTable(tableFromSeed(seed));
        FeeTiers newest = tiers;
        for (uint256 i = 0; i < replacements % 4; i++) {
            newest.setTable(new FeeTiers.Tier[](0));
            newest = _newTiers(newest);
        }
        vm.warp(START + bound(elapsed, 0, MONTH - 1));
        vm.assertEq(newest.feeBpsOf(alice), sourceTable()[tier - 1].feeBps, "governance changed a bought fee");
        vm.assertEq(newest.feeBpsOf(address(this)), BASIC, "somebody else has it too");
        vm.warp(START + MONTH);
        vm.assertEq(newest.feeBpsOf(alice), BASIC, "the fee outlived its end");
    }

    function testFuzz_ThePriceCeilingIsWhereItStopsToPay(
        uint256 tier,
        uint256 elapsed,
        uint96 volume,
        uint256 above
    ) external {
        _buy(1);
        vm.warp(START + bound(elapsed, 0, 2 * MONTH));
        tier = bound(tier, 2, 5);
        FeeTiers.Quote memory ceiling = tiers.quote(alice, tier, volume, 0);
        uint256 fee = sourceTable()[tier - 1].feeBps;
        vm.assertEq(ceiling.cost, 0, "XP for nothing costs something");
        vm.assertEq(ceiling.worthwhile, ceiling.grossSaving != 0, "XP for nothing does not pay");
        vm.assertLe(ceiling.grossSaving * 10_000, volume * (BASIC - fee), "the saving is rounded up");
        vm.assertGt((ceiling.grossSaving + 1) * 10_000, volume * (BASIC - fee), "the saving is too small");

        FeeTiers.Quote memory quoted = tiers.quote(alice, tier, volume, ceiling.ceilingPrice);
        vm.assertLe(quoted.cost, quoted.grossSaving, "at the ceiling it costs more than it saves");
        quoted = tiers.quote(alice, tier, volume, ceiling.ceilingPrice + bound(above, 1, 1e30));
        vm.assertGt(quoted.cost, quoted.grossSaving, "above the ceiling it does not cost more than it saves");
        vm.assertFalse(quoted.worthwhile, "above the ceiling it is called worth while");
    }

    function testFuzz_NobodyButTheRouterBurnsForOthers(address stranger, uint256 tier) external {
        vm.assume(stranger != address(router) && stranger != address(manager));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        tiers.burnForTierFor(alice, tier, BASIC, type(uint256).max);
    }

    function testFuzz_TakesTablesWithRisingPricesAndFallingFeesAboveZeroOnly(
        uint256 seed,
        uint256 broken,
        uint96 price
    ) external {
        FeeTiers.Tier[] memory table = tableFromSeed(seed);
        tiers.setTable(table);
        vm.assertEq(abi.encode(tiers.table()), abi.encode(table), "the table is another than the one set");

        broken = bound(broken, 0, table.length - 1);
        uint256 previous = broken == 0 ? 0 : table[broken - 1].price;
        FeeTiers.Tier memory kept = FeeTiers.Tier(table[broken].price, table[broken].feeBps);
        table[broken].price = uint96(bound(price, 0, previous));
        vm.expectRevert(
            abi.encodeWithSelector(
                FeeTiers.FeeTiers_PriceNotAbovePrevious.selector,
                broken + 1,
                table[broken].price,
                previous
            )
        );
        tiers.setTable(table);

        table[broken].price = kept.price;
        previous = broken == 0 ? BASIC : table[broken - 1].feeBps;
        table[broken].feeBps = uint16(bound(price, previous, type(uint16).max));
        vm.expectRevert(
            abi.encodeWithSelector(
                FeeTiers.FeeTiers_FeeNotBelowPrevious.selector,
                broken + 1,
                table[broken].feeBps,
                previous
            )
        );
        tiers.setTable(table);
        table[broken].feeBps = 0;
        vm.expectRevert(abi.encodeWithSelector(FeeTiers.FeeTiers_FeeIsZero.selector, broken + 1));
        tiers.setTable(table);
        table[broken].feeBps = kept.feeBps;
        vm.assertEq(abi.encode(tiers.table()), abi.encode(table), "a refused table left something behind");
    }

    function _buy(uint256 tier) private returns (uint256) {
        vm.prank(alice);
        return tiers.burnForTier(tier, BASIC, type(uint256).max);
    }

    /// @dev By allowance, by permit, through the router; what came of it.
    function _tryToBuyIn(
        uint256 way,
        uint256 tier,
        uint256 maxFeeBps,
        uint256 maxBurn
    ) private returns (bool, bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = _permit(tiers, maxBurn);
        bytes[3] memory calls = [
            abi.encodeCall(FeeTiers.burnForTier, (tier, maxFeeBps, maxBurn)),
            abi.encodeCall(FeeTiers.burnForTierWithPermit, (tier, maxFeeBps, maxBurn, type(uint256).max, v, r, s)),
            abi.encodeCall(TierBuyerForOthers.buy, (tiers, tier, maxFeeBps))
        ];
        vm.startPrank(alice);
        xp.approve(address(router), type(uint256).max);
        // solhint-disable-next-line avoid-low-level-calls
        (bool passed, bytes memory answer) = (way == 2 ? address(router) : address(tiers)).call(calls[way]);
        vm.stopPrank();
        return (passed, answer);
    }

    /// @dev By allowance, by permit, by a permit that somebody else has sent before, through the router.
    function _buyIn(uint256 way, uint256 tier, uint256 maxBurn) private returns (uint256) {
        if (way == 3) {
            vm.prank(alice);
            return router.buy(tiers, tier, BASIC);
        }
        if (way == 0) {
            vm.prank(alice);
            xp.approve(address(tiers), type(uint256).max);
            vm.prank(alice);
            return tiers.burnForTier(tier, BASIC, maxBurn);
        }
        vm.prank(alice);
        xp.approve(address(tiers), 0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(tiers, maxBurn);
        if (way == 2) xp.permit(alice, address(tiers), maxBurn, type(uint256).max, v, r, s);
        vm.prank(alice);
        return tiers.burnForTierWithPermit(tier, BASIC, maxBurn, type(uint256).max, v, r, s);
    }
}

/// @dev Six accounts, one of which comes and goes as an owner of agents, on the newest tiers and on replaced ones that still sell; governance
///      changes tables and replaces the contract, time passes.
contract FeeTiersHandler is FeeTiersSetUp {
    uint256 private constant _ACCOUNTS = 6;
    uint256 private constant _MAX_REPLACEMENTS = 4;

    /// @dev What a purchase promised: the fee until the end. A later purchase in the same contract takes its place.
    struct Promise {
        uint256 feeBps;
        uint256 end;
    }

    /// @dev What somebody is about to buy, and whether that is allowed.
    struct Attempt {
        bool active;
        bool renewing;
        bool allowed;
        uint256 price;
        uint256 feeBps;
        uint256 end;
    }

    FeeTiers[] public contracts;
    mapping(FeeTiers seller => mapping(address account => Promise)) public promises;
    mapping(FeeTiers seller => mapping(address account => uint256 xp)) public burnedBy;
    uint256 public prices;
    uint256 public credits;
    uint256 public calls;
    uint256 public firsts;
    uint256 public renewals;
    uint256 public upgrades;
    uint256 public tables;
    uint256 public refusals;
    bool public refusedPassed;
    bool public quoteBroken;
    bool public aPurchaseRaisedAFee;

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + (seed % 6 days));
        uint256 turn = calls++ % 7;
        address account = accountOf(seed);
        if (turn == 0) _buyRenewAndUpgrade(newest());
        if (turn == 1) _renew(newest(), account);
        if (turn == 2) _upgrade(newest(), account);
        if (turn == 3) _setTable(newest(), seed);
        if (turn == 4) _buyTooDear(newest(), account);
        if (turn == 5) _buyAny(_sellerOf(seed), account, seed);
        if (turn == 6 && contracts.length <= _MAX_REPLACEMENTS) _replace(seed);
    }

    constructor() {
        _deploy();
        contracts.push(tiers);
        for (uint256 i = 0; i < _ACCOUNTS; i++) agents.register(accountOf(i));
    }

    function wait_(uint256 seconds_) external thenOneMore(seconds_) {
        vm.warp(block.timestamp + bound(seconds_, 0, 70 days));
    }

    function buy(uint256 seller, uint256 account, uint256 seed) external thenOneMore(seed) {
        _buyAny(seed % 3 == 0 ? _sellerOf(seller) : newest(), accountOf(account), seed);
    }

    function renew(uint256 account, uint256 seed) external thenOneMore(seed) {
        _renew(newest(), accountOf(account));
    }

    function upgrade(uint256 account, uint256 seed) external thenOneMore(seed) {
        _upgrade(newest(), accountOf(account));
    }

    function setTable(uint256 seller, uint256 seed) external thenOneMore(seed) {
        _setTable(_sellerOf(seller), seed);
    }

    /// @dev The sixth account sells its agent or gets it back, whatever tier it has.
    function sellOrBuyBackAgent(uint256 seed) external thenOneMore(seed) {
        address owner = agents.ownerOf(_ACCOUNTS);
        address last = accountOf(_ACCOUNTS - 1);
        vm.prank(owner);
        agents.transferFrom(owner, owner == last ? address(this) : last, _ACCOUNTS);
    }

    function newest() public view returns (FeeTiers) {
        return contracts[contracts.length - 1];
    }

    function contractCount() external view returns (uint256) {
        return contracts.length;
    }

    function xpBurned() external view returns (uint256) {
        return xp.totalBurned();
    }

    function accountOf(uint256 seed) public pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("account", seed % _ACCOUNTS)))));
    }

    /// @dev What `account` was promised by all contracts together, for now.
    function promisedFeeOf(address account) public view returns (uint256) {
        return _promisedFeeOf(account, newest());
    }

    /// @dev What `account` was promised by `last` and the contracts that it replaced.
    function _promisedFeeOf(address account, FeeTiers last) private view returns (uint256 feeBps) {
        feeBps = BASIC;
        for (uint256 i = 0; i < contracts.length; i++) {
            Promise memory promised = promises[contracts[i]][account];
            if (block.timestamp < promised.end && promised.feeBps < feeBps) feeBps = promised.feeBps;
            if (address(contracts[i]) == address(last)) return feeBps;
        }
    }

    function _buyAny(FeeTiers seller, address account, uint256 seed) private {
        _buy(seller, account, seed % (seller.tierCount() + 2));
    }

    /// @dev A life in one second: nothing, Bronze, Bronze again, which Bronze is not a third time, and Silver.
    function _buyRenewAndUpgrade(FeeTiers seller) private {
        _setTable(seller, 0);
        for (uint256 i = 0; i < _ACCOUNTS; i++) {
            address account = accountOf(i);
            if (promisedFeeOf(account) != BASIC) continue;
            for (uint256 step = 0; step < 5; step++)
                _buy(
                    seller,
                    account,
                    step == 4
                        ? 2
                        : step == 0
                            ? 0
                            : 1
                );
            return;
        }
    }

    /// @dev The tier with the fee that `account` has, if it is for sale.
    function _renew(FeeTiers seller, address account) private {
        FeeTiers.Tier[] memory table = seller.table();
        for (uint256 i = 0; i < table.length; i++) {
            if (table[i].feeBps == promises[seller][account].feeBps) _buy(seller, account, i + 1);
        }
    }

    /// @dev The first tier below the fee that `account` has.
    function _upgrade(FeeTiers seller, address account) private {
        FeeTiers.Tier[] memory table = seller.table();
        uint256 tier = 1;
        while (tier <= table.length && table[tier - 1].feeBps >= promisedFeeOf(account)) tier++;
        _buy(seller, account, tier);
    }

    /// @dev Buys with exactly the price and the fee allowed, and asks whether the rules, as the source and the design have them, allow it.
    function _buy(FeeTiers seller, address account, uint256 tier) private {
        Attempt memory attempt = _attempt(seller, account, tier);
        (bool quoted, FeeTiers.Quote memory quote) = _quote(seller, account, tier);
        _fund(seller, account, attempt.price);
        uint256 burnedBefore = xp.totalBurned();
        vm.prank(account);
        try seller.burnForTier(tier, attempt.feeBps, attempt.price) returns (uint256 burned) {
            if (!attempt.allowed) refusedPassed = true;
            if (!quoted || burned != quote.burn || xp.totalBurned() != burnedBefore + burned) quoteBroken = true;
            if (burned + quote.credit != attempt.price || quote.end != attempt.end) quoteBroken = true;
            credits += quote.credit;
            burnedBy[seller][account] += burned;
            _keep(seller, account, attempt);
        } catch {
            if (attempt.allowed) refusedPassed = true;
            refusals++;
        }
    }

    /// @dev Exactly `amount` can be burned for `account`, not a wei more.
    function _fund(FeeTiers seller, address account, uint256 amount) private {
        uint256 balance = xp.balanceOf(account);
        if (balance < amount) xp.mint(account, amount - balance);
        vm.prank(account);
        xp.approve(address(seller), amount);
    }

    function _keep(FeeTiers seller, address account, Attempt memory attempt) private {
        if (!attempt.active) firsts++;
        else if (attempt.renewing) renewals++;
        else upgrades++;
        prices += attempt.price;
        uint256 feeBefore = promisedFeeOf(account);
        promises[seller][account] = Promise(attempt.feeBps, attempt.end);
        if (promisedFeeOf(account) > feeBefore) aPurchaseRaisedAFee = true;
    }

    function _attempt(FeeTiers seller, address account, uint256 tier) private view returns (Attempt memory attempt) {
        FeeTiers.Tier[] memory table = seller.table();
        Promise memory before = promises[seller][account];
        attempt.active = block.timestamp < before.end;
        if (tier == 0 || tier > table.length) return attempt;
        attempt.price = table[tier - 1].price;
        attempt.feeBps = table[tier - 1].feeBps;
        attempt.renewing = attempt.active && attempt.feeBps == before.feeBps;
        attempt.end = (attempt.renewing ? before.end : block.timestamp) + MONTH;
        attempt.allowed =
            agents.balanceOf(account) != 0 &&
            attempt.feeBps <= _promisedFeeOf(account, seller) &&
            attempt.end <= block.timestamp + 2 * MONTH;
    }

    function _buyTooDear(FeeTiers seller, address account) private {
        (bool quoted, FeeTiers.Quote memory quote) = _quote(seller, account, seller.tierCount());
        if (!quoted || quote.burn == 0) return;
        _fund(seller, account, quote.burn);
        uint256 tier = seller.tierCount();
        vm.prank(account);
        try seller.burnForTier(tier, BASIC, quote.burn - 1) {
            refusedPassed = true;
        } catch {
            refusals++;
        }
    }

    function _quote(FeeTiers seller, address account, uint256 tier) private view returns (bool, FeeTiers.Quote memory) {
        try seller.quote(account, tier, 0, 0) returns (FeeTiers.Quote memory quote) {
            return (true, quote);
        } catch {
            FeeTiers.Quote memory none;
            return (false, none);
        }
    }

    function _setTable(FeeTiers seller, uint256 seed) private {
        seller.setTable(seed % 4 == 0 ? sourceTable() : tableFromSeed(seed));
        tables++;
    }

    /// @dev Half of the replaced contracts go on selling, against advice.
    function _replace(uint256 seed) private {
        if (seed % 2 == 0) newest().setTable(new FeeTiers.Tier[](0));
        contracts.push(_newTiers(newest()));
    }

    function _sellerOf(uint256 seed) private view returns (FeeTiers) {
        return contracts[seed % contracts.length];
    }
}

/// @notice Design section 7, invariant 2, its part on tiers: burned = Σ (price − credit), end ≤ now + 60 days, and what was bought lasts.
contract FeeTiersInvariantTest is Test {
    uint256 private constant _ACCOUNTS = 6;

    FeeTiersHandler private _handler;

    function setUp() external {
        _handler = new FeeTiersHandler();
        targetContract(address(_handler));
    }

    function invariant_BurnedIsPricesLessCredits() external view {
        vm.assertEq(
            _handler.xpBurned(),
            _handler.prices() - _handler.credits(),
            "another amount was burned than prices less credits"
        );
        vm.assertFalse(_handler.quoteBroken(), "a purchase did not do what its quote said");
    }

    function invariant_NoEndLiesMoreThan60DaysAhead() external view {
        for (uint256 i = 0; i < _handler.contractCount(); i++) {
            for (uint256 j = 0; j < _ACCOUNTS; j++) {
                FeeTiers.BoughtTier memory bought = _handler.contracts(i).boughtTierOf(_handler.accountOf(j));
                vm.assertLe(bought.end, block.timestamp + 2 * MONTH, "a tier ends too far ahead");
                vm.assertLe(bought.since, block.timestamp, "a tier begins in the future");
            }
        }
        vm.assertFalse(_handler.refusedPassed(), "a purchase was refused or allowed against the rules");
    }

    function invariant_EveryPromisedFeeIsKeptToItsEndAndNoneLonger() external view {
        FeeTiers newest = _handler.newest();
        for (uint256 j = 0; j < _ACCOUNTS; j++) {
            address account = _handler.accountOf(j);
            vm.assertEq(newest.feeBpsOf(account), _handler.promisedFeeOf(account), "an account pays another fee");
        }
        vm.assertFalse(_handler.aPurchaseRaisedAFee(), "a purchase raised a fee");
    }

    function invariant_NobodyHasMorePrepaidThanTheyBurned() external view {
        for (uint256 i = 0; i < _handler.contractCount(); i++) {
            FeeTiers seller = _handler.contracts(i);
            for (uint256 j = 0; j < _ACCOUNTS; j++) {
                address account = _handler.accountOf(j);
                uint256 prepaid = seller.boughtTierOf(account).prepaid;
                vm.assertLe(prepaid, _handler.burnedBy(seller, account), "more is prepaid than was burned");
            }
        }
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.firsts(), 0, "nobody bought a first tier");
        vm.assertGt(_handler.renewals(), 0, "nobody renewed");
        vm.assertGt(_handler.upgrades(), 0, "nobody upgraded");
        vm.assertGt(_handler.credits(), 0, "nothing was credited");
        vm.assertGt(_handler.tables(), 0, "no table was changed");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
        vm.assertGt(_handler.contractCount(), 1, "nothing was replaced");
    }
}
