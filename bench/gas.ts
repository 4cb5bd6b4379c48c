/** The gas part of the bench: every section on a fresh chain of its own, so that none depends on another. */

import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { BenchChain } from "./chain.js";
import type { GasSection } from "./report.js";
import { airdropSection } from "./sections/airdrop.js";
import { emissionSection, saleSection, vestingSection } from "./sections/modules.js";
import { peopleSection, socialMiningSection } from "./sections/people.js";
import { rankSection } from "./sections/rank.js";
import { tokensSection } from "./sections/tokens.js";
import { buybackSection, governorSection } from "./sections/government.js";
import { nodesSection, votesSection, xmeScaleSection } from "./sections/xme.js";
import { xeSection } from "./sections/xe.js";
import { xpScaleSection, xpSection } from "./sections/xp.js";

/** The sections in the order in which they are shown. */
const GAS_SECTIONS = {
  rank: rankSection,
  tokens: tokensSection,
  airdrop: airdropSection,
  emission: emissionSection,
  sale: saleSection,
  vesting: vestingSection,
  votes: votesSection,
  nodes: nodesSection,
  "xme-scale": xmeScaleSection,
  governor: governorSection,
  buyback: buybackSection,
  mining: socialMiningSection,
  people: peopleSection,
  xp: xpSection,
  "xp-scale": xpScaleSection,
  xe: xeSection,
} as const satisfies Readonly<Record<string, (chain: BenchChain) => Promise<GasSection>>>;

/** The name of a section, as `--only` takes it. */
export type GasSectionId = keyof typeof GAS_SECTIONS;

/** The names of all sections. */
export const GAS_SECTION_IDS = Object.keys(GAS_SECTIONS) as GasSectionId[];

/** Measures one section; the figures are the same on every machine and at every time. */
export async function measureGas(hre: HardhatRuntimeEnvironment, id: GasSectionId): Promise<GasSection> {
  const chain = await BenchChain.start(hre);
  try {
    return await GAS_SECTIONS[id](chain);
  } finally {
    await chain.close();
  }
}
