import { ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../../src/format.js";
import { carryOutSpending } from "../../support/allowance.js";
import {
  basisPoints,
  duration,
  formatDuration,
  formatMoment,
  textHash,
  tokenAmount,
  wholeNumber,
} from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { recipientOf } from "../../support/recipient.js";
import { type Call, callOf } from "../../support/send.js";
import { chainTime, type Session } from "../../support/session.js";
import {
  type Flywheel,
  flywheelCall,
  flywheelOf,
  givenAgent,
  inTurns,
  partOf,
  reading,
  signedFlywheel,
} from "../flywheel.js";
import { type JobStateName, jobState, paid, percent } from "../words.js";

function givenJob(text: string): bigint {
  return wholeNumber("job", text, "write the job's number, such as 1; `hardhat xp jobs` lists them");
}

export interface OpenInput {
  readonly agent: string;
  readonly payment: string;
  readonly minTrust: string;
  readonly openFor: string;
  readonly deliverWithin: string;
  readonly terms: string;
}

/** Puts a payment in escrow for a job: `hardhat xp open`. */
export async function open(session: Session, input: OpenInput): Promise<Outcome> {
  const agentId = input.agent === "" ? 0n : givenAgent(input.agent);
  const minTrust = wholeNumber("min-trust", input.minTrust, "write whole points from 0 to 100");
  const openFor = duration("open-for", input.openFor);
  const deliverWithin = duration("deliver-within", input.deliverWithin);
  const terms = textHash("terms", input.terms, "write what is to be done, or the Keccak-256 hash of it");
  const flywheel = await signedFlywheel(session);
  const { payment: token, serviceMarket: market } = flywheel;
  const payment = tokenAmount("payment", input.payment, token.symbol, token.decimals);
  const openUntil = (await chainTime(session)) + openFor;
  const job = [agentId, payment, minTrust, openUntil, deliverWithin, terms] as const;
  return carryOutSpending(
    session,
    { token, spender: market, amount: payment },
    (permit) =>
      permit
        ? flywheelCall(flywheel, market, market.openWithPermit, ...job, permit.deadline, permit.v, permit.r, permit.s)
        : flywheelCall(flywheel, market, market.open, ...job),
    { token },
    async (jobId) => {
      const bond = (payment * (await market.bondBps()) + 9_999n) / 10_000n;
      return [
        `Job ${formatCount(jobId)} or a later number, with ${paid(payment, token)} in escrow, for ${agentId === 0n ? "any agent" : `agent ${formatCount(agentId)}`}` +
          `${minTrust === 0n ? "" : ` with at least ${formatCount(minTrust)} points of trust`}.`,
        `Open to acceptance until ${formatMoment(openUntil)}, then ${formatDuration(deliverWithin)} to deliver; each side's bond is ${paid(bond, token)}.`,
        `The terms are kept as the hash ${terms}: both sides keep the text.`,
      ];
    },
  );
}

/** How money goes in one outcome. */
interface Shares {
  readonly toPayee: bigint;
  readonly toClient: bigint;
  readonly toTreasury: bigint;
}

function sharesIn({ toPayee, toClient, toTreasury }: Shares, { payment }: Flywheel): string {
  const part = (amount: bigint, whom: string): readonly string[] =>
    amount === 0n ? [] : [`${paid(amount, payment)} to ${whom}`];
  return [
    ...part(toPayee, "the agent's side"),
    ...part(toClient, "the client"),
    ...part(toTreasury, "the treasury"),
  ].join(", ");
}

type OutcomeName = "settled" | "refunded" | "ruledForAgent" | "ruledForClient" | "split";

/** Carries out a call that ends a job, after saying where the money goes. */
async function ending<R>(
  session: Session,
  flywheel: Flywheel,
  jobId: bigint,
  outcome: OutcomeName,
  call: Call<R>,
): Promise<Outcome> {
  return carryOut(session, call, { token: flywheel.payment }, async () => {
    const outcomes = await flywheel.serviceMarket.outcomesOf(jobId);
    return [
      `Credited: ${sharesIn(outcomes[outcome], flywheel)}; \`hardhat xp withdraw\` takes a credit out.`,
      outcome === "split"
        ? "The job counts for nothing."
        : outcome === "settled" || outcome === "ruledForAgent"
          ? "The job counts as done."
          : "The job counts as failed.",
    ];
  });
}

interface JobInput {
  readonly job: string;
}

/** Takes back a job that nobody accepted: `hardhat xp cancel`. */
export async function cancel(session: Session, { job }: JobInput): Promise<Outcome> {
  const jobId = givenJob(job);
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market, payment } = flywheel;
  return carryOut(session, flywheelCall(flywheel, market, market.cancel, jobId), { token: payment }, async () => {
    const { client, payment: amount } = await market.jobOf(jobId);
    return [`${paid(amount, payment)} credited to ${client}; \`hardhat xp withdraw\` takes a credit out.`];
  });
}

