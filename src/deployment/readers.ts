import { formatUnits, getAddress, isAddress } from "ethers";

import { ExplainedError } from "./explained-error.js";
import type { Address, Hash } from "./folder.js";

/** What a value of a parameter file may refer to. */
export interface ReadingEnvironment {
  /** The file's name, for messages. */
  readonly file: string;
  /** Chain time, in seconds, at which the deployment began: what "start" stands for. */
  readonly start: bigint;
  /** Accounts of a local chain, by index; undefined on public networks, where no account goes by its index. */
  readonly localAccounts: readonly Address[] | undefined;
  /** The sections with which the deployment began. What it began with it goes on with, whatever a new one may not say any more. */
  readonly begun?: ReadonlySet<string> | undefined;
}

/** Turns one value of the file into what the deployment needs, or explains why it cannot. */
export type Reader<T> = (value: unknown, place: Place) => T;

/** Where in the file a value stands. */
export class Place {
  constructor(
    readonly environment: ReadingEnvironment,
    readonly path: readonly string[] = [],
    /** The one word that may stand there in place of what is described. */
    readonly word?: string,
  ) {}

  at(key: string): Place {
    return new Place(this.environment, [...this.path, key]);
  }

  /** Whether the deployment began with what stands there. */
  get isBegun(): boolean {
    return this.environment.begun?.has(this.path[0] ?? "") === true;
  }

  /** @returns the same place, where a word may stand too */
  or(word: string): Place {
    return new Place(this.environment, this.path, word);
  }

  /** @returns an error that names file, field and value, and what to write instead. */
  refuse(value: unknown, advice: string): ExplainedError {
    const field = this.path.length === 0 ? "the file" : this.path.join(".");
    const found = value === undefined ? "is missing" : `is ${JSON.stringify(value)}`;
    const other = this.word === undefined ? "" : `; or write "${this.word}"`;
    return new ExplainedError(`${this.environment.file}: ${field} ${found}: ${advice}${other}.`);
  }
}

/** An object with exactly these keys. */
export function object<T extends object>(readers: { readonly [K in keyof T]: Reader<T[K]> }): Reader<T> {
  return (value, place) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw place.refuse(value, `write an object with the keys ${Object.keys(readers).join(", ")}`);
    }
    const given = value as Record<string, unknown>;
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(readers, key)) {
        throw place
          .at(key)
          .refuse(given[key], `no such key is known here; the keys are ${Object.keys(readers).join(", ")}`);
      }
    }
    const keys = Object.keys(readers) as (keyof T & string)[];
    return Object.fromEntries(keys.map((key) => [key, readers[key](given[key], place.at(key))])) as T;
  };
}

/** A list with at least one element. */
export function listOf<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value) || value.length === 0)
      throw place.refuse(value, "write a list with at least one element");
    return value.map((element, index) => reader(element, place.at(String(index))));
  };
}

/** Either `constant` itself or what `reader` accepts. */
export function either<C extends string, T>(constant: C, reader: Reader<T>): Reader<C | T> {
  return (value, place) => (value === constant ? constant : reader(value, place.or(constant)));
}

/** Yes or no. */
export const flag: Reader<boolean> = (value, place) => {
  if (typeof value !== "boolean") throw place.refuse(value, "write true or false, without quotes");
  return value;
};

/** Any text. */
export const text: Reader<string> = (value, place) => {
  if (typeof value !== "string" || value === "") throw place.refuse(value, "write a text");
  return value;
};

function matched(value: unknown, pattern: RegExp): RegExpExecArray | undefined {
  return typeof value === "string" ? (pattern.exec(value) ?? undefined) : undefined;
}

const DECIMAL = String.raw`\d+(?:\.\d+)?`;

/** The most of anything that the contracts count, in smallest units: they keep amounts and prices in 128 bits. */
export const MAX_AMOUNT = 2n ** 128n - 1n;

