import type { Address } from "../../src/deployment/folder.js";
import { SPENDING_WEEK } from "../../src/xme/spending.js";
import { type CampaignList, type CampaignState, readCampaigns } from "../ads/flows/views.js";
import { type AscensionStatus, readAscension } from "../ascend/flows.js";
import { type PlanStatus, readBuybacks } from "../gov/flows/buyback.js";
import { type PolicyVersion, readPolicies } from "../gov/flows/policy.js";
import { type MiningStatus, readMining } from "../mining/flows.js";
import { type PoolStatus, readPoolStatus } from "../nodes/flows/views.js";
import { readSale, type SaleStatus } from "../sale/flows.js";
import type { Session } from "../support/session.js";
import { readVault, type VaultStatus } from "../vault/flows.js";
import { readVesting, type VestingStatus } from "../vesting/flows.js";
import type { History, Source } from "./history.js";
import { type PoolState, readPoolState } from "./pool.js";
import { PROPOSED, type Proposals, readProposals } from "./proposals.js";

/** The emission vault, its streams beside the line; amounts in wei of XMEX, times in seconds. */
export interface EmissionState extends Omit<VaultStatus, "network" | "time" | "unlocked"> {
  /** What is unlocked by now, of which everything is released or to be drawn. */
  readonly line: bigint;
  readonly released: bigint;
  readonly available: bigint;
}

/** X.me; amounts in wei, times in seconds. */
export interface XmeState {
  /** False until genesis has handed out the tokens: until then the deployment is not complete. */
  readonly allocated: boolean;
  readonly supply: {
    readonly xme: bigint;
    readonly xmex: bigint;
    readonly burnedXme: bigint;
    readonly burnedXmex: bigint;
  };
  readonly treasury: {
    readonly address: Address;
    readonly xme: bigint;
    readonly xmex: bigint;
    readonly ether: bigint;
    /** What genesis gave it. */
    readonly firstXme: bigint;
    readonly firstXmex: bigint;
  };
  readonly emission: EmissionState;
  readonly sale: Pick<SaleStatus, "price" | "walletCap" | "opens" | "closes" | "sold"> & {
    /** XME that the contract still holds. */
    readonly unsold: bigint;
    /** Wei that it has taken in and not passed on. */
    readonly proceeds: bigint;
  };
  readonly airdrop: {
    readonly allocation: bigint;
    readonly held: bigint;
    /** Unknown once what nobody claimed went back. */
    readonly claimed: bigint | undefined;
    readonly deadline: bigint;
  };
  readonly vesting: readonly VestingStatus[];
  readonly pool: PoolState;
  readonly votes: { readonly staked: bigint; readonly streams: bigint; readonly next: bigint; readonly endsAt: bigint };
  readonly nodes: Omit<PoolStatus, "network" | "time">;
  readonly mining: Pick<MiningStatus, "epoch" | "epochs" | "dailyLimit" | "parameters"> & {
    /** When the running epoch is over. */
    readonly endsAt: bigint;
    /** The latest of the epochs looked at that has a root; undefined where none has. */
    readonly lastPublished: bigint | undefined;
    /** Until when each of the epochs looked at takes a root. */
    readonly publishableUntil: readonly bigint[];
  };
  readonly ads: {
    readonly count: bigint;
    readonly looked: bigint;
    readonly states: Readonly<Partial<Record<CampaignState, number>>>;
    /** Of the campaigns looked at: what is not spent. */
    readonly escrow: bigint;
    readonly pending: { readonly delegators: bigint; readonly toBurn: bigint; readonly toTreasury: bigint };
  };
  /** What was consumed, by week. */
  readonly spending: { readonly thisWeek: bigint; readonly lastWeek: bigint };
  readonly ascension: Omit<AscensionStatus, "network" | "time" | "account" | "position">;
  readonly buybacks: readonly PlanStatus[];
  readonly governance: {
    readonly governor: Address;
    readonly timelockDelay: bigint;
    readonly guardian: Address;
    readonly sunset: bigint;
    readonly quorum: bigint;
    readonly threshold: bigint;
    readonly proposals: Proposals;
  };
  readonly policies: readonly PolicyVersion[];
}

