// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {AgentRegistry} from "../../../contracts/xp/AgentRegistry.sol";
import {Test} from "../support/Test.sol";

uint256 constant START = 1_800_000_000;
uint256 constant CONSENT_DELAY = 300;

/// @dev What a wallet's key signs for the registries of ERC-8004, put together by hand from the standards.
function consentDigest(
    address registry,
    uint256 agentId,
    address newWallet,
    address owner,
    uint256 deadline
) view returns (bytes32) {
    bytes32 domain = keccak256(
        abi.encode(
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
            keccak256("ERC8004IdentityRegistry"),
            keccak256("1"),
            block.chainid,
            registry
        )
    );
    bytes32 consent = keccak256(
        abi.encode(
            keccak256("AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"),
            agentId,
            newWallet,
            owner,
            deadline
        )
    );
    return keccak256(abi.encodePacked(hex"1901", domain, consent));
}

/// @dev Keys that sign, and the consent of their accounts.
abstract contract Signing is Test {
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function _key(uint256 seed) internal pure returns (uint256) {
        return bound(seed, 1, ORDER - 1);
    }

    function _sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _isPacked(bytes memory value, address wallet) internal pure returns (bool) {
        if (wallet == address(0)) return value.length == 0;
        return value.length == 20 && address(bytes20(value)) == wallet;
    }
}