/** Takes a job for an agent: `hardhat xp accept`. */
export async function accept(
  session: Session,
  { job, agent, maxFee }: JobInput & { readonly agent: string; readonly maxFee: string },
): Promise<Outcome> {
  const jobId = givenJob(job);
  const agentId = givenAgent(agent);
  const limit = maxFee === "" ? undefined : basisPoints("max-fee", maxFee);
  const flywheel = await signedFlywheel(session);
  const { payment: token, serviceMarket: market } = flywheel;
  const { bond, feeBps } = await reading(flywheel, () => market.previewAccept(jobId, agentId));
  // What is shown is what is accepted: a fee that rises meanwhile, as where a tier ends, is refused unless it was allowed.
  const acceptance = [jobId, agentId, limit ?? feeBps] as const;
  return carryOutSpending(
    session,
    { token, spender: market, amount: bond },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            market,
            market.acceptWithPermit,
            ...acceptance,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, market, market.accept, ...acceptance),
    { token },
    async () => {
      const { fee, net, payee, deadline, feeBps: now } = await market.previewAccept(jobId, agentId);
      return [
        `A bond of ${paid(bond, token)} from ${session.account}, which comes back with the payment.`,
        `Done well, the job brings ${paid(net, token)} to ${payee}, after a fee of ${percent(now)}, ${paid(fee, token)}.`,
        `To be delivered by about ${formatMoment(deadline)}; otherwise bond and payment go to the client.`,
      ];
    },
  );
}

/** Says that a job is done: `hardhat xp deliver`. */
export async function deliver(
  session: Session,
  { job, result }: JobInput & { readonly result: string },
): Promise<Outcome> {
  const jobId = givenJob(job);
  const hash = textHash("result", result, "write what was done, or the Keccak-256 hash of it");
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market, payment } = flywheel;
  const call = flywheelCall(flywheel, market, market.deliver, jobId, hash);
  return carryOut(session, call, { token: payment }, async () => {
    const reviewUntil = (await chainTime(session)) + (await market.REVIEW_WINDOW());
    return [
      `The client may reject it until about ${formatMoment(reviewUntil)}; after that anybody may settle the job.`,
      `The result is kept as the hash ${hash}: send the client the result itself.`,
    ];
  });
}

/** Pays for a delivery: `hardhat xp settle`. */
export async function settle(session: Session, { job }: JobInput): Promise<Outcome> {
  const jobId = givenJob(job);
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market } = flywheel;
  return ending(session, flywheel, jobId, "settled", flywheelCall(flywheel, market, market.settle, jobId));
}