/** Epochs of social mining, and campaigns, that are looked at: those that can still matter. */
const LATEST = { epochs: "5", campaigns: "25" } as const;

export function xmeSources({ deployment }: Session): readonly Source[] {
  return [{ contract: deployment.xme.governor, events: [PROPOSED] }];
}

export async function readXme(session: Session, history: History, time: bigint): Promise<XmeState> {
  const { genesis, xme, xmex } = session.deployment.xme;
  const [supplyXme, supplyXmex, firstXme, firstXmex] = await Promise.all([
    xme.totalSupply(),
    xmex.totalSupply(),
    genesis.XME_SUPPLY(),
    genesis.XMEX_SUPPLY(),
  ]);
  const [allocated, treasury, emission, sale, airdrop, vesting, pool, votes, nodes, mining] = await Promise.all([
    genesis.allocated(),
    readTreasury(session),
    readEmission(session),
    readSaleState(session),
    readAirdrop(session, time),
    readVesting(session),
    readXmePool(session),
    readVotes(session),
    readPoolStatus(session),
    readMiningState(session),
  ]);
  const [ads, spending, ascension, buybacks, governance, policies] = await Promise.all([
    readAds(session),
    readSpending(session, time),
    readAscension(session),
    readBuybacks(session, { plan: "" }),
    readGovernance(session, history, time),
    readPolicies(session, { policy: "", number: "" }),
  ]);
  return {
    allocated,
    supply: {
      xme: supplyXme,
      xmex: supplyXmex,
      burnedXme: firstXme - supplyXme,
      burnedXmex: firstXmex - supplyXmex,
    },
    treasury,
    emission,
    sale,
    airdrop,
    vesting,
    pool,
    votes,
    nodes: without(nodes, "network", "time"),
    mining,
    ads,
    spending,
    ascension: without(ascension, "network", "time", "account", "position"),
    buybacks: buybacks.plans,
    governance,
    policies: policies.versions,
  };
}

/** What a reader for one command tells besides belongs to the whole screen here. */
function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;
}

async function readTreasury({ connection, deployment }: Session): Promise<XmeState["treasury"]> {
  const { timelock, xme, xmex, genesis } = deployment.xme;
  const address = (await timelock.getAddress()) as Address;
  const [ofXme, ofXmex, ether, firstXme, firstXmex] = await Promise.all([
    xme.balanceOf(address),
    xmex.balanceOf(address),
    connection.ethers.provider.getBalance(address),
    genesis.XME_FOR_TREASURY(),
    genesis.XMEX_FOR_TREASURY(),
  ]);
  return { address, xme: ofXme, xmex: ofXmex, ether, firstXme, firstXmex };
}

async function readEmission(session: Session): Promise<EmissionState> {
  const { start, end, allocation, unlocked, held, streams } = await readVault(session);
  const sum = (of: (stream: VaultStatus["streams"][number]) => bigint): bigint =>
    streams.reduce((total, stream) => total + of(stream), 0n);
  return {
    start,
    end,
    allocation,
    line: unlocked,
    released: sum(({ netDrawn }) => netDrawn),
    available: sum(({ available }) => available),
    held,
    streams,
  };
}

async function readSaleState(session: Session): Promise<XmeState["sale"]> {
  const { publicSale, xme } = session.deployment.xme;
  const address = await publicSale.getAddress();
  const [{ price, walletCap, opens, closes, sold }, unsold, proceeds] = await Promise.all([
    readSale(session),
    xme.balanceOf(address),
    session.connection.ethers.provider.getBalance(address),
  ]);
  return { price, walletCap, opens, closes, sold, unsold, proceeds };
}

