export { ExplainedError } from "./explained-error.js";
export { isLocalChain } from "./chains.js";
export { connectionOf } from "./connection.js";
export { ECONOMIES } from "./contracts.js";
export type { Economy, EconomyContracts, RankContracts } from "./contracts.js";
export type { Address, Hash } from "./folder.js";
export { Deployment, openDeployment } from "./open.js";
export type { DeploymentConnection, OpenOptions } from "./open.js";
