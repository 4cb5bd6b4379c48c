// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IBurnRedeemable} from "../../../contracts/rank/interfaces/IBurnRedeemable.sol";
import {XRank} from "../../../contracts/rank/XRank.sol";
import {RankRedeemer} from "../../harness/rank/RankRedeemer.sol";
import {Test} from "../support/Test.sol";

/// @notice Ten people who use XRANK over years, and one who tries what must not work. Each function makes its own call possible first, so every one does
/// something. Failed expectations are kept in `fault`, since a revert inside a handler is nobody's failure.
contract XRankHandler is Test {
    uint256 public constant ACTORS = 10;

    XRank public immutable TOKEN;
    RankRedeemer private immutable _REDEEMER;

    /// @notice What was minted and burned in base units, as the previews and the calls' own arguments say.
    uint256 public minted;
    uint256 public burned;
    /// @notice Calls that did what they should.
    uint256 public done;
    /// @notice Ranks claimed.
    uint256 public claims;
    /// @notice Attempts that were refused as they should be.
    uint256 public refused;
    /// @notice The first expectation that failed.
    string public fault;

    constructor(XRank token) {
        TOKEN = token;
        _REDEEMER = new RankRedeemer(token, type(IBurnRedeemable).interfaceId);
    }

    function actor(uint256 seed) public pure returns (address) {
        return address(uint160(0x1000 + (seed % ACTORS)));
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 200 days));
        ++done;
        misbehave(time);
    }

    function claimRank(uint256 who, uint256 term) external {
        for (uint256 i = 0; i < ACTORS; ++i) {
            address account = actor((who % ACTORS) + i);
            if (rankOf(account) != 0) continue;
            claimFor(account, term);
            return;
        }
        mint(who, 0);
    }

    function mint(uint256 who, uint256 late) public {
        address account = actor(who);
        uint256 reward = ripen(account, late);
        uint256 balance = TOKEN.balanceOf(account);
        call(account, abi.encodeCall(XRank.claimMintReward, ()));
        check(TOKEN.balanceOf(account) == balance + reward, "a mint gives its preview");
        check(rankOf(account) == 0, "a mint ends");
        minted += reward;
    }

    function share(uint256 who, uint256 with, uint256 pct, uint256 late) external {
        (address account, address other) = (actor(who), actor(with));
        misbehave(with);
        uint256 reward = ripen(account, late);
        uint256 balances = TOKEN.balanceOf(account) + (account == other ? 0 : TOKEN.balanceOf(other));
        call(account, abi.encodeCall(XRank.claimMintRewardAndShare, (other, bound(pct, 1, 100))));
        uint256 after_ = TOKEN.balanceOf(account) + (account == other ? 0 : TOKEN.balanceOf(other));
        check(after_ == balances + reward, "a share gives its preview");
        minted += reward;
    }

    function mintAndStake(uint256 who, uint256 pct, uint256 term, uint256 late) external {
        address account = actor(who);
        if (stakeOf(account) != 0) withdraw(who, 0);
        uint256 reward = ripen(account, late);
        pct = bound(pct, 1, 100);
        uint256 staked = (reward * pct) / 100;
        if (staked == 0) return mint(who, 0);
        call(account, abi.encodeCall(XRank.claimMintRewardAndStake, (pct, bound(term, 1, 1_000))));
        check(stakeOf(account) == staked, "the staked part is the stake");
        minted += reward - staked;
    }

    function stake(uint256 who, uint256 amount, uint256 term) external {
        address account = actor(who);
        if (stakeOf(account) != 0) withdraw(who, 0);
        amount = fund(who, amount);
        uint256 balance = TOKEN.balanceOf(account);
        call(account, abi.encodeCall(XRank.stake, (amount, bound(term, 1, 1_000))));
        check(TOKEN.balanceOf(account) == balance - amount, "a stake is burned");
        check(stakeOf(account) == amount, "a stake is open");
        burned += amount;
    }

    function withdraw(uint256 who, uint256 time) public {
        address account = actor(who);
        uint256 amount = stakeOf(account);
        if (amount == 0) {
            amount = fund(who, time) / 2 + 1;
            call(account, abi.encodeCall(XRank.stake, (amount, bound(time, 1, 1_000))));
            burned += amount;
        }
        vm.warp(block.timestamp + bound(time, 0, 1_200 days));
        uint256 reward = TOKEN.previewStakeReward(account);
        uint256 balance = TOKEN.balanceOf(account);
        call(account, abi.encodeCall(XRank.withdraw, ()));
        check(TOKEN.balanceOf(account) == balance + amount + reward, "a withdrawal gives its preview");
        check(stakeOf(account) == 0, "a withdrawal ends the stake");
        minted += amount + reward;
    }

    function transfer(uint256 who, uint256 to, uint256 amount) external {
        amount = fund(who, amount);
        call(actor(who), abi.encodeCall(TOKEN.transfer, (actor(to), amount)));
    }

    function burn(uint256 who, uint256 amount, uint256 again) external {
        address account = actor(who);
        again = bound(again, 0, 2);
        amount = fund(who, amount) / (again + 1);
        if (amount == 0) return;
        uint256 before = TOKEN.userBurns(account);
        call(account, abi.encodeCall(TOKEN.approve, (address(_REDEEMER), amount * (again + 1))));
        vm.prank(account);
        _REDEEMER.redeem(amount, again);
        check(TOKEN.userBurns(account) == before + amount * (again + 1), "a burn is recorded");
        burned += amount * (again + 1);
    }

    /// @notice Tries everything that the state of `who` forbids.
    function misbehave(uint256 who) public {
        address account = actor(who);
        (, , uint256 maturityTs, uint256 rank, , ) = TOKEN.userMints(account);
        if (rank != 0) refuse(account, abi.encodeCall(XRank.claimRank, (1)));
        if (rank == 0 || block.timestamp <= maturityTs) {
            refuse(account, abi.encodeCall(XRank.claimMintReward, ()));
            refuse(account, abi.encodeCall(XRank.claimMintRewardAndShare, (actor((who % ACTORS) + 1), 50)));
            refuse(account, abi.encodeCall(XRank.claimMintRewardAndStake, (50, 1)));
        }
        if (stakeOf(account) != 0) {
            refuse(account, abi.encodeCall(XRank.stake, (1, 1)));
            refuse(account, abi.encodeCall(XRank.claimMintRewardAndStake, (100, 1)));
        } else {
            refuse(account, abi.encodeCall(XRank.withdraw, ()));
        }
        refuse(account, abi.encodeCall(XRank.stake, (TOKEN.balanceOf(account) + 1, 1)));
        refuse(account, abi.encodeCall(XRank.burn, (actor((who % ACTORS) + 1), 1)));
    }

    function rankOf(address account) public view returns (uint256 rank) {
        (, , , rank, , ) = TOKEN.userMints(account);
    }

    function stakeOf(address account) public view returns (uint256 amount) {
        (, , amount, ) = TOKEN.userStakes(account);
    }

    /// @dev Makes `account`'s mint claimable, `late` (at most ten days) after its maturity, and returns what it is worth.
    function ripen(address account, uint256 late) private returns (uint256) {
        if (rankOf(account) == 0) claimFor(account, late % 100);
        (, , uint256 maturityTs, , , ) = TOKEN.userMints(account);
        if (block.timestamp <= maturityTs) vm.warp(maturityTs + bound(late, 1, 10 days));
        return TOKEN.previewMintReward(account);
    }

    /// @dev Returns an amount above zero that the actor holds, after minting for it where it holds nothing.
    function fund(uint256 who, uint256 amount) private returns (uint256) {
        for (uint256 i = 0; i < 3 && TOKEN.balanceOf(actor(who)) == 0; ++i) mint(who, i);
        uint256 balance = TOKEN.balanceOf(actor(who));
        check(balance != 0, "a mint on time is worth something");
        return bound(amount, 1, balance);
    }

    function claimFor(address account, uint256 term) private {
        uint256 longest = TOKEN.getCurrentMaxTerm() / 1 days;
        call(account, abi.encodeCall(XRank.claimRank, (bound(term, 1, longest))));
        ++claims;
    }

    function call(address account, bytes memory data) private {
        vm.prank(account);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = address(TOKEN).call(data);
        check(success, "a possible call succeeds");
        if (success) ++done;
    }

    function refuse(address account, bytes memory data) private {
        vm.prank(account);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, ) = address(TOKEN).call(data);
        check(!success, "a forbidden call is refused");
        if (!success) ++refused;
    }

    function check(bool expectation, string memory meaning) private {
        if (!expectation && bytes(fault).length == 0) fault = meaning;
    }
}

