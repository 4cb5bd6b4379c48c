import { ZeroHash } from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../src/format.js";
import { EPOCH_SECONDS, manifestPath, proofOf, readManifest } from "../../src/mining/index.js";
import type { SocialMining } from "../../typechain-types/index.js";
import { readToken } from "../support/allowance.js";
import { formatMoment, givenAddress, required, wholeNumber } from "../support/inputs.js";
import { carryOut, type Outcome, type Token } from "../support/outcome.js";
import { attempt, callOf } from "../support/send.js";
import { chainTime, type Session, signerOf } from "../support/session.js";
import { compareEpoch, type CountInput, differencesOf, groundOf } from "./pipeline.js";
import { MINING_WORDS, xmex } from "./words.js";

const signing = (session: Session): SocialMining => session.deployment.xme.socialMining.connect(signerOf(session));
const tokenOf = async (session: Session, mining: SocialMining): Promise<Token> =>
  readToken(session, await mining.xmex());
const recipientIn = ({ account }: Session, to: string): Address =>
  to === "" ? account : givenAddress("to", to, "give the address that is paid");
const epochIn = (text: string): bigint =>
  wholeNumber("epoch", text, "write the number of a week since 1970, such as 2960");

/**
 * Counts the epoch again from log and chain, and publishes the store's root if nothing differs: `hardhat mining publish`. What the contract would
 * refuse is found out before the counting.
 */
export async function publish(
  session: Session,
  input: Omit<CountInput, "epoch"> & { readonly uri: string },
): Promise<Outcome> {
  const mining = signing(session);
  const store = required("store", input.store, "give the proof store that `hardhat mining build` wrote");
  const uri = required("uri", input.uri, "say where others find the log, such as ipfs://…");
  const { epoch, root, total, log, accounts } = readManifest(manifestPath(store));
  const { refusals } = MINING_WORDS;
  await attempt(mining, refusals, () => mining.publish.staticCall(epoch, root, total, uri, log.keccak256));
  const compared = await compareEpoch(await groundOf(session), { ...input, epoch: "" }, true);
  if (!compared.equal || compared.rebuilt.root !== root) {
    throw new ExplainedError(
      `Nothing was published: ${input.log}, the chain and ${store} differ in epoch ${String(epoch)}. Build the store anew.\n  ${differencesOf(compared)}`,
    );
  }
  const call = callOf(mining, MINING_WORDS, mining.publish, epoch, root, total, uri, log.keccak256);
  return carryOut(session, call, { token: await tokenOf(session, mining) }, async () => [
    `Epoch ${String(epoch)}: ${formatCount(total)} points of ${formatCount(accounts)} accounts under the root ${root}.`,
    `The budget is ${xmex(await mining.budgetOf(epoch))} as it stands, of ${xmex(await mining.plannedBudgetOf(epoch))} that are planned. Strikers have ${String((await mining.STRIKE_WINDOW()) / 3_600n)} hours; then everybody ` +
      "claims, for a year.",
  ]);
}

/** Takes a root away that does not come of its log: `hardhat mining strike`. */
export async function strike(session: Session, { epoch: text }: { readonly epoch: string }): Promise<Outcome> {
  const mining = signing(session);
  const epoch = epochIn(text);
  const { root } = await mining.epochOf(epoch);
  const call = callOf(mining, MINING_WORDS, mining.strike, epoch);
  return carryOut(session, call, { token: await tokenOf(session, mining) }, () => [
    `The root ${root} of epoch ${String(epoch)} pays nothing then; another may be published for a week, or until four weeks after the epoch's end.`,
  ]);
}

