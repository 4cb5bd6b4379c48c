import { ExplainedError } from "./explained-error.js";
import { isRevert } from "./revert.js";

/** What messages about a failure may name. */
export interface FailureContext {
  readonly network: string;
  /** The deployment's folder, where there is one. */
  readonly folder?: string | undefined;
}

/** The shape of Hardhat's own errors, whichever copy of its class threw them. */
interface HardhatFailure {
  readonly number: number;
  readonly errorCode: string;
  readonly formattedMessage: string;
  readonly messageArguments: Readonly<Record<string, unknown>>;
}

function isHardhatFailure(error: unknown): error is Error & HardhatFailure {
  return error instanceof Error && "errorCode" in error && "messageArguments" in error && "formattedMessage" in error;
}

type Explanation = (named: (argument: string) => string, context: FailureContext) => string;

const pendingNonce: Explanation = (named, { network }) =>
  `Account ${named("sender")} sent transactions on network "${network}" beside this deployment: wait until they are ` +
  `confirmed, send nothing else from it meanwhile, and run the same command again.`;

function missing(argument: string): Explanation {
  return (named, { network }) =>
    `Network "${network}" needs the variable ${named(argument)}, which is not set: put it into .env (see .env.example) or run ` +
    `\`hardhat keystore set ${named(argument)}\`.`;
}

function malformed(expected: string): Explanation {
  return (named, { network }) =>
    `Network "${network}" cannot be used: ${named("configVariable")} is not ${expected}; correct it in .env or in the keystore.`;
}

const nothingToTrack: Explanation = (named, { network }) =>
  `--track is for a deployment that was interrupted, but ${named("deploymentDir")} holds none: run the command without it, or name ` +
  `another folder with --deployment and the network it is on (this is "${network}").`;

/** Failures that Hardhat and Ignition number, by that number. */
const EXPLANATIONS: Readonly<Record<number, Explanation>> = {
  7: missing("name"),
  28: malformed("a URL, such as https://… or http://127.0.0.1:8545"),
  29: malformed("a number"),
  30: malformed("hexadecimal digits, for a key 0x and 64 of them"),
  702: (_, { network }) => noRpc(network),
  703: (_, context) => unreachable(context),
  704: (_, context) => unreachable(context),
  705: (named) =>
    `There is no network "${named("networkName")}": write one of those under \`networks\` in hardhat.config.ts after --network, such ` +
    `as localhost, or add it there.`,
  708: (named, { network }) =>
    `Network "${network}" is configured as chain ${named("configChainId")} but its RPC answers as chain ` +
    `${named("connectionChainId")}: correct its URL, or choose another --network.`,
  10_402: pendingNonce,
  10_403: pendingNonce,
  10_404: pendingNonce,
  // What nodes say before a transaction is sent that the account cannot pay, or that would fail.
  10_407: (named, { network }) => tooPoor(named("sender"), network),
  10_408: (named, { network }) => tooPoor(named("sender"), network),
  10_409: (named, { network }) =>
    /insufficient funds|exceeds (the )?balance|doesn't have enough funds|exceeds allowance/i.test(named("error"))
      ? tooPoor("that deploys", network)
      : `Network "${network}" says that the next transaction would fail (${named("error")}): put the cause right and run the same command ` +
        `again; what was done is recorded.`,
  // Ignition says this of every nonce that it prepared; those that the chain has not used were taken back before it was asked.
  10_410: (named, { network }) =>
    `An earlier run was stopped between sending the transaction for ${named("futureId")} and recording it: find the transaction ` +
    `that ${named("sender")} sent with nonce ${named("nonce")} (a block explorer lists it) and run the same command with ` +
    `--track <its hash> --network ${network}.`,
  10_411: pendingNonce,
  10_412: pendingNonce,
  11_300: nothingToTrack,
  11_301: nothingToTrack,
  11_302: (named, { network }) =>
    `Network "${network}" knows no transaction ${named("txHash")}: check the hash after --track, or leave --track out to read which ` +
    `transaction is missing.`,
  11_303: () =>
    `The transaction after --track is none that this deployment misses: leave --track out to read which sender and nonce it must have.`,
  11_304: () => `The transaction after --track is on record already: run the same command without --track.`,
  11_305: () => `The transaction after --track is not mined yet: wait until it is and run the same command again.`,
  // What the keystore says in place of 7 while tests run.
  50_002: missing("key"),
};

function tooPoor(account: string, network: string): string {
  return (
    `The account ${account} can no longer pay on network "${network}": fund it and run the same command again, which goes on from there; ` +
    `--dry-run says how much is needed.`
  );
}

function noRpc(network: string): string {
  return (
    `What answers at the URL of network "${network}" is no JSON-RPC, or not for you: correct the URL, and the key that may be part of it, in ` +
    `.env or in the keystore.`
  );
}

/** Only what a deployment sends is on record, so only there is it safe to say that nothing is sent twice. */
function unreachable({ network, folder }: FailureContext, status?: string): string {
  if (status === undefined && network === "localhost") {
    return `Network "localhost" does not answer: start a chain with \`hardhat node\` or anvil in another terminal and run the command again.`;
  }
  return (
    `Network "${network}" does not answer${status === undefined ? "" : `, but says status ${status}`}: check its URL and your connection, and ` +
    `run the command again${folder === undefined ? "" : "; whatever was sent before is on record"}.`
  );
}

/**
 * Turns what Hardhat, Ignition or a node throws into sentences for the person at the terminal.
 * @returns an ExplainedError with the cause attached, or `error` itself when it is of a kind not foreseen here.
 */
