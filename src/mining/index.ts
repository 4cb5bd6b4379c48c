export {
  CHAIN_BEHAVIOURS,
  DAY_SECONDS,
  EPOCH_SECONDS,
  epochBounds,
  LOG_BEHAVIOURS,
  type LogBehaviour,
  type LogRow,
  WEIGHTED_BEHAVIOURS,
  type WeightedBehaviour,
} from "./behaviours.js";
export {
  type AccountDifference,
  buildEpoch,
  type EpochComparison,
  manifestPath,
  type MiningOptions,
  type MiningPhase,
  openStore,
  type PublishedEpoch,
  verifyEpoch,
} from "./build.js";
export {
  type ChainAddresses,
  type ChainFacts,
  type ChainOptions,
  type ChainProvider,
  CONFIRMATIONS,
  MiningChain,
  type PublishedRoot,
} from "./chain.js";
export type {
  CheckIn,
  CompletedInvitation,
  EpochFacts,
  FactCounts,
  FactRows,
  Multiplier,
  RegisteredContent,
} from "./facts.js";
export { generateLog, type Sample, SAMPLE_WEIGHTS, sampleAccount, sampleFacts } from "./generate.js";
export { LOG_COLUMNS, LOG_HEADER, type LogFormat, type LogProblem, MiningLogError } from "./log.js";
export { type Manifest, readManifest } from "./manifest.js";
export { MINING_ENCODING, MINING_LEAF_ENCODING } from "./points.js";
export { type MiningProof, proofOf } from "./proof.js";
export { readRules, type Rule, type Rules } from "./rules.js";
