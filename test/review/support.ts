export { EncodingError as EncodingErrorOf } from "../../src/xe/asset.js";
export { BlockType, decodeBlock, encodeBlock, type Hash } from "../../src/xe/block.js";