/// @notice Fuzz tests: what a wallet signed is what counts, and nothing else does.
contract AgentRegistryTest is Signing {
    AgentRegistry private _registry;

    function setUp() external {
        vm.warp(START);
        _registry = new AgentRegistry();
    }

    function testFuzz_WhoSignedBecomesTheWallet(uint256 seed, address owner, uint8 earlier, uint16 ahead) external {
        uint256 key = _key(seed);
        address wallet = vm.addr(key);
        uint256 agentId = _agentOf(_account(owner), earlier % 4);
        uint256 deadline = block.timestamp + bound(ahead, 0, CONSENT_DELAY);
        bytes memory signature = _sign(key, _digest(agentId, wallet, _account(owner), deadline));
        vm.prank(_account(owner));
        _registry.setAgentWallet(agentId, wallet, deadline, signature);
        vm.assertEq(_registry.getAgentWallet(agentId), wallet, "another wallet was set");
        vm.assertTrue(
            _isPacked(_registry.getMetadata(agentId, "agentWallet"), wallet),
            "metadata shows another wallet"
        );
    }

    function testFuzz_OneFieldThatDiffersIsNoConsent(uint256 seed, uint256 other, uint8 field) external {
        uint256 key = _key(seed);
        address wallet = vm.addr(key);
        address owner = _account(address(1));
        uint256 agentId = _agentOf(owner, 0);
        uint256 deadline = block.timestamp + 100;
        field = field % 5;
        vm.assume(
            other != agentId &&
                other != deadline &&
                address(uint160(other)) != wallet &&
                address(uint160(other)) != owner &&
                _key(other) != key
        );
        bytes32 digest = consentDigest(
            field == 0 ? address(this) : address(_registry),
            field == 1 ? other : agentId,
            field == 2 ? address(uint160(other)) : wallet,
            field == 3 ? address(uint160(other)) : owner,
            field == 4 ? other : deadline
        );
        _expectNoConsent(agentId, wallet, owner, deadline, _sign(key, digest));
        _expectNoConsent(
            agentId,
            wallet,
            owner,
            deadline,
            _sign(_key(other), _digest(agentId, wallet, owner, deadline))
        );
    }

    function testFuzz_AnythingElseIsNoSignature(uint256 seed, bytes calldata signature) external {
        address owner = _account(address(1));
        uint256 agentId = _agentOf(owner, 1);
        _expectNoConsent(agentId, vm.addr(_key(seed)), owner, block.timestamp, signature);
    }

    function testFuzz_AConsentHoldsFromNowToFiveMinutesAhead(uint256 deadline, bool near) external {
        if (near) deadline = bound(deadline, block.timestamp - 5, block.timestamp + CONSENT_DELAY + 5);
        address owner = _account(address(1));
        uint256 agentId = _agentOf(owner, 0);
        address wallet = vm.addr(1);
        bytes memory signature = _sign(1, _digest(agentId, wallet, owner, deadline));
        bool holds = deadline >= START && deadline <= START + CONSENT_DELAY;
        if (deadline < START) {
            vm.expectRevert(
                abi.encodeWithSelector(AgentRegistry.AgentRegistry_ConsentExpired.selector, deadline, START)
            );
        } else if (!holds) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    AgentRegistry.AgentRegistry_DeadlineTooFar.selector,
                    deadline,
                    START + CONSENT_DELAY
                )
            );
        }
        vm.prank(owner);
        _registry.setAgentWallet(agentId, wallet, deadline, signature);
        vm.assertEq(_registry.getAgentWallet(agentId), holds ? wallet : owner, "the deadline was not kept");
    }

    function testFuzz_WhatIsKeptComesBack(
        string calldata key,
        bytes calldata value,
        string calldata otherKey
    ) external {
        vm.assume(
            keccak256(bytes(key)) != keccak256("agentWallet") && keccak256(bytes(key)) != keccak256(bytes(otherKey))
        );
        address owner = _account(address(1));
        uint256 agentId = _agentOf(owner, 1);
        vm.prank(owner);
        _registry.setMetadata(agentId, key, value);
        vm.assertEq(_registry.getMetadata(agentId, key), value, "something else came back");
        vm.assertEq(_registry.getMetadata(agentId - 1, key), "", "another agent got it too");
        if (keccak256(bytes(otherKey)) != keccak256("agentWallet")) {
            vm.assertEq(_registry.getMetadata(agentId, otherKey), "", "it came under another key too");
        }
        vm.assertEq(_registry.getAgentWallet(agentId), owner, "it moved the wallet");
    }

    function testFuzz_AnAgentArrivesWithoutAWallet(address from, address to, uint32 later) external {
        from = _account(from);
        to = _account(to);
        uint256 agentId = _agentOf(from, 0);
        vm.warp(START + later);
        vm.prank(from);
        _registry.transferFrom(from, to, agentId);
        vm.assertEq(_registry.ownerOf(agentId), to, "it did not arrive");
        vm.assertEq(_registry.getAgentWallet(agentId), address(0), "it arrived with a wallet");
        vm.assertEq(_registry.registeredAt(agentId), START, "it arrived with another age");
    }

    function _expectNoConsent(
        uint256 agentId,
        address wallet,
        address owner,
        uint256 deadline,
        bytes memory signature
    ) private {
        vm.expectRevert(
            abi.encodeWithSelector(AgentRegistry.AgentRegistry_NoConsent.selector, agentId, wallet, owner, deadline)
        );
        vm.prank(owner);
        _registry.setAgentWallet(agentId, wallet, deadline, signature);
        vm.assertEq(_registry.getAgentWallet(agentId), owner, "the wallet moved without consent");
    }

    /// @dev An account without code that `seed` stands for.
    function _account(address seed) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("account", seed)))));
    }

    /// @dev Registers `earlier` agents of somebody else, then one of `owner`.
    function _agentOf(address owner, uint256 earlier) private returns (uint256 agentId) {
        for (uint256 i = 0; i < earlier; i++) {
            vm.prank(_account(address(uint160(owner) + 1)));
            _registry.register();
        }
        vm.prank(owner);
        agentId = _registry.register();
    }

    function _digest(
        uint256 agentId,
        address newWallet,
        address owner,
        uint256 deadline
    ) private view returns (bytes32) {
        return consentDigest(address(_registry), agentId, newWallet, owner, deadline);
    }
}

