export { checksumAddress, parseAddress } from "../common/address.js";
export {
  type AirdropComparison,
  type AirdropSummary,
  buildAirdrop,
  type OnProgress,
  type Phase,
  verifyAirdrop,
} from "./build.js";
export { sampleList, sampleSize, writeSampleList } from "./generate.js";
export {
  AIRDROP_ALLOCATION,
  AIRDROP_ENCODING,
  type AirdropList,
  AirdropListError,
  LIST_HEADER,
  type ListProblem,
  readAirdropList,
} from "./list.js";
export { type BarTarget, type ProgressBar, progressBar } from "../common/progress-bar.js";
export { type AirdropProof, AirdropStore } from "./proof.js";
export { mnemonicAccounts, TEST_MNEMONIC } from "./test-accounts.js";
