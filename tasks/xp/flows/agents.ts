import { hexlify, isHexString, toUtf8Bytes, ZeroAddress } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import type { Address } from "../../../src/deployment/folder.js";
import { formatCount } from "../../../src/format.js";
import { MAX_CONSENT_DELAY, type RegistryPlace, signConsent } from "../../../src/xp/agents.js";
import { formatDuration, formatMoment, required, wholeNumber } from "../../support/inputs.js";
import { carryOut, type Outcome } from "../../support/outcome.js";
import { chainTime, type Session, sessionOf, signerOf } from "../../support/session.js";
import { type Flywheel, flywheelCall, flywheelOf, givenAgent, inTurns, reading, signedFlywheel } from "../flywheel.js";
import { paid, percent, points, quoted, xp } from "../words.js";

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
    ...metadata.map(({ metadataKey, metadataValue }) => `Metadata ${quoted(metadataKey)} = ${metadataValue}.`),
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
    `What is known of agent ${formatCount(agentId)} under ${quoted(key)} changes from ${await registry.getMetadata(agentId, key)} to ${bytes}.`,
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
  const signature = await signConsent(signer, await placeOf(session, flywheel), terms);
  return { network: session.connection.networkName, agent: agentId, wallet, owner, deadline, signature };
}

export function describeConsent({ agent, wallet, owner, deadline, signature }: Consent): string {
  return [
    `${wallet} agrees to receive what agent ${formatCount(agent)} earns while ${owner} owns it, if that is told to the registry`,
    `by ${formatMoment(deadline)}, which the agent's owner does with`,
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
  const { deadline, signature } = await consentFor(wallet, agentId, input);
  const call = flywheelCall(flywheel, registry, registry.setAgentWallet, agentId, wallet.account, deadline, signature);
  return carryOut(session, call, holding, () => [
    `${wallet.account} receives what agent ${formatCount(agentId)} earns from its next job on; a transfer of the agent ends that.`,
  ]);
}

async function consentFor(
  wallet: Session,
  agentId: bigint,
  { signature, deadline }: WalletInput,
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
  return consent(wallet, { agent: String(agentId) });
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
  readonly trust: {
    readonly total: bigint;
    readonly success: bigint;
    readonly lockedBonus: bigint;
    readonly age: bigint;
  };
  readonly locked: bigint;
  readonly volumes: { readonly accepted: bigint; readonly settled: bigint };
  /** What the owner pays now, and until when if that was bought. */
  readonly fee: { readonly bps: bigint; readonly until: bigint | undefined };
  readonly week: {
    readonly epoch: bigint;
    readonly fees: bigint;
    readonly accepted: bigint;
    readonly settled: bigint;
    readonly clients: bigint;
    /** XP, if the week ended now. */
    readonly estimate: bigint;
  };
  readonly claimable: readonly { readonly epoch: bigint; readonly amount: bigint }[];
  readonly payment: { readonly symbol: string; readonly decimals: number };
}

/** @returns the epochs that an agent can claim from now, with what each pays */
export async function claimableOf(
  { agentRegistry, redistributor, xp: token }: Flywheel,
  agentId: bigint,
): Promise<AgentStatus["claimable"]> {
  const [registeredAt, start, length, current] = await Promise.all([
    agentRegistry.registeredAt(agentId),
    token.start(),
    token.EPOCH_LENGTH(),
    token.currentEpoch(),
  ]);
  const since = registeredAt < start ? 0n : (registeredAt - start) / length;
  const epochs = Array.from({ length: Number(current - 1n - since) }, (_, i) => since + 1n + BigInt(i));
  const amounts = await inTurns(epochs, async (epoch) => ({
    epoch,
    amount: await redistributor.previewClaim(agentId, epoch),
  }));
  return amounts.filter(({ amount }) => amount !== 0n);
}

/** Reads everything about an agent: `hardhat xp agent`. */
export async function readAgent(session: Session, { agent }: { agent: string }): Promise<AgentStatus> {
  const agentId = givenAgent(agent);
  const flywheel = await flywheelOf(session);
  const { agentRegistry, reputation, serviceMarket, feeTiers, redistributor, xp: token, payment } = flywheel;
  const owner = (await reading(flywheel, () => agentRegistry.ownerOf(agentId))) as Address;
  const [time, wallet, uri, registeredAt, parts, locked, volumes, bps, bought, epoch] = await Promise.all([
    chainTime(session),
    agentRegistry.getAgentWallet(agentId),
    agentRegistry.tokenURI(agentId),
    agentRegistry.registeredAt(agentId),
    reputation.partsOf(agentId),
    reputation.lockedTo(agentId),
    serviceMarket.volumesOf(agentId),
    feeTiers.feeBpsOf(owner),
    feeTiers.boughtTierOf(owner),
    token.currentEpoch(),
  ]);
  const [work, estimate, claimable] = await Promise.all([
    redistributor.workOf(agentId, epoch),
    redistributor.estimateOf(agentId),
    claimableOf(flywheel, agentId),
  ]);
  return {
    network: session.connection.networkName,
    time,
    agent: agentId,
    owner,
    wallet: wallet === ZeroAddress ? undefined : (wallet as Address),
    uri,
    registeredAt,
    trust: {
      total: parts.successWad + parts.bonusWad + parts.ageWad,
      success: parts.successWad,
      lockedBonus: parts.bonusWad,
      age: parts.ageWad,
    },
    locked,
    volumes: { accepted: volumes.accepted, settled: volumes.settled },
    fee: { bps, until: time < bought.end && bought.feeBps === bps ? bought.end : undefined },
    week: {
      epoch,
      fees: work.fees,
      accepted: work.acceptedVolume,
      settled: work.settledVolume,
      clients: work.clients,
      estimate,
    },
    claimable,
    payment: { symbol: payment.symbol, decimals: payment.decimals },
  };
}

export function describeAgent(a: AgentStatus): string {
  const pay = (amount: bigint): string => paid(amount, a.payment);
  const { trust, week, volumes } = a;
  const total = a.claimable.reduce((sum, { amount }) => sum + amount, 0n);
  return [
    `Agent ${formatCount(a.agent)} on network "${a.network}" at ${formatMoment(a.time)}`,
    `owner    ${a.owner}`,
    `wallet   ${a.wallet ?? "none: its owner receives what it earns"}`,
    `file     ${a.uri === "" ? "none" : quoted(a.uri)}`,
    `age      ${formatDuration(a.time - a.registeredAt)}, since ${formatMoment(a.registeredAt)}`,
    `trust    ${points(trust.total)} of 100: ${points(trust.success)} of 50 for success, ${points(trust.lockedBonus)} of 30 for ${xp(a.locked)} locked, ` +
      `${points(trust.age)} of 20 for age`,
    `work     ${pay(volumes.accepted)} accepted of ${pay(volumes.settled)} settled, ever`,
    `fee      ${percent(a.fee.bps)}${a.fee.until === undefined ? "" : `, its owner's tier until ${formatMoment(a.fee.until)}`}`,
    `week     epoch ${formatCount(week.epoch)}: fees of ${pay(week.fees)}, ${pay(week.accepted)} accepted of ${pay(week.settled)} settled, ` +
      `clients that count: ${formatCount(week.clients)}; ${xp(week.estimate)} if it ended now`,
    a.claimable.length === 0
      ? "claim    nothing now"
      : `claim    ${xp(total)}, from ${a.claimable.map(({ epoch, amount }) => `epoch ${formatCount(epoch)}: ${xp(amount)}`).join(", ")}`,
  ].join("\n");
}
