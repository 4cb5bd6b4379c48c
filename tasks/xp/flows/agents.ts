import { hexlify, isHexString, toUtf8Bytes, ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { MAX_CONSENT_DELAY, type RegistryPlace, signConsent } from "../../../src/xp/agents.js";
import { formatDuration, formatMoment, required, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { givenRecipient } from "../../support/recipient.js";
import { chainTime, type Session, sessionOf, signerOf } from "../../support/session.js";
import { AskingSigner } from "../../support/signers.js";
import { type Fee, readFee } from "../fee.js";
import { type Flywheel, flywheelCall, flywheelOf, givenAgent, reading, signedFlywheel } from "../flywheel.js";
import { isAt } from "../modules.js";
import { type Claimable, claimableOf } from "../weeks.js";
import { paid, percent, points, quoted, xp, shownFact } from "../words.js";

/** @returns text as UTF-8, or the bytes of a hexadecimal number */
function bytesOf(text: string): string {
  return isHexString(text) && text.length % 2 === 0 ? text : hexlify(toUtf8Bytes(text));
}

function givenMetadata(text: string): { metadataKey: string; metadataValue: string }[] {
  if (text === "") return [];
  const advice = `write a JSON object of texts, such as '{"model":"small"}'`;
  let entries: [string, unknown][];
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no object");
    entries = Object.entries(value);
  } catch (cause) {
    throw new ExplainedError(`--metadata is "${text}": ${advice}.`, { cause });
  }
  return entries.map(([metadataKey, value]) => {
    if (typeof value !== "string") {
      throw new ExplainedError(`--metadata has no text under "${metadataKey}": ${advice}.`);
    }
    return { metadataKey, metadataValue: bytesOf(value) };
  });
}

/** Registers an agent: `hardhat xp register`. */
export async function register(
  session: Session,
  { uri, metadata: metadataText }: { uri: string; metadata: string },
): Promise<Outcome> {
  const metadata = givenMetadata(metadataText);
  const flywheel = await signedFlywheel(session);
  const { agentRegistry: registry } = flywheel;
  const call =
    metadata.length > 0
      ? flywheelCall(flywheel, registry, registry["register(string,(string,bytes)[])"], uri, metadata)
      : uri === ""
        ? flywheelCall(flywheel, registry, registry["register()"])
        : flywheelCall(flywheel, registry, registry["register(string)"], uri);
  return carryOut(session, call, { token: flywheel.xpToken }, (agentId) => [
    `Agent ${formatCount(agentId)} or a later number, owned by ${session.account}, which is its wallet too.`,
    uri === ""
      ? "Its registration file can follow with `hardhat xp uri`."
      : `Its registration file is at ${quoted(uri)}.`,
    ...metadata.map(
      ({ metadataKey, metadataValue }) => `Metadata ${quoted(metadataKey)} = ${shownFact(metadataValue)}.`,
    ),
  ]);
}

/** Moves an agent's registration file: `hardhat xp uri`. */
export async function moveFile(session: Session, { agent, uri }: { agent: string; uri: string }): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const flywheel = await signedFlywheel(session);
  const { agentRegistry: registry } = flywheel;
  const call = flywheelCall(flywheel, registry, registry.setAgentURI, agentId, uri);
  return carryOut(session, call, { token: flywheel.xpToken }, async () => [
    `The registration file of agent ${formatCount(agentId)} moves from ${quoted(await registry.tokenURI(agentId))} to ${quoted(uri)}.`,
  ]);
}

/** Sets a fact about an agent: `hardhat xp metadata`. */
export async function setMetadata(
  session: Session,
  { agent, key, value }: { agent: string; key: string; value: string },
): Promise<Outcome> {
  const agentId = givenAgent(agent);
  required("key", key, "write under which name it is to be known");
  const flywheel = await signedFlywheel(session);
  const { agentRegistry: registry } = flywheel;
  const bytes = bytesOf(value);
  const call = flywheelCall(flywheel, registry, registry.setMetadata, agentId, key, bytes);
  return carryOut(session, call, { token: flywheel.xpToken }, async () => [
    `What is known of agent ${formatCount(agentId)} under ${quoted(key)} changes from ${shownFact(await registry.getMetadata(agentId, key))} to ${shownFact(bytes)}.`,
  ]);
}

