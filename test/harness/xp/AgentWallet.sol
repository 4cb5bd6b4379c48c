// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC721Receiver} from "@openzeppelin/contracts/token/ERC721/IERC721Receiver.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {AgentRegistry} from "../../../contracts/xp/AgentRegistry.sol";

/// @notice A wallet that is a contract: it consents with the signature of its key, and treats an agent that arrives as it is told to.
contract AgentWallet is IERC1271, IERC721Receiver {
    enum OnArrival {
        Accept,
        AnswerWrong,
        Refuse,
        PassOn,
        RegisterAgain
    }

    /// @notice What the registry says of an agent while it asks whether it may arrive.
    struct Seen {
        address owner;
        address wallet;
        uint256 registeredAt;
        string uri;
        bytes colour;
        uint256 balance;
    }

    address public immutable key;
    OnArrival public onArrival;
    address public passTo;
    bytes4 public answer = IERC1271.isValidSignature.selector;
    Seen public seen;
    uint256 public arrivals;

    error AgentWallet_Refused(uint256 agentId);

    constructor(address key_) {
        key = key_;
    }

    function treatArrivals(OnArrival onArrival_, address passTo_) external {
        onArrival = onArrival_;
        passTo = passTo_;
    }

    /// @notice What this wallet answers from now on to a signature that is its key's.
    function answerSignatures(bytes4 answer_) external {
        answer = answer_;
    }

    function execute(address target, bytes calldata data) external returns (bytes memory) {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = target.call(data);
        if (success) return result;
        assembly ("memory-safe") {
            revert(add(result, 0x20), mload(result))
        }
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        return signer == key ? answer : bytes4(0);
    }

    function onERC721Received(address, address, uint256 agentId, bytes calldata) external returns (bytes4) {
        AgentRegistry registry = AgentRegistry(msg.sender);
        arrivals++;
        seen = Seen({
            owner: registry.ownerOf(agentId),
            wallet: registry.getAgentWallet(agentId),
            registeredAt: registry.registeredAt(agentId),
            uri: registry.tokenURI(agentId),
            colour: registry.getMetadata(agentId, "colour"),
            balance: registry.balanceOf(address(this))
        });
        if (onArrival == OnArrival.Refuse) revert AgentWallet_Refused(agentId);
        if (onArrival == OnArrival.PassOn) registry.transferFrom(address(this), passTo, agentId);
        if (onArrival == OnArrival.RegisterAgain && arrivals < 3) registry.register();
        return onArrival == OnArrival.AnswerWrong ? bytes4(0) : IERC721Receiver.onERC721Received.selector;
    }
}
