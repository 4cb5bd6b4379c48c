// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC20Burnable} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Burnable.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {XME} from "../../../contracts/xme/XME.sol";
import {XMEX} from "../../../contracts/xme/XMEX.sol";
import {Test} from "../support/Test.sol";

uint256 constant XME_SUPPLY = 1e27;
uint256 constant XMEX_SUPPLY = 1e29;

/// @notice Moves and burns one token among a few actors, and keeps count of what was burned.
contract TokenHandler is Test {
    ERC20Permit public immutable token;
    uint256 public burned;
    uint256 public transfers;
    uint256 public burns;
    uint256 public burnsForOthers;

    uint256[4] private _keys = [uint256(0xA11CE), 0xB0B, 0xCA401, 0xDA4E];

    constructor(ERC20Permit token_) {
        token = token_;
    }

    function transfer(uint256 fromSeed, uint256 toSeed, uint256 amount) external {
        address from = actor(fromSeed);
        amount = bound(amount, 0, token.balanceOf(from));
        address to = actor(toSeed);
        vm.prank(from);
        require(token.transfer(to, amount), "transfer");
        transfers++;
    }

    function burn(uint256 fromSeed, uint256 amount) external {
        address from = actor(fromSeed);
        // A tenth at most, so that something is left to play with.
        amount = bound(amount, 0, token.balanceOf(from) / 10);
        vm.prank(from);
        ERC20Burnable(address(token)).burn(amount);
        burned += amount;
        burns++;
    }

    function burnWithPermit(uint256 fromSeed, uint256 bySeed, uint256 amount) external {
        uint256 key = _keys[fromSeed % _keys.length];
        address from = vm.addr(key);
        address by = actor(bySeed);
        amount = bound(amount, 0, token.balanceOf(from) / 10);
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                from,
                by,
                amount,
                token.nonces(from),
                block.timestamp
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), message))
        );
        token.permit(from, by, amount, block.timestamp, v, r, s);
        vm.prank(by);
        ERC20Burnable(address(token)).burnFrom(from, amount);
        burned += amount;
        burnsForOthers++;
    }

    function actor(uint256 seed) public view returns (address) {
        return vm.addr(_keys[seed % _keys.length]);
    }

    function sumOfBalances() external view returns (uint256 sum) {
        for (uint256 i = 0; i < _keys.length; i++) sum += token.balanceOf(actor(i));
    }
}

/// @notice The supply is what genesis made less what was burned, whoever does what.
contract TokensInvariantTest is Test {
    TokenHandler private _xme;
    TokenHandler private _xmex;

    function setUp() external {
        _xme = _deal(new XME());
        _xmex = _deal(new XMEX());
    }

    function invariant_SupplyIsGenesisLessBurned() external view {
        vm.assertEq(_xme.token().totalSupply(), XME_SUPPLY - _xme.burned(), "XME");
        vm.assertEq(_xmex.token().totalSupply(), XMEX_SUPPLY - _xmex.burned(), "XMEX");
    }

    function invariant_EveryTokenHasAHolder() external view {
        vm.assertEq(_xme.token().totalSupply(), _xme.sumOfBalances(), "XME");
        vm.assertEq(_xmex.token().totalSupply(), _xmex.sumOfBalances(), "XMEX");
    }

    function afterInvariant() external view {
        vm.assertGt(_xme.transfers() + _xmex.transfers(), 0, "nothing was transferred");
        vm.assertGt(_xme.burns() + _xmex.burns(), 0, "nothing was burned");
        vm.assertGt(_xme.burnsForOthers() + _xmex.burnsForOthers(), 0, "nothing was burned by permit");
    }

    /// @dev A quarter of the supply to each actor.
    function _deal(ERC20Permit token) private returns (TokenHandler handler) {
        handler = new TokenHandler(token);
        for (uint256 i = 0; i < 4; i++) {
            require(token.transfer(handler.actor(i), token.totalSupply() / 4), "deal");
        }
        targetContract(address(handler));
    }
}