/** Calls the arbiter: `hardhat xp reject`. */
export async function reject(
  session: Session,
  { job, reason }: JobInput & { readonly reason: string },
): Promise<Outcome> {
  const jobId = givenJob(job);
  const hash = textHash("reason", reason, "write what is wrong, or the Keccak-256 hash of it");
  const flywheel = await signedFlywheel(session);
  const { payment: token, serviceMarket: market } = flywheel;
  const { bond } = await reading(flywheel, () => market.jobOf(jobId));
  return carryOutSpending(
    session,
    { token, spender: market, amount: bond },
    (permit) =>
      permit
        ? flywheelCall(
            flywheel,
            market,
            market.rejectWithPermit,
            jobId,
            hash,
            permit.deadline,
            permit.v,
            permit.r,
            permit.s,
          )
        : flywheelCall(flywheel, market, market.reject, jobId, hash),
    { token },
    async () => {
      const [outcomes, window, now] = await Promise.all([
        market.outcomesOf(jobId),
        market.ARBITRATION_WINDOW(),
        chainTime(session),
      ]);
      return [
        `A bond of ${paid(bond, token)} from ${session.account}; the arbiter may rule until about ${formatMoment(now + window)}.`,
        `If it finds for the client: ${sharesIn(outcomes.ruledForClient, flywheel)}.`,
        `If it finds for the agent: ${sharesIn(outcomes.ruledForAgent, flywheel)}.`,
        `If it stays silent: ${sharesIn(outcomes.split, flywheel)}.`,
      ];
    },
  );
}

/** Rules on a rejected delivery, for the arbiter: `hardhat xp rule`. */
export async function rule(
  session: Session,
  { job, winner }: JobInput & { readonly winner: string },
): Promise<Outcome> {
  const jobId = givenJob(job);
  if (winner !== "agent" && winner !== "client") {
    throw new ExplainedError(`--winner is ${winner === "" ? "missing" : `"${winner}"`}: choose agent or client.`);
  }
  const forAgent = winner === "agent";
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market } = flywheel;
  const call = flywheelCall(flywheel, market, market.rule, jobId, forAgent);
  return ending(session, flywheel, jobId, forAgent ? "ruledForAgent" : "ruledForClient", call);
}

/** Ends a job whose arbiter stayed silent: `hardhat xp split`. */
export async function split(session: Session, { job }: JobInput): Promise<Outcome> {
  const jobId = givenJob(job);
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market } = flywheel;
  return ending(session, flywheel, jobId, "split", flywheelCall(flywheel, market, market.split, jobId));
}

/** Ends a job that was not delivered: `hardhat xp refund`. */
export async function refund(session: Session, { job }: JobInput): Promise<Outcome> {
  const jobId = givenJob(job);
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market } = flywheel;
  return ending(session, flywheel, jobId, "refunded", flywheelCall(flywheel, market, market.refund, jobId));
}

/** Takes out what the market owes the account: `hardhat xp withdraw`. */
export async function withdraw(session: Session, { to }: { to: string }): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market, payment } = flywheel;
  const call = flywheelCall(flywheel, market, market.withdraw, recipient);
  return carryOut(session, call, { token: payment, account: recipient }, (amount) => [
    `${paid(amount, payment)}, all of the credit, to ${recipient}.`,
  ]);
}

/** Sends the treasury its fees: `hardhat xp collect`. Anybody may. */
export async function collect(session: Session): Promise<Outcome> {
  const flywheel = await signedFlywheel(session);
  const { serviceMarket: market, payment } = flywheel;
  const treasury = (await market.treasury()) as Address;
  const call = flywheelCall(flywheel, market, market.collectFees);
  return carryOut(session, call, { token: payment, account: treasury }, (amount) => [
    `${paid(amount, payment)} to the treasury, ${treasury}.`,
  ]);
}

/** Takes test dollars: `hardhat xp faucet`. */
export async function faucet(session: Session, { amount: text, to }: { amount: string; to: string }): Promise<Outcome> {
  const recipient = recipientOf(session, to);
  const flywheel = await signedFlywheel(session);
  const { payment: token, paymentToken: dollar, words } = flywheel;
  const amount = tokenAmount("amount", text, token.symbol, token.decimals);
  await partOf(session, token.address, ["function FAUCET_LIMIT() view returns (uint256)"])
    .getFunction("FAUCET_LIMIT")
    .staticCall()
    .catch((cause: unknown) => {
      throw new ExplainedError(`${token.symbol} is no test dollar, and nobody gives it away.`, { cause });
    });
  const call = callOf(dollar, words.paymentToken, dollar.faucet, recipient, amount);
  return carryOut(session, call, { token, account: recipient }, () => [
    `${paid(amount, token)} to ${recipient}, for nothing: it is worth nothing.`,
  ]);
}