/**
 * An amount of `asset` in its smallest unit (18 decimals), written as "1000 XME"; more decimals are refused, not rounded, and so is
 * more than 128 bits hold.
 */
export function amount(asset: string): Reader<bigint> {
  const pattern = new RegExp(`^(${DECIMAL}) ${asset}$`);
  return (value, place) => {
    const [, digits = ""] = matched(value, pattern) ?? [];
    if (digits === "") throw place.refuse(value, `write an amount with its unit, such as "1000 ${asset}"`);
    const units = toUnits(digits, value, place);
    if (units > MAX_AMOUNT)
      throw place.refuse(value, `the contracts count no more than ${formatUnits(MAX_AMOUNT, 18)} ${asset}; write less`);
    return units;
  };
}

/** How many smallest units of the quote asset buy how many of the base asset; "100 XMEX for 1 XME". */
export interface Price {
  readonly quote: bigint;
  readonly base: bigint;
}

/**
 * A price as a fraction of two amounts in smallest units (18 decimals each unless said otherwise), so that nothing is rounded.
 * @param likely units of the quote asset in the example that refusals give
 */
export function price(quoteAsset: string, baseAsset: string, quoteDecimals = 18, likely = "100"): Reader<Price> {
  const pattern = new RegExp(`^(${DECIMAL}) ${literal(quoteAsset)} for (${DECIMAL}) ${literal(baseAsset)}$`);
  return (value, place) => {
    const [, quote = "", base = ""] = matched(value, pattern) ?? [];
    if (quote === "") throw place.refuse(value, `write a price such as "${likely} ${quoteAsset} for 1 ${baseAsset}"`);
    const fraction = { quote: toUnits(quote, value, place, quoteDecimals), base: toUnits(base, value, place) };
    if (fraction.quote === 0n || fraction.base === 0n) throw place.refuse(value, "neither side of a price may be zero");
    return fraction;
  };
}

function toUnits(digits: string, value: unknown, place: Place, decimals = 18): bigint {
  const [whole = "", fraction = ""] = digits.split(".");
  if (fraction.length > decimals) throw place.refuse(value, `the token has ${String(decimals)} decimals, no more`);
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/** A pattern that matches `text` itself: a token's symbol may hold any sign. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/**
 * What one whole base token costs, in the quote token's smallest unit; refused if that is not a whole number. Where the quote token
 * has 18 decimals too, it is the ratio of the two times 1e18.
 */
export function wholePrice(
  quoteAsset: string,
  baseAsset: string,
  quoteDecimals?: number,
  likely?: string,
): Reader<bigint> {
  const fraction = price(quoteAsset, baseAsset, quoteDecimals, likely);
  return (value, place) => {
    const { quote, base } = fraction(value, place);
    const scaled = quote * 10n ** 18n;
    if (scaled % base !== 0n) {
      throw place.refuse(
        value,
        `one ${baseAsset} must cost a whole number of ${quoteAsset}'s smallest unit; write the price of 1 ${baseAsset}`,
      );
    }
    return scaled / base;
  };
}

/** A whole number from `minimum` to `maximum`, written as a number. */
export function count(minimum: bigint, maximum: bigint): Reader<bigint> {
  return (value, place) => {
    const given = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    if (given === undefined || given < minimum || given > maximum) {
      throw place.refuse(value, `write a whole number from ${String(minimum)} to ${String(maximum)}`);
    }
    return given;
  };
}

/** Fees, in millionths, that every Uniswap V3 factory offers from the start. */
const POOL_FEES: ReadonlyMap<string, bigint> = new Map([
  ["0.05 %", 500n],
  ["0.3 %", 3_000n],
  ["1 %", 10_000n],
]);

/** The fee of a Uniswap V3 pool in millionths, written as "0.3 %". */
export const poolFee: Reader<bigint> = (value, place) => {
  const fee = POOL_FEES.get(String(value));
  if (fee === undefined) throw place.refuse(value, `Uniswap V3 offers ${[...POOL_FEES.keys()].join(", ")}`);
  return fee;
};

const SECONDS = { second: 1n, minute: 60n, hour: 3_600n, day: 86_400n, week: 604_800n } as const;
const LENGTH = String.raw`(\d+) (second|minute|hour|day|week)s?`;

/** A length of time in seconds, written as "2 days"; months and years differ in length and are refused. */
export const duration: Reader<bigint> = (value, place) => {
  const parts = matched(value, new RegExp(`^${LENGTH}$`));
  if (!parts) {
    throw place.refuse(value, 'write a length of time such as "2 days" (seconds, minutes, hours, days or weeks)');
  }
  return toSeconds(parts[1], parts[2]);
};

function toSeconds(count: string | undefined, unit: string | undefined): bigint {
  return BigInt(count ?? "0") * SECONDS[unit as keyof typeof SECONDS];
}

/** Seconds since 1970: either a date in UTC or a time after the deployment began. */
export const moment: Reader<bigint> = (value, place) => {
  if (value === "start") return place.environment.start;
  const after = matched(value, new RegExp(`^start \\+ ${LENGTH}$`));
  if (after) return place.environment.start + toSeconds(after[1], after[2]);
  const date = matched(value, /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/)?.[0];
  const milliseconds = date === undefined ? Number.NaN : Date.parse(date);
  // Date.parse carries 31 April over to 1 May: only a date that comes back as it was written exists.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== date?.replace("Z", ".000Z")) {
    throw place.refuse(value, 'write a date that exists, such as "2027-01-31T12:00:00Z", or "start + 1 day"');
  }
  return BigInt(milliseconds / 1_000);
};