/// @dev Five people and their agents; what happened to each agent is written down here as it happens.
contract AgentRegistryHandler is Signing {
    struct History {
        address owner;
        address wallet;
        address approved;
        uint256 registeredAt;
    }

    uint256 public constant PEOPLE = 5;

    /// @dev So that a long run spends its time on what happens to agents and not on counting them.
    uint256 private constant MOST_AGENTS = 24;

    AgentRegistry private _registry;

    History[] private _agents;
    mapping(address owner => mapping(address operator => bool approved)) private _operators;

    uint256 public calls;
    uint256 public moves;
    uint256 public consents;
    uint256 public unsets;
    uint256 public refusals;
    bool public refusedCallPassed;

    constructor(AgentRegistry registry) {
        _registry = registry;
        _register(0);
    }

    /// @dev After each call the handler makes one more of its own, in turn, so that even a short run meets every kind, and time passes.
    modifier thenOneMore(uint256 seed) {
        _;
        vm.warp(block.timestamp + 1 days);
        uint256 turn = calls++ % 5;
        if (turn == 0) _consent(seed);
        if (turn == 1) _act(seed);
        if (turn == 2) _move(seed);
        if (turn == 3) _unset(seed);
        if (turn == 4) _register(seed);
    }

    function agents() external view returns (uint256) {
        return _agents.length;
    }

    /// @dev The history of the agent with number `agentId`.
    function history(uint256 agentId) external view returns (History memory) {
        return _agents[agentId - 1];
    }

    function person(uint256 seed) public pure returns (address) {
        return vm.addr(_keyOf(seed));
    }

    function register(uint256 seed) external thenOneMore(seed) {
        _register(seed);
    }

    function move(uint256 seed) external thenOneMore(seed) {
        _move(seed);
    }

    function consent(uint256 seed) external thenOneMore(seed) {
        _consent(seed);
    }

    function unset(uint256 seed) external thenOneMore(seed) {
        _unset(seed);
    }

    function act(uint256 seed) external thenOneMore(seed) {
        _act(seed);
    }

    function approve(uint256 seed) external thenOneMore(seed) {
        (uint256 agentId, History storage agent) = _agent(seed);
        address approved = person(seed >> 16);
        vm.prank(agent.owner);
        _registry.approve(approved, agentId);
        agent.approved = approved;
    }

    function approveForAll(uint256 seed, bool approved) external thenOneMore(seed) {
        (address owner, address operator) = (person(seed), person(seed >> 8));
        vm.prank(owner);
        _registry.setApprovalForAll(operator, approved);
        _operators[owner][operator] = approved;
    }

    function _register(uint256 seed) private {
        if (_agents.length == MOST_AGENTS) return;
        address owner = person(seed);
        vm.prank(owner);
        uint256 agentId = _registry.register("ipfs://agent");
        _agents.push(History({owner: owner, wallet: owner, approved: address(0), registeredAt: block.timestamp}));
        if (agentId != _agents.length) refusedCallPassed = true;
    }

    function _move(uint256 seed) private {
        (uint256 agentId, History storage agent) = _agent(seed);
        address to = person(seed >> 16);
        vm.prank(_whoMay(agent, seed));
        _registry.safeTransferFrom(agent.owner, to, agentId);
        (agent.owner, agent.wallet, agent.approved) = (to, address(0), address(0));
        moves++;
    }

    function _consent(uint256 seed) private {
        (uint256 agentId, History storage agent) = _agent(seed);
        address wallet = person(seed >> 24);
        uint256 deadline = block.timestamp + (seed % (CONSENT_DELAY + 1));
        bytes32 digest = consentDigest(address(_registry), agentId, wallet, agent.owner, deadline);
        vm.prank(_whoMay(agent, seed));
        _registry.setAgentWallet(agentId, wallet, deadline, _sign(_keyOf(seed >> 24), digest));
        agent.wallet = wallet;
        consents++;
    }

    function _unset(uint256 seed) private {
        (uint256 agentId, History storage agent) = _agent(seed);
        vm.prank(_whoMay(agent, seed));
        _registry.unsetAgentWallet(agentId);
        agent.wallet = address(0);
        unsets++;
    }

    /// @dev Somebody who may not act for an agent tries everything.
    function _act(uint256 seed) private {
        (uint256 agentId, History storage agent) = _agent(seed);
        uint256 strangersKey = _keyOf(0) + PEOPLE + (seed % 3);
        address stranger = vm.addr(strangersKey);
        address anyone = seed % 2 == 0 ? stranger : person(seed >> 32);
        if (_mayAct(agent, anyone)) anyone = stranger;
        uint256 deadline = block.timestamp + 60;
        bytes32 digest = consentDigest(address(_registry), agentId, stranger, agent.owner, deadline);
        bytes memory signature = _sign(strangersKey, digest);
        _expectRefusal(anyone, agentId, abi.encodeCall(AgentRegistry.unsetAgentWallet, (agentId)));
        _expectRefusal(anyone, agentId, abi.encodeCall(AgentRegistry.setMetadata, (agentId, "colour", hex"01")));
        _expectRefusal(anyone, agentId, abi.encodeCall(AgentRegistry.setAgentURI, (agentId, "ipfs://stolen")));
        _expectRefusal(
            anyone,
            agentId,
            abi.encodeCall(AgentRegistry.setAgentWallet, (agentId, stranger, deadline, signature))
        );
        bytes memory steal = abi.encodeWithSignature(
            "transferFrom(address,address,uint256)",
            agent.owner,
            anyone,
            agentId
        );
        _expectRefusal(anyone, agentId, steal);
    }

    function _expectRefusal(address caller, uint256 agentId, bytes memory data) private {
        vm.prank(caller);
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = address(_registry).call(data);
        bytes memory refusal = abi.encodeWithSelector(
            IERC721Errors.ERC721InsufficientApproval.selector,
            caller,
            agentId
        );
        if (success || keccak256(answer) != keccak256(refusal)) refusedCallPassed = true;
        else refusals++;
    }

    function _agent(uint256 seed) private view returns (uint256 agentId, History storage agent) {
        uint256 index = (seed >> 8) % _agents.length;
        return (index + 1, _agents[index]);
    }

    /// @dev The owner, or somebody approved where there is one.
    function _whoMay(History storage agent, uint256 seed) private view returns (address) {
        address anyone = person(seed >> 32);
        return _mayAct(agent, anyone) ? anyone : agent.owner;
    }

    function _mayAct(History storage agent, address account) private view returns (bool) {
        return account == agent.owner || account == agent.approved || _operators[agent.owner][account];
    }

    function _keyOf(uint256 seed) private pure returns (uint256) {
        return 0xa9e47 + (seed % PEOPLE);
    }
}

