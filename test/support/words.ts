import { expect } from "chai";
import { type BaseContract, type ErrorFragment, type EventFragment, MaxUint256, type ParamType } from "ethers";

import { XUSD } from "../../src/xe/asset.js";
import type { Words } from "../../tasks/support/send.js";

/** What a value of a type may be, small, usual and huge. */
function valuesOf({ baseType, type }: ParamType): readonly [unknown, unknown, unknown] {
  if (baseType === "address") return [`0x${"00".repeat(20)}`, `0x${"12".repeat(20)}`, `0x${"12".repeat(20)}`];
  if (baseType === "bool") return [false, true, true];
  if (type === "bytes8") return [XUSD, XUSD, XUSD];
  if (type === "bytes32") return [`0x${"00".repeat(32)}`, `0x${"12".repeat(32)}`, `0x${"12".repeat(32)}`];
  return [0n, 1n, MaxUint256];
}

/**
 * Expects a sentence for every error and event of a contract that users meet, whatever values it carries.
 * @param unmet names of errors that no user meets, and of events that are not told
 * @param silent events for which some values need no sentence
 */
export function expectWordsForAll(
  contract: BaseContract,
  words: Words,
  unmet: { readonly refusals: RegExp; readonly events: RegExp },
  silent: readonly string[] = [],
): void {
  const unworded: string[] = [];
  contract.interface.fragments.forEach((fragment) => {
    const { type, name, inputs } = fragment as ErrorFragment | EventFragment;
    if (type !== "error" && type !== "event") return;
    const [known, left] = type === "error" ? [words.refusals, unmet.refusals] : [words.events, unmet.events];
    if (left.test(name)) return;
    const sentence = known[name];
    if (!sentence) return void unworded.push(name);
    for (const size of [0, 1, 2] as const) {
      const said = sentence(inputs.map((input) => valuesOf(input)[size]) as never);
      if (said === undefined && silent.includes(name)) continue;
      expect(said, name)
        .to.match(/^\S.*\.$/)
        .and.not.match(/undefined|NaN|\[object/);
    }
  });
  expect(unworded).to.deep.equal([]);
}
