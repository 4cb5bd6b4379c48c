// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title GovernmentAccount, an account that is a contract
/// @notice Makes several calls in one transaction, also with a flash loan in hand, writes down each answer, and signs (ERC-1271) with a key.
contract GovernmentAccount is IERC1271, IERC3156FlashBorrower {
    struct Call {
        address target;
        bytes data;
    }

    /// @notice The key whose signatures are this account's.
    address public key;

    Call[] private _prepared;

    /// @notice The call number `index` of the transaction was answered.
    event Answered(uint256 indexed index, bool success, bytes answer);

    constructor(address key_) {
        key = key_;
    }

    function setKey(address newKey) external {
        key = newKey;
    }

    /// @notice Keeps `calls` for `runPrepared`, so that whoever calls that need not know them.
    function prepare(Call[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; i++) _prepared.push(calls[i]);
    }

    function runPrepared() external {
        run(_prepared);
    }

    /// @notice Borrows `amount` of `token`, runs `calls`, and lets the lender take the loan back.
    function runWithLoan(IERC3156FlashLender lender, address token, uint256 amount, Call[] calldata calls) external {
        lender.flashLoan(this, token, amount, abi.encode(calls));
    }

    function onFlashLoan(
        address,
        address token,
        uint256 amount,
        uint256 fee,
        bytes calldata data
    ) external returns (bytes32) {
        run(abi.decode(data, (Call[])));
        IERC20(token).approve(msg.sender, amount + fee);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        return signer == key ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    /// @notice Makes `calls` one after the other; one that fails stops none.
    function run(Call[] memory calls) public {
        for (uint256 i = 0; i < calls.length; i++) {
            // solhint-disable-next-line avoid-low-level-calls
            (bool success, bytes memory answer) = calls[i].target.call(calls[i].data);
            emit Answered(i, success, answer);
        }
    }
}
