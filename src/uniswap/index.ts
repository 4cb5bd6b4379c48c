export * from "./artifacts.js";
export * from "./deploy.js";
export * from "./math.js";
export type { Address, Hex } from "./types.js";
