// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ContentRegistry} from "../../../contracts/xme/ContentRegistry.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant MINUTE = 60;
uint256 constant DAY = 86_400;
uint256 constant HIGHEST_STEPS = type(uint64).max;
uint256 constant ACTORS = 5;

/// @dev As many as a random life registers, so that a long one does not spend its time on looking at all of them after each call.
uint256 constant MOST = 40;

/// @dev After so many calls every random life walks the whole way once.
uint256 constant WALK = 15;

function actorAt(uint256 index) pure returns (address) {
    return address(uint160(0xC0DE00 + (index % ACTORS)));
}

/// @notice Fuzz tests of the registry: whatever is hashed, hidden and asked for it, only who committed in time registers, and keeps it.
contract ContentRegistryTest is Test {
    ContentRegistry private _registry;

    function setUp() external {
        vm.warp(START);
        _registry = new ContentRegistry();
    }

    function testFuzz_RevealsFromAMinuteToADay(bytes32 hash, bytes32 salt, uint256 age) external {
        vm.assume(hash != 0);
        if (age % 4 == 0) age = MINUTE - 1 + ((age >> 8) % 3);
        else if (age % 4 == 1) age = DAY - 1 + ((age >> 8) % 3);
        else age = bound(age, 0, 2 * DAY);
        bytes32 commitment = _registry.commitmentOf(hash, address(this), salt);
        _registry.commit(commitment);
        (uint256 from, uint256 until) = _registry.revealableBetween(address(this), commitment);
        vm.assertEq(from, START + MINUTE, "from another second");
        vm.assertEq(until, START + DAY, "until another second");
        vm.warp(START + age);
        if (age < MINUTE) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ContentRegistry.ContentRegistry_CommitmentTooYoung.selector,
                    commitment,
                    from,
                    START + age
                )
            );
        } else if (age > DAY) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ContentRegistry.ContentRegistry_CommitmentExpired.selector,
                    commitment,
                    until,
                    START + age
                )
            );
        }
        _registry.register(hash, salt, "", 0, 0);
        bool inTime = age >= MINUTE && age <= DAY;
        vm.assertEq(_registry.isRegistered(uint256(hash)), inTime, "registered out of time, or not in time");
        if (inTime) vm.assertEq(_registry.contentOf(uint256(hash)).registeredAt, START + age, "another time");
    }

    function testFuzz_BindsHashAccountAndSalt(
        bytes32[2] memory hashes,
        address[2] memory accounts,
        bytes32[2] memory salts,
        uint256 same
    ) external {
        vm.assume(hashes[1] != 0 && accounts[0] != address(0) && accounts[1] != address(0));
        if (same & 1 != 0) hashes[0] = hashes[1];
        if (same & 2 != 0) accounts[0] = accounts[1];
        if (same & 4 != 0) salts[0] = salts[1];
        bool alike = hashes[0] == hashes[1] && accounts[0] == accounts[1] && salts[0] == salts[1];
        bytes32 made = _registry.commitmentOf(hashes[0], accounts[0], salts[0]);
        bytes32 needed = _registry.commitmentOf(hashes[1], accounts[1], salts[1]);
        vm.assertEq(made == needed, alike, "one commitment for two secrets, or two for one");
        vm.assertNotEq(
            uint256(new ContentRegistry().commitmentOf(hashes[1], accounts[1], salts[1])),
            uint256(needed),
            "another registry has the same"
        );

        vm.prank(accounts[1]);
        _registry.commit(made);
        vm.warp(START + MINUTE);
        vm.prank(accounts[1]);
        if (!alike) {
            vm.expectRevert(
                abi.encodeWithSelector(ContentRegistry.ContentRegistry_NotCommitted.selector, accounts[1], needed)
            );
        }
        _registry.register(hashes[1], salts[1], "", 0, 0);
        vm.assertEq(_registry.isRegistered(uint256(hashes[1])), alike, "registered without a commitment, or not");
    }

    /// @dev The thief copies the commitment, and reads hash and salt `seen` seconds before the creator's reveal is in a block: less than a minute.
    function testFuzz_NobodyWhoReadsTheRevealComesInFront(
        bytes32 hash,
        bytes32 salt,
        bytes32 ownSalt,
        uint256 seen,
        address thief
    ) external {
        vm.assume(hash != 0 && thief != address(0) && thief != address(this));
        seen = bound(seen, 0, MINUTE - 1);
        bytes32 commitment = _registry.commitmentOf(hash, address(this), salt);
        _registry.commit(commitment);
        vm.prank(thief);
        _registry.commit(commitment);
        uint256 revealed = START + 2 * MINUTE;
        vm.warp(revealed - seen);
        bytes32 own = _registry.commitmentOf(hash, thief, ownSalt);
        vm.prank(thief);
        _registry.commit(own);
        vm.warp(revealed);
        vm.prank(thief);
        vm.expectRevert(
            abi.encodeWithSelector(
                ContentRegistry.ContentRegistry_CommitmentTooYoung.selector,
                own,
                revealed - seen + MINUTE,
                revealed
            )
        );
        _registry.register(hash, ownSalt, "", 0, 0);
        _registry.register(hash, salt, "", 0, 0);
        vm.assertEq(_registry.ownerOf(uint256(hash)), address(this), "it is the thief's");
    }

    function testFuzz_KeepsAPriceToTheWei(bytes32 hash, uint256 price, uint256 later) external {
        vm.assume(hash != 0);
        _register(hash, _price(price), 0);
        vm.assertEq(_registry.unlockPriceOf(uint256(hash)), _price(price), "another price");
        if (later % 2 == 0) later = _price(later);
        bool inRange = later % 1 gwei == 0 && later / 1 gwei <= HIGHEST_STEPS;
        try _registry.setUnlockPrice(uint256(hash), later) {
            vm.assertTrue(inRange, "a price out of range was taken");
            vm.assertEq(_registry.unlockPriceOf(uint256(hash)), later, "it was rounded");
        } catch {
            vm.assertFalse(inRange, "a price in range was refused");
            vm.assertEq(_registry.unlockPriceOf(uint256(hash)), _price(price), "a refused price is kept");
        }
    }

    function testFuzz_GivesTheCreatorTheRoyalty(bytes32 hash, uint256 royaltyBps, uint256 salePrice) external {
        vm.assume(hash != 0);
        royaltyBps = bound(royaltyBps, 0, 1_000);
        salePrice = salePrice % 2 == 0 ? salePrice >> 16 : salePrice >> 200;
        _register(hash, 0, royaltyBps);
        _registry.transferFrom(address(this), actorAt(0), uint256(hash));
        (address receiver, uint256 amount) = _registry.royaltyInfo(uint256(hash), salePrice);
        vm.assertEq(receiver, address(this), "another creator");
        vm.assertLe(amount * 10_000, salePrice * royaltyBps, "rounded up");
        vm.assertGt((amount + 1) * 10_000, salePrice * royaltyBps, "rounded down too far");
        vm.assertLe(amount, salePrice / 10, "more than a tenth");
    }

    function _register(bytes32 hash, uint256 price, uint256 royaltyBps) private {
        _registry.commit(_registry.commitmentOf(hash, address(this), 0));
        vm.warp(block.timestamp + MINUTE);
        _registry.register(hash, 0, "", price, royaltyBps);
    }

    function _price(uint256 seed) private pure returns (uint256) {
        return (seed % 3 == 0 ? seed >> 192 : (seed >> 8) % 1e12) * 1 gwei;
    }
}

