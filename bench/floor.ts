/**
 * The gas floor of a transaction: what its effects must cost under Prague's rules, however well the code is written.
 *
 * It is computed from the transaction's own trace. `docs/gas.md` holds the definition in words; in short it is the larger of
 *
 *   21,000 + calldata + cold slots + cold addresses + logs − refund     (refund at most a fifth of what stands before it)
 *   21,000 + 10 for each token of calldata                              (EIP-7623)
 *
 * No arithmetic, memory, hashing or jump is counted, so no code reaches it; the floor is never above the gas used.
 */

/** Addresses, hashes, words and byte strings. */
export type Hex = `0x${string}`;

/** One executed instruction, as `debug_traceTransaction` reports it. */
export interface Step {
  readonly op: string;
  /** 1 in the frame of the transaction itself, one more in each call. */
  readonly depth: number;
  /** Before the instruction, the top at the end. */
  readonly stack: readonly Hex[];
}

/** What a transaction touched, each thing once. */
export interface Touched {
  /** Storage slots; `written` where a write was carried out and not undone by a revert. */
  readonly slots: readonly { readonly account: Hex; readonly slot: Hex; readonly written: boolean }[];
  /** Accounts looked at or called, those included that are warm from the start. */
  readonly addresses: readonly Hex[];
}

/** A slot with its value before the transaction and after it. */
export interface SlotChange {
  readonly written: boolean;
  readonly before: bigint;
  readonly after: bigint;
}

/** An event as the receipt has it: logs of reverted frames are not there. */
export interface LogSize {
  readonly topics: number;
  readonly bytes: number;
}

/** All that the floor depends on. */
export interface Effects {
  readonly calldata: Hex;
  readonly slots: readonly SlotChange[];
  /** Accounts touched that were not warm before the transaction began. */
  readonly coldAddresses: number;
  readonly logs: readonly LogSize[];
}

/** Prices of the Ethereum execution layer as of Prague, in gas, with the EIP that set them. */
const PRICES = {
  /** Any transaction. Yellow Paper. */
  transaction: 21_000n,
  /** A zero byte of calldata. Yellow Paper. */
  zeroByte: 4n,
  /** Any other byte of calldata. EIP-2028. */
  otherByte: 16n,
  /** A token of calldata, of which a zero byte has one and any other four, where calldata decides the price. EIP-7623. */
  floorToken: 10n,
  /** The first touch of a slot that ends as it began and was not written. EIP-2929. */
  slotRead: 2_100n,
  /** The same, where it was written: the read and a write that changes nothing. EIP-2200 with EIP-2929. */
  slotKept: 2_200n,
  /** A slot that was zero and is not any more. EIP-2929. */
  slotFilled: 22_100n,
  /** A slot that had another value, zero among the new ones. EIP-2929. */
  slotChanged: 5_000n,
  /** What comes back for a slot that ends at zero. EIP-3529. */
  slotClearedRefund: 4_800n,
  /** The first touch of an account. EIP-2929. */
  address: 2_600n,
  /** Each event, each topic, each byte of its data. Yellow Paper. */
  log: 375n,
  logTopic: 375n,
  logByte: 8n,
  /** The refund is at most one part in so many. EIP-3529. */
  refundQuotient: 5n,
} as const;

/** How many precompiled contracts Prague has, at 0x01 and up: warm from the start. EIP-2537 added the last. */
const PRECOMPILES = 0x11;

/** Where on the stack, counted from the top, an instruction has the account that it touches. */
const ACCOUNT_OPERAND: Readonly<Record<string, number>> = {
  BALANCE: 1,
  EXTCODESIZE: 1,
  EXTCODECOPY: 1,
  EXTCODEHASH: 1,
  CALL: 2,
  CALLCODE: 2,
  DELEGATECALL: 2,
  STATICCALL: 2,
};

const MASK_160 = (1n << 160n) - 1n;

/** A word or a short number as a 32-byte word. */
export function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

/** The account in the low 20 bytes of a word. */
export function toAddress(word: bigint): Hex {
  return `0x${(word & MASK_160).toString(16).padStart(40, "0")}`;
}

function operand(step: Step, fromTop: number): bigint {
  const word = step.stack[step.stack.length - fromTop];
  if (word === undefined) {
    throw new Error(
      `The trace has no stack for ${step.op}: ask debug_traceTransaction for it (disableStack must be off).`,
    );
  }
  return BigInt(word);
}

/** A call under way: whose storage it works on, and what it has written so far. */
interface Frame {
  readonly account: Hex;
  readonly writes: Set<string>;
  /** The account that the next deeper step works on, once this frame has made a call. */
  callee: Hex;
}

