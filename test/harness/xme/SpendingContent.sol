// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IContentRegistry} from "../../../contracts/xme/interfaces/IContentRegistry.sol";

/// @notice A registry of content that anybody writes, for tests of spending.
contract SpendingContent is ERC721, IContentRegistry {
    mapping(uint256 contentId => address creator) public creatorOf;
    mapping(uint256 contentId => uint256 price) public unlockPriceOf;

    constructor() ERC721("Content", "CONTENT") {}

    function register(uint256 contentId, address creator, uint256 price) external {
        creatorOf[contentId] = creator;
        unlockPriceOf[contentId] = price;
        _mint(creator, contentId);
    }

    function setPrice(uint256 contentId, uint256 price) external {
        unlockPriceOf[contentId] = price;
    }

    function give(uint256 contentId, address to) external {
        _transfer(ownerOf(contentId), to, contentId);
    }

    function ownerOf(uint256 contentId) public view override(ERC721, IContentRegistry) returns (address) {
        return super.ownerOf(contentId);
    }
}
