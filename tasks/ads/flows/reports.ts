import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address, Hash } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { adCost } from "../../../src/xme/ads.js";
import { required, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import type { Session } from "../../support/session.js";
import { NODE_WORDS } from "../../nodes/words.js";
import { quoted } from "../../support/text.js";
import { readReport, REPORT_HEADER, type ReportRow } from "../report.js";
import {
  type Ads,
  adsCall,
  adsOf,
  givenCampaign,
  reading,
  type SettledReport,
  settledReports,
  signedAds,
} from "../settlement.js";
import { impressionsIn, type Parts, partsIn, xme } from "../words.js";

const SHOWN_DIFFERENCES = 10;

interface FileInput {
  readonly campaign: string;
  readonly report: string;
  readonly file: string;
}

function givenFile(path: string): string {
  return required("file", path, `give a CSV file of ${REPORT_HEADER}`);
}

function givenReport(text: string): bigint {
  return wholeNumber("report", text, "write the report's number, such as 1; `hardhat ads show` lists them");
}

/** Settles what a file reports, for the settler: `hardhat ads settle`. */
export async function settle(
  session: Session,
  { campaign, report: reportText, file, uri }: FileInput & { readonly uri: string },
): Promise<Outcome> {
  const campaignId = givenCampaign(campaign);
  const given = reportText === "" ? undefined : givenReport(reportText);
  const { rows, impressions, hash } = readReport(givenFile(file));
  const ads = await signedAds(session);
  const { settlement } = ads;
  const { reports } = await reading(ads, () => settlement.campaignOf(campaignId));
  const report = given ?? reports + 1n;
  const earlier = reports === 0n ? [] : await settledReports(session, ads, campaignId);
  const same = earlier.find((settled) => settled.hash === hash);
  if (same) {
    throw new ExplainedError(
      `${file} was settled already, as report ${formatCount(same.report)} of campaign ${formatCount(campaignId)}: what it counts is paid once.`,
    );
  }
  const call = adsCall(ads, settlement.settle, campaignId, report, [...rows], hash, uri);
  return carryOut(session, call, { token: ads.xme, account: ads.address }, async (parts) => [
    `Report ${formatCount(report)} of campaign ${formatCount(campaignId)}: ${impressionsIn(impressions)} of ${formatCount(rows.length)} ` +
      `creator${rows.length === 1 ? "" : "s"} cost ${xme(parts.cost)}, of the ${xme(await settlement.spendable(campaignId))} that budget and pace leave.`,
    `${partsIn(parts)}.`,
    `The file's hash is ${hash}${uri === "" ? ": keep it, byte by byte" : `, and it is said to lie at ${quoted(uri)}`}.`,
  ]);
}

/** Takes out what an account was credited: `hardhat ads withdraw`. */
export async function withdraw(session: Session, { to }: { readonly to: string }): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const ads = await signedAds(session);
  const call = { ...adsCall(ads, ads.settlement.withdraw, recipient), beyond: [ads.xme] };
  return carryOut(session, call, { token: ads.xme, account: recipient }, (amount) => [
    `${xme(amount)}, all of the credit, to ${recipient}.`,
  ]);
}

/** Burns what is to be burned and pays the treasury: `hardhat ads distribute`. Anybody may. */
export async function distribute(session: Session): Promise<Outcome> {
  const ads = await signedAds(session);
  const { settlement } = ads;
  const treasury = (await settlement.treasury()) as Address;
  const call = adsCall(ads, settlement.distribute);
  return carryOut(session, call, { token: ads.xme, account: treasury }, ({ burned, toTreasury }) => {
    if (burned + toTreasury === 0n) throw new ExplainedError("Nothing waits to be burned or for the treasury.");
    return [`${xme(burned)} burned for ever, and ${xme(toTreasury)} to the treasury, ${treasury}.`];
  });
}

/** Pays delegators their part: `hardhat ads pay-delegators`. Anybody may. */
export async function payDelegators(session: Session): Promise<Outcome> {
  const ads = await signedAds(session);
  const { settlement } = ads;
  const income = (await settlement.income()) as Address;
  const nodes = { contract: session.deployment.xme.nodes, words: NODE_WORDS };
  const call = { ...adsCall(ads, settlement.payDelegators), beyond: [nodes, ads.xme] };
  return carryOut(session, call, { token: ads.xme, account: income }, (amount) => {
    if (amount === 0n) throw new ExplainedError("Nothing waits for delegators.");
    return [`${xme(amount)} to ${income}, which shares them out to delegators as their income of the next month.`];
  });
}