/// @notice What holds after any history.
contract XRankInvariantTest is Test {
    XRank private token;
    XRankHandler private handler;

    function setUp() external {
        vm.warp(1_800_000_000);
        token = new XRank();
        handler = new XRankHandler(token);
        targetContract(address(handler));
    }

    function invariant_EveryCallDidWhatItSaid() external view {
        vm.assertEq(handler.fault(), "", "fault");
    }

    function invariant_SupplyIsWhatWasMintedLessWhatWasBurned() external view {
        vm.assertEq(token.totalSupply(), handler.minted() - handler.burned(), "supply");
        uint256 balances;
        for (uint256 i = 0; i < handler.ACTORS(); ++i) balances += token.balanceOf(handler.actor(i));
        vm.assertEq(token.totalSupply(), balances, "sum of balances");
    }

    function invariant_CountersAreTheSumsOfWhatIsOpen() external view {
        (uint256 mints, uint256 stakes, uint256 staked) = (0, 0, 0);
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            if (handler.rankOf(handler.actor(i)) != 0) ++mints;
            uint256 amount = handler.stakeOf(handler.actor(i));
            if (amount != 0) ++stakes;
            staked += amount;
        }
        vm.assertEq(token.activeMinters(), mints, "mints");
        vm.assertEq(token.activeStakes(), stakes, "stakes");
        vm.assertEq(token.totalXenStaked(), staked, "staked");
        vm.assertEq(token.globalRank(), handler.claims() + 1, "one rank for each claim");
    }

    function invariant_EveryPositionIsWithinItsRanges() external view {
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            address account = handler.actor(i);
            (address user, uint256 term, uint256 maturityTs, uint256 rank, uint256 amp, uint256 eaa) = token.userMints(
                account
            );
            if (rank == 0) {
                vm.assertTrue(user == address(0) && term + maturityTs + amp + eaa == 0, "no mint leaves no trace");
            } else {
                vm.assertEq(user, account, "a mint is its owner's");
                vm.assertLt(rank, token.globalRank(), "a rank was given");
                vm.assertTrue(term >= 1 && term <= 1_000, "term of a mint");
                vm.assertTrue(amp >= 1 && amp <= 3_000 && eaa <= 100, "AMP and EAA");
                vm.assertLe(maturityTs, block.timestamp + term * 1 days, "maturity of a mint");
            }
            (uint256 stakeTerm, uint256 stakeMaturityTs, uint256 amount, uint256 apy) = token.userStakes(account);
            if (amount == 0) {
                vm.assertEq(stakeTerm + stakeMaturityTs + apy, 0, "no stake leaves no trace");
            } else {
                vm.assertTrue(stakeTerm >= 1 && stakeTerm <= 1_000, "term of a stake");
                vm.assertTrue(apy >= 2 && apy <= 20, "APY");
                vm.assertLe(stakeMaturityTs, block.timestamp + stakeTerm * 1 days, "maturity of a stake");
            }
        }
    }

    function afterInvariant() external view {
        vm.assertGe(handler.done(), 20, "calls that did something");
        vm.assertGt(handler.claims(), 0, "claims");
        vm.assertGt(handler.refused(), 0, "refusals");
        vm.assertGt(handler.minted(), 0, "tokens minted");
    }
}