/// @notice Whatever happens to agents, each is what its history says.
contract AgentRegistryInvariantTest is Test {
    AgentRegistry private _registry;
    AgentRegistryHandler private _handler;

    function setUp() external {
        vm.warp(START);
        _registry = new AgentRegistry();
        _handler = new AgentRegistryHandler(_registry);
        targetContract(address(_handler));
    }

    function invariant_AgentsAreNumberedWithoutAGapAndBalancesCountThem() external view {
        uint256 count = _handler.agents();
        uint256 sum = 0;
        for (uint256 i = 0; i < _handler.PEOPLE(); i++) sum += _registry.balanceOf(_handler.person(i));
        vm.assertEq(sum, count, "the balances do not count the agents");
        vm.assertEq(_registry.registeredAt(0), 0, "there is an agent 0");
        vm.assertEq(_registry.registeredAt(count + 1), 0, "there is an agent that nobody registered");
        (, bytes memory next) = address(_registry).staticcall(abi.encodeWithSignature("ownerOf(uint256)", count + 1));
        vm.assertEq(bytes4(next), IERC721Errors.ERC721NonexistentToken.selector, "there is one agent more");
    }

    function invariant_OwnerAndAgeOfEachAreThoseOfItsHistory() external view {
        for (uint256 agentId = 1; agentId <= _handler.agents(); agentId++) {
            AgentRegistryHandler.History memory history = _handler.history(agentId);
            vm.assertEq(_registry.ownerOf(agentId), history.owner, "an agent has another owner");
            vm.assertEq(_registry.registeredAt(agentId), history.registeredAt, "an agent has another age");
            vm.assertEq(_registry.tokenURI(agentId), "ipfs://agent", "an agent has another file");
        }
    }

    function invariant_TheWalletOfEachConsentedOrIsNone() external view {
        for (uint256 agentId = 1; agentId <= _handler.agents(); agentId++) {
            address wallet = _handler.history(agentId).wallet;
            vm.assertEq(_registry.getAgentWallet(agentId), wallet, "an agent has another wallet");
            bytes memory shown = _registry.getMetadata(agentId, "agentWallet");
            vm.assertEq(shown, wallet == address(0) ? bytes("") : abi.encodePacked(wallet), "metadata shows another");
        }
    }

    function invariant_NobodyElseCouldChangeAnything() external view {
        vm.assertFalse(_handler.refusedCallPassed(), "a call that must be refused went through");
    }

    function afterInvariant() external view {
        vm.assertGt(_handler.agents(), 1, "no agent was registered");
        vm.assertGt(_handler.moves(), 0, "no agent moved");
        vm.assertGt(_handler.consents(), 0, "no wallet was set");
        vm.assertGt(_handler.unsets(), 0, "no wallet was unset");
        vm.assertGt(_handler.refusals(), 0, "nothing was refused");
    }
}
