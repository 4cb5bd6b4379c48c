import { readFileSync } from "node:fs";

import { getBytes, keccak256, ZeroAddress } from "ethers";

import { currencyOf } from "../../../src/deployment/chains.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { EMISSION_STREAMS, TOTAL_SHARE_BPS } from "../../../src/xme/emission.js";
import { vxme } from "../../stake/words.js";
import type { SpendableToken } from "../../support/allowance.js";
import {
  basisPoints,
  duration,
  formatDuration,
  formatMoment,
  required,
  tokenAmount,
  wholeNumber,
} from "../../support/inputs.js";
import { carryOut, type Outcome, tokens } from "../../support/outcome.js";
import { chainTime, type Session } from "../../support/session.js";
import { percent } from "../../xp/words.js";
import { type Book, ERC20, type Intended } from "../book.js";
import { callTo, type Draft, givenContract, isSame, readDraft, readText, selectorFrom } from "../calls.js";
import {
  type Government,
  governmentCall,
  requireEther,
  signedGovernment,
  type Trial,
  tryFromTreasury,
} from "../government.js";
import { capital, termsOf } from "../proposals.js";

/** What every proposal takes. */
export interface ProposeInput {
  readonly title: string;
  readonly description: string;
  /** Whether to propose also what would be refused if it were carried out now. */
  readonly anyway: boolean;
}

/** Proposes what a file says: `hardhat gov propose`. */
export async function propose(session: Session, input: ProposeInput & { readonly file: string }): Promise<Outcome> {
  const government = signedGovernment(session);
  const file = required(
    "file",
    input.file,
    "write where the calls are as JSON, or see the commands under `hardhat gov propose --help`",
  );
  return makeProposal(government, readDraft(government.book, file, session.deployment.chainId), input);
}

/** Proposes how the emission of XMEX is shared out: `hardhat gov propose shares`. */
export async function proposeShares(
  session: Session,
  input: ProposeInput & { readonly shares: string },
): Promise<Outcome> {
  const government = signedGovernment(session);
  const advice = "write percent for each stream from 0 on, such as 60,10,20,10";
  const given = required("shares", input.shares, advice).split(",");
  if (given.length > EMISSION_STREAMS) {
    throw new ExplainedError(
      `--shares has ${String(given.length)} parts, and there are ${String(EMISSION_STREAMS)} streams: ${advice}.`,
    );
  }
  const sharesBps = given.map((part) => basisPoints("shares", part.replace("%", "").trim()));
  while (sharesBps.length < EMISSION_STREAMS) sharesBps.push(0n);
  const sum = sharesBps.reduce((total, bps) => total + bps, 0n);
  if (sum !== TOTAL_SHARE_BPS) {
    throw new ExplainedError(`--shares sum to ${percent(sum)}, and have to sum to 100 %: ${advice}.`);
  }
  return makeProposal(government, draft([callTo(government.book, "emissionVault", "setShares", [sharesBps])]), input);
}

/** Proposes who draws from a stream of the emission: `hardhat gov propose drawer`. */
export async function proposeDrawer(
  session: Session,
  input: ProposeInput & { readonly stream: string; readonly drawer: string },
): Promise<Outcome> {
  const government = signedGovernment(session);
  const stream = wholeNumber(
    "stream",
    input.stream,
    `write the stream's number, from 0 to ${String(EMISSION_STREAMS - 1)}`,
  );
  const drawer =
    input.drawer === "nobody"
      ? ZeroAddress
      : givenContract(
          government.book,
          "drawer",
          input.drawer,
          "write the address of the contract that draws, or nobody",
        );
  return makeProposal(
    government,
    draft([callTo(government.book, "emissionVault", "setDrawer", [stream, drawer])]),
    input,
  );
}

/** Proposes to spend from the treasury: `hardhat gov propose spend`. */
export async function proposeSpend(
  session: Session,
  input: ProposeInput & { readonly token: string; readonly amount: string; readonly to: string },
): Promise<Outcome> {
  const government = signedGovernment(session);
  const { book } = government;
  const currency = currencyOf(session.deployment.chainId);
  const symbol = required("token", input.token, `write XME, XMEX, ${currency}, or a token's address`);
  const to = givenRecipient(book, input.to, input.anyway);
  if ([currency, "ETH"].includes(symbol.toUpperCase())) {
    const value = positive("amount", tokenAmount("amount", input.amount, currency));
    return makeProposal(government, draft([{ target: to, value, data: "0x" }]), input);
  }
  const token = await tokenOf(government, symbol);
  const amount = positive("amount", tokenAmount("amount", input.amount, token.symbol, token.decimals));
  const data = ERC20.encodeFunctionData("transfer", [to, amount]);
  return makeProposal(government, draft([{ target: token.address, value: 0n, data }]), input);
}

