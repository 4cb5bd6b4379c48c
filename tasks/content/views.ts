import { eventsOf } from "../../src/chain/events.js";
import type { Address, Hash } from "../../src/deployment/folder.js";
import { formatCount, renderTable } from "../../src/format.js";
import { formatMoment, wholeNumber } from "../support/inputs.js";
import { attempt } from "../support/send.js";
import { chainTime, type Session } from "../support/session.js";
import { percent } from "../support/text.js";
import { inTurns } from "../support/turns.js";
import { type ContentOptions, givenContent } from "./file.js";
import { nextTime, purposeOf, type Registration, registrations } from "./flows.js";
import { type SaltPlace, saltsOf } from "./salts.js";
import { CONTENT_WORDS, price, whereabouts } from "./words.js";

/** A content as the registry has it; prices in wei, times in seconds. */
export interface ContentView {
  readonly content: Hash;
  readonly contentId: bigint;
  readonly creator: Address;
  readonly owner: Address;
  readonly registeredAt: bigint;
  readonly unlockPrice: bigint;
  readonly royaltyBps: bigint;
  readonly uri: string;
}

async function readContent({ deployment }: Session, contentId: bigint): Promise<ContentView> {
  const { contentRegistry } = deployment.xme;
  const { contentHash, creator, owner, registeredAt, unlockPrice, royaltyBps, uri } = await attempt(
    contentRegistry,
    CONTENT_WORDS.refusals,
    async () => contentRegistry.contentOf(contentId),
  );
  return {
    content: contentHash as Hash,
    contentId,
    creator: creator as Address,
    owner: owner as Address,
    registeredAt,
    unlockPrice,
    royaltyBps,
    uri,
  };
}

export interface ShownContent extends ContentView {
  readonly network: string;
  readonly time: bigint;
}

/** Reads one content: `hardhat content show`. */
export async function readShown(session: Session, input: ContentOptions): Promise<ShownContent> {
  const { id } = await givenContent(input);
  const [view, time] = await Promise.all([readContent(session, id), chainTime(session)]);
  return { ...view, network: session.connection.networkName, time };
}

export function describeShown(c: ShownContent): string {
  return [
    `Content ${c.content} on network "${c.network}" at ${formatMoment(c.time)}`,
    `token       ${String(c.contentId)}`,
    `registered  ${formatMoment(c.registeredAt)} by ${c.creator}, its creator for ever`,
    `owner       ${c.owner === c.creator ? "its creator" : c.owner}`,
    `unlocked    for ${price(c.unlockPrice)}`,
    `royalty     ${percent(c.royaltyBps)} of each sale for its creator`,
    `described   ${whereabouts(c.uri)}`,
  ].join("\n");
}

/** Contents as they are listed. */
export interface ContentList {
  readonly network: string;
  /** Whose they are, undefined for all. */
  readonly account: Address | undefined;
  /** How many there are, of which the latest were looked at. */
  readonly count: number;
  readonly looked: number;
  readonly contents: readonly ContentView[];
}

/** Reads the contents of everybody, or those that an account owns or created: `hardhat content list`. */
export async function readContents(
  session: Session,
  { account: asked, last: text }: { readonly account: string; readonly last: string },
): Promise<ContentList> {
  const last = wholeNumber("last", text);
  const { connection, deployment } = session;
  const { contentRegistry: registry } = deployment.xme;
  const account = asked === "" ? undefined : session.account;
  // Every content came to its creator, and to each owner, by a transfer.
  const ids =
    account === undefined
      ? (await eventsOf(registry, registry.filters.ContentRegistered(), deployment.startBlock)).map(
          ({ args }) => args.contentId,
        )
      : (await eventsOf(registry, registry.filters.Transfer(undefined, account), deployment.startBlock)).map(
          ({ args }) => args.tokenId,
        );
  const all = [...new Set(ids)];
  const looked = last === 0n ? [] : all.slice(last > BigInt(all.length) ? 0 : -Number(last));
  const found = await inTurns(looked, (id) => readContent(session, id));
  return {
    network: connection.networkName,
    account,
    count: all.length,
    looked: looked.length,
    contents: found.filter(({ creator, owner }) => account === undefined || [creator, owner].includes(account)),
  };
}