/** An account: a checksummed address, or "local account 3" where the chain is local. */
export const addressOf: Reader<Address> = (value, place) => {
  const index = matched(value, /^local account (\d+)$/)?.[1];
  if (index !== undefined) {
    const { localAccounts } = place.environment;
    if (!localAccounts) throw place.refuse(value, "local accounts exist on local chains only; write an address");
    const local = localAccounts[Number(index)];
    if (!local) throw place.refuse(value, `the node has local accounts 0 to ${String(localAccounts.length - 1)} only`);
    return getAddress(local) as Address;
  }
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{40}$/.test(value)) {
    throw place.refuse(
      value,
      'write an address of 0x and 40 hexadecimal digits, or "local account 1" on a local chain',
    );
  }
  if (!isAddress(value) || getAddress(value) !== value) {
    throw place.refuse(
      value,
      `its checksum is wrong; check it and write ${getAddress(value.toLowerCase())} if that is meant`,
    );
  }
  if (BigInt(value) === 0n) throw place.refuse(value, "the zero address belongs to nobody");
  return value as Address;
};

/** Somebody's address, in the same forms: that of a key, or of a contract that acts. */
export const account: Reader<Address> = (value, place) => {
  const address = addressOf(value, place);
  // Built-in contracts, and where tokens are thrown away: finding a key of such an address would take 2^144 tries.
  if (BigInt(address) < 1n << 16n && !place.isBegun) {
    throw place.refuse(value, "nobody has a key of that address; write another one");
  }
  return address;
};

/** 32 bytes, not all zero. */
export const hash: Reader<Hash> = (value, place) => {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(value) || BigInt(value) === 0n) {
    throw place.refuse(value, "write 0x and 64 hexadecimal digits that are not all zero");
  }
  return value.toLowerCase() as Hash;
};

/** @returns a length of time in the largest unit that it is a whole number of, such as "2 days". */
export function formatDuration(seconds: bigint): string {
  const units = Object.entries(SECONDS)
    .filter(([unit]) => unit !== "week")
    .reverse();
  const [unit, length] = units.find(([, unitSeconds]) => seconds % unitSeconds === 0n) ?? ["second", 1n];
  const count = seconds / length;
  return `${String(count)} ${unit}${count === 1n ? "" : "s"}`;
}