/// @dev Many hands on one registry: creators, thieves, buyers, and whom they approved.
contract ContentRegistryHandler is Test {
    ContentRegistry private _registry;

    /// @dev What was registered, and what its owners made of it, as this contract keeps it.
    uint256[] public contents;
    mapping(uint256 contentId => address) public creators;
    mapping(uint256 contentId => address) public owners;
    mapping(uint256 contentId => uint256) public times;
    mapping(uint256 contentId => uint256) public royalties;
    mapping(uint256 contentId => uint256) public prices;
    mapping(uint256 contentId => bool) public moved;

    uint256 public calls;
    uint256 public thefts;
    uint256 public transfers;
    uint256 public changes;
    uint256 public refusals;
    bool public refusedPassed;

    constructor(ContentRegistry registry) {
        _registry = registry;
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + (seed % DAY));
        if (calls == WALK) _walk();
        uint256 turn = calls++ % 4;
        if (turn == 0) _publish(seed, seed >> 32);
        if (turn == 1) _sell(seed, seed >> 32);
        if (turn == 2) _change(seed, seed >> 32);
        if (turn == 3) _meddle(seed, seed >> 32);
    }

    function publish(uint256 seed, uint256 terms) external thenOneMore(seed) {
        _publish(seed, terms);
    }

    function steal(uint256 seed, uint256 terms) external thenOneMore(seed) {
        if (contents.length < MOST) _steal(seed, terms);
    }

    function sell(uint256 seed, uint256 buyer) external thenOneMore(seed) {
        _sell(seed, buyer);
    }

    function change(uint256 seed, uint256 price) external thenOneMore(seed) {
        _change(seed, price);
    }

    function meddle(uint256 seed, uint256 dice) external thenOneMore(seed) {
        _meddle(seed, dice);
    }

    function registerAgain(uint256 seed) external thenOneMore(seed) {
        _registerAgain(seed);
    }

    function count() external view returns (uint256) {
        return contents.length;
    }

    /// @dev A registration that a thief tries to take, two sales, new terms by the last owner, and everybody else's attempts at it.
    function _walk() private {
        _steal(calls, 0);
        uint256 last = contents.length - 1;
        _sell(last, 1);
        _sell(last, 2);
        _change(last, 5);
        for (uint256 i = 0; i < 4 * ACTORS; i++) _meddle(last, i);
        _registerAgain(last);
    }

    function _publish(uint256 seed, uint256 terms) private {
        if (contents.length >= MOST) return;
        _register(_freshHash(seed), actorAt(seed), terms);
    }

    /// @dev The creator's reveal waits while a thief who has read it does all that can be done in less than a minute.
    function _steal(uint256 seed, uint256 terms) private {
        bytes32 hash = _freshHash(seed);
        address creator = actorAt(seed);
        address thief = actorAt(seed + 1 + (terms % (ACTORS - 1)));
        bytes32 commitment = _registry.commitmentOf(hash, creator, bytes32(seed));
        vm.prank(creator);
        _registry.commit(commitment);
        vm.prank(thief);
        _registry.commit(commitment);
        vm.warp(block.timestamp + MINUTE);
        bytes32 own = _registry.commitmentOf(hash, thief, bytes32(seed));
        vm.prank(thief);
        _registry.commit(own);
        vm.warp(block.timestamp + (terms % MINUTE));
        vm.prank(thief);
        try _registry.register(hash, bytes32(seed), "", 0, 0) {
            refusedPassed = true;
        } catch {
            thefts++;
            refusals++;
        }
        _reveal(hash, bytes32(seed), creator, terms);
    }

    function _register(bytes32 hash, address creator, uint256 terms) private {
        bytes32 commitment = _registry.commitmentOf(hash, creator, bytes32(terms));
        vm.prank(creator);
        _registry.commit(commitment);
        vm.warp(block.timestamp + MINUTE);
        _reveal(hash, bytes32(terms), creator, terms);
    }

    function _reveal(bytes32 hash, bytes32 salt, address creator, uint256 terms) private {
        uint256 price = (terms % 1e20) * 1 gwei;
        if (price > HIGHEST_STEPS * 1 gwei) price = 0;
        uint256 royaltyBps = (terms >> 8) % 1_001;
        vm.prank(creator);
        uint256 contentId = _registry.register(hash, salt, "", price, royaltyBps);
        contents.push(contentId);
        (creators[contentId], owners[contentId]) = (creator, creator);
        (times[contentId], royalties[contentId], prices[contentId]) = (block.timestamp, royaltyBps, price);
    }

    function _sell(uint256 seed, uint256 buyer) private {
        uint256 contentId = _any(seed);
        address owner = owners[contentId];
        address to = actorAt(buyer);
        address market = address(0xBEEF);
        vm.prank(owner);
        _registry.approve(market, contentId);
        vm.prank(market);
        _registry.transferFrom(owner, to, contentId);
        owners[contentId] = to;
        transfers++;
    }

    function _change(uint256 seed, uint256 price) private {
        uint256 contentId = _any(seed);
        price = (price % 1e15) * 1 gwei;
        vm.prank(owners[contentId]);
        _registry.setUnlockPrice(contentId, price);
        vm.prank(owners[contentId]);
        _registry.setTokenURI(contentId, "ipfs://moved");
        prices[contentId] = price;
        moved[contentId] = true;
        changes++;
    }

    /// @dev Somebody who does not own it, perhaps its creator, tries one of the four ways in which an owner changes a token.
    function _meddle(uint256 seed, uint256 dice) private {
        uint256 contentId = _any(seed);
        address caller = actorAt(dice >> 2);
        if (caller == owners[contentId]) caller = address(this);
        bytes memory data = abi.encodeCall(_registry.setUnlockPrice, (contentId, 1 gwei));
        if (dice % 4 == 1) data = abi.encodeCall(_registry.setTokenURI, (contentId, "ipfs://meddled"));
        if (dice % 4 == 2) data = abi.encodeCall(_registry.transferFrom, (owners[contentId], caller, contentId));
        if (dice % 4 == 3) data = abi.encodeCall(_registry.approve, (caller, contentId));
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, ) = address(_registry).call(data);
        if (done) refusedPassed = true;
        refusals++;
    }

    function _registerAgain(uint256 seed) private {
        uint256 contentId = _any(seed);
        address caller = actorAt(seed >> 16);
        bytes32 commitment = _registry.commitmentOf(bytes32(contentId), caller, 0);
        vm.prank(caller);
        _registry.commit(commitment);
        vm.warp(block.timestamp + MINUTE);
        vm.prank(caller);
        try _registry.register(bytes32(contentId), 0, "", 0, 0) {
            refusedPassed = true;
        } catch {
            refusals++;
        }
    }

    function _any(uint256 seed) private returns (uint256) {
        if (contents.length == 0) _publish(seed, seed);
        return contents[seed % contents.length];
    }

    function _freshHash(uint256 seed) private view returns (bytes32) {
        return keccak256(abi.encode(seed, contents.length));
    }
}