export function describeContents({ network, account, count, looked, contents }: ContentList): string {
  const whose = account === undefined ? "registered" : `that ${account} owns or created`;
  if (count === 0) return `There is no content ${whose} on network "${network}".`;
  const rows = contents.map((c) => [
    c.content,
    formatMoment(c.registeredAt),
    price(c.unlockPrice),
    percent(c.royaltyBps),
    c.owner === c.creator ? `${c.owner}, its creator` : c.owner,
  ]);
  const columns = ["content", "registered", "unlocked for", "royalty", "owner"].map((title, i) => ({
    title,
    align: i === 2 || i === 3 ? ("right" as const) : ("left" as const),
  }));
  const scope = account === undefined ? whose : `${whose}, of those that it ever had`;
  const line = `${formatCount(contents.length)} of the latest ${formatCount(looked)} of ${formatCount(count)} ${scope}.`;
  return contents.length === 0 ? line : `${renderTable(columns, rows)}\n${line}`;
}

/** How a commitment stands. */
export type CommitmentState = "not committed" | "too young" | "ready" | "expired" | "registered";

/** A commitment of an account; times in seconds, zero where it is not committed. */
export interface CommitmentView {
  readonly commitment: Hash;
  readonly state: CommitmentState;
  readonly from: bigint;
  readonly until: bigint;
  /** What it hides and where its salt is, where that is known here. */
  readonly content: Hash | undefined;
  readonly saltFile: string | undefined;
  /** Who registered the content before. */
  readonly creator: string | undefined;
}

export interface ContentStatus {
  readonly network: string;
  readonly time: bigint;
  readonly account: Address;
  readonly balance: bigint;
  readonly commitments: readonly CommitmentView[];
}

/** Reads what an account has committed to and not registered: `hardhat content status`. */
export async function readStatus(session: Session, place: SaltPlace): Promise<ContentStatus> {
  const { account, connection, deployment } = session;
  const { contentRegistry: registry } = deployment.xme;
  const kept = saltsOf(place, await purposeOf(session));
  const [time, balance, known, made] = await Promise.all([
    nextTime(session),
    registry.balanceOf(account),
    registrations(session),
    eventsOf(registry, registry.filters.Committed(account), deployment.startBlock),
  ]);
  const salts = new Map(kept.map((one) => [one.commitment, one]));
  const all = [...new Set([...salts.keys(), ...made.map(({ args }) => args.commitment as Hash)])];
  const views = await inTurns(all, async (commitment): Promise<CommitmentView> => {
    const [from, until] = await registry.revealableBetween(account, commitment);
    const { hash: content, path: saltFile } = salts.get(commitment) ?? {};
    const registration: Registration | undefined = content && known.get(content);
    const state = registration
      ? "registered"
      : until === 0n
        ? "not committed"
        : time < from
          ? "too young"
          : time > until
            ? "expired"
            : "ready";
    return { commitment, state, from, until, content, saltFile, creator: registration?.creator };
  });
  return {
    network: connection.networkName,
    time,
    account,
    balance,
    // What was revealed is done; what expired and cannot be made again from here is no use.
    commitments: views.filter(({ state, content, creator }) =>
      content === undefined ? state === "too young" || state === "ready" : creator !== account,
    ),
  };
}

function describeCommitment({ state, from, until, content, saltFile, commitment, creator }: CommitmentView): string {
  const what = content ?? `commitment ${commitment}`;
  const sentences: Record<CommitmentState, string> = {
    registered: `was registered by ${creator ?? "somebody else"} before: nothing can be done`,
    "not committed": "is not committed to, only its salt is kept: run `hardhat content commit`",
    "too young": `can be registered from ${formatMoment(from)} until ${formatMoment(until)}`,
    ready: `can be registered now, until ${formatMoment(until)}: run \`hardhat content register\``,
    expired: `could be registered until ${formatMoment(until)}: run \`hardhat content commit\` again`,
  };
  return `${what} ${sentences[state]} (${saltFile === undefined ? "its salt is not kept here" : `salt in ${saltFile}`}).`;
}

export function describeStatus({ network, time, account, balance, commitments }: ContentStatus): string {
  return [
    `Contents of ${account} on network "${network}" at ${formatMoment(time)}`,
    `It owns ${formatCount(balance)}, which \`hardhat content list\` shows.`,
    ...(commitments.length === 0 ? ["No commitment of its own is pending."] : commitments.map(describeCommitment)),
  ].join("\n");
}
