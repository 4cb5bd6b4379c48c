import { ZeroAddress, ZeroHash } from "ethers";

import { eventsOf } from "../../../src/chain/events.js";
import type { Address, Hash } from "../../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { formatMoment, wholeNumber } from "../../support/inputs.js";
import { chainTime, type Session } from "../../support/session.js";
import { percent, quoted } from "../../support/text.js";
import { inTurns } from "../../support/turns.js";
import { type Ads, adsOf, givenCampaign, reading, type SettledReport, settledReports } from "../settlement.js";
import { price as inXme, type Split, splitIn, xme } from "../words.js";

/** How costs are shared, and what waits to be passed on; amounts in wei of XME. */
export interface SplitStatus {
  readonly network: string;
  readonly version: bigint;
  /** Every split there was, the first first. */
  readonly splits: readonly (Split & { readonly version: bigint })[];
  readonly treasury: Address;
  /** Undefined where the delegators' part waits. */
  readonly income: Address | undefined;
  readonly pending: { readonly delegators: bigint; readonly toBurn: bigint; readonly toTreasury: bigint };
}

/** Reads how costs are shared: `hardhat ads split`. */
export async function readSplit(session: Session): Promise<SplitStatus> {
  const { settlement } = await adsOf(session);
  const [version, treasury, income, { delegators, toBurn, toTreasury }] = await Promise.all([
    settlement.splitVersion(),
    settlement.treasury() as Promise<Address>,
    settlement.income() as Promise<Address>,
    settlement.pending(),
  ]);
  const versions = Array.from({ length: Number(version) }, (_, i) => BigInt(i + 1));
  const splits = await inTurns(versions, async (of) => {
    const { creatorsBps, delegatorsBps, burnBps, treasuryBps } = await settlement.splitOf(of);
    return { version: of, creatorsBps, delegatorsBps, burnBps, treasuryBps };
  });
  return {
    network: session.connection.networkName,
    version,
    splits,
    treasury,
    income: income === ZeroAddress ? undefined : income,
    pending: { delegators, toBurn, toTreasury },
  };
}

export function describeSplit({ network, version, splits, treasury, income, pending }: SplitStatus): string {
  const columns = [
    { title: "split", align: "right" },
    { title: "creators", align: "right" },
    { title: "delegators", align: "right" },
    { title: "burned", align: "right" },
    { title: "treasury", align: "right" },
  ] as const;
  const rows = splits.map((split) => [
    formatCount(split.version),
    percent(split.creatorsBps),
    percent(split.delegatorsBps),
    percent(split.burnBps),
    percent(split.treasuryBps),
  ]);
  return [
    `New campaigns on network "${network}" are shared by split ${formatCount(version)}.`,
    "",
    renderTable(columns, rows),
    "",
    `delegators  ${xme(pending.delegators)} wait ${income === undefined ? "until governance names who shares them out" : `for ${income}: \`hardhat ads pay-delegators\``}`,
    `burning     ${xme(pending.toBurn)} wait: \`hardhat ads distribute\``,
    `treasury    ${xme(pending.toTreasury)} wait for ${treasury}: \`hardhat ads distribute\``,
  ].join("\n");
}

export type CampaignState = "not started" | "running" | "to be settled" | "to be refunded" | "over";

/** A campaign; amounts in wei of XME, times in seconds. */
export interface CampaignStatus {
  readonly campaign: bigint;
  readonly state: CampaignState;
  readonly advertiser: Address;
  readonly budget: bigint;
  readonly spent: bigint;
  readonly pricePerThousand: bigint;
  readonly start: bigint;
  readonly end: bigint;
  /** From when on nothing is settled any more, and what is left is refunded. */
  readonly closedAt: bigint;
  readonly splitVersion: bigint;
  readonly reports: bigint;
}

async function readCampaign(
  { settlement }: Ads,
  campaign: bigint,
  time: bigint,
  window: bigint,
): Promise<CampaignStatus> {
  const { advertiser, budget, spent, pricePerThousand, start, end, splitVersion, reports } =
    await settlement.campaignOf(campaign);
  const closedAt = end + window;
  const state =
    time < start
      ? "not started"
      : time < end
        ? "running"
        : budget === spent
          ? "over"
          : time < closedAt
            ? "to be settled"
            : "to be refunded";
  return {
    campaign,
    state,
    advertiser: advertiser as Address,
    budget,
    spent,
    pricePerThousand,
    start,
    end,
    closedAt,
    splitVersion,
    reports,
  };
}

/** The latest campaigns. */
export interface CampaignList {
  readonly network: string;
  readonly campaigns: readonly CampaignStatus[];
  readonly looked: bigint;
  readonly count: bigint;
}

/** Lists the latest campaigns, those with money in escrow unless all are wanted: `hardhat ads list`. */
export async function readCampaigns(
  session: Session,
  { last, all }: { last: string; all: boolean },
): Promise<CampaignList> {
  const most = wholeNumber("last", last, "write how many of the latest to look at");
  const ads = await adsOf(session);
  const [count, window, time] = await Promise.all([
    ads.settlement.campaignCount(),
    ads.settlement.SETTLEMENT_WINDOW(),
    chainTime(session),
  ]);
  const looked = count < most ? count : most;
  const ids = Array.from({ length: Number(looked) }, (_, i) => count - BigInt(i));
  const found = await inTurns(ids, (id) => readCampaign(ads, id, time, window));
  const campaigns = all ? found : found.filter(({ state }) => state !== "over");
  return { network: session.connection.networkName, campaigns, looked, count };
}

