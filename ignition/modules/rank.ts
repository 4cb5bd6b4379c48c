import { buildModule } from "@nomicfoundation/ignition-core";

/** XRANK: one contract that nobody owns; nothing is left to do after its deployment. */
export default buildModule("Rank", (m) => ({ xrank: m.contract("XRank") }));
