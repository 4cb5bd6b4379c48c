import { airdropTasks } from "./airdrop/index.js";
import { deployTask } from "./deploy.js";

/** Every Hardhat task of the project, one list for each economy. */
export const tasks = [deployTask, ...airdropTasks];