export function describeCampaigns({ campaigns, looked, count }: CampaignList): string {
  const columns = [
    { title: "campaign", align: "right" },
    { title: "state", align: "left" },
    { title: "advertiser", align: "left" },
    { title: "budget", align: "right" },
    { title: "spent", align: "right" },
    { title: "a thousand", align: "right" },
    { title: "until", align: "left" },
  ] as const;
  const rows = campaigns.map((campaign) => [
    formatCount(campaign.campaign),
    campaign.state,
    campaign.advertiser,
    xme(campaign.budget),
    xme(campaign.spent),
    inXme(campaign.pricePerThousand),
    formatMoment(campaign.end),
  ]);
  const scope = `of the latest ${formatCount(looked)} of ${formatCount(count)} campaigns`;
  return campaigns.length === 0
    ? `None ${scope} has anything in escrow.`
    : `${renderTable(columns, rows)}\n${formatCount(campaigns.length)} ${scope}.`;
}

/** A campaign as it is shown alone. */
export interface ShownCampaign extends CampaignStatus {
  readonly network: string;
  readonly time: bigint;
  readonly split: Split;
  /** What reports can cost now. */
  readonly spendable: bigint;
  /** What `stop` would send back at once; undefined where it has ended. */
  readonly stoppable: bigint | undefined;
  readonly refundable: bigint;
  /** Undefined where the advertiser gave none. */
  readonly brief: Hash | undefined;
  readonly settled: readonly SettledReport[];
}

/** Reads a campaign: `hardhat ads show`. */
export async function readShown(session: Session, { campaign: text }: { campaign: string }): Promise<ShownCampaign> {
  const campaignId = givenCampaign(text);
  const ads = await adsOf(session);
  const { settlement } = ads;
  const [time, window] = await Promise.all([chainTime(session), settlement.SETTLEMENT_WINDOW()]);
  const status = await reading(ads, () => readCampaign(ads, campaignId, time, window));
  const [{ creatorsBps, delegatorsBps, burnBps, treasuryBps }, spendable, stoppable, refundable, brief, settled] =
    await Promise.all([
      settlement.splitOf(status.splitVersion),
      settlement.spendable(campaignId),
      time < status.end ? settlement.previewStop(campaignId) : undefined,
      settlement.refundable(campaignId),
      briefOf(session, ads, campaignId),
      settledReports(session, ads, campaignId),
    ]);
  return {
    ...status,
    network: session.connection.networkName,
    time,
    split: { creatorsBps, delegatorsBps, burnBps, treasuryBps },
    spendable,
    stoppable,
    refundable,
    brief,
    settled,
  };
}

async function briefOf({ deployment }: Session, { settlement }: Ads, campaignId: bigint): Promise<Hash | undefined> {
  const told = await eventsOf(settlement, settlement.filters.CampaignCreated(campaignId), deployment.startBlock);
  const brief = told[0]?.args.brief;
  return brief === ZeroHash ? undefined : (brief as Hash | undefined);
}

export function describeShown(c: ShownCampaign): string {
  const reports = c.settled.map(({ report, parts, hash, uri }) => [
    formatCount(report),
    xme(parts.cost),
    hash,
    uri === "" ? "–" : quoted(uri),
  ]);
  const columns = [
    { title: "report", align: "right" },
    { title: "cost", align: "right" },
    { title: "hash", align: "left" },
    { title: "said to lie at", align: "left" },
  ] as const;
  return [
    `Campaign ${formatCount(c.campaign)} on network "${c.network}" is ${c.state} at ${formatMoment(c.time)}`,
    `advertiser  ${c.advertiser}`,
    `time        ${formatMoment(c.start)} to ${formatMoment(c.end)}; it can be settled until ${formatMoment(c.closedAt)}`,
    `price       ${inXme(c.pricePerThousand)} for a thousand impressions`,
    `budget      ${xme(c.budget)}, of which ${xme(c.spent)} are spent`,
    `now         reports can cost ${xme(c.spendable)}` +
      (c.stoppable === undefined
        ? `, and ${xme(c.refundable)} can be refunded`
        : `, and stopping it brings ${xme(c.stoppable)} back at once`),
    `split       ${formatCount(c.splitVersion)}: ${splitIn(c.split)}`,
    ...(c.brief === undefined ? [] : [`brief       ${c.brief}`]),
    ...(reports.length === 0 ? ["reports     none yet"] : ["", renderTable(columns, reports)]),
  ].join("\n");
}

/** What an account has earned by impressions; in wei of XME. */
export interface CreditStatus {
  readonly network: string;
  readonly account: Address;
  readonly balance: bigint;
  readonly credit: bigint;
}

/** Reads an account's credit: `hardhat ads credit`. */
export async function readCredit(session: Session): Promise<CreditStatus> {
  const { account, connection } = session;
  const { settlement, xme: token } = await adsOf(session);
  const [balance, credit] = await Promise.all([token.balanceOf(account), settlement.creditOf(account)]);
  return { network: connection.networkName, account, balance, credit };
}

export function describeCredit({ network, account, balance, credit }: CreditStatus): string {
  return [
    `${account} on network "${network}"`,
    `holds   ${xme(balance)}`,
    `credit  ${xme(credit)} for impressions${credit === 0n ? "" : ", which `hardhat ads withdraw` takes out"}`,
  ].join("\n");
}
