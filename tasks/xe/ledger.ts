import type { XeContracts } from "../../src/deployment/contracts.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import type { Hash } from "../../src/deployment/folder.js";
import { type Asset, type AssetName, encodeAsset, isValidAsset } from "../../src/xe/asset.js";
import { required } from "../support/inputs.js";
import type { Token } from "../support/outcome.js";
import { attempt } from "../support/send.js";
import { type Session, signerOf } from "../support/session.js";
import { LEDGER_WORDS } from "./words.js";

/** @returns the ledger, connected to who signs. @throws ExplainedError if nobody here can sign for the account */
export function signing(session: Session): XeContracts["ledger"] {
  return session.deployment.xe.ledger.connect(signerOf(session));
}

/** @returns an asset, as a command tells what an account holds of it */
export function tokenOf({ deployment }: Session, symbol: AssetName): Token {
  return { symbol, decimals: 18, balanceOf: (account) => deployment.xe.ledger.balanceOf(account, encodeAsset(symbol)) };
}

/** Reads a view that the ledger may refuse. */
export function reading<T>({ deployment }: Session, view: () => Promise<T>): Promise<T> {
  return attempt(deployment.xe.ledger, LEDGER_WORDS.refusals, view);
}

/** @returns an asset by its name, in capitals or not, with its identifier */
export function givenAsset(text: string): { readonly name: AssetName; readonly asset: Asset } {
  const name = required("asset", text, "write XE or XUSD").toUpperCase();
  if (!isValidAsset(name)) throw new ExplainedError(`--asset is "${text}": write XE or XUSD.`);
  return { name, asset: encodeAsset(name) };
}

/** @returns a hash that was given on the command line */
export function givenHash(option: string, text: string, advice: string): Hash {
  if (/^0x[0-9a-fA-F]{64}$/.test(required(option, text, advice))) return text.toLowerCase() as Hash;
  throw new ExplainedError(`--${option} is "${text}": write 0x and 64 hexadecimal digits; ${advice}.`);
}
