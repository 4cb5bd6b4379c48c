/** A stretch of bytecode that has a meaning of its own. */
export interface Part {
  readonly name: string;
  /** In bytes. */
  readonly start: number;
  readonly length: number;
}

/** Where two bytecodes differ. */
export interface Difference {
  readonly part: string;
  /** The first byte of that part that differs, counted from the bytecode's beginning. */
  readonly offset: number;
  /** How many bytes of that part differ. */
  readonly bytes: number;
  /** That first byte, two hexadecimal digits; empty past the end. */
  readonly expected: string;
  readonly found: string;
}

/**
 * @param found bytecode of the chain, 0x and hexadecimal digits
 * @param expected what it should be
 * @param parts of `expected`; whatever is in none of them is code
 * @returns one difference for each part that has any, in the order of the bytecode
 */
export function differences(found: string, expected: string, parts: readonly Part[]): readonly Difference[] {
  if (found === expected) return [];
  const [ours, theirs] = [expected.slice(2), found.slice(2)];
  const byPart = new Map<string, Difference>();
  for (let offset = 0; offset < Math.max(ours.length, theirs.length) / 2; offset++) {
    const [should, is] = [ours.slice(2 * offset, 2 * offset + 2), theirs.slice(2 * offset, 2 * offset + 2)];
    if (should === is) continue;
    const part = partAt(offset, ours.length / 2, parts);
    const before = byPart.get(part);
    byPart.set(
      part,
      before ? { ...before, bytes: before.bytes + 1 } : { part, offset, bytes: 1, expected: should, found: is },
    );
  }
  return [...byPart.values()];
}

function partAt(offset: number, length: number, parts: readonly Part[]): string {
  if (offset >= length) return "what follows the code";
  return parts.find((part) => offset >= part.start && offset < part.start + part.length)?.name ?? "code";
}

/** @returns such as "immutable faucet: byte 1205 is 00 instead of 01" */
export function describeDifference({ part, offset, bytes, expected, found }: Difference): string {
  const [is, should] = [found === "" ? "missing" : found, expected === "" ? "nothing" : expected];
  const more = bytes === 1 ? "" : `, and ${String(bytes - 1)} more`;
  return `${part}: byte ${String(offset)} is ${is} instead of ${should}${more}`;
}

/** @returns `code` with `values` written over it at `start` bytes */
export function overwritten(code: string, start: number, values: string): string {
  return code.slice(0, 2 + 2 * start) + values + code.slice(2 + 2 * start + values.length);
}
