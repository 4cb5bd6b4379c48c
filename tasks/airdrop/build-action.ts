import { buildAirdrop } from "../../src/airdrop/index.js";
import { formatAmount, formatCount } from "../../src/format.js";
import { answer } from "../support/answer.js";
import { required } from "../support/inputs.js";
import { fromList, type ListArguments } from "./from-list.js";

type Arguments = ListArguments & { out: string; json: boolean };

export default async function buildAction(input: Arguments) {
  return answer(
    input.json,
    () =>
      fromList(input, async (list, onProgress) => {
        const out = required("out", input.out);
        return { ...(await buildAirdrop({ ...list, out }, onProgress)), store: out };
      }),
    (summary) =>
      [
        `rows        ${formatCount(summary.rows)}`,
        `total       ${formatAmount(summary.total)} XME`,
        `allocation  ${formatAmount(summary.allocation)} XME`,
        `root        ${summary.root}`,
        `store       ${summary.store}`,
      ].join("\n"),
  );
}