async function readAirdrop({ deployment }: Session, time: bigint): Promise<XmeState["airdrop"]> {
  const { airdrop, genesis, xme } = deployment.xme;
  const [allocation, held, deadline] = await Promise.all([
    genesis.XME_FOR_AIRDROP(),
    xme.balanceOf(await airdrop.getAddress()),
    airdrop.deadline(),
  ]);
  const swept = time >= deadline && held === 0n;
  // Whoever sends it XME makes it hold more than it was given.
  const claimed = held > allocation ? 0n : allocation - held;
  return { allocation, held, claimed: swept ? undefined : claimed, deadline };
}

async function readXmePool(session: Session): Promise<PoolState> {
  const { pool, xme, xmex, liquiditySeeder } = session.deployment.xme;
  const tokens = [xme, xmex] as const;
  const [base, quote] = await Promise.all(
    tokens.map(async (token) => ({
      address: await token.getAddress(),
      balanceOf: (account: string) => token.balanceOf(account),
    })),
  );
  if (!base || !quote) throw new Error("X.me's pool has two tokens");
  return readPoolState(session, pool, [base, quote], await liquiditySeeder.openingPriceWad());
}

async function readVotes({ deployment }: Session): Promise<XmeState["votes"]> {
  const { votes } = deployment.xme;
  const [staked, { active, next, endsAt }] = await Promise.all([votes.totalSupply(), votes.distribution()]);
  return { staked, streams: active, next, endsAt };
}

async function readMiningState(session: Session): Promise<XmeState["mining"]> {
  const { socialMining } = session.deployment.xme;
  const [{ epoch, epochs, dailyLimit, parameters }, length] = await Promise.all([
    readMining(session, { weeks: LATEST.epochs }),
    socialMining.WEEK(),
  ]);
  const publishableUntil = await Promise.all(epochs.map((one) => socialMining.publishableUntil(one.epoch)));
  const published = epochs.filter(({ root }) => BigInt(root) !== 0n);
  return {
    epoch,
    endsAt: (epoch + 1n) * length,
    lastPublished: published.at(-1)?.epoch,
    epochs,
    publishableUntil,
    dailyLimit,
    parameters,
  };
}

async function readAds(session: Session): Promise<XmeState["ads"]> {
  const [{ campaigns, looked, count }, { delegators, toBurn, toTreasury }]: [CampaignList, XmeState["ads"]["pending"]] =
    await Promise.all([
      readCampaigns(session, { last: LATEST.campaigns, all: true }),
      session.deployment.xme.adSettlement.pending(),
    ]);
  const states: Partial<Record<CampaignState, number>> = {};
  for (const { state } of campaigns) states[state] = (states[state] ?? 0) + 1;
  return {
    count,
    looked,
    states,
    escrow: campaigns.reduce((sum, { budget, spent }) => sum + budget - spent, 0n),
    pending: { delegators, toBurn, toTreasury },
  };
}

async function readSpending({ deployment }: Session, time: bigint): Promise<XmeState["spending"]> {
  const { spending } = deployment.xme;
  const week = time / SPENDING_WEEK;
  const [thisWeek, lastWeek] = await Promise.all([spending.consumedIn(week), spending.consumedIn(week - 1n)]);
  return { thisWeek, lastWeek };
}

async function readGovernance(
  { deployment }: Session,
  history: History,
  time: bigint,
): Promise<XmeState["governance"]> {
  const { governor, timelock } = deployment.xme;
  const [address, timelockDelay, guardian, sunset, quorum, threshold, proposals] = await Promise.all([
    governor.getAddress() as Promise<Address>,
    timelock.getMinDelay(),
    governor.guardian() as Promise<Address>,
    governor.sunset(),
    governor.quorum(time - 1n),
    governor.proposalThreshold(),
    readProposals(governor, history, time),
  ]);
  return { governor: address, timelockDelay, guardian, sunset, quorum, threshold, proposals };
}