export function explain(error: unknown, context: FailureContext): unknown {
  if (error instanceof ExplainedError) return error;
  if (isHardhatFailure(error)) {
    const explanation = EXPLANATIONS[error.number];
    const message = explanation?.((argument) => String(error.messageArguments[argument]), context);
    return message === undefined ? error : new ExplainedError(message, { cause: error });
  }
  // A file of the deployment's folder that Ignition reads, and a kill or a person left damaged.
  const [, damaged] = error instanceof Error ? (/^Invalid file format: (.+)$/.exec(error.message) ?? []) : [];
  if (damaged !== undefined) {
    return new ExplainedError(
      `${damaged} is not JSON: restore it from version control, or move its folder away to start anew.`,
      { cause: error },
    );
  }
  if (error instanceof Error && error.name === "DispatcherError") {
    return new ExplainedError(
      `Network "${context.network}" cannot be used: its URL must begin with http:// or https://, such as http://127.0.0.1:8545; ` +
        `correct it in .env, in the keystore or in hardhat.config.ts.`,
      { cause: error },
    );
  }
  const status = statusOf(error);
  if (isDisconnection(error)) return new ExplainedError(unreachable(context, status), { cause: error });
  if (isDenied(error)) {
    return new ExplainedError(
      `Whoever signs on network "${context.network}" said no, so nothing was sent by this step: run the command again and agree in the wallet if ` +
        `it is meant.`,
      { cause: error },
    );
  }
  // What Hardhat makes an address of a key with has no errors of its own kind.
  if (error instanceof Error && error.stack?.includes("fromPrivateKey")) {
    return new ExplainedError(
      `A key of network "${context.network}" is none: a private key is 0x and 64 hexadecimal digits, more than zero and less than the order ` +
        `of secp256k1. Correct it in .env or in the keystore.`,
      { cause: error },
    );
  }
  if (status !== undefined)
    return new ExplainedError(`${noRpc(context.network)} (It says status ${status}.)`, { cause: error });
  return error;
}

/** Numbers of what Ignition says of transactions that are not its own, or that the node does not show yet. */
const BESIDE: readonly number[] = [10_402, 10_403, 10_404, 10_411, 10_412];

/** @returns what hinders a deployment and passes by itself, in words; undefined for everything else */
export function hindranceOf(error: unknown): string | undefined {
  if (isHardhatFailure(error)) {
    if (error.number === 703 || error.number === 704) return "The network does not answer";
    if (error.number === 10_400) return "The node has forgotten a transaction";
    if (BESIDE.includes(error.number))
      return "The account's transactions are not all confirmed, or some were sent beside this run";
  }
  if (isDisconnection(error)) return "The connection to the network was lost";
  return error instanceof Error &&
    /nonce too low|nonce has already been used|already known|already imported|replacement transaction underpriced/i.test(
      causes(error),
    )
    ? "Somebody sent a transaction of the same account"
    : undefined;
}

/** Hardhat's numbers of what comes in place of an answer: no JSON, no connection, nothing in time. */
const UNANSWERED: readonly number[] = [702, 703, 704];

/**
 * @returns why nobody here knows whether the node has a transaction that it was sent, in the first half of a sentence; undefined where it is
 * known that it has none, since the node said no, or something here did before it was asked
 */
export function doubtOf(error: unknown): string | undefined {
  if (error instanceof ExplainedError) return undefined;
  if (isHardhatFailure(error) && !UNANSWERED.includes(error.number)) return undefined;
  const status = statusOf(error);
  const inPlace =
    status !== undefined
      ? `status ${status}`
      : isHardhatFailure(error) && error.number === 702
        ? "no JSON-RPC"
        : undefined;
  if (inPlace !== undefined) return `The network answered the transaction with ${inPlace}, so it may have been sent`;
  if (isDisconnection(error) || isHardhatFailure(error)) {
    return "The connection was lost while the transaction was on its way, so it may have been sent";
  }
  if (isRevert(error)) return undefined;
  const said = error instanceof Error ? error.message : String(error);
  if (/already ?known|\bknown transaction|already imported|already in (the )?(mem)?pool/i.test(said)) {
    return `The network says that it has the transaction already ("${said}"), so it is on its way`;
  }
  if (isJsonRpcError(error) && !/time(d )?-?out/i.test(said)) return undefined;
  return `The network did not say whether it took the transaction ("${said}"), so it may have been sent`;
}

/** Whether a node answered with an error. Hardhat's own errors about the connection have that shape too, and the number -1. */
function isJsonRpcError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "number" && error.code !== -1;
}

/** @returns the HTTP status that came in place of an answer, if one did */
function statusOf(error: unknown): string | undefined {
  return error instanceof Error ? /status code (\d{3})/.exec(causes(error))?.[1] : undefined;
}

/** Whether a person or a wallet declined to sign, by the number that EIP-1193 has for it. */
function isDenied(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && error.code === 4_001) || isDenied(error.cause);
}

/** @returns whether no answer came, for a reason that passes by itself: of the statuses only 501 does not, from a server that knows no such request */
export function isDisconnection(error: unknown): boolean {
  return (
    error instanceof Error &&
    /ECONNREFUSED|ENOTFOUND|ECONNRESET|ETIMEDOUT|EPIPE|EAI_AGAIN|other side closed|socket hang up|fetch failed|too many requests|status code (429|5(?!01)\d\d)/i.test(
      causes(error),
    )
  );
}

/** The messages of an error and of everything that caused it. */
function causes(error: Error): string {
  return error.cause instanceof Error ? `${error.message} ${causes(error.cause)}` : error.message;
}
