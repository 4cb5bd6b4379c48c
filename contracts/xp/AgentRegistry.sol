// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721URIStorage} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721URIStorage.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {IAgentRegistry} from "./interfaces/IAgentRegistry.sol";

/// @title Agent registry, who an agent is
/// @notice Gives each agent a number, an owner who may sell it, a registration file and a wallet that receives what it earns.
/// @dev XP Flywheel, "Perform Work" and "Must own agents": an agent is what earns, what has an age, and what a discount needs. The identity
///      registry of ERC-8004, whose functions, events and signature scheme it keeps, so that clients of the deployed registries find nothing
///      new here: an agent is an ERC-721 token, its URI leads to its registration file, and further facts are bytes under a key.
///
///      Where the standard leaves it open: numbers count from 1, because 0 means "any agent" in a job; the time of registration is kept, for
///      the age in the trust score; a refusal is an error with values where the deployed registries have a text. The number, the age and all
///      metadata but the wallet stay with an agent that is sold: age is the agent's, not its owner's.
///
///      The wallet: at first whoever registers; then only an address that consented, by its key (EIP-712) or by its code (ERC-1271), to this
///      agent under this owner; none after a transfer, whoever receives it. A consent holds until its deadline, at most five minutes ahead,
///      and has no nonce: within them the same owner can use it again. It binds nobody else: the owner clears it at any time, and a wallet
///      that no longer wants what an agent earns has no way to say so here.
///
///      Nobody governs it: no role, no pause, no way to take an agent away or to destroy one. Nothing about an agent costs more with the
///      number of agents.
///
///      Reentrancy: the only foreign code that is called and could call back is a receiver's `onERC721Received`, always as the last step,
///      with everything written and told; an ERC-1271 wallet is asked by a static call.
///
///      Invariants: agents = Σ balances = the highest number; the time of registration never changes; the wallet of an agent is its
///      registrant, an address that consented under the owner of now, or none.
contract AgentRegistry is IAgentRegistry, ERC721URIStorage, EIP712 {
    /// @dev A fact about an agent at its registration: bytes under a key, as ERC-8004 has it.
    struct MetadataEntry {
        string metadataKey;
        bytes metadataValue;
    }

    /// @dev One slot.
    struct Agent {
        address wallet;
        uint48 registeredAt;
    }

    /// @notice The longest time, in seconds, that a wallet's consent may run ahead.
    /// @dev As the deployed ERC-8004 registries have it.
    uint256 public constant MAX_CONSENT_DELAY = 5 minutes;

    /// @dev What a wallet signs; `owner` in it makes a consent worthless once the agent has another.
    bytes32 private constant CONSENT_TYPEHASH = keccak256(
        "AgentWalletSet(uint256 agentId,address newWallet,address owner,uint256 deadline)"
    );

    /// @dev ERC-8004 reserves this key for the wallet, which metadata shows and only consent sets.
    string private constant WALLET_KEY = "agentWallet";
    bytes32 private constant WALLET_KEY_HASH = keccak256(bytes(WALLET_KEY));

    uint256 private _lastAgentId;

    mapping(uint256 agentId => Agent) private _agents;

    mapping(uint256 agentId => mapping(string metadataKey => bytes metadataValue)) private _metadata;

    /// @notice Emitted when `owner` registers `agentId`, whose registration file is at `agentURI`.
    event Registered(uint256 indexed agentId, string agentURI, address indexed owner);

    /// @notice Emitted when the metadata of `agentId` under `metadataKey` becomes `metadataValue`; its wallet is metadata too.
    event MetadataSet(
        uint256 indexed agentId,
        string indexed indexedMetadataKey,
        string metadataKey,
        bytes metadataValue
    );

    /// @notice Emitted when `updatedBy` moves the registration file of `agentId` to `newURI`.
    event URIUpdated(uint256 indexed agentId, string newURI, address indexed updatedBy);

    /// @notice Thrown when metadata is to be set under `metadataKey`, which only a wallet's consent sets.
    error AgentRegistry_ReservedKey(string metadataKey);

    /// @notice Thrown when the zero address is to become the wallet of `agentId`; unsetting it is another call.
    error AgentRegistry_WalletIsZero(uint256 agentId);

    /// @notice Thrown when a wallet's consent has run out.
    error AgentRegistry_ConsentExpired(uint256 deadline, uint256 blockTime);

    /// @notice Thrown when a wallet's consent runs further ahead than `latest`, which is five minutes.
    error AgentRegistry_DeadlineTooFar(uint256 deadline, uint256 latest);

    /// @notice Thrown when `newWallet` did not sign that it becomes the wallet of `agentId` under `owner` until `deadline`.
    error AgentRegistry_NoConsent(uint256 agentId, address newWallet, address owner, uint256 deadline);

    /// @dev The domain is that of the deployed ERC-8004 registries; the names are ours.
    constructor() ERC721("Xonomy Agent", "AGENT") EIP712("ERC8004IdentityRegistry", "1") {}

    /// @notice Registers a new agent that is yours, and your address as its wallet; its registration file can follow.
    /// @dev Returns its number. Three cold slots, and the counter.
    ///      A contract must be able to receive ERC-721 tokens: reverts with `ERC721InvalidReceiver`, or with what it reverts with.
    function register() external returns (uint256 agentId) {
        agentId = _register("");
        _confirmReceipt(agentId);
    }

    /// @notice Registers a new agent that is yours, with its registration file at `agentURI`, and your address as its wallet.
    /// @dev Returns its number. As `register()`, and the slots that the URI fills.
    ///      A contract must be able to receive ERC-721 tokens: reverts with `ERC721InvalidReceiver`, or with what it reverts with.
    function register(string calldata agentURI) external returns (uint256 agentId) {
        agentId = _register(agentURI);
        _confirmReceipt(agentId);
    }

    /// @notice Registers a new agent that is yours, with its registration file at `agentURI`, your address as its wallet, and `metadata`.
    /// @dev Returns its number. As `register()`, and the slots that the URI and each value fill. Of two entries with one key the later stays.
    ///      A contract must be able to receive ERC-721 tokens: reverts with `ERC721InvalidReceiver`, or with what it reverts with.
    ///      Reverts with `AgentRegistry_ReservedKey`.
    function register(string calldata agentURI, MetadataEntry[] calldata metadata) external returns (uint256 agentId) {
        agentId = _register(agentURI);
        for (uint256 i = 0; i < metadata.length; i++) {
            _setMetadata(agentId, metadata[i].metadataKey, metadata[i].metadataValue);
        }
        _confirmReceipt(agentId);
    }

    /// @notice Moves the registration file of your agent `agentId` to `newURI`.
    /// @dev The owner or an approved operator. Empty where there is to be none. The slots that the URI fills.
    ///      Reverts with `ERC721NonexistentToken` and `ERC721InsufficientApproval`.
    function setAgentURI(uint256 agentId, string calldata newURI) external {
        _ownerAfterAuthorization(agentId);
        _setTokenURI(agentId, newURI);
        emit URIUpdated(agentId, newURI, msg.sender);
    }

    /// @notice Sets what is publicly known of your agent `agentId` under `metadataKey` to `metadataValue`.
    /// @dev The owner or an approved operator. Empty where nothing is to be known. The slots that the value fills.
    ///      Reverts with `ERC721NonexistentToken`, `ERC721InsufficientApproval` and `AgentRegistry_ReservedKey`.
    function setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) external {
        _ownerAfterAuthorization(agentId);
        _setMetadata(agentId, metadataKey, metadataValue);
    }

    /// @notice Makes `newWallet` receive what your agent `agentId` earns from its next job on, with its consent in `signature` until `deadline`.
    /// @dev The owner or an approved operator calls; `newWallet` signs, with its key or, as a contract, by ERC-1271. An account with both, that
    ///      is one that delegates by EIP-7702, may use either. `deadline` in seconds. One cold slot, and the wallet's own check.
    ///      Reverts with `ERC721NonexistentToken`, `ERC721InsufficientApproval`, `AgentRegistry_WalletIsZero`, `AgentRegistry_ConsentExpired`,
    ///      `AgentRegistry_DeadlineTooFar` and `AgentRegistry_NoConsent`.
    function setAgentWallet(uint256 agentId, address newWallet, uint256 deadline, bytes calldata signature) external {
        address owner = _ownerAfterAuthorization(agentId);
        if (newWallet == address(0)) revert AgentRegistry_WalletIsZero(agentId);
        if (deadline < block.timestamp) revert AgentRegistry_ConsentExpired(deadline, block.timestamp);
        uint256 latest = block.timestamp + MAX_CONSENT_DELAY;
        if (deadline > latest) revert AgentRegistry_DeadlineTooFar(deadline, latest);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CONSENT_TYPEHASH, agentId, newWallet, owner, deadline)));
        if (!_hasSigned(newWallet, digest, signature)) {
            revert AgentRegistry_NoConsent(agentId, newWallet, owner, deadline);
        }
        _setWallet(agentId, newWallet);
    }

    /// @notice Leaves your agent `agentId` without a wallet, so that its owner receives what it earns from its next job on.
    /// @dev The owner or an approved operator. One cold slot.
    ///      Reverts with `ERC721NonexistentToken` and `ERC721InsufficientApproval`.
    function unsetAgentWallet(uint256 agentId) external {
        _ownerAfterAuthorization(agentId);
        _setWallet(agentId, address(0));
    }

    /// @inheritdoc IAgentRegistry
    function ownerOf(uint256 agentId) public view override(IAgentRegistry, ERC721, IERC721) returns (address) {
        return super.ownerOf(agentId);
    }

    /// @inheritdoc IAgentRegistry
    /// @dev Reverts with `ERC721InvalidOwner` for the zero address.
    function balanceOf(address owner) public view override(IAgentRegistry, ERC721, IERC721) returns (uint256) {
        return super.balanceOf(owner);
    }

    /// @inheritdoc IAgentRegistry
    function isAuthorizedOrOwner(address spender, uint256 agentId) external view returns (bool) {
        return _isAuthorized(ownerOf(agentId), spender, agentId);
    }

    /// @inheritdoc IAgentRegistry
    /// @dev Zero also where there is no such agent. One cold slot, which holds `registeredAt` too.
    function getAgentWallet(uint256 agentId) external view returns (address) {
        return _agents[agentId].wallet;
    }

    /// @inheritdoc IAgentRegistry
    function registeredAt(uint256 agentId) external view returns (uint256) {
        return _agents[agentId].registeredAt;
    }

    /// @notice What is known of `agentId` under `metadataKey`; empty where nothing is.
    /// @dev Under "agentWallet", the twenty bytes of the wallet. Empty also where there is no such agent.
    function getMetadata(uint256 agentId, string calldata metadataKey) external view returns (bytes memory) {
        if (!_isWalletKey(metadataKey)) return _metadata[agentId][metadataKey];
        return _packed(_agents[agentId].wallet);
    }

    /// @notice The version of the deployed ERC-8004 registries whose behaviour this one keeps.
    function getVersion() external pure returns (string memory) {
        return "2.0.0";
    }

    /// @notice The hash of the domain in which a wallet's consent is signed, for this chain and this registry.
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @dev A transfer leaves the agent without a wallet, also one to the same owner; a registration is no transfer.
    function _update(address to, uint256 agentId, address auth) internal override returns (address from) {
        from = super._update(to, agentId, auth);
        if (from != address(0)) _setWallet(agentId, address(0));
    }

    /// @dev Everything but the receiver's confirmation, which comes last.
    function _register(string memory agentURI) private returns (uint256 agentId) {
        agentId = ++_lastAgentId;
        _mint(msg.sender, agentId);
        if (bytes(agentURI).length != 0) _setTokenURI(agentId, agentURI);
        emit Registered(agentId, agentURI, msg.sender);
        _agents[agentId] = Agent({wallet: msg.sender, registeredAt: uint48(block.timestamp)});
        _tellWallet(agentId, msg.sender);
    }

    /// @dev What `_safeMint` asks of a contract that receives a token.
    function _confirmReceipt(uint256 agentId) private {
        ERC721Utils.checkOnERC721Received(msg.sender, address(0), msg.sender, agentId, "");
    }

    function _setWallet(uint256 agentId, address wallet) private {
        _agents[agentId].wallet = wallet;
        _tellWallet(agentId, wallet);
    }

    function _tellWallet(uint256 agentId, address wallet) private {
        emit MetadataSet(agentId, WALLET_KEY, WALLET_KEY, _packed(wallet));
    }

    function _setMetadata(uint256 agentId, string calldata metadataKey, bytes calldata metadataValue) private {
        if (_isWalletKey(metadataKey)) revert AgentRegistry_ReservedKey(metadataKey);
        _metadata[agentId][metadataKey] = metadataValue;
        emit MetadataSet(agentId, metadataKey, metadataKey, metadataValue);
    }

    /// @dev Returns the owner of `agentId`, for or as whom the caller acts.
    function _ownerAfterAuthorization(uint256 agentId) private view returns (address owner) {
        owner = _ownerOf(agentId);
        _checkAuthorized(owner, msg.sender, agentId);
    }

    /// @dev The key first: an account that delegates by EIP-7702 has code and a key, and its code need not know ERC-1271.
    function _hasSigned(address wallet, bytes32 digest, bytes calldata signature) private view returns (bool) {
        (address signer, ECDSA.RecoverError failure, ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && signer == wallet) return true;
        return SignatureChecker.isValidERC1271SignatureNowCalldata(wallet, digest, signature);
    }

    function _isWalletKey(string calldata metadataKey) private pure returns (bool) {
        return keccak256(bytes(metadataKey)) == WALLET_KEY_HASH;
    }

    function _packed(address wallet) private pure returns (bytes memory) {
        return wallet == address(0) ? bytes("") : abi.encodePacked(wallet);
    }
}
