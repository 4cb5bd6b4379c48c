export { type Hex, fromHex, toBigInt, toHex } from "./bytes.js";
export { hashRows, leafHash, LeafEncoding, type LeafValue, type Progress, WORD_SIZE } from "./encoding.js";
export { HASH_SIZE, keccak256 } from "./keccak.js";
export { BATCH_SIZE, KeccakBatch, MAX_BATCH_MESSAGE, sharedBatch } from "./keccak-batch.js";
export {
  MerkleStore,
  orderByColumn,
  type StoreContent,
  storeChunks,
  storeSize,
  type StoredProof,
  writeStore,
} from "./store.js";
export { sortedOrder } from "./sort.js";
export { buildTree, type MerkleTree, processProof, proofOf, rootOf, verifyProof } from "./tree.js";
export { type AtomicFile, writeFileAtomically, writeFilesAtomically } from "./atomic-file.js";
