/**
 * Plain text for people: token amounts and aligned tables.
 */

/** Groups of three digits, as in 1,234,567. */
function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * @param amount in the token's smallest unit
 * @param decimals of the token
 * @param places digits shown after the point, cut off (rounded towards zero), never more than `decimals`
 * @returns such as "1,234.50"
 */
export function formatAmount(amount: bigint, decimals = 18, places = 2): string {
  const sign = amount < 0n ? "-" : "";
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = group(digits.slice(0, digits.length - decimals));
  const fraction = digits.slice(digits.length - decimals).slice(0, places);
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/**
 * @param value a count
 * @returns such as "100,000"
 */
export function formatCount(value: bigint | number): string {
  return formatAmount(BigInt(value), 0, 0);
}

/** The last second that a Date can be. */
const LAST_DATE = 8_640_000_000_000n;

/** @returns Unix seconds as "2027-01-31 12:00:00 UTC", or as a number where that is beyond all calendars. */
export function formatMoment(seconds: bigint): string {
  if (seconds > LAST_DATE) return `Unix second ${formatCount(seconds)}`;
  const [moment = ""] = new Date(Number(seconds) * 1_000).toISOString().split(".");
  // Years of more than four digits come with a sign and a zero.
  return `${moment.replace(/^\+0*/, "").replace("T", " ")} UTC`;
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

export interface Column {
  title: string;
  /** Numbers stand to the right, words to the left. */
  align: "left" | "right";
}

/**
 * @param columns titles and alignment
 * @param rows one text for each column
 * @returns lines with a rule under the titles, no border, two spaces between columns
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) => Math.max(column.title.length, ...rows.map((row) => (row[i] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const [cell, width] = [cells[i] ?? "", widths[i] ?? 0];
        return column.align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [line(columns.map((column) => column.title)), rule, ...rows.map(line)].join("\n");
}
