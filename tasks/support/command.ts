import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { Result } from "hardhat/types/utils";

import { answer } from "./answer.js";
import { describeDraft } from "./describe-draft.js";
import { type Draft, Drafted } from "./drafted.js";
import { describeOutcome, type Outcome } from "./outcome.js";
import { checkSafePath, safeBatch, writeSafeBatch } from "./safe.js";
import { type SendingArguments, type Session, type SessionArguments, withSession } from "./session.js";

type Action<A, T> = (input: A, hre: HardhatRuntimeEnvironment) => Promise<Result<T, Error>>;

const senders = new WeakSet<object>();

/** @returns whether a command's action is one that sends */
export function isSending(action: unknown): boolean {
  return typeof action === "function" && senders.has(action);
}

/** @returns the action of a command that sends a transaction, or writes down what it would send. */
export function sending<A, T extends object = Outcome>(
  flow: (session: Session, input: A, hre: HardhatRuntimeEnvironment) => Promise<T>,
  describe?: (value: T) => string,
): Action<A & SendingArguments, T | Draft> {
  const told = describe ?? ((value: T) => describeOutcome(value as unknown as Outcome));
  const action: Action<A & SendingArguments, T | Draft> = (input, hre) =>
    answer<T | Draft>(
      input.json,
      () =>
        input.calldata || input.safe !== ""
          ? drafted(hre, input, (session) => flow(session, input, hre))
          : withSession(hre, input, (session) => flow(session, input, hre), input.yes ? "sign without asking" : "sign"),
      (value) => (isDraft(value) ? describeDraft(value) : told(value)),
    );
  senders.add(action);
  return action;
}

/** @returns the action of a command that sends where it is told what, and looks otherwise. */
export function alsoSending<A, T, S extends object = Outcome>(
  isToSend: (input: A) => boolean,
  send: Action<A & SendingArguments, S | Draft>,
  show: Action<A & SendingArguments, T>,
): Action<A & SendingArguments, T | S | Draft> {
  const action: Action<A & SendingArguments, T | S | Draft> = (input, hre) =>
    isToSend(input) ? send(input, hre) : show(input, hre);
  senders.add(action);
  return action;
}

function isDraft(value: object): value is Draft {
  return "calls" in value && "tried" in value;
}

/** Runs a flow up to its calls, and writes them to a Safe's file if there is to be one. */
async function drafted<T extends object>(
  hre: HardhatRuntimeEnvironment,
  input: SendingArguments,
  flow: (session: Session) => Promise<T>,
): Promise<T | Draft> {
  const { safe } = input;
  if (safe !== "") checkSafePath(safe);
  try {
    return await withSession(hre, input, flow, "draft");
  } catch (error) {
    if (!(error instanceof Drafted)) throw error;
    const { draft } = error;
    if (safe === "") return draft;
    await writeSafeBatch(safe, safeBatch(draft, nameOf(draft), Date.now()));
    return { ...draft, safe };
  }
}

function nameOf({ calls, network }: Draft): string {
  const last = calls.at(-1);
  const called = [last?.contract, last?.function?.replace(/\(.*/, "")].filter((part) => part !== undefined).join(".");
  return `Xonomy on ${network}: ${called}`;
}

/** @returns the action of a command that looks at a deployment; those that look at no account lack `--account`. */
export function showing<T, A = object>(
  read: (session: Session, input: A) => Promise<T>,
  describe: (value: T) => string,
): Action<A & Omit<SessionArguments, "account"> & Partial<SessionArguments>, T> {
  return (input, hre) => answer(input.json, () => withSession(hre, input, (session) => read(session, input)), describe);
}

/** @returns the action of a command that signs something for somebody else to send. */
export function signing<T, A = object>(
  sign: (session: Session, input: A) => Promise<T>,
  describe: (value: T) => string,
): Action<A & SessionArguments & Pick<SendingArguments, "yes">, T> {
  return (input, hre) =>
    answer(
      input.json,
      () => withSession(hre, input, (session) => sign(session, input), input.yes ? "sign without asking" : "sign"),
      describe,
    );
}
