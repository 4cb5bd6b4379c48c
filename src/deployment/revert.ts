/**
 * @param error what a provider threw
 * @returns the data that a call reverted with, or undefined if the failure was no revert (or one without data).
 */
export function revertDataOf(error: unknown): `0x${string}` | undefined {
  for (let current = error, depth = 0; isRecord(current) && depth < 8; depth++) {
    const { data } = current;
    // Nodes answer with the data itself or, like Hardhat's, with an object around it.
    const found = isRecord(data) ? data.data : data;
    if (typeof found === "string" && /^0x([0-9a-f]{2})*$/i.test(found)) {
      return found === "0x" ? undefined : (found as `0x${string}`);
    }
    current = current.cause ?? current.error ?? (isRecord(current.info) ? current.info.error : undefined);
  }
  return undefined;
}

/** @returns whether a call ended in the contract, with or without data, and not on the way to it */
export function isRevert(error: unknown): boolean {
  for (let current = error, depth = 0; isRecord(current) && depth < 8; depth++) {
    if (current.code === 3) return true;
    if (/revert|invalid opcode|out of gas|bad jump|stack/i.test(String(current.message ?? ""))) return true;
    current = current.cause ?? current.error ?? (isRecord(current.info) ? current.info.error : undefined);
  }
  return false;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
