import type { Address } from "../../src/deployment/folder.js";

/** A value of a call, as JSON and people read it: numbers in digits, structs by their fields' names. */
export type ArgumentValue = string | boolean | readonly ArgumentValue[] | { readonly [field: string]: ArgumentValue };

/** An argument of a call. */
export interface Argument {
  readonly name: string;
  readonly type: string;
  readonly value: ArgumentValue;
}

/** A call that somebody else is to make. */
export interface DraftedCall {
  readonly to: Address;
  /** What the deployment calls that contract. */
  readonly contract: string | undefined;
  /** Wei of ether that go with it. */
  readonly value: bigint;
  readonly data: string;
  /** Such as "approve(address spender, uint256 value)". */
  readonly function: string | undefined;
  readonly arguments: readonly Argument[];
  /** The calls that it carries, where it is a multicall. */
  readonly carries: readonly Pick<DraftedCall, "function" | "arguments">[];
  /** The function in the ABI's own words, such as "function approve(address spender, uint256 value) returns (bool)". */
  readonly abi: string | undefined;
}

/** The calls of a command that sends nothing. */
export interface Draft {
  readonly network: string;
  readonly chainId: bigint;
  /** Who is to make the calls. */
  readonly account: Address;
  /** What they will do, in words; nothing where that could not be tried. */
  readonly expected: readonly string[];
  /** Whether all of them were tried, one after the other. */
  readonly tried: boolean;
  readonly calls: readonly DraftedCall[];
  /** The file that was written for a Safe. */
  readonly safe?: string;
}

/** Ends a flow whose calls are not to be sent: what comes after them has not happened. */
export class Drafted extends Error {
  constructor(readonly draft: Draft) {
    super("The calls were written down, and not sent.");
  }
}
