import { type EventFragment, type FunctionFragment, Interface, type InterfaceAbi } from "ethers";

import { ExplainedError } from "./explained-error.js";
import { readJson } from "./folder.js";

/** What others ask every object for, to print or to compare it: undefined is the answer that they expect. */
const ASKED_OF_ANYTHING =
  /^([$@_].*|toJSON|inspect|nodeType|nodeName|tagName|hasAttribute|length|then|catch|finally|constructor|asymmetricMatch)$/;

/**
 * The interface of a contract as a deployment recorded it. Code that was compiled for another ABI finds a sentence in it where ethers would give it
 * undefined, and it would stop at a property of that.
 */
export class RecordedInterface extends Interface {
  private constructor(
    abi: InterfaceAbi,
    readonly file: string,
  ) {
    super(abi);
  }

  /** @throws ExplainedError if the artifact is not JSON or has no ABI */
  static read(file: string): RecordedInterface {
    const { abi } = (readJson(file) ?? {}) as { readonly abi?: InterfaceAbi };
    if (Array.isArray(abi)) return new RecordedInterface(abi, file);
    throw new ExplainedError(`${file} has no ABI: restore it from version control or move its folder away.`);
  }

  override getFunction(key: string, values?: unknown[]): FunctionFragment | null {
    return super.getFunction(key, values) ?? this.#lacks("function", key);
  }

  override getFunctionName(key: string): string {
    if (!this.hasFunction(key)) this.#lacks("function", key);
    return super.getFunctionName(key);
  }

  override getEvent(key: string, values?: unknown[]): EventFragment | null {
    return super.getEvent(key, values) ?? this.#lacks("event", key);
  }

  override getEventName(key: string): string {
    if (!this.hasEvent(key)) this.#lacks("event", key);
    return super.getEventName(key);
  }

  /** @returns null for what was read from a chain, such as a selector, which may be of anything */
  #lacks(kind: string, key: string): null {
    if (key.startsWith("0x") || ASKED_OF_ANYTHING.test(key)) return null;
    throw new ExplainedError(
      `${this.file} has no ${kind} "${key}" in its ABI, which is used here: the file was changed, or the contract is of another version. Restore ` +
        `the file from version control (\`hardhat verify-local\` says what differs), or check out the commit that it was deployed from.`,
    );
  }
}