/** Contracts of a deployment that have a use for what is sent to them outright: they pay it on, or governance can move it. */
const RECEIVING: readonly string[] = ["Vesting", "PublicSale", "MerkleAirdrop", "XmeGovernor"];

/** @returns who receives what the treasury spends */
function givenRecipient(book: Book, text: string, anyway: boolean): Address {
  const to = somebody("to", givenContract(book, "to", text, "write the address that receives it"));
  if (isSame(to, book.treasury)) throw new ExplainedError("--to is the treasury itself: nothing would move.");
  const entry = book.at(to);
  if (!entry || RECEIVING.includes(entry.kind) || anyway) return to;
  throw new ExplainedError(
    `--to is ${entry.label}, where what is sent outright belongs to nobody and stays for ever: write another address, or add --anyway.`,
  );
}

/** @throws ExplainedError for the zero address */
function somebody(option: string, account: Address): Address {
  if (account !== ZeroAddress) return account;
  throw new ExplainedError(`--${option} is the zero address, which belongs to nobody: write another.`);
}

function positive(option: string, amount: bigint): bigint {
  if (amount > 0n) return amount;
  throw new ExplainedError(`--${option} is zero: give a higher one.`);
}

/** The token that an option names. */
async function tokenOf({ book }: Government, text: string): Promise<SpendableToken> {
  const key = ["XME", "XMEX"].includes(text.toUpperCase()) ? text.toLowerCase() : text;
  const address = givenContract(book, "token", key, "write XME, XMEX, or a token's address");
  const token = await book.token(address);
  if (!token) throw new ExplainedError(`--token is ${address}, where there is no token: write another address.`);
  return token;
}

/** Refusals of a plan that no time could mend. */
const PLAN_MISTAKES: readonly string[] = [
  "TokenIsXme",
  "SliceOutOfRange",
  "IntervalOutOfRange",
  "EndOutOfRange",
  "NoPool",
].map((name) => `BuybackBurner_${name}`);

/** Proposes a plan that buys XME and burns it: `hardhat gov propose buyback`. */
export async function proposeBuyback(
  session: Session,
  input: ProposeInput & {
    readonly token: string;
    readonly fee: string;
    readonly total: string;
    readonly slice: string;
    readonly interval: string;
    readonly duration: string;
  },
): Promise<Outcome> {
  const government = signedGovernment(session);
  const { book, governor, session: own } = government;
  const token = await tokenOf(government, input.token);
  const amount = (option: "total" | "slice"): bigint =>
    positive(option, tokenAmount(option, input[option], token.symbol, token.decimals));
  const [total, slice] = [amount("total"), amount("slice")];
  const fee = basisPoints("fee", input.fee) * 100n;
  const [interval, lasts] = [duration("interval", input.interval), duration("duration", input.duration)];
  const held = await token.balanceOf(book.treasury);
  if (held < total && !input.anyway) {
    throw new ExplainedError(
      `The treasury holds ${tokens(held, token.symbol, token.decimals)}, less than the --total of ` +
        `${tokens(total, token.symbol, token.decimals)}: give a lower one, or --anyway if more comes.`,
    );
  }
  const [voting, wait, period, now] = await Promise.all([
    governor.votingDelay(),
    own.deployment.xme.timelock.getMinDelay(),
    governor.votingPeriod(),
    chainTime(own),
  ]);
  const burner = book.named("buybackBurner").address;
  const approve = { target: token.address, value: 0n, data: ERC20.encodeFunctionData("approve", [burner, total]) };
  const start = (end: bigint): Intended =>
    callTo(book, "buybackBurner", "startPlan", [token.address, fee, total, slice, interval, end]);
  return makeProposal(
    government,
    {
      ...draft([approve, start(now + voting + period + wait + lasts)]),
      // As if the plan started now: it lasts as long then.
      trials: [approve, start(now + lasts)],
      mistakes: PLAN_MISTAKES,
    },
    input,
  );
}

/** Seconds, of the 32 bits that an access manager has for them. */
const LONGEST_DELAY = 2n ** 32n - 1n;
/** The highest number of a role. */
const LAST_ROLE = 2n ** 64n - 1n;