/** Credits an account its part of an epoch, and pays what today allows: `hardhat mining claim`. */
export async function claim(
  session: Session,
  { store: path, to }: { readonly store: string; readonly to: string },
): Promise<Outcome> {
  const account = recipientIn(session, to);
  const mining = signing(session);
  const store = required("store", path, "give the epoch's proof store");
  const { epoch } = readManifest(manifestPath(store));
  const found = proofOf(store, account);
  if (found === undefined) {
    throw new ExplainedError(
      `${account} has no points in epoch ${String(epoch)}: check --to, and that this is its store.`,
    );
  }
  const { root, budget } = await mining.epochOf(epoch);
  if (root !== ZeroHash && root !== found.root) {
    throw new ExplainedError(
      `${store} has the root ${found.root}, and epoch ${String(epoch)} was published with ${root}: give the store that was published.`,
    );
  }
  const call = callOf(mining, MINING_WORDS, mining.claim, epoch, account, found.points, found.proof);
  return carryOut(session, call, { token: await tokenOf(session, mining), account }, async ({ credited, paid }) => {
    const rest = (await mining.creditOf(account)) + credited - paid;
    return [
      `${formatCount(found.points)} points in epoch ${String(epoch)} bring ${account} ${xmex(credited)}${budget === 0n ? "; its budget is drawn first" : ""}.`,
      `${xmex(paid)} are paid now, as much as a day allows.`,
      ...(rest === 0n
        ? []
        : [`${xmex(rest)} wait for later days: \`hardhat mining withdraw\` pays at least a ninetieth of it a day.`]),
    ];
  });
}

/** Pays credit as far as today allows: `hardhat mining withdraw`. */
export async function withdraw(session: Session, { to }: { readonly to: string }): Promise<Outcome> {
  const account = recipientIn(session, to);
  const mining = signing(session);
  const call = callOf(mining, MINING_WORDS, mining.withdraw, account);
  return carryOut(session, call, { token: await tokenOf(session, mining), account }, async (amount) => [
    `${xmex(amount)} to ${account}, of the ${xmex(await mining.creditOf(account))} that it is owed.`,
  ]);
}

/** Draws an epoch's budget before anybody claims: `hardhat mining draw`. Anybody may. */
export async function draw(session: Session, { epoch: text }: { readonly epoch: string }): Promise<Outcome> {
  const mining = signing(session);
  const epoch = epochIn(text);
  const call = callOf(mining, MINING_WORDS, mining.drawBudget, epoch);
  return carryOut(session, call, { token: await tokenOf(session, mining) }, async (budget) => [
    `Epoch ${String(epoch)} gets its budget of ${xmex(budget)} from the emission, as its first claim would draw it.`,
    `It can be claimed until ${formatMoment((await mining.epochOf(epoch)).claimableUntil)}.`,
  ]);
}

/** Sends back what nobody claimed of an epoch: `hardhat mining return`. */
export async function giveBack(session: Session, { epoch: text }: { readonly epoch: string }): Promise<Outcome> {
  const mining = signing(session);
  const epoch = epochIn(text);
  const call = callOf(mining, MINING_WORDS, mining.returnUnclaimed, epoch);
  return carryOut(session, call, { token: await tokenOf(session, mining) }, (amount) => [
    `${xmex(amount)} that nobody claimed in epoch ${String(epoch)} go back to the stream of social mining.`,
  ]);
}

/** An epoch as it stands; amounts in wei, times in seconds. */
export interface EpochState {
  readonly epoch: bigint;
  readonly state: string;
  readonly root: string;
  readonly totalPoints: bigint;
  readonly claimedPoints: bigint;
  /** Drawn, or what it would be now. */
  readonly budget: bigint;
  readonly credited: bigint;
}

/** Social mining and an account in it. */
export interface MiningStatus {
  readonly network: string;
  readonly time: bigint;
  readonly epoch: bigint;
  readonly dailyLimit: bigint;
  readonly parameters: {
    readonly weeklyCap: bigint;
    readonly weeklyFloor: bigint;
    readonly consumptionRatioBps: bigint;
  };
  readonly epochs: readonly EpochState[];
  readonly account: Address;
  readonly credit: bigint;
  readonly payableNow: bigint;
  readonly creditedInWhole: bigint;
}

