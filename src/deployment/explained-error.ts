/**
 * A failure that a person can act on: its message is whole sentences that say what was wrong and what to do next.
 * Commands print the message alone; anything else that is thrown is a defect and keeps its stack.
 */
export class ExplainedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ExplainedError";
  }
}
