import { expect } from "chai";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { answer } from "../../../tasks/support/answer.js";

describe("answer", () => {
  /** What a command with that body prints and returns. */
  async function answered(json: boolean, body: () => unknown) {
    const [log, error] = [console.log, console.error];
    const [out, err]: [string[], string[]] = [[], []];
    console.log = (text: string) => void out.push(text);
    console.error = (text: string) => void err.push(text);
    try {
      const result = await answer(
        json,
        async () => Promise.resolve(body()),
        (value) => `described: ${String(value)}`,
      );
      return { result, out: out.join("\n"), err: err.join("\n") };
    } finally {
      [console.log, console.error] = [log, error];
    }
  }
  const explained = new ExplainedError("Give another one.");
  const defect = new TypeError("value out-of-bounds");
  const fail = (error: unknown) => () => {
    throw error;
  };

  it("should print a value in words, or as a document whose quantities are texts", async () => {
    expect(await answered(false, () => 5n)).to.deep.equal({
      result: { success: true, value: 5n },
      out: "described: 5",
      err: "",
    });
    const { out } = await answered(true, () => ({ amount: 2n ** 200n, names: new Map([["a", 1]]) }));
    expect(JSON.parse(out)).to.deep.equal({ amount: String(2n ** 200n), names: { a: 1 } });
  });

  it("should print a failure that explains itself as a sentence, or as a document, and fail", async () => {
    const result = { success: false, error: explained };
    expect(await answered(false, fail(explained))).to.deep.equal({ result, out: "", err: "Give another one." });
    const machine = await answered(true, fail(explained));
    expect(machine).to.deep.include({ result, err: "" });
    expect(JSON.parse(machine.out)).to.deep.equal({ error: "Give another one." });
  });

  it("should leave any other failure its stack, and with --json print a document of it as well and fail", async () => {
    expect(await answered(false, fail(defect)).catch((error: unknown) => error)).to.equal(defect);
    const machine = await answered(true, fail(defect));
    expect(machine.result).to.deep.equal({ success: false, error: defect });
    expect(JSON.parse(machine.out)).to.deep.equal({ error: "value out-of-bounds" });
    expect(machine.err).to.equal(defect.stack);
    const thrown = await answered(true, fail("a text"));
    expect(JSON.parse(thrown.out)).to.deep.equal({ error: "a text" });
  });
});
