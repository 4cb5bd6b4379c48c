import type { Economy } from "../../src/deployment/contracts.js";

/** What people call the economies. */
export const ECONOMY_NAMES: Readonly<Record<Economy, string>> = { rank: "XRANK", xme: "X.me", xp: "XP", xe: "XE" };
