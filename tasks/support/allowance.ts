import {
  type BaseContract,
  Contract,
  type ContractTransactionResponse,
  type ErrorDescription,
  Signature,
  type TypedDataDomain,
  TypedDataEncoder,
} from "ethers";

import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Address } from "../../src/deployment/folder.js";
import { draft, foresee } from "./draft.js";
import { afterwards, carryOut, type Outcome, type Token, tokens } from "./outcome.js";
import { type Call, refusalIn, send, type Sent, type Speaker } from "./send.js";
import { chainTime, type Session, signerOf } from "./session.js";
import { AskingSigner, costLine } from "./signers.js";
import { printable } from "./text.js";

/** Any ERC-20, with or without ERC-2612's signatures. `approve` promises no answer, since not every token in use gives one. */
const ERC20 = [
  "function symbol() view returns (string)",
  "function name() view returns (string)",
  "function version() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address account) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 value)",
  "function nonces(address owner) view returns (uint256)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "event Approval(address indexed owner, address indexed spender, uint256 value)",
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20InvalidReceiver(address receiver)",
  "error SafeERC20FailedOperation(address token)",
] as const;

type Read<R> = (...args: readonly unknown[]) => Promise<R>;
interface Erc20Methods {
  readonly symbol: Read<string>;
  readonly name: Read<string>;
  readonly version: Read<string>;
  readonly decimals: Read<bigint>;
  readonly balanceOf: Read<bigint>;
  readonly allowance: Read<bigint>;
  readonly nonces: Read<bigint>;
  readonly DOMAIN_SEPARATOR: Read<string>;
  readonly approve: {
    (spender: string, value: bigint): Promise<ContractTransactionResponse>;
    staticCall(spender: string, value: bigint): Promise<unknown>;
  };
}
type Erc20 = BaseContract & Erc20Methods;

/** A token that can be spent, with its refusals in words. */
export interface SpendableToken extends Token, Speaker {
  readonly address: Address;
}

/** Characters of a symbol that are shown. */
const SYMBOL_LENGTH = 32;

/** @returns a symbol, which is whatever a token says, so that no terminal obeys it */
function symbolOf(told: string): string {
  return printable(told.length > SYMBOL_LENGTH ? `${told.slice(0, SYMBOL_LENGTH)}…` : told);
}

/** Reads what a token calls itself. */
export async function readToken(session: Session, at: string): Promise<SpendableToken> {
  const { provider } = session.connection.ethers;
  const contract = new Contract(at, ERC20, provider) as BaseContract as Erc20;
  const address = (await contract.getAddress()) as Address;
  const [symbol, decimals] = await Promise.all([
    // Some old tokens answer with bytes32.
    contract.symbol().then(symbolOf, () => `of ${address}`),
    contract.decimals(),
  ]);
  const places = Number(decimals);
  const amount = (value: unknown): string => tokens(value as bigint, symbol, places);
  return {
    address,
    symbol,
    decimals: places,
    balanceOf: (account) => contract.balanceOf(account),
    contract,
    words: {
      refusals: {
        ERC20InsufficientBalance: (a) =>
          `${String(a[0])} holds ${amount(a[1])}, which is less than the ${amount(a[2])} needed.`,
        ERC20InsufficientAllowance: (a) =>
          `${String(a[0])} may spend ${amount(a[1])} of the account, and ${amount(a[2])} are needed: run the command again.`,
        SafeERC20FailedOperation: () => `${symbol} refuses to be moved as asked for.`,
        ERC20InvalidReceiver: (a) => `${String(a[0])} cannot receive ${symbol}: give another address.`,
      },
      events: { Approval: (a) => `${String(a[1])} may spend ${amount(a[2])} of ${String(a[0])}.` },
    },
  };
}

/** A signature in place of an allowance, as the contracts' …WithPermit functions take it. */
export interface Permit {
  readonly deadline: bigint;
  readonly v: number;
  readonly r: string;
  readonly s: string;
}