/// @notice Content keeps what it was registered with, and is changed by its owners alone.
contract ContentRegistryInvariantTest is Test {
    ContentRegistry private _registry;
    ContentRegistryHandler private _handler;

    function setUp() external {
        vm.warp(START);
        _registry = new ContentRegistry();
        _handler = new ContentRegistryHandler(_registry);
        targetContract(address(_handler));
    }

    function invariant_WhatWasRegisteredStays() external view {
        for (uint256 i = _handler.count(); i != 0; i--) {
            uint256 contentId = _handler.contents(i - 1);
            ContentRegistry.Content memory content = _registry.contentOf(contentId);
            vm.assertEq(uint256(content.contentHash), contentId, "another hash");
            vm.assertEq(content.creator, _handler.creators(contentId), "another creator");
            vm.assertEq(content.registeredAt, _handler.times(contentId), "another time");
            vm.assertEq(content.royaltyBps, _handler.royalties(contentId), "another royalty");
        }
    }

    function invariant_OwnersMadeItWhatItIs() external view {
        for (uint256 i = _handler.count(); i != 0; i--) {
            uint256 contentId = _handler.contents(i - 1);
            ContentRegistry.Content memory content = _registry.contentOf(contentId);
            vm.assertEq(content.owner, _handler.owners(contentId), "another owner");
            vm.assertEq(content.unlockPrice, _handler.prices(contentId), "another price");
            vm.assertEq(content.uri, _handler.moved(contentId) ? "ipfs://moved" : "", "another document");
        }
    }

    function invariant_AccountsOwnAllThereIs() external view {
        uint256 owned = 0;
        for (uint256 i = 0; i < ACTORS; i++) owned += _registry.balanceOf(actorAt(i));
        vm.assertEq(owned, _handler.count(), "some content is nobody's, or somebody's twice");
    }

    function invariant_NoRefusedCallWentThrough() external view {
        vm.assertFalse(_handler.refusedPassed(), "a refused call went through");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.calls(), WALK, "nobody walked the whole way");
        vm.assertGt(_handler.count(), 3, "hardly anything was registered");
        vm.assertGt(_handler.thefts(), 0, "nobody tried to steal");
        vm.assertGt(_handler.transfers(), 2, "hardly anything was sold");
        vm.assertGt(_handler.changes(), 1, "hardly anything was changed");
        vm.assertGt(_handler.refusals(), ACTORS, "hardly anything was refused");
    }
}