/**
 * @param steps of a successful transaction that calls `target`
 * @returns what they touched; a slot is keyed by the account whose storage it is, so library code counts for its caller
 * @throws where a contract is created or destroyed, which the floor does not price
 */
export function touchedBy(steps: readonly Step[], target: Hex): Touched {
  const root: Frame = { account: toAddress(BigInt(target)), writes: new Set(), callee: "0x" };
  const frames = [root];
  const slots = new Map<string, { account: Hex; slot: Hex }>();
  const addresses = new Set<Hex>();

  for (const step of steps) {
    while (step.depth < frames.length) {
      // The first step after a call has its outcome on top of the stack: 1, or 0 where everything below was undone.
      const ended = frames.pop();
      if (step.depth === frames.length && operand(step, 1) !== 0n) {
        for (const write of ended?.writes ?? []) frames.at(-1)?.writes.add(write);
      }
    }
    if (step.depth > frames.length) {
      frames.push({ account: frames.at(-1)?.callee ?? root.account, writes: new Set(), callee: "0x" });
    }
    const frame = frames.at(-1) ?? root;

    if (step.op === "SLOAD" || step.op === "SSTORE") {
      const slot = toWord(operand(step, 1));
      const key = `${frame.account}/${slot}`;
      slots.set(key, { account: frame.account, slot });
      if (step.op === "SSTORE") frame.writes.add(key);
      continue;
    }
    if (/^(CREATE2?|SELFDESTRUCT)$/.test(step.op)) {
      throw new Error(`The gas floor is not defined for a transaction that runs ${step.op}.`);
    }
    const position = ACCOUNT_OPERAND[step.op];
    if (position === undefined) continue;
    const touched = toAddress(operand(step, position));
    addresses.add(touched);
    const inCallersStorage = step.op === "DELEGATECALL" || step.op === "CALLCODE";
    frame.callee = inCallersStorage ? frame.account : touched;
  }
  return {
    slots: [...slots].map(([key, slot]) => ({ ...slot, written: root.writes.has(key) })),
    addresses: [...addresses],
  };
}

/**
 * @param addresses as touched
 * @param warm the sender, the target and the block's fee recipient (EIP-2929, EIP-3651)
 * @returns how many are neither warm nor a precompiled contract
 */
export function countCold(addresses: readonly Hex[], warm: readonly Hex[]): number {
  const known = new Set(warm.map((address) => toAddress(BigInt(address))));
  return addresses.filter((address) => {
    const value = BigInt(address);
    return !known.has(toAddress(value)) && (value === 0n || value > BigInt(PRECOMPILES));
  }).length;
}

/** Zero bytes and other bytes of calldata. */
function countBytes(calldata: Hex): { zero: bigint; other: bigint } {
  const bytes = calldata.slice(2).match(/../g) ?? [];
  const zero = bytes.filter((byte) => byte === "00").length;
  return { zero: BigInt(zero), other: BigInt(bytes.length - zero) };
}

/** Gas of calldata by itself: 4 for a zero byte, 16 for any other. */
export function calldataGas(calldata: Hex): bigint {
  const { zero, other } = countBytes(calldata);
  return zero * PRICES.zeroByte + other * PRICES.otherByte;
}

function slotGas({ written, before, after }: SlotChange): bigint {
  if (before === after) return written ? PRICES.slotKept : PRICES.slotRead;
  return before === 0n ? PRICES.slotFilled : PRICES.slotChanged;
}

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n);

/**
 * @returns the floor in gas; exact integers, the cap on the refund rounded down as the protocol does
 */
export function gasFloor(effects: Effects): bigint {
  const { zero, other } = countBytes(effects.calldata);
  const spent = sum([
    PRICES.transaction,
    calldataGas(effects.calldata),
    ...effects.slots.map(slotGas),
    BigInt(effects.coldAddresses) * PRICES.address,
    ...effects.logs.map(
      ({ topics, bytes }) => PRICES.log + BigInt(topics) * PRICES.logTopic + BigInt(bytes) * PRICES.logByte,
    ),
  ]);
  const cleared = effects.slots.filter(({ before, after }) => before !== 0n && after === 0n).length;
  const refund = BigInt(cleared) * PRICES.slotClearedRefund;
  const cap = spent / PRICES.refundQuotient;
  const executed = spent - (refund < cap ? refund : cap);
  const byCalldata = PRICES.transaction + (zero + 4n * other) * PRICES.floorToken;
  return executed > byCalldata ? executed : byCalldata;
}
