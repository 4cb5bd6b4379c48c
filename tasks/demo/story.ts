import { formatAmount, formatCount, renderTable, type Column } from "../../src/format.js";
import { PROPOSAL_STATES } from "../../src/xme/governance.js";

const amountOf =
  (decimals: number, places: number) =>
  (value: bigint): string =>
    formatAmount(value, decimals, places);

/** How a figure is shown. */
const UNITS = {
  tokens: amountOf(18, 2),
  ether: amountOf(18, 4),
  /** Whole tokens, such as votes. */
  votes: amountOf(18, 0),
  count: amountOf(0, 0),
  /** Amounts of the test dollar. */
  dollars: amountOf(6, 2),
  /** Test dollars for one whole token. */
  price: amountOf(6, 6),
  /** Of a score from 0 to 100. */
  points: amountOf(18, 2),
  /** Where a proposal stands. */
  state: (value: bigint): string => PROPOSAL_STATES[Number(value)] ?? `state ${value}`,
  /** Seconds since a beginning; zero is never. */
  moment: (value: bigint): string => (value === 0n ? "–" : showMoment(value)),
} as const;

/** @returns such as "day 8, 03:00:12" */
function showMoment(seconds: bigint): string {
  const parts = [seconds / 3_600n, seconds / 60n].map((whole, i) => whole % (i === 0 ? 24n : 60n));
  const clock = [...parts, seconds % 60n].map((part) => part.toString().padStart(2, "0")).join(":");
  return `day ${formatCount(seconds / 86_400n)}, ${clock}`;
}

/** What a figure counts. */
export type Unit = keyof typeof UNITS;

/** A number read from the chain beside the same number as the reference model has it. */
export interface Figure {
  chain: bigint;
  model: bigint;
  unit: Unit;
}

/** A cell of a table: a word, or a figure that must agree. */
export type Cell = string | Figure;

interface Table {
  title: string;
  columns: string[];
  rows: Cell[][];
}

interface Chapter {
  title: string;
  prose: string[];
  tables: Table[];
}

/** @returns the figure whose two sides must be equal */
export function figure(chain: bigint, model: bigint, unit: Unit = "tokens"): Figure {
  return { chain, model, unit };
}

/**
 * The story of a run: chapters with tables of figures. Told on a terminal while it happens, or at its end as JSON.
 * Each figure carries the chain's and the model's number; the story counts those that differ.
 */
export class Story {
  readonly #chapters: Chapter[] = [];
  readonly #differences: string[] = [];
  readonly #print: (text: string) => void;
  #figures = 0;

  /** @param print where the text goes while the story is told; a function that does nothing for `--json` */
  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /** Figures compared so far. */
  get figures(): number {
    return this.#figures;
  }

  /** One sentence for each figure in which chain and model differ. */
  get differences(): readonly string[] {
    return this.#differences;
  }

  chapter(title: string, ...prose: string[]): void {
    this.#chapters.push({ title, prose, tables: [] });
    this.#print(`\n${title}\n${"═".repeat(title.length)}\n${prose.join("\n")}`);
  }

  /** A sentence under the tables before it. */
  note(text: string): void {
    this.#chapters.at(-1)?.prose.push(text);
    this.#print(`\n${text}`);
  }

  /**
   * @param title what the rows have in common
   * @param columns titles; a column of figures becomes two, the chain's and the model's
   * @param rows cells; in one column either words or figures
   */
  table(title: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const chapter = this.#chapters.at(-1);
    if (chapter === undefined) throw new Error("A table needs a chapter: call chapter() first.");
    chapter.tables.push({ title, columns: [...columns], rows: rows.map((row) => [...row]) });
    const shown: Column[] = columns.flatMap((name, i): Column[] => {
      const sample = rows[0]?.[i];
      if (typeof sample === "object") {
        return [
          { title: name, align: "right" },
          { title: "model", align: "right" },
          { title: "", align: "left" },
        ];
      }
      return [{ title: name, align: /^[\d.,%+-]+$/.test(sample ?? "") ? "right" : "left" }];
    });
    const cells = rows.map((row) =>
      row.flatMap((cell, i) => {
        if (typeof cell === "string") return [cell];
        const equal = this.#compare(
          [title, ...row.filter((word) => typeof word === "string"), columns[i]].join(", "),
          cell,
        );
        const show = UNITS[cell.unit];
        return [show(cell.chain), show(cell.model), equal ? "=" : "≠"];
      }),
    );
    this.#print(`\n${title}\n${renderTable(shown, cells)}`);
  }

  #compare(where: string, { chain, model }: Figure): boolean {
    this.#figures += 1;
    if (chain === model) return true;
    this.#differences.push(`${where}: the chain says ${chain}, the model ${model}`);
    return false;
  }

  /** The whole story for machines; amounts as decimal strings of the smallest unit. */
  toJSON(): object {
    const cellOf = (cell: Cell): unknown =>
      typeof cell === "string"
        ? cell
        : {
            chain: cell.chain.toString(),
            model: cell.model.toString(),
            equal: cell.chain === cell.model,
            unit: cell.unit,
          };
    return {
      chapters: this.#chapters.map(({ title, prose, tables }) => ({
        title,
        prose,
        tables: tables.map((table) => ({ ...table, rows: table.rows.map((row) => row.map(cellOf)) })),
      })),
      figures: this.#figures,
      differences: this.#differences,
    };
  }
}
