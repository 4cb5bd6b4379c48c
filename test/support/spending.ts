import { ZeroAddress, type Interface } from "ethers";

import {
  DEFAULT_SPENDING_SPLITS,
  SPENDING_CATEGORIES,
  type SpendingCategory,
  type SpendingPart,
  type SpendingParts,
  type SpendingSplit,
} from "../../src/xme/spending.js";
import type { Connection } from "./xmeGenesis.js";

export const XMEX = 10n ** 18n;
export const DAY = 86_400n;

/** The roles of X.me's access manager that spending knows: the catalogue's keeper, and whoever mints items. */
export const CATALOGUE_ROLE = 5n;
export const MINTER_ROLE = 6n;

export const EMISSION_STREAM = 0n;
export const GOODS = 6n;
export const COLLECTIBLE = 7n;
export const TICKET = 8n;

/** A split as the contract takes it. */
export const splitTuple = (split: SpendingSplit) =>
  [
    split.creatorBps,
    split.burnBps,
    split.buybackBps,
    split.delegatorsBps,
    split.votersBps,
    split.emissionBps,
    split.treasuryBps,
  ] as [bigint, bigint, bigint, bigint, bigint, bigint, bigint];

/** Parts as the contract answers them. */
export const partsTuple = (parts: SpendingParts) => [
  parts.creator,
  parts.burn,
  parts.buyback,
  parts.delegators,
  parts.voters,
  parts.emission,
  parts.treasury,
];

type Ten<T> = [T, T, T, T, T, T, T, T, T, T];

/** All splits as the constructor takes them. */
export const splitTuples = (splits: Readonly<Record<SpendingCategory, SpendingSplit>> = DEFAULT_SPENDING_SPLITS) =>
  SPENDING_CATEGORIES.map((category) => splitTuple(splits[category])) as Ten<ReturnType<typeof splitTuple>>;

/** An item that is on sale for ever, for the tests to change. */
export const GOODS_TERMS = {
  category: GOODS,
  seller: ZeroAddress,
  price: 3n * XMEX,
  supply: 1_000n,
  soulbound: false,
  start: 0n,
  end: 2n ** 40n - 1n,
  period: 0n,
  uri: "ipfs://goods",
};

/** Spending with all that it stands on, each module a stand-in that can be told to misbehave. */
export async function deploySpending({ ethers }: Pick<Connection, "ethers">, splits = DEFAULT_SPENDING_SPLITS) {
  const signers = await ethers.getSigners();
  const [deployer, governance, keeper, treasury, buyback, payer, creator, other, stranger] = signers;
  if (!deployer || !governance || !keeper || !treasury || !buyback || !payer || !creator || !other || !stranger) {
    throw new Error("too few accounts");
  }
  const xmex = await ethers.deployContract("XMEX");
  const manager = await ethers.deployContract("AccessManager", [governance]);
  const content = await ethers.deployContract("SpendingContent");
  const catalogue = await ethers.deployContract("SpendingCatalogue", [manager]);
  const items = await ethers.deployContract("PlatformItems", [manager]);
  const growth = await ethers.deployContract("SpendingGrowth");
  const delegators = await ethers.deployContract("SpendingModule", [xmex]);
  const voters = await ethers.deployContract("SpendingModule", [xmex]);
  const emission = await ethers.deployContract("SpendingModule", [xmex]);
  const receivers = { buyback, delegators, voters, emission, treasury };
  const spending = await ethers.deployContract("Spending", [
    xmex,
    content,
    catalogue,
    items,
    growth,
    EMISSION_STREAM,
    receivers,
    splitTuples(splits),
    manager,
  ]);

  const asGovernance = manager.connect(governance);
  await asGovernance.grantRole(CATALOGUE_ROLE, keeper, 0n);
  await asGovernance.grantRole(MINTER_ROLE, spending, 0n);
  const selectors = ({ interface: known }: { interface: Interface }, names: readonly string[]) =>
    names.map((name) => known.getFunction(name)?.selector ?? "");
  await asGovernance.setTargetFunctionRole(items, selectors(items, ["list", "setSale"]), CATALOGUE_ROLE);
  await asGovernance.setTargetFunctionRole(items, selectors(items, ["mint"]), MINTER_ROLE);
  const kept = selectors(catalogue, ["setPlatformPlan", "setHotSpots", "setService"]);
  await asGovernance.setTargetFunctionRole(catalogue, kept, CATALOGUE_ROLE);
  const accounts = [payer, creator, other, stranger];
  for (const account of accounts) {
    await xmex.transfer(account, 1_000_000n * XMEX);
    await xmex.connect(account).approve(spending, 2n ** 256n - 1n);
  }
  return {
    deployer,
    governance,
    keeper,
    treasury,
    buyback,
    payer,
    creator,
    other,
    stranger,
    xmex,
    manager,
    content,
    catalogue,
    items,
    growth,
    delegators,
    voters,
    emission,
    receivers,
    spending,
    asPayer: spending.connect(payer),
    governed: spending.connect(governance),
    keeps: catalogue.connect(keeper),
    lists: items.connect(keeper),
  };
}

export type SpendingWorld = Awaited<ReturnType<typeof deploySpending>>;

/** The stand-in that each part of a module goes to. */
export const moduleOf = (world: SpendingWorld, part: SpendingPart) => {
  if (part === "delegators") return world.delegators;
  if (part === "voters") return world.voters;
  if (part === "emission") return world.emission;
  throw new Error(`${part} is no module's`);
};

/** What a stand-in can be told, in the order of its numbers. */
export const MOOD = {
  takes: 0n,
  refuses: 1n,
  burnsGas: 2n,
  takesHalf: 3n,
  takesNothing: 4n,
  answersTooMuch: 5n,
  takesAndRefuses: 6n,
} as const;