/** Proposes who has a role and what it may call: `hardhat gov propose role`. */
export async function proposeRole(
  session: Session,
  input: ProposeInput & {
    readonly manager: string;
    readonly role: string;
    readonly grant: string;
    readonly revoke: string;
    readonly delay: string;
    readonly target: string;
    readonly functions: string;
  },
): Promise<Outcome> {
  const government = signedGovernment(session);
  const { book } = government;
  const manager = book.entries.find(({ key, kind }) => kind === "AccessManager" && key === input.manager);
  if (!manager) {
    const known = book.entries.filter(({ kind }) => kind === "AccessManager").map(({ key }) => key);
    throw new ExplainedError(`--manager is "${input.manager}": write one of ${known.join(", ")}.`);
  }
  const role = await givenRole(book, manager.address, input.role);
  const delay = duration("delay", input.delay);
  if (delay > LONGEST_DELAY) {
    throw new ExplainedError(
      `--delay is "${input.delay}": the longest that an access manager counts is ${formatCount(LONGEST_DELAY)} seconds, some 136 years.`,
    );
  }
  const optional = (option: "grant" | "revoke" | "target"): Address | undefined =>
    input[option] === "" ? undefined : givenContract(book, option, input[option], "write an address");
  const [grant, revoke, target] = [optional("grant"), optional("revoke"), optional("target")];
  if (grant !== undefined) somebody("grant", grant);
  if ((target === undefined) !== (input.functions === "")) {
    throw new ExplainedError(
      "--target and --functions belong together: give which contract's functions the role may call.",
    );
  }
  if (grant === undefined && revoke === undefined && target === undefined) {
    throw new ExplainedError("Nothing would change: give --grant, --revoke, or --target with --functions.");
  }
  const holds = async (account: Address): Promise<boolean> => {
    const [member] = (await manager.contract.getFunction("hasRole").staticCall(role, account)) as [boolean, bigint];
    return member;
  };
  if (revoke !== undefined && !(await holds(revoke))) {
    throw new ExplainedError(
      `${book.who(revoke)} has not ${await book.role(manager.address, role)}: \`hardhat roles\` shows who has.`,
    );
  }
  if (role === 0n && revoke !== undefined && isSame(revoke, book.treasury) && !input.anyway) {
    throw new ExplainedError(
      "Without the role admin the treasury's timelock governs nothing any more, and no vote could give it back: add --anyway if that is meant.",
    );
  }
  if (role === 0n && delay > 0n && grant !== undefined && isSame(grant, book.treasury) && !input.anyway) {
    throw new ExplainedError(
      "An administrator that waits has to schedule each call at the access manager first, by a proposal of its own: add --anyway if that is meant.",
    );
  }
  const manage = (name: string, args: readonly unknown[]): Intended => callTo(book, manager.key, name, args);
  const selectors =
    target === undefined
      ? []
      : input.functions.split(/,(?![^(]*\))/).map((text) => selectorFrom(book, target, text.trim()));
  return makeProposal(
    government,
    draft([
      ...(target === undefined ? [] : [manage("setTargetFunctionRole", [target, selectors, role])]),
      ...(grant === undefined ? [] : [manage("grantRole", [role, grant, delay])]),
      ...(revoke === undefined ? [] : [manage("revokeRole", [role, revoke])]),
    ]),
    input,
  );
}

async function givenRole(book: Book, manager: Address, text: string): Promise<bigint> {
  const names = await book.roles(manager);
  const known = [...names.values()].join(", ");
  const advice = `write a role's name (${known}) or its number`;
  const given = required("role", text, advice);
  const named = [...names].find(([, name]) => name === given);
  const role = named ? named[0] : wholeNumber("role", given, advice);
  if (role <= LAST_ROLE) return role;
  throw new ExplainedError(`--role is "${given}": roles have numbers from 0 to 2^64 − 1.`);
}

/** Proposes the next version of a policy: `hardhat gov propose policy`. */
export async function proposePolicy(
  session: Session,
  input: ProposeInput & { readonly policy: string; readonly text: string; readonly uri: string },
): Promise<Outcome> {
  const government = signedGovernment(session);
  const name = required("policy", input.policy, "write the policy's name");
  const uri = required("uri", input.uri, "write where everybody finds the text");
  const file = required("text", input.text, "write the file whose bytes everybody finds there");
  readText("text", file);
  const hash = keccak256(getBytes(readFileSync(file)));
  return makeProposal(
    government,
    draft([callTo(government.book, "policyRegistry", "publish", [name, hash, uri])]),
    input,
  );
}

function draft(calls: readonly Intended[]): Draft {
  return { title: "", description: "", calls };
}