async function placeOf(session: Session, { agentRegistry }: Flywheel): Promise<RegistryPlace> {
  const { chainId } = await session.connection.ethers.provider.getNetwork();
  return { chainId, registry: (await agentRegistry.getAddress()) as Address };
}

/** A wallet's consent, for whoever tells it to the registry. */
export interface Consent {
  readonly network: string;
  readonly agent: bigint;
  readonly wallet: Address;
  readonly owner: Address;
  readonly deadline: bigint;
  readonly signature: string;
}

/** Signs that the account becomes an agent's wallet, and sends nothing: `hardhat xp consent`. */
export async function consent(session: Session, { agent }: { agent: string }): Promise<Consent> {
  const agentId = givenAgent(agent);
  const flywheel = await flywheelOf(session);
  const signer = signerOf(session);
  const owner = (await reading(flywheel, () => flywheel.agentRegistry.ownerOf(agentId))) as Address;
  const deadline = (await chainTime(session)) + MAX_CONSENT_DELAY;
  const wallet = session.account;
  const terms = { agentId, newWallet: wallet, owner, deadline };
  session.consent?.expect([agreement({ agent: agentId, wallet, owner, deadline })]);
  const signature = await signConsent(signer, await placeOf(session, flywheel), terms);
  return { network: session.connection.networkName, agent: agentId, wallet, owner, deadline, signature };
}

type Terms = Pick<Consent, "agent" | "wallet" | "owner" | "deadline">;

function agreement({ agent, wallet, owner, deadline }: Terms): string {
  return (
    `${wallet} agrees to receive what agent ${formatCount(agent)} earns while ${owner} owns it, if that is told to the registry by ` +
    `${formatMoment(deadline)}.`
  );
}

export function describeConsent(consented: Consent): string {
  const { agent, wallet, deadline, signature } = consented;
  return [
    agreement(consented),
    "The agent's owner tells it with",
    "",
    `hardhat xp wallet --agent ${String(agent)} --wallet ${wallet} --deadline ${String(deadline)} --signature ${signature}`,
  ].join("\n");
}

export interface WalletInput {
  readonly agent: string;
  readonly wallet: string;
  readonly signature: string;
  readonly deadline: string;
  readonly unset: boolean;
}

/** Gives an agent another wallet, with that one's consent, or none: `hardhat xp wallet`. */
export async function setWallet(session: Session, input: WalletInput): Promise<Outcome> {
  const { wallet: walletText, unset } = input;
  const agentId = givenAgent(input.agent);
  if (unset && walletText !== "") {
    throw new ExplainedError("--wallet and --unset say opposite things: give one of them.");
  }
  const flywheel = await signedFlywheel(session);
  const { agentRegistry: registry } = flywheel;
  const holding = { token: flywheel.xpToken };
  if (unset) {
    const call = flywheelCall(flywheel, registry, registry.unsetAgentWallet, agentId);
    return carryOut(session, call, holding, async () => [
      `Agent ${formatCount(agentId)} loses its wallet ${await registry.getAgentWallet(agentId)}; its owner receives what it earns from its next job on.`,
    ]);
  }
  required("wallet", walletText, "write the new wallet's address or its index among the accounts, or add --unset");
  const { connection, deployment } = session;
  const wallet = await sessionOf(connection, deployment, walletText).catch((error: unknown) => {
    if (!(error instanceof ExplainedError)) throw error;
    throw new ExplainedError(error.message.replace("--account", "--wallet"), { cause: error });
  });
  const { deadline, signature } = await consentFor(wallet, agentId, input, session.consent);
  const call = flywheelCall(flywheel, registry, registry.setAgentWallet, agentId, wallet.account, deadline, signature);
  return carryOut(session, call, holding, () => [
    `${wallet.account} receives what agent ${formatCount(agentId)} earns from its next job on; a transfer of the agent ends that.`,
  ]);
}