/** Seconds that a signature is valid. Choice: long enough for a person with a hardware wallet and a busy chain. */
const PERMIT_VALIDITY = 3_600n;

const PERMIT_TYPES = {
  Permit: ["owner", "spender", "value", "nonce", "deadline"].map((name, i) => ({
    name,
    type: i < 2 ? "address" : "uint256",
  })),
};

/** @returns the token's EIP-712 domain, if it has ERC-2612 permits in the usual form */
async function permitDomain(session: Session, token: Erc20): Promise<TypedDataDomain | undefined> {
  try {
    const [name, separator, version, { chainId }] = await Promise.all([
      token.name(),
      token.DOMAIN_SEPARATOR(),
      token.version().catch(() => "1"),
      session.connection.ethers.provider.getNetwork(),
    ]);
    const domain = { name, version, chainId, verifyingContract: await token.getAddress() };
    return TypedDataEncoder.hashDomain(domain) === separator ? domain : undefined;
  } catch {
    return undefined;
  }
}

/** @returns a signature that allows `spender` exactly `value`; undefined if the wallet knows no such thing */
async function signPermit(
  session: Session,
  token: SpendableToken,
  domain: TypedDataDomain,
  { spender, value, deadline }: { spender: string; value: bigint; deadline: bigint },
): Promise<Permit | undefined> {
  const contract = token.contract as Erc20;
  const owner = session.account;
  const nonce = await contract.nonces(owner);
  try {
    const message = { owner, spender, value, nonce, deadline };
    const { v, r, s } = Signature.from(await signerOf(session).signTypedData(domain, PERMIT_TYPES, message));
    return { deadline, v, r, s };
  } catch (error) {
    // A node's account that cannot sign typed data can still send an approval.
    if (/not supported|unsupported|not found|does not exist|not implemented/i.test(String(error))) return undefined;
    throw error;
  }
}

/** What a call takes of a token, and from whom it must be allowed. */
export interface Spending {
  readonly token: SpendableToken;
  readonly spender: { getAddress(): Promise<string> };
  /** The most that the call takes. */
  readonly amount: bigint;
  /** Until when a signature holds, in seconds; an hour unless given. */
  readonly deadline?: bigint;
  /** Whether the call has a variant that takes a signature; it has unless this is false. */
  readonly takesPermits?: boolean;
  /** What else may be wrong when the contract says `text`, because the token did not move although all of it was there and allowed. */
  readonly unmoved?: { readonly text: string; readonly meaning: string };
}

/**
 * Carries out a call that takes tokens from the account, in one transaction where that is possible: with the allowance that
 * stands, or else with a signature in its place. Only where token or call take none does a transaction that allows exactly the
 * amount come first, after it is known that the contract would refuse nothing else.
 * @param callWith makes the call, with the signature if there is one
 */