/** Reads the latest epochs, and what an account is owed: `hardhat mining status`. */
export async function readMining(session: Session, { weeks }: { readonly weeks: string }): Promise<MiningStatus> {
  const { account, connection, deployment } = session;
  const mining = deployment.xme.socialMining;
  const count = wholeNumber("weeks", weeks, "write how many of the latest epochs to show, such as 8");
  const [time, current, first] = await Promise.all([chainTime(session), mining.currentEpoch(), mining.firstEpoch()]);
  const from = current - count > first ? current - count : first;
  const epochs: EpochState[] = [];
  for (let epoch = from; epoch < current; epoch++) epochs.push(await readEpoch(mining, epoch, time));
  const [dailyLimit, parameters, credit, payableNow, creditedInWhole] = await Promise.all([
    mining.dailyLimit(),
    mining.parametersAt(current),
    mining.creditOf(account),
    mining.previewWithdraw(account),
    mining.creditedOf(account),
  ]);
  const { weeklyCap, weeklyFloor, consumptionRatioBps } = parameters;
  return {
    network: connection.networkName,
    time,
    epoch: current,
    dailyLimit,
    parameters: { weeklyCap, weeklyFloor, consumptionRatioBps },
    epochs,
    account,
    credit,
    payableNow,
    creditedInWhole,
  };
}

async function readEpoch(mining: SocialMining, epoch: bigint, time: bigint): Promise<EpochState> {
  const [seen, budget, least, until] = await Promise.all([
    mining.epochOf(epoch),
    mining.budgetOf(epoch),
    mining.leastBudgetOf(epoch),
    mining.publishableUntil(epoch),
  ]);
  const { root, totalPoints, claimedPoints, credited, publishedAt, struckAt, claimableFrom, claimableUntil } = seen;
  const state = ((): string => {
    if (publishedAt === 0n) {
      const struck = struckAt === 0n ? "no root" : "struck";
      return time < until ? `${struck}, until ${formatMoment(until)}` : `${struck}, and too late for one`;
    }
    if (time < claimableFrom) return `strikes until ${formatMoment(claimableFrom)}`;
    if (time >= claimableUntil) return "expired";
    const waits = budget === 0n && seen.credited === 0n ? `waits until the stream has ${xmex(least)}, ` : "";
    return `${waits}claims until ${formatMoment(claimableUntil)}`;
  })();
  return { epoch, state, root, totalPoints, claimedPoints, budget, credited };
}

export function describeMining(m: MiningStatus): string {
  const { weeklyCap, weeklyFloor, consumptionRatioBps } = m.parameters;
  const rows = m.epochs.map(({ epoch, state, totalPoints, claimedPoints, budget, credited }) => [
    String(epoch),
    state,
    formatCount(totalPoints),
    formatCount(claimedPoints),
    xmex(budget),
    xmex(credited),
  ]);
  return [
    `Social mining on network "${m.network}" at ${formatMoment(m.time)}`,
    `epoch     ${String(m.epoch)}, over at ${formatMoment((m.epoch + 1n) * EPOCH_SECONDS)}`,
    `budget    ${xmex(weeklyFloor)} a week and ${String(Number(consumptionRatioBps) / 100)} % of what was consumed the week before, at most ${xmex(weeklyCap)}`,
    `a day     pays ${xmex(m.dailyLimit)} or a ninetieth of what is owed, and more by level`,
    ...(rows.length === 0
      ? ["epochs    none is over yet"]
      : [
          "",
          renderTable(
            [
              { title: "epoch", align: "right" },
              { title: "state", align: "left" },
              { title: "points", align: "right" },
              { title: "claimed", align: "right" },
              { title: "budget", align: "right" },
              { title: "credited", align: "right" },
            ],
            rows,
          ),
          "",
        ]),
    `account   ${m.account}, credited ${formatCount(m.creditedInWhole)} whole XMEX so far`,
    `owed      ${xmex(m.credit)}${m.credit === 0n ? "" : `, of which \`hardhat mining withdraw\` pays ${xmex(m.payableNow)} now`}`,
  ].join("\n");
}