async function consentFor(
  wallet: Session,
  agentId: bigint,
  { signature, deadline }: WalletInput,
  asked: Session["consent"],
): Promise<{ deadline: bigint; signature: string }> {
  if (signature !== "" || deadline !== "") {
    const advice = "it comes with the wallet's consent, see `hardhat xp consent`";
    if (!isHexString(required("signature", signature, advice))) {
      throw new ExplainedError(`--signature is "${signature}": write it in hexadecimal, beginning with 0x.`);
    }
    return { signature, deadline: wholeNumber("deadline", deadline, advice) };
  }
  if (!wallet.signer) {
    throw new ExplainedError(
      `Network "${wallet.connection.networkName}" has no key of ${wallet.account}, whose consent is needed: let it sign with ` +
        `\`hardhat xp consent --agent ${String(agentId)}\` where its key is, then give --signature and --deadline.`,
    );
  }
  const signer = asked ? new AskingSigner(wallet.signer, asked) : wallet.signer;
  return consent({ ...wallet, signer, ...(asked ? { consent: asked } : {}) }, { agent: String(agentId) });
}

/** Gives an agent away: `hardhat xp transfer`. */
export async function transfer(session: Session, { agent, to }: { agent: string; to: string }): Promise<Outcome> {
  const agentId = givenAgent(agent);
  const recipient = givenRecipient(session, "to", to, "give the address that is to own the agent");
  const flywheel = await signedFlywheel(session);
  const { agentRegistry: registry, modules, xpToken } = flywheel;
  const owner = await reading(flywheel, () => registry.ownerOf(agentId));
  const method = registry["safeTransferFrom(address,address,uint256)"];
  const call = flywheelCall(flywheel, registry, method, owner, recipient, agentId);
  return carryOut(session, call, { token: xpToken }, async () => {
    const [wallet, claimable, estimate = 0n] = await Promise.all([
      registry.getAgentWallet(agentId),
      claimableOf(flywheel, agentId),
      modules.live.redistributor?.estimateOf(agentId),
    ]);
    const lost = wallet === ZeroAddress ? "It has no wallet" : `It loses its wallet ${wallet}`;
    return [
      `Agent ${formatCount(agentId)} goes from ${owner} to ${recipient}, who alone can give it back.`,
      `${lost}: what it earns from its next job on goes to ${recipient}; jobs that it has accepted pay whom they named then.`,
      claimable.length === 0
        ? "No XP waits to be claimed for it."
        : `Unclaimed XP goes with it: ${sumOf(claimable)}. To keep it, stop here and run \`hardhat xp claim --agent ${String(agentId)}\` first.`,
      ...(estimate === 0n
        ? []
        : [
            `What it earns in this week goes with it too, and cannot be claimed yet: ${xp(estimate)} if the week ended now.`,
          ]),
    ];
  });
}

/** @returns such as "600 XP, from epoch 1: 500 XP, epoch 2: 100 XP" */
function sumOf(claimable: readonly Pick<Claimable, "epoch" | "amount">[]): string {
  const total = claimable.reduce((sum, { amount }) => sum + amount, 0n);
  return `${xp(total)}, from ${claimable.map(({ epoch, amount }) => `epoch ${formatCount(epoch)}: ${xp(amount)}`).join(", ")}`;
}

/** An agent as everybody sees it; amounts in base units, trust with 18 decimals, times in seconds. */
export interface AgentStatus {
  readonly network: string;
  readonly time: bigint;
  readonly agent: bigint;
  readonly owner: Address;
  /** Undefined where its owner receives what it earns. */
  readonly wallet: Address | undefined;
  readonly uri: string;
  readonly registeredAt: bigint;
  /** Undefined where the market asks no reputation that is known here. */
  readonly trust:
    | {
        readonly total: bigint;
        readonly success: bigint;
        readonly lockedBonus: bigint;
        readonly age: bigint;
      }
    | undefined;
  readonly locked: bigint;
  /** XP that is still locked to it in the reputation with which the deployment began, where the market asks that no more. */
  readonly left: { readonly reputation: Address; readonly xp: bigint } | undefined;
  readonly volumes: { readonly accepted: bigint; readonly settled: bigint };
  /** What the owner pays now, and until when if that was bought. */
  readonly fee: Fee;
  /** Undefined where the market asks no redistributor that is known here. */
  readonly week:
    | {
        readonly epoch: bigint;
        readonly fees: bigint;
        readonly accepted: bigint;
        readonly settled: bigint;
        readonly clients: bigint;
        /** XP, if the week ended now. */
        readonly estimate: bigint;
      }
    | undefined;
  readonly claimable: readonly { readonly epoch: bigint; readonly amount: bigint }[];
  /** How the market differs from the deployment's record. */
  readonly notes: readonly string[];
  readonly payment: { readonly symbol: string; readonly decimals: number };
}