/** Sends a proposal once its calls are known to be such as the treasury could make now. */
async function makeProposal(
  government: Government,
  { title, description, ...drafted }: Draft,
  input: ProposeInput,
): Promise<Outcome> {
  const { book, governor, session } = government;
  const { calls } = drafted;
  const told = await Promise.all(calls.map((call) => book.describe(call)));
  const reasons = input.description.startsWith("@")
    ? readText("description", input.description.slice(1))
    : input.description || description;
  const text = markdown(input.title || title, reasons.trim(), told);
  if (!input.anyway) for (const call of calls) await refuseLockout(government, call);
  const doubts = await doubtsOf(government, drafted, told, input.anyway);
  const [targets, values, calldatas] = termsOf({ calls, description: text });
  const call = governmentCall(government, governor, [], governor.propose, targets, values, calldatas, text);
  return carryOut(session, call, { token: government.vxme }, async (id) => {
    const [now, delay, period, wait, quorum, grace] = await Promise.all([
      chainTime(session),
      governor.votingDelay(),
      governor.votingPeriod(),
      session.deployment.xme.timelock.getMinDelay(),
      governor.quorum((await chainTime(session)) - 1n),
      governor.GRACE_PERIOD(),
    ]);
    const opens = now + delay;
    return [
      `Proposal ${String(id)}: ${text.split("\n")[0]?.slice(2) ?? ""}`,
      ...told.map((words, i) => `${String(i + 1)}. ${capital(words)}.`),
      ...doubts,
      `Votes count as they are at about ${formatMoment(opens)}; voting is open from then to ${formatMoment(opens + period)}.`,
      `"For" and "abstain" need ${vxme(quorum)} together as things stand, and "for" more than "against".`,
      `Then it waits ${formatDuration(wait)} from when it is queued, and is to be queued and executed within ${formatDuration(grace)} each.`,
    ];
  });
}

/** @returns the description: a heading, and the reasons under it */
function markdown(title: string, reasons: string, told: readonly string[]): string {
  const headed = /^#\s/.test(reasons);
  const heading =
    title.trim() || (headed ? "" : told.length === 1 ? capital(told[0] ?? "") : told.map(capital).join("; "));
  if (heading.includes("\n"))
    throw new ExplainedError("--title has several lines: write one, and the reasons as --description.");
  if (heading === "") return reasons;
  return reasons === "" ? `# ${heading}` : `# ${heading}\n\n${reasons}`;
}

/** Seconds: a timelock that waits for longer can answer to nothing, not even to shorten its own delay. As long as a deployment's may be. */
const LONGEST_WAIT = 2_592_000n;

/** @throws ExplainedError for a call after which no vote could undo it */
async function refuseLockout({ book, governor, session }: Government, { target, data }: Intended): Promise<void> {
  const meant = "add --anyway if that is meant.";
  const entry = book.at(target);
  const parsed = entry?.contract.interface.parseTransaction({ data });
  const [first, second] = (parsed?.args ?? []) as readonly unknown[];
  const own = await governor.getAddress();
  switch (`${entry?.kind ?? ""}.${parsed?.name ?? ""}`) {
    case "TimelockController.updateDelay":
      if ((first as bigint) <= LONGEST_WAIT) return;
      throw new ExplainedError(
        `The timelock would wait ${formatDuration(first as bigint)}, and nothing could shorten that sooner: ${meant}`,
      );
    case "TimelockController.revokeRole":
      if (!isSame(String(second), own)) return;
      throw new ExplainedError(`Without its roles at the timelock the governor decides nothing any more: ${meant}`);
    case "XmeGovernor.updateTimelock": {
      const next = session.deployment.xme.timelock.attach(String(first)) as typeof session.deployment.xme.timelock;
      const proposes = await next.PROPOSER_ROLE().then(
        (role) => next.hasRole(role, own),
        () => false,
      );
      if (proposes) return;
      throw new ExplainedError(
        `The governor would have no role at the timelock ${String(first)}, and no role of this one goes with it: ${meant}`,
      );
    }
  }
}

/** @returns the name of the error that a call was refused with; an empty one where that is no error of its target */
function nameOf({ book }: Government, { target }: Intended, { data }: Trial): string {
  return (data === undefined ? undefined : book.at(target)?.contract.interface.parseError(data)?.name) ?? "";
}

/**
 * Tries what would be carried out, as the treasury, before anybody is asked to vote on it. What is tried after another call has not seen what
 * that one does, so its refusal may come from that alone and is only told, unless it is one that nothing but other arguments could help.
 * @throws ExplainedError if the first call would be refused, or a later one by a mistake in its arguments
 */
async function doubtsOf(
  government: Government,
  { calls, trials = calls, mistakes = [] }: Pick<Draft, "calls" | "trials" | "mistakes">,
  told: readonly string[],
  anyway: boolean,
): Promise<readonly string[]> {
  if (!anyway) await requireEther(government, calls);
  const doubts: string[] = [];
  for (const [i, call] of trials.entries()) {
    const trial = await tryFromTreasury(government, call);
    if (!trial) continue;
    // What a call before it approves is not there yet.
    if (/needed: let a call before it approve them\.$/.test(trial.refusal) && i > 0) continue;
    if (!anyway && (i === 0 || mistakes.includes(nameOf(government, call, trial)))) {
      throw new ExplainedError(
        `${capital(told[i] ?? "")}: the treasury could not do that now. ${trial.refusal} Add --anyway to propose it all the same.`,
      );
    }
    doubts.push(
      `Call ${formatCount(i + 1)} would be refused now${i === 0 ? "" : ", without those before it"}: ${trial.refusal}`,
    );
  }
  return doubts;
}
