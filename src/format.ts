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