/** Reads everything about an agent: `hardhat xp agent`. */
export async function readAgent(session: Session, { agent }: { agent: string }): Promise<AgentStatus> {
  const agentId = givenAgent(agent);
  const flywheel = await flywheelOf(session);
  const { agentRegistry, serviceMarket, xp: token, payment, modules, recorded } = flywheel;
  const { reputation, redistributor } = modules.live;
  const owner = (await reading(flywheel, () => agentRegistry.ownerOf(agentId))) as Address;
  const replaced = reputation && isAt(reputation, recorded.reputation.target) ? undefined : recorded.reputation;
  const [time, wallet, uri, registeredAt, parts, locked = 0n, left = 0n, volumes, epoch, claimable] = await Promise.all(
    [
      chainTime(session),
      agentRegistry.getAgentWallet(agentId),
      agentRegistry.tokenURI(agentId),
      agentRegistry.registeredAt(agentId),
      reputation?.partsOf(agentId),
      reputation?.lockedTo(agentId),
      replaced?.lockedTo(agentId),
      serviceMarket.volumesOf(agentId),
      token.currentEpoch(),
      claimableOf(flywheel, agentId),
    ],
  );
  const [fee, work, estimate = 0n] = await Promise.all([
    readFee(flywheel, owner, time),
    redistributor?.workOf(agentId, epoch),
    redistributor?.estimateOf(agentId),
  ]);
  return {
    network: session.connection.networkName,
    time,
    agent: agentId,
    owner,
    wallet: wallet === ZeroAddress ? undefined : (wallet as Address),
    uri,
    registeredAt,
    trust: parts && {
      total: parts.successWad + parts.bonusWad + parts.ageWad,
      success: parts.successWad,
      lockedBonus: parts.bonusWad,
      age: parts.ageWad,
    },
    locked,
    left: left === 0n ? undefined : { reputation: String(recorded.reputation.target) as Address, xp: left },
    volumes: { accepted: volumes.accepted, settled: volumes.settled },
    fee,
    week: work && {
      epoch,
      fees: work.fees,
      accepted: work.acceptedVolume,
      settled: work.settledVolume,
      clients: work.clients,
      estimate,
    },
    claimable: claimable.map(({ epoch: earnedIn, amount }) => ({ epoch: earnedIn, amount })),
    notes: modules.notes,
    payment: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

export function describeAgent(a: AgentStatus): string {
  const pay = (amount: bigint): string => paid(amount, a.payment);
  const { trust, week, volumes } = a;
  return [
    `Agent ${formatCount(a.agent)} on network "${a.network}" at ${formatMoment(a.time)}`,
    `owner    ${a.owner}`,
    `wallet   ${a.wallet ?? "none: its owner receives what it earns"}`,
    `file     ${a.uri === "" ? "none" : quoted(a.uri)}`,
    `age      ${formatDuration(a.time - a.registeredAt)}, since ${formatMoment(a.registeredAt)}`,
    trust === undefined
      ? "trust    unknown"
      : `trust    ${points(trust.total)} of 100: ${points(trust.success)} of 50 for success, ${points(trust.lockedBonus)} of 30 for ${xp(a.locked)} locked, ` +
        `${points(trust.age)} of 20 for age`,
    ...(a.left === undefined
      ? []
      : [
          `left     ${xp(a.left.xp)} locked to it in a reputation that was replaced: who locked them takes them back with \`hardhat xp unlock\`, then ` +
            `\`hardhat xp take\`, and --reputation ${a.left.reputation}`,
        ]),
    `work     ${pay(volumes.accepted)} accepted of ${pay(volumes.settled)} settled, ever`,
    `fee      ${percent(a.fee.bps)}${a.fee.until === undefined ? "" : `, its owner's tier until ${formatMoment(a.fee.until)}`}`,
    week === undefined
      ? "week     not recorded"
      : `week     epoch ${formatCount(week.epoch)}: fees of ${pay(week.fees)}, ${pay(week.accepted)} accepted of ${pay(week.settled)} settled, ` +
        `clients that count: ${formatCount(week.clients)}; ${xp(week.estimate)} if it ended now`,
    `claim    ${a.claimable.length === 0 ? "nothing now" : sumOf(a.claimable)}`,
    ...a.notes,
  ].join("\n");
}
