import { getAddress } from "ethers";

/** A node of the compiler's syntax tree, as far as it is read here. */
interface SyntaxNode {
  readonly id: number;
  readonly name?: string;
  readonly mutability?: string;
  readonly typeDescriptions?: { readonly typeString: string };
  readonly nodes?: readonly SyntaxNode[];
}

export interface Immutable {
  readonly name: string;
  /** As Solidity writes it, such as "contract IXP". */
  readonly type: string;
}

/** @returns the immutables that the compiled sources declare, by the id that the compiler refers to them with */
export function declaredImmutables(sources: Readonly<Record<string, { readonly ast: SyntaxNode }>>) {
  const found = new Map<string, Immutable>();
  for (const { ast } of Object.values(sources)) {
    for (const contract of ast.nodes ?? []) {
      for (const { id, mutability, name = "", typeDescriptions } of contract.nodes ?? []) {
        if (mutability === "immutable") found.set(String(id), { name, type: typeDescriptions?.typeString ?? "" });
      }
    }
  }
  return found;
}

/**
 * @param word 32 bytes of bytecode, without 0x
 * @returns the value as people write it
 */
export function immutableValue(type: string, word: string): string {
  if (/^(contract|address)/.test(type)) return getAddress(`0x${word.slice(-40)}`);
  if (type === "bool") return BigInt(`0x${word}`) === 0n ? "false" : "true";
  if (type.startsWith("uint")) return String(BigInt(`0x${word}`));
  if (type.startsWith("int")) return String(BigInt.asIntN(256, BigInt(`0x${word}`)));
  return `0x${word}`;
}
