import { formatUnits } from "ethers";

/** @returns such as "2.5 %" */
export function percent(bps: bigint): string {
  return `${formatUnits(bps, 2).replace(/\.0$/, "")} %`;
}

/** @returns what somebody else wrote, so that no terminal obeys it, and at most 200 characters of it */
export function quoted(text: string): string {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
