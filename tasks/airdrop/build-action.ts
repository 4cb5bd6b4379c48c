import { buildAirdrop, progressBar } from "../../src/airdrop/index.js";
import { formatAmount, formatCount } from "../../src/format.js";
import { answer } from "../support/answer.js";
import { required, wholeNumber } from "./arguments.js";

interface Arguments {
  csv: string;
  out: string;
  allocation: string;
  json: boolean;
}

export default async function buildAction({ csv, out, allocation, json }: Arguments) {
  const bar = progressBar(process.stderr);
  return answer(
    json,
    async () => {
      const input = {
        csv: required("csv", csv),
        out: required("out", out),
        allocation: wholeNumber("allocation", allocation),
      };
      try {
        return { ...(await buildAirdrop(input, bar.onProgress)), store: out };
      } finally {
        bar.clear();
      }
    },
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
