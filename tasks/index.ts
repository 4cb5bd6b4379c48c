import { adTasks } from "./ads/index.js";
import { airdropTasks } from "./airdrop/index.js";
import { airdropChainTasks } from "./airdrop/on-chain.js";
import { ascendTasks } from "./ascend/index.js";
import { benchTask } from "./bench.js";
import { contentTasks } from "./content/index.js";
import { demoTasks } from "./demo/index.js";
import { deployTask } from "./deploy.js";
import { economyTasks } from "./economy/index.js";
import { govTasks } from "./gov/index.js";
import { growthTasks } from "./growth/index.js";
import { miningTasks } from "./mining/index.js";
import { nodeTasks } from "./nodes/index.js";
import { rankTasks } from "./rank/index.js";
import { rolesTask } from "./roles.js";
import { saleTasks } from "./sale/index.js";
import { spendTasks } from "./spend/index.js";
import { stakeTasks } from "./stake/index.js";
import { statusTask } from "./status.js";
import { vaultTasks } from "./vault/index.js";
import { verifyDeploymentTask } from "./verify-deployment.js";
import { verifyLocalTask } from "./verify-local.js";
import { vestingTasks } from "./vesting/index.js";
import { xeTasks } from "./xe/index.js";
import { xpTasks } from "./xp/index.js";

/** Every Hardhat task of the project, one list for each economy. */
export const tasks = [
  deployTask,
  rolesTask,
  statusTask,
  verifyLocalTask,
  verifyDeploymentTask,
  ...rankTasks,
  ...airdropTasks,
  ...airdropChainTasks,
  ...saleTasks,
  ...vestingTasks,
  ...vaultTasks,
  ...stakeTasks,
  ...nodeTasks,
  ...adTasks,
  ...miningTasks,
  ...growthTasks,
  ...spendTasks,
  ...ascendTasks,
  ...contentTasks,
  ...economyTasks,
  ...govTasks,
  ...xpTasks,
  ...xeTasks,
  ...demoTasks,
  benchTask,
];