/** A report that was found to be what was settled. */
export interface VerifiedReport {
  readonly network: string;
  readonly campaign: bigint;
  readonly report: bigint;
  readonly file: string;
  readonly hash: Hash;
  readonly uri: string;
  readonly transaction: Hash;
  readonly creators: number;
  readonly impressions: bigint;
  readonly parts: Parts;
}

/** Compares a file with what was settled: `hardhat ads verify-report`. */
export async function verifyReport(
  session: Session,
  { campaign, report: reportText, file }: FileInput,
): Promise<VerifiedReport> {
  const campaignId = givenCampaign(campaign);
  const report = givenReport(reportText);
  const { rows, impressions, hash } = readReport(givenFile(file));
  const ads = await adsOf(session);
  const { settlement } = ads;
  const { pricePerThousand, reports } = await reading(ads, () => settlement.campaignOf(campaignId));
  if (report === 0n || report > reports) {
    throw new ExplainedError(
      `Campaign ${formatCount(campaignId)} has no report ${formatCount(report)}: ${formatCount(reports)} of them were settled.`,
    );
  }
  const [settled] = await settledReports(session, ads, campaignId, report);
  if (!settled) throw new ExplainedError("The network's node does not tell what was settled: use another node.");
  const cost = adCost(impressions, pricePerThousand);
  const differences = [
    ...(settled.hash === hash ? [] : [`the file's hash is ${hash}, and ${settled.hash} was settled`]),
    ...(cost === settled.parts.cost
      ? []
      : [`the file costs ${xme(cost)}, and ${xme(settled.parts.cost)} were settled`]),
    ...creditDifferences(rows, await creditsOf(session, ads, campaignId, settled)),
  ];
  if (differences.length > 0) {
    const more = differences.length - SHOWN_DIFFERENCES;
    throw new ExplainedError(
      [
        `Not equal: ${file} differs from report ${formatCount(report)} of campaign ${formatCount(campaignId)}.`,
        ...differences.slice(0, SHOWN_DIFFERENCES),
        ...(more > 0 ? [`… and ${formatCount(more)} more`] : []),
      ].join("\n  "),
    );
  }
  return {
    network: session.connection.networkName,
    campaign: campaignId,
    report,
    file,
    hash,
    uri: settled.uri,
    transaction: settled.transaction,
    creators: rows.length,
    impressions,
    parts: settled.parts,
  };
}

/** What a settlement credited: what it told since the one before it in the same transaction. */
async function creditsOf(
  { connection }: Session,
  { settlement, address }: Ads,
  campaignId: bigint,
  { report, transaction }: SettledReport,
): Promise<readonly ReportRow[]> {
  const receipt = await connection.ethers.provider.getTransactionReceipt(transaction);
  let credits: ReportRow[] = [];
  for (const log of receipt?.logs ?? []) {
    const event = log.address === address ? settlement.interface.parseLog(log) : null;
    if (event?.name === "Credited") {
      const [, creator, impressions] = event.args as unknown as [bigint, Address, bigint];
      credits.push({ creator, impressions });
    } else if (event?.name === "Settled") {
      if (event.args[0] === campaignId && event.args[1] === report) return credits;
      credits = [];
    }
  }
  throw new ExplainedError(`Transaction ${transaction} is not to be had from the network's node: use another one.`);
}

function creditDifferences(rows: readonly ReportRow[], told: readonly ReportRow[]): readonly string[] {
  const differences = rows.flatMap((row, i) => {
    const line = `line ${formatCount(i + 2)}: ${row.creator} with ${impressionsIn(row.impressions)}`;
    const other = told[i];
    if (!other) return [`${line}, and nothing was credited`];
    if (other.creator !== row.creator || other.impressions !== row.impressions)
      return [`${line}, and ${other.creator} was credited for ${formatCount(other.impressions)}`];
    return [];
  });
  const extra = told
    .slice(rows.length)
    .map(({ creator, impressions }) => `no line: ${creator} was credited for ${impressionsIn(impressions)}`);
  return [...differences, ...extra];
}

export function describeVerified(v: VerifiedReport): string {
  return [
    `Equal: ${v.file} is report ${formatCount(v.report)} of campaign ${formatCount(v.campaign)} on network "${v.network}".`,
    `hash         ${v.hash}`,
    `transaction  ${v.transaction}`,
    `said to lie  ${v.uri === "" ? "nowhere" : `at ${quoted(v.uri)}`}`,
    `impressions  ${formatCount(v.impressions)} of ${formatCount(v.creators)} creator${v.creators === 1 ? "" : "s"}, each credited as the file says`,
    `cost         ${xme(v.parts.cost)}: ${partsIn(v.parts)}`,
  ].join("\n");
}