/** A job; amounts in base units, times in seconds. */
export interface JobStatus {
  readonly network: string;
  readonly time: bigint;
  readonly job: bigint;
  readonly state: JobStateName;
  readonly client: Address;
  readonly payment: bigint;
  readonly bond: bigint;
  /** Zero for any agent. */
  readonly agent: bigint;
  readonly minTrust: bigint;
  readonly openUntil: bigint;
  readonly deliverWithin: bigint;
  readonly payee: Address | undefined;
  readonly feeBps: bigint | undefined;
  readonly until: bigint;
  readonly overdue: boolean;
  /** Where the money goes in each outcome that is still possible, or went. */
  readonly outcomes: Readonly<Record<string, Shares>>;
  readonly token: { readonly symbol: string; readonly decimals: number };
}

/** Outcomes that each state can still come to. */
const POSSIBLE: Readonly<Partial<Record<JobStateName, readonly OutcomeName[]>>> = {
  accepted: ["settled", "refunded", "ruledForAgent", "ruledForClient", "split"],
  delivered: ["settled", "ruledForAgent", "ruledForClient", "split"],
  rejected: ["ruledForAgent", "ruledForClient", "split"],
  settled: ["settled"],
  refunded: ["refunded"],
  "ruled for the agent": ["ruledForAgent"],
  "ruled for the client": ["ruledForClient"],
  split: ["split"],
};

const OUTCOME_WORDS: Readonly<Record<OutcomeName, string>> = {
  settled: "settled",
  refunded: "not delivered",
  ruledForAgent: "ruled for the agent",
  ruledForClient: "ruled for the client",
  split: "not ruled on",
};

/** Reads a job: `hardhat xp job`. */
export async function readJob(session: Session, { job }: JobInput): Promise<JobStatus> {
  const jobId = givenJob(job);
  const flywheel = await flywheelOf(session);
  const { serviceMarket: market, payment: token } = flywheel;
  const found = await reading(flywheel, () => market.jobOf(jobId));
  const state = jobState(found.state);
  const possible = POSSIBLE[state] ?? [];
  const outcomes: Partial<Record<OutcomeName, Shares>> = possible.length === 0 ? {} : await market.outcomesOf(jobId);
  return {
    network: session.connection.networkName,
    time: await chainTime(session),
    job: jobId,
    state,
    client: found.client as Address,
    payment: found.payment,
    bond: found.bond,
    agent: found.agentId,
    minTrust: found.minTrust,
    openUntil: found.openUntil,
    deliverWithin: found.deliverWithin,
    payee: found.payee === ZeroAddress ? undefined : (found.payee as Address),
    feeBps: found.payee === ZeroAddress ? undefined : found.feeBps,
    until: found.until,
    overdue: found.overdue,
    outcomes: Object.fromEntries(
      possible.map((name) => {
        const { toPayee, toClient, toTreasury } = outcomes[name] ?? { toPayee: 0n, toClient: 0n, toTreasury: 0n };
        return [OUTCOME_WORDS[name], { toPayee, toClient, toTreasury }];
      }),
    ),
    token: { symbol: token.symbol, decimals: token.decimals },
  };
}

/** Who may do what with a job now. */
function next({ state, until, overdue, minTrust, agent }: JobStatus): readonly string[] {
  const end = formatMoment(until);
  switch (state) {
    case "open":
      return overdue
        ? [`cancel: anybody, since nobody accepted it by ${end}`]
        : [
            `accept: ${agent === 0n ? "any agent" : `agent ${formatCount(agent)}`}${minTrust === 0n ? "" : ` with at least ${formatCount(minTrust)} points of trust`}, until ${end}`,
            "cancel: the client, at any time before",
          ];
    case "accepted":
      return overdue
        ? [`refund: anybody, since it was not delivered by ${end}`]
        : [`deliver: the agent, until ${end}`, "refund: anybody, after that"];
    case "delivered":
      return overdue
        ? [`settle: anybody, since the client did not reject it by ${end}`]
        : [`settle: the client, at once`, `reject: the client, until ${end}`, "settle: anybody, after that"];
    case "rejected":
      return overdue
        ? [`split: anybody, since nobody ruled by ${end}`]
        : [`rule: the arbiter, until ${end}`, "split: anybody, after that"];
    case "cancelled":
      return [];
    default:
      return [`ended at ${end}`];
  }
}

