import { formatAmount, formatCount } from "../../src/format.js";

/** Columns of the screen. */
export const WIDTH = 100;
/** Where what is said of something begins, after its name. */
const INDENT = 12;

/** @returns an amount in tokens: "1,234.56", whole ones from a million on, "<0.01" for what would look like nothing */
export function amount(units: bigint, decimals = 18): string {
  const whole = 10n ** BigInt(decimals);
  if (units > 0n && units * 100n < whole) return "<0.01";
  return formatAmount(units, decimals, units % whole === 0n || units >= 1_000_000n * whole ? 0 : 2);
}

/** @returns what part of a whole something is, in percent: "1.37 %" */
export function partOf(part: bigint, whole: bigint): string {
  return whole === 0n ? "0 %" : `${formatAmount((part * 10_000n) / whole, 2, 2)} %`;
}

/** @returns a length of time in the two largest units that tell something: "3 d 4 h" */
export function brief(seconds: bigint): string {
  const units: readonly (readonly [string, bigint])[] = [
    ["d", 86_400n],
    ["h", 3_600n],
    ["min", 60n],
    ["s", 1n],
  ];
  const first = units.findIndex(([, length]) => seconds >= length);
  if (first === -1) return "0 s";
  let rest = seconds;
  return units
    .slice(first, first + 2)
    .flatMap(([name, length]) => {
      const count = rest / length;
      rest %= length;
      return count === 0n ? [] : [`${formatCount(count)} ${name}`];
    })
    .join(" ");
}

/** @returns a second as "2027-01-31 12:00 UTC" */
export function minute(seconds: bigint): string {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime())
    ? `second ${formatCount(seconds)}`
    : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** @returns a second, and how far it is from now: "2027-01-31 12:00 UTC, in 3 d 4 h" */
export function when(seconds: bigint, now: bigint): string {
  return `${minute(seconds)}, ${seconds > now ? `in ${brief(seconds - now)}` : `${brief(now - seconds)} ago`}`;
}

/** @returns an address that a person can compare with another: "0x7099…79C8" */
export function short(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** @returns words in lines of a width at most, unless one word is longer */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** @returns what is said of something, in lines that all fit the screen, its name before the first; a line ends between two parts if it can */
export function entry(name: string, ...parts: readonly string[]): readonly string[] {
  const width = WIDTH - INDENT;
  const lines: string[] = [];
  for (const part of parts.filter((one) => one !== "")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + part.length <= width) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(...wrapped(part, width));
  }
  return lines.map((line, i) => `${(i === 0 ? `  ${name}` : "").padEnd(INDENT)}${line}`);
}
