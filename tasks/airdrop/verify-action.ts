import { progressBar, verifyAirdrop } from "../../src/airdrop/index.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatAmount, formatCount } from "../../src/format.js";
import { answer } from "../support/answer.js";
import { required, wholeNumber } from "./arguments.js";

interface Arguments {
  csv: string;
  store: string;
  allocation: string;
  json: boolean;
}

export default async function verifyAction({ csv, store, allocation, json }: Arguments) {
  const bar = progressBar(process.stderr);
  return answer(
    json,
    async () => {
      const input = {
        csv: required("csv", csv),
        store: required("store", store),
        allocation: wholeNumber("allocation", allocation),
      };
      try {
        const comparison = verifyAirdrop(input, bar.onProgress);
        if (!comparison.equal) {
          const { differences, differenceCount } = comparison;
          const more = differenceCount - differences.length;
          const list = [...differences, ...(more > 0 ? [`… and ${formatCount(more)} more`] : [])];
          const places = differenceCount === 1 ? "1 place" : `${formatCount(differenceCount)} places`;
          throw new ExplainedError([`Not equal: ${store} differs from ${csv} in ${places}.`, ...list].join("\n  "));
        }
        return await Promise.resolve(comparison);
      } finally {
        bar.clear();
      }
    },
    ({ rows, total, root }) =>
      `Equal: ${store} holds the ${formatCount(rows)} rows of ${csv}, ${formatAmount(total)} XME, under the root ${root}.`,
  );
}
