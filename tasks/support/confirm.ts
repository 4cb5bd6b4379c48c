import { createInterface } from "node:readline";

import { ExplainedError } from "../../src/deployment/explained-error.js";

/** Who sits at the terminal. */
export interface Person {
  /** Shows lines that belong to a question. */
  readonly tell: (lines: readonly string[]) => void;
  /** @returns what was typed; undefined where the input ended instead */
  readonly ask: (question: string) => Promise<string | undefined>;
}

/** A terminal's two sides. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * @param terminal where questions are shown beside the answers of a command, so that those can be redirected
 * @returns who can be asked; undefined where the input is no terminal
 */
export function personAt(
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Person | undefined {
  if (input.isTTY !== true) return undefined;
  return {
    tell: (lines) => {
      output.write(`${lines.join("\n")}\n`);
    },
    ask: (question) =>
      new Promise((resolve) => {
        const terminal = createInterface({ input, output });
        terminal.once("SIGINT", () => {
          terminal.close();
        });
        let isAnswered = false;
        terminal.once("close", () => {
          if (!isAnswered) output.write("\n");
          resolve(undefined);
        });
        terminal.question(question, (answer) => {
          isAnswered = true;
          resolve(answer);
          terminal.close();
        });
      }),
  };
}

/** What is to be confirmed. */
export interface Question {
  readonly network: string;
  /** What to know before answering, in sentences. */
  readonly lines: readonly string[];
  /** Such as "Send it?" */
  readonly question: string;
  /** Whether something was sent already. */
  readonly isLater?: boolean;
}

/**
 * Asks whether to do something on a public network.
 * @param person who is asked; undefined where nobody can be
 * @throws ExplainedError unless the answer is yes
 */
export async function confirmAtTerminal(
  { network, lines, question, isLater = false }: Question,
  person: Person | undefined,
): Promise<void> {
  const nothing = isLater ? "Nothing more" : "Nothing";
  if (!person) {
    throw new ExplainedError(
      `${nothing} was signed or sent: network "${network}" is public, and nobody can be asked without a terminal or with --json; run ` +
        "the same command with --yes if that is meant.",
    );
  }
  if (lines.length > 0) person.tell(lines);
  const answer = await person.ask(`${question} [y/N] `);
  if (answer !== undefined && /^\s*y(es)?\s*$/i.test(answer)) return;
  throw new ExplainedError(`${nothing} was signed or sent, since the answer was not yes.`);
}

/** Asks for each thing that a flow signs, or for all of them at once. */
export class Consent {
  readonly #network: string;
  readonly #person: Person | undefined;
  #isGiven = false;
  #isLater = false;
  #expected: readonly string[] = [];

  constructor(network: string, person: Person | undefined) {
    this.#network = network;
    this.#person = person;
  }

  /** Says what the next question is about, where nothing else has announced it. */
  expect(lines: readonly string[]): void {
    this.#expected = lines;
  }

  /** @throws ExplainedError unless the person says yes now, or said yes to everything before */
  async ask(question: string, lines: () => Promise<readonly string[]>): Promise<void> {
    if (this.#isGiven) return;
    // Without anybody to ask there is nothing to find out either.
    const told = this.#person ? [...this.#expected, ...(await lines())] : [];
    this.#expected = [];
    await confirmAtTerminal({ network: this.#network, lines: told, question, isLater: this.#isLater }, this.#person);
    this.#isLater = true;
  }

  /** The same for all that the flow goes on to sign. */
  async askForAll(question: string, lines: () => Promise<readonly string[]>): Promise<void> {
    await this.ask(question, lines);
    this.#isGiven = true;
  }
}