export async function carryOutSpending<R>(
  session: Session,
  { token, spender, amount, deadline, takesPermits = true, unmoved }: Spending,
  callWith: (permit: Permit | undefined) => Call<R>,
  holding: { readonly token: Token; readonly account?: Address },
  expect: (probed: R) => readonly string[] | Promise<readonly string[]>,
): Promise<Outcome> {
  const { account } = session;
  const contract = token.contract as Erc20;
  const spenderAddress = await spender.getAddress();
  const failed = (a: ErrorDescription["args"]): string | undefined =>
    unmoved !== undefined && a[0] === unmoved.text ? unmoved.meaning : undefined;
  const tokenSpeaker = { ...token, words: { refusals: { ...token.words.refusals, Error: failed }, events: {} } };
  const speaking = (permit: Permit | undefined): Call<R> => {
    const call = callWith(permit);
    return { ...call, beyond: [...(call.beyond ?? []), tokenSpeaker] };
  };
  const plain = speaking(undefined);
  const [balance, allowance] = await Promise.all([
    token.balanceOf(account),
    contract.allowance(account, spenderAddress),
  ]);
  if (allowance >= amount && balance >= amount) return carryOut(session, plain, holding, expect);
  await refuseWhatTheContractRefuses(plain);
  const figure = (value: bigint): string => tokens(value, token.symbol, token.decimals);
  if (balance < amount) {
    throw new ExplainedError(`${account} holds ${figure(balance)}, and ${figure(amount)} are needed.`);
  }
  // Some tokens allow an amount only where none was allowed before.
  const approvals = (allowance === 0n ? [amount] : [0n, amount]).map((value) =>
    approval(session, token, spenderAddress, value),
  );
  if (session.isDrafting) return draft(session, approvals, plain, expect);
  const until = deadline ?? (await chainTime(session)) + PERMIT_VALIDITY;
  const domain = takesPermits ? await permitDomain(session, contract) : undefined;
  const asking = await askForAll(session, { token, approvals, plain, expect, spender: spenderAddress, amount });
  const permit =
    domain && (await signPermit(asking, token, domain, { spender: spenderAddress, value: amount, deadline: until }));
  if (permit) return carryOut(asking, speaking(permit), holding, expect);

  asking.announce([
    `${takesPermits ? token.symbol : "This call"} takes no signatures in place of allowances, so two transactions follow: the first allows ${spenderAddress} to ` +
      `take exactly ${figure(amount)}.`,
  ]);
  const allowances: Sent[] = [];
  for (const approve of approvals) {
    allowances.push(await afterwards(session, allowances, () => send(approve, () => undefined, session.patience)));
  }
  return carryOut(asking, plain, { ...holding, allowances }, expect);
}

function approval(session: Session, token: SpendableToken, spender: string, value: bigint): Call {
  const signed = token.contract.connect(signerOf(session)) as Erc20;
  return {
    contract: token.contract,
    words: token.words,
    probe: () => signed.approve.staticCall(spender, value),
    transact: () => signed.approve(spender, value),
  };
}

/**
 * Where somebody is asked before anything is signed: shows what the call will do although its allowance is missing, and asks once for
 * allowance and call. Where the node cannot try them together, what is signed is asked about step by step.
 * @returns the session to go on with
 */
async function askForAll<R>(
  session: Session,
  {
    token,
    approvals,
    plain,
    expect,
    spender,
    amount,
  }: {
    token: SpendableToken;
    approvals: readonly Call[];
    plain: Call<R>;
    expect: (probed: R) => readonly string[] | Promise<readonly string[]>;
    spender: string;
    amount: bigint;
  },
): Promise<Session> {
  const { signer, connection, announce } = session;
  if (!(signer instanceof AskingSigner)) return session;
  const { probed, gas } = await foresee(session, approvals, plain);
  const allowed = `First ${spender} is allowed to take exactly ${tokens(amount, token.symbol, token.decimals)} of ${session.account}.`;
  if (!probed || gas === undefined) {
    announce([allowed]);
    return session;
  }
  announce([allowed, ...(await expect(probed.value)), ...(plain.notes ?? [])]);
  await signer.consent.askForAll("Send it?", async () => [await costLine(connection.ethers.provider, gas)]);
  // It was all told before the question.
  return { ...session, announce: () => undefined };
}

/**
 * Tries a call whose allowance is still missing. The contracts take tokens last, so whatever else they refuse comes first; that
 * the token then refuses is expected.
 */
async function refuseWhatTheContractRefuses(call: Call): Promise<void> {
  const own: readonly Speaker[] = [call, ...(call.beyond ?? []).slice(0, -1)];
  try {
    await call.probe();
  } catch (error) {
    if (error instanceof ExplainedError) throw error;
    const words = refusalIn(own, error);
    if (words !== undefined) throw new ExplainedError(words, { cause: error });
  }
}
