import { verifyAirdrop } from "../../src/airdrop/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatAmount, formatCount } from "../../src/format.js";
import { answer } from "../support/answer.js";
import { required } from "../support/inputs.js";
import { fromList, type ListArguments } from "./from-list.js";

type Arguments = ListArguments & { store: string; json: boolean };

export default async function verifyAction({ store: path, json, ...input }: Arguments) {
  return answer(
    json,
    () =>
      fromList(input, ({ csv, allocation }, onProgress) => {
        const store = required("store", path);
        const comparison = verifyAirdrop({ csv, store, allocation }, onProgress);
        const { equal, differences, differenceCount } = comparison;
        if (equal) return comparison;
        const more = differenceCount - differences.length;
        const list = [...differences, ...(more > 0 ? [`… and ${formatCount(more)} more`] : [])];
        const places = differenceCount === 1 ? "1 place" : `${formatCount(differenceCount)} places`;
        throw new ExplainedError([`Not equal: ${store} differs from ${csv} in ${places}.`, ...list].join("\n  "));
      }),
    ({ rows, total, root }) =>
      `Equal: ${path} holds the ${formatCount(rows)} rows of ${input.csv}, ${formatAmount(total)} XME, under the root ${root}.`,
  );
}