export function describeJob(status: JobStatus): string {
  const { token } = status;
  const pay = (amount: bigint): string => (amount === 0n ? "–" : paid(amount, token));
  if (status.state === "cancelled") {
    return `Job ${formatCount(status.job)} was cancelled: nobody had accepted it, and its payment was credited to its client.`;
  }
  const rows = Object.entries(status.outcomes).map(([name, { toPayee, toClient, toTreasury }]) => [
    name,
    pay(toPayee),
    pay(toClient),
    pay(toTreasury),
  ]);
  const columns = [
    { title: "outcome", align: "left" },
    { title: "agent's side", align: "right" },
    { title: "client", align: "right" },
    { title: "treasury", align: "right" },
  ] as const;
  return [
    `Job ${formatCount(status.job)} on network "${status.network}" is ${status.state} at ${formatMoment(status.time)}`,
    `client   ${status.client}`,
    `agent    ${status.agent === 0n ? "any" : formatCount(status.agent)}${status.payee === undefined ? "" : `, for ${status.payee}`}`,
    `payment  ${paid(status.payment, token)}, bonds of ${paid(status.bond, token)}${status.feeBps === undefined ? "" : `, a fee of ${percent(status.feeBps)}`}`,
    `time     ${formatDuration(status.deliverWithin)} to deliver`,
    ...next(status).map((line, i) => `${i === 0 ? "next" : "    "}     ${line}`),
    ...(rows.length === 0 ? [] : ["", renderTable(columns, rows)]),
  ].join("\n");
}

/** A job as the list shows it. */
export type ListedJob = Pick<JobStatus, "job" | "state" | "payment" | "agent" | "minTrust" | "until" | "overdue">;

export interface JobList {
  readonly jobs: readonly ListedJob[];
  readonly looked: bigint;
  readonly count: bigint;
  readonly token: JobStatus["token"];
}

/** Lists the latest jobs, those that wait for somebody unless all are wanted: `hardhat xp jobs`. */
export async function readJobs(session: Session, { last, all }: { last: string; all: boolean }): Promise<JobList> {
  const most = wholeNumber("last", last, "write how many of the latest to look at");
  const flywheel = await flywheelOf(session);
  const { serviceMarket: market, payment } = flywheel;
  const count = await market.jobCount();
  const looked = count < most ? count : most;
  const ids = Array.from({ length: Number(looked) }, (_, i) => count - BigInt(i));
  const found = await inTurns(ids, async (job) => {
    const { state, payment: amount, agentId, minTrust, until, overdue } = await market.jobOf(job);
    return { job, state: jobState(state), payment: amount, agent: agentId, minTrust, until, overdue };
  });
  const waiting = ["open", "accepted", "delivered", "rejected"];
  const jobs = all ? found : found.filter(({ state }) => waiting.includes(state));
  return { jobs, looked, count, token: { symbol: payment.symbol, decimals: payment.decimals } };
}

export function describeJobs({ jobs, looked, count, token }: JobList): string {
  const columns = [
    { title: "job", align: "right" },
    { title: "state", align: "left" },
    { title: "payment", align: "right" },
    { title: "agent", align: "right" },
    { title: "trust", align: "right" },
    { title: "until", align: "left" },
  ] as const;
  const rows = jobs.map(({ job, state, payment, agent, minTrust, until, overdue }) => [
    formatCount(job),
    state,
    state === "cancelled" ? "–" : paid(payment, token),
    agent === 0n ? "any" : formatCount(agent),
    formatCount(minTrust),
    state === "cancelled" ? "–" : `${formatMoment(until)}${overdue ? ", over" : ""}`,
  ]);
  const scope = `of the latest ${formatCount(looked)} of ${formatCount(count)} jobs`;
  return jobs.length === 0
    ? `None ${scope} waits for anybody.`
    : `${renderTable(columns, rows)}\n${formatCount(jobs.length)} ${scope}.`;
}
