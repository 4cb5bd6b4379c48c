import { formatUnits } from "ethers";

/** @returns such as "2.5 %" */
export function percent(bps: bigint): string {
  return `${formatUnits(bps, 2).replace(/\.0$/, "")} %`;
}

/** @returns all of what somebody else wrote in one line, so that no terminal obeys it and nothing of it is hidden */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const digits = (character.codePointAt(0) ?? 0).toString(16).padStart(4, "0");
    return digits.length > 4 ? `\\u{${digits}}` : `\\u${digits}`;
  });
}

/** @returns what somebody else wrote, so that no terminal obeys it, and at most 200 characters of it */
export function quoted(text: string): string {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return printable(JSON.stringify(shown));
}
